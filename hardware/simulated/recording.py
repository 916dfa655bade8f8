"""Keeps every byte that went to a device, in the order it went."""

from hardware.transport import Transport


class RecordingTransport:
    """A transport in front of another one that remembers what was written through it."""

    def __init__(self, inner: Transport) -> None:
        """Stand in front of a transport."""
        self._inner = inner
        self._written = bytearray()

    @property
    def written(self) -> bytes:
        """Everything the device took so far."""
        return bytes(self._written)

    @property
    def can_read(self) -> bool:
        """Whether the device can answer."""
        return self._inner.can_read

    def open(self) -> None:
        """Open the transport behind."""
        self._inner.open()

    def write(self, data: bytes, timeout_s: float) -> int:
        """Write and remember what was taken."""
        taken = self._inner.write(data, timeout_s)
        self._written += data[:taken]
        return taken

    def read(self, timeout_s: float) -> bytes:
        """Read from the transport behind."""
        return self._inner.read(timeout_s)

    def close(self) -> None:
        """Close the transport behind."""
        self._inner.close()
