"""Reads all tables of an import as one stream of records, with what is wrong reported on the way."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from app.catalogue.importing.cells import text_fault
from app.catalogue.importing.columns import Columns, recognise, require
from app.catalogue.importing.findings import FindingKind, Report, RowFinding, Severity, excerpt_of
from app.catalogue.importing.options import ImportMode, ImportOptions, ImportSource, ImportSources, KnownCatalogue
from app.catalogue.importing.problems import ImportProblem, cancelled_by_person
from app.catalogue.importing.product_rows import ProductRows, Surroundings, listed_prices, merged_prices, top_level
from app.catalogue.importing.records import NamedTaxClass, ProductRecord
from app.catalogue.importing.side_tables import (
    LONGEST_NAME,
    BadRow,
    ListedPrice,
    RowReader,
    read_departments,
    read_prices,
    read_tax_classes,
)
from app.catalogue.importing.tables import Table, open_table
from app.catalogue.products import Department
from app.catalogue.search_text import article_key
from app.values.wording import LocalizedText, wording

MOST_NEW_DEPARTMENTS = 500
"""A column with more different texts is no department."""

ROWS_BETWEEN_LOOKS = 500
"""Rows between two calls of progress and cancelling."""

Progress = Callable[[int], None]
Cancelled = Callable[[], bool]


class CatalogueReading:
    """One import being read: the lists first, then the products as a stream that holds one row at a time.

    What is kept of the rows that were read is their article numbers and barcodes, to find what stands twice.
    """

    def __init__(
        self, sources: ImportSources, options: ImportOptions, report: Report, known: KnownCatalogue | None = None
    ) -> None:
        """Read the small tables; `known` is the catalogue to merge into.

        Raises:
            ImportProblem: if a table cannot be read or lacks columns.
        """
        self._sources = sources
        self._options = options
        self._report = report
        self._known = known if options.mode is ImportMode.MERGE else None
        self.rows_read = 0
        """Rows of the product table read so far, good or bad."""
        self.unknown_columns: tuple[str, ...] = ()
        """Headers of the product table that mean nothing here."""
        self._prices: Mapping[str, list[ListedPrice]] = {}
        if sources.prices is not None:
            self._prices = read_prices(sources.prices, options, report)
        self.tax_classes = self._all_tax_classes()
        """All tax classes of the catalogue that is to be made."""
        self.departments = self._all_departments()
        """All departments of the catalogue that is to be made."""
        self._keys: frozenset[str] | None = None
        if sources.products is not None:
            self._look_ahead(sources.products)

    def records(self, progress: Progress, cancelled: Cancelled) -> Iterator[ProductRecord]:
        """Return the records of all good rows in the order of the file.

        Raises:
            ImportProblem: if the file breaks off.
            ImportCancelled: if `cancelled` said so.
        """
        around = Surroundings(
            {
                article_key(text): entry.department_id
                for entry in self.departments
                for text in (entry.name.default, entry.name.in_language("en"), entry.department_id)
            },
            {
                article_key(text): entry.tax_class.tax_class_id
                for entry in self.tax_classes
                for text in (entry.name.default, entry.name.in_language("en"), entry.tax_class.tax_class_id)
            },
            self._prices,
            self._keys,
            self._known,
        )
        named: set[str] = set()
        if self._sources.products is not None:
            with open_table(self._sources.products.path, self._sources.products.sheet) as table:
                yield from self._product_records(table, around, named, progress, cancelled)
        yield from self._repriced(named)

    def _product_records(
        self, table: Table, around: Surroundings, named: set[str], progress: Progress, cancelled: Cancelled
    ) -> Iterator[ProductRecord]:
        columns = self._recognised(table)
        self.unknown_columns = columns.unknown
        reader = RowReader("products", columns, self._report)
        rows = ProductRows(reader, self._options, around)
        for row in table.rows:
            if self.rows_read % ROWS_BETWEEN_LOOKS == 0:
                progress(self.rows_read)
                if cancelled():
                    raise cancelled_by_person()
            self.rows_read += 1
            reader.row = row
            try:
                record = rows.record()
            except BadRow as bad:
                reader.refuse(bad)
                continue
            if not table.trims_rows and len(row.cells) < columns.width:
                reader.warn(
                    "", FindingKind.RAGGED_ROW, wording("The row has fewer cells than the header; the rest was empty.")
                )
            if self._prices:
                named.add(article_key(record.product.product_id))
            yield record
        progress(self.rows_read)

    def _recognised(self, table: Table) -> Columns:
        columns = recognise("products", table.header.cells, self._options.columns)
        label = wording("{name}", name=table.name)
        if "product_id" not in columns and "barcodes" not in columns:
            require(columns, label, table.header.cells, "product_id")
        if self._known is None:
            require(columns, label, table.header.cells, "name")
        return columns

    def _repriced(self, named: set[str]) -> Iterator[ProductRecord]:
        """Return products of the catalogue that only the price table names; report prices of unknown products."""
        source = self._sources.prices
        for key, listed in self._prices.items():
            if key in named:
                continue
            old = self._known.record_of(key) if self._known else None
            if old is not None:
                prices = merged_prices(old.prices, listed_prices(old.product.product_id, self._prices))
                yield replace(old, prices=prices)
                continue
            for entry in listed:
                self._report(
                    RowFinding(
                        entry.row_number,
                        "product_id",
                        Severity.ERROR,
                        FindingKind.UNKNOWN_PRODUCT,
                        wording("There is no such product, so its price is left out."),
                        excerpt_of(key),
                        "prices" if source else "",
                    )
                )

    def _all_tax_classes(self) -> tuple[NamedTaxClass, ...]:
        found = (
            {entry.tax_class.tax_class_id: entry for entry in self._known.named_tax_classes()} if self._known else {}
        )
        if self._sources.tax_classes is not None:
            read = read_tax_classes(self._sources.tax_classes, self._report)
            found.update((entry.tax_class.tax_class_id, entry) for entry in read)
        default = self._options.default_tax_class
        found.setdefault(default.tax_class.tax_class_id, default)
        return tuple(found.values())

    def _all_departments(self) -> tuple[Department, ...]:
        found = {entry.department_id: entry for entry in self._known.departments()} if self._known else {}
        if self._sources.departments is not None:
            read = read_departments(self._sources.departments, self._report)
            found.update((entry.department_id, entry) for entry in read)
        self._lists_departments = bool(found)
        default = self._options.default_department
        self.spare_departments = () if default.department_id in found else (default,)
        """What is among the departments in case a row needs it, and is left out again where none does."""
        return (*found.values(), *self.spare_departments)

    def _look_ahead(self, source: ImportSource) -> None:
        """Read the product table once beforehand where its rows refer to others, or alone name the departments."""
        with open_table(source.path, source.sheet) as table:
            columns = self._recognised(table)
            wants_departments = "department" in columns and not self._lists_departments
            if not wants_departments and "deposit_product" not in columns:
                return
            keys: set[str] = set()
            names: dict[str, str] = {}
            for row in table.rows:
                keys.add(article_key(columns.cell(row.cells, "product_id")))
                if wants_departments:
                    text = top_level(columns.cell(row.cells, "department"))
                    if text and text_fault(text, LONGEST_NAME) is None:
                        names.setdefault(article_key(text), text)
                    if len(names) > MOST_NEW_DEPARTMENTS:
                        raise ImportProblem(
                            wording(
                                "{name} names more than {most} departments, so that column cannot be meant."
                                " Name the right column, or bring a table of departments.",
                                name=table.name,
                                most=MOST_NEW_DEPARTMENTS,
                            )
                        )
        self._keys = frozenset(keys) if "deposit_product" in columns else None
        known = {article_key(entry.department_id) for entry in self.departments}
        new = tuple(Department(text, LocalizedText(text)) for key, text in names.items() if key not in known)
        self.departments = (*new, *self.departments)
