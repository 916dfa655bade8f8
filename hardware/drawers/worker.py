"""The worker of a cash drawer on a port of its own: kicks it in time, and watches how long it stands open."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from app.values.problems import Problem
from app.values.wording import Wording, wording
from hardware.drawers.driver import DrawerDriver
from hardware.drawers.open_time import OPEN_TOO_LONG_S, OpenTime
from hardware.listening import ListeningWorker
from hardware.printers.queue import DrawerStayedShut
from hardware.worker import DeviceEvent, DeviceState, Order, Patience

_SPRINGS_LOOK_S: Final = 0.02
_ASKED_EVERY_S: Final = 0.3


@dataclass(frozen=True, slots=True)
class DrawerStatus:
    """A drawer was opened or shut, or nobody can tell any more."""

    device: str
    is_open: bool | None
    """None where it cannot tell."""


DrawerEvent = DrawerStatus | DrawerStayedShut | DeviceEvent


@dataclass(frozen=True, slots=True)
class DrawerTimes:
    """How long a drawer's worker waits for what."""

    patience: Patience = field(default_factory=Patience)
    kick_within_s: float = 8.0
    """A drawer that could not be kicked within this time stays shut; opening later it would surprise somebody."""

    springs_within_s: float = 1.5
    """How long a drawer that can tell takes to be open after its kick."""

    open_too_long_s: float = OPEN_TOO_LONG_S
    """A drawer that stands open longer is told of."""


class _Kick(Order):
    """One kick that was asked for."""

    def __init__(self, output_id: str, until_s: float) -> None:
        super().__init__(output_id, urgent=True)
        self.until_s = until_s
        self.given = False
        """Whether it was kicked; a line lost right behind it must not have it spring open a second time."""


class DrawerWorker(ListeningWorker[_Kick]):
    """A cash drawer with a thread of its own; call `start` once and `close` at the end.

    An opened drawer is told as `OutputComplete`; one that was not as `DrawerStayedShut`.
    """

    def __init__(
        self,
        driver: DrawerDriver,
        on_event: Callable[[DrawerEvent], None],
        *,
        device: str = "drawer",
        times: DrawerTimes | None = None,
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare.

        Args:
            driver: the drawer; used on the worker's thread only.
            on_event: takes the events on the worker's thread; must return at once.
            device: its name in the till's configuration.
            times: how long to wait for what.
            monotonic_s: seconds that never go back.
        """
        self._times = times or DrawerTimes()
        super().__init__(device, self._pass_on, patience=self._times.patience, monotonic_s=monotonic_s)
        self._on_drawer_event = on_event
        self._driver = driver
        self._status: DrawerStatus | None = None
        self._open_time = OpenTime(self._times.open_too_long_s)

    # What any thread may call.

    def open_drawer(self, output_id: str) -> bool:
        """Have it kicked and return at once; false where too many kicks wait already."""
        return self.post(_Kick(output_id, self._monotonic_s() + self._times.kick_within_s))

    # The worker's side.

    def _pass_on(self, event: DrawerEvent) -> None:
        self._on_drawer_event(event)

    def _enable(self) -> None:
        self._driver.open()
        self._ask()
        self._tell(DeviceState.READY, wording("The cash drawer is ready."))

    def _release(self) -> None:
        self._driver.close()

    def _lost(self, problem: Problem) -> None:
        self._show(is_open=None)
        super()._lost(problem)
        with self._changed:
            kicks = tuple(self._inbox)
        for kick in kicks:
            self._expire(kick)

    def _given_up(self, order: _Kick) -> None:
        del order
        self._stayed_shut(wording("The cash drawer did not open because of a fault in its driver. Open it by its key."))

    def _listen(self) -> None:
        self._ask()
        now = self._monotonic_s()
        if (told := self._open_time.change(now)) is not None:
            self._tell(*told)
        self._pause(min(_ASKED_EVERY_S, self._patience.look_s))

    def _serve(self, order: _Kick) -> bool:
        if self._expire(order):
            return True
        if not order.given:
            self._driver.kick()
            order.given = True
        if self._springs_open() is False:
            self._take_out(order)
            self._stayed_shut(wording("The cash drawer was kicked and stayed shut. Open it with its key."))
        return True

    def _springs_open(self) -> bool | None:
        """Watch it after a kick; None where it cannot tell."""
        deadline = self._monotonic_s() + self._times.springs_within_s
        while not (is_open := self._ask()):
            if is_open is None or self._monotonic_s() >= deadline or self._stopping:
                return is_open
            self._pause(_SPRINGS_LOOK_S)
        return True

    def _expire(self, order: _Kick) -> bool:
        if self._monotonic_s() < order.until_s:
            return False
        self._take_out(order)
        self._stayed_shut(wording("The cash drawer did not answer in time. If it is shut, open it with its key."))
        return True

    def _stayed_shut(self, sentence: Wording) -> None:
        self._on_drawer_event(DrawerStayedShut(self.device, sentence))

    def _ask(self) -> bool | None:
        is_open = self._driver.is_open()
        self._show(is_open=is_open)
        self._open_time.heard(is_open, self._monotonic_s())
        return is_open

    def _show(self, *, is_open: bool | None) -> None:
        status = DrawerStatus(self.device, is_open)
        if status != self._status:
            self._status = status
            self._on_drawer_event(status)
