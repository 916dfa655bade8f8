"""Knows every payment provider, built in or from others, and which of them can be used on this computer."""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Final, TypeVar

import msgspec

from app.payments.provider import PaymentProvider
from app.values.clock import Clock
from app.values.problems import Problem
from app.values.wording import Wording, wording

_log = logging.getLogger(__name__)

_Settings = TypeVar("_Settings")

GROUP: Final = "guitai.providers"
"""The entry point group; each entry point names a `ProviderDriver`."""

BUILT_IN: Final = (
    EntryPoint("wechat", "app.payments.wechat.provider:WECHAT", GROUP),
    EntryPoint("alipay", "app.payments.alipay.provider:ALIPAY", GROUP),
)
"""The same lines as in pyproject.toml, for a program that runs without being installed or is packed into one file."""


class UnknownProvider(Problem):
    """Raised when a till is configured with a provider that is not there or cannot be used."""

    code = "UNKNOWN-PROVIDER"


class BadProviderSettings(Problem):
    """Raised when a provider's settings are wrong; names the key."""

    code = "BAD-PROVIDER-SETTINGS"


@dataclass(frozen=True, slots=True)
class ProviderDriver:
    """What an entry point of the group holds."""

    provider_id: str
    """Its name in a till's configuration; the same as the entry point's."""

    name: Wording

    make: Callable[[Mapping[str, Any], Clock], PaymentProvider]
    """Turns the provider's own settings into a provider; sends nothing. Raises a `Problem` that names the wrong key or
    the credential that is missing."""

    self_check: Callable[[], None]
    """Returns quickly, sending nothing, where the provider can work here; else raises a `Problem`."""


@dataclass(frozen=True, slots=True)
class ProviderStatus:
    """What a person reads of a provider."""

    provider_id: str
    target: str
    """Where it comes from: module and name."""

    usable: bool
    sentence: Wording


@dataclass(frozen=True, slots=True)
class ProviderRegistry:
    """The providers that can be used, and what is to be said of all of them."""

    drivers: Mapping[str, ProviderDriver]
    statuses: tuple[ProviderStatus, ...]

    def driver(self, provider_id: str) -> ProviderDriver:
        """Return a provider's driver by its name.

        Raises:
            UnknownProvider: if there is none, or it failed its self-check.
        """
        driver = self.drivers.get(provider_id)
        if driver is not None:
            return driver
        for status in self.statuses:
            if status.provider_id == provider_id and not status.usable:
                raise UnknownProvider(status.sentence)
        raise UnknownProvider(
            wording(
                "There is no payment provider {provider}. Set one of: {known}.",
                provider=provider_id[:40],
                known=", ".join(sorted(self.drivers)),
            )
        )


def decode_settings(settings: Mapping[str, Any], kind: type[_Settings], provider_id: str) -> _Settings:
    """Turn a provider's settings into its struct.

    Raises:
        BadProviderSettings: naming the key that is wrong; no value is repeated, for it may be a secret.
    """
    try:
        return msgspec.convert(settings, kind)
    except msgspec.ValidationError as error:
        raise BadProviderSettings(
            wording(
                "The settings of {provider} are wrong: {reason}. Correct the file.",
                provider=provider_id,
                reason=str(error),
            )
        ) from error


def load_providers(found: Iterable[EntryPoint] | None = None) -> ProviderRegistry:
    """Load and check every provider; one that fails becomes a status and never stops the till.

    Args:
        found: the entry points; those of the installed packages and the built-in ones where none are given.
    """
    if found is None:
        installed = tuple(entry_points(group=GROUP))
        names = {point.name for point in installed}
        found = (*installed, *(point for point in BUILT_IN if point.name not in names))
    drivers: dict[str, ProviderDriver] = {}
    statuses = []
    for point in found:
        driver, status = _load(point, drivers)
        statuses.append(status)
        if driver is not None:
            drivers[driver.provider_id] = driver
    return ProviderRegistry(drivers, tuple(statuses))


def _load(point: EntryPoint, taken: Mapping[str, ProviderDriver]) -> tuple[ProviderDriver | None, ProviderStatus]:
    try:
        driver = point.load()
        if not isinstance(driver, ProviderDriver) or driver.provider_id != point.name:
            return None, _unusable(
                point,
                wording(
                    "The payment provider {provider} is not made for this version. Ask its maker.", provider=point.name
                ),
            )
        if driver.provider_id in taken:
            return None, _unusable(
                point,
                wording("There are two payment providers named {provider}; the first is used.", provider=point.name),
            )
        driver.self_check()
    except Problem as problem:
        return None, _unusable(point, problem.sentence)
    except Exception as fault:  # noqa: BLE001 - whatever a provider of others does, the till starts; it is logged
        _log.exception("provider_failed_to_load", extra={"provider": point.name, "target": point.value})
        return None, _unusable(
            point,
            wording(
                "The payment provider {provider} cannot be loaded ({reason}). The log says more; ask its maker.",
                provider=point.name,
                reason=type(fault).__name__,
            ),
        )
    return driver, ProviderStatus(
        driver.provider_id, point.value, usable=True, sentence=wording("{provider} can be used.", provider=driver.name)
    )


def _unusable(point: EntryPoint, sentence: Wording) -> ProviderStatus:
    return ProviderStatus(point.name, point.value, usable=False, sentence=sentence)
