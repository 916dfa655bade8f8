"""How products, prices and lists stand in rows, and how they are read back."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from app.catalogue.importing.records import NamedTaxClass, ProductRecord
from app.catalogue.products import STANDARD_PRICE_LIST, Department, Price, PriceRule, Product, ProductBarcode
from app.catalogue.search_text import article_key
from app.values.quantity import SellingUnit
from app.values.tax import TaxClass
from app.values.wording import LocalizedText
from offline_store.catalogue.schema import FOR_EVER, SINCE_EVER, product

Row = dict[str, object]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_UNITS = {unit.value: unit for unit in SellingUnit}
_PRICE_RULES = {rule.value: rule for rule in PriceRule}
_translations = msgspec.json.Decoder(tuple[tuple[str, str], ...])
_encode = msgspec.json.Encoder().encode

_NOT_PRODUCT = {"position", "article_key", "standing_price_minor"}

PRODUCT_COLUMNS = tuple(column for column in product.c if column.name not in _NOT_PRODUCT)
"""The columns that `read_product` takes, in its order."""


def microseconds(instant: datetime) -> int:
    """Return an instant as the files hold it."""
    return (instant - _EPOCH) // _MICROSECOND


def instant_of(count: int) -> datetime:
    """Return the instant that `microseconds` gave."""
    return _EPOCH + count * _MICROSECOND


def translations_of(text: LocalizedText) -> bytes | None:
    """Return the translations of a text as stored: JSON pairs, or nothing."""
    return _encode(text.translations) if text.translations else None


def read_text(default: str, translations: bytes | None) -> LocalizedText:
    """Return a text with its translations."""
    return LocalizedText(default, _translations.decode(translations) if translations else ())


def product_row(record: ProductRecord, position: int) -> Row:
    """Return the row of a product at its place in the order of sale."""
    item = record.product
    standing = _standing_price(record)
    return {
        "position": position,
        "product_id": item.product_id,
        "article_key": article_key(item.product_id),
        "name": item.name.default,
        "translations": translations_of(item.name),
        "department_id": item.department_id,
        "tax_class_id": item.tax_class_id,
        "unit": item.unit.value,
        "price_rule": item.price_rule.value,
        "plu": item.plu,
        "minimum_age": item.minimum_age,
        "deposit_product_id": item.deposit_product_id,
        "brand": item.brand,
        "specification": item.specification,
        "pinyin": item.pinyin,
        "picture": item.picture,
        "discountable": int(item.discountable),
        "returnable": int(item.returnable),
        "blocked_reason": item.blocked_reason,
        "tare_grams": item.tare_grams,
        "standing_price_minor": None if standing is None else standing.amount_minor,
    }


def _standing_price(record: ProductRecord) -> Price | None:
    standard = [entry for entry in record.prices if entry.price_list == STANDARD_PRICE_LIST]
    if len(standard) == 1 and standard[0].valid_from is None and standard[0].valid_until is None:
        return standard[0]
    return None


def read_product(row: Sequence[Any]) -> Product:
    """Return the product of a row that begins with `PRODUCT_COLUMNS`."""
    return Product(
        row[0],
        read_text(row[1], row[2]),
        row[3],
        row[4],
        _UNITS[row[5]],
        _PRICE_RULES[row[6]],
        row[7],
        row[8],
        row[9],
        row[10],
        row[11],
        row[12],
        row[13],
        row[14] == 1,
        row[15] == 1,
        row[16],
        row[17],
    )


def barcode_rows(record: ProductRecord, position: int) -> list[Row]:
    """Return the rows of a product's barcodes."""
    return [
        {"gtin": int(code.gtin14), "position": position, "quantity_thousandths": code.quantity_thousandths}
        for code in record.barcodes
    ]


def price_rows(record: ProductRecord, position: int) -> list[Row]:
    """Return the rows of a product's prices but the standing one; a price that is listed twice is kept once."""
    standing = _standing_price(record)
    return [
        {
            "position": position,
            "price_list": entry.price_list,
            "minus_valid_from": SINCE_EVER if entry.valid_from is None else -microseconds(entry.valid_from),
            "amount_minor": entry.amount_minor,
            "valid_until": FOR_EVER if entry.valid_until is None else microseconds(entry.valid_until),
        }
        for entry in dict.fromkeys(record.prices)
        if entry is not standing
    ]


def read_barcode(product_id: str, gtin: int, quantity_thousandths: int) -> ProductBarcode:
    """Return a barcode of a product."""
    return ProductBarcode(f"{gtin:014d}", product_id, quantity_thousandths)


def read_price(product_id: str, row: Sequence[Any]) -> Price:
    """Return a price from list, negative first instant, amount and end."""
    price_list, minus_valid_from, amount_minor, valid_until = row
    return Price(
        product_id,
        amount_minor,
        price_list,
        None if minus_valid_from == SINCE_EVER else instant_of(-minus_valid_from),
        None if valid_until == FOR_EVER else instant_of(valid_until),
    )


def department_row(department: Department, sequence: int) -> Row:
    """Return the row of a department at its place in the shop's order."""
    return {
        "department_id": department.department_id,
        "sequence": sequence,
        "name": department.name.default,
        "translations": translations_of(department.name),
        "colour": department.colour,
        "picture": department.picture,
    }


def tax_class_row(named: NamedTaxClass, sequence: int) -> Row:
    """Return the row of a tax class."""
    return {
        "tax_class_id": named.tax_class.tax_class_id,
        "sequence": sequence,
        "name": named.name.default,
        "translations": translations_of(named.name),
        "rate_basis_points": named.tax_class.rate_basis_points,
        "included": int(named.tax_class.included),
    }


def read_tax_class(row: Sequence[Any]) -> NamedTaxClass:
    """Return a tax class from id, name, translations, rate and whether it is included."""
    return NamedTaxClass(TaxClass(row[0], row[3], row[4] == 1), read_text(row[1], row[2]))
