"""Turns the key events of a scanner that Linux takes for a keyboard into the characters it meant.

Sources: `struct input_event` and the event codes of the kernel's userspace header `linux/input-event-codes.h`. A
scanner is set to the United States layout, in which they all are when they leave the factory.
"""

import struct
from collections.abc import Collection, Iterator
from typing import Final

EVENT_64: Final = struct.Struct("=qqHHi")
"""Seconds, microseconds, type, code, value on 64-bit Linux: 24 bytes."""

EVENT_32: Final = struct.Struct("=llHHi")
"""The same on 32-bit Linux: 16 bytes."""

EVENT_NATIVE: Final = struct.Struct("@llHHi")
"""The one of the two that the kernel uses with this Python."""

_TYPE_SYN, _TYPE_KEY = 0, 1
_SYN_REPORT, _SYN_DROPPED = 0, 3
_RELEASED, _PRESSED = 0, 1

_SHIFT: Final = frozenset({42, 54})
_CONTROL: Final = frozenset({29, 97})
_CAPS_LOCK: Final = 58
# Alt, Meta, Num Lock and Scroll Lock: they make no character and change none.
_SILENT: Final = frozenset({56, 100, 125, 126, 69, 70})
MODIFIERS: Final = _SHIFT | _CONTROL
"""Keys that matter while they are held."""

UNKNOWN_KEY: Final = b"\0"
"""Stands for a key that makes no character: the code it was part of is refused rather than read without it."""


def _row(first: int, plain: str, shifted: str) -> dict[int, tuple[str, str]]:
    return {first + place: pair for place, pair in enumerate(zip(plain, shifted, strict=True))}


_CHARACTERS: Final[dict[int, tuple[str, str]]] = (
    _row(2, "1234567890-=", "!@#$%^&*()_+")
    | _row(16, "qwertyuiop[]", "QWERTYUIOP{}")
    | _row(30, "asdfghjkl;'`", 'ASDFGHJKL:"~')
    | _row(43, "\\zxcvbnm,./", "|ZXCVBNM<>?")
    | _row(71, "789-456+1230.", "789-456+1230.")
    | {55: ("*", "*"), 98: ("/", "/"), 117: ("=", "="), 57: (" ", " "), 15: ("\t", "\t")}
    | {28: ("\r", "\r"), 96: ("\r", "\r")}
)

_CONTROL_COLUMNS: Final = range(0x40, 0x60)
"""What Ctrl can be pressed with, as in ASCII: Ctrl+] is GS, Ctrl+M is CR."""


class KeyDecoder:
    """Events in, in any pieces, characters out. Never raises on what comes."""

    def __init__(self, layout: struct.Struct = EVENT_NATIVE) -> None:
        """Begin with no key held."""
        self._layout = layout
        self._rest = b""
        self._held: set[int] = set()
        self._caps_lock = False
        self._dropped = False
        self.resynchronise = False
        """Whether events were lost, so that `hold` must be told which keys are held now."""

    def hold(self, keys: Collection[int]) -> None:
        """Take which keys are held, as the device says after events were lost."""
        self._held = set(keys) & MODIFIERS
        self.resynchronise = False

    def feed(self, data: bytes) -> bytes:
        """Return the characters that were typed; `UNKNOWN_KEY` for what is none or was lost."""
        data = self._rest + data
        whole = len(data) - len(data) % self._layout.size
        self._rest = data[whole:]
        return b"".join(self._characters(data[:whole]))

    def _characters(self, data: bytes) -> Iterator[bytes]:
        for _, _, kind, code, value in self._layout.iter_unpack(data):
            if kind == _TYPE_SYN and code == _SYN_DROPPED:
                # The kernel's buffer ran over: everything up to the next report is not to be believed.
                self._dropped = True
                yield UNKNOWN_KEY
            elif self._dropped:
                if kind == _TYPE_SYN and code == _SYN_REPORT:
                    self._dropped = False
                    self._held.clear()
                    self.resynchronise = True
            elif kind == _TYPE_KEY:
                yield self._key(code, value)

    def _key(self, code: int, value: int) -> bytes:
        if code in MODIFIERS:
            if value == _RELEASED:
                self._held.discard(code)
            else:
                self._held.add(code)
            return b""
        if value != _PRESSED or code in _SILENT:
            return b""
        if code == _CAPS_LOCK:
            self._caps_lock = not self._caps_lock
            return b""
        pair = _CHARACTERS.get(code)
        if pair is None:
            return UNKNOWN_KEY
        plain, shifted = pair
        shift = bool(self._held & _SHIFT) is not (self._caps_lock and plain.isalpha())
        character = ord(shifted if shift else plain)
        if self._held & _CONTROL:
            capital = ord(shifted) if plain.isalpha() else character
            return bytes((capital & 0x1F,)) if capital in _CONTROL_COLUMNS else UNKNOWN_KEY
        return bytes((character,))
