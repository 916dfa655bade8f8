"""How bill rows, tenders and attempts of one payment stand to each other; pure, one payment number at a time.

Every row of the bill and every tender of the journal goes into exactly one match, so the matches add up to both.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from app.payments.attempt_record import AttemptState
from app.payments.provider import BillKind, BillRow
from app.payments.reconciliation_facts import AttemptFact, BillDay, Carried, Key, Match, RecordedTender, Standing

Fact = TypeVar("Fact")

_ENDED_UNPAID: Final = frozenset({AttemptState.CREATED, AttemptState.DECLINED, AttemptState.REVERSED})


@dataclass(frozen=True, slots=True)
class PaymentFacts:
    """Everything that names one payment; each side in its sorted order."""

    provider_number: str
    bill: tuple[BillRow, ...] = ()
    recorded: tuple[RecordedTender, ...] = ()
    attempts: tuple[AttemptFact, ...] = ()

    def rows(self, kind: BillKind, refund_number: str | None = None) -> list[BillRow]:
        """Return the bill's rows of a kind, of one refund where it is named."""
        return [row for row in self.bill if row.kind is kind and refund_number in {None, row.refund_number}]

    def tenders(self, kind: BillKind, refund_number: str | None = None) -> list[RecordedTender]:
        """Return the journal's tenders of a kind, of one refund where it is named."""
        return [one for one in self.recorded if one.kind is kind and refund_number in {None, one.refund_number}]

    def attempt(self, kind: BillKind, refund_number: str = "") -> AttemptFact | None:
        """Return the attempt, or None; an approved one before others."""
        found = [one for one in self.attempts if one.kind is kind and one.refund_number == refund_number]
        return next((one for one in found if one.state is AttemptState.APPROVED), found[-1] if found else None)


@dataclass(frozen=True, slots=True)
class Calendar:
    """Which day is matched, and what the day before handed on."""

    day: BillDay
    before: Carried | None = None


def match_payment(facts: PaymentFacts, calendar: Calendar) -> Iterator[Match]:
    """Return how a payment and its refunds stand, in a fixed order."""
    made_good = _refunds_of_no_sale(facts)
    yield from _match_purchase(facts, calendar, made_good)
    left = [row for row in facts.rows(BillKind.REFUND) if row not in made_good]
    numbers = {row.refund_number for row in left}
    numbers |= {one.refund_number for one in facts.tenders(BillKind.REFUND)}
    numbers |= {one.refund_number for one in facts.attempts if one.kind is BillKind.REFUND}
    numbers -= {row.refund_number for row in made_good}
    for number in sorted(numbers):
        yield from _match_refund(facts, calendar, number)
    if _gives_back_too_much(facts):
        yield Match(Standing.REFUNDED_TOO_MUCH, facts.provider_number, at=facts.rows(BillKind.REFUND)[-1].at)


def _refunds_of_no_sale(facts: PaymentFacts) -> tuple[BillRow, ...]:
    """Return the bill's refunds where they give an unrecorded payment back whole: then nobody owes anything."""
    paid = facts.rows(BillKind.PURCHASE)
    if len(paid) != 1 or facts.recorded or facts.rows(BillKind.REVERSAL):
        return ()
    refunds = facts.rows(BillKind.REFUND)
    distinct = {row.refund_number for row in refunds}
    whole = len(distinct) == len(refunds) and sum(row.amount_minor for row in refunds) == paid[0].amount_minor
    return tuple(refunds) if whole else ()


def _is_given_back_later(facts: PaymentFacts, paid: BillRow) -> bool:
    """Tell whether the till knows of refunds of a payment without a sale that give it back whole, some of them later.

    Where one of them does not come, the bill of its own day says so.
    """
    given = {
        one.refund_number: one.amount_minor
        for one in facts.attempts
        if one.kind is BillKind.REFUND and one.for_no_sale and one.state is AttemptState.APPROVED
    }
    given |= {row.refund_number: row.amount_minor for row in facts.rows(BillKind.REFUND)}
    return sum(given.values()) == paid.amount_minor


def _gives_back_too_much(facts: PaymentFacts) -> bool:
    """Tell whether the bill gives back more than it took; a row that is listed twice counts once."""
    paid, refunds = facts.rows(BillKind.PURCHASE), facts.rows(BillKind.REFUND)
    once = {(row.refund_number, row.provider_reference): row.amount_minor for row in refunds}
    return bool(paid) and sum(once.values()) > sum(row.amount_minor for row in paid)


def _match_purchase(facts: PaymentFacts, calendar: Calendar, made_good: Sequence[BillRow]) -> Iterator[Match]:
    number = facts.provider_number
    rows, tenders = facts.rows(BillKind.PURCHASE), facts.tenders(BillKind.PURCHASE)
    attempt = facts.attempt(BillKind.PURCHASE)
    state = attempt.state if attempt else None
    tender = _pick(tenders, lambda one: any(row.amount_minor == one.amount_minor for row in rows))
    row = _pick(rows, lambda one: tender is not None and one.amount_minor == tender.amount_minor)
    reversals = facts.rows(BillKind.REVERSAL)
    back = reversals[0] if reversals else None
    yield from (
        Match(
            _twice(extra, row, Standing.CHARGED_TWICE), number, bill_minor=extra.amount_minor, state=state, at=extra.at
        )
        for extra in _others(rows, row)
    )
    yield from (
        Match(Standing.LISTED_TWICE, number, bill_minor=-extra.amount_minor, state=state, at=extra.at)
        for extra in _others(reversals, back)
    )
    yield from (
        Match(
            Standing.RECORDED_TWICE,
            number,
            recorded_minor=extra.amount_minor,
            state=state,
            receipt=extra.receipt,
            at=extra.at,
        )
        for extra in _others(tenders, tender)
    )
    if row is None and back is None and tender is None and attempt is None:
        return
    standing = _standing_of_purchase(row, back, tender, attempt, whole=bool(made_good))
    if standing is Standing.PAID_NOT_RECORDED and row is not None and _is_given_back_later(facts, row):
        standing = Standing.GIVEN_BACK_LATER
    given_back_minor = sum(one.amount_minor for one in made_good) + (back.amount_minor if back else 0)
    yield Match(
        standing=standing or _standing_without_row(tender, attempt, calendar, (number, ""), Standing.RECORDED_NOT_PAID),
        provider_number=number,
        bill_minor=(row.amount_minor if row else 0) - given_back_minor,
        recorded_minor=tender.amount_minor if tender else 0,
        state=state,
        receipt=tender.receipt if tender else "",
        at=next(one.at for one in (attempt, tender, row, back) if one is not None),
        until=attempt.until if attempt else None,
        decided=attempt is not None and attempt.decided,
    )


def _standing_of_purchase(
    row: BillRow | None,
    back: BillRow | None,
    tender: RecordedTender | None,
    attempt: AttemptFact | None,
    *,
    whole: bool,
) -> Standing | None:
    """Return how a payment stands that the bill has anything of, or None."""
    if back is not None:
        if tender is not None:
            return Standing.TAKEN_BACK_BUT_RECORDED
        same = row is None or row.amount_minor == back.amount_minor
        return Standing.TAKEN_BACK if same else Standing.AMOUNT_DIFFERS
    if row is not None and tender is not None:
        known = {row.amount_minor, tender.amount_minor}
        if attempt is not None and attempt.state is AttemptState.APPROVED:
            known.add(attempt.amount_minor)
        return Standing.PAID_AND_RECORDED if len(known) == 1 else Standing.AMOUNT_DIFFERS
    if row is not None:
        return Standing.TAKEN_BACK if whole else Standing.PAID_NOT_RECORDED
    return None


def _match_refund(facts: PaymentFacts, calendar: Calendar, refund_number: str) -> Iterator[Match]:
    number = facts.provider_number
    rows, tenders = facts.rows(BillKind.REFUND, refund_number), facts.tenders(BillKind.REFUND, refund_number)
    attempt = facts.attempt(BillKind.REFUND, refund_number)
    state = attempt.state if attempt else None
    tender = _pick(tenders, lambda one: any(row.amount_minor == one.amount_minor for row in rows))
    row = _pick(rows, lambda one: tender is not None and one.amount_minor == tender.amount_minor)
    yield from (
        Match(
            _twice(extra, row, Standing.REFUNDED_TWICE),
            number,
            refund_number,
            bill_minor=-extra.amount_minor,
            state=state,
            at=extra.at,
        )
        for extra in _others(rows, row)
    )
    yield from (
        Match(
            Standing.RECORDED_TWICE,
            number,
            refund_number,
            recorded_minor=-extra.amount_minor,
            state=state,
            receipt=extra.receipt,
            at=extra.at,
        )
        for extra in _others(tenders, tender)
    )
    standing = _standing_of_refund(row, tender, attempt) or _standing_without_row(
        tender, attempt, calendar, (number, refund_number), Standing.REFUND_NOT_PAID_OUT
    )
    yield Match(
        standing=standing,
        provider_number=number,
        refund_number=refund_number,
        bill_minor=-row.amount_minor if row else 0,
        recorded_minor=-tender.amount_minor if tender else 0,
        state=state,
        receipt=tender.receipt if tender else "",
        at=next(one.at for one in (attempt, tender, row) if one is not None),
        until=attempt.until if attempt else None,
        decided=attempt is not None and attempt.decided,
    )


def _standing_of_refund(
    row: BillRow | None, tender: RecordedTender | None, attempt: AttemptFact | None
) -> Standing | None:
    """Return how a refund stands that the bill has, or None."""
    if row is None:
        return None
    if tender is not None:
        same = row.amount_minor == tender.amount_minor
        return Standing.REFUNDED_AND_RECORDED if same else Standing.REFUND_DIFFERS
    by_the_till = attempt is not None and attempt.for_no_sale
    return Standing.TAKEN_BACK if by_the_till else Standing.REFUND_NOT_RECORDED


def _standing_without_row(
    tender: RecordedTender | None, attempt: AttemptFact | None, calendar: Calendar, key: Key, missing: Standing
) -> Standing:
    """Return how what the bill does not have stands: on another day, near midnight, over, or missing."""
    began = attempt or tender
    if began is None:
        raise ValueError("nothing to match")
    day, before = calendar.day, calendar.before
    may_follow = day.may_follow(began.at, attempt.until if attempt is not None else began.at)
    if tender is not None and before is not None and key in before.waiting:
        return Standing.AT_BORDER if may_follow else missing
    if not day.holds(began.at):
        return Standing.OTHER_DAY
    if tender is None and attempt is not None and attempt.state in _ENDED_UNPAID:
        return Standing.NOTHING_PAID
    if day.near_start(began.at) and tender is not None and before is not None:
        return Standing.OTHER_DAY if key in before.settled else missing
    if may_follow or day.near_start(began.at):
        return Standing.AT_BORDER
    return Standing.UNRESOLVED if tender is None else missing


def _twice(extra: BillRow, first: BillRow | None, otherwise: Standing) -> Standing:
    """Return whether a further row is the same transaction listed again, or another one."""
    same = first is not None and (extra.provider_reference, extra.amount_minor) == (
        first.provider_reference,
        first.amount_minor,
    )
    return Standing.LISTED_TWICE if same else otherwise


def _pick(facts: Sequence[Fact], preferred: Callable[[Fact], bool]) -> Fact | None:
    return next(filter(preferred, facts), facts[0] if facts else None)


def _others(facts: Sequence[Fact], picked: Fact | None) -> list[Fact]:
    """Return the facts but for one that is the picked one."""
    left = list(facts)
    if picked is not None:
        left.remove(picked)
    return left
