"""The payment desk's work, one step a turn: store, then call, then store what was answered. No thread of its own."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from app.payments import attempts
from app.payments.attempt_record import (
    AttemptRecord,
    AttemptState,
    Call,
    CaseClosed,
    ExceptionCase,
    Moved,
    Operation,
    PaymentAttempt,
    RefundWanted,
    masked_code_of,
    provider_number_of,
)
from app.payments.attempt_schedule import (
    Ask,
    CallHelp,
    GiveBack,
    Refund,
    Rest,
    Reverse,
    Step,
    Submit,
    latest_time,
    next_step,
    seconds_left,
)
from app.payments.attempt_sentences import attempt_sentence, case_sentence
from app.payments.desk_calls import Outgoing, ProviderDesk
from app.payments.desk_refusals import refusal_of_payment, refusal_of_refund
from app.payments.desk_requests import (
    AttemptChanged,
    AttemptEnded,
    CancelRequest,
    Decision,
    DeskEvent,
    DeskReady,
    DeskRequest,
    ExceptionRaised,
    LateWord,
    PaymentOrder,
    RefundRequest,
    RequestRefused,
    Resume,
    SupervisorDecision,
)
from app.payments.desk_time import SteadyTime
from app.payments.desk_watch import Watch
from app.payments.ports import AttemptStore
from app.payments.provider import PaymentProvider, ProviderAnswer, Verdict
from app.values.clock import Clock
from app.values.identifiers import Identities
from app.values.problems import Problem
from app.values.wording import Wording, wording

_log: Final = logging.getLogger(__name__)

SAVE_AGAIN_S: Final = 2
WATCHED_BACK: Final = 20
"""How many of the payments that ended REVERSED last are looked at once more after the start."""

FAULT_PAUSE_S: Final = 60
"""How long an attempt rests at which the program itself failed."""

_ALREADY_OVER: Final = wording("This payment is over already.")
FAULT: Final = wording("Something went wrong inside the till at this payment. Call a supervisor.")


@dataclass(slots=True)
class _Open:
    """An attempt at work, or one whose last steps are not stored yet."""

    attempt: PaymentAttempt
    outgoing: Outgoing
    unsaved: list[PaymentAttempt] = field(default_factory=list)
    """Steps that are not known to be stored, refunds that come of them included."""

    cases: list[ExceptionCase] = field(default_factory=list)
    closed: list[CaseClosed] = field(default_factory=list)
    refunds: list[PaymentAttempt] = field(default_factory=list)
    """Taken up once they are stored."""

    sentence: Wording | None = None
    """The provider's word for where it stands."""

    rests_until: datetime | None = None
    """After a failure."""


class Rounds:
    """Every attempt that is not final, and those that are looked at afterwards. One thread uses it."""

    def __init__(
        self,
        providers: Mapping[str, PaymentProvider],
        store: AttemptStore,
        identities: Identities,
        clock: Clock,
        tell: Callable[[DeskEvent], None],
    ) -> None:
        """Begin with nothing; `Resume` is the first request."""
        self._desks = {name: ProviderDesk(provider) for name, provider in providers.items()}
        self._store = store
        self._identities = identities
        self._tell = tell
        self._time = SteadyTime(clock)
        self._open: dict[str, _Open] = {}
        self._watch = Watch(self._desks, store)
        self._resume_at: datetime | None = None
        self._ready = False

    # What is asked.

    def take(self, request: DeskRequest) -> None:
        """Do what was asked as far as it needs no provider; `turn` does the rest."""
        match request:
            case Resume():
                self._resume_at = None if self._ready else self._time.now()
            case PaymentOrder():
                self._begin(request)
            case RefundRequest():
                self._refund(request)
            case CancelRequest():
                self._on_open(request.attempt_id, lambda one: attempts.cancel_asked(one, request.asked_by))
            case SupervisorDecision():
                self._on_open(request.attempt_id, lambda one: self._decided(one, request))
            case LateWord():
                self._watch.look_now(request.attempt_id, self._time.now())

    def _begin(self, order: PaymentOrder) -> None:
        if not self._open:
            self._time.set_by_the_wall()
        desk = self._desks.get(order.provider_id)
        unresolved = any(
            one.attempt.basket_id == order.basket_id and one.attempt.operation is Operation.PURCHASE
            for one in self._open.values()
        )
        refusal = refusal_of_payment(
            order, desk.capabilities if desk else None, ready=self._ready, unresolved=unresolved
        )
        if order.attempt_id in self._open:
            refusal = wording("This payment was begun already.")
        if refusal is not None:
            self._tell(RequestRefused(order.attempt_id, refusal))
            return
        attempt = PaymentAttempt(
            attempt_id=order.attempt_id,
            provider_number=provider_number_of(order.attempt_id),
            basket_id=order.basket_id,
            tender_type_id=order.tender_type_id,
            provider_id=order.provider_id,
            operation=Operation.PURCHASE,
            method=order.method,
            amount_minor=order.amount_minor,
            currency=order.currency,
            created_at=self._time.now(),
            masked_code=masked_code_of(order.shopper_code),
        )
        self._adopt(attempt, Outgoing.of_order(order), stored=False)

    def _refund(self, request: RefundRequest) -> None:
        try:
            original = self._store.attempt(request.refund_of)
            stored = {one.attempt_id: one for one in self._store.refunds_of(request.refund_of)}
        except Problem as problem:
            self._tell(RequestRefused(request.attempt_id, problem.sentence))
            return
        held = {key: one.attempt for key, one in self._open.items() if one.attempt.refund_of == request.refund_of}
        desk = self._desks.get(original.provider_id) if original is not None else None
        capabilities = desk.capabilities if desk else None
        refusal = refusal_of_refund(request, original, (stored | held).values(), capabilities, ready=self._ready)
        if request.attempt_id in stored | held:
            refusal = wording("This refund was begun already.")
        if refusal is not None or original is None:
            self._tell(RequestRefused(request.attempt_id, refusal or _ALREADY_OVER))
            return
        wanted = RefundWanted(original, request.amount_minor, request.reason)
        refund = attempts.refund_attempt(wanted, request.attempt_id, self._time.now(), asked_by=request.asked_by)
        refund = replace(refund, basket_id=request.basket_id or refund.basket_id)
        self._adopt(refund, Outgoing(), stored=False)

    def _on_open(self, attempt_id: str, step: Callable[[PaymentAttempt], Moved]) -> None:
        one = self._open.get(attempt_id)
        if one is None or one.attempt.final:
            self._tell(RequestRefused(attempt_id, _ALREADY_OVER))
            return
        try:
            moved = step(one.attempt)
        except attempts.WrongStep:
            self._tell(RequestRefused(attempt_id, wording("Nothing was sent yet: cancel the payment instead.")))
            return
        one.sentence = None
        self._move(one, moved)
        self._keep(one)

    def _decided(self, attempt: PaymentAttempt, decision: SupervisorDecision) -> Moved:
        step = attempts.accepted_anyway if decision.decision is Decision.ACCEPT_ANYWAY else attempts.given_up
        _log.warning(
            "payment_decided_by_supervisor",
            extra={"attempt_id": attempt.attempt_id, "decision": decision.decision.value, "by": decision.decided_by},
        )
        return step(attempt, decision.decided_by, decision.reason, self._time.now())

    def _resume(self) -> None:
        try:
            unresolved = self._store.open_attempts()
            recent = self._store.last_reversed(WATCHED_BACK)
        except Problem as problem:
            _log.warning("payments_not_resumed", extra={"code": problem.code})
            self._resume_at = self._time.now() + timedelta(seconds=SAVE_AGAIN_S)
            return
        self._resume_at, self._ready = None, True
        for attempt in unresolved:
            self._time.reach(latest_time(attempt))
        for attempt in unresolved:
            one = self._adopt(attempt, Outgoing(), stored=True)
            self._move(one, attempts.resumed(attempt, self._time.now()))
            if attempt.provider_id not in self._desks and not one.attempt.final:
                self._move(one, self._helped(one.attempt))
        for attempt in recent:
            self._watch.add(attempt, self._time.now())
        self._tell(DeskReady(unresolved))

    def _helped(self, attempt: PaymentAttempt) -> Moved:
        # A refund that was not sent yet cannot be called unresolved.
        return (
            Moved(attempt) if attempt.state is AttemptState.CREATED else attempts.help_called(attempt, self._time.now())
        )

    # What is done, one thing a turn.

    def turn(self) -> timedelta | None:
        """Do the one thing that is due first, payments before all else.

        Returns how long nothing will be due: nothing at all of a time where more may be, None where only a request
        brings something to do.
        """
        now = self._time.now()
        if self._resume_at is not None:
            if self._resume_at > now:
                return self._resume_at - now
            self._resume()
            return timedelta()
        due = sorted(self._due(now), key=lambda found: found[0])
        if due and due[0][0][0] is False:
            self._work(due[0][1], due[0][2])
            return timedelta()
        if self._watch.is_due(now):
            found = self._watch.look(now, self._identities)
            if found is not None:
                one = self._adopt(found.refund, Outgoing(), stored=False)
                one.cases.append(found.case)
            return timedelta()
        times = [key[2] for key, *_ in due]
        if (look_at := self._watch.next_at()) is not None:
            times.append(look_at)
        return max(timedelta(microseconds=1), min(times) - now) if times else None

    def knows(self, attempt_id: str) -> bool:
        """Return whether an attempt is at work."""
        return attempt_id in self._open

    def save_rest(self) -> None:
        """Try once to store what is not stored yet; the desk is closing."""
        for one in list(self._open.values()):
            if one.unsaved:
                self._keep(one)

    def _due(self, now: datetime) -> list[tuple[tuple[bool, bool, datetime], _Open, Step | None]]:
        """Return what every attempt needs, with (not due yet, is a refund, when)."""
        found = []
        for one in self._open.values():
            is_refund = one.attempt.operation is Operation.REFUND
            if one.unsaved:
                at, step = one.rests_until or now, None
            else:
                desk = self._desks.get(one.attempt.provider_id)
                if desk is None:
                    continue
                step = next_step(one.attempt, desk.capabilities.times, now, can_reverse=desk.capabilities.reverse)
                at = max(step.at if isinstance(step, Ask | Reverse | Refund) else now, one.rests_until or now)
            found.append(((at > now, is_refund, at), one, step))
        return found

    def _work(self, one: _Open, step: Step | None) -> None:
        try:
            if step is None:
                self._keep(one)
            else:
                self._do(one, step)
        except Exception:  # noqa: BLE001 - a fault at one attempt must not end all others; it is logged with its trace
            _log.exception("payment_step_failed", extra={"attempt_id": one.attempt.attempt_id})
            if not one.outgoing.sent:
                # Nothing left; should a step of it be stored after all, the next start ends it.
                del self._open[one.attempt.attempt_id]
                self._tell(RequestRefused(one.attempt.attempt_id, FAULT))
                return
            one.rests_until = self._time.now() + timedelta(seconds=FAULT_PAUSE_S)
            self._tell(AttemptChanged(one.attempt, FAULT, None))

    def _do(self, one: _Open, step: Step) -> None:
        now, attempt = self._time.now(), one.attempt
        refund = attempt.operation is Operation.REFUND
        match step:
            case Submit():
                self._call(one, attempts.submitted(attempt, now), Call.REFUND if refund else Call.PAY)
            case Ask():
                self._call(one, attempts.asking(attempt, now), Call.QUERY_REFUND if refund else Call.QUERY)
            case Refund():
                self._call(one, attempts.asking(attempt, now), Call.REFUND)
            case Reverse():
                self._call(one, attempts.reversing(attempt, now), Call.REVERSE)
            case GiveBack():
                self._move(one, attempts.cannot_reverse(attempt, now))
                self._keep(one)
            case CallHelp():
                self._move(one, attempts.help_called(attempt, now))
                self._keep(one)
            case Rest():
                raise RuntimeError("an attempt that rests is not at work")

    def _call(self, one: _Open, before: Moved, call: Call) -> None:
        """Store what is about to happen; only then have it happen, and store what came of it."""
        self._move(one, before)
        if not self._keep(one):
            return
        answer = self._desks[one.attempt.provider_id].call(one.attempt, one.outgoing, call)
        one.outgoing = one.outgoing.after(call)
        if answer.payload:
            one.outgoing = replace(one.outgoing, payload=answer.payload)
        self._log_answer(one.attempt, call, answer.answer)
        self._move(one, attempts.answered(one.attempt, call, answer.answer, self._time.now()))
        one.sentence = _sentence_of(one.attempt, answer.answer)
        self._keep(one)

    def _adopt(self, attempt: PaymentAttempt, outgoing: Outgoing, *, stored: bool) -> _Open:
        one = _Open(attempt, outgoing, [] if stored else [attempt])
        self._open[attempt.attempt_id] = one
        return one

    def _move(self, one: _Open, moved: Moved) -> None:
        if moved.attempt is not one.attempt:
            one.unsaved.append(moved.attempt)
        one.attempt = moved.attempt
        one.cases += moved.cases
        one.closed += moved.closed
        if moved.refund is not None:
            refund = attempts.refund_attempt(moved.refund, self._identities.new(), self._time.now())
            one.unsaved.append(refund)
            one.refunds.append(refund)

    def _keep(self, one: _Open) -> bool:
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
        for case in cases:
            self._tell(ExceptionRaised(case, case_sentence(case.kind)))
        for refund in refunds:
            self._adopt(refund, Outgoing(), stored=True)
        if one.attempt.final:
            self._end(one)
        else:
            self._tell_changed(one)
        return True

    def _not_kept(self, one: _Open, problem: Problem) -> None:
        _log.warning("payment_step_not_stored", extra={"attempt_id": one.attempt.attempt_id, "code": problem.code})
        one.rests_until = self._time.now() + timedelta(seconds=SAVE_AGAIN_S)
        if one.attempt.operation is Operation.PURCHASE and not one.outgoing.sent and not one.attempt.final:
            never_left = {AttemptState.CREATED, AttemptState.SUBMITTING}
            if one.attempt.state in never_left:
                self._move(one, attempts.not_sent(one.attempt))
                one.outgoing = one.outgoing.after(Call.PAY)
        self._tell(AttemptChanged(one.attempt, problem.sentence, None))

    def _end(self, one: _Open) -> None:
        del self._open[one.attempt.attempt_id]
        if one.attempt.operation is Operation.PURCHASE:
            self._watch.add(one.attempt)
        self._tell(AttemptEnded(one.attempt, one.sentence or attempt_sentence(one.attempt)))

    def _tell_changed(self, one: _Open) -> None:
        desk = self._desks.get(one.attempt.provider_id)
        left = seconds_left(one.attempt, desk.capabilities.times, self._time.now()) if desk else None
        payload = (
            one.outgoing.payload if one.attempt.state is AttemptState.PENDING and not one.attempt.cancel_by else ""
        )
        self._tell(AttemptChanged(one.attempt, one.sentence or attempt_sentence(one.attempt), left, payload))

    @staticmethod
    def _log_answer(attempt: PaymentAttempt, call: Call, answer: ProviderAnswer) -> None:
        extra = {
            "attempt_id": attempt.attempt_id,
            "call": call.value,
            "verdict": answer.verdict.value,
            "code": answer.code,
        }
        _log.info("payment_answer", extra=extra)


def _sentence_of(attempt: PaymentAttempt, answer: ProviderAnswer) -> Wording | None:
    """Return the provider's own sentence where it says what the attempt has come to."""
    alike = {
        AttemptState.APPROVED: Verdict.APPROVED,
        AttemptState.DECLINED: Verdict.DECLINED,
        AttemptState.PENDING: Verdict.PENDING,
    }
    same = alike.get(attempt.state) is answer.verdict
    return answer.sentence if same and not attempt.cancel_by else None
