"""Keeps payment codes from being read on the device bench: a shopper's code pays whoever holds it, for a minute."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from hardware.conversation import Direction, Exchange, Tail

_LONG_FIGURE: Final = re.compile(rb"(\d{6})(\d{9,})|((?:fp|FP)[0-9A-Za-z]{4})([0-9A-Za-z]{20,})")
"""Wallets' codes have 16 to 24 digits, or begin with `fp` (Alipay's face codes); a GTIN has at most 14 digits."""

_ANY_FIGURE: Final = re.compile(rb"([0-9A-Za-z]{6})([0-9A-Za-z]+)")
_ENDS: Final = re.compile(rb"[\r\n\t\x03]")
_MOST_PENDING: Final = 512


def masked_codes(data: bytes) -> bytes:
    """Return what was scanned with the end of every long figure hidden.

    >>> masked_codes(b"]Q1134567890123456789"), masked_codes(b"6901234567892")
    (b']Q113456*************', b'6901234567892')
    """
    return _LONG_FIGURE.sub(lambda found: _hidden(found[1] or found[3], found[2] or found[4]), data)


def _hidden(shown: bytes, secret: bytes) -> bytes:
    return shown + b"*" * len(secret)


class DiscreetTail:
    """Stands in front of a scanner's `Tail`: a code is judged whole, however its bytes come over the line."""

    def __init__(
        self, tail: "Tail", from_device: "Direction", exchange: "Callable[[Direction, bytes], Exchange]"
    ) -> None:
        """Take the tail, the direction that codes come from, and how an exchange is made."""
        self._tail = tail
        self._from_device = from_device
        self._exchange = exchange
        self._pending = b""

    def __call__(self, direction: "Direction", data: bytes) -> None:
        """Keep bytes; those of an unfinished code are held until it ends."""
        if direction is not self._from_device:
            self._tail(direction, data)
            return
        pending = self._pending + data
        ends = [found.end() for found in _ENDS.finditer(pending)]
        whole, self._pending = (pending[: ends[-1]], pending[ends[-1] :]) if ends else (b"", pending)
        if whole:
            self._tail(direction, masked_codes(whole))
        if len(self._pending) > _MOST_PENDING:
            self._tail(direction, _guarded(self._pending))
            self._pending = b""

    @property
    def exchanges(self) -> "tuple[Exchange, ...]":
        """What was kept, and what of an unfinished code may be shown."""
        pending = self._pending
        kept = self._tail.exchanges
        return (*kept, self._exchange(self._from_device, _guarded(pending))) if pending else kept


def _guarded(data: bytes) -> bytes:
    """Return bytes that may be part of a longer code: only the beginning of each word."""
    return _ANY_FIGURE.sub(lambda found: _hidden(found[1], found[2]), data)
