"""Stands before a provider and notes of every answer whether the provider was heard, or could not be reached."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, Final

from app.payments.provider import (
    BillRow,
    CodeOffer,
    PaymentProvider,
    ProviderAnswer,
    ProviderCapabilities,
    PurchaseOrder,
    RefundOrder,
    Verdict,
)

NOT_REACHED: Final = frozenset({"NO-CONNECTION", "AWAY"})
"""Codes of answers that mean that no connection came about."""

_ONLY_PROVIDERS_SAY: Final = frozenset({Verdict.APPROVED, Verdict.PENDING, Verdict.NOT_FOUND, Verdict.REVERSED})
"""What no driver says by itself; DECLINED may be its own refusal of a wrong code, for which nothing was sent."""

Hears = Callable[[bool], None]
"""Takes whether the provider was reached just now; returns at once."""


def was_reached(answer: ProviderAnswer) -> bool | None:
    """Return what an answer tells of the line: reached, not reached, or nothing (None)."""
    if answer.code in NOT_REACHED:
        return False
    return True if answer.verdict in _ONLY_PROVIDERS_SAY else None


class HeardProvider:
    """A provider whose answers are noted; used by the thread that uses the provider."""

    def __init__(self, provider: PaymentProvider, hears: Hears) -> None:
        """Take a provider and who is told."""
        self._provider = provider
        self._hears = hears

    @property
    def capabilities(self) -> ProviderCapabilities:
        """What it can do."""
        return self._provider.capabilities

    def pay(self, order: PurchaseOrder) -> ProviderAnswer:
        """See `PaymentProvider`."""
        return self._noted(self._provider.pay(order))

    def offer_code(self, order: PurchaseOrder) -> CodeOffer:
        """See `PaymentProvider`."""
        offer = self._provider.offer_code(order)
        self._noted(offer.answer)
        return offer

    def query(self, order: PurchaseOrder) -> ProviderAnswer:
        """See `PaymentProvider`."""
        return self._noted(self._provider.query(order))

    def reverse(self, order: PurchaseOrder) -> ProviderAnswer:
        """See `PaymentProvider`."""
        return self._noted(self._provider.reverse(order))

    def refund(self, order: RefundOrder) -> ProviderAnswer:
        """See `PaymentProvider`."""
        return self._noted(self._provider.refund(order))

    def query_refund(self, order: RefundOrder) -> ProviderAnswer:
        """See `PaymentProvider`."""
        return self._noted(self._provider.query_refund(order))

    def capture(self, order: PurchaseOrder) -> ProviderAnswer:
        """See `CapturingProvider`; asked of those only whose capabilities say so."""
        capturing: Any = self._provider
        answer: ProviderAnswer = capturing.capture(order)
        return self._noted(answer)

    def bill(self, day: date) -> Iterator[BillRow]:
        """See `PaymentProvider`."""
        return self._provider.bill(day)

    def close(self) -> None:
        """See `PaymentProvider`."""
        self._provider.close()

    def _noted(self, answer: ProviderAnswer) -> ProviderAnswer:
        reached = was_reached(answer)
        if reached is not None:
            self._hears(reached)
        return answer
