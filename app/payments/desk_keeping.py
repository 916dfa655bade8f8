"""Keeps the attempts at work: what each came to is stored first and told afterwards, never the other way round."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from app.payments import attempt_steps, attempts
from app.payments.attempt_record import (
    AttemptRecord,
    AttemptState,
    Call,
    CaseClosed,
    ExceptionCase,
    Method,
    Moved,
    Operation,
    PaymentAttempt,
)
from app.payments.attempt_schedule import seconds_left, shopper_has_until
from app.payments.attempt_sentences import CODE_GONE, attempt_sentence, case_sentence
from app.payments.desk_calls import Outgoing, ProviderDesk
from app.payments.desk_requests import AttemptChanged, AttemptEnded, DeskEvent, ExceptionRaised
from app.payments.desk_time import SteadyTime
from app.payments.ports import AttemptStore
from app.values.identifiers import Identities
from app.values.problems import Problem
from app.values.wording import Wording

_log: Final = logging.getLogger(__name__)

SAVE_AGAIN_S: Final = 2


@dataclass(slots=True)
class Kept:
    """An attempt at work, or one whose last steps are not stored yet."""

    attempt: PaymentAttempt
    outgoing: Outgoing
    stored: bool
    """Whether its first step is known to be stored."""

    unsaved: list[PaymentAttempt] = field(default_factory=list)
    """Steps that are not known to be stored, refunds that come of them included."""

    cases: list[ExceptionCase] = field(default_factory=list)
    closed: list[CaseClosed] = field(default_factory=list)
    refunds: list[tuple[PaymentAttempt, Outgoing]] = field(default_factory=list)
    """Taken up once they are stored."""

    sentence: Wording | None = None
    """The provider's word for where it stands."""

    rests_until: datetime | None = None
    """After a failure."""

    ask_at: datetime | None = None
    """A question is to be put then, ahead of its time."""

    asked_at_once: datetime | None = None
    """When the last question ahead of its time was wanted."""

    hold_resumed: bool = False
    """Whether it was found at the start, and what it pays with is held: nobody has anything to do but the provider."""

    never_heard: bool = False
    """Whether such a hold never arrived: it is let go at once."""


class Keeping:
    """Every attempt that is not final. One thread uses it."""

    def __init__(
        self,
        desks: Mapping[str, ProviderDesk],
        store: AttemptStore,
        identities: Identities,
        time: SteadyTime,
        tell: Callable[[DeskEvent], None],
        on_end: Callable[[PaymentAttempt], None],
    ) -> None:
        """Begin with none; `on_end` is called with each purchase that ended, before that is told."""
        self.at_work: dict[str, Kept] = {}
        self._desks = desks
        self._store = store
        self._identities = identities
        self._time = time
        self._tell = tell
        self._on_end = on_end

    def adopt(self, attempt: PaymentAttempt, outgoing: Outgoing, *, stored: bool) -> Kept:
        """Take an attempt up."""
        one = Kept(attempt, outgoing, stored, [] if stored else [attempt])
        self.at_work[attempt.attempt_id] = one
        return one

    def drop(self, one: Kept) -> None:
        """Let one go that is not stored."""
        del self.at_work[one.attempt.attempt_id]

    def is_given_back(self, attempt_id: str) -> bool:
        """Return whether a refund of a payment is at work."""
        return any(one.attempt.refund_of == attempt_id for one in self.at_work.values())

    def move(self, one: Kept, moved: Moved) -> None:
        """Take a step; nothing is stored yet."""
        if moved.attempt is not one.attempt:
            one.unsaved.append(moved.attempt)
        one.attempt = moved.attempt
        one.cases += moved.cases
        one.closed += moved.closed
        if moved.refund is not None:
            refund = attempt_steps.refund_attempt(moved.refund, self._identities.new(), self._time.now())
            one.unsaved.append(refund)
            one.refunds.append((refund, Outgoing(original_reference=moved.refund.original.provider_reference)))

    def keep(self, one: Kept) -> bool:
        """Store what is not stored yet; false where that is not certain, and then nothing may be sent."""
        if not one.unsaved:
            return True
        try:
            self._store.save_attempt(AttemptRecord(tuple(one.unsaved), tuple(one.cases), tuple(one.closed)))
        except Problem as problem:
            self._not_kept(one, problem)
            return False
        cases, refunds = tuple(one.cases), tuple(one.refunds)
        one.unsaved, one.cases, one.closed, one.refunds, one.rests_until = [], [], [], [], None
        one.stored = True
        for case in cases:
            self._tell(ExceptionRaised(case, case_sentence(case.kind)))
        for refund, outgoing in refunds:
            self.adopt(refund, outgoing, stored=True)
        if one.attempt.final:
            self._end(one)
        else:
            self._tell_changed(one)
        return True

    def rest(self, one: Kept, seconds: int, sentence: Wording) -> None:
        """Leave one alone for a while, and say why."""
        one.rests_until = self._time.now() + timedelta(seconds=seconds)
        self._tell(AttemptChanged(one.attempt, sentence, None, stored=one.stored))

    def _not_kept(self, one: Kept, problem: Problem) -> None:
        _log.warning("payment_step_not_stored", extra={"attempt_id": one.attempt.attempt_id, "code": problem.code})
        if one.attempt.operation is Operation.PURCHASE and not one.outgoing.sent and not one.attempt.final:
            never_left = {AttemptState.CREATED, AttemptState.SUBMITTING}
            if one.attempt.state in never_left:
                self.move(one, attempts.not_sent(one.attempt))
                one.outgoing = one.outgoing.after(Call.PAY)
        self.rest(one, SAVE_AGAIN_S, problem.sentence)

    def _end(self, one: Kept) -> None:
        del self.at_work[one.attempt.attempt_id]
        if one.attempt.operation is Operation.PURCHASE:
            self._on_end(one.attempt)
        self._tell(AttemptEnded(one.attempt, one.sentence or attempt_sentence(one.attempt)))

    def _tell_changed(self, one: Kept) -> None:
        attempt = one.attempt
        desk = self._desks.get(attempt.provider_id)
        by_hand = desk is not None and desk.capabilities.confirmed_by_hand
        left, ends_at = None, None
        if desk is not None and not by_hand:
            times = desk.capabilities.times
            left, until = seconds_left(attempt, times, self._time.now()), shopper_has_until(attempt, times)
            ends_at = self._time.on_the_wall(until) if until is not None else None
        payload = one.outgoing.payload if attempt.state is AttemptState.PENDING and not attempt.cancel_by else ""
        sentence = one.sentence or attempt_sentence(attempt, by_hand=by_hand)
        if not payload and not by_hand and _shows_code(attempt):
            sentence = CODE_GONE
        self._tell(AttemptChanged(attempt, sentence, left, payload, ends_at))


def _shows_code(attempt: PaymentAttempt) -> bool:
    """Return whether the shopper is to scan a code that the till shows."""
    waits = attempt.state is AttemptState.PENDING and not attempt.cancel_by and not attempt.help_called
    return waits and attempt.method is Method.MERCHANT_CODE and attempt.operation is Operation.PURCHASE
