"""Claim: make a basket's tenders what the store says was paid and not given back, and a sale of it where that is all.

The store's attempts are the truth, the till's memory is not: so whatever was lost of it, by a kill or by a disk that
failed, a basket finds its payments again here.
"""

from dataclasses import replace
from enum import Enum

from app.checkout.counter import Counter
from app.checkout.payment_views import PaymentStage
from app.checkout.settling import balance_for, complete, settle, with_tender
from app.checkout.state import OpenPayment, TillState
from app.checkout.views import Phase, Severity, Sound
from app.payments.attempt_record import (
    THE_TILL,
    AttemptRecord,
    AttemptState,
    CaseClosed,
    ExceptionCase,
    ExceptionKind,
    Method,
    Operation,
    PaymentAttempt,
)
from app.payments.attempt_sentences import attempt_sentence
from app.payments.desk_requests import RefundRequest
from app.payments.tendering import TenderRefused
from app.payments.tenders import TenderType
from app.sales.basket import Basket
from app.sales.completion import Settled
from app.values.money import currency_of, format_minor
from app.values.problems import Problem
from app.values.wording import LocalizedText, Wording, wording

COUNTS_AGAIN = "counts-again"
"""Why a case over a refused refund is closed: the basket that the payment was for is paid with it after all."""

_REFERENCE_LENGTH = 40


class Finish(Enum):
    """When the sale is completed, once nothing is left to pay."""

    IF_WON = "a payment became a tender just now"
    IF_PAID = "in any case"
    NOT = "never: a person wanted something else, and decides"


def take_up(counter: Counter, state: TillState) -> TillState:
    """Find what the baskets wait for when the till starts, and the tenders they have won meanwhile.

    Raises:
        StoreProblem: the store cannot be read or written.
    """
    state = replace(state, case_count=len(counter.store.open_exceptions()))
    open_attempts = {attempt.basket_id: attempt for attempt in counter.store.open_attempts() if is_purchase(attempt)}
    for basket in (state.basket, *state.suspended):
        attempt = open_attempts.get(basket.basket_id) if basket is not None else None
        if attempt is not None:
            state = state.with_payment(attempt.basket_id, waited_for(attempt))
    for basket in state.suspended:
        won = [one for one in _unclaimed(counter, basket) if basket.basket_id not in state.payments]
        if won:
            state = state.with_payment(basket.basket_id, replace(waited_for(won[-1]), over=True))
    claimed = claim(counter, state)
    if claimed.phase is Phase.PAID:
        return claimed.saying(
            Severity.GOOD,
            wording("The payment of the basket that was open had come when the till stopped. The sale is complete."),
            Sound.PAID,
        )
    return claimed


def claim(counter: Counter, state: TillState, finish: Finish = Finish.IF_WON) -> TillState:
    """Make the tenders of the basket being rung up what the store says they are; complete the sale where it is paid.

    Raises:
        StoreProblem: the basket could not be stored; nothing has changed.
    """
    if state.basket is None:
        return state
    before = state.basket
    state, basket = _trued_up(counter, state, before)
    if basket.tenders or basket.basket_id in state.payments:
        state = replace(state, phase=Phase.PAYING)
    if basket is not before:
        state = replace(state, basket=basket, sound=Sound.GOOD_READ)
    won = basket.next_tender_id > before.next_tender_id
    wanted = finish is Finish.IF_PAID or (finish is Finish.IF_WON and won)
    if not (wanted and _is_paid(state, basket)):
        return _kept(counter, state, before)
    try:
        # In one step with the tender: a till killed before it finds the payment again, after it the sale.
        return complete(counter, state, basket, Settled(basket.tenders, 0, 0, counter.now()))
    except Problem as problem:
        # The tender is kept: it is only the sale that must be tried again, with Enter.
        return _kept(counter, state, before).saying(Severity.BAD, problem.sentence, Sound.ATTENTION, problem.code)


def _is_paid(state: TillState, basket: Basket) -> bool:
    waits = basket.basket_id in state.payments
    return bool(basket.tenders) and not waits and balance_for(basket).left_minor == 0


def _kept(counter: Counter, state: TillState, before: Basket) -> TillState:
    if state.basket is not None and state.basket is not before:
        counter.store.save_basket(state.basket)
    return state


def _trued_up(counter: Counter, state: TillState, basket: Basket) -> tuple[TillState, Basket]:
    """Return the basket with a tender for every payment that counts and none for those that were given back."""
    kept = tuple(
        tender
        for tender in basket.tenders
        if tender.payment_attempt_id is None or not _given_back(counter, tender.payment_attempt_id)
    )
    if len(kept) != len(basket.tenders):
        basket = replace(basket, tenders=kept)
    for attempt in _unclaimed(counter, basket):
        kind = counter.settings.tender_type(attempt.tender_type_id) or _kind_that_was(attempt)
        reference = _reference_of(attempt)[:_REFERENCE_LENGTH]
        amount = attempt.approved_minor
        try:
            settlement = settle(counter, basket, replace(kind, reference_required=False), amount, reference)
        except TenderRefused:
            state, refused = give_back(counter, state, attempt, "more-than-due")
            state = state.saying(Severity.BAD, refused, Sound.ATTENTION, "PAYMENT-NOT-TAKEN")
            continue
        if settlement.tendered is not None:
            basket = with_tender(basket, replace(settlement.tendered, payment_attempt_id=attempt.attempt_id))
    return state, basket


def _unclaimed(counter: Counter, basket: Basket) -> tuple[PaymentAttempt, ...]:
    claimed = {tender.payment_attempt_id for tender in basket.tenders}
    return tuple(
        attempt
        for attempt in counter.store.attempts_of(basket.basket_id)
        if is_purchase(attempt)
        and attempt.state is AttemptState.APPROVED
        and attempt.attempt_id not in claimed
        and not _given_back(counter, attempt.attempt_id)
    )


def _reference_of(attempt: PaymentAttempt) -> str:
    """Return what stands with the tender on the receipt and, for ever, in the journal.

    Of a card its scheme and masked number. Who paid with a wallet can be erased, and so stands in neither.
    """
    shown = attempt.payer if attempt.method is Method.TERMINAL else ""
    return shown or attempt.provider_reference


def _given_back(counter: Counter, attempt_id: str) -> bool:
    return any(refund.state is not AttemptState.DECLINED for refund in counter.store.refunds_of(attempt_id))


def _kind_that_was(attempt: PaymentAttempt) -> TenderType:
    """Return a tender type that the configuration no longer has."""
    return TenderType(
        attempt.tender_type_id, LocalizedText(attempt.tender_type_id), "tender_receivable", needs_provider=True
    )


def give_back(counter: Counter, state: TillState, attempt: PaymentAttempt, reason: str) -> tuple[TillState, Wording]:
    """Give back by the till's own wish what no basket can use; returns what to say besides.

    It is asked for once, and not again where the provider refused: then a person sees to it.

    Raises:
        StoreProblem: the store cannot be read, or the case could not be stored.
    """
    declined = [one for one in counter.store.refunds_of(attempt.attempt_id) if one.state is AttemptState.DECLINED]
    if declined:
        return raise_declined(counter, state, declined[-1]), wording(
            "A payment came that cannot be used, and the provider does not give it back. Call a supervisor."
        )
    if attempt.attempt_id not in state.giving_back.values():
        refund = RefundRequest(
            attempt_id=counter.identities.new(),
            refund_of=attempt.attempt_id,
            amount_minor=attempt.approved_minor,
            asked_by=THE_TILL,
            reason=reason,
        )
        if not counter.payments.refund(refund):
            return state, wording("A payment came that cannot be used, and the till cannot give it back now.")
        state = state.with_refund(refund.attempt_id, attempt.attempt_id)
    currency = currency_of(attempt.currency)
    return state, wording(
        "A payment came that cannot be used. The till gives {amount} back; take another tender.",
        amount=f"{currency.symbol}{format_minor(attempt.approved_minor, currency)}",
    )


def raise_declined(counter: Counter, state: TillState, refund: PaymentAttempt) -> TillState:
    """Have a person look at money that was not given back; the same refund is one case, however often it is told.

    Where the provider took its time to refuse, the desk has raised this case already, with the attempt's end.

    Raises:
        StoreProblem: the case could not be stored.
    """
    case = ExceptionCase(
        refund.attempt_id, ExceptionKind.REFUND_DECLINED, counter.now(), refund.amount_minor, refund.currency
    )
    counter.store.save_attempt(AttemptRecord((), (case,)))
    return replace(state, case_count=len(counter.store.open_exceptions()))


def close_declined(counter: Counter, state: TillState, refund: PaymentAttempt) -> TillState:
    """Close the case over money that was not given back, where there is one: its payment pays the basket again.

    Raises:
        StoreProblem: the case is still open.
    """
    for case in counter.store.open_exceptions():
        if case.attempt_id == refund.attempt_id and case.kind is ExceptionKind.REFUND_DECLINED:
            counter.store.close_exception(CaseClosed(case.case_id, THE_TILL, COUNTS_AGAIN, counter.now()))
    return replace(state, case_count=len(counter.store.open_exceptions()))


def is_purchase(attempt: PaymentAttempt) -> bool:
    """Return whether it pays a basket."""
    return attempt.operation is Operation.PURCHASE


def waited_for(attempt: PaymentAttempt) -> OpenPayment:
    """Return what a basket waits for."""
    return OpenPayment(
        attempt.attempt_id,
        attempt.tender_type_id,
        attempt.method,
        attempt.amount_minor,
        attempt_sentence(attempt),
        stage=stage_of(attempt),
        code=attempt.last_code,
        cancelling=bool(attempt.cancel_by),
    )


def stage_of(attempt: PaymentAttempt) -> PaymentStage:
    """Return what is waited for."""
    if attempt.help_called:
        return PaymentStage.HELP
    if attempt.cancel_by:
        return PaymentStage.TAKING_BACK
    return {AttemptState.PENDING: PaymentStage.SHOPPER, AttemptState.UNKNOWN: PaymentStage.UNANSWERED}.get(
        attempt.state, PaymentStage.SENDING
    )
