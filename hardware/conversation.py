"""What goes over a device's line: watched, kept within bounds, written down byte for byte, and played again."""

import re
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final

from app.values.problems import Problem
from app.values.wording import wording
from hardware.transport import Transport

Wrap = Callable[[Transport], Transport]
"""Puts something in front of a transport, such as an observer; drivers apply it to every transport they make."""


def unwatched(transport: Transport) -> Transport:
    """Return a transport as it is: the `Wrap` of a driver that nobody watches."""
    return transport


class Direction(Enum):
    """Which way bytes went; the value begins the line of a written conversation."""

    TO_DEVICE = ">"
    FROM_DEVICE = "<"


@dataclass(frozen=True, slots=True)
class Exchange:
    """Bytes that went one way together."""

    direction: Direction
    data: bytes
    at_s: float = 0.0
    """Seconds since the conversation began; not part of a written one."""


Watcher = Callable[[Direction, bytes], None]


class ObservedTransport:
    """A transport in front of another one that tells what goes through it."""

    def __init__(self, inner: Transport, watch: Watcher) -> None:
        """Stand in front of a transport; `watch` is called on the thread that uses it and must return at once."""
        self.inner = inner
        self._watch = watch

    @property
    def can_read(self) -> bool:
        """Whether the device can answer."""
        return self.inner.can_read

    def open(self) -> None:
        """Open the transport behind."""
        self.inner.open()

    def write(self, data: bytes, timeout_s: float) -> int:
        """Write, and tell what was taken."""
        taken = self.inner.write(data, timeout_s)
        if taken:
            self._watch(Direction.TO_DEVICE, data[:taken])
        return taken

    def read(self, timeout_s: float) -> bytes:
        """Read, and tell what came."""
        data = self.inner.read(timeout_s)
        if data:
            self._watch(Direction.FROM_DEVICE, data)
        return data

    def close(self) -> None:
        """Close the transport behind."""
        self.inner.close()


class Recorder:
    """A `Watcher` that keeps everything, for tests and demonstrations."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.exchanges: list[Exchange] = []

    def __call__(self, direction: Direction, data: bytes) -> None:
        """Keep bytes."""
        self.exchanges.append(Exchange(direction, data))

    @property
    def written(self) -> bytes:
        """Everything the device took so far."""
        return b"".join(one.data for one in self.exchanges if one.direction is Direction.TO_DEVICE)


class Tail:
    """A `Watcher` that keeps the last bytes only, however much goes through; any thread may look at them."""

    def __init__(
        self, *, most: int = 64, most_bytes: int = 256, monotonic_s: Callable[[], float] = time.monotonic
    ) -> None:
        """Keep the last so many exchanges, of each at most so many bytes, its end."""
        self._lock = threading.Lock()
        self._exchanges: deque[Exchange] = deque(maxlen=most)
        self._most_bytes = most_bytes
        self._monotonic_s = monotonic_s
        self._began_s = monotonic_s()

    def __call__(self, direction: Direction, data: bytes) -> None:
        """Keep bytes; those that follow one another the same way are put together."""
        now = self._monotonic_s() - self._began_s
        with self._lock:
            last = self._exchanges[-1] if self._exchanges else None
            if last is not None and last.direction is direction and now - last.at_s < 0.05:
                self._exchanges[-1] = Exchange(direction, (last.data + data)[-self._most_bytes :], last.at_s)
            else:
                self._exchanges.append(Exchange(direction, data[-self._most_bytes :], now))

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """What was kept, the oldest first."""
        with self._lock:
            return tuple(self._exchanges)


class BadConversation(Problem):
    """Raised when a written conversation cannot be read."""

    code = "BAD-CONVERSATION"


class ConversationDiffers(Exception):
    """Raised when a driver says something else than in the conversation that is played: the driver changed."""


_ESCAPE: Final = re.compile(rb"\\x([0-9a-fA-F]{2})|\\\\|\\|[^\\]+")
_PLAIN: Final = range(0x20, 0x7F)


def write_conversation(exchanges: Iterable[Exchange], remarks: Iterable[str] = ()) -> str:
    r"""Write a conversation as text: `> W\x0d` to the device, `< \x02 1.245\x0d` from it, `# …` a remark.

    Args:
        exchanges: what was said.
        remarks: the source of the conversation, one line each.
    """
    lines = [f"# {remark}" for remark in remarks]
    for exchange in exchanges:
        written = "".join(
            "\\\\" if byte == 0x5C else chr(byte) if byte in _PLAIN else f"\\x{byte:02x}" for byte in exchange.data
        )
        lines.append(f"{exchange.direction.value} {written}")
    return "\n".join(lines) + "\n"


def read_conversation(text: str) -> tuple[Exchange, ...]:
    r"""Read a conversation back.

    >>> read_conversation("# an example\n> W\n< \\x02?\n")[1].data
    b'\x02?'

    Raises:
        BadConversation: naming the line that cannot be read.
    """
    return tuple(_exchanges(text))


def _exchanges(text: str) -> Iterator[Exchange]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        if line[:2] not in {"> ", "< "} or not line.isascii():
            raise _bad_line(number)
        data = bytearray()
        for found in _ESCAPE.finditer(line[2:].encode("ascii")):
            piece = found.group()
            if found.group(1) is not None:
                data.append(int(found.group(1), 16))
            elif piece == b"\\":
                raise _bad_line(number)
            else:
                data += b"\\" if piece == b"\\\\" else piece
        yield Exchange(Direction(line[0]), bytes(data))


def _bad_line(number: int) -> BadConversation:
    return BadConversation(
        wording(
            "Line {number} of the conversation cannot be read. Write > or <, a space, and the bytes; \\xNN for a byte"
            " that is no letter.",
            number=number,
        )
    )


class ReplayTransport:
    """A device that is not there, only what it once said: plays a conversation, and insists on the driver's part."""

    can_read = True

    def __init__(self, exchanges: Iterable[Exchange]) -> None:
        """Play from the beginning."""
        self._left = deque(exchange for exchange in exchanges if exchange.data)

    @property
    def finished(self) -> bool:
        """Whether all was said."""
        return not self._left

    def open(self) -> None:
        """Connect; see `Transport.open`."""

    def write(self, data: bytes, timeout_s: float) -> int:
        """Take what the driver says.

        Raises:
            ConversationDiffers: if it is not what it said then.
        """
        del timeout_s  # It takes what it takes at once.
        expected = self._left[0] if self._left else None
        if expected is None or expected.direction is not Direction.TO_DEVICE:
            raise ConversationDiffers(f"the driver said {data!r} where it listened then")
        count = min(len(data), len(expected.data))
        if data[:count] != expected.data[:count]:
            raise ConversationDiffers(f"the driver said {data!r}, then it said {expected.data!r}")
        self._take(count)
        return count

    def read(self, timeout_s: float) -> bytes:
        """Return what the device said then; nothing where it is the driver's turn."""
        del timeout_s
        if not self._left or self._left[0].direction is Direction.TO_DEVICE:
            return b""
        data = self._left[0].data
        self._take(len(data))
        return data

    def close(self) -> None:
        """Disconnect; see `Transport.close`."""

    def _take(self, count: int) -> None:
        first = self._left.popleft()
        if rest := first.data[count:]:
            self._left.appendleft(Exchange(first.direction, rest))
