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
| `reversing`, `cannot_reverse`, answers to pay, query or reverse, `heard_late`  | ✗ everywhere |

13 AMOUNT_DIFFERS where it is another amount; nothing at all is no answer: UNKNOWN.
14 REFUND_DECLINED where the till itself wanted it. A query's DECLINED counts only where the provider had taken it.

Sources: the rules for every provider in the design; WeChat Pay codepay and Alipay `trade.pay` documents.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from app.payments.attempt_record import (
    THE_TILL,
    AttemptState,
    Call,
    CaseClosed,
    ExceptionCase,
    ExceptionKind,
    Moved,
    Operation,
    PaymentAttempt,
    RefundWanted,
    provider_number_of,
)
from app.payments.provider import ProviderAnswer, Verdict

NOT_FOUND_ENOUGH: Final = 3
ARRIVES_WITHIN: Final = timedelta(seconds=60)
"""A shopper's code is good for about a minute: a request that comes later is refused by the provider."""

NOT_SENT: Final = "NOT-SENT"
NEVER_ARRIVED: Final = "NEVER-ARRIVED"

_SUBMITTED: Final = frozenset({AttemptState.SUBMITTING, AttemptState.PENDING, AttemptState.UNKNOWN})
_PURCHASE_CALLS: Final = frozenset({Call.PAY, Call.QUERY, Call.REVERSE})


class WrongStep(RuntimeError):
    """A step that the table does not know was asked for: a fault of the program."""

    def __init__(self, attempt: PaymentAttempt, step: str) -> None:
        """Say which."""
        super().__init__(f"{step} does not happen to a {attempt.operation.value} that is {attempt.state.value}")


def _require(attempt: PaymentAttempt, step: str, *states: AttemptState) -> None:
    if attempt.state not in (states or _SUBMITTED):
        raise WrongStep(attempt, step)


def _require_purchase(attempt: PaymentAttempt, step: str) -> None:
    if attempt.operation is not Operation.PURCHASE:
        raise WrongStep(attempt, step)


def _changed(attempt: PaymentAttempt, **changes: Any) -> PaymentAttempt:  # noqa: ANN401 - as `replace` has it
    return replace(attempt, revision=attempt.revision + 1, **changes)


def _case(attempt: PaymentAttempt, kind: ExceptionKind, now: datetime, amount_minor: int = 0) -> ExceptionCase:
    amount = amount_minor or attempt.approved_minor or attempt.amount_minor
    return ExceptionCase(attempt.attempt_id, kind, now, amount, attempt.currency)


def _ended(attempt: PaymentAttempt, now: datetime, *cases: ExceptionCase, refund: RefundWanted | None = None) -> Moved:
    """Return a certain end; a case that called for help over it is closed."""
    if not attempt.help_called:
        return Moved(attempt, cases, refund=refund)
    case_id = _case(attempt, ExceptionKind.UNRESOLVED, now).case_id
    return Moved(attempt, cases, (CaseClosed(case_id, THE_TILL, attempt.state.value, now),), refund)


def refund_attempt(wanted: RefundWanted, identity: str, now: datetime, *, asked_by: str = THE_TILL) -> PaymentAttempt:
    """Return the attempt by which money is given back, with an identity of its own."""
    original = wanted.original
    return PaymentAttempt(
        attempt_id=identity,
        provider_number=provider_number_of(identity),
        basket_id=original.basket_id,
        tender_type_id=original.tender_type_id,
        provider_id=original.provider_id,
        operation=Operation.REFUND,
        method=original.method,
        amount_minor=wanted.amount_minor,
        currency=original.currency,
        created_at=now,
        refund_of=original.attempt_id,
        original_number=original.provider_number,
        original_minor=original.approved_minor or original.amount_minor,
        asked_by=asked_by,
        reason=wanted.reason,
    )


def submitted(attempt: PaymentAttempt, now: datetime) -> Moved:
    """It is to be stored as being sent, before the first byte leaves."""
    _require(attempt, "submitted", AttemptState.CREATED)
    return Moved(
        _changed(attempt, state=AttemptState.SUBMITTING, submitted_at=now, asking_since=now, last_asked_at=now)
    )


def not_sent(attempt: PaymentAttempt) -> Moved:
    """No byte left, and none will."""
    if attempt.operation is Operation.PURCHASE:
        _require(attempt, "not sent", AttemptState.CREATED, AttemptState.SUBMITTING)
    else:
        _require(attempt, "not sent", AttemptState.CREATED)
    return Moved(_changed(attempt, state=AttemptState.DECLINED, last_code=NOT_SENT))


def resumed(attempt: PaymentAttempt, now: datetime) -> Moved:
    """The till was started and found it not final; the shopper's code is gone, so nothing is submitted again."""
    if attempt.operation is Operation.REFUND:
        if attempt.state is AttemptState.SUBMITTING:
            return Moved(_changed(attempt, state=AttemptState.UNKNOWN))
        return Moved(attempt)
    if attempt.state is AttemptState.CREATED:
        return not_sent(attempt)
    if attempt.final:
        return Moved(attempt)
    state = AttemptState.UNKNOWN if attempt.state is AttemptState.SUBMITTING else attempt.state
    return Moved(_changed(attempt, state=state, asking_since=now))


def asking(attempt: PaymentAttempt, now: datetime) -> Moved:
    """It is about to be asked about; a refund: or sent once more with the same number."""
    _require(attempt, "asking")
    return Moved(_changed(attempt, asks=attempt.asks + 1, last_asked_at=now))


def reversing(attempt: PaymentAttempt, now: datetime) -> Moved:
    """It is about to be reversed; from here on an approval no longer counts."""
    _require_purchase(attempt, "reversing")
    _require(attempt, "reversing")
    return Moved(
        _changed(
            attempt,
            reverses=attempt.reverses + 1,
            reverse_first_at=attempt.reverse_first_at or now,
            last_reversed_at=now,
            cancel_by=attempt.cancel_by or THE_TILL,
        )
    )


def answered(attempt: PaymentAttempt, call: Call, answer: ProviderAnswer, now: datetime) -> Moved:
    """The provider answered, or did not (`Verdict.UNKNOWN`)."""
    _require(attempt, f"an answer to {call.value}")
    if (attempt.operation is Operation.PURCHASE) != (call in _PURCHASE_CALLS):
        raise WrongStep(attempt, f"an answer to {call.value}")
    heard = _changed(
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
            return _ended(replace(heard, state=AttemptState.DECLINED), now)
        case Verdict.PENDING if not charged:
            return Moved(replace(heard, state=AttemptState.PENDING, not_found=0))
        case Verdict.REVERSED:
            return _ended(replace(heard, state=AttemptState.REVERSED), now)
        case _:
            return Moved(replace(heard, state=AttemptState.UNKNOWN))


def _approved(heard: PaymentAttempt, charged_minor: int, now: datetime) -> Moved:
    known = replace(heard, approved_minor=charged_minor, not_found=0)
    right = charged_minor == heard.amount_minor
    if right and not heard.cancel_by:
        return _ended(replace(known, state=AttemptState.APPROVED), now)
    noted = replace(known, state=AttemptState.UNKNOWN, cancel_by=heard.cancel_by or THE_TILL)
    return Moved(noted, () if right else (_case(noted, ExceptionKind.AMOUNT_DIFFERS, now),))


def _reverse_answered(heard: PaymentAttempt, answer: ProviderAnswer, now: datetime) -> Moved:
    charged = heard.approved_minor > 0
    match answer.verdict:
        case Verdict.REVERSED:
            return _ended(replace(heard, state=AttemptState.REVERSED), now)
        case Verdict.DECLINED if not charged:
            return _ended(replace(heard, state=AttemptState.DECLINED), now)
        case Verdict.DECLINED | Verdict.APPROVED:
            known = answer.amount_minor if answer.verdict is Verdict.APPROVED and answer.amount_minor > 0 else 0
            return _refunded_instead(
                replace(heard, approved_minor=known or heard.approved_minor or heard.amount_minor), now
            )
        case Verdict.NOT_FOUND if not charged:
            missed = replace(heard, state=AttemptState.UNKNOWN, not_found=heard.not_found + 1)
            if missed.not_found >= NOT_FOUND_ENOUGH and _surely_gone_by(missed, now) >= ARRIVES_WITHIN:
                return _ended(replace(missed, state=AttemptState.REVERSED, last_code=NEVER_ARRIVED), now)
            return Moved(missed)
        case _:
            return Moved(replace(heard, state=AttemptState.UNKNOWN))


def _surely_gone_by(attempt: PaymentAttempt, now: datetime) -> timedelta:
    """Return how long ago it was sent at least; of the time before a restart nobody knows what the clock did."""
    return now - (attempt.asking_since or now)


def _refunded_instead(attempt: PaymentAttempt, now: datetime) -> Moved:
    done = replace(attempt, state=AttemptState.REVERSED)
    case = _case(done, ExceptionKind.CANNOT_REVERSE, now)
    wanted = RefundWanted(done, done.approved_minor, ExceptionKind.CANNOT_REVERSE.value)
    return _ended(done, now, case, refund=wanted)


def _refund_answered(heard: PaymentAttempt, call: Call, answer: ProviderAnswer, now: datetime) -> Moved:
    match answer.verdict:
        case Verdict.APPROVED if answer.amount_minor > 0:
            done = replace(heard, state=AttemptState.APPROVED, approved_minor=answer.amount_minor)
            if answer.amount_minor == heard.amount_minor:
                return _ended(done, now)
            return _ended(done, now, _case(done, ExceptionKind.AMOUNT_DIFFERS, now))
        case Verdict.DECLINED | Verdict.REVERSED if call is Call.REFUND or heard.state is AttemptState.PENDING:
            done = replace(heard, state=AttemptState.DECLINED)
            if heard.asked_by != THE_TILL:
                return _ended(done, now)
            return _ended(done, now, _case(done, ExceptionKind.REFUND_DECLINED, now))
        case Verdict.PENDING:
            return Moved(replace(heard, state=AttemptState.PENDING))
        case _:
            return Moved(replace(heard, state=AttemptState.UNKNOWN))


def cannot_reverse(attempt: PaymentAttempt, now: datetime) -> Moved:
    """It is known to be charged, is to be taken back, and the provider cannot reverse at all: it is refunded."""
    _require_purchase(attempt, "cannot reverse")
    _require(attempt, "cannot reverse")
    charged = _changed(attempt, approved_minor=attempt.approved_minor or attempt.amount_minor)
    return _refunded_instead(charged, now)


def cancel_asked(attempt: PaymentAttempt, by: str) -> Moved:
    """Somebody wants it taken back; the first who asks is noted."""
    if not by:
        raise ValueError("a cancel names who asked")
    if attempt.state is AttemptState.CREATED:
        return Moved(_changed(attempt, state=AttemptState.DECLINED, last_code=NOT_SENT, cancel_by=by))
    if attempt.final or attempt.cancel_by or attempt.operation is Operation.REFUND:
        return Moved(attempt)
    return Moved(_changed(attempt, cancel_by=by))


def help_called(attempt: PaymentAttempt, now: datetime) -> Moved:
    """It does not get resolved; a supervisor is told, once, and the asking goes on."""
    if attempt.final or attempt.help_called:
        return Moved(attempt)
    _require(attempt, "help called")
    called = _changed(attempt, help_called=True)
    return Moved(called, (_case(called, ExceptionKind.UNRESOLVED, now),))


def accepted_anyway(attempt: PaymentAttempt, by: str, reason: str, now: datetime) -> Moved:
    """A supervisor takes it for done without the provider saying so.

    Raises:
        ValueError: nobody or no reason is named.
    """
    _require_decision(by, reason)
    _require(attempt, "accepted anyway")
    done = _changed(
        attempt,
        state=AttemptState.APPROVED,
        approved_minor=attempt.approved_minor or attempt.amount_minor,
        decided_by=by,
        decision_reason=reason,
    )
    return Moved(done, (_case(done, ExceptionKind.ACCEPTED_ANYWAY, now),))


def given_up(attempt: PaymentAttempt, by: str, reason: str, now: datetime) -> Moved:
    """A supervisor stops the asking; what is known of a charge stays noted in the case.

    Raises:
        ValueError: nobody or no reason is named.
    """
    _require_decision(by, reason)
    _require(attempt, "given up", AttemptState.CREATED, *_SUBMITTED)
    if attempt.state is AttemptState.CREATED:
        return Moved(
            _changed(attempt, state=AttemptState.DECLINED, last_code=NOT_SENT, decided_by=by, decision_reason=reason)
        )
    purchase = attempt.operation is Operation.PURCHASE
    done = _changed(
        attempt,
        state=AttemptState.REVERSED if purchase else AttemptState.DECLINED,
        decided_by=by,
        decision_reason=reason,
    )
    return Moved(done, (_case(done, ExceptionKind.GIVEN_UP, now),))


def _require_decision(by: str, reason: str) -> None:
    if not by.strip() or not reason.strip():
        raise ValueError("a supervisor's decision has a name and a reason")


def heard_late(attempt: PaymentAttempt, answer: ProviderAnswer, now: datetime) -> Moved:
    """Something was heard of a purchase that is final: from a look after it, or from the provider's bill."""
    _require_purchase(attempt, "heard late")
    if not attempt.final:
        raise WrongStep(attempt, "heard late")
    if attempt.state is AttemptState.APPROVED or answer.verdict is not Verdict.APPROVED or answer.amount_minor <= 0:
        return Moved(attempt)
    case = _case(attempt, ExceptionKind.LATE_APPROVAL, now, answer.amount_minor)
    charged = replace(attempt, approved_minor=answer.amount_minor)
    return Moved(attempt, (case,), refund=RefundWanted(charged, answer.amount_minor, case.kind.value))
