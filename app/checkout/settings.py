"""What a till is told about its shop, before it opens."""

from dataclasses import dataclass, field
from datetime import timedelta, tzinfo

from app.payments.cash import CNY_DENOMINATIONS_MINOR, CashRounding
from app.payments.tenders import TenderType
from app.sales.receipt import Shop
from app.values.money import CNY, Currency
from app.values.wording import LocalizedText


@dataclass(frozen=True, slots=True)
class Operator:
    """Who stands at the till."""

    number: str
    name: LocalizedText
    role: str


@dataclass(frozen=True, slots=True)
class QuickKeys:
    """One page of quick keys as the store configured it."""

    page_id: str
    name: LocalizedText
    product_ids: tuple[str, ...]
    colour: str = ""


@dataclass(frozen=True, slots=True)
class Container:
    """Something goods are weighed in, whose weight is not paid for."""

    container_id: str
    name: LocalizedText
    tare_grams: int


@dataclass(frozen=True, slots=True)
class WeighingRules:
    """What the shop decided about weighing at the till."""

    containers: tuple[Container, ...] = ()
    fixed_tare_grams: int = 0
    """Taken off every weight, such as the bag that everything lies in."""

    minimum_grams: int = 0
    """Less than this, net, is not sold by weight; 0: any weight that the scale calls stable."""


@dataclass(frozen=True, slots=True)
class TillSettings:
    """Everything about store and till that does not change while it sells."""

    store_number: int
    till_number: int
    till_name: LocalizedText
    shop: Shop
    operator: Operator
    zone: tzinfo
    tender_types: tuple[TenderType, ...]
    day_starts: timedelta = timedelta(hours=4)
    currency: Currency = CNY
    cash_rounding: CashRounding = field(default_factory=CashRounding)
    denominations_minor: tuple[int, ...] = CNY_DENOMINATIONS_MINOR
    opening_float_minor: int = 0
    quick_keys: tuple[QuickKeys, ...] = ()
    weighing: WeighingRules = field(default_factory=WeighingRules)
    roles_that_open_the_drawer: tuple[str, ...] = ("supervisor", "admin")
    """Who may open the drawer without a sale."""

    roles_that_refund: tuple[str, ...] = ("supervisor", "admin")
    """Who may give money back on a payment."""

    roles_that_decide: tuple[str, ...] = ("supervisor", "admin")
    """Who may accept an unresolved payment anyway, give it up, and close cases."""

    @property
    def till_id(self) -> str:
        """Name of the till in journal and wire: `0001-01`."""
        return f"{self.store_number:04d}-{self.till_number:02d}"

    def tender_type(self, tender_type_id: str) -> TenderType | None:
        """Return a tender type the store takes."""
        return next((kind for kind in self.tender_types if kind.tender_type_id == tender_type_id), None)
