"""Goods that are one of a kind: the same GTIN and serial number is sold once, however it is read.

A radio tag (SGTIN) and a GS1 code with a serial number (AI 21) name the same piece of goods. The rule, in the order of
a sale:

1. A piece that is in the basket, in a basket put aside, or in a sale of this till is not added again.
2. Before the first tender is taken the pieces of the basket are looked up once more: a basket put aside may have been
   overtaken. After a tender nobody is turned away any more.
3. A sale is never lost over it. Where the store finds a piece sold twice all the same, it commits the sale and writes
   `SERIAL_SOLD_AGAIN` into the journal, in the same transaction, for a person to look into.

Only this till's own sales are known here; headquarters sees those of the others.
"""

from enum import Enum

from app.checkout.counter import Counter
from app.checkout.state import CannotBeSold, TillState
from app.sales.basket import Basket
from app.values.wording import wording


class SerialStanding(Enum):
    """Where a piece of goods is."""

    FREE = "free"
    IN_BASKET = "in_basket"
    ASIDE = "aside"
    """In a basket that was put aside."""

    SOLD = "sold"


def standing_of(counter: Counter, state: TillState, gtin14: str, serial: str) -> SerialStanding:
    """Return where a piece is, as far as this till knows.

    Raises:
        StoreProblem: the store cannot be read.
    """
    if state.basket is not None and _holds(state.basket, gtin14, serial):
        return SerialStanding.IN_BASKET
    if any(_holds(aside, gtin14, serial) for aside in state.suspended):
        return SerialStanding.ASIDE
    if counter.store.serial_sold(gtin14, serial):
        return SerialStanding.SOLD
    return SerialStanding.FREE


def _holds(basket: Basket, gtin14: str, serial: str) -> bool:
    return any((line.gtin14, line.serial) == (gtin14, serial) for line in basket.live_lines)


def require_free(counter: Counter, state: TillState, gtin14: str, serial: str) -> None:
    """Refuse a scanned piece that was scanned or sold before.

    Raises:
        CannotBeSold: saying where it is.
    """
    match standing_of(counter, state, gtin14, serial):
        case SerialStanding.IN_BASKET:
            raise CannotBeSold(wording("This very item is in the basket already. Scan the next one."))
        case SerialStanding.ASIDE:
            raise CannotBeSold(
                wording("This very item is in a basket that was put aside. Recall that one with F6, or leave it out.")
            )
        case SerialStanding.SOLD:
            raise CannotBeSold(
                wording(
                    "The item with serial no. {serial} was paid for already. If it came back, sell it by its plain "
                    "barcode.",
                    serial=serial,
                )
            )
        case SerialStanding.FREE:
            return


def require_unsold(counter: Counter, basket: Basket) -> None:
    """Refuse to begin the payment of a basket with a piece that was sold in the meantime.

    Raises:
        CannotBeSold: naming the first such line.
    """
    for line in basket.live_lines:
        if line.serial is not None and line.gtin14 is not None and counter.store.serial_sold(line.gtin14, line.serial):
            raise CannotBeSold(
                wording(
                    "{product} with serial no. {serial} was paid for already. Void its line.",
                    product=line.name,
                    serial=line.serial,
                )
            )
