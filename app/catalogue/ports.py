"""What the shop needs of a catalogue, whoever keeps it."""

from datetime import datetime
from typing import Protocol

from app.catalogue.products import Department, PricedProduct
from app.values.tax import TaxClass


class Catalogue(Protocol):
    """The price book and the product file, open for reading. Used by one thread."""

    def by_gtin(self, gtin14: str, at: datetime) -> PricedProduct | None:
        """Find the product of a barcode (14 digits) with the price that holds at an instant."""

    def by_plu(self, plu: str, at: datetime) -> PricedProduct | None:
        """Find a product by its PLU or weighed-label item number."""

    def by_product_id(self, product_id: str, at: datetime) -> PricedProduct | None:
        """Find a product by the shop's own article number."""

    def search(self, text: str, at: datetime, limit: int = 20) -> tuple[PricedProduct, ...]:
        """Find products by any part of the name, pinyin initials or barcode digits, the most sold first."""

    def tax_class(self, tax_class_id: str) -> TaxClass:
        """Return a tax class.

        Raises:
            KeyError: if the catalogue names a class it does not hold; an import refuses such a file.
        """

    def departments(self) -> tuple[Department, ...]:
        """Return all departments in the shop's order."""

    def published_at(self) -> datetime:
        """Return when the price book in use was made; the screen shows how old it is."""
