"""Conversations with card terminals as their makers publish them, played to the driver byte for byte."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.payments.card_terminal import PurchaseRequest, StatusRequest, TerminalOperation, TerminalResult
from hardware.conversation import ReplayTransport, read_conversation
from hardware.terminals.driver import NexoTerminal
from hardware.terminals.nexo import Concluded, NexoSession

CONVERSATIONS = Path(__file__).parents[1] / "conversations"


def played(name: str, sale_id: str, poi_id: str, service_id: str, at: datetime, *, asks: str = "") -> tuple:
    transport = ReplayTransport(read_conversation((CONVERSATIONS / name).read_text()))
    session = NexoSession(
        sale_id, poi_id, name_of=lambda _: service_id, new_service_id=lambda: asks, utc_now=lambda: at
    )
    terminal = NexoTerminal(transport, session)
    terminal.open()
    return terminal, transport


def concluded(terminal: NexoTerminal) -> Concluded:
    heard = [one for one in terminal.listen(0) if isinstance(one, Concluded)]
    assert len(heard) == 1
    return heard[0]


def test_a_payment_that_is_approved() -> None:
    at = datetime(2018, 6, 20, 9, 51, 35, tzinfo=UTC)
    terminal, transport = played(
        "terminals-nexo-payment-approved.txt", "AppieBash-POSSystemID12345", "MX925-260390740", "20095135", at
    )
    # 15.25 euros.
    terminal.begin(PurchaseRequest("TxId-2018-06-20T09:51:35+00:00", 1525, "EUR"))
    outcome = concluded(terminal).outcome
    assert transport.finished
    assert (outcome.result, outcome.approved_minor, outcome.currency) == (TerminalResult.APPROVED, 1525, "EUR")
    assert outcome.masked_number == "476173******0010"
    assert (outcome.scheme, outcome.token, outcome.terminal_id) == ("visa", "B143919407458236", "MX925-260390740")
    assert outcome.original.reference == "oLkO001529481092000.8815294810981090"
    assert outcome.original.at == "2018-06-20T07:51:32.000Z"
    assert "Card  ************0010" in outcome.receipt_lines
    assert "TOTAL  € 15.25" in outcome.receipt_lines
    assert outcome.receipt_lines[-1] == "Thank you"


def test_a_shopper_who_cancels() -> None:
    at = datetime(2017, 8, 28, 15, 18, 30, tzinfo=UTC)
    terminal, transport = played(
        "terminals-nexo-payment-cancelled.txt", "POSSystemID12345", "MX925-260193322", "16151", at
    )
    terminal.begin(PurchaseRequest("27040", 1000, "EUR"))
    outcome = concluded(terminal).outcome
    assert transport.finished
    assert outcome.result is TerminalResult.DECLINED
    assert "cancelled" in str(outcome.reason)


@pytest.mark.parametrize(("amount_minor", "result"), [(7900, TerminalResult.APPROVED), (7901, TerminalResult.UNKNOWN)])
def test_a_payment_that_is_asked_about(amount_minor: int, result: TerminalResult) -> None:
    at = datetime(2018, 12, 5, 14, 3, 42, tzinfo=UTC)
    terminal, transport = played(
        "terminals-nexo-status-of-a-payment.txt",
        "TOSIM_1_1_6",
        "P400Plus-12345678",
        "05140342",
        at,
        asks="35543420",
    )
    terminal.resume(StatusRequest("0000060001078117", TerminalOperation.PURCHASE, amount_minor, "EUR"))
    outcome = concluded(terminal).outcome
    assert transport.finished
    assert outcome.result is result
    if result is TerminalResult.APPROVED:
        assert (outcome.approved_minor, outcome.masked_number) == (7900, "679999******9990")
