"""What a person reads about a difference: what is so, and what to do about it."""

from typing import Final

from app.payments.attempt_record import AttemptState
from app.payments.reconciliation_facts import BillDay, Match, Standing, WorkItem
from app.values.money import Currency, Money
from app.values.wording import Wording, wording

_WHAT_IS_SO: Final = {
    Standing.AT_BORDER: wording(
        "{number} ({recorded}) was open minutes from midnight or across it, and this bill does not have it."
    ),
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

_TITLES: Final = {
    Standing.PAID_AND_RECORDED: wording("Paid and recorded"),
    Standing.REFUNDED_AND_RECORDED: wording("Given back and recorded"),
    Standing.TAKEN_BACK: wording("Taken back, no sale"),
    Standing.NOTHING_PAID: wording("Nothing paid"),
    Standing.OTHER_DAY: wording("Of another day"),
    Standing.GIVEN_BACK_LATER: wording("Given back on another day"),
    Standing.AT_BORDER: wording("Waits for the next bill"),
    Standing.RECORDED_NOT_PAID: wording("Recorded, not paid"),
    Standing.PAID_NOT_RECORDED: wording("Paid, not recorded"),
    Standing.AMOUNT_DIFFERS: wording("Amounts differ"),
    Standing.TAKEN_BACK_BUT_RECORDED: wording("Recorded, taken back"),
    Standing.LISTED_TWICE: wording("Listed twice"),
    Standing.CHARGED_TWICE: wording("Charged twice"),
    Standing.RECORDED_TWICE: wording("Recorded twice"),
    Standing.REFUND_NOT_PAID_OUT: wording("Refund not paid out"),
    Standing.REFUND_NOT_RECORDED: wording("Refund not recorded"),
    Standing.REFUND_DIFFERS: wording("Refund differs"),
    Standing.REFUNDED_TWICE: wording("Refunded twice"),
    Standing.REFUNDED_TOO_MUCH: wording("Refunded too much"),
    Standing.UNRESOLVED: wording("Not resolved"),
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

_TO_DO_BY_DECISION: Final = {
    (Standing.RECORDED_NOT_PAID, AttemptState.APPROVED): wording(
        "It was accepted without the provider's word, and the money did not come. Ask the customer or write it off."
    ),
    (Standing.PAID_NOT_RECORDED, AttemptState.REVERSED): wording(
        "It was given up, and the customer had paid. Give the money back, unless its sale was finished another way."
    ),
    (Standing.PAID_NOT_RECORDED, AttemptState.APPROVED): wording(
        "It was accepted without the provider's word, and was paid. Finish the suspended basket, or give it back."
    ),
    (Standing.REFUND_NOT_PAID_OUT, AttemptState.APPROVED): wording(
        "It was accepted without the provider's word, and the customer still waits. Make the refund again."
    ),
    (Standing.REFUND_NOT_RECORDED, AttemptState.DECLINED): wording(
        "It was given up, and the money went back all the same. Record the return."
    ),
    (Standing.UNRESOLVED, AttemptState.APPROVED): wording(
        "It was accepted without the provider's word; no sale has it, and nothing was paid. There is nothing to do."
    ),
}
"""Where a person's word ended the till's attempt."""

_REFUND_UNRESOLVED: Final = wording("The till has refund {refund} on {number}; neither bill nor journal has it.")
_REFUND_TO_DO: Final = wording("Look the refund up at the provider. With its number it happens once.")

_DAY_BEFORE: Final = wording("Nothing today. Look for it in the bill of the day before.")


def standing_title(standing: Standing) -> Wording:
    """Return what a standing is called in a list."""
    return _TITLES[standing]


def work_item(match: Match, day: BillDay, currency: Currency) -> WorkItem:
    """Return a difference in a person's words."""
    to_do = _to_do(match)
    if match.standing is Standing.AT_BORDER and match.at is not None and day.near_start(match.at):
        to_do = _DAY_BEFORE
    return WorkItem(
        match=match,
        what_is_so=_filled(_what_is_so(match), match, currency),
        what_to_do=to_do or _WHAT_TO_DO[match.standing],
    )


def _what_is_so(match: Match) -> Wording:
    if match.standing is Standing.UNRESOLVED and match.refund_number:
        return _REFUND_UNRESOLVED
    return _WHAT_IS_SO[match.standing]


def _to_do(match: Match) -> Wording | None:
    """Return what the till's own knowledge of it adds."""
    if match.state is None:
        return None
    if match.standing is Standing.UNRESOLVED and match.refund_number:
        return _REFUND_TO_DO
    by_state = _TO_DO_BY_STATE.get((match.standing, match.state))
    return _TO_DO_BY_DECISION.get((match.standing, match.state), by_state) if match.decided else by_state


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
