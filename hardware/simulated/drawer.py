"""A cash drawer with a trigger box that is not there: springs open at its bytes, says its state, jams when told to."""

from typing import Final

from hardware.drawers.port import PortWiring
from hardware.simulated.device import SimulatedDevice

SIMULATED_WIRING: Final = PortWiring(
    kick="07", state_by="query", query="06", state_mask=0x01, answer_mask=0xF0, answer_value=0x30
)
"""A box that opens at BEL and answers ACK with the digit 1 (open) or 0 (shut)."""

_RECENT_BYTES: Final = 64


class SimulatedDrawer(SimulatedDevice):
    """A drawer that a person can push in, pull out and jam; any thread may touch it."""

    FOREIGN_ANSWER = b"ERROR 17\r\n"

    def __init__(self, wiring: PortWiring | None = None, *, seed: int = 0) -> None:
        """Switch it on, shut.

        Args:
            wiring: the bytes it listens to and answers with.
            seed: where noise on its line comes from.
        """
        super().__init__(seed=seed)
        self.wiring = wiring or SIMULATED_WIRING
        self._recent = b""
        self._is_open = False
        self._jammed = False
        self.kicks = 0
        """How often it was kicked, jammed or not."""

    # What a person does to it.

    def push_in(self) -> None:
        """Shut it."""
        self._move(is_open=False)

    def pull_open(self) -> None:
        """Open it with its key; a jam gives way."""
        with self._changed:
            self._jammed = False
        self._move(is_open=True)

    def jam(self) -> None:
        """Let a coin keep it shut: it is kicked and does not open."""
        with self._changed:
            self._jammed = True

    def free(self) -> None:
        """Take the coin out."""
        with self._changed:
            self._jammed = False

    def _move(self, *, is_open: bool) -> None:
        with self._changed:
            self._is_open = is_open
            self._changed.notify_all()

    @property
    def is_open(self) -> bool:
        """Whether it stands open."""
        with self._changed:
            return self._is_open

    @property
    def jammed(self) -> bool:
        """Whether a coin keeps it shut."""
        with self._changed:
            return self._jammed

    # What its box does.

    def _heard(self, data: bytes) -> None:
        for byte in data:
            self._recent = (self._recent + bytes((byte,)))[-_RECENT_BYTES:]
            if self.wiring.kick_bytes and self._recent.endswith(self.wiring.kick_bytes):
                self._recent = b""
                self.kicks += 1
                self._is_open = self._is_open or not self._jammed
            elif self.wiring.query_bytes and self._recent.endswith(self.wiring.query_bytes):
                self._recent = b""
                self._say(bytes((self.wiring.answer(is_open=self._is_open),)))

    def _forget(self) -> None:
        self._recent = b""
