"""A receipt that was looked up, and the payments that a person must look at, as cards to choose from."""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final

from app.checkout.payment_views import CaseView, ReceiptTenderView, ReceiptView, RefundView, WorklistView
from app.values.money import Currency, currency_of, parse_minor
from app.values.problems import Problem
from app.values.wording import Wording, wording
from ui.presenters.cards import Card, CardLine
from ui.presenters.formatting import write_moment, write_money

MAY_NOT_REFUND: Final = wording("You may look at this receipt, but give no money back on it. Call a supervisor.")
NOTHING_TO_REFUND: Final = wording("Nothing can be given back on this receipt here.")
MAY_NOT_CLOSE: Final = wording("You may look at this list, but close nothing on it. Call a supervisor.")
NOTHING_TO_CHECK: Final = wording("Every payment is clear. There is nothing to look at.")


@dataclass(frozen=True, slots=True)
class Moments:
    """How instants are written: in the store's zone, seen from now."""

    zone: tzinfo
    now: datetime

    def write(self, instant: datetime) -> str:
        """Write one."""
        return write_moment(instant, self.zone, self.now)


def receipt_title(receipt: ReceiptView) -> Wording:
    """Return the head's first line."""
    return wording("Receipt {number}", number=receipt.receipt_number)


def receipt_subtitle(receipt: ReceiptView, moments: Moments) -> Wording:
    """Return the head's second line."""
    time = moments.write(receipt.completed_at)
    amount = write_money(receipt.due_minor, currency_of(receipt.currency))
    number = receipt.operator_number
    if receipt.item_count == 1:
        return wording(
            "{time} \u00b7 {amount} \u00b7 1 item \u00b7 operator {number}", time=time, amount=amount, number=number
        )
    return wording(
        "{time} \u00b7 {amount} \u00b7 {count} items \u00b7 operator {number}",
        time=time,
        amount=amount,
        count=receipt.item_count,
        number=number,
    )


def why_no_refund(receipt: ReceiptView) -> Wording | None:
    """Say why no money can be given back on a receipt; None where it can."""
    if not receipt.may_refund:
        return MAY_NOT_REFUND
    return None if any(tender.refundable_minor > 0 for tender in receipt.tenders) else NOTHING_TO_REFUND


def tender_cards(receipt: ReceiptView, moments: Moments) -> tuple[Card, ...]:
    """Return a card for each tender."""
    return tuple(_tender_card(tender, receipt, moments) for tender in receipt.tenders)


def _tender_card(tender: ReceiptTenderView, receipt: ReceiptView, moments: Moments) -> Card:
    currency = currency_of(receipt.currency)
    lines = []
    if tender.reference:
        lines.append(CardLine(wording("Number {number}", number=tender.reference)))
    lines.extend(_refund_line(refund, currency, moments) for refund in tender.refunds)
    if tender.why_not is not None:
        lines.append(CardLine(tender.why_not, icon="information-outline"))
    elif tender.refundable_minor > 0:
        amount = write_money(tender.refundable_minor, currency)
        lines.append(CardLine(wording("Can be given back: {amount}", amount=amount), "ink", "cash-refund"))
    usable = receipt.may_refund and tender.refundable_minor > 0
    return Card(tender.name, write_money(tender.amount_minor, currency), tuple(lines), usable)


def _refund_line(refund: RefundView, currency: Currency, moments: Moments) -> CardLine:
    words = wording(
        "{amount} \u00b7 {time} \u00b7 {sentence}",
        amount=write_money(-refund.amount_minor, currency),
        time=moments.write(refund.asked_at),
        sentence=refund.sentence,
    )
    if refund.failed:
        return CardLine(words, "bad", "close-circle-outline")
    return CardLine(words, "good", "check-circle-outline") if refund.done else CardLine(words, "warn", "progress-clock")


def refund_words(tender: ReceiptTenderView | None, typed: str, currency: Currency) -> Wording:
    """Return what stands on the key that gives money back: with the amount, as soon as it is known."""
    if tender is None:
        return wording("Give back")
    minor = tender.refundable_minor
    if typed.strip():
        try:
            minor = parse_minor(typed, currency)
        except Problem:
            return wording("Give back")  # not an amount yet: it is still being typed, and the till judges it
    return wording("Give back {amount}", amount=write_money(minor, currency))


def case_cards(worklist: WorklistView, moments: Moments) -> tuple[Card, ...]:
    """Return a card for each payment that a person must look at."""
    return tuple(_case_card(case, moments, usable=worklist.may_close) for case in worklist.cases)


def _case_card(case: CaseView, moments: Moments, *, usable: bool) -> Card:
    lines = [CardLine(case.sentence, "ink")]
    when = wording(
        "{time} \u00b7 at the provider: {number}", time=moments.write(case.raised_at), number=case.provider_number
    )
    lines.append(CardLine(when))
    if case.shopper:
        lines.append(CardLine(wording("Shopper {shopper}", shopper=case.shopper)))
    if case.attempt_open:
        waiting = wording("The till is still asking. When the provider answers, this closes by itself.")
        lines.append(CardLine(waiting, "ink_soft", "progress-clock"))
    return Card(case.tender_name, write_money(case.amount_minor, currency_of(case.currency)), tuple(lines), usable)


def why_no_closing(worklist: WorklistView) -> Wording | None:
    """Say why nothing can be closed; None where it can."""
    if not worklist.cases:
        return NOTHING_TO_CHECK
    return None if worklist.may_close else MAY_NOT_CLOSE
