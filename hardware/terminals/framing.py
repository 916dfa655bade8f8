"""Cuts a terminal's stream into messages: four bytes of length, the highest first, then as many bytes of JSON.

nexo Sale to POI Transport Protocols, TCP: the length does not count its own four bytes. The stream may begin anywhere
and hold anything; what cannot be a message is skipped byte by byte until one begins.
"""

import re
from typing import Final

LONGEST_BYTES: Final = 1_048_576
"""No message is longer; real ones take some thousand bytes."""

_LENGTH_BYTES: Final = 4
_SHORTEST_BYTES: Final = 2
_HEAD: Final = re.compile(rb"\x00[\x00-\x10].{2}\{", re.DOTALL)
"""A length that may be, and the beginning of a JSON object."""


def framed(message: bytes) -> bytes:
    """Return a message with its length before it."""
    return len(message).to_bytes(_LENGTH_BYTES, "big") + message


class FrameReader:
    """Takes bytes in any pieces and gives whole messages; never holds more than one message and what came with it."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._waiting = bytearray()
        self.skipped = 0
        """Bytes that belonged to no message."""

    @property
    def incomplete(self) -> bool:
        """Whether a message has begun and not ended."""
        return bool(self._waiting)

    def take(self, data: bytes) -> tuple[bytes, ...]:
        """Take bytes; return the messages that are whole now."""
        self._waiting += data
        found = []
        while self._skip_to_message():
            end = _LENGTH_BYTES + int.from_bytes(self._waiting[:_LENGTH_BYTES], "big")
            if end > len(self._waiting):
                break
            found.append(bytes(self._waiting[_LENGTH_BYTES:end]))
            del self._waiting[:end]
        return tuple(found)

    def give_up(self) -> tuple[bytes, ...]:
        """Take what has begun for no message, because its end does not come; return messages that hid in it."""
        if not self._waiting:
            return ()
        self._skip(1)
        return self.take(b"")

    def _skip_to_message(self) -> bool:
        """Drop what comes before a message; whether one begins."""
        found = _HEAD.search(self._waiting)
        while found is not None:
            length = int.from_bytes(found.group()[:_LENGTH_BYTES], "big")
            if _SHORTEST_BYTES <= length <= LONGEST_BYTES:
                self._skip(found.start())
                return True
            found = _HEAD.search(self._waiting, found.start() + 1)
        # Of the last bytes a head may be coming.
        last = max(0, len(self._waiting) - _LENGTH_BYTES)
        begun = self._waiting.find(0, last)
        self._skip(len(self._waiting) if begun < 0 else begun)
        return False

    def _skip(self, count: int) -> None:
        del self._waiting[:count]
        self.skipped += count
