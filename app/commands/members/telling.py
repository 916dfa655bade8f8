"""Tells the keeper of members what sales did: out of the journal on the till's thread, told on the desk's.

A fact is told until it is answered, in the journal's order; one that headquarters cannot read is put aside
(`app.commands.members.untold`) and the next one told. The place up to which everything was taken in is stored
afterwards; a till that dies between the two tells some facts again, which the keeper knows by their ids.
"""

import logging
import threading
from collections.abc import Callable
from typing import Final, Protocol

from app.checkout.member_ports import FactsToTell, MemberOutbox
from app.commands.members.duties import NS
from app.commands.members.untold import StoreInFolder, UntoldFacts
from app.members.ports import MemberKeeper, Reach
from app.values.problems import Problem

_log: Final = logging.getLogger(__name__)

AT_ONCE: Final = 50
"""Facts that are taken out of the journal at a time."""

NOT_TAKEN_S: Final = 60.0
"""After a fact that was not understood and cannot be put aside, for too many are; the log says so each time."""

STORE_AGAIN_S: Final = 5.0
"""After the till's store could not be read or written."""


class TellingStore(MemberOutbox, StoreInFolder, Protocol):
    """The till's store: the journal, and where it lies."""


class FactsTold:
    """A `Duty`: the outbox of members' facts."""

    def __init__(self, wake: Callable[[], object], now_ns: Callable[[], int], untold: UntoldFacts) -> None:
        """Begin with whatever an earlier run left in the journal.

        Args:
            wake: makes the till's thread call `serve` soon; returns at once.
            now_ns: a clock that never goes back.
            untold: keeps what is not understood.
        """
        self._untold = untold
        self._wake = wake
        self._now_ns = now_ns
        self._lock = threading.Lock()
        self._wanted = True
        self._batch: FactsToTell | None = None
        self._told = 0
        self._told_to: int | None = None
        self._kept_to = -1
        self._not_before_ns = 0
        self._stuck = False

    def want(self) -> None:
        """Learn that the journal may have something; on any thread."""
        with self._lock:
            self._wanted = True

    @property
    def idle(self) -> bool:
        """Whether nothing is left to tell that could be told now, as far as is known."""
        with self._lock:
            return self._stuck or not (self._wanted or self._batch is not None or self._told_to is not None)

    # On the till's thread.

    def serve(self, store: TellingStore) -> None:
        """Store what was told, and take out what is next."""
        try:
            self._keep(store)
            with self._lock:
                fetch = self._wanted and self._batch is None
            if fetch:
                self._fetch(store)
            self._stuck = self._stuck and not fetch
        except Problem as problem:
            _log.warning("member_facts_not_read", extra={"code": problem.code})
            self._stuck = True
            self._later(STORE_AGAIN_S)

    def _keep(self, store: TellingStore) -> None:
        with self._lock:
            told_to = self._told_to
        # What was put aside stands on the disk before the journal's place moves past it.
        if not self._untold.serve(store):
            self._stuck = True
            self._later(STORE_AGAIN_S)
        elif told_to is not None:
            store.facts_told(told_to)
            with self._lock:
                self._told_to = None
                self._kept_to = told_to

    def _fetch(self, store: MemberOutbox) -> None:
        # First, so that a sale that is stored while this runs is asked for once more.
        with self._lock:
            self._wanted = False
        try:
            batch = store.facts_to_tell(AT_ONCE)
            if not batch.facts and batch.told_to > self._kept_to:
                store.facts_told(batch.told_to)
                self._kept_to = batch.told_to
        except Problem:
            self.want()
            raise
        with self._lock:
            if batch.facts:
                self._batch, self._told, self._not_before_ns = batch, 0, 0

    # On the desk's thread.

    def due_in_s(self) -> float | None:
        """See `Duty`."""
        with self._lock:
            if self._batch is None and not self._wanted and self._told_to is None:
                return None
            return max(0.0, (self._not_before_ns - self._now_ns()) / NS)

    def step(self, keeper: MemberKeeper) -> bool | None:
        """See `Duty`."""
        with self._lock:
            batch, told = self._batch, self._told
        if batch is None:
            # Looked for again should the till's thread not come: it was busy, or its store had a fault.
            self._later(STORE_AGAIN_S)
            self._wake()
            return None
        fact = batch.facts[told]
        reach = keeper.take_in(fact)
        if reach is Reach.AWAY:
            return False
        if reach is not Reach.ANSWERED and not self._untold.park(fact):
            _log.error("member_fact_not_taken", extra={"sale": fact.sale_id, "answer": reach.value})
            self._stuck = True
            self._later(NOT_TAKEN_S)
            return True
        with self._lock:
            self._stuck = False
            self._told += 1
            if self._told == len(batch.facts):
                self._batch, self._told_to, self._wanted = None, batch.told_to, True
                self._not_before_ns = 0
        return True

    def _later(self, pause_s: float) -> None:
        with self._lock:
            self._not_before_ns = self._now_ns() + int(pause_s * NS)
