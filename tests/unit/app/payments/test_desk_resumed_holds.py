"""A till that died while it held value is free again as soon as the accounts answer; a wallet's payment still waits."""

from datetime import timedelta

import pytest

from app.payments.attempt_record import AttemptState
from app.payments.desk_requests import AttemptEnded, CancelRequest
from app.payments.provider import ProviderCapabilities, ProviderTimes, Verdict
from tests.faults.payment_world import AMOUNT, Killed, order_of
from tests.unit.app.payments.desk_cases import Desk, Told, say

VALUE_TIMES = ProviderTimes(ask_every_s=3, ask_until_s=30, reverse_not_before_s=0)
HOLDS = ProviderCapabilities(captures=True, times=VALUE_TIMES)
WALLET = ProviderCapabilities(times=VALUE_TIMES)
NEVER_HEARD = {"query": [say(Verdict.NOT_FOUND)], "reverse": [say(Verdict.REVERSED)]}


def killed_while_holding(able: ProviderCapabilities, answers, down: timedelta = timedelta(seconds=1)) -> Desk:
    """Return a till that was killed in the call to pay, and is to be started again."""
    desk = Desk(Told(able, answers))

    def kill(call: str) -> None:
        raise Killed

    desk.provider.during = kill
    with pytest.raises(Killed):
        desk.ask(order_of())
    desk.provider.during = lambda call: None
    desk.provider.calls.clear()
    desk.clock.advance(down)
    return desk


def seconds_until_free(desk: Desk) -> int:
    """Start the till, and return after how many whole seconds the payment is over."""
    began = desk.clock.now()
    desk.start()
    for _ in range(120):
        if any(isinstance(event, AttemptEnded) for event in desk.events):
            break
        desk.seconds(1)
    assert desk.ended(), "the till stays locked"
    return (desk.clock.now() - began) // timedelta(seconds=1)


def made(desk: Desk) -> list[str]:
    return [call for call, _ in desk.provider.calls]


def test_a_hold_that_never_arrived_is_let_go_at_the_start() -> None:
    desk = killed_while_holding(HOLDS, NEVER_HEARD)
    assert seconds_until_free(desk) == 0
    assert made(desk) == ["query", "reverse"]
    (ended,) = desk.ended()
    assert (ended.state, ended.approved_minor) == (AttemptState.REVERSED, 0)


def test_a_hold_that_arrived_counts_at_the_start_and_is_not_let_go() -> None:
    desk = killed_while_holding(HOLDS, {"query": [say(Verdict.APPROVED, AMOUNT, "ACC-1")]})
    assert seconds_until_free(desk) == 0
    assert made(desk) == ["query"]
    assert desk.ended()[0].state is AttemptState.APPROVED


def test_a_hold_that_was_taken_after_all_when_it_is_let_go_is_given_back() -> None:
    # The request arrives between the question and the release, and somebody took it: only a refund gives it back.
    answers = {"query": [say(Verdict.NOT_FOUND)], "reverse": [say(Verdict.APPROVED, AMOUNT)]}
    desk = killed_while_holding(HOLDS, answers | {"refund": [say(Verdict.APPROVED, AMOUNT)]})
    assert seconds_until_free(desk) == 0
    desk.seconds(1)
    assert made(desk) == ["query", "reverse", "refund"]


def test_while_the_accounts_are_silent_they_are_asked_every_three_seconds() -> None:
    silent = say(Verdict.UNKNOWN)
    desk = killed_while_holding(
        HOLDS, NEVER_HEARD | {"query": [silent, silent, say(Verdict.NOT_FOUND)]}, timedelta(seconds=1)
    )
    # At once, after 3 and after 6 seconds; then it is let go.
    assert seconds_until_free(desk) == 6
    assert made(desk) == ["query", "query", "query", "reverse"]


def test_a_release_without_an_answer_is_repeated_until_it_is_certain() -> None:
    answers = NEVER_HEARD | {"reverse": [say(Verdict.UNKNOWN), say(Verdict.REVERSED)]}
    desk = killed_while_holding(HOLDS, answers)
    assert seconds_until_free(desk) == VALUE_TIMES.reverse_every_s
    assert made(desk) == ["query", "reverse", "reverse"]


def test_what_the_cashier_had_cancelled_is_let_go_without_a_question() -> None:
    desk = Desk(Told(HOLDS, {"pay": [say(Verdict.UNKNOWN)]}))
    desk.provider.during = lambda call: desk.rounds.take(CancelRequest("attempt-1", "007")) if call == "pay" else None
    kept = desk.store.save_attempt

    def dies_at_the_release(record) -> None:
        kept(record)
        if record.steps[-1].last_reversed_at is not None:
            raise Killed

    desk.store.save_attempt = dies_at_the_release
    with pytest.raises(Killed):
        desk.ask(order_of())
    desk.store.save_attempt = kept
    desk.provider.answers = NEVER_HEARD
    desk.provider.calls.clear()
    desk.clock.advance(timedelta(seconds=30))
    assert seconds_until_free(desk) == 0
    assert made(desk) == ["reverse"]


def test_a_hold_under_way_in_this_run_is_waited_for_as_before() -> None:
    desk = Desk(Told(HOLDS, NEVER_HEARD | {"pay": [say(Verdict.UNKNOWN)]}))
    desk.ask(order_of())
    desk.seconds(29)
    assert "reverse" not in made(desk)
    desk.seconds(1)
    assert made(desk)[-1] == "reverse"


def test_a_wallets_payment_still_has_its_time_after_a_start() -> None:
    # The shopper's code may still arrive: what a wallet does not know yet is asked for thirty seconds.
    desk = killed_while_holding(WALLET, NEVER_HEARD)
    assert seconds_until_free(desk) == 30
    # First 3 seconds after it was sent, 2 after the start, then every 3 seconds, and one reverse at the end.
    assert made(desk) == ["query"] * 10 + ["reverse"]
