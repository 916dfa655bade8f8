"""Pay: take tenders until nothing is left; a tender that a provider must approve is asked for first."""

from dataclasses import replace

from app.checkout.cashless import MAXIMUM_REFERENCE_LENGTH, ask_by_key, hand_back
from app.checkout.counter import Counter
from app.checkout.member_tenders import account_of, is_members
from app.checkout.member_tenders import amount_of as most_of
from app.checkout.requests import RemoveTender, TakeTender
from app.checkout.settling import amount_of, balance_for, begin_payment, is_as_before, settle, take
from app.checkout.state import CheckoutRefused, TillState, require_basket, require_no_payment
from app.checkout.typed_text import kept_text
from app.checkout.views import Phase, Severity
from app.payments.tendering import TenderRefused
from app.payments.tenders import Tendered
from app.sales.basket import Basket
from app.values.wording import wording


def leave_payment(_counter: Counter, state: TillState, _request: object) -> TillState:
    """Go back to the basket; tenders already taken stay."""
    return replace(state, phase=Phase.SELLING) if state.phase is Phase.PAYING else state


def pay(counter: Counter, state: TillState, request: TakeTender) -> TillState:
    """Take a tender; when nothing is left to pay, the sale is committed, and only then shown and printed.

    A tender that a provider must approve is asked for here, and taken when the provider has said so; points and stored
    value are asked for from the account of the member who is named.

    Raises:
        TenderRefused: BadPoints: this tender cannot be taken so; those before it stand.
        StoreProblem: the sale was not stored; the basket and its tenders are as before.
    """
    require_no_payment(state)
    begun = begin_payment(counter, state, request)
    if not is_as_before(state, begun):
        return begun
    basket = require_basket(begun)
    kind = counter.settings.tender_type(request.tender_type_id)
    if kind is None:
        raise TenderRefused(wording("This shop does not take that tender. Choose another."))
    balance = balance_for(basket)
    if is_members(counter, kind.tender_type_id) and balance.left_minor > 0:
        account = account_of(counter, basket, kind)
        wanted = most_of(counter, basket, kind, balance, request.amount_text)
        return ask_by_key(counter, begun, kind, wanted, account)
    amount = amount_of(counter, kind, balance, request.amount_text)
    if kind.needs_provider and balance.left_minor > 0:
        return ask_by_key(counter, begun, kind, amount, request.reference)
    reference = kept_text(request.reference, MAXIMUM_REFERENCE_LENGTH)
    if kind.reference_once:
        reference = "".join(reference.split()).upper()  # however it is keyed in, it is the same number
    settlement = settle(counter, basket, kind, amount, reference)
    if kind.reference_once and settlement.tendered is not None:
        _require_unused(counter, state, basket, settlement.tendered)
    return take(counter, begun, settlement)


def _require_unused(counter: Counter, state: TillState, basket: Basket, tendered: Tendered) -> None:
    """Refuse a voucher's number that paid before: at this till, in this basket or in one put aside.

    Raises:
        TenderRefused: it did.
    """
    taken = {
        (tender.tender_type_id, tender.reference) for open_ in (basket, *state.suspended) for tender in open_.tenders
    }
    key = (tendered.tender_type_id, tendered.reference)
    if key in taken or counter.store.reference_used(*key):
        raise TenderRefused(
            wording(
                "{tender} {number} was used already. Look at the number again, or ask for another way to pay.",
                tender=tendered.name,
                number=tendered.reference,
            )
        )


def remove_tender(counter: Counter, state: TillState, request: RemoveTender) -> TillState:
    """Hand a tender back before the sale completes; what a provider charged is given back by the provider.

    Raises:
        CheckoutRefused: it is gone already, or a payment is under way.
    """
    basket = require_basket(state)
    require_no_payment(state)
    gone = next((tender for tender in basket.tenders if tender.tender_id == request.tender_id), None)
    if gone is None:
        raise CheckoutRefused(wording("This tender was handed back already."))
    if gone.payment_attempt_id is not None:
        return hand_back(counter, state, gone, gone.payment_attempt_id)
    kept: tuple[Tendered, ...] = tuple(tender for tender in basket.tenders if tender is not gone)
    return replace(state, basket=replace(basket, tenders=kept)).saying(
        Severity.INFO, wording("Hand {tender} back to the shopper.", tender=gone.name)
    )
