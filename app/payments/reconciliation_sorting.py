"""Sorts facts that may be more than memory holds: chunks go into one temporary file and are merged from there.

The file has no name in the file system where that can be done, holds no secrets, and is gone when it is closed.
"""

import heapq
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import IO, Any, Final, Generic, TypeVar

from app.payments.reconciliation_facts import CannotReconcile
from app.values.wording import wording

Fact = TypeVar("Fact")

_BLOCK_BYTES: Final = 1 << 15
_MOST_RUNS: Final = 16
"""How many sorted chunks of one size are merged at once; each costs a block of memory while it is read."""

Key = Callable[[Fact], Any]


@contextmanager
def in_order(facts: Iterable[Fact], kind: type[Fact], key: Key[Fact], most_in_memory: int) -> Iterator[Iterator[Fact]]:
    """Give facts in the order of their keys, with at most about `most_in_memory` of them in memory at once.

    Args:
        facts: frozen dataclasses, read once and to the end before the first is given.
        kind: what they are.
        key: what to sort by; equal facts have equal keys.
        most_in_memory: from how many on a chunk is written away.

    Raises:
        CannotReconcile: the disk has no room for the temporary file.
    """
    with _open_file() as file:
        spill = _Spill(file, kind, key)
        chunk: list[Fact] = []
        for fact in facts:
            chunk.append(fact)
            if len(chunk) >= most_in_memory:
                chunk.sort(key=key)
                spill.keep(chunk)
                chunk.clear()
        chunk.sort(key=key)
        yield heapq.merge(*spill.runs(), chunk, key=key)


def _open_file() -> IO[bytes]:
    """Return the temporary file.

    Raises:
        CannotReconcile: none can be made.
    """
    try:
        return tempfile.TemporaryFile()
    except OSError as error:
        raise _no_room() from error


class _Spill(Generic[Fact]):
    """Sorted runs of facts in a file, sixteen of one size merged into one of the next."""

    def __init__(self, file: IO[bytes], kind: type[Fact], key: Key[Fact]) -> None:
        """Begin with an empty file."""
        import msgspec

        self._file = file
        self._key = key
        self._encode = msgspec.json.Encoder().encode
        self._decode = msgspec.json.Decoder(kind).decode
        self._levels: list[list[tuple[int, int]]] = []
        self._end = 0

    def keep(self, run: Iterable[Fact], level: int = 0) -> None:
        """Write a sorted run away.

        Raises:
            CannotReconcile: there is no room.
        """
        if level == len(self._levels):
            self._levels.append([])
        runs = self._levels[level]
        runs.append(self._write(run))
        if len(runs) == _MOST_RUNS:
            self.keep(heapq.merge(*map(self._read, runs), key=self._key), level + 1)
            runs.clear()

    def runs(self) -> list[Iterator[Fact]]:
        """Return what was kept, as few sorted runs."""
        return [self._read(span) for level in self._levels for span in level]

    def _write(self, run: Iterable[Fact]) -> tuple[int, int]:
        start, block = self._end, bytearray()
        for fact in run:
            # JSON never holds a line end, so a line is a fact.
            block += self._encode(fact)
            block += b"\n"
            if len(block) >= _BLOCK_BYTES:
                self._append(block)
                block.clear()
        self._append(block)
        return start, self._end

    def _append(self, block: bytes | bytearray) -> None:
        """Write a block at the end; runs are read from elsewhere in the meantime.

        Raises:
            CannotReconcile: there is no room.
        """
        try:
            self._file.seek(self._end)
            self._file.write(block)
            self._file.flush()
        except OSError as error:
            raise _no_room() from error
        self._end += len(block)

    def _read(self, span: tuple[int, int]) -> Iterator[Fact]:
        """Give the facts of one run, a block of the file at a time.

        Raises:
            CannotReconcile: the file cannot be read back.
        """
        place, end = span
        rest = b""
        while place < end:
            try:
                self._file.seek(place)
                block = self._file.read(min(_BLOCK_BYTES, end - place))
            except OSError as error:
                raise _lost() from error
            if not block:
                raise _lost()
            place += len(block)
            *lines, rest = (rest + block).split(b"\n")
            yield from map(self._decode, lines)


def _no_room() -> CannotReconcile:
    return CannotReconcile(
        wording("The disk has no room to sort the day's payments. Make room on it, and reconcile again.")
    )


def _lost() -> CannotReconcile:
    return CannotReconcile(wording("The disk lost the sorted payments. Look after the disk, and reconcile again."))
