"""What a receipt says of savings, coupons and the member: once, in short, and the same on every copy."""

from dataclasses import replace
from itertools import pairwise
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sales.receipt import Receipt
from app.sales.receipt_columns import PrintedLine, cells_of, compose
from app.sales.receipt_elements import Element, Row, TextLine
from app.sales.receipt_layout import built_in_layout, lay_out, read_layout
from app.sales.receipt_savings import savings_of
from app.sales.sale import DiscountScope, SaleMember, SaleOffer, SalePromotions
from app.values.speech import Speech
from app.values.tax import TaxAmounts
from app.values.wording import LocalizedText


def printed(receipt: Receipt, speech: Speech, paper_mm: int) -> list[str]:
    layout = built_in_layout(paper_mm)
    return [
        one.text for one in compose(lay_out(receipt, speech, layout), layout.columns) if isinstance(one, PrintedLine)
    ]


def block(lines: list[str], first: str) -> list[str]:
    """The lines from one to the next rule."""
    begin = next(place for place, line in enumerate(lines) if line.startswith(first))
    end = next(place for place in range(begin, len(lines)) if lines[place].startswith("---"))
    return lines[begin:end]


def words(elements: tuple[Element, ...]) -> list[str]:
    return [
        element.text if isinstance(element, TextLine) else f"{element.left} | {element.right}"
        for element in elements
        if isinstance(element, TextLine | Row)
    ]


def test_the_short_of_it_in_english_on_narrow_paper(samples: SimpleNamespace) -> None:
    lines = printed(samples.receipt(samples.deal_sale()), samples.ENGLISH_SPEECH, 58)
    assert block(lines, "You saved ￥") == [
        "You saved ￥10.40",
        "  Second whole milk at half",
        "  price                     6.45",
        "  2 off from 80, whole shop 2.00",
        "  Weekend members only: any",
        "  three of imported fruit",
        "  and dairy products",
        "  together                  0.95",
        "  Coupon: Welcome gift for",
        "  new members: 1 off from",
        "  50                        1.00",
    ]
    assert block(lines, "Member") == [
        "Member                       王*",
        "Points earned                +79",
        "Points spent                -300",
        "Points after this purchase   979",
        "The points of this purchase can",
        "be spent until 2027-11-30.",
    ]


def test_the_short_of_it_in_chinese_on_wide_paper(samples: SimpleNamespace) -> None:
    lines = printed(samples.receipt(samples.deal_sale()), samples.CHINESE_SPEECH, 80)
    assert block(lines, "本单共优惠") == [
        "本单共优惠 ￥10.40",
        "  纯牛奶第二件半价                          6.45",
        "  全场满80减2                               2.00",
        "  周末会员专享：进口水果与乳制品任选三件组",
        "  合优惠价                                  0.95",
        "  优惠券：新会员见面礼：满50减1元           1.00",
    ]
    assert block(lines, "会员") == [
        "会员                                         王*",
        "本次积分                                     +79",
        "使用积分                                    -300",
        "积分余额                                     979",
        "本次积分有效期至 2027-11-30。",
    ]


def test_beneath_each_line_stand_its_promotions_with_their_names(samples: SimpleNamespace) -> None:
    lines = printed(samples.receipt(samples.deal_sale()), samples.CHINESE_SPEECH, 58)
    place = lines.index("红富士苹果")
    assert lines[place + 1 : place + 4] == [
        "  1.245 公斤 × 9.90/公斤  12.33",
        "  周末会员专享：进口水果与",
        "  乳制品任选三件组合优惠价 -0.95",
    ]


@pytest.mark.parametrize("paper_mm", [58, 80])
@pytest.mark.parametrize("language", ["ENGLISH_SPEECH", "CHINESE_SPEECH"])
@given(name=st.text(min_size=1, max_size=120), amount=st.integers(1, 9_999_999))
def test_no_name_of_an_offer_or_a_member_is_too_long_for_the_paper(
    samples: SimpleNamespace, paper_mm: int, language: str, name: str, amount: int
) -> None:
    named = LocalizedText(name)
    line = samples.line(1, named, amount, discounts=(samples.share("o", named, amount),), tax=TaxAmounts(0, 0, 0))
    sale = samples.deal_sale(
        lines=(line,),
        promotions=SalePromotions("v", "greedy", (SaleOffer("o", named, 1, amount, ("r",)),)),
        member=SaleMember("m", points_before=amount, label=name, points_spent=amount, points_after=amount),
    )
    columns = built_in_layout(paper_mm).columns
    elements = lay_out(samples.receipt(sale), getattr(samples, language), built_in_layout(paper_mm))
    for one in compose(elements, columns):
        if isinstance(one, PrintedLine):
            assert cells_of(one.text) * one.size.wide <= columns


def test_savings_are_added_up_by_offer_and_are_what_the_sale_says(samples: SimpleNamespace) -> None:
    sale = samples.deal_sale()
    found = savings_of(sale)
    assert [(one.name, one.amount_minor, one.by_coupon) for one in found] == [
        (samples.HALF, 645, False),
        (samples.FULL, 200, False),
        (samples.COUPON, 100, True),
        (samples.LONG, 95, False),
    ]
    assert sum(one.amount_minor for one in found) == sale.discount_minor


def test_only_the_largest_offers_are_named_and_the_others_counted(samples: SimpleNamespace) -> None:
    # Eight offers of 0.01 to 0.08, and a coupon of 0.01.
    names = {number: LocalizedText(f"O{number}") for number in range(1, 9)}
    shares = tuple(samples.share(f"o{number}", name, number) for number, name in names.items())
    line = samples.line(1, LocalizedText("x"), 1000, discounts=(*shares, samples.share("k", samples.COUPON, 1)))
    offers = tuple(SaleOffer(f"o{number}", name, 1, number) for number, name in names.items())
    deal = SalePromotions("v", "greedy", (*offers, SaleOffer("k", samples.COUPON, 1, 1, ("r-1",))))
    said = words(
        lay_out(
            samples.receipt(samples.deal_sale(lines=(line,), promotions=deal)),
            samples.ENGLISH_SPEECH,
            built_in_layout(58),
        )
    )
    place = said.index("You saved ¥0.37")
    assert said[place + 1 : place + 8] == [
        "O8 | 0.08",
        "O7 | 0.07",
        "O6 | 0.06",
        "O5 | 0.05",
        "O4 | 0.04",
        "3 other offers | 0.06",
        "Coupon: Welcome gift for new members: 1 off from 50 | 0.01",
    ]


def test_discounts_by_hand_count_together_by_their_name(samples: SimpleNamespace) -> None:
    by_hand = LocalizedText("单品折扣", (("en", "Line discount"),))
    lines = tuple(
        samples.line(
            number, LocalizedText("x"), 1000, discounts=(samples.share(f"d{number}", by_hand, 100, DiscountScope.LINE),)
        )
        for number in (1, 2)
    )
    assert [(one.name, one.amount_minor) for one in savings_of(samples.deal_sale(lines=lines))] == [(by_hand, 200)]


def test_a_sale_without_promotions_and_without_a_member_prints_as_before(samples: SimpleNamespace) -> None:
    said = words(lay_out(samples.receipt(), samples.ENGLISH_SPEECH, built_in_layout(80)))
    assert "You saved | -6.45" in said
    assert not any(text.startswith(("You saved ¥", "Member", "Points")) for text in said)


def test_rules_without_an_offer_for_this_basket_leave_no_empty_block(samples: SimpleNamespace) -> None:
    plain = samples.deal_sale(promotions=SalePromotions("v", "greedy", ()), member=None)
    lines = printed(samples.receipt(plain), samples.ENGLISH_SPEECH, 58)
    assert not any(one.startswith("---") and other.startswith("---") for one, other in pairwise(lines))
    assert not any(text.startswith("You saved ￥") for text in lines)


def test_an_erased_member_leaves_no_name_and_the_points_stay(samples: SimpleNamespace) -> None:
    sale = samples.deal_sale()
    erased = replace(sale, member=replace(sale.member, label=""))
    said = words(lay_out(samples.receipt(erased, copy_number=1), samples.ENGLISH_SPEECH, built_in_layout(58)))
    assert not any("王" in text and "王芳" not in text for text in said)
    assert not any(text.startswith("Member") for text in said)
    assert "Points earned | +79" in said


def test_a_copy_says_the_same_as_the_original(samples: SimpleNamespace) -> None:
    sale = samples.deal_sale()
    original, copy = (
        printed(samples.receipt(sale, copy_number=number), samples.CHINESE_SPEECH, 80) for number in (0, 1)
    )
    assert [line for line in copy if "COPY" not in line] == original


def test_points_that_do_not_end_and_a_birthday_are_said(samples: SimpleNamespace) -> None:
    member = SaleMember("m-7", points_earned=158, birthday=True, label="王*", points_after=108)
    said = words(
        lay_out(samples.receipt(samples.deal_sale(member=member)), samples.ENGLISH_SPEECH, built_in_layout(58))
    )
    assert "Points earned, birthday | +158" in said
    assert "Points after this purchase | 108" in said
    assert not any("can be spent until" in text for text in said)


def test_a_balance_that_is_not_known_is_not_printed(samples: SimpleNamespace) -> None:
    # As the sales are that were stored before the balance was.
    member = replace(samples.deal_sale().member, points_spent=0, points_after=None)
    said = words(
        lay_out(samples.receipt(samples.deal_sale(member=member)), samples.ENGLISH_SPEECH, built_in_layout(58))
    )
    assert "Points earned | +79" in said
    assert not any(text.startswith(("Points after", "Points spent")) for text in said)


def test_of_a_blocked_member_nothing_is_printed(samples: SimpleNamespace) -> None:
    blocked = samples.deal_sale(member=SaleMember("m-7", "gold", bought_minor=7923))
    said = words(lay_out(samples.receipt(blocked), samples.ENGLISH_SPEECH, built_in_layout(58)))
    assert not any(text.startswith(("Member", "Points")) for text in said)


def test_a_shop_may_leave_both_blocks_out(samples: SimpleNamespace) -> None:
    toml = 'paper_mm = 58\nblocks = ["shop_head", "copy_mark", "receipt_facts", "items", "totals", "tenders"]'
    said = words(
        lay_out(samples.receipt(samples.deal_sale()), samples.ENGLISH_SPEECH, read_layout(toml.encode(), "mine"))
    )
    assert not any(text.startswith(("You saved ¥", "Member")) for text in said)
