"""What a receipt printer says of itself: the status bytes, and what they mean to a person."""

from dataclasses import dataclass
from enum import Enum
from typing import Final

from app.values.wording import Wording, wording


class PrinterState(Enum):
    """What the status bar shows of a printer; the later, the worse."""

    READY = "ready"
    PAPER_LOW = "paper_low"
    PAPER_OUT = "paper_out"
    COVER_OPEN = "cover_open"
    PAUSED = "paused"
    """Offline without saying why, usually by its own button, or taking no more data."""

    ERROR = "error"
    AWAY = "away"
    """Cannot be reached."""

    @property
    def prints(self) -> bool:
        """Whether receipts come out."""
        return self in {PrinterState.READY, PrinterState.PAPER_LOW}

    def sentence(self) -> Wording:
        """Say what it is, what it means and what to do."""
        return _SENTENCES[self]


_SENTENCES: Final = {
    PrinterState.READY: wording("The receipt printer is ready."),
    PrinterState.PAPER_LOW: wording("The receipt paper is nearly used up. Keep a new roll at hand."),
    PrinterState.PAPER_OUT: wording(
        "The receipt printer is out of paper. Put in a new roll; waiting receipts then print."
    ),
    PrinterState.COVER_OPEN: wording(
        "The cover of the receipt printer is open. Close it; waiting receipts then print."
    ),
    PrinterState.PAUSED: wording("The receipt printer takes no data. Press its feed or online button."),
    PrinterState.ERROR: wording(
        "The receipt printer reports a fault. Look for jammed paper, then switch it off and on."
    ),
    PrinterState.AWAY: wording("The receipt printer does not answer. Check its power and cable; every sale is safe."),
}


@dataclass(frozen=True, slots=True)
class PrinterStatus:
    """A printer's answer to "how are you"."""

    offline: bool = False
    cover_open: bool = False
    paper_out: bool = False
    paper_low: bool = False
    error: bool = False
    sensor_high: bool | None = None
    """Level on the drawer's sensor pin, where the printer told; what it means depends on the drawer."""

    @property
    def state(self) -> PrinterState:
        """What the status bar shows: of several troubles the one to mend first."""
        if self.cover_open:
            return PrinterState.COVER_OPEN
        if self.paper_out:
            return PrinterState.PAPER_OUT
        if self.error:
            return PrinterState.ERROR
        if self.offline:
            return PrinterState.PAUSED
        return PrinterState.PAPER_LOW if self.paper_low else PrinterState.READY


def decode_replies(printer: int, offline: int, paper: int) -> PrinterStatus:
    """Read the answers to `DLE EOT` 1, 2 and 4."""
    return PrinterStatus(
        offline=bool(printer & 0x08),
        cover_open=bool(offline & 0x04),
        paper_out=bool(offline & 0x20 or paper & 0x60),
        paper_low=bool(paper & 0x0C),
        error=bool(offline & 0x40),
        sensor_high=bool(printer & 0x04),
    )


def decode_automatic(block: bytes) -> PrinterStatus:
    """Read the four bytes that `GS a` makes a printer send whenever something changes."""
    return PrinterStatus(
        offline=bool(block[0] & 0x08),
        cover_open=bool(block[0] & 0x20),
        paper_out=bool(block[2] & 0x0C),
        paper_low=bool(block[2] & 0x03),
        error=bool(block[1] & 0x6C),
        sensor_high=bool(block[0] & 0x04),
    )


class ReplySorter:
    """Tells a printer's answers apart as they come in, in pieces of any size."""

    def __init__(self) -> None:
        """Start with nothing heard."""
        self._block = b""
        self.direct: list[int] = []
        """Answers to `DLE EOT`, not yet taken."""

        self.ordered: list[int] = []
        """Answers to `GS r`, not yet taken."""

        self.automatic: PrinterStatus | None = None
        """The last automatic status."""

    def forget(self) -> None:
        """Drop answers that nobody asked for any more."""
        self.direct.clear()
        self.ordered.clear()

    def take(self, data: bytes) -> None:
        """Sort what came in: fixed bits tell the kinds apart, and all else is noise."""
        for byte in data:
            if self._block and byte & 0x90 == 0x00:
                self._block += bytes((byte,))
                if len(self._block) == 4:
                    self.automatic, self._block = decode_automatic(self._block), b""
            elif byte & 0x93 == 0x10:
                self._block = bytes((byte,))
            elif byte & 0x93 == 0x12:
                self.direct.append(byte)
            elif byte & 0x90 == 0x00:
                self.ordered.append(byte)
