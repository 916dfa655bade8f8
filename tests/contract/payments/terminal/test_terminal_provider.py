"""Card payments from the attempt's rules down to the bank: whatever goes wrong, one end, and no charge that nobody knows of."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.payments.attempt_record import AttemptState, Call, ExceptionKind
from app.payments.card_terminal import PurchaseRequest
from app.payments.provider import Verdict
from app.payments.terminal_provider import NOT_TAKEN
from hardware.simulated.card_bank import CARD_NUMBER, CardKind
from hardware.simulated.card_terminal import TerminalFault
from hardware.worker import DeviceState

APPROVED, DECLINED, REVERSED = AttemptState.APPROVED, AttemptState.DECLINED, AttemptState.REVERSED
AMOUNT = 12_850


def present(till, card: CardKind = CardKind.VISA) -> None:
    assert till.wait(lambda: till.terminal.present_card(card))


def test_a_card_pays_and_the_receipt_knows_which(make_till) -> None:
    till = make_till()
    assert till.begin().state is AttemptState.PENDING
    present(till, CardKind.UNIONPAY)
    paid = till.carry_on()
    assert (paid.state, paid.approved_minor, paid.payer) == (APPROVED, AMOUNT, "cup 621094******0017")
    assert paid.last_code == "A12345"
    # The simulated bank names its first booking so, and its clock stands at this time.
    assert paid.provider_reference == "Simulated-1|SIM00000001|2026-11-22T10:00:00.000Z"
    assert till.answers[-1][1].at == datetime(2026, 11, 22, 10, tzinfo=UTC)
    assert till.booked_minor == AMOUNT


def test_the_cashier_reads_what_the_terminal_waits_for(make_till) -> None:
    till = make_till()
    till.terminal.asks_pin()
    till.begin()
    present(till)
    till.carry_on(lambda: str(till.answers[-1][1].sentence) == "The customer is entering the PIN.")
    assert till.wait(till.terminal.enter_pin)
    assert till.carry_on().state is APPROVED
    # Asked because there was news, not because the time was up: no five seconds went by four times.
    assert len(till.answers) < 12


def test_a_card_that_the_bank_refuses_pays_nothing(make_till) -> None:
    till = make_till()
    till.terminal.fail(TerminalFault.DECLINES)
    till.begin()
    present(till)
    assert till.carry_on().state is DECLINED
    assert str(till.answers[-1][1].sentence) == "The bank declined. Ask for another card or another way to pay."
    assert till.booked_minor == 0


def test_a_terminal_at_work_takes_no_second_payment_and_the_till_knows_that_nothing_happened(make_till) -> None:
    till = make_till()
    assert till.worker.purchase(PurchaseRequest("somebody-else", 100, "CNY"))
    assert till.begin().state is DECLINED
    assert till.stored["attempt-1"].last_code == NOT_TAKEN
    present(till)
    assert till.wait(lambda: till.booked_minor == 100)
    assert till.terminal.requests.count("Payment") == 1


def test_a_terminal_that_is_away_charges_nothing(make_till) -> None:
    till = make_till(ready=False)
    till.terminal.unplug()
    till.begin()
    assert till.carry_on().state is DECLINED
    assert "Payment" not in till.terminal.requests


def test_a_cancel_before_the_card_ends_it(make_till) -> None:
    till = make_till()
    till.begin()
    assert till.wait(lambda: till.terminal.waits_for_card)
    till.cancel()
    assert till.carry_on().state is DECLINED
    assert "Abort" in till.terminal.requests
    assert till.booked_minor == 0


def test_a_cancel_that_comes_too_late_has_the_charge_taken_back(make_till) -> None:
    till = make_till()
    till.terminal.fail(TerminalFault.HOLDS_ANSWER)
    till.begin()
    present(till)
    assert till.wait(lambda: till.booked_minor == AMOUNT)
    till.cancel()
    till.step("attempt-1")
    assert till.wait(lambda: "Abort" in till.terminal.requests)
    till.terminal.fail()
    till.terminal.let_go()
    assert till.carry_on().state is REVERSED
    assert till.booked_minor == 0
    assert till.terminal.requests.count("Reversal") == 1
    # Asked once more later, it is still taken back: no late approval.
    assert till.look_late().verdict is Verdict.REVERSED


def test_a_shopper_who_takes_longer_than_allowed_is_not_charged(make_till) -> None:
    till = make_till()
    till.begin()
    assert till.wait(lambda: till.terminal.waits_for_card)
    # 120 s at 5 s each are 24 questions; then the till takes it back by itself.
    ended = till.carry_on()
    assert (ended.state, ended.cancel_by) == (DECLINED, "till")
    assert not till.terminal.present_card()


def test_a_charge_that_the_bank_does_not_take_back_is_refunded(make_till) -> None:
    till = make_till()
    till.terminal.fail(TerminalFault.HOLDS_ANSWER)
    till.begin()
    present(till)
    assert till.wait(lambda: till.booked_minor == AMOUNT)
    till.cancel()
    till.terminal.fail(TerminalFault.DECLINES)
    till.terminal.let_go()
    assert till.carry_on().state is REVERSED
    assert till.cases == [ExceptionKind.CANNOT_REVERSE]
    till.terminal.fail()
    till.terminal.leave_card()
    assert till.carry_on(name="attempt-1-back").state is APPROVED
    assert till.booked_minor == 0


@pytest.mark.parametrize("fault", [TerminalFault.LOSES_ANSWER, TerminalFault.DOUBLES_ANSWER])
def test_an_answer_that_is_lost_or_doubled_charges_once(make_till, fault: TerminalFault) -> None:
    till = make_till()
    till.terminal.fail(fault)
    till.begin()
    present(till)
    assert till.carry_on().state is APPROVED
    assert till.booked_minor == AMOUNT
    assert till.terminal.requests.count("Payment") == 1


def test_a_reversal_whose_answer_is_lost_happens_once(make_till) -> None:
    till = make_till()
    till.terminal.fail(TerminalFault.HOLDS_ANSWER)
    till.begin()
    present(till)
    assert till.wait(lambda: till.booked_minor == AMOUNT)
    till.cancel()
    till.terminal.fail(TerminalFault.LOSES_ANSWER)
    till.terminal.let_go()
    assert till.carry_on().state is REVERSED
    assert [charge.kind for charge in till.terminal.ledger] == ["Normal", "Reversal"]
    assert till.booked_minor == 0


def test_a_cable_pulled_while_the_customer_pays_loses_nothing(make_till) -> None:
    till = make_till()
    till.begin()
    assert till.wait(lambda: till.terminal.waits_for_card)
    till.terminal.unplug()
    assert till.is_(DeviceState.AWAY)
    assert till.terminal.present_card()
    till.step("attempt-1")
    assert not till.stored["attempt-1"].final
    till.terminal.plug_in()
    assert till.carry_on().state is APPROVED
    assert till.booked_minor == AMOUNT


def test_a_terminal_that_charged_and_forgot_is_never_believed_to_have_declined(make_till) -> None:
    till = make_till()
    till.terminal.fail(TerminalFault.DIES_AFTER_CHARGING, TerminalFault.FORGETS)
    till.begin()
    present(till)
    assert till.is_(DeviceState.AWAY)
    till.terminal.fail()
    till.terminal.switch_on()
    attempt = till.carry_on(lambda: till.stored["attempt-1"].help_called)
    assert attempt.state is AttemptState.UNKNOWN
    assert till.cases == [ExceptionKind.UNRESOLVED]
    assert "knows nothing of this payment" in str(till.answers[-1][1].sentence)
    assert till.terminal.requests.count("Payment") == 1


def test_a_terminal_whose_maker_promises_to_forget_nothing_settles_it(make_till) -> None:
    till = make_till(not_found_means_declined=True)
    till.terminal.fail(TerminalFault.DIES_BEFORE_CHARGING)
    till.begin()
    present(till)
    assert till.is_(DeviceState.AWAY)
    till.terminal.switch_on()
    assert till.carry_on().state is DECLINED


def test_half_an_approval_is_taken_back_and_a_person_looks_at_it(make_till) -> None:
    till = make_till(partial_approval=True)
    till.terminal.fail(TerminalFault.IN_PART)
    till.begin()
    present(till)
    till.carry_on(lambda: bool(till.cases))
    # Half of 128.50.
    assert (till.cases, till.stored["attempt-1"].approved_minor) == ([ExceptionKind.AMOUNT_DIFFERS], 6_425)
    till.terminal.fail()
    assert till.carry_on().state is REVERSED
    assert till.booked_minor == 0


def test_a_card_number_of_the_terminals_is_kept_nowhere(make_till, caplog) -> None:
    till = make_till()
    till.terminal.fail(TerminalFault.SENDS_CARD_NUMBER)
    till.begin()
    present(till)
    till.carry_on(lambda: till.stored["attempt-1"].state is AttemptState.UNKNOWN)
    assert CARD_NUMBER not in repr(till.stored) + repr(till.answers) + caplog.text


# The till is killed.


def test_a_payment_made_while_the_till_was_down_counts_once(make_till) -> None:
    till = make_till()
    till.begin()
    assert till.wait(lambda: till.terminal.waits_for_card)
    till.kill()
    assert till.terminal.present_card()
    till.restart()
    assert till.carry_on().state is APPROVED
    assert till.booked_minor == AMOUNT
    assert till.terminal.requests.count("Payment") == 1


def test_a_payment_that_is_still_open_at_the_terminal_after_a_restart_can_be_paid(make_till) -> None:
    till = make_till()
    till.begin()
    assert till.wait(lambda: till.terminal.waits_for_card)
    till.restart()
    till.step("attempt-1")
    assert till.stored["attempt-1"].state is AttemptState.UNKNOWN
    present(till)
    assert till.carry_on().state is APPROVED
    assert till.booked_minor == AMOUNT


def test_a_payment_cancelled_after_a_restart_is_taken_back_with_one_reversal(make_till) -> None:
    till = make_till()
    till.begin()
    assert till.wait(lambda: till.terminal.waits_for_card)
    till.kill()
    assert till.terminal.present_card()
    till.restart()
    till.cancel()
    assert till.carry_on().state is REVERSED
    assert till.booked_minor == 0
    assert till.terminal.requests.count("Reversal") == 1
    assert till.cases == []


def test_a_till_killed_after_a_reversal_was_booked_asks_and_does_not_send_it_again(make_till) -> None:
    till = make_till()
    till.terminal.fail(TerminalFault.HOLDS_ANSWER)
    till.begin()
    present(till)
    assert till.wait(lambda: till.booked_minor == AMOUNT)
    till.cancel()
    till.step("attempt-1")
    till.terminal.let_go()
    # The answer to the reversal is held until the till is gone.
    till.carry_on(lambda: till.booked_minor == 0)
    assert not till.stored["attempt-1"].final
    till.kill()
    till.terminal.fail()
    till.terminal.let_go()
    till.restart()
    assert till.carry_on().state is REVERSED
    assert [charge.kind for charge in till.terminal.ledger] == ["Normal", "Reversal"]


def test_a_reversed_payment_looked_at_after_a_restart_is_no_late_approval(make_till) -> None:
    till = make_till()
    till.terminal.fail(TerminalFault.HOLDS_ANSWER)
    till.begin()
    present(till)
    assert till.wait(lambda: till.booked_minor == AMOUNT)
    till.cancel()
    till.terminal.fail()
    till.terminal.let_go()
    assert till.carry_on().state is REVERSED
    till.restart()
    assert till.look_late().verdict is Verdict.REVERSED


def test_a_terminal_that_forgot_the_reversal_leaves_a_late_look_without_an_answer(make_till) -> None:
    till = make_till()
    till.terminal.fail(TerminalFault.HOLDS_ANSWER)
    till.begin()
    present(till)
    assert till.wait(lambda: till.booked_minor == AMOUNT)
    till.cancel()
    till.terminal.fail(TerminalFault.FORGETS)
    till.terminal.let_go()
    assert till.carry_on().state is REVERSED
    till.kill()
    till.terminal.switch_off()
    till.terminal.switch_on()
    till.restart()
    assert till.look_late().verdict is Verdict.UNKNOWN


# Money back.


def paid(till) -> None:
    till.terminal.leave_card()
    till.begin()
    assert till.carry_on().state is APPROVED


def test_money_goes_back_on_the_card_in_parts(make_till) -> None:
    till = make_till()
    paid(till)
    till.begin_refund("refund-1", "attempt-1", 2_850)
    assert till.carry_on(name="refund-1").state is APPROVED
    till.begin_refund("refund-2", "attempt-1", 10_000)
    assert till.carry_on(name="refund-2").state is APPROVED
    assert till.booked_minor == 0
    assert [charge.kind for charge in till.terminal.ledger] == ["Normal", "Refund", "Refund"]


def test_a_refund_whose_answer_is_lost_is_booked_once(make_till) -> None:
    till = make_till()
    paid(till)
    till.terminal.fail(TerminalFault.LOSES_ANSWER)
    till.begin_refund("refund-1", "attempt-1", 2_850)
    assert till.carry_on(name="refund-1").state is APPROVED
    assert till.booked_minor == AMOUNT - 2_850


def test_a_refund_under_way_when_the_till_was_killed_is_asked_about(make_till) -> None:
    till = make_till()
    paid(till)
    till.terminal.fail(TerminalFault.HOLDS_ANSWER)
    till.begin_refund("refund-1", "attempt-1", 2_850)
    assert till.wait(lambda: till.booked_minor == AMOUNT - 2_850)
    till.kill()
    till.terminal.fail()
    till.terminal.let_go()
    till.restart()
    assert till.carry_on(name="refund-1").state is APPROVED
    assert till.booked_minor == AMOUNT - 2_850
    assert till.terminal.requests.count("Payment") == 2


def test_a_refund_waits_for_a_terminal_that_is_busy(make_till) -> None:
    till = make_till()
    paid(till)
    till.terminal.leave_card(None)
    assert till.worker.purchase(PurchaseRequest("somebody-else", 100, "CNY"))
    assert till.begin_refund("refund-1", "attempt-1", 2_850).state is AttemptState.UNKNOWN
    assert till.stored["refund-1"].last_code == NOT_TAKEN
    present(till)
    assert till.wait(lambda: till.worker.busy_with is None)
    till.terminal.leave_card()
    assert till.carry_on(name="refund-1").state is APPROVED
    # 128.50 and 1.00 came in, 28.50 went out.
    assert till.booked_minor == 12_850 + 100 - 2_850


def test_a_refund_finds_the_reference_of_a_payment_that_kept_none(make_till) -> None:
    till = make_till()
    paid(till)
    till.restart()
    assert till.is_(DeviceState.READY)
    bare = replace(till.refund_order("refund-1", "attempt-1", 2_850), original_reference="")
    assert not bare.sent_before
    assert till.provider.refund(bare).verdict is Verdict.UNKNOWN
    bare = replace(bare, sent_before=True)
    assert till.wait(lambda: till.provider.refund(bare).verdict is Verdict.APPROVED)
    assert till.booked_minor == AMOUNT - 2_850


def test_the_calls_made_are_those_the_attempt_asks_for(make_till) -> None:
    till = make_till()
    paid(till)
    calls = [call for call, _ in till.answers]
    assert calls[0] is Call.PAY
    assert set(calls[1:]) <= {Call.QUERY}
