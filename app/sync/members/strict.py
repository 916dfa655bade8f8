"""Reads what came over the wire, strictly: nothing unknown, nothing without bounds, no instant without its zone.

A field that nobody knows is refused and not passed over: both ends say which version they speak in the path, so it can
only be a slip or an attack. Bounds keep a message from doing at the database or the screen what no message should.
"""

import dataclasses
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final, TypeVar

import msgspec

from app.ledger.canonical import LARGEST_INTEGER
from app.members.coupons import CouponForm, CouponUse, LetGo
from app.members.identity import Member, MemberKey
from app.members.ports import CouponOffer, ReturnFacts, SaleFacts
from app.members.privacy import Consent, Erasure
from app.members.quotas import Lease
from app.members.signed_codes import IssuerKey
from app.values.problems import Problem

LARGEST_MESSAGE_BYTES: Final = 256 * 1024
LARGEST_ANSWER_BYTES: Final = 1_000_000
LONGEST_TEXT: Final = 4_000
LONGEST_ID: Final = 512
"""As long as the longest code that shoppers show, which is the id of its coupon."""

MOST_ITEMS: Final = 2_000
_FIRST_YEAR: Final = 1900
"""A till whose clock has died begins in 1970 or 1980, and its sales count all the same."""

_LAST_YEAR: Final = 2200

_NEEDED: Final[dict[type, tuple[str, ...]]] = {
    SaleFacts: ("sale_id", "till_id"),
    ReturnFacts: ("return_id", "sale_id", "till_id"),
    Member: ("member_id",),
    MemberKey: ("value",),
    Consent: ("consent_id", "member_id"),
    Erasure: ("erasure_id", "member_id"),
    CouponUse: ("redemption_id", "coupon_id"),
    LetGo: ("redemption_id", "coupon_id"),
    CouponOffer: ("coupon_id",),
    CouponForm: ("form_id",),
    Lease: ("lease_id",),
    IssuerKey: ("key_id", "public_key"),
}
"""What must not be empty."""

Message = TypeVar("Message")


class BadMessage(ValueError):
    """Raised when a message is not what the contract says; the text says where and never what stood there."""


def read(kind: type[Message], raw: bytes) -> Message:
    """Read a message of one kind.

    Raises:
        BadMessage: if it is not exactly such a message.
    """
    try:
        value = msgspec.json.decode(raw, type=kind)
        plain = msgspec.json.decode(raw)
    except msgspec.ValidationError as error:
        raise BadMessage(_where(error)) from None
    except (msgspec.DecodeError, ValueError, RecursionError):
        raise BadMessage("no JSON") from None
    except Problem as problem:
        # Values that refuse to contradict themselves, such as a birthday in no month.
        raise BadMessage(problem.code) from None
    _require_known(plain, msgspec.to_builtins(value, str_keys=True), "$")
    _require_bounds(value, "$")
    return value


def _where(error: msgspec.ValidationError) -> str:
    """Return the path that an error names, without the value that it may name too."""
    _, found, path = str(error).rpartition(" - at `")
    return path.rstrip("`") if found else "$"


def _require_known(plain: object, known: object, path: str) -> None:
    if isinstance(plain, dict) and isinstance(known, dict):
        for name, value in plain.items():
            if name not in known:
                raise BadMessage(f"{path}: a field that is not known")
            _require_known(value, known[name], f"{path}.{name}")
    elif isinstance(plain, list) and isinstance(known, list | tuple):
        for number, (one, other) in enumerate(zip(plain, known, strict=False)):
            _require_known(one, other, f"{path}[{number}]")


def _require_bounds(value: object, path: str) -> None:
    match value:
        case str():
            fits = len(value) <= LONGEST_TEXT and "\x00" not in value
        case int():
            fits = abs(value) <= LARGEST_INTEGER
        case datetime():
            fits = value.tzinfo is not None and _FIRST_YEAR <= value.year < _LAST_YEAR
        case list() | tuple():
            fits = len(value) <= MOST_ITEMS
            for number, one in enumerate(value):
                _require_bounds(one, f"{path}[{number}]")
        case _:
            fits = True
            _require_fields(value, path)
    if not fits:
        raise BadMessage(f"{path}: too long, too large, or an instant without its zone")


def _require_fields(value: object, path: str) -> None:
    for name in _needed(type(value)):
        if not getattr(value, name):
            raise BadMessage(f"{path}.{name}: empty")
    for name in _names(value):
        part = getattr(value, name)
        if isinstance(part, str) and name.endswith("_id") and len(part) > LONGEST_ID:
            raise BadMessage(f"{path}.{name}: too long")
        _require_bounds(part, f"{path}.{name}")


def _needed(kind: type) -> tuple[str, ...]:
    return _NEEDED.get(kind, ())


def _names(value: Any) -> Iterable[str]:  # noqa: ANN401 - any value of the contract
    if isinstance(value, msgspec.Struct):
        return value.__struct_fields__
    return [one.name for one in dataclasses.fields(value)] if dataclasses.is_dataclass(value) else ()
