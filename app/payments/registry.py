"""Knows every payment provider, built in or from others, and which of them can be used on this computer."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from typing import Any, Final, TypeVar

import msgspec

from app.payments.provider import PaymentProvider
from app.values.clock import Clock
from app.values.problems import Problem
from app.values.registry import AddOnKind, AddOnStatus, load_add_ons, why_unusable
from app.values.wording import Wording, wording

_Settings = TypeVar("_Settings")

GROUP: Final = "guitai.providers"
"""The entry point group; each entry point names a `ProviderDriver`."""

BUILT_IN: Final = (
    EntryPoint("wechat", "app.payments.wechat.provider:WECHAT", GROUP),
    EntryPoint("alipay", "app.payments.alipay.provider:ALIPAY", GROUP),
    EntryPoint("emv_qr", "app.payments.emv_qr.provider:EMV_QR", GROUP),
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


class ProviderStatus(AddOnStatus):
    """What a person reads of a provider."""

    __slots__ = ()

    @property
    def provider_id(self) -> str:
        """Its name in a till's configuration."""
        return self.add_on_id


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
        raise UnknownProvider(
            why_unusable(self.statuses, provider_id)
            or wording(
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


_PROVIDERS: Final = AddOnKind(
    group=GROUP,
    built_in=BUILT_IN,
    holds=ProviderDriver,
    status=ProviderStatus,
    id_of=lambda driver: driver.provider_id,
    check=lambda driver: driver.self_check(),
    usable=lambda driver: wording("{provider} can be used.", provider=driver.name),
    made_for_another=lambda name: wording(
        "The payment provider {provider} is not made for this version. Ask its maker.", provider=name
    ),
    named_twice=lambda name: wording(
        "There are two payment providers named {provider}; the first is used.", provider=name
    ),
    not_loaded=lambda name, reason: wording(
        "The payment provider {provider} cannot be loaded ({reason}). The log says more; ask its maker.",
        provider=name,
        reason=reason,
    ),
)


def load_providers(found: Iterable[EntryPoint] | None = None) -> ProviderRegistry:
    """Load and check every provider; one that fails becomes a status and never stops the till.

    Args:
        found: the entry points; those of the installed packages and the built-in ones where none are given.
    """
    loaded = load_add_ons(_PROVIDERS, found)
    return ProviderRegistry(loaded.usable, loaded.statuses)
