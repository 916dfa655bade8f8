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
from app.checkout.settings import Operator, QuickKeys, TillSettings
from app.payments.cash import CashRounding, RoundingRule
from app.payments.tenders import TenderType
from app.sales.receipt import Shop
from app.values.money import currency_of
from app.values.problems import Problem
from app.values.wording import LocalizedText, wording

Text = Annotated[str, Meta(min_length=1, max_length=200)]
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


class PrinterSection(Struct, forbid_unknown_fields=True, frozen=True):
    """`[printer]`; `[printer.settings]` is the driver's own and checked by it."""

    driver: Text = "simulated-receipt-printer"
    settings: dict[str, Any] = {}
    layout: str = ""
    """Path of a receipt layout; empty for the built-in one of the paper's width."""

    capacity: Annotated[int, Meta(ge=1, le=1000)] = 64
    """Receipts that may wait for paper."""

    language: Literal["zh_CN", "en"] = "zh_CN"
    """What receipts are written in."""


class Configuration(Struct, forbid_unknown_fields=True, frozen=True):
    """A whole `store.toml`."""

    store: StoreSection
    till: TillSection
    operator: Annotated[tuple[OperatorSection, ...], Meta(min_length=1)]
    tender: Annotated[tuple[TenderSection, ...], Meta(min_length=1)]
    label_pattern: tuple[LabelPatternSection, ...] = ()
    card: tuple[CardSection, ...] = ()
    printer: PrinterSection = PrinterSection()

    def code_settings(self) -> CodeSettings:
        """Return what the shop decided about codes.

        Raises:
            BadLabelPattern: BadCodeSettings: a pattern or card prefix cannot work.
        """
        return CodeSettings(
            patterns=tuple(
                parse_pattern(section.name, section.pattern, section.item_is) for section in self.label_pattern
            ),
            cards=tuple(CardPrefix(section.kind, section.prefix, section.length) for section in self.card),
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


def read_configuration(path: Path) -> Configuration:
    """Read a `store.toml`.

    Raises:
        BadConfiguration: it is missing, no TOML, or a key or value is wrong; the sentence names the key's path.
    """
    return msgspec_toml(path, Configuration)


def read_quick_keys(path: Path) -> tuple[QuickKeys, ...]:
    """Read the pages of quick keys; a missing file means none.

    Raises:
        BadConfiguration: it is no TOML, or a key or value is wrong.
    """
    if not path.exists():
        return ()
    return tuple(
        QuickKeys(page.id, localized(page.name, page.name_en), page.keys, page.colour)
        for page in msgspec_toml(path, _QuickKeyFile).page
    )


def msgspec_toml(path: Path, kind: type[_Kind]) -> _Kind:
    """Decode a TOML file into a struct.

    Raises:
        BadConfiguration: as above.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadConfiguration(
            wording("{file} cannot be read: {reason}.", file=str(path), reason=error.strerror or str(error))
        ) from error
    try:
        return msgspec.convert(tomllib.loads(content.decode("utf-8")), kind)
    except UnicodeDecodeError as error:
        raise BadConfiguration(wording("{file} is not written in UTF-8.", file=str(path))) from error
    except tomllib.TOMLDecodeError as error:
        raise BadConfiguration(wording("{file} is no TOML: {reason}.", file=str(path), reason=str(error))) from error
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
