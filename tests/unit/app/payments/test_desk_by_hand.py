"""A payment that only a person can see come: it waits for her word, through a restart too, and never times out."""

from dataclasses import replace

import pytest

from app.payments.attempt_record import AttemptState, Method
from app.payments.desk_requests import AskNow, CancelRequest, ConfirmRequest, DeskReady
from app.payments.provider import ProviderCapabilities, Verdict
from tests.faults.payment_world import AMOUNT, order_of
from tests.unit.app.payments.desk_cases import BY_HAND, WAITS, Desk, Told, say

CODE = order_of(method=Method.MERCHANT_CODE, shopper_code="")


def waiting() -> Desk:
    desk = Desk(Told(BY_HAND, dict(WAITS)))
    desk.ask(CODE)
    return desk


def test_the_code_is_shown_and_the_time_is_not_counted() -> None:
    desk = waiting()
    shown = desk.changed()[-1]
    assert (shown.payload, shown.seconds_left, shown.ends_at) == ("000201...", None, None)
    assert str(shown.sentence) == "So says the provider."
    desk.seconds(24 * 3600)
    assert desk.ended() == []
    assert [call for call, _ in desk.provider.calls] == ["offer"]
    assert desk.rounds.turn() is None


def test_the_cashiers_word_is_the_payment() -> None:
    desk = waiting()
    desk.ask(ConfirmRequest("attempt-1", "007", "  FT 26 \n 0012 "))
    (paid,) = desk.ended()
    assert (paid.state, paid.approved_minor, paid.last_code) == (AttemptState.APPROVED, AMOUNT, "BY-HAND")
    assert (paid.decided_by, paid.provider_reference) == ("007", "FT 26 0012")
    assert desk.store.open_exceptions() == ()
    desk.ask(ConfirmRequest("attempt-1", "007", "again"))
    assert desk.refused() == ["This payment is over already."]


def test_a_card_number_is_kept_nowhere() -> None:
    desk = waiting()
    desk.ask(ConfirmRequest("attempt-1", "007", "4111 1111 1111 1111"))
    assert "card number" in desk.refused()[0]
    assert "4111" not in repr((desk.store.steps, desk.events, ConfirmRequest("attempt-1", "007", "4111")))
    # Cut at forty characters it must not become one either.
    desk.ask(ConfirmRequest("attempt-1", "007", "x" * 24 + "4111111111111111" + "9999"))
    assert "4111" not in repr(desk.store.steps)
    assert desk.ended() == []


def test_a_provider_that_can_be_asked_is_not_confirmed_by_hand() -> None:
    desk = Desk(Told(answers=dict(WAITS)))
    desk.ask(order_of(), ConfirmRequest("attempt-1", "007", ""))
    assert "provider itself" in desk.refused()[0]
    assert desk.ended() == []


def test_a_cancel_is_over_at_once_reverses_nothing_and_sends_the_cashier_to_the_banking_app() -> None:
    desk = waiting()
    desk.ask(CancelRequest("attempt-1", "007"))
    (over,) = desk.ended()
    assert (over.state, over.cancel_by, over.last_code) == (AttemptState.REVERSED, "007", "NOT-SEEN")
    assert "banking app" in str(desk.events[-1].sentence)
    assert desk.store.open_exceptions() == ()
    desk.seconds(3600)
    # Nobody is asked about it afterwards: nobody could say.
    assert [call for call, _ in desk.provider.calls] == ["offer"]
    # The basket is free for another tender.
    desk.ask(order_of("attempt-2", method=Method.MERCHANT_CODE))
    assert desk.store.open_attempts()[0].attempt_id == "attempt-2"


def test_it_waits_through_a_restart() -> None:
    desk = waiting()
    desk.start()
    desk.seconds(3600)
    (still,) = desk.store.open_attempts()
    assert still.state is AttemptState.PENDING
    assert [
        event.unresolved[0].attempt_id for event in desk.events if isinstance(event, DeskReady) and event.unresolved
    ]
    assert "banking app" in str(desk.changed()[-1].sentence)
    desk.ask(ConfirmRequest("attempt-1", "007", "FT9"))
    assert desk.ended()[0].state is AttemptState.APPROVED


@pytest.mark.parametrize("steps", [2, 3])
def test_a_code_that_nobody_is_asked_for_is_shown_again_after_a_restart(steps: int) -> None:
    desk = Desk(Told(replace(BY_HAND, offers_again=True), dict(WAITS)))
    desk.ask(CODE)
    desk.store.steps["attempt-1"] = desk.store.steps["attempt-1"][:steps]  # being sent, or waiting
    desk.start()
    desk.seconds(60)
    shown = desk.changed()[-1]
    assert (shown.attempt.state, shown.payload) == (AttemptState.PENDING, "000201...")
    assert desk.provider.count("offer") == 2


def test_a_code_that_is_not_had_again_is_said_to_be_gone() -> None:
    desk = Desk(Told(ProviderCapabilities(merchant_code=True), dict(WAITS)))
    desk.ask(CODE)
    assert "no code" not in str(desk.changed()[-1].sentence)
    desk.start()
    desk.seconds(10)
    shown = desk.changed()[-1]
    assert (shown.attempt.state, shown.payload) == (AttemptState.PENDING, "")
    assert "no code to show" in str(shown.sentence)
    assert desk.provider.count("offer") == 1


def test_a_till_that_died_while_it_made_the_code_finds_it_waiting() -> None:
    desk = waiting()
    desk.store.steps["attempt-1"] = desk.store.steps["attempt-1"][:2]  # stored as being sent, and no further
    desk.start()
    desk.seconds(60)
    assert desk.store.open_attempts()[0].state is AttemptState.PENDING
    assert desk.provider.count("query") == 1


def test_what_it_is_asked_ahead_of_time_may_still_say_that_it_was_paid() -> None:
    desk = waiting()
    desk.provider.answers["query"] = [say(Verdict.APPROVED, AMOUNT)]
    desk.ask(AskNow("attempt-1"))
    assert desk.ended()[0].state is AttemptState.APPROVED
