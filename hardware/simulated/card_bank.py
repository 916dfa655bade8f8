"""The bank behind a card terminal that is not there: its cards, and a ledger of what it truly booked."""

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Any, Final

CARD_NUMBER: Final = "4111111111111111"
"""A number for tests that card schemes publish; no account has it."""


class CardKind(Enum):
    """A card somebody presents; the value is its brand on the wire."""

    VISA = "visa"
    MASTERCARD = "mc"
    UNIONPAY = "cup"


MASKED: Final = {
    CardKind.VISA: "411111******1111",
    CardKind.MASTERCARD: "555555******4444",
    CardKind.UNIONPAY: "621094******0017",
}


@dataclass(frozen=True, slots=True)
class Charge:
    """What the bank booked."""

    service_id: str
    sale_reference: str
    kind: str
    """`Normal`, `Refund` or `Reversal`."""

    amount: Decimal
    """Major units; positive towards the shop."""

    currency: str
    reference: str


class SimulatedBank:
    """Books what terminals send it, twice where it is sent twice."""

    def __init__(self) -> None:
        """Begin with nothing booked."""
        self.ledger: list[Charge] = []
        """What it booked, the oldest first."""

    def book(self, header: dict[str, Any], body: dict[str, Any], *, half: bool) -> Charge | None:
        """Book a payment, refund or reversal as a terminal sends it; None where it belongs to nothing it knows.

        Args:
            header: of the terminal's message.
            body: of the same.
            half: whether it approves half of it only.
        """
        kind = body.get("PaymentData", {}).get("PaymentType", "Reversal")
        transaction = body.get("PaymentTransaction", {})
        original = transaction.get("OriginalPOITransaction") or body.get("OriginalPOITransaction")
        amounts = transaction.get("AmountsReq", {})
        amount, currency = Decimal(amounts.get("RequestedAmount", 0)), str(amounts.get("Currency", ""))
        if original is not None:
            named = original["POITransactionID"]["TransactionID"]
            paid = next((charge for charge in self.ledger if charge.reference == named), None)
            if paid is None:
                return None
            amount, currency = -Decimal(body.get("ReversedAmount", amount)), paid.currency
        if half:
            amount /= 2
        sale = body["SaleData"]["SaleTransactionID"]["TransactionID"]
        reference = f"SIM{len(self.ledger) + 1:08d}"
        self.ledger.append(Charge(header["ServiceID"], sale, kind, amount, currency, reference))
        return self.ledger[-1]

    def net(self, currency: str) -> Decimal:
        """Return what the shop has of it in major units: purchases less refunds and reversals."""
        return sum((charge.amount for charge in self.ledger if charge.currency == currency), Decimal(0))
