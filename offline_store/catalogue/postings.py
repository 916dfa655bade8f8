"""Which products a token stands in, as blobs: sixteen-bit numbers where few, a bitmap where many.

Products are numbered by how much they sell (position 0 sells most). The positions of a token are cut into chunks of
65,536; within one a position is sixteen bits. A search walks chunk by chunk and stops when it has enough, so the most
sold come first without any sorting, and what is common is found at once.
"""

import re
import sys
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from typing import TypeAlias

CHUNK_BITS = 16
CHUNK_SIZE = 1 << CHUNK_BITS
"""Positions in one chunk."""

LOW_MASK = CHUNK_SIZE - 1

BITMAP_BYTES = CHUNK_SIZE // 8
"""A blob of this length is a bitmap; a shorter one is a list."""

LIST_LIMIT = 1024
"""Positions from which on a bitmap is stored. Bitmaps are laid over each other in microseconds where lists are compared
number by number; half this limit made the file a fifth larger and searches no quicker where it is felt."""

_BITS = tuple(tuple(bit for bit in range(8) if byte >> bit & 1) for byte in range(256))
_NOT_ZERO = re.compile(rb"[^\0]")

Container: TypeAlias = Sequence[int]
"""A decoded blob: sorted positions, or a bitmap as it was stored (and then `bytes`)."""


def key_of(gram_id: int, chunk: int) -> int:
    """Return the key under which the blob of a token and chunk is stored."""
    return gram_id << CHUNK_BITS | chunk


def encode(positions: Sequence[int]) -> bytes:
    """Return the blob for sorted positions within a chunk."""
    if len(positions) < LIST_LIMIT:
        numbers = positions if isinstance(positions, array) else array("H", positions)
        if sys.byteorder == "big":
            numbers = array("H", numbers)
            numbers.byteswap()
        return numbers.tobytes()
    bits = bytearray(BITMAP_BYTES)
    for position in positions:
        bits[position >> 3] |= 1 << (position & 7)
    return bytes(bits)


def decode(blob: bytes) -> Container:
    """Return the container of a blob."""
    if len(blob) == BITMAP_BYTES:
        return blob
    numbers = array("H")
    numbers.frombytes(blob)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers


def positions_in(container: Container) -> Iterator[int]:
    """Walk the positions of a container upwards, without decoding more than is asked for."""
    if not isinstance(container, bytes):
        yield from container
        return
    for match in _NOT_ZERO.finditer(container):
        at = match.start()
        base = at << 3
        for bit in _BITS[container[at]]:
            yield base + bit


def keep_in(container: Container, positions: Sequence[int]) -> Sequence[int]:
    """Return those of some sorted positions that are in a container."""
    if isinstance(container, bytes):
        return [position for position in positions if container[position >> 3] >> (position & 7) & 1]
    if not positions:
        return positions
    first = bisect_left(container, positions[0])
    last = bisect_right(container, positions[-1], first)
    if last - first > 12 * len(positions):
        found = []
        for position in positions:
            first = bisect_left(container, position, first, last)
            if first == last:
                break
            if container[first] == position:
                found.append(position)
        return found
    return sorted(set(positions).intersection(container[first:last]))


def all_of(containers: Sequence[Container]) -> tuple[Container, Sequence[Container]]:
    """Lay the dense of some containers over each other.

    Returns the container to walk, the smallest there is, and those that what is walked must still be kept in.
    """
    dense = [container for container in containers if isinstance(container, bytes)]
    sparse = sorted((container for container in containers if not isinstance(container, bytes)), key=len)
    if sparse:
        return sparse[0], [*sparse[1:], *dense]
    if len(dense) == 1:
        return dense[0], ()
    both = int.from_bytes(dense[0], "little")
    for bitmap in dense[1:]:
        both &= int.from_bytes(bitmap, "little")
    return both.to_bytes(BITMAP_BYTES, "little"), ()


def any_of(containers: Sequence[Container]) -> Container:
    """Return the container of what is in one of some containers at least."""
    if len(containers) == 1:
        return containers[0]
    dense = [container for container in containers if isinstance(container, bytes)]
    sparse = set().union(*(container for container in containers if not isinstance(container, bytes)))
    if not dense:
        return sorted(sparse)
    bits = bytearray(dense[0])
    if len(dense) > 1:
        either = 0
        for bitmap in dense:
            either |= int.from_bytes(bitmap, "little")
        bits[:] = either.to_bytes(BITMAP_BYTES, "little")
    for position in sparse:
        bits[position >> 3] |= 1 << (position & 7)
    return bytes(bits)
