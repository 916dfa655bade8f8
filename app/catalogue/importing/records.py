"""What an import or headquarters hands over for one product, and for the lists that products refer to."""

from dataclasses import dataclass

from app.catalogue.products import Price, Product, ProductBarcode
from app.values.tax import TaxClass
from app.values.wording import LocalizedText


@dataclass(frozen=True, slots=True)
class ProductRecord:
    """A product with everything that belongs to it; it is stored, replaced or removed as a whole."""

    product: Product
    barcodes: tuple[ProductBarcode, ...] = ()
    """All its barcodes; no other product has one of them."""

    prices: tuple[Price, ...] = ()
    """All its prices on all lists."""

    def __post_init__(self) -> None:
        own = self.product.product_id
        if any(code.product_id != own for code in self.barcodes) or any(
            price.product_id != own for price in self.prices
        ):
            raise ValueError(f"a barcode or price of another product stands with {own!r}")


@dataclass(frozen=True, slots=True)
class NamedTaxClass:
    """A tax class as the shop calls it."""

    tax_class: TaxClass
    name: LocalizedText
