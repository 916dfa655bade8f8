"""What the status bar says of members: one light for whoever keeps them."""

import threading
from collections.abc import Callable
from typing import Final

from app.checkout.views import DeviceStatusView
from app.devices.conditions import DeviceCondition
from app.values.wording import Wording, wording

MEMBERS: Final = "members"
"""The light's name."""

NO_MEMBERS: Final = DeviceStatusView(MEMBERS, DeviceCondition.ABSENT, wording("This shop has no members."))
_STARTING: Final = wording("Members are being made ready.")
_READY: Final = wording("Members can be found, and coupons used.")
AWAY_HEADQUARTERS: Final = wording(
    "Headquarters cannot be reached. Members are shown as this till knew them last; points and stored value cannot pay"
    " until it is back. Sales count all the same."
)
AWAY_BOOK: Final = wording(
    "The book of members cannot be used now. Members are shown as this till knew them last; points and stored value"
    " cannot pay. Sales count all the same."
)


def not_understood(sales: tuple[str, ...]) -> Wording:
    """Say that headquarters does not understand what sales did, the first of them by name."""
    return wording(
        "Headquarters does not understand what {count} sales did for members, the first of them {sale}. They are kept"
        " on this till and told again; later sales count as always. Call your store admin.",
        count=len(sales),
        sale=sales[0],
    )


class MemberLight:
    """Tells the light when it changes. Any thread may call it."""

    def __init__(self, tell: Callable[[DeviceStatusView], None]) -> None:
        """Take who shows it."""
        self._tell = tell
        self._lock = threading.Lock()
        self._told: DeviceStatusView | None = None

    def starting(self) -> None:
        """Show that nothing is known yet."""
        self._show(DeviceCondition.ATTENTION, _STARTING)

    def ready(self) -> None:
        """Show that members are kept."""
        self._show(DeviceCondition.READY, _READY)

    def waits_for_somebody(self, sentence: Wording) -> None:
        """Show that members are kept, and what a person must look at."""
        self._show(DeviceCondition.ATTENTION, sentence)

    def away(self, sentence: Wording) -> None:
        """Show that their keeper does not answer."""
        self._show(DeviceCondition.AWAY, sentence)

    def stopped(self, sentence: Wording) -> None:
        """Show what a person must mend."""
        self._show(DeviceCondition.STOPPED, sentence)

    def _show(self, condition: DeviceCondition, sentence: Wording) -> None:
        status = DeviceStatusView(MEMBERS, condition, sentence)
        with self._lock:
            if status == self._told:
                return
            self._told = status
            # Told with the lock held, so that two threads cannot tell in the wrong order; it returns at once.
            self._tell(status)
