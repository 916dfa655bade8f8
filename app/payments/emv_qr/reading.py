"""Reads an EMV merchant-presented QR code; whatever the text, the answer is its content or a sentence why not."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from app.payments.emv_qr.building import DYNAMIC, EMVCO, STATIC, VERSION
from app.payments.emv_qr.currencies import currency_by_number, read_amount
from app.payments.emv_qr.data_objects import CHECKSUM, FORMAT, DataObject, LengthUnit, prove_checksum, read_objects
from app.payments.emv_qr.payload import (
    ADDITIONAL_NAMES,
    AdditionalData,
    LanguageTexts,
    MerchantAccount,
    MerchantPayload,
    Tip,
    TipKind,
)
from app.payments.emv_qr.refusals import NOT_WHOLE, BadPaymentQr, DamagedPaymentQr, bad
from app.values.money import Currency
from app.values.wording import wording

_FRAME: Final = " \t\r\n\x02\x03"
_PERCENT: Final = re.compile(r"[0-9]{1,2}(\.[0-9]{1,2})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class ReadPayload:
    """What was read."""

    payload: MerchantPayload
    objects: tuple[DataObject, ...]
    """Every part in the order in which it stood, without the checksum: what is not understood is here all the same."""

    unit: LengthUnit
    """What its lengths count; CHARACTERS where both counts give the same."""

    missing: tuple[str, ...]
    """Ids that the specification wants and that are not there. PromptPay, for one, leaves 52, 59 and 60 out."""


def read(text: str, unit: LengthUnit | None = None) -> ReadPayload:
    """Return what the text of a payment QR says.

    Without a unit both are tried, the specification's first. A text that can be taken apart in both ways and says
    different things is refused: nobody can tell whom it would pay.

    Raises:
        DamagedPaymentQr: the checksum is wrong or the parts do not fit together.
        BadPaymentQr: it is whole, but against the rules; the sentence says which.
    """
    whole = text.strip(_FRAME)
    body = prove_checksum(whole)
    if unit is not None:
        return _read(body, unit)
    try:
        found = _read(body, LengthUnit.CHARACTERS)
    except BadPaymentQr as as_characters:
        if body.isascii():
            raise
        try:
            return _read(body, LengthUnit.BYTES)
        except BadPaymentQr:
            # It reads in neither way: what is wrong is said as for the one that the standard asks for.
            raise as_characters from None
    if not body.isascii():
        _require_one_meaning(body, found)
    return found


def _require_one_meaning(body: str, found: ReadPayload) -> None:
    """Make sure that counting bytes gives nothing else.

    Raises:
        BadPaymentQr: it does.
    """
    try:
        other = _read(body, LengthUnit.BYTES)
    except BadPaymentQr:
        return
    if other.payload != found.payload:
        raise bad(wording("its lengths can be read in two ways"))


def _read(body: str, unit: LengthUnit) -> ReadPayload:
    """Return what a payload without its checksum says.

    Raises:
        BadPaymentQr: it cannot be read so.
    """
    objects = read_objects(body, unit)
    values = {item.id: item.value for item in objects}
    if not objects or objects[0].id != FORMAT or CHECKSUM in values:
        raise DamagedPaymentQr(NOT_WHOLE)
    if values[FORMAT] != VERSION:
        raise bad(wording("its format {version} is not known here", version=values[FORMAT][:4]))
    if "53" not in values or "58" not in values:
        raise bad(wording("it does not say its currency and country"))
    currency = currency_by_number(values["53"])
    amount_minor = read_amount(values["54"], currency) if "54" in values else 0
    payload = MerchantPayload(
        accounts=tuple(_account(item, unit) for item in objects if "02" <= item.id <= "51"),
        currency=currency,
        country=values["58"],
        merchant_name=values.get("59", ""),
        merchant_city=values.get("60", ""),
        merchant_category=values.get("52", ""),
        dynamic=_dynamic(values),
        # PIX writes an amount that the shopper keys in as nought as well as by leaving it out.
        amount_minor=amount_minor or None,
        tip=_tip(values, currency),
        postal_code=values.get("61", ""),
        additional=_additional(values["62"], unit) if "62" in values else None,
        language=_language(values["64"], unit) if "64" in values else None,
        other=tuple(item for item in objects if item.id >= "65"),
    )
    return ReadPayload(payload, objects, unit, tuple(sorted(EMVCO.required - values.keys())))


def _account(item: DataObject, unit: LengthUnit) -> MerchantAccount:
    if item.id < "26":
        return MerchantAccount(item.id, value=item.value)
    return MerchantAccount(item.id, fields=read_objects(item.value, unit))


def _dynamic(values: Mapping[str, str]) -> bool | None:
    said = values.get("01")
    if said is None:
        return None
    if said not in {STATIC, DYNAMIC}:
        raise bad(wording("it does not say whether it is for one payment or many"))
    return said == DYNAMIC


def _tip(values: Mapping[str, str], currency: Currency) -> Tip | None:
    """Return the fee on top.

    Raises:
        BadPaymentQr: what is said of it contradicts itself.
    """
    kind, fixed, percent = values.get("55"), values.get("56"), values.get("57")
    wrong = bad(wording("its fee and the kind of its fee contradict each other"))
    if kind is None and fixed is None and percent is None:
        return None
    if kind == TipKind.ASK.value and fixed is None and percent is None:
        return Tip(TipKind.ASK)
    if kind == TipKind.FIXED.value and fixed is not None and percent is None:
        return Tip(TipKind.FIXED, amount_minor=read_amount(fixed, currency))
    if kind == TipKind.PERCENT.value and percent is not None and fixed is None and _PERCENT.fullmatch(percent):
        whole, _, decimals = percent.partition(".")
        return Tip(TipKind.PERCENT, percent_hundredths=int(whole) * 100 + int(decimals.ljust(2, "0")))
    raise wrong


def _additional(text: str, unit: LengthUnit) -> AdditionalData:
    objects = read_objects(text, unit)
    named = {ADDITIONAL_NAMES[item.id]: item.value for item in objects if item.id in ADDITIONAL_NAMES}
    return AdditionalData(**named, rest=tuple(item for item in objects if item.id not in ADDITIONAL_NAMES))


def _language(text: str, unit: LengthUnit) -> LanguageTexts:
    objects = read_objects(text, unit)
    values = {item.id: item.value for item in objects}
    return LanguageTexts(
        language=values.get("00", ""),
        merchant_name=values.get("01", ""),
        merchant_city=values.get("02", ""),
        rest=tuple(item for item in objects if item.id > "02"),
    )
