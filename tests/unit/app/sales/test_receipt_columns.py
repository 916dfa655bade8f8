"""Receipt lines are counted in cells, wrapped without loss, and never wider than the paper."""

from hypothesis import given
from hypothesis import strategies as st

from app.sales.receipt_columns import PrintedLine, cells_of, compose, paper_text, wrap
from app.sales.receipt_elements import Align, Row, Rule, Size, Table, TextLine

TEXTS = st.text(max_size=120)


def test_a_hanzi_takes_two_cells_and_an_accented_letter_one() -> None:
    # 牛 2 + 奶 2 + café 4 + ￥ 2 = 10
    assert cells_of("牛奶café￥") == 10


def test_the_yuan_sign_becomes_the_one_that_printers_have() -> None:
    assert paper_text("¥9.98") == "￥9.98"


def test_line_breaks_tabs_and_invisible_characters_in_a_name_do_not_reach_the_paper() -> None:
    assert paper_text("Milk\r\n1\tL\u200b\u202e\x1b@") == "Milk  1 L @"


def test_a_latin_word_is_never_split_while_it_fits_on_a_line() -> None:
    assert wrap("Imported Bordeaux superieur", 12) == ("Imported", "Bordeaux", "superieur")


def test_a_word_longer_than_the_line_is_split_rather_than_cut() -> None:
    assert wrap("ABCDEFGHIJKLMNOPQRSTUVWXYZ", 10) == ("ABCDEFGHIJ", "KLMNOPQRST", "UVWXYZ")


def test_punctuation_stays_with_the_hanzi_before_it() -> None:
    # Eight cells hold four Hanzi; the comma may not begin the next line, so it takes its Hanzi along.
    assert wrap("欢迎光临，再见", 8) == ("欢迎光", "临，再见")


@given(TEXTS, st.integers(16, 64))
def test_wrapping_loses_nothing_but_spaces_and_never_exceeds_the_line(text: str, columns: int) -> None:
    lines = wrap(text, columns)
    assert all(cells_of(line) <= columns for line in lines)
    assert "".join(lines).replace(" ", "") == paper_text(text).replace(" ", "")


@given(TEXTS, st.text(max_size=40), st.integers(0, 4), st.sampled_from(Size), st.sampled_from([32, 42, 48]))
def test_no_line_of_any_element_is_wider_than_the_paper(
    left: str, right: str, indent: int, size: Size, columns: int
) -> None:
    elements = (
        TextLine(left, Align.CENTRE, size=size),
        TextLine(left, indent=indent, size=size),
        Row(left, right, size=size, indent=indent),
        Table((left, right, "c"), ((right, left, "1.00"),)),
        Rule(),
    )
    for line in compose(elements, columns):
        assert isinstance(line, PrintedLine)
        assert cells_of(line.text) * line.size.wide <= columns


@given(TEXTS, st.integers(0, 10**9))
def test_an_amount_always_ends_at_the_right_edge(name: str, amount: int) -> None:
    *_, last = compose((Row(name, f"{amount}.00"),), 32)
    assert isinstance(last, PrintedLine)
    assert last.text.endswith(f"{amount}.00")
    assert cells_of(last.text) == 32


def test_a_table_too_wide_for_the_paper_is_stacked() -> None:
    table = Table(("Tax rate", "Net"), (("13%", "1234567890123456789012345.00"),))
    assert [line.text for line in compose((table,), 32) if isinstance(line, PrintedLine)] == [
        "Tax rate                     13%",
        "Net 1234567890123456789012345.00",
    ]
