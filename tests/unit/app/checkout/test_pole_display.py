"""What the customer reads on the pole display at each moment of a sale."""

from dataclasses import replace

from app.checkout.pole_display import display_language, display_of
from app.checkout.views import (
    BasketView,
    CompletedView,
    LineView,
    PaymentView,
    Phase,
    TillView,
)
from app.devices.line_display import DisplayContent, DisplayPurpose
from app.sales.sale import PriceSource
from app.values.quantity import SellingUnit
from app.values.wording import LocalizedText

MILK = LocalizedText("牛奶", (("en", "Milk"),))


def line(line_id: int, thousandths: int, price: int, total: int, unit: SellingUnit = SellingUnit.EACH) -> LineView:
    return LineView(
        line_id, line_id, "MILK", MILK, "1L", "", unit, thousandths, price, price, PriceSource.BOOK, total, total
    )


def selling(*lines: LineView, selected: int | None = None, due: int = 0) -> TillView:
    return TillView(Phase.SELLING, BasketView("b1", "CNY", lines, due_minor=due), selected_line=selected)


def paying(paid: int) -> TillView:
    payment = PaymentView(12_850, paid, 12_850 - paid, 12_850 - paid, 0, (), ())
    basket = BasketView("b1", "CNY", (line(1, 1000, 12_850, 12_850),), due_minor=12_850)
    return TillView(Phase.PAYING, basket, selected_line=1, payment=payment)


def paid(given: int, change: int) -> TillView:
    completed = CompletedView("s1", "A-1", 12_850, given, change, 0, ())
    return TillView(Phase.PAID, BasketView(None, "CNY"), completed=completed)


def test_while_nothing_is_sold_the_shop_greets() -> None:
    assert display_of(selling(), "zh_CN") == DisplayContent(DisplayPurpose.IDLE)


def test_an_item_shows_its_name_and_price() -> None:
    view = selling(line(1, 1000, 1290, 1290), selected=1)
    assert display_of(view, "zh_CN") == DisplayContent(DisplayPurpose.UNIT_PRICE, 1290, 2, "牛奶")
    assert display_of(view, "en").upper == "Milk"


def test_several_of_one_show_how_many_and_what_they_cost_together() -> None:
    # Two at 12.90 with one yuan off: 24.80.
    shown = display_of(selling(line(1, 2000, 1290, 2480), selected=1), "en")
    assert (shown.purpose, shown.amount_minor, shown.lower) == (DisplayPurpose.UNIT_PRICE, 1290, "2 x 12.90\t24.80")


def test_weighed_goods_show_their_weight() -> None:
    # 0.345 kg at 9.90 is 3.4155, rounded 3.42.
    shown = display_of(selling(line(1, 345, 990, 342, SellingUnit.KILOGRAM), selected=1), "en")
    assert shown.lower == "0.345 kg x 9.90\t3.42"


def test_goods_taken_back_are_counted_below_zero() -> None:
    shown = display_of(selling(line(1, -1500, 990, -1485, SellingUnit.KILOGRAM), selected=1), "en")
    assert shown.lower == "-1.500 kg x 9.90\t-14.85"


def test_the_item_touched_last_is_shown_and_the_total_where_none_is() -> None:
    lines = (line(1, 1000, 1290, 1290), line(2, 1000, 600, 600))
    assert display_of(selling(*lines, selected=1, due=1890), "en").amount_minor == 1290
    total = display_of(selling(*lines, due=1890), "en")
    assert (total.purpose, total.amount_minor, total.upper) == (DisplayPurpose.TOTAL, 1890, "Total")
    gone = display_of(selling(*lines, selected=7, due=1890), "en")
    assert gone.purpose is DisplayPurpose.TOTAL


def test_the_payment_shows_the_total_then_what_was_given() -> None:
    total = display_of(paying(0), "zh_CN")
    assert (total.purpose, total.amount_minor, total.upper) == (DisplayPurpose.TOTAL, 12_850, "合计")
    part = display_of(paying(10_000), "en")
    assert (part.purpose, part.amount_minor) == (DisplayPurpose.RECEIVED, 10_000)
    assert (part.upper, part.lower) == ("Received\t100.00", "To pay\t28.50")


def test_after_the_sale_the_change_is_shown() -> None:
    shown = display_of(paid(20_000, 7_150), "en")
    assert (shown.purpose, shown.amount_minor) == (DisplayPurpose.CHANGE, 7_150)
    assert (shown.upper, shown.lower) == ("Received\t200.00", "Change\t71.50")
    exact = display_of(paid(12_850, 0), "en")
    assert (exact.purpose, exact.amount_minor, exact.upper) == (DisplayPurpose.RECEIVED, 12_850, "Received")


def test_a_currency_without_decimals_has_none() -> None:
    view = selling(line(1, 2000, 150, 300), selected=1)
    shown = display_of(replace(view, basket=replace(view.basket, currency="JPY")), "en")
    assert (shown.decimals, shown.lower) == (0, "2 x 150\t300")


def test_a_display_without_hanzi_is_filled_in_english() -> None:
    assert display_language("zh_CN", chinese=False) == "en"
    assert display_language("zh_CN", chinese=True) == "zh_CN"
