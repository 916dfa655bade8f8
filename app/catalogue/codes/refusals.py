"""Which labels must not be sold, although they were read right."""

from datetime import date

from app.catalogue.codes.meaning import Gs1Code, Meaning
from app.catalogue.codes.misread import NO_PRODUCT_ON_LABEL
from app.values.wording import Wording, wording


def refusal_for_expiry(meaning: Meaning, business_date: date, *, best_before_binds: bool = False) -> Wording | None:
    """Return why goods may not be sold any more on a business date, or None.

    The dates are last days: goods are refused from the day after. Always looked at are the expiration date
    (AI 17, AI 7003) and the sell-by date (AI 16) (GS1 General Specifications 3.4.6, 3.4.7).

    Args:
        meaning: what was scanned; anything without dates is never refused.
        business_date: the store's trading day.
        best_before_binds: whether the best-before date (AI 15) counts as well. China forbids selling food whose
            保质期 is over (食品安全法 art. 34), and producers there write it as either of the two.
    """
    if not isinstance(meaning, Gs1Code):
        return None
    if meaning.expiry is not None and meaning.expiry < business_date:
        return wording(
            "This item expired on {day}. Do not sell it: put it aside and take another.", day=meaning.expiry.isoformat()
        )
    if meaning.sell_by is not None and meaning.sell_by < business_date:
        return wording(
            "This item was to be sold by {day}. Do not sell it: put it aside and take another.",
            day=meaning.sell_by.isoformat(),
        )
    if best_before_binds and meaning.best_before is not None and meaning.best_before < business_date:
        return wording(
            "This item was best before {day}. Do not sell it: put it aside and take another.",
            day=meaning.best_before.isoformat(),
        )
    return None


def refusal_for_no_product(meaning: Meaning) -> Wording | None:
    """Return why a GS1 label names nothing that can be sold: a pallet label, or the dates of a carton; else None."""
    if not isinstance(meaning, Gs1Code) or meaning.gtin14 is not None:
        return None
    if meaning.sscc is not None:
        return wording("This is the label of a pallet or a carton. Scan the barcode of the product itself.")
    return NO_PRODUCT_ON_LABEL
