"""Turns a basket into the rows of the list, texts and all, so that drawing them is only drawing."""

from dataclasses import dataclass
from enum import Enum

from app.checkout.views import BasketView, DiscountView, LineView, TenderView
from app.sales.sale import DiscountScope, PriceSource
from app.values.money import currency_of
from app.values.speech import Speech
from app.values.wording import wording
from ui.presenters.formatting import MINUS, write_digits, write_line_price


class RowKind(Enum):
    """What a row of the list is."""

    LINE = "line"
    DISCOUNT = "discount"
    """A discount on the whole basket."""

    TENDER = "tender"
    """A tender already taken."""


@dataclass(frozen=True, slots=True)
class Reduction:
    """A discount under its line."""

    name: str
    amount: str
    """Taken off, with its minus sign."""

    why: str = ""
    """Of a promotion: what it gave; soft, where there is room."""


@dataclass(frozen=True, slots=True)
class BasketRow:
    """One row, ready to be drawn."""

    kind: RowKind
    key: str
    """Stays the same while the thing it shows does."""

    number: str
    name: str
    detail: str
    """Specification, batch, expiry, note: what tells it from its like. Soft and small."""

    calculation: str
    """`2 × 12.90`."""

    amount: str
    reductions: tuple[Reduction, ...] = ()
    """The discounts on the line."""

    badge: str = ""
    """Such as `18+`."""

    line_id: int | None = None
    discount_id: str | None = None
    """Of a basket discount, or of the line's own discount."""

    tender_id: int | None = None
    deposit: bool = False

    @property
    def has_keys(self) -> bool:
        """Whether something can be asked of the row: an offer and a deposit go with their goods."""
        return not self.deposit and (self.kind is not RowKind.DISCOUNT or self.discount_id is not None)

    def spoken(self) -> str:
        """Return the row in one sentence for assistive technology."""
        parts = [self.name, self.badge, self.detail, self.calculation, self.amount]
        parts.extend(f"{one.name} {one.amount}" for one in self.reductions)
        return ", ".join(part for part in parts if part)


class RowWriter:
    """Writes rows, and writes again only those whose line changed."""

    def __init__(self) -> None:
        """Begin with no rows remembered."""
        self._language = ""
        self._written: dict[int, tuple[LineView, BasketRow]] = {}

    def rows(self, basket: BasketView, speech: Speech) -> tuple[BasketRow, ...]:
        """Return lines, then basket discounts, then tenders, in the order of the list."""
        if speech.language != self._language:
            self._written.clear()
            self._language = speech.language
        fresh: dict[int, tuple[LineView, BasketRow]] = {}
        for line in basket.lines:
            known = self._written.get(line.line_id)
            same = known is not None and known[0] == line
            fresh[line.line_id] = known if known and same else (line, line_row(line, basket.currency, speech))
        self._written = fresh
        lines = tuple(row for _, row in fresh.values())
        discounts = tuple(_discount_row(discount, basket.currency, speech) for discount in basket.discounts)
        tenders = tuple(_tender_row(tender, basket.currency, speech) for tender in basket.tenders)
        return lines + discounts + tenders


def line_row(line: LineView, currency_code: str, speech: Speech) -> BasketRow:
    """Write one line."""
    currency = currency_of(currency_code)
    return BasketRow(
        kind=RowKind.LINE,
        key=f"line:{line.line_id}",
        number=str(line.number),
        name=speech.say(line.name),
        detail=_detail(line, currency_code, speech),
        calculation=write_line_price(line.quantity_thousandths, line.unit, line.unit_price_minor, currency),
        amount=write_digits(line.extended_minor, currency),
        reductions=tuple(
            Reduction(
                speech.say(discount.name),
                MINUS + write_digits(discount.amount_minor, currency),
                "" if discount.why is None else speech.say(discount.why),
            )
            for discount in line.discounts
        ),
        badge=f"{line.minimum_age}+" if line.minimum_age else "",
        line_id=line.line_id,
        discount_id=next(
            (discount.discount_id for discount in line.discounts if discount.scope is DiscountScope.LINE), None
        ),
        deposit=line.deposit_of is not None,
    )


def _detail(line: LineView, currency_code: str, speech: Speech) -> str:
    parts = [line.specification]
    if line.price_source is PriceSource.OVERRIDE:
        was = write_digits(line.list_price_minor, currency_of(currency_code))
        parts.append(speech.say(wording("price changed, was {price}", price=was)))
    elif line.price_source is PriceSource.LABEL:
        parts.append(speech.say(wording("weighed label")))
    if line.batch:
        parts.append(speech.say(wording("batch {batch}", batch=line.batch)))
    if line.expiry:
        parts.append(speech.say(wording("use by {day}", day=line.expiry.isoformat())))
    parts.append(line.note)
    return " · ".join(part for part in parts if part)


def _discount_row(discount: DiscountView, currency_code: str, speech: Speech) -> BasketRow:
    return BasketRow(
        kind=RowKind.DISCOUNT,
        key=f"{discount.scope.value}:{discount.discount_id}",
        number="",
        name=speech.say(discount.name),
        detail=speech.say(wording("on the whole basket") if discount.why is None else discount.why),
        calculation="",
        amount=MINUS + write_digits(discount.amount_minor, currency_of(currency_code)),
        # A rule's discount cannot be taken back by hand.
        discount_id=discount.discount_id if discount.scope is DiscountScope.BASKET else None,
    )


def _tender_row(tender: TenderView, currency_code: str, speech: Speech) -> BasketRow:
    return BasketRow(
        kind=RowKind.TENDER,
        key=f"tender:{tender.tender_id}",
        number="",
        name=speech.say(tender.name),
        detail=" · ".join(part for part in (speech.say(wording("taken")), tender.reference) if part),
        calculation="",
        amount=MINUS + write_digits(tender.amount_minor, currency_of(currency_code)),
        tender_id=tender.tender_id,
    )
