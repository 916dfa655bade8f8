"""Reads the small tables beside the products: departments, tax classes, prices valid in time."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from app.catalogue.importing.cells import on_one_line, read_amount, read_choice, read_day, read_rate, text_fault
from app.catalogue.importing.columns import Columns, recognise, require
from app.catalogue.importing.findings import CellFault, FindingKind, Report, RowFinding, Severity, excerpt_of
from app.catalogue.importing.options import ImportOptions, ImportSource
from app.catalogue.importing.records import NamedTaxClass
from app.catalogue.importing.tables import TableRow, open_table
from app.catalogue.products import STANDARD_PRICE_LIST, Department
from app.catalogue.search_text import article_key
from app.values.tax import TaxClass
from app.values.wording import LocalizedText, Wording, wording

LONGEST_ID = 40
LONGEST_NAME = 200

_Read = TypeVar("_Read")

_PRICE_LISTS = {"标准": STANDARD_PRICE_LIST, "零售价": STANDARD_PRICE_LIST, "会员": "member", "会员价": "member"}


@dataclass(frozen=True, slots=True)
class ListedPrice:
    """A price of the price table, before its product is known."""

    price_list: str
    amount_minor: int
    valid_from: datetime | None
    valid_until: datetime | None
    row_number: int


class BadRow(Exception):
    """Ends the reading of a row that is left out."""

    def __init__(self, column: str, fault: CellFault, excerpt: str = "") -> None:
        """Say what is wrong with it."""
        super().__init__(str(fault.sentence))
        self.column = column
        self.fault = fault
        self.excerpt = excerpt


class RowReader:
    """Reads the cells of one row of one table and reports what is wrong with them."""

    def __init__(self, table: str, columns: Columns, report: Report) -> None:
        """Use the columns that were recognised."""
        self.columns = columns
        self._table = table
        self._report = report
        self.row = TableRow(0, ())

    def cell(self, column: str) -> str:
        """Return a cell as it stands, without blanks around it."""
        return self.columns.cell(self.row.cells, column)

    def text(self, column: str, longest: int = LONGEST_NAME) -> str:
        """Return a cell that is a text a person will read.

        Raises:
            BadRow: if it is a formula, too long or holds control characters.
        """
        text = self.cell(column)
        fault = text_fault(text, longest)
        if fault is None:
            return text
        self._weigh(column, fault, text)
        text = on_one_line(text)
        if (still := text_fault(text, longest)) is not None:
            self._weigh(column, still, text)
        return text

    def needed(self, column: str, longest: int = LONGEST_NAME) -> str:
        """Return a text that must not be empty.

        Raises:
            BadRow: if it is empty, or no text.
        """
        text = self.text(column, longest)
        if not text:
            raise BadRow(column, CellFault(FindingKind.MISSING_VALUE, wording("The cell is empty. Fill it in.")))
        return text

    def checked(self, column: str, value: _Read | CellFault) -> _Read:
        """Return a value that was read from a cell.

        Raises:
            BadRow: if it could not be read.
        """
        if isinstance(value, CellFault):
            raise BadRow(column, value, self.cell(column))
        return value

    def warn(self, column: str, kind: FindingKind, sentence: Wording, excerpt: str = "") -> None:
        """Report something wrong with a row that is imported nevertheless."""
        self._send(column, CellFault(kind, sentence, Severity.WARNING), excerpt)

    def refuse(self, bad: BadRow) -> None:
        """Report a row that is left out."""
        self._send(bad.column, bad.fault, bad.excerpt)

    def _weigh(self, column: str, fault: CellFault, text: str) -> None:
        if fault.severity is Severity.ERROR:
            raise BadRow(column, fault, text)
        self._send(column, fault, text)

    def _send(self, column: str, fault: CellFault, excerpt: str) -> None:
        self._report(
            RowFinding(
                self.row.number, column, fault.severity, fault.kind, fault.sentence, excerpt_of(excerpt), self._table
            )
        )


def read_departments(source: ImportSource, report: Report) -> tuple[Department, ...]:
    """Return the departments of a table in its order.

    Raises:
        ImportProblem: if the file cannot be read or lacks its columns.
    """

    def read(reader: RowReader) -> Department:
        return Department(
            reader.needed("department_id", LONGEST_ID),
            _localized(reader),
            reader.text("colour", 9),
            reader.text("picture", LONGEST_ID),
        )

    needed = ("department_id", "name")
    found = _read_list(source, "departments", needed, read, report)
    return tuple(_first_of_each(found, lambda entry: entry.department_id, "department_id", report, "departments"))


def read_tax_classes(source: ImportSource, report: Report) -> tuple[NamedTaxClass, ...]:
    """Return the tax classes of a table in its order.

    Raises:
        ImportProblem: if the file cannot be read or lacks its columns.
    """

    def read(reader: RowReader) -> NamedTaxClass:
        tax_class_id = reader.needed("tax_class_id", LONGEST_ID)
        rate = reader.checked("rate_percent", read_rate(reader.needed("rate_percent")))
        included = reader.checked("included", read_choice(reader.cell("included"), default=True))
        name = _localized(reader) if reader.cell("name") else LocalizedText(tax_class_id)
        return NamedTaxClass(TaxClass(tax_class_id, rate, included), name)

    needed = ("tax_class_id", "rate_percent")
    found = _read_list(source, "tax_classes", needed, read, report)
    return tuple(
        _first_of_each(found, lambda entry: entry.tax_class.tax_class_id, "tax_class_id", report, "tax_classes")
    )


def read_prices(source: ImportSource, options: ImportOptions, report: Report) -> dict[str, list[ListedPrice]]:
    """Return the prices of a table by `article_key`; this table alone is held in memory while products are read.

    Raises:
        ImportProblem: if the file cannot be read or lacks its columns.
    """

    def read(reader: RowReader) -> tuple[str, ListedPrice]:
        product_id = reader.needed("product_id", LONGEST_ID)
        price_list = reader.text("price_list", LONGEST_ID).lower() or STANDARD_PRICE_LIST
        amount = reader.checked("amount", read_amount(reader.needed("amount"), options.currency))
        begins = reader.checked("valid_from", read_day(reader.cell("valid_from"), options.zone))
        ends = reader.checked("valid_until", read_day(reader.cell("valid_until"), options.zone))
        if begins is not None and ends is not None and ends <= begins:
            raise BadRow(
                "valid_until",
                CellFault(FindingKind.BAD_DATE, wording("The price ends before it begins.")),
                reader.cell("valid_until"),
            )
        known = _PRICE_LISTS.get(price_list, price_list)
        return article_key(product_id), ListedPrice(known, amount, begins, ends, reader.row.number)

    prices: dict[str, list[ListedPrice]] = {}
    for _, (key, price) in _read_list(source, "prices", ("product_id", "amount"), read, report):
        prices.setdefault(key, []).append(price)
    return prices


def _localized(reader: RowReader) -> LocalizedText:
    english = reader.text("name_en")
    return LocalizedText(reader.needed("name"), (("en", english),) if english else ())


def _read_list(
    source: ImportSource, table: str, needed: tuple[str, ...], read: Callable[[RowReader], _Read], report: Report
) -> Iterator[tuple[int, _Read]]:
    with open_table(source.path, source.sheet) as opened:
        columns = recognise(table, opened.header.cells, {})
        require(columns, wording("{name}", name=opened.name), opened.header.cells, *needed)
        reader = RowReader(table, columns, report)
        for row in opened.rows:
            reader.row = row
            try:
                entry = read(reader)
            except BadRow as bad:
                reader.refuse(bad)
            else:
                yield row.number, entry


def _first_of_each(
    found: Iterator[tuple[int, _Read]], identity: Callable[[_Read], str], column: str, report: Report, table: str
) -> Iterator[_Read]:
    seen: dict[str, int] = {}
    for number, entry in found:
        name = identity(entry)
        if name in seen:
            sentence = wording("{name} stands in row {row} already, which counts.", name=name, row=seen[name])
            report(RowFinding(number, column, Severity.ERROR, FindingKind.DUPLICATE_ENTRY, sentence, name, table))
        else:
            seen[name] = number
            yield entry
