"""Tells from its data, and from how it was scanned where the scanner says so, what a code means.

The order of the questions is the rule: what a symbology says is believed first; without one the forms that
cannot be anything else are asked for before those that could. No input raises: what is not understood becomes
an `UnknownCode` with a sentence for the person who scanned.

What reads GS1 element strings is imported with the first of them, or by `CodeReader.warm_up`: a till shows its
first window before it needs them.
"""

from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING, Final

from app.catalogue.codes import misread
from app.catalogue.codes.check_digits import has_right_check_digit, is_bank_card_number
from app.catalogue.codes.gtins import (
    GTIN_LENGTHS,
    as_gtin14,
    expand_upc_e,
    is_coupon,
    is_refund_receipt,
    is_restricted,
)
from app.catalogue.codes.meaning import (
    CouponCode,
    Gs1Code,
    Meaning,
    MemberCode,
    OperatorCard,
    PaymentCode,
    PluCode,
    ProductCode,
    ReceiptCode,
    UnknownCode,
    WeighedLabel,
    mask,
)
from app.catalogue.codes.misread import Misread
from app.catalogue.codes.scanned import GROUP_SEPARATOR, split_aim
from app.catalogue.codes.settings import PLU_LENGTHS, CardKind, CardPrefix, CodeSettings, is_alipay, is_wechat
from app.values.identifiers import ReceiptNumber

if TYPE_CHECKING:
    from app.catalogue.codes.element_strings import Syntax

LONGEST_DATA: Final = 2048
"""No code of a shop is longer; a Digital Link of this length fills the largest QR code in use on goods."""

_RAW_KEPT: Final = 200

# What carries GS1 element strings (General Specifications 5.1.3): GS1-128, DataBar and composites, GS1 DataMatrix,
# GS1 QR Code, GS1 DotCode.
_GS1_SYMBOLOGIES: Final = frozenset({"]C1", "]e0", "]e1", "]e2", "]d2", "]Q3", "]J1"})
_EAN_OR_ITF: Final = ("]E", "]I")
_ITF: Final = "]I"
_ITF_14_LENGTH: Final = 14
_EAN_8: Final = "]E4"
_EAN_OR_UPC: Final = "]E0"
_EAN_WITH_ADD_ON: Final = "]E3"
_ADD_ON_ALONE: Final = frozenset({"]E1", "]E2"})

# Where the barcode ends in data of barcode and add-on, by the length of both together.
_MAIN_LENGTHS: Final = {10: 8, 14: 12, 15: 13, 17: 12, 18: 13}
_PERIODICALS_AND_BOOKS: Final = ("977", "978", "979")

# Typed in an input method's full-width form: ！ to ～ and the wide blank.
_FULL_WIDTH: Final = {0xFF01 + offset: 0x21 + offset for offset in range(94)} | {0x3000: 0x20}
# Line ends and the frame that serial scanners put round the data.
_FRAME: Final = " \t\r\n\x02\x03"

# The keys that GS1 data read without an AIM identifier may begin with, and how many digits they have. No wallet's code
# and no pattern of 18 digits begins so. An SSCC stands alone.
_UNTAGGED_KEYS: Final = {"01": 16, "02": 16, "03": 16, "00": 20, "8017": 22, "8018": 22}
_SSCC_AI: Final = "00"

# Behind the R of a receipt's barcode: store 4 digits, till 2, epoch 2, number the rest (`ReceiptNumber.barcode_data`).
_RECEIPT_LENGTHS: Final = range(15, 22)
_TYPED_RECEIPT_LENGTHS: Final = (range(4, 7), range(2, 4), range(1, 5), range(6, 13))
_FACE_PAYMENT_LENGTH: Final = 35

Card = MemberCode | CouponCode | OperatorCard
"""What one of the shop's own cards can be."""


class CodeReader:
    """Reads codes by one shop's settings. Holds no state, so any thread may use it."""

    def __init__(self, settings: CodeSettings) -> None:
        """Keep the settings; they were checked when they were made."""
        self._settings = settings
        self._odd_separators = tuple(mark for mark in settings.separators if mark != GROUP_SEPARATOR)

    def warm_up(self) -> None:
        """Load the GS1 tables now (0.1 s), so that the first GS1 code does not wait for them."""
        self.read("(01)09506000134352")

    def read(self, data: str, symbology: str | None = None, today: date | None = None) -> Meaning:
        """Return what a code means; never raises, whatever the data.

        Args:
            data: what the scanner gave or a person typed, an AIM identifier possibly in front.
            symbology: the AIM identifier where the driver knows it.
            today: the business date, for the century of two-digit years; without it they are 2000 to 2099.
        """
        body, symbology = split_aim(data[: 2 * LONGEST_DATA].strip(_FRAME), symbology)
        try:
            if len(data) > LONGEST_DATA:
                raise Misread(misread.TOO_LONG)
            return self._read(self._plain(body, symbology), symbology, today)
        except Misread as misreading:
            return _unknown(misreading, body)

    def _plain(self, body: str, symbology: str | None) -> str:
        """Return the data in half-width ASCII with GS between element strings.

        Raises:
            Misread: if there is nothing, or characters that no code here has.
        """
        if self._odd_separators and (symbology in _GS1_SYMBOLOGIES or _begins_with_key(body)):
            for mark in self._odd_separators:
                body = body.replace(mark, GROUP_SEPARATOR)
        if not body.isascii():
            body = body.translate(_FULL_WIDTH).strip(_FRAME)
        if not body:
            raise Misread(misread.NOTHING_READ)
        if not body.replace(GROUP_SEPARATOR, "").isprintable():
            raise Misread(misread.DAMAGED)
        if not body.isascii():
            raise Misread(misread.HOLDS_TEXT)
        without_blanks = body.replace(" ", "")
        return without_blanks if without_blanks.isdigit() else body

    def _read(self, body: str, symbology: str | None, today: date | None) -> Meaning:
        """Ask the symbology, then the form.

        Raises:
            Misread: if it means nothing.
        """
        if body[:8].lower().startswith(("http://", "https://")):
            return self._gs1("digital-link", body, symbology, today)
        if symbology in _GS1_SYMBOLOGIES:
            if symbology == "]e0" and len(body) == 14 and body.isdigit():
                return self._product(body, symbology)  # some scanners leave DataBar's AI 01 out
            return self._gs1("element-string", body, symbology, today)
        if symbology is not None and symbology.startswith(_EAN_OR_ITF):
            return self._ean_or_itf(body, symbology)
        if body.isdigit():
            return self._digits(body, symbology, today)
        return self._text(body, symbology, today)

    def _gs1(self, syntax: "Syntax", body: str, symbology: str | None, today: date | None) -> Meaning:
        """Read a GS1 code; one that holds nothing but an in-store number is a label from a scale.

        Raises:
            Misread: if it is not right.
        """
        from app.catalogue.codes.element_strings import take_apart
        from app.catalogue.codes.gs1 import LabelContext, meaning_of

        elements = take_apart(syntax, body)
        meaning = meaning_of(elements, LabelContext(self._settings.currency, today, symbology, syntax, body))
        if isinstance(meaning, Gs1Code) and meaning.gtin14 is not None and len(elements) == 1:
            return self._label(meaning.gtin14[1:]) or meaning
        return meaning

    def _ean_or_itf(self, digits: str, symbology: str) -> Meaning:
        """Read what an EAN/UPC or ITF-14 symbol holds; vendors differ in how they send UPC (ISO/IEC 15420).

        A part of an ITF symbol can be read as a whole one, so only all 14 digits are believed.

        Raises:
            Misread: if it is not right.
        """
        if symbology in _ADD_ON_ALONE:
            raise Misread(misread.ONLY_ADD_ON)
        if not digits.isdigit() or (symbology.startswith(_ITF) and len(digits) != _ITF_14_LENGTH):
            raise Misread(misread.NOT_READ_RIGHT)
        if symbology == _EAN_WITH_ADD_ON or (symbology == _EAN_OR_UPC and len(digits) in {15, 18}):
            main = _MAIN_LENGTHS.get(len(digits), len(digits))
            return self._product(digits[:main], symbology, digits[main:] or None)
        return self._product(digits, symbology)

    def _product(self, digits: str, symbology: str | None, add_on: str | None = None) -> Meaning:
        """Read the digits of a product's barcode.

        Raises:
            Misread: if their number or the check digit is wrong.
        """
        label = self._label(digits.zfill(13) if len(digits) == 12 else digits, symbology)
        if label is not None:
            return label
        ean, upc_e = as_gtin14(digits), expand_upc_e(digits)
        if symbology == _EAN_8:
            upc_e = None
        if symbology == _EAN_OR_UPC and upc_e is not None:
            ean = None
        gtin14 = ean or upc_e
        if gtin14 is None:
            raise Misread(misread.NOT_READ_RIGHT)
        if is_refund_receipt(gtin14):
            return CouponCode(digits, "refund-receipt")
        if is_coupon(gtin14):
            return CouponCode(digits, "prefix")
        also = upc_e if ean is not None and upc_e != ean else None
        return ProductCode(gtin14, digits, symbology, add_on, restricted=is_restricted(gtin14), also_gtin14=also)

    def _label(self, digits: str, symbology: str | None = None) -> WeighedLabel | Card | None:
        """Read a label from a scale or a card among the shop's own numbers, or return None.

        Raises:
            Misread: if it is one and a check digit is wrong.
        """
        for card in self._settings.cards:
            if len(digits) in GTIN_LENGTHS and card.matches(digits):
                if not has_right_check_digit(digits):
                    raise Misread(misread.NOT_READ_RIGHT)
                return _card(card, digits)
        for pattern in self._settings.patterns:
            if pattern.matches(digits):
                if symbology != _EAN_8 and len(digits) == 8 and _is_rather_upc_e(digits, symbology):
                    return None
                return pattern.read(digits)
        return None

    def _digits(self, digits: str, symbology: str | None, today: date | None) -> Meaning:
        """Read digits of which nothing says what they are.

        Raises:
            Misread: if they mean nothing.
        """
        length = len(digits)
        if self._settings.numbers_are_plus and length in PLU_LENGTHS:
            return PluCode(digits)
        if length in GTIN_LENGTHS:
            return self._product(digits, symbology)
        found = self._label(digits, symbology) or _wallet(digits) or self._card_of(digits)
        if found is not None:
            return found
        if _begins_with_key(digits):
            return self._gs1("element-string", digits, symbology, today)
        if length in {15, 18} and digits.startswith(_PERIODICALS_AND_BOOKS):
            return self._product(digits[:13], symbology, digits[13:])
        if is_bank_card_number(digits):
            raise Misread(misread.BANK_CARD)
        raise Misread(misread.MEANS_NOTHING)

    def _text(self, body: str, symbology: str | None, today: date | None) -> Meaning:
        """Read data that is not all digits and of which nothing says what it is.

        Raises:
            Misread: if it means nothing.
        """
        if body.startswith("("):
            return self._gs1("bracketed", body, symbology, today)
        if GROUP_SEPARATOR in body or _begins_with_key(body):
            return self._gs1("element-string", body, symbology, today)
        receipt = _receipt(body)
        if receipt is not None:
            return ReceiptCode(receipt)
        if len(body) == _FACE_PAYMENT_LENGTH and body.startswith("fp") and body.isalnum():
            return PaymentCode("alipay", body, face=True)
        card = self._card_of(body)
        if card is not None:
            return card
        if any(map(is_bank_card_number, _runs(body))):
            raise Misread(misread.BANK_CARD)
        raise Misread(misread.MEANS_NOTHING)

    def _card_of(self, data: str) -> Card | None:
        """Return which of the shop's cards data is, or None."""
        for card in self._settings.cards:
            if card.matches(data):
                return _card(card, data)
        return None


def _wallet(digits: str) -> PaymentCode | None:
    """Return the payment code that digits are, or None."""
    if is_wechat(digits):
        return PaymentCode("wechat", digits)
    return PaymentCode("alipay", digits) if is_alipay(digits) else None


def _card(card: CardPrefix, data: str) -> Card:
    if card.kind is CardKind.MEMBER:
        return MemberCode(data)
    if card.kind is CardKind.COUPON:
        return CouponCode(data)
    return OperatorCard(data)


def _is_rather_upc_e(digits: str, symbology: str | None) -> bool:
    """Tell whether 8 digits that match a label pattern with prefix 02 are a UPC-E, which may begin with 02 as well."""
    return expand_upc_e(digits) is not None and (symbology == _EAN_OR_UPC or not has_right_check_digit(digits))


def _unknown(misreading: Misread, body: str) -> UnknownCode:
    """Return why data means nothing, with as much of it as may be kept: of a bank card its masked number only."""
    for run in _runs(body):
        if is_bank_card_number(run):
            return UnknownCode(misreading.sentence, mask(run))
    return UnknownCode(misreading.sentence, body[:_RAW_KEPT])


def _runs(text: str) -> list[str]:
    """Return a text cut where digits begin and end."""
    return ["".join(run) for _, run in groupby(text, _is_digit)]


def _is_digit(character: str) -> bool:
    return character.isascii() and character.isdigit()


def _begins_with_key(body: str) -> bool:
    """Tell whether data without an AIM identifier is GS1 data all the same: it begins with a key's digits."""
    for identifier, length in _UNTAGGED_KEYS.items():
        if body.startswith(identifier):
            key = body[:length]
            alone = identifier != _SSCC_AI or len(body) <= length or not _is_digit(body[length])
            return len(key) == length and key.isascii() and key.isdigit() and alone
    return False


def _receipt(body: str) -> ReceiptNumber | None:
    """Return the receipt number that a barcode or a person wrote, or None."""
    parts = body.split("-")
    if len(parts) == 1 and len(body) in _RECEIPT_LENGTHS and body[0] in "Rr":
        parts = [body[1:5], body[5:7], body[7:9], body[9:]]
    elif len(parts) != 4 or not all(
        len(part) in lengths for part, lengths in zip(parts, _TYPED_RECEIPT_LENGTHS, strict=True)
    ):
        return None
    if not all(part.isdigit() for part in parts):
        return None
    store, till, epoch, number = map(int, parts)
    return ReceiptNumber(store, till, epoch, number)
