"""Lets what watches a terminal's line see everything but long figures: a card number must not be seen there either."""

import re
from typing import Any, Final

from hardware.conversation import Wrap
from hardware.transport import Transport

_LONG_FIGURE: Final = re.compile(rb"(?:\d[ .-]?){12,}\d|\A[ .-]?\d[\d .-]*|\d[\d .-]*\Z")
"""Thirteen digits or more, and digits at either end of a piece, which may be the half of such a figure."""


class _Masked:
    """Stands between the watcher and the line: hands masked bytes out, and keeps the true ones for the driver."""

    def __init__(self, inner: Transport) -> None:
        self.inner = inner
        self.true_bytes = b""

    @property
    def twin(self) -> Any:  # noqa: ANN401 - whichever kind of simulated device it is
        """The simulated device at the far end; None where there is none."""
        return getattr(self.inner, "twin", None)

    @property
    def can_read(self) -> bool:
        return self.inner.can_read

    def open(self) -> None:
        self.inner.open()

    def write(self, data: bytes, timeout_s: float) -> int:
        return self.inner.write(data, timeout_s)

    def read(self, timeout_s: float) -> bytes:
        self.true_bytes = self.inner.read(timeout_s)
        return masked_for_watchers(self.true_bytes)

    def close(self) -> None:
        self.inner.close()


class DiscreetTransport:
    """A transport whose watcher sees long figures masked, while the driver reads what truly came."""

    def __init__(self, inner: Transport, wrap: Wrap) -> None:
        """Put a watcher before a transport."""
        self._masked = _Masked(inner)
        self._seen = wrap(self._masked)

    @property
    def can_read(self) -> bool:
        """Whether the device can answer."""
        return self._seen.can_read

    def open(self) -> None:
        """Connect; see `Transport.open`."""
        self._seen.open()

    def write(self, data: bytes, timeout_s: float) -> int:
        """Send; see `Transport.write`."""
        return self._seen.write(data, timeout_s)

    def read(self, timeout_s: float) -> bytes:
        """Receive; see `Transport.read`."""
        self._masked.true_bytes = b""
        self._seen.read(timeout_s)
        return self._masked.true_bytes

    def close(self) -> None:
        """Disconnect; see `Transport.close`."""
        self._seen.close()


def masked_for_watchers(data: bytes) -> bytes:
    """Return bytes with a star for every digit of a figure that may be a card number, or a part of one.

    >>> masked_for_watchers(b'{"MaskedPan":"4111 1111 1111 1111","ServiceID":"1234567890"}')
    b'{"MaskedPan":"**** **** **** ****","ServiceID":"1234567890"}'
    """
    return _LONG_FIGURE.sub(lambda found: re.sub(rb"\d", b"*", found.group()), data)
