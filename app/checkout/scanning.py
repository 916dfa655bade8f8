"""Scan and key in: what was read becomes an item, a payment, a receipt, or a clear word about why not."""

import re
from dataclasses import replace
from datetime import date

from app.catalogue.codes import (
    CouponCode,
    Gs1Code,
    MemberCode,
    OperatorCard,
    PaymentCode,
    PluCode,
    ProductCode,
    ReceiptCode,
    UnknownCode,
    WeighedLabel,
    refusal_for_expiry,
    refusal_for_no_product,
)
from app.catalogue.codes.meaning import ItemIs, Meaning
from app.catalogue.products import PricedProduct
from app.checkout.cashless import pay_by_code
from app.checkout.counter import Counter
from app.checkout.couponing import scan_coupon
from app.checkout.items import begin_item
from app.checkout.membership import scan_member
from app.checkout.refunding import show_numbered
from app.checkout.requests import AddProduct, ArmQuantity, EnterText, ScanCode
from app.checkout.serials import require_free
from app.checkout.state import (
    CannotBeSold,
    CodeNotKnown,
    PendingItem,
    ScannedFacts,
    TillState,
    require_no_payment,
)
from app.checkout.views import Severity, Sound
from app.payments.routing import wallets_of
from app.sales.sale import CompletedSale
from app.values.money import currency_of, format_minor
from app.values.problems import Problem
from app.values.quantity import ONE, SellingUnit, parse_thousandths
from app.values.wording import Wording, wording

_QUANTITY_FIRST = re.compile(r"\s*(\d{1,4}(?:\.\d{1,3})?)\s*[*xX×]\s*(.*)", re.DOTALL)
_SHORT_DIGITS = 7
"""Digits fewer than the shortest GTIN are part of a code that a person types to search."""


def scan(counter: Counter, state: TillState, request: ScanCode) -> TillState:
    """Handle what a scanner read.

    Raises:
        CodeNotKnown: it stands for nothing here, or was not read well.
        CannotBeSold: the item is expired, blocked or without a price.
    """
    scanned = request.scanned
    meaning = counter.codes.read(scanned.data, scanned.symbology, counter.today())
    return _take(counter, state, meaning, scanned.data, request.amount_text)


def enter_text(counter: Counter, state: TillState, request: EnterText) -> TillState:
    """Handle what a person typed: `3*` arms a quantity, a code is sold, other words are searched for.

    Raises:
        CodeNotKnown: a whole barcode was typed that stands for nothing here.
        CannotBeSold: the item is expired, blocked or without a price.
    """
    text = request.text.strip()
    if not text:
        return state
    quantity_first = _QUANTITY_FIRST.fullmatch(text)
    if quantity_first:
        state = arm_quantity(counter, state, ArmQuantity(quantity_first[1]))
        text = quantity_first[2].strip()
        if not text:
            return state
    meaning = counter.codes.read(text, today=counter.today())
    if isinstance(meaning, UnknownCode) and not _is_wallet_code(counter, text):
        if text.isdecimal() and len(text) > _SHORT_DIGITS:
            raise CodeNotKnown(meaning.reason)
        return replace(state, search_text=text)
    try:
        return _take(counter, state, meaning, text)
    except CodeNotKnown:
        if isinstance(meaning, PluCode):
            return replace(state, search_text=text)
        raise


def add_product(counter: Counter, state: TillState, request: AddProduct) -> TillState:
    """Sell a product that was chosen by a quick key or among search results.

    Raises:
        CodeNotKnown: it has left the catalogue in the meantime.
        CannotBeSold: the item is blocked or without a price.
    """
    found = counter.catalogue.by_product_id(request.product_id, counter.now())
    if found is None:
        raise CodeNotKnown(wording("This product is no longer in the catalogue. Search for it again."))
    return _begin(counter, state, found, ScannedFacts())


def arm_quantity(_counter: Counter, state: TillState, request: ArmQuantity) -> TillState:
    """Keep a quantity for the next product; an empty text takes it away.

    Raises:
        BadQuantity: it is none, or a barcode typed as a quantity.
    """
    text = request.text.strip().rstrip("*xX×").strip()
    if text:
        parse_thousandths(text, SellingUnit.EACH)
    return replace(state, armed=text)


_NOT_SET_UP: dict[type, Wording] = {
    MemberCode: wording("This is a member card, and members are not set up at this till. Sell without it."),
    CouponCode: wording("This is a coupon, and coupons are not set up at this till. Sell without it."),
    OperatorCard: wording("This is an operator card. It is not needed now."),
}


def _take(counter: Counter, state: TillState, meaning: Meaning, text: str, amount_text: str = "") -> TillState:
    if isinstance(meaning, PaymentCode):
        return pay_by_code(counter, state, meaning, amount_text)
    if isinstance(meaning, UnknownCode):
        if _is_wallet_code(counter, text):
            return pay_by_code(counter, state, text, amount_text)
        raise CodeNotKnown(meaning.reason)
    require_no_payment(state)
    if isinstance(meaning, ReceiptCode):
        return _show_receipt(counter, state, meaning)
    if counter.members.terms is not None:
        if isinstance(meaning, MemberCode):
            return scan_member(counter, state, meaning)
        if isinstance(meaning, CouponCode):
            return scan_coupon(counter, state, meaning)
    return _take_goods(counter, state, meaning)


def _take_goods(counter: Counter, state: TillState, meaning: Meaning) -> TillState:
    if isinstance(meaning, Gs1Code):
        return _take_gs1(counter, state, meaning)
    if isinstance(meaning, WeighedLabel):
        found = _require(_label_item(counter, meaning), meaning.raw)
        return _begin(counter, state, found, _label_facts(meaning))
    if isinstance(meaning, PluCode):
        found = _require(counter.catalogue.by_plu(meaning.plu, counter.now()), meaning.plu)
        return _begin(counter, state, found, ScannedFacts())
    if isinstance(meaning, ProductCode):
        return _begin(counter, state, _require(_by_barcode(counter, meaning), meaning.raw), ScannedFacts())
    raise CodeNotKnown(_NOT_SET_UP[type(meaning)])


def _is_wallet_code(counter: Counter, text: str) -> bool:
    """Return whether a code that stands for no goods has the form of a wallet that this shop added."""
    return bool(wallets_of(text, counter.payments.routing.forms))


def _by_barcode(counter: Counter, code: ProductCode) -> PricedProduct | None:
    now = counter.now()
    found = counter.catalogue.by_gtin(code.gtin14, now)
    if found is None and code.also_gtin14:
        return counter.catalogue.by_gtin(code.also_gtin14, now)
    return found


def _require(found: PricedProduct | None, code: str) -> PricedProduct:
    if found is None:
        raise CodeNotKnown(
            wording("{code} is not in the catalogue. Search by name, or put the item aside and ask.", code=code)
        )
    return found


def _label_item(counter: Counter, label: WeighedLabel) -> PricedProduct | None:
    now = counter.now()
    if label.item_is is ItemIs.PLU:
        return counter.catalogue.by_plu(label.item, now) or counter.catalogue.by_plu(label.item.lstrip("0"), now)
    if label.item_is is ItemIs.ITEM_NUMBER:
        return counter.catalogue.by_product_id(label.item, now)
    return counter.catalogue.by_gtin(label.item.zfill(14), now)


def _label_facts(label: WeighedLabel) -> ScannedFacts:
    if label.weight_grams is None and label.price_minor is None:
        return ScannedFacts()
    return ScannedFacts(weight_thousandths=label.weight_grams, label_amount_minor=label.price_minor)


def _take_gs1(counter: Counter, state: TillState, code: Gs1Code) -> TillState:
    no_product = refusal_for_no_product(code)
    if no_product is not None or code.gtin14 is None:
        raise CodeNotKnown(no_product or wording("This code names no product. Scan the barcode on the item itself."))
    found = _require(counter.catalogue.by_gtin(code.gtin14, counter.now()), code.gtin14)
    refusal = refusal_for_expiry(code, counter.today(), best_before_binds=True)
    if refusal is not None:
        raise CannotBeSold(refusal)
    if code.serial is not None:
        require_free(counter, state, code.gtin14, code.serial)
    if code.price_minor is not None and code.currency not in (None, counter.settings.currency.code):
        raise CannotBeSold(
            wording(
                "The price in this code is in {currency}, not in {own}. Ask a supervisor for the price.",
                currency=code.currency or "",
                own=counter.settings.currency.code,
            )
        )
    measure = {
        SellingUnit.KILOGRAM: code.net_weight_thousandths,
        SellingUnit.METRE: code.length_thousandths,
        SellingUnit.LITRE: code.volume_thousandths,
        SellingUnit.EACH: None,
    }[found.product.unit]
    facts = ScannedFacts(
        weight_thousandths=measure,
        count=code.count if found.product.unit is SellingUnit.EACH else None,
        label_amount_minor=code.price_minor,
        batch=code.batch,
        expiry=_sellable_until(code),
        serial=code.serial,
    )
    return _begin(counter, state, found, facts)


def _sellable_until(code: Gs1Code) -> date | None:
    return code.expiry or code.sell_by or code.best_before


def _begin(counter: Counter, state: TillState, found: PricedProduct, facts: ScannedFacts) -> TillState:
    quantity = parse_thousandths(state.armed, SellingUnit.EACH) if state.armed else ONE
    return begin_item(counter, state, PendingItem(found, quantity, facts))


def _show_receipt(counter: Counter, state: TillState, code: ReceiptCode) -> TillState:
    shown = show_numbered(counter, state, code.receipt)
    completed = counter.store.find_sale(shown.shown_sale)
    if completed is None:
        return shown
    return shown.saying(Severity.INFO, describe_receipt(completed, counter), Sound.GOOD_READ)


def describe_receipt(completed: CompletedSale, counter: Counter) -> Wording:
    """Say in one sentence what a receipt was."""
    sale = completed.sale
    currency = currency_of(sale.currency)
    return wording(
        "Receipt {number}: {count} lines, {amount}, {time}.",
        number=str(completed.receipt_number),
        count=len(sale.lines),
        amount=f"{currency.symbol}{format_minor(sale.due_minor, currency)}",
        time=f"{sale.completed_at.astimezone(counter.settings.zone):%Y-%m-%d %H:%M}",
    )


def sound_of(problem: Problem) -> Sound:
    """Return what a cashier hears when a request was refused."""
    return Sound.BAD_READ if isinstance(problem, CodeNotKnown) else Sound.ATTENTION
