"""The savings on a receipt in short: how much in all, by which offers, and by which coupons."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from app.sales.receipt import Receipt
from app.sales.receipt_elements import Element, Row, TextLine
from app.sales.sale import DiscountScope, Sale
from app.values.money import Money, currency_of, format_minor
from app.values.speech import Speech
from app.values.wording import LocalizedText, Wording, wording

MOST_OFFERS: Final = 5
"""So many offers stand there by name, those that saved most; coupons stand there besides."""

_INDENT: Final = 2


@dataclass(frozen=True, slots=True)
class Saving:
    """What one offer, coupon or discount took off a sale."""

    name: LocalizedText
    amount_minor: int
    by_coupon: bool = False


def savings_of(sale: Sale) -> tuple[Saving, ...]:
    """Return what each took off the whole sale, the largest first; nothing is worked out again.

    Discounts that a person gave count together by their name.
    """
    by_coupon = {one.offer_id for one in sale.promotions.offers if one.redemption_ids} if sale.promotions else set()
    found: dict[tuple[DiscountScope, str], Saving] = {}
    for line in sale.lines:
        for share in line.discounts:
            given = share.scope.is_promotion
            key = (share.scope, share.discount_id if given else share.name.default)
            so_far = found[key].amount_minor if key in found else 0
            found[key] = Saving(share.name, so_far + share.amount_minor, given and share.discount_id in by_coupon)
    return tuple(sorted(found.values(), key=lambda one: -one.amount_minor))


def savings_lines(receipt: Receipt, speech: Speech) -> Iterator[Element]:
    """Yield what was saved in all and by what; nothing of a sale without promotions."""
    sale = receipt.completed.sale
    savings = savings_of(sale)
    if sale.promotions is None or not any(sale.promotions.offers):
        return
    currency = currency_of(sale.currency)
    total = sum(one.amount_minor for one in savings)
    saved = wording("You saved {amount}", amount=str(Money(total, currency)))
    yield TextLine(speech.say(saved), bold=True)
    offers = [one for one in savings if not one.by_coupon]
    for one in offers[:MOST_OFFERS]:
        yield Row(speech.say(one.name), _write(one.amount_minor, sale), indent=_INDENT)
    if more := offers[MOST_OFFERS:]:
        yield Row(speech.say(_others(len(more))), _write(sum(one.amount_minor for one in more), sale), indent=_INDENT)
    for one in savings:
        if one.by_coupon:
            name = wording("Coupon: {name}", name=one.name)
            yield Row(speech.say(name), _write(one.amount_minor, sale), indent=_INDENT)


def _others(count: int) -> Wording:
    return wording("{count} other offers", count=count) if count > 1 else wording("1 other offer")


def _write(amount_minor: int, sale: Sale) -> str:
    return format_minor(amount_minor, currency_of(sale.currency))
