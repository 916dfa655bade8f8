"""Cashless: a basket waits for a provider's word, and only that word becomes a tender.

The payment itself is stored and carried on by the payment desk (`app.payments.desk`), whatever happens here. This side
remembers what the basket waits for, says it in words, and makes a tender of every payment that the store holds as
approved and that was not given back: at the desk's word, at the start, and when a basket is recalled. So a till that
dies between a provider's approval and the tender finds the tender again.
"""

from dataclasses import replace

from app.catalogue.codes import PaymentCode
from app.checkout.counter import Counter
from app.checkout.offline import require_offline
from app.checkout.payment_ports import TenderPath
from app.checkout.payment_requests import ConfirmPayment, DecidePayment
from app.checkout.payment_views import PaymentStage
from app.checkout.settling import amount_of, balance_for, begin_payment, is_as_before, settle, take
from app.checkout.state import (
    CheckoutRefused,
    NotAllowed,
    OpenPayment,
    TillState,
    require_basket,
)
from app.checkout.typed_text import kept_text
from app.checkout.views import Severity
from app.payments.attempt_record import Method
from app.payments.desk_requests import PaymentOrder, RefundRequest, SupervisorDecision
from app.payments.offline_rules import OfflineMeans
from app.payments.routing import route_payment_code
from app.payments.tendering import TenderRefused
from app.payments.tenders import Tendered, TenderType
from app.values.wording import wording

HANDED_BACK = "handed-back"
"""Why a payment is given back whose tender was handed back before the sale was complete."""

MAXIMUM_REFERENCE_LENGTH = 40
"""Of a number that is kept with a tender."""

_DESCRIPTION_LENGTH = 40
_REASON_LENGTH = 200
_SENDING = wording("The payment is being sent. Wait a moment.")
_TAKING_BACK = wording("The payment is being taken back. Some wallets need half a minute for that.")
_GIVING_BACK = wording("The money is being given back. Wait a moment.")
_NOT_READY = wording("The till is still looking at payments from before. Wait a moment and try again.")


def ask_by_key(counter: Counter, state: TillState, kind: TenderType, amount_minor: int, number: str) -> TillState:
    """Begin a payment by its tender's key: at the terminal, by a code that the shopper scans, or from held value.

    Args:
        counter: the counter.
        state: of a basket with something left to pay.
        kind: a tender that a provider must approve.
        amount_minor: what is to be paid with it.
        number: as it was keyed in: of the account whose value is held, or of an offline card's slip.

    Raises:
        TenderRefused: it cannot be asked for so, or not now; the sentence says what to do instead.
        CardNumberRefused: the slip's number is a card's.
    """
    path = _path_of(counter, kind)
    basket = require_basket(state)
    # Refused before anybody is asked, whatever the number.
    settle(counter, basket, replace(kind, reference_required=False), amount_minor, "")
    if path.away is not None and path.means is not OfflineMeans.HELD_VALUE:
        at_risk = require_offline(counter, state, kind, path, amount_minor)
        slip = kept_text(number, MAXIMUM_REFERENCE_LENGTH)
        settlement = settle(counter, basket, replace(kind, reference_required=True), amount_minor, slip)
        if settlement.tendered is None:
            return take(counter, state, settlement)
        offline = replace(settlement.tendered, approved_offline=True)
        taken = take(counter, state, replace(settlement, tendered=offline))
        return taken.saying(Severity.WARNING, at_risk, taken.sound)
    if path.means is OfflineMeans.HELD_VALUE:
        account = "".join(number.split())  # to the provider, and never kept
        if not account:
            raise TenderRefused(wording("{tender} needs its number. Key it in and try again.", tender=kind.name))
        return _begin(counter, state, kind, path, Method.SHOPPER_CODE, amount_minor, account)
    for method in (Method.TERMINAL, Method.MERCHANT_CODE):
        if method in path.methods:
            return _begin(counter, state, kind, path, method, amount_minor)
    raise TenderRefused(wording("Scan the shopper's payment code: {tender} needs no key.", tender=kind.name))


def pay_by_code(counter: Counter, state: TillState, scanned: PaymentCode | str, amount_text: str) -> TillState:
    """Pay what is left, or a part of it, with the code that a shopper shows.

    Raises:
        CheckoutRefused: there is nothing to pay, or a payment is under way.
        NotAPaymentCode: WalletNotSetUp: WalletAway: see there; the code was not used.
        TenderRefused: it cannot be taken so.
    """
    if state.basket is None or not state.basket.live_lines:
        raise CheckoutRefused(wording("This is a payment code, and nothing is to be paid yet. Scan the goods first."))
    if state.open_payment is not None:
        raise CheckoutRefused(
            wording("A payment is under way. Cancel it with Esc before scanning a payment code. This one was not used.")
        )
    begun = begin_payment(counter, state, scanned)
    if not is_as_before(state, begun):
        return begun
    basket = require_basket(begun)
    routed = route_payment_code(counter.payments.routing, scanned, lambda tender: _can_be_asked(counter, tender))
    kind = counter.settings.tender_type(routed.tender_type_ids[0])
    if kind is None:
        raise TenderRefused(wording("This shop does not take that tender. Choose another."))
    balance = balance_for(basket)
    if balance.left_minor <= 0:
        raise TenderRefused(wording("Nothing is left to pay. The code was not used."))
    amount = amount_of(counter, kind, balance, amount_text)
    settle(counter, basket, replace(kind, reference_required=False), amount, "")
    return _begin(counter, begun, kind, _path_of(counter, kind), Method.SHOPPER_CODE, amount, routed.code)


def _path_of(counter: Counter, kind: TenderType) -> TenderPath:
    path = counter.payments.path(kind.tender_type_id)
    if path is None:
        raise TenderRefused(wording("{tender} is not set up at this till. Take cash or a card.", tender=kind.name))
    return path


def _can_be_asked(counter: Counter, tender_type_id: str) -> bool:
    path = counter.payments.path(tender_type_id)
    return path is not None and path.away is None and Method.SHOPPER_CODE in path.methods


def _begin(
    counter: Counter,
    state: TillState,
    kind: TenderType,
    path: TenderPath,
    method: Method,
    amount_minor: int,
    shopper_code: str = "",
) -> TillState:
    settings, basket = counter.settings, require_basket(state)
    order = PaymentOrder(
        attempt_id=counter.identities.new(),
        basket_id=basket.basket_id,
        tender_type_id=kind.tender_type_id,
        provider_id=path.provider_id,
        method=method,
        amount_minor=amount_minor,
        currency=settings.currency.code,
        description=settings.shop.name.default[:_DESCRIPTION_LENGTH],
        store_number=f"{settings.store_number:04d}",
        till_number=f"{settings.till_number:02d}",
        shopper_code=shopper_code,
    )
    if not counter.payments.begin(order):
        raise TenderRefused(_NOT_READY)
    waited_for = OpenPayment(order.attempt_id, kind.tender_type_id, method, amount_minor, _SENDING)
    return state.with_payment(basket.basket_id, waited_for)


def hand_back(counter: Counter, state: TillState, tender: Tendered, attempt_id: str) -> TillState:
    """Give back what a provider charged; the tender goes when the refund is stored, not before.

    Raises:
        TenderRefused: the desk cannot take it on now.
    """
    basket, kind = require_basket(state), counter.settings.tender_type(tender.tender_type_id)
    request = RefundRequest(
        attempt_id=counter.identities.new(),
        refund_of=attempt_id,
        amount_minor=tender.amount_minor,
        asked_by=counter.settings.operator.number,
        reason=HANDED_BACK,
    )
    if not counter.payments.refund(request):
        raise TenderRefused(_NOT_READY)
    waited_for = OpenPayment(
        request.attempt_id,
        tender.tender_type_id if kind is None else kind.tender_type_id,
        Method.SHOPPER_CODE,
        tender.amount_minor,
        _GIVING_BACK,
        stage=PaymentStage.GIVING_BACK,
        hands_back=tender.tender_id,
    )
    return state.with_payment(basket.basket_id, waited_for)


def cancel_payment(counter: Counter, state: TillState, _request: object) -> TillState:
    """Have the open payment taken back; the basket waits until that is certain.

    Raises:
        CheckoutRefused: there is none, or it cannot be cancelled any more.
    """
    payment = _require_payment(state)
    if payment.hands_back is not None or payment.cancelling:
        raise CheckoutRefused(payment.sentence)
    if not counter.payments.cancel(payment.attempt_id, counter.settings.operator.number):
        raise CheckoutRefused(_NOT_READY)
    cancelling = replace(
        payment, cancelling=True, stage=PaymentStage.TAKING_BACK, sentence=_TAKING_BACK, ends_at=None, payload=""
    )
    return state.with_payment(require_basket(state).basket_id, cancelling)


def decide_payment(counter: Counter, state: TillState, request: DecidePayment) -> TillState:
    """Take a supervisor's decision about a payment that does not get resolved.

    Raises:
        NotAllowed: the operator is none.
        CheckoutRefused: there is no payment that needs it, or no reason was given.
    """
    payment = _require_payment(state)
    operator = counter.settings.operator
    if operator.role not in counter.settings.roles_that_decide:
        raise NotAllowed(
            wording("Only a supervisor may decide about a payment. Put the basket aside with F5 and call one.")
        )
    if payment.stage is not PaymentStage.HELP:
        raise CheckoutRefused(wording("The provider is still being asked. Wait for its answer, or cancel."))
    reason = require_reason(request.reason)
    decision = SupervisorDecision(payment.attempt_id, request.decision, operator.number, reason)
    if not counter.payments.decide(decision):
        raise CheckoutRefused(_NOT_READY)
    return state


def confirm_payment(counter: Counter, state: TillState, request: ConfirmPayment) -> TillState:
    """Take the cashier's word that the money came, where the provider cannot be asked.

    Raises:
        CheckoutRefused: there is no such payment.
    """
    payment = _require_payment(state)
    path = counter.payments.path(payment.tender_type_id)
    if path is None or not path.confirmed_by_hand:
        raise CheckoutRefused(wording("The provider itself says whether this payment came. Wait for its answer."))
    reference = kept_text(request.reference, MAXIMUM_REFERENCE_LENGTH)
    if not counter.payments.confirm(payment.attempt_id, counter.settings.operator.number, reference):
        raise CheckoutRefused(_NOT_READY)
    return state


def _require_payment(state: TillState) -> OpenPayment:
    payment = state.open_payment
    if payment is None:
        raise CheckoutRefused(wording("No payment is under way."))
    return payment


def require_reason(text: str) -> str:
    """Return a reason as it is kept.

    Raises:
        CheckoutRefused: there is none.
    """
    reason = kept_text(text, _REASON_LENGTH)
    if not reason:
        raise CheckoutRefused(wording("A reason is needed. Choose one or type it."))
    return reason
