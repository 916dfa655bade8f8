"""What a till's store must know of the till it belongs to."""

from dataclasses import dataclass
from datetime import timedelta, tzinfo
from typing import Final

BALLAST_BYTES: Final = 64 << 20
"""Kept on the disk to be given up when it is full, so that an open basket can still be finished."""

LOW_SPACE_BYTES: Final = 200_000_000
"""With less than this free no new basket is opened."""


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """The till, the store it stands in, and how much room its records need."""

    till_id: str
    store_number: int
    till_number: int
    zone: tzinfo
    """The store's time zone."""

    day_starts: timedelta
    """How long after midnight a new trading day begins."""

    currency: str = "CNY"
    ballast_bytes: int = BALLAST_BYTES
    low_space_bytes: int = LOW_SPACE_BYTES


class StoreFiles:
    """The names of the files in a till's folder."""

    DATABASE: Final = "till.db"
    WRITE_AHEAD: Final = ("till.db-wal", "till.db-shm", "till.db-journal")
    HEAD: Final = "till.head"
    LOCK: Final = "till.lock"
    BALLAST: Final = "till.ballast"
    KEYS: Final = "keys"
