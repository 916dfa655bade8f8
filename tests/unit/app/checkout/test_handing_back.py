"""A tender that a provider charged is handed back: when it goes, when it comes back, and when a person must look."""

import pytest

from app.catalogue.codes.scanned import Scanned
from app.checkout import requests as ask
from app.checkout.payment_views import PaymentStage
from app.checkout.views import Phase
from app.payments.attempt_record import AttemptRecord, AttemptState, ExceptionCase, ExceptionKind
from app.payments.attempt_sentences import case_sentence
from app.payments.desk_requests import ExceptionRaised
from app.values.wording import wording
from tests.unit.app.checkout.conftest import WECHAT_CODE

APPROVED, UNKNOWN = AttemptState.APPROVED, AttemptState.UNKNOWN


def shows_code(shop, amount=""):
    return shop.till.handle(ask.ScanCode(Scanned("wedge", WECHAT_CODE, None, shop.clock.now()), amount))


def half_paid(shop):
    shop.rings_up("MILK")
    shows_code(shop, "5")
    return shop.desk.approves().basket.tenders[0].tender_id


def test_a_tender_goes_when_its_refund_is_stored_and_not_before(paying_shop):
    tender_id = half_paid(paying_shop)
    view = paying_shop.till.handle(ask.RemoveTender(tender_id))
    assert (view.payment.open.stage, len(view.basket.tenders)) == (PaymentStage.GIVING_BACK, 1)
    assert not view.payment.open.can_cancel
    view = paying_shop.desk.refund_is_not_stored(wording("The disk is full."))
    assert len(view.basket.tenders) == 1
    assert str(view.payment.open.sentence) == "The disk is full."
    view = paying_shop.desk.refund_goes_on(AttemptState.SUBMITTING)
    assert (view.payment.open, view.basket.tenders, view.payment.left_minor) == (None, (), 1290)
    assert "¥5.00 goes back" in str(view.notice.sentence)
    assert paying_shop.store.open_basket().tenders == ()


def test_a_refund_that_the_provider_refuses_makes_the_payment_count_again(paying_shop):
    paying_shop.till.handle(ask.RemoveTender(half_paid(paying_shop)))
    paying_shop.desk.refund_goes_on(AttemptState.SUBMITTING)
    view = paying_shop.desk.refund_ends(AttemptState.DECLINED)
    assert (len(view.basket.tenders), view.payment.left_minor) == (1, 790)
    assert "counts again" in str(view.notice.sentence)
    assert not paying_shop.store.cases
    assert paying_shop.till.handle(ask.TakeTender("cash")).phase is Phase.PAID


def test_a_case_that_the_desk_raised_is_closed_where_the_payment_counts_again(paying_shop):
    """The provider took its time, so the desk has had a person called; nothing is left for her to do."""
    paying_shop.till.handle(ask.RemoveTender(half_paid(paying_shop)))
    paying_shop.desk.refund_goes_on(AttemptState.UNKNOWN)
    refund_id = paying_shop.payments.refunds[-1].attempt_id
    case = ExceptionCase(refund_id, ExceptionKind.REFUND_DECLINED, paying_shop.clock.now(), 500, "CNY")
    paying_shop.store.save_attempt(AttemptRecord((), (case,)))
    assert paying_shop.desk.tell(ExceptionRaised(case, case_sentence(case.kind))).case_count == 1
    view = paying_shop.desk.refund_ends(AttemptState.DECLINED)
    assert (len(view.basket.tenders), view.case_count) == (1, 0)
    assert [(closed.case_id, closed.reason) for closed in paying_shop.store.closed] == [(case.case_id, "counts-again")]


def test_a_case_that_the_desk_raised_stays_while_the_basket_is_aside(paying_shop):
    """It may not fit any more when the basket is recalled."""
    paying_shop.till.handle(ask.RemoveTender(half_paid(paying_shop)))
    paying_shop.desk.refund_goes_on(AttemptState.UNKNOWN)
    paying_shop.till.handle(ask.SuspendBasket())
    refund_id = paying_shop.payments.refunds[-1].attempt_id
    case = ExceptionCase(refund_id, ExceptionKind.REFUND_DECLINED, paying_shop.clock.now(), 500, "CNY")
    paying_shop.store.save_attempt(AttemptRecord((), (case,)))
    paying_shop.desk.tell(ExceptionRaised(case, case_sentence(case.kind)))
    assert paying_shop.desk.refund_ends(AttemptState.DECLINED).case_count == 1
    assert not paying_shop.store.closed


def test_a_refund_that_is_refused_after_the_basket_was_sold_is_a_case_for_a_person(paying_shop):
    paying_shop.till.handle(ask.RemoveTender(half_paid(paying_shop)))
    paying_shop.desk.refund_goes_on(AttemptState.SUBMITTING)
    paying_shop.till.handle(ask.TakeTender("cash"))
    view = paying_shop.desk.refund_ends(AttemptState.DECLINED)
    refund_id = paying_shop.payments.refunds[-1].attempt_id
    assert list(paying_shop.store.cases) == [f"{refund_id}:refund_declined"]
    assert (view.case_count, view.phase) == (1, Phase.PAID)


def test_a_refused_refund_that_no_longer_fits_is_not_asked_for_for_ever(paying_shop):
    """5.00 by wallet, handed back; 10.00 in cash instead; the refund is refused: 2.90 is left, and 5.00 does not fit."""
    paying_shop.till.handle(ask.RemoveTender(half_paid(paying_shop)))
    paying_shop.desk.refund_goes_on(AttemptState.SUBMITTING)
    paying_shop.till.handle(ask.TakeTender("cash", "10"))
    view = paying_shop.desk.refund_ends(AttemptState.DECLINED)
    assert len(paying_shop.payments.refunds) == 1
    assert (view.case_count, view.payment.left_minor) == (1, 290)
    assert paying_shop.till.handle(ask.TakeTender("cash")).phase is Phase.PAID
    assert [tender.tender_type_id for tender in paying_shop.store.sales[0].sale.tenders] == ["cash", "cash"]


def test_a_hand_back_that_the_desk_refuses_leaves_the_tender(paying_shop):
    paying_shop.till.handle(ask.RemoveTender(half_paid(paying_shop)))
    view = paying_shop.desk.refuses(paying_shop.payments.refunds[0].attempt_id, wording("It gives nothing back."))
    assert (view.payment.open, len(view.basket.tenders)) == (None, 1)
    assert paying_shop.till.handle(ask.SuspendBasket()).basket.basket_id is None  # the queue does not wait for it


@pytest.mark.parametrize("state", [AttemptState.CREATED, AttemptState.SUBMITTING, UNKNOWN, APPROVED])
def test_a_till_stopped_during_a_hand_back_finds_the_tender_gone_once_the_refund_is_stored(paying_shop, state):
    tender_id = half_paid(paying_shop)
    paying_shop.till.handle(ask.RemoveTender(tender_id))
    paying_shop.restart()
    assert len(paying_shop.till.view().basket.tenders) == 1  # nothing was stored: nothing is on its way
    paying_shop.till.handle(ask.RemoveTender(tender_id))
    paying_shop.desk.refund_stored(state)
    paying_shop.restart()
    assert paying_shop.till.view().basket.tenders == ()
    view = paying_shop.desk.refund_ends(AttemptState.DECLINED) if state is UNKNOWN else paying_shop.till.view()
    assert len(view.basket.tenders) == (state is UNKNOWN)


def test_a_hand_back_while_the_basket_is_aside_is_found_done_at_the_recall(paying_shop):
    paying_shop.till.handle(ask.RemoveTender(half_paid(paying_shop)))
    view = paying_shop.till.handle(ask.SuspendBasket())
    paying_shop.desk.refund_goes_on(AttemptState.SUBMITTING)
    view = paying_shop.till.handle(ask.RecallBasket(view.suspended[0].basket_id))
    assert view.basket.tenders == ()
    assert paying_shop.store.open_basket().tenders == ()
