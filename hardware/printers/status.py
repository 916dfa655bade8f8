"""What a receipt printer says of itself: the status bytes, and what they mean to a person."""

from dataclasses import dataclass
from enum import Enum
from typing import Final

from app.values.wording import Wording, wording

RECOVERABLE_ERROR: Final = 0x04
CUTTER_ERROR: Final = 0x08
UNRECOVERABLE_ERROR: Final = 0x20
OVERHEATED: Final = 0x40
"""Causes of an error: the bits of the answer to `DLE EOT 3`, and those of the second byte of the automatic status."""

_MOST_ANSWERS_KEPT: Final = 32


class PrinterState(Enum):
    """What the status bar shows of a printer; the later, the worse."""

    READY = "ready"
    PAPER_LOW = "paper_low"
    PAPER_OUT = "paper_out"
    COVER_OPEN = "cover_open"
    PAUSED = "paused"
    """Offline without saying why, usually by its own button, or taking no more data."""

    OVERHEATED = "overheated"
    """The print head is too hot (or the voltage off); it goes on by itself."""

    CUTTER_ERROR = "cutter_error"
    """The knife is blocked; once it is freed the printer can be told to go on."""

    RECOVERABLE_ERROR = "recoverable_error"
    """Something inside is stuck; once it is freed the printer can be told to go on."""

    UNRECOVERABLE_ERROR = "unrecoverable_error"
    """It is broken as long as it is on, perhaps longer."""

    ERROR = "error"
    """A fault whose cause it does not tell."""

    AWAY = "away"
    """Cannot be reached."""

    @property
    def prints(self) -> bool:
        """Whether receipts come out."""
        return self in {PrinterState.READY, PrinterState.PAPER_LOW}

    @property
    def recoverable(self) -> bool:
        """Whether the printer goes on when a person has freed it and it is told so (`DLE ENQ`)."""
        return self in {PrinterState.CUTTER_ERROR, PrinterState.RECOVERABLE_ERROR, PrinterState.ERROR}

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
    PrinterState.OVERHEATED: wording(
        "The receipt printer is too hot and rests. Wait; it goes on by itself in a minute or two."
    ),
    PrinterState.CUTTER_ERROR: wording(
        "The knife of the receipt printer is blocked. Open the cover, take the paper out of the knife, close it and"
        " try again."
    ),
    PrinterState.RECOVERABLE_ERROR: wording(
        "Paper is stuck in the receipt printer. Open the cover, take it out, close it and try again."
    ),
    PrinterState.UNRECOVERABLE_ERROR: wording(
        "The receipt printer is broken. Switch it off and on; if it says so again, call service. Every sale is safe."
    ),
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
    """It reports a fault of whatever cause."""

    recoverable_error: bool = False
    cutter_error: bool = False
    unrecoverable_error: bool = False
    overheated: bool = False
    sensor_high: bool | None = None
    """Level on the drawer's sensor pin, where the printer told; what it means depends on the drawer."""

    @property
    def state(self) -> PrinterState:
        """What the status bar shows: of several troubles the one to mend first."""
        for is_so, state in (
            (self.cover_open, PrinterState.COVER_OPEN),
            (self.paper_out, PrinterState.PAPER_OUT),
            (self.unrecoverable_error, PrinterState.UNRECOVERABLE_ERROR),
            (self.cutter_error, PrinterState.CUTTER_ERROR),
            (self.recoverable_error, PrinterState.RECOVERABLE_ERROR),
            (self.overheated, PrinterState.OVERHEATED),
            (self.error, PrinterState.ERROR),
            (self.offline, PrinterState.PAUSED),
            (self.paper_low, PrinterState.PAPER_LOW),
        ):
            if is_so:
                return state
        return PrinterState.READY


def reports_error(offline: int) -> bool:
    """Whether the answer to `DLE EOT 2` says that there is a fault, whose cause `DLE EOT 3` then tells."""
    return bool(offline & 0x40)


def decode_replies(printer: int, offline: int, paper: int, causes: int = 0) -> PrinterStatus:
    """Read the answers to `DLE EOT` 1, 2 and 4, and to 3 where it was asked (Epson ESC/POS, DLE EOT)."""
    return PrinterStatus(
        offline=bool(printer & 0x08),
        cover_open=bool(offline & 0x04),
        paper_out=bool(offline & 0x20 or paper & 0x60),
        paper_low=bool(paper & 0x0C),
        error=reports_error(offline),
        recoverable_error=bool(causes & RECOVERABLE_ERROR),
        cutter_error=bool(causes & CUTTER_ERROR),
        unrecoverable_error=bool(causes & UNRECOVERABLE_ERROR),
        overheated=bool(causes & OVERHEATED),
        sensor_high=bool(printer & 0x04),
    )


def decode_automatic(block: bytes) -> PrinterStatus:
    """Read the four bytes that `GS a` makes a printer send whenever something changes (Epson ESC/POS, GS a)."""
    causes = block[1]
    return PrinterStatus(
        offline=bool(block[0] & 0x08),
        cover_open=bool(block[0] & 0x20),
        paper_out=bool(block[2] & 0x0C),
        paper_low=bool(block[2] & 0x03),
        error=bool(causes & (RECOVERABLE_ERROR | CUTTER_ERROR | UNRECOVERABLE_ERROR | OVERHEATED)),
        recoverable_error=bool(causes & RECOVERABLE_ERROR),
        cutter_error=bool(causes & CUTTER_ERROR),
        unrecoverable_error=bool(causes & UNRECOVERABLE_ERROR),
        overheated=bool(causes & OVERHEATED),
        sensor_high=bool(block[0] & 0x04),
    )


_FLOW_CONTROL: Final = frozenset((0x11, 0x13))
"""XON and XOFF, which a printer on a serial line sends of itself."""

_PAPER_ANSWERS: Final = frozenset((0x00, 0x03, 0x0C, 0x0F))
"""All that `GS r 1` can be answered with: both bits of a sensor are the same."""


class ReplySorter:
    """Tells a printer's answers apart as they come in, in pieces of any size; keeps few of them, whatever comes.

    None of these answers has a checksum. What can be told from noise by its fixed bits is; the driver asks twice before
    it believes a change, and believes nothing that came together with noise.
    """

    def __init__(self) -> None:
        """Start with nothing heard."""
        self._block = b""
        self.direct: list[int] = []
        """Answers to `DLE EOT`, not yet taken."""

        self.ordered: list[int] = []
        """Answers to `GS r`, not yet taken."""

        self.automatic: PrinterStatus | None = None
        """The last automatic status."""

        self.noise = 0
        """How many bytes came that no printer sends, since they were last forgotten."""

    def forget(self) -> None:
        """Drop answers that nobody asked for any more, and the noise among them."""
        self.direct.clear()
        self.ordered.clear()
        self.noise = 0

    def take(self, data: bytes) -> None:
        """Sort what came in: fixed bits tell the kinds apart, and all else is noise."""
        for byte in data:
            self._take_byte(byte)
        del self.direct[:-_MOST_ANSWERS_KEPT]
        del self.ordered[:-_MOST_ANSWERS_KEPT]

    def _take_byte(self, byte: int) -> None:
        if byte & 0x93 == 0x12:
            self.direct.append(byte)
        elif self._block and byte & 0x90 == 0x00:
            self._block += bytes((byte,))
            if len(self._block) == 4:
                self.automatic, self._block = decode_automatic(self._block), b""
        elif byte & 0x93 == 0x10:
            # A status that broke off before is lost; the next change brings another one.
            self._block = bytes((byte,))
        elif byte in _PAPER_ANSWERS:
            self.ordered.append(byte)
        elif byte not in _FLOW_CONTROL:
            self._block = b""
            self.noise += 1
