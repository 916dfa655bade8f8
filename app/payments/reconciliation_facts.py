"""What goes into the matching of a day and what comes out: bill, journal and attempts as facts, findings and totals."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from enum import Enum
from typing import Final

from app.payments.attempt_record import THE_TILL, AttemptState, Operation, PaymentAttempt
from app.payments.attempt_schedule import latest_time
from app.payments.provider import BillKind, BillRow
from app.values.money import CNY, Currency
from app.values.problems import Problem
from app.values.wording import Wording


class CannotReconcile(Problem):
    """Raised when a day cannot be matched at all: no room for the sorting, or a bill that makes no sense."""

    code = "CANNOT-RECONCILE"


@dataclass(frozen=True, slots=True)
class RecordedTender:
    """One tender of a provider as the journal has it: a sale's payment, or what a return gave back."""

    kind: BillKind
    """PURCHASE or REFUND; nothing else is recorded."""

    provider_number: str
    """Number of the payment; of a refund: of the payment that it gives back."""

    amount_minor: int
    """Positive for both."""

    at: datetime
    """When it was committed; aware."""

    refund_number: str = ""
    receipt: str = ""
    """The number on the shopper's receipt, by which a person finds the sale."""

    def __post_init__(self) -> None:
        if self.kind is BillKind.REVERSAL or self.amount_minor <= 0:
            raise ValueError("the journal holds payments and refunds of an amount")


@dataclass(frozen=True, slots=True)
class AttemptFact:
    """What the till knows of one attempt."""

    kind: BillKind
    """PURCHASE or REFUND."""

    provider_number: str
    """Number of the payment, also for a refund."""

    state: AttemptState
    amount_minor: int
    at: datetime
    """When it began; aware."""

    refund_number: str = ""
    for_no_sale: bool = False
    """Whether it is a refund of money that no sale was recorded for: no tender says that it was given back."""

    ended_at: datetime | None = None
    """When the last answer to it came, aware; None where it is not final. The provider may have done it at any time
    between: a refund that waits for its provider may begin on one day and go out on another."""

    decided: bool = False
    """Whether a person's word ended it, and not the provider's."""

    @property
    def until(self) -> datetime:
        """The last instant at which the provider may have done it, as far as is known."""
        return self.ended_at or self.at


def fact_of(attempt: PaymentAttempt) -> AttemptFact:
    """Return what the matching needs of an attempt."""
    refund = attempt.operation is Operation.REFUND
    return AttemptFact(
        kind=BillKind.REFUND if refund else BillKind.PURCHASE,
        provider_number=attempt.original_number if refund else attempt.provider_number,
        state=attempt.state,
        amount_minor=attempt.approved_minor or attempt.amount_minor,
        at=attempt.submitted_at or attempt.created_at,
        refund_number=attempt.provider_number if refund else "",
        for_no_sale=refund and attempt.asked_by == THE_TILL,
        ended_at=latest_time(attempt) if attempt.final else None,
        decided=bool(attempt.decided_by),
    )


Key = tuple[str, str]
"""Number of a payment and, for a refund, the refund's; else nothing."""


@dataclass(frozen=True, slots=True)
class Carried:
    """What one day's matching hands to the next day's, about payments near the midnight between them."""

    waiting: frozenset[Key] = frozenset()
    """Recorded late on that day and not in its bill: the next day's bill must have them."""

    settled: frozenset[Key] = frozenset()
    """Recorded on the next day, and matched with that day's bill already."""


@dataclass(frozen=True, slots=True)
class DayFacts:
    """The three sides of one provider's day, in any order.

    Journal and attempts are those of the bill's day and of `BillDay.border` before and after it; a tender's time is
    that of its attempt where it has one, for a sale may be finished long after its first tender was paid. An attempt
    that was open on this day comes with its tender, however old: a queued refund goes out when its provider is back.
    The refunds of this day's payments come along, even of later days.
    """

    bill: Iterable[BillRow]
    recorded: Iterable[RecordedTender]
    attempts: Iterable[AttemptFact]
    day_before: Carried | None = None
    """What the matching of the day before handed on; None where there was none."""


DEFAULT_BORDER: Final = timedelta(minutes=10)
"""How far apart the provider's and the till's midnight may lie: the longest attempt, and a clock not quite right."""


@dataclass(frozen=True, slots=True)
class BillDay:
    """The day that a bill covers, in the provider's zone."""

    day: date
    start: datetime
    end: datetime
    """The first instant that no longer belongs to it."""

    border: timedelta = DEFAULT_BORDER

    def holds(self, instant: datetime) -> bool:
        """Tell whether an instant is on this day."""
        return self.start <= instant < self.end

    def near_end(self, instant: datetime) -> bool:
        """Tell whether an instant is so late on this day that the next day's bill may have it."""
        return self.end - self.border <= instant < self.end

    def near_start(self, instant: datetime) -> bool:
        """Tell whether an instant is so early on this day that the bill of the day before may have it."""
        return self.start <= instant < self.start + self.border

    def may_follow(self, since: datetime, until: datetime) -> bool:
        """Tell whether something that began before this day's end may be in a later day's bill."""
        return since < self.end and until >= self.end - self.border


def bill_day(day: date, zone: tzinfo, border: timedelta = DEFAULT_BORDER) -> BillDay:
    """Return what a provider's bill of a day covers: from midnight to midnight in its zone."""
    start = datetime.combine(day, time(), zone)
    return BillDay(day, start, datetime.combine(day + timedelta(days=1), time(), zone), border)


class Standing(Enum):
    """How bill, journal and attempts stand to each other in one matter."""

    PAID_AND_RECORDED = "paid_and_recorded"
    REFUNDED_AND_RECORDED = "refunded_and_recorded"
    TAKEN_BACK = "taken_back"
    """Charged and given back whole, and no sale recorded: nobody owes anything."""

    NOTHING_PAID = "nothing_paid"
    """An attempt that ended without a payment, as the bill says too."""

    OTHER_DAY = "other_day"
    """Of the day before or after: given along to find what crosses midnight, and matched with that day's bill."""

    GIVEN_BACK_LATER = "given_back_later"
    """Charged, no sale recorded, and given back whole by the provider's word: another day's bill has the refund."""

    AT_BORDER = "at_border"
    """So near to midnight, or open across it, that the neighbouring day's bill will have it."""

    RECORDED_NOT_PAID = "recorded_not_paid"
    PAID_NOT_RECORDED = "paid_not_recorded"
    AMOUNT_DIFFERS = "amount_differs"
    TAKEN_BACK_BUT_RECORDED = "taken_back_but_recorded"
    LISTED_TWICE = "listed_twice"
    """One transaction of the provider's stands twice in its bill."""

    CHARGED_TWICE = "charged_twice"
    """Two transactions of the provider's for one payment."""

    RECORDED_TWICE = "recorded_twice"
    """Two tenders of the journal for one payment."""

    REFUND_NOT_PAID_OUT = "refund_not_paid_out"
    REFUND_NOT_RECORDED = "refund_not_recorded"
    REFUND_DIFFERS = "refund_differs"
    REFUNDED_TWICE = "refunded_twice"
    REFUNDED_TOO_MUCH = "refunded_too_much"
    """The bill gives back more of a payment than it was."""

    UNRESOLVED = "unresolved"
    """The till believes in a payment, or does not know, and neither bill nor journal has it."""

    @property
    def calm(self) -> bool:
        """Whether nobody needs to look at it."""
        return self in _CALM


_CALM: Final = frozenset(
    {
        Standing.PAID_AND_RECORDED,
        Standing.REFUNDED_AND_RECORDED,
        Standing.TAKEN_BACK,
        Standing.NOTHING_PAID,
        Standing.OTHER_DAY,
        Standing.GIVEN_BACK_LATER,
    }
)


@dataclass(frozen=True, slots=True)
class Match:
    """One matter and how it stands; its amounts add up to those of the rows and tenders that it is about."""

    standing: Standing
    provider_number: str
    refund_number: str = ""
    bill_minor: int = 0
    """What the bill has of it: paid positive, given back negative."""

    recorded_minor: int = 0
    """What the journal has of it, with the same signs."""

    state: AttemptState | None = None
    """Where the till's attempt stands; None where it has none."""

    receipt: str = ""
    at: datetime | None = None
    """When it began by the attempt, else when it was recorded, else when the bill has it."""

    until: datetime | None = None
    """The last instant at which the provider may have done it, where the till has an attempt."""

    decided: bool = False
    """Whether the till's attempt was ended by a person's word."""

    @property
    def key(self) -> Key:
        """What it is about."""
        return self.provider_number, self.refund_number


@dataclass(frozen=True, slots=True)
class WorkItem:
    """One difference for a person to clear."""

    match: Match
    what_is_so: Wording
    what_to_do: Wording


@dataclass(frozen=True, slots=True)
class StandingTotal:
    """How many matters stand in one way, and what they come to."""

    standing: Standing
    count: int
    bill_minor: int
    recorded_minor: int


@dataclass(frozen=True, slots=True)
class Sums:
    """What the three sides hold, added up as they were read."""

    bill_rows: int = 0
    paid_minor: int = 0
    refunded_minor: int = 0
    reversed_minor: int = 0
    fee_minor: int = 0
    recorded_tenders: int = 0
    recorded_paid_minor: int = 0
    recorded_refunded_minor: int = 0
    attempts: int = 0

    @property
    def bill_net_minor(self) -> int:
        """What the provider owes the shop for the day, fees aside."""
        return self.paid_minor - self.refunded_minor - self.reversed_minor

    @property
    def recorded_net_minor(self) -> int:
        """What the journal believes."""
        return self.recorded_paid_minor - self.recorded_refunded_minor


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """One provider's day, matched. The totals of all standings add up to the sums, or it cannot be made."""

    day: date
    sums: Sums
    totals: tuple[StandingTotal, ...]
    """Every standing that occurs, in the order of `Standing`."""

    worklist: tuple[WorkItem, ...]
    """In the order of provider numbers."""

    carried: Carried = Carried()
    """For the matching of the next day."""

    left_out: int = 0
    """Differences that are counted in the totals and found no place in the worklist."""

    currency: Currency = CNY

    def __post_init__(self) -> None:
        if sum(total.bill_minor for total in self.totals) != self.sums.bill_net_minor:
            raise ValueError("the matters do not add up to the bill")
        if sum(total.recorded_minor for total in self.totals) != self.sums.recorded_net_minor:
            raise ValueError("the matters do not add up to the journal")
        differences = sum(total.count for total in self.totals if not total.standing.calm)
        if differences != len(self.worklist) + self.left_out:
            raise ValueError("the worklist does not hold the differences")

    def total(self, standing: Standing) -> StandingTotal:
        """Return the total of one standing, which may be nothing."""
        return next((total for total in self.totals if total.standing is standing), StandingTotal(standing, 0, 0, 0))

    @property
    def clean(self) -> bool:
        """Whether nothing is left for a person, what waits for the next day's bill aside."""
        return all(total.standing.calm or total.standing is Standing.AT_BORDER for total in self.totals)
