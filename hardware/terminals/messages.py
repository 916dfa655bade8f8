"""The messages of nexo Retailer (Sale to POI protocol 3) that a till reads, with the fields it needs and no others.

A field that is not here is not read: card data beyond what may be kept has no place to land in.
"""

from decimal import Decimal
from typing import Any, Final

import msgspec

_ACRONYMS: Final = {"id": "ID", "poi": "POI"}
_DEEPEST: Final = 32
"""nexo's own messages are a dozen levels deep."""


def _wire_name(name: str) -> str:
    """Return a field's name on the wire: `poi_transaction_id` is `POITransactionID`."""
    return "".join(_ACRONYMS.get(part, part.capitalize()) for part in name.split("_"))


class _Part(msgspec.Struct, frozen=True, rename=_wire_name):
    pass


class MessageHeader(_Part, frozen=True):
    """Whose message it is and to which one it belongs."""

    message_class: str = ""
    message_category: str = ""
    message_type: str = ""
    service_id: str = ""
    device_id: str = ""
    sale_id: str = ""
    poi_id: str = ""


class Response(_Part, frozen=True):
    """How a request ended."""

    result: str
    error_condition: str = ""


class TransactionIdentification(_Part, frozen=True):
    """A transaction's name and time."""

    transaction_id: str = ""
    time_stamp: str = ""


class SaleData(_Part, frozen=True):
    """What the till called the transaction."""

    sale_transaction_id: TransactionIdentification = TransactionIdentification()


class PoiData(_Part, frozen=True):
    """What the terminal calls it."""

    poi_transaction_id: TransactionIdentification = TransactionIdentification()


class PaymentToken(_Part, frozen=True):
    """What stands for the card."""

    token_value: str = ""


class CardData(_Part, frozen=True):
    """What may be known of the card."""

    payment_brand: str = ""
    masked_pan: str = ""
    payment_token: PaymentToken = PaymentToken()


class PaymentInstrumentData(_Part, frozen=True):
    """What was paid with."""

    card_data: CardData = CardData()


class AmountsResp(_Part, frozen=True):
    """What was charged."""

    currency: str = ""
    authorized_amount: Decimal | None = None


class PaymentAcquirerData(_Part, frozen=True):
    """What the bank said."""

    approval_code: str = ""


class PaymentResult(_Part, frozen=True):
    """How a payment was made."""

    payment_instrument_data: PaymentInstrumentData = PaymentInstrumentData()
    amounts_resp: AmountsResp = AmountsResp()
    payment_acquirer_data: PaymentAcquirerData = PaymentAcquirerData()


class OutputText(_Part, frozen=True):
    """A piece of text."""

    text: str = ""
    end_of_line_flag: bool = True


class PredefinedContent(_Part, frozen=True):
    """A text the till is to know by its name."""

    reference_id: str = ""


class OutputContent(_Part, frozen=True):
    """Something to show or print."""

    output_format: str = ""
    output_text: list[OutputText] | OutputText = msgspec.field(name="OutputText", default_factory=list)
    predefined_content: PredefinedContent = PredefinedContent()


class PaymentReceipt(_Part, frozen=True):
    """A receipt to print."""

    document_qualifier: str = ""
    output_content: OutputContent = OutputContent()


class PaymentResponse(_Part, frozen=True):
    """The answer to a payment or a refund."""

    response: Response
    sale_data: SaleData = SaleData()
    poi_data: PoiData = PoiData()
    payment_result: PaymentResult = PaymentResult()
    payment_receipt: list[PaymentReceipt] = []


class ReversalResponse(_Part, frozen=True):
    """The answer to a reversal."""

    response: Response
    sale_data: SaleData = SaleData()
    poi_data: PoiData = PoiData()
    reversed_amount: Decimal | None = None
    payment_receipt: list[PaymentReceipt] = []


class MessageReference(_Part, frozen=True):
    """Which message is meant."""

    message_category: str = ""
    service_id: str = ""


class RepeatedBody(_Part, frozen=True):
    """An answer that was given before."""

    payment_response: PaymentResponse | None = None
    reversal_response: ReversalResponse | None = None


class RepeatedMessage(_Part, frozen=True):
    """An answer that was given before, with its header."""

    message_header: MessageHeader = MessageHeader()
    repeated_response_message_body: RepeatedBody = RepeatedBody()


class TransactionStatusResponse(_Part, frozen=True):
    """The answer to how a transaction ended."""

    response: Response
    message_reference: MessageReference = MessageReference()
    repeated_message_response: RepeatedMessage | None = None


class LoginResponse(_Part, frozen=True):
    """The answer to a log-in."""

    response: Response


class PoiStatus(_Part, frozen=True):
    """How the terminal is."""

    global_status: str = "OK"
    """OK, Busy, Maintenance or Unreachable."""


class DiagnosisResponse(_Part, frozen=True):
    """The answer to how the terminal is."""

    response: Response
    poi_status: PoiStatus = PoiStatus()


class DisplayOutput(_Part, frozen=True):
    """Something the cashier is to see."""

    device: str = "CashierDisplay"
    info_qualify: str = "Status"
    response_required_flag: bool = True
    output_content: OutputContent = OutputContent()


class DisplayRequest(_Part, frozen=True):
    """The terminal has something shown."""

    display_output: list[DisplayOutput] | DisplayOutput = msgspec.field(name="DisplayOutput", default_factory=list)


class EventNotification(_Part, frozen=True):
    """Something happened at the terminal."""

    event_to_notify: str = ""


class Request(_Part, frozen=True):
    """What a terminal asks."""

    message_header: MessageHeader
    display_request: DisplayRequest | None = None
    event_notification: EventNotification | None = None


class Reply(_Part, frozen=True):
    """What a terminal answers."""

    message_header: MessageHeader
    payment_response: PaymentResponse | None = None
    reversal_response: ReversalResponse | None = None
    transaction_status_response: TransactionStatusResponse | None = None
    login_response: LoginResponse | None = None
    diagnosis_response: DiagnosisResponse | None = None


class Message(_Part, frozen=True):
    """One message: exactly one of the two."""

    sale_to_poi_request: Request | None = None
    sale_to_poi_response: Reply | None = None


_PLAIN: Final = msgspec.json.Decoder(float_hook=Decimal)
_WRITER: Final = msgspec.json.Encoder(decimal_format="number")


def read_message(data: bytes) -> Message | None:
    """Read a message; None where it is none, too deep, or says something where something else belongs.

    A null counts as left out, and numbers are read without rounding.
    """
    try:
        return msgspec.convert(_without_nulls(_PLAIN.decode(data), _DEEPEST), Message)
    except (msgspec.MsgspecError, RecursionError, ValueError, ArithmeticError):
        return None


def write_message(message: dict[str, Any]) -> bytes:
    """Write a message; amounts are numbers with their decimals."""
    return _WRITER.encode(message)


def _without_nulls(value: Any, deeper: int) -> Any:  # noqa: ANN401 - whatever JSON holds
    if deeper < 0:
        raise ValueError("too deep")
    if isinstance(value, dict):
        return {key: _without_nulls(inner, deeper - 1) for key, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [_without_nulls(inner, deeper - 1) for inner in value if inner is not None]
    return value
