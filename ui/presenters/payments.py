"""The payment that is waited for, as it is shown: its stage in picture, word and colour, its time, what may be done."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from app.checkout.payment_views import OpenPaymentView, PaymentStage
from app.checkout.requests import TakeTender
from app.checkout.views import Notice, PaymentView, Severity, TenderChoice, TillView
from app.payments.attempt_record import Method
from app.payments.tenders import CASH
from app.values.money import CNY, Currency
from app.values.wording import Wording, wording
from ui.presenters.formatting import write_money

_SHORTEST_CODE: Final = 12
"""From so many digits on a number is a code: no till takes an amount of ten thousand million."""

NO_CASH: Final = Notice(Severity.WARNING, wording("Cash is not taken at this till. Choose another way to pay."))
_THOUSAND: Final = 1000


@dataclass(frozen=True, slots=True)
class StagePicture:
    """A stage as it is told apart by its picture, its word, and only then by its colour."""

    icon: str
    """Name in the Material Design set."""

    word: Wording
    role: str
    """The colour's token."""


_PICTURES: Final = {
    PaymentStage.SENDING: StagePicture("cloud-upload-outline", wording("Being sent"), "accent"),
    PaymentStage.UNANSWERED: StagePicture("progress-question", wording("No answer yet"), "warn"),
    PaymentStage.TAKING_BACK: StagePicture("undo-variant", wording("Being taken back"), "warn"),
    PaymentStage.GIVING_BACK: StagePicture("cash-refund", wording("Being given back"), "accent"),
    PaymentStage.HELP: StagePicture("account-alert", wording("Call a supervisor"), "bad"),
}
_SHOPPERS: Final = {
    Method.SHOPPER_CODE: StagePicture("cellphone-lock", wording("The shopper confirms"), "accent"),
    Method.MERCHANT_CODE: StagePicture("qrcode-scan", wording("The shopper scans"), "accent"),
    Method.TERMINAL: StagePicture("credit-card-wireless-outline", wording("At the terminal"), "accent"),
}


def open_payment(view: TillView) -> OpenPaymentView | None:
    """Return the payment that is waited for; None where there is none."""
    return view.payment.open if view.payment is not None else None


def picture_of(payment: OpenPaymentView) -> StagePicture:
    """Return a payment's stage as a person sees it."""
    return _SHOPPERS[payment.method] if payment.stage is PaymentStage.SHOPPER else _PICTURES[payment.stage]


def shown_payload(payment: OpenPaymentView) -> str:
    """Return what the QR in sight holds; empty once it must not be scanned any more."""
    return payment.payload if payment.stage is PaymentStage.SHOPPER else ""


_TO_THE_SHOPPER: Final = {
    PaymentStage.SENDING: wording("One moment, please."),
    PaymentStage.UNANSWERED: wording("One moment: it is being checked whether you have paid. Do not pay again."),
    PaymentStage.TAKING_BACK: wording("The payment is being taken back. One moment, please."),
    PaymentStage.GIVING_BACK: wording("The money is being given back to you."),
    PaymentStage.HELP: wording("One moment, please: your payment is being checked. Do not pay again."),
}
_THE_SHOPPERS_PART: Final = {
    Method.SHOPPER_CODE: wording("Look at your phone, and enter your password if it asks for it."),
    Method.MERCHANT_CODE: wording("Look at your phone to pay."),
    Method.TERMINAL: wording("Follow the card terminal."),
}


def shopper_sentence(payment: OpenPaymentView) -> Wording:
    """Return what the shopper is to do; the sentence of the view is for the cashier."""
    if shown_payload(payment):
        return wording("Scan with {tender}", tender=payment.tender_name)
    if payment.stage is PaymentStage.SHOPPER:
        return _THE_SHOPPERS_PART[payment.method]
    return _TO_THE_SHOPPER[payment.stage]


def cancel_words(payment: OpenPaymentView) -> Wording:
    """Return what stands on the key that takes the payment back."""
    if not payment.can_cancel and payment.stage in {PaymentStage.TAKING_BACK, PaymentStage.GIVING_BACK}:
        return _PICTURES[payment.stage].word
    return wording("Take back")


def is_typed_code(text: str) -> bool:
    """Tell whether what stands in the field of an amount is a code: nothing but digits, and more than an amount has.

    >>> is_typed_code("134567890123456789"), is_typed_code("12.90")
    (True, False)
    """
    return len(text) >= _SHORTEST_CODE and text.isascii() and text.isdigit()


def exact_cash(payment: PaymentView) -> TakeTender | Notice:
    """Take what is left in cash, never by whatever other tender can be had; or say why cash is not taken."""
    cash = next((choice for choice in payment.choices if choice.tender_type_id == CASH), None)
    if cash is None:
        return NO_CASH
    return TakeTender(CASH) if cash.unavailable is None else Notice(Severity.WARNING, cash.unavailable)


@dataclass(frozen=True, slots=True)
class TenderHint:
    """The second line of a tender's key."""

    words: Wording
    icon: str
    short: Wording | str = ""
    """What is said where there is no room for the words."""


SEE_WHY: Final = wording("See why")
"""Under a tender that cannot be taken: the whole reason comes when it is touched."""

_HINTS: Final = {
    Method.TERMINAL: TenderHint(wording("at the terminal"), "credit-card-wireless-outline"),
    Method.MERCHANT_CODE: TenderHint(wording("QR code"), "qrcode"),
    Method.SHOPPER_CODE: TenderHint(wording("scan the shopper's code"), "cellphone"),
    None: TenderHint(wording("waits for approval"), "progress-clock"),
}


def tender_hint(choice: TenderChoice, currency: Currency = CNY) -> TenderHint | None:
    """Say under a tender's name what taking it begins, or why it cannot be; None where there is nothing to say."""
    if choice.unavailable is not None:
        return TenderHint(wording("no connection") if choice.offline else choice.unavailable, "cancel", SEE_WHY)
    if choice.offline:
        return TenderHint(wording("offline: number of the slip"), "cancel")
    if choice.most_minor is not None:
        return TenderHint(wording("up to {amount}", amount=write_money(choice.most_minor, currency)), "account-outline")
    if choice.asks_provider:
        return _HINTS[choice.method]
    return None


class Countdown:
    """How long the shopper still has, by the screen's clock."""

    def __init__(self) -> None:
        """Begin with nothing to count."""
        self._attempt_id = ""
        self._began_at: datetime | None = None
        self._ends_at: datetime | None = None

    @property
    def running(self) -> bool:
        """Whether there is an end to count down to."""
        return self._ends_at is not None

    def follow(self, payment: OpenPaymentView | None, now: datetime) -> None:
        """Take a payment as it is now; the bar is full at the first sight of its end."""
        if payment is None or payment.ends_at is None:
            self._ends_at = None
            self._attempt_id = "" if payment is None else self._attempt_id
            return
        if payment.attempt_id != self._attempt_id or self._began_at is None:
            self._attempt_id, self._began_at = payment.attempt_id, now
        self._ends_at = payment.ends_at

    def seconds_left(self, now: datetime) -> int | None:
        """Return the seconds left, begun ones counted, never less than 0; None where nothing is counted."""
        if self._ends_at is None:
            return None
        return max(0, -((now - self._ends_at) // timedelta(seconds=1)))

    def thousandths_left(self, now: datetime) -> int:
        """Return how much of the time is left, from 0 to 1000."""
        if self._ends_at is None or self._began_at is None or self._ends_at <= self._began_at:
            return 0
        share = (self._ends_at - now) * _THOUSAND // (self._ends_at - self._began_at)
        return max(0, min(_THOUSAND, share))
