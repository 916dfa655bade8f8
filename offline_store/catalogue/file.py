"""One finished catalogue file, open for reading: what a scan, a PLU, a search and the quick keys ask."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from sqlalchemy import ColumnElement, Select, bindparam, func, literal_column, select

from app.catalogue.gtin import LENGTH
from app.catalogue.importing.records import NamedTaxClass, ProductRecord
from app.catalogue.products import STANDARD_PRICE_LIST, Department, Price, PricedProduct, Product
from app.catalogue.search_text import (
    Findable,
    article_key,
    codes_of,
    fold,
    pinyin_tails,
    query_words,
    text_of,
)
from app.values.clock import read_instant
from app.values.tax import TaxClass
from app.values.wording import wording
from offline_store.catalogue.connections import Cursor, DriverError, is_damage, reading_connection, sql_text
from offline_store.catalogue.problems import CatalogueDamaged, CatalogueFormat
from offline_store.catalogue.rows import (
    PRODUCT_COLUMNS,
    microseconds,
    read_barcode,
    read_price,
    read_product,
    read_tax_class,
    read_text,
)
from offline_store.catalogue.schema import (
    APPLICATION_ID,
    FORMAT_VERSION,
    WITHOUT_TARES,
    barcode,
    department,
    meta,
    price,
    product,
    tax_class,
)
from offline_store.catalogue.search import Search, SearchedWord

_Given = ParamSpec("_Given")
_Answer = TypeVar("_Answer")


def _price_now() -> ColumnElement[int]:
    # The value of a subquery is its first row, so the price that began last wins, as `price_at` has it.
    return func.coalesce(
        product.c.standing_price_minor,
        select(price.c.amount_minor)
        .where(
            price.c.position == product.c.position,
            price.c.price_list == literal_column(f"'{STANDARD_PRICE_LIST}'"),
            price.c.minus_valid_from >= bindparam("minus_at"),
            price.c.valid_until > bindparam("at"),
        )
        .order_by(price.c.minus_valid_from, price.c.amount_minor)
        .scalar_subquery(),
    )


def _priced(*more: ColumnElement[Any]) -> Select[Any]:
    return select(*PRODUCT_COLUMNS, _price_now(), *more)


FETCHED_AT_ONCE = 20
"""Products that a search reads by one statement: a screen of answers."""

_PRICE_AT = len(PRODUCT_COLUMNS)
"""Where the price stands in a row of `_priced`; what was added stands behind it."""

_BY_GTIN = sql_text(
    _priced(barcode.c.quantity_thousandths)
    .select_from(barcode.join(product, product.c.position == barcode.c.position))
    .where(barcode.c.gtin == bindparam("gtin"))
)
_BY_PLU = sql_text(_priced().where(product.c.plu == bindparam("plu")))
_BY_ARTICLE = sql_text(_priced().where(product.c.article_key == bindparam("article_key")))
_PLACES = tuple(f"position_{number}" for number in range(FETCHED_AT_ONCE))
_BY_POSITIONS = sql_text(
    _priced(product.c.position).where(product.c.position.in_([bindparam(place) for place in _PLACES]))
)
_ARTICLE = sql_text(
    select(product.c.position, *PRODUCT_COLUMNS).where(product.c.article_key == bindparam("article_key"))
)
_PRODUCT = sql_text(select(*PRODUCT_COLUMNS).where(product.c.position == bindparam("position")))
_PRODUCTS = sql_text(select(product.c.position, *PRODUCT_COLUMNS).order_by(product.c.position))
_GTINS = sql_text(select(barcode.c.gtin).where(barcode.c.position == bindparam("position")))
_BARCODES = sql_text(
    select(barcode.c.gtin, barcode.c.quantity_thousandths)
    .where(barcode.c.position == bindparam("position"))
    .order_by(barcode.c.gtin)
)
_STANDING = sql_text(select(product.c.standing_price_minor).where(product.c.position == bindparam("position")))
_PRICES = sql_text(
    select(price.c.price_list, price.c.minus_valid_from, price.c.amount_minor, price.c.valid_until)
    .where(price.c.position == bindparam("position"))
    .order_by(price.c.price_list, price.c.minus_valid_from, price.c.amount_minor)
)
_OWNER = sql_text(
    select(product.c.product_id)
    .select_from(barcode.join(product, product.c.position == barcode.c.position))
    .where(barcode.c.gtin == bindparam("gtin"))
)
_PLU_OWNER = sql_text(select(product.c.product_id).where(product.c.plu == bindparam("plu")))
_DEPARTMENTS = sql_text(
    select(
        department.c.department_id,
        department.c.name,
        department.c.translations,
        department.c.colour,
        department.c.picture,
    ).order_by(department.c.sequence)
)
_TAX_CLASSES = sql_text(
    select(
        tax_class.c.tax_class_id,
        tax_class.c.name,
        tax_class.c.translations,
        tax_class.c.rate_basis_points,
        tax_class.c.included,
    ).order_by(tax_class.c.sequence)
)
_META = sql_text(select(meta.c.format_version, meta.c.published_at, meta.c.source, meta.c.product_count))
_LAST = sql_text(select(func.max(product.c.position)))
_READ_WITHOUT_TARES = (
    "PRAGMA query_only = OFF",
    "CREATE TEMP VIEW product AS SELECT *, 0 AS tare_grams FROM main.product",
    "PRAGMA query_only = ON",
)
"""Lays a view before the table of a file of the format before, which knew no tares; the file itself stays as it is."""


def _damage_named(method: Callable[_Given, _Answer]) -> Callable[_Given, _Answer]:
    """Turn what the driver says of an unreadable page into a problem that a person can act on."""

    def guarded(*arguments: _Given.args, **named: _Given.kwargs) -> _Answer:
        try:
            return method(*arguments, **named)
        except DriverError as error:
            if not is_damage(error):
                raise
            raise damaged(str(error)) from error

    guarded.__doc__ = method.__doc__
    return guarded


def damaged(detail: str) -> CatalogueDamaged:
    """Return the problem of a file that cannot be read."""
    return CatalogueDamaged(
        wording("The catalogue file is damaged ({detail}). Fetch or import the price book again.", detail=detail[:120])
    )


class CatalogueFile:
    """A catalogue file open for reading; implements `app.catalogue.ports.Catalogue`. Used by one thread at a time.

    Every method raises `CatalogueDamaged` where the file cannot be read.
    """

    def __init__(self, path: Path) -> None:
        """Open a file and see that it is a whole catalogue of this format; nothing of it is loaded.

        Raises:
            CatalogueDamaged: if it is missing, cut off or no catalogue.
            CatalogueFormat: if another version of the product made it.
        """
        self.path = path
        """The file that is read."""
        try:
            self._connection = reading_connection(path)
        except DriverError as error:
            raise damaged(str(error)) from error
        self._cursor: Callable[[], Cursor] = self._connection.cursor
        try:
            self._look_at_head()
        except BaseException:
            self._connection.close()
            raise

    @_damage_named
    def _look_at_head(self) -> None:
        application = self._number("PRAGMA application_id")
        version = self._number("PRAGMA user_version")
        if application != APPLICATION_ID:
            raise damaged("not a catalogue")
        if version == WITHOUT_TARES:
            for statement in _READ_WITHOUT_TARES:
                self._cursor().execute(statement)
        elif version != FORMAT_VERSION:
            raise CatalogueFormat(
                wording(
                    "The catalogue file has format {found}, this till reads format {known}."
                    " Update the till, or make the file again.",
                    found=version,
                    known=FORMAT_VERSION,
                )
            )
        row = self._cursor().execute(_META).fetchone()
        if row is None:
            raise damaged("unfinished")
        self._published_at = read_instant(row[1])
        self.source: str = row[2]
        """Where its records came from."""
        self.product_count: int = row[3]
        """How many products it holds."""
        self._tax_classes = {entry.tax_class.tax_class_id: entry for entry in self._read_tax_classes()}
        self._departments = tuple(
            Department(row[0], read_text(row[1], row[2]), row[3], row[4])
            for row in self._cursor().execute(_DEPARTMENTS)
        )
        if (
            self.product_count
            and self._cursor().execute(_PRODUCT, {"position": self._number(_LAST)}).fetchone() is None
        ):
            raise damaged("its end is missing")

    def _number(self, statement: str) -> int:
        row = self._cursor().execute(statement).fetchone()
        return 0 if row is None or row[0] is None else int(row[0])

    def _read_tax_classes(self) -> Iterator[NamedTaxClass]:
        return (read_tax_class(row) for row in self._cursor().execute(_TAX_CLASSES))

    def close(self) -> None:
        """Let the file go."""
        self._connection.close()

    @_damage_named
    def by_gtin(self, gtin14: str, at: datetime) -> PricedProduct | None:
        """Find the product of a barcode of 14 digits with the price that holds at an instant."""
        if len(gtin14) != LENGTH or not (gtin14.isascii() and gtin14.isdecimal()):
            return None
        now = microseconds(at)
        row = self._cursor().execute(_BY_GTIN, {"gtin": int(gtin14), "at": now, "minus_at": -now}).fetchone()
        if row is None:
            return None
        return PricedProduct(read_product(row), row[_PRICE_AT], row[_PRICE_AT + 1], gtin14)

    @_damage_named
    def by_plu(self, plu: str, at: datetime) -> PricedProduct | None:
        """Find a product by its PLU; zeros in front, as labels pad it with, are let pass."""
        found = self._one(_BY_PLU, "plu", plu, at)
        if found is None and plu.startswith("0"):
            found = self._one(_BY_PLU, "plu", plu.lstrip("0"), at)
        return found

    @_damage_named
    def by_product_id(self, product_id: str, at: datetime) -> PricedProduct | None:
        """Find a product by the shop's own article number, in whatever case or width it is typed."""
        return self._one(_BY_ARTICLE, "article_key", article_key(product_id), at)

    def _one(self, statement: str, name: str, value: object, at: datetime) -> PricedProduct | None:
        now = microseconds(at)
        row = self._cursor().execute(statement, {name: value, "at": now, "minus_at": -now}).fetchone()
        return None if row is None else PricedProduct(read_product(row), row[_PRICE_AT])

    @_damage_named
    def search(self, text: str, at: datetime, limit: int = 20) -> tuple[PricedProduct, ...]:
        """Find products by name, pinyin or digits (the rule: `app.catalogue.search_text`), the most sold first."""
        words = query_words(text)
        if not words or limit <= 0:
            return ()
        candidates = Search(words, self._cursor()).candidates()
        now = microseconds(at)
        found: list[PricedProduct] = []
        # As many are read at once as are still wanted, so that an answer of sure hits takes one statement.
        while asked := list(islice(candidates, min(limit - len(found), FETCHED_AT_ONCE))):
            rows = self._rows_at([position for position, _ in asked], now)
            for position, doubtful in asked:
                row = rows.get(position)
                if row is None:
                    raise damaged("the search index names a product that is not there")
                item = read_product(row)
                if not doubtful or self._finds(doubtful, item, position):
                    found.append(PricedProduct(item, row[_PRICE_AT]))
        return tuple(found)

    def _rows_at(self, positions: Sequence[int], now: int) -> dict[int, tuple[Any, ...]]:
        """Return rows of products with prices by position; one statement for many costs half of what single ones do."""
        values = dict.fromkeys(_PLACES, -1)
        values.update(zip(_PLACES, positions, strict=False))
        values["at"] = now
        values["minus_at"] = -now
        return {row[_PRICE_AT + 1]: row for row in self._cursor().execute(_BY_POSITIONS, values)}

    def _finds(self, doubtful: Sequence[SearchedWord], item: Product, position: int) -> bool:
        name = fold(item.name.default)
        missing = [one for one in doubtful if one.word not in name]
        if missing:
            text = text_of(item)
            missing = [one for one in missing if one.word not in text]
        if not missing:
            return True
        if any(one.only_text for one in missing):
            return False
        gtins = tuple(f"{row[0]:014d}" for row in self._cursor().execute(_GTINS, {"position": position}))
        rest = Findable("", codes_of(item, gtins), gtins, pinyin_tails(item.pinyin))
        return all(rest.finds_word(one.word) for one in missing)

    def tax_class(self, tax_class_id: str) -> TaxClass:
        """Return a tax class.

        Raises:
            KeyError: if the catalogue does not hold it, which an import refuses.
        """
        return self._tax_classes[tax_class_id].tax_class

    def departments(self) -> tuple[Department, ...]:
        """Return all departments in the shop's order."""
        return self._departments

    def named_tax_classes(self) -> tuple[NamedTaxClass, ...]:
        """Return all tax classes with their names."""
        return tuple(self._tax_classes.values())

    def published_at(self) -> datetime:
        """Return when the price book was made."""
        return self._published_at

    @_damage_named
    def record_of(self, product_id: str) -> ProductRecord | None:
        """Return all that is known of one product, for changes and merging imports."""
        row = self._cursor().execute(_ARTICLE, {"article_key": article_key(product_id)}).fetchone()
        return None if row is None else self._record(row[0], row[1:])

    @_damage_named
    def owner_of_plu(self, plu: str) -> str | None:
        """Return the article number of the product that has a PLU."""
        row = self._cursor().execute(_PLU_OWNER, {"plu": plu}).fetchone()
        return None if row is None else str(row[0])

    @_damage_named
    def owner_of(self, gtin14: str) -> str | None:
        """Return the article number of the product that has a barcode."""
        row = self._cursor().execute(_OWNER, {"gtin": int(gtin14)}).fetchone()
        return None if row is None else str(row[0])

    def records(self) -> Iterator[ProductRecord]:
        """Walk all products in the order of sale, for exports and checks; one row at a time."""
        for row in self._cursor().execute(_PRODUCTS):
            yield self._record(row[0], row[1:])

    def _record(self, position: int, row: Sequence[Any]) -> ProductRecord:
        item = read_product(row)
        where = {"position": position}
        cursor = self._cursor()
        barcodes = [read_barcode(item.product_id, *code) for code in cursor.execute(_BARCODES, where)]
        prices = [read_price(item.product_id, entry) for entry in cursor.execute(_PRICES, where)]
        standing = cursor.execute(_STANDING, where).fetchone()
        if standing is not None and standing[0] is not None:
            prices.append(Price(item.product_id, standing[0]))
        return ProductRecord(item, tuple(barcodes), tuple(prices))
