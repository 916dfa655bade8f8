"""How a device is, in the few words a cashier needs."""

from enum import Enum


class DeviceCondition(Enum):
    """What the status bar says of a device or a service."""

    READY = "ready"
    ATTENTION = "attention"
    """Works, but somebody should look (paper near its end, price book old)."""

    STOPPED = "stopped"
    """Answers, but does nothing until somebody mends it (paper out, cover open)."""

    AWAY = "away"
    """Cannot be reached."""

    ABSENT = "absent"
    """Not configured at this till."""

    @property
    def unusable(self) -> bool:
        """Whether the till has to do without it for now."""
        return self in {DeviceCondition.STOPPED, DeviceCondition.AWAY}
