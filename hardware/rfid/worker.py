"""The thread of a tag reader: keeps the set of tags in its field, and says when the set changes."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from app.values.problems import Problem
from app.values.wording import Wording, wording
from hardware.listening import ListeningWorker
from hardware.rfid.driver import ReaderRefuses, RfidDriver
from hardware.rfid.field import FieldRules, TagField
from hardware.worker import DeviceEvent, DeviceState, Order, Patience

_TURN_S: Final = 0.05


@dataclass(frozen=True, slots=True)
class TagsSeen:
    """The tags in a reader's field are others now."""

    device: str
    """The reader's name in the till's configuration."""

    epcs: tuple[str, ...]
    """All that are there, in hexadecimal capitals, sorted; see `app.catalogue.codes.epc`."""

    complete: bool = True
    """False where more tags answer than can be counted: then these must not be taken for the whole basket."""


RfidEvent = DeviceEvent | TagsSeen


class RfidWorker(ListeningWorker[Order]):
    """Owns a tag reader. While the reader is away the last set stays: nobody knows better until it is back."""

    def __init__(
        self,
        device: str,
        driver: RfidDriver,
        on_event: Callable[[RfidEvent], None],
        *,
        rules: FieldRules | None = None,
        patience: Patience | None = None,
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare; `start` begins.

        Args:
            device: its name in the till's configuration.
            driver: the reader.
            on_event: takes the events on the worker's thread; must return at once.
            rules: when a tag is there.
            patience: how long to wait between tries.
            monotonic_s: seconds that never go back.
        """
        super().__init__(device, on_event, patience=patience, monotonic_s=monotonic_s)
        self.driver = driver
        self._on_rfid_event = on_event
        self._rules = rules or FieldRules()
        self._field = TagField(self._rules)
        self._seen = TagsSeen(device, ())
        self._pause_wanted = False
        self._paused = False
        self._sockets_used: frozenset[int] = frozenset()

    # What any thread may call.

    def pause(self) -> None:
        """Stop looking for tags, as between two sales: nothing is there then. Returns at once."""
        self._want_pause(wanted=True)

    def resume(self) -> None:
        """Look for tags again, from nothing. Returns at once."""
        self._want_pause(wanted=False)

    @property
    def paused(self) -> bool:
        """Whether it is to look for tags no more."""
        return self._pause_wanted

    def _want_pause(self, *, wanted: bool) -> None:
        with self._changed:
            self._pause_wanted = wanted
            self._wake()

    # The worker's own thread.

    def _enable(self) -> None:
        self.driver.open()
        self._paused = False
        self._sockets_used = frozenset(one.antenna for one in self.driver.antennas if one.connected)
        self._field.hold(self._monotonic_s())

    def _release(self) -> None:
        self.driver.close()

    def _serve(self, order: Order) -> bool:
        del order  # A tag reader is given no orders.
        return True

    def _lost(self, problem: Problem) -> None:
        # A reader that refuses is there; it waits for a person, not for its cable.
        state = DeviceState.STOPPED if isinstance(problem, ReaderRefuses) else DeviceState.AWAY
        self._tell(state, problem.sentence)

    def _listen(self) -> None:
        if self._pause_wanted is not self._paused:
            self._follow_pause()
        reads = self.driver.listen(_TURN_S)
        now = self._monotonic_s()
        if self._paused:
            self._field.clear()
        else:
            self._field.take(reads, now)
            self._field.expire(now)
        self._tell(*self._condition())
        self._say_tags()

    def _follow_pause(self) -> None:
        if self._pause_wanted:
            self.driver.pause()
        else:
            self.driver.resume()
        self._paused = not self._paused
        self._field.clear()

    def _say_tags(self) -> None:
        seen = TagsSeen(self.device, self._field.tags, complete=not self._field.overflowing)
        if seen != self._seen:
            self._seen = seen
            self._on_rfid_event(seen)

    def _condition(self) -> tuple[DeviceState, Wording]:
        connected = frozenset(one.antenna for one in self.driver.antennas if one.connected)
        self._sockets_used |= connected
        missing = sorted(self._sockets_used - connected)
        if self.driver.antennas and not connected:
            return DeviceState.STOPPED, wording("No antenna hangs on the tag reader. Check the antenna cables.")
        if missing:
            return DeviceState.ATTENTION, wording(
                "Antenna {number} of the tag reader is off. Check its cable.", number=missing[0]
            )
        if self._field.overflowing:
            return DeviceState.ATTENTION, wording(
                "More than {most} tags are near the tag reader. Take goods away from it.", most=self._rules.most_tags
            )
        if self._paused:
            return DeviceState.READY, wording("The tag reader rests.")
        return DeviceState.READY, wording("The tag reader is ready.")
