"""What any scanner's driver hands to the worker: a code, or that something came that is none."""

from dataclasses import dataclass, field
from typing import Protocol

from app.catalogue.codes.scanned import Scanned
from app.values.wording import Wording
from hardware.worker import DeviceEvent


@dataclass(frozen=True, slots=True)
class GoodRead:
    """A code as it came; whether its digits can be right is asked later, by what they mean."""

    data: str = field(repr=False)
    """Its data with GS as `\\x1d`. Not part of the repr: it may be a payment code."""

    symbology: str | None
    """AIM identifier such as `]E0`; None where the scanner does not tell."""


@dataclass(frozen=True, slots=True)
class Damaged:
    """Something came that cannot be a code."""

    sentence: Wording
    """What was wrong with it and what to do."""


Reading = GoodRead | Damaged


@dataclass(frozen=True, slots=True)
class CodeRead:
    """A scanner read a code."""

    device: str
    """The scanner's name in the till's configuration."""

    scanned: Scanned


@dataclass(frozen=True, slots=True)
class BadRead:
    """A scanner sent something that is no code; the till's bad-read sound tells the cashier to scan again."""

    device: str
    sentence: Wording


ScannerEvent = DeviceEvent | CodeRead | BadRead


@dataclass(frozen=True, slots=True)
class ScannerCapabilities:
    """What a scanner's driver can do."""

    tells_symbology: bool
    """Whether every code comes with its AIM identifier; else a code may come without."""

    reads_pictures: bool
    """Whether it looks at pictures, so that the same code stays in sight for a while."""

    notices_unplugging: bool
    """Whether it is noticed when the scanner itself is pulled out, not only the line to it."""


class ScannerDriver(Protocol):
    """One scanner; used by one thread."""

    @property
    def capabilities(self) -> ScannerCapabilities:
        """What it can do."""

    @property
    def ready(self) -> bool:
        """Whether it was heard from, or silent without a fault, since it was opened."""

    def open(self) -> None:
        """Reach the scanner; whatever it sent before is forgotten.

        Raises:
            Problem: if it is away or may not be used.
        """

    def listen(self, timeout_s: float) -> tuple[Reading, ...]:
        """Return what it read, waiting so long for the first of it.

        Raises:
            Problem: if it is gone.
        """

    def close(self) -> None:
        """Let go of it; harmless where it is not reached."""


class RepeatFilter:
    """Lets a code through once for as long as it keeps coming: one that is held in sight is one read."""

    def __init__(self, quiet_s: float) -> None:
        """Say how long a code must not have come before it counts again; at 0 everything counts."""
        self._quiet_s = quiet_s
        self._last_s: dict[GoodRead, float] = {}

    def is_new(self, read: GoodRead, now_s: float) -> bool:
        """Return whether a code counts, and remember that it was seen."""
        if self._quiet_s <= 0:
            return True
        self._last_s = {one: seen for one, seen in self._last_s.items() if now_s - seen < self._quiet_s}
        key = _without_add_on(read)
        known = key in self._last_s
        self._last_s[key] = now_s
        return not known

    def forget(self) -> None:
        """Begin anew, as after the scanner was away."""
        self._last_s.clear()


_EAN_13_LENGTH = 13


def _without_add_on(read: GoodRead) -> GoodRead:
    """A magazine's add-on is seen in one picture and missed in the next: both are the same magazine."""
    if read.symbology is not None and read.symbology.startswith("]E"):
        return GoodRead(read.data[:_EAN_13_LENGTH], "]E0" if read.symbology == "]E3" else read.symbology)
    return read
