"""The worker of a scanner: listens on a thread of its own and publishes each code once it is whole."""

from collections import deque
from collections.abc import Callable

from app.catalogue.codes.scanned import Scanned
from app.values.clock import Clock
from app.values.wording import wording
from hardware.listening import ListeningWorker
from hardware.scanners.readings import BadRead, CodeRead, GoodRead, ScannerDriver, ScannerEvent
from hardware.worker import DeviceState, Order, Patience

_LISTEN_S = 0.05
_MOST_READS = 40
_WITHIN_S = 2.0
"""More codes in this time than any hand or belt brings: the scanner, or what hangs on its line, has gone mad."""

_QUIET_S = 1.0
"""How long it must be silent before it is believed again."""


class ScannerWorker(ListeningWorker[Order]):
    """Owns one scanner and its thread. It takes no orders: the till's own sounds say good read and bad read."""

    def __init__(
        self,
        driver: ScannerDriver,
        on_event: Callable[[ScannerEvent], None],
        *,
        clock: Clock,
        device: str = "scanner",
        patience: Patience | None = None,
    ) -> None:
        """Prepare; `start` begins.

        Args:
            driver: the scanner.
            on_event: takes the events on the worker's thread; must return at once.
            clock: when a code was read.
            device: the scanner's name in the till's configuration.
            patience: how long to wait between tries to reach it.
        """
        super().__init__(device, on_event, patience=patience)
        self._driver = driver
        self._on_scan = on_event
        self._clock = clock
        self._reads_s: deque[float] = deque(maxlen=_MOST_READS)
        self._mad_until_s: float | None = None

    @property
    def driver(self) -> ScannerDriver:
        """The scanner; its own thread alone may call it, except for what it can do."""
        return self._driver

    def _enable(self) -> None:
        self._driver.open()

    def _release(self) -> None:
        self._driver.close()

    def _listen(self) -> None:
        readings = self._driver.listen(_LISTEN_S)
        if self._has_gone_mad(len(readings)):
            # What it says too much is lost on the line, and the till's processor stays free.
            self._pause(_LISTEN_S)
            return
        if self._driver.ready:
            self._tell(DeviceState.READY, wording("The scanner is ready."))
        for reading in readings:
            if isinstance(reading, GoodRead):
                scanned = Scanned(self.device, reading.data, reading.symbology, self._clock.now())
                self._on_scan(CodeRead(self.device, scanned))
            else:
                self._on_scan(BadRead(self.device, reading.sentence))

    def _has_gone_mad(self, count: int) -> bool:
        """Whether it sends more than can be meant; nothing of that is sold, until it was silent for a while."""
        now = self._monotonic_s()
        if count and self._mad_until_s is not None:
            self._mad_until_s = now + _QUIET_S
        if self._mad_until_s is not None:
            if now < self._mad_until_s:
                return True
            self._mad_until_s = None
            self._reads_s.clear()
        self._reads_s.extend([now] * min(count, _MOST_READS))
        if len(self._reads_s) < _MOST_READS or now - self._reads_s[0] >= _WITHIN_S:
            return False
        self._mad_until_s = now + _QUIET_S
        self._tell(
            DeviceState.STOPPED,
            wording("The scanner sends codes without end. Unplug it, look at its cable, and plug it in again."),
        )
        return True

    def _serve(self, order: Order) -> bool:
        del order  # There is nothing to ask of a scanner.
        return True
