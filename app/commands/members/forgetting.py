"""Has this till forget whom headquarters has forgotten: asked at the start from the beginning, then every few minutes.

From the beginning, for the till's store may have been put back from a backup that still knows them; to forget somebody
twice does nothing. The place is kept in memory alone for the same reason.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable
from typing import Final, Protocol

from app.commands.members.duties import NS
from app.members.ports import MemberKeeper
from app.values.problems import Problem

_log: Final = logging.getLogger(__name__)

AT_ONCE: Final = 5
"""Members forgotten in one turn of the till's thread, which has a shopper to serve: each costs the disk a few ms."""

NEXT_TURN_S: Final = 0.2
STORE_AGAIN_S: Final = 5.0
"""After the till's store could not be written."""


class ForgettingStore(Protocol):
    """What the till's store has of members."""

    def forget_member(self, member_id: str) -> None:
        """Forget a member: the copy, and what sales and baskets call them.

        Raises:
            StoreProblem: it is still there.
        """


class ErasuresHeard:
    """A `Duty`: who is forgotten here too."""

    def __init__(
        self,
        wake: Callable[[], object],
        now_ns: Callable[[], int],
        every_s: float,
        tell: Callable[[tuple[str, ...]], None],
    ) -> None:
        """Prepare; the first question is due at once.

        Args:
            wake: makes the till's thread call `serve` soon; returns at once.
            now_ns: a clock that never goes back.
            every_s: the pause between two questions.
            tell: takes who was forgotten by the store, for the baskets in memory; returns at once.
        """
        self._wake = wake
        self._now_ns = now_ns
        self._every_s = every_s
        self._tell = tell
        self._lock = threading.Lock()
        self._mark = 0
        self._to_forget: deque[str] = deque()
        self._next_ns = 0

    # On the till's thread.

    def serve(self, store: ForgettingStore) -> None:
        """Forget the next few."""
        with self._lock:
            batch = tuple(self._to_forget)[:AT_ONCE]
        done: list[str] = []
        try:
            for member_id in batch:
                store.forget_member(member_id)
                done.append(member_id)
        except Problem as problem:
            _log.warning("member_not_forgotten", extra={"code": problem.code})
            self._later(STORE_AGAIN_S)
        with self._lock:
            for _ in done:
                self._to_forget.popleft()
        if done:
            self._tell(tuple(done))

    # On the desk's thread.

    def due_in_s(self) -> float | None:
        """See `Duty`."""
        with self._lock:
            return max(0.0, (self._next_ns - self._now_ns()) / NS)

    def step(self, keeper: MemberKeeper) -> bool | None:
        """See `Duty`."""
        with self._lock:
            waits, mark = bool(self._to_forget), self._mark
        if waits:
            self._later(NEXT_TURN_S)
            self._wake()
            return None
        said = keeper.erased_since(mark)
        if said is None:
            return False
        goes_on = bool(said.member_ids) and said.mark != mark
        self._later(NEXT_TURN_S if goes_on else self._every_s)
        with self._lock:
            self._to_forget.extend(said.member_ids)
            self._mark = said.mark
        if said.member_ids:
            self._wake()
        return True

    def _later(self, pause_s: float) -> None:
        with self._lock:
            self._next_ns = self._now_ns() + int(pause_s * NS)
