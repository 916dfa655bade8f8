"""Refunding: a receipt is looked up, and money is given back on it the way it was paid, all of it or in parts."""

from dataclasses import replace

from app.checkout.cashless import require_reason
from app.checkout.counter import Counter
from app.checkout.payment_requests import RefundTender, ShowReceipt
from app.checkout.payment_views import ReceiptTenderView, ReceiptView, RefundView
from app.checkout.ports import PrintJob, PrintState
from app.checkout.printing import order_print
from app.checkout.state import CheckoutRefused, CodeNotKnown, NotAllowed, TillState
from app.checkout.views import Severity
from app.payments.attempt_record import AttemptState, PaymentAttempt
from app.payments.attempt_sentences import attempt_sentence
from app.payments.desk_refusals import refundable_minor
from app.payments.desk_requests import RefundRequest
from app.payments.tenders import Tendered
from app.values.identifiers import ReceiptNumber
from app.values.money import format_minor, parse_minor
from app.values.wording import Wording, wording


def show_receipt(counter: Counter, state: TillState, request: ShowReceipt) -> TillState:
    """Look a sale of this till up by the number on its receipt; without a number the last one.

    Raises:
        CodeNotKnown: there is none of this number at this till.
        CheckoutRefused: nothing was sold yet.
    """
    text = request.number_text.strip()
    if text:
        return show_numbered(counter, state, _number_of(text))
    completed = counter.store.last_sale()
    if completed is None:
        raise CheckoutRefused(wording("Nothing was sold at this till yet."))
    return replace(state, shown_sale=completed.sale.sale_id)


def _number_of(text: str) -> ReceiptNumber:
    number = ReceiptNumber.read(text)
    if number is None:
        raise CodeNotKnown(wording("{text} is no receipt number. Type it as it is printed.", text=text[:40]))
    return number


def show_numbered(counter: Counter, state: TillState, number: ReceiptNumber) -> TillState:
    """Show the sale of a receipt.

    Raises:
        CodeNotKnown: it is another till's, or there is none.
    """
    settings = counter.settings
    if (number.store_number, number.till_number) != (settings.store_number, settings.till_number):
        raise CodeNotKnown(wording("Receipt {number} is from another till. Look it up there.", number=str(number)))
    completed = counter.store.find_receipt(number.epoch, number.number)
    if completed is None:
        raise CodeNotKnown(wording("There is no receipt {number} at this till. Check the number.", number=str(number)))
    return replace(state, shown_sale=completed.sale.sale_id)


def hide_receipt(_counter: Counter, state: TillState, _request: object) -> TillState:
    """Put the receipt away."""
    return replace(state, shown_sale="")


def refund_tender(counter: Counter, state: TillState, request: RefundTender) -> TillState:
    """Give money back on a tender of the receipt that is shown; what comes of it is told later.

    Raises:
        CheckoutRefused: no receipt is shown, the tender was not paid through a provider, no reason was given, or the
            receipt in sight does not show the refund before this one yet.
        NotAllowed: the operator's role may not.
        BadAmount: the amount is none.
    """
    completed = counter.store.find_sale(state.shown_sale) if state.shown_sale else None
    if completed is None:
        raise CheckoutRefused(wording("Look up the receipt first."))
    operator = counter.settings.operator
    if operator.role not in counter.settings.roles_that_refund:
        raise NotAllowed(wording("Only a supervisor may give money back. Call one."))
    tender = next((one for one in completed.sale.tenders if one.tender_id == request.tender_id), None)
    attempt = _attempt_of(counter, tender)
    if tender is None or attempt is None:
        raise CheckoutRefused(wording("This tender was not paid through a provider. Give the money back another way."))
    left = refundable_minor(attempt, counter.store.refunds_of(attempt.attempt_id))
    _require_seen(counter, state, request, left)
    if left <= 0:
        raise CheckoutRefused(
            wording("Everything was given back already, or is on its way. Nothing is left to give back.")
        )
    why_not = _why_not(counter, tender, attempt, left)
    if why_not is not None:
        raise CheckoutRefused(wording("{why}. Give the money back another way.", why=why_not))
    currency = counter.settings.currency
    amount = parse_minor(request.amount_text, currency) if request.amount_text.strip() else left
    if not 0 < amount <= left:
        most = f"{currency.symbol}{format_minor(left, currency)}"
        raise CheckoutRefused(wording("Of this payment {amount} can still be given back.", amount=most))
    refund = RefundRequest(
        attempt_id=counter.identities.new(),
        refund_of=attempt.attempt_id,
        amount_minor=amount,
        asked_by=operator.number,
        reason=require_reason(request.reason),
        basket_id=completed.sale.sale_id,
    )
    if not counter.payments.refund(refund):
        raise CheckoutRefused(
            wording("The till is still looking at payments from before. Wait a moment and try again.")
        )
    return replace(state, refund_slips=state.refund_slips | {refund.attempt_id}).saying(
        Severity.INFO, wording("The refund is being sent. A slip is printed when it is clear how it stands.")
    )


def _require_seen(counter: Counter, state: TillState, request: RefundTender, left_minor: int) -> None:
    """Refuse a refund that whoever asks may have asked for already: its key was pressed again before it was shown.

    Raises:
        CheckoutRefused: a refund is not stored yet, or the receipt in sight is an older one.
    """
    if any(counter.store.attempt(asked) is None for asked in state.refund_slips):
        raise CheckoutRefused(wording("The refund before this one is being sent. Wait until the receipt shows it."))
    if request.seen_minor is not None and request.seen_minor != left_minor:
        raise CheckoutRefused(wording("This receipt has changed. Look at it again before you give money back."))


def print_slip(counter: Counter, state: TillState, refund: PaymentAttempt) -> TillState:
    """Print the receipt again with what was given back on it, once for each refund asked for at this receipt.

    Raises:
        StoreProblem: the copy could not be recorded.
    """
    if refund.attempt_id not in state.refund_slips:
        return state
    state = replace(state, refund_slips=state.refund_slips - {refund.attempt_id})
    completed = counter.store.find_sale(refund.basket_id)
    if completed is None:
        return state
    copy = counter.store.copies_printed(completed.sale.sale_id) + 1
    job = PrintJob(counter.identities.new(), completed.sale.sale_id, copy, PrintState.WAITING)
    counter.store.add_print_job(job)
    return order_print(counter, state, completed, job)


def receipt_view(counter: Counter, sale_id: str) -> ReceiptView | None:
    """Draw a sale that was looked up."""
    completed = counter.store.find_sale(sale_id) if sale_id else None
    if completed is None:
        return None
    sale = completed.sale
    return ReceiptView(
        sale_id=sale.sale_id,
        receipt_number=str(completed.receipt_number),
        completed_at=sale.completed_at,
        operator_number=sale.operator_number,
        due_minor=sale.due_minor,
        item_count=len(sale.lines),
        currency=sale.currency,
        tenders=tuple(_tender_view(counter, tender) for tender in sale.tenders),
        may_refund=counter.settings.operator.role in counter.settings.roles_that_refund,
    )


def _attempt_of(counter: Counter, tender: Tendered | None) -> PaymentAttempt | None:
    if tender is None or tender.payment_attempt_id is None:
        return None
    return counter.store.attempt(tender.payment_attempt_id)


def _tender_view(counter: Counter, tender: Tendered) -> ReceiptTenderView:
    attempt = _attempt_of(counter, tender)
    refunds = () if attempt is None else counter.store.refunds_of(attempt.attempt_id)
    left = 0 if attempt is None else refundable_minor(attempt, refunds)
    return ReceiptTenderView(
        tender_id=tender.tender_id,
        name=tender.name,
        amount_minor=tender.applied_minor,
        reference=tender.reference,
        refundable_minor=left,
        refunds=tuple(_refund_view(refund) for refund in refunds),
        why_not=_why_not(counter, tender, attempt, left),
    )


def _why_not(counter: Counter, tender: Tendered, attempt: PaymentAttempt | None, left_minor: int) -> Wording | None:
    if attempt is None:
        return wording("Not paid through a provider")
    if counter.payments.path(tender.tender_type_id) is None:
        return wording("Its provider is not set up at this till")
    return wording("Everything was given back") if left_minor <= 0 else None


def _refund_view(refund: PaymentAttempt) -> RefundView:
    return RefundView(
        amount_minor=refund.amount_minor,
        sentence=attempt_sentence(refund),
        asked_at=refund.created_at,
        done=refund.state is AttemptState.APPROVED,
        failed=refund.state in {AttemptState.DECLINED, AttemptState.REVERSED},
    )
