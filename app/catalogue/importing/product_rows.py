"""Turns one row of a product table into a record, or says why it cannot become one."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from app.catalogue.importing.barcode_cells import BarcodeCells, Seen
from app.catalogue.importing.cells import read_age, read_amount, read_choice, read_tare, read_unit
from app.catalogue.importing.findings import CellFault, FindingKind
from app.catalogue.importing.options import ImportOptions, KnownCatalogue
from app.catalogue.importing.records import ProductRecord
from app.catalogue.importing.side_tables import LONGEST_ID, LONGEST_NAME, BadRow, ListedPrice, RowReader
from app.catalogue.importing.spelling import has_chinese, spell
from app.catalogue.products import STANDARD_PRICE_LIST, Price, PriceRule, Product, ProductBarcode
from app.catalogue.search_text import article_key
from app.values.quantity import SellingUnit
from app.values.wording import LocalizedText, wording

LONGEST_TEXT = 100
LONGEST_REASON = 200

_RULES = {
    "fixed": PriceRule.FIXED,
    "open": PriceRule.OPEN,
    "固定": PriceRule.FIXED,
    "手工": PriceRule.OPEN,
    "时价": PriceRule.OPEN,
}


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a row may refer to."""

    departments: Mapping[str, str]
    """Identifier and name, folded, → department identifier."""

    tax_classes: Mapping[str, str]
    """The same for tax classes."""

    prices: Mapping[str, Sequence[ListedPrice]]
    """The price table, by `article_key`."""

    product_keys: frozenset[str] | None
    """`article_key` of all rows, to know deposit products that come later; None where no row names one."""

    known: KnownCatalogue | None
    """The catalogue that is merged into."""


class ProductRows:
    """Reads product rows one after the other."""

    def __init__(self, reader: RowReader, options: ImportOptions, around: Surroundings) -> None:
        """Use the columns of the reader; the surroundings stay the same for the whole file."""
        self._reader = reader
        self._options = options
        self._around = around
        self.seen = Seen()
        self._barcodes = BarcodeCells(reader, self.seen, around.known)

    def record(self) -> ProductRecord:
        """Return the record of the row the reader stands on.

        Raises:
            BadRow: if the row is left out.
        """
        reader = self._reader
        self._check_shape()
        product_id = reader.text("product_id", LONGEST_ID)
        codes = self._barcodes.read(product_id)
        if not product_id:
            product_id = self._barcodes.derived_id(codes)
        key = article_key(product_id)
        before = self.seen.products.get(key)
        if before is not None:
            raise BadRow(
                "product_id",
                CellFault(
                    FindingKind.DUPLICATE_PRODUCT,
                    wording(
                        "Article number {id} stands in row {row} already, which counts.", id=product_id, row=before
                    ),
                ),
                product_id,
            )
        old = self._around.known.record_of(product_id) if self._around.known else None
        if old is not None:
            product_id = old.product.product_id
        product = self._product(product_id, old)
        prices = self._prices(product, old)
        if product.price_rule is PriceRule.FIXED and not prices:
            product = self._open_priced(product)
        barcodes = tuple(ProductBarcode(gtin, product_id, quantity) for gtin, quantity in codes.items())
        if old is not None and not barcodes:
            barcodes = old.barcodes
        self._remember(key, product, barcodes)
        return ProductRecord(product, barcodes, prices)

    def _check_shape(self) -> None:
        extra = [cell for cell in self._reader.row.cells[self._reader.columns.width :] if cell.strip()]
        if extra:
            raise BadRow(
                "",
                CellFault(
                    FindingKind.RAGGED_ROW,
                    wording("The row has more cells than the header. Look for a separator inside a text."),
                ),
                extra[0],
            )

    def _product(self, product_id: str, old: ProductRecord | None) -> Product:
        reader = self._reader
        has = reader.columns
        before = old.product if old else None
        product = Product(
            product_id,
            self._name(before),
            self._department(before),
            self._tax_class(before),
            self._unit(before),
            before.price_rule if before else PriceRule.FIXED,
        )
        if before is not None:
            product = replace(
                before,
                name=product.name,
                department_id=product.department_id,
                tax_class_id=product.tax_class_id,
                unit=product.unit,
            )
        if "price_rule" in has:
            product = replace(product, price_rule=self._price_rule())
        if "plu" in has:
            product = replace(product, plu=self._plu(product_id))
        if "minimum_age" in has:
            age = reader.checked("minimum_age", read_age(reader.cell("minimum_age")))
            product = replace(product, minimum_age=age)
        if "tare_grams" in has:
            tare = reader.checked("tare_grams", read_tare(reader.cell("tare_grams")))
            product = replace(product, tare_grams=tare)
        if "deposit_product" in has:
            product = replace(product, deposit_product_id=self._deposit(product_id))
        if "discountable" in has or "returnable" in has:
            product = replace(
                product,
                discountable=reader.checked("discountable", read_choice(reader.cell("discountable"), default=True)),
                returnable=reader.checked("returnable", read_choice(reader.cell("returnable"), default=True)),
            )
        return self._described(product, before)

    def _described(self, product: Product, before: Product | None) -> Product:
        reader = self._reader
        has = reader.columns
        return replace(
            product,
            brand=reader.text("brand", LONGEST_TEXT) if "brand" in has else product.brand,
            specification=reader.text("specification", LONGEST_TEXT)
            if "specification" in has
            else product.specification,
            picture=reader.text("picture", LONGEST_ID) if "picture" in has else product.picture,
            blocked_reason=reader.text("blocked", LONGEST_REASON) if "blocked" in has else product.blocked_reason,
            pinyin=self._pinyin(product, before),
        )

    def _name(self, before: Product | None) -> LocalizedText:
        reader = self._reader
        if before is not None and not reader.cell("name"):
            default = before.name.default
        else:
            default = reader.needed("name", LONGEST_NAME)
        english = reader.text("name_en", LONGEST_NAME)
        others = tuple(pair for pair in (before.name.translations if before else ()) if pair[0] != "en" or not english)
        return LocalizedText(default, (("en", english), *others) if english else others)

    def _department(self, before: Product | None) -> str:
        text = self._reader.text("department", LONGEST_NAME)
        if not text:
            return before.department_id if before else self._options.default_department.department_id
        for name in (text, top_level(text)):
            found = self._around.departments.get(article_key(name))
            if found is not None:
                return found
        fallback = self._options.default_department
        self._reader.warn(
            "department",
            FindingKind.UNKNOWN_DEPARTMENT,
            wording("This department is not known, so the product goes to {department}.", department=fallback.name),
            text,
        )
        return fallback.department_id

    def _tax_class(self, before: Product | None) -> str:
        text = self._reader.text("tax_class", LONGEST_NAME)
        if not text:
            return before.tax_class_id if before else self._options.default_tax_class.tax_class.tax_class_id
        found = self._around.tax_classes.get(article_key(text))
        if found is None:
            raise BadRow(
                "tax_class",
                CellFault(
                    FindingKind.UNKNOWN_TAX_CLASS,
                    wording("This tax class is not known. Add it to the tax classes, or correct the cell."),
                ),
                text,
            )
        return found

    def _unit(self, before: Product | None) -> SellingUnit:
        text = self._reader.cell("unit")
        if not text:
            return before.unit if before else SellingUnit.EACH
        return self._reader.checked("unit", read_unit(text))

    def _price_rule(self) -> PriceRule:
        text = self._reader.cell("price_rule").casefold()
        if text and text not in _RULES:
            fault = CellFault(FindingKind.BAD_CHOICE, wording("Write fixed or open here."))
            raise BadRow("price_rule", fault, text)
        return _RULES[text] if text else PriceRule.FIXED

    def _plu(self, product_id: str) -> str | None:
        text = self._reader.cell("plu")
        if not text:
            return None
        plu = text.lstrip("0")
        if not (text.isascii() and text.isdecimal() and 1 <= len(plu) <= 6):
            raise BadRow("plu", CellFault(FindingKind.BAD_PLU, wording("A PLU is a number of up to six digits.")), text)
        row = self.seen.plus.get(plu)
        owner = self._around.known.owner_of_plu(plu) if self._around.known else None
        if row is not None or (owner is not None and article_key(owner) != article_key(product_id)):
            where = (
                wording("PLU {plu} stands in row {row} already. Give each product its own.", plu=plu, row=row)
                if row is not None
                else wording("PLU {plu} belongs to product {id} in the catalogue.", plu=plu, id=owner or "")
            )
            raise BadRow("plu", CellFault(FindingKind.DUPLICATE_PLU, where), text)
        return plu

    def _deposit(self, product_id: str) -> str | None:
        text = self._reader.text("deposit_product", LONGEST_ID)
        if not text:
            return None
        key = article_key(text)
        keys = self._around.product_keys
        there = keys is not None and key in keys
        if not there and self._around.known is not None:
            there = self._around.known.record_of(text) is not None
        if there and key != article_key(product_id):
            return text
        self._reader.warn(
            "deposit_product",
            FindingKind.UNKNOWN_DEPOSIT,
            wording("There is no such deposit product, so this one is sold without a deposit."),
            text,
        )
        return None

    def _pinyin(self, product: Product, before: Product | None) -> str:
        text = " ".join(self._reader.text("pinyin", LONGEST_NAME).lower().split())
        if text:
            if text.replace(" ", "").isascii() and text.replace(" ", "").replace("'", "").isalnum():
                return text
            self._reader.warn(
                "pinyin", FindingKind.BAD_PINYIN, wording("Pinyin is letters without tones; it was spelled anew."), text
            )
        elif before is not None and before.pinyin and before.name.default == product.name.default:
            return before.pinyin
        wanted = self._options.spell_pinyin and has_chinese(product.name.default)
        return spell(product.name.default) if wanted else ""

    def _prices(self, product: Product, old: ProductRecord | None) -> tuple[Price, ...]:
        named: list[Price] = []
        for column, price_list in (("price", STANDARD_PRICE_LIST), ("member_price", "member")):
            text = self._reader.text(column, LONGEST_ID)
            if text:
                amount = self._reader.checked(column, read_amount(text, self._options.currency))
                named.append(Price(product.product_id, amount, price_list))
        named += listed_prices(product.product_id, self._around.prices)
        default = self._options.default_price_minor
        kept = merged_prices(old.prices if old else (), named)
        if product.price_rule is PriceRule.FIXED and default is not None and not _has_standard(kept):
            kept = (Price(product.product_id, default), *kept)
        return kept

    def _open_priced(self, product: Product) -> Product:
        if "price" in self._reader.columns:
            self._reader.warn(
                "price",
                FindingKind.MISSING_PRICE,
                wording("The row has no price, so the cashier is asked for it at each sale."),
            )
        return replace(product, price_rule=PriceRule.OPEN)

    def _remember(self, key: str, product: Product, barcodes: Sequence[ProductBarcode]) -> None:
        number = self._reader.row.number
        self.seen.products[key] = number
        for code in barcodes:
            self.seen.barcodes[int(code.gtin14)] = number
        if product.plu:
            self.seen.plus[product.plu] = number


def top_level(department: str) -> str:
    """Return the first part of a path of departments: `食品/饮料/茶` → `食品`."""
    return re.split("[/>\\\\]", department, maxsplit=1)[0].strip()


def listed_prices(product_id: str, prices: Mapping[str, Sequence[ListedPrice]]) -> list[Price]:
    """Return what the price table holds for a product."""
    return [
        Price(product_id, entry.amount_minor, entry.price_list, entry.valid_from, entry.valid_until)
        for entry in prices.get(article_key(product_id), ())
    ]


def merged_prices(old: Sequence[Price], new: Sequence[Price]) -> tuple[Price, ...]:
    """Return prices together; a new one takes the place of an old one that began at the same time on the same list."""
    changed = {(price.price_list, price.valid_from) for price in new}
    kept = [price for price in old if (price.price_list, price.valid_from) not in changed]
    return (*kept, *dict.fromkeys(new))


def _has_standard(prices: Sequence[Price]) -> bool:
    return any(price.price_list == STANDARD_PRICE_LIST for price in prices)
