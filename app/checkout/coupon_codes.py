"""Coupon codes: what a scanned coupon is, as far as this till can tell by itself."""

from datetime import UTC, datetime
from typing import Final

from app.checkout.counter import Counter
from app.checkout.coupon_ways import check_code
from app.checkout.state import TillState
from app.members.coupons import Benefit, BenefitKind, CouponForm, Proof, ReturnRule
from app.members.entitlements import EntitlementTerms, benefit_of
from app.members.ports import CouponOffer
from app.members.signed_codes import Signed, read
from app.promotions.rules import offer_name
from app.values.money import Currency, format_minor
from app.values.wording import LocalizedText

_GOODS: Final = LocalizedText("商品券", (("en", "Product coupon"),))
_GIFT: Final = LocalizedText("赠品券", (("en", "Gift coupon"),))
_DELIVERY: Final = LocalizedText("免运费券", (("en", "Free delivery coupon"),))


def offer_of_code(counter: Counter, state: TillState, code: str) -> CouponOffer | None:
    """Return the coupon that a scanned code is, where the code itself or this till's shares say so; else None.

    Raises:
        CouponRefused: it is a signed code, and not good.
        StoreProblem: the shares cannot be read.
    """
    if code.strip().upper().startswith(EntitlementTerms.PREFIX):
        signed = read(EntitlementTerms, code)
        check_code(counter, state, signed)
        return _offer_of(counter, state, signed)
    share = next((one for one in counter.store.coupon_leases() if one.code == code), None)
    if share is None:
        return None
    return CouponOffer(share.code, share.form, Proof.LEASED, share.lease.lease_id)


def _offer_of(counter: Counter, state: TillState, signed: Signed[EntitlementTerms]) -> CouponOffer:
    """Return a signed code as a coupon; headquarters is asked about it where it can be."""
    terms = signed.terms
    known = next((one for one in state.coupons_at_hand if one.coupon_id == terms.coupon_id), None)
    if known is not None:
        return CouponOffer(known.coupon_id, known.form, known.proof, known.lease_id, known.signed or signed)
    benefit = benefit_of(terms)
    form = CouponForm(
        form_id=terms.form_id,
        name=_name_of(counter, terms, benefit),
        benefit=benefit,
        valid_from=datetime.fromtimestamp(terms.valid_from, UTC),
        valid_until=datetime.fromtimestamp(terms.valid_until, UTC),
        merchant_id=terms.merchant_id,
        stores=terms.stores,
        campaign_id=terms.campaign_id,
        arm=terms.arm,
        uses=terms.uses,
        per_member=terms.per_member,
        stackable=terms.stackable,
        must_be_claimed=bool(terms.member_id),
        on_return=ReturnRule.VOID if terms.void_on_return else ReturnRule.GIVE_BACK,
        promotion_id=terms.promotion_id,
    )
    return CouponOffer(terms.coupon_id, form, Proof.ONLINE, signed=signed)


def _name_of(counter: Counter, terms: EntitlementTerms, benefit: Benefit) -> LocalizedText:
    """Return a name for a coupon whose code has no room for one: its promotion's, or what it gives."""
    if terms.promotion_id:
        set_off = (offer for offer in counter.offers.rules.offers if offer.who.coupon == terms.promotion_id)
        offer = next(set_off, None)
        if offer is not None:
            return offer_name(offer)
    return name_of_benefit(benefit, counter.settings.currency)


def name_of_benefit(benefit: Benefit, currency: Currency) -> LocalizedText:
    """Return what a coupon gives, as its name."""
    if benefit.kind is BenefitKind.AMOUNT:
        amount = f"{currency.symbol}{format_minor(benefit.minor, currency)}"
        return LocalizedText(f"{amount} 优惠券", (("en", f"{amount} coupon"),))
    if benefit.kind is BenefitKind.PERCENT:
        paid = 10_000 - benefit.basis_points
        tenths = f"{paid // 1000}.{paid % 1000:03d}".rstrip("0").rstrip(".")
        percent = f"{benefit.basis_points // 100}.{benefit.basis_points % 100:02d}".rstrip("0").rstrip(".")
        return LocalizedText(f"{tenths}折券", (("en", f"{percent}% off coupon"),))
    return {BenefitKind.PRODUCT: _GOODS, BenefitKind.GIFT: _GIFT, BenefitKind.FREE_DELIVERY: _DELIVERY}[benefit.kind]
