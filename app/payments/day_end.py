"""The day's end for one provider: its bill against what the till has, as data and as a list of what is to be done.

What may be in a neighbouring day's bill, because it was open near midnight, is handed from one day to the next.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from enum import Enum

from app.payments.day_end_ports import FactsAsked, PaymentFacts
from app.payments.provider import BadBill, BillNotReady, BillRow, PaymentProvider, ProviderAway
from app.payments.reconciliation import (
    DEFAULT_BORDER,
    CannotReconcile,
    Carried,
    DayFacts,
    Limits,
    Match,
    Reconciliation,
    Standing,
    bill_day,
    reconcile,
)
from app.payments.reconciliation_words import standing_title
from app.values.money import CNY, Currency
from app.values.problems import Problem
from app.values.wording import LocalizedText, Wording, wording


class NoBills(Problem):
    """Raised for a provider that makes no bills that the till could fetch."""

    code = "NO-BILLS"


class DayVerdict(Enum):
    """How a provider's day stands."""

    CLEAN = "clean"
    """Bill, journal and attempts say the same."""

    WAITING = "waiting"
    """They do, but for what a neighbouring day's bill must have."""

    DIFFERENCES = "differences"
    """Somebody must look at what is on the worklist."""

    NOT_DONE = "not_done"
    """There is no bill to match with, or it cannot be used."""


@dataclass(frozen=True, slots=True)
class DayProvider:
    """A provider at the day's end."""

    provider_id: str
    name: LocalizedText
    """What people call it, such as the tender's name."""

    provider: PaymentProvider
    tender_type_ids: frozenset[str]
    """The tenders that it approves."""

    currency: Currency = CNY


@dataclass(frozen=True, slots=True)
class DaySums:
    """What the provider's bill of the day comes to, in minor units; the journal's sum is beside it."""

    charged_minor: int = 0
    refunded_minor: int = 0
    """Refunds and reversals together; positive."""

    fee_minor: int = 0
    """What the provider keeps; what it gave back of it is taken off."""

    recorded_minor: int = 0
    """What the journal has of the day: tenders less what was given back; those of other days are left out."""

    @property
    def payout_minor(self) -> int:
        """What the provider is expected to pay out for the day."""
        return self.charged_minor - self.refunded_minor - self.fee_minor


@dataclass(frozen=True, slots=True)
class DayItem:
    """One line of the worklist."""

    kind: Standing
    title: Wording
    what_is_so: Wording
    what_to_do: Wording
    bill_minor: int
    recorded_minor: int
    provider_number: str
    """What the provider's portal is searched by."""

    refund_number: str
    receipt: str
    """The number on the shopper's receipt; empty where no sale has it."""

    at: datetime | None
    """When it began, in the provider's zone."""

    match: Match

    @property
    def difference_minor(self) -> int:
        """What the bill has more than the journal; negative: less."""
        return self.bill_minor - self.recorded_minor

    @property
    def waits(self) -> bool:
        """Whether nothing is to be done before the next bill is there."""
        return self.kind is Standing.AT_BORDER


@dataclass(frozen=True, slots=True)
class DayResult:
    """One provider's day."""

    provider_id: str
    name: LocalizedText
    day: date
    verdict: DayVerdict
    currency: Currency
    sums: DaySums = DaySums()
    worklist: tuple[DayItem, ...] = ()
    """What somebody must look at, before what only waits; each in the order of the provider's numbers."""

    carried: Carried = field(default_factory=Carried)
    """For the next day."""

    trouble: Problem | None = None
    """Why it was not done; its sentence says what to do."""

    reconciliation: Reconciliation | None = None

    @property
    def differences(self) -> int:
        """How many matters somebody must look at, those too many for the worklist included."""
        if self.reconciliation is None:
            return 0
        waiting = self.reconciliation.total(Standing.AT_BORDER).count
        return sum(total.count for total in self.reconciliation.totals if not total.standing.calm) - waiting


def reconcile_day(
    asked: DayProvider, facts: PaymentFacts, day: date, carried: Carried | None = None, limits: Limits | None = None
) -> DayResult:
    """Fetch a provider's bill of a day and match it with what the till has.

    Args:
        asked: whose bill.
        facts: the till's own side; asked once the bill is there.
        day: in the provider's zone.
        carried: what the day before handed on; None where that day was not reconciled.
        limits: how much memory it may take.

    Returns:
        the day; with the verdict NOT_DONE, and why, where there is no bill that can be used.

    Raises:
        Problem: the till's store cannot be read.
    """
    capabilities = asked.provider.capabilities
    if not capabilities.bills:
        sentence = wording("{name} gives no bill that the till could fetch. Compare by hand.", name=asked.name)
        return _not_done(asked, day, NoBills(sentence))
    covered = bill_day(day, capabilities.bill_zone)
    wanted = FactsAsked(
        asked.provider_id, asked.tender_type_ids, covered.start - DEFAULT_BORDER, covered.end + DEFAULT_BORDER
    )
    sides = DayFacts(_bill(asked.provider, day), facts.recorded(wanted), facts.attempts(wanted), carried)
    try:
        found = reconcile(sides, covered, currency=asked.currency, limits=limits)
    except (BillNotReady, BadBill, ProviderAway, CannotReconcile) as problem:
        return _not_done(asked, day, problem)
    return _done(asked, found, capabilities.bill_zone)


def _bill(provider: PaymentProvider, day: date) -> Iterator[BillRow]:
    """Give the bill's rows; a disk that cannot hold it is a sentence, whatever the provider keeps it in.

    Raises:
        BillNotReady: BadBill: ProviderAway: CannotReconcile: see there.
    """
    try:
        yield from provider.bill(day)
    except OSError as error:
        raise CannotReconcile(
            wording("The disk cannot hold the bill while it is read. Make room on it, and reconcile again.")
        ) from error


def _not_done(asked: DayProvider, day: date, problem: Problem) -> DayResult:
    return DayResult(asked.provider_id, asked.name, day, DayVerdict.NOT_DONE, asked.currency, trouble=problem)


def _done(asked: DayProvider, found: Reconciliation, zone: tzinfo) -> DayResult:
    items = [
        DayItem(
            kind=item.match.standing,
            title=standing_title(item.match.standing),
            what_is_so=item.what_is_so,
            what_to_do=item.what_to_do,
            bill_minor=item.match.bill_minor,
            recorded_minor=item.match.recorded_minor,
            provider_number=item.match.provider_number,
            refund_number=item.match.refund_number,
            receipt=item.match.receipt,
            at=item.match.at and item.match.at.astimezone(zone),
            match=item.match,
        )
        for item in found.worklist
    ]
    waiting = found.total(Standing.AT_BORDER).count
    clean = DayVerdict.WAITING if waiting else DayVerdict.CLEAN
    return DayResult(
        provider_id=asked.provider_id,
        name=asked.name,
        day=found.day,
        verdict=clean if found.clean else DayVerdict.DIFFERENCES,
        currency=asked.currency,
        sums=DaySums(
            charged_minor=found.sums.paid_minor,
            refunded_minor=found.sums.refunded_minor + found.sums.reversed_minor,
            fee_minor=found.sums.fee_minor,
            recorded_minor=found.sums.recorded_net_minor - found.total(Standing.OTHER_DAY).recorded_minor,
        ),
        worklist=tuple(sorted(items, key=lambda item: item.waits)),
        carried=found.carried,
        reconciliation=found,
    )
