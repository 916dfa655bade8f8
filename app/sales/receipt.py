"""The receipt as data: what is printed, before anyone decided on which device and in which language."""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import Enum

from app.sales.sale import CompletedSale
from app.values.wording import LocalizedText


@dataclass(frozen=True, slots=True)
class Shop:
    """The head and foot of a store's receipts."""

    name: LocalizedText
    address: LocalizedText
    phone: str
    tax_number: str
    """The shop's taxpayer number (统一社会信用代码)."""

    receipt_header: tuple[LocalizedText, ...] = ()
    receipt_footer: tuple[LocalizedText, ...] = ()
    receipt_page_url: str = ""
    """Where the shopper finds e-receipt, invoice (开票) and review; empty where the shop has no such page."""


class RefundProgress(Enum):
    """How far money that is given back has come."""

    GIVEN_BACK = "given_back"
    """By the provider's word, or a supervisor's."""

    ON_ITS_WAY = "on_its_way"
    """Kept in the till's store, and sent until the provider confirms it: what the shopper holds on to meanwhile."""

    NOT_GIVEN_BACK = "not_given_back"


@dataclass(frozen=True, slots=True)
class ReceiptRefund:
    """Money given back on one tender of the sale after it was completed, or on its way."""

    name: LocalizedText
    """The tender's, as it stands on the receipt."""

    amount_minor: int
    """What is given back; positive."""

    asked_at: datetime
    progress: RefundProgress


@dataclass(frozen=True, slots=True)
class Receipt:
    """One printing of one sale."""

    shop: Shop
    completed: CompletedSale
    zone: tzinfo
    """The store's time zone, which the times on it are written in."""

    copy_number: int = 0
    """0 for the original; a reprint is marked COPY with its count."""

    refunds: tuple[ReceiptRefund, ...] = ()
    """What was given back since, the oldest first; see `app.sales.receipt_refunds`."""

    def page_address(self) -> str | None:
        """Return what the QR holds: the receipt page with the sale's id, which nobody can guess."""
        if not self.shop.receipt_page_url:
            return None
        return f"{self.shop.receipt_page_url}{self.completed.sale.sale_id}"
