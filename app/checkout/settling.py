"""Settle: what every tender does once it is good, whether it lay on the counter or a provider said so."""

from collections.abc import Iterable
from dataclasses import replace

from app.checkout.counter import Counter
from app.checkout.coupon_checks import checked_again
from app.checkout.couponing import require_code_answered
from app.checkout.dealing import before_payment
from app.checkout.earning import with_points
from app.checkout.member_copying import remember_sale
from app.checkout.ports import PrintJob, PrintState
from app.checkout.presenting import completed_view
from app.checkout.printing import order_print
from app.checkout.serials import require_unsold
from app.checkout.state import CheckoutRefused, TillState, require_basket
from app.checkout.views import Phase, Sound
from app.payments.tendering import Balance, Settlement, balance_of, left_for, take_tender
from app.payments.tenders import Tendered, TenderType
from app.sales.basket import Basket
from app.sales.completion import SellingPlace, Settled, sale_of
from app.sales.pricing import price_basket
from app.sales.shopper import CouponHold
from app.values.money import parse_minor
from app.values.wording import wording


def begin_payment(counter: Counter, state: TillState, _request: object) -> TillState:
    """Show what is due and how it may be paid; a coupon that is good no more leaves the basket first, and is said.

    Then nothing else happens: the shopper sees the price before it is paid.

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
        require_coupons_answered(basket)
        require_code_answered(counter, state)
        checked = checked_again(counter, state)
        if checked is not state:
            return replace(checked, armed="")
    return replace(before_payment(counter, state), phase=Phase.PAYING, armed="")


def is_as_before(state: TillState, begun: TillState) -> bool:
    """Tell whether payment could begin with what was in the basket."""
    return require_basket(begun).coupons is require_basket(state).coupons


def require_coupons_answered(basket: Basket) -> None:
    """Refuse to take payment while headquarters has not said whether a coupon can be used.

    Raises:
        CheckoutRefused: naming the coupon.
    """
    asked = next((one for one in basket.coupons if one.hold is CouponHold.ASKED), None)
    if asked is not None:
        raise CheckoutRefused(
            wording("Headquarters is being asked about {coupon}. Wait a moment, or take it out.", coupon=asked.name)
        )


def balance_for(basket: Basket) -> Balance:
    """Return where a basket's payment stands."""
    return balance_of(price_basket(basket).gross_minor, basket.tenders)


def amount_of(counter: Counter, kind: TenderType, balance: Balance, text: str) -> int:
    """Return what is tendered: what was typed, or all that is left.

    Raises:
        BadAmount: what was typed is no amount.
    """
    if text.strip():
        return parse_minor(text, counter.settings.currency)
    return left_for(kind, balance, counter.settings.cash_rounding)


def settle(counter: Counter, basket: Basket, kind: TenderType, amount_minor: int, reference: str) -> Settlement:
    """Return what taking a tender would come to.

    Raises:
        TenderRefused: it cannot be taken so.
    """
    return take_tender(
        kind,
        amount_minor,
        balance_for(basket),
        counter.settings.cash_rounding,
        tender_id=basket.next_tender_id,
        reference=reference,
        currency=counter.settings.currency,
    )


def with_tender(basket: Basket, tendered: Tendered) -> Basket:
    """Return the basket with a tender more."""
    return replace(basket, tenders=(*basket.tenders, tendered), next_tender_id=basket.next_tender_id + 1)


def take(counter: Counter, state: TillState, settlement: Settlement) -> TillState:
    """Take a tender that is good; when nothing is left, commit the sale, and only then show and print it.

    Raises:
        StoreProblem: the sale was not stored; the basket and its tenders are as before.
    """
    basket = require_basket(state)
    paid = basket if settlement.tendered is None else with_tender(basket, settlement.tendered)
    if not settlement.complete:
        return replace(state, basket=paid, sound=Sound.GOOD_READ)
    settled = Settled(paid.tenders, settlement.change_minor, settlement.rounding_minor, counter.now())
    return complete(counter, state, basket, settled)


def complete(counter: Counter, state: TillState, basket: Basket, settled: Settled) -> TillState:
    """Commit the sale of a basket that is paid.

    Raises:
        StoreProblem: it was not stored; the basket is as before.
    """
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
    settled = with_points(counter, basket, settled, session.business_date)
    job_id = f"{basket.basket_id}-receipt"  # one for each sale, however often its commit is tried
    completed = counter.store.commit_sale(sale_of(basket, place, settled), print_job_id=job_id)
    _capture(counter, settled.tenders)
    remember_sale(counter, completed.sale)
    counter.members.facts_wait()
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


def _capture(counter: Counter, tenders: Iterable[Tendered]) -> None:
    """Have what was only held taken, now that the sale is stored; forgotten here, it is found at the next start."""
    held = []
    for tender in tenders:
        path = counter.payments.path(tender.tender_type_id)
        if tender.payment_attempt_id is not None and path is not None and path.captures:
            held.append(tender.payment_attempt_id)
    if held:
        counter.payments.capture(held)
