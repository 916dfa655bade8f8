"""The sections of a till's configuration that say how payments are asked for, and what cannot be meant in them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Annotated, Any, Final, Literal

from msgspec import Meta, Struct

from app.payments.offline_rules import OfflineCardRule
from app.payments.routing import ALIPAY, UNIONPAY, WECHAT, DigitForm, RoutingSettings, WalletRoute
from app.values.money import Currency
from app.values.wording import LocalizedText, Wording, wording

CARD_TERMINAL: Final = "card_terminal"
"""The driver of a provider that is the till's own card terminal, set up in `[card_terminal]`."""

MEMBER_VALUE: Final = "member_value"
"""The driver of a provider that is members' stored value; `members.toml` names its tender."""

MEMBER_POINTS: Final = "member_points"
"""The driver of a provider that is members' points; `members.toml` names its tender."""

OWN_DRIVERS: Final = frozenset({CARD_TERMINAL, MEMBER_VALUE, MEMBER_POINTS})
"""Drivers of the till itself, which no package brings."""

SIMULATED_DRIVERS: Final = frozenset({"wechat", "alipay"})
"""Drivers whose provider can be played by this program (`app.commands.payments.simulators`)."""

_OWN_WALLETS: Final[Mapping[str, tuple[str, ...]]] = {"wechat": (WECHAT,), "alipay": (ALIPAY,)}
"""What a driver takes where its section does not say."""

_MOST_MINUTES: Final = 7 * 24 * 60
_Role = Literal["cashier", "supervisor", "admin"]
_Name = Annotated[str, Meta(pattern="^[a-z][a-z0-9_]{0,30}$")]
_Text = Annotated[str, Meta(min_length=1, max_length=200)]
_Amount = Annotated[int, Meta(ge=0, le=100_000_000)]


class ProviderSection(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """`[[provider]]`: somebody who approves a tender."""

    id: _Name
    """What the till calls it in journal and log; never change it while payments of it are open."""

    driver: _Text
    """`wechat`, `alipay`, another that `providers list` names; or the till's own `card_terminal`, `member_value` and
    `member_points`."""

    tender: _Name
    """The `[[tender]]` that it approves."""

    wallets: tuple[_Name, ...] | None = None
    """Whose shoppers' codes it takes; left out: the driver's own wallet."""

    settings: dict[str, Any] = {}
    """The driver's own, and checked by it. Keys are named here (`keyring:NAME`, or the path of an owner-only file)."""

    simulated: bool = False
    """Whether the till plays the provider itself: for training, demonstrations and tests."""

    @property
    def taken_wallets(self) -> tuple[str, ...]:
        """The wallets whose codes it takes."""
        return _OWN_WALLETS.get(self.driver, ()) if self.wallets is None else self.wallets


class WalletFormSection(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """`[[wallet_form]]`: the form of a further wallet's payment codes, which are all digits."""

    wallet: _Name
    name: _Text
    name_en: str = ""
    starts: tuple[str, ...]
    lengths: tuple[int, ...]


class PaymentsSection(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """`[payments]`."""

    unionpay_codes: bool = False
    """Whether 19 digits that begin with 62 are taken for a shopper's code; a provider takes the wallet `unionpay`."""


class OfflineCardSection(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """`[offline_card]`: cards that are taken without asking the bank, at the store's own risk."""

    allowed: bool = False
    floor_limit_minor: _Amount = 0
    most_payments: Annotated[int, Meta(ge=0, le=10_000)] = 0
    most_total_minor: _Amount = 0
    oldest_contact_minutes: Annotated[int, Meta(ge=0, le=_MOST_MINUTES)] = 0

    def rule(self, currency: Currency) -> OfflineCardRule:
        """Return the rule.

        Raises:
            BadOfflineRule: it is allowed without every limit.
        """
        return OfflineCardRule(
            allowed=self.allowed,
            floor_limit_minor=self.floor_limit_minor,
            most_payments=self.most_payments,
            most_total_minor=self.most_total_minor,
            oldest_contact=timedelta(minutes=self.oldest_contact_minutes),
            currency=currency,
        )


class PermissionsSection(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """`[permissions]`: the roles that may do what costs the shop money."""

    refund: tuple[_Role, ...] = ("supervisor", "admin")
    """Give money back on a payment."""

    decide: tuple[_Role, ...] = ("supervisor", "admin")
    """Accept an unresolved payment anyway, give it up, and close what is on the payments' worklist."""


def routing_of(
    providers: Sequence[ProviderSection], forms: Sequence[WalletFormSection], payments: PaymentsSection
) -> RoutingSettings:
    """Return which tender takes which wallet's codes.

    Raises:
        BadRouting: a form or a wallet's name cannot work.
    """
    return RoutingSettings(
        routes=tuple(
            WalletRoute(section.tender, section.taken_wallets) for section in providers if section.taken_wallets
        ),
        forms=(*(_form(section) for section in forms), *((UNIONPAY,) if payments.unionpay_codes else ())),
    )


def _form(section: WalletFormSection) -> DigitForm:
    english = (("en", section.name_en),) if section.name_en else ()
    return DigitForm(section.wallet, LocalizedText(section.name, english), section.starts, section.lengths)


def wrong_providers(
    providers: Sequence[ProviderSection],
    tenders: Mapping[str, bool],
    *,
    has_terminal: bool,
    installed: Callable[[], frozenset[str]],
) -> Iterator[Wording]:
    """Say what of the providers cannot be meant, each with its key.

    Args:
        providers: as they were read.
        tenders: ids of the tenders, and whether a provider must approve it.
        has_terminal: whether the till has a card terminal.
        installed: names the drivers of others; asked only where a name is not known otherwise, for it takes a moment.
    """
    for key, names in (
        ("provider.id", [section.id for section in providers]),
        ("provider.tender", [section.tender for section in providers]),
        ("provider.wallets", [wallet for section in providers for wallet in section.taken_wallets]),
        ("provider.driver", [section.driver for section in providers if section.driver in OWN_DRIVERS]),
    ):
        for twice in sorted({name for name in names if names.count(name) > 1}):
            yield wording("{key}: {name} stands there twice. Change one.", key=key, name=twice)
    for section in providers:
        yield from _wrong_tender(section, tenders)
        yield from _wrong_driver(section, has_terminal=has_terminal, installed=installed)
        if _holds_key(section.settings):
            yield wording(
                "provider.settings: {id} holds a key itself. Put it into the keyring or a file of its own, name that"
                " there, and ask the provider for a new key.",
                id=section.id,
            )


def _wrong_tender(section: ProviderSection, tenders: Mapping[str, bool]) -> Iterator[Wording]:
    if section.tender not in tenders:
        yield wording(
            "provider.tender: there is no [[tender]] {tender} for the provider {id}. Add it, or name another.",
            tender=section.tender,
            id=section.id,
        )
    elif not tenders[section.tender]:
        yield wording(
            "provider.tender: {tender} is taken without a provider. Set needs_provider = true at the tender, or take"
            " the provider {id} away.",
            tender=section.tender,
            id=section.id,
        )


def _wrong_driver(
    section: ProviderSection, *, has_terminal: bool, installed: Callable[[], frozenset[str]]
) -> Iterator[Wording]:
    own = section.driver == CARD_TERMINAL
    if own and not has_terminal:
        yield wording(
            "provider.driver: {id} is the till's card terminal, and there is no [card_terminal]. Add it, or take the"
            " provider away.",
            id=section.id,
        )
    if own and section.taken_wallets:
        yield wording("provider.wallets: {id} is a card terminal and takes no wallet's codes.", id=section.id)
    if section.simulated and section.driver not in SIMULATED_DRIVERS:
        yield wording(
            "provider.simulated: {driver} cannot be simulated. These can: {known}.",
            driver=section.driver,
            known=", ".join(sorted(SIMULATED_DRIVERS)),
        )
    if section.driver not in OWN_DRIVERS | SIMULATED_DRIVERS:
        known = installed()
        if section.driver not in known:
            yield wording(
                "provider.driver: there is no {driver}. Set one of: {known}.",
                driver=section.driver,
                known=", ".join(sorted(known | OWN_DRIVERS)),
            )


def _holds_key(settings: object) -> bool:
    """Tell whether a key was written into the settings themselves; it is not repeated anywhere."""
    if isinstance(settings, str):
        return "-----BEGIN" in settings or "\n" in settings
    if isinstance(settings, Mapping):
        return any(_holds_key(value) for value in settings.values())
    return isinstance(settings, list) and any(_holds_key(value) for value in settings)


def installed_drivers() -> frozenset[str]:
    """Return the names of all providers' drivers on this computer; takes a moment."""
    from importlib.metadata import entry_points

    from app.payments.registry import BUILT_IN, GROUP

    return frozenset(point.name for point in (*entry_points(group=GROUP), *BUILT_IN))
