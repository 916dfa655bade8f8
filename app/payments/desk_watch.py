"""Looks once more at payments that ended REVERSED: a shopper may have paid after all."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from app.payments import attempt_steps, attempts
from app.payments.attempt_record import (
    THE_TILL,
    AttemptRecord,
    AttemptState,
    Call,
    CaseClosed,
    ExceptionCase,
    ExceptionKind,
    Operation,
    PaymentAttempt,
)
from app.payments.attempt_schedule import LATE_LOOKS_S, late_look_at, latest_time
from app.payments.desk_calls import Outgoing, ProviderDesk
from app.payments.ports import AttemptStore
from app.payments.provider import Verdict
from app.values.identifiers import Identities
from app.values.problems import Problem

_log: Final = logging.getLogger(__name__)

LOOK_AGAIN_S: Final = 300
"""After a look that brought no answer."""

CALLS_AFTER: Final = 12
"""An hour of looks without an answer: a person is told to look, and the looks go on hour by hour."""

LOOK_HOURLY_S: Final = 3600
MOST_TRIES: Final = CALLS_AFTER + 48
"""Two days of looks without an answer; after that the case and the provider's bill say it."""

NOT_FOUND_AGAIN: Final = 4
"""How often a last look is taken once more that found nothing: a provider may know of a payment again a while later."""


@dataclass(slots=True)
class _Watched:
    attempt: PaymentAttempt
    at: datetime
    looks: int
    since: datetime | None = None
    """The till's start, where it ended before."""

    tries: int = 0
    not_found: int = 0
    case_id: str = ""
    """Of what a person was told in this run, because nobody answered."""


@dataclass(frozen=True, slots=True)
class FoundLate:
    """A charge that should not be, and the refund of it; to be stored together."""

    case: ExceptionCase
    refund: PaymentAttempt
    original_reference: str
    """The provider's own number of the payment."""

    closed: tuple[CaseClosed, ...] = ()
    """The case that nobody answered, where there was one."""


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
        desk = self._desks.get(attempt.provider_id)
        if at is not None and desk is not None and not desk.capabilities.confirmed_by_hand:
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

    def put_off(self, by: timedelta) -> None:
        """Look as much later as the time was set forward, or earlier where it was set back."""
        for watched in self._watched.values():
            watched.since = (watched.since or latest_time(watched.attempt)) + by
            watched.at += by

    def next_at(self) -> datetime | None:
        """Return when the next look is due."""
        return min((watched.at for watched in self._watched.values()), default=None)

    def is_due(self, now: datetime) -> bool:
        """Return whether a look is due."""
        at = self.next_at()
        return at is not None and at <= now

    def look(
        self, now: datetime, identities: Identities, is_given_back: Callable[[str], bool]
    ) -> FoundLate | ExceptionCase | None:
        """Take the look that is due first; returns what came of it: a charge, or a case that is stored.

        Args:
            now: the desk's time.
            identities: for the refund.
            is_given_back: whether a refund is at work that may not be stored yet.
        """
        watched = min(self._watched.values(), key=lambda one: one.at)
        try:
            return self._look(watched, now, identities, is_given_back)
        except Problem as problem:
            _log.warning("late_look_not_stored", extra={"attempt_id": watched.attempt.attempt_id, "code": problem.code})
        except Exception:  # noqa: BLE001 - a fault at one look must not end the desk; it is logged with its trace
            _log.exception("late_look_failed", extra={"attempt_id": watched.attempt.attempt_id})
        watched.at = now + timedelta(seconds=LOOK_AGAIN_S)
        return None

    def _look(
        self, watched: _Watched, now: datetime, identities: Identities, is_given_back: Callable[[str], bool]
    ) -> FoundLate | ExceptionCase | None:
        attempt = watched.attempt
        # What is being refunded already still shows as charged at some providers.
        if is_given_back(attempt.attempt_id) or self._store.refunds_of(attempt.attempt_id):
            del self._watched[attempt.attempt_id]
            return None
        answer = self._desks[attempt.provider_id].call(attempt, Outgoing(), Call.QUERY).answer
        moved = attempts.heard_late(attempt, answer, now)
        if moved.refund is not None:
            refund = attempt_steps.refund_attempt(moved.refund, identities.new(), now)
            del self._watched[attempt.attempt_id]
            _log.warning("payment_charged_late", extra={"attempt_id": attempt.attempt_id})
            reference = answer.provider_reference or attempt.provider_reference
            return FoundLate(moved.cases[0], refund, reference, self._closing(watched, now))
        if answer.verdict is Verdict.UNKNOWN:
            return self._unanswered(watched, now)
        self._answered(watched, now, found=answer.verdict is not Verdict.NOT_FOUND)
        return None

    def _answered(self, watched: _Watched, now: datetime, *, found: bool) -> None:
        """Take that nothing is charged; a case over it is closed, and the next look planned where one is due."""
        closed = self._closing(watched, now)
        if closed:
            self._store.save_attempt(AttemptRecord((), (), closed))
            watched.case_id = ""
        at = late_look_at(watched.attempt, watched.looks + 1, watched.since)
        if at is None and not found and watched.not_found < NOT_FOUND_AGAIN:
            watched.not_found += 1
            watched.at = now + timedelta(seconds=LOOK_AGAIN_S)
            return
        watched.looks += 1
        if at is None:
            del self._watched[watched.attempt.attempt_id]
        else:
            watched.at = max(at, now + timedelta(seconds=1))

    def _closing(self, watched: _Watched, now: datetime) -> tuple[CaseClosed, ...]:
        """Return the end of the case that nobody answered, raised in this run of the program or an earlier one."""
        case_id = watched.case_id
        if not case_id and watched.since is not None:
            raised = (case for case in self._store.open_exceptions() if case.kind is ExceptionKind.NOT_LOOKED_AT)
            mine = (case.case_id for case in raised if case.attempt_id == watched.attempt.attempt_id)
            case_id = next(mine, "")
        return (CaseClosed(case_id, THE_TILL, watched.attempt.state.value, now),) if case_id else ()

    def _unanswered(self, watched: _Watched, now: datetime) -> ExceptionCase | None:
        """Look again later; after a while a person is told, once that is stored."""
        attempt, case = watched.attempt, None
        if watched.tries + 1 >= CALLS_AFTER and not watched.case_id:
            amount = attempt.approved_minor or attempt.amount_minor
            case = ExceptionCase(attempt.attempt_id, ExceptionKind.NOT_LOOKED_AT, now, amount, attempt.currency)
            self._store.save_attempt(AttemptRecord((), (case,)))
            watched.case_id = case.case_id
        watched.tries += 1
        hourly = watched.tries >= CALLS_AFTER
        watched.at = now + timedelta(seconds=LOOK_HOURLY_S if hourly else LOOK_AGAIN_S)
        if watched.tries >= MOST_TRIES:
            _log.warning("late_look_without_answer", extra={"attempt_id": attempt.attempt_id})
            del self._watched[attempt.attempt_id]
        return case
