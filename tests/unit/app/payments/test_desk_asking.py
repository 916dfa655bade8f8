"""Questions ahead of their time, the time that is left, and what is told only after it is stored."""

from datetime import timedelta

import pytest

from app.payments.attempt_record import AttemptState, Method
from app.payments.desk_requests import (
    AskNow,
    AttemptChanged,
    CancelRequest,
    LateWord,
    RefundRequest,
    RequestRefused,
)
from app.payments.ports import AttemptNotStored
from app.payments.provider import Verdict
from app.values.wording import wording
from tests.faults.payment_world import AMOUNT, NOON, MemoryStore, order_of
from tests.unit.app.payments.desk_cases import PAID, TERMINAL, WAITS, Desk, Told, say

AT_TERMINAL = order_of(method=Method.TERMINAL, shopper_code="")
BACK = RefundRequest("wanted-1", "attempt-1", 1000, "007", "broken")


class StoreThatFails(MemoryStore):
    """Says no to so many saves."""

    def __init__(self) -> None:
        super().__init__()
        self.fails = 0
        self.stored_unsaid = False

    def save_attempt(self, record) -> None:
        if self.fails and self.stored_unsaid:
            super().save_attempt(record)
        if self.fails:
            self.fails -= 1
            raise AttemptNotStored(wording("The disk is full."))
        super().save_attempt(record)


def test_a_terminal_that_is_done_is_asked_at_once() -> None:
    desk = Desk(Told(TERMINAL, dict(WAITS)))
    desk.ask(AT_TERMINAL)
    desk.provider.answers["query"] = [say(Verdict.APPROVED, AMOUNT)]
    desk.seconds(1)
    assert desk.ended() == []
    desk.ask(AskNow("attempt-1"))
    assert desk.ended()[0].state is AttemptState.APPROVED
    # Asked four seconds before its time, and once.
    assert desk.clock.now() == NOON + timedelta(seconds=1)
    assert desk.provider.count("query") == 1


def test_a_terminal_that_is_done_while_it_is_being_asked_is_asked_once_more() -> None:
    desk = Desk(Told(TERMINAL, dict(WAITS)))

    def done(call: str) -> None:
        if call == "pay":
            desk.provider.answers["query"] = [say(Verdict.APPROVED, AMOUNT)]
            desk.rounds.take(AskNow("attempt-1"))

    desk.provider.during = done
    desk.ask(AT_TERMINAL)
    assert desk.ended() == [] or desk.ended()[0].state is AttemptState.APPROVED
    desk.ask(AskNow("attempt-1"))
    assert desk.ended()[0].state is AttemptState.APPROVED


def test_a_terminal_that_says_it_again_and_again_is_asked_once_a_second_and_then_at_its_usual_pace() -> None:
    desk = Desk(Told(TERMINAL, dict(WAITS)))
    desk.ask(AT_TERMINAL)
    for _ in range(30):
        desk.ask(AskNow("attempt-1"))
    assert desk.provider.count("query") == 1
    desk.seconds(1)
    assert desk.provider.count("query") == 2
    # The usual five seconds after the last.
    desk.seconds(4)
    assert desk.provider.count("query") == 2
    desk.seconds(1)
    assert desk.provider.count("query") == 3


def test_a_question_ahead_of_time_comes_between_two_reverses_too() -> None:
    desk = Desk(Told(TERMINAL, dict(WAITS)))
    desk.ask(AT_TERMINAL, CancelRequest("attempt-1", "007"))
    desk.seconds(16)
    assert desk.provider.count("reverse") == 1
    desk.provider.answers["query"] = [say(Verdict.DECLINED)]
    desk.ask(AskNow("attempt-1"))
    assert desk.ended()[0].state is AttemptState.DECLINED
    assert desk.provider.count("reverse") == 1


def test_a_refund_that_has_an_answer_is_asked_at_once() -> None:
    desk = Desk(Told(answers=PAID | {"refund": [say(Verdict.PENDING)]}))
    desk.ask(order_of())
    desk.ask(BACK)
    desk.provider.answers["query_refund"] = [say(Verdict.APPROVED, 1000)]
    desk.ask(AskNow("wanted-1"))
    assert desk.ended()[-1].approved_minor == 1000


def test_what_is_over_or_unknown_or_not_sent_is_asked_nothing() -> None:
    desk = Desk(Told(answers=dict(PAID)))
    desk.ask(order_of())
    desk.ask(AskNow("attempt-1"), AskNow("nobody"))
    assert desk.provider.count("query") == 0
    assert desk.refused() == []


def test_a_terminal_is_asked_only_where_there_is_one_and_gets_no_shoppers_code() -> None:
    none = Desk(Told(answers=dict(WAITS)))
    none.ask(AT_TERMINAL)
    assert none.refused() == ["This way to pay is not set up at this till. Choose another."]
    desk = Desk(Told(TERMINAL, dict(WAITS)))
    desk.ask(order_of(method=Method.TERMINAL))
    assert desk.provider.calls[0][1].shopper_code == ""
    assert desk.store.open_attempts()[0].masked_code == ""


def test_the_time_ends_at_an_instant_of_the_wall_clock() -> None:
    desk = Desk(Told(answers=dict(WAITS)))
    desk.ask(order_of())
    assert desk.changed()[-1].ends_at == NOON + timedelta(seconds=45)
    # The wall clock is set an hour back: ten seconds later 35 are left, by the clock as it shows now.
    desk.clock.jump(NOON - timedelta(hours=1))
    desk.seconds(10)
    said = desk.changed()[-1]
    assert said.seconds_left == 35
    assert said.ends_at == NOON - timedelta(hours=1) + timedelta(seconds=45)
    desk.ask(CancelRequest("attempt-1", "007"))
    assert desk.changed()[-1].ends_at is None


# What a provider is told of the payment that is given back.


def test_a_refund_names_the_payment_as_the_provider_does() -> None:
    desk = Desk(Told(answers=PAID | {"refund": [say(Verdict.UNKNOWN)]}))
    desk.ask(order_of())
    desk.ask(BACK)
    assert desk.provider.calls[-1][1].original_reference == "T-1"
    desk.start()
    desk.provider.answers["refund"] = [say(Verdict.APPROVED, 1000, "T-2")]
    desk.seconds(600)
    assert desk.provider.calls[-1][1].original_reference == "T-1"
    assert desk.ended()[-1].provider_reference == "T-2"


def test_a_refund_that_the_till_wants_by_itself_names_it_too() -> None:
    refused = {"reverse": [say(Verdict.APPROVED, AMOUNT, "T-9")], "refund": [say(Verdict.APPROVED, AMOUNT)]}
    desk = Desk(Told(answers=WAITS | refused))
    desk.ask(order_of(), CancelRequest("attempt-1", "007"))
    desk.seconds(60)
    assert (desk.provider.calls[-1][0], desk.provider.calls[-1][1].original_reference) == ("refund", "T-9")


def test_a_refund_of_a_late_payment_names_it_as_it_was_heard_of() -> None:
    desk = Desk(Told(answers={"pay": [say(Verdict.DECLINED)]}))
    desk.ask(order_of())
    desk.provider.answers |= {
        "query": [say(Verdict.APPROVED, AMOUNT, "T-7")],
        "refund": [say(Verdict.APPROVED, AMOUNT)],
    }
    desk.ask(LateWord("attempt-1"))
    assert (desk.provider.calls[-1][0], desk.provider.calls[-1][1].original_reference) == ("refund", "T-7")


def test_at_the_start_the_desk_waits_until_the_store_can_say_what_is_given_back() -> None:
    desk = Desk(Told(answers=PAID | {"refund": [say(Verdict.UNKNOWN)]}))
    desk.ask(order_of())
    desk.ask(BACK)

    class AwayAtFirst(MemoryStore):
        times = 1

        def attempt(self, attempt_id):
            if self.times:
                self.times -= 1
                raise AttemptNotStored(wording("The disk is away."))
            return super().attempt(attempt_id)

    again = AwayAtFirst()
    again.steps = desk.store.steps
    desk.store = again
    desk.provider.calls.clear()
    desk.start()
    assert desk.provider.calls == []
    desk.seconds(60)
    assert {order.original_reference for _, order in desk.provider.calls} == {"T-1"}


# Stored first, told afterwards.


def test_a_refund_is_told_of_as_stored_only_once_it_is() -> None:
    store = StoreThatFails()
    desk = Desk(Told(answers=PAID | {"refund": [say(Verdict.APPROVED, 1000)]}), store)
    desk.ask(order_of())
    store.fails = 2
    seen: list[tuple[bool, bool]] = []
    desk.rounds._keeping._tell = lambda event: (
        seen.append((event.stored, store.attempt("wanted-1") is not None))
        if isinstance(event, AttemptChanged) and event.attempt.attempt_id == "wanted-1"
        else None
    )
    desk.ask(BACK)
    assert seen == [(False, False)]
    desk.seconds(60)
    assert seen[1] == (False, False)
    # From then on it is said to be stored, and it is: created, then as being sent.
    assert seen[2:] == [(True, True), (True, True)]
    assert desk.provider.count("refund") == 1


def test_a_payment_that_cannot_be_stored_says_so_sends_nothing_and_ends_when_that_is_stored() -> None:
    store = StoreThatFails()
    desk = Desk(Told(answers=dict(PAID)), store)
    store.fails = 1
    desk.ask(order_of())
    (said,) = desk.changed()
    assert (said.stored, str(said.sentence)) == (False, "The disk is full.")
    desk.seconds(5)
    assert [one.last_code for one in desk.ended()] == ["NOT-SENT"]
    assert desk.provider.calls == []


def test_a_refund_with_an_identity_that_was_used_is_refused_and_not_tried_for_ever() -> None:
    desk = Desk(Told(answers=dict(PAID)))
    desk.ask(order_of())
    desk.ask(order_of("attempt-2", "basket-2"))
    desk.ask(RefundRequest("attempt-2", "attempt-1", 1000, "007", "broken"))
    assert desk.refused() == ["Something went wrong inside the till at this payment. Call a supervisor."]
    assert desk.rounds.turn() is None


def test_a_refund_with_the_identity_of_a_payment_at_work_leaves_that_alone() -> None:
    desk = Desk(Told(answers={"pay": [say(Verdict.APPROVED, AMOUNT), say(Verdict.PENDING)]}))
    desk.ask(order_of())
    desk.ask(order_of("attempt-2", "basket-2"))
    desk.ask(RefundRequest("attempt-2", "attempt-1", 1000, "007", "broken"))
    assert desk.refused() == ["This refund was begun already."]
    assert desk.rounds.knows("attempt-2")


def test_a_refund_is_not_refunded() -> None:
    desk = Desk(Told(answers=PAID | {"refund": [say(Verdict.APPROVED, 1000)]}))
    desk.ask(order_of())
    desk.ask(BACK)
    desk.ask(RefundRequest("wanted-2", "wanted-1", 1000, "007", "again"))
    assert desk.refused() == ["There is no such payment to give back. Look at the receipt."]


def test_two_words_of_the_bill_about_one_payment_bring_one_refund_while_the_disk_is_full() -> None:
    store = StoreThatFails()
    desk = Desk(Told(answers={"pay": [say(Verdict.DECLINED)]}), store)
    desk.ask(order_of())
    store.fails = 3
    desk.provider.answers |= {"query": [say(Verdict.APPROVED, AMOUNT)], "refund": [say(Verdict.APPROVED, AMOUNT)]}
    desk.ask(LateWord("attempt-1"))
    desk.ask(LateWord("attempt-1"))
    desk.seconds(600)
    assert desk.provider.count("refund") == 1
    assert len(store.refunds_of("attempt-1")) == 1


# Faults of the program.


def test_a_fault_at_a_late_look_ends_neither_the_desk_nor_the_looking() -> None:
    class Broken(MemoryStore):
        def refunds_of(self, attempt_id):
            raise RuntimeError("a fault")

    desk = Desk(Told(answers={"pay": [say(Verdict.DECLINED)]}), Broken())
    desk.ask(order_of())
    desk.ask(LateWord("attempt-1"))
    desk.seconds(2 * 3600)
    desk.provider.answers["pay"] = [say(Verdict.APPROVED, AMOUNT)]
    desk.ask(order_of("attempt-2"))
    assert desk.ended()[-1].state is AttemptState.APPROVED


@pytest.mark.parametrize("by", [timedelta(days=-1), timedelta(days=1)])
def test_a_wall_clock_that_is_set_while_nothing_is_open_moves_no_late_look(by: timedelta) -> None:
    over = {"reverse": [say(Verdict.REVERSED)], "query": [say(Verdict.PENDING)]}
    desk = Desk(Told(answers=WAITS | over))
    desk.ask(order_of(), CancelRequest("attempt-1", "007"))
    desk.seconds(16)
    assert desk.ended()[0].state is AttemptState.REVERSED
    looks = desk.provider.count("query")
    desk.clock.jump(desk.clock.now() + by)
    desk.provider.answers["pay"] = [say(Verdict.APPROVED, AMOUNT)]
    desk.ask(order_of("attempt-2", "basket-2"))
    # The looks are 60 and 300 seconds after the end, one second of which has gone by.
    desk.seconds(50)
    assert desk.provider.count("query") == looks
    desk.seconds(20)
    assert desk.provider.count("query") == looks + 1
    desk.seconds(220)
    assert desk.provider.count("query") == looks + 1
    desk.seconds(20)
    assert desk.provider.count("query") == looks + 2


def test_every_refusal_has_a_sentence() -> None:
    desk = Desk(Told(answers=dict(PAID)))
    desk.ask(order_of(provider_id="nobody"), order_of("attempt-2", shopper_code=""))
    assert all(isinstance(event, RequestRefused) and str(event.sentence) for event in desk.events[1:])
