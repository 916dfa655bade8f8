"""The QR code that a merchant shows and a shopper pays by: EMV merchant-presented codes, their dialects, and UPI.

>>> read(build_promptpay(PromptPayRequest(RecipientKind.MOBILE, "0066801234567", 422))).payload.amount_minor
422
"""

from app.payments.emv_qr.building import EMVCO, Profile, build
from app.payments.emv_qr.data_objects import DataObject, LengthUnit
from app.payments.emv_qr.payload import (
    AdditionalData,
    LanguageTexts,
    MerchantAccount,
    MerchantPayload,
    Tip,
    TipKind,
)
from app.payments.emv_qr.pix import PixCharge, build_pix, pix_in
from app.payments.emv_qr.promptpay import (
    PromptPayRequest,
    RecipientKind,
    build_promptpay,
    promptpay_in,
    recipient_of,
)
from app.payments.emv_qr.reading import ReadPayload, read
from app.payments.emv_qr.refusals import BadPaymentQr, DamagedPaymentQr, NotThisDialect
from app.payments.emv_qr.sgqr import PayNow, ProxyKind, SgqrCode, SgqrLabel, build_sgqr, sgqr_in
from app.payments.emv_qr.upi import UpiRequest, build_upi, read_upi

__all__ = [
    "EMVCO",
    "AdditionalData",
    "BadPaymentQr",
    "DamagedPaymentQr",
    "DataObject",
    "LanguageTexts",
    "LengthUnit",
    "MerchantAccount",
    "MerchantPayload",
    "NotThisDialect",
    "PayNow",
    "PixCharge",
    "Profile",
    "PromptPayRequest",
    "ProxyKind",
    "ReadPayload",
    "RecipientKind",
    "SgqrCode",
    "SgqrLabel",
    "Tip",
    "TipKind",
    "UpiRequest",
    "build",
    "build_pix",
    "build_promptpay",
    "build_sgqr",
    "build_upi",
    "pix_in",
    "promptpay_in",
    "read",
    "read_upi",
    "recipient_of",
    "sgqr_in",
]
