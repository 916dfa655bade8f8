"""Finds whole answers in bytes that come in any pieces, and gets back into step after noise."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final, Generic, TypeVar

from app.devices.weighing import MassUnit

Shape = tuple[frozenset[int], ...]
"""What an answer of one length looks like: for each place, the bytes that may stand there."""

SOH, STX, ETX, EOT, ENQ, ACK, DC1, NAK = 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x11, 0x15
LF, CR, ESC = 0x0A, 0x0D, 0x1B
DIGITS: Final = frozenset(b"0123456789")
ANYTHING: Final = frozenset(range(256))

_PIECE_BYTES: Final = 1024
_FIGURES: Final = re.compile(rb" *(-?)(\d+)(?:\.(\d+))?")

FoundT = TypeVar("FoundT")


def shape(*parts: int | bytes | frozenset[int] | Shape) -> Shape:
    """Put a shape together: a number is that byte, bytes are these bytes one after another, a set any one of it.

    >>> len(shape(0x02, DIGITS, b"kg", 0x03))
    5
    """
    places: list[frozenset[int]] = []
    for part in parts:
        if isinstance(part, int):
            places.append(frozenset((part,)))
        elif isinstance(part, bytes):
            places.extend(frozenset((byte,)) for byte in part)
        elif isinstance(part, frozenset):
            places.append(part)
        else:
            places.extend(part)
    return tuple(places)


def times(places: frozenset[int], count: int) -> Shape:
    """Return a shape of so many places alike."""
    return (places,) * count


def xor(data: bytes) -> int:
    """Return the exclusive or of all bytes, which several makes call BCC."""
    result = 0
    for byte in data:
        result ^= byte
    return result


def figures(field: bytes) -> tuple[int, int] | None:
    """Return what a field shows as figures and decimals; None where it is no plain number.

    >>> figures(b"  1.245"), figures(b"-0.02"), figures(b"1 .2")
    ((1245, 3), (-2, 2), None)
    """
    found = _FIGURES.fullmatch(field)
    if found is None:
        return None
    decimals = found.group(3) or b""
    digits = int(found.group(2) + decimals)
    return -digits if found.group(1) else digits, len(decimals)


UNITS: Final = {
    b"kg": MassUnit.KILOGRAM,
    b"g": MassUnit.GRAM,
    b"lb": MassUnit.POUND,
    b"oz": MassUnit.OUNCE,
    b"sj": MassUnit.JIN,
    b"jin": MassUnit.JIN,
}
"""How scales write units, in small letters and without spaces. `SJ` is 市斤 (Gram Z FOC, OS2 family)."""


def unit_named(field: bytes) -> MassUnit | None:
    """Return the unit that a field names; None where it names another one, such as the Taiwan catty."""
    return UNITS.get(field.strip().lower())


class FrameFinder(Generic[FoundT]):
    """Cuts a stream into answers of known shapes. What fits none is skipped byte by byte, so it is soon in step again.

    No shape may be the beginning of another one.
    """

    def __init__(self, shapes: Sequence[Shape], read: Callable[[bytes], FoundT | None]) -> None:
        """Look for these shapes; `read` makes something of an answer of one of them, None where it is wrong."""
        self._shapes = tuple(shapes)
        self._read = read
        self._kept = b""
        self.skipped = False
        """Whether bytes were skipped since this was last set false."""

        starts = frozenset().union(*(one[0] for one in self._shapes))
        self._start = re.compile(
            b"[" + b"".join(re.escape(bytes((byte,))) for byte in sorted(starts)) + b"]", re.DOTALL
        )

    @property
    def kept_bytes(self) -> int:
        """How much is kept of an answer that is not whole yet."""
        return len(self._kept)

    def forget(self) -> None:
        """Drop what is not whole yet."""
        self._kept = b""
        self.skipped = False

    def take(self, data: bytes) -> Iterator[FoundT]:
        """Take bytes and return what was found in them and in those kept from before."""
        for begin in range(0, len(data), _PIECE_BYTES):
            yield from self._found(self._kept + data[begin : begin + _PIECE_BYTES])

    def _found(self, buffer: bytes) -> Iterator[FoundT]:
        place = 0
        while (start := self._start.search(buffer, place)) is not None:
            self.skipped |= start.start() > place
            place = start.start()
            whole = self._length_at(buffer, place)
            if whole is None:
                self._kept = buffer[place:]
                return
            found = self._read(buffer[place : place + whole]) if whole else None
            if found is None:
                self.skipped = True
                place += 1
            else:
                place += whole
                yield found
        self.skipped |= place < len(buffer)
        self._kept = b""

    def _length_at(self, buffer: bytes, place: int) -> int | None:
        """Return the length of the answer there; 0 where there is none, None where it is not whole yet."""
        open_end = False
        for one in self._shapes:
            part = buffer[place : place + len(one)]
            if all(byte in allowed for byte, allowed in zip(part, one, strict=False)):
                if len(part) == len(one):
                    return len(one)
                open_end = True
        return None if open_end else 0
