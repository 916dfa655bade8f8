"""How a cash drawer hangs on its printer: which pin kicks it, for how long, and which level means open."""

from dataclasses import dataclass

from app.values.problems import Problem
from app.values.wording import wording


class BadDrawerWiring(Problem):
    """Raised when a configured drawer cannot be one."""

    code = "BAD-DRAWER"


@dataclass(frozen=True, slots=True)
class DrawerWiring:
    """A drawer on a printer's RJ12 connector."""

    pin: int = 2
    """Connector pin of the solenoid: 2 for the first drawer, 5 for the second."""

    on_ms: int = 100
    """How long the solenoid is driven; even, at most 510."""

    off_ms: int = 500
    """How long it then rests; even, at most 510, longer than it is driven."""

    open_when_high: bool = False
    """Whether a high level on the sensor pin means open; drawers differ."""

    def __post_init__(self) -> None:
        if self.pin not in {2, 5}:
            raise BadDrawerWiring(wording("A cash drawer is on pin 2 or 5 of its printer, not {pin}.", pin=self.pin))
        if not 2 <= self.on_ms < self.off_ms <= 510:
            raise BadDrawerWiring(
                wording(
                    "The drawer's pulse of {on} ms and rest of {off} ms cannot be: 2 to 510 ms each, the rest longer"
                    " than the pulse.",
                    on=self.on_ms,
                    off=self.off_ms,
                )
            )

    def kick(self) -> bytes:
        """Return `ESC p m t1 t2`, which waits its turn in the printer's buffer; times in units of 2 ms."""
        return bytes((0x1B, 0x70, self._connector, self.on_ms // 2, self.off_ms // 2))

    def kick_at_once(self) -> bytes:
        """Return `DLE DC4 1 m t`, which a printer without paper obeys as well; time in units of 100 ms, 1 to 8."""
        return bytes((0x10, 0x14, 0x01, self._connector, min(8, max(1, round(self.on_ms / 100)))))

    def is_open(self, *, sensor_high: bool) -> bool:
        """Return whether a level on the sensor pin means that the drawer is open."""
        return sensor_high is self.open_when_high

    @property
    def _connector(self) -> int:
        return 0 if self.pin == 2 else 1
