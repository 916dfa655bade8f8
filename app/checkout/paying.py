"""Pay: take tenders until nothing is left, then commit the sale before anything is shown or printed."""

from dataclasses import replace

from app.checkout.counter import Counter
from app.checkout.ports import PrintJob, PrintState
from app.checkout.presenting import completed_view
from app.checkout.printing import order_print
from app.checkout.requests import RemoveTender, TakeTender
from app.checkout.serials import require_unsold
from app.checkout.state import CheckoutRefused, TillState, require_basket
from app.checkout.typed_text import kept_text
from app.checkout.views import Phase, Severity, Sound
from app.payments.tendering import TenderRefused, balance_of, left_for, take_tender
from app.payments.tenders import Tendered
from app.sales.basket import Basket
from app.sales.completion import SellingPlace, Settled, sale_of
from app.sales.pricing import price_basket
from app.values.money import parse_minor
from app.values.wording import wording

MAXIMUM_REFERENCE_LENGTH = 40


def begin_payment(counter: Counter, state: TillState, _request: object) -> TillState:
    """Show what is due and how it may be paid.

    Raises:
        CheckoutRefused: the basket is empty, or a question is open.
        CannotBeSold: a piece in it was sold already; only asked before the first tender is taken.
    """
    basket = require_basket(state)
    if not basket.live_lines:
        raise CheckoutRefused(wording("The basket is empty. Scan the first item."))
    if state.pending is not None:
        raise CheckoutRefused(
            wording("Answer the question about {product} first.", product=state.pending.found.product.name)
        )
    if not basket.tenders:
        require_unsold(counter, basket)
    return replace(state, phase=Phase.PAYING, armed="")


def leave_payment(_counter: Counter, state: TillState, _request: object) -> TillState:
    """Go back to the basket; tenders already taken stay."""
    return replace(state, phase=Phase.SELLING) if state.phase is Phase.PAYING else state


def pay(counter: Counter, state: TillState, request: TakeTender) -> TillState:
    """Take a tender; when nothing is left to pay, the sale is committed, and only then shown and printed.

    Raises:
        TenderRefused: this tender cannot be taken so; those before it stand.
        StoreProblem: the sale was not stored; the basket and its tenders are as before.
    """
    begun = begin_payment(counter, state, request)
    basket = require_basket(begun)
    kind = counter.settings.tender_type(request.tender_type_id)
    if kind is None:
        raise TenderRefused(wording("This shop does not take that tender. Choose another."))
    if kind.needs_provider:
        raise TenderRefused(wording("{tender} is not set up at this till. Take cash or a card.", tender=kind.name))
    balance = balance_of(price_basket(basket).gross_minor, basket.tenders)
    rounding = counter.settings.cash_rounding
    amount = (
        parse_minor(request.amount_text, counter.settings.currency)
        if request.amount_text.strip()
        else left_for(kind, balance, rounding)
    )
    settlement = take_tender(
        kind,
        amount,
        balance,
        rounding,
        tender_id=basket.next_tender_id,
        reference=kept_text(request.reference, MAXIMUM_REFERENCE_LENGTH),
        currency=counter.settings.currency,
    )
    tenders = (*basket.tenders, settlement.tendered) if settlement.tendered else basket.tenders
    if not settlement.complete:
        paid_so_far = replace(basket, tenders=tenders, next_tender_id=basket.next_tender_id + 1)
        return replace(begun, basket=paid_so_far, sound=Sound.GOOD_READ)
    settled = Settled(tenders, settlement.change_minor, settlement.rounding_minor, counter.now())
    return _complete(counter, begun, basket, settled)


def _complete(counter: Counter, state: TillState, basket: Basket, settled: Settled) -> TillState:
    session = counter.session()
    settings = counter.settings
    place = SellingPlace(
        store_number=settings.store_number,
        till_number=settings.till_number,
        till_id=settings.till_id,
        session_id=session.session_id,
        business_date=session.business_date,
        operator_number=settings.operator.number,
        operator_name=settings.operator.name.default,
    )
    job_id = f"{basket.basket_id}-receipt"  # one for each sale, however often its commit is tried
    completed = counter.store.commit_sale(sale_of(basket, place, settled), print_job_id=job_id)
    drawer = any(tender.opens_drawer for tender in settled.tenders)
    job = PrintJob(job_id, completed.sale.sale_id, 0, PrintState.WAITING, opens_drawer=drawer)
    return replace(
        order_print(counter, state, completed, job),
        phase=Phase.PAID,
        basket=None,
        pending=None,
        armed="",
        selected_line=None,
        completed=completed_view(completed),
        sound=Sound.PAID,
    )


def remove_tender(_counter: Counter, state: TillState, request: RemoveTender) -> TillState:
    """Hand a tender back before the sale completes.

    Raises:
        CheckoutRefused: it is gone already.
    """
    basket = require_basket(state)
    gone = next((tender for tender in basket.tenders if tender.tender_id == request.tender_id), None)
    if gone is None:
        raise CheckoutRefused(wording("This tender was handed back already."))
    kept: tuple[Tendered, ...] = tuple(tender for tender in basket.tenders if tender is not gone)
    return replace(state, basket=replace(basket, tenders=kept)).saying(
        Severity.INFO, wording("Hand {tender} back to the shopper.", tender=gone.name)
    )
