"""Payment news: what the payment desk says becomes words for the cashier, and a tender where it was approved."""

from dataclasses import replace
from datetime import timedelta

from app.checkout.claiming import (
    Finish,
    claim,
    close_declined,
    give_back,
    is_purchase,
    raise_declined,
    stage_of,
    waited_for,
)
from app.checkout.counter import Counter
from app.checkout.payment_requests import ReportPayment
from app.checkout.payment_views import PaymentStage
from app.checkout.refunding import print_slip
from app.checkout.state import OpenPayment, TillState
from app.checkout.views import Phase, Severity, Sound
from app.payments.attempt_record import AttemptState, PaymentAttempt
from app.payments.attempt_sentences import attempt_sentence
from app.payments.desk_requests import (
    AttemptChanged,
    AttemptEnded,
    DeskReady,
    ExceptionRaised,
    RequestRefused,
)
from app.sales.basket import Basket
from app.values.money import currency_of, format_minor
from app.values.wording import Wording, wording

UNCLAIMED_SINCE = timedelta(days=7)
"""How far back the start looks for payments that stand in no sale."""

SLIP_AFTER_ASKS = 2
"""A refund that has no end after so many questions takes longer: the shopper gets a slip that says so, and goes."""


def hear(counter: Counter, state: TillState, request: ReportPayment) -> TillState:
    """Take what the desk says; the same heard twice comes to the same.

    Raises:
        StoreProblem: the store cannot take what follows from it; it is to be heard again.
    """
    match request.event:
        case DeskReady():
            return _ready(counter, state)
        case AttemptChanged():
            return _changed(counter, state, request.event)
        case AttemptEnded():
            return _counted(counter, _ended(counter, state, request.event), request.event.attempt)
        case ExceptionRaised():
            counted = replace(state, case_count=len(counter.store.open_exceptions()))
            return counted.saying(Severity.WARNING, request.event.sentence, Sound.ATTENTION, "PAYMENT-CASE")
        case RequestRefused():
            return _refused(counter, state, request.event)


def attempt_of(request: ReportPayment) -> str:
    """Return which attempt the news is about; empty where it is about none. News of one is heard in its order."""
    match request.event:
        case AttemptChanged() | AttemptEnded():
            return request.event.attempt.attempt_id
        case ExceptionRaised():
            return request.event.case.attempt_id
        case RequestRefused():
            return request.event.attempt_id
        case DeskReady():
            return ""


def _counted(counter: Counter, state: TillState, attempt: PaymentAttempt) -> TillState:
    """Count the cases anew where the end of an attempt may have closed one."""
    if not attempt.help_called:
        return state
    return replace(state, case_count=len(counter.store.open_exceptions()))


def _ready(counter: Counter, state: TillState) -> TillState:
    """Say of payments that stand in no sale and in no basket: somebody must look where they belong."""
    # What could not be given back before the desk was ready is now.
    state = claim(counter, state)
    known = {basket.basket_id for basket in (state.basket, *state.suspended) if basket is not None}
    since = counter.now() - UNCLAIMED_SINCE
    strays = [attempt for attempt in counter.store.unclaimed_attempts(since) if attempt.basket_id not in known]
    for stray in strays:
        declined = [one for one in counter.store.refunds_of(stray.attempt_id) if one.state is AttemptState.DECLINED]
        state = raise_declined(counter, state, declined[-1]) if declined else state
    if not strays:
        return state
    return state.saying(
        Severity.WARNING,
        wording(
            "{count} payments of the last days stand in no sale. Compare them with the provider's bill.",
            count=len(strays),
        ),
        Sound.ATTENTION,
        "PAYMENT-UNCLAIMED",
    )


def _basket_of(state: TillState, basket_id: str) -> Basket | None:
    """Return a basket that the till has before it or put aside."""
    return next(
        (known for known in (state.basket, *state.suspended) if known is not None and known.basket_id == basket_id),
        None,
    )


def _is_rung_up(state: TillState, basket_id: str) -> bool:
    return state.basket is not None and state.basket.basket_id == basket_id


def _waits(state: TillState, attempt: PaymentAttempt) -> OpenPayment | None:
    """Return what its basket waits for, where that is this attempt."""
    waiting = state.payments.get(attempt.basket_id)
    return waiting if waiting is not None and waiting.attempt_id == attempt.attempt_id else None


def _changed(counter: Counter, state: TillState, event: AttemptChanged) -> TillState:
    attempt = event.attempt
    if not is_purchase(attempt):
        return _refund_goes_on(counter, state, event)
    before = state.payments.get(attempt.basket_id)
    if _basket_of(state, attempt.basket_id) is None or (before is not None and before.attempt_id != attempt.attempt_id):
        return state
    stage = stage_of(attempt)
    now = replace(
        waited_for(attempt),
        sentence=event.sentence,
        stage=stage,
        ends_at=event.ends_at,
        payload="" if attempt.cancel_by else event.payload,
    )
    if before is not None and before.cancelling and not now.cancelling:
        # Told before the desk took the cancel up.
        now = replace(now, cancelling=True, stage=before.stage, sentence=before.sentence, ends_at=None, payload="")
    calls = stage is PaymentStage.HELP and (before is None or before.stage is not PaymentStage.HELP)
    return replace(state.with_payment(attempt.basket_id, now), sound=Sound.ATTENTION if calls else state.sound)


def _ended(counter: Counter, state: TillState, event: AttemptEnded) -> TillState:
    attempt = event.attempt
    if not is_purchase(attempt):
        return _refund_ended(counter, state, event)
    if _is_rung_up(state, attempt.basket_id):
        return _ended_here(counter, state, event)
    if _basket_of(state, attempt.basket_id) is None:
        return _ended_nowhere(counter, state, attempt)
    before = _waits(state, attempt)
    # Whether it was to be cancelled is remembered for the recall: then the sale is not completed by itself.
    cancelling = before is not None and before.cancelling
    over = replace(waited_for(attempt), sentence=event.sentence, over=True, cancelling=cancelling)
    state = state.with_payment(attempt.basket_id, over)
    sentence = (
        wording("The basket that was put aside is paid. Recall it with F6 to finish.")
        if attempt.state is AttemptState.APPROVED
        else wording("The payment of the basket that was put aside is over: {how}", how=event.sentence)
    )
    return state.saying(Severity.INFO, sentence, Sound.ATTENTION)


def _ended_here(counter: Counter, state: TillState, event: AttemptEnded) -> TillState:
    attempt = event.attempt
    waiting = _waits(state, attempt)
    if waiting is not None:
        state = state.with_payment(attempt.basket_id, None)
    if attempt.state is not AttemptState.APPROVED:
        severity = Severity.INFO if attempt.cancel_by else Severity.WARNING
        return state.saying(severity, event.sentence, Sound.ATTENTION, attempt.last_code)
    if waiting is None or not waiting.cancelling or attempt.decided_by:
        return claim(counter, state.quiet(), Finish.IF_PAID)
    # Approved before the desk took the cancel up: it counts, and the cashier, who wanted it gone, says what now.
    return claim(counter, state.quiet(), Finish.NOT).saying(
        Severity.WARNING,
        wording("This payment had come before it was cancelled. Finish the sale with it, or hand it back with F8."),
        Sound.ATTENTION,
        "PAID-BEFORE-CANCEL",
    )


def _ended_nowhere(counter: Counter, state: TillState, attempt: PaymentAttempt) -> TillState:
    """Give back what was paid for a basket that is gone, and in no sale."""
    if attempt.state is not AttemptState.APPROVED:
        return state
    completed = counter.store.find_sale(attempt.basket_id)
    tenders = completed.sale.tenders if completed is not None else ()
    if any(tender.payment_attempt_id == attempt.attempt_id for tender in tenders):
        return state
    state, sentence = give_back(counter, state, attempt, "basket-gone")
    return state.saying(Severity.WARNING, sentence, Sound.ATTENTION, "PAYMENT-UNCLAIMED")


def _amount_of(attempt: PaymentAttempt) -> str:
    currency = currency_of(attempt.currency)
    return f"{currency.symbol}{format_minor(attempt.amount_minor, currency)}"


def _refund_goes_on(counter: Counter, state: TillState, event: AttemptChanged) -> TillState:
    """Let a tender go whose refund is stored; give the shopper a slip once it is clear that it takes longer."""
    attempt = event.attempt
    waiting = _waits(state, attempt)
    if not event.stored:
        # Nothing is on its way yet: the tender stays, and whoever waits reads why.
        said = replace(waiting, sentence=event.sentence) if waiting is not None else None
        return state if said is None else state.with_payment(attempt.basket_id, said)
    if waiting is not None:
        state = _tender_goes(counter, state, attempt, waiting)
    if attempt.asks >= SLIP_AFTER_ASKS and attempt.state in {AttemptState.PENDING, AttemptState.UNKNOWN}:
        return print_slip(counter, state, attempt)
    return state


def _tender_goes(counter: Counter, state: TillState, attempt: PaymentAttempt, waiting: OpenPayment) -> TillState:
    state = state.with_payment(attempt.basket_id, None)
    if state.basket is None or not _is_rung_up(state, attempt.basket_id):
        return state  # it goes when its basket is recalled
    kept = tuple(tender for tender in state.basket.tenders if tender.tender_id != waiting.hands_back)
    basket = replace(state.basket, tenders=kept)
    counter.store.save_basket(basket)
    return replace(state, basket=basket).saying(
        Severity.INFO,
        wording(
            "{amount} goes back to the shopper the way it was paid. The till sees to it; take another tender.",
            amount=_amount_of(attempt),
        ),
    )


def _refund_ended(counter: Counter, state: TillState, event: AttemptEnded) -> TillState:
    attempt = event.attempt
    asked_for_here = attempt.attempt_id in state.refund_slips
    waiting = _waits(state, attempt)
    state = print_slip(counter, state.without_refund(attempt.attempt_id), attempt)
    if attempt.state is not AttemptState.APPROVED:
        if waiting is not None:
            state = state.with_payment(attempt.basket_id, None)
        return _not_given_back(counter, state, event, asked_for_here=asked_for_here)
    if waiting is not None:
        state = _tender_goes(counter, state, attempt, waiting)
    return state.saying(Severity.GOOD, event.sentence, Sound.GOOD_READ, attempt.last_code)


def _not_given_back(counter: Counter, state: TillState, event: AttemptEnded, *, asked_for_here: bool) -> TillState:
    """Have the payment count again for a basket that is still there; else a person must give the money back."""
    attempt = event.attempt
    sentence: Wording = event.sentence
    if _is_rung_up(state, attempt.basket_id):
        state = claim(counter, state, Finish.NOT)
    basket = _basket_of(state, attempt.basket_id)
    if basket is not None and _counts(state, basket, attempt):
        sentence = wording(
            "The provider did not give {amount} back, so the payment counts again. Finish the sale with it, or call a"
            " supervisor.",
            amount=_amount_of(attempt),
        )
        # What is aside may not fit any more when it is recalled: then a person sees to it.
        state = close_declined(counter, state, attempt) if basket is state.basket else state
    elif not asked_for_here:
        # Whoever stands at the receipt reads it there; here nobody may be looking any more.
        state = raise_declined(counter, state, attempt)
    return state.saying(Severity.BAD, sentence, Sound.ATTENTION, attempt.last_code)


def _counts(state: TillState, basket: Basket, refund: PaymentAttempt) -> bool:
    """Return whether a payment is a tender of its basket, or will be when that is recalled."""
    if basket is not state.basket:
        return True
    return any(tender.payment_attempt_id == refund.refund_of for tender in basket.tenders)


def _refused(counter: Counter, state: TillState, event: RequestRefused) -> TillState:
    """Say why something that was asked was not done; a payment that was never begun is waited for no more.

    A cancel that came too late brings this after the payment's end, which was said already.
    """
    attempt = counter.store.attempt(event.attempt_id)
    waiting = [(key, payment) for key, payment in state.payments.items() if payment.attempt_id == event.attempt_id]
    waiting = [(key, payment) for key, payment in waiting if not payment.over]
    if not waiting and attempt is not None and attempt.final:
        return state
    state = replace(state, refund_slips=state.refund_slips - {event.attempt_id}).without_refund(event.attempt_id)
    for basket_id, payment in waiting:
        if payment.hands_back is None and counter.payments.is_busy_with(basket_id):
            state = state.with_payment(basket_id, _goes_on(payment, attempt))
            continue
        state = state.with_payment(basket_id, None)
        if _is_rung_up(state, basket_id):
            state = claim(counter, state)
    if state.phase is Phase.PAID and waiting:
        return state
    return state.saying(Severity.BAD, event.sentence, Sound.ATTENTION, "PAYMENT-REFUSED")


def _goes_on(payment: OpenPayment, attempt: PaymentAttempt | None) -> OpenPayment:
    """Return a payment of which only a cancel or a decision was refused: it can be cancelled again."""
    if attempt is None or attempt.cancel_by or not payment.cancelling:
        return payment
    return replace(payment, cancelling=False, stage=stage_of(attempt), sentence=attempt_sentence(attempt))
