"""A hand-written till for the screens' tests: real products, simple rules, everything in memory."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from app.checkout import requests as ask
from app.checkout.views import (
    BasketView,
    CompletedView,
    ContainerView,
    DiscountView,
    FoundProduct,
    LineView,
    Notice,
    PaymentView,
    Phase,
    Question,
    QuestionKind,
    QuickKeyPage,
    SearchView,
    Severity,
    Sound,
    StatusView,
    SuspendedView,
    TenderChoice,
    TenderView,
    TillView,
)
from app.devices.bench import ActionKind, BenchAction, BenchDevice, Exchanged
from app.devices.conditions import DeviceCondition
from app.sales.basket import DiscountKind
from app.sales.sale import DiscountScope, PriceSource
from app.values.clock import FixedClock
from app.values.money import parse_minor
from app.values.problems import Problem
from app.values.quantity import ONE, SellingUnit, extend, parse_thousandths
from app.values.speech import ENGLISH, Speech
from app.values.wording import LocalizedText, Wording, wording
from ui.settings import ScreenSettings

CHINA = timezone(timedelta(hours=8))
NOON = datetime(2026, 11, 22, 4, 41, tzinfo=UTC)


def text(chinese: str, english: str) -> LocalizedText:
    return LocalizedText(chinese, (("en", english), ("zh_CN", chinese)))


EACH, KILO = SellingUnit.EACH, SellingUnit.KILOGRAM

# code, Chinese, English, specification, department, unit, price in fen (0: open), least age
GOODS = (
    ("6901234567892", "鲜牛奶", "Whole milk", "1 L", "dairy", EACH, 1290, 0),
    ("6921168509256", "农夫山泉饮用天然水", "Nongfu Spring water", "550 ml", "drinks", EACH, 200, 0),
    ("6922266454295", "绍兴花雕酒", "Shaoxing rice wine", "500 ml", "drinks", EACH, 4500, 18),
    ("6920202888883", "红牛维生素功能饮料", "Red Bull", "250 ml", "drinks", EACH, 650, 0),
    ("6902538008050", "全麦吐司", "Wholemeal toast", "400 g", "bakery", EACH, 1580, 0),
    (
        "6907992500010",
        "希腊风味酸奶蓝莓口味家庭分享装六连杯低温冷藏",
        "Greek-style yoghurt with blueberries, chilled family pack of six cups",
        "6 × 135 g",
        "dairy",
        EACH,
        3990,
        0,
    ),
    ("4011", "香蕉", "Bananas", "", "produce", KILO, 598, 0),
    ("4131", "红富士苹果", "Fuji apples", "", "produce", KILO, 990, 0),
    ("4087", "番茄", "Tomatoes", "", "produce", KILO, 680, 0),
    ("4065", "青椒", "Green peppers", "", "produce", KILO, 880, 0),
    ("4078", "甜玉米", "Sweet corn", "", "produce", KILO, 720, 0),
    ("4082", "洋葱", "Onions", "", "produce", KILO, 460, 0),
    ("4562", "胡萝卜", "Carrots", "", "produce", KILO, 430, 0),
    ("4072", "土豆", "Potatoes", "", "produce", KILO, 390, 0),
    ("4023", "巨峰葡萄", "Kyoho grapes", "", "produce", KILO, 1980, 0),
    ("4032", "西瓜", "Watermelon", "", "produce", KILO, 360, 0),
    ("7001", "大号购物袋", "Large carrier bag", "", "bags", EACH, 50, 0),
    ("7002", "小号购物袋", "Small carrier bag", "", "bags", EACH, 30, 0),
    ("8001", "代收快递", "Parcel service", "", "services", EACH, 0, 0),
    ("8002", "菠萝包", "Pineapple bun", "", "bakery", EACH, 550, 0),
)
DEPARTMENTS = (
    ("produce", text("果蔬", "Produce"), "#2f6f4f"),
    ("bakery", text("烘焙", "Bakery"), "#8a5a1e"),
    ("drinks", text("酒水", "Drinks"), "#355c8a"),
    ("bags", text("购物袋", "Bags"), "#5d6420"),
    ("services", text("服务", "Services"), "#7b3f63"),
)


CONTAINERS = (
    ContainerView("bowl", text("不锈钢盆", "Steel bowl"), 250),
    ContainerView("box", text("打包盒", "Takeaway box"), 32),
    ContainerView("basket", text("塑料筐", "Plastic basket"), 410),
    ContainerView("jar", text("玻璃罐", "Glass jar"), 505),
    ContainerView("tray", text("托盘", "Tray"), 18),
)


def found(goods: tuple[str, str, str, str, str, SellingUnit, int, int]) -> FoundProduct:
    code, chinese, english, specification, department, unit, price, _ = goods
    return FoundProduct(code, text(chinese, english), specification, "", department, unit, price or None, code)


class NotKnown(Problem):
    """Raised when a code is not in the fake's list."""

    code = "CODE-UNKNOWN"


class FakeTill:
    """Sells like the real one as far as a screen can see."""

    def __init__(self) -> None:
        self.asked: list[ask.TillRequest] = []
        self.searched: list[str] = []
        self.closed = False
        self.devices_stopped = False
        self.price_book_published_at = NOON - timedelta(hours=3)
        self.business_date = date(2026, 11, 22)
        self.new_prices: dict[str, int] = {}
        self._lines: list[LineView] = []
        self._next_line = 1
        self._basket_discounts: list[DiscountView] = []
        self._tenders: list[TenderView] = []
        self._suspended: list[tuple[SuspendedView, list[LineView]]] = []
        self._note = ""
        self._view = TillView(Phase.SELLING, BasketView(None, "CNY"), revision=0)
        self._phase = Phase.SELLING
        self._selected: int | None = None
        self._pending: tuple[str, int] | None = None
        self._age_ok = False
        self.containers = CONTAINERS
        self._receipts = 0

    # the service

    def view(self) -> TillView:
        return self._view

    def run_errands(self) -> None:
        pass

    def stop_devices(self) -> None:
        self.devices_stopped = True

    def close(self) -> None:
        self.closed = True

    def status(self) -> StatusView:
        return StatusView(
            text("02 号收银台", "Till 02"),
            text("王芳", "Wang Fang"),
            "1007",
            self.business_date,
            self.price_book_published_at,
            4,
            False,
            self._receipts,
        )

    def quick_keys(self) -> tuple[QuickKeyPage, ...]:
        return tuple(
            QuickKeyPage(key, name, colour, tuple(self._quick_key(goods) for goods in GOODS if goods[4] == key))
            for key, name, colour in DEPARTMENTS
        )

    def _quick_key(self, goods: tuple[str, str, str, str, str, SellingUnit, int, int]) -> FoundProduct:
        product = found(goods)
        return replace(product, price_minor=self.new_prices.get(goods[0], product.price_minor))

    def search(self, words: str) -> SearchView:
        self.searched.append(words)
        hits = tuple(found(goods) for goods in GOODS if words.lower() in f"{goods[0]} {goods[1]} {goods[2]}".lower())
        return SearchView(words, hits)

    def handle(self, request: ask.TillRequest) -> TillView:
        self.asked.append(request)
        name = re.sub(r"(?<!^)(?=[A-Z])", "_", type(request).__name__).lower()
        extra = getattr(self, f"_on_{name}")(request) or {}
        self._view = self._make(**extra)
        return self._view

    def _make(self, **extra: object) -> TillView:
        self._lines = [replace(line, number=number) for number, line in enumerate(self._lines, 1)]
        subtotal = sum(line.extended_minor for line in self._lines)
        off = sum(d.amount_minor for line in self._lines for d in line.discounts) + sum(
            d.amount_minor for d in self._basket_discounts
        )
        due = subtotal - off
        items = sum(1 if line.unit is KILO else line.quantity_thousandths // ONE for line in self._lines)
        basket = BasketView(
            "b1" if self._lines else None,
            "CNY",
            tuple(self._lines),
            items,
            subtotal,
            off,
            0,
            due,
            tuple(self._basket_discounts),
            tuple(self._tenders),
            self._note,
        )
        payment = None
        if self._phase is Phase.PAYING:
            paid = sum(tender.amount_minor for tender in self._tenders)
            left = due - paid
            notes = sorted(
                {
                    left,
                    -(-left // 500) * 500,
                    -(-left // 1000) * 1000,
                    -(-left // 5000) * 5000,
                    -(-left // 10000) * 10000,
                }
            )
            payment = PaymentView(due, paid, left, left, 0, tuple(notes), CHOICES)
        view = TillView(
            self._phase,
            basket,
            self._selected,
            payment=payment,
            suspended=tuple(view for view, _ in self._suspended),
            revision=self._view.revision + 1,
        )
        return replace(view, **extra)

    # requests

    def _add(self, code: str, quantity: int | None = None, price: int | None = None) -> dict[str, object]:
        goods = next((goods for goods in GOODS if goods[0] == code), None)
        if goods is None:
            return {
                "notice": Notice(
                    Severity.BAD,
                    wording("No product has the code {code}. Check it, or sell by name.", code=code),
                    "CODE-UNKNOWN",
                ),
                "sound": Sound.BAD_READ,
            }
        if self._phase is Phase.PAID:
            self._phase = Phase.SELLING
        _, chinese, english, specification, _, unit, list_price, age = goods
        if unit is KILO and quantity is None:
            self._pending = (code, 0)
            question = Question(
                QuestionKind.WEIGHT,
                wording("Put it on the scale, or type the weight."),
                text(chinese, english),
                "",
                list_price,
                on_scale=True,
                containers=self.containers,
                minimum_grams=20,
            )
            return {"question": question, "sound": Sound.ATTENTION}
        if not list_price and price is None:
            self._pending = (code, 0)
            return {
                "question": Question(
                    QuestionKind.PRICE,
                    wording("This product has no fixed price. Type what it costs."),
                    text(chinese, english),
                ),
                "sound": Sound.ATTENTION,
            }
        if age and not self._age_ok:
            self._pending = (code, age)
            return {
                "question": Question(
                    QuestionKind.AGE,
                    wording("Ask for an identity card."),
                    text(chinese, english),
                    "",
                    None,
                    age,
                    date(2008, 11, 22),
                ),
                "sound": Sound.ATTENTION,
            }
        unit_price = price if price is not None else list_price
        amount = extend(unit_price, quantity or ONE)
        self._lines.append(
            LineView(
                self._next_line,
                0,
                code,
                text(chinese, english),
                specification,
                "",
                unit,
                quantity or ONE,
                unit_price,
                list_price,
                PriceSource.BOOK,
                amount,
                amount,
                minimum_age=age,
            )
        )
        self._selected = self._next_line
        self._next_line += 1
        return {"sound": Sound.GOOD_READ}

    def _on_scan_code(self, request: ask.ScanCode) -> dict[str, object]:
        return self._add(request.scanned.data)

    def _on_add_product(self, request: ask.AddProduct) -> dict[str, object]:
        return self._add(request.product_id)

    def _on_enter_text(self, request: ask.EnterText) -> dict[str, object]:
        if request.text == "boom":
            raise RuntimeError("planted")
        if request.text == "problem":
            raise NotKnown(wording("The store is full. Call for help."))
        if request.text.endswith("*"):
            return {"armed_quantity": request.text[:-1]}
        if request.text.isdigit():
            return self._add(request.text)
        return {"search_text": request.text}

    def _on_arm_quantity(self, request: ask.ArmQuantity) -> dict[str, object]:
        return {"armed_quantity": request.text}

    def _on_answer_question(self, request: ask.AnswerQuestion) -> dict[str, object]:
        assert self._pending is not None
        code, age = self._pending
        if age:
            self._age_ok = True
            return self._add(code)
        goods = next(goods for goods in GOODS if goods[0] == code)
        if goods[5] is KILO:
            return self._add(code, quantity=parse_thousandths(request.text, KILO))
        return self._add(code, price=parse_minor(request.text))

    def _on_accept_weight(self, request: ask.AcceptWeight) -> dict[str, object]:
        assert self._pending is not None
        question = self._view.question
        assert question is not None
        return self._add(self._pending[0], quantity=request.reading.grams - question.tare_grams)

    def _on_choose_tare(self, request: ask.ChooseTare) -> dict[str, object]:
        question = self._view.question
        assert question is not None
        if request.grams_text:
            if not request.grams_text.isdecimal():
                raise NotKnown(wording("This is not a weight. Type grams, such as 250."))
            return {"question": replace(question, tare_grams=int(request.grams_text), container_id="")}
        known = {container.container_id: container.tare_grams for container in self.containers}
        tare = known.get(request.container_id, 0)
        return {"question": replace(question, tare_grams=tare, container_id=request.container_id)}

    def _on_decline_question(self, request: ask.DeclineQuestion) -> dict[str, object]:
        return {"notice": Notice(Severity.INFO, wording("Nothing was added."))}

    def _replace_line(self, line_id: int, change: Callable[[LineView], LineView]) -> None:
        self._selected = line_id
        self._lines = [change(line) if line.line_id == line_id else line for line in self._lines]

    def _on_change_quantity(self, request: ask.ChangeQuantity) -> dict[str, object]:
        line = next(line for line in self._lines if line.line_id == request.line_id)
        quantity = parse_thousandths(request.text, line.unit)
        amount = extend(line.unit_price_minor, quantity)
        self._replace_line(
            request.line_id,
            lambda line: replace(line, quantity_thousandths=quantity, extended_minor=amount, total_minor=amount),
        )
        return {}

    def _on_override_price(self, request: ask.OverridePrice) -> dict[str, object]:
        price = parse_minor(request.price_text)
        self._replace_line(
            request.line_id,
            lambda line: replace(
                line,
                unit_price_minor=price,
                price_source=PriceSource.OVERRIDE,
                extended_minor=extend(price, line.quantity_thousandths),
                total_minor=extend(price, line.quantity_thousandths),
            ),
        )
        return {}

    def _on_give_discount(self, request: ask.GiveDiscount) -> dict[str, object]:
        base = sum(line.total_minor for line in self._lines if request.line_id in {None, line.line_id})
        off = (
            base * int(request.value_text) // 100
            if request.kind is DiscountKind.PERCENT
            else parse_minor(request.value_text)
        )
        scope = DiscountScope.BASKET if request.line_id is None else DiscountScope.LINE
        name = (
            wording("Discount {value} %", value=request.value_text)
            if request.kind is DiscountKind.PERCENT
            else wording("Discount")
        )
        discount = DiscountView(f"d{len(self.asked)}", scope, name, off)
        if request.line_id is None:
            self._basket_discounts.append(discount)
        else:
            self._replace_line(
                request.line_id,
                lambda line: replace(line, discounts=(discount,), total_minor=line.extended_minor - off),
            )
        return {}

    def _on_remove_discount(self, request: ask.RemoveDiscount) -> dict[str, object]:
        self._basket_discounts = [d for d in self._basket_discounts if d.discount_id != request.discount_id]
        self._lines = [
            replace(line, discounts=(), total_minor=line.extended_minor)
            if any(d.discount_id == request.discount_id for d in line.discounts)
            else line
            for line in self._lines
        ]
        return {}

    def _on_void_line(self, request: ask.VoidLine) -> dict[str, object]:
        self._lines = [line for line in self._lines if line.line_id != request.line_id]
        self._selected = self._lines[-1].line_id if self._lines else None
        return {}

    def _on_write_note(self, request: ask.WriteNote) -> None:
        self._note = request.text

    def _on_suspend_basket(self, request: ask.SuspendBasket) -> dict[str, object]:
        basket = self._view.basket
        first = self._lines[0].name
        self._suspended.append(
            (
                SuspendedView(f"s{len(self.asked)}", request.name, NOON, basket.item_count, basket.due_minor, first),
                self._lines,
            )
        )
        self._lines, self._selected = [], None
        return {"notice": Notice(Severity.GOOD, wording("The basket was put aside."))}

    def _on_recall_basket(self, request: ask.RecallBasket) -> dict[str, object]:
        entry = next(entry for entry in self._suspended if entry[0].basket_id == request.basket_id)
        self._suspended.remove(entry)
        self._lines = entry[1]
        self._selected = self._lines[-1].line_id
        return {}

    def _on_abandon_basket(self, request: ask.AbandonBasket) -> dict[str, object]:
        self._lines, self._selected = [], None
        return {}

    def _on_begin_payment(self, request: ask.BeginPayment) -> None:
        self._phase = Phase.PAYING

    def _on_leave_payment(self, request: ask.LeavePayment) -> None:
        self._phase = Phase.SELLING

    def _on_take_tender(self, request: ask.TakeTender) -> dict[str, object]:
        due = self._view.basket.due_minor
        left = due - sum(tender.amount_minor for tender in self._tenders)
        given = parse_minor(request.amount_text) if request.amount_text else left
        name = next(choice.name for choice in CHOICES if choice.tender_type_id == request.tender_type_id)
        self._tenders.append(TenderView(len(self._tenders) + 1, name, given, request.reference))
        if given < left:
            return {}
        self._receipts += 1
        done = CompletedView(
            "sale",
            f"0001-02-1-{self._receipts:06d}",
            due,
            given,
            given - left,
            self._view.basket.discount_minor,
            tuple(self._tenders),
        )
        self._lines, self._tenders, self._basket_discounts, self._selected = [], [], [], None
        self._phase = Phase.PAID
        return {"completed": done, "sound": Sound.PAID}

    def _on_remove_tender(self, request: ask.RemoveTender) -> None:
        self._tenders = [tender for tender in self._tenders if tender.tender_id != request.tender_id]

    def _on_reprint_receipt(self, request: ask.ReprintReceipt) -> dict[str, object]:
        return {"notice": Notice(Severity.GOOD, wording("A copy is being printed."))}

    def _on_open_drawer(self, request: ask.OpenDrawer) -> None:
        return None

    def _on_report_print(self, request: ask.ReportPrint) -> None:
        return None

    def _on_dismiss_notice(self, request: ask.DismissNotice) -> None:
        return None


CHOICES = (
    TenderChoice("cash", text("现金", "Cash"), True, False),
    TenderChoice("card", text("银行卡", "Bank card"), False, False),
    TenderChoice("voucher", text("代金券", "Voucher"), False, True),
    TenderChoice("points", text("积分", "Points"), False, False, wording("This shopper has no points.")),
    TenderChoice(
        "wechat", text("微信支付", "WeChat Pay"), False, False, wording("WeChat Pay is not set up at this till.")
    ),
)


def longer(message: str) -> str:
    """Two fifths longer, as some languages are."""
    words = message.split(" ")
    extra = round(len(message) * 0.4)
    return message + " " + "ěxtrâ wörds "[: max(2, extra)].strip() if len(words) > 1 else message + "ö" * max(1, extra)


LONG = Speech("en_LONG", longer)
CHINESE = Speech("zh_CN", lambda message: message)


@pytest.fixture
def settings() -> ScreenSettings:
    return ScreenSettings(
        clock=FixedClock(NOON),
        zone=CHINA,
        speeches=(ENGLISH, CHINESE),
        sound_volume_percent=0,
        reduced_motion=True,
        customer_window=False,
    )


@pytest.fixture
def noon() -> datetime:
    return NOON


@pytest.fixture
def till() -> FakeTill:
    return FakeTill()


@pytest.fixture
def long_speech() -> Speech:
    return LONG


@pytest.fixture
def pictures_folder(tmp_path: Path) -> Path:
    (tmp_path / "milk.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><rect width="8" height="8" fill="#f00"/></svg>'
    )
    return tmp_path


@pytest.fixture
def checkout(till: FakeTill, settings: ScreenSettings, qapp: object) -> Iterator[object]:
    from ui.scripted import ScriptedCheckout

    made = ScriptedCheckout(lambda: till, settings)
    yield made
    made.close()


class StagedTill:
    """Shows what it is told to show, and writes down what it is asked."""

    def __init__(self) -> None:
        self.asked: list[ask.TillRequest] = []
        self.answers: dict[type, TillView] = {}
        self.staged = TillView(Phase.SELLING, BasketView(None, "CNY"), revision=0)

    def view(self) -> TillView:
        return self.staged

    def handle(self, request: ask.TillRequest) -> TillView:
        if request != SHOW_STAGED:
            self.asked.append(request)
        view = self.answers.get(type(request), self.staged)
        self.staged = replace(view, revision=self.staged.revision + 1)
        return self.staged

    def search(self, words: str) -> SearchView:
        return SearchView(words, ())

    def quick_keys(self) -> tuple[QuickKeyPage, ...]:
        return ()

    def status(self) -> StatusView:
        name, operator = text("02 号收银台", "Till 02"), text("王芳", "Wang Fang")
        return StatusView(name, operator, "1007", date(2026, 11, 22), NOON - timedelta(hours=3), 0, False, 0)

    def run_errands(self) -> None:
        pass

    def stop_devices(self) -> None:
        pass

    def close(self) -> None:
        pass


SHOW_STAGED = ask.WriteNote("show what is staged")
"""Asks for nothing but the staged view."""


class Stage:
    """The real windows in front of a staged till."""

    def __init__(self, till: StagedTill, settings: Any) -> None:
        self.till = till
        self.clock: FixedClock = settings.clock
        from ui.scripted import ScriptedCheckout

        self.checkout = ScriptedCheckout(lambda: till, settings)

    @property
    def asked(self) -> list[ask.TillRequest]:
        return self.till.asked

    def show(self, view: TillView) -> None:
        self.till.staged = replace(view, revision=self.till.staged.revision)
        self.checkout.screens.bridge.post(SHOW_STAGED)
        self.checkout.settle()

    def text(self, name: str) -> str:
        return str(self.checkout.find(name).text())  # type: ignore[attr-defined]

    def words(self, name: str) -> str:
        return str(self.checkout.find(name).words())  # type: ignore[attr-defined]

    def sees(self, name: str) -> bool:
        try:
            self.checkout.find(name)
        except LookupError:
            return False
        return True


@pytest.fixture
def staged() -> StagedTill:
    return StagedTill()


@pytest.fixture
def make_stage(settings: Any, qapp: Any) -> Iterator[Callable[..., Stage]]:
    made: list[Stage] = []

    def make(**changes: Any) -> Stage:
        made.append(Stage(StagedTill(), replace(settings, **changes)))
        return made[-1]

    yield make
    for stage in made:
        stage.checkout.close()


@pytest.fixture
def stage(make_stage: Callable[..., Stage]) -> Stage:
    return make_stage()


class BenchRefused(Problem):
    """Raised where the fake bench is asked for what cannot be."""

    code = "BENCH-REFUSED"


def fault(action_id: str, name: str, *, active: bool = False) -> BenchAction:
    return BenchAction(action_id, Wording(name), ActionKind.FAULT, active=active)


def attempt(action_id: str, name: str, prompt: str = "", suggestion: str = "") -> BenchAction:
    return BenchAction(action_id, Wording(name), ActionKind.TRY, Wording(prompt) if prompt else None, suggestion)


UNPLUG = (fault("unplug", "Pull the cable"), fault("switch_off", "Switch it off"))


def bench_devices() -> tuple[BenchDevice, ...]:
    """One device of each class; the last one is real."""
    ready = DeviceCondition.READY
    lines = (
        Exchanged(True, b"\x1b@\x1b\x1d", 0.012),
        Exchanged(True, "欢迎光临".encode("gb18030") + b"\r\nTOTAL 12.90\n", 0.131),
        Exchanged(True, b"\x10\x04\x01", 1.0),
        Exchanged(False, b"\x16", 1.0042),
    )
    return (
        BenchDevice(
            "receipt",
            "receipt_printer",
            wording("Receipt printer"),
            "simulated-receipt-printer",
            True,
            "127.0.0.1:9100",
            DeviceCondition.ATTENTION,
            wording("The paper is near its end. Keep a new roll at hand."),
            "",
            (
                (wording("Paper"), wording("near its end")),
                (wording("Width"), "80 mm, 576 px"),
                (wording("Cutter"), wording("full and partial")),
                (wording("Drawer"), wording("closed")),
            ),
            (
                attempt("test_page", "Print a test page"),
                attempt("cut", "Cut the paper"),
                attempt("kick", "Open the drawer"),
                fault("paper_out", "Take the paper out"),
                fault("cover", "Open the cover", active=True),
                fault("cutter", "Jam the cutter"),
                fault("near_end", "Paper near its end", active=True),
                fault("garbage", "Send random bytes"),
                *UNPLUG,
            ),
            lines,
        ),
        BenchDevice(
            "drawer",
            "cash_drawer",
            wording("Cash drawer"),
            "printer",
            True,
            "receipt",
            ready,
            wording("The drawer is closed."),
            wording("closed"),
            (),
            (attempt("open", "Open the drawer"), fault("stuck", "It sticks")),
        ),
        BenchDevice(
            "hand",
            "scanner",
            wording("Hand scanner"),
            "simulated-scanner",
            True,
            "/dev/pts/7",
            ready,
            wording("Ready to scan."),
            "]E0 6901234567892",
            ((wording("Codes"), "47"),),
            (attempt("scan", "Scan", "Code", "6901234567892"), attempt("beep", "Beep"), *UNPLUG),
            (Exchanged(False, b"]E06901234567892\r", 4.25),),
        ),
        BenchDevice(
            "scale",
            "scale",
            wording("Scale"),
            "simulated-scale",
            True,
            "/dev/pts/8",
            ready,
            wording("On the scale."),
            "1.245 kg",
            ((wording("Protocol"), "CAS"), (wording("Capacity"), "15 kg"), (wording("Smallest weight"), "40 g")),
            (
                attempt("put_on", "Put on the scale", "Grams", "1245"),
                attempt("take_off", "Take it off"),
                attempt("zero", "Set to zero"),
                fault("moving", "Keep it moving"),
                fault("bad_check", "Wrong checksums"),
                *UNPLUG,
            ),
            tuple(
                Exchanged(
                    number % 2 == 0, b"\x05" if number % 2 == 0 else b"\x06\x01\x02S 001245kg\x17\x03\x04", number / 8
                )
                for number in range(40)
            ),
        ),
        BenchDevice(
            "pole",
            "line_display",
            wording("Customer display"),
            "cd5220",
            True,
            "/dev/pts/9",
            ready,
            wording("Shows what it is sent."),
            "Whole milk\n2 x 12.90     25.80",
            (),
            (attempt("show", "Show words", "Two lines", "Hello"), *UNPLUG),
        ),
        BenchDevice(
            "card",
            "card_terminal",
            wording("Card terminal"),
            "simulated-card-terminal",
            True,
            "127.0.0.1:4000",
            DeviceCondition.AWAY,
            wording("The card terminal does not answer. Check its cable and that it is switched on."),
            "",
            (),
            (
                attempt("approve", "Approve"),
                attempt("decline", "Decline"),
                fault("unplug", "Pull the cable", active=True),
            ),
        ),
        BenchDevice(
            "gate",
            "rfid_reader",
            wording("RFID reader"),
            "llrp",
            False,
            "192.168.1.60:5084",
            ready,
            wording("Ready."),
            wording("{count} tags", count=3),
            (),
            (attempt("read", "Read once"), fault("unplug", "Pull the cable")),
        ),
    )


class FakeBench:
    """A bench whose devices do what they are told at once."""

    def __init__(self) -> None:
        self.now = bench_devices()
        self.performed: list[tuple[str, str, str]] = []
        self.looked = 0
        self.closed = False
        self.failing: Problem | None = None

    def devices(self) -> tuple[BenchDevice, ...]:
        self.looked += 1
        if self.failing is not None:
            raise self.failing
        return self.now

    def change(self, name: str, **changes: object) -> None:
        self.now = tuple(replace(device, **changes) if device.name == name else device for device in self.now)

    def hear(self, name: str, *pieces: Exchanged) -> None:
        before = next(device.traffic for device in self.now if device.name == name)
        self.change(name, traffic=(*before, *pieces)[-200:])

    def perform(self, device: str, action_id: str, text: str = "") -> Wording | None:
        self.performed.append((device, action_id, text))
        if action_id == "garbage":
            raise BenchRefused(wording("The printer is unplugged. Plug it in first."))
        known = next(entry for entry in self.now if entry.name == device)
        actions = tuple(
            replace(action, active=not action.active)
            if action.action_id == action_id and action.kind is ActionKind.FAULT
            else action
            for action in known.actions
        )
        self.change(device, actions=actions)
        if action_id == "put_on":
            self.change(device, reading=wording("{grams} g", grams=int(text)))
        return wording("The test page is being printed.") if action_id == "test_page" else None

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def bench() -> FakeBench:
    return FakeBench()
