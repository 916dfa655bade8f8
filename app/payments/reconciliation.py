"""Matches a provider's bill of a day three ways: with the journal's tenders and with the till's attempts.

A bill may have millions of rows, so nothing is held whole: each side is sorted by payment number, through a temporary
file where it is long, and the three are read side by side, one payment at a time. What comes out does not depend on the
order of what goes in.
"""

import heapq
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Final

from app.payments.provider import BillKind, BillRow
from app.payments.reconciliation_facts import (
    DEFAULT_BORDER,
    AttemptFact,
    BillDay,
    CannotReconcile,
    Carried,
    DayFacts,
    Key,
    Match,
    Reconciliation,
    RecordedTender,
    Standing,
    StandingTotal,
    Sums,
    WorkItem,
    bill_day,
    fact_of,
)
from app.payments.reconciliation_matching import Calendar, PaymentFacts, match_payment
from app.payments.reconciliation_sorting import in_order
from app.payments.reconciliation_words import work_item
from app.values.money import CNY, Currency
from app.values.wording import wording

__all__ = [
    "DEFAULT_BORDER",
    "AttemptFact",
    "BillDay",
    "CannotReconcile",
    "Carried",
    "DayFacts",
    "Limits",
    "Match",
    "Reconciliation",
    "RecordedTender",
    "Standing",
    "StandingTotal",
    "Sums",
    "WorkItem",
    "bill_day",
    "fact_of",
    "reconcile",
]

_MOST_OF_ONE_PAYMENT: Final = 2_000
"""No payment has so many rows and tenders; a file that says so is damaged or hostile."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much memory a matching may take."""

    facts_in_memory: int = 20_000
    """Of each side; about 10 MB at most for all three together."""

    work_items: int = 10_000
    """Differences in words; further ones are counted only."""


@dataclass(slots=True)
class _Adding:
    """Sums of what passes by."""

    counts: dict[str, int] = field(default_factory=dict)

    def add(self, name: str, amount: int) -> None:
        self.counts[name] = self.counts.get(name, 0) + amount

    def rows(self, rows: Iterable[BillRow]) -> Iterator[BillRow]:
        names = {
            BillKind.PURCHASE: "paid_minor",
            BillKind.REFUND: "refunded_minor",
            BillKind.REVERSAL: "reversed_minor",
        }
        for row in rows:
            self.add("bill_rows", 1)
            self.add(names[row.kind], row.amount_minor)
            self.add("fee_minor", row.fee_minor)
            yield row

    def tenders(self, tenders: Iterable[RecordedTender]) -> Iterator[RecordedTender]:
        for tender in tenders:
            self.add("recorded_tenders", 1)
            paid = tender.kind is BillKind.PURCHASE
            self.add("recorded_paid_minor" if paid else "recorded_refunded_minor", tender.amount_minor)
            yield tender

    def attempts(self, attempts: Iterable[AttemptFact]) -> Iterator[AttemptFact]:
        for attempt in attempts:
            self.add("attempts", 1)
            yield attempt


@dataclass(slots=True)
class _Found:
    """What the matches so far come to."""

    day: BillDay
    currency: Currency
    most_items: int
    totals: dict[Standing, list[int]] = field(default_factory=dict)
    worklist: list[WorkItem] = field(default_factory=list)
    left_out: int = 0
    waiting: set[Key] = field(default_factory=set)
    settled: set[Key] = field(default_factory=set)

    def add(self, match: Match) -> None:
        total = self.totals.setdefault(match.standing, [0, 0, 0])
        total[0] += 1
        total[1] += match.bill_minor
        total[2] += match.recorded_minor
        at = match.at
        if match.standing is Standing.AT_BORDER and at is not None and self.day.may_follow(at, match.until or at):
            self.waiting.add(match.key)
        if match.bill_minor and match.recorded_minor and at is not None and at >= self.day.end:
            self.settled.add(match.key)
        if match.standing.calm:
            return
        if len(self.worklist) < self.most_items:
            self.worklist.append(work_item(match, self.day, self.currency))
        else:
            self.left_out += 1

    def as_reconciliation(self, sums: Sums) -> Reconciliation:
        return Reconciliation(
            day=self.day.day,
            sums=sums,
            totals=tuple(StandingTotal(one, *self.totals[one]) for one in Standing if one in self.totals),
            worklist=tuple(self.worklist),
            carried=Carried(frozenset(self.waiting), frozenset(self.settled)),
            left_out=self.left_out,
            currency=self.currency,
        )


def reconcile(
    facts: DayFacts, day: BillDay, *, currency: Currency = CNY, limits: Limits | None = None
) -> Reconciliation:
    """Match one provider's day.

    Args:
        facts: bill, journal and attempts; each is read once.
        day: what the bill covers.
        currency: what the amounts are in.
        limits: how much memory it may take.

    Raises:
        CannotReconcile: the disk has no room for sorting, or one payment has thousands of rows.
        BadBill: ProviderAway: what reading the bill raises; nothing was matched then.
    """
    limits = limits or Limits()
    adding, found = _Adding(), _Found(day, currency, limits.work_items)
    most = limits.facts_in_memory
    with ExitStack() as open_files:
        sides = (
            open_files.enter_context(in_order(adding.rows(facts.bill), BillRow, _key_of_row, most)),
            open_files.enter_context(in_order(adding.tenders(facts.recorded), RecordedTender, _key_of_tender, most)),
            open_files.enter_context(in_order(adding.attempts(facts.attempts), AttemptFact, _key_of_attempt, most)),
        )
        for payment in _payments(*sides):
            for match in match_payment(payment, Calendar(day, facts.day_before)):
                found.add(match)
    return found.as_reconciliation(Sums(**adding.counts))


def _payments(
    rows: Iterator[BillRow], tenders: Iterator[RecordedTender], attempts: Iterator[AttemptFact]
) -> Iterator[PaymentFacts]:
    """Bring the three sorted sides together, one payment at a time.

    Raises:
        CannotReconcile: one payment has more than can be.
    """
    merged: Iterator[BillRow | RecordedTender | AttemptFact] = heapq.merge(rows, tenders, attempts, key=_number)
    for number, together in groupby(merged, key=_number):
        group = []
        for fact in together:
            group.append(fact)
            if len(group) > _MOST_OF_ONE_PAYMENT:
                raise CannotReconcile(
                    wording("There are thousands of rows for {number}. Fetch it again.", number=number[:40])
                )
        yield PaymentFacts(
            provider_number=number,
            bill=tuple(fact for fact in group if isinstance(fact, BillRow)),
            recorded=tuple(fact for fact in group if isinstance(fact, RecordedTender)),
            attempts=tuple(fact for fact in group if isinstance(fact, AttemptFact)),
        )


def _number(fact: BillRow | RecordedTender | AttemptFact) -> str:
    return fact.provider_number


def _key_of_row(row: BillRow) -> tuple[Any, ...]:
    return (
        row.provider_number,
        row.kind.value,
        row.refund_number,
        row.at,
        row.provider_reference,
        row.amount_minor,
        row.fee_minor,
    )


def _key_of_tender(tender: RecordedTender) -> tuple[Any, ...]:
    return (
        tender.provider_number,
        tender.kind.value,
        tender.refund_number,
        tender.at,
        tender.receipt,
        tender.amount_minor,
    )


def _key_of_attempt(attempt: AttemptFact) -> tuple[Any, ...]:
    return (
        attempt.provider_number,
        attempt.kind.value,
        attempt.refund_number,
        attempt.at,
        attempt.state.value,
        attempt.amount_minor,
        attempt.for_no_sale,
        attempt.until,
        attempt.decided,
    )
