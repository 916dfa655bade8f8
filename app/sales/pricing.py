"""What a basket costs: extension, discounts shared out to lines, tax; every rounding in one named place.

The rules, in order:

1. A line is extended to price × quantity, rounded half up once (or the amount its weighed label states).
2. The promotions of the basket's deal come off, as they were worked out (`app.sales.dealing`).
3. The line's own discount comes off what is left; a percentage is rounded half up, an amount never exceeds the line.
4. Each basket discount, in the order given, comes off what is left of the discountable lines and is shared
   among them by largest remainder, so that the shares sum to it exactly.
5. Tax is split per line and rounded half up (as China's VAT invoices do), then summed per class.
"""

from dataclasses import dataclass

from app.sales.basket import Basket, BasketLine, DiscountKind, GivenDiscount
from app.sales.sale import DiscountScope, DiscountShare, TaxSummaryRow
from app.values.quantity import ONE, extend
from app.values.rounding import divide_half_up, split_by_largest_remainder
from app.values.tax import TaxAmounts
from app.values.wording import LocalizedText

LINE_DISCOUNT_NAME = LocalizedText("单品折扣", (("en", "Line discount"),))
BASKET_DISCOUNT_NAME = LocalizedText("整单折扣", (("en", "Basket discount"),))

BASIS_POINTS = 10_000
"""100 % in basis points."""


@dataclass(frozen=True, slots=True)
class PricedLine:
    """A basket line with what it costs."""

    line: BasketLine
    extended_minor: int
    shares: tuple[DiscountShare, ...]
    tax: TaxAmounts

    @property
    def discount_minor(self) -> int:
        """All discounts on the line; positive."""
        return sum(share.amount_minor for share in self.shares)

    @property
    def total_minor(self) -> int:
        """After discounts, before exclusive tax."""
        return self.extended_minor - self.discount_minor


@dataclass(frozen=True, slots=True)
class PricedBasket:
    """A basket with what it costs; voided lines are left out."""

    lines: tuple[PricedLine, ...]
    subtotal_minor: int
    discount_minor: int
    tax_added_minor: int
    gross_minor: int
    basket_discounts: tuple[tuple[GivenDiscount, int], ...]
    """Each basket discount with the amount it came to."""

    item_count: int


def discount_amount(discount: GivenDiscount, base_minor: int) -> int:
    """Return what a discount takes off an amount: never more than the amount, never less than nothing."""
    if discount.kind is DiscountKind.PERCENT:
        amount = divide_half_up(base_minor * discount.value, BASIS_POINTS)
    else:
        amount = discount.value
    return max(0, min(amount, base_minor))


def extended_minor(line: BasketLine) -> int:
    """Return price times quantity of one line, or the amount its label states."""
    if line.label_amount_minor is not None:
        return line.label_amount_minor
    return extend(line.unit_price_minor, line.quantity_thousandths)


def price_basket(basket: Basket) -> PricedBasket:
    """Price a basket by the rules in this module's docstring."""
    live = basket.live_lines
    extended = [extended_minor(line) for line in live]
    left = list(extended)
    shares: list[list[DiscountShare]] = [[] for _ in live]
    _take_promotions(basket, live, left, shares)

    for index, line in enumerate(live):
        if line.discount is not None and line.discountable:
            amount = discount_amount(line.discount, left[index])
            if amount:
                shares[index].append(_share(line.discount, DiscountScope.LINE, LINE_DISCOUNT_NAME, amount))
                left[index] -= amount

    basket_discounts: list[tuple[GivenDiscount, int]] = []
    discountable = [index for index, line in enumerate(live) if line.discountable]
    for discount in basket.discounts:
        weights = [left[index] for index in discountable]
        amount = discount_amount(discount, sum(weights))
        basket_discounts.append((discount, amount))
        if not amount:
            continue
        for index, part in zip(discountable, split_by_largest_remainder(amount, weights), strict=True):
            if part:
                shares[index].append(_share(discount, DiscountScope.BASKET, BASKET_DISCOUNT_NAME, part))
                left[index] -= part

    lines = tuple(
        PricedLine(line, extended[index], tuple(shares[index]), line.tax_class.split(left[index]))
        for index, line in enumerate(live)
    )
    subtotal = sum(extended)
    gross = sum(line.tax.gross_minor for line in lines)
    return PricedBasket(
        lines=lines,
        subtotal_minor=subtotal,
        discount_minor=subtotal - sum(left),
        tax_added_minor=gross - sum(left),
        gross_minor=gross,
        basket_discounts=tuple(basket_discounts),
        item_count=sum(
            1 if line.unit.divisible else line.quantity_thousandths // ONE for line in live if not line.deposit_of
        ),
    )


def _take_promotions(
    basket: Basket, live: tuple[BasketLine, ...], left: list[int], shares: list[list[DiscountShare]]
) -> None:
    if basket.deal is None:
        return
    index_of = {line.line_id: index for index, line in enumerate(live)}
    offer_of = {offer.offer_id: offer for offer in basket.deal.offers}
    for line_id, offer_id, amount in basket.deal.shares:
        index = index_of[line_id]
        if amount > left[index]:
            raise ValueError(f"the deal takes {amount} off line {line_id}, and {left[index]} is left")
        offer = offer_of[offer_id]
        scope = DiscountScope.BASKET_PROMOTION if offer.on_basket else DiscountScope.PROMOTION
        shares[index].append(DiscountShare(offer_id, scope, offer.name, "", amount))
        left[index] -= amount


def _share(discount: GivenDiscount, scope: DiscountScope, name: LocalizedText, amount_minor: int) -> DiscountShare:
    return DiscountShare(discount.discount_id, scope, name, discount.reason, amount_minor)


def tax_summary(lines: tuple[PricedLine, ...]) -> tuple[TaxSummaryRow, ...]:
    """Add up the lines' taxes per class, the highest rate first."""
    rows: dict[str, TaxSummaryRow] = {}
    for line in lines:
        tax_class = line.line.tax_class
        row = rows.get(tax_class.tax_class_id)
        rows[tax_class.tax_class_id] = TaxSummaryRow(tax_class, row.amounts + line.tax if row else line.tax)
    return tuple(sorted(rows.values(), key=lambda row: (-row.tax_class.rate_basis_points, row.tax_class.tax_class_id)))
