"""Reads the barcodes of a product row; one that is wrong is left out with a warning, the product is imported.

A check digit that does not fit is never mended: the digits are not those on the pack, and may be another product's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.catalogue.gtin import BadGtin, WrongCheckDigit, printed_forms, to_gtin14
from app.catalogue.importing.findings import CellFault, FindingKind
from app.catalogue.importing.options import KnownCatalogue
from app.catalogue.importing.side_tables import BadRow, RowReader
from app.catalogue.search_text import article_key
from app.values.quantity import ONE, BadQuantity, SellingUnit, parse_thousandths
from app.values.wording import wording

MOST_BARCODES = 50


@dataclass(slots=True)
class Seen:
    """What the rows before held, by the number of the row: a few bytes for each product and barcode, no row itself."""

    products: dict[str, int] = field(default_factory=dict)
    barcodes: dict[int, int] = field(default_factory=dict)
    plus: dict[str, int] = field(default_factory=dict)


class BarcodeCells:
    """Reads the barcodes of one row after the other."""

    def __init__(self, reader: RowReader, seen: Seen, known: KnownCatalogue | None) -> None:
        """Look up in the rows before and in the catalogue who has a barcode already."""
        self._reader = reader
        self._seen = seen
        self._known = known

    def read(self, product_id: str) -> dict[str, int]:
        """Return the row's barcodes (14 digits each) with what one scan sells; a wrong one costs only itself.

        Raises:
            BadRow: if the cell holds too many to be barcodes.
        """
        reader = self._reader
        found: dict[str, int] = {}
        cell = reader.cell("barcodes")
        parts = [part.strip() for part in cell.replace("；", ";").replace("，", ";").replace(",", ";").split(";")]
        if len(parts) > MOST_BARCODES:
            raise BadRow(
                "barcodes",
                CellFault(
                    FindingKind.TOO_LONG,
                    wording(
                        "The cell holds {count} barcodes, {most} are possible.", count=len(parts), most=MOST_BARCODES
                    ),
                ),
                cell,
            )
        for part in filter(None, parts):
            digits, _, pack = part.partition("*")
            try:
                gtin = to_gtin14(digits)
                quantity = parse_thousandths(pack, SellingUnit.KILOGRAM) if pack else ONE
            except WrongCheckDigit as error:
                reader.warn("barcodes", FindingKind.CHECK_DIGIT, error.sentence, part)
                continue
            except (BadGtin, BadQuantity) as error:
                reader.warn("barcodes", FindingKind.BAD_BARCODE, error.sentence, part)
                continue
            if self._is_free(gtin, product_id, part):
                found[gtin] = quantity
        return found

    def _is_free(self, gtin: str, product_id: str, part: str) -> bool:
        reader = self._reader
        row = self._seen.barcodes.get(int(gtin))
        if row is not None:
            reader.warn(
                "barcodes",
                FindingKind.DUPLICATE_BARCODE,
                wording("The barcode stands in row {row} already and stays with that product.", row=row),
                part,
            )
            return False
        owner = self._known.owner_of(gtin) if self._known else None
        if owner is not None and product_id and article_key(owner) != article_key(product_id):
            reader.warn(
                "barcodes",
                FindingKind.DUPLICATE_BARCODE,
                wording("The barcode belongs to product {id} in the catalogue and stays with it.", id=owner),
                part,
            )
            return False
        return True

    def derived_id(self, codes: Mapping[str, int]) -> str:
        """Return the article number of a row without one: the owner's of its first barcode, else the barcode itself.

        Raises:
            BadRow: if no barcode of the row can be used.
        """
        if not codes:
            raise BadRow(
                "product_id",
                CellFault(
                    FindingKind.NO_IDENTITY,
                    wording("The row has neither an article number nor a barcode that can be used, so it is left out."),
                ),
                self._reader.cell("barcodes"),
            )
        first = next(iter(codes))
        owner = self._known.owner_of(first) if self._known else None
        return owner or printed_forms(first)[-1]
