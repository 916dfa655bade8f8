"""UPI: India's payment link, which a QR code holds as it is: `upi://pay?pa=…&pn=…&am=…&cu=INR&tr=…`.

Parameters are those of the UPI Linking Specifications 1.6 of the National Payments Corporation of India. It is no EMV
QR code and has no checksum of its own: what protects it is the error correction of the QR code.
"""

import re
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote, unquote

from app.payments.emv_qr.data_objects import require_text
from app.payments.emv_qr.refusals import NotThisDialect, bad
from app.values.money import BadAmount, currency_of, format_minor, parse_minor
from app.values.wording import wording

LONGEST_LINK: Final = 2048
_START: Final = re.compile(r"upi://pay/?\?", re.IGNORECASE | re.ASCII)
_RUPEE: Final = currency_of("INR")
_ADDRESS: Final = re.compile(r"[A-Za-z0-9._-]{2,256}@[A-Za-z][A-Za-z0-9.-]{1,63}", re.ASCII)
_CATEGORY: Final = re.compile(r"[0-9]{4}", re.ASCII)
_REFERENCE: Final = re.compile(r"[A-Za-z0-9-]{1,35}", re.ASCII)
_AMOUNT: Final = re.compile(r"[0-9]{1,10}(\.[0-9]{1,2})?", re.ASCII)
_NAME: Final = re.compile(r"[A-Za-z]{1,16}", re.ASCII)
_BAD_ESCAPE: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_LONGEST_NAME: Final = 99
_LONGEST_NOTE: Final = 80
_KNOWN: Final = ("pa", "pn", "mc", "tr", "tn", "am", "cu")


@dataclass(frozen=True, slots=True)
class UpiRequest:
    """What a UPI link asks for.

    Raises:
        BadPaymentQr: when one is made that is against the specification.
    """

    address: str
    """Whom to pay (`pa`), as `shop@bank`."""

    name: str
    """What the shopper reads (`pn`), any script."""

    amount_minor: int | None = None
    """Paise (`am`); None where the shopper keys it in."""

    reference: str = ""
    """The shop's number of the payment (`tr`): at most 35 letters, digits and hyphens."""

    note: str = ""
    """What the shopper reads beside the amount (`tn`)."""

    merchant_category: str = ""
    """Four digits (`mc`)."""

    other: tuple[tuple[str, str], ...] = field(default=())
    """Further parameters, such as `tid` and `mode`, in the order read."""

    def __post_init__(self) -> None:
        for text in (self.name, self.note, *(value for _, value in self.other)):
            require_text(text)
        if not _ADDRESS.fullmatch(self.address):
            raise bad(wording("the UPI address must be like shop@bank"))
        if not self.name.strip() or len(self.name) > _LONGEST_NAME or len(self.note) > _LONGEST_NOTE:
            raise bad(wording("the name or note of the UPI link is missing or too long"))
        if self.amount_minor is not None and (
            self.amount_minor <= 0 or not _AMOUNT.fullmatch(format_minor(self.amount_minor, _RUPEE))
        ):
            raise bad(wording("{amount} is no amount to be paid", amount=format_minor(self.amount_minor, _RUPEE)))
        if self.reference and not _REFERENCE.fullmatch(self.reference):
            raise bad(wording("the reference of a UPI link has 1 to 35 letters, digits and hyphens"))
        if self.merchant_category and not _CATEGORY.fullmatch(self.merchant_category):
            raise bad(wording("the merchant category has four digits"))
        names = [name for name, _ in self.other]
        if len({*names, *_KNOWN}) != len(names) + len(_KNOWN) or not all(map(_NAME.fullmatch, names)):
            raise bad(wording("it says something twice"))


def build_upi(request: UpiRequest) -> str:
    """Return the link that the QR code holds.

    >>> build_upi(UpiRequest("shop@bank", "Chai & Co", 1050, "T1"))
    'upi://pay?pa=shop@bank&pn=Chai%20%26%20Co&tr=T1&am=10.50&cu=INR'
    """
    amount = "" if request.amount_minor is None else format_minor(request.amount_minor, _RUPEE)
    pairs = (
        ("pa", request.address),
        ("pn", request.name),
        ("mc", request.merchant_category),
        ("tr", request.reference),
        ("tn", request.note),
        ("am", amount),
        ("cu", _RUPEE.code),
        *request.other,
    )
    return "upi://pay?" + "&".join(f"{name}={quote(value, safe='@')}" for name, value in pairs if value)


def read_upi(link: str) -> UpiRequest:
    """Return what a UPI link asks for; nothing is fetched or opened.

    Raises:
        NotThisDialect: it is no UPI link.
        BadPaymentQr: it is one, against the rules.
    """
    text = link.strip()
    start = _START.match(text[:16])
    if start is None:
        raise NotThisDialect(wording("This is no UPI link."))
    if len(text) > LONGEST_LINK:
        raise bad(wording("it is longer than any payment QR"))
    values: dict[str, str] = {}
    for part in text[start.end() :].split("&"):
        name, equals, value = part.partition("=")
        if not equals or not _NAME.fullmatch(name):
            raise bad(wording("the UPI link cannot be taken apart"))
        if name in values:
            raise bad(wording("it says {id} twice", id=name))
        values[name] = _plain(value)
    if values.get("cu", _RUPEE.code).upper() != _RUPEE.code:
        raise bad(wording("UPI is in rupees only"))
    return UpiRequest(
        address=values.get("pa", ""),
        name=values.get("pn", ""),
        amount_minor=_amount(values.get("am", "")),
        reference=values.get("tr", ""),
        note=values.get("tn", ""),
        merchant_category=values.get("mc", ""),
        other=tuple((name, value) for name, value in values.items() if name not in _KNOWN and value),
    )


def _plain(value: str) -> str:
    """Undo percent encoding; apps write `null` for what they leave open.

    Raises:
        BadPaymentQr: the encoding is broken, or what it holds is no UTF-8.
    """
    if _BAD_ESCAPE.search(value):
        raise bad(wording("the UPI link cannot be taken apart"))
    try:
        plain = unquote(value, errors="strict")
    except UnicodeDecodeError:
        raise bad(wording("the UPI link cannot be taken apart")) from None
    return "" if plain == "null" else plain


def _amount(text: str) -> int | None:
    if not text:
        return None
    try:
        if not _AMOUNT.fullmatch(text):
            raise bad(wording("it has no amount that can be read"))
        return parse_minor(text, _RUPEE) or None
    except BadAmount:
        raise bad(wording("it has no amount that can be read")) from None
