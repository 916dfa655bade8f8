"""The simulated terminal's bank books what was truly charged, whatever the terminal says of it."""

import json
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from hardware.simulated.card_bank import CARD_NUMBER
from hardware.simulated.card_terminal import SimulatedCardTerminal, TerminalFault


def ask(terminal: SimulatedCardTerminal, category: str, service_id: str, body: dict[str, Any]) -> list[dict[str, Any]]:
    header = {"MessageClass": "Service", "MessageCategory": category, "MessageType": "Request"}
    header |= {"ServiceID": service_id, "SaleID": "Till1", "POIID": "Simulated-1"}
    data = json.dumps({"SaleToPOIRequest": {"MessageHeader": header, f"{category}Request": body}}).encode()
    terminal.receive(len(data).to_bytes(4, "big") + data)
    return answers(terminal)


def answers(terminal: SimulatedCardTerminal) -> list[dict[str, Any]]:
    data, found = terminal.replies(0), []
    while data:
        length = int.from_bytes(data[:4], "big")
        message = json.loads(data[4 : 4 + length], parse_float=Decimal)
        data = data[4 + length :]
        if "SaleToPOIResponse" in message:
            found.append(message["SaleToPOIResponse"])
    return found


def payment(amount: float) -> dict[str, Any]:
    return {
        "SaleData": {"SaleTransactionID": {"TransactionID": "sale"}},
        "PaymentTransaction": {"AmountsReq": {"Currency": "CNY", "RequestedAmount": amount}},
        "PaymentData": {"PaymentType": "Normal"},
    }


def test_a_card_pays_once_however_often_it_is_asked_for() -> None:
    terminal = SimulatedCardTerminal()
    assert not terminal.present_card()
    assert ask(terminal, "Payment", "A", payment(12.5)) == []
    assert terminal.present_card()
    assert answers(terminal)[0]["PaymentResponse"]["Response"]["Result"] == "Success"
    (again,) = ask(terminal, "Payment", "A", payment(12.5))
    assert again["PaymentResponse"]["Response"]["ErrorCondition"] == "NotAllowed"
    assert terminal.net() == Decimal("12.5")


def test_a_second_payment_at_the_same_time_is_refused() -> None:
    terminal = SimulatedCardTerminal()
    ask(terminal, "Payment", "A", payment(1))
    (busy,) = ask(terminal, "Payment", "B", payment(2))
    assert busy["PaymentResponse"]["Response"]["ErrorCondition"] == "Busy"


def test_what_was_answered_is_kept_over_a_power_cut_unless_it_forgets() -> None:
    for faults, condition in (((), None), ((TerminalFault.FORGETS,), "NotFound")):
        terminal = SimulatedCardTerminal()
        terminal.leave_card()
        ask(terminal, "Payment", "A", payment(1))
        terminal.fail(*faults)
        terminal.switch_off()
        terminal.switch_on()
        (told,) = ask(terminal, "TransactionStatus", "S", {"MessageReference": {"ServiceID": "A"}})
        assert told["TransactionStatusResponse"]["Response"].get("ErrorCondition") == condition
        assert terminal.net() == 1


def test_a_masked_number_is_what_it_normally_sends() -> None:
    terminal = SimulatedCardTerminal()
    terminal.leave_card()
    assert CARD_NUMBER not in json.dumps(ask(terminal, "Payment", "A", payment(1)), default=str)
    terminal.fail(TerminalFault.SENDS_CARD_NUMBER)
    assert CARD_NUMBER in json.dumps(ask(terminal, "Payment", "B", payment(1)), default=str)


@given(st.lists(st.binary(max_size=60), max_size=10))
def test_bytes_that_are_no_message_charge_nothing(pieces: list[bytes]) -> None:
    terminal = SimulatedCardTerminal()
    terminal.leave_card()
    for piece in pieces:
        terminal.receive(piece)
    assert terminal.ledger == ()
