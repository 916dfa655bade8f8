"""A receipt printer that is not there: takes the real bytes, answers as a real one, and fails when told to."""

import threading
from dataclasses import dataclass
from typing import Final

from PIL import Image

from app.values.wording import wording
from hardware.printers.fonts import CellFont, installed_font
from hardware.printers.profile import PrinterProfile
from hardware.simulated.printer_interpreter import Interpreter
from hardware.transport import DeviceAway

_NEAR_END_DOTS: Final = 1600
"""20 cm left on the roll."""


@dataclass(frozen=True, slots=True)
class PrintedPaper:
    """A piece of paper that came out."""

    text: str
    picture: Image.Image
    cut: bool
    """Whether it was cut off; the last piece may still hang in the printer."""


class SimulatedPrinter:
    """A printer with a paper roll, a cover, a cable, a power switch and a drawer; any thread may touch it."""

    def __init__(
        self, profile: PrinterProfile | None = None, *, font: CellFont | None = None, buffer_bytes: int = 65_536
    ) -> None:
        """Switch on, with paper, its cover closed.

        Args:
            profile: what it can; an 80 mm printer with everything where none is given.
            font: its characters; the installed Chinese font where none is given.
            buffer_bytes: how much it takes before it has printed it.

        Raises:
            NoChineseFont: if no font is given and none is installed.
        """
        self.profile = profile or PrinterProfile()
        self._changed = threading.Condition(threading.RLock())
        self._buffer = bytearray()
        self._buffer_bytes = buffer_bytes
        self._recent = b""
        self._replies = bytearray()
        self._machine = Interpreter(self.profile, font or installed_font(), self._replies.extend)
        self._machine.status_bytes = self._ordered_status
        self._powered = True
        self._plugged_in = True
        self._cover_open = False
        self._paused = False
        self._broken = False
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
        """Let it report a fault that only switching off mends."""
        self._turn("_broken", on=True)

    def close_drawer(self) -> None:
        """Push the drawer in."""
        self._turn("_drawer_open", on=False)

    def unplug(self) -> None:
        """Pull the cable; what is in its buffer stays."""
        self._turn("_plugged_in", on=False)

    def plug_in(self) -> None:
        """Put the cable back."""
        self._turn("_plugged_in", on=True)

    def switch_off(self) -> None:
        """Cut its power: what is in its buffer is gone, the paper that came out hangs there."""
        with self._changed:
            self._powered = False
            self._buffer.clear()
            self._replies.clear()
            self._recent = b""
            self._machine.reset()
            self._changed.notify_all()

    def switch_on(self) -> None:
        """Give it power again."""
        with self._changed:
            self._powered, self._broken = True, False
            self._changed.notify_all()

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
    def reachable(self) -> bool:
        """Whether bytes get through to it."""
        with self._changed:
            return self._powered and self._plugged_in

    @property
    def plugged_in(self) -> bool:
        """Whether its cable is in."""
        with self._changed:
            return self._plugged_in

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
                for byte in piece:
                    self._take(byte)
                taken += len(piece)
                self._run()
            return taken

    def replies(self, timeout_s: float) -> bytes:
        """Return what it sends back, waiting so long for the first byte; empty where nothing came.

        Raises:
            DeviceAway: if it is switched off or unplugged.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._replies or not (self._powered and self._plugged_in), timeout_s)
            self._require_reachable()
            answer = bytes(self._replies)
            self._replies.clear()
            return answer

    def _require_reachable(self) -> None:
        if not (self._powered and self._plugged_in):
            raise DeviceAway(wording("The simulated printer is switched off or unplugged. Switch it on."))

    def _take(self, byte: int) -> None:
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
            self._replies.append(self._status_byte(byte))
        elif self._recent[-5:-2] == b"\x10\x14\x01" and self.profile.kicks_at_once:
            self.drawer_kicks += 1
            self._drawer_open = True

    @property
    def _stopped(self) -> bool:
        return self._cover_open or self._paused or self._broken or self._paper_out or not self._powered

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
        if self._machine.automatic_status and self._automatic_status() != self._last_pushed:
            self._last_pushed = self._automatic_status()
            self._replies.extend(self._last_pushed)
        self._changed.notify_all()

    # Its status, bit by bit (Epson: DLE EOT, GS a, GS r).

    @property
    def _drawer_high(self) -> bool:
        return self._drawer_open is self.profile.drawer.open_when_high

    def _status_byte(self, kind: int) -> int:
        bits = {
            1: self._drawer_high << 2 | self._stopped << 3,
            2: self._cover_open << 2 | self._paper_out << 5 | self._broken << 6,
            3: self._broken << 5,
            4: self._paper_low * 0x0C | self._paper_out * 0x60,
        }
        return 0x12 | bits[kind]

    def _automatic_status(self) -> bytes:
        first = 0x10 | self._drawer_high << 2 | self._stopped << 3 | self._cover_open << 5
        return bytes((first, self._broken << 5, self._paper_low * 0x03 | self._paper_out * 0x0C, 0))

    def _ordered_status(self) -> bytes:
        if not (self.profile.confirms and self.profile.answers_status):
            return b""
        return bytes((self._paper_low * 0x03 | self._paper_out * 0x0C,))
