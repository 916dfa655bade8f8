"""Takes what is asked about attempts: begins them, or moves them by a person's word, or says why not."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Final

from app.payments import attempt_steps, attempts
from app.payments.attempt_record import (
    AttemptState,
    Moved,
    Operation,
    PaymentAttempt,
    RefundWanted,
    masked_code_of,
    provider_number_of,
)
from app.payments.card_terminal import holds_card_number
from app.payments.desk_calls import Outgoing, ProviderDesk
from app.payments.desk_keeping import Keeping
from app.payments.desk_refusals import refusal_of_payment, refusal_of_refund
from app.payments.desk_requests import (
    AskNow,
    CancelRequest,
    ConfirmRequest,
    Decision,
    DeskEvent,
    PaymentOrder,
    RefundRequest,
    RequestRefused,
    SupervisorDecision,
)
from app.payments.desk_time import SteadyTime
from app.payments.ports import AttemptStore
from app.values.problems import Problem
from app.values.wording import Wording, wording

_log: Final = logging.getLogger(__name__)

AT_ONCE_AGAIN_S: Final = 1
"""Between two questions ahead of their time, however often they are wanted."""

_ALREADY_OVER: Final = wording("This payment is over already.")
_NOT_SENT_YET: Final = wording("Nothing was sent yet: cancel the payment instead.")
_NOT_TO_CONFIRM: Final = wording("This payment is being prepared, or taken back. Wait a moment and look again.")
_NOT_BY_HAND: Final = wording("The provider itself says whether this payment came. Wait for its answer.")
_CARD_NUMBER: Final = wording("This is a card number, which the till must not keep. Enter the bank's reference.")

AttemptRequest = PaymentOrder | RefundRequest | CancelRequest | SupervisorDecision | AskNow | ConfirmRequest


class Intake:
    """The desk's counter: every request about one attempt. One thread uses it."""

    def __init__(
        self,
        desks: Mapping[str, ProviderDesk],
        store: AttemptStore,
        keeping: Keeping,
        time: SteadyTime,
        tell: Callable[[DeskEvent], None],
    ) -> None:
        """Work upon the attempts that are kept."""
        self._desks = desks
        self._store = store
        self._keeping = keeping
        self._time = time
        self._tell = tell

    def take(self, request: AttemptRequest, *, ready: bool) -> None:
        """Do what was asked as far as it needs no provider."""
        match request:
            case PaymentOrder():
                self._begin(request, ready=ready)
            case RefundRequest():
                self._refund(request, ready=ready)
            case CancelRequest():
                self._on_open(
                    request.attempt_id, lambda one: self._cancelled(one, request.asked_by), wrong=_NOT_SENT_YET
                )
            case SupervisorDecision():
                self._on_open(request.attempt_id, lambda one: self._decided(one, request), wrong=_NOT_SENT_YET)
            case ConfirmRequest():
                self._confirm(request)
            case AskNow():
                self._ask_now(request.attempt_id)

    def _begin(self, order: PaymentOrder, *, ready: bool) -> None:
        desk = self._desks.get(order.provider_id)
        unresolved = any(
            one.attempt.basket_id == order.basket_id and one.attempt.operation is Operation.PURCHASE
            for one in self._keeping.at_work.values()
        )
        refusal = refusal_of_payment(order, desk.capabilities if desk else None, ready=ready, unresolved=unresolved)
        if order.attempt_id in self._keeping.at_work:
            refusal = wording("This payment was begun already.")
        if refusal is not None:
            self._tell(RequestRefused(order.attempt_id, refusal))
            return
        outgoing = Outgoing.of_order(order)
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
            masked_code=masked_code_of(outgoing.shopper_code),
        )
        self._keeping.adopt(attempt, outgoing, stored=False)

    def _refund(self, request: RefundRequest, *, ready: bool) -> None:
        try:
            original = self._store.attempt(request.refund_of)
            stored = {one.attempt_id: one for one in self._store.refunds_of(request.refund_of)}
        except Problem as problem:
            self._tell(RequestRefused(request.attempt_id, problem.sentence))
            return
        at_work = self._keeping.at_work
        held = {key: one.attempt for key, one in at_work.items() if one.attempt.refund_of == request.refund_of}
        desk = self._desks.get(original.provider_id) if original is not None else None
        capabilities = desk.capabilities if desk else None
        refusal = refusal_of_refund(request, original, (stored | held).values(), capabilities, ready=ready)
        if request.attempt_id in stored or request.attempt_id in at_work:
            refusal = wording("This refund was begun already.")
        if refusal is not None or original is None:
            self._tell(RequestRefused(request.attempt_id, refusal or _ALREADY_OVER))
            return
        wanted = RefundWanted(original, request.amount_minor, request.reason)
        refund = attempt_steps.refund_attempt(wanted, request.attempt_id, self._time.now(), asked_by=request.asked_by)
        refund = replace(refund, basket_id=request.basket_id or refund.basket_id)
        self._keeping.adopt(refund, Outgoing(original_reference=original.provider_reference), stored=False)

    def _on_open(self, attempt_id: str, step: Callable[[PaymentAttempt], Moved], *, wrong: Wording) -> None:
        one = self._keeping.at_work.get(attempt_id)
        if one is None or one.attempt.final:
            self._tell(RequestRefused(attempt_id, _ALREADY_OVER))
            return
        try:
            moved = step(one.attempt)
        except attempt_steps.WrongStep:
            self._tell(RequestRefused(attempt_id, wrong))
            return
        one.sentence = None
        self._keeping.move(one, moved)
        self._keeping.keep(one)

    def _cancelled(self, attempt: PaymentAttempt, by: str) -> Moved:
        if self._is_by_hand(attempt) and not attempt.approved_minor:
            return attempts.withdrawn(attempt, by, self._time.now())
        return attempts.cancel_asked(attempt, by)

    def _decided(self, attempt: PaymentAttempt, decision: SupervisorDecision) -> Moved:
        step = attempts.accepted_anyway if decision.decision is Decision.ACCEPT_ANYWAY else attempts.given_up
        _log.warning(
            "payment_decided_by_supervisor",
            extra={"attempt_id": attempt.attempt_id, "decision": decision.decision.value, "by": decision.decided_by},
        )
        return step(attempt, decision.decided_by, decision.reason, self._time.now())

    def _confirm(self, request: ConfirmRequest) -> None:
        one = self._keeping.at_work.get(request.attempt_id)
        reference = " ".join(request.reference.split())
        kept = reference[: attempts.LONGEST_REFERENCE]
        if one is not None and not self._is_by_hand(one.attempt):
            self._tell(RequestRefused(request.attempt_id, _NOT_BY_HAND))
        elif holds_card_number(reference) or holds_card_number(kept):
            self._tell(RequestRefused(request.attempt_id, _CARD_NUMBER))
        else:
            self._on_open(
                request.attempt_id,
                lambda attempt: attempts.confirmed(attempt, request.confirmed_by, kept, self._time.now()),
                wrong=_NOT_TO_CONFIRM,
            )

    def _is_by_hand(self, attempt: PaymentAttempt) -> bool:
        desk = self._desks.get(attempt.provider_id)
        return desk is not None and desk.capabilities.confirmed_by_hand and attempt.operation is Operation.PURCHASE

    def _ask_now(self, attempt_id: str) -> None:
        """Want a question now; of what is over, or was not sent, there is nothing to ask."""
        one = self._keeping.at_work.get(attempt_id)
        if one is None or one.attempt.final or one.attempt.state is AttemptState.CREATED:
            return
        now = self._time.now()
        again = one.asked_at_once + timedelta(seconds=AT_ONCE_AGAIN_S) if one.asked_at_once is not None else now
        if one.ask_at is None:
            one.ask_at = one.asked_at_once = max(now, again)
