"""What a person may set before an import, and which files belong to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from enum import Enum
from pathlib import Path
from typing import Protocol

from app.catalogue.importing.problems import UnreadableFile
from app.catalogue.importing.records import NamedTaxClass, ProductRecord
from app.catalogue.importing.tables import sheet_names
from app.catalogue.products import Department
from app.values.money import CNY, Currency
from app.values.tax import TaxClass
from app.values.wording import LocalizedText, wording


class ImportMode(Enum):
    """What becomes of products that the file does not name."""

    MERGE = "merge"
    """They stay; those it names are changed in the columns it has."""

    REPLACE = "replace"
    """They go; the file is the whole catalogue."""


DEFAULT_DEPARTMENT = Department("other", LocalizedText("其他", (("en", "Other"),)))
DEFAULT_TAX_CLASS = NamedTaxClass(TaxClass("standard", 1300), LocalizedText("标准税率", (("en", "Standard rate"),)))


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """What a person may set before an import; what is set here counts where the file says nothing."""

    mode: ImportMode = ImportMode.MERGE
    zone: tzinfo = UTC
    """The store's zone; a price that holds from a day on holds from that day's midnight there."""

    currency: Currency = CNY
    default_price_minor: int | None = None
    """For rows without a price; None makes them products whose price is asked for at each sale."""

    default_department: Department = DEFAULT_DEPARTMENT
    """For rows without a department, or with one that is not known."""

    default_tax_class: NamedTaxClass = DEFAULT_TAX_CLASS
    """For rows without a tax class."""

    columns: Mapping[str, str] = field(default_factory=dict)
    """Column by its own name → header in the product file, where the usual names would not find it."""

    spell_pinyin: bool = True
    """Whether names in Chinese without pinyin get it spelled."""


@dataclass(frozen=True, slots=True)
class ImportSource:
    """A table: a file, and of a workbook the sheet."""

    path: Path
    sheet: str | None = None


@dataclass(frozen=True, slots=True)
class ImportSources:
    """The tables of one import; only that of the products is needed, and in a merge not even that."""

    products: ImportSource | None
    prices: ImportSource | None = None
    departments: ImportSource | None = None
    tax_classes: ImportSource | None = None

    @property
    def label(self) -> str:
        """What the import is called: the name of its first file."""
        first = self.products or self.prices or self.departments or self.tax_classes
        return first.path.name if first else ""


_TABLES = ("products", "prices", "departments", "tax_classes")
_SHEETS = {
    "products": ("products", "商品", "商品资料"),
    "prices": ("prices", "价格"),
    "departments": ("departments", "类别", "分类", "部门"),
    "tax_classes": ("tax_classes", "税类"),
}
_SUFFIXES = (".tsv", ".csv", ".txt", ".xlsx", ".tsv.gz", ".csv.gz")


def sources_at(path: Path) -> ImportSources:
    """Return the tables at a path.

    A folder holds `products`, and beside it `prices`, `departments` and `tax_classes`, each as TSV, CSV or XLSX. A
    workbook may hold the same as sheets, else its first sheet is the products. Any other file is the products.

    Raises:
        UnreadableFile: if there is nothing, or a workbook cannot be opened.
    """
    if path.is_dir():
        found = {table: _in_folder(path, table) for table in _TABLES}
        if not any(found.values()):
            raise UnreadableFile(
                wording(
                    "There is no table of products in {name}. It is called products.tsv or the like.", name=path.name
                )
            )
        return ImportSources(**found)
    sheets = sheet_names(path)
    by_table = {
        table: next((ImportSource(path, sheet) for sheet in sheets if sheet.strip().lower() in names), None)
        for table, names in _SHEETS.items()
    }
    if not any(by_table.values()):
        return ImportSources(ImportSource(path))
    return ImportSources(**by_table)


def _in_folder(folder: Path, table: str) -> ImportSource | None:
    for suffix in _SUFFIXES:
        path = folder / f"{table}{suffix}"
        if path.is_file():
            return ImportSource(path)
    return None


class KnownCatalogue(Protocol):
    """The catalogue that an import merges into."""

    def record_of(self, product_id: str) -> ProductRecord | None:
        """Return all that is known of one product."""

    def owner_of(self, gtin14: str) -> str | None:
        """Return the article number of the product that has a barcode."""

    def owner_of_plu(self, plu: str) -> str | None:
        """Return the article number of the product that has a PLU."""

    def departments(self) -> tuple[Department, ...]:
        """Return all departments in the shop's order."""

    def named_tax_classes(self) -> tuple[NamedTaxClass, ...]:
        """Return all tax classes with their names."""
