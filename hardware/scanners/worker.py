"""The worker of a scanner: listens on a thread of its own and publishes each code once it is whole."""

from collections.abc import Callable

from app.catalogue.codes.scanned import Scanned
from app.values.clock import Clock
from app.values.wording import wording
from hardware.listening import ListeningWorker
from hardware.scanners.readings import BadRead, CodeRead, GoodRead, ScannerDriver, ScannerEvent
from hardware.worker import DeviceState, Order, Patience

_LISTEN_S = 0.05


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
        if self._driver.ready:
            self._tell(DeviceState.READY, wording("The scanner is ready."))
        for reading in readings:
            if isinstance(reading, GoodRead):
                scanned = Scanned(self.device, reading.data, reading.symbology, self._clock.now())
                self._on_scan(CodeRead(self.device, scanned))
            else:
                self._on_scan(BadRead(self.device, reading.sentence))

    def _serve(self, order: Order) -> bool:
        del order  # There is nothing to ask of a scanner.
        return True
