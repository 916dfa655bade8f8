"""The payment attempt's state machine: pure steps from what is known to what is known next, and nothing guessed.

`created` is where an attempt begins. Every other function takes an attempt as it is stored and returns what it came
to (`Moved`). Rows are states, columns are what happens; `·` is "nothing changes, nothing is stored", `✗` is a fault of
the program and raises `WrongStep`. C S P U A D R are CREATED SUBMITTING PENDING UNKNOWN APPROVED DECLINED REVERSED.

A purchase (bound to a basket):

| happens                              | C   | S   | P   | U   | A   | D   | R   |
|--------------------------------------|-----|-----|-----|-----|-----|-----|-----|
| `submitted`                          | S   | ✗   | ✗   | ✗   | ✗   | ✗   | ✗   |
| `not_sent` (it could not be stored)  | D   | D¹  | ✗   | ✗   | ✗   | ✗   | ✗   |
| `resumed` (the till was started)     | D   | U   | P²  | U²  | ·   | ·   | ·   |
| `asking`                             | ✗   | S   | P   | U   | ✗   | ✗   | ✗   |
| `reversing`                          | ✗   | S   | P   | U   | ✗   | ✗   | ✗   |
| pay, query: APPROVED, no cancel      | ✗   | A   | A   | A   | ✗   | ✗   | ✗   |
| pay, query: APPROVED after a cancel  | ✗   | U³  | U³  | U³  | ✗   | ✗   | ✗   |
| pay, query: APPROVED, other amount   | ✗   | U⁴  | U⁴  | U⁴  | ✗   | ✗   | ✗   |
| pay, query: DECLINED                 | ✗   | D   | D   | D⁵  | ✗   | ✗   | ✗   |
| pay, query: PENDING                  | ✗   | P   | P   | P⁵  | ✗   | ✗   | ✗   |
| pay, query: NOT_FOUND, UNKNOWN       | ✗   | U   | U   | U   | ✗   | ✗   | ✗   |
| pay, query, reverse: REVERSED        | ✗   | R   | R   | R   | ✗   | ✗   | ✗   |
| reverse: DECLINED                    | ✗   | D⁶  | D⁶  | D⁶  | ✗   | ✗   | ✗   |
| reverse: APPROVED                    | ✗   | R⁷  | R⁷  | R⁷  | ✗   | ✗   | ✗   |
| reverse: NOT_FOUND                   | ✗   | U⁸  | U⁸  | U⁸  | ✗   | ✗   | ✗   |
| reverse: PENDING, UNKNOWN            | ✗   | U   | U   | U   | ✗   | ✗   | ✗   |
| `cannot_reverse` (no such ability)   | ✗   | R⁷  | R⁷  | R⁷  | ✗   | ✗   | ✗   |
| `cancel_asked`                       | D   | S   | P   | U   | ·   | ·   | ·   |
| `help_called`                        | ✗   | S⁹  | P⁹  | U⁹  | ·   | ·   | ·   |
| `accepted_anyway` (supervisor)       | ✗   | A¹⁰ | A¹⁰ | A¹⁰ | ✗   | ✗   | ✗   |
| `given_up` (supervisor)              | D   | R¹¹ | R¹¹ | R¹¹ | ✗   | ✗   | ✗   |
| `confirmed` (by hand)                | ✗   | ✗   | A¹⁵ | A¹⁵ | ✗   | ✗   | ✗   |
| `withdrawn` (by hand)                | D   | R¹⁶ | R¹⁶ | R¹⁶ | ✗   | ✗   | ✗   |
| `heard_late`: APPROVED               | ✗   | ✗   | ✗   | ✗   | ·   | ·¹² | ·¹² |
| `heard_late`: anything else          | ✗   | ✗   | ✗   | ✗   | ·   | ·   | ·   |

 1 only the desk that knows that no byte left says so; after a restart SUBMITTING is asked.
 2 the time for asking begins anew, and so does the minute of 8: the clock may have been changed meanwhile.
 3 the charge is noted in `approved_minor`, and it is reversed. What was APPROVED before any cancel counts.
 4 AMOUNT_DIFFERS; noted, and reversed on the till's own wish. An amount of nothing is no answer: UNKNOWN.
 5 unless it is known to be charged: then the provider contradicts itself, and it stays UNKNOWN.
 6 unless it is known to be charged: then as 7.
 7 CANNOT_REVERSE and a refund of its own, stored in the same transaction.
 8 R once it is certain that the request never arrived: three such answers, and a minute since submission (or since
   the till was started after it), which is as long as a shopper's code lives. The till goes on looking for a while
   after it, see `heard_late`.
 9 UNRESOLVED, once. Closed by the till when the provider answers certainly after all.
10 ACCEPTED_ANYWAY.
11 GIVEN_UP.
12 LATE_APPROVAL and a refund of its own; the attempt itself never changes.

A refund is repeated with its own number until it answers certainly, and never reversed:

| happens                              | C   | S   | P   | U   | A   | D   |
|--------------------------------------|-----|-----|-----|-----|-----|-----|
| `submitted`                          | S   | ✗   | ✗   | ✗   | ✗   | ✗   |
| `not_sent`                           | D   | ✗   | ✗   | ✗   | ✗   | ✗   |
| `resumed`                            | ·   | U   | ·   | ·   | ·   | ·   |
| `asking` (a question or a repeat)    | ✗   | S   | P   | U   | ✗   | ✗   |
| refund, its query: APPROVED          | ✗   | A¹³ | A¹³ | A¹³ | ✗   | ✗   |
| refund, its query: DECLINED, REVERSED| ✗   | D¹⁴ | D¹⁴ | D¹⁴ | ✗   | ✗   |
| refund, its query: PENDING           | ✗   | P   | P   | P   | ✗   | ✗   |
| refund, its query: NOT_FOUND, UNKNOWN| ✗   | U   | U   | U   | ✗   | ✗   |
| `cancel_asked`                       | D   | ·   | ·   | ·   | ·   | ·   |
| `help_called`                        | ✗   | S⁹  | P⁹  | U⁹  | ·   | ·   |
| `accepted_anyway`                    | ✗   | A¹⁰ | A¹⁰ | A¹⁰ | ✗   | ✗   |
| `given_up`                           | D   | D¹¹ | D¹¹ | D¹¹ | ✗   | ✗   |
| `reversing`, `cannot_reverse`, `confirmed`, `withdrawn`, `heard_late`, answers to pay, query, reverse | ✗ |

13 AMOUNT_DIFFERS where it is another amount; nothing at all is no answer: UNKNOWN.
14 REFUND_DECLINED where the till itself wanted it, and where the first answer was another one: whoever asked for it may
   have gone since. A query's DECLINED counts only where the provider had taken it.

The last two of a purchase happen only where the provider cannot be asked, as with a code for the shopper's bank:
15 a person saw the money come, which is this provider's ordinary word and no exception; ✗ where it is being taken back.
16 nobody saw money come, and nobody can take the code back: it may be paid later still, which only the bank's own
   records show. ✗ where it is known to be charged.

Sources: the rules for every provider in the design; WeChat Pay codepay and Alipay `trade.pay` documents.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from app.payments.attempt_record import (
    THE_TILL,
    AttemptState,
    Call,
    ExceptionKind,
    Moved,
    Operation,
    PaymentAttempt,
    RefundWanted,
)
from app.payments.attempt_steps import SUBMITTED, WrongStep, case_of, changed, ended, require_purchase, require_state
from app.payments.provider import ProviderAnswer, Verdict

NOT_FOUND_ENOUGH: Final = 3
ARRIVES_WITHIN: Final = timedelta(seconds=60)
"""A shopper's code is good for about a minute: a request that comes later is refused by the provider."""

NOT_SENT: Final = "NOT-SENT"
NEVER_ARRIVED: Final = "NEVER-ARRIVED"
BY_HAND: Final = "BY-HAND"
NOT_SEEN: Final = "NOT-SEEN"
"""Withdrawn, and no money was seen until then."""

LONGEST_REFERENCE: Final = 40
"""Of a reference that a person keys in."""

_PURCHASE_CALLS: Final = frozenset({Call.PAY, Call.QUERY, Call.REVERSE})


def submitted(attempt: PaymentAttempt, now: datetime) -> Moved:
    """It is to be stored as being sent, before the first byte leaves."""
    require_state(attempt, "submitted", AttemptState.CREATED)
    return Moved(changed(attempt, state=AttemptState.SUBMITTING, submitted_at=now, asking_since=now, last_asked_at=now))


def not_sent(attempt: PaymentAttempt) -> Moved:
    """No byte left, and none will."""
    if attempt.operation is Operation.PURCHASE:
        require_state(attempt, "not sent", AttemptState.CREATED, AttemptState.SUBMITTING)
    else:
        require_state(attempt, "not sent", AttemptState.CREATED)
    return Moved(changed(attempt, state=AttemptState.DECLINED, last_code=NOT_SENT))


def resumed(attempt: PaymentAttempt, now: datetime) -> Moved:
    """The till was started and found it not final; the shopper's code is gone, so nothing is submitted again."""
    if attempt.operation is Operation.REFUND:
        if attempt.state is AttemptState.SUBMITTING:
            return Moved(changed(attempt, state=AttemptState.UNKNOWN))
        return Moved(attempt)
    if attempt.state is AttemptState.CREATED:
        return not_sent(attempt)
    if attempt.final:
        return Moved(attempt)
    state = AttemptState.UNKNOWN if attempt.state is AttemptState.SUBMITTING else attempt.state
    return Moved(changed(attempt, state=state, asking_since=now))


def asking(attempt: PaymentAttempt, now: datetime) -> Moved:
    """It is about to be asked about; a refund: or sent once more with the same number."""
    require_state(attempt, "asking")
    return Moved(changed(attempt, asks=attempt.asks + 1, last_asked_at=now))


def reversing(attempt: PaymentAttempt, now: datetime) -> Moved:
    """It is about to be reversed; from here on an approval no longer counts."""
    require_purchase(attempt, "reversing")
    require_state(attempt, "reversing")
    return Moved(
        changed(
            attempt,
            reverses=attempt.reverses + 1,
            reverse_first_at=attempt.reverse_first_at or now,
            last_reversed_at=now,
            cancel_by=attempt.cancel_by or THE_TILL,
        )
    )


def answered(attempt: PaymentAttempt, call: Call, answer: ProviderAnswer, now: datetime) -> Moved:
    """The provider answered, or did not (`Verdict.UNKNOWN`)."""
    require_state(attempt, f"an answer to {call.value}")
    if (attempt.operation is Operation.PURCHASE) != (call in _PURCHASE_CALLS):
        raise WrongStep(attempt, f"an answer to {call.value}")
    heard = changed(
        attempt,
        provider_reference=answer.provider_reference or attempt.provider_reference,
        payer=answer.payer or attempt.payer,
        last_code=answer.code or answer.verdict.name,
        **({"last_reversed_at": now} if call is Call.REVERSE else {"last_asked_at": now}),
    )
    if call is Call.REVERSE:
        return _reverse_answered(heard, answer, now)
    if call in _PURCHASE_CALLS:
        return _payment_answered(heard, answer, now)
    return _refund_answered(heard, call, answer, now)


def _payment_answered(heard: PaymentAttempt, answer: ProviderAnswer, now: datetime) -> Moved:
    charged = heard.approved_minor > 0
    match answer.verdict:
        case Verdict.APPROVED if answer.amount_minor > 0:
            return _approved(heard, answer.amount_minor, now)
        case Verdict.DECLINED if not charged:
            return ended(replace(heard, state=AttemptState.DECLINED), now)
        case Verdict.PENDING if not charged:
            return Moved(replace(heard, state=AttemptState.PENDING, not_found=0))
        case Verdict.REVERSED:
            return ended(replace(heard, state=AttemptState.REVERSED), now)
        case _:
            return Moved(replace(heard, state=AttemptState.UNKNOWN))


def _approved(heard: PaymentAttempt, charged_minor: int, now: datetime) -> Moved:
    known = replace(heard, approved_minor=charged_minor, not_found=0)
    right = charged_minor == heard.amount_minor
    if right and not heard.cancel_by:
        return ended(replace(known, state=AttemptState.APPROVED), now)
    noted = replace(known, state=AttemptState.UNKNOWN, cancel_by=heard.cancel_by or THE_TILL)
    return Moved(noted, () if right else (case_of(noted, ExceptionKind.AMOUNT_DIFFERS, now),))


def _reverse_answered(heard: PaymentAttempt, answer: ProviderAnswer, now: datetime) -> Moved:
    charged = heard.approved_minor > 0
    match answer.verdict:
        case Verdict.REVERSED:
            return ended(replace(heard, state=AttemptState.REVERSED), now)
        case Verdict.DECLINED if not charged:
            return ended(replace(heard, state=AttemptState.DECLINED), now)
        case Verdict.DECLINED | Verdict.APPROVED:
            known = answer.amount_minor if answer.verdict is Verdict.APPROVED and answer.amount_minor > 0 else 0
            return _refunded_instead(
                replace(heard, approved_minor=known or heard.approved_minor or heard.amount_minor), now
            )
        case Verdict.NOT_FOUND if not charged:
            missed = replace(heard, state=AttemptState.UNKNOWN, not_found=heard.not_found + 1)
            if missed.not_found >= NOT_FOUND_ENOUGH and _surely_gone_by(missed, now) >= ARRIVES_WITHIN:
                return ended(replace(missed, state=AttemptState.REVERSED, last_code=NEVER_ARRIVED), now)
            return Moved(missed)
        case _:
            return Moved(replace(heard, state=AttemptState.UNKNOWN))


def _surely_gone_by(attempt: PaymentAttempt, now: datetime) -> timedelta:
    """Return how long ago it was sent at least; of the time before a restart nobody knows what the clock did."""
    return now - (attempt.asking_since or now)


def _refunded_instead(attempt: PaymentAttempt, now: datetime) -> Moved:
    done = replace(attempt, state=AttemptState.REVERSED)
    case = case_of(done, ExceptionKind.CANNOT_REVERSE, now)
    wanted = RefundWanted(done, done.approved_minor, ExceptionKind.CANNOT_REVERSE.value)
    return ended(done, now, case, refund=wanted)


def _refund_answered(heard: PaymentAttempt, call: Call, answer: ProviderAnswer, now: datetime) -> Moved:
    match answer.verdict:
        case Verdict.APPROVED if answer.amount_minor > 0:
            done = replace(heard, state=AttemptState.APPROVED, approved_minor=answer.amount_minor)
            if answer.amount_minor == heard.amount_minor:
                return ended(done, now)
            return ended(done, now, case_of(done, ExceptionKind.AMOUNT_DIFFERS, now))
        case Verdict.DECLINED | Verdict.REVERSED if call is Call.REFUND or heard.state is AttemptState.PENDING:
            done = replace(heard, state=AttemptState.DECLINED)
            if heard.asked_by != THE_TILL and heard.state is AttemptState.SUBMITTING:
                return ended(done, now)
            return ended(done, now, case_of(done, ExceptionKind.REFUND_DECLINED, now))
        case Verdict.PENDING:
            return Moved(replace(heard, state=AttemptState.PENDING))
        case _:
            return Moved(replace(heard, state=AttemptState.UNKNOWN))


def cannot_reverse(attempt: PaymentAttempt, now: datetime) -> Moved:
    """It is known to be charged, is to be taken back, and the provider cannot reverse at all: it is refunded."""
    require_purchase(attempt, "cannot reverse")
    require_state(attempt, "cannot reverse")
    charged = changed(attempt, approved_minor=attempt.approved_minor or attempt.amount_minor)
    return _refunded_instead(charged, now)


def cancel_asked(attempt: PaymentAttempt, by: str) -> Moved:
    """Somebody wants it taken back; the first who asks is noted."""
    if not by:
        raise ValueError("a cancel names who asked")
    if attempt.state is AttemptState.CREATED:
        return Moved(changed(attempt, state=AttemptState.DECLINED, last_code=NOT_SENT, cancel_by=by))
    if attempt.final or attempt.cancel_by or attempt.operation is Operation.REFUND:
        return Moved(attempt)
    return Moved(changed(attempt, cancel_by=by))


def help_called(attempt: PaymentAttempt, now: datetime) -> Moved:
    """It does not get resolved; a supervisor is told, once, and the asking goes on."""
    if attempt.final or attempt.help_called:
        return Moved(attempt)
    require_state(attempt, "help called")
    called = changed(attempt, help_called=True)
    return Moved(called, (case_of(called, ExceptionKind.UNRESOLVED, now),))


def accepted_anyway(attempt: PaymentAttempt, by: str, reason: str, now: datetime) -> Moved:
    """A supervisor takes it for done without the provider saying so.

    Raises:
        ValueError: nobody or no reason is named.
    """
    _require_decision(by, reason)
    require_state(attempt, "accepted anyway")
    done = changed(
        attempt,
        state=AttemptState.APPROVED,
        approved_minor=attempt.approved_minor or attempt.amount_minor,
        decided_by=by,
        decision_reason=reason,
    )
    return Moved(done, (case_of(done, ExceptionKind.ACCEPTED_ANYWAY, now),))


def given_up(attempt: PaymentAttempt, by: str, reason: str, now: datetime) -> Moved:
    """A supervisor stops the asking; what is known of a charge stays noted in the case.

    Raises:
        ValueError: nobody or no reason is named.
    """
    _require_decision(by, reason)
    require_state(attempt, "given up", AttemptState.CREATED, *SUBMITTED)
    if attempt.state is AttemptState.CREATED:
        return Moved(
            changed(attempt, state=AttemptState.DECLINED, last_code=NOT_SENT, decided_by=by, decision_reason=reason)
        )
    purchase = attempt.operation is Operation.PURCHASE
    done = changed(
        attempt,
        state=AttemptState.REVERSED if purchase else AttemptState.DECLINED,
        decided_by=by,
        decision_reason=reason,
    )
    return Moved(done, (case_of(done, ExceptionKind.GIVEN_UP, now),))


def confirmed(attempt: PaymentAttempt, by: str, reference: str, now: datetime) -> Moved:
    """A person saw the money come, where the provider cannot be asked: that word counts as the provider's.

    Args:
        attempt: not being taken back.
        by: who saw it.
        reference: what the bank calls it; cut to `LONGEST_REFERENCE`. The one that is known stays where this is empty.
        now: the instant.

    Raises:
        ValueError: nobody is named.
    """
    _require_person(by)
    require_purchase(attempt, "confirmed")
    require_state(attempt, "confirmed", AttemptState.PENDING, AttemptState.UNKNOWN)
    if attempt.cancel_by:
        raise WrongStep(attempt, "confirmed")
    done = changed(
        attempt,
        state=AttemptState.APPROVED,
        approved_minor=attempt.amount_minor,
        last_code=BY_HAND,
        decided_by=by,
        provider_reference=reference[:LONGEST_REFERENCE].strip() or attempt.provider_reference,
    )
    return ended(done, now)


def withdrawn(attempt: PaymentAttempt, by: str, now: datetime) -> Moved:
    """A person cancels, where the provider cannot be asked and nobody saw money come; it is over at once.

    Raises:
        ValueError: nobody is named.
    """
    _require_person(by)
    require_purchase(attempt, "withdrawn")
    if attempt.state is AttemptState.CREATED:
        return cancel_asked(attempt, by)
    require_state(attempt, "withdrawn")
    if attempt.approved_minor:
        raise WrongStep(attempt, "withdrawn")
    done = changed(
        attempt,
        state=AttemptState.REVERSED,
        cancel_by=attempt.cancel_by or by,
        decided_by=by,
        last_code=NOT_SEEN,
    )
    return ended(done, now)


def _require_person(by: str) -> None:
    if not by.strip():
        raise ValueError("a person's word has a name")


def _require_decision(by: str, reason: str) -> None:
    if not by.strip() or not reason.strip():
        raise ValueError("a supervisor's decision has a name and a reason")


def heard_late(attempt: PaymentAttempt, answer: ProviderAnswer, now: datetime) -> Moved:
    """Something was heard of a purchase that is final: from a look after it, or from the provider's bill."""
    require_purchase(attempt, "heard late")
    if not attempt.final:
        raise WrongStep(attempt, "heard late")
    if attempt.state is AttemptState.APPROVED or answer.verdict is not Verdict.APPROVED or answer.amount_minor <= 0:
        return Moved(attempt)
    case = case_of(attempt, ExceptionKind.LATE_APPROVAL, now, answer.amount_minor)
    charged = replace(attempt, approved_minor=answer.amount_minor)
    return Moved(attempt, (case,), refund=RefundWanted(charged, answer.amount_minor, case.kind.value))
