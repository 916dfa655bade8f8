"""PromptPay: Thailand's payment QR, to a telephone, a tax number, an e-wallet, a bank account or a biller.

The rules are those of the Thai QR Payment Standard (Bank of Thailand). Id 29 sends money (credit transfer, AID
A000000677010111), id 30 pays a bill (AID A000000677010112). The names of merchant and city and the category may be
left out there.
"""

import re
from dataclasses import dataclass
from enum import Enum
from typing import Final

from app.payments.emv_qr.building import Profile, build
from app.payments.emv_qr.data_objects import DataObject
from app.payments.emv_qr.payload import AdditionalData, MerchantAccount, MerchantPayload
from app.payments.emv_qr.refusals import NotThisDialect, bad
from app.values.money import currency_of
from app.values.wording import wording

CREDIT_TRANSFER: Final = "A000000677010111"
BILL_PAYMENT: Final = "A000000677010112"
PROMPTPAY: Final = Profile("PromptPay", frozenset())

_TRANSFER_ACCOUNT: Final = "29"
_BILL_ACCOUNT: Final = "30"
_SEPARATORS: Final = re.compile(r"[ ()+.-]")
_REFERENCE: Final = re.compile(r"[0-9A-Z]{1,20}", re.ASCII)


class RecipientKind(Enum):
    """Who gets the money; the values of the first four are ids within 29."""

    MOBILE = "01"
    """A telephone number, kept as 13 digits: zeros, 66, the number without its zero."""

    NATIONAL_ID = "02"
    """A person's or company's tax number, 13 digits."""

    E_WALLET = "03"
    """15 digits."""

    BANK_ACCOUNT = "04"
    """Three digits of the bank and the account's."""

    BILLER = "biller"
    """A biller's 15 digits, with one or two references, in id 30."""


_FORMS: Final = {
    RecipientKind.MOBILE: re.compile(r"00[0-9]{11}", re.ASCII),
    RecipientKind.NATIONAL_ID: re.compile(r"[0-9]{13}", re.ASCII),
    RecipientKind.E_WALLET: re.compile(r"[0-9]{15}", re.ASCII),
    RecipientKind.BANK_ACCOUNT: re.compile(r"[0-9]{6,43}", re.ASCII),
    RecipientKind.BILLER: re.compile(r"[0-9]{15}", re.ASCII),
}


@dataclass(frozen=True, slots=True)
class PromptPayRequest:
    """What a PromptPay code asks for."""

    kind: RecipientKind
    recipient: str
    """Digits as the code holds them; `recipient_of` makes them of what a person types."""

    amount_minor: int | None = None
    """Satang; None where the shopper keys it in, and the code may be used again."""

    reference_1: str = ""
    """For a biller: 1 to 20 capital letters and digits."""

    reference_2: str = ""
    merchant_name: str = ""
    merchant_city: str = ""
    terminal_label: str = ""


def recipient_of(kind: RecipientKind, typed: str) -> str:
    """Return the digits that a code holds for what a person types, with or without hyphens.

    >>> recipient_of(RecipientKind.MOBILE, "080-123-4567"), recipient_of(RecipientKind.MOBILE, "+66-89-123-4567")
    ('0066801234567', '0066891234567')

    Raises:
        BadPaymentQr: it is nothing of this kind.
    """
    digits = _SEPARATORS.sub("", typed)
    if kind is RecipientKind.MOBILE:
        if len(digits) == 10 and digits.startswith("0"):
            digits = f"66{digits[1:]}"
        if len(digits) == 11 and digits.startswith("66"):
            digits = f"00{digits}"
    _require_form(kind, digits)
    return digits


def build_promptpay(request: PromptPayRequest) -> str:
    """Return the text of a PromptPay code: for one payment where it has an amount, else for many.

    Raises:
        BadPaymentQr: it is against the rules of PromptPay.
    """
    _require_consistent(request)
    if request.kind is RecipientKind.BILLER:
        pairs = (
            ("00", BILL_PAYMENT),
            ("01", request.recipient),
            ("02", request.reference_1),
            ("03", request.reference_2),
        )
        account = MerchantAccount(_BILL_ACCOUNT, fields=tuple(DataObject(*pair) for pair in pairs if pair[1]))
    else:
        fields = (DataObject("00", CREDIT_TRANSFER), DataObject(request.kind.value, request.recipient))
        account = MerchantAccount(_TRANSFER_ACCOUNT, fields=fields)
    payload = MerchantPayload(
        accounts=(account,),
        currency=currency_of("THB"),
        country="TH",
        merchant_name=request.merchant_name,
        merchant_city=request.merchant_city,
        dynamic=request.amount_minor is not None,
        amount_minor=request.amount_minor,
        additional=AdditionalData(terminal_label=request.terminal_label) if request.terminal_label else None,
    )
    return build(payload, PROMPTPAY)


def promptpay_in(payload: MerchantPayload) -> PromptPayRequest:
    """Return what PromptPay has in a payload that was read; a biller is taken before a transfer.

    Raises:
        NotThisDialect: it holds no PromptPay account.
        BadPaymentQr: it does, against the rules.
    """
    bill, transfer = payload.account_of(BILL_PAYMENT), payload.account_of(CREDIT_TRANSFER)
    if bill is None and transfer is None:
        raise NotThisDialect(wording("This is no PromptPay code."))
    if (payload.currency.code, payload.country) != ("THB", "TH"):
        raise bad(wording("PromptPay is in baht and in Thailand only"))
    kind, recipient = (RecipientKind.BILLER, bill.field("01")) if bill is not None else _transfer_of(transfer)
    request = PromptPayRequest(
        kind=kind,
        recipient=recipient,
        amount_minor=payload.amount_minor,
        reference_1=bill.field("02") if bill is not None else "",
        reference_2=bill.field("03") if bill is not None else "",
        merchant_name=payload.merchant_name,
        merchant_city=payload.merchant_city,
        terminal_label=payload.additional.terminal_label if payload.additional else "",
    )
    _require_consistent(request)
    return request


def _transfer_of(account: MerchantAccount | None) -> tuple[RecipientKind, str]:
    """Return who gets the money of a credit transfer.

    Raises:
        BadPaymentQr: the account names nobody, or several.
    """
    named = [
        (kind, value)
        for kind in RecipientKind
        if kind is not RecipientKind.BILLER and account is not None and (value := account.field(kind.value))
    ]
    if len(named) != 1:
        raise bad(wording("it must name one PromptPay number"))
    return named[0]


def _require_form(kind: RecipientKind, digits: str) -> None:
    """Let digits pass that are of a kind.

    Raises:
        BadPaymentQr: they are not.
    """
    if not _FORMS[kind].fullmatch(digits):
        raise bad(wording("the PromptPay number has the wrong form"))


def _require_consistent(request: PromptPayRequest) -> None:
    """Let a request pass that PromptPay knows.

    Raises:
        BadPaymentQr: naming the rule it breaks.
    """
    _require_form(request.kind, request.recipient)
    if request.kind is not RecipientKind.BILLER:
        if request.reference_1 or request.reference_2:
            raise bad(wording("only a PromptPay bill has references"))
        return
    if not _REFERENCE.fullmatch(request.reference_1) or not _REFERENCE.fullmatch(request.reference_2 or "0"):
        raise bad(wording("the references of a PromptPay bill have 1 to 20 capital letters and digits"))
