"""What every card terminal must do on every kind of line, and above all never do: charge what the till does not know of."""

from decimal import Decimal

import pytest

from app.payments.card_terminal import (
    PurchaseRequest,
    RefundRequest,
    ReversalRequest,
    StatusRequest,
    TerminalOperation,
    TerminalProgress,
    TerminalResult,
)
from hardware.simulated.card_bank import CARD_NUMBER, CardKind
from hardware.simulated.card_terminal import TerminalFault
from hardware.simulated.device import Trouble
from hardware.terminals.worker import TerminalLimits
from hardware.worker import DeviceState, ErrorEvent

BASKET = PurchaseRequest("attempt-1", 12_850, "CNY")
PAID = Decimal("128.50")


def pay(shop, request: PurchaseRequest = BASKET, card: CardKind = CardKind.VISA) -> None:
    assert shop.worker.purchase(request)
    assert shop.ear.wait(lambda: shop.terminal.present_card(card))


def earlier(operation: TerminalOperation = TerminalOperation.PURCHASE) -> StatusRequest:
    return StatusRequest(BASKET.attempt_id, operation, BASKET.amount_minor, BASKET.currency)


def test_a_card_that_is_accepted_pays(ready) -> None:
    shop = ready()
    pay(shop, card=CardKind.UNIONPAY)
    outcome = shop.ear.outcome("attempt-1")
    assert outcome.result is TerminalResult.APPROVED
    assert (outcome.approved_minor, outcome.currency) == (12_850, "CNY")
    assert outcome.masked_number == "621094******0017"
    assert (outcome.scheme, outcome.approval_code, outcome.token) == ("cup", "A12345", "TOKEN-cup")
    assert outcome.original.terminal_id == "Simulated-1"
    assert outcome.receipt_lines[-1] == "APPROVED"
    assert shop.terminal.net() == PAID


def test_the_cashier_sees_what_the_terminal_waits_for(ready) -> None:
    shop = ready()
    shop.terminal.asks_pin()
    pay(shop)
    assert shop.ear.wait(shop.terminal.enter_pin)
    shop.ear.outcome("attempt-1")
    seen = [prompt.progress for prompt in shop.ear.prompts("attempt-1")]
    assert seen == [
        TerminalProgress.PRESENT_CARD,
        TerminalProgress.PROCESSING,
        TerminalProgress.ENTER_PIN,
        TerminalProgress.PROCESSING,
    ]


def test_a_card_that_the_bank_refuses_pays_nothing(ready) -> None:
    shop = ready()
    shop.terminal.fail(TerminalFault.DECLINES)
    pay(shop)
    outcome = shop.ear.outcome("attempt-1")
    assert outcome.result is TerminalResult.DECLINED
    assert str(outcome.reason) == "The bank declined. Ask for another card or another way to pay."
    assert shop.terminal.net() == 0


def test_a_customer_who_presses_cancel_pays_nothing(ready) -> None:
    shop = ready()
    assert shop.worker.purchase(BASKET)
    assert shop.ear.wait(shop.terminal.press_cancel)
    assert shop.ear.outcome("attempt-1").result is TerminalResult.DECLINED
    assert shop.terminal.net() == 0


def test_a_cashier_who_cancels_before_the_card_ends_it(ready) -> None:
    shop = ready()
    assert shop.worker.purchase(BASKET)
    assert shop.ear.wait(lambda: shop.terminal.waits_for_card)
    assert shop.worker.cancel("attempt-1")
    assert shop.ear.outcome("attempt-1").result is TerminalResult.DECLINED
    assert not shop.worker.cancel("attempt-1")
    assert shop.terminal.net() == 0


def test_a_cashier_who_cancels_too_late_learns_that_it_was_paid(ready) -> None:
    shop = ready()
    shop.terminal.fail(TerminalFault.HOLDS_ANSWER)
    pay(shop)
    assert shop.ear.wait(lambda: shop.terminal.net() == PAID)
    assert shop.worker.cancel("attempt-1")
    assert shop.ear.wait(lambda: "Abort" in shop.terminal.requests)
    shop.terminal.let_go()
    assert shop.ear.outcome("attempt-1").result is TerminalResult.APPROVED


def test_one_transaction_at_a_time(ready) -> None:
    shop = ready()
    assert shop.worker.purchase(BASKET)
    assert shop.worker.busy_with == "attempt-1"
    assert not shop.worker.purchase(PurchaseRequest("attempt-2", 100, "CNY"))
    assert not shop.worker.ask(earlier())
    assert shop.ear.wait(shop.terminal.present_card)
    shop.ear.outcome("attempt-1")
    pay(shop, PurchaseRequest("attempt-2", 100, "CNY"))
    assert shop.ear.outcome("attempt-2").result is TerminalResult.APPROVED
    assert shop.terminal.net() == PAID + 1


@pytest.mark.parametrize("refund_by", ["payment", "reversal"])
def test_a_part_is_given_back_on_the_same_card(ready, refund_by: str) -> None:
    shop = ready(refund_by=refund_by)
    shop.terminal.leave_card()
    assert shop.worker.purchase(BASKET)
    original = shop.ear.outcome("attempt-1").original
    assert shop.worker.refund(RefundRequest("attempt-2", 2_850, "CNY", original))
    outcome = shop.ear.outcome("attempt-2")
    assert (outcome.result, outcome.approved_minor) == (TerminalResult.APPROVED, 2_850)
    # 128.50 paid less 28.50 given back.
    assert shop.terminal.net() == 100


def test_a_reversal_undoes_the_whole_payment(ready) -> None:
    shop = ready()
    shop.terminal.leave_card()
    assert shop.worker.purchase(BASKET)
    original = shop.ear.outcome("attempt-1").original
    assert shop.worker.reverse(ReversalRequest("attempt-2", 12_850, "CNY", original))
    assert shop.ear.outcome("attempt-2").result is TerminalResult.APPROVED
    assert shop.terminal.net() == 0


@pytest.mark.parametrize("fault", [TerminalFault.LOSES_ANSWER, TerminalFault.OTHER_SERVICE_ID])
def test_an_answer_that_is_lost_is_asked_for_again_and_nothing_is_charged_twice(ready, fault: TerminalFault) -> None:
    shop = ready()
    shop.terminal.fail(fault)
    pay(shop)
    assert shop.ear.outcome("attempt-1").result is TerminalResult.APPROVED
    assert shop.terminal.net() == PAID
    assert shop.terminal.requests.count("Payment") == 1


def test_a_slow_answer_is_waited_for(ready) -> None:
    shop = ready()
    shop.terminal.fail(TerminalFault.HOLDS_ANSWER)
    pay(shop)
    # It is asked whether it is still at it, and says so: that decides nothing.
    assert shop.ear.wait(lambda: "TransactionStatus" in shop.terminal.requests)
    assert not shop.ear.answers("attempt-1")
    shop.terminal.let_go()
    assert shop.ear.outcome("attempt-1").result is TerminalResult.APPROVED


def test_an_answer_that_comes_twice_counts_once(ready) -> None:
    shop = ready()
    shop.terminal.fail(TerminalFault.DOUBLES_ANSWER)
    pay(shop)
    shop.ear.outcome("attempt-1")
    pay(shop, PurchaseRequest("attempt-2", 100, "CNY"))
    shop.ear.outcome("attempt-2")
    assert len(shop.ear.answers("attempt-1")) == len(shop.ear.answers("attempt-2")) == 1


@pytest.mark.parametrize("fault", [TerminalFault.OTHER_AMOUNT, TerminalFault.OTHER_TERMINAL, TerminalFault.IN_PART])
def test_an_answer_that_belongs_to_something_else_makes_nothing_certain(ready, fault: TerminalFault) -> None:
    shop = ready()
    shop.terminal.fail(fault)
    pay(shop)
    assert shop.ear.outcome("attempt-1").result is TerminalResult.UNKNOWN


def test_a_terminal_that_may_approve_in_part_says_how_much(ready) -> None:
    shop = ready(partial_approval=True)
    shop.terminal.fail(TerminalFault.IN_PART)
    pay(shop)
    outcome = shop.ear.outcome("attempt-1")
    assert (outcome.result, outcome.approved_minor) == (TerminalResult.APPROVED, 6_425)
    assert shop.terminal.net() == Decimal("64.25")


@pytest.mark.parametrize("fault", [TerminalFault.SENDS_CARD_NUMBER, TerminalFault.PRINTS_CARD_NUMBER])
def test_a_terminal_that_sends_a_card_number_is_heard_by_nobody(ready, fault: TerminalFault, caplog) -> None:
    shop = ready()
    shop.terminal.fail(fault)
    pay(shop)
    outcome = shop.ear.outcome("attempt-1")
    assert outcome.result is TerminalResult.UNKNOWN
    assert shop.ear.wait(lambda: any(isinstance(event, ErrorEvent) for event in shop.ear.events))
    everything = repr(shop.ear.events) + caplog.text + repr([one.data for one in shop.tail.exchanges])
    assert CARD_NUMBER not in everything
    assert outcome.receipt_lines == ()
    assert outcome.original is None


def test_a_terminal_that_dies_before_charging_leaves_it_unknown_until_it_is_asked(ready) -> None:
    shop = ready()
    shop.terminal.fail(TerminalFault.DIES_BEFORE_CHARGING)
    pay(shop)
    assert shop.ear.is_(DeviceState.AWAY)
    shop.terminal.fail()
    shop.terminal.switch_on()
    outcome = shop.ear.outcome("attempt-1")
    assert outcome.result is TerminalResult.UNKNOWN
    assert "knows nothing of this payment" in str(outcome.reason)
    assert shop.terminal.net() == 0


def test_a_terminal_whose_maker_promises_to_forget_nothing_settles_it(ready) -> None:
    shop = ready(not_found_means_declined=True)
    shop.terminal.fail(TerminalFault.DIES_BEFORE_CHARGING)
    pay(shop)
    assert shop.ear.is_(DeviceState.AWAY)
    shop.terminal.switch_on()
    assert shop.ear.outcome("attempt-1").result is TerminalResult.DECLINED
    assert shop.terminal.net() == 0


def test_a_terminal_that_dies_after_charging_tells_when_it_is_back(ready) -> None:
    shop = ready()
    shop.terminal.fail(TerminalFault.DIES_AFTER_CHARGING)
    pay(shop)
    assert shop.ear.is_(DeviceState.AWAY)
    assert not shop.ear.answers("attempt-1")
    shop.terminal.fail()
    shop.terminal.switch_on()
    assert shop.ear.outcome("attempt-1").result is TerminalResult.APPROVED
    assert shop.terminal.net() == PAID
    assert shop.ear.is_(DeviceState.READY)


def test_a_terminal_that_charged_and_forgot_is_never_called_declined(ready) -> None:
    shop = ready()
    shop.terminal.fail(TerminalFault.DIES_AFTER_CHARGING, TerminalFault.FORGETS)
    pay(shop)
    assert shop.ear.is_(DeviceState.AWAY)
    shop.terminal.fail()
    shop.terminal.switch_on()
    assert shop.ear.outcome("attempt-1").result is TerminalResult.UNKNOWN
    assert shop.terminal.net() == PAID


def test_a_cable_pulled_while_the_customer_pays_loses_no_payment(ready) -> None:
    shop = ready()
    assert shop.worker.purchase(BASKET)
    assert shop.ear.wait(lambda: shop.terminal.waits_for_card)
    shop.terminal.unplug()
    assert shop.ear.is_(DeviceState.AWAY)
    assert shop.terminal.present_card()
    assert shop.ear.prompts("attempt-1")[-1].progress is TerminalProgress.ASKING_AGAIN or shop.line == "serial"
    shop.terminal.plug_in()
    assert shop.ear.outcome("attempt-1").result is TerminalResult.APPROVED
    assert shop.terminal.net() == PAID
    assert shop.terminal.requests.count("Payment") == 1


def test_a_terminal_that_stays_away_leaves_it_unknown_after_the_limit(counter) -> None:
    shop = counter(TerminalLimits(answer_within_s=1.0, ask_again_s=0.05, ask_while_paying_s=0.2, check_s=0.05))
    shop.worker.start()
    assert shop.ear.is_(DeviceState.READY)
    assert shop.worker.purchase(BASKET)
    assert shop.ear.wait(lambda: shop.terminal.waits_for_card)
    shop.terminal.unplug()
    assert shop.ear.outcome("attempt-1").result is TerminalResult.UNKNOWN
    # It can be asked again later, as after a restart.
    shop.terminal.present_card()
    shop.terminal.plug_in()
    assert shop.ear.is_(DeviceState.READY)
    assert shop.worker.ask(earlier())
    assert shop.ear.wait(lambda: len(shop.ear.answers("attempt-1")) == 2)
    assert shop.ear.answers("attempt-1")[1].outcome.result is TerminalResult.APPROVED


def test_a_cashier_need_not_wait_for_a_terminal_that_is_gone(counter) -> None:
    shop = counter(TerminalLimits(answer_within_s=600.0, check_s=0.05, ask_while_paying_s=0.1, silent_s=0.2))
    shop.worker.start()
    assert shop.ear.is_(DeviceState.READY)
    assert shop.worker.purchase(BASKET)
    assert shop.ear.wait(lambda: shop.terminal.waits_for_card)
    shop.terminal.unplug()
    assert shop.ear.is_(DeviceState.AWAY)
    assert shop.worker.cancel("attempt-1")
    assert shop.ear.outcome("attempt-1").result is TerminalResult.UNKNOWN


def test_a_payment_that_was_never_sent_is_declined_at_once(counter) -> None:
    shop = counter()
    shop.terminal.unplug()
    shop.worker.start()
    assert shop.ear.is_(DeviceState.AWAY)
    assert shop.worker.purchase(BASKET)
    outcome = shop.ear.outcome("attempt-1")
    assert outcome.result is TerminalResult.DECLINED
    assert "nothing was sent" in str(outcome.reason)
    shop.terminal.plug_in()
    assert shop.ear.is_(DeviceState.READY)
    assert "Payment" not in shop.terminal.requests


def test_an_attempt_of_an_earlier_run_is_resolved(ready, counter) -> None:
    shop = ready()
    shop.terminal.leave_card()
    assert shop.worker.purchase(BASKET)
    shop.ear.outcome("attempt-1")
    assert shop.worker.ask(earlier())
    assert shop.ear.wait(lambda: len(shop.ear.answers("attempt-1")) == 2)
    assert shop.ear.answers("attempt-1")[1].outcome == shop.ear.answers("attempt-1")[0].outcome


def test_an_attempt_that_never_reached_the_terminal_is_unknown_when_asked_about(ready) -> None:
    shop = ready()
    assert shop.worker.ask(earlier())
    assert shop.ear.outcome("attempt-1").result is TerminalResult.UNKNOWN


def test_a_till_that_closes_in_the_middle_says_that_nobody_knows(ready) -> None:
    shop = ready()
    assert shop.worker.purchase(BASKET)
    assert shop.ear.wait(lambda: shop.terminal.waits_for_card)
    assert shop.worker.close(5.0)
    assert shop.ear.outcome("attempt-1").result is TerminalResult.UNKNOWN
    assert not shop.worker.purchase(PurchaseRequest("attempt-2", 100, "CNY"))


@pytest.mark.parametrize(("off", "on"), [("unplug", "plug_in"), ("switch_off", "switch_on")])
def test_an_idle_terminal_that_goes_is_noticed_within_two_seconds_and_comes_back_by_itself(
    counter, off: str, on: str
) -> None:
    shop = counter(TerminalLimits())
    shop.worker.start()
    assert shop.ear.is_(DeviceState.READY)
    getattr(shop.terminal, off)()
    assert shop.ear.is_(DeviceState.AWAY, 2.0)
    getattr(shop.terminal, on)()
    assert shop.ear.is_(DeviceState.READY)


def test_a_terminal_out_of_service_says_so(ready) -> None:
    shop = ready()
    shop.terminal.fail(TerminalFault.IS_MAINTAINED)
    assert shop.ear.is_(DeviceState.STOPPED)
    assert shop.worker.purchase(BASKET)
    assert shop.ear.outcome("attempt-1").result is TerminalResult.DECLINED
    shop.terminal.fail()
    assert shop.ear.is_(DeviceState.READY)


def test_a_terminal_that_refuses_the_till_is_a_sentence_to_read(counter) -> None:
    shop = counter()
    shop.terminal.fail(TerminalFault.REFUSES_TILL)
    shop.worker.start()
    assert shop.ear.is_(DeviceState.AWAY)
    assert "Check sale_id and poi_id" in str(shop.ear.events[-1].sentence)
    shop.terminal.fail()
    assert shop.ear.is_(DeviceState.READY)


@pytest.mark.parametrize("trouble", list(Trouble))
def test_no_trouble_on_the_line_makes_a_wrong_answer_and_its_end_brings_the_right_one(ready, trouble: Trouble) -> None:
    shop = ready()
    assert shop.worker.purchase(BASKET)
    assert shop.ear.wait(lambda: shop.terminal.waits_for_card)
    shop.terminal.suffer(trouble)
    assert shop.terminal.present_card()
    # What can be read in spite of the trouble may be answered now; what cannot, when it ends.
    shop.ear.wait(lambda: bool(shop.ear.answers("attempt-1")), 0.5)
    shop.terminal.suffer()
    outcome = shop.ear.outcome("attempt-1")
    # A flipped bit that hits the amount or a name makes the answer nobody's; it never turns it into a refusal.
    flipped = trouble is Trouble.FLIPPED_BIT and outcome.result is TerminalResult.UNKNOWN
    assert flipped or (outcome.result, outcome.approved_minor) == (TerminalResult.APPROVED, 12_850)
    assert len(shop.ear.answers("attempt-1")) == 1
    assert shop.terminal.net() == PAID
    assert shop.terminal.requests.count("Payment") == 1


@pytest.mark.parametrize("trouble", [Trouble.SILENT, Trouble.FLOOD, Trouble.FOREIGN, Trouble.TRUNCATED])
def test_an_idle_terminal_in_trouble_is_away_and_recovers(ready, trouble: Trouble) -> None:
    shop = ready()
    shop.terminal.suffer(trouble)
    assert shop.ear.is_(DeviceState.AWAY)
    shop.terminal.suffer()
    assert shop.ear.is_(DeviceState.READY)
