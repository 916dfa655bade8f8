"""The till's side of nexo: an answer counts where it is the answer, and nothing that comes makes a refusal of a charge."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.payments.card_terminal import (
    PurchaseRequest,
    RefundRequest,
    ReversalRequest,
    StatusRequest,
    TerminalOperation,
    TerminalProgress,
    TerminalResult,
    TransactionReference,
)
from hardware.terminals.framing import framed
from hardware.terminals.nexo import Concluded, NexoSession, Progressed, StillRunning, Strange
from hardware.terminals.outcomes import exact_minor, wire_amount
from hardware.terminals.requests import NexoRules, service_id_of

BASKET = PurchaseRequest("attempt-1", 12_850, "CNY")
ORIGINAL = TransactionReference("T1", "REF1", "2026-11-22T10:00:00.000Z")


def sent(data: bytes) -> dict[str, Any]:
    assert int.from_bytes(data[:4], "big") == len(data) - 4
    return json.loads(data[4:], parse_float=Decimal)["SaleToPOIRequest"]


def session(rules: NexoRules | None = None) -> NexoSession:
    return NexoSession("Till1", "T1", rules)


def answer(response: dict[str, Any], **changes: Any) -> dict[str, Any]:
    header = {
        "ProtocolVersion": "3.0",
        "MessageClass": "Service",
        "MessageCategory": "Payment",
        "MessageType": "Response",
        "ServiceID": service_id_of("attempt-1"),
        "SaleID": "Till1",
        "POIID": "T1",
        **changes,
    }
    return {"SaleToPOIResponse": {"MessageHeader": header, "PaymentResponse": response}}


def approved(amount: float | None = 128.50, currency: str = "CNY") -> dict[str, Any]:
    amounts = {"Currency": currency} | ({} if amount is None else {"AuthorizedAmount": amount})
    return {
        "Response": {"Result": "Success"},
        "POIData": {"POITransactionID": {"TransactionID": "REF1", "TimeStamp": "2026-11-22T10:00:00.000Z"}},
        "PaymentResult": {"AmountsResp": amounts},
    }


def heard(talk: NexoSession, message: dict[str, Any]) -> tuple:
    return talk.received(framed(json.dumps(message).encode()))


def concluded(heard: tuple) -> list[Concluded]:
    return [one for one in heard if isinstance(one, Concluded)]


def test_a_purchase_is_asked_for_in_the_terminals_words() -> None:
    request = sent(session().begin(BASKET))
    assert request["MessageHeader"] == {
        "ProtocolVersion": "3.0",
        "MessageClass": "Service",
        "MessageCategory": "Payment",
        "MessageType": "Request",
        "ServiceID": service_id_of("attempt-1"),
        "SaleID": "Till1",
        "POIID": "T1",
    }
    assert request["PaymentRequest"]["PaymentTransaction"] == {
        "AmountsReq": {"Currency": "CNY", "RequestedAmount": Decimal("128.50")}
    }
    assert request["PaymentRequest"]["SaleData"]["SaleTransactionID"]["TransactionID"] == "attempt-1"


def test_a_refund_names_the_payment_it_belongs_to() -> None:
    refund = RefundRequest("attempt-2", 500, "CNY", ORIGINAL)
    by_payment = sent(session().begin(refund))["PaymentRequest"]
    assert by_payment["PaymentData"] == {"PaymentType": "Refund"}
    named = {"TransactionID": "REF1", "TimeStamp": "2026-11-22T10:00:00.000Z"}
    assert by_payment["PaymentTransaction"]["OriginalPOITransaction"]["POITransactionID"] == named
    by_reversal = sent(session(NexoRules(refund_by="reversal")).begin(refund))["ReversalRequest"]
    assert by_reversal["ReversedAmount"] == 5
    assert by_reversal["OriginalPOITransaction"]["POITransactionID"] == named
    assert by_reversal["ReversalReason"] == "MerchantCancel"


def test_an_attempt_keeps_its_name_over_a_restart() -> None:
    begun = sent(session().begin(BASKET))["MessageHeader"]["ServiceID"]
    asked = sent(session().resume(StatusRequest("attempt-1", TerminalOperation.PURCHASE, 12_850, "CNY")))
    assert asked["TransactionStatusRequest"]["MessageReference"]["ServiceID"] == begun
    assert len(begun) <= 10
    assert begun.isalnum()


@given(st.text(min_size=1), st.text(min_size=1))
def test_two_attempts_have_two_names(one: str, other: str) -> None:
    assert (service_id_of(one) == service_id_of(other)) is (one == other)


@given(st.integers(1, 10**12), st.sampled_from(["CNY", "JPY", "EUR"]))
def test_amounts_go_over_the_wire_and_back_exactly(minor: int, currency: str) -> None:
    written = wire_amount(minor, currency)
    assert written == Decimal(minor).scaleb(0 if currency == "JPY" else -2)
    assert exact_minor(written, currency) == minor
    assert exact_minor(written + Decimal("0.001"), currency) is None


@given(st.decimals())
def test_no_number_breaks_an_amount(amount: Decimal) -> None:
    exact_minor(amount, "CNY")


@pytest.mark.parametrize(
    ("message", "strange"),
    [
        (answer(approved(128.49)), "terminal_amount_differs"),
        (answer(approved(128.505)), "terminal_amount_differs"),
        (answer(approved(-128.50)), "terminal_amount_differs"),
        (answer(approved(None)), "terminal_amount_differs"),
        (answer(approved(currency="USD")), "terminal_amount_differs"),
        (answer(approved(), POIID="T2"), "terminal_answer_of_another_terminal"),
        (answer({"Response": {"Result": "Sucess"}}), "terminal_result_unheard_of"),
        (answer({"Response": {"Result": "Failure"}}), "terminal_failure_unexplained"),
        (
            answer({**approved(), "SaleData": {"SaleTransactionID": {"TransactionID": "attempt-9"}}}),
            "terminal_answer_names_another_sale",
        ),
    ],
)
def test_an_answer_that_is_not_this_payments_leaves_it_unknown_and_is_logged(message: dict, strange: str) -> None:
    talk = session()
    talk.begin(BASKET)
    events = heard(talk, message)
    assert Strange(strange) in events
    assert [one.outcome.result for one in concluded(events)] == [TerminalResult.UNKNOWN]


def test_an_answer_to_another_message_concludes_nothing() -> None:
    talk = session()
    talk.begin(BASKET)
    assert heard(talk, answer(approved(), ServiceID="OTHER")) == (Strange("terminal_reply_to_nothing"),)
    assert concluded(heard(talk, answer(approved())))[0].outcome.result is TerminalResult.APPROVED


def test_a_late_or_doubled_answer_is_not_heard() -> None:
    talk = session()
    talk.begin(BASKET)
    assert concluded(heard(talk, answer(approved())))
    assert heard(talk, answer(approved())) == ()
    talk.begin(PurchaseRequest("attempt-2", 12_850, "CNY"))
    assert heard(talk, answer(approved())) == ()


@pytest.mark.parametrize("promised", [True, False])
def test_a_late_word_about_the_last_payment_says_nothing_of_this_one(promised: bool) -> None:
    talk = session(NexoRules(not_found_means_declined=promised))
    talk.begin(BASKET)
    asked = sent(talk.inquire())["MessageHeader"]["ServiceID"]
    assert concluded(heard(talk, answer(approved())))
    talk.begin(PurchaseRequest("attempt-2", 12_850, "CNY"))
    header = {"MessageCategory": "TransactionStatus", "ServiceID": asked, "POIID": "T1"}
    not_found = {"Response": {"Result": "Failure", "ErrorCondition": "NotFound"}}
    late = {"SaleToPOIResponse": {"MessageHeader": header, "TransactionStatusResponse": not_found}}
    assert heard(talk, late) == ()


def test_a_payment_that_goes_on_is_not_concluded() -> None:
    talk = session()
    talk.begin(BASKET)
    going_on = {"Response": {"Result": "Failure", "ErrorCondition": "InProgress"}}
    assert heard(talk, answer(going_on)) == (StillRunning(),)
    assert concluded(heard(talk, answer(approved())))


@pytest.mark.parametrize("condition", ["Refusal", "Cancel", "WrongPIN", "Aborted", "UnreachableHost", "InvalidCard"])
def test_a_refusal_says_why(condition: str) -> None:
    talk = session()
    talk.begin(BASKET)
    refused = {"Response": {"Result": "Failure", "ErrorCondition": condition}}
    outcome = concluded(heard(talk, answer(refused)))[0].outcome
    assert outcome.result is TerminalResult.DECLINED
    assert str(outcome.reason).endswith(".")


@given(st.lists(st.binary(max_size=120), max_size=10))
def test_no_bytes_conclude_a_payment(pieces: list[bytes]) -> None:
    talk = session()
    talk.begin(BASKET)
    assert not any(concluded(talk.received(piece)) for piece in pieces)
    talk.give_up_incomplete()
    talk.reconnected()
    assert concluded(heard(talk, answer(approved())))


@given(st.data())
def test_one_flipped_bit_never_makes_a_refusal_or_another_amount_of_an_approval(data: st.DataObject) -> None:
    talk = session(NexoRules(partial_approval=data.draw(st.booleans())))
    talk.begin(BASKET)
    message = bytearray(framed(json.dumps(answer(approved())).encode()))
    place = data.draw(st.integers(0, len(message) - 1))
    message[place] ^= 1 << data.draw(st.integers(0, 7))
    events = concluded(talk.received(bytes(message)))
    for event in events:
        assert event.outcome.result is not TerminalResult.DECLINED
        # Where less may be approved, an amount is the bank's to say and has no second figure to check it by.
        if event.outcome.result is TerminalResult.APPROVED and not talk.rules.partial_approval:
            assert event.outcome.approved_minor == 12_850


@given(st.data())
def test_one_flipped_bit_never_makes_an_approval_of_a_refusal(data: st.DataObject) -> None:
    talk = session()
    talk.begin(BASKET)
    refused = {"Response": {"Result": "Failure", "ErrorCondition": "Refusal"}}
    message = bytearray(framed(json.dumps(answer(refused)).encode()))
    message[data.draw(st.integers(0, len(message) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    events = concluded(talk.received(bytes(message)))
    assert all(event.outcome.result is not TerminalResult.APPROVED for event in events)


def display(output: dict[str, Any]) -> dict[str, Any]:
    header = {"MessageClass": "Device", "MessageCategory": "Display", "MessageType": "Request", "DeviceID": "7"}
    body = {"DisplayOutput": {"Device": "CashierDisplay", "OutputContent": output}}
    return {"SaleToPOIRequest": {"MessageHeader": header, "DisplayRequest": body}}


def test_what_the_terminal_has_shown_is_told_and_thanked_for() -> None:
    talk = session()
    talk.begin(BASKET)
    event = {"PredefinedContent": {"ReferenceID": "TransactionID=1&TimeStamp=2&event=WAIT_FOR_PIN"}}
    (prompt,) = heard(talk, display(event))
    assert isinstance(prompt, Progressed)
    assert prompt.progress is TerminalProgress.ENTER_PIN
    reply = json.loads(talk.replies()[4:])["SaleToPOIResponse"]
    assert reply["MessageHeader"]["DeviceID"] == "7"
    assert reply["DisplayResponse"]["OutputResult"][0]["Response"] == {"Result": "Success"}
    assert talk.replies() == b""
    words = {"OutputFormat": "Text", "OutputText": [{"Text": "Hold the card"}, {"Text": "still"}]}
    (prompt,) = heard(talk, display(words))
    assert isinstance(prompt, Progressed)
    assert str(prompt.sentence) == "The card terminal: Hold the card still"


def test_words_with_a_card_number_are_not_told() -> None:
    talk = session()
    words = {"OutputFormat": "Text", "OutputText": [{"Text": "4111 1111 1111 1111"}]}
    assert heard(talk, display(words)) == (Strange("terminal_sent_card_number"),)


def test_a_terminal_that_wants_the_tills_printer_is_told_that_there_is_none() -> None:
    talk = session()
    header = {"MessageClass": "Device", "MessageCategory": "Print", "MessageType": "Request", "DeviceID": "8"}
    assert heard(talk, {"SaleToPOIRequest": {"MessageHeader": header, "PrintRequest": {}}}) == ()
    reply = json.loads(talk.replies()[4:])["SaleToPOIResponse"]
    assert reply["PrintResponse"]["Response"]["Result"] == "Failure"


def test_a_reversal_without_an_amount_in_its_answer_is_of_all_of_it() -> None:
    talk = session()
    talk.begin(ReversalRequest("attempt-1", 12_850, "CNY", ORIGINAL))
    message = answer({}, MessageCategory="Reversal")
    del message["SaleToPOIResponse"]["PaymentResponse"]
    message["SaleToPOIResponse"]["ReversalResponse"] = {"Response": {"Result": "Success"}}
    assert concluded(heard(talk, message))[0].outcome.approved_minor == 12_850
