"""Turns an attempt into calls of its provider: what goes out, and an answer for everything that can come back."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final, TypeVar, cast

from app.payments.attempt_record import AttemptState, Call, Method, PaymentAttempt
from app.payments.desk_requests import PaymentOrder
from app.payments.provider import (
    CapturingProvider,
    CodeOffer,
    PaymentProvider,
    ProviderAnswer,
    ProviderCapabilities,
    PurchaseOrder,
    RefundOrder,
    Verdict,
)
from app.values.wording import Wording, wording

_log: Final = logging.getLogger(__name__)

_Answer = TypeVar("_Answer", ProviderAnswer, CodeOffer)

_FAILED: Final = ProviderAnswer(
    Verdict.UNKNOWN,
    wording("No answer yet. It is being asked again; do not charge twice."),
    code="PROVIDER-FAILED",
)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What is known of a payment in memory only; gone when the program stops."""

    description: str = ""
    store_number: str = ""
    till_number: str = ""
    shopper_code: str = field(default="", repr=False)
    payload: str = field(default="", repr=False)
    """Of the code that the shopper is to scan."""

    original_reference: str = ""
    """Of a refund: the provider's own number of the payment that is given back."""

    sent: bool = True
    """Whether the payment itself may have left; true also of what was found in the store."""

    @classmethod
    def of_order(cls, order: PaymentOrder) -> "Outgoing":
        """Return what a new payment brings."""
        shopper_code = order.shopper_code if order.method is Method.SHOPPER_CODE else ""
        return cls(order.description, order.store_number, order.till_number, shopper_code, sent=False)

    def after(self, call: Call) -> "Outgoing":
        """Return what is left after a call: a shopper's code is sent once."""
        return replace(self, shopper_code="", sent=True) if call is Call.PAY else self


class ProviderDesk:
    """One provider, as attempts are brought to it."""

    def __init__(self, provider: PaymentProvider) -> None:
        """Take the provider."""
        self.provider = provider

    @property
    def capabilities(self) -> ProviderCapabilities:
        """What it can do."""
        return self.provider.capabilities

    def call(self, attempt: PaymentAttempt, outgoing: Outgoing, call: Call) -> CodeOffer:
        """Ask the provider; whatever it does, there is an answer."""
        if call is Call.PAY and attempt.method is Method.MERCHANT_CODE:
            return _whatever_comes(
                attempt, call.value, lambda: self.provider.offer_code(_purchase(attempt, outgoing)), CodeOffer(_FAILED)
            )
        return CodeOffer(_whatever_comes(attempt, call.value, lambda: self._answer(attempt, outgoing, call), _FAILED))

    def capture(self, attempt: PaymentAttempt) -> ProviderAnswer:
        """Take what an approved payment holds; only of a provider whose capabilities say that it captures."""
        provider = cast(CapturingProvider, self.provider)
        return _whatever_comes(attempt, "capture", lambda: provider.capture(_purchase(attempt, Outgoing())), _FAILED)

    def close(self) -> None:
        """Let the provider go; a fault of its own is logged and harms nobody."""
        try:
            self.provider.close()
        except Exception as error:  # noqa: BLE001 - it is not used any more
            _log.error("provider_not_closed", extra={"error": type(error).__name__})

    def _answer(self, attempt: PaymentAttempt, outgoing: Outgoing, call: Call) -> ProviderAnswer:
        match call:
            case Call.PAY:
                return self.provider.pay(_purchase(attempt, outgoing))
            case Call.QUERY:
                return self.provider.query(_purchase(attempt, replace(outgoing, shopper_code="")))
            case Call.REVERSE:
                return self.provider.reverse(_purchase(attempt, replace(outgoing, shopper_code=""), Call.REVERSE))
            case Call.REFUND:
                return self.provider.refund(_refund(attempt, outgoing))
            case Call.QUERY_REFUND:
                return self.provider.query_refund(_refund(attempt, outgoing))


def _whatever_comes(attempt: PaymentAttempt, call: str, action: Callable[[], _Answer], instead: _Answer) -> _Answer:
    """Return the answer, or what stands for none where the provider itself fails."""
    try:
        return action()
    except Exception as error:  # noqa: BLE001 - a fault in a provider is no answer; its text may hold secrets
        # Without its trace, which would show what was sent.
        _log.error(
            "provider_failed",
            extra={"attempt_id": attempt.attempt_id, "call": call, "error": type(error).__name__},
        )
        return instead


def _purchase(attempt: PaymentAttempt, outgoing: Outgoing, call: Call = Call.QUERY) -> PurchaseOrder:
    return PurchaseOrder(
        provider_number=attempt.provider_number,
        amount_minor=attempt.amount_minor,
        currency=attempt.currency,
        description=outgoing.description,
        store_number=outgoing.store_number,
        till_number=outgoing.till_number,
        shopper_code=outgoing.shopper_code,
        reversed_before=attempt.reverses > (1 if call is Call.REVERSE else 0),
    )


def _refund(attempt: PaymentAttempt, outgoing: Outgoing) -> RefundOrder:
    return RefundOrder(
        provider_number=attempt.original_number,
        refund_number=attempt.provider_number,
        amount_minor=attempt.amount_minor,
        original_minor=attempt.original_minor,
        currency=attempt.currency,
        reason=attempt.reason,
        original_reference=outgoing.original_reference,
        sent_before=attempt.asks > 0,
    )


def provider_sentence(attempt: PaymentAttempt, answer: ProviderAnswer) -> Wording | None:
    """Return the provider's own sentence where it says what the attempt has come to."""
    alike = {
        AttemptState.APPROVED: Verdict.APPROVED,
        AttemptState.DECLINED: Verdict.DECLINED,
        AttemptState.PENDING: Verdict.PENDING,
    }
    same = alike.get(attempt.state) is answer.verdict
    return answer.sentence if same and not attempt.cancel_by else None
