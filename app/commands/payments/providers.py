"""Makes the payment providers that a till's configuration names; one that cannot be made keeps no other away."""

import logging
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from app.commands.configuration import Configuration
from app.commands.payments.sections import OWN_DRIVERS, ProviderSection
from app.payments.provider import PaymentProvider
from app.payments.registry import BUILT_IN, ProviderRegistry, load_providers
from app.values.clock import Clock
from app.values.problems import Problem
from app.values.wording import wording

_log: Final = logging.getLogger(__name__)


class ProviderFailed(Problem):
    """Raised when a provider's driver has a fault of its own."""

    code = "PROVIDER-FAILED"


class SimulatorNotRunning(Problem):
    """Raised when a provider that the till plays itself is asked for while no till plays it."""

    code = "SIMULATOR-NOT-RUNNING"


@dataclass(frozen=True, slots=True)
class OpenedProviders:
    """The providers that could be made, by the till's name for them."""

    providers: Mapping[str, PaymentProvider]
    troubles: Mapping[str, Problem] = field(default_factory=dict)
    """Why the others could not."""

    def close(self) -> None:
        """Let go of their connections; nothing of them is called any more."""
        for name, provider in self.providers.items():
            try:
                provider.close()
            except Exception as fault:  # noqa: BLE001 - whatever a provider of others does; its text may hold secrets
                _log.error("provider_not_closed", extra={"provider": name, "error": type(fault).__name__})


SettingsOf = Callable[[ProviderSection], Mapping[str, Any]]
"""Returns what a provider's driver is told; raises a `Problem` where that is not known."""


def simulator_folder(site_folder: Path, provider_id: str) -> Path:
    """Return where a simulated provider's keys are kept, and its settings while it runs."""
    return site_folder / "simulators" / provider_id


def open_providers(
    configuration: Configuration,
    site_folder: Path,
    clock: Clock,
    *,
    settings_of: SettingsOf | None = None,
    own: Mapping[str, Callable[[ProviderSection], PaymentProvider]] | None = None,
    only: Iterable[str] | None = None,
) -> OpenedProviders:
    """Make every provider of a till; nothing is sent.

    Args:
        configuration: names them.
        site_folder: the till's.
        clock: gives the time that they sign.
        settings_of: what a driver is told; by itself the section's settings, or where it is simulated the address of
            the simulator that a running till plays.
        own: makes the providers of drivers that are the till's own, such as its card terminal and its members'
            accounts; they are left out without it.
        only: the ids that are wanted; all of them where it is None.
    """
    settings_of = settings_of or (lambda section: settings_at_hand(section, site_folder))
    wanted = None if only is None else frozenset(only)
    sections = [section for section in configuration.provider if wanted is None or section.id in wanted]
    makers = dict(own or {})
    registry = registry_of({section.driver for section in sections} - OWN_DRIVERS - set(makers))
    providers: dict[str, PaymentProvider] = {}
    troubles: dict[str, Problem] = {}
    for section in sections:
        maker = makers.get(section.driver)
        if section.driver in OWN_DRIVERS and maker is None:
            continue
        try:
            if maker is not None:
                providers[section.id] = maker(section)
            else:
                providers[section.id] = registry.driver(section.driver).make(settings_of(section), clock)
        except Problem as problem:
            _log.warning("provider_not_made", extra={"provider": section.id, "code": problem.code})
            troubles[section.id] = problem
        except Exception as fault:  # noqa: BLE001 - a driver's own fault; its text and trace may hold secrets
            _log.error("provider_not_made", extra={"provider": section.id, "error": type(fault).__name__})
            troubles[section.id] = ProviderFailed(
                wording(
                    "The payment provider {provider} could not be started ({reason}). Ask its maker.",
                    provider=section.id,
                    reason=type(fault).__name__,
                )
            )
    return OpenedProviders(providers, troubles)


def settings_at_hand(section: ProviderSection, site_folder: Path) -> Mapping[str, Any]:
    """Return what a provider's driver is told outside the till that plays it.

    Raises:
        SimulatorNotRunning: it is simulated, and no till plays it now.
    """
    if not section.simulated:
        return section.settings
    import msgspec

    path = simulator_folder(site_folder, section.id) / RUNNING_FILE
    with suppress(OSError, msgspec.MsgspecError):
        return section.settings | msgspec.json.decode(path.read_bytes(), type=dict[str, Any])
    raise SimulatorNotRunning(
        wording("{provider} is simulated by the till, and the till is not open. Open it first.", provider=section.id)
    )


RUNNING_FILE: Final = "running.json"
"""Holds a simulator's settings while a till plays it: an address and the paths of key files, no key."""


def registry_of(drivers: set[str]) -> ProviderRegistry:
    """Load these drivers only; the computer's packages are searched only where one is not built in."""
    built_in = {point.name: point for point in BUILT_IN}
    if drivers <= set(built_in):
        return load_providers([built_in[name] for name in sorted(drivers)])
    from importlib.metadata import entry_points

    from app.payments.registry import GROUP

    installed = {point.name: point for point in entry_points(group=GROUP)}
    return load_providers([point for name, point in sorted((built_in | installed).items()) if name in drivers])
