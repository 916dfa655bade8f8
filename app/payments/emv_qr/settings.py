"""What a store configures for a payment QR of its own: the form, who is paid, and what the shopper reads."""

import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

from app.payments.emv_qr.currencies import number_of
from app.payments.emv_qr.data_objects import DataObject, LengthUnit, write_objects
from app.payments.emv_qr.payload import LanguageTexts, MerchantAccount, in_plain_letters
from app.payments.emv_qr.pix import key_kind
from app.payments.emv_qr.promptpay import RecipientKind, recipient_of
from app.payments.emv_qr.refusals import BadPaymentQr, bad
from app.payments.emv_qr.sgqr import PayNow, ProxyKind
from app.payments.emv_qr.upi import UpiRequest
from app.payments.registry import BadProviderSettings, decode_settings
from app.values.money import BadAmount, currency_of
from app.values.wording import wording

PROVIDER_ID: Final = "emv_qr"

Form = Literal["emvco", "pix", "promptpay", "sgqr", "upi"]

FIXED_CURRENCIES: Final[dict[str, str]] = {"pix": "BRL", "promptpay": "THB", "sgqr": "SGD", "upi": "INR"}
"""The currency of every form that has but one."""

_Text = Annotated[str, Meta(min_length=1, max_length=99)]
_LONGEST_NAME: Final = 25
_LONGEST_CITY: Final = 15
_FIELD: Final = re.compile(r"[0-9]{2}", re.ASCII)


class AccountSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where one payment scheme sends the money."""

    id: Annotated[str, Meta(pattern=r"^(0[2-9]|[1-4][0-9]|5[01])$")]
    """02 to 25 belong to the card schemes and have `value`; 26 to 51 are templates and have `fields`."""

    value: Annotated[str, Meta(max_length=99)] = ""
    fields: dict[str, str] = msgspec.field(default_factory=dict)
    """Ids within the template; `00` says whose it is."""

    def account(self) -> MerchantAccount:
        """Return it as a payload has it.

        Raises:
            BadPaymentQr: the parts do not fit together.
        """
        if not all(map(_FIELD.fullmatch, self.fields)):
            raise bad(wording("an id within a template has two digits"))
        fields = tuple(DataObject(*pair) for pair in sorted(self.fields.items()))
        write_objects(fields or (DataObject(self.id, self.value),))
        return MerchantAccount(self.id, self.value, fields)


class EmvcoSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the plain form needs, as a bank or wallet gave it to the shop."""

    accounts: Annotated[tuple[AccountSettings, ...], Meta(min_length=1, max_length=20)]
    currency: Annotated[str, Meta(pattern=r"^[A-Z]{3}$")]
    country: Annotated[str, Meta(pattern=r"^[A-Z]{2}$")]
    language: Annotated[str, Meta(pattern=r"^([A-Za-z]{2})?$")] = ""
    """Of `local_name`, such as `ZH`."""

    local_name: Annotated[str, Meta(max_length=25)] = ""
    """The shop's name in its own script, such as Chinese; `merchant_name` is in plain letters."""

    local_city: Annotated[str, Meta(max_length=15)] = ""
    lengths_count: Literal["characters", "bytes"] = "characters"
    """What lengths count; `bytes` for wallets that depart from the specification there."""

    def language_texts(self) -> LanguageTexts | None:
        """Return the name in the shop's own script; None where there is none.

        Raises:
            BadPaymentQr: the parts do not fit together.
        """
        if not (self.language or self.local_name or self.local_city):
            return None
        return LanguageTexts(self.language, self.local_name, self.local_city)

    @property
    def unit(self) -> LengthUnit:
        """What lengths count."""
        return LengthUnit(self.lengths_count)


class PixSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What PIX needs."""

    key: _Text
    """The shop's key: CPF, CNPJ, telephone with +55, e-mail or random key."""


class PromptPaySettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What PromptPay needs."""

    kind: Literal["mobile", "national_id", "e_wallet", "bank_account", "biller"]
    number: _Text
    """With or without hyphens."""

    def recipient(self) -> tuple[RecipientKind, str]:
        """Return who gets the money.

        Raises:
            BadPaymentQr: the number is nothing of this kind.
        """
        kind = RecipientKind[self.kind.upper()]
        return kind, recipient_of(kind, self.number)


class SgqrSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What PayNow in Singapore needs."""

    kind: Literal["mobile", "uen"]
    number: _Text

    def paynow(self, expires: str = "") -> PayNow:
        """Return PayNow's part, with an amount that the shopper cannot change.

        Raises:
            BadPaymentQr: the number has the wrong form.
        """
        return PayNow(ProxyKind[self.kind.upper()], self.number, editable=False, expires=expires)


class UpiSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What UPI needs."""

    address: _Text
    """Whom to pay, as `shop@bank`."""


class EmvQrSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A store's own payment QR; the table named as the form is there, and no other."""

    form: Form
    merchant_name: _Text
    """What the shopper reads: at most 25 plain letters; for UPI any script, at most 99."""

    merchant_city: Annotated[str, Meta(max_length=99)] = ""
    """At most 15 plain letters; needed for `emvco`, `pix` and `sgqr`."""

    merchant_category: Annotated[str, Meta(pattern=r"^[0-9]{4}$")] = "0000"
    """ISO 18245; `0000` says none in particular."""

    postal_code: Annotated[str, Meta(max_length=10)] = ""
    valid_s: Annotated[int, Meta(ge=30, le=3600)] = 300
    """How long the code is shown; PayNow's codes end then."""

    emvco: EmvcoSettings | None = None
    pix: PixSettings | None = None
    promptpay: PromptPaySettings | None = None
    sgqr: SgqrSettings | None = None
    upi: UpiSettings | None = None

    @property
    def currency(self) -> str:
        """The one currency that the code is paid in."""
        return self.emvco.currency if self.emvco is not None else FIXED_CURRENCIES[self.form]


def read_settings(settings: Mapping[str, Any]) -> EmvQrSettings:
    """Read settings and check every part by the rules of its form.

    Raises:
        BadProviderSettings: naming the key that is wrong.
    """
    read = decode_settings(settings, EmvQrSettings, PROVIDER_ID)
    for form in ("emvco", "pix", "promptpay", "sgqr", "upi"):
        there = getattr(read, form) is not None
        if there != (form == read.form):
            sentence = (
                wording("[{key}] belongs to another form than {form}. Remove it.", key=form, form=read.form)
                if there
                else wording("[{key}] is missing: it says who is paid. Add it.", key=form)
            )
            raise BadProviderSettings(sentence)
    for key, check in _checks(read).items():
        prove(key, check)
    return read


def prove(key: str, check: Callable[[], object]) -> None:
    """Let settings pass at which a check finds nothing.

    Raises:
        BadProviderSettings: naming the key and what is wrong with it.
    """
    try:
        check()
    except (BadPaymentQr, BadAmount) as problem:
        raise BadProviderSettings(
            wording(
                "The settings of {provider} are wrong at {key}: {reason}",
                provider=PROVIDER_ID,
                key=key,
                reason=problem.sentence,
            )
        ) from problem


def _checks(read: EmvQrSettings) -> dict[str, Callable[[], object]]:
    """Return what proves each key."""
    checks: dict[str, Callable[[], object]] = {}
    if read.upi is not None:
        address, name, category = read.upi.address, read.merchant_name, read.merchant_category
        checks["merchant_name"] = lambda: UpiRequest("shop@bank", name, merchant_category=category)
        checks["upi.address"] = lambda: UpiRequest(address, "Shop")
        return checks
    city_needed = read.form != "promptpay"
    checks["merchant_name"] = lambda: _require_plain(read.merchant_name, 1, _LONGEST_NAME)
    checks["merchant_city"] = lambda: _require_plain(read.merchant_city, int(city_needed), _LONGEST_CITY)
    checks["postal_code"] = lambda: _require_plain(read.postal_code, 0, 10)
    if (emvco := read.emvco) is not None:
        checks["emvco.currency"] = lambda: number_of(currency_of(emvco.currency))
        checks["emvco.accounts"] = lambda: write_objects(
            [DataObject(one.account().id, "of its own") for one in emvco.accounts]
        )
        checks["emvco.local_name"] = emvco.language_texts
    if (pix := read.pix) is not None:
        checks["pix.key"] = lambda: key_kind(pix.key)
    if (promptpay := read.promptpay) is not None:
        checks["promptpay.number"] = promptpay.recipient
    if (sgqr := read.sgqr) is not None:
        checks["sgqr.number"] = sgqr.paynow
    return checks


def _require_plain(text: str, least: int, most: int) -> None:
    """Let a text pass that stands in plain letters.

    Raises:
        BadPaymentQr: it does not, or is too short or long.
    """
    plain = in_plain_letters(text)
    if not (plain.isascii() and plain.isprintable()):
        raise bad(wording('"{text}" must be written in plain letters (a to z) here', text=text[:30]))
    if not least <= len(plain.strip()) <= len(plain) <= most:
        raise bad(wording("it has {least} to {most} characters", least=least, most=most))
