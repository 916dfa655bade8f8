"""Looks once more at payments that ended REVERSED: a shopper may have paid after all."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from app.payments import attempts
from app.payments.attempt_record import AttemptState, Call, ExceptionCase, Operation, PaymentAttempt
from app.payments.attempt_schedule import LATE_LOOKS_S, late_look_at
from app.payments.desk_calls import Outgoing, ProviderDesk
from app.payments.ports import AttemptStore
from app.payments.provider import Verdict
from app.values.identifiers import Identities
from app.values.problems import Problem

_log: Final = logging.getLogger(__name__)

LOOK_AGAIN_S: Final = 300
"""After a look that brought no answer."""

MOST_TRIES: Final = 12
"""An hour of looks without an answer; after that the provider's bill says it."""


@dataclass(slots=True)
class _Watched:
    attempt: PaymentAttempt
    at: datetime
    looks: int
    since: datetime | None = None
    """The till's start, where it ended before."""

    tries: int = 0


@dataclass(frozen=True, slots=True)
class FoundLate:
    """A charge that should not be, and the refund of it; to be stored together."""

    case: ExceptionCase
    refund: PaymentAttempt


class Watch:
    """The payments that are looked at once more; kept in memory, and found again at the next start."""

    def __init__(self, desks: Mapping[str, ProviderDesk], store: AttemptStore) -> None:
        """Begin with none."""
        self._desks = desks
        self._store = store
        self._watched: dict[str, _Watched] = {}

    def add(self, attempt: PaymentAttempt, since: datetime | None = None) -> None:
        """Watch one that ended, where it ended so that it needs it; `since`: the start, where it ended before."""
        at = late_look_at(attempt, 0, since)
        if at is not None and attempt.provider_id in self._desks:
            self._watched[attempt.attempt_id] = _Watched(attempt, at, 0, since)

    def look_now(self, attempt_id: str, now: datetime) -> None:
        """Look at one that ended, whenever that was.

        Nothing comes of one that is not known, not over, or counts as paid.
        """
        try:
            attempt = self._store.attempt(attempt_id)
        except Problem as problem:
            _log.warning("late_word_not_followed", extra={"attempt_id": attempt_id, "code": problem.code})
            return
        if (
            attempt is not None
            and attempt.operation is Operation.PURCHASE
            and attempt.state in {AttemptState.DECLINED, AttemptState.REVERSED}
            and attempt.provider_id in self._desks
        ):
            self._watched[attempt_id] = _Watched(attempt, now, len(LATE_LOOKS_S) - 1)

    def next_at(self) -> datetime | None:
        """Return when the next look is due."""
        return min((watched.at for watched in self._watched.values()), default=None)

    def is_due(self, now: datetime) -> bool:
        """Return whether a look is due."""
        at = self.next_at()
        return at is not None and at <= now

    def look(self, now: datetime, identities: Identities) -> FoundLate | None:
        """Take the look that is due first."""
        watched = min(self._watched.values(), key=lambda one: one.at)
        attempt = watched.attempt
        try:
            # What is being refunded already still shows as charged at some providers.
            settled = bool(self._store.refunds_of(attempt.attempt_id))
        except Problem:
            self._later(watched, now)
            return None
        if settled:
            del self._watched[attempt.attempt_id]
            return None
        answer = self._desks[attempt.provider_id].call(attempt, Outgoing(), Call.QUERY).answer
        moved = attempts.heard_late(attempt, answer, now)
        if moved.refund is not None:
            del self._watched[attempt.attempt_id]
            _log.warning("payment_charged_late", extra={"attempt_id": attempt.attempt_id})
            return FoundLate(moved.cases[0], attempts.refund_attempt(moved.refund, identities.new(), now))
        if answer.verdict is Verdict.UNKNOWN:
            self._later(watched, now)
            return None
        watched.looks += 1
        at = late_look_at(attempt, watched.looks, watched.since)
        if at is None:
            del self._watched[attempt.attempt_id]
        else:
            watched.at = max(at, now + timedelta(seconds=1))
        return None

    def _later(self, watched: _Watched, now: datetime) -> None:
        watched.tries += 1
        watched.at = now + timedelta(seconds=LOOK_AGAIN_S)
        if watched.tries >= MOST_TRIES:
            _log.warning("late_look_without_answer", extra={"attempt_id": watched.attempt.attempt_id})
            del self._watched[watched.attempt.attempt_id]
