"""Points: earned, taken back, spent and ended, to the point."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.members.birthdays import Birthday
from app.members.earning import EarningLine, EarningRule, PointsRounding, last_day_of, points_earned
from app.members.holds import GiveBackState, HoldState
from app.members.ledger_entries import POINTS_UNIT, Balance, ReusedMessage, balance_of
from app.members.lot_book import When
from app.members.points import BadPoints, EarnMessage, PointsBook, PointsTender, Reward, TakenBack
from app.members.returns import share_of_part
from app.members.tiers import Tier
from app.values.wording import LocalizedText

BASIC = Tier("basic", LocalizedText("Basic"), 0)
GOLD = Tier("gold", LocalizedText("Gold"), 5_000_00, 150)
DAY = date(2026, 5, 1)
LINES = (
    EarningLine(1, "milk", "dairy", 12_90),
    EarningLine(2, "rice", "grain", 49_90),
    EarningLine(3, "cigarettes", "tobacco", 25_00),
    EarningLine(4, "deposit", "deposit", 1_00, counts=False),
)
RULE = EarningRule(excluded_departments=frozenset({"tobacco"}))


def test_a_point_for_each_yuan_of_what_counts() -> None:
    # 12.90 + 49.90 = 62.80 counts: 62 points, the rest cut. Shares 62 x 12.90 / 62.80 = 12.73, 62 x 49.90 / 62.80 =
    # 49.26: cut 12 and 49, the point left over goes to the larger remainder, the milk.
    earned = points_earned(LINES, RULE, BASIC, DAY)
    assert (earned.points, earned.counted_minor, earned.shares) == (62, 6280, ((1, 13), (2, 49)))


def test_gold_earns_half_as_much_again_and_a_birthday_doubles_it() -> None:
    # 62.80 x 1.5 = 94.2 -> 94; doubled before the cut: 188.4 -> 188.
    assert points_earned(LINES, RULE, GOLD, DAY).points == 94
    on_birthday = points_earned(LINES, RULE, GOLD, DAY, birthday=Birthday(5, 1))
    assert (on_birthday.points, on_birthday.birthday) == (188, True)
    assert points_earned(LINES, RULE, GOLD, DAY, birthday=Birthday(5, 2)).points == 94


def test_29_february_earns_double_on_the_28th() -> None:
    assert points_earned(LINES, RULE, BASIC, date(2027, 2, 28), birthday=Birthday(2, 29)).points == 125  # 125.6 cut


def test_a_half_point_is_given_where_the_shop_rounds_so() -> None:
    assert points_earned(LINES, replace(RULE, rounding=PointsRounding.HALF_UP), BASIC, DAY).points == 63


def test_what_points_pay_earns_no_points() -> None:
    # 88.80 in all, 8.88 of it with points: a tenth off each line: 11.61 + 44.91 = 56.52 counts.
    assert points_earned(LINES, RULE, BASIC, DAY, paid_with_points_minor=8_88).counted_minor == 5652


def test_nothing_that_counts_earns_nothing() -> None:
    earned = points_earned(LINES[2:], RULE, BASIC, DAY)
    assert (earned.points, earned.shares) == (0, ())
    assert points_earned(LINES, replace(RULE, most_per_sale=50), BASIC, DAY).points == 50


@given(
    st.lists(st.tuples(st.integers(0, 99999), st.integers(1, 20)), min_size=1, max_size=8),
    st.integers(0, 300),
    st.data(),
)
def test_any_sequence_of_partial_returns_takes_back_exactly_what_was_earned(costs, percent, data) -> None:
    lines = [EarningLine(number, "p", "d", cost) for number, (cost, _) in enumerate(costs, 1)]
    earned = points_earned(lines, EarningRule(), replace(BASIC, points_percent=percent), DAY)
    assert sum(share for _, share in earned.shares) == earned.points
    pieces = [number for number, (_, quantity) in enumerate(costs, 1) for _ in range(quantity)]
    back: dict[int, int] = {}
    taken = 0
    for number in data.draw(st.permutations(pieces)):
        quantity = costs[number - 1][1] * 1000
        now = earned.taken_back_with(number, quantity, back.get(number, 0), 1000)
        assert now >= 0
        taken += now
        back[number] = back.get(number, 0) + 1000
    assert taken == earned.points


def test_points_end_with_a_month() -> None:
    assert last_day_of(date(2026, 5, 1), 12) == date(2027, 5, 31)
    assert last_day_of(date(2027, 2, 28), 12) == date(2028, 2, 29)
    assert last_day_of(date(2026, 12, 31), 0) == date(2026, 12, 31)
    assert last_day_of(DAY, None) is None


# The ledger


def earn(book: PointsBook, earning: str, points: int, when, ends: date | None = None) -> None:
    book.earn(EarnMessage(earning, "m-1", points, ends), when)


def test_points_that_end_first_are_spent_first(points, on) -> None:
    earn(points, "s-1", 100, on(5, 1), date(2026, 8, 31))
    earn(points, "s-2", 50, on(5, 2), date(2026, 6, 30))
    assert points.expiring("m-1", on().on, date(2026, 12, 31)) == ((date(2026, 6, 30), 50), (date(2026, 8, 31), 100))
    assert points.hold("h-1", "m-1", 70, POINTS_UNIT, on()).state is HoldState.HELD
    assert points.capture("h-1", on()).amount == 70
    # 50 of the June lot and 20 of the August lot are gone.
    assert points.expiring("m-1", on().on, date(2026, 12, 31)) == ((date(2026, 8, 31), 80),)
    assert points.spendable("m-1", date(2026, 8, 31)) == 80
    assert points.spendable("m-1", date(2026, 9, 1)) == 0
    assert points.expire("x-1", "m-1", on(9, 1)) == 80
    assert points.expire("x-1", "m-1", on(9, 1)) == 80
    assert balance_of(points.entries, "m-1") == Balance(free=0, held=0, spent=70)


def test_points_that_come_back_after_their_end_can_be_spent_for_thirty_days(points, on) -> None:
    earn(points, "s-1", 100, on(5, 1), date(2026, 5, 31))
    points.hold("h-1", "m-1", 60, POINTS_UNIT, on(5, 20))
    points.capture("h-1", on(5, 20))
    assert points.give_back("h-1", "r-1", 60, on(6, 10)).state is GiveBackState.DONE
    # The 40 that were never spent ended on 31 May; the 60 end on 10 July.
    assert points.spendable("m-1", date(2026, 7, 10)) == 60
    assert points.spendable("m-1", date(2026, 7, 11)) == 0


def test_a_return_takes_back_what_its_sale_earned(points, on) -> None:
    earn(points, "s-1", 100, on())
    assert points.take_back("r-1", "m-1", "s-1", 40, on()) == TakenBack(points=40)
    assert points.take_back("r-1", "m-1", "s-1", 40, on()) == TakenBack(points=40)
    assert points.spendable("m-1", DAY) == 60


def test_points_that_are_spent_already_are_owed_and_the_next_ones_pay(points, on) -> None:
    earn(points, "s-1", 100, on())
    points.hold("h-1", "m-1", 80, POINTS_UNIT, on())
    points.capture("h-1", on())
    assert points.take_back("r-1", "m-1", "s-1", 100, on()) == TakenBack(points=20, owed=80)
    assert (points.spendable("m-1", DAY), points.owed("m-1")) == (0, 80)
    earn(points, "s-2", 100, on())
    assert (points.spendable("m-1", DAY), points.owed("m-1")) == (20, 0)


def test_points_given_back_pay_what_is_owed(points, on) -> None:
    # The sale that was paid with points comes back after the sale that had earned them.
    earn(points, "s-1", 100, on())
    points.hold("h-1", "m-1", 100, POINTS_UNIT, on())
    points.capture("h-1", on())
    points.take_back("r-1", "m-1", "s-1", 100, on())
    points.give_back("h-1", "r-2", 100, on())
    assert balance_of(points.entries, "m-1") == Balance()


def test_a_return_that_comes_before_its_sale_waits_for_it(points, on) -> None:
    assert points.take_back("r-1", "m-1", "s-1", 30, on()).parked
    earn(points, "s-1", 100, on())
    assert points.taken_back("r-1") == TakenBack(points=30)
    assert points.spendable("m-1", DAY) == 70


def test_expired_points_need_not_be_taken_back_again(points, on) -> None:
    earn(points, "s-1", 100, on(5, 1), date(2026, 5, 31))
    earn(points, "s-2", 70, on(6, 1))
    assert points.take_back("r-1", "m-1", "s-1", 60, on(6, 2)) == TakenBack(excused=60)
    assert points.take_back("r-2", "m-1", "s-1", 60, on(6, 2)) == TakenBack(excused=40, excess=20)
    assert points.spendable("m-1", date(2026, 6, 2)) == 70


def test_what_expired_excuses_once(points, on) -> None:
    # Of 100 points 40 are spent and 60 end unspent. Two returns of 50: 60 are excused in all, 40 come from the next sale.
    earn(points, "s-1", 100, on(5, 1), date(2026, 5, 31))
    points.hold("h-1", "m-1", 40, POINTS_UNIT, on(5, 2))
    points.capture("h-1", on(5, 2))
    earn(points, "s-2", 70, on(6, 1))
    assert points.take_back("r-1", "m-1", "s-1", 50, on(6, 2)) == TakenBack(excused=50)
    assert points.take_back("r-2", "m-1", "s-1", 50, on(6, 2)) == TakenBack(points=40, excused=10)
    assert points.spendable("m-1", date(2026, 6, 2)) == 30


def test_returning_more_than_was_earned_is_told_and_not_done(points, on) -> None:
    earn(points, "s-1", 10, on())
    assert points.take_back("r-1", "m-1", "s-1", 10, on()) == TakenBack(points=10)
    assert points.take_back("r-2", "m-1", "s-1", 10, on()) == TakenBack(excess=10)
    assert points.take_back("r-2", "m-1", "s-1", 10, on()) == TakenBack(excess=10)


def test_the_same_id_with_another_content_is_never_taken(points, on) -> None:
    earn(points, "s-1", 100, on())
    with pytest.raises(ReusedMessage):
        earn(points, "s-1", 101, on())
    points.take_back("r-1", "m-1", "s-1", 10, on())
    with pytest.raises(ReusedMessage):
        points.take_back("r-1", "m-1", "s-1", 11, on())
    assert points.spendable("m-1", DAY) == 90


@given(st.data())
def test_sales_and_returns_in_any_order_and_repeated_come_to_the_same(data) -> None:
    # Sales of 100, 50 and 30; returns of 60 and 70 of the first (30 too much), 50 of the second: 180 - 150 = 30.
    facts = [("earn", "s-1", 100), ("earn", "s-2", 50), ("earn", "s-3", 30)]
    facts += [("back", "s-1", 60), ("back", "s-1", 70), ("back", "s-2", 50)]
    messages = data.draw(st.permutations([*enumerate(facts)] * 2))
    book, when = PointsBook(), When(datetime(2026, 5, 1, tzinfo=UTC), DAY)
    for number, (kind, sale, amount) in messages:
        if kind == "earn":
            book.earn(EarnMessage(sale, "m-1", amount), when)
        else:
            book.take_back(f"r-{number}", "m-1", sale, amount, when)
    assert book.spendable("m-1", DAY) - book.owed("m-1") == 30
    assert sum(book.taken_back(f"r-{number}").excess for number in (3, 4, 5)) == 30
    assert PointsBook(book.entries).entries == book.entries


# Points that pay

TENDER = PointsTender(points=100, minor=100, step=100, least=200, most_percent=50)


def test_points_pay_half_a_sale_in_whole_steps() -> None:
    # Half of 68.50 is 34.25: 3,400 points pay 34.00.
    assert TENDER.most_for(68_50, 10_000) == 3_400
    assert TENDER.worth(3_400) == 34_00
    assert TENDER.most_for(68_50, 950) == 900
    assert TENDER.most_for(68_50, 199) == 0
    assert TENDER.points_for(34_00) == 3_400
    for wrong in (34_50, 1_00, 0, -5_00):
        with pytest.raises(BadPoints):
            TENDER.points_for(wrong)


def test_a_step_must_be_worth_whole_minor_units() -> None:
    with pytest.raises(ValueError, match="whole number"):
        PointsTender(points=300, minor=100, step=100)
    with pytest.raises(ValueError, match="one thing"):
        Reward("w-1", LocalizedText("Mug"), 500)


@given(st.integers(0, 10**6), st.integers(1, 10**6), st.data())
def test_parts_of_a_whole_give_back_all_of_a_total(total, whole, data) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, whole), max_size=6)))
    ends = [*cuts, whole]
    starts = [0, *cuts]
    shares = [share_of_part(total, whole, start, end - start) for start, end in zip(starts, ends, strict=True)]
    assert sum(shares) == total
    assert min(shares) >= 0
    with pytest.raises(ValueError, match="within"):
        share_of_part(total, whole, whole, 1)
