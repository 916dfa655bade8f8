"""The payment desk's work, one step a turn: store, then call, then store what was answered. No thread of its own."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from app.payments import attempts
from app.payments.attempt_record import Call, ExceptionCase, Method, Moved, Operation, PaymentAttempt
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
)
from app.payments.attempt_sentences import case_sentence
from app.payments.desk_calls import Outgoing, ProviderDesk, provider_sentence
from app.payments.desk_captures import Captures
from app.payments.desk_intake import Intake
from app.payments.desk_keeping import SAVE_AGAIN_S, Keeping, Kept
from app.payments.desk_refusals import FAULT
from app.payments.desk_requests import (
    CaptureRequest,
    DeskEvent,
    DeskReady,
    DeskRequest,
    ExceptionRaised,
    LateWord,
    RequestRefused,
    Resume,
)
from app.payments.desk_time import SteadyTime
from app.payments.desk_watch import Watch
from app.payments.ports import AttemptStore
from app.payments.provider import PaymentProvider, ProviderAnswer, Verdict
from app.values.clock import Clock
from app.values.identifiers import Identities
from app.values.problems import Problem

_log: Final = logging.getLogger(__name__)

WATCHED_BACK: Final = 20
"""How many of the payments that ended REVERSED last are looked at once more after the start."""

FAULT_PAUSE_S: Final = 60
"""How long an attempt rests at which the program itself failed."""

_Due = tuple[tuple[bool, bool, datetime], Kept, Step | None]


class Rounds:
    """Every attempt that is not final, captures, and late looks. One thread uses it."""

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
        self._watch = Watch(self._desks, store)
        self._captures = Captures(self._desks, store, self._time)
        self._keeping = Keeping(self._desks, store, identities, self._time, tell, self._watch.add)
        self._intake = Intake(self._desks, store, self._keeping, self._time, tell)
        self._resume_at: datetime | None = None
        self._ready = False

    # What is asked.

    def take(self, request: DeskRequest) -> None:
        """Do what was asked as far as it needs no provider; `turn` does the rest."""
        match request:
            case Resume():
                self._resume_at = None if self._ready else self._time.now()
            case CaptureRequest():
                self._captures.want(request.attempt_ids)
            case LateWord():
                self._watch.look_now(request.attempt_id, self._time.now())
            case _:
                if self._ready and not self._keeping.at_work:
                    change = self._time.set_by_the_wall()
                    self._watch.put_off(change)
                    self._captures.put_off(change)
                self._intake.take(request, ready=self._ready)

    def knows(self, attempt_id: str) -> bool:
        """Return whether an attempt is at work."""
        return attempt_id in self._keeping.at_work

    def _resume(self) -> None:
        try:
            unresolved = self._store.open_attempts()
            references = {attempt.attempt_id: self._original_reference(attempt) for attempt in unresolved}
            recent = self._store.last_reversed(WATCHED_BACK)
            held = self._captures.left_over()
        except Problem as problem:
            _log.warning("payments_not_resumed", extra={"code": problem.code})
            self._resume_at = self._time.now() + timedelta(seconds=SAVE_AGAIN_S)
            return
        self._resume_at, self._ready = None, True
        for attempt in unresolved:
            self._time.reach(latest_time(attempt))
        for attempt in unresolved:
            outgoing = Outgoing(original_reference=references[attempt.attempt_id], payload=self._payload_again(attempt))
            one = self._keeping.adopt(attempt, outgoing, stored=True)
            self._keeping.move(one, attempts.resumed(attempt, self._time.now()))
            desk = self._desks.get(attempt.provider_id)
            if desk is None and not one.attempt.final:
                self._keeping.move(one, self._helped(one.attempt))
            elif desk is not None:
                self._ask_for_hold(one, desk)
        for attempt in recent:
            self._watch.add(attempt, self._time.now())
        self._captures.want(held)
        self._tell(DeskReady(unresolved))

    def _ask_for_hold(self, one: Kept, desk: ProviderDesk) -> None:
        """Ask at once for what may be held since before the start: its number alone says how it stands.

        Others keep their time: a shopper may still be keying in a password, or a code still be under way.
        """
        attempt = one.attempt
        if desk.capabilities.captures and attempt.operation is Operation.PURCHASE and not attempt.final:
            one.hold_resumed = True
            if not attempt.cancel_by:
                one.ask_at = self._time.now()

    def _original_reference(self, attempt: PaymentAttempt) -> str:
        original = self._store.attempt(attempt.refund_of) if attempt.refund_of is not None else None
        return original.provider_reference if original is not None else ""

    def _payload_again(self, attempt: PaymentAttempt) -> str:
        """Return what the QR of a payment holds that was shown before the start, where that can be had again."""
        desk = self._desks.get(attempt.provider_id)
        shown = attempt.method is Method.MERCHANT_CODE and attempt.operation is Operation.PURCHASE
        if desk is None or not shown or not desk.capabilities.offers_again:
            return ""
        return desk.call(attempt, Outgoing(), Call.PAY).payload

    def _helped(self, attempt: PaymentAttempt) -> Moved:
        # A refund that was not sent yet cannot be called unresolved.
        if attempt.submitted_at is None:
            return Moved(attempt)
        return attempts.help_called(attempt, self._time.now())

    # What is done, one thing a turn.

    def turn(self) -> timedelta | None:
        """Do the one thing that is due first: payments before refunds, captures after them, late looks at the end.

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
        if self._captures.is_due(now):
            for case in self._captures.turn():
                self._tell(ExceptionRaised(case, case_sentence(case.kind)))
            return timedelta()
        if self._watch.is_due(now):
            found = self._watch.look(now, self._identities, self._keeping.is_given_back)
            if isinstance(found, ExceptionCase):
                self._tell(ExceptionRaised(found, case_sentence(found.kind)))
            elif found is not None:
                outgoing = Outgoing(original_reference=found.original_reference)
                one = self._keeping.adopt(found.refund, outgoing, stored=False)
                one.cases.append(found.case)
                one.closed += found.closed
            return timedelta()
        times = [key[2] for key, *_ in due]
        times += [at for at in (self._captures.next_at(), self._watch.next_at()) if at is not None]
        return max(timedelta(microseconds=1), min(times) - now) if times else None

    def save_rest(self) -> None:
        """Try once to store what is not stored yet; the desk is closing."""
        for one in list(self._keeping.at_work.values()):
            if one.unsaved:
                self._keeping.keep(one)

    def close_providers(self) -> None:
        """Let every provider go, once; nothing is asked any more."""
        for desk in {id(desk.provider): desk for desk in self._desks.values()}.values():
            desk.close()

    def _due(self, now: datetime) -> list[_Due]:
        """Return what every attempt needs, with (not due yet, is a refund, when)."""
        found: list[_Due] = []
        for one in self._keeping.at_work.values():
            step: Step | None = None
            if one.unsaved:
                at = one.rests_until or now
            else:
                desk = self._desks.get(one.attempt.provider_id)
                step = self._step_of(one, desk, now) if desk is not None else Rest()
                if isinstance(step, Rest):
                    continue
                at = max(step.at if isinstance(step, Ask | Reverse | Refund) else now, one.rests_until or now)
            found.append(((at > now, one.attempt.operation is Operation.REFUND, at), one, step))
        return found

    def _step_of(self, one: Kept, desk: ProviderDesk, now: datetime) -> Step:
        """Return what an attempt needs next; a question wanted ahead of its time comes before what can wait."""
        able = desk.capabilities
        step = next_step(one.attempt, able.times, now, can_reverse=able.reverse, by_hand=able.confirmed_by_hand)
        if one.never_heard and able.reverse and isinstance(step, Ask):
            return Reverse(now)
        if one.ask_at is None or not isinstance(step, Ask | Reverse | Refund | Rest):
            return step
        if isinstance(step, Refund):
            return Refund(min(step.at, one.ask_at))
        waits = isinstance(step, Rest) or step.at > one.ask_at
        return Ask(one.ask_at) if waits else step

    def _work(self, one: Kept, step: Step | None) -> None:
        try:
            if step is None:
                self._keeping.keep(one)
            else:
                self._do(one, step)
        except Exception as fault:  # noqa: BLE001 - at one attempt: it must not end all others
            _log.exception("payment_step_failed", extra={"attempt_id": one.attempt.attempt_id})
            # A store that finds a fault in what it is given has stored nothing of it.
            never_stored = not one.stored and isinstance(fault, ValueError) and not one.cases
            if not one.outgoing.sent or never_stored:
                # Nothing left; should a step of it be stored after all, the next start ends it.
                self._keeping.drop(one)
                self._tell(RequestRefused(one.attempt.attempt_id, FAULT))
                return
            self._keeping.rest(one, FAULT_PAUSE_S, FAULT)

    def _do(self, one: Kept, step: Step) -> None:
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
                self._keeping.move(one, attempts.cannot_reverse(attempt, now))
                self._keeping.keep(one)
            case CallHelp():
                self._keeping.move(one, attempts.help_called(attempt, now))
                self._keeping.keep(one)
            case Rest():
                raise RuntimeError("an attempt that rests is not at work")

    def _call(self, one: Kept, before: Moved, call: Call) -> None:
        """Store what is about to happen; only then have it happen, and store what came of it."""
        if call is not Call.REVERSE:
            one.ask_at = None
        self._keeping.move(one, before)
        if not self._keeping.keep(one):
            return
        answer = self._desks[one.attempt.provider_id].call(one.attempt, one.outgoing, call)
        one.outgoing = one.outgoing.after(call)
        if answer.payload:
            one.outgoing = replace(one.outgoing, payload=answer.payload)
        if call is Call.QUERY:
            one.never_heard = one.hold_resumed and answer.answer.verdict is Verdict.NOT_FOUND
        self._log_answer(one.attempt, call, answer.answer)
        self._keeping.move(one, attempts.answered(one.attempt, call, answer.answer, self._time.now()))
        one.sentence = provider_sentence(one.attempt, answer.answer)
        self._keeping.keep(one)

    @staticmethod
    def _log_answer(attempt: PaymentAttempt, call: Call, answer: ProviderAnswer) -> None:
        extra = {
            "attempt_id": attempt.attempt_id,
            "call": call.value,
            "verdict": answer.verdict.value,
            "code": answer.code,
        }
        _log.info("payment_answer", extra=extra)
