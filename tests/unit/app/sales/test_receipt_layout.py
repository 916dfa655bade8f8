"""A receipt holds what was charged, in the order the shop wants, in the language of the shopper."""

from dataclasses import replace
from itertools import pairwise
from types import SimpleNamespace

import pytest

from app.sales.receipt_elements import Barcode, Cut, Element, Picture, QrCode, Row, Rule, Size, TextLine
from app.sales.receipt_layout import BadReceiptLayout, built_in_layout, lay_out, read_layout
from app.values.tax import TaxAmounts

BLOCKS = 'blocks = ["shop_head", "copy_mark", "receipt_facts", "items", "totals", "tenders"]'


def texts(elements: tuple[Element, ...]) -> list[str]:
    return [element.text for element in elements if isinstance(element, TextLine)]


def rows(elements: tuple[Element, ...]) -> dict[str, str]:
    return {element.left: element.right for element in elements if isinstance(element, Row)}


def test_the_original_bears_no_copy_mark_and_a_reprint_says_which_copy_it_is(samples: SimpleNamespace) -> None:
    layout = built_in_layout(80)
    original = lay_out(samples.receipt(), samples.ENGLISH_SPEECH, layout)
    copy = lay_out(samples.receipt(copy_number=2), samples.CHINESE_SPEECH, layout)
    assert not any("COPY" in text for text in texts(original))
    assert "*** 副本/COPY 2 ***" in texts(copy)


def test_an_interrupted_receipt_is_cut_off_from_what_came_before_and_marked(samples: SimpleNamespace) -> None:
    first, second, *_ = lay_out(samples.receipt(), samples.ENGLISH_SPEECH, built_in_layout(80), interrupted=True)
    assert isinstance(first, Cut)
    assert isinstance(second, TextLine)
    assert second.text == "*** COPY: reprint of an interrupted receipt ***"


def test_the_barcode_holds_the_receipt_number_and_the_qr_the_page_of_this_sale(samples: SimpleNamespace) -> None:
    elements = lay_out(samples.receipt(), samples.ENGLISH_SPEECH, built_in_layout(80))
    assert Barcode("R00010201000123") in elements
    assert QrCode("https://r.example/s/0192f0c1-7a3e-7b11-9c55-3f2e8d6a4b10") in elements


def test_a_shop_without_a_page_has_no_qr_and_nothing_is_said_of_scanning(samples: SimpleNamespace) -> None:
    shop = replace(samples.SHOP, receipt_page_url="")
    elements = lay_out(samples.receipt(shop=shop), samples.ENGLISH_SPEECH, built_in_layout(80))
    assert not any(isinstance(element, QrCode) for element in elements)
    assert not any("Scan" in text for text in texts(elements))


def test_an_address_too_long_for_a_readable_qr_is_printed_in_letters(samples: SimpleNamespace) -> None:
    shop = replace(samples.SHOP, receipt_page_url="https://r.example/" + "x" * 400)
    elements = lay_out(samples.receipt(shop=shop), samples.ENGLISH_SPEECH, built_in_layout(58))
    assert not any(isinstance(element, QrCode) for element in elements)
    assert any(text.startswith("https://r.example/xxx") for text in texts(elements))


def test_the_figures_of_the_sale_stand_on_it(samples: SimpleNamespace) -> None:
    elements = lay_out(samples.receipt(), samples.ENGLISH_SPEECH, built_in_layout(80))
    found = rows(elements)
    assert found["Subtotal"] == "90.13"
    assert found["You saved"] == "-6.45"
    assert found["Rounding"] == "0.02"
    assert found["Total"] == "¥83.70"
    assert found["Cash"] == "100.00"
    assert found["Change"] == "16.30"
    assert found["Number of items"] == "5"
    assert "Tax added" not in found


def test_a_tax_that_the_price_does_not_hold_is_shown_as_added(samples: SimpleNamespace) -> None:
    # 10.00 net and 1.30 on top; no discounts.
    line = samples.line(1, samples.text("电池", "Battery"), 1000, tax=TaxAmounts(1000, 130, 1130))
    sale = replace(samples.SALE, lines=(line,), gross_minor=1130, due_minor=1130, rounding_minor=0, discount_minor=0)
    found = rows(lay_out(samples.receipt(sale), samples.ENGLISH_SPEECH, built_in_layout(80)))
    assert (found["Subtotal"], found["Tax added"], found["Total"]) == ("10.00", "1.30", "¥11.30")


def test_the_total_is_the_largest_line(samples: SimpleNamespace) -> None:
    elements = lay_out(samples.receipt(), samples.ENGLISH_SPEECH, built_in_layout(58))
    (total,) = (element for element in elements if isinstance(element, Row) and element.left == "Total")
    assert total.size is Size.BIG
    assert total.bold


def test_every_share_of_a_discount_stands_beneath_its_line_with_its_name(samples: SimpleNamespace) -> None:
    elements = lay_out(samples.receipt(), samples.CHINESE_SPEECH, built_in_layout(80))
    place = elements.index(TextLine("纯牛奶1L"))
    assert elements[place + 1 : place + 3] == (
        Row("2 × 12.90", "25.80", indent=2),
        Row("第二件半价", "-6.45", indent=2),
    )


def test_two_rules_never_meet_where_a_block_is_empty(samples: SimpleNamespace) -> None:
    layout = read_layout(f"paper_mm = 80\n{BLOCKS[:-1]}, 'rule', 'note', 'rule']".encode(), "mine.toml")
    elements = lay_out(samples.receipt(), samples.ENGLISH_SPEECH, layout)
    assert not any(isinstance(one, Rule) and isinstance(other, Rule) for one, other in pairwise(elements))


def test_the_delivered_layouts_bring_a_logo_and_the_right_width(samples: SimpleNamespace) -> None:
    assert (built_in_layout(58).columns, built_in_layout(80).columns) == (32, 48)
    first, *_ = lay_out(samples.receipt(), samples.ENGLISH_SPEECH, built_in_layout(58))
    assert isinstance(first, Picture)


@pytest.mark.parametrize(
    ("toml", "named"),
    [
        (f"paper_mm = 80\n{BLOCKS[:-1]}, 'itmes']", "blocks[6]: Invalid enum value 'itmes'"),
        (f"paper_mm = '80'\n{BLOCKS}", "paper_mm: Expected `int`, got `str`"),
        (f"paper_mm = 70\n{BLOCKS}", "paper_mm: paper is 58 or 80 mm wide, not 70"),
        (f"paper_mm = 80\n{BLOCKS}\ncolour = 'red'", "unknown field `colour`"),
        ("paper_mm = 80\n" + BLOCKS.replace('"totals", ', ""), "blocks: a receipt needs totals"),
        ("paper_mm = = 80", "TOML"),
        (BLOCKS, "missing required field `paper_mm`"),
    ],
)
def test_a_wrong_layout_is_refused_with_the_key_that_is_wrong(toml: str, named: str) -> None:
    with pytest.raises(BadReceiptLayout) as refused:
        read_layout(toml.encode(), "mine.toml")
    assert named in str(refused.value.sentence)
    assert "mine.toml" in str(refused.value.sentence)


def test_a_layout_in_a_wrong_encoding_is_refused() -> None:
    with pytest.raises(BadReceiptLayout):
        read_layout("paper_mm = 80 # 纸".encode("gb18030"), "mine.toml")


def test_a_layout_for_paper_that_is_not_delivered_is_refused() -> None:
    with pytest.raises(BadReceiptLayout, match="cannot be read"):
        built_in_layout(76)
