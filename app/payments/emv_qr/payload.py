"""What an EMV merchant-presented QR code says, as values that refuse to be against the rules.

Ids, formats and limits are those of EMV QRCPS-MPM 1.1.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import Enum
from typing import Final

from app.payments.emv_qr.currencies import number_of, write_amount
from app.payments.emv_qr.data_objects import DataObject, require_text
from app.payments.emv_qr.refusals import bad
from app.values.money import Currency
from app.values.wording import Wording, wording

PROMPT: Final = "***"
"""Stands where the shopper is to be asked for a value (62), and for no transaction id (PIX)."""

GLOBALLY_UNIQUE: Final = "00"
"""Within a template of a payment scheme: whose template it is (AID, UUID or reverse domain name)."""

_LONGEST_NAME: Final = 25
_LONGEST_CITY: Final = 15
_LONGEST_POSTAL_CODE: Final = 10
_LONGEST_REFERENCE: Final = 25
_LONGEST_TAX_ID: Final = 20
_CATEGORY: Final = re.compile(r"[0-9]{4}", re.ASCII)
_TWO_LETTERS: Final = re.compile(r"[A-Za-z]{2}", re.ASCII)
_COUNTRY: Final = re.compile(r"[A-Z]{2}", re.ASCII)
_DATA_REQUEST: Final = re.compile(r"[AME]{1,3}", re.ASCII)


class TipKind(Enum):
    """What is paid on top of the amount; the values are those of id 55."""

    ASK = "01"
    """The shopper is asked for a tip."""

    FIXED = "02"
    PERCENT = "03"


@dataclass(frozen=True, slots=True)
class Tip:
    """A tip or a fee for convenience (ids 55 to 57)."""

    kind: TipKind
    amount_minor: int = 0
    """For FIXED: in minor units of the payload's currency."""

    percent_hundredths: int = 0
    """For PERCENT: hundredths of a percent, 1 to 9999."""

    def __post_init__(self) -> None:
        if (self.amount_minor > 0) != (self.kind is TipKind.FIXED) or self.amount_minor < 0:
            raise bad(wording("its fee and the kind of its fee contradict each other"))
        if (self.percent_hundredths != 0) != (
            self.kind is TipKind.PERCENT
        ) or not 0 <= self.percent_hundredths < 10_000:
            raise bad(wording("its fee and the kind of its fee contradict each other"))


@dataclass(frozen=True, slots=True)
class MerchantAccount:
    """Where one payment scheme sends the money (ids 02 to 51)."""

    id: str
    value: str = ""
    """For 02 to 25, which belong to the card schemes: one text."""

    fields: tuple[DataObject, ...] = ()
    """For 26 to 51: a template whose `00` says whose it is."""

    def __post_init__(self) -> None:
        if not "02" <= self.id <= "51":
            raise bad(wording("{id} is no merchant account", id=self.id))
        if self.is_template:
            if self.value or not self.scheme:
                raise bad(wording("merchant account {id} does not say whose it is", id=self.id))
        elif self.fields or not self.value:
            raise bad(wording("merchant account {id} must be one text", id=self.id))

    @property
    def is_template(self) -> bool:
        """Whether it is made of data objects."""
        return self.id >= "26"

    @property
    def scheme(self) -> str:
        """Whose account it is, in capitals; empty for the card schemes' own ids."""
        return self.field(GLOBALLY_UNIQUE).upper()

    def field(self, identifier: str) -> str:
        """Return what an id within the template says, or nothing."""
        return next((item.value for item in self.fields if item.id == identifier), "")


@dataclass(frozen=True, slots=True)
class AdditionalData:
    """What goes with the payment (id 62); `***` in a field asks the shopper for it."""

    bill_number: str = ""
    mobile_number: str = ""
    store_label: str = ""
    loyalty_number: str = ""
    reference_label: str = ""
    """How the shop finds the payment again; PIX keeps its transaction id here."""

    customer_label: str = ""
    terminal_label: str = ""
    purpose: str = ""
    data_request: str = ""
    """What the shopper's app is to send along: letters of `AME` for address, mobile number, e-mail."""

    merchant_tax_id: str = ""
    merchant_channel: str = ""
    """Three characters: medium, place and presence."""

    rest: tuple[DataObject, ...] = ()
    """Ids 12 to 99: for later use, and templates of payment systems; kept as they are."""

    def __post_init__(self) -> None:
        for item in self.objects():
            require_text(item.value)
            most = _ADDITIONAL_LIMITS.get(item.id)
            if most is not None and len(item.value) > most:
                raise bad(wording("62-{id} has at most {most} characters", id=item.id, most=most))
        if self.data_request and not _DATA_REQUEST.fullmatch(self.data_request):
            raise bad(wording("62-09 is made of the letters A, M and E"))
        if self.merchant_channel and len(self.merchant_channel) != 3:
            raise bad(wording("62-11 has 3 characters"))
        if any(item.id < "12" for item in self.rest):
            raise bad(wording("it says a part of 62 twice"))

    def objects(self) -> tuple[DataObject, ...]:
        """Return the data objects that are there, in the order of their ids."""
        named = tuple(
            DataObject(item, text) for item, name in ADDITIONAL_NAMES.items() if (text := getattr(self, name))
        )
        return named + self.rest


ADDITIONAL_NAMES: Final = {
    "01": "bill_number",
    "02": "mobile_number",
    "03": "store_label",
    "04": "loyalty_number",
    "05": "reference_label",
    "06": "customer_label",
    "07": "terminal_label",
    "08": "purpose",
    "09": "data_request",
    "10": "merchant_tax_id",
    "11": "merchant_channel",
}
"""Ids within 62 and what `AdditionalData` calls them."""

_ADDITIONAL_LIMITS: Final = {
    **{f"{number:02d}": _LONGEST_REFERENCE for number in range(1, 9)},
    "10": _LONGEST_TAX_ID,
}


@dataclass(frozen=True, slots=True)
class LanguageTexts:
    """The merchant's name in another script (id 64)."""

    language: str
    """Two letters of ISO 639, such as `ZH`."""

    merchant_name: str
    """At most 25 characters of Unicode."""

    merchant_city: str = ""
    """At most 15."""

    rest: tuple[DataObject, ...] = ()
    """Ids 03 to 99, for later use."""

    def __post_init__(self) -> None:
        if not _TWO_LETTERS.fullmatch(self.language):
            raise bad(wording("the language of a name has two letters"))
        _require_length(self.merchant_name, 1, _LONGEST_NAME, wording("the merchant's name"))
        _require_length(self.merchant_city, 0, _LONGEST_CITY, wording("the merchant's city"))
        if any(item.id < "03" for item in self.rest):
            raise bad(wording("it says a part of 64 twice"))


@dataclass(frozen=True, slots=True)
class MerchantPayload:
    """All that a merchant-presented QR code says.

    Raises:
        BadPaymentQr: when one is made that is against the specification.
    """

    accounts: tuple[MerchantAccount, ...]
    currency: Currency
    country: str
    """Two capital letters of ISO 3166-1."""

    merchant_name: str = ""
    """At most 25 characters. The specification wants it; PromptPay goes without."""

    merchant_city: str = ""
    """At most 15 characters."""

    merchant_category: str = ""
    """Four digits of ISO 18245; `0000` says none in particular."""

    dynamic: bool | None = None
    """Whether the code is for one payment only; None where it does not say."""

    amount_minor: int | None = None
    """What to pay; None where the shopper keys it in."""

    tip: Tip | None = None
    postal_code: str = ""
    additional: AdditionalData | None = None
    language: LanguageTexts | None = None
    other: tuple[DataObject, ...] = ()
    """Ids 65 to 79, which are for later use, and 80 to 99, which are free; kept as they are."""

    def __post_init__(self) -> None:
        number_of(self.currency)
        if not self.accounts:
            raise bad(wording("it names no merchant account"))
        if not _COUNTRY.fullmatch(self.country):
            raise bad(wording("the country has two capital letters"))
        if self.merchant_category and not _CATEGORY.fullmatch(self.merchant_category):
            raise bad(wording("the merchant category has four digits"))
        if self.amount_minor is not None:
            write_amount(self.amount_minor, self.currency)
        _require_length(self.merchant_name, 0, _LONGEST_NAME, wording("the merchant's name"))
        _require_length(self.merchant_city, 0, _LONGEST_CITY, wording("the merchant's city"))
        _require_length(self.postal_code, 0, _LONGEST_POSTAL_CODE, wording("the postal code"))
        if any(not "65" <= item.id <= "99" for item in self.other):
            raise bad(wording("it says something twice"))

    def account_of(self, scheme: str) -> MerchantAccount | None:
        """Return the first account of a scheme, capitals or not, or None."""
        return next((account for account in self.accounts if account.scheme == scheme.upper()), None)


def _require_length(text: str, least: int, most: int, what: Wording) -> None:
    """Let a text pass that is as long as it may be.

    Raises:
        BadPaymentQr: naming it, if it is not, or is no text.
    """
    require_text(text)
    if not least <= len(text) <= most or (text and not text.strip()):
        raise bad(wording("{what} has at most {most} characters and is not blank", what=what, most=most))


def in_plain_letters(text: str) -> str:
    """Return a name in the common character set (printable ASCII) where accents are all that stands in the way.

    >>> in_plain_letters("Padaria São João")
    'Padaria Sao Joao'
    """
    parts = unicodedata.normalize("NFKD", text)
    return "".join(part for part in parts if not unicodedata.combining(part))
