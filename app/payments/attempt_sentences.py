"""What a cashier or a supervisor reads of an attempt and of a case."""

from typing import Final

from app.payments.attempt_record import AttemptState, ExceptionKind, Operation, PaymentAttempt
from app.payments.attempts import NOT_SEEN, NOT_SENT
from app.values.wording import Wording, wording

_PURCHASE: Final = {
    AttemptState.CREATED: wording("The payment is being prepared."),
    AttemptState.SUBMITTING: wording("The payment is being sent. Wait a moment."),
    AttemptState.PENDING: wording("Waiting for the shopper. Ask them to look at their phone or the terminal."),
    AttemptState.UNKNOWN: wording("No answer yet. It is being asked again; do not charge twice."),
    AttemptState.APPROVED: wording("Paid."),
    AttemptState.DECLINED: wording("Not paid, and nothing was charged. Choose another way to pay."),
    AttemptState.REVERSED: wording("Taken back: the shopper pays nothing. Choose another way to pay."),
}
_REFUND: Final = {
    AttemptState.CREATED: wording("The refund is being prepared."),
    AttemptState.SUBMITTING: wording("The refund is being sent."),
    AttemptState.PENDING: wording("The refund was taken on. The money is on its way."),
    AttemptState.UNKNOWN: wording("The refund has no answer yet. The till sends it again by itself until it has."),
    AttemptState.APPROVED: wording("The money was given back."),
    AttemptState.DECLINED: wording("The money was not given back. Give it back another way."),
    AttemptState.REVERSED: wording("The money was not given back. Give it back another way."),
}
_NOT_SENT: Final = wording("Nothing was sent, so nothing was charged. Try again, or choose another way to pay.")
_NOT_SEEN: Final = wording(
    "Cancelled, but the shopper can still pay the code. Look at the banking app before you take another payment."
)
_BY_HAND: Final = wording(
    "Look at the banking app. When the money is there, confirm it; before you cancel, make sure that it is not."
)
CODE_GONE: Final = wording(
    "The till has no code to show for this payment any more. If the shopper scanned it, wait; if not, cancel the"
    " payment and begin it again."
)
"""Of a payment that waits for its code to be scanned after the till was started anew, or its code got lost."""

_CANCELLING: Final = wording("The payment is being taken back. Some wallets need half a minute for that.")
_HELP: Final = wording("The provider gives no certain answer. Call a supervisor; the till goes on asking.")

_CASES: Final = {
    ExceptionKind.LATE_APPROVAL: wording(
        "A payment was charged after it was taken for over. The till gives the money back; check that it arrives."
    ),
    ExceptionKind.AMOUNT_DIFFERS: wording(
        "The provider moved another amount than was asked for. Compare it with the provider's records."
    ),
    ExceptionKind.CANNOT_REVERSE: wording(
        "A cancelled payment was charged and could not be reversed. The till refunds it; check that it arrives."
    ),
    ExceptionKind.UNRESOLVED: wording(
        "The provider gives no certain answer about a payment. Look at the shopper's phone and at the provider's"
        " records, then decide."
    ),
    ExceptionKind.REFUND_DECLINED: wording(
        "The provider refused a refund: the shopper has not got the money. Give it back another way."
    ),
    ExceptionKind.ACCEPTED_ANYWAY: wording(
        "A supervisor took a payment for paid without the provider's word. Look for it on the provider's bill."
    ),
    ExceptionKind.NOT_LOOKED_AT: wording(
        "A payment was taken back, and since then its provider does not answer. Look for it on the provider's bill."
    ),
    ExceptionKind.GIVEN_UP: wording(
        "A supervisor stopped asking about a payment. Look for it on the provider's bill: it may have been charged."
    ),
    ExceptionKind.CAPTURE_DECLINED: wording(
        "Money was held for a sale, and the provider refused to take it. The goods are sold: ask the provider, or the"
        " shopper for another payment."
    ),
}


def attempt_sentence(attempt: PaymentAttempt, *, by_hand: bool = False) -> Wording:
    """Return where an attempt stands, and what to do now; `by_hand`: its provider cannot be asked."""
    waits = {AttemptState.PENDING, AttemptState.UNKNOWN}
    if attempt.final:
        if attempt.last_code == NOT_SENT:
            return _NOT_SENT
        if attempt.last_code == NOT_SEEN:
            return _NOT_SEEN
    elif attempt.help_called:
        return _HELP
    elif attempt.cancel_by:
        return _CANCELLING
    elif by_hand and attempt.operation is Operation.PURCHASE and attempt.state in waits:
        return _BY_HAND
    return (_PURCHASE if attempt.operation is Operation.PURCHASE else _REFUND)[attempt.state]


def case_sentence(kind: ExceptionKind) -> Wording:
    """Return what a case is, and what to do about it."""
    return _CASES[kind]
