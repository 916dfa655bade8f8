"""Kinds of tender and what each can do; a kind is asked for its abilities, never for its type."""

from dataclasses import dataclass

from app.values.wording import LocalizedText

CASH = "cash"
"""The tender kind every till has."""


@dataclass(frozen=True, slots=True)
class TenderType:
    """One way to pay, as the store configured it (ARTS: tender)."""

    tender_type_id: str
    """`cash`, `card`, `wechat`, `alipay`, `stored_value`, `voucher` or the store's own."""

    name: LocalizedText
    """As it stands on keys and receipts."""

    account: str
    """The ledger account it is posted to, such as `cash_drawer`."""

    change_given: bool = False
    """Whether more than is due may be tendered and the rest handed back."""

    rounds_cash: bool = False
    """Whether what is left to pay is rounded to coins that exist before this tender settles it."""

    opens_drawer: bool = False
    """Whether the cash drawer opens when it is taken."""

    needs_provider: bool = False
    """Whether a provider must approve it; such a tender enters a sale by an approved payment attempt only."""

    reference_required: bool = False
    """Whether the cashier must key a reference, such as the number of a paper voucher."""

    reference_once: bool = False
    """Whether a reference pays once only, as a voucher's number does."""


@dataclass(frozen=True, slots=True)
class Tendered:
    """One tender taken towards a basket or a sale."""

    tender_id: int
    """Number within the basket, from 1."""

    tender_type_id: str
    name: LocalizedText
    account: str

    amount_minor: int
    """What was handed over or charged."""

    applied_minor: int
    """What of it pays the basket: the amount less any change."""

    reference: str = ""
    """Voucher number, masked card number or the provider's approval; never a full card number."""

    payment_attempt_id: str | None = None
    """The approved attempt it came from, where a provider was asked."""

    opens_drawer: bool = False
    approved_offline: bool = False
    """Whether it was taken under the store's rule for offline cards, without asking the bank."""
