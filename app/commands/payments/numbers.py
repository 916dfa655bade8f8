"""Remembers whose number at a provider is which attempt's, for news that names the number."""

import threading
from collections import OrderedDict
from typing import Final

from app.payments.attempt_record import PaymentAttempt, provider_number_of
from app.payments.desk_requests import AttemptChanged, AttemptEnded, DeskEvent, DeskReady

MOST_NUMBERS: Final = 256
"""Payments whose number is remembered; news of older ones is heard when the desk asks by itself."""


class AttemptNumbers:
    """The numbers of the latest attempts; any thread may call it."""

    def __init__(self) -> None:
        """Begin with none."""
        self._lock = threading.Lock()
        self._known: OrderedDict[str, str] = OrderedDict()

    def begun(self, attempt_id: str) -> None:
        """Take an attempt that is about to be begun."""
        self._keep(provider_number_of(attempt_id), attempt_id)

    def hear(self, event: DeskEvent) -> None:
        """Take what the desk says."""
        attempts: tuple[PaymentAttempt, ...] = ()
        if isinstance(event, AttemptChanged | AttemptEnded):
            attempts = (event.attempt,)
        elif isinstance(event, DeskReady):
            attempts = event.unresolved
        for attempt in attempts:
            self._keep(attempt.provider_number, attempt.attempt_id)

    def attempt_of(self, provider_number: str) -> str | None:
        """Return the attempt with a number; None where it is not remembered."""
        with self._lock:
            return self._known.get(provider_number)

    def _keep(self, number: str, attempt_id: str) -> None:
        with self._lock:
            self._known[number] = attempt_id
            self._known.move_to_end(number)
            while len(self._known) > MOST_NUMBERS:
                self._known.popitem(last=False)
