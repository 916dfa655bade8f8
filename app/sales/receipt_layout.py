"""Lays a receipt out: which words and figures stand on the paper, in which order, in which language."""

from collections.abc import Callable, Iterator
from typing import Final

from app.sales.receipt import Receipt
from app.sales.receipt_columns import cells_of
from app.sales.receipt_elements import (
    Align,
    Barcode,
    Cut,
    Element,
    Feed,
    Picture,
    QrCode,
    Row,
    Rule,
    Size,
    Table,
    TextLine,
)
from app.sales.receipt_items import item_lines, piece_count
from app.sales.receipt_layout_file import (
    BadReceiptLayout,
    Block,
    ReceiptLayout,
    built_in_layout,
    load_layout,
    read_layout,
)
from app.sales.receipt_members import member_lines
from app.sales.receipt_refunds import refund_lines
from app.sales.receipt_savings import savings_lines
from app.values.money import Money, currency_of, format_minor
from app.values.speech import Speech
from app.values.tax import TaxAmounts
from app.values.wording import LocalizedText, Wording, wording

__all__ = [
    "BadReceiptLayout",
    "Block",
    "ReceiptLayout",
    "built_in_layout",
    "lay_out",
    "load_layout",
    "read_layout",
]


_LONGEST_QR_BYTES: Final = 400
"""A code of more (version 16 at level M) is too dense on 58 mm paper for a phone; the address is printed in letters."""


def lay_out(
    receipt: Receipt, speech: Speech, layout: ReceiptLayout, *, interrupted: bool = False
) -> tuple[Element, ...]:
    """Return the elements of one printing of a receipt, the same for every device.

    Args:
        receipt: what was charged; nothing of it is computed again.
        speech: the language of every word on the paper.
        layout: the blocks and their order.
        interrupted: whether a printing of it was begun and never confirmed, so that there may be two papers; the
            new one is cut off from what came before and marked as a copy.
    """
    elements: list[Element] = []
    if interrupted:
        sentence = speech.say(wording("COPY: reprint of an interrupted receipt"))
        elements += [Cut(), _headline(f"*** {sentence} ***", layout)]
    for block in layout.blocks:
        for element in _BLOCKS[block](receipt, speech, layout):
            # A block may be empty on this receipt; the rules around it then meet.
            if not (isinstance(element, Rule) and elements and isinstance(elements[-1], Rule)):
                elements.append(element)
    return (*elements, Cut())


def _headline(text: str, layout: ReceiptLayout) -> TextLine:
    """Return a line that is seen at once: big where it fits the paper, else only tall."""
    fits = cells_of(text) * Size.BIG.wide <= layout.columns
    return TextLine(text, Align.CENTRE, bold=True, size=Size.BIG if fits else Size.TALL)


def _logo(_receipt: Receipt, _speech: Speech, layout: ReceiptLayout) -> Iterator[Element]:
    if layout.logo_png:
        yield Picture(layout.logo_png)


def _shop_head(receipt: Receipt, speech: Speech, layout: ReceiptLayout) -> Iterator[Element]:
    shop = receipt.shop
    yield _headline(speech.say(shop.name), layout)
    facts: list[Wording | LocalizedText] = [shop.address]
    if shop.phone:
        facts.append(wording("Tel. {phone}", phone=shop.phone))
    if shop.tax_number:
        facts.append(wording("Taxpayer no. {number}", number=shop.tax_number))
    for text in (*facts, *shop.receipt_header):
        if said := speech.say(text):
            yield TextLine(said, Align.CENTRE)


def _copy_mark(receipt: Receipt, speech: Speech, layout: ReceiptLayout) -> Iterator[Element]:
    if receipt.copy_number:
        mark = speech.say(wording("COPY {number}", number=receipt.copy_number))
        yield _headline(f"*** {mark} ***", layout)


def _receipt_facts(receipt: Receipt, speech: Speech, _layout: ReceiptLayout) -> Iterator[Element]:
    sale = receipt.completed.sale
    yield Row(speech.say(wording("Receipt")), str(receipt.completed.receipt_number))
    yield Row(speech.say(wording("Time")), speech.write_time(sale.completed_at.astimezone(receipt.zone)))
    yield Row(speech.say(wording("Till")), f"{sale.till_number:02d}")
    yield Row(speech.say(wording("Served by")), f"{sale.operator_number} {sale.operator_name}".strip())


def _items(receipt: Receipt, speech: Speech, layout: ReceiptLayout) -> Iterator[Element]:
    sale = receipt.completed.sale
    yield Row(speech.say(wording("Item")), speech.say(wording("Amount")), bold=True)
    for line in sale.lines:
        yield from item_lines(line, currency_of(sale.currency), speech, compact=layout.compact_single_items)


def _counts(receipt: Receipt, speech: Speech, _layout: ReceiptLayout) -> Iterator[Element]:
    yield Row(speech.say(wording("Number of items")), str(piece_count(receipt.completed.sale.lines)))


def _totals(receipt: Receipt, speech: Speech, layout: ReceiptLayout) -> Iterator[Element]:
    sale = receipt.completed.sale
    currency = currency_of(sale.currency)
    subtotal = sum(line.extended_minor for line in sale.lines)
    steps = (
        (wording("You saved"), -sale.discount_minor),
        # Taxes that the shelf price does not hold are what the lines cost beyond their price less discounts.
        (wording("Tax added"), sale.gross_minor - (subtotal - sale.discount_minor)),
        (wording("Rounding"), sale.rounding_minor),
    )
    if any(amount for _, amount in steps):
        yield Row(speech.say(wording("Subtotal")), format_minor(subtotal, currency))
    for name, amount in steps:
        if amount:
            yield Row(speech.say(name), format_minor(amount, currency))
    yield Rule()
    yield Row(speech.say(wording("Total")), str(Money(sale.due_minor, currency)), bold=True, size=layout.total_size)


def _tenders(receipt: Receipt, speech: Speech, _layout: ReceiptLayout) -> Iterator[Element]:
    sale = receipt.completed.sale
    currency = currency_of(sale.currency)
    for tender in sale.tenders:
        yield Row(speech.say(tender.name), format_minor(tender.amount_minor, currency))
        if tender.reference:
            yield TextLine(tender.reference, indent=2)
        if tender.approved_offline:
            yield TextLine(speech.say(wording("Taken offline, without asking the bank")), indent=2)
    if sale.change_minor:
        yield Row(speech.say(wording("Change")), format_minor(sale.change_minor, currency), bold=True)
    yield from refund_lines(receipt, speech)


def _savings(receipt: Receipt, speech: Speech, _layout: ReceiptLayout) -> Iterator[Element]:
    yield from savings_lines(receipt, speech)


def _member(receipt: Receipt, speech: Speech, _layout: ReceiptLayout) -> Iterator[Element]:
    yield from member_lines(receipt, speech)


def _tax_summary(receipt: Receipt, speech: Speech, _layout: ReceiptLayout) -> Iterator[Element]:
    sale = receipt.completed.sale
    if not sale.tax_summary:
        return
    currency = currency_of(sale.currency)
    header = (wording("Tax rate"), wording("Net"), wording("Tax"), wording("Gross"))
    by_rate: dict[int, TaxAmounts] = {}
    for row in sale.tax_summary:
        # Classes of one rate (exempt, out of scope) are one row to the shopper; the journal keeps them apart.
        rate = row.tax_class.rate_basis_points
        by_rate[rate] = by_rate[rate] + row.amounts if rate in by_rate else row.amounts
    rows = [
        (
            _percent(rate),
            *(format_minor(minor, currency) for minor in (amounts.net_minor, amounts.tax_minor, amounts.gross_minor)),
        )
        for rate, amounts in by_rate.items()
    ]
    yield Table(tuple(speech.say(name) for name in header), tuple(rows))


def _percent(basis_points: int) -> str:
    whole, rest = divmod(basis_points, 100)
    return f"{whole}.{rest:02d}".rstrip("0").rstrip(".") + "%"


def _note(receipt: Receipt, _speech: Speech, _layout: ReceiptLayout) -> Iterator[Element]:
    if receipt.completed.sale.note:
        yield TextLine(receipt.completed.sale.note)


def _receipt_barcode(receipt: Receipt, _speech: Speech, _layout: ReceiptLayout) -> Iterator[Element]:
    number = receipt.completed.receipt_number
    yield Barcode(number.barcode_data())
    # Readable beneath, for the day the scanner is broken or the paper has faded.
    yield TextLine(str(number), Align.CENTRE)


def _page_qr(receipt: Receipt, speech: Speech, _layout: ReceiptLayout) -> Iterator[Element]:
    if address := receipt.page_address():
        yield QrCode(address) if len(address.encode()) <= _LONGEST_QR_BYTES else TextLine(address)
        yield TextLine(speech.say(wording("Scan for e-receipt, invoice and review")), Align.CENTRE)


def _shop_foot(receipt: Receipt, speech: Speech, _layout: ReceiptLayout) -> Iterator[Element]:
    for text in receipt.shop.receipt_footer:
        if said := speech.say(text):
            yield TextLine(said, Align.CENTRE)


def _rule(_receipt: Receipt, _speech: Speech, _layout: ReceiptLayout) -> Iterator[Element]:
    yield Rule()


def _gap(_receipt: Receipt, _speech: Speech, _layout: ReceiptLayout) -> Iterator[Element]:
    yield Feed(1)


_BLOCKS: Final[dict[Block, Callable[[Receipt, Speech, ReceiptLayout], Iterator[Element]]]] = {
    Block.LOGO: _logo,
    Block.SHOP_HEAD: _shop_head,
    Block.COPY_MARK: _copy_mark,
    Block.RECEIPT_FACTS: _receipt_facts,
    Block.ITEMS: _items,
    Block.COUNTS: _counts,
    Block.TOTALS: _totals,
    Block.TENDERS: _tenders,
    Block.SAVINGS: _savings,
    Block.MEMBER: _member,
    Block.TAX_SUMMARY: _tax_summary,
    Block.NOTE: _note,
    Block.RECEIPT_BARCODE: _receipt_barcode,
    Block.PAGE_QR: _page_qr,
    Block.SHOP_FOOT: _shop_foot,
    Block.RULE: _rule,
    Block.GAP: _gap,
}
