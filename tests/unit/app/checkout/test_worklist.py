"""The payments that a person must look at: who closes them, with what word, and what closes by itself."""

from dataclasses import replace

import pytest

from app.catalogue.codes.scanned import Scanned
from app.checkout import payment_requests as ask_payment
from app.checkout import requests as ask
from app.payments.attempt_record import AttemptRecord, AttemptState, ExceptionCase, ExceptionKind
from app.payments.desk_requests import Decision
from tests.unit.app.checkout.conftest import WECHAT_CODE


@pytest.fixture
def troubled(paying_shop):
    """A payment of 12.90 that nobody can say anything about."""
    paying_shop.set_up(operator=replace(paying_shop.counter.settings.operator, role="supervisor"))
    paying_shop.rings_up("MILK")
    paying_shop.till.handle(ask.ScanCode(Scanned("wedge", WECHAT_CODE, None, paying_shop.clock.now())))
    paying_shop.desk.goes_on(AttemptState.UNKNOWN, help_called=True)
    raises(paying_shop, ExceptionKind.UNRESOLVED)
    return paying_shop


def raises(shop, kind):
    attempt_id = shop.desk.last().attempt_id
    case = ExceptionCase(attempt_id, kind, shop.clock.now(), 1290, "CNY")
    shop.store.save_attempt(AttemptRecord((), (case,)))
    return case.case_id


def test_the_worklist_names_what_the_providers_portal_is_searched_by(troubled):
    view = troubled.till.handle(ask_payment.ShowWorklist())
    (case,) = view.worklist.cases
    assert case.provider_number == troubled.store.attempt(troubled.desk.last().attempt_id).provider_number
    assert (case.shopper, case.amount_minor, case.attempt_open) == ("13******89", 1290, True)
    assert (case.tender_name.default, view.worklist.may_close, view.case_count) == ("微信支付", True, 1)
    assert troubled.till.handle(ask_payment.HideWorklist()).worklist is None


def test_a_case_whose_payment_is_still_being_asked_about_stays_open(troubled):
    case_id = troubled.till.handle(ask_payment.ShowWorklist()).worklist.cases[0].case_id
    view = troubled.till.handle(ask_payment.CloseCase(case_id, "seen"))
    assert (view.notice.code, view.case_count) == ("NOT-NOW", 1)


def test_a_supervisor_gives_up_a_refund_that_gets_no_answer(troubled):
    troubled.desk.approves()
    troubled.till.handle(ask_payment.ShowReceipt())
    troubled.till.handle(ask_payment.RefundTender(1, "", "broken"))
    refund = troubled.desk.refund_stored(AttemptState.UNKNOWN)
    case = ExceptionCase(refund.attempt_id, ExceptionKind.UNRESOLVED, troubled.clock.now(), 1290, "CNY")
    troubled.store.save_attempt(AttemptRecord((), (case,)))
    troubled.till.handle(ask_payment.HideReceipt())
    assert "reason" in str(troubled.till.handle(ask_payment.CloseCase(case.case_id, "")).notice.sentence)
    view = troubled.till.handle(ask_payment.CloseCase(case.case_id, "the provider is gone"))
    assert "Find out at the provider" in str(view.notice.sentence)
    assert "basket" not in str(view.notice.sentence)
    (decision,) = troubled.payments.decisions
    assert (decision.attempt_id, decision.decision, decision.decided_by, decision.reason) == (
        refund.attempt_id,
        Decision.GIVE_UP,
        "1001",
        "the provider is gone",
    )
    assert not troubled.store.closed, "the desk closes it with the refund"


def test_a_supervisor_closes_a_case_with_what_was_found(troubled):
    troubled.desk.approves(decided_by="1001")
    case_id = raises(troubled, ExceptionKind.ACCEPTED_ANYWAY)
    assert "reason" in str(troubled.till.handle(ask_payment.CloseCase(case_id, " ")).notice.sentence)
    view = troubled.till.handle(ask_payment.CloseCase(case_id, "on the bill"))
    assert view.case_count == 1  # the other one
    closed = troubled.store.closed[-1]
    assert (closed.case_id, closed.closed_by, closed.reason) == (case_id, "1001", "on the bill")
    assert "closed already" in str(troubled.till.handle(ask_payment.CloseCase(case_id, "again")).notice.sentence)


def test_a_cashier_sees_the_cases_and_closes_none(troubled):
    troubled.set_up(operator=replace(troubled.counter.settings.operator, role="cashier"))
    troubled.desk.ends(AttemptState.DECLINED)
    view = troubled.till.handle(ask_payment.ShowWorklist())
    assert not view.worklist.may_close
    view = troubled.till.handle(ask_payment.CloseCase(view.worklist.cases[0].case_id, "seen"))
    assert view.notice.code == "NOT-ALLOWED"
    assert not troubled.store.closed


def test_a_case_of_a_payment_that_this_till_no_longer_knows_can_still_be_read_and_closed(troubled):
    case = ExceptionCase("attempt-of-old", ExceptionKind.GIVEN_UP, troubled.clock.now(), 500, "CNY")
    troubled.store.save_attempt(AttemptRecord((), (case,)))
    view = troubled.till.handle(ask_payment.ShowWorklist())
    assert [(one.provider_number, one.tender_name.default) for one in view.worklist.cases][1:] == [("", "?")]
    assert troubled.till.handle(ask_payment.CloseCase(case.case_id, "old")).case_count == 1


def test_the_worklist_can_be_put_away_while_a_question_is_open(troubled):
    troubled.desk.ends(AttemptState.DECLINED)
    troubled.till.handle(ask_payment.ShowWorklist())
    view = troubled.rings_up("CIGARETTES")
    assert view.question is not None
    assert troubled.till.handle(ask_payment.HideWorklist()).worklist is None
