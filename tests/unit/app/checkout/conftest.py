"""A counter for tests: a catalogue of a dozen products, a store and a printer that live in memory."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.catalogue.codes import CodeReader, CodeSettings
from app.catalogue.codes.meaning import ItemIs
from app.catalogue.codes.patterns import parse_pattern
from app.catalogue.codes.scanned import Scanned
from app.catalogue.products import Department, PricedProduct, PriceRule, Product
from app.checkout.counter import Counter
from app.checkout.member_ports import MemberQuestion, ReserveCoupon
from app.checkout.member_requests import NameMember
from app.checkout.payment_ports import TenderPath
from app.checkout.ports import (
    JsonValue,
    PerpetualTotals,
    PrintJob,
    PrintState,
    ReceiptOrder,
    StoreStatus,
    TillSession,
)
from app.checkout.requests import AddProduct, ScanCode
from app.checkout.settings import Container, Operator, QuickKeys, TillSettings, WeighingRules
from app.checkout.till import Till
from app.ledger.entry import EntryKind, JournalEntry
from app.ledger.postings import Posting, require_balanced
from app.payments.attempt_record import Method, PaymentAttempt
from app.payments.cash import CashRounding
from app.payments.offline_rules import OfflineMeans
from app.payments.routing import RoutingSettings, WalletRoute
from app.payments.tenders import TenderType
from app.promotions.offers import (
    Amount,
    FixedPrice,
    Goods,
    Limit,
    Offer,
    Percent,
    RulesDocument,
    SecondOff,
    Step,
    Threshold,
    Who,
)
from app.promotions.rules import make_rules
from app.sales.basket import Basket, BasketState
from app.sales.completion import released_of_abandoned
from app.sales.coupon_offers import OfferBook
from app.sales.postings import postings_of
from app.sales.pricing import price_basket
from app.sales.receipt import Shop
from app.sales.sale import CompletedSale, Sale
from app.values.clock import FixedClock
from app.values.identifiers import CountingIdentities, EntryId, ReceiptNumber
from app.values.problems import Problem
from app.values.quantity import ONE, SellingUnit
from app.values.tax import TaxClass
from app.values.wording import LocalizedText, wording
from tests.unit.app.checkout.members_by_hand import CARDS, DeskOfMembers, MembersInMemory
from tests.unit.app.checkout.payments_by_hand import AttemptsInMemory, DeskHand, PaymentsByHand

MILK = "06901234567892"
BEER = "06903148042441"
MILK_CASE = "16901234567899"


def product(product_id: str, name: str, price: int | None, **changes: object) -> PricedProduct:
    base = Product(product_id, LocalizedText(name, (("en", f"{name} (en)"),)), "drinks", "standard")
    return PricedProduct(replace(base, **changes), price)  # type: ignore[arg-type] # only fields of Product are passed


PRODUCTS = {
    found.product.product_id: found
    for found in (
        product("MILK", "牛奶", 1290, tax_class_id="reduced"),
        product("BEER", "啤酒", 600, minimum_age=18, deposit_product_id="BOTTLE"),
        product("BOTTLE", "瓶押金", 50, discountable=False, tax_class_id="exempt"),
        product("APPLE", "苹果", 990, unit=SellingUnit.KILOGRAM, plu="4131", tax_class_id="exempt"),
        product("PORK", "猪肉", 3280, unit=SellingUnit.KILOGRAM, plu="21001", tax_class_id="exempt"),
        product("WRAP", "礼品包装", None, price_rule=PriceRule.OPEN, plu="9001", tax_class_id="services"),
        product("RECALLED", "召回奶粉", 9900, blocked_reason="批次召回", plu="9002"),
        product("UNPRICED", "新品", None, plu="9003"),
        product("CIGARETTES", "香烟", 2500, minimum_age=18, discountable=False, plu="9004"),
        product("GUM", "口香糖", 333, plu="9005"),
        product("NUTS", "散装坚果", 8800, unit=SellingUnit.KILOGRAM, plu="29002", tare_grams=6),
        product("OIL", "散装油", 1200, unit=SellingUnit.LITRE, plu="29003"),
        product("SHIRT", "衬衫", 12900),
    )
}
SHIRT = "06935117800011"
RECALLED = "06935117800028"
BARCODES = {
    MILK: ("MILK", ONE),
    MILK_CASE: ("MILK", 12 * ONE),
    BEER: ("BEER", ONE),
    SHIRT: ("SHIRT", ONE),
    RECALLED: ("RECALLED", ONE),
}
RATES = {"standard": 1300, "reduced": 900, "services": 600, "exempt": 0}


class FixedCatalogue:
    """A dozen products that never change."""

    def by_gtin(self, gtin14: str, at: datetime) -> PricedProduct | None:
        known = BARCODES.get(gtin14)
        if known is None:
            return None
        return replace(PRODUCTS[known[0]], quantity_thousandths=known[1], gtin14=gtin14)

    def by_plu(self, plu: str, at: datetime) -> PricedProduct | None:
        return next((found for found in PRODUCTS.values() if found.product.plu == plu), None)

    def by_product_id(self, product_id: str, at: datetime) -> PricedProduct | None:
        return PRODUCTS.get(product_id)

    def search(self, text: str, at: datetime, limit: int = 20) -> tuple[PricedProduct, ...]:
        return tuple(found for found in PRODUCTS.values() if text in found.product.name.default)[:limit]

    def tax_class(self, tax_class_id: str) -> TaxClass:
        return TaxClass(tax_class_id, RATES[tax_class_id])

    def departments(self) -> tuple[Department, ...]:
        return (Department("drinks", LocalizedText("饮料")),)

    def published_at(self) -> datetime:
        return datetime(2026, 11, 22, tzinfo=UTC)


class StoreFails(Problem):
    code = "STORE-FAILS"


@dataclass
class MemoryStore(AttemptsInMemory, MembersInMemory):
    """A store that keeps everything in memory and can be told to fail."""

    baskets: dict[str, Basket] = field(default_factory=dict)
    sales: list[CompletedSale] = field(default_factory=list)
    records: list[tuple[EntryKind, Mapping[str, JsonValue]]] = field(default_factory=list)
    abandoned: list[tuple[Basket, str]] = field(default_factory=list)
    sessions: list[TillSession] = field(default_factory=list)
    jobs: dict[str, PrintJob] = field(default_factory=dict)
    fails: bool = False
    fails_at: frozenset[str] = frozenset()
    """Names of single methods that fail."""

    low_on_space: bool = False

    def _work(self, method: str = "") -> None:
        if self.fails or method in self.fails_at:
            raise StoreFails(wording("The disk is full. Call the store admin."))

    def epoch(self) -> int:
        return 1

    def save_basket(self, basket: Basket) -> None:
        self._work("save_basket")
        self.baskets[basket.basket_id] = basket

    def open_basket(self) -> Basket | None:
        return next((basket for basket in self.baskets.values() if basket.state is BasketState.OPEN), None)

    def suspended_baskets(self) -> tuple[Basket, ...]:
        return tuple(basket for basket in self.baskets.values() if basket.state is BasketState.SUSPENDED)

    def abandon_basket(self, basket: Basket, reason: str) -> JournalEntry:
        self._work()
        price_basket(basket)  # the journal says what it came to
        self.baskets.pop(basket.basket_id, None)
        self.abandoned.append((basket, reason))
        self.let_go.append((basket.basket_id, released_of_abandoned(basket)))
        return self._entry(EntryKind.BASKET_ABANDONED)

    def commit_sale(self, sale: Sale, *, print_job_id: str | None) -> CompletedSale:
        self._work("commit_sale")
        require_balanced(postings_of(sale))
        committed = self.find_sale(sale.sale_id)
        if committed is not None:
            return committed
        number = len(self.sales) + 1
        completed = CompletedSale(
            sale,
            ReceiptNumber(sale.store_number, sale.till_number, 1, number),
            EntryId(sale.till_id, 1, number),
            "00" * 32,
        )
        self.sales.append(completed)
        self.baskets.pop(sale.sale_id, None)
        if print_job_id:
            self.jobs[print_job_id] = PrintJob(print_job_id, sale.sale_id, 0, PrintState.WAITING)
        return completed

    def attempts_of(self, basket_id: str) -> tuple[PaymentAttempt, ...]:
        self._work("attempts_of")
        return super().attempts_of(basket_id)

    def completed_sales(self) -> list[CompletedSale]:
        return self.sales

    def in_sales(self) -> set[str | None]:
        return {tender.payment_attempt_id for known in self.sales for tender in known.sale.tenders}

    def record(
        self, kind: EntryKind, body: Mapping[str, JsonValue], postings: tuple[Posting, ...] = ()
    ) -> JournalEntry:
        self._work()
        self.records.append((kind, body))
        return self._entry(kind)

    def _entry(self, kind: EntryKind) -> JournalEntry:
        return JournalEntry(
            EntryId("0001-01", 1, 1),
            kind,
            datetime(2026, 11, 22, tzinfo=UTC),
            date(2026, 11, 22),
            b"{}",
            (),
            b"",
            b"",
            b"",
        )

    def open_session(self, session: TillSession) -> None:
        self._work()
        self.sessions.append(session)

    def present_session(self) -> TillSession | None:
        return self.sessions[-1] if self.sessions else None

    def find_sale(self, sale_id: str) -> CompletedSale | None:
        return next((known for known in self.sales if known.sale.sale_id == sale_id), None)

    def serial_sold(self, gtin14: str, serial: str) -> bool:
        self._work("serial_sold")
        return any((line.gtin14, line.serial) == (gtin14, serial) for known in self.sales for line in known.sale.lines)

    def find_receipt(self, epoch: int, number: int) -> CompletedSale | None:
        return self.sales[number - 1] if epoch == 1 and 0 < number <= len(self.sales) else None

    def last_sale(self) -> CompletedSale | None:
        return self.sales[-1] if self.sales else None

    def totals(self) -> PerpetualTotals:
        return PerpetualTotals(len(self.sales), sum(known.sale.gross_minor for known in self.sales), len(self.sales))

    def add_print_job(self, job: PrintJob) -> None:
        self._work("add_print_job")
        self.jobs[job.job_id] = job

    def copies_printed(self, sale_id: str) -> int:
        return sum(1 for job in self.jobs.values() if job.sale_id == sale_id and job.copy_number)

    def set_print_state(self, job_id: str, state: PrintState) -> None:
        if job_id in self.jobs:
            self.jobs[job_id] = replace(self.jobs[job_id], state=state)

    def unfinished_print_jobs(self) -> tuple[PrintJob, ...]:
        return tuple(job for job in self.jobs.values() if job.state not in (PrintState.PRINTED, PrintState.CANCELLED))

    def status(self) -> StoreStatus:
        return StoreStatus(len(self.sales), 0, 10**9, self.low_on_space)


@dataclass
class TrayPrinter:
    """A printer that keeps its orders in a tray."""

    orders: list[ReceiptOrder] = field(default_factory=list)
    full: bool = False

    def stored(self, job_id: str, state: object) -> None:
        pass

    def submit(self, order: ReceiptOrder) -> bool:
        if self.full:
            return False
        self.orders.append(order)
        return True


SETTINGS = TillSettings(
    store_number=1,
    till_number=2,
    till_name=LocalizedText("2号收银台"),
    shop=Shop(LocalizedText("邻里鲜生"), LocalizedText("幸福路 1 号"), "010-0000", "91110000000000000X"),
    operator=Operator("1001", LocalizedText("王芳"), "cashier"),
    zone=ZoneInfo("Asia/Shanghai"),
    tender_types=(
        TenderType(
            "cash", LocalizedText("现金"), "cash_drawer", change_given=True, rounds_cash=True, opens_drawer=True
        ),
        TenderType("card", LocalizedText("银行卡"), "card_receivable", reference_required=True),
        TenderType("voucher", LocalizedText("代金券"), "vouchers", reference_required=True),
        TenderType("wechat", LocalizedText("微信支付"), "wechat_receivable", needs_provider=True),
    ),
    cash_rounding=CashRounding(10),
    quick_keys=(QuickKeys("fruit", LocalizedText("水果"), ("APPLE", "GONE")),),
    weighing=WeighingRules(
        (
            Container("small", LocalizedText("小盘", (("en", "Small tray"),)), 12),
            Container("large", LocalizedText("大盘", (("en", "Large tray"),)), 25),
        )
    ),
)

CODES = CodeSettings(
    patterns=(
        parse_pattern("weight", "21IIIIIWWWWWC", ItemIs.PLU),
        parse_pattern("price", "22IIIIIPPPPPC", ItemIs.PLU),
    )
)


@dataclass
class Shopfloor:
    """A till with everything around it in reach of the test."""

    store: MemoryStore
    printer: TrayPrinter
    clock: FixedClock
    counter: Counter
    till: Till
    payments: PaymentsByHand

    def scan(self, data: str, symbology: str | None = None):  # type: ignore[no-untyped-def] # the view, as is
        return self.till.handle(ScanCode(Scanned("wedge", data, symbology, self.clock.now())))

    @property
    def desk(self) -> DeskHand:
        """What the payment desk would store and tell."""
        return DeskHand(self.payments, self.store, self._handle)

    def _handle(self, request):  # type: ignore[no-untyped-def] # the view, as is
        return self.till.handle(request)

    def rings_up(self, *product_ids: str):  # type: ignore[no-untyped-def] # the view, as is
        for product_id in product_ids:
            view = self.till.handle(AddProduct(product_id))
        return view

    def restart(self) -> Till:
        self.till = Till(self.counter)
        return self.till

    def set_up(self, **changes: object) -> Till:
        """Start again with other settings."""
        settings = replace(self.counter.settings, **changes)  # type: ignore[arg-type] # only fields of it are passed
        self.counter = replace(self.counter, settings=settings)
        return self.restart()


@pytest.fixture
def shopfloor() -> Shopfloor:
    return open_floor()


def open_floor() -> Shopfloor:
    """A till of a small shop, at noon."""
    store, printer = MemoryStore(), TrayPrinter()
    # 22 November 2026, 12:41 in the shop.
    clock = FixedClock(datetime(2026, 11, 22, 4, 41, tzinfo=UTC) + timedelta())
    payments = PaymentsByHand()
    counter = Counter(
        SETTINGS, FixedCatalogue(), store, printer, CodeReader(CODES), clock, CountingIdentities(), payments
    )
    return Shopfloor(store, printer, clock, counter, Till(counter), payments)


WECHAT_CODE = "134567890123456789"
PAYING_TENDERS = (
    TenderType("cash", LocalizedText("现金"), "cash_drawer", change_given=True, rounds_cash=True, opens_drawer=True),
    TenderType("card", LocalizedText("银行卡"), "card_receivable", needs_provider=True),
    TenderType("voucher", LocalizedText("代金券"), "vouchers", reference_required=True, reference_once=True),
    TenderType("wechat", LocalizedText("微信支付"), "wechat_receivable", needs_provider=True),
    TenderType("gift", LocalizedText("储值卡"), "stored_value", needs_provider=True),
    TenderType("bank_code", LocalizedText("银行码"), "bank_receivable", needs_provider=True),
)


@pytest.fixture
def paying_shop(shopfloor: Shopfloor) -> Shopfloor:
    return with_providers(shopfloor)


def with_providers(shopfloor: Shopfloor) -> Shopfloor:
    """A till with a wallet, a card terminal, held value and a code confirmed by hand; nothing rounds but cash."""
    code, terminal = Method.SHOPPER_CODE, Method.TERMINAL
    shopfloor.payments.paths.update(
        wechat=TenderPath("wechat", frozenset({code, Method.MERCHANT_CODE}), OfflineMeans.WALLET),
        card=TenderPath("bank", frozenset({terminal}), OfflineMeans.CARD),
        gift=TenderPath("head", frozenset({code}), OfflineMeans.HELD_VALUE, captures=True),
        bank_code=TenderPath("printed", frozenset({Method.MERCHANT_CODE}), OfflineMeans.WALLET, confirmed_by_hand=True),
    )
    shopfloor.payments.routing = RoutingSettings((WalletRoute("wechat", ("wechat",)),))
    shopfloor.set_up(tender_types=PAYING_TENDERS)
    return shopfloor


def rules_of(*offers: Offer, **document: object) -> OfferBook:
    """The shop's promotions as the till holds them."""
    return OfferBook(make_rules(RulesDocument(offer=offers, **document)))  # type: ignore[arg-type] # its own fields


OFFERS = (
    # A second milk at half price: two of 12.90 cost 19.35.
    Offer("milk-second", "第二件半价", SecondOff(5000), goods=Goods(products=("MILK",))),
    # Gum at 2.50 instead of 3.33 for members.
    Offer("gum-member", "会员价", FixedPrice(250), goods=Goods(products=("GUM",)), who=Who(member=True)),
    # 20 % off a shirt of 129.00 for who brings the coupon: 25.80.
    Offer("shirt-key", "衬衫券", Percent(2000), goods=Goods(products=("SHIRT",)), who=Who(coupon="SHIRT20")),
    # 10.00 off a shirt once for each member.
    Offer(
        "shirt-once",
        "新品尝鲜",
        Amount(1000),
        goods=Goods(products=("SHIRT",)),
        who=Who(member=True),
        limit=Limit(per_member=1),
    ),
    # 30.00 off from 300.00.
    Offer("full-300", "满300减30", Threshold((Step(from_minor=30000, off_minor=3000),))),
)

MEMBER_TENDERS = (
    *PAYING_TENDERS,
    TenderType("points", LocalizedText("积分"), "members_points", needs_provider=True),
    TenderType("value", LocalizedText("储值"), "members_value", needs_provider=True),
)


@dataclass
class MemberShop(Shopfloor):
    """A shop with promotions, members and coupons, whose desk of members is in the test's hand."""

    members: DeskOfMembers = field(default_factory=lambda: DeskOfMembers(lambda _news: None))

    def names(self, phone: str):  # type: ignore[no-untyped-def] # the view, as is
        return self.till.handle(NameMember(phone))

    def asks(self, request):  # type: ignore[no-untyped-def] # the view, as is
        return self.till.handle(request)

    @property
    def basket(self) -> Basket:
        """The open basket as the store has it."""
        found = self.store.open_basket()
        assert found is not None
        return found


@pytest.fixture
def member_shop(paying_shop: Shopfloor) -> MemberShop:
    return with_members(paying_shop)


def with_members(paying_shop: Shopfloor) -> MemberShop:
    """A till with five promotions, members, and headquarters at the other end of the line."""
    held = frozenset({Method.SHOPPER_CODE})
    paying_shop.payments.paths.update(
        points=TenderPath("points", held, OfflineMeans.HELD_VALUE, captures=True),
        value=TenderPath("value", held, OfflineMeans.HELD_VALUE, captures=True),
    )
    shop: MemberShop

    def tell(news):  # type: ignore[no-untyped-def] # to whichever till there is by then
        return shop.till.handle(news)

    desk = DeskOfMembers(tell)
    settings = replace(paying_shop.counter.settings, tender_types=MEMBER_TENDERS, cash_rounding=CashRounding())
    counter = replace(
        paying_shop.counter,
        settings=settings,
        codes=CodeReader(replace(CODES, cards=CARDS)),
        offers=rules_of(*OFFERS),
        members=desk,
    )
    store = paying_shop.store
    shop = MemberShop(store, paying_shop.printer, paying_shop.clock, counter, Till(counter), paying_shop.payments, desk)

    def is_stored(question: MemberQuestion) -> bool:
        if not isinstance(question, ReserveCoupon):
            return True
        baskets = store.baskets.values()
        return any(question.redemption_id == one.redemption_id for basket in baskets for one in basket.coupons)

    desk.stored = is_stored
    return shop
