"""Worklist: the payments that a person must look at, until somebody says what was found."""

from dataclasses import replace

from app.checkout.cashless import require_reason
from app.checkout.counter import Counter
from app.checkout.payment_requests import CloseCase
from app.checkout.payment_views import CaseView, WorklistView
from app.checkout.state import CheckoutRefused, NotAllowed, TillState
from app.checkout.views import Severity
from app.payments.attempt_record import CaseClosed, ExceptionCase, ExceptionKind, Operation
from app.payments.attempt_sentences import case_sentence
from app.payments.desk_requests import Decision, SupervisorDecision
from app.values.wording import LocalizedText, wording

_ASKS = wording("The till is still asking about this payment. Decide at its basket, or wait for the answer.")
_BUSY = wording("The till is busy with payments. Wait a moment and close the case again.")


def show_worklist(counter: Counter, state: TillState, _request: object) -> TillState:
    """Show the open cases."""
    return replace(state, worklist_shown=True, case_count=len(counter.store.open_exceptions()))


def hide_worklist(_counter: Counter, state: TillState, _request: object) -> TillState:
    """Put the worklist away."""
    return replace(state, worklist_shown=False)


def close_case(counter: Counter, state: TillState, request: CloseCase) -> TillState:
    """Keep that somebody dealt with a case, with what was found.

    A refund that gets no answer is given up so: the till stops sending it, and a case stays of what was given up.

    Raises:
        NotAllowed: the operator's role may not.
        CheckoutRefused: it is closed already, its payment is still being asked about, or no reason was given.
        StoreProblem: it is still open.
    """
    operator = counter.settings.operator
    if operator.role not in counter.settings.roles_that_decide:
        raise NotAllowed(wording("Only a supervisor may close a case. Call one."))
    case = next((one for one in counter.store.open_exceptions() if one.case_id == request.case_id), None)
    if case is None:
        raise CheckoutRefused(wording("This case is closed already."))
    attempt = counter.store.attempt(case.attempt_id)
    reason = require_reason(request.reason)
    if case.kind is ExceptionKind.UNRESOLVED and attempt is not None and not attempt.final:
        if attempt.operation is not Operation.REFUND:
            raise CheckoutRefused(_ASKS)
        return _give_up(
            counter, state, SupervisorDecision(attempt.attempt_id, Decision.GIVE_UP, operator.number, reason)
        )
    counter.store.close_exception(CaseClosed(case.case_id, operator.number, reason, counter.now()))
    return replace(state, case_count=len(counter.store.open_exceptions())).saying(
        Severity.GOOD, wording("The case is closed.")
    )


def _give_up(counter: Counter, state: TillState, decision: SupervisorDecision) -> TillState:
    if not counter.payments.decide(decision):
        raise CheckoutRefused(_BUSY)
    return state.saying(
        Severity.WARNING,
        wording("The till stops sending this refund. Find out at the provider whether the money went back."),
    )


def worklist_view(counter: Counter) -> WorklistView:
    """Draw the open cases, the oldest first."""
    return WorklistView(
        cases=tuple(_case_view(counter, case) for case in counter.store.open_exceptions()),
        may_close=counter.settings.operator.role in counter.settings.roles_that_decide,
    )


def _case_view(counter: Counter, case: ExceptionCase) -> CaseView:
    attempt = counter.store.attempt(case.attempt_id)
    kind = counter.settings.tender_type(attempt.tender_type_id) if attempt is not None else None
    return CaseView(
        case_id=case.case_id,
        kind=case.kind,
        sentence=case_sentence(case.kind),
        tender_name=kind.name if kind is not None else LocalizedText(attempt.tender_type_id if attempt else "?"),
        amount_minor=case.amount_minor,
        currency=case.currency,
        raised_at=case.raised_at,
        provider_number=attempt.provider_number if attempt is not None else "",
        shopper=(attempt.payer or attempt.masked_code) if attempt is not None else "",
        attempt_open=attempt is not None and not attempt.final,
    )
