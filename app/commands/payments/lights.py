"""What the status bar says of the payments as a whole: one light for everybody who approves a tender."""

import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from app.checkout.views import DeviceStatusView
from app.devices.conditions import DeviceCondition
from app.values.problems import Problem
from app.values.wording import LocalizedText, Wording, wording

PAYMENTS: Final = "payments"
"""The light's name."""

_ABSENT: Final = wording("Not set up at this till.")
_STARTING: Final = wording("Payments are being started.")
_READY: Final = wording("Payments are ready.")


class PaymentLight:
    """Keeps what is known of every provider and tells the light when it changes. Any thread may call it."""

    def __init__(self, names: Mapping[str, LocalizedText], tell: Callable[[DeviceStatusView], None]) -> None:
        """Begin, before anything is known.

        Args:
            names: of the tenders as the cashier reads them, by the id of the provider that approves it.
            tell: takes the light.
        """
        self._names = names
        self._tell = tell
        self._lock = threading.Lock()
        self._made = False
        self._failed: Wording | None = None
        self._troubles: Mapping[str, Problem] = {}
        self._away: frozenset[str] = frozenset()
        self._page = ""
        self._told: DeviceStatusView | None = None

    def away_sentence(self, provider_id: str) -> Wording:
        """Return what is said while a provider cannot be reached."""
        return _cannot_be_reached(self._names[provider_id])

    def failed(self, sentence: Wording) -> None:
        """Take that nothing could be started."""
        with self._lock:
            self._failed = sentence
        self.show()

    def simulated(self, page: str) -> None:
        """Take that providers are simulated, and where a person plays the shopper."""
        with self._lock:
            self._page = page

    def made(self, troubles: Mapping[str, Problem]) -> None:
        """Take that every provider was tried, and why some could not be made."""
        with self._lock:
            self._made, self._troubles = True, dict(troubles)
        self.show()

    def reached(self, away: Iterable[str]) -> None:
        """Take who cannot be reached now."""
        with self._lock:
            self._away = frozenset(away)
        self.show()

    def show(self) -> None:
        """Tell the light where it is another than before."""
        with self._lock:
            condition, sentence = self._look()
            status = DeviceStatusView(PAYMENTS, condition, sentence)
            if status == self._told:
                return
            self._told = status
            # Told with the lock held, so that two threads cannot tell in the wrong order; it returns at once.
            self._tell(status)

    def _look(self) -> tuple[DeviceCondition, Wording]:
        if not self._names:
            return DeviceCondition.ABSENT, _ABSENT
        if self._failed is not None:
            return DeviceCondition.STOPPED, self._failed
        if not self._made:
            return DeviceCondition.ATTENTION, _STARTING
        return self._look_at_each()

    def _look_at_each(self) -> tuple[DeviceCondition, Wording]:
        if self._away:
            names = [name for provider, name in self._names.items() if provider in self._away]
            everybody = len(self._away | set(self._troubles)) == len(self._names)
            condition = DeviceCondition.AWAY if everybody else DeviceCondition.ATTENTION
            return condition, _cannot_be_reached(_listed(names))
        if self._troubles:
            sentences = [problem.sentence for problem in self._troubles.values()]
            everybody = len(self._troubles) == len(self._names)
            return DeviceCondition.STOPPED if everybody else DeviceCondition.ATTENTION, sentences[0]
        if self._page:
            return DeviceCondition.READY, wording(
                "Payments are simulated: no money moves. Play the shopper at {page}.", page=self._page
            )
        return DeviceCondition.READY, _READY


def _cannot_be_reached(who: Wording | LocalizedText) -> Wording:
    return wording("{tender} cannot be reached. Take cash, or put the basket aside until it is back.", tender=who)


def _listed(names: list[LocalizedText]) -> Wording | LocalizedText:
    listed: Wording | LocalizedText = names[0]
    for name in names[1:]:
        listed = wording("{one}, {another}", one=listed, another=name)
    return listed
