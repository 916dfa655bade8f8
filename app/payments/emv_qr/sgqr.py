"""SGQR: Singapore's shared payment label (id 51), and PayNow in it (id 26).

Ids and forms are those of the SGQR specification of the Monetary Authority of Singapore and of the PayNow QR
specification of the Association of Banks in Singapore.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from enum import Enum
from typing import Final

from app.payments.emv_qr.building import Profile, build
from app.payments.emv_qr.data_objects import DataObject
from app.payments.emv_qr.payload import AdditionalData, MerchantAccount, MerchantPayload
from app.payments.emv_qr.refusals import NotThisDialect, bad
from app.values.money import currency_of
from app.values.wording import wording

SGQR_SCHEME: Final = "SG.SGQR"
PAYNOW_SCHEME: Final = "SG.PAYNOW"
SINGAPORE: Final = timezone(timedelta(hours=8), "SGT")

SGQR: Final = Profile("SGQR", frozenset({"52", "59", "60"}), longest=1536)
"""A label may hold a dozen schemes, so it may be longer than a code of one."""

_PAYNOW_ACCOUNT: Final = "26"
_LABEL: Final = "51"
_DATE: Final = re.compile(r"[0-9]{8}", re.ASCII)
_DATE_TIME: Final = re.compile(r"[0-9]{14}", re.ASCII)
_LABEL_FORMS: Final = {
    "01": re.compile(r"[0-9A-Za-z]{12,13}", re.ASCII),
    "02": re.compile(r"[0-9]{2}\.[0-9]{4}", re.ASCII),
    "03": re.compile(r"[0-9]{6}", re.ASCII),
    "04": re.compile(r"[0-9A-Za-z]{1,3}", re.ASCII),
    "05": re.compile(r"[0-9A-Za-z/-]{1,5}", re.ASCII),
    "06": re.compile(r"[ -~]{1,10}", re.ASCII),
    "07": _DATE,
}


class ProxyKind(Enum):
    """What a PayNow proxy is; the values are those of 26-01."""

    MOBILE = "0"
    """A telephone number with `+` and the country."""

    UEN = "2"
    """A company's number, with three characters more for one of its accounts."""


_PROXIES: Final = {
    ProxyKind.MOBILE: re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII),
    ProxyKind.UEN: re.compile(r"[0-9A-Z]{9,13}", re.ASCII),
}


@dataclass(frozen=True, slots=True)
class PayNow:
    """PayNow's account in a code."""

    proxy_kind: ProxyKind
    proxy: str
    editable: bool
    """Whether the shopper may change the amount."""

    expires: str = ""
    """The last day `YYYYMMDD`, or the last moment `YYYYMMDDhhmmss`, in Singapore; empty for never."""

    def __post_init__(self) -> None:
        if not _PROXIES[self.proxy_kind].fullmatch(self.proxy):
            raise bad(wording("the PayNow number has the wrong form"))
        if self.expires:
            _moment_of(self.expires)

    def has_expired(self, at: datetime) -> bool:
        """Tell whether it is too late to pay at an instant, which must be aware."""
        return bool(self.expires) and at >= _moment_of(self.expires)


@dataclass(frozen=True, slots=True)
class SgqrLabel:
    """Which label this is and where it hangs (id 51)."""

    label_id: str
    """12 or 13 letters and digits."""

    version: str
    """Such as `01.0001`."""

    postal_code: str
    """Six digits."""

    level: str
    unit_number: str
    changed: date
    """When this version was made."""

    miscellaneous: str = "0000"


@dataclass(frozen=True, slots=True)
class SgqrCode:
    """What an SGQR code says."""

    merchant_name: str
    paynow: PayNow | None = None
    label: SgqrLabel | None = None
    other_accounts: tuple[MerchantAccount, ...] = ()
    """Other schemes on the same label."""

    amount_minor: int | None = None
    """Cents of Singapore."""

    reference: str = ""
    """Bill number (62-01): what the bank shows with the money."""

    merchant_city: str = "Singapore"
    merchant_category: str = "0000"
    postal_code: str = ""


def expiry_on(day: date) -> str:
    """Return how PayNow writes that a day is the last.

    >>> expiry_on(date(2026, 12, 31))
    '20261231'
    """
    return day.strftime("%Y%m%d")


def expiry_at(instant: datetime) -> str:
    """Return how PayNow writes a last moment, in Singapore's time.

    >>> expiry_at(datetime(2026, 12, 31, 16, 5, tzinfo=UTC))
    '20270101000500'
    """
    return instant.astimezone(SINGAPORE).strftime("%Y%m%d%H%M%S")


def _moment_of(expires: str) -> datetime:
    """Return from when on it is too late.

    Raises:
        BadPaymentQr: it is no day and no moment.
    """
    try:
        if _DATE.fullmatch(expires):
            return datetime.strptime(expires, "%Y%m%d").replace(tzinfo=SINGAPORE) + timedelta(days=1)
        if _DATE_TIME.fullmatch(expires):
            return datetime.strptime(expires, "%Y%m%d%H%M%S").replace(tzinfo=SINGAPORE)
    except (ValueError, OverflowError) as error:
        raise bad(wording("its last day is no date")) from error
    raise bad(wording("its last day is no date"))


def build_sgqr(code: SgqrCode) -> str:
    """Return the text of an SGQR code; with an amount that cannot be changed it is for one payment.

    Raises:
        BadPaymentQr: it is against the rules of SGQR or PayNow.
    """
    accounts = list(code.other_accounts)
    if code.paynow is not None:
        if not code.paynow.editable and code.amount_minor is None:
            raise bad(wording("a PayNow code without an amount must let the shopper key it in"))
        accounts.append(_paynow_account(code.paynow))
    if code.label is not None:
        accounts.append(_label_account(code.label))
    payload = MerchantPayload(
        accounts=tuple(accounts),
        currency=currency_of("SGD"),
        country="SG",
        merchant_name=code.merchant_name,
        merchant_city=code.merchant_city,
        merchant_category=code.merchant_category,
        dynamic=code.amount_minor is not None,
        amount_minor=code.amount_minor,
        postal_code=code.postal_code,
        additional=AdditionalData(bill_number=code.reference) if code.reference else None,
    )
    return build(payload, SGQR)


def sgqr_in(payload: MerchantPayload) -> SgqrCode:
    """Return what SGQR and PayNow have in a payload that was read.

    Raises:
        NotThisDialect: it holds neither.
        BadPaymentQr: it does, against the rules.
    """
    paynow, label = payload.account_of(PAYNOW_SCHEME), payload.account_of(SGQR_SCHEME)
    if paynow is None and label is None:
        raise NotThisDialect(wording("This is no SGQR code."))
    if (payload.currency.code, payload.country) != ("SGD", "SG"):
        raise bad(wording("SGQR is in Singapore dollars and in Singapore only"))
    return SgqrCode(
        merchant_name=payload.merchant_name,
        paynow=_paynow_of(paynow) if paynow is not None else None,
        label=_label_of(label) if label is not None else None,
        other_accounts=tuple(account for account in payload.accounts if account not in {paynow, label}),
        amount_minor=payload.amount_minor,
        reference=payload.additional.bill_number if payload.additional else "",
        merchant_city=payload.merchant_city,
        merchant_category=payload.merchant_category or "0000",
        postal_code=payload.postal_code,
    )


def _paynow_account(paynow: PayNow) -> MerchantAccount:
    pairs = (
        ("00", PAYNOW_SCHEME),
        ("01", paynow.proxy_kind.value),
        ("02", paynow.proxy),
        ("03", "1" if paynow.editable else "0"),
        ("04", paynow.expires),
    )
    return MerchantAccount(_PAYNOW_ACCOUNT, fields=tuple(DataObject(*pair) for pair in pairs if pair[1]))


def _paynow_of(account: MerchantAccount) -> PayNow:
    """Read PayNow's template.

    Raises:
        BadPaymentQr: a part is missing or has the wrong form.
    """
    kinds = {kind.value: kind for kind in ProxyKind}
    kind, editable = account.field("01"), account.field("03")
    if kind not in kinds or editable not in {"0", "1"}:
        raise bad(wording("its PayNow part is not known here"))
    return PayNow(kinds[kind], account.field("02"), editable == "1", account.field("04"))


def _label_account(label: SgqrLabel) -> MerchantAccount:
    pairs = (
        ("00", SGQR_SCHEME),
        ("01", label.label_id),
        ("02", label.version),
        ("03", label.postal_code),
        ("04", label.level),
        ("05", label.unit_number),
        ("06", label.miscellaneous),
        ("07", expiry_on(label.changed)),
    )
    account = MerchantAccount(_LABEL, fields=tuple(DataObject(*pair) for pair in pairs if pair[1]))
    _label_of(account)
    return account


def _label_of(account: MerchantAccount) -> SgqrLabel:
    """Read the label's template.

    Raises:
        BadPaymentQr: a part is missing or has the wrong form.
    """
    for identifier, form in _LABEL_FORMS.items():
        if not form.fullmatch(account.field(identifier)):
            raise bad(wording("part {id} of its SGQR label has the wrong form", id=identifier))
    try:
        changed = datetime.strptime(account.field("07"), "%Y%m%d").replace(tzinfo=UTC).date()
    except ValueError:
        raise bad(wording("part {id} of its SGQR label has the wrong form", id="07")) from None
    return SgqrLabel(
        label_id=account.field("01"),
        version=account.field("02"),
        postal_code=account.field("03"),
        level=account.field("04"),
        unit_number=account.field("05"),
        changed=changed,
        miscellaneous=account.field("06"),
    )
