"""Keeps a pole display showing the newest content: a mailbox, not a queue, and nobody waits for it."""

import time
from collections.abc import Callable
from typing import Final

from app.devices.line_display import DisplayContent, DisplayPurpose
from app.values.wording import wording
from hardware.displays.driver import LineDisplayCapabilities, LineDisplayDriver
from hardware.listening import ListeningWorker
from hardware.worker import DeviceEvent, DeviceState, Order, Patience

NOTHING: Final = DisplayContent(DisplayPurpose.IDLE)
"""The greeting."""

_LOOK_S: Final = 0.5
"""How often the line is looked at while nothing new is to be shown."""


class LineDisplayWorker(ListeningWorker[Order]):
    """Owns a display's thread. `show` may be called from any thread; what it replaces before it was shown is gone."""

    def __init__(
        self,
        device: str,
        driver: LineDisplayDriver,
        on_event: Callable[[DeviceEvent], None],
        *,
        refresh_s: float = 10.0,
        patience: Patience | None = None,
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare; `start` begins.

        Args:
            device: its name in the till's configuration.
            driver: the display.
            on_event: takes the events on the worker's thread; must return at once.
            refresh_s: how often what it shows is sent again, for a display that lost its power without anybody being
                told; 0 for never.
            patience: how long to wait between tries.
            monotonic_s: seconds that never go back.
        """
        super().__init__(device, on_event, patience=patience or Patience(look_s=_LOOK_S), monotonic_s=monotonic_s)
        self._driver = driver
        self._refresh_s = refresh_s
        self._wanted = NOTHING
        self._shown: DisplayContent | None = None
        self._shown_at_s = 0.0

    @property
    def capabilities(self) -> LineDisplayCapabilities:
        """What the display can show."""
        return self._driver.capabilities

    @property
    def content(self) -> DisplayContent:
        """What is to be seen, once the display is reached."""
        with self._changed:
            return self._wanted

    def show(self, content: DisplayContent) -> None:
        """Have a content shown and return at once; while the display is away, the last one waits for it."""
        with self._changed:
            if content != self._wanted:
                self._wanted = content
                self._wake()

    def _enable(self) -> None:
        self._shown = None
        self._driver.open()

    def _release(self) -> None:
        self._driver.close()

    def _serve(self, order: Order) -> bool:
        """Do nothing: a display has no orders, only a content."""
        del order
        return True

    def _listen(self) -> None:
        content = self.content
        now = self._monotonic_s()
        if content != self._shown:
            self._driver.show(content)
            self._note(content, now)
            self._tell(DeviceState.READY, wording("Ready."))
            return
        self._driver.check()
        if self._refresh_s and now - self._shown_at_s >= self._refresh_s:
            self._driver.refresh(content)
            self._note(content, now)
            return
        self._pause(min(self._patience.look_s, self._refresh_s or self._patience.look_s))

    def _note(self, content: DisplayContent, now_s: float) -> None:
        self._shown = content
        self._shown_at_s = now_s
