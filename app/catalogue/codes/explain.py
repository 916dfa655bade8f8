"""What a code means as plain data with fixed keys, for the command `explain-code` and for support."""

from app.catalogue.codes.gtins import format_name
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
)

Goods = ProductCode | Gs1Code | WeighedLabel | PluCode
Others = ReceiptCode | PaymentCode | MemberCode | CouponCode | OperatorCard | UnknownCode


def explain(meaning: Meaning) -> dict[str, object]:
    """Return a meaning as a dictionary that JSON can hold.

    `kind` is always there: product, gs1, weighed-label, plu, receipt, payment, member, coupon, operator or
    unknown. Keys without a value are left out, dates are ISO 8601, amounts are minor units, payment codes and
    operator cards are masked.
    """
    kind, fields = _goods(meaning) if isinstance(meaning, Goods) else _others(meaning)
    return {"kind": kind, **{key: value for key, value in fields.items() if value is not None}}


def _goods(meaning: Goods) -> tuple[str, dict[str, object]]:
    match meaning:
        case ProductCode():
            return "product", {
                "gtin14": meaning.gtin14,
                "format": format_name(meaning.gtin14),
                "restricted": meaning.restricted,
                "also_gtin14": meaning.also_gtin14,
                "add_on": meaning.add_on,
                "symbology": meaning.symbology,
                "data": meaning.raw,
            }
        case Gs1Code():
            return "gs1", _gs1_fields(meaning)
        case WeighedLabel():
            return "weighed-label", {
                "pattern": meaning.pattern_name,
                "item": meaning.item,
                "item_is": meaning.item_is.value,
                "weight_grams": meaning.weight_grams,
                "price_minor": meaning.price_minor,
                "data": meaning.raw,
            }
        case PluCode():
            return "plu", {"plu": meaning.plu}


def _others(meaning: Others) -> tuple[str, dict[str, object]]:
    match meaning:
        case ReceiptCode():
            receipt = meaning.receipt
            return "receipt", {
                "receipt": str(receipt),
                "store": receipt.store_number,
                "till": receipt.till_number,
                "epoch": receipt.epoch,
                "number": receipt.number,
            }
        case PaymentCode():
            return "payment", {"provider": meaning.kind, "face": meaning.face, "code": meaning.masked}
        case MemberCode():
            return "member", {"scheme": meaning.scheme, "code": meaning.code}
        case CouponCode():
            return "coupon", {
                "scheme": meaning.scheme,
                "code": meaning.code,
                "value_minor": meaning.value_minor,
                "currency": meaning.currency,
                "percent_basis_points": meaning.percent_basis_points,
            }
        case OperatorCard():
            return "operator", {"scheme": meaning.scheme, "code": meaning.masked}
        case UnknownCode():
            return "unknown", {"reason": str(meaning.reason), "data": meaning.raw}


def _gs1_fields(meaning: Gs1Code) -> dict[str, object]:
    days = {
        "expiry": meaning.expiry,
        "best_before": meaning.best_before,
        "sell_by": meaning.sell_by,
        "production": meaning.production,
        "packaged": meaning.packaged,
    }
    return {
        "gtin14": meaning.gtin14,
        "batch": meaning.batch,
        "serial": meaning.serial,
        **{name: day.isoformat() if day else None for name, day in days.items()},
        "net_weight_thousandths": meaning.net_weight_thousandths,
        "length_thousandths": meaning.length_thousandths,
        "area_thousandths": meaning.area_thousandths,
        "volume_thousandths": meaning.volume_thousandths,
        "price_minor": meaning.price_minor,
        "currency": meaning.currency,
        "count": meaning.count,
        "contained_gtin14": meaning.contained_gtin14,
        "contained_count": meaning.contained_count,
        "sscc": meaning.sscc,
        "syntax": meaning.syntax,
        "symbology": meaning.symbology,
        "elements": [{"ai": identifier, "value": value} for identifier, value in meaning.elements],
    }
