"""A serial barcode scanner that is not there: a person (or a test) holds codes before it."""

from typing import Final, Literal

from hardware.simulated.device import SimulatedDevice

Suffix = Literal["cr", "lf", "crlf", "tab", "etx"]

_SUFFIXES: Final[dict[Suffix, bytes]] = {"cr": b"\r", "lf": b"\n", "crlf": b"\r\n", "tab": b"\t", "etx": b"\x03"}


class SimulatedScanner(SimulatedDevice):
    """Sends each code as a scanner on a serial line or a serial server does; hears nothing."""

    def __init__(
        self, *, aim: bool = True, suffix: Suffix = "cr", prefix: str = "", encoding: str = "utf-8", seed: int = 0
    ) -> None:
        """Switch it on.

        Args:
            aim: whether it was set up to send AIM identifiers.
            suffix: what it sends behind a code.
            prefix: what it sends in front, before the AIM identifier.
            encoding: of codes that hold more than ASCII.
            seed: where its troubles come from.
        """
        super().__init__(seed=seed)
        self._aim = aim
        self._suffix = _SUFFIXES[suffix]
        self._prefix = prefix.encode(encoding)
        self._encoding = encoding
        self._beeps = 0

    @property
    def beeps(self) -> int:
        """How many codes it sent: a scanner beeps when it read one, whether anybody listens or not."""
        with self._changed:
            return self._beeps

    def scan(self, data: str | bytes, symbology: str | None = None) -> bool:
        r"""Hold a code before it; return whether it read it, which it does not without power or cable.

        Args:
            data: what the code holds, GS as `\x1d`.
            symbology: its AIM identifier, sent where the scanner was set up to; None where it knows none.
        """
        return self._send(self._encoded(data), symbology)

    def damaged_scan(self, data: str | bytes = "6901234567892", symbology: str | None = None) -> bool:
        """Hold a code before it of which one character turns into a control byte on the way."""
        body = bytearray(self._encoded(data) or b"\0")
        with self._changed:
            place = self._random.randrange(len(body))
            body[place] = self._random.choice(b"\x00\x01\x06\x0b\x10\x15\x1a\x1f\x7f")
        return self._send(bytes(body), symbology)

    def _encoded(self, data: str | bytes) -> bytes:
        return data if isinstance(data, bytes) else data.encode(self._encoding)

    def _send(self, body: bytes, symbology: str | None) -> bool:
        aim = symbology.encode("ascii") if self._aim and symbology else b""
        with self._changed:
            if not self.reachable:
                return False
            self._beeps += 1
            self._say(self._prefix + aim + body + self._suffix)
            return True

    def _heard(self, data: bytes) -> None:
        """Nothing: what is sent to it is lost on it."""
