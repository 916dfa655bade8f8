"""Receipts and the drawer: jobs with an identity, handed to the printer, never waited for."""

from dataclasses import replace

from app.checkout.counter import Counter
from app.checkout.ports import PrintJob, PrintState, ReceiptOrder
from app.checkout.requests import OpenDrawer, ReportPrint, ReprintReceipt
from app.checkout.state import CheckoutRefused, NotAllowed, TillState
from app.checkout.typed_text import kept_text
from app.checkout.views import Severity
from app.ledger.entry import EntryKind
from app.sales.receipt import Receipt, ReceiptRefund
from app.sales.receipt_refunds import refunds_on
from app.sales.sale import CompletedSale, Sale
from app.values.wording import Wording, wording

MAXIMUM_REASON_LENGTH = 200


def order_print(counter: Counter, state: TillState, completed: CompletedSale, job: PrintJob) -> TillState:
    """Hand a print job to the printer's queue; where that is full, keep it to be sent later.

    The drawer opens now or not at all: a full queue still kicks it, so the job that is kept no longer does.
    """
    refunds = _refunds_on(counter, completed.sale) if job.copy_number else ()
    receipt = Receipt(counter.settings.shop, completed, counter.settings.zone, job.copy_number, refunds)
    if counter.printer.submit(ReceiptOrder(job.job_id, receipt, opens_drawer=job.opens_drawer)):
        return state
    return replace(state, unsent_jobs=(*state.unsent_jobs, replace(job, opens_drawer=False)))


def _refunds_on(counter: Counter, sale: Sale) -> tuple[ReceiptRefund, ...]:
    """Return what was given back on a sale's tenders so far, as a copy of its receipt says it."""
    attempts = [tender.payment_attempt_id for tender in sale.tenders if tender.payment_attempt_id is not None]
    refunds = [refund for attempt_id in attempts for refund in counter.store.refunds_of(attempt_id)]
    return refunds_on(sale, refunds) if refunds else ()


def _order_again(counter: Counter, state: TillState, jobs: tuple[PrintJob, ...]) -> TillState:
    for position, job in enumerate(jobs):
        completed = counter.store.find_sale(job.sale_id)
        if completed is None:
            continue
        state = order_print(counter, state, completed, job)
        if state.unsent_jobs:
            return replace(state, unsent_jobs=(*state.unsent_jobs, *jobs[position + 1 :]))
    return state


def resume_printing(counter: Counter, state: TillState) -> TillState:
    """Hand the jobs that were not finished when the till stopped to the printer again.

    A job whose bytes may have left already is printed as a copy, so that nobody holds two originals. The drawer
    stays shut: its moment has passed.
    """
    jobs = tuple(
        replace(
            job,
            copy_number=max(job.copy_number, 1) if job.state is PrintState.PRINTING else job.copy_number,
            opens_drawer=False,
        )
        for job in counter.store.unfinished_print_jobs()
    )
    return _order_again(counter, state, jobs)


def report_print(counter: Counter, state: TillState, request: ReportPrint) -> TillState:
    """Keep how far a print job came; when one is done, send those that found the queue full."""
    counter.store.set_print_state(request.job_id, request.state)
    counter.printer.stored(request.job_id, request.state)
    if request.state in (PrintState.WAITING, PrintState.PRINTING) or not state.unsent_jobs:
        return state
    return _order_again(counter, replace(state, unsent_jobs=()), state.unsent_jobs)


def reprint(counter: Counter, state: TillState, request: ReprintReceipt) -> TillState:
    """Print a receipt again, marked as a copy, with a journal entry.

    Raises:
        CheckoutRefused: there is no such sale.
        StoreProblem: the copy could not be recorded and is not printed.
    """
    store = counter.store
    completed = store.find_sale(request.sale_id) if request.sale_id else store.last_sale()
    if completed is None:
        raise CheckoutRefused(wording("Nothing was sold at this till yet."))
    job = PrintJob(
        job_id=counter.identities.new(),
        sale_id=completed.sale.sale_id,
        copy_number=store.copies_printed(completed.sale.sale_id) + 1,
        state=PrintState.WAITING,
    )
    store.add_print_job(job)
    return order_print(counter, state, completed, job).saying(
        Severity.INFO, wording("A copy of receipt {number} is being printed.", number=str(completed.receipt_number))
    )


_ROLES: dict[str, Wording] = {
    "cashier": wording("a cashier"),
    "supervisor": wording("a supervisor"),
    "admin": wording("the store admin"),
}


def _drawer_refusal(allowed: tuple[str, ...]) -> Wording:
    known = [_ROLES[role] for role in allowed if role in _ROLES]
    if not known:
        return wording("In this shop the drawer opens with a sale only.")
    who = known[0]
    for role in known[1:]:
        who = wording("{one} or {other}", one=who, other=role)
    return wording("Only {who} may open the drawer without a sale. Call one.", who=who)


def open_drawer(counter: Counter, state: TillState, request: OpenDrawer) -> TillState:
    """Open the drawer without a sale; the journal says who and why before it opens, and who was refused.

    Raises:
        CheckoutRefused: no reason was given.
        NotAllowed: the operator's role may not; the sentence says whose may.
        StoreProblem: it could not be recorded, and the drawer stays shut.
    """
    reason = kept_text(request.reason, MAXIMUM_REASON_LENGTH)
    if not reason:
        raise CheckoutRefused(wording("A reason is needed. Choose one or type it."))
    operator, allowed = counter.settings.operator, counter.settings.roles_that_open_the_drawer
    if operator.role not in allowed:
        counter.store.record(
            EntryKind.DRAWER_REFUSED, {"operator": operator.number, "reason": reason, "role": operator.role}
        )
        raise NotAllowed(_drawer_refusal(allowed))
    counter.store.record(EntryKind.DRAWER_OPENED, {"operator": operator.number, "reason": reason})
    if not counter.printer.submit(ReceiptOrder(counter.identities.new(), None, opens_drawer=True)):
        return state.saying(Severity.WARNING, wording("The printer is busy. Open the drawer with its key."))
    return state.saying(Severity.INFO, wording("The drawer was opened."))
