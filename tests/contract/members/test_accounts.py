"""Points and stored value at any keeper, and facts that repeat, contradict one another or cannot be."""

from datetime import date, timedelta

import pytest

from app.headquarters.members import ExceptionKind
from app.members.holds import GiveBackState, HoldState
from app.members.ports import AccountKind, Reach

POINTS, VALUE = AccountKind.POINTS, AccountKind.VALUE


@pytest.fixture
def member(shop, make):
    """A member with 100 points, and 550 yuan of which 50 are a bonus."""
    shop.join()
    shop.keeper.take_in(make.sale("earlier", bought_minor=0))
    shop.keeper.load("loading", "m-1", 500_00)
    return shop


def free(shop, kind) -> int:
    return shop.keeper.look_up(kind, "m-1").free


@pytest.mark.parametrize(("kind", "whole"), [(POINTS, 100), (VALUE, 550_00)])
def test_what_is_held_is_not_free_and_what_is_taken_is_gone(member, kind, whole):
    assert free(member, kind) == whole
    for _ in range(2):
        assert member.keeper.hold(kind, "h-1", "m-1", 40).state is HoldState.HELD
    assert free(member, kind) == whole - 40
    for _ in range(2):
        assert member.keeper.capture(kind, "h-1").state is HoldState.CAPTURED
    assert member.keeper.let_go(kind, "h-1").state is HoldState.CAPTURED
    assert member.keeper.held(kind, "h-1").amount == 40
    assert free(member, kind) == whole - 40


@pytest.mark.parametrize("kind", AccountKind)
def test_more_than_there_is_cannot_be_held_nor_anything_of_a_stranger(member, kind):
    assert member.keeper.hold(kind, "h-1", "m-1", 550_01).state is HoldState.REFUSED
    assert member.keeper.hold(kind, "h-2", "m-7", 1).state is HoldState.REFUSED
    assert member.keeper.held(kind, "h-3").state is HoldState.NOT_FOUND
    assert member.keeper.capture(kind, "h-3").state is HoldState.NOT_FOUND
    assert member.keeper.look_up(kind, "m-7").reach is Reach.NOT_FOUND


@pytest.mark.parametrize("kind", AccountKind)
def test_a_hold_that_was_let_go_before_it_came_holds_nothing(member, kind):
    assert member.keeper.let_go(kind, "h-1").state is HoldState.RELEASED
    assert member.keeper.hold(kind, "h-1", "m-1", 40).state is HoldState.RELEASED


@pytest.mark.parametrize("kind", AccountKind)
def test_what_is_given_back_is_free_again_once_for_its_number(member, kind):
    whole = free(member, kind)
    member.keeper.hold(kind, "h-1", "m-1", 60)
    member.keeper.capture(kind, "h-1")
    for _ in range(2):
        assert member.keeper.give_back(kind, "h-1", "g-1", 25).state is GiveBackState.DONE
    assert member.keeper.give_back(kind, "h-1", "g-1", 26).state is GiveBackState.REFUSED
    assert member.keeper.give_back(kind, "h-1", "g-2", 36).state is GiveBackState.REFUSED
    assert member.keeper.given_back(kind, "h-1", "g-1").amount == 25
    assert member.keeper.given_back(kind, "h-1", "g-3").state is GiveBackState.NOT_FOUND
    assert free(member, kind) == whole - 35


def test_one_hold_number_is_never_two_holds(member):
    member.keeper.hold(POINTS, "h-1", "m-1", 40)
    assert member.keeper.hold(POINTS, "h-1", "m-1", 41).state is HoldState.REFUSED
    assert member.keeper.hold(POINTS, "h-1", "m-2", 40).state is HoldState.REFUSED
    assert free(member, POINTS) == 60


def test_a_loading_counts_once_with_its_bonus(member):
    assert member.keeper.load("loading", "m-1", 500_00) is Reach.ANSWERED
    assert member.keeper.load("loading", "m-1", 400_00) is Reach.REFUSED
    assert member.keeper.load("l-2", "m-7", 400_00) is Reach.NOT_FOUND
    assert free(member, VALUE) == 550_00
    assert [one.message_id for one in member.book.quarantined()] == ["load/loading"]


def test_a_loading_beyond_what_an_account_may_hold_is_taken_in_and_listed(member):
    assert member.keeper.load("l-2", "m-1", 4_500_00) is Reach.ANSWERED
    (found,) = member.book.exceptions()
    # 550 + 4,500 + a bonus of 50, where 5,000 are allowed.
    assert (found.kind, found.subject_id, found.cost_minor) == (ExceptionKind.OVER_LIMIT, "l-2", 100_00)


def test_a_refund_hands_the_paid_part_out_and_ends_the_bonus(member):
    member.keeper.hold(VALUE, "h-1", "m-1", 100_00)
    assert member.keeper.refund("r-1", "m-1") is Reach.REFUSED
    member.keeper.capture(VALUE, "h-1")
    assert member.keeper.refund("r-1", "m-1") is Reach.ANSWERED
    assert member.keeper.refund("r-1", "m-1") is Reach.ANSWERED
    made = member.book.refunded("r-1", "m-1")
    assert (made.paid_out_minor, made.forfeited_minor) == (400_00, 50_00)
    assert free(member, VALUE) == 0


@pytest.mark.parametrize("return_first", [False, True])
def test_a_return_takes_back_what_its_sale_had_earned_in_any_order(member, make, return_first):
    steps = [
        lambda: member.keeper.take_in(make.sale(points=70)),
        lambda: member.keeper.take_back(make.back(points=30, returned_minor=40_00)),
    ]
    for step in reversed(steps) if return_first else steps:
        assert step() is Reach.ANSWERED
        assert step() is Reach.ANSWERED
    assert free(member, POINTS) == 140
    assert member.facts().bought_minor == 60_00


def test_points_that_were_spent_before_the_return_are_owed_and_paid_by_the_next(member, make):
    member.keeper.take_in(make.sale(points=70))
    member.keeper.hold(POINTS, "h-1", "m-1", 150)
    member.keeper.capture(POINTS, "h-1")
    member.keeper.take_back(make.back(points=70))
    assert (member.facts().points, member.facts().points_owed) == (0, 50)
    member.keeper.take_in(make.sale("s-2", points=80))
    assert (member.facts().points, member.facts().points_owed) == (30, 0)


@pytest.mark.parametrize("return_first", [False, True])
def test_returns_that_take_back_more_than_was_earned_are_listed(member, make, return_first):
    steps = [
        lambda: member.keeper.take_in(make.sale(points=70)),
        lambda: member.keeper.take_back(make.back(points=90)),
    ]
    for step in reversed(steps) if return_first else steps:
        step()
    (found,) = member.book.exceptions()
    assert (found.kind, found.subject_id, found.cost_minor) == (ExceptionKind.EXCESS_RETURN, "return-1", 20)
    assert free(member, POINTS) == 100


def test_a_sale_that_comes_again_with_another_content_is_kept_and_never_taken(member, make):
    member.keeper.take_in(make.sale(points=70))
    for _ in range(2):
        assert member.keeper.take_in(make.sale(points=71)) is Reach.ANSWERED
    assert member.keeper.take_back(make.back(points=5)) is Reach.ANSWERED
    assert member.keeper.take_back(make.back(points=6)) is Reach.ANSWERED
    assert free(member, POINTS) == 165
    kept = member.book.quarantined()
    assert [(one.message_id, one.reason) for one in kept] == [("sale/sale-1", "REUSED"), ("return/return-1", "REUSED")]
    assert '"points":71' in kept[0].document


def test_a_part_that_cannot_be_keeps_none_of_the_others_back(member, make):
    poison = make.sale(points=70, bought_minor=-1)
    assert member.keeper.take_in(poison) is Reach.ANSWERED
    assert free(member, POINTS) == 170
    assert [(one.message_id, one.reason) for one in member.book.quarantined()] == [("sale/sale-1/bought", "CANNOT-BE")]


def test_a_clock_that_is_ahead_at_a_till_neither_ends_points_nor_delays_a_tier(member, make):
    ahead = make.now + timedelta(days=3650)
    member.keeper.take_in(make.sale("s-1", points=10, points_end_on=date(2027, 5, 31)))
    member.keeper.take_in(
        make.sale("s-2", points=1, bought_minor=2_000_00, completed_at=ahead, business_date=ahead.date())
    )
    assert member.facts().points == 111
    assert member.facts().member.tiers[-1].tier_id == "silver"
