"""The catalogue a till sells from, which changes under its hands without selling ever stopping."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from app.catalogue.products import Department, PricedProduct
from app.values.problems import Problem
from app.values.tax import TaxClass
from offline_store.catalogue.file import CatalogueFile
from offline_store.catalogue.problems import CatalogueDamaged
from offline_store.catalogue.shelf import CatalogueShelf

_Answer = TypeVar("_Answer")


class LiveCatalogue:
    """The present catalogue of a shelf; implements `app.catalogue.ports.Catalogue`. Used by one thread.

    A file that turns out damaged while selling is replaced by the one before it, and `problem` says so.
    """

    def __init__(self, shelf: CatalogueShelf) -> None:
        """Open what the shelf points at.

        Raises:
            NoCatalogue: if there is nothing to sell from.
        """
        self._shelf = shelf
        self._stamp = shelf.stamp()
        opened = shelf.open_current()
        self._file = opened.file
        self.problem: Problem | None = opened.problem
        """What is wrong with the price book, for the status bar; None where all is well."""

    @property
    def file(self) -> CatalogueFile:
        """The file in use at this moment; it is closed by the next `refresh` that finds another."""
        return self._file

    def refresh(self) -> bool:
        """Look whether another catalogue was published, and sell from it; called between scans, costs a look at a file.

        Returns whether the catalogue changed.

        Raises:
            NoCatalogue: if what was published cannot be read; the file in use stays in use.
        """
        stamp = self._shelf.stamp()
        if stamp == self._stamp:
            return False
        opened = self._shelf.open_current()
        self._stamp = stamp
        self.problem = opened.problem
        if opened.file.path == self._file.path:
            opened.file.close()
            return False
        self._file.close()
        self._file = opened.file
        return True

    def close(self) -> None:
        """Let the file go."""
        self._file.close()

    def by_gtin(self, gtin14: str, at: datetime) -> PricedProduct | None:
        """Find the product of a barcode of 14 digits with the price that holds at an instant."""
        try:
            return self._file.by_gtin(gtin14, at)
        except CatalogueDamaged as error:
            return self._again(error, lambda file: file.by_gtin(gtin14, at))

    def by_plu(self, plu: str, at: datetime) -> PricedProduct | None:
        """Find a product by its PLU or weighed-label item number."""
        try:
            return self._file.by_plu(plu, at)
        except CatalogueDamaged as error:
            return self._again(error, lambda file: file.by_plu(plu, at))

    def by_product_id(self, product_id: str, at: datetime) -> PricedProduct | None:
        """Find a product by the shop's own article number."""
        try:
            return self._file.by_product_id(product_id, at)
        except CatalogueDamaged as error:
            return self._again(error, lambda file: file.by_product_id(product_id, at))

    def search(self, text: str, at: datetime, limit: int = 20) -> tuple[PricedProduct, ...]:
        """Find products by any part of the name, pinyin or digits, the most sold first."""
        try:
            return self._file.search(text, at, limit)
        except CatalogueDamaged as error:
            return self._again(error, lambda file: file.search(text, at, limit))

    def tax_class(self, tax_class_id: str) -> TaxClass:
        """Return a tax class.

        Raises:
            KeyError: if the catalogue does not hold it.
        """
        return self._file.tax_class(tax_class_id)

    def departments(self) -> tuple[Department, ...]:
        """Return all departments in the shop's order."""
        return self._file.departments()

    def published_at(self) -> datetime:
        """Return when the price book in use was made."""
        return self._file.published_at()

    def _again(self, error: CatalogueDamaged, question: Callable[[CatalogueFile], _Answer]) -> _Answer:
        if self.problem is not None:
            raise error
        opened = self._shelf.open_previous(error)
        self._file.close()
        self._file = opened.file
        self.problem = opened.problem
        return question(opened.file)
