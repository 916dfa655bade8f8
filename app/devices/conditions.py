"""How a device is, in the few words a cashier needs."""

from enum import Enum


class DeviceCondition(Enum):
    """What the status bar says of a device or a service."""

    READY = "ready"
    ATTENTION = "attention"
    """Works, but somebody should look (paper near its end, price book old)."""

    AWAY = "away"
    ABSENT = "absent"
    """Not configured at this till."""
