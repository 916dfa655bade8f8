"""What every simulated device has in common: a cable, a power switch, a line it speaks on, and troubles to be told of.

A kind of device says what it makes of bytes that reach it (`_heard`) and, where it speaks unasked, what and how often
(`_spoken`). It answers by `_say`; what trouble it is in changes the answer on its way out.
"""

import random
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from enum import Enum
from typing import Final

from app.values.wording import wording
from hardware.transport import DeviceAway

_KEPT_REPLIES_BYTES: Final = 65_536
"""What waits to be read; a line loses what nobody reads."""

_FLOOD_BYTES: Final = 4096


class Trouble(Enum):
    """How a line or the electronics behind it can fail; any device can be told each of them."""

    SILENT = "silent"
    """It hears and never answers."""

    NOISE = "noise"
    """Random bytes come between its answers, as from a loose cable."""

    TRUNCATED = "truncated"
    """Each answer breaks off before its end."""

    FLIPPED_BIT = "flipped_bit"
    """One bit of each answer is wrong."""

    DOUBLED = "doubled"
    """Each answer comes twice."""

    IN_PIECES = "in_pieces"
    """Answers come one byte at a time."""

    FLOOD = "flood"
    """It never stops talking."""

    FOREIGN = "foreign"
    """It answers in another device's protocol, as when the wrong one was plugged in."""


class SimulatedDevice(ABC):
    """A device that is not there; any thread may touch it. One line reads it at a time."""

    FOREIGN_ANSWER = b"\x02A0001.2kg\x03\r\nERROR 17\r\n"
    """What another device might answer."""

    speaks_every_s: float | None = None
    """How often it speaks unasked; None where it only answers."""

    def __init__(self, *, seed: int = 0, monotonic_s: Callable[[], float] = time.monotonic) -> None:
        """Switch it on and plug it in.

        Args:
            seed: where noise and flipped bits come from; the same seed, the same noise.
            monotonic_s: seconds that never go back.
        """
        self._changed = threading.Condition(threading.RLock())
        self._random = random.Random(seed)  # noqa: S311 - noise on a line, no secret
        self._monotonic_s = monotonic_s
        self._powered = True
        self._plugged_in = True
        self._replies = bytearray()
        self._troubles: set[Trouble] = set()
        self._next_word_s = monotonic_s()

    # What a person does to it.

    def unplug(self) -> None:
        """Pull the cable."""
        with self._changed:
            self._plugged_in = False
            self._replies.clear()
            self._changed.notify_all()

    def plug_in(self) -> None:
        """Put the cable back."""
        with self._changed:
            self._plugged_in = True
            self._changed.notify_all()

    def switch_off(self) -> None:
        """Cut its power: what it knew and was not kept is gone."""
        with self._changed:
            self._powered = False
            self._replies.clear()
            self._forget()
            self._changed.notify_all()

    def switch_on(self) -> None:
        """Give it power again."""
        with self._changed:
            self._powered = True
            self._changed.notify_all()

    def suffer(self, *troubles: Trouble) -> None:
        """Let it be in these troubles and no others; in none where none is named."""
        with self._changed:
            self._troubles = set(troubles)
            self._changed.notify_all()

    # What can be seen of it.

    @property
    def reachable(self) -> bool:
        """Whether bytes get through to it."""
        with self._changed:
            return self._powered and self._plugged_in

    @property
    def powered(self) -> bool:
        """Whether it is switched on."""
        with self._changed:
            return self._powered

    @property
    def plugged_in(self) -> bool:
        """Whether its cable is in."""
        with self._changed:
            return self._plugged_in

    @property
    def troubles(self) -> frozenset[Trouble]:
        """What trouble it is in."""
        with self._changed:
            return frozenset(self._troubles)

    # The line.

    def receive(self, data: bytes) -> int:
        """Take bytes as they come over the line; return how many it took.

        Raises:
            DeviceAway: if it is switched off or unplugged.
        """
        with self._changed:
            self._require_reachable()
            self._heard(data)
            self._changed.notify_all()
            return len(data)

    def replies(self, timeout_s: float) -> bytes:
        """Return what it sends, waiting so long for the first byte; empty where nothing came.

        Raises:
            DeviceAway: if it is switched off or unplugged.
        """
        deadline = self._monotonic_s() + timeout_s
        with self._changed:
            while True:
                self._require_reachable()
                now = self._monotonic_s()
                self._speak_up(now)
                if self._replies:
                    return self._take()
                if now >= deadline:
                    return b""
                due = self._next_word_s if self.speaks_every_s is not None else deadline
                self._changed.wait(max(0.001, min(deadline, due) - now))

    def _take(self) -> bytes:
        count = 1 if Trouble.IN_PIECES in self._troubles else len(self._replies)
        data = bytes(self._replies[:count])
        del self._replies[:count]
        return data

    def _speak_up(self, now_s: float) -> None:
        if Trouble.FLOOD in self._troubles and len(self._replies) < _FLOOD_BYTES:
            self._replies += self._random.randbytes(_FLOOD_BYTES)
        if self.speaks_every_s is not None and now_s >= self._next_word_s:
            self._next_word_s = now_s + self.speaks_every_s
            if word := self._spoken():
                self._say(word)

    def _require_reachable(self) -> None:
        if not (self._powered and self._plugged_in):
            raise DeviceAway(wording("The simulated device is switched off or unplugged. Switch it on."))

    def _say(self, data: bytes) -> None:
        """Send an answer, as the trouble it is in leaves it; any thread may have it say something."""
        with self._changed:
            if Trouble.SILENT not in self._troubles:
                self._replies += self._spoiled(data)
                del self._replies[:-_KEPT_REPLIES_BYTES]
                self._changed.notify_all()

    def _spoiled(self, data: bytes) -> bytes:
        troubles, chance = self._troubles, self._random
        if Trouble.FOREIGN in troubles:
            data = self.FOREIGN_ANSWER
        if Trouble.TRUNCATED in troubles:
            data = data[: chance.randrange(len(data))] if data else data
        if Trouble.FLIPPED_BIT in troubles and data:
            place = chance.randrange(len(data))
            data = data[:place] + bytes((data[place] ^ (1 << chance.randrange(8)),)) + data[place + 1 :]
        if Trouble.DOUBLED in troubles:
            data += data
        if Trouble.NOISE in troubles:
            data = chance.randbytes(chance.randrange(1, 9)) + data + chance.randbytes(chance.randrange(1, 9))
        return data

    # What a kind of device does; the lock is held.

    @abstractmethod
    def _heard(self, data: bytes) -> None:
        """Make something of bytes that came; they may be any part of a command, or several."""

    def _spoken(self) -> bytes:
        """Return what it says unasked; empty where nothing."""
        return b""

    def _forget(self) -> None:  # noqa: B027 - most devices have nothing to forget
        """Lose what is lost when the power goes."""
