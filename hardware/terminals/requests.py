"""Writes the messages of nexo Retailer that a till sends."""

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from app.payments.card_terminal import (
    PurchaseRequest,
    RefundRequest,
    ReversalRequest,
    StatusRequest,
    TerminalOperation,
    TransactionReference,
)
from hardware.terminals.framing import framed
from hardware.terminals.messages import MessageHeader, write_message
from hardware.terminals.outcomes import Expected, sale_reference, wire_amount

PROTOCOL_VERSION: Final = "3.0"
SERVICE_ID_LETTERS: Final = 10

RefundBy = Literal["payment", "reversal"]


@dataclass(frozen=True, slots=True)
class NexoRules:
    """In what terminals differ."""

    refund_by: RefundBy = "payment"
    """`payment` sends a PaymentRequest of type Refund, `reversal` a ReversalRequest with an amount."""

    partial_approval: bool = False
    """Whether less than was asked for may be approved."""

    prints_itself: bool = False
    """Whether the terminal prints its receipts; else they are asked for with the answer."""

    logs_in: bool = True
    """Whether the terminal wants a log-in before anything else."""

    certification_code: str = "none"
    """What the provider gave this software to log in with."""

    not_found_means_declined: bool = False
    """Whether a terminal that does not find a payment has surely not made it: only where its maker promises that it
    forgets none, power cuts included."""


def service_id_of(attempt_id: str) -> str:
    """Return the name of an attempt's message: always the same one, so that it can be asked about after a restart.

    Ten letters and digits, as nexo allows; two attempts of two days share one with a chance of one in 10^9.
    """
    digest = hashlib.sha256(attempt_id.encode()).digest()
    return base64.b32encode(digest).decode("ascii")[:SERVICE_ID_LETTERS]


def expected_of(
    request: PurchaseRequest | RefundRequest | ReversalRequest | StatusRequest,
    rules: NexoRules,
    name_of: Callable[[str], str],
) -> Expected:
    """Return what the answer to a request must match; `name_of` names the message of an attempt."""
    match request:
        case PurchaseRequest():
            operation = TerminalOperation.PURCHASE
        case RefundRequest():
            operation = TerminalOperation.REFUND
        case ReversalRequest():
            operation = TerminalOperation.REVERSAL
        case StatusRequest():
            operation = request.operation
    by_reversal = operation is TerminalOperation.REVERSAL or (
        operation is TerminalOperation.REFUND and rules.refund_by == "reversal"
    )
    return Expected(
        request.attempt_id,
        operation,
        request.amount_minor,
        request.currency,
        name_of(request.attempt_id),
        "Reversal" if by_reversal else "Payment",
    )


class MessageWriter:
    """Writes in the name of one till to one terminal."""

    def __init__(self, sale_id: str, poi_id: str, utc_now: Callable[[], datetime]) -> None:
        """Say who writes to whom, and what tells the time."""
        self._sale_id = sale_id
        self._poi_id = poi_id
        self._utc_now = utc_now

    def login(self, rules: NexoRules) -> dict[str, Any]:
        """Return the body of a log-in."""
        receipts = [] if rules.prints_itself else ["PrinterReceipt"]
        capabilities = ["CashierStatus", "CashierError", "CashierDisplay", *receipts]
        return {
            "DateTime": self._time(),
            "SaleSoftware": {
                "ProviderIdentification": "Guitai",
                "ApplicationName": "Guitai",
                "SoftwareVersion": "1",
                "CertificationCode": rules.certification_code,
            },
            "SaleTerminalData": {"TerminalEnvironment": "Attended", "SaleCapabilities": capabilities},
            "OperatorLanguage": "en",
        }

    def payment(self, request: PurchaseRequest | RefundRequest | ReversalRequest) -> dict[str, Any]:
        """Return the body of a payment or a refund."""
        amount = {"Currency": request.currency, "RequestedAmount": wire_amount(request.amount_minor, request.currency)}
        transaction: dict[str, Any] = {"AmountsReq": amount}
        body: dict[str, Any] = {"SaleData": self._sale_data(request.attempt_id), "PaymentTransaction": transaction}
        if isinstance(request, PurchaseRequest):
            body["PaymentData"] = {"PaymentType": "Normal"}
        else:
            transaction["OriginalPOITransaction"] = self._original(request.original)
            body["PaymentData"] = {"PaymentType": "Refund"}
        return body

    def reversal(self, request: PurchaseRequest | RefundRequest | ReversalRequest) -> dict[str, Any]:
        """Return the body of a reversal."""
        if isinstance(request, PurchaseRequest):
            raise TypeError("a purchase is no reversal")
        return {
            "SaleData": self._sale_data(request.attempt_id),
            "OriginalPOITransaction": self._original(request.original),
            "ReversalReason": "MerchantCancel",
            "ReversedAmount": wire_amount(request.amount_minor, request.currency),
        }

    def _sale_data(self, attempt_id: str) -> dict[str, Any]:
        return {"SaleTransactionID": {"TransactionID": sale_reference(attempt_id), "TimeStamp": self._time()}}

    def _original(self, original: TransactionReference) -> dict[str, Any]:
        return {
            "SaleID": self._sale_id,
            "POIID": original.terminal_id,
            "POITransactionID": {"TransactionID": original.reference, "TimeStamp": original.at},
        }

    def reference(self, expected: Expected) -> dict[str, Any]:
        """Return what names an attempt's message."""
        return {
            "MessageCategory": expected.category,
            "ServiceID": expected.service_id,
            "SaleID": self._sale_id,
            "POIID": self._poi_id,
        }

    def request(self, category: str, service_id: str, body: dict[str, Any]) -> bytes:
        """Return a whole request, framed."""
        header = {
            "ProtocolVersion": PROTOCOL_VERSION,
            "MessageClass": "Service",
            "MessageCategory": category,
            "MessageType": "Request",
            "ServiceID": service_id,
            "SaleID": self._sale_id,
            "POIID": self._poi_id,
        }
        return framed(write_message({"SaleToPOIRequest": {"MessageHeader": header, f"{category}Request": body}}))

    def answer(self, header: MessageHeader, body: dict[str, Any]) -> bytes:
        """Return a whole answer to one of the terminal's own requests, framed."""
        answered = {
            "ProtocolVersion": PROTOCOL_VERSION,
            "MessageClass": header.message_class,
            "MessageCategory": header.message_category,
            "MessageType": "Response",
            "ServiceID": header.service_id,
            "DeviceID": header.device_id,
            "SaleID": self._sale_id,
            "POIID": self._poi_id,
        }
        named = f"{header.message_category}Response"
        return framed(write_message({"SaleToPOIResponse": {"MessageHeader": answered, named: body}}))

    def _time(self) -> str:
        return f"{self._utc_now():%Y-%m-%dT%H:%M:%S}.000Z"
