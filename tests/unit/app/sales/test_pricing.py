"""What a basket costs, held against an independent sum."""

from datetime import UTC, datetime
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from app.payments.tenders import Tendered
from app.sales.basket import Basket, BasketLine, DiscountKind, GivenDiscount
from app.sales.completion import SellingPlace, Settled, sale_of
from app.sales.postings import postings_of
from app.sales.pricing import price_basket, tax_summary
from app.sales.sale import PriceSource
from app.values.quantity import SellingUnit
from app.values.tax import TaxClass
from app.values.wording import LocalizedText

CLASSES = (
    TaxClass("standard", 1300),
    TaxClass("reduced", 900),
    TaxClass("exempt", 0),
    TaxClass("excise", 800, included=False),
)


def discounts() -> st.SearchStrategy[GivenDiscount]:
    return st.one_of(
        st.builds(
            GivenDiscount, st.uuids().map(str), st.just(DiscountKind.PERCENT), st.integers(1, 10_000), st.just("r")
        ),
        st.builds(
            GivenDiscount, st.uuids().map(str), st.just(DiscountKind.AMOUNT), st.integers(1, 50_000), st.just("r")
        ),
    )


@st.composite
def baskets(draw) -> Basket:
    lines = []
    for line_id in range(1, draw(st.integers(1, 12)) + 1):
        weighed = draw(st.booleans())
        price = draw(st.integers(0, 100_000))
        lines.append(
            BasketLine(
                line_id=line_id,
                product_id=f"P{line_id}",
                name=LocalizedText("货"),
                department_id="d",
                unit=SellingUnit.KILOGRAM if weighed else SellingUnit.EACH,
                tax_class=draw(st.sampled_from(CLASSES)),
                quantity_thousandths=draw(st.integers(1, 5000)) if weighed else 1000 * draw(st.integers(1, 20)),
                list_price_minor=price,
                unit_price_minor=price,
                price_source=PriceSource.BOOK,
                label_amount_minor=draw(st.none() | st.integers(0, 5000)) if weighed else None,
                discount=draw(st.none() | discounts()),
                discountable=draw(st.booleans()),
                voided=draw(st.integers(0, 9)) == 0,
            )
        )
    return Basket(
        "b",
        datetime(2026, 11, 22, tzinfo=UTC),
        "1",
        "CNY",
        lines=tuple(lines),
        discounts=tuple(draw(st.lists(discounts(), max_size=3))),
    )


@given(baskets())
def test_every_sum_agrees_with_its_parts(basket):
    priced = price_basket(basket)
    live = [line for line in basket.lines if not line.voided]
    # An independent extension in exact fractions.
    expected = []
    for line in live:
        exact = Fraction(line.unit_price_minor * line.quantity_thousandths, 1000)
        expected.append(line.label_amount_minor if line.label_amount_minor is not None else int(exact + Fraction(1, 2)))
    assert [line.extended_minor for line in priced.lines] == expected
    assert priced.subtotal_minor == sum(expected)
    assert priced.gross_minor == priced.subtotal_minor - priced.discount_minor + priced.tax_added_minor
    for line in priced.lines:
        assert 0 <= line.total_minor <= line.extended_minor
        if not line.line.discountable:
            assert line.shares == ()
    for discount, amount in priced.basket_discounts:
        shared = sum(
            share.amount_minor
            for line in priced.lines
            for share in line.shares
            if share.discount_id == discount.discount_id
        )
        assert shared == amount
    assert sum(row.amounts.gross_minor for row in tax_summary(priced.lines)) == priced.gross_minor


@given(baskets(), st.integers(-9, 9), st.integers(0, 10_000))
def test_the_postings_of_every_sale_balance(basket, rounding, change):
    gross = price_basket(basket).gross_minor
    rounding = max(rounding, -gross)
    tendered = gross + rounding + change
    cash = Tendered(1, "cash", LocalizedText("现金"), "cash_drawer", tendered, gross + rounding)
    sale = sale_of(
        basket,
        SellingPlace(1, 1, "0001-01", "s", datetime(2026, 11, 22, tzinfo=UTC).date(), "1", "王"),
        Settled((cash,), change, rounding, datetime(2026, 11, 22, tzinfo=UTC)),
    )
    moved = {posting.account: posting.amount_minor for posting in postings_of(sale)}
    assert sum(moved.values()) == 0
    assert moved.get("cash_drawer", 0) == gross + rounding


def test_tax_is_split_per_line_as_an_invoice_does():
    # 11.30 at 13 % included: net 10.00, tax 1.30. 1.00 at 9 %: tax 100·900/10900 = 8.26 → 8 fen.
    assert CLASSES[0].split(1130).tax_minor == 130
    assert CLASSES[1].split(100).tax_minor == 8
    # 5.00 at 8 % added: 5.40 to pay.
    assert CLASSES[3].split(500).gross_minor == 540
