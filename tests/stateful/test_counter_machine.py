"""The till with its real store against a model: tags and weights, in any order with voids, asides, sales and kills."""

import shutil
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from app.catalogue.codes import CodeReader, CodeSettings
from app.catalogue.codes.epc import Sgtin, compose_epc
from app.catalogue.products import Department, PricedProduct, Product
from app.checkout import requests as ask
from app.checkout.counter import Counter
from app.checkout.ports import ReceiptOrder
from app.checkout.settings import Container, Operator, TillSettings, WeighingRules
from app.checkout.till import Till
from app.checkout.views import Phase
from app.devices.weighing import ScaleReading, WeightState
from app.ledger.entry import EntryKind, JournalEntry
from app.payments.tenders import TenderType
from app.sales.receipt import Shop
from app.sales.sale import WeightSource
from app.values.clock import FixedClock
from app.values.identifiers import CountingIdentities
from app.values.quantity import SellingUnit
from app.values.tax import TaxClass
from app.values.wording import LocalizedText
from offline_store.entry_rows import read_entries
from tests.faults.store_shop import NOON, ZONE, open_shop, reader_of
from tests.unit.app.checkout.payments_by_hand import PaymentsByHand

SHIRT = "06935117800011"
SERIALS = ("1", "2", "3", "4")
EPCS = {serial: compose_epc(Sgtin(SHIRT, serial), 8) for serial in SERIALS}
TRAYS = {"": 0, "small": 12, "large": 25}
LEAST_GRAMS = 10

Expected = tuple[str | None, int, int, WeightSource | None]
"""Serial number, quantity, tare and source of a line."""

PRODUCTS = {
    "SHIRT": PricedProduct(Product("SHIRT", LocalizedText("衬衫"), "all", "standard"), 12900),
    "APPLE": PricedProduct(Product("APPLE", LocalizedText("苹果"), "all", "standard", unit=SellingUnit.KILOGRAM), 990),
}


class TwoProducts:
    """A shirt with tags, and apples by the kilogram."""

    def by_gtin(self, gtin14: str, at: datetime) -> PricedProduct | None:
        found = PRODUCTS["SHIRT"]
        return PricedProduct(found.product, found.price_minor, gtin14=gtin14) if gtin14 == SHIRT else None

    def by_plu(self, plu: str, at: datetime) -> PricedProduct | None:
        return None

    def by_product_id(self, product_id: str, at: datetime) -> PricedProduct | None:
        return PRODUCTS.get(product_id)

    def search(self, text: str, at: datetime, limit: int = 20) -> tuple[PricedProduct, ...]:
        return ()

    def tax_class(self, tax_class_id: str) -> TaxClass:
        return TaxClass(tax_class_id, 1300)

    def departments(self) -> tuple[Department, ...]:
        return ()

    def published_at(self) -> datetime:
        return datetime(2026, 11, 22, tzinfo=UTC)


class Tray:
    """A printer that takes everything."""

    def stored(self, job_id: str, state: object) -> None:
        pass

    def submit(self, order: ReceiptOrder) -> bool:
        return True


SETTINGS = TillSettings(
    store_number=1,
    till_number=1,
    till_name=LocalizedText("1号收银台"),
    shop=Shop(LocalizedText("邻里鲜生"), LocalizedText("幸福路 1 号"), "010-0000", "91110000000000000X"),
    operator=Operator("007", LocalizedText("王芳"), "cashier"),
    zone=ZONE,
    tender_types=(TenderType("cash", LocalizedText("现金"), "cash_drawer", change_given=True),),
    weighing=WeighingRules(
        tuple(Container(name, LocalizedText(name), grams) for name, grams in TRAYS.items() if name),
        minimum_grams=LEAST_GRAMS,
    ),
)


class CounterMachine(RuleBasedStateMachine):
    """What people put on the counter, and what must then be in the basket."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="guitai-counter-"))
        self.clock = FixedClock(NOON)
        self.identities = CountingIdentities()
        self.field: list[str] = []
        self.basket: list[Expected] = []
        self.voided: set[str | None] = set()
        self.met: set[str] = set()
        self.aside: list[tuple[list[Expected], set[str | None]]] = []
        self.sold: list[str] = []
        self.sales = 0
        self._open()

    def _open(self) -> None:
        self.store = open_shop(self.folder, self.clock)
        self.till = Till(
            Counter(
                SETTINGS,
                TwoProducts(),
                self.store,
                Tray(),
                CodeReader(CodeSettings()),
                self.clock,
                self.identities,
                PaymentsByHand(),
            )
        )

    def teardown(self) -> None:
        self.store.close()
        with reader_of(self.folder) as reader:
            verified = reader.verify()
            with reader.one_state() as connection:
                entries = [entry for entry in read_entries(connection) if isinstance(entry, JournalEntry)]
        assert verified.finding is None
        assert verified.totals.sale_count == self.sales
        assert not any(entry.kind is EntryKind.SERIAL_SOLD_AGAIN for entry in entries)
        shutil.rmtree(self.folder)

    def _taken(self) -> set[str | None]:
        lines = [*self.basket, *(line for lines, _ in self.aside for line in lines)]
        return {serial for serial, *_ in lines} | set(self.sold)

    def _tags_come(self, arrived: list[str]) -> None:
        for serial in arrived:
            # Voided before the till was started again: it may have lain there ever since.
            fetched_back = serial in self.voided and serial not in self.met
            self.met.add(serial)
            if serial not in self._taken() and not fetched_back:
                self.basket.append((serial, 1000, 0, None))

    @rule(serials=st.lists(st.sampled_from(SERIALS), unique=True))
    def lay_on_the_tray(self, serials: list[str]) -> None:
        arrived = [serial for serial in serials if serial not in self.field]
        self.field = serials
        self.till.handle(ask.ReadTags("tray", tuple(EPCS[serial] for serial in serials)))
        self._tags_come(arrived)

    @rule(
        grams=st.integers(-20, 3000),
        scale_tare=st.sampled_from([0, 0, 20]),
        tray=st.sampled_from(sorted(TRAYS)),
        state=st.sampled_from([WeightState.STABLE, WeightState.STABLE, WeightState.MOVING, WeightState.OVERLOAD]),
    )
    def weigh(self, grams: int, scale_tare: int, tray: str, state: WeightState) -> None:
        self.till.handle(ask.AddProduct("APPLE"))
        self.till.handle(ask.ChooseTare(tray))
        view = self.till.handle(ask.AcceptWeight(ScaleReading("scale", state, grams, scale_tare)))
        tare = max(TRAYS[tray], scale_tare)
        net = grams + scale_tare - tare
        if state is WeightState.STABLE and net >= LEAST_GRAMS:
            self.basket.append((None, net, tare, WeightSource.SCALE))
            assert view.question is None
        else:
            assert view.question is not None
            self.till.handle(ask.DeclineQuestion())

    @rule(grams=st.integers(1, 3000))
    def key_in_a_weight(self, grams: int) -> None:
        self.till.handle(ask.AddProduct("APPLE"))
        self.till.handle(ask.AnswerQuestion(f"{grams / 1000:.3f}"))
        self.basket.append((None, grams, 0, WeightSource.KEYED))

    @precondition(lambda self: self.basket)
    @rule(data=st.data())
    def void(self, data: st.DataObject) -> None:
        place = data.draw(st.integers(0, len(self.basket) - 1))
        self.till.handle(ask.VoidLine(self.till.view().basket.lines[place].line_id))
        self.voided.add(self.basket.pop(place)[0])
        if not self.basket:
            self.voided.clear()

    @precondition(lambda self: self.basket)
    @rule()
    def pay(self) -> None:
        assert self.till.handle(ask.TakeTender("cash")).phase is Phase.PAID
        self.sold.extend(serial for serial, *_ in self.basket if serial is not None)
        self.sales += 1
        self.basket = []
        self.voided.clear()

    @precondition(lambda self: self.basket)
    @rule()
    def put_aside(self) -> None:
        self.clock.advance(timedelta(seconds=1))
        self.till.handle(ask.SuspendBasket())
        self.aside.append((self.basket, self.voided))
        self.basket, self.voided = [], set()

    @precondition(lambda self: self.aside and not self.basket)
    @rule(data=st.data())
    def recall(self, data: st.DataObject) -> None:
        place = data.draw(st.integers(0, len(self.aside) - 1))
        self.till.handle(ask.RecallBasket(self.till.view().suspended[place].basket_id))
        self.basket, self.voided = self.aside.pop(place)

    @rule()
    def be_killed(self) -> None:
        """The process is gone; started again, the till finds basket and tray as they were."""
        killed = Path(tempfile.mkdtemp(prefix="guitai-counter-"))
        shutil.copytree(self.folder, killed, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*-shm", "till.lock"))
        self.store.close()
        shutil.rmtree(self.folder)
        self.folder = killed
        self._open()
        self.till.handle(ask.ReadTags("tray", tuple(EPCS[serial] for serial in self.field)))
        self.met.clear()
        self._tags_come(self.field)

    @invariant()
    def the_basket_is_the_models(self) -> None:
        stored = self.store.open_basket()
        lines = stored.live_lines if stored is not None else ()
        assert [
            (line.serial, line.quantity_thousandths, line.tare_grams, line.weighed_by) for line in lines
        ] == self.basket
        assert all(line.quantity_thousandths > 0 for line in lines)

    @invariant()
    def it_costs_what_the_model_says(self) -> None:
        # 129.00 a shirt; 9.90 a kilogram of apples, rounded half up to the fen.
        due = sum(12900 if serial else (990 * grams + 500) // 1000 for serial, grams, *_ in self.basket)
        assert self.till.view().basket.due_minor == due

    @invariant()
    def no_piece_is_in_two_places(self) -> None:
        everywhere = [
            *self.sold,
            *(line[0] for line in self.basket if line[0]),
            *(line[0] for lines, _ in self.aside for line in lines if line[0]),
        ]
        assert len(everywhere) == len(set(everywhere))
        assert all(self.store.serial_sold(SHIRT, serial) == (serial in self.sold) for serial in SERIALS)


CounterMachine.TestCase.settings = settings(
    max_examples=20, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
TestCounter = CounterMachine.TestCase
