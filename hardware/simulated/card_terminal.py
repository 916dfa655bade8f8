"""A card terminal that is not there, with the bank behind it: speaks nexo, and remembers what it truly charged.

What a person does to it: present a card, enter a PIN, cancel. What can go wrong: every `TerminalFault`. Its ledger is
the bank's, so that tests can compare what was charged with what the till believes.
"""

import json
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Any, Final

from hardware.simulated.card_bank import CARD_NUMBER, MASKED, CardKind, Charge, SimulatedBank
from hardware.simulated.device import SimulatedDevice

_MOST_KEPT_BYTES: Final = 1 << 20
_MOST_PROMPTS: Final = 100


class TerminalFault(Enum):
    """How a terminal can fail at a transaction; each holds until it is taken back."""

    DECLINES = "declines"
    """The bank says no."""

    HOLDS_ANSWER = "holds_answer"
    """It charges and keeps the answer until `let_go`."""

    LOSES_ANSWER = "loses_answer"
    """It charges, and its answer never arrives; asked again, it tells."""

    DOUBLES_ANSWER = "doubles_answer"
    OTHER_AMOUNT = "other_amount"
    """It charges, and answers with one minor unit less."""

    IN_PART = "in_part"
    """The bank approves half of it, and so it says."""

    OTHER_SERVICE_ID = "other_service_id"
    OTHER_TERMINAL = "other_terminal"
    """It answers in the name of another terminal."""

    DIES_BEFORE_CHARGING = "dies_before_charging"
    """Its power goes when the card is presented."""

    DIES_AFTER_CHARGING = "dies_after_charging"
    """The bank has charged, then its power goes."""

    FORGETS = "forgets"
    """It keeps nothing over a power cut."""

    SENDS_CARD_NUMBER = "sends_card_number"
    """It writes the whole number where the masked one belongs."""

    PRINTS_CARD_NUMBER = "prints_card_number"
    """It writes the whole number on the receipt."""

    IS_MAINTAINED = "is_maintained"
    """It says that it is out of service."""

    REFUSES_TILL = "refuses_till"
    """It lets nobody log in."""


@dataclass(slots=True)
class _Open:
    """A transaction that waits for a card."""

    header: dict[str, Any]
    body: dict[str, Any]
    card: CardKind | None = None


class SimulatedCardTerminal(SimulatedDevice):
    """One terminal; see the module."""

    def __init__(
        self, poi_id: str = "Simulated-1", *, seed: int = 0, monotonic_s: Callable[[], float] = time.monotonic
    ) -> None:
        """Switch it on.

        Args:
            poi_id: its name.
            seed: where noise comes from.
            monotonic_s: seconds that never go back.
        """
        super().__init__(seed=seed, monotonic_s=monotonic_s)
        self._poi_id = poi_id
        self._waiting = bytearray()
        self._faults: set[TerminalFault] = set()
        self._open: _Open | None = None
        self._answers: dict[str, dict[str, Any]] = {}
        """What it answered to which message; kept over a power cut."""

        self._held: deque[dict[str, Any]] = deque()
        self._bank = SimulatedBank()
        self._prompts: deque[str] = deque(maxlen=_MOST_PROMPTS)
        self._asks_pin = False
        self._card_left: CardKind | None = None
        self._requests: deque[str] = deque(maxlen=_MOST_PROMPTS)

    # What a person does to it.

    def fail(self, *faults: TerminalFault) -> None:
        """Let it have these faults and no others; none where none is named."""
        with self._changed:
            self._faults = set(faults)

    def asks_pin(self, asks: bool = True) -> None:
        """Say whether cards need a PIN."""
        with self._changed:
            self._asks_pin = asks

    def leave_card(self, card: CardKind | None = CardKind.UNIONPAY) -> None:
        """Leave a card on it, so that every payment is made at once; None takes it away."""
        with self._changed:
            self._card_left = card

    def present_card(self, card: CardKind = CardKind.VISA) -> bool:
        """Present a card; whether it was waiting for one."""
        with self._changed:
            if self._open is None or self._open.card is not None or not self._powered:
                return False
            self._present(self._open, card)
            return True

    def enter_pin(self) -> bool:
        """Enter the right PIN; whether it was waiting for one."""
        with self._changed:
            if self._open is None or self._open.card is None or not self._powered:
                return False
            self._show("PIN_ENTERED")
            self._charge(self._open, self._open.card)
            return True

    def press_cancel(self) -> bool:
        """Press its red key; whether there was something to cancel."""
        with self._changed:
            return self._refuse_open("Cancel")

    def let_go(self) -> None:
        """Send the answers that were held."""
        with self._changed:
            while self._held:
                self._send(self._held.popleft())

    # What can be seen of it.

    @property
    def waits_for_card(self) -> bool:
        """Whether a transaction is open and no card was presented."""
        with self._changed:
            return self._open is not None and self._open.card is None

    @property
    def waits_for_pin(self) -> bool:
        """Whether a card was presented that needs a PIN."""
        with self._changed:
            return self._open is not None and self._open.card is not None

    @property
    def faults(self) -> frozenset[TerminalFault]:
        """How it fails now."""
        with self._changed:
            return frozenset(self._faults)

    @property
    def ledger(self) -> tuple[Charge, ...]:
        """What the bank booked."""
        with self._changed:
            return tuple(self._bank.ledger)

    def net(self, currency: str = "CNY") -> Decimal:
        """Return what the shop has of it in major units: purchases less refunds and reversals."""
        with self._changed:
            return self._bank.net(currency)

    @property
    def display(self) -> str:
        """What it told the till last."""
        with self._changed:
            return self._prompts[-1] if self._prompts else ""

    @property
    def requests(self) -> tuple[str, ...]:
        """The kinds of request it was sent, the last hundred: `Login`, `Payment`, …."""
        with self._changed:
            return tuple(self._requests)

    # The line; the lock is held.

    def _forget(self) -> None:
        self._waiting.clear()
        self._open = None
        self._held.clear()
        if TerminalFault.FORGETS in self._faults:
            self._answers.clear()

    def _heard(self, data: bytes) -> None:
        self._waiting += data
        while len(self._waiting) >= 4:
            length = int.from_bytes(self._waiting[:4], "big")
            if length > _MOST_KEPT_BYTES:
                self._waiting.clear()
                return
            if len(self._waiting) < 4 + length:
                return
            message = bytes(self._waiting[4 : 4 + length])
            del self._waiting[: 4 + length]
            self._obey(message)

    def _obey(self, data: bytes) -> None:
        try:
            message = json.loads(data, parse_float=Decimal)
        except ValueError:
            return
        request = message.get("SaleToPOIRequest")
        if request is None:
            return  # The till's answer to something it was shown.
        header = request["MessageHeader"]
        category = header["MessageCategory"]
        self._requests.append(category)
        obey = {
            "Login": self._login,
            "Diagnosis": self._diagnosis,
            "Payment": self._transaction,
            "Reversal": self._transaction,
            "TransactionStatus": self._status,
            "Abort": self._abort,
        }.get(category)
        if obey is not None:
            obey(header, request[f"{category}Request"])

    def _login(self, header: dict[str, Any], _: dict[str, Any]) -> None:
        refuses = TerminalFault.REFUSES_TILL in self._faults
        response = {"Result": "Failure", "ErrorCondition": "NotAllowed"} if refuses else {"Result": "Success"}
        self._reply(header, {"Response": response})

    def _diagnosis(self, header: dict[str, Any], _: dict[str, Any]) -> None:
        maintained = TerminalFault.IS_MAINTAINED in self._faults
        status = {"GlobalStatus": "Maintenance" if maintained else "OK"}
        self._reply(header, {"Response": {"Result": "Success"}, "POIStatus": status})

    def _transaction(self, header: dict[str, Any], body: dict[str, Any]) -> None:
        refused = ""
        if header["ServiceID"] in self._answers:
            refused = "NotAllowed"
        elif self._open is not None:
            refused = "Busy"
        elif TerminalFault.IS_MAINTAINED in self._faults:
            refused = "UnavailableService"
        if refused:
            self._reply(header, {"Response": {"Result": "Failure", "ErrorCondition": refused}})
            return
        transaction = _Open(header, body)
        if header["MessageCategory"] == "Reversal":
            self._charge(transaction, CardKind.VISA)
            return
        self._open = transaction
        self._show("TENDER_CREATED")
        if self._card_left is not None:
            self._present(transaction, self._card_left)

    def _status(self, header: dict[str, Any], body: dict[str, Any]) -> None:
        meant = body["MessageReference"]
        service_id = meant["ServiceID"]
        held = any(answer["MessageHeader"]["ServiceID"] == service_id for answer in self._held)
        if held or (self._open is not None and self._open.header["ServiceID"] == service_id):
            self._reply(header, {"Response": {"Result": "Failure", "ErrorCondition": "InProgress"}})
            return
        answer = self._answers.get(service_id)
        if answer is None:
            self._reply(header, {"Response": {"Result": "Failure", "ErrorCondition": "NotFound"}})
            return
        body = {name: part for name, part in answer.items() if name != "MessageHeader"}
        repeated = {"MessageHeader": answer["MessageHeader"], "RepeatedResponseMessageBody": body}
        self._reply(
            header, {"Response": {"Result": "Success"}, "MessageReference": meant, "RepeatedMessageResponse": repeated}
        )

    def _abort(self, _: dict[str, Any], body: dict[str, Any]) -> None:
        if self._open is not None and body["MessageReference"]["ServiceID"] == self._open.header["ServiceID"]:
            self._refuse_open("Aborted")

    # Cards and the bank; the lock is held.

    def _present(self, transaction: _Open, card: CardKind) -> None:
        transaction.card = card
        self._show("CARD_PRESENTED")
        if TerminalFault.DIES_BEFORE_CHARGING in self._faults:
            self.switch_off()
        elif self._asks_pin:
            self._show("WAIT_FOR_PIN")
        else:
            self._charge(transaction, card)

    def _refuse_open(self, condition: str) -> bool:
        transaction, self._open = self._open, None
        if transaction is None:
            return False
        self._answer(transaction.header, {"Response": {"Result": "Failure", "ErrorCondition": condition}})
        return True

    def _charge(self, transaction: _Open, card: CardKind) -> None:
        self._open = None
        header, body = transaction.header, transaction.body
        if TerminalFault.DECLINES in self._faults:
            self._answer(header, {"Response": {"Result": "Failure", "ErrorCondition": "Refusal"}})
            return
        charge = self._bank.book(header, body, half=TerminalFault.IN_PART in self._faults)
        if charge is None:
            self._answer(header, {"Response": {"Result": "Failure", "ErrorCondition": "NotFound"}})
            return
        answer = self._approval(header, body, charge, card)
        if TerminalFault.DIES_AFTER_CHARGING in self._faults:
            self._answers[header["ServiceID"]] = self._whole(header, answer)
            self.switch_off()
            return
        self._answer(header, answer)

    def _approval(self, header: dict[str, Any], body: dict[str, Any], charge: Charge, card: CardKind) -> dict[str, Any]:
        amount = abs(charge.amount)
        if TerminalFault.OTHER_AMOUNT in self._faults:
            amount -= Decimal(1).scaleb(int(amount.as_tuple().exponent))
        result = "Partial" if TerminalFault.IN_PART in self._faults else "Success"
        answer: dict[str, Any] = {
            "Response": {"Result": result, "AdditionalResponse": "offline=false&simulated=true"},
            "SaleData": body["SaleData"],
            "POIData": {
                "POITransactionID": {"TransactionID": charge.reference, "TimeStamp": "2026-11-22T10:00:00.000Z"}
            },
        }
        if header["MessageCategory"] == "Reversal":
            answer["ReversedAmount"] = amount
            return answer
        exposed = TerminalFault.SENDS_CARD_NUMBER in self._faults
        answer["PaymentResult"] = {
            "PaymentType": charge.kind,
            "PaymentInstrumentData": {
                "PaymentInstrumentType": "Card",
                "CardData": {
                    "PaymentBrand": card.value,
                    "MaskedPan": CARD_NUMBER if exposed else MASKED[card],
                    "PaymentToken": {"TokenRequestedType": "Customer", "TokenValue": f"TOKEN-{card.value}"},
                    "SensitiveCardData": {"ExpiryDate": "1230"},
                },
            },
            "AmountsResp": {"Currency": charge.currency, "AuthorizedAmount": amount},
            "PaymentAcquirerData": {"MerchantID": "SHOP", "AcquirerPOIID": self._poi_id, "ApprovalCode": "A12345"},
        }
        shown = CARD_NUMBER if TerminalFault.PRINTS_CARD_NUMBER in self._faults else MASKED[card]
        lines = ("SIMULATED TERMINAL", f"{card.value.upper()} {shown}", f"{charge.currency} {amount}", "APPROVED")
        text = [{"Text": line, "EndOfLineFlag": True} for line in lines]
        answer["PaymentReceipt"] = [
            {
                "DocumentQualifier": "CustomerReceipt",
                "OutputContent": {"OutputFormat": "Text", "OutputText": text},
            }
        ]
        return answer

    # What it says; the lock is held.

    def _answer(self, header: dict[str, Any], body: dict[str, Any]) -> None:
        """Answer a transaction, as its faults leave the answer."""
        whole = self._whole(header, body)
        self._answers[header["ServiceID"]] = whole
        if TerminalFault.LOSES_ANSWER in self._faults:
            return
        sent = {**whole, "MessageHeader": dict(whole["MessageHeader"])}
        if TerminalFault.OTHER_SERVICE_ID in self._faults:
            sent["MessageHeader"]["ServiceID"] = "NOTYOURS"
        if TerminalFault.OTHER_TERMINAL in self._faults:
            sent["MessageHeader"]["POIID"] = "Another-9"
        if TerminalFault.HOLDS_ANSWER in self._faults:
            self._held.append(sent)
            return
        self._send(sent)
        if TerminalFault.DOUBLES_ANSWER in self._faults:
            self._send(sent)

    def _reply(self, header: dict[str, Any], body: dict[str, Any]) -> None:
        self._send(self._whole(header, body))

    def _whole(self, header: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
        category = header["MessageCategory"]
        answered = {**header, "MessageType": "Response", "POIID": self._poi_id}
        return {"MessageHeader": answered, f"{category}Response": body}

    def _send(self, reply: dict[str, Any]) -> None:
        self._say_message({"SaleToPOIResponse": reply})

    def _show(self, event: str) -> None:
        """Tell the till where the tender stands."""
        self._prompts.append(event)
        reference = f"TransactionID=SIM&TimeStamp=2026-11-22T10:00:00.000Z&event={event}"
        header = {
            "ProtocolVersion": "3.0",
            "MessageClass": "Device",
            "MessageCategory": "Display",
            "MessageType": "Request",
            "DeviceID": str(len(self._prompts)),
            "SaleID": self._open.header["SaleID"] if self._open is not None else "",
            "POIID": self._poi_id,
        }
        output = {
            "Device": "CashierDisplay",
            "InfoQualify": "Status",
            "ResponseRequiredFlag": True,
            "OutputContent": {"OutputFormat": "MessageRef", "PredefinedContent": {"ReferenceID": reference}},
        }
        self._say_message(
            {"SaleToPOIRequest": {"MessageHeader": header, "DisplayRequest": {"DisplayOutput": [output]}}}
        )

    def _say_message(self, message: dict[str, Any]) -> None:
        data = _json(message).encode()
        self._say(len(data).to_bytes(4, "big") + data)


def _json(value: Any) -> str:  # noqa: ANN401 - whatever JSON holds
    """Write JSON with amounts as numbers, exactly."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(name)}:{_json(part)}" for name, part in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(map(_json, value)) + "]"
    return json.dumps(value)
