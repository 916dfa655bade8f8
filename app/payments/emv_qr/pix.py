"""PIX: Brazil's payment QR (BR Code), with a key of the shop's or the address of a charge at its bank.

The rules are those of the Banco Central do Brasil: Manual de Padrões para Iniciação do Pix, and Manual do BR Code.
"""

import re
from dataclasses import dataclass
from enum import Enum
from typing import Final

from app.payments.emv_qr.building import Profile, build
from app.payments.emv_qr.data_objects import DataObject
from app.payments.emv_qr.payload import PROMPT, AdditionalData, MerchantAccount, MerchantPayload, in_plain_letters
from app.payments.emv_qr.refusals import NotThisDialect, bad
from app.values.money import currency_of
from app.values.wording import wording

SCHEME: Final = "br.gov.bcb.pix"
PIX: Final = Profile("PIX", frozenset({"52", "59", "60", "62"}))

_ACCOUNT: Final = "26"
_TRANSACTION_ID: Final = re.compile(r"[A-Za-z0-9]{1,25}", re.ASCII)
_PHONE: Final = re.compile(r"\+[1-9][0-9]{1,14}", re.ASCII)
_EMAIL: Final = re.compile(r"[a-z0-9.!#$&'*+/=?^_`{|}~-]+@[a-z0-9-]+(\.[a-z0-9-]+)*", re.ASCII)
_RANDOM: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_CPF: Final = re.compile(r"[0-9]{11}", re.ASCII)
# Letters in the first twelve places come with the numbers given out from July 2026.
_CNPJ: Final = re.compile(r"[0-9A-Z]{12}[0-9]{2}", re.ASCII)
_ADDRESS: Final = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+/[A-Za-z0-9._~!$&'()*+,;=:@%/-]+", re.ASCII)
_LONGEST_EMAIL: Final = 77
_LONGEST_ADDRESS: Final = 77


class KeyKind(Enum):
    """What a PIX key is."""

    CPF = "cpf"
    """A person's tax number, 11 digits."""

    CNPJ = "cnpj"
    """A company's tax number, 14 characters."""

    PHONE = "phone"
    """With `+` and the country, as `+5511912345678`."""

    EMAIL = "email"
    RANDOM = "random"
    """A key that the bank made up (chave aleatória), a UUID in small letters."""


@dataclass(frozen=True, slots=True)
class PixCharge:
    """What a PIX code asks for: exactly one of key and address."""

    merchant_name: str
    merchant_city: str
    key: str = ""
    """Where the money goes, for a code that the shop makes by itself (static)."""

    address: str = ""
    """Where the shopper's app finds the charge, without `https://`; such a code is for one payment (dynamic)."""

    transaction_id: str = ""
    """1 to 25 letters and digits that come back with the money; empty for none. With an address the charge has its
    own, and this stays empty."""

    information: str = ""
    """What the shopper reads beside the amount; only beside a key."""

    amount_minor: int | None = None
    """Centavos; None where the shopper keys it in, or the charge says it."""

    merchant_category: str = "0000"
    postal_code: str = ""


def key_kind(key: str) -> KeyKind:
    """Return what a key is, its check digits proved.

    >>> key_kind("123e4567-e12b-12d1-a456-426655440000").value, key_kind("+5511912345678").value
    ('random', 'phone')

    Raises:
        BadPaymentQr: it is none.
    """
    if _CPF.fullmatch(key) and len(set(key)) > 1 and _closes(key, (11, 10, 9, 8, 7, 6, 5, 4, 3, 2)):
        return KeyKind.CPF
    if _CNPJ.fullmatch(key) and len(set(key)) > 1 and _closes(key, (6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)):
        return KeyKind.CNPJ
    if _PHONE.fullmatch(key):
        return KeyKind.PHONE
    if len(key) <= _LONGEST_EMAIL and _EMAIL.fullmatch(key):
        return KeyKind.EMAIL
    if _RANDOM.fullmatch(key):
        return KeyKind.RANDOM
    raise bad(wording("the PIX key is no CPF, CNPJ, telephone with +55, e-mail or random key"))


def _closes(number: str, weights: tuple[int, ...]) -> bool:
    """Tell whether the last two digits are the check digits (modulo 11, Receita Federal)."""
    values = [ord(character) - ord("0") for character in number]
    for end in (len(number) - 2, len(number) - 1):
        rest = sum(value * weight for value, weight in zip(values[:end], weights[-end:], strict=True)) % 11
        if values[end] != (0 if rest < 2 else 11 - rest):
            return False
    return True


def build_pix(charge: PixCharge) -> str:
    """Return the text of a PIX code. Accents are taken off names, which PIX has in plain letters.

    Raises:
        BadPaymentQr: it is against the rules of PIX.
    """
    _require_consistent(charge)
    pairs = (("00", SCHEME), ("01", charge.key), ("02", in_plain_letters(charge.information)), ("25", charge.address))
    payload = MerchantPayload(
        accounts=(MerchantAccount(_ACCOUNT, fields=tuple(DataObject(*pair) for pair in pairs if pair[1])),),
        currency=currency_of("BRL"),
        country="BR",
        merchant_name=in_plain_letters(charge.merchant_name),
        merchant_city=in_plain_letters(charge.merchant_city),
        merchant_category=charge.merchant_category,
        dynamic=True if charge.address else None,
        amount_minor=charge.amount_minor,
        postal_code=charge.postal_code,
        additional=AdditionalData(reference_label=charge.transaction_id or PROMPT),
    )
    return build(payload, PIX)


def pix_in(payload: MerchantPayload) -> PixCharge:
    """Return what PIX has in a payload that was read.

    Raises:
        NotThisDialect: it holds no PIX account.
        BadPaymentQr: it does, against the rules.
    """
    account = payload.account_of(SCHEME)
    if account is None:
        raise NotThisDialect(wording("This is no PIX code."))
    if (payload.currency.code, payload.country) != ("BRL", "BR"):
        raise bad(wording("PIX is in reais and in Brazil only"))
    label = payload.additional.reference_label if payload.additional else ""
    address = account.field("25")
    charge = PixCharge(
        merchant_name=payload.merchant_name,
        merchant_city=payload.merchant_city,
        key=account.field("01"),
        address=address,
        # With an address the label is to be passed over, whatever it says (Manual de Padrões, dynamic codes).
        transaction_id="" if address or label == PROMPT else label,
        information=account.field("02"),
        amount_minor=payload.amount_minor,
        merchant_category=payload.merchant_category or "0000",
        postal_code=payload.postal_code,
    )
    _require_consistent(charge)
    return charge


def _require_consistent(charge: PixCharge) -> None:
    """Let a charge pass that PIX knows.

    Raises:
        BadPaymentQr: naming the rule it breaks.
    """
    if bool(charge.key) == bool(charge.address):
        raise bad(wording("a PIX code has either a key or the address of a charge"))
    if charge.key:
        key_kind(charge.key)
    elif len(charge.address) > _LONGEST_ADDRESS or not _ADDRESS.fullmatch(charge.address):
        raise bad(
            wording("the address of the PIX charge must be like bank.example/qr/1 and have 77 characters at most")
        )
    if charge.address and (charge.transaction_id or charge.information):
        raise bad(wording("a PIX charge at an address says its number and text there"))
    if charge.transaction_id and not _TRANSACTION_ID.fullmatch(charge.transaction_id):
        raise bad(wording("the PIX transaction id has 1 to 25 letters and digits"))
