"""Keeps what headquarters cannot read: a file for each such fact beside the till's store, told again every few hours.

Such a fact holds none up that comes after it, and is not lost: it waits here until headquarters understands it, which
may take another version of it. The status bar says that something waits, and the log which sale.
"""

import hashlib
import logging
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol

import msgspec

from app.commands.members.duties import NS
from app.members.ports import MemberKeeper, Reach, SaleFacts
from app.values.problems import Problem

_log: Final = logging.getLogger(__name__)

MOST_UNTOLD: Final = 1_000
"""More than this is nothing about single sales: what comes after them waits, and is told when that is mended."""

FOLDER: Final = "untold"
_PATTERN: Final = "*.json"
_DECODER: Final = msgspec.json.Decoder(SaleFacts)


class StoreInFolder(Protocol):
    """The till's store, as far as where it lies."""

    @property
    def folder(self) -> Path:
        """Where the store lies."""


class UntoldFacts:
    """A `Duty`: the facts that were told and not understood."""

    def __init__(
        self,
        wake: Callable[[], object],
        now_ns: Callable[[], int],
        every_s: float,
        changed: Callable[[], None],
    ) -> None:
        """Begin with what an earlier run left, as soon as the store is served.

        Args:
            wake: makes the till's thread call `serve` soon; returns at once.
            now_ns: a clock that never goes back.
            every_s: after which all of them are told again.
            changed: called when there are more or fewer of them; on both threads.
        """
        self._wake = wake
        self._now_ns = now_ns
        self._every_s = every_s
        self._changed = changed
        self._lock = threading.Lock()
        self._looked = False
        self._kept: dict[str, SaleFacts] = {}
        self._to_write: dict[str, SaleFacts] = {}
        self._to_drop: set[str] = set()
        self._round: deque[str] = deque()
        self._next_ns = 0

    @property
    def sales(self) -> tuple[str, ...]:
        """The sales that headquarters does not understand, by the order in which they were met."""
        with self._lock:
            waiting = {**self._kept, **self._to_write}
        return tuple(fact.sale_id for fact in waiting.values())

    def park(self, fact: SaleFacts) -> bool:
        """Keep a fact apart; false where too many are kept already. It is kept for good once `serve` was called."""
        with self._lock:
            name = _name_of(fact)
            if name not in self._kept and len(self._kept) + len(self._to_write) >= MOST_UNTOLD:
                return False
            self._to_write[name] = fact
            self._to_drop.discard(name)
        _log.error("member_fact_not_understood", extra={"code": "MEMBER-FACT-UNREAD", "sale": fact.sale_id})
        self._changed()
        return True

    # On the till's thread.

    def serve(self, store: StoreInFolder) -> bool:
        """Write and remove files; return whether everything that was parked is on the disk."""
        with self._lock:
            looked, to_write, to_drop = self._looked, dict(self._to_write), set(self._to_drop)
        if looked and not to_write and not to_drop:
            return True
        folder = store.folder / FOLDER
        try:
            found = {} if looked else _read_all(folder)
            _write(folder, to_write, to_drop)
        except OSError as error:
            _log.warning("member_facts_not_parked", extra={"code": "DISK", "error": type(error).__name__})
            return False
        with self._lock:
            self._looked = True
            self._kept = {name: fact for name, fact in {**found, **self._kept}.items() if name not in to_drop}
            self._kept.update(to_write)
            self._to_drop -= to_drop
            self._to_write = {name: fact for name, fact in self._to_write.items() if name not in to_write}
            if not looked:
                self._round.extend(found)
        if found or to_write or to_drop:
            self._changed()
        return True

    # On the desk's thread.

    def due_in_s(self) -> float | None:
        """See `Duty`."""
        with self._lock:
            if self._round:
                return 0.0
            return max(0.0, (self._next_ns - self._now_ns()) / NS) if self._kept else None

    def step(self, keeper: MemberKeeper) -> bool | None:
        """See `Duty`."""
        with self._lock:
            if not self._round:
                self._round.extend(self._kept)
            self._next_ns = self._now_ns() + int(self._every_s * NS)
            name = self._round[0] if self._round else ""
            fact = self._kept.get(name)
            if fact is None:
                self._round.clear()
                return None
        reach = keeper.take_in(fact)
        if reach is Reach.AWAY:
            return False
        with self._lock:
            self._round.popleft()
            if reach is Reach.ANSWERED:
                self._to_drop.add(name)
        if reach is Reach.ANSWERED:
            _log.warning("member_fact_understood_now", extra={"sale": fact.sale_id})
            self._wake()
        return True


def _name_of(fact: SaleFacts) -> str:
    return f"{hashlib.sha256(fact.sale_id.encode()).hexdigest()[:32]}.json"


def _read_all(folder: Path) -> dict[str, SaleFacts]:
    found: dict[str, SaleFacts] = {}
    for path in sorted(folder.glob(_PATTERN))[:MOST_UNTOLD]:
        try:
            found[path.name] = _DECODER.decode(path.read_bytes())
        except (msgspec.MsgspecError, ValueError, Problem):
            # Left where it is for whoever looks: another version of the program wrote it.
            _log.error("untold_fact_unreadable", extra={"file": path.name})
    return found


def _write(folder: Path, to_write: dict[str, SaleFacts], to_drop: set[str]) -> None:
    from offline_store.durable_files import write_whole

    if to_write:
        folder.mkdir(parents=True, exist_ok=True)
    for name, fact in to_write.items():
        write_whole(folder / name, msgspec.json.format(msgspec.json.encode(fact)))
    for name in to_drop - to_write.keys():
        (folder / name).unlink(missing_ok=True)
