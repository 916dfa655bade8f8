"""What stands on a customer's display is the amount, whole, or plainly no amount."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.devices.line_display import DisplayContent, DisplayPurpose
from app.sales.receipt_columns import cells_of
from hardware.displays.cd5220 import Cd5220, Greeting
from hardware.displays.led8n import Led8n, digits_of
from hardware.displays.text import cut, figures, row, spelled
from hardware.simulated.line_display import SimulatedLineDisplay

amounts = st.integers(-(10**12), 10**12)
purposes = st.sampled_from(DisplayPurpose)
texts = st.text(st.characters(codec="utf-8"), max_size=60)


def seen(protocol: Cd5220 | Led8n, display: SimulatedLineDisplay, *contents: DisplayContent) -> SimulatedLineDisplay:
    display.receive(protocol.prepare())
    for content in contents:
        display.receive(protocol.picture(content))
    return display


@given(amounts, st.sampled_from([0, 2, 3]))
def test_amounts_are_written_exactly(amount: int, decimals: int) -> None:
    # The oracle is decimal arithmetic; the code under test uses integers.
    assert Decimal(figures(amount, decimals)) == Decimal(amount).scaleb(-decimals)


@pytest.mark.parametrize(
    ("amount", "decimals", "shown"),
    [
        (99_999_999, 2, "999999.99"),
        (100_000_000, 2, "--------"),
        (-9_999_999, 2, "-99999.99"),
        (-10_000_000, 2, "--------"),
        (99_999_999, 0, "99999999"),
        (100_000_000, 0, "--------"),
        (0, 2, "0.00"),
    ],
)
def test_eight_digits_hold_so_much_and_then_show_dashes(amount: int, decimals: int, shown: str) -> None:
    assert digits_of(amount, decimals) == shown


@given(amounts, st.sampled_from([0, 2]), purposes, st.sampled_from(["esc-s", "stx-l"]))
def test_eight_digits_never_show_a_wrong_amount(amount: int, decimals: int, purpose: DisplayPurpose, lamps) -> None:
    display = seen(Led8n(lamps), SimulatedLineDisplay.led8n(), DisplayContent(purpose, amount, decimals))
    assert not display.misunderstood
    if purpose is DisplayPurpose.IDLE:
        assert (display.digits, display.lamp) == ("", None)
    else:
        assert display.lamp is purpose
        assert display.digits == "-" * 8 or Decimal(display.digits) == Decimal(amount).scaleb(-decimals)


@given(purposes, amounts, texts, texts, st.booleans(), st.sampled_from(["rows", "cursor"]), st.sampled_from([16, 20]))
def test_two_rows_take_any_text_and_keep_the_amount(purpose, amount, upper, lower, chinese, writing, columns) -> None:
    protocol = Cd5220(columns=columns, chinese=chinese, writing=writing)
    content = DisplayContent(purpose, amount, 2, upper, lower)
    rows = protocol.rows_of(content)
    assert [cells_of(text) for text in rows] == [columns, columns]
    display = seen(protocol, SimulatedLineDisplay.cd5220(columns=columns, chinese=chinese), content)
    assert not display.misunderstood
    assert display.lines == tuple(text.rstrip() for text in rows)
    if not lower and purpose is not DisplayPurpose.IDLE:
        assert Decimal(display.lines[1].strip()) == Decimal(amount).scaleb(-2)


@given(texts, st.integers(0, 24))
def test_a_cut_is_a_beginning_that_fits(text: str, cells: int) -> None:
    kept = cut(text, cells)
    assert text.startswith(kept)
    assert cells_of(kept) <= cells


def test_a_hanzi_is_never_cut_in_half() -> None:
    # Twenty cells hold ten Hanzi; a letter before them leaves room for nine and a blank.
    assert row("A" + "牛" * 12, 20, chinese=True) == "A" + "牛" * 9 + " "


def test_a_display_without_hanzi_shows_the_amount_alone() -> None:
    protocol = Cd5220()
    assert protocol.rows_of(DisplayContent(DisplayPurpose.UNIT_PRICE, 350, 2, "可乐")) == (" " * 20, f"{'3.50':>20}")
    # The weight line falls back to the amount too, where its words cannot be shown.
    both = protocol.rows_of(DisplayContent(DisplayPurpose.UNIT_PRICE, 350, 2, "Cola", "两瓶\t7.00"))
    assert both == (f"{'Cola':20}", f"{'7.00':>20}")


def test_what_does_not_fit_beside_an_amount_gives_way_to_it() -> None:
    # "0.345 kg x 1128.00" takes 18 cells and "389.16" six: more than twenty.
    assert row("0.345 kg x 1128.00\t389.16", 20, chinese=False) == f"{'389.16':>20}"
    assert row("2 x 3.50\t7.00", 20, chinese=False) == "2 x 3.50        7.00"


def test_an_amount_wider_than_the_row_is_dashes() -> None:
    rows = Cd5220(columns=8).rows_of(DisplayContent(DisplayPurpose.TOTAL, 123_456_789, 2))
    assert rows[1] == "--------"


def test_accents_are_written_plainly_and_foreign_scripts_not_at_all() -> None:
    assert spelled("Crème brûlée – 2×", chinese=False) == "Creme brulee - 2x"
    assert spelled("молоко", chinese=False) is None
    assert spelled("牛奶\r\n1L", chinese=True) == "牛奶  1L"


def test_the_greeting_stands_there_while_nothing_is_sold() -> None:
    protocol = Cd5220(chinese=True, greeting=Greeting("欢迎光临", "小店\t9:00-22:00"))
    display = seen(protocol, SimulatedLineDisplay.cd5220(chinese=True), DisplayContent(DisplayPurpose.IDLE))
    assert display.lines == ("欢迎光临", "小店      9:00-22:00")


def test_the_brightness_is_set_when_the_display_is_reached() -> None:
    assert seen(Cd5220(brightness=2), SimulatedLineDisplay.cd5220()).brightness == 2
