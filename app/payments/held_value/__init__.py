"""Stored-value cards and electronic vouchers: value is held while the shopper pays, taken once the sale is stored."""

from app.payments.held_value.accounts import (
    GiveBackAnswer,
    GiveBackState,
    HoldAnswer,
    HoldState,
    LookUp,
    LookUpState,
    ValueAccount,
    ValueAccounts,
)
from app.payments.held_value.provider import HeldValueProvider

__all__ = [
    "GiveBackAnswer",
    "GiveBackState",
    "HeldValueProvider",
    "HoldAnswer",
    "HoldState",
    "LookUp",
    "LookUpState",
    "ValueAccount",
    "ValueAccounts",
]
