"""Turns an attempt into calls of its provider: what goes out, and an answer for everything that can come back."""

import logging
from dataclasses import dataclass, field, replace
from typing import Final

from app.payments.attempt_record import Call, Method, PaymentAttempt
from app.payments.desk_requests import PaymentOrder
from app.payments.provider import (
    CodeOffer,
    PaymentProvider,
    ProviderAnswer,
    ProviderCapabilities,
    PurchaseOrder,
    RefundOrder,
    Verdict,
)
from app.values.wording import wording

_log: Final = logging.getLogger(__name__)

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

    sent: bool = True
    """Whether the payment itself may have left; true also of what was found in the store."""

    @classmethod
    def of_order(cls, order: PaymentOrder) -> "Outgoing":
        """Return what a new payment brings."""
        return cls(order.description, order.store_number, order.till_number, order.shopper_code, sent=False)

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
        try:
            if call is Call.PAY and attempt.method is Method.MERCHANT_CODE:
                return self.provider.offer_code(_purchase(attempt, outgoing))
            return CodeOffer(self._answer(attempt, outgoing, call))
        except Exception as error:  # noqa: BLE001 - a fault in a provider is no answer; its text may hold secrets
            # Without its trace, which would show what was sent.
            _log.error(
                "provider_failed",
                extra={"attempt_id": attempt.attempt_id, "call": call.value, "error": type(error).__name__},
            )
            return CodeOffer(_FAILED)

    def _answer(self, attempt: PaymentAttempt, outgoing: Outgoing, call: Call) -> ProviderAnswer:
        match call:
            case Call.PAY:
                return self.provider.pay(_purchase(attempt, outgoing))
            case Call.QUERY:
                return self.provider.query(_purchase(attempt, replace(outgoing, shopper_code="")))
            case Call.REVERSE:
                return self.provider.reverse(_purchase(attempt, replace(outgoing, shopper_code="")))
            case Call.REFUND:
                return self.provider.refund(_refund(attempt))
            case Call.QUERY_REFUND:
                return self.provider.query_refund(_refund(attempt))


def _purchase(attempt: PaymentAttempt, outgoing: Outgoing) -> PurchaseOrder:
    return PurchaseOrder(
        provider_number=attempt.provider_number,
        amount_minor=attempt.amount_minor,
        currency=attempt.currency,
        description=outgoing.description,
        store_number=outgoing.store_number,
        till_number=outgoing.till_number,
        shopper_code=outgoing.shopper_code,
    )


def _refund(attempt: PaymentAttempt) -> RefundOrder:
    return RefundOrder(
        provider_number=attempt.original_number,
        refund_number=attempt.provider_number,
        amount_minor=attempt.amount_minor,
        original_minor=attempt.original_minor,
        currency=attempt.currency,
        reason=attempt.reason,
    )
