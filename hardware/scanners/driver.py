"""Drives a scanner that sends its codes over a line: serial, a serial server, USB, or grabbed keys."""

import time
from collections.abc import Callable
from typing import Final

from hardware.scanners.line_reader import LineReader, ReadingRules
from hardware.scanners.readings import Reading, ScannerCapabilities
from hardware.transport import Transport


class LineScanner:
    """A `ScannerDriver` over any transport."""

    def __init__(
        self,
        transport: Transport,
        rules: ReadingRules | None = None,
        *,
        notices_unplugging: bool = True,
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        """Join a line and the way of reading it; nothing is opened yet.

        Args:
            transport: leads to the scanner.
            rules: how the scanner was set up.
            notices_unplugging: whether the transport fails when the scanner is pulled out.
            monotonic_s: seconds that never go back.
        """
        rules = rules or ReadingRules()
        self._transport = transport
        self._reader = LineReader(rules)
        self._monotonic_s = monotonic_s
        self.capabilities: Final = ScannerCapabilities(
            tells_symbology=rules.aim == "always", reads_pictures=False, notices_unplugging=notices_unplugging
        )
        """What it can do."""

        self.ready = False
        """Whether the line held since it was opened."""

    def open(self) -> None:
        """Open the line; see `ScannerDriver.open`."""
        self.ready = False
        self._reader.reset()
        self._transport.open()

    def listen(self, timeout_s: float) -> tuple[Reading, ...]:
        """Return what was read; see `ScannerDriver.listen`."""
        data = self._transport.read(timeout_s)
        # Only now: a serial server takes a till's call although no scanner hangs on it, and hangs up.
        self.ready = True
        return self._reader.feed(data, self._monotonic_s())

    def close(self) -> None:
        """Close the line; see `ScannerDriver.close`."""
        self._transport.close()
