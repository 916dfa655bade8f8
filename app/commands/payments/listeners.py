"""Who is told what the desks of a till say: that of payments, and that of members."""

from typing import Protocol

from app.checkout.member_requests import ReportMember
from app.commands.devices.listeners import Listeners
from app.payments.desk_requests import DeskEvent


class PaymentListeners(Protocol):
    """Called on the desk's thread; must return at once."""

    def payment_news(self, event: DeskEvent) -> None:
        """Take how a payment goes; in order, and never lost while the till is open."""

    def errands_wait(self) -> None:
        """Take that the till's thread is to call `TillAtWork.run_errands` soon."""


class MemberListeners(Protocol):
    """Called on the threads of the desk of members; must return at once."""

    def member_news(self, news: ReportMember) -> None:
        """Take what came of a question; in order, and never lost while the till is open."""


class TillListeners(Listeners, PaymentListeners, MemberListeners, Protocol):
    """Who is told everything that happens around a till."""
