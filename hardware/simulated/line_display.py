"""A pole display that is not there: makes of its bytes what a person in front of it would see."""

import time
from collections.abc import Callable
from typing import Any, Final, Self

from app.devices.line_display import DisplayPurpose
from hardware.simulated.device import SimulatedDevice

_LAMPS: Final = (
    DisplayPurpose.UNIT_PRICE,
    DisplayPurpose.TOTAL,
    DisplayPurpose.RECEIVED,
    DisplayPurpose.CHANGE,
)
_STRING: Final = 0x51
_LAMP: Final = 0x73

_MOST_KEPT_BYTES: Final = 256
"""No command is longer; what is, is none."""

_MOST_MISUNDERSTOOD: Final = 100


class SimulatedLineDisplay(SimulatedDevice):
    """A display of either kind; its picture is lost with its power."""

    def __init__(
        self,
        *,
        rows: int,
        columns: int,
        chinese: bool,
        seed: int = 0,
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        """Switch it on; see `led8n` and `cd5220` for the two kinds there are."""
        super().__init__(seed=seed, monotonic_s=monotonic_s)
        self._columns = columns
        self._chinese = chinese
        self._cells: list[list[str]] = [[] for _ in range(rows)]
        self._figures_only = rows == 1
        self._waiting = b""
        self._misunderstood: list[bytes] = []
        self._forget()

    @classmethod
    def led8n(cls, **settings: Any) -> Self:  # noqa: ANN401 - the settings of every simulated device
        """Return one with eight digits and four lamps."""
        return cls(rows=1, columns=8, chinese=False, **settings)

    @classmethod
    def cd5220(cls, *, columns: int = 20, chinese: bool = False, **settings: Any) -> Self:  # noqa: ANN401 - the same
        """Return one with two rows of words."""
        return cls(rows=2, columns=columns, chinese=chinese, **settings)

    # What a person sees.

    @property
    def lines(self) -> tuple[str, ...]:
        """What stands on it, row by row, without the blanks at the ends of the rows; empty in the dark."""
        with self._changed:
            if not self._powered:
                return ("",) * len(self._cells)
            return tuple("".join(row).rstrip() for row in self._cells)

    @property
    def digits(self) -> str:
        """The figures of a display that shows figures only, with their points."""
        return self.lines[0]

    @property
    def lamp(self) -> DisplayPurpose | None:
        """Which lamp is lit; None where all are dark."""
        with self._changed:
            return self._lamp if self._powered else None

    @property
    def brightness(self) -> int:
        """1 to 4."""
        with self._changed:
            return self._brightness

    @property
    def misunderstood(self) -> tuple[bytes, ...]:
        """Commands that this display does not know, the last hundred."""
        with self._changed:
            return tuple(self._misunderstood)

    @property
    def pictures(self) -> int:
        """How often it was cleared to show something new."""
        with self._changed:
            return self._pictures

    # What bytes do to it; the lock is held.

    def _forget(self) -> None:
        self._waiting = b""
        self._lamp: DisplayPurpose | None = None
        self._brightness = 4
        self._pictures = 0
        self._string_mode = False
        self._clear()

    def _heard(self, data: bytes) -> None:
        self._waiting += data
        while self._waiting and (used := self._command()):
            self._waiting = self._waiting[used:]
        if len(self._waiting) > _MOST_KEPT_BYTES:
            self._wonder(self._waiting)
            self._waiting = b""

    def _command(self) -> int:
        """Obey the first command that waits and return its length; 0 where it is not whole yet."""
        waiting = self._waiting
        match waiting[0]:
            case 0x0C:
                self._clear()
                self._pictures += 1
                self._string_mode = False
                return 1
            case 0x1B:
                return self._escape(waiting)
            case 0x02 if self._figures_only:
                return self._stx(waiting)
            case _:
                return self._character(waiting)

    def _escape(self, waiting: bytes) -> int:
        if len(waiting) < 2:
            return 0
        command = waiting[1]
        commands = self._figures_commands if self._figures_only else self._words_commands
        # The manual: while ESC Q is in use no other command works but CLR; the lamps are not part of the row.
        locked = self._string_mode and command not in {_STRING, _LAMP}
        obey = None if locked else commands.get(command)
        if obey is None:
            self._wonder(waiting[:2])
            return 2
        return obey(waiting)

    @property
    def _figures_commands(self) -> dict[int, Callable[[bytes], int]]:
        return {
            0x40: self._initialize,
            _STRING: self._string,
            _LAMP: lambda waiting: self._one_byte(waiting, self._light),
        }

    @property
    def _words_commands(self) -> dict[int, Callable[[bytes], int]]:
        return {
            0x40: self._initialize,
            _STRING: self._string,
            0x11: lambda _: 2,
            0x2A: lambda waiting: self._one_byte(waiting, self._shine),
            0x5F: lambda waiting: self._one_byte(waiting, lambda value: value in {0, 1}),
            0x6C: self._move,
        }

    def _initialize(self, _: bytes) -> int:
        self._clear()
        return 2

    def _one_byte(self, waiting: bytes, obey: Callable[[int], bool]) -> int:
        if len(waiting) < 3:
            return 0
        if not obey(waiting[2]):
            self._wonder(waiting[:3])
        return 3

    def _light(self, value: int) -> bool:
        place = value - 0x30
        if not 0 <= place <= 4:
            return False
        self._lamp = _LAMPS[place - 1] if place else None
        return True

    def _shine(self, value: int) -> bool:
        if not 1 <= value <= 4:
            return False
        self._brightness = value
        return True

    def _stx(self, waiting: bytes) -> int:
        """`STX L d1 d2 d3 d4`, each 0 or 1."""
        if len(waiting) < 6:
            return 0
        lamps = waiting[2:6]
        if waiting[1:2] != b"L" or lamps.strip(b"01"):
            self._wonder(waiting[:6])
            return 1
        self._lamp = next((_LAMPS[place] for place, lit in enumerate(lamps) if lit == 0x31), None)
        return 6

    def _string(self, waiting: bytes) -> int:
        """`ESC Q A … CR` and `ESC Q B … CR`: a whole row."""
        if len(waiting) < 3:
            return 0
        row = waiting[2] - 0x41
        end = waiting.find(b"\r", 3)
        if not 0 <= row < len(self._cells):
            self._wonder(waiting[:3])
            return 3
        if end < 0:
            return 0
        self._string_mode = True
        shown = self._shown(waiting[3:end])
        if shown is None:
            self._wonder(waiting[: end + 1])
        else:
            self._cells[row] = shown
        return end + 1

    def _shown(self, text: bytes) -> list[str] | None:
        """Return what a row's bytes look like, cell by cell; None where they cannot be."""
        if self._figures_only:
            written = text.decode("ascii", "replace")
            fits = len(written.replace(".", "")) <= self._columns and not written.strip("0123456789.-")
            return list(written) if fits else None
        cells: list[str] = []
        for character in text.decode("gb18030" if self._chinese else "ascii", "replace"):
            cells += [character] if character.isascii() else [character, ""]
        return cells if len(cells) <= self._columns and "\ufffd" not in cells else None

    def _move(self, waiting: bytes) -> int:
        if len(waiting) < 4:
            return 0
        column, row = waiting[2], waiting[3]
        if 1 <= column <= self._columns and 1 <= row <= len(self._cells):
            self._cursor = (row - 1, column - 1)
        else:
            self._wonder(waiting[:4])
        return 4

    def _character(self, waiting: bytes) -> int:
        length = 2 if self._chinese and waiting[0] >= 0x81 else 1
        if len(waiting) < length:
            return 0
        row, column = self._cursor
        shown = self._shown(waiting[:length]) if waiting[0] >= 0x20 and not self._figures_only else None
        if shown is None or column + len(shown) > self._columns:
            self._wonder(waiting[:length])
            return length
        self._cells[row][column : column + len(shown)] = shown
        self._cursor = (row, column + len(shown))
        return length

    def _clear(self) -> None:
        blank = [] if self._figures_only else [" "] * self._columns
        self._cells = [list(blank) for _ in self._cells]
        self._cursor = (0, 0)

    def _wonder(self, command: bytes) -> None:
        self._misunderstood = [*self._misunderstood[1 - _MOST_MISUNDERSTOOD :], bytes(command)]
