"""Looks at payments that were taken back: nobody answers, or the provider does not know of them for a while."""

from app.payments.attempt_record import AttemptState, ExceptionKind
from app.payments.desk_requests import CancelRequest, ExceptionRaised
from app.payments.provider import Verdict
from tests.faults.payment_world import AMOUNT, order_of
from tests.unit.app.payments.desk_cases import WAITS, Desk, Told, say

TAKEN_BACK = {"reverse": [say(Verdict.REVERSED)]}
HOUR = 3600


def taken_back() -> Desk:
    """A payment that waited for its shopper and was taken back; looked at 60 and 300 seconds after that."""
    desk = Desk(Told(answers=WAITS | TAKEN_BACK | {"refund": [say(Verdict.APPROVED, AMOUNT)]}))
    desk.ask(order_of(), CancelRequest("attempt-1", "007"))
    desk.seconds(16)
    assert desk.ended()[-1].state is AttemptState.REVERSED
    return desk


def kinds(desk: Desk) -> list[ExceptionKind]:
    return [event.case.kind for event in desk.events if isinstance(event, ExceptionRaised)]


def test_a_provider_that_forgot_a_payment_at_the_last_look_is_looked_at_again() -> None:
    desk = taken_back()
    desk.provider.answers["query"] = [say(Verdict.NOT_FOUND), say(Verdict.NOT_FOUND), say(Verdict.APPROVED, AMOUNT)]
    desk.seconds(HOUR)
    assert kinds(desk) == [ExceptionKind.LATE_APPROVAL]
    assert desk.provider.count("refund") == 1


def test_a_payment_that_never_was_is_not_looked_for_for_ever() -> None:
    desk = taken_back()
    before = desk.provider.count("query")
    desk.provider.answers["query"] = [say(Verdict.NOT_FOUND)]
    desk.seconds(24 * HOUR)
    # The look after a minute, the one after five, and that one four times more.
    assert desk.provider.count("query") == before + 6
    assert kinds(desk) == []


def test_after_an_hour_without_an_answer_a_person_is_told_once() -> None:
    desk = taken_back()
    desk.provider.answers["query"] = [say(Verdict.UNKNOWN)]
    # A look after one minute, and eleven more every five.
    desk.seconds(55 * 60)
    assert kinds(desk) == []
    desk.seconds(5 * 60)
    assert kinds(desk) == [ExceptionKind.NOT_LOOKED_AT]
    desk.seconds(24 * HOUR)
    assert kinds(desk) == [ExceptionKind.NOT_LOOKED_AT]
    assert [case.kind for case in desk.store.open_exceptions()] == [ExceptionKind.NOT_LOOKED_AT]


def test_the_till_closes_the_case_when_the_provider_says_that_nothing_was_charged() -> None:
    desk = taken_back()
    desk.provider.answers["query"] = [say(Verdict.UNKNOWN)]
    desk.seconds(2 * HOUR)
    desk.provider.answers["query"] = [say(Verdict.REVERSED)]
    desk.seconds(2 * HOUR)
    assert desk.store.open_exceptions() == ()


def test_the_till_closes_the_case_after_a_restart_too() -> None:
    desk = taken_back()
    desk.provider.answers["query"] = [say(Verdict.UNKNOWN)]
    desk.seconds(2 * HOUR)
    desk.start()
    desk.provider.answers["query"] = [say(Verdict.REVERSED)]
    desk.seconds(HOUR)
    assert desk.store.open_exceptions() == ()


def test_a_charge_that_shows_after_hours_is_given_back_and_told_as_what_it_is() -> None:
    desk = taken_back()
    desk.provider.answers["query"] = [say(Verdict.UNKNOWN)]
    desk.seconds(5 * HOUR)
    desk.provider.answers["query"] = [say(Verdict.APPROVED, AMOUNT)]
    desk.seconds(2 * HOUR)
    assert desk.provider.count("refund") == 1
    assert [case.kind for case in desk.store.open_exceptions()] == [ExceptionKind.LATE_APPROVAL]


def test_after_two_days_without_an_answer_the_case_stands_and_the_asking_ends() -> None:
    desk = taken_back()
    desk.provider.answers["query"] = [say(Verdict.UNKNOWN)]
    desk.seconds(60 * HOUR)
    asked = desk.provider.count("query")
    desk.seconds(24 * HOUR)
    assert desk.provider.count("query") == asked
    assert [case.kind for case in desk.store.open_exceptions()] == [ExceptionKind.NOT_LOOKED_AT]
