"""What a screen can ask of the till: one frozen request for each thing a person or a scanner does.

Texts a person typed travel as they were typed; the till reads them, so that one place knows what an amount
or a quantity looks like and says what is wrong with it.
"""

from dataclasses import dataclass

from app.catalogue.codes.scanned import Scanned
from app.checkout.member_requests import MemberRequest
from app.checkout.payment_requests import PaymentRequest
from app.checkout.ports import PrintState
from app.devices.weighing import ScaleReading
from app.sales.basket import DiscountKind


@dataclass(frozen=True, slots=True)
class ScanCode:
    """A scanner or camera read a code."""

    scanned: Scanned
    amount_text: str = ""
    """What stands in the tender pane's field: where the code is a shopper's payment code, the part to be paid with it;
    empty: everything that is left."""


@dataclass(frozen=True, slots=True)
class ReadTags:
    """An RFID reader sees these tags; those that are new to the basket and were never sold become lines."""

    device: str
    epcs: tuple[str, ...]
    """Electronic product codes, in upper-case hexadecimal as they came over the air."""


@dataclass(frozen=True, slots=True)
class EnterText:
    """A person typed into the entry line and pressed Enter: a code, a PLU, `3*` or `3*6901…`, or words to search."""

    text: str


@dataclass(frozen=True, slots=True)
class AddProduct:
    """A quick key or a search result was chosen."""

    product_id: str


@dataclass(frozen=True, slots=True)
class ArmQuantity:
    """The next product is to be sold this many times (quantity before the scan)."""

    text: str


@dataclass(frozen=True, slots=True)
class ChangeQuantity:
    """A line's quantity or weight is to be this (quantity after the scan)."""

    line_id: int
    text: str


@dataclass(frozen=True, slots=True)
class AnswerQuestion:
    """The till's question was answered: a weight, a price, or `yes`."""

    text: str


@dataclass(frozen=True, slots=True)
class AcceptWeight:
    """The goods as they lie on the scale are to be sold; the till refuses a reading that is not stable."""

    reading: ScaleReading


@dataclass(frozen=True, slots=True)
class ChooseTare:
    """The goods on the scale lie in one of the shop's containers, or in one whose weight was typed."""

    container_id: str = ""
    """One of `Question.containers`; empty: none of them."""

    grams_text: str = ""
    """A tare as it was typed, in grams; empty where a container was chosen, or none."""


@dataclass(frozen=True, slots=True)
class DeclineQuestion:
    """The till's question was left with Esc: nothing is added."""


@dataclass(frozen=True, slots=True)
class VoidLine:
    """A line is taken back before payment."""

    line_id: int


@dataclass(frozen=True, slots=True)
class OverridePrice:
    """A line's unit price is changed, with a reason."""

    line_id: int
    price_text: str
    reason: str


@dataclass(frozen=True, slots=True)
class GiveDiscount:
    """A discount is given on a line, or on the basket where no line is named."""

    kind: DiscountKind
    value_text: str
    """Percent such as `10` or `7.5`, or an amount in major units."""

    reason: str
    line_id: int | None = None


@dataclass(frozen=True, slots=True)
class RemoveDiscount:
    """A discount is taken back."""

    discount_id: str


@dataclass(frozen=True, slots=True)
class WriteNote:
    """The basket's note is this from now on; empty takes it away."""

    text: str


@dataclass(frozen=True, slots=True)
class SuspendBasket:
    """The basket is put aside under a name."""

    name: str = ""


@dataclass(frozen=True, slots=True)
class RecallBasket:
    """A basket that was put aside comes back."""

    basket_id: str


@dataclass(frozen=True, slots=True)
class AbandonBasket:
    """The basket is given up, with a reason."""

    reason: str


@dataclass(frozen=True, slots=True)
class BeginPayment:
    """The cashier pressed PAY."""


@dataclass(frozen=True, slots=True)
class LeavePayment:
    """Back to the basket; tenders already taken stay."""


@dataclass(frozen=True, slots=True)
class TakeTender:
    """A tender is taken. The sale completes when nothing is left to pay."""

    tender_type_id: str
    amount_text: str = ""
    """What was handed over; empty: exactly what is left to pay."""

    reference: str = ""


@dataclass(frozen=True, slots=True)
class RemoveTender:
    """A tender taken by mistake is handed back before the sale completes."""

    tender_id: int


@dataclass(frozen=True, slots=True)
class ReprintReceipt:
    """The last receipt, or the one with this sale id, is printed again as a COPY."""

    sale_id: str | None = None


@dataclass(frozen=True, slots=True)
class OpenDrawer:
    """The drawer is opened without a sale, with a reason."""

    reason: str


@dataclass(frozen=True, slots=True)
class ReportPrint:
    """The print queue says how far a job came."""

    job_id: str
    state: PrintState


@dataclass(frozen=True, slots=True)
class DismissNotice:
    """The cashier has read the message."""


TillRequest = (
    ScanCode
    | ReadTags
    | EnterText
    | AddProduct
    | ArmQuantity
    | ChangeQuantity
    | AnswerQuestion
    | AcceptWeight
    | ChooseTare
    | DeclineQuestion
    | VoidLine
    | OverridePrice
    | GiveDiscount
    | RemoveDiscount
    | WriteNote
    | SuspendBasket
    | RecallBasket
    | AbandonBasket
    | BeginPayment
    | LeavePayment
    | TakeTender
    | RemoveTender
    | ReprintReceipt
    | OpenDrawer
    | ReportPrint
    | DismissNotice
    | PaymentRequest
    | MemberRequest
)
