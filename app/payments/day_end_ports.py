"""What the day's end needs of the till's store: the two sides of the matching that the till itself keeps."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from app.payments.reconciliation_facts import AttemptFact, RecordedTender


@dataclass(frozen=True, slots=True)
class FactsAsked:
    """Of whom, and of when."""

    provider_id: str
    """As attempts have it."""

    tender_type_ids: frozenset[str]
    """The tenders that this provider approves: one of these in a sale without an attempt is its affair too."""

    since: datetime
    """Aware."""

    until: datetime
    """The first instant that is no longer asked for."""


class PaymentFacts(Protocol):
    """The journal's tenders and the till's attempts; both tell one state of the store, from the first call on."""

    def recorded(self, asked: FactsAsked) -> Iterator[RecordedTender]:
        """Give the tenders, and what was given back, of every attempt that `attempts` gives, and those without one.

        Raises:
            Problem: the store cannot be read.
        """

    def attempts(self, asked: FactsAsked) -> Iterator[AttemptFact]:
        """Give the attempts that were open at any time between the instants, and the refunds of those payments.

        Raises:
            Problem: the store cannot be read.
        """
