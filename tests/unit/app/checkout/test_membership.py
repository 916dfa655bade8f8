"""Members at the till: greeted before the first item, found by copy and by headquarters, never mixed up."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.checkout import member_requests as ask
from app.checkout.member_ports import EnrolMember, FindMember
from app.checkout.requests import (
    AbandonBasket,
    BeginPayment,
    RecallBasket,
    ReprintReceipt,
    SuspendBasket,
    TakeTender,
    VoidLine,
)
from app.checkout.views import Phase, Severity
from app.members.identity import FoundBy, MemberKey, Standing
from app.members.points import PointsTender
from app.members.ports import MemberAnswer, Reach
from app.members.privacy import Purpose
from app.members.tiers import TierSpan
from app.promotions.offers import Goods, Offer, Percent, Who
from app.values.clock import FixedClock
from tests.unit.app.checkout.conftest import rules_of
from tests.unit.app.checkout.members_by_hand import (
    AWAY,
    DAY,
    LI_PHONE,
    NOON,
    TERMS,
    WANG_KEY,
    WANG_PHONE,
    CopiesFail,
    amount_off,
    facts,
    form,
    li,
    member,
    member_pass,
    offer,
)


def test_the_local_copy_greets_at_once_and_headquarters_is_asked_as_well(member_shop):
    member_shop.store.knows(facts())
    view = member_shop.names("138 1234 5678")
    assert view.shopper.member is not None
    assert view.shopper.member.masked_name == "王**"
    assert str(view.shopper.member.tier_name) == "金卡"
    assert view.shopper.member.as_of == NOON - DAY
    assert view.shopper.looking
    assert member_shop.members.questions == [FindMember("", WANG_KEY)]
    view = member_shop.members.finds(facts(points=2400))
    assert (view.shopper.member.points, view.shopper.member.as_of, view.shopper.looking) == (2400, None, False)


def test_nobody_is_stored_for_a_member_who_has_bought_nothing_yet(member_shop):
    member_shop.store.knows(facts())
    view = member_shop.names(WANG_PHONE)
    assert view.basket.basket_id is None
    assert member_shop.store.baskets == {}
    assert member_shop.restart().view().shopper.member is None


def test_the_member_named_first_is_the_one_of_the_basket_that_begins(member_shop):
    member_shop.store.knows(facts())
    member_shop.names(WANG_PHONE)
    view = member_shop.rings_up("GUM")
    # 3.33, and 2.50 for members.
    assert view.basket.due_minor == 250
    assert member_shop.basket.member.member_id == "m-wang"
    view = member_shop.members.finds(facts(points=7))
    assert view.shopper.member.points == 7


def test_a_member_named_ten_minutes_before_the_first_item_has_gone(member_shop):
    member_shop.store.knows(facts())
    member_shop.names(WANG_PHONE)
    member_shop.clock.advance(timedelta(minutes=10, seconds=1))
    view = member_shop.rings_up("GUM")
    assert view.basket.due_minor == 333
    assert view.shopper.member is None
    assert "too long ago" in str(view.notice.sentence)


def test_a_member_may_be_named_in_the_tender_pane_and_the_price_follows(member_shop):
    member_shop.store.knows(facts())
    member_shop.rings_up("GUM")
    assert member_shop.asks(BeginPayment()).payment.due_minor == 333
    view = member_shop.scan("M000000042")
    assert view.phase is Phase.PAYING
    assert view.payment.due_minor == 250


def test_after_the_first_tender_nobody_is_named_any_more(member_shop):
    member_shop.store.knows(facts())
    member_shop.rings_up("GUM")
    member_shop.asks(TakeTender("cash", "1"))
    view = member_shop.names(WANG_PHONE)
    assert view.notice.severity is Severity.BAD
    assert view.shopper.member is None
    assert member_shop.members.questions == []


def test_an_answer_after_the_first_tender_changes_nothing_but_the_copy(member_shop):
    member_shop.rings_up("GUM")
    member_shop.names(WANG_PHONE)
    member_shop.asks(TakeTender("cash", "1"))
    view = member_shop.members.finds(facts())
    assert view.basket.due_minor == 333
    assert view.shopper.member is None
    assert not view.shopper.looking
    assert member_shop.store.copies["m-wang"].facts.points == 2350


def test_an_answer_for_a_basket_that_is_sold_only_keeps_the_copy(member_shop):
    member_shop.rings_up("GUM")
    member_shop.names(WANG_PHONE)
    member_shop.asks(TakeTender("cash"))
    member_shop.rings_up("GUM")
    view = member_shop.members.finds(facts())
    assert view.shopper.member is None
    assert view.basket.due_minor == 333
    assert "m-wang" in member_shop.store.copies


def test_a_number_that_is_nobodys_can_be_enrolled(member_shop):
    member_shop.rings_up("GUM")
    assert member_shop.names(LI_PHONE).shopper.looking
    view = member_shop.members.finds(None)
    assert view.shopper.enrol_phone == f"+86{LI_PHONE}"
    assert "139****4321" in str(view.notice.sentence)
    assert LI_PHONE not in str(view.notice)


def test_a_card_that_is_nobodys_says_so_and_offers_no_enrolment(member_shop):
    member_shop.scan("M000000099")
    view = member_shop.members.finds(None)
    assert view.notice.severity is Severity.WARNING
    assert view.shopper.enrol_phone == ""


def test_away_and_not_known_here_is_said_at_once(member_shop):
    member_shop.members.gone = AWAY
    view = member_shop.names(LI_PHONE)
    assert view.notice.severity is Severity.BAD
    assert "139****4321" in str(view.notice.sentence)
    assert "down" in str(view.notice.sentence)
    assert member_shop.members.questions == []


def test_away_and_known_here_sells_by_the_copy_and_says_how_old_it_is(member_shop):
    member_shop.members.gone = AWAY
    member_shop.store.knows(facts())
    view = member_shop.names(WANG_PHONE)
    assert view.shopper.member.as_of == NOON - DAY
    assert not view.shopper.looking
    assert member_shop.rings_up("GUM").basket.due_minor == 250


def test_a_desk_that_takes_no_question_is_as_if_headquarters_were_away(member_shop):
    member_shop.members.takes = False
    view = member_shop.names(LI_PHONE)
    assert "did not answer" in str(view.notice.sentence)
    assert not view.shopper.looking
    member_shop.store.knows(facts())
    view = member_shop.names(WANG_PHONE)
    assert view.shopper.member.points == 2350
    assert view.notice.severity is Severity.GOOD


def test_a_typed_text_that_is_no_number_is_not_repeated(member_shop):
    view = member_shop.names("not a number")
    assert view.notice.code == "BAD-PHONE"
    assert "not a number" not in str(view.notice.sentence)


def test_the_code_on_the_telephone_is_checked_here_and_finds_the_copy(member_shop):
    member_shop.store.knows(facts())
    code = member_pass("m-wang")
    view = member_shop.scan(code)
    assert view.shopper.member.masked_name == "王**"
    assert member_shop.members.questions == [FindMember("", MemberKey(FoundBy.QR, code))]


def test_a_picture_of_yesterdays_telephone_code_is_refused(member_shop):
    member_shop.store.knows(facts())
    view = member_shop.scan(member_pass("m-wang", NOON - DAY))
    assert view.notice.code == "MEMBER-PASS-OVER"
    assert view.shopper.member is None


def test_a_blocked_member_is_greeted_as_any_shopper(member_shop):
    blocked = member(standing=Standing.BLOCKED)
    member_shop.store.knows(facts(blocked), offer("c-1", form("ten", amount_off(1000))))
    member_shop.names(WANG_PHONE)
    view = member_shop.rings_up("GUM")
    assert view.basket.due_minor == 333
    assert view.shopper.member.blocked
    assert (view.shopper.member.points, view.shopper.member.value_minor) == (0, 0)
    assert view.shopper.coupons == ()
    sale = member_shop.asks(TakeTender("cash")).completed
    assert (sale.points_earned, sale.points_now) == (0, None)
    kept = member_shop.store.sales[0].sale.member
    assert (kept.member_id, kept.label, kept.points_before, kept.points_after) == ("m-wang", "", 0, None)


def test_a_second_member_replaces_the_first_with_a_word_and_the_coupons_go(member_shop):
    member_shop.store.knows(facts(), offer("c-1", form("ten", amount_off(1000))))
    member_shop.store.knows(facts(li()))
    member_shop.rings_up("SHIRT")
    member_shop.names(WANG_PHONE)
    member_shop.asks(ask.UseCoupon("c-1"))
    redemption = member_shop.basket.coupons[0].redemption_id
    view = member_shop.names(LI_PHONE)
    assert view.shopper.member.masked_name == "李*"
    assert "王**" in str(view.notice.sentence)
    assert member_shop.basket.coupons == ()
    assert [one.redemption_id for one in member_shop.basket.released] == [redemption]
    assert member_shop.members.released() == [(redemption, "c-1")]
    assert view.shopper.coupons == ()


def test_the_same_member_again_changes_nothing(member_shop):
    member_shop.store.knows(facts(), offer("c-1", form("ten", amount_off(1000))))
    member_shop.rings_up("SHIRT")
    member_shop.names(WANG_PHONE)
    member_shop.asks(ask.UseCoupon("c-1"))
    before = member_shop.basket
    member_shop.scan("M000000042")
    assert member_shop.basket == before


def test_dropping_the_member_takes_prices_and_coupons_back(member_shop):
    member_shop.store.knows(facts(), offer("c-1", form("ten", amount_off(1000))))
    member_shop.names(WANG_PHONE)
    member_shop.rings_up("GUM", "SHIRT")
    member_shop.asks(ask.UseCoupon("c-1"))
    view = member_shop.asks(ask.DropMember())
    # 3.33 + 129.00, nothing off.
    assert view.basket.due_minor == 333 + 12900
    assert view.shopper.member is None
    assert view.shopper.coupons == ()
    assert len(member_shop.basket.released) == 1
    assert member_shop.asks(ask.DropMember()).notice.severity is Severity.BAD


def test_a_tier_reached_while_the_basket_was_rung_up_counts_from_the_next_sale(member_shop):
    member_shop.rings_up("MILK")
    member_shop.clock.advance(timedelta(minutes=1))
    member_shop.names(LI_PHONE)
    risen = li(tiers=(TierSpan("plain", NOON - DAY), TierSpan("gold", NOON + timedelta(seconds=30))))
    view = member_shop.members.finds(facts(risen))
    assert str(view.shopper.member.tier_name) == "普通"
    member_shop.asks(TakeTender("cash"))
    member_shop.names(LI_PHONE)
    view = member_shop.rings_up("MILK")
    assert str(view.shopper.member.tier_name) == "金卡"


def test_an_offer_once_for_each_member_counts_this_tills_sales_that_nobody_was_told_yet(member_shop):
    member_shop.store.knows(facts())
    member_shop.names(WANG_PHONE)
    assert member_shop.rings_up("SHIRT").basket.due_minor == 11900
    member_shop.asks(TakeTender("cash"))
    member_shop.clock.advance(timedelta(minutes=5))
    member_shop.names(WANG_PHONE)
    view = member_shop.members.finds(facts(used_offers=()))
    # Headquarters has not heard of it yet: once is once.
    view = member_shop.rings_up("SHIRT")
    assert view.basket.due_minor == 12900


def test_what_headquarters_has_heard_of_is_not_counted_twice(member_shop):
    limit = [one for one in member_shop.counter.offers.rules.offers if one.id == "shirt-once"]
    assert limit[0].limit.per_member == 1
    member_shop.store.knows(facts())
    member_shop.names(WANG_PHONE)
    member_shop.rings_up("SHIRT")
    member_shop.asks(TakeTender("cash"))
    member_shop.store.facts_told(1)
    member_shop.clock.advance(timedelta(minutes=5))
    member_shop.names(WANG_PHONE)
    member_shop.members.finds(facts(used_offers=(("shirt-once", 1),)))
    member_shop.rings_up("SHIRT")
    assert member_shop.basket.member.used_offers == (("shirt-once", 1),)


def test_the_first_purchase_is_over_with_the_first_sale_here(member_shop):
    member_shop.store.knows(facts(bought_before=False))
    member_shop.names(WANG_PHONE)
    member_shop.rings_up("SHIRT")
    assert member_shop.basket.member.first_purchase
    member_shop.asks(TakeTender("cash"))
    member_shop.names(WANG_PHONE)
    member_shop.rings_up("SHIRT")
    assert not member_shop.basket.member.first_purchase


def test_an_offer_for_the_first_purchase_is_given_once_also_while_headquarters_is_away(member_shop):
    first = Offer(
        "first", "首单", Percent(1000), goods=Goods(products=("SHIRT",)), who=Who(member=True, first_purchase=True)
    )
    member_shop.counter = replace(member_shop.counter, offers=rules_of(first))
    member_shop.restart()
    member_shop.members.gone = AWAY
    member_shop.store.knows(facts(bought_before=False))
    # A sale without any promotion, of which headquarters was told before its copy said otherwise.
    member_shop.names(WANG_PHONE)
    member_shop.rings_up("MILK")
    member_shop.asks(TakeTender("cash"))
    member_shop.clock.advance(timedelta(minutes=5))
    member_shop.names(WANG_PHONE)
    assert member_shop.rings_up("SHIRT").basket.due_minor == 12900


def test_a_recalled_basket_has_its_member_and_coupons_again_and_asks_again(member_shop):
    member_shop.store.knows(facts(), offer("c-1", form("ten", amount_off(1000))))
    member_shop.names(WANG_PHONE)
    member_shop.rings_up("GUM")
    basket_id = member_shop.basket.basket_id
    view = member_shop.asks(SuspendBasket())
    assert view.shopper.member is None
    assert view.suspended[0].member == "王**"
    member_shop.members.questions.clear()
    view = member_shop.asks(RecallBasket(basket_id))
    assert view.shopper.member.points == 2350
    assert [one.coupon_id for one in view.shopper.coupons] == ["c-1"]
    assert member_shop.members.questions == [FindMember(basket_id, WANG_KEY)]
    assert view.basket.due_minor == 250


def test_a_restarted_till_has_the_same_deal_and_asks_with_the_first_request(member_shop):
    member_shop.store.knows(facts())
    member_shop.names(WANG_PHONE)
    member_shop.rings_up("GUM", "MILK", "MILK")
    before = member_shop.basket
    member_shop.members.questions.clear()
    view = member_shop.restart().view()
    assert member_shop.basket == before
    assert view.shopper.member.masked_name == "王**"
    assert view.basket.due_minor == 250 + 1290 + 645
    whys = [discount.why for line in view.basket.lines for discount in line.discounts]
    assert len(whys) == 2
    assert None not in whys
    assert member_shop.members.questions == []
    member_shop.rings_up("GUM")
    assert member_shop.members.questions == [FindMember(before.basket_id, WANG_KEY)]


def test_nothing_of_the_shopper_meets_the_next_one(member_shop):
    member_shop.store.knows(facts(), offer("c-1", form("ten", amount_off(1000))))
    for end in (TakeTender("cash"), AbandonBasket("gone"), None):
        member_shop.names(WANG_PHONE)
        line = member_shop.rings_up("GUM").basket.lines[0].line_id
        member_shop.asks(ask.ShowMember())
        member_shop.asks(ask.ShowDeal())
        view = member_shop.asks(end or VoidLine(line))
        assert view.shopper.member is None
        assert view.shopper.coupons == ()
        assert not view.member_shown
        assert view.deal is None
        assert member_shop.rings_up("GUM").basket.due_minor == 333
        member_shop.asks(AbandonBasket("gone"))


def test_headquarters_hears_of_sales_and_of_baskets_that_were_given_up(member_shop):
    for number, end in enumerate((TakeTender("cash"), AbandonBasket("gone"), VoidLine(1)), 1):
        member_shop.rings_up("GUM")
        member_shop.asks(end)
        assert member_shop.members.waits == number


def test_a_member_forgotten_since_the_copy_was_made_is_named_no_longer(member_shop):
    member_shop.store.knows(facts())
    member_shop.rings_up("GUM")
    member_shop.names(WANG_PHONE)
    view = member_shop.members.finds(facts(member().forgotten()))
    assert view.basket.due_minor == 333
    assert view.shopper.member is None
    assert "m-wang" not in member_shop.store.copies


def test_a_number_that_headquarters_does_not_know_any_more_has_no_copy_here_either(member_shop):
    member_shop.store.knows(facts())
    member_shop.rings_up("GUM")
    member_shop.names(WANG_PHONE)
    view = member_shop.members.finds(None)
    assert view.shopper.member is None
    assert view.basket.due_minor == 333
    assert member_shop.store.copies == {}


def test_a_telephone_code_that_headquarters_does_not_take_keeps_whom_the_copy_knows(member_shop):
    member_shop.rings_up("GUM")
    member_shop.scan(member_pass("m-wang"))
    view = member_shop.members.finds(None, reach=Reach.REFUSED)
    assert view.shopper.member is None
    assert "Scan a new one" in str(view.notice.sentence)
    member_shop.store.knows(facts())
    member_shop.scan(member_pass("m-wang"))
    view = member_shop.members.finds(None, reach=Reach.REFUSED)
    assert view.shopper.member.masked_name == "王**"


def test_a_new_member_agrees_to_the_notice_and_the_sale_is_theirs(member_shop):
    member_shop.rings_up("GUM")
    view = member_shop.asks(ask.Enrol(LI_PHONE, "李雷", "1999-08-07", agrees_to_messages=True))
    assert view.shopper.looking
    question = member_shop.members.last(EnrolMember)
    assert isinstance(question, EnrolMember)
    assert question.member.birthday.month == 8
    assert {consent.purpose for consent in question.consents} == {Purpose.MEMBERSHIP, Purpose.MESSAGES}
    assert {consent.notice_version for consent in question.consents} == {3}
    view = member_shop.members.finds(facts(question.member, points=0, value_minor=0, bought_before=False))
    assert view.basket.due_minor == 250
    assert "李*" in str(view.notice.sentence)


@pytest.mark.parametrize("birthday", ["13-01", "02-30", "last spring"])
def test_a_birthday_that_is_no_day_is_refused(member_shop, birthday):
    view = member_shop.asks(ask.Enrol(LI_PHONE, birthday_text=birthday))
    assert view.notice.code == "BAD-BIRTHDAY"
    assert member_shop.members.questions == []


def test_enrolling_who_is_a_member_already_names_them(member_shop):
    member_shop.asks(ask.Enrol(LI_PHONE))
    view = member_shop.members.finds(facts(li()), reach=Reach.REFUSED)
    assert view.shopper.member.masked_name == "李*"
    assert "already" in str(view.notice.sentence)


def test_nobody_is_enrolled_while_headquarters_is_away(member_shop):
    member_shop.members.gone = AWAY
    assert member_shop.asks(ask.Enrol(LI_PHONE)).notice.severity is Severity.BAD
    member_shop.members.gone = None
    member_shop.asks(ask.Enrol(LI_PHONE))
    view = member_shop.members.finds(None, reach=Reach.AWAY)
    assert view.shopper.enrol_phone == f"+86{LI_PHONE}"


def test_news_of_members_leaves_a_warning_on_screen_alone(member_shop):
    member_shop.store.knows(facts())
    member_shop.rings_up("GUM")
    member_shop.names(LI_PHONE)
    refused = member_shop.scan("4006381333931")
    assert refused.notice.code == "CODE-NOT-KNOWN"
    view = member_shop.members.finds(facts(li()))
    assert view.notice.code == "CODE-NOT-KNOWN"
    assert view.shopper.member is not None


def test_a_copy_that_cannot_be_kept_keeps_nobody_from_being_named(member_shop):
    member_shop.store.copies_fail = True
    with pytest.raises(CopiesFail):
        member_shop.store.keep_member_copy(MemberAnswer(Reach.ANSWERED, facts()), NOON)
    member_shop.names(WANG_PHONE)
    assert member_shop.members.finds(facts()).shopper.member is not None


def test_news_that_the_store_could_not_take_is_heard_again(member_shop):
    member_shop.rings_up("GUM")
    member_shop.names(WANG_PHONE)
    member_shop.store.fails_at = frozenset({"save_basket"})
    view = member_shop.members.finds(facts())
    assert view.notice.severity is Severity.BAD
    assert view.basket.due_minor == 333
    assert member_shop.till.has_unheard
    member_shop.store.fails_at = frozenset()
    view = member_shop.asks(ask.ShowMember())
    assert view.basket.due_minor == 250
    assert not member_shop.till.has_unheard


def test_a_shop_without_members_says_so(paying_shop):
    view = paying_shop.till.handle(ask.NameMember(WANG_PHONE))
    assert view.notice.severity is Severity.BAD
    assert not view.shopper.can_enrol


def test_a_member_card_while_a_question_is_open_waits_for_its_answer(member_shop):
    member_shop.rings_up("APPLE")
    view = member_shop.scan("M000000042")
    assert "Answer the question" in str(view.notice.sentence)


def test_a_member_waiting_does_not_take_the_place_of_a_recalled_baskets_own(member_shop):
    member_shop.store.knows(facts())
    member_shop.store.knows(facts(li(), points=5))
    member_shop.names(WANG_PHONE)
    member_shop.rings_up("GUM")
    basket_id = member_shop.basket.basket_id
    member_shop.asks(SuspendBasket())
    member_shop.names(LI_PHONE)
    view = member_shop.asks(RecallBasket(basket_id))
    assert view.shopper.member.masked_name == "王**"
    member_shop.asks(AbandonBasket("gone"))
    assert member_shop.rings_up("GUM").shopper.member is None


def test_a_recalled_basket_whose_copy_is_gone_shows_nothing_of_the_member_named_before_it(member_shop):
    member_shop.store.knows(facts(), offer("c-1", form("ten", amount_off(1000))))
    member_shop.names(WANG_PHONE)
    member_shop.rings_up("GUM")
    basket_id = member_shop.basket.basket_id
    member_shop.asks(SuspendBasket())
    member_shop.store.copies.clear()
    member_shop.store.knows(facts(li()), offer("c-2", form("five", amount_off(500))))
    member_shop.names(LI_PHONE)
    view = member_shop.asks(RecallBasket(basket_id))
    assert view.shopper.member.masked_name == ""
    assert view.shopper.member.points_expiring == ()
    assert view.shopper.coupons == ()
    assert view.basket.due_minor == 250


def test_a_late_answer_about_the_number_before_names_nobody(member_shop):
    member_shop.rings_up("GUM")
    member_shop.names(LI_PHONE)
    earlier = member_shop.members.questions[-1]
    member_shop.names(WANG_PHONE)
    view = member_shop.members.says(ask.MemberAnswered(earlier, MemberAnswer(Reach.ANSWERED, facts(li()))))
    assert view.shopper.member is None
    assert view.shopper.looking
    assert member_shop.members.finds(facts()).shopper.member.masked_name == "王**"


def test_a_recalled_basket_is_not_for_the_one_who_was_named_before_it(member_shop):
    member_shop.store.knows(facts())
    member_shop.rings_up("GUM")
    basket_id = member_shop.basket.basket_id
    member_shop.asks(SuspendBasket())
    member_shop.names(WANG_PHONE)
    view = member_shop.asks(RecallBasket(basket_id))
    assert view.basket.due_minor == 333
    assert "王** was named before" in str(view.notice.sentence)
    assert member_shop.names(WANG_PHONE).basket.due_minor == 250


@pytest.mark.parametrize("phone", ["", LI_PHONE])
def test_an_answer_about_who_was_asked_for_before_a_recall_does_not_take_the_basket(member_shop, phone):
    member_shop.store.knows(facts(li()))
    if phone:
        member_shop.names(phone)
    member_shop.rings_up("SHIRT")
    before = member_shop.basket
    member_shop.asks(SuspendBasket())
    member_shop.store.copies.clear()
    member_shop.names(WANG_PHONE)
    member_shop.asks(RecallBasket(before.basket_id))
    view = member_shop.members.finds(facts())
    after = member_shop.basket.member
    assert (after.member_id if after else "") == ("m-li" if phone else "")
    assert not view.shopper.looking
    assert member_shop.store.copies["m-wang"].facts.points == 2350


def test_naming_the_next_member_clears_the_sale_before_from_the_screen(member_shop):
    member_shop.store.knows(facts())
    member_shop.rings_up("GUM")
    assert member_shop.asks(TakeTender("cash")).phase is Phase.PAID
    view = member_shop.names(WANG_PHONE)
    assert view.phase is Phase.SELLING
    assert view.completed is None


def test_points_are_earned_shown_and_told_with_the_sale(member_shop):
    member_shop.store.knows(facts())
    member_shop.names(WANG_PHONE)
    view = member_shop.rings_up("MILK", "MILK")
    # 19.35 paid: 19 points for each yuan begun, half as many more for gold: 29.025, cut.
    assert view.basket.due_minor == 1935
    assert view.shopper.member.earns == 29
    completed = member_shop.asks(TakeTender("cash")).completed
    assert (completed.points_earned, completed.points_now) == (29, 2350 + 29)
    sale = member_shop.store.sales[0].sale
    assert sale.member.member_id == "m-wang"
    assert sale.member.points_earned == 29


def test_what_is_owed_is_paid_by_the_points_of_the_sale_first(member_shop):
    member_shop.store.knows(facts(points=0, points_owed=20))
    member_shop.names(WANG_PHONE)
    member_shop.rings_up("MILK", "MILK")
    completed = member_shop.asks(TakeTender("cash")).completed
    assert (completed.points_earned, completed.points_now) == (29, 9)


def test_the_birthday_doubles_the_points_and_is_shown(member_shop):
    assert isinstance(member_shop.clock, FixedClock)
    born_today = replace(member(), birthday=replace(member().birthday, month=11, day=22))
    member_shop.store.knows(facts(born_today))
    member_shop.names(WANG_PHONE)
    view = member_shop.rings_up("MILK", "MILK")
    assert view.shopper.member.birthday
    assert view.shopper.member.earns == 58


def test_points_are_shown_by_the_day_on_which_the_sale_is_booked(member_shop):
    born_today = replace(member(), birthday=replace(member().birthday, month=11, day=22))
    member_shop.store.knows(facts(born_today))
    member_shop.rings_up("GUM")
    member_shop.asks(TakeTender("cash"))
    # Set back to the 21st: the session of the 22nd goes on.
    member_shop.clock.advance(-timedelta(hours=13))
    member_shop.names(WANG_PHONE)
    view = member_shop.rings_up("MILK", "MILK")
    assert (view.shopper.member.earns, view.shopper.member.birthday) == (58, True)
    assert member_shop.asks(TakeTender("cash")).completed.points_earned == 58


def test_a_copy_of_the_receipt_says_the_points_as_they_were(member_shop):
    member_shop.store.knows(facts(points_owed=20))
    member_shop.names(WANG_PHONE)
    member_shop.rings_up("MILK", "MILK")
    member_shop.asks(TakeTender("points"))
    member_shop.desk.approves()
    shown = member_shop.asks(TakeTender("cash")).completed
    stored = member_shop.store.sales[0].sale.member
    # 900 points pay 9.00 of 19.35; the 10.35 left earn 10 and half as many for gold, 15, which pay 15 of the 20 owed.
    assert (stored.points_spent, stored.points_earned, stored.points_after) == (900, 15, 2350 - 900 + 15 - 15)
    assert shown.points_now == stored.points_after
    member_shop.members.terms = replace(TERMS, points_tender=PointsTender(points=200, step=200, least=200))
    member_shop.asks(ReprintReceipt(None))
    first, copy = (order.receipt.completed.sale.member for order in member_shop.printer.orders)
    assert first == copy == stored


def test_the_view_says_what_is_missing_to_the_next_tier_and_what_ends(member_shop):
    member_shop.store.knows(facts(li()))
    view = member_shop.names(LI_PHONE)
    shown = view.shopper.member
    assert (str(shown.to_next_tier[0]), shown.to_next_tier[1]) == ("金卡", 40_000)
    # 2,350 points at a hundred for one yuan.
    assert shown.points_worth_minor == 2350
    assert shown.points_expiring[0][1] == 300


def test_no_name_or_number_is_in_what_might_be_logged(member_shop):
    member_shop.store.knows(facts())
    member_shop.names(WANG_PHONE)
    view = member_shop.rings_up("GUM")
    for shown in (member_shop.till._state, view, ask.NameMember(WANG_PHONE), member_shop.basket):
        text = repr(shown)
        assert "小明" not in text
        assert WANG_PHONE not in text
