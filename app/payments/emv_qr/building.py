"""Writes an EMV merchant-presented QR code: every part in its place, whole, and not longer than wallets read."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from app.payments.emv_qr.currencies import number_of, write_amount
from app.payments.emv_qr.data_objects import FORMAT, DataObject, LengthUnit, write_objects, write_payload
from app.payments.emv_qr.payload import LanguageTexts, MerchantPayload, Tip, TipKind
from app.payments.emv_qr.refusals import bad
from app.values.wording import wording

VERSION: Final = "01"
"""The payload format indicator of EMV QRCPS-MPM 1.1."""

STATIC: Final = "11"
DYNAMIC: Final = "12"

LONGEST_RECOMMENDED: Final = 512
"""Characters of a payload that telephones read well from a screen (EMV QRCPS-MPM)."""

_IN_ANY_SCRIPT: Final = frozenset({"64"})


@dataclass(frozen=True, slots=True)
class Profile:
    """What one dialect wants of a payload."""

    name: str
    required: frozenset[str]
    """Ids that must be there, besides those that always are."""

    longest: int = LONGEST_RECOMMENDED
    """Characters of the whole payload."""


EMVCO: Final = Profile("EMVCo", frozenset({"52", "59", "60"}))
"""The specification itself."""


def build(payload: MerchantPayload, profile: Profile = EMVCO, unit: LengthUnit = LengthUnit.CHARACTERS) -> str:
    """Return the text that the QR code holds.

    The format comes first and the checksum last; between them the parts stand in the order of their ids, and behind
    them what is for later use. Names and references are in the common character set; a name in another script goes
    into `MerchantPayload.language`.

    Raises:
        BadPaymentQr: a part that the dialect wants is missing, too long, or not in its character set.
    """
    objects = tuple(_objects(payload, unit))
    there = {item.id for item in objects}
    missing = sorted(profile.required - there)
    if missing:
        raise bad(wording("{ids} must be filled in", ids=", ".join(missing)))
    for item in objects:
        if item.id not in _IN_ANY_SCRIPT and item.id < "65" and not (item.value.isascii() and item.value.isprintable()):
            raise bad(wording('"{text}" must be written in plain letters (a to z) here', text=item.value[:30]))
    text = write_payload(objects, unit)
    if len(text) > profile.longest:
        raise bad(
            wording("it has {length} characters; at most {most} are read well", length=len(text), most=profile.longest)
        )
    return text


def _objects(payload: MerchantPayload, unit: LengthUnit) -> Iterator[DataObject]:
    yield DataObject(FORMAT, VERSION)
    if payload.dynamic is not None:
        yield DataObject("01", DYNAMIC if payload.dynamic else STATIC)
    for account in sorted(payload.accounts, key=lambda account: account.id):
        yield DataObject(account.id, write_objects(account.fields, unit) if account.is_template else account.value)
    for identifier, value in _facts(payload, unit):
        if value:
            yield DataObject(identifier, value)
    yield from sorted(payload.other, key=lambda item: item.id)


def _facts(payload: MerchantPayload, unit: LengthUnit) -> Iterator[tuple[str, str]]:
    yield "52", payload.merchant_category
    yield "53", number_of(payload.currency)
    if payload.amount_minor is not None:
        yield "54", write_amount(payload.amount_minor, payload.currency)
    if payload.tip is not None:
        yield "55", payload.tip.kind.value
        yield _fee(payload.tip, payload)
    yield "58", payload.country
    yield "59", payload.merchant_name
    yield "60", payload.merchant_city
    yield "61", payload.postal_code
    if payload.additional is not None:
        yield "62", write_objects(payload.additional.objects(), unit)
    if payload.language is not None:
        yield "64", write_objects(_language(payload.language), unit)


def _fee(tip: Tip, payload: MerchantPayload) -> tuple[str, str]:
    if tip.kind is TipKind.FIXED:
        return "56", write_amount(tip.amount_minor, payload.currency)
    if tip.kind is TipKind.PERCENT:
        whole, hundredths = divmod(tip.percent_hundredths, 100)
        return "57", f"{whole}.{hundredths:02d}"
    return "56", ""


def _language(texts: LanguageTexts) -> tuple[DataObject, ...]:
    named = (("00", texts.language), ("01", texts.merchant_name), ("02", texts.merchant_city))
    return tuple(DataObject(identifier, value) for identifier, value in named if value) + texts.rest
