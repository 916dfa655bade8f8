"""What an approval only held is taken once the sale is stored: until that is certain, once, and a person sees a no."""

import pytest

from app.payments.attempt_record import ExceptionKind
from app.payments.attempt_sentences import case_sentence
from app.payments.desk_requests import CaptureRequest, ExceptionRaised, RefundRequest
from app.payments.ports import AttemptNotStored
from app.payments.provider import ProviderCapabilities, Verdict
from app.values.wording import wording
from tests.faults.payment_world import AMOUNT, MemoryStore, order_of
from tests.unit.app.payments.desk_cases import HOLDS, PAID, WAITS, Desk, Told, say

TAKEN = {"capture": [say(Verdict.APPROVED, AMOUNT, "C-1")]}
SOLD = CaptureRequest(("attempt-1",))


def held(answers, store: MemoryStore | None = None) -> Desk:
    desk = Desk(Told(HOLDS, PAID | answers), store)
    desk.ask(order_of())
    desk.store.claimed.add("attempt-1")
    return desk


def test_what_is_held_is_taken_when_the_sale_is_stored_and_not_before() -> None:
    desk = held(TAKEN)
    desk.seconds(3600)
    assert desk.provider.count("capture") == 0
    desk.ask(SOLD)
    taken = desk.store.captures["attempt-1"]
    assert (taken.amount_minor, taken.currency, taken.provider_reference) == (AMOUNT, "CNY", "C-1")
    assert taken.captured_at == desk.clock.now()
    desk.seconds(3600)
    assert desk.provider.count("capture") == 1
    assert desk.store.open_exceptions() == ()
    assert desk.provider.calls[-1][1].provider_number == "attempt1"
    assert desk.provider.calls[-1][1].shopper_code == ""


@pytest.mark.parametrize("verdict", [Verdict.UNKNOWN, Verdict.PENDING, Verdict.NOT_FOUND])
def test_without_a_certain_answer_it_is_tried_again_later_each_time(verdict: Verdict) -> None:
    desk = held({"capture": [say(verdict), say(verdict), say(verdict), say(Verdict.APPROVED, AMOUNT)]})
    desk.ask(SOLD, SOLD)
    # Tried at once, after 5, after 10 more and after 20 more.
    for seconds, tries in ((4, 1), (1, 2), (9, 2), (1, 3), (19, 3), (1, 4)):
        desk.seconds(seconds)
        assert desk.provider.count("capture") == tries, seconds
    assert "attempt-1" in desk.store.captures


def test_a_till_that_died_takes_it_at_the_next_start() -> None:
    desk = held({"capture": [say(Verdict.UNKNOWN)]})
    desk.ask(SOLD)
    desk.provider.answers |= TAKEN
    desk.start()
    assert "attempt-1" in desk.store.captures
    calls = len(desk.provider.calls)
    desk.start()
    desk.seconds(3600)
    assert len(desk.provider.calls) == calls


def test_what_stands_in_no_sale_is_not_taken_at_the_start() -> None:
    desk = held(TAKEN)
    desk.store.claimed.clear()
    desk.start()
    desk.seconds(3600)
    assert desk.provider.count("capture") == 0


@pytest.mark.parametrize("verdict", [Verdict.DECLINED, Verdict.REVERSED])
def test_a_capture_that_is_refused_is_a_case_once_and_not_tried_again(verdict: Verdict) -> None:
    desk = held({"capture": [say(verdict)]})
    desk.ask(SOLD)
    (case,) = desk.store.open_exceptions()
    assert (case.kind, case.amount_minor) == (ExceptionKind.CAPTURE_DECLINED, AMOUNT)
    assert [event.sentence for event in desk.events if isinstance(event, ExceptionRaised)] == [
        case_sentence(ExceptionKind.CAPTURE_DECLINED)
    ]
    desk.start()
    desk.seconds(3600)
    assert desk.provider.count("capture") == 1


def test_another_amount_is_taken_for_what_it_is_and_a_person_sees_it() -> None:
    desk = held({"capture": [say(Verdict.APPROVED, AMOUNT - 50)]})
    desk.ask(SOLD)
    assert desk.store.captures["attempt-1"].amount_minor == AMOUNT - 50
    assert [case.kind for case in desk.store.open_exceptions()] == [ExceptionKind.AMOUNT_DIFFERS]


def test_what_is_given_back_whole_is_not_taken() -> None:
    desk = held(TAKEN | {"refund": [say(Verdict.APPROVED, AMOUNT)]})
    desk.ask(RefundRequest("wanted-1", "attempt-1", AMOUNT, "007", "handed-back"))
    desk.ask(SOLD)
    desk.seconds(3600)
    assert desk.provider.count("capture") == 0
    desk.start()
    desk.seconds(3600)
    assert desk.provider.count("capture") == 0


def test_while_a_refund_is_open_the_capture_waits_and_goes_on_when_that_is_refused() -> None:
    desk = held(TAKEN | {"refund": [say(Verdict.UNKNOWN)]})
    desk.ask(RefundRequest("wanted-1", "attempt-1", AMOUNT, "007", "handed-back"))
    desk.ask(SOLD)
    desk.seconds(60)
    assert desk.provider.count("capture") == 0
    desk.provider.answers["refund"] = [say(Verdict.DECLINED)]
    desk.seconds(900)
    assert "attempt-1" in desk.store.captures


def test_after_a_part_was_given_back_the_rest_is_taken() -> None:
    desk = held({"refund": [say(Verdict.APPROVED, 1000)], "capture": [say(Verdict.APPROVED, AMOUNT - 1000)]})
    desk.ask(RefundRequest("wanted-1", "attempt-1", 1000, "007", "one of two"))
    desk.ask(SOLD)
    assert desk.store.captures["attempt-1"].amount_minor == AMOUNT - 1000
    assert desk.store.open_exceptions() == ()


def test_payments_come_before_captures() -> None:
    desk = held(TAKEN)
    desk.rounds.take(SOLD)
    desk.rounds.take(order_of("attempt-2", "basket-2"))
    desk.seconds(0)
    assert [call for call, _ in desk.provider.calls] == ["pay", "pay", "capture"]


def test_what_is_not_approved_or_of_a_provider_that_holds_nothing_is_left_alone() -> None:
    desk = Desk(Told(HOLDS, WAITS | TAKEN))
    desk.ask(order_of(), SOLD, CaptureRequest(("nobody",)))
    desk.seconds(10)
    assert desk.provider.count("capture") == 0
    plain = Desk(Told(ProviderCapabilities(), PAID | TAKEN))
    plain.ask(order_of())
    plain.ask(SOLD)
    assert plain.provider.count("capture") == 0


def test_a_store_that_fails_is_asked_again_and_the_provider_is_not() -> None:
    class FailsAtCaptures(MemoryStore):
        times = 2

        def save_attempt(self, record):
            if record.captures and self.times:
                self.times -= 1
                raise AttemptNotStored(wording("The disk is full."))
            super().save_attempt(record)

    desk = held(TAKEN, FailsAtCaptures())
    desk.ask(SOLD)
    assert desk.store.captures == {}
    desk.seconds(11)
    assert "attempt-1" in desk.store.captures
    assert desk.provider.count("capture") == 1


def test_a_fault_inside_a_provider_is_no_answer() -> None:
    desk = held(TAKEN)

    def fault(call: str) -> None:
        raise RuntimeError("a fault")

    desk.provider.during = fault
    desk.ask(SOLD)
    desk.provider.during = lambda call: None
    desk.seconds(5)
    assert "attempt-1" in desk.store.captures
