"""How long a cash drawer stands open, and when that is too long; knows no device and no clock."""

from typing import Final

from app.values.wording import Wording, wording
from hardware.worker import DeviceState

OPEN_TOO_LONG_S: Final = 60.0
"""A drawer left open is money that anybody can take."""


class OpenTime:
    """Watches one drawer; told how it is and what time it is."""

    def __init__(self, at_most_s: float = OPEN_TOO_LONG_S) -> None:
        """Allow it to stand open so many seconds."""
        self._at_most_s = at_most_s
        self._open_since_s: float | None = None
        self._told = False

    def heard(self, is_open: bool | None, now_s: float) -> None:
        """Take note of how it is; None where nobody can tell at the moment, which changes nothing."""
        if is_open is None:
            return
        if not is_open:
            self._open_since_s = None
        elif self._open_since_s is None:
            self._open_since_s = now_s

    def change(self, now_s: float) -> tuple[DeviceState, Wording] | None:
        """Return what is to be told now: that it has stood open too long, that it is shut again; None where nothing."""
        too_long = self._open_since_s is not None and now_s - self._open_since_s >= self._at_most_s
        if too_long is self._told:
            return None
        self._told = too_long
        if not too_long:
            return DeviceState.READY, wording("The cash drawer is shut.")
        return DeviceState.ATTENTION, self._warning()

    def _warning(self) -> Wording:
        if self._at_most_s == OPEN_TOO_LONG_S:
            return wording("The cash drawer has stood open for a minute. Close it.")
        return wording(
            "The cash drawer has stood open for {seconds} seconds. Close it.", seconds=round(self._at_most_s)
        )
