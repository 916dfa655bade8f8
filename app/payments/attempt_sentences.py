"""What a cashier or a supervisor reads of an attempt and of a case."""

from typing import Final

from app.payments.attempt_record import AttemptState, ExceptionKind, Operation, PaymentAttempt
from app.payments.attempts import NOT_SENT
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
_CANCELLING: Final = wording("The payment is being taken back. Wait until that is certain.")
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
        "The provider refused a refund that the till wanted. Give the money back another way."
    ),
    ExceptionKind.ACCEPTED_ANYWAY: wording(
        "A supervisor took a payment for paid without the provider's word. Look for it on the provider's bill."
    ),
    ExceptionKind.GIVEN_UP: wording(
        "A supervisor stopped asking about a payment. Look for it on the provider's bill: it may have been charged."
    ),
}


def attempt_sentence(attempt: PaymentAttempt) -> Wording:
    """Return where an attempt stands, and what to do now."""
    if attempt.final:
        if attempt.last_code == NOT_SENT:
            return _NOT_SENT
    elif attempt.help_called:
        return _HELP
    elif attempt.cancel_by:
        return _CANCELLING
    return (_PURCHASE if attempt.operation is Operation.PURCHASE else _REFUND)[attempt.state]


def case_sentence(kind: ExceptionKind) -> Wording:
    """Return what a case is, and what to do about it."""
    return _CASES[kind]
