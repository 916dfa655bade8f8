"""When to ask, reverse, repeat or rest: decides the next step of an attempt from what is stored of it alone."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from app.payments.attempt_record import AttemptState, Operation, PaymentAttempt
from app.payments.provider import ProviderTimes

HELP_AFTER_REVERSES: Final = 6
HELP_AFTER_REFUNDS: Final = 6
HELP_AFTER_ASKS: Final = 30
"""Of a payment that can only be asked about, because the provider does not reverse."""

LONGEST_PAUSE_S: Final = 300
LATE_LOOKS_S: Final = (60, 300)
"""How long after it ended, or after the till's start, a purchase that ended REVERSED is looked at once more."""


@dataclass(frozen=True, slots=True)
class Submit:
    """Store it as SUBMITTING, then send it."""


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask how it stands."""

    at: datetime
    """Not before; may lie in the past."""


@dataclass(frozen=True, slots=True)
class Reverse:
    """Take it back whole."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Refund:
    """Send the refund once more, with the same number."""

    at: datetime


@dataclass(frozen=True, slots=True)
class GiveBack:
    """End it as REVERSED with a refund of its own: it is charged, and the provider cannot reverse."""


@dataclass(frozen=True, slots=True)
class CallHelp:
    """Tell a supervisor that it does not get resolved, and go on."""


@dataclass(frozen=True, slots=True)
class Rest:
    """Nothing is left to do, or nothing until a person says how it stands."""


Step = Submit | Ask | Reverse | Refund | GiveBack | CallHelp | Rest


def next_step(
    attempt: PaymentAttempt, times: ProviderTimes, now: datetime, *, can_reverse: bool = True, by_hand: bool = False
) -> Step:
    """Return what an attempt needs next.

    Time that went back behind what is stored counts as having stood still; whoever calls keeps a steady time.
    `by_hand`: the provider cannot be asked, so a payment that waits does so until a person says how it stands.
    """
    if attempt.final:
        return Rest()
    if attempt.state is AttemptState.CREATED:
        return Submit()
    now = max(now, *_stored_times(attempt))
    if attempt.operation is Operation.REFUND:
        return _refund_step(attempt, times, now)
    if by_hand and not attempt.approved_minor:
        return _step_by_hand(attempt, times, now)
    return _purchase_step(attempt, times, now, can_reverse=can_reverse)


def shopper_has_until(attempt: PaymentAttempt, times: ProviderTimes) -> datetime | None:
    """Return when the payment is taken back unless the shopper pays; None where that is not what is waited for."""
    if attempt.final or attempt.cancel_by or attempt.operation is Operation.REFUND or attempt.asking_since is None:
        return None
    return attempt.asking_since + timedelta(seconds=times.ask_until_s)


def seconds_left(attempt: PaymentAttempt, times: ProviderTimes, now: datetime) -> int | None:
    """Return how long the shopper still has; None where that is not what is waited for."""
    end = shopper_has_until(attempt, times)
    return None if end is None else max(0, -((now - end) // timedelta(seconds=1)))


def try_again_at(now: datetime, every_s: int, tries: int) -> datetime:
    """Return when to try once more what brought no certain answer: later with each try."""
    return now + _pause(every_s, tries)


def late_look_at(attempt: PaymentAttempt, looks: int, since: datetime | None = None) -> datetime | None:
    """Return when a purchase that ended is looked at once more; None where it was often enough, or needs none.

    `since` is the till's start, where it ended before that: what was looked at before is not known any more.
    """
    if attempt.state is not AttemptState.REVERSED or attempt.submitted_at is None or looks >= len(LATE_LOOKS_S):
        return None
    return (since or latest_time(attempt)) + timedelta(seconds=LATE_LOOKS_S[looks])


def _stored_times(attempt: PaymentAttempt) -> tuple[datetime, ...]:
    known = (
        attempt.created_at,
        attempt.submitted_at,
        attempt.asking_since,
        attempt.last_asked_at,
        attempt.last_reversed_at,
    )
    return tuple(instant for instant in known if instant is not None)


def latest_time(attempt: PaymentAttempt) -> datetime:
    """Return the latest instant that is stored of an attempt: time has come at least so far."""
    return max(_stored_times(attempt))


def _purchase_step(attempt: PaymentAttempt, times: ProviderTimes, now: datetime, *, can_reverse: bool) -> Step:
    submitted = attempt.submitted_at or attempt.created_at
    asked = attempt.last_asked_at or submitted
    ask_at = now if attempt.state is AttemptState.SUBMITTING else asked + timedelta(seconds=times.ask_every_s)
    if attempt.cancel_by:
        take_back_at = submitted
    else:
        take_back_at = (attempt.asking_since or submitted) + timedelta(seconds=times.ask_until_s)
    if not can_reverse:
        return _step_without_reverse(attempt, now, ask_at, charged=attempt.approved_minor > 0)
    if attempt.last_reversed_at is not None:
        if attempt.reverses >= HELP_AFTER_REVERSES and not attempt.help_called:
            return CallHelp()
        beyond = attempt.reverses - HELP_AFTER_REVERSES
        return Reverse(attempt.last_reversed_at + _pause(times.reverse_every_s, beyond))
    reverse_at = max(take_back_at, submitted + timedelta(seconds=times.reverse_not_before_s))
    if reverse_at <= now or reverse_at <= ask_at:
        return Reverse(reverse_at)
    return Ask(ask_at)


def _step_by_hand(attempt: PaymentAttempt, times: ProviderTimes, now: datetime) -> Step:
    if attempt.state is AttemptState.PENDING:
        return Rest()
    # It was being sent when the till stopped: the provider says by PENDING that a person must look.
    return Ask((attempt.last_asked_at or now) + _pause(times.ask_every_s, attempt.asks))


def _step_without_reverse(attempt: PaymentAttempt, now: datetime, ask_at: datetime, *, charged: bool) -> Step:
    if charged and attempt.cancel_by:
        return GiveBack()
    if attempt.asks >= HELP_AFTER_ASKS and not attempt.help_called:
        return CallHelp()
    beyond = attempt.asks - HELP_AFTER_ASKS
    return Ask(max(ask_at, (attempt.last_asked_at or now) + _pause(1, beyond)) if beyond > 0 else ask_at)


def _refund_step(attempt: PaymentAttempt, times: ProviderTimes, now: datetime) -> Step:
    if attempt.state is not AttemptState.PENDING and attempt.asks >= HELP_AFTER_REFUNDS and not attempt.help_called:
        return CallHelp()
    at = (attempt.last_asked_at or now) + _pause(times.ask_every_s, attempt.asks)
    return Ask(at) if attempt.state is AttemptState.PENDING else Refund(at)


def _pause(every_s: int, beyond: int) -> timedelta:
    """Return a pause that doubles with each try beyond the usual ones."""
    return timedelta(seconds=min(LONGEST_PAUSE_S, max(1, every_s) << min(max(0, beyond), 16)))
