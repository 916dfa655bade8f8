"""Stored value and vouchers as a payment provider: an approval holds the value, the stored sale takes it.

Every call names the payment by its own number, so each can be repeated until it is certain. What each one needs of the
accounts (`app.payments.held_value.accounts`):

* `pay`: a hold is whole or not at all, and its number holds once.
* `query`: the accounts know every hold for ever.
* `reverse`: a release is final, also of a hold that arrives after it; that is why an answer means REVERSED.
* `capture`: a released hold is never taken, a taken one never twice.
* `refund`: of the whole of a hold that was not taken yet, a release; of anything else a give-back, once for its number.
"""

from collections.abc import Iterator
from datetime import date
from typing import Final, NoReturn

from app.payments.card_terminal import holds_card_number
from app.payments.held_value.accounts import (
    GiveBackAnswer,
    GiveBackState,
    HoldAnswer,
    HoldState,
    LookUpState,
    ValueAccount,
    ValueAccounts,
)
from app.payments.provider import (
    BillRow,
    CodeOffer,
    ProviderAnswer,
    ProviderAway,
    ProviderCapabilities,
    ProviderTimes,
    PurchaseOrder,
    RefundOrder,
    Verdict,
)
from app.values.money import currency_of, format_minor
from app.values.wording import Wording, wording

TIMES: Final = ProviderTimes(
    ask_every_s=3, ask_until_s=30, reverse_not_before_s=0, reverse_every_s=5, call_timeout_s=10
)
"""Nobody has anything to do but the accounts: after half a minute without an answer the hold is let go."""

_AWAY: Final = wording(
    "The accounts of cards and vouchers cannot be reached. Nothing was taken. Take another way to pay."
)
_NO_ANSWER: Final = wording("The accounts have not answered. They are being asked again; do not take it twice.")
_NOT_KNOWN: Final = wording("This card or voucher is not known. Nothing was taken. Check its number.")
_REFUSED: Final = wording("This card or voucher was refused. Nothing was taken. Take another way to pay.")
_NUMBER_MISSING: Final = wording("Scan the card or voucher, or key in its number.")
_RELEASED: Final = wording("The value was let go. Nothing was taken from the card or voucher.")
_HELD: Final = wording("Paid. The value is set aside and is taken with the sale.")
_CAPTURED: Final = wording("Paid. The value was taken.")
_GIVEN_BACK: Final = wording("The value was given back to the card or voucher.")
_NOT_GIVEN_BACK: Final = wording("The value was not given back. Give it back another way.")
_NO_CODE: Final = wording("A card or voucher is scanned, not shown by the till. Scan it.")

_SILENT: Final = frozenset({HoldState.UNKNOWN, HoldState.NOT_SENT})


class HeldValueProvider:
    """Cards and vouchers of one set of accounts; used by one thread."""

    def __init__(self, accounts: ValueAccounts, times: ProviderTimes = TIMES) -> None:
        """Take the accounts; nothing is sent."""
        self._accounts = accounts
        self._times = times

    @property
    def capabilities(self) -> ProviderCapabilities:
        """What it can do; whether it works offline is the accounts' own word, and may change."""
        return ProviderCapabilities(captures=True, works_offline=self._accounts.works_offline, times=self._times)

    def pay(self, order: PurchaseOrder) -> ProviderAnswer:
        """Hold the amount on the card or voucher whose number is the order's shopper code; once for each number.

        DECLINED where the accounts could not be asked: not a byte of the hold left.
        """
        if order.amount_minor <= 0:
            raise ValueError("a payment is for an amount")
        instrument = order.shopper_code.strip()
        if not instrument:
            return ProviderAnswer(Verdict.DECLINED, _NUMBER_MISSING, code="NO-NUMBER")
        found = self._accounts.look_up(instrument)
        if found.state is LookUpState.AWAY:
            return ProviderAnswer(Verdict.DECLINED, _AWAY, code="AWAY")
        if found.account is None:
            return ProviderAnswer(Verdict.DECLINED, _NOT_KNOWN, code="NOT-KNOWN")
        refused = _cannot_pay(found.account, order)
        if refused is not None:
            return refused
        held = self._accounts.hold(order.provider_number, instrument, order.amount_minor, order.currency)
        if held.state is HoldState.NOT_SENT:
            return ProviderAnswer(Verdict.DECLINED, _AWAY, code="AWAY")
        sentence = _rest_forfeit(found.account, order) if held.state is HoldState.HELD else None
        return _payment(held, sentence=sentence, payer=_masked(instrument))

    def offer_code(self, order: PurchaseOrder) -> CodeOffer:
        """Decline: there is nothing to show."""
        del order
        return CodeOffer(ProviderAnswer(Verdict.DECLINED, _NO_CODE, code="NO-CODE"))

    def query(self, order: PurchaseOrder) -> ProviderAnswer:
        """Say how the hold stands."""
        return _payment(self._accounts.held(order.provider_number))

    def reverse(self, order: PurchaseOrder) -> ProviderAnswer:
        """Let the hold go; APPROVED where it was taken already, so that only a refund gives it back."""
        answer = self._accounts.release(order.provider_number)
        if answer.state is HoldState.HELD:
            # Still held after a release contradicts itself.
            return ProviderAnswer(Verdict.UNKNOWN, _NO_ANSWER, code="STILL-HELD")
        return _payment(answer)

    def capture(self, order: PurchaseOrder) -> ProviderAnswer:
        """Take what is held; APPROVED once that is certain, REVERSED where it had been let go."""
        answer = self._accounts.capture(order.provider_number)
        if answer.state is HoldState.HELD:
            return ProviderAnswer(Verdict.UNKNOWN, _NO_ANSWER, code="NOT-TAKEN-YET")
        if answer.state is HoldState.CAPTURED and answer.amount_minor == 0:
            # All of it was given back before it was taken.
            return ProviderAnswer(Verdict.REVERSED, _RELEASED, code=HoldState.RELEASED.name)
        return _payment(answer)

    def refund(self, order: RefundOrder) -> ProviderAnswer:
        """Give value back; repeated with the same number it happens once."""
        if not 0 < order.amount_minor <= order.original_minor:
            raise ValueError("a refund is more than nothing and at most what was paid")
        if order.amount_minor == order.original_minor:
            stands = self._accounts.held(order.provider_number)
            if stands.state in _SILENT:
                return ProviderAnswer(Verdict.UNKNOWN, _NO_ANSWER, code=stands.state.name)
            if stands.state is HoldState.HELD and stands.amount_minor == order.original_minor:
                stands = self._accounts.release(order.provider_number)
            if stands.state is HoldState.RELEASED:
                return ProviderAnswer(Verdict.APPROVED, _GIVEN_BACK, amount_minor=order.amount_minor)
            if stands.state in _SILENT:
                return ProviderAnswer(Verdict.UNKNOWN, _NO_ANSWER, code=stands.state.name)
        return _refund(self._accounts.give_back(order.provider_number, order.refund_number, order.amount_minor), order)

    def query_refund(self, order: RefundOrder) -> ProviderAnswer:
        """Say how a refund stands; NOT_FOUND where it may be sent again."""
        if order.amount_minor == order.original_minor:
            stands = self._accounts.held(order.provider_number)
            if stands.state is HoldState.RELEASED:
                return ProviderAnswer(Verdict.APPROVED, _GIVEN_BACK, amount_minor=order.amount_minor)
            if stands.state in _SILENT:
                return ProviderAnswer(Verdict.UNKNOWN, _NO_ANSWER, code=stands.state.name)
        return _refund(self._accounts.given_back(order.provider_number, order.refund_number), order)

    def bill(self, day: date) -> Iterator[BillRow]:
        """Have none: the accounts are the shop's own, and their entries stand in its journal.

        Raises:
            ProviderAway: always.
        """
        _no_bill(day)

    def close(self) -> None:
        """Let the accounts' connections go."""
        self._accounts.close()


def _cannot_pay(account: ValueAccount, order: PurchaseOrder) -> ProviderAnswer | None:
    """Return why an account does not pay an order; None where it does."""
    if account.refusal is not None:
        return ProviderAnswer(Verdict.DECLINED, account.refusal, code="REFUSED")
    if account.currency != order.currency:
        sentence = wording("This card or voucher is in {currency}. Take another way to pay.", currency=account.currency)
        return ProviderAnswer(Verdict.DECLINED, sentence, code="OTHER-CURRENCY")
    if account.balance_minor < order.amount_minor:
        sentence = wording(
            "There is only {balance} on it. Pay that much with it, and the rest another way.",
            balance=_money(max(0, account.balance_minor), account.currency),
        )
        return ProviderAnswer(Verdict.DECLINED, sentence, code="NOT-ENOUGH")
    return None


def _rest_forfeit(account: ValueAccount, order: PurchaseOrder) -> Wording | None:
    rest = account.balance_minor - order.amount_minor
    if not account.whole_only or rest <= 0:
        return None
    return wording(
        "Paid. The voucher is spent whole: its rest of {rest} is not given out.", rest=_money(rest, account.currency)
    )


def _payment(answer: HoldAnswer, *, sentence: Wording | None = None, payer: str = "") -> ProviderAnswer:
    """Return what the state of a hold means for the payment."""
    code = answer.state.name
    match answer.state:
        case HoldState.HELD | HoldState.CAPTURED:
            said = sentence or (_HELD if answer.state is HoldState.HELD else _CAPTURED)
            return ProviderAnswer(Verdict.APPROVED, said, answer.amount_minor, answer.reference, payer, code=code)
        case HoldState.RELEASED:
            return ProviderAnswer(Verdict.REVERSED, _RELEASED, code=code)
        case HoldState.REFUSED:
            return ProviderAnswer(Verdict.DECLINED, answer.refusal or _REFUSED, code=code)
        case HoldState.NOT_FOUND:
            return ProviderAnswer(Verdict.NOT_FOUND, _NO_ANSWER, code=code)
        case HoldState.NOT_SENT | HoldState.UNKNOWN:
            return ProviderAnswer(Verdict.UNKNOWN, _NO_ANSWER, code=code)


def _refund(answer: GiveBackAnswer, order: RefundOrder) -> ProviderAnswer:
    """Return what the state of a give-back means for the refund."""
    code = answer.state.name
    match answer.state:
        case GiveBackState.DONE if answer.amount_minor == order.amount_minor:
            return ProviderAnswer(Verdict.APPROVED, _GIVEN_BACK, amount_minor=answer.amount_minor, code=code)
        case GiveBackState.REFUSED:
            return ProviderAnswer(Verdict.DECLINED, answer.refusal or _NOT_GIVEN_BACK, code=code)
        case GiveBackState.NOT_FOUND:
            return ProviderAnswer(Verdict.NOT_FOUND, _NO_ANSWER, code=code)
        case _:
            return ProviderAnswer(Verdict.UNKNOWN, _NO_ANSWER, code=code)


def _masked(instrument: str) -> str:
    """Return as much of a number as tells two cards apart; a short one is not shown at all."""
    masked = f"******{instrument[-4:]}" if len(instrument) >= 8 else ""
    return "" if holds_card_number(masked) else masked


def _money(amount_minor: int, currency: str) -> str:
    known = currency_of(currency)
    return f"{known.symbol}{format_minor(amount_minor, known)}"


def _no_bill(day: date) -> NoReturn:
    raise ProviderAway(
        wording(
            "There is no bill of cards and vouchers for {day}: their entries stand in the shop's own journal.",
            day=day.isoformat(),
        )
    )
