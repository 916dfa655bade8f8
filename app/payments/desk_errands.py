"""Hands what the payment desk wants stored to the till's thread, which owns the store, and waits for its word.

Why so and not the other way round (the till stores, then tells the desk to send): the desk takes steps by itself, at
its own times, and each must be stored before a byte leaves. It waits on its own thread, where waiting harms nobody;
the till's thread never waits for the desk, so the two cannot hold one another up. An errand that is not begun within
the limit is withdrawn and never done; one that was begun and takes longer may still be stored. Either way the desk
is told that it does not know, sends nothing, and hands the same errand in again later, which changes nothing where it
was stored after all.
"""

import threading
from collections import deque
from collections.abc import Callable, Collection
from typing import Final, Generic, TypeVar

from app.payments.attempt_record import AttemptRecord, CaseClosed, ExceptionCase, PaymentAttempt
from app.payments.ports import AttemptNotStored, AttemptStore
from app.values.wording import wording

Result = TypeVar("Result")

ERRAND_WITHIN_S: Final = 5
"""How long the till's thread may be busy with something else, such as a sale on a slow disk."""

LANE_LIMIT: Final = 64

CLOSES_WITHIN_S: Final = 45
"""How long a closing till waits for a desk that wants nothing: a provider that never answers holds no till open."""


class _Errand(Generic[Result]):
    """One call of the store's, from the desk's thread to the till's."""

    def __init__(self, action: Callable[[AttemptStore], Result], changed: threading.Condition) -> None:
        self._action = action
        self._changed = changed
        self._begun = False
        self._withdrawn = False
        self._results: list[Result] = []
        self._error: BaseException | None = None

    def run(self, store: AttemptStore) -> None:
        """Do it, on the till's thread, unless it was withdrawn; its failure is the desk's."""
        with self._changed:
            if self._withdrawn:
                return
            self._begun = True
        results: list[Result] = []
        error: BaseException | None = None
        try:
            results.append(self._action(store))
        except Exception as raised:  # noqa: BLE001 - whoever asked is told, in its own thread
            error = raised
        with self._changed:
            self._results, self._error = results, error
            self._changed.notify_all()

    def withdraw(self) -> None:
        with self._changed:
            self._withdrawn = True
            self._changed.notify_all()

    def wait(self, within_s: int) -> Result:
        """Wait for the outcome, on the desk's thread.

        Raises:
            AttemptNotStored: there is none in time.
            Exception: what the store raised.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._over or self._withdrawn, within_s)
            self._withdrawn = True
            if self._error is not None:
                raise self._error
            if not self._results:
                raise AttemptNotStored(
                    wording("The till could not store the payment's step in time. Nothing was sent; it tries again.")
                )
            return self._results[0]

    @property
    def _over(self) -> bool:
        return bool(self._results) or self._error is not None


class ErrandLane:
    """The store as the desk sees it (`AttemptStore`), and the lane that the till's thread works through."""

    def __init__(self, wake: Callable[[], object], *, within_s: int = ERRAND_WITHIN_S) -> None:
        """Prepare.

        Args:
            wake: makes the till's thread call `run_waiting` soon; returns at once. It may be called more often than
                there are errands.
            within_s: how long the desk waits.
        """
        self._wake = wake
        self._within_s = within_s
        self._changed = threading.Condition()
        self._waiting: deque[_Errand[object]] = deque()
        self._closed = False

    # On the till's thread.

    def run_waiting(self, store: AttemptStore) -> int:
        """Do what waits, and say how much it was."""
        done = 0
        while True:
            with self._changed:
                if not self._waiting:
                    return done
                errand = self._waiting.popleft()
            errand.run(store)
            done += 1

    def serve_until(self, store: AttemptStore, ended: Callable[[], bool], *, within_s: int = CLOSES_WITHIN_S) -> bool:
        """Do what comes until the desk has ended: the till's thread does this while it closes.

        The desk calls `nudge` when it ends, so that nobody waits for nothing. Returns false where it has not ended and
        wanted nothing for so long: what it has under way is asked about at the next start.
        """
        idle_s = 0
        while not ended():
            if idle_s >= within_s:
                return False
            self.run_waiting(store)
            with self._changed:
                came = self._changed.wait_for(lambda: bool(self._waiting) or ended(), 1)
            idle_s = 0 if came else idle_s + 1
        self.run_waiting(store)
        return True

    def nudge(self) -> None:
        """Have whoever serves the lane look again."""
        with self._changed:
            self._changed.notify_all()

    def close(self) -> None:
        """Take nothing any more; who waits is told that there is no outcome."""
        with self._changed:
            self._closed = True
            waiting = list(self._waiting)
            self._waiting.clear()
        for errand in waiting:
            errand.withdraw()

    # On the desk's thread.

    def _do(self, action: Callable[[AttemptStore], Result]) -> Result:
        errand = _Errand(action, self._changed)
        with self._changed:
            taken = not self._closed and len(self._waiting) < LANE_LIMIT
            if taken:
                self._waiting.append(errand)  # type: ignore[arg-type]  # the lane does not look at results
                self._changed.notify_all()
        if not taken:
            raise AttemptNotStored(wording("The till is closing or busy. Nothing was sent."))
        self._wake()
        return errand.wait(self._within_s)

    def save_attempt(self, record: AttemptRecord) -> None:
        """See `AttemptStore`."""
        self._do(lambda store: store.save_attempt(record))

    def open_attempts(self) -> tuple[PaymentAttempt, ...]:
        """See `AttemptStore`."""
        return self._do(lambda store: store.open_attempts())

    def attempt(self, attempt_id: str) -> PaymentAttempt | None:
        """See `AttemptStore`."""
        return self._do(lambda store: store.attempt(attempt_id))

    def attempt_history(self, attempt_id: str) -> tuple[PaymentAttempt, ...]:
        """See `AttemptStore`."""
        return self._do(lambda store: store.attempt_history(attempt_id))

    def refunds_of(self, attempt_id: str) -> tuple[PaymentAttempt, ...]:
        """See `AttemptStore`."""
        return self._do(lambda store: store.refunds_of(attempt_id))

    def last_reversed(self, count: int) -> tuple[PaymentAttempt, ...]:
        """See `AttemptStore`."""
        return self._do(lambda store: store.last_reversed(count))

    def uncaptured(self, provider_ids: Collection[str]) -> tuple[PaymentAttempt, ...]:
        """See `AttemptStore`."""
        return self._do(lambda store: store.uncaptured(provider_ids))

    def open_exceptions(self) -> tuple[ExceptionCase, ...]:
        """See `AttemptStore`."""
        return self._do(lambda store: store.open_exceptions())

    def close_exception(self, closed: CaseClosed) -> None:
        """See `AttemptStore`."""
        self._do(lambda store: store.close_exception(closed))
