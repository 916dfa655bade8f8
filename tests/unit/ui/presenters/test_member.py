"""The member's pane, its coupons and the explanation, without a window."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.checkout.member_requests import Enrol, HideDeal, HideMember, KeepCoupon, NameMember, ShowDeal, UseCoupon
from app.checkout.member_views import CouponStanding, CouponView, DealView, HintView, MemberView, ShopperView
from app.checkout.payment_views import WorklistView
from app.checkout.requests import AddProduct, BeginPayment
from app.checkout.views import BasketView, CompletedView, PaymentView, Phase, TillView
from app.values.money import CNY, currency_of
from app.values.speech import ENGLISH
from app.values.wording import LocalizedText, wording
from ui.presenters.cashier import CashierPresenter
from ui.presenters.deal import deal_rows, deal_subtitle, deal_title
from ui.presenters.member import (
    Agreement,
    MemberForm,
    MemberPage,
    birthday_as_asked,
    coupon_cards,
    coupon_request,
    facts,
    greeting,
    masked_number,
    notes,
    under_greeting,
)
from ui.presenters.panes import Pane
from ui.presenters.receipts import Moments
from ui.presenters.savings import almost_words, best_coupons_words, due_words, earned_words, member_words
from ui.presenters.shortcuts import Action

NOON = datetime(2026, 11, 22, 4, 41, tzinfo=UTC)
THIN = "\u2009"
GOLD = LocalizedText("金卡", (("en", "Gold"),))
MEMBER = MemberView("王**", "138****5678", GOLD, points=1204)
BASKET = BasketView("b1", "CNY", (), 0, 1000, 200, due_minor=800)
NEAR = HintView("o1", LocalizedText("Milk"), wording("one more, and the cheapest is free"))


def selling(**shopper: Any) -> TillView:
    return TillView(Phase.SELLING, BASKET, shopper=ShopperView(**shopper))


def say(text: Any) -> str:
    return ENGLISH.say(text)


# the line under the amount due


def test_a_member_is_named_by_masked_number_tier_and_points() -> None:
    assert say(member_words(MEMBER)) == "member 138****5678 Gold · 1,204 points"


def test_a_member_with_a_card_only_is_named_by_the_masked_name() -> None:
    no_tier = replace(MEMBER, masked_phone="", tier_name=LocalizedText(""))
    assert say(member_words(no_tier)) == "member 王** · 1,204 points"


def test_nothing_is_said_of_nobody() -> None:
    assert due_words(selling()).rest == ""


def test_a_paid_sale_says_what_it_brought() -> None:
    done = CompletedView("s", "1", 800, 1000, 200, 200, (), 8, 1212)
    assert say(earned_words(done)) == "8 points earned · 1,212 now"
    assert say(earned_words(replace(done, points_earned=0))) == "1,212 points"
    assert earned_words(replace(done, points_now=None)) is None
    assert due_words(TillView(Phase.PAID, BASKET, completed=done)).saved_minor == 200


def test_the_nearest_hint_is_said_with_its_offers_name() -> None:
    assert say(almost_words(selling(almost=(NEAR, NEAR)))) == "Milk: one more, and the cheapest is free"
    assert almost_words(selling()) is None


def test_during_payment_nothing_is_near_and_no_coupon_is_better() -> None:
    payment = PaymentView(800, 0, 800, 800, 0, (800,), ())
    paying = replace(selling(almost=(NEAR,), best_saving_minor=500), phase=Phase.PAYING, payment=payment)
    assert almost_words(paying) is None
    assert best_coupons_words(paying) is None
    assert say(best_coupons_words(replace(paying, phase=Phase.SELLING))) == f"Best coupons −¥{THIN}5.00"


# the pane


def test_a_fresh_figure_has_no_age_and_an_old_one_has() -> None:
    moments = Moments(UTC, NOON)
    assert say(greeting(MEMBER)) == "王** · Gold"
    assert say(under_greeting(MEMBER, moments)) == "138****5678"
    old = replace(MEMBER, as_of=NOON - timedelta(days=2))
    assert say(under_greeting(old, moments)) == "138****5678 · as of 11-20 04:41"
    assert say(under_greeting(replace(old, masked_phone=""), moments)) == "as of 11-20 04:41"


def test_without_a_name_the_number_greets_and_is_not_said_twice() -> None:
    nameless = replace(MEMBER, masked_name="")
    assert say(greeting(nameless)) == "138****5678 · Gold"
    assert under_greeting(nameless, Moments(UTC, NOON)) == ""


def test_facts_are_written_in_the_baskets_currency() -> None:
    rich = replace(MEMBER, value_minor=15680, points_worth_minor=0, earns=0)
    points, balance, earns = facts(rich, currency_of("JPY"))
    assert (points.figure, points.detail) == ("1,204", "")
    assert balance.figure.endswith("15,680")
    assert earns.figure == "0"


def test_the_most_urgent_stands_first_and_only_the_next_two_expiries() -> None:
    days = ((date(2027, 3, 1), 5), (date(2026, 12, 1), 80), (date(2026, 12, 31), 200))
    member = replace(MEMBER, blocked=True, points_owed=40, points_expiring=days, to_next_tier=(GOLD, 100))
    lines = [say(line.text) for line in notes(member, CNY)]
    assert lines[0].startswith("This membership is blocked")
    assert lines[1].startswith("40 points are still owed")
    assert lines[2:] == [
        "80 points end on 2026-12-01",
        "200 points end on 2026-12-31",
        f"¥{THIN}1.00 more to Gold",
    ]


# coupons


@pytest.mark.parametrize(
    ("standing", "asked"),
    [
        (CouponStanding.OFFERED, UseCoupon("c")),
        (CouponStanding.ASKED, KeepCoupon("c")),
        (CouponStanding.USED, KeepCoupon("c")),
        (CouponStanding.IDLE, KeepCoupon("c")),
        (CouponStanding.UNFIT, None),
    ],
)
def test_a_touch_uses_what_is_offered_and_keeps_what_is_in_the_basket(standing: CouponStanding, asked: object) -> None:
    coupon = CouponView("c", LocalizedText("券"), standing)
    assert coupon_request(coupon) == asked
    (card,) = coupon_cards((coupon,), CNY)
    assert card.usable == (asked is not None)
    assert card.lines[0].icon, "colour alone tells nothing"
    assert say(card.lines[0].text)


def test_each_standing_has_a_picture_and_a_word_of_its_own() -> None:
    cards = coupon_cards([CouponView("c", LocalizedText("券"), standing) for standing in CouponStanding], CNY)
    assert len({card.lines[0].icon for card in cards}) == len(cards)
    assert len({say(card.lines[0].text) for card in cards}) == len(cards)


def test_the_last_day_is_on_the_tile_whether_it_is_offered_or_not() -> None:
    for standing in CouponStanding:
        (card,) = coupon_cards((CouponView("c", LocalizedText("券"), standing, ends_on=date(2026, 12, 5)),), CNY)
        assert say(card.lines[0].text).endswith("until 2026-12-05")


# enrolment


PHONE = "+8613812345678"
UNKNOWN = ShopperView(can_enrol=True, enrol_phone=PHONE)


def test_pages_follow_what_is_known() -> None:
    form = MemberForm()
    assert form.page(ShopperView(can_enrol=True)) is MemberPage.FIND
    assert form.page(UNKNOWN) is MemberPage.ENROL
    assert form.page(replace(UNKNOWN, member=MEMBER)) is MemberPage.MEMBER


def test_a_number_that_was_left_is_offered_again_only_when_it_is_asked_for_again() -> None:
    form = MemberForm()
    form.page(UNKNOWN)
    form.leave_enrolment()
    assert form.page(UNKNOWN) is MemberPage.FIND
    assert form.find("138 1234 5678") == NameMember("138 1234 5678")
    assert form.page(UNKNOWN) is MemberPage.ENROL


def test_agreements_are_off_until_someone_says_yes_and_end_with_the_number() -> None:
    form = MemberForm()
    form.page(UNKNOWN)
    assert form.enrol(UNKNOWN, "", "") == Enrol(PHONE)
    form.turn(Agreement.MESSAGES)
    assert form.enrol(UNKNOWN, " Li Na ", "").agrees_to_messages
    other = replace(UNKNOWN, enrol_phone="+8613900001111")
    form.page(other)
    assert form.enrol(other, "", "") == Enrol("+8613900001111")


def test_agreeing_twice_is_not_agreeing() -> None:
    form = MemberForm()
    form.page(UNKNOWN)
    form.turn(Agreement.PROFILE)
    form.turn(Agreement.PROFILE)
    assert not form.enrol(UNKNOWN, "", "").agrees_to_profile


def test_an_empty_number_is_not_asked_for() -> None:
    assert MemberForm().find("   ") is None


@given(st.text(max_size=12))
def test_a_birthday_is_changed_only_where_four_figures_stand(typed: str) -> None:
    asked = birthday_as_asked(typed)
    if len(typed.strip()) == 4 and typed.strip().isdecimal():
        assert asked == f"{typed.strip()[:2]}-{typed.strip()[2:]}"
    else:
        assert asked == typed.strip()


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True))
def test_no_number_stands_whole_on_the_screen(phone: str) -> None:
    for typed in (phone, f"+86{phone}", f"x{phone}"):
        assert phone not in masked_number(typed)
        assert phone[3:7] not in masked_number(typed) or phone[3:7] == phone[7:]


# the explanation


def hint(number: int, saving: int = 0) -> HintView:
    return HintView(f"o{number}", LocalizedText(f"Offer {number}"), wording("Because."), saving)


def test_the_explanation_has_three_parts_each_with_its_count() -> None:
    rows = deal_rows(DealView((hint(1, 500), hint(2, 700)), (hint(3),), (), proven=True), CNY, ENGLISH)
    assert [row.name for row in rows if row.head] == ["Offers given (2)", "Almost (1)", "Not given"]
    assert rows[-1].sentence == "Nothing was left out."
    assert [row.figure for row in rows if row.figure] == [f"−¥{THIN}5.00", f"−¥{THIN}7.00"]


def test_every_row_has_a_key_of_its_own_that_stays() -> None:
    twice = DealView((hint(1, 500), hint(1, 300)), (hint(1),), (hint(1), hint(1)), proven=False)
    keys = [row.key for row in deal_rows(twice, CNY, ENGLISH)]
    assert len(set(keys)) == len(keys)
    more = deal_rows(replace(twice, given=(hint(9, 100), *twice.given)), CNY, ENGLISH)
    assert set(keys) <= {row.key for row in more}


def test_what_is_proven_is_said_in_words_and_what_is_not_is_not_claimed() -> None:
    deal = DealView((hint(1, 500),), (), (), proven=True)
    assert say(deal_title(deal, CNY)) == f"Offers save ¥{THIN}5.00"
    assert say(deal_subtitle(deal)) == "Proven: nothing else saves more."
    assert "roven" not in say(deal_subtitle(replace(deal, proven=False)))
    assert say(deal_title(replace(deal, given=()), CNY)) == "Offers explained"


# which pane is in sight


def test_the_paper_asked_for_last_is_in_sight_and_the_other_comes_back() -> None:
    presenter = CashierPresenter()
    member = replace(selling(member=MEMBER), member_shown=True, revision=1)
    presenter.accept(member)
    assert presenter.pane is Pane.MEMBER
    presenter.accept(replace(member, deal=DealView((), (), (), True), revision=2))
    assert presenter.pane is Pane.DEAL
    assert presenter.back() == HideDeal()
    presenter.accept(replace(member, revision=3))
    assert presenter.pane is Pane.MEMBER
    assert presenter.back() == HideMember()
    presenter.accept(replace(member, member_shown=False, revision=4))
    assert presenter.pane is Pane.QUICK_KEYS


def test_payment_stands_before_the_member_and_the_member_comes_back_after_it() -> None:
    presenter = CashierPresenter()
    member = replace(selling(member=MEMBER), member_shown=True, revision=1)
    presenter.accept(member)
    payment = PaymentView(800, 0, 800, 800, 0, (800,), ())
    presenter.accept(replace(member, phase=Phase.PAYING, payment=payment, revision=2))
    assert presenter.pane is Pane.TENDER
    presenter.accept(replace(member, revision=3))
    assert presenter.pane is Pane.MEMBER


def test_selling_goes_on_beside_the_member_but_not_beside_the_worklist(till: Any) -> None:
    presenter = CashierPresenter()
    line_view = replace(selling(member=MEMBER, can_enrol=True), member_shown=True, revision=1)
    lines = till.handle(AddProduct("6901234567892")).basket
    presenter.accept(replace(line_view, basket=lines))
    assert presenter.perform(Action.PAY) == BeginPayment()
    assert presenter.perform(Action.DEAL) == ShowDeal()
    presenter.accept(replace(line_view, basket=lines, worklist=WorklistView((), may_close=True), revision=2))
    assert presenter.perform(Action.PAY) is None
