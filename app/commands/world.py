"""The real world's clock and identities, handed to everything that needs them."""

import os
import time
from datetime import UTC, datetime


class SystemClock:
    """The machine's clocks."""

    def now(self) -> datetime:
        """Return the machine's wall clock in UTC."""
        return datetime.now(UTC)

    def monotonic_ns(self) -> int:
        """Return nanoseconds since some start, never going back."""
        return time.monotonic_ns()


class SystemIdentities:
    """Random identities that sort by the time they were given: UUID version 7 (RFC 9562, section 5.7)."""

    def new(self) -> str:
        """Return a new UUID version 7 in its usual form of 36 characters."""
        milliseconds = time.time_ns() // 1_000_000
        random_bits = int.from_bytes(os.urandom(10), "big")
        value = (milliseconds & (2**48 - 1)) << 80
        value |= 0x7 << 76
        value |= (random_bits >> 62 & 0xFFF) << 64
        value |= 0b10 << 62
        value |= random_bits & (2**62 - 1)
        digits = f"{value:032x}"
        return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
