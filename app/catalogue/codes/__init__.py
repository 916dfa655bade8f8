"""What a scanned code means: product, weighed label, payment code, receipt, card, or nothing, and why.

>>> from datetime import date
>>> CodeReader(CodeSettings()).read("]E06901234567892", today=date(2026, 1, 31)).gtin14
'06901234567892'
"""

from app.catalogue.codes.explain import explain
from app.catalogue.codes.meaning import (
    CouponCode,
    Gs1Code,
    ItemIs,
    Meaning,
    MemberCode,
    OperatorCard,
    PaymentCode,
    PluCode,
    ProductCode,
    ReceiptCode,
    UnknownCode,
    WeighedLabel,
)
from app.catalogue.codes.patterns import BadLabelPattern, LabelPattern, parse_pattern
from app.catalogue.codes.reading import CodeReader
from app.catalogue.codes.refusals import refusal_for_expiry, refusal_for_no_product
from app.catalogue.codes.scanned import Scanned
from app.catalogue.codes.settings import BadCodeSettings, CardKind, CardPrefix, CodeSettings

__all__ = [
    "BadCodeSettings",
    "BadLabelPattern",
    "CardKind",
    "CardPrefix",
    "CodeReader",
    "CodeSettings",
    "CouponCode",
    "Gs1Code",
    "ItemIs",
    "LabelPattern",
    "Meaning",
    "MemberCode",
    "OperatorCard",
    "PaymentCode",
    "PluCode",
    "ProductCode",
    "ReceiptCode",
    "Scanned",
    "UnknownCode",
    "WeighedLabel",
    "explain",
    "parse_pattern",
    "refusal_for_expiry",
    "refusal_for_no_product",
]
