"""The refunds on a receipt: what was given back on its tenders since, what is on its way, and how that is said."""

from collections.abc import Iterable, Iterator
from typing import Final

from app.payments.attempt_record import AttemptState, Operation, PaymentAttempt
from app.sales.receipt import Receipt, ReceiptRefund, RefundProgress
from app.sales.receipt_elements import Element, Row, Rule, TextLine
from app.sales.sale import Sale
from app.values.money import Currency, currency_of, format_minor
from app.values.speech import Speech
from app.values.wording import Wording, wording

_INDENT: Final = 2

_PROGRESS: Final = {
    AttemptState.APPROVED: RefundProgress.GIVEN_BACK,
    AttemptState.DECLINED: RefundProgress.NOT_GIVEN_BACK,
    AttemptState.REVERSED: RefundProgress.NOT_GIVEN_BACK,
}
"""Every other state is of a refund that the till still sends or asks about."""


def refunds_on(sale: Sale, attempts: Iterable[PaymentAttempt]) -> tuple[ReceiptRefund, ...]:
    """Return what a receipt says was given back, the oldest first.

    Args:
        sale: whose receipt it is.
        attempts: refunds as they stand now, of this sale's payments; those of other payments, and attempts that are no
            refunds, are passed over.
    """
    names = {tender.payment_attempt_id: tender.name for tender in sale.tenders if tender.payment_attempt_id is not None}
    refunds: list[ReceiptRefund] = []
    for attempt in sorted(attempts, key=lambda one: (one.created_at, one.attempt_id)):
        name = names.get(attempt.refund_of or "")
        if attempt.operation is not Operation.REFUND or name is None:
            continue
        progress = _PROGRESS.get(attempt.state, RefundProgress.ON_ITS_WAY)
        # A provider may have given back another amount than it was asked for: the shopper reads what came.
        came = attempt.approved_minor if progress is RefundProgress.GIVEN_BACK else attempt.amount_minor
        refunds.append(ReceiptRefund(name, came, attempt.created_at, progress))
    return tuple(refunds)


def refund_lines(receipt: Receipt, speech: Speech) -> Iterator[Element]:
    """Yield what was given back on a receipt since, with its number; nothing where nothing was."""
    if not receipt.refunds:
        return
    currency = currency_of(receipt.completed.sale.currency)
    yield Rule()
    yield TextLine(
        speech.say(wording("Refunds on receipt {number}", number=str(receipt.completed.receipt_number))), bold=True
    )
    for refund in receipt.refunds:
        given = refund.progress is not RefundProgress.NOT_GIVEN_BACK
        yield Row(speech.say(refund.name), format_minor(-refund.amount_minor if given else 0, currency))
        yield TextLine(speech.write_time(refund.asked_at.astimezone(receipt.zone)), indent=_INDENT)
        yield TextLine(speech.say(_sentence(refund, currency)), indent=_INDENT)


def _sentence(refund: ReceiptRefund, currency: Currency) -> Wording:
    match refund.progress:
        case RefundProgress.GIVEN_BACK:
            return wording("Given back")
        case RefundProgress.ON_ITS_WAY:
            return wording("On its way: the shop's till sends it until the provider confirms it. Keep this receipt.")
        case RefundProgress.NOT_GIVEN_BACK:
            return wording(
                "{amount} was not given back. Please ask at the till.",
                amount=format_minor(refund.amount_minor, currency),
            )
