"""What the payment desk does not begin, and the sentence that says why and what to do instead."""

from collections.abc import Iterable
from typing import Final

from app.payments.attempt_record import AttemptState, Method, Operation, PaymentAttempt
from app.payments.desk_requests import PaymentOrder, RefundRequest
from app.payments.provider import ProviderCapabilities
from app.values.money import currency_of, format_minor
from app.values.wording import Wording, wording

FAULT: Final = wording("Something went wrong inside the till at this payment. Call a supervisor.")
_NOT_READY: Final = wording("The till is still looking at payments from before. Wait a moment and try again.")
_NOT_SET_UP: Final = wording("This way to pay is not set up at this till. Choose another.")


def refusal_of_payment(
    order: PaymentOrder, capabilities: ProviderCapabilities | None, *, ready: bool, unresolved: bool
) -> Wording | None:
    """Return why a payment is not begun; None where it may be."""
    if not ready:
        return _NOT_READY
    if capabilities is None:
        return _NOT_SET_UP
    if unresolved:
        return wording("A payment of this basket is not over yet. Wait for it, or cancel it.")
    able = {
        Method.SHOPPER_CODE: capabilities.shopper_code and bool(order.shopper_code),
        Method.MERCHANT_CODE: capabilities.merchant_code,
        Method.TERMINAL: capabilities.terminal,
    }
    return None if able[order.method] else _NOT_SET_UP


def refusal_of_refund(
    request: RefundRequest,
    original: PaymentAttempt | None,
    refunds: Iterable[PaymentAttempt],
    capabilities: ProviderCapabilities | None,
    *,
    ready: bool,
) -> Wording | None:
    """Return why money is not given back; None where it may be.

    `refunds` are all that were wanted on the payment so far: what is not declined counts as given back.
    """
    if not ready:
        return _NOT_READY
    if original is None or original.operation is not Operation.PURCHASE or original.state is not AttemptState.APPROVED:
        return wording("There is no such payment to give back. Look at the receipt.")
    if capabilities is None or not capabilities.refund:
        return wording("This provider gives nothing back through the till. Give the money back another way.")
    left = refundable_minor(original, refunds)
    if request.amount_minor > left:
        currency = currency_of(original.currency)
        return wording(
            "Of this payment {amount} can still be given back.",
            amount=f"{currency.symbol}{format_minor(left, currency)}",
        )
    return None


def refundable_minor(original: PaymentAttempt, refunds: Iterable[PaymentAttempt]) -> int:
    """Return what of a payment can still be given back; a refund whose outcome is open counts as given."""
    given = sum(
        refund.approved_minor if refund.state is AttemptState.APPROVED else refund.amount_minor
        for refund in refunds
        if refund.state is not AttemptState.DECLINED
    )
    return max(0, original.approved_minor - given)
