"""A day of 5,000 mixed payments with one in a hundred gone wrong in every way there is: each is found and named.

A seeded generator makes the day as the world would: what the provider charged, what the till recorded, what it knew.
It breaks payments on purpose and writes down what must be found; the matching sees the three sides only.
"""

import random
import time
import tracemalloc
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, timezone

import pytest

from app.payments.attempt_record import AttemptState
from app.payments.provider import BillKind, BillRow
from app.payments.reconciliation import (
    AttemptFact,
    Carried,
    DayFacts,
    Limits,
    RecordedTender,
    Standing,
    bill_day,
    reconcile,
)

CHINA = timezone(timedelta(hours=8))
DAY = bill_day(date(2026, 3, 1), CHINA)
NEXT_DAY = bill_day(date(2026, 3, 2), CHINA)
PAYMENTS = 5_000
ONE_PER_CENT = PAYMENTS // 100
PAID, BACK, UNDONE = BillKind.PURCHASE, BillKind.REFUND, BillKind.REVERSAL


@dataclass
class World:
    """What happened, from all three sides."""

    bill: list[BillRow] = field(default_factory=list)
    next_bill: list[BillRow] = field(default_factory=list)
    recorded: list[RecordedTender] = field(default_factory=list)
    attempts: list[AttemptFact] = field(default_factory=list)
    to_be_found: Counter = field(default_factory=Counter)
    """(standing, payment number, refund number): how often the worklist must have it."""

    def expect(self, standing: Standing, number: str, refund: str = "") -> None:
        self.to_be_found[standing, number, refund] += 1


class Generator:
    """Makes payments one by one; every one is right until `break_…` says otherwise."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.world = World()
        self.transactions = 0
        self.receipts = 0

    def transaction(self) -> str:
        self.transactions += 1
        return f"42000{self.transactions:023d}"

    def receipt(self) -> str:
        self.receipts += 1
        return f"0001-01-1-{self.receipts:06d}"

    def number(self) -> str:
        return f"{self.chance.getrandbits(120):030x}"

    def instant(self) -> datetime:
        # From 07:00 to 22:00, so that only payments made so on purpose are near midnight.
        return DAY.start + timedelta(hours=7, milliseconds=self.chance.randrange(15 * 3_600_000))

    def payment(self, *, bill: bool = True, record: bool = True, state: AttemptState = AttemptState.APPROVED) -> str:
        number, amount, at = self.number(), self.chance.randint(100, 80_000), self.instant()
        if bill:
            fee = amount * 6 // 1000
            self.world.bill.append(
                BillRow(PAID, number, amount, at + timedelta(seconds=2), "", self.transaction(), fee_minor=fee)
            )
        if record:
            self.world.recorded.append(
                RecordedTender(PAID, number, amount, at + timedelta(seconds=9), "", self.receipt())
            )
        self.world.attempts.append(AttemptFact(PAID, number, state, amount, at))
        return number

    def refunds(self, number: str, parts: int) -> list[str]:
        """Give a payment back in parts, at most nine tenths of it together."""
        paid = next(row for row in reversed(self.world.bill) if row.provider_number == number)
        made = []
        for _ in range(parts):
            refund, amount, at = self.number(), paid.amount_minor * 9 // 10 // parts, paid.at + timedelta(minutes=30)
            self.world.bill.append(BillRow(BACK, number, amount, at, refund, self.transaction()))
            self.world.recorded.append(RecordedTender(BACK, number, amount, at, refund, self.receipt()))
            self.world.attempts.append(AttemptFact(BACK, number, AttemptState.APPROVED, amount, at, refund))
            made.append(refund)
        return made

    def reversed_payment(self) -> None:
        number = self.payment(record=False, state=AttemptState.REVERSED)
        row = self.world.bill[-1]
        self.world.bill.append(replace(row, kind=UNDONE, provider_reference=self.transaction(), fee_minor=0))
        assert row.provider_number == number

    def late_payment_given_back(self) -> None:
        number = self.payment(record=False, state=AttemptState.REVERSED)
        row, refund = self.world.bill[-1], self.number()
        self.world.bill.append(BillRow(BACK, number, row.amount_minor, row.at, refund, self.transaction()))
        self.world.attempts.append(
            AttemptFact(BACK, number, AttemptState.APPROVED, row.amount_minor, row.at, refund, for_no_sale=True)
        )

    def of_an_earlier_day(self) -> None:
        refund, at = self.number(), self.instant()
        number = self.number()
        self.world.bill.append(BillRow(BACK, number, 500, at, refund, self.transaction()))
        self.world.recorded.append(RecordedTender(BACK, number, 500, at, refund, self.receipt()))

    def near_midnight(self) -> None:
        """Asked for in the day's last minutes, charged in the first seconds of the next."""
        number, at = self.number(), DAY.end - timedelta(seconds=self.chance.randint(1, 500))
        self.world.recorded.append(RecordedTender(PAID, number, 1234, at + timedelta(seconds=3), "", self.receipt()))
        self.world.attempts.append(AttemptFact(PAID, number, AttemptState.APPROVED, 1234, at))
        self.world.next_bill.append(BillRow(PAID, number, 1234, DAY.end + timedelta(seconds=1), "", self.transaction()))
        self.world.expect(Standing.AT_BORDER, number)

    def after_midnight(self) -> None:
        """Charged in the day's last second, recorded by a clock that was ahead."""
        number, at = self.number(), DAY.end + timedelta(seconds=self.chance.randint(1, 500))
        self.world.bill.append(BillRow(PAID, number, 4321, DAY.end - timedelta(seconds=1), "", self.transaction()))
        self.world.recorded.append(RecordedTender(PAID, number, 4321, at + timedelta(seconds=3), "", self.receipt()))
        self.world.attempts.append(AttemptFact(PAID, number, AttemptState.APPROVED, 4321, at))

    def break_one(self, standing: Standing) -> None:  # noqa: C901, PLR0912 -- one case for each difference
        world, chance = self.world, self.chance
        match standing:
            case Standing.RECORDED_NOT_PAID:
                world.expect(standing, self.payment(bill=False))
            case Standing.PAID_NOT_RECORDED:
                state = chance.choice([AttemptState.APPROVED, AttemptState.UNKNOWN, AttemptState.REVERSED])
                world.expect(standing, self.payment(record=False, state=state))
            case Standing.AMOUNT_DIFFERS:
                world.expect(standing, self.payment())
                row = world.bill.pop()
                world.bill.append(replace(row, amount_minor=row.amount_minor + chance.choice([-1, 1, 100])))
            case Standing.TAKEN_BACK_BUT_RECORDED:
                world.expect(standing, self.payment())
                world.bill.append(
                    replace(world.bill[-1], kind=UNDONE, provider_reference=self.transaction(), fee_minor=0)
                )
            case Standing.LISTED_TWICE:
                world.expect(standing, self.payment())
                world.bill.append(world.bill[-1])
            case Standing.CHARGED_TWICE:
                world.expect(standing, self.payment())
                world.bill.append(replace(world.bill[-1], provider_reference=self.transaction()))
            case Standing.RECORDED_TWICE:
                world.expect(standing, self.payment())
                world.recorded.append(replace(world.recorded[-1], receipt=self.receipt()))
            case Standing.REFUND_NOT_PAID_OUT:
                number = self.payment()
                for refund in self.refunds(number, 2):
                    world.expect(standing, number, refund)
                del world.bill[-2:]
            case Standing.REFUND_NOT_RECORDED:
                number = self.payment()
                world.expect(standing, number, self.refunds(number, 3)[-1])
                world.recorded.pop()
            case Standing.REFUND_DIFFERS:
                number = self.payment()
                world.expect(standing, number, self.refunds(number, 1)[0])
                world.bill.append(replace(row := world.bill.pop(), amount_minor=row.amount_minor - 1))
            case Standing.REFUNDED_TWICE:
                number = self.payment()
                world.expect(standing, number, self.refunds(number, 5)[-1])
                # Five parts of 18 % and one of them again are 108 %: the bill also gives back more than was paid.
                world.expect(Standing.REFUNDED_TOO_MUCH, number)
                world.bill.append(replace(world.bill[-1], provider_reference=self.transaction()))
            case Standing.REFUNDED_TOO_MUCH:
                number = self.payment()
                world.expect(standing, number)
                self.refunds(number, 1)
                self.refunds(number, 1)
            case Standing.UNRESOLVED:
                state = chance.choice([AttemptState.UNKNOWN, AttemptState.APPROVED, AttemptState.SUBMITTING])
                world.expect(standing, self.payment(bill=False, record=False, state=state))
            case _:
                raise AssertionError(standing)


DIFFERENCES = [one for one in Standing if not one.calm and one is not Standing.AT_BORDER]


def make_day(seed: int) -> World:
    made = Generator(seed)
    steps = [
        lambda standing=standing: made.break_one(standing) for standing in DIFFERENCES for _ in range(ONE_PER_CENT)
    ]
    for right in (
        made.reversed_payment,
        made.late_payment_given_back,
        made.of_an_earlier_day,
        made.near_midnight,
        made.after_midnight,
    ):
        steps += [right] * ONE_PER_CENT
    steps += [lambda: made.payment(bill=False, record=False, state=AttemptState.DECLINED)] * (2 * ONE_PER_CENT)
    steps += [lambda: made.refunds(made.payment(), made.chance.randint(1, 3))] * (5 * ONE_PER_CENT)
    steps += [made.payment] * (PAYMENTS - len(steps))
    assert len(steps) == PAYMENTS
    made.chance.shuffle(steps)
    for step in steps:
        step()
    for side in (made.world.bill, made.world.recorded, made.world.attempts):
        made.chance.shuffle(side)
    return made.world


@pytest.mark.parametrize("seed", [1, 20_260_301])
def test_every_difference_of_a_day_is_found_and_named_and_none_is_invented(seed: int, record_property) -> None:
    world = make_day(seed)
    facts = DayFacts(world.bill, world.recorded, world.attempts)
    limits = Limits(facts_in_memory=1_000)  # smaller than the day, so that the sorting goes through the file
    began = time.perf_counter()
    result = reconcile(facts, DAY, limits=limits)
    record_property("seconds", round(time.perf_counter() - began, 3))
    tracemalloc.start()
    again = reconcile(facts, DAY, limits=limits)
    record_property("peak_bytes", tracemalloc.get_traced_memory()[1])
    tracemalloc.stop()

    assert again == result, "the same day gives the same result"
    found = Counter(
        (item.match.standing, item.match.provider_number, item.match.refund_number) for item in result.worklist
    )
    assert found - world.to_be_found == Counter(), "nothing is invented"
    assert world.to_be_found - found == Counter(), "nothing is missed"
    assert {standing for standing, _, _ in found} == {*DIFFERENCES, Standing.AT_BORDER}
    assert all(str(item.what_is_so) and str(item.what_to_do) for item in result.worklist)
    record_property("differences", sum(found.values()))
    record_property("rows", len(world.bill) + len(world.recorded) + len(world.attempts))

    # The sums, added up here in another way.
    net = sum(row.amount_minor if row.kind is PAID else -row.amount_minor for row in world.bill)
    believed = sum(one.amount_minor if one.kind is PAID else -one.amount_minor for one in world.recorded)
    assert result.sums.bill_net_minor == net
    assert result.sums.recorded_net_minor == believed
    assert result.sums.fee_minor == sum(row.fee_minor for row in world.bill)
    owed = sum(item.match.bill_minor - item.match.recorded_minor for item in result.worklist)
    taken_back = result.total(Standing.TAKEN_BACK)
    other_day = result.total(Standing.OTHER_DAY)
    assert owed + taken_back.bill_minor - other_day.recorded_minor == net - believed
    assert taken_back.bill_minor == 0


def test_what_waits_at_midnight_is_settled_by_the_next_day_s_bill_and_a_lost_one_is_named() -> None:
    world = make_day(7)
    today = reconcile(DayFacts(world.bill, world.recorded, world.attempts), DAY)
    assert len(today.carried.waiting) == len(today.carried.settled) == ONE_PER_CENT
    late = [one for one in world.attempts if DAY.near_end(one.at) or not DAY.holds(one.at)]
    numbers = {one.provider_number for one in late}
    tenders = [one for one in world.recorded if one.provider_number in numbers]
    lost = world.next_bill.pop()
    tomorrow = reconcile(DayFacts(world.next_bill, tenders, late, today.carried), NEXT_DAY)
    assert [(item.match.standing, item.match.provider_number) for item in tomorrow.worklist] == [
        (Standing.RECORDED_NOT_PAID, lost.provider_number)
    ]
    assert tomorrow.total(Standing.PAID_AND_RECORDED).count == ONE_PER_CENT - 1
    assert tomorrow.total(Standing.OTHER_DAY).count == ONE_PER_CENT
    assert tomorrow.carried == Carried()
