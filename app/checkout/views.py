"""What a screen is shown: frozen pictures of the till, complete in themselves.

A screen never asks a second question to draw one; it compares a view with the one before and draws the difference.
All amounts are minor units of `BasketView.currency`.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum

from app.checkout.member_views import DealView, ShopperView
from app.checkout.payment_views import OpenPaymentView, ReceiptView, WorklistView
from app.devices.conditions import DeviceCondition
from app.payments.attempt_record import Method
from app.sales.sale import DiscountScope, PriceSource, WeightSource
from app.values.quantity import SellingUnit
from app.values.wording import LocalizedText, Wording


class Phase(Enum):
    """What the till is doing."""

    SELLING = "selling"
    PAYING = "paying"
    PAID = "paid"
    """The sale is committed; change and receipt stay on screen until the next scan."""


class Severity(Enum):
    """How a notice is meant; a screen adds an icon and a word, never colour alone."""

    GOOD = "good"
    INFO = "info"
    WARNING = "warning"
    BAD = "bad"


class Sound(Enum):
    """What is heard, distinct without looking."""

    GOOD_READ = "good_read"
    BAD_READ = "bad_read"
    ATTENTION = "attention"
    PAID = "paid"


@dataclass(frozen=True, slots=True)
class Notice:
    """One sentence to the cashier."""

    severity: Severity
    sentence: Wording
    code: str = ""
    """Short code in small type, so that help can be asked."""


class QuestionKind(Enum):
    """What the till must know before it goes on."""

    WEIGHT = "weight"
    """Kilograms with three decimals, answered by the scale or the number pad."""

    PRICE = "price"
    """The unit price of an open-price product."""

    AGE = "age"
    """Whether the shopper is old enough; answered `yes` or declined."""


@dataclass(frozen=True, slots=True)
class ContainerView:
    """A container of the shop whose weight is taken off, as a key of the weighing pane."""

    container_id: str
    name: LocalizedText
    tare_grams: int


@dataclass(frozen=True, slots=True)
class Question:
    """A question that slides in beside the basket and takes the keyboard; Esc declines it."""

    kind: QuestionKind
    sentence: Wording
    product_name: LocalizedText
    picture: str = ""
    unit_price_minor: int | None = None
    minimum_age: int = 0
    born_on_or_before: date | None = None
    """For an age question: the latest birthday that is old enough today."""

    on_scale: bool = False
    """For a weight question: whether it is sold by the kilogram, so that a scale can answer it."""

    tare_grams: int = 0
    """Taken off what the scale reads: the shop's fixed tare plus that of the product, of the container chosen, or the
    one typed (`app.checkout.tare`)."""

    container_id: str = ""
    """The container chosen; empty where none is."""

    containers: tuple[ContainerView, ...] = ()
    """The containers that can be chosen."""

    minimum_grams: int = 0
    """Less than this, net, is not sold by weight."""


@dataclass(frozen=True, slots=True)
class DiscountView:
    """One discount as it stands under a line or in the totals."""

    discount_id: str
    scope: DiscountScope
    name: LocalizedText | Wording
    amount_minor: int
    """Taken off; positive."""

    why: Wording | None = None
    """Of a promotion: what it gave, in a few words; None after a restart within a payment."""


@dataclass(frozen=True, slots=True)
class LineView:
    """One line of the basket list."""

    line_id: int
    number: int
    """Position on screen, from 1, voided lines not counted."""

    product_id: str
    name: LocalizedText
    specification: str
    picture: str
    unit: SellingUnit
    quantity_thousandths: int
    unit_price_minor: int
    list_price_minor: int
    price_source: PriceSource
    extended_minor: int
    """Before discounts."""

    total_minor: int
    """After its own discounts and promotions, before those on the whole basket and before exclusive tax."""

    discounts: tuple[DiscountView, ...] = ()
    minimum_age: int = 0
    deposit_of: int | None = None
    batch: str | None = None
    expiry: date | None = None
    note: str = ""
    tare_grams: int = 0
    """Taken off what the scale read."""

    weighed_by: WeightSource | None = None
    """How it came to its weight; None for what is not sold by weight."""


@dataclass(frozen=True, slots=True)
class TenderView:
    """A tender already taken."""

    tender_id: int
    name: LocalizedText
    amount_minor: int
    reference: str = ""


@dataclass(frozen=True, slots=True)
class BasketView:
    """The basket as the list and the totals show it."""

    basket_id: str | None
    """None: no basket is open."""

    currency: str
    lines: tuple[LineView, ...] = ()
    item_count: int = 0
    """Pieces, a weighed line counting as one."""

    subtotal_minor: int = 0
    """Before discounts."""

    discount_minor: int = 0
    """All discounts; positive."""

    tax_added_minor: int = 0
    """Exclusive taxes added at the till."""

    due_minor: int = 0
    """What the basket costs."""

    discounts: tuple[DiscountView, ...] = ()
    """Discounts on the whole basket."""

    tenders: tuple[TenderView, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class TenderChoice:
    """A tender key."""

    tender_type_id: str
    name: LocalizedText
    change_given: bool
    reference_required: bool
    unavailable: Wording | None = None
    """Why it cannot be used now."""

    offline: bool = False
    """Whether its provider cannot be reached: it cannot be used, or only by the store's rule for offline cards."""

    asks_provider: bool = False
    """Whether taking it begins a payment that is waited for."""

    method: Method | None = None
    """How its key asks for it: at the terminal, or with the merchant's code; None where it asks no provider."""

    most_minor: int | None = None
    """Of a member's points or stored value: the most that it can pay now, taken where no amount is typed; None: all
    that is left."""


@dataclass(frozen=True, slots=True)
class PaymentView:
    """The tender pane."""

    due_minor: int
    paid_minor: int
    left_minor: int
    """Still to pay, unrounded."""

    cash_left_minor: int
    """Still to pay if the rest is paid in cash, rounded by the store's rule."""

    cash_rounding_minor: int
    """The rounding in it."""

    cash_suggestions: tuple[int, ...]
    """Amounts a person would hand over, ascending; the first is exact."""

    choices: tuple[TenderChoice, ...]
    open: OpenPaymentView | None = None
    """The payment that is waited for; nothing else can be taken meanwhile."""


@dataclass(frozen=True, slots=True)
class CompletedView:
    """The sale just completed."""

    sale_id: str
    receipt_number: str
    due_minor: int
    given_minor: int
    change_minor: int
    discount_minor: int
    tenders: tuple[TenderView, ...]
    points_earned: int = 0
    points_now: int | None = None
    """The balance as it is stored with the sale; None where nobody was named, or who was named is blocked."""


@dataclass(frozen=True, slots=True)
class SuspendedView:
    """A basket put aside, as the recall list shows it."""

    basket_id: str
    name: str
    suspended_at: datetime
    item_count: int
    due_minor: int
    first_item: LocalizedText | None
    payment: Wording | None = None
    """How its payment stands, where one was open when it was put aside; recall it when that is over."""

    member: str = field(default="", repr=False)
    """The member it is for, masked; empty where nobody was named."""


@dataclass(frozen=True, slots=True)
class TillView:
    """Everything the cashier's and the customer's window show of the sale."""

    phase: Phase
    basket: BasketView
    selected_line: int | None = None
    """The line last touched; the screen may select another."""

    armed_quantity: str = ""
    """`3`: the next product is sold three times; empty where nothing is armed."""

    question: Question | None = None
    notice: Notice | None = None
    payment: PaymentView | None = None
    completed: CompletedView | None = None
    suspended: tuple[SuspendedView, ...] = ()
    sound: Sound | None = None
    """To be played once for this view."""

    search_text: str | None = None
    """Typed words that are no code: the screen shows search results for them."""

    receipt: ReceiptView | None = None
    """A sale that was looked up, to give money back on it."""

    worklist: WorklistView | None = None
    """The payments that a person must look at, where they were asked for."""

    case_count: int = 0
    """How many there are, shown or not."""

    shopper: ShopperView = field(default_factory=ShopperView)
    """The member, their coupons, and what almost applies."""

    member_shown: bool = False
    """Whether the pane of the member was asked for."""

    deal: DealView | None = None
    """The explanation of the deal, where it was asked for."""

    revision: int = 0
    """Grows by one with every request, so that an old view is never drawn over a new one."""


@dataclass(frozen=True, slots=True)
class FoundProduct:
    """One search result or quick key."""

    product_id: str
    name: LocalizedText
    specification: str
    picture: str
    department_id: str
    unit: SellingUnit
    price_minor: int | None
    """None: the price is asked for, or there is none today."""

    code: str
    """Barcode or PLU as a person would read it, to tell alike products apart."""

    blocked_reason: str = ""


@dataclass(frozen=True, slots=True)
class SearchView:
    """Results of a search as you type."""

    text: str
    """What was searched, so that a late answer to older text is dropped."""

    found: tuple[FoundProduct, ...]


@dataclass(frozen=True, slots=True)
class QuickKeyPage:
    """One page of quick keys."""

    page_id: str
    name: LocalizedText
    colour: str
    keys: tuple[FoundProduct, ...]


@dataclass(frozen=True, slots=True)
class DeviceStatusView:
    """One light of the status bar."""

    device: str
    """`printer`, `scanner`, `scale`, `drawer`, `headquarters`, `store`."""

    condition: DeviceCondition
    sentence: Wording
    """What is so and what to do; shown when the light is touched."""


@dataclass(frozen=True, slots=True)
class StatusView:
    """The status bar apart from the devices, which report by themselves."""

    till_name: LocalizedText
    operator_name: LocalizedText
    operator_number: str
    business_date: date
    price_book_published_at: datetime
    unsynced_count: int
    low_on_space: bool
    sale_count: int
