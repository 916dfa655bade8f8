"""Takes what approvals only held, once the sale that they pay is stored; repeated until the provider is certain."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from app.payments.attempt_record import (
    AttemptRecord,
    AttemptState,
    ExceptionCase,
    ExceptionKind,
    Operation,
    PaymentAttempt,
    PaymentCapture,
)
from app.payments.attempt_schedule import LONGEST_PAUSE_S, try_again_at
from app.payments.desk_calls import ProviderDesk
from app.payments.desk_refusals import refundable_minor
from app.payments.desk_time import SteadyTime
from app.payments.ports import AttemptStore
from app.payments.provider import ProviderAnswer, Verdict
from app.values.problems import Problem

_log: Final = logging.getLogger(__name__)

SAVE_AGAIN_S: Final = 5


@dataclass(slots=True)
class _Held:
    """A payment whose money is only held."""

    attempt_id: str
    at: datetime
    """When it is taken next."""

    tries: int = 0
    record: AttemptRecord | None = None
    """What came of it, where that is certain and not stored yet."""


class Captures:
    """The payments that are to be captured; kept in memory, and found again at the next start."""

    def __init__(self, desks: Mapping[str, ProviderDesk], store: AttemptStore, time: SteadyTime) -> None:
        """Begin with none."""
        self._desks = desks
        self._store = store
        self._time = time
        self._held: dict[str, _Held] = {}

    def want(self, attempt_ids: Iterable[str]) -> None:
        """Have these captured; what is wanted already goes on as it does."""
        for attempt_id in attempt_ids:
            self._held.setdefault(attempt_id, _Held(attempt_id, self._time.now()))

    def left_over(self) -> tuple[str, ...]:
        """Return what the store says is still to be captured.

        Raises:
            Problem: the store cannot say now.
        """
        capturing = [name for name, desk in self._desks.items() if desk.capabilities.captures]
        return tuple(attempt.attempt_id for attempt in self._store.uncaptured(capturing)) if capturing else ()

    def put_off(self, by: timedelta) -> None:
        """Go on as much later as the time was set forward, or earlier where it was set back."""
        for held in self._held.values():
            held.at += by

    def next_at(self) -> datetime | None:
        """Return when the next is due."""
        return min((held.at for held in self._held.values()), default=None)

    def is_due(self, now: datetime) -> bool:
        """Return whether one is due."""
        at = self.next_at()
        return at is not None and at <= now

    def turn(self) -> tuple[ExceptionCase, ...]:
        """Take up the one that is due first; returns the cases that came of it and are stored."""
        held = min(self._held.values(), key=lambda one: one.at)
        try:
            record = held.record = held.record or self._captured(held)
            if record is None:
                return ()
            self._store.save_attempt(record)
        except Problem as problem:
            _log.warning("capture_not_stored", extra={"attempt_id": held.attempt_id, "code": problem.code})
            held.at = self._time.now() + timedelta(seconds=SAVE_AGAIN_S)
            return ()
        except Exception:  # noqa: BLE001 - a fault at one must not end the desk; it is logged with its trace
            _log.exception("capture_failed", extra={"attempt_id": held.attempt_id})
            held.at = self._time.now() + timedelta(seconds=LONGEST_PAUSE_S)
            return ()
        del self._held[held.attempt_id]
        return record.cases

    def _captured(self, held: _Held) -> AttemptRecord | None:
        """Ask the provider; None where nothing certain came of it, or nothing is to be captured."""
        attempt = self._store.attempt(held.attempt_id)
        desk = self._desks.get(attempt.provider_id) if attempt is not None else None
        if attempt is None or desk is None or not desk.capabilities.captures or not _is_paid(attempt):
            _log.error("nothing_to_capture", extra={"attempt_id": held.attempt_id})
            del self._held[held.attempt_id]
            return None
        refunds = self._store.refunds_of(attempt.attempt_id)
        if refundable_minor(attempt, refunds) == 0:
            # What is given back whole was released. A refund that is not over may still be refused: look again then.
            if all(refund.final for refund in refunds):
                del self._held[held.attempt_id]
            else:
                held.at = self._time.now() + timedelta(seconds=LONGEST_PAUSE_S)
            return None
        answer = desk.capture(attempt)
        now = self._time.now()
        _log.info(
            "payment_captured",
            extra={"attempt_id": attempt.attempt_id, "verdict": answer.verdict.value, "code": answer.code},
        )
        match answer.verdict:
            case Verdict.APPROVED:
                return _taken(attempt, answer, now, given_back=bool(refunds))
            case Verdict.DECLINED | Verdict.REVERSED:
                return AttemptRecord((), (_case(attempt, ExceptionKind.CAPTURE_DECLINED, now, 0),))
            case _:
                held.at = try_again_at(now, desk.capabilities.times.ask_every_s, held.tries)
                held.tries += 1
                return None


def _is_paid(attempt: PaymentAttempt) -> bool:
    return attempt.operation is Operation.PURCHASE and attempt.state is AttemptState.APPROVED


def _taken(attempt: PaymentAttempt, answer: ProviderAnswer, now: datetime, *, given_back: bool) -> AttemptRecord:
    amount = answer.amount_minor or attempt.approved_minor
    # Of what was given back in part, as much less may have been held.
    differs = amount > attempt.approved_minor or (amount < attempt.approved_minor and not given_back)
    capture = PaymentCapture(
        attempt.attempt_id, now, amount, attempt.currency, answer.provider_reference or attempt.provider_reference
    )
    cases = (_case(attempt, ExceptionKind.AMOUNT_DIFFERS, now, amount),) if differs else ()
    return AttemptRecord((), cases, captures=(capture,))


def _case(attempt: PaymentAttempt, kind: ExceptionKind, now: datetime, amount_minor: int) -> ExceptionCase:
    amount = amount_minor or attempt.approved_minor
    return ExceptionCase(attempt.attempt_id, kind, now, amount, attempt.currency)
