"""A receipt printer that is not there: takes the real bytes, answers as a real one, and fails when told to."""

from dataclasses import dataclass
from typing import Final

from PIL import Image

from hardware.printers.fonts import CellFont, installed_font
from hardware.printers.profile import PrinterProfile
from hardware.printers.status import CUTTER_ERROR, OVERHEATED, RECOVERABLE_ERROR, UNRECOVERABLE_ERROR
from hardware.simulated.device import SimulatedDevice
from hardware.simulated.printer_interpreter import Interpreter

_NEAR_END_DOTS: Final = 1600
"""20 cm left on the roll."""


@dataclass(frozen=True, slots=True)
class PrintedPaper:
    """A piece of paper that came out."""

    text: str
    picture: Image.Image
    cut: bool
    """Whether it was cut off; the last piece may still hang in the printer."""


class SimulatedPrinter(SimulatedDevice):
    """A printer with a paper roll, a cover, a knife, a cable, a power switch and a drawer; any thread may touch it.

    Without its cable it keeps what is in its buffer and prints it; without power it forgets it.
    """

    def __init__(
        self,
        profile: PrinterProfile | None = None,
        *,
        font: CellFont | None = None,
        buffer_bytes: int = 65_536,
        seed: int = 0,
    ) -> None:
        """Switch on, with paper, its cover closed.

        Args:
            profile: what it can; an 80 mm printer with everything where none is given.
            font: its characters; the installed Chinese font where none is given.
            buffer_bytes: how much it takes before it has printed it.
            seed: where noise on its line comes from.

        Raises:
            NoChineseFont: if no font is given and none is installed.
        """
        super().__init__(seed=seed)
        self.profile = profile or PrinterProfile()
        self._buffer = bytearray()
        self._buffer_bytes = buffer_bytes
        self._recent = b""
        self._machine = Interpreter(self.profile, font or installed_font(), self._say)
        self._machine.status_bytes = self._ordered_status
        self._cover_open = False
        self._paused = False
        self._fault = 0
        self._drawer_open = False
        self._kicks_seen = 0
        self._paper_left: int | None = None
        self._bytes_to_live: int | None = None
        self._last_pushed = b""
        self.drawer_kicks = 0
        """How often the drawer was kicked."""

    # What a person does to it.

    def load_paper(self, dots: int | None = None) -> None:
        """Put in a roll of so many dots (8 to the mm); None for one that does not end."""
        with self._changed:
            self._paper_left = None if dots is None else self._printed_dots() + dots
            self._run()

    def take_paper_out(self) -> None:
        """Leave it without paper from now on."""
        self.load_paper(0)

    def open_cover(self) -> None:
        """Open the cover: it stops."""
        self._turn("_cover_open", on=True)

    def close_cover(self) -> None:
        """Close the cover: it goes on."""
        self._turn("_cover_open", on=False)

    def pause(self) -> None:
        """Put it offline by its button."""
        self._turn("_paused", on=True)

    def resume(self) -> None:
        """Put it online."""
        self._turn("_paused", on=False)

    def jam_knife(self) -> None:
        """Let paper block the knife; it goes on when it is freed and told to recover, or is switched off and on."""
        self._break(CUTTER_ERROR)

    def jam_paper(self) -> None:
        """Let paper crumple up inside; it goes on when told to recover."""
        self._break(RECOVERABLE_ERROR)

    def overheat(self) -> None:
        """Let its print head grow too hot: it stops until `cool_down`."""
        self._break(OVERHEATED)

    def cool_down(self) -> None:
        """Let the print head cool: it goes on by itself."""
        self._break(0)

    def break_down(self) -> None:
        """Let it report a fault that only switching off, or a repair, mends."""
        self._break(UNRECOVERABLE_ERROR)

    def repair(self) -> None:
        """Mend whatever is broken or stuck: it goes on."""
        self._break(0)

    def _break(self, fault: int) -> None:
        with self._changed:
            self._fault = fault
            self._run()

    def close_drawer(self) -> None:
        """Push the drawer in."""
        self._turn("_drawer_open", on=False)

    def switch_on(self) -> None:
        """Give it power again; a jam is taken to be mended."""
        with self._changed:
            self._fault = 0
            super().switch_on()
            self._run()

    def _forget(self) -> None:
        """Lose what is in the buffer; the paper that came out hangs there."""
        self._buffer.clear()
        self._recent = b""
        self._last_pushed = b""
        self._machine.reset()

    def die_after(self, count: int) -> None:
        """Lose power when it has taken so many more bytes."""
        with self._changed:
            self._bytes_to_live = count

    def _turn(self, switch: str, *, on: bool) -> None:
        with self._changed:
            setattr(self, switch, on)
            self._run()

    # What can be seen of it.

    @property
    def paper_out(self) -> bool:
        """Whether it has no paper left."""
        with self._changed:
            return self._paper_out

    @property
    def cover_open(self) -> bool:
        """Whether its cover stands open."""
        with self._changed:
            return self._cover_open

    @property
    def paused(self) -> bool:
        """Whether it was put offline by its button."""
        with self._changed:
            return self._paused

    @property
    def broken(self) -> bool:
        """Whether it reports a fault of whatever kind."""
        with self._changed:
            return bool(self._fault)

    @property
    def drawer_open(self) -> bool:
        """Whether the drawer on it stands open."""
        with self._changed:
            return self._drawer_open

    @property
    def papers(self) -> tuple[PrintedPaper, ...]:
        """Every piece of paper so far, the oldest first."""
        with self._changed:
            return tuple(PrintedPaper(sheet.text, sheet.picture(24), sheet.cut) for sheet in self._machine.sheets)

    @property
    def texts(self) -> tuple[str, ...]:
        """What stands on every piece of paper so far."""
        with self._changed:
            return tuple(sheet.text for sheet in self._machine.sheets)

    @property
    def misunderstood(self) -> tuple[bytes, ...]:
        """Commands it did not know; a real printer would have printed rubbish."""
        with self._changed:
            return tuple(self._machine.unknown)

    # The cable.

    def receive(self, data: bytes) -> int:
        """Take bytes as they come over the cable; return how many it took: fewer when its buffer is full.

        Raises:
            DeviceAway: if it is switched off or unplugged, or loses its power on the way.
        """
        with self._changed:
            self._require_reachable()
            taken = 0
            while taken < len(data) and len(self._buffer) < self._buffer_bytes:
                piece = data[taken : taken + self._buffer_bytes - len(self._buffer)]
                self._heard(piece)
                taken += len(piece)
                self._run()
            return taken

    def _say(self, data: bytes) -> None:
        """Send an answer; without a cable it goes nowhere."""
        if self._plugged_in:
            super()._say(data)

    def _heard(self, data: bytes) -> None:
        """Take bytes that there is room for."""
        for byte in data:
            self._take_in(byte)

    def _take_in(self, byte: int) -> None:
        """Buffer one byte; obey a real-time command the moment its last byte is there."""
        if self._bytes_to_live is not None:
            self._bytes_to_live -= 1
            if self._bytes_to_live < 0:
                self._bytes_to_live = None
                self._run()
                self.switch_off()
                self._require_reachable()
        self._buffer.append(byte)
        self._recent = (self._recent + bytes((byte,)))[-5:]
        if not self.profile.answers_status:
            return
        if self._recent[-3:-1] == b"\x10\x04" and 1 <= byte <= 4:
            self._say(bytes((self._status_byte(byte),)))
        elif self._recent[-3:-1] == b"\x10\x05" and byte in {1, 2}:
            self._recover(clears=byte == 2)
        elif self._recent[-5:-2] == b"\x10\x14\x01" and self.profile.kicks_at_once:
            self.drawer_kicks += 1
            self._drawer_open = True

    def _recover(self, *, clears: bool) -> None:
        """Obey `DLE ENQ`: go on after a fault that can be mended, with or without what is in the buffer."""
        if self._fault in {RECOVERABLE_ERROR, CUTTER_ERROR}:
            self._fault = 0
            if clears:
                self._buffer.clear()

    @property
    def _stopped(self) -> bool:
        return self._cover_open or self._paused or bool(self._fault) or self._paper_out or not self._powered

    @property
    def _paper_out(self) -> bool:
        return self._paper_left is not None and self._printed_dots() >= self._paper_left

    @property
    def _paper_low(self) -> bool:
        return self._paper_left is not None and self._paper_left - self._printed_dots() < _NEAR_END_DOTS

    def _printed_dots(self) -> int:
        return self._machine.printed_dots

    def _run(self) -> None:
        """Print what is in the buffer until it is empty, or something stops it."""
        while self._buffer and not self._stopped and self._machine.step(self._buffer):
            pass
        if new := len(self._machine.kicks) - self._kicks_seen:
            self._kicks_seen += new
            self.drawer_kicks += new
            self._drawer_open = True
        now = self._automatic_status()
        if self._machine.automatic_status and (self._machine.automatic_due or now != self._last_pushed):
            self._machine.automatic_due = False
            self._last_pushed = now
            self._say(self._last_pushed)
        self._changed.notify_all()

    # Its status, bit by bit (Epson: DLE EOT, GS a, GS r).

    @property
    def _drawer_high(self) -> bool:
        return self._drawer_open is self.profile.drawer.open_when_high

    def _status_byte(self, kind: int) -> int:
        bits = {
            1: self._drawer_high << 2 | self._stopped << 3,
            2: self._cover_open << 2 | self._paper_out << 5 | bool(self._fault) << 6,
            3: self._fault,
            4: self._paper_low * 0x0C | self._paper_out * 0x60,
        }
        return 0x12 | bits[kind]

    def _automatic_status(self) -> bytes:
        first = 0x10 | self._drawer_high << 2 | self._stopped << 3 | self._cover_open << 5
        return bytes((first, self._fault, self._paper_low * 0x03 | self._paper_out * 0x0C, 0))

    def _ordered_status(self) -> bytes:
        if not (self.profile.confirms and self.profile.answers_status):
            return b""
        return bytes((self._paper_low * 0x03 | self._paper_out * 0x0C,))
