"""The item lines of a receipt: what was bought, how much of it, what was taken off."""

from collections.abc import Iterable, Iterator
from typing import Final

from app.sales.receipt_elements import Element, Row, TextLine
from app.sales.sale import DiscountScope, PriceSource, SaleLine, WeightSource
from app.values.money import Currency, format_minor
from app.values.quantity import ONE, SellingUnit, format_thousandths
from app.values.speech import Speech
from app.values.wording import Wording, wording

_INDENT: Final = 2


def item_lines(line: SaleLine, currency: Currency, speech: Speech, *, compact: bool) -> Iterator[Element]:
    """Yield a line's name, quantity and price, amount, and whatever else is known of it.

    Args:
        line: one line of the sale; a deposit stands indented beneath what it belongs to.
        currency: of its amounts.
        speech: the language of the receipt.
        compact: whether one piece at its plain price stands on a single row.
    """
    name = speech.say(line.name)
    indent = _INDENT if line.deposit_of_line is not None else 0
    amount = format_minor(line.extended_minor, currency)
    plain = line.quantity_thousandths == ONE and line.unit is SellingUnit.EACH
    if compact and plain and line.extended_minor == line.unit_price_minor:
        yield Row(name, amount, indent=indent)
    else:
        yield TextLine(name, indent=indent)
        yield Row(speech.say(_quantity_and_price(line, currency)), amount, indent=indent + _INDENT)
    for fact in _facts(line, currency):
        yield TextLine(speech.say(fact), indent=indent + _INDENT)
    for share in line.discounts:
        if share.scope is DiscountScope.BASKET_PROMOTION:
            continue  # stands once, with the savings
        yield Row(speech.say(share.name), format_minor(-share.amount_minor, currency), indent=indent + _INDENT)


def _quantity_and_price(line: SaleLine, currency: Currency) -> Wording:
    quantity = format_thousandths(line.quantity_thousandths, line.unit)
    price = format_minor(line.unit_price_minor, currency)
    match line.unit:
        case SellingUnit.KILOGRAM:
            return wording("{quantity} kg × {price}/kg", quantity=quantity, price=price)
        case SellingUnit.LITRE:
            return wording("{quantity} l × {price}/l", quantity=quantity, price=price)
        case SellingUnit.METRE:
            return wording("{quantity} m × {price}/m", quantity=quantity, price=price)
        case SellingUnit.EACH:
            return wording("{quantity} × {price}", quantity=quantity, price=price)


def _facts(line: SaleLine, currency: Currency) -> Iterator[Wording | str]:
    if line.weighed_by is WeightSource.KEYED:
        yield wording("Weight keyed in")
    if line.tare_grams:
        yield wording("Tare {grams} g taken off", grams=line.tare_grams)
    if line.price_source is PriceSource.OVERRIDE:
        yield wording("Price changed, was {price}", price=format_minor(line.list_price_minor, currency))
    if line.batch:
        yield wording("Batch {batch}", batch=line.batch)
    if line.expiry:
        yield wording("Use by {date}", date=line.expiry.isoformat())
    if line.serial:
        yield wording("Serial no. {serial}", serial=line.serial)
    if line.note:
        yield line.note


def piece_count(lines: Iterable[SaleLine]) -> int:
    """Return what a shopper would count in the bag: pieces, each weighed thing as one, deposits not at all."""
    return sum(
        1 if line.unit.divisible else line.quantity_thousandths // ONE for line in lines if line.deposit_of_line is None
    )
