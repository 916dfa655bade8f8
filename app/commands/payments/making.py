"""Makes what stands around a till's payment desk: played providers, the providers themselves, and who listens to them.

Loaded on the starter's thread only, for it brings the providers' libraries with it.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from app.commands.payments.heard import HeardProvider
from app.commands.payments.providers import OpenedProviders, SettingsOf
from app.commands.payments.reach import Endpoint, Reach
from app.commands.payments.sections import ProviderSection
from app.commands.payments.shopper_page import ShopperPage
from app.commands.payments.simulators import PlayedProviders, SimulatorNotStarted
from app.payments.provider import PaymentProvider
from app.values.speech import Speech
from app.values.wording import wording

_log: Final = logging.getLogger(__name__)


def play_all(played: PlayedProviders, sections: Iterable[ProviderSection]) -> None:
    """Start the simulator of each provider; one that cannot start becomes a trouble of its provider."""
    for section in sections:
        try:
            played.play(section)
        except SimulatorNotStarted as problem:
            _log.warning("simulator_not_started", extra={"provider": section.id, "reason": str(problem.sentence)})


def serve_shopper_page(played: PlayedProviders, speech: Speech) -> ShopperPage | None:
    """Serve the page on which a person plays the shopper; None where there is no port for it."""
    page = ShopperPage(lambda: played.played, speech)
    try:
        page.start()
    except OSError as error:
        _log.warning("shopper_page_not_served", extra={"reason": type(error).__name__})
        return None
    return page


def settings_with(played: PlayedProviders | None) -> SettingsOf:
    """Return what tells a driver its settings: the section's own, or its simulator's."""

    def settings_of(section: ProviderSection) -> Mapping[str, Any]:
        if not section.simulated:
            return section.settings
        found = played.played.get(section.id) if played is not None else None
        if found is None:
            raise SimulatorNotStarted(
                wording("The simulator of {provider} could not be started. The log says why.", provider=section.id)
            )
        return found.settings

    return settings_of


def listened_to(opened: OpenedProviders, changed: Callable[[], None]) -> tuple[dict[str, PaymentProvider], Reach]:
    """Return the providers so that what they hear of their line is known, and what keeps knowing it; not started.

    A provider with no `endpoint` of its own is always taken for reachable.

    Args:
        opened: the providers.
        changed: called when a line went away or came back, on one of several threads; returns at once.
    """
    endpoints: dict[str, Endpoint] = {
        name: endpoint
        for name, provider in opened.providers.items()
        if (endpoint := getattr(provider, "endpoint", None)) is not None
    }
    reach = Reach(endpoints, changed)

    def behind(name: str, provider: PaymentProvider) -> PaymentProvider:
        return HeardProvider(provider, lambda reached: reach.heard(name, reached=reached))

    providers = {
        name: behind(name, provider) if name in endpoints else provider for name, provider in opened.providers.items()
    }
    return providers, reach
