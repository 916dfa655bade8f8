"""Gives money of a return back the way it came: over the tenders of its sale, in the shop's order."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.payments.cash import CashRounding, RoundingRule
from app.payments.tenders import CASH, Tendered


@dataclass(frozen=True, slots=True)
class RefundTerms:
    """What the shop decided about giving back."""

    points_tender_id: str = ""
    """The tender by which points pay; empty where they do not."""

    value_tender_id: str = ""
    """The tender by which stored value pays; empty where there is none."""

    cash_rounding: CashRounding = field(default_factory=CashRounding)
    """Of what is handed out: the coins that exist. A shop that rounds down when it is paid rounds up here."""


@dataclass(frozen=True, slots=True)
class TenderRefund:
    """What goes back on one tender of a sale."""

    tender: Tendered
    before_minor: int
    """What went back on it before. Points of a part: `PointsTender.given_back` of what was held, paid, this and now."""

    amount_minor: int
    """What goes back now; positive."""

    @property
    def tender_id(self) -> int:
        """Its number within the sale."""
        return self.tender.tender_id


def split_refund(
    tenders: tuple[Tendered, ...], given: Mapping[int, int], amount_minor: int, terms: RefundTerms
) -> tuple[TenderRefund, ...]:
    """Split what is to be given back over the tenders of a sale: see `app.sales.returning`, rule 5.

    Args:
        tenders: of the sale.
        given: tender's number to what was given back on it already.
        amount_minor: what is to be given back now; nothing where it is below zero.
        terms: the shop's.
    """
    left = max(0, amount_minor)
    parts: list[TenderRefund] = []
    cash: list[tuple[Tendered, int]] = []
    for tender in sorted(tenders, key=lambda one: (_place(one, terms), one.tender_id)):
        room = max(0, tender.applied_minor - given.get(tender.tender_id, 0))
        if tender.tender_type_id == CASH:
            cash.append((tender, room))
            continue
        part = min(left, room)
        left -= part
        parts.append(TenderRefund(tender, given.get(tender.tender_id, 0), part))
    left = _in_coins(left, sum(room for _, room in cash), terms.cash_rounding)
    for tender, room in cash:
        part = min(left, room)
        left -= part
        parts.append(TenderRefund(tender, given.get(tender.tender_id, 0), part))
    return tuple(part for part in parts if part.amount_minor)


def _place(tender: Tendered, terms: RefundTerms) -> int:
    order = (terms.points_tender_id, terms.value_tender_id)
    if tender.tender_type_id in order:
        return order.index(tender.tender_type_id)
    return 3 if tender.tender_type_id == CASH else 2


def _in_coins(amount_minor: int, room_minor: int, rounding: CashRounding) -> int:
    """Return what can be handed out of an amount: never more than was paid in cash, and the last of that exactly."""
    if amount_minor >= room_minor:
        return room_minor
    if rounding.rule is RoundingRule.DOWN:
        return min(room_minor, -(-amount_minor // rounding.step_minor) * rounding.step_minor)
    return min(room_minor, rounding.apply(amount_minor))
