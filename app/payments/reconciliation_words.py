"""What a person reads about a difference: what is so, and what to do about it."""

from typing import Final

from app.payments.attempt_record import AttemptState
from app.payments.reconciliation_facts import BillDay, Match, Standing, WorkItem
from app.values.money import Currency, Money
from app.values.wording import Wording, wording

_WHAT_IS_SO: Final = {
    Standing.AT_BORDER: wording("{number} ({recorded}) is minutes from midnight, and this bill does not have it."),
    Standing.RECORDED_NOT_PAID: wording("Receipt {receipt} has {recorded} paid as {number}; the bill does not."),
    Standing.PAID_NOT_RECORDED: wording("The bill has {bill} paid as {number}; no sale records it."),
    Standing.AMOUNT_DIFFERS: wording("{number} is {bill} on the bill and {recorded} on receipt {receipt}."),
    Standing.TAKEN_BACK_BUT_RECORDED: wording(
        "Receipt {receipt} records {recorded} paid as {number}; by the bill that payment was taken back."
    ),
    Standing.LISTED_TWICE: wording("The bill lists one transaction of {number} twice ({bill} too much)."),
    Standing.CHARGED_TWICE: wording("The bill has a second transaction for {number}: {bill} was charged once more."),
    Standing.RECORDED_TWICE: wording("{number} is recorded a second time on receipt {receipt} ({recorded})."),
    Standing.REFUND_NOT_PAID_OUT: wording(
        "Receipt {receipt} records {recorded} given back as {refund} on {number}; the bill has no such refund."
    ),
    Standing.REFUND_NOT_RECORDED: wording(
        "The bill has {bill} given back as {refund} on {number}; no return records it."
    ),
    Standing.REFUND_DIFFERS: wording(
        "Refund {refund} on {number} is {bill} on the bill and {recorded} on receipt {receipt}."
    ),
    Standing.REFUNDED_TWICE: wording("The bill has a second transaction for refund {refund} on {number}: {bill}."),
    Standing.REFUNDED_TOO_MUCH: wording("The bill gives back more on {number} than was paid."),
    Standing.UNRESOLVED: wording("The till does not know how {number} ended; neither bill nor journal has it."),
}

_WHAT_TO_DO: Final = {
    Standing.AT_BORDER: wording("Nothing today. Look for it in the next day's bill."),
    Standing.RECORDED_NOT_PAID: wording(
        "The goods went without money. Look the payment up at the provider, then ask the customer or write it off."
    ),
    Standing.PAID_NOT_RECORDED: wording(
        "Look the payment up at the provider. If no till of the shop has its sale, give the money back."
    ),
    Standing.AMOUNT_DIFFERS: wording("Look the payment up at the provider, and give back or book the difference."),
    Standing.TAKEN_BACK_BUT_RECORDED: wording(
        "The goods went without money. Find out who took it back, then ask the customer or write it off."
    ),
    Standing.LISTED_TWICE: wording("Check with the provider that it settles once."),
    Standing.CHARGED_TWICE: wording("Give the second charge back to the customer."),
    Standing.RECORDED_TWICE: wording("One payment settled two sales. Find the sale that was not paid."),
    Standing.REFUND_NOT_PAID_OUT: wording(
        "The customer still waits. Make the refund again; with its number it happens once."
    ),
    Standing.REFUND_NOT_RECORDED: wording("Find out who gave the money back, and record the return."),
    Standing.REFUND_DIFFERS: wording("Look the refund up at the provider, and give back or book the difference."),
    Standing.REFUNDED_TWICE: wording("The customer may have the money twice. Look the refund up at the provider."),
    Standing.REFUNDED_TOO_MUCH: wording("Look the refunds up at the provider, and claim back what is too much."),
    Standing.UNRESOLVED: wording("Have the till ask the provider again. By the bill nothing was paid."),
}

_TO_DO_BY_STATE: Final = {
    (Standing.PAID_NOT_RECORDED, AttemptState.APPROVED): wording(
        "The till knows of it, but its sale was never finished. Finish the suspended basket, or give the money back."
    ),
    (Standing.PAID_NOT_RECORDED, AttemptState.REVERSED): wording(
        "The customer paid after the till had taken it back. Give the money back, unless a refund of it is on its way."
    ),
    (Standing.PAID_NOT_RECORDED, AttemptState.DECLINED): wording(
        "The till was told that nothing was paid. Give the money back, and show the provider its answer."
    ),
    (Standing.PAID_NOT_RECORDED, AttemptState.UNKNOWN): wording(
        "The till never learned of it. Finish the suspended basket with it, or give the money back."
    ),
    (Standing.PAID_NOT_RECORDED, AttemptState.PENDING): wording(
        "The till never learned of it. Finish the suspended basket with it, or give the money back."
    ),
    (Standing.PAID_NOT_RECORDED, AttemptState.SUBMITTING): wording(
        "The till never learned of it. Finish the suspended basket with it, or give the money back."
    ),
    (Standing.RECORDED_NOT_PAID, AttemptState.APPROVED): wording(
        "The till was told that it was paid. Show the provider its own answer and ask for the money."
    ),
    (Standing.REFUND_NOT_PAID_OUT, AttemptState.APPROVED): wording(
        "The till was told that it was given back. Show the provider its own answer."
    ),
    (Standing.UNRESOLVED, AttemptState.APPROVED): wording(
        "The till was told that it was paid, but no sale has it. Have the till ask the provider again."
    ),
}

_DAY_BEFORE: Final = wording("Nothing today. Look for it in the bill of the day before.")


def work_item(match: Match, day: BillDay, currency: Currency) -> WorkItem:
    """Return a difference in a person's words."""
    to_do = _TO_DO_BY_STATE.get((match.standing, match.state)) if match.state is not None else None
    if match.standing is Standing.AT_BORDER and match.at is not None and day.near_start(match.at):
        to_do = _DAY_BEFORE
    return WorkItem(
        match=match,
        what_is_so=_filled(_WHAT_IS_SO[match.standing], match, currency),
        what_to_do=to_do or _WHAT_TO_DO[match.standing],
    )


def _filled(template: Wording, match: Match, currency: Currency) -> Wording:
    return Wording(
        template.message,
        (
            ("number", match.provider_number),
            ("refund", match.refund_number or "?"),
            ("receipt", match.receipt or "?"),
            ("bill", str(Money(abs(match.bill_minor), currency))),
            ("recorded", str(Money(abs(match.recorded_minor), currency))),
        ),
    )
