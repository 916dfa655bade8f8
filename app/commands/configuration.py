"""Reads the configuration of a store's till: TOML into checked values, with the path of a wrong key in the error."""

import re
import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from msgspec import Meta, Struct

from app.catalogue.codes import CodeSettings
from app.catalogue.codes.meaning import ItemIs
from app.catalogue.codes.patterns import parse_pattern
from app.catalogue.codes.settings import CardKind, CardPrefix
from app.checkout.settings import Container, Operator, QuickKeys, TillSettings, WeighingRules
from app.commands.device_sections import (
    DEVICE_NAMES,
    ContainerSection,
    DevicesFile,
    DisplaySection,
    DrawerSection,
    PrinterSection,
    RfidSection,
    ScaleSection,
    ScannerSection,
    TerminalSection,
    Text,
    with_devices,
)
from app.commands.members.cards import SIGNED_CARDS
from app.commands.payments.checking import wrong_payments
from app.commands.payments.sections import (
    OfflineCardSection,
    PaymentsSection,
    PermissionsSection,
    ProviderSection,
    WalletFormSection,
    routing_of,
)
from app.payments.cash import CashRounding, RoundingRule
from app.payments.offline_rules import OfflineCardRule
from app.payments.routing import RoutingSettings
from app.payments.tenders import TenderType
from app.sales.receipt import Shop
from app.values.money import currency_of
from app.values.problems import Problem
from app.values.wording import LocalizedText, wording

_Kind = TypeVar("_Kind")
_CASH_ROUNDING_STEPS = {"none": 1, "5fen": 5, "10fen": 10}


class BadConfiguration(Problem):
    """Raised when a configuration file is missing, is no TOML, or has a wrong key or value; names where."""

    code = "BAD-CONFIGURATION"


class StoreSection(Struct, forbid_unknown_fields=True, frozen=True):
    """`[store]`."""

    number: Annotated[int, Meta(ge=1, le=9999)]
    name: Text
    name_en: str = ""
    address: str = ""
    address_en: str = ""
    phone: str = ""
    tax_number: str = ""
    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$")] = "CNY"
    time_zone: str = "Asia/Shanghai"
    day_starts: Annotated[str, Meta(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$")] = "04:00"
    cash_rounding: Literal["none", "5fen", "10fen"] = "none"
    cash_rounding_rule: Literal["nearest", "down"] = "nearest"
    receipt_page_url: str = ""
    receipt_header: tuple[str, ...] = ()
    receipt_header_en: tuple[str, ...] = ()
    receipt_footer: tuple[str, ...] = ()
    receipt_footer_en: tuple[str, ...] = ()


class TillSection(Struct, forbid_unknown_fields=True, frozen=True):
    """`[till]`."""

    number: Annotated[int, Meta(ge=1, le=99)]
    name: Text
    name_en: str = ""
    opening_float_minor: Annotated[int, Meta(ge=0)] = 0


class OperatorSection(Struct, forbid_unknown_fields=True, frozen=True):
    """`[[operator]]`."""

    number: Annotated[str, Meta(pattern="^[0-9]{1,8}$")]
    name: Text
    name_en: str = ""
    role: Literal["cashier", "supervisor", "admin"] = "cashier"


class LabelPatternSection(Struct, forbid_unknown_fields=True, frozen=True):
    """`[[label_pattern]]`."""

    name: Text
    pattern: Text
    item_is: ItemIs = ItemIs.PLU


class CardSection(Struct, forbid_unknown_fields=True, frozen=True):
    """`[[card]]`: how the shop's own member, coupon and operator cards begin."""

    kind: CardKind
    prefix: Text
    length: int | None = None


class TenderSection(Struct, forbid_unknown_fields=True, frozen=True):
    """`[[tender]]`."""

    id: Annotated[str, Meta(pattern="^[a-z][a-z_]{0,30}$")]
    name: Text
    name_en: str = ""
    account: Annotated[str, Meta(pattern="^[a-z][a-z_.]{0,40}$")] = "tender_receivable"
    change_given: bool = False
    rounds_cash: bool = False
    opens_drawer: bool = False
    needs_provider: bool = False
    reference_required: bool = False
    reference_once: bool = False
    """Whether a reference pays once only, as a voucher's number does."""


class Configuration(Struct, forbid_unknown_fields=True, frozen=True):
    """A whole `store.toml`."""

    store: StoreSection
    till: TillSection
    operator: Annotated[tuple[OperatorSection, ...], Meta(min_length=1)]
    tender: Annotated[tuple[TenderSection, ...], Meta(min_length=1)]
    label_pattern: tuple[LabelPatternSection, ...] = ()
    card: tuple[CardSection, ...] = ()
    printer: PrinterSection = PrinterSection()
    scale: ScaleSection | None = None
    container: tuple[ContainerSection, ...] = ()
    scanner: tuple[ScannerSection, ...] = ()
    customer_display: DisplaySection | None = None
    drawer: DrawerSection | None = None
    card_terminal: TerminalSection | None = None
    rfid: RfidSection | None = None
    provider: tuple[ProviderSection, ...] = ()
    wallet_form: tuple[WalletFormSection, ...] = ()
    payments: PaymentsSection = PaymentsSection()
    offline_card: OfflineCardSection = OfflineCardSection()
    permissions: PermissionsSection = PermissionsSection()

    @property
    def drivers(self) -> frozenset[str]:
        """Names of the drivers of all devices that the till has."""
        devices = (self.printer, self.scale, *self.scanner, self.customer_display, self.card_terminal, self.rfid)
        drawer = self.drawer if self.drawer is not None and self.drawer.driver != DrawerSection().driver else None
        return frozenset(device.driver for device in (*devices, drawer) if device is not None)

    def require_names_apart(self) -> None:
        """See that containers and scanners can be told apart.

        Raises:
            BadConfiguration: naming the key and the name that stands twice or is another device's.
        """
        _require_once("container.id", [section.id for section in self.container])
        names = [section.name for section in self.scanner]
        _require_once("scanner.name", names)
        for taken in sorted(DEVICE_NAMES.intersection(names)):
            raise BadConfiguration(
                wording("scanner.name: {name} is the name of another device. Choose another.", name=taken)
            )

    def routing_settings(self) -> RoutingSettings:
        """Return which tender takes the codes of which wallet.

        Raises:
            BadRouting: a wallet's form or name cannot work; never of a configuration that was read from a file.
        """
        return routing_of(self.provider, self.wallet_form, self.payments)

    def offline_card_rule(self) -> OfflineCardRule:
        """Return when cards are taken without asking the bank.

        Raises:
            BadOfflineRule: it is allowed without every limit; never of a configuration that was read from a file.
        """
        return self.offline_card.rule(currency_of(self.store.currency))

    def code_settings(self) -> CodeSettings:
        """Return what the shop decided about codes.

        Raises:
            BadLabelPattern: BadCodeSettings: a pattern or card prefix cannot work.
        """
        return CodeSettings(
            patterns=tuple(
                parse_pattern(section.name, section.pattern, section.item_is) for section in self.label_pattern
            ),
            cards=tuple(CardPrefix(one.kind, one.prefix, one.length) for one in self.card) + SIGNED_CARDS,
            currency=currency_of(self.store.currency),
        )

    def till_settings(self, quick_keys: tuple[QuickKeys, ...] = (), operator_number: str = "") -> TillSettings:
        """Return what the till is told about its shop.

        Raises:
            BadConfiguration: the time zone or the operator is not known.
        """
        store = self.store
        ids = [section.id for section in self.tender]
        for twice in {known for known in ids if ids.count(known) > 1}:
            raise BadConfiguration(
                wording("The tender {id} stands in the configuration twice. Take one away.", id=twice)
            )
        hours, minutes = store.day_starts.split(":")
        return TillSettings(
            store_number=store.number,
            till_number=self.till.number,
            till_name=localized(self.till.name, self.till.name_en),
            shop=self._shop(),
            operator=self._operator(operator_number),
            zone=_zone(store.time_zone),
            tender_types=tuple(_tender_type(section) for section in self.tender),
            day_starts=timedelta(hours=int(hours), minutes=int(minutes)),
            currency=currency_of(store.currency),
            cash_rounding=CashRounding(
                _CASH_ROUNDING_STEPS[store.cash_rounding], RoundingRule(store.cash_rounding_rule)
            ),
            opening_float_minor=self.till.opening_float_minor,
            quick_keys=quick_keys,
            weighing=self._weighing(),
            roles_that_open_the_drawer=(self.drawer or DrawerSection()).open_without_sale,
            roles_that_refund=self.permissions.refund,
            roles_that_decide=self.permissions.decide,
        )

    def _weighing(self) -> WeighingRules:
        return WeighingRules(
            containers=tuple(
                Container(section.id, localized(section.name, section.name_en), section.tare_grams)
                for section in self.container
            ),
            fixed_tare_grams=self.scale.fixed_tare_grams if self.scale is not None else 0,
            minimum_grams=self.scale.minimum_grams if self.scale is not None else 0,
        )

    def _operator(self, number: str) -> Operator:
        for section in self.operator:
            if not number or section.number == number:
                return Operator(section.number, localized(section.name, section.name_en), section.role)
        raise BadConfiguration(
            wording(
                "Operator {number} is not in the configuration. Add an [[operator]] with this number.", number=number
            )
        )

    def _shop(self) -> Shop:
        store = self.store
        return Shop(
            name=localized(store.name, store.name_en),
            address=localized(store.address, store.address_en),
            phone=store.phone,
            tax_number=store.tax_number,
            receipt_header=_lines(store.receipt_header, store.receipt_header_en),
            receipt_footer=_lines(store.receipt_footer, store.receipt_footer_en),
            receipt_page_url=store.receipt_page_url,
        )


def localized(text: str, english: str) -> LocalizedText:
    """Return a text of the shop with its English twin where there is one."""
    return LocalizedText(text, (("en", english),) if english else ())


def _lines(texts: tuple[str, ...], english: tuple[str, ...]) -> tuple[LocalizedText, ...]:
    return tuple(localized(text, english[index] if index < len(english) else "") for index, text in enumerate(texts))


def _require_once(key: str, names: list[str]) -> None:
    for twice in sorted({name for name in names if names.count(name) > 1}):
        raise BadConfiguration(wording("{key}: {name} stands there twice. Change one.", key=key, name=twice))


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise BadConfiguration(
            wording("store.time_zone: {name} is no time zone. Write one such as Asia/Shanghai.", name=name[:40])
        ) from None


def _tender_type(section: TenderSection) -> TenderType:
    return TenderType(
        tender_type_id=section.id,
        name=localized(section.name, section.name_en),
        account=section.account,
        change_given=section.change_given,
        rounds_cash=section.rounds_cash,
        opens_drawer=section.opens_drawer,
        needs_provider=section.needs_provider,
        reference_required=section.reference_required,
        reference_once=section.reference_once,
    )


class QuickKeyPageSection(Struct, forbid_unknown_fields=True, frozen=True):
    """`[[page]]` of `quick_keys.toml`."""

    id: Text
    name: Text
    keys: tuple[str, ...]
    name_en: str = ""
    colour: str = ""


class _QuickKeyFile(Struct, forbid_unknown_fields=True, frozen=True):
    page: tuple[QuickKeyPageSection, ...] = ()


def read_configuration(path: Path, devices: Path | None = None) -> Configuration:
    """Read a `store.toml`, and the till's `devices.toml` where there is one.

    Raises:
        BadConfiguration: a file is missing, no TOML, or a key or value is wrong; the sentence names the key's path.
    """
    found = decoded_toml(path)
    if devices is not None and devices.exists():
        found = with_devices(found, read_devices(devices))
    configuration = converted(path, found, Configuration)
    configuration.require_names_apart()
    for wrong in wrong_payments(configuration):
        raise BadConfiguration(wrong)
    return configuration


def read_devices(path: Path) -> dict[str, Any]:
    """Read a `devices.toml` and return what it says, checked.

    Raises:
        BadConfiguration: it is no TOML, or a key or value is wrong.
    """
    found = decoded_toml(path)
    converted(path, found, DevicesFile)
    return found


def read_quick_keys(path: Path) -> tuple[QuickKeys, ...]:
    """Read the pages of quick keys; a missing file means none.

    Raises:
        BadConfiguration: it is no TOML, or a key or value is wrong.
    """
    if not path.exists():
        return ()
    return tuple(
        QuickKeys(page.id, localized(page.name, page.name_en), page.keys, page.colour)
        for page in converted(path, decoded_toml(path), _QuickKeyFile).page
    )


def decoded_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file.

    Raises:
        BadConfiguration: it cannot be read, or is no TOML.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadConfiguration(
            wording("{file} cannot be read: {reason}.", file=str(path), reason=error.strerror or str(error))
        ) from error
    try:
        return tomllib.loads(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise BadConfiguration(wording("{file} is not written in UTF-8.", file=str(path))) from error
    except tomllib.TOMLDecodeError as error:
        raise BadConfiguration(wording("{file} is no TOML: {reason}.", file=str(path), reason=str(error))) from error


def converted(path: Path, found: dict[str, Any], kind: type[_Kind]) -> _Kind:
    """Turn what a TOML file says into a struct.

    Raises:
        BadConfiguration: a key or value is wrong; names its path.
    """
    try:
        return msgspec.convert(found, kind)
    except msgspec.ValidationError as error:
        where = re.search(r"at `\$\.?(.*?)`", str(error))
        unknown = re.search(r"unknown field `(.*?)`", str(error))
        key = ".".join(part for part in (where[1] if where else "", unknown[1] if unknown else "") if part)
        raise BadConfiguration(
            wording(
                "{file}: the key {key} is wrong. {reason}.",
                file=path.name,
                key=key or "(top level)",
                reason=str(error).split(" - at")[0],
            )
        ) from error
