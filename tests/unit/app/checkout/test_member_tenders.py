"""Points and stored value at the till: only of the member who is named, in steps, and never more than the shop allows."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.checkout.member_tenders import _most_with_points
from app.checkout.requests import BeginPayment, RemoveTender, TakeTender
from app.checkout.views import Phase, Severity
from app.members.identity import Standing
from app.members.points import PointsTender
from app.payments.attempt_record import AttemptState
from app.payments.tendering import Balance
from app.payments.tenders import Tendered
from app.sales.basket import Basket
from app.values.wording import LocalizedText
from tests.unit.app.checkout.members_by_hand import AWAY, NOON, TERMS, WANG_PHONE, facts, member


@pytest.fixture
def wang(member_shop):
    """Wang with two milks: 19.35; 2,350 points and 80 yuan."""

    def with_figures(**figures):
        member_shop.store.knows(facts(**figures))
        member_shop.names(WANG_PHONE)
        return member_shop.rings_up("MILK", "MILK")

    return with_figures


def choice(view, tender_type_id):
    return next(one for one in view.payment.choices if one.tender_type_id == tender_type_id)


def test_an_empty_field_pays_the_most_that_points_may(member_shop, wang):
    wang()
    view = member_shop.asks(BeginPayment())
    # Half of 19.35 is 9.67; in steps of one yuan 9.00.
    assert choice(view, "points").most_minor == 900
    assert choice(view, "points").unavailable is None
    assert not choice(view, "points").reference_required
    view = member_shop.asks(TakeTender("points"))
    order = member_shop.desk.last()
    assert (order.amount_minor, order.shopper_code) == (900, "m-wang")
    assert view.payment.open is not None
    view = member_shop.desk.approves()
    assert view.payment.left_minor == 1035


@pytest.mark.parametrize(("typed", "why"), [("5.50", "steps of 100"), ("10", "At most ¥9.00"), ("0.99", "steps")])
def test_an_amount_that_points_cannot_pay_is_refused(member_shop, wang, typed, why):
    wang()
    view = member_shop.asks(TakeTender("points", typed))
    assert view.notice.code == "BAD-POINTS"
    assert why in str(view.notice.sentence)
    assert member_shop.payments.orders == []


def test_points_a_second_time_pay_only_what_is_left_of_the_shops_part(member_shop, wang):
    wang()
    member_shop.asks(TakeTender("points", "5"))
    view = member_shop.desk.approves()
    assert choice(view, "points").most_minor == 400
    member_shop.asks(TakeTender("points"))
    assert member_shop.desk.last().amount_minor == 400
    view = member_shop.desk.approves()
    assert choice(view, "points").most_minor == 0
    view = member_shop.asks(TakeTender("points"))
    assert view.notice.severity is Severity.BAD


def test_what_is_paid_with_points_earns_none_and_the_balance_says_so(member_shop, wang):
    wang()
    member_shop.asks(TakeTender("points"))
    member_shop.desk.approves()
    completed = member_shop.asks(TakeTender("cash")).completed
    # 10.35 paid otherwise, at one and a half points: 15.525, cut. 2,350 − 900 + 15.
    assert (completed.points_earned, completed.points_now) == (15, 1465)


def test_nobodys_points_are_nobodys(member_shop):
    member_shop.rings_up("MILK", "MILK")
    view = member_shop.asks(BeginPayment())
    assert "member" in str(choice(view, "points").unavailable)
    view = member_shop.asks(TakeTender("points", reference="m-wang"))
    assert view.notice.severity is Severity.BAD
    assert member_shop.payments.orders == []


def test_a_number_that_somebody_types_is_not_looked_at(member_shop, wang):
    wang()
    member_shop.asks(TakeTender("value", "5", reference="m-li"))
    assert member_shop.desk.last().shopper_code == "m-wang"


def test_a_blocked_member_pays_with_neither(member_shop):
    member_shop.store.knows(facts(member(standing=Standing.BLOCKED)))
    member_shop.names(WANG_PHONE)
    member_shop.rings_up("MILK")
    view = member_shop.asks(BeginPayment())
    for tender in ("points", "value"):
        assert choice(view, tender).unavailable is not None
        assert member_shop.asks(TakeTender(tender)).notice.severity is Severity.BAD
    assert member_shop.payments.orders == []


def test_too_few_points_are_said_before_anybody_is_asked(member_shop, wang):
    wang(points=99)
    view = member_shop.asks(BeginPayment())
    assert "Too few" in str(choice(view, "points").unavailable)
    assert member_shop.asks(TakeTender("points")).notice.severity is Severity.BAD


def test_stored_value_pays_all_or_what_there_is(member_shop, wang):
    wang(value_minor=1000)
    view = member_shop.asks(BeginPayment())
    assert choice(view, "value").most_minor == 1000
    member_shop.asks(TakeTender("value"))
    assert member_shop.desk.last().amount_minor == 1000
    view = member_shop.desk.approves()
    assert view.payment.left_minor == 935
    assert choice(view, "value").most_minor == 0


def test_an_empty_account_of_yesterday_may_be_tried_one_of_this_moment_not(member_shop, wang):
    wang(value_minor=0)
    assert choice(member_shop.asks(BeginPayment()), "value").unavailable is None
    member_shop.members.finds(facts(value_minor=0))
    assert "No stored value" in str(choice(member_shop.till.view(), "value").unavailable)


def test_while_the_accounts_cannot_be_asked_their_tenders_say_why(member_shop, wang):
    wang()
    member_shop.payments.go_away("points", AWAY)
    view = member_shop.asks(BeginPayment())
    assert choice(view, "points").unavailable == AWAY
    assert member_shop.asks(TakeTender("points")).notice.sentence == AWAY


def test_points_handed_back_can_pay_again_and_the_deal_has_not_moved(member_shop, wang):
    wang()
    member_shop.asks(TakeTender("points"))
    member_shop.desk.approves()
    deal = member_shop.basket.deal
    member_shop.asks(RemoveTender(1))
    view = member_shop.desk.refund_ends(AttemptState.APPROVED)
    assert view.phase is Phase.PAYING
    assert view.payment.left_minor == 1935
    assert choice(view, "points").most_minor == 900
    assert member_shop.basket.deal == deal


@given(
    due=st.integers(1, 200_00),
    points=st.integers(0, 30_000),
    paid=st.integers(0, 50),
    step=st.sampled_from([1, 50, 100, 500]),
    percent=st.integers(1, 100),
)
def test_the_most_is_always_a_whole_number_of_steps_within_every_limit(due, points, paid, step, percent):
    rule = PointsTender(step=step, least=step, most_percent=percent)
    already = min(paid * step, rule.most_for(due, points))
    terms = replace(TERMS, points_tender=rule)
    tenders = (Tendered(1, "points", LocalizedText("积分"), "members_points", already, already),) if already else ()
    basket = Basket("b", NOON, "1", "CNY", tenders=tenders)
    most = _most_with_points(terms, basket, points, Balance(due, already))
    assert 0 <= most <= due - already
    assert most + already <= due * percent // 100
    assert most + already <= points  # a hundred points for a hundred fen
    assert most % step == 0
    if most:
        rule.points_for(most)
