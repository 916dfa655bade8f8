"""Who is told what the payment desk of a till says."""

from typing import Protocol

from app.commands.devices.listeners import Listeners
from app.payments.desk_requests import DeskEvent


class PaymentListeners(Protocol):
    """Called on the desk's thread; must return at once."""

    def payment_news(self, event: DeskEvent) -> None:
        """Take how a payment goes; in order, and never lost while the till is open."""

    def errands_wait(self) -> None:
        """Take that the till's thread is to call `PaymentHouse.run_errands` soon."""


class TillListeners(Listeners, PaymentListeners, Protocol):
    """Who is told everything that happens around a till."""
