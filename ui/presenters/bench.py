"""The device bench without its window: the device looked at, its actions on two shelves, its last bytes in lines."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from app.checkout.views import Notice, Severity
from app.devices.bench import ActionKind, BenchAction, BenchDevice, DeviceBench, Exchanged
from app.values.problems import Problem
from app.values.wording import wording

MOST_LINES: Final = 400
"""Lines of bytes that are kept on screen; older ones go."""

MOST_LINES_AT_ONCE: Final = 32
"""Lines that one piece may take: of a picture sent to a printer its two ends tell enough."""

ICONS: Final = {
    "receipt_printer": "printer-outline",
    "cash_drawer": "cash-register",
    "scanner": "barcode-scan",
    "scale": "scale",
    "line_display": "monitor-small",
    "card_terminal": "credit-card-wireless-outline",
    "rfid_reader": "access-point",
}
"""By the device's class, in the Material Design set."""

ANY_ICON: Final = "connection"

SILENT: Final = frozenset({"receipt_printer"})
"""Classes that read and show nothing, so that no place is kept for it."""


@dataclass(frozen=True, slots=True)
class ByteLine:
    """One line of the list of bytes."""

    to_device: bool
    time: str
    """Seconds since the line was opened first, with three decimals; empty on the further lines of one piece."""

    hexadecimal: str
    characters: str
    """The same bytes as text, a point for each that cannot be printed."""

    skipped: int = 0
    """Bytes that are left out here; the line shows nothing else."""


@dataclass(frozen=True, slots=True)
class Shelves:
    """The actions of a device."""

    tries: tuple[BenchAction, ...]
    faults: tuple[BenchAction, ...]
    """What can go wrong: with simulated devices only."""


def write_bytes(piece: Exchanged, width: int) -> tuple[ByteLine, ...]:
    r"""Return the lines of one piece, so many bytes in each.

    >>> (line,) = write_bytes(Exchanged(True, b"W\r", 1.5), 8)
    >>> line.time, line.hexadecimal, line.characters
    ('1.500', '57 0D', 'W.')
    """
    starts = range(0, len(piece.data), width)
    skipped = 0
    if len(starts) > MOST_LINES_AT_ONCE:
        half = MOST_LINES_AT_ONCE // 2
        skipped = (len(starts) - 2 * half) * width
        kept = [*starts[:half], None, *starts[-half:]]
    else:
        kept = list(starts)
    lines: list[ByteLine] = []
    for start in kept:
        if start is None:
            lines.append(ByteLine(piece.to_device, "", "", "", skipped))
            continue
        part = piece.data[start : start + width]
        time = "" if lines else f"{piece.at_s:.3f}"
        lines.append(ByteLine(piece.to_device, time, part.hex(" ").upper(), _printable(part)))
    return tuple(lines)


def _printable(data: bytes) -> str:
    return "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in data)


def write_traffic(traffic: Sequence[Exchanged], width: int) -> tuple[ByteLine, ...]:
    """Return the last lines of a device's traffic, the oldest first."""
    newest_first: deque[ByteLine] = deque()
    for piece in reversed(traffic):
        newest_first.extend(reversed(write_bytes(piece, width)))
        if len(newest_first) >= MOST_LINES:
            break
    return tuple(reversed(list(islice(newest_first, MOST_LINES))))


def overlap(before: Sequence[ByteLine], now: Sequence[ByteLine]) -> tuple[int, int]:
    """Return how many lines went at the top and how many stayed; the rest of `now` came at the bottom.

    >>> one, two, three = (ByteLine(True, str(number), "", "") for number in range(3))
    >>> overlap((one, two), (two, three)), overlap((one,), (three,))
    ((1, 1), (1, 0))
    """
    for gone in range(len(before)):
        stayed = len(before) - gone
        if stayed <= len(now) and tuple(before[gone:]) == tuple(now[:stayed]):
            return gone, stayed
    return len(before), 0


def shelves_of(device: BenchDevice) -> Shelves:
    """Return a device's actions by shelf; what can go wrong is offered of simulated devices only."""
    faults = tuple(action for action in device.actions if action.kind is ActionKind.FAULT)
    return Shelves(
        tuple(action for action in device.actions if action.kind is ActionKind.TRY),
        faults if device.simulated else (),
    )


class BenchPresenter:
    """State of the bench's window: the devices as they were looked at last, the one chosen, the pause, the notice."""

    def __init__(self, bench: DeviceBench) -> None:
        """Take the bench."""
        self._bench = bench
        self.devices: tuple[BenchDevice, ...] = ()
        self.chosen_name = ""
        self.paused = False
        self.notice: Notice | None = None
        self._held: tuple[Exchanged, ...] = ()

    def look(self) -> bool:
        """Look at the devices again; False where nothing differs from the last time."""
        try:
            devices = self._bench.devices()
        except Problem as problem:
            before, self.notice = self.notice, Notice(Severity.BAD, problem.sentence, problem.code)
            return self.notice != before
        if devices == self.devices:
            return False
        self.devices = devices
        names = [device.name for device in devices]
        if self.chosen_name not in names:
            self.chosen_name = names[0] if names else ""
            self._held = ()
        return True

    def choose(self, name: str) -> None:
        """Look at another device; what is paused begins anew with it."""
        if name != self.chosen_name:
            self.chosen_name = name
            self._hold()

    def step(self, by: int) -> None:
        """Look at the device above or below."""
        names = [device.name for device in self.devices]
        if self.chosen_name in names:
            self.choose(names[max(0, min(len(names) - 1, names.index(self.chosen_name) + by))])

    @property
    def chosen(self) -> BenchDevice | None:
        """The device looked at."""
        return next((device for device in self.devices if device.name == self.chosen_name), None)

    def pause(self, *, paused: bool) -> None:
        """Hold the list of bytes still, or let it go on."""
        self.paused = paused
        self._hold()

    def _hold(self) -> None:
        chosen = self.chosen
        self._held = () if chosen is None else chosen.traffic

    def traffic(self) -> tuple[Exchanged, ...]:
        """Return the bytes to show: those of the moment of the pause while it lasts."""
        if self.paused:
            return self._held
        chosen = self.chosen
        return () if chosen is None else chosen.traffic

    def action(self, action_id: str) -> BenchAction | None:
        """Return an action of the chosen device."""
        chosen = self.chosen
        if chosen is None:
            return None
        return next((action for action in chosen.actions if action.action_id == action_id), None)

    def perform(self, action_id: str, text: str = "") -> None:
        """Have the chosen device do something; what it says, or why it cannot be done, is the notice."""
        try:
            said = self._bench.perform(self.chosen_name, action_id, text.strip())
        except Problem as problem:
            self.notice = Notice(Severity.BAD, problem.sentence, problem.code)
            return
        self.notice = None if said is None else Notice(Severity.INFO, said)

    def dismiss(self) -> None:
        """Take the notice away."""
        self.notice = None


HELP: Final = wording(
    "↑ ↓ choose a device · Ctrl+1 … 9 try · Alt+1 … 9 what can go wrong · F5 hold the bytes · Tab next · Esc close"
)
"""The bench's line of help."""

NO_DEVICES: Final = wording("No device is set up at this till.")
