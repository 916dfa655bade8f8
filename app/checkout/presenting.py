"""From the till's state to the view a screen draws."""

from collections.abc import Mapping
from dataclasses import replace

from app.catalogue.products import PricedProduct
from app.checkout.counter import Counter
from app.checkout.items import question_for
from app.checkout.member_tenders import is_members, most_minor, refusal
from app.checkout.offline import asks_for_number, refusal_while_away
from app.checkout.payment_views import OpenPaymentView, PaymentStage
from app.checkout.shopper_presenting import deal_view, reasons_of, shopper_view
from app.checkout.state import OpenPayment, TillState
from app.checkout.views import (
    BasketView,
    CompletedView,
    DiscountView,
    FoundProduct,
    LineView,
    PaymentView,
    Phase,
    SuspendedView,
    TenderChoice,
    TenderView,
    TillView,
)
from app.payments.attempt_record import Method
from app.payments.cash import suggested_notes
from app.payments.offline_rules import OfflineMeans
from app.payments.tendering import Balance, balance_of
from app.payments.tenders import Tendered, TenderType
from app.sales.basket import Basket
from app.sales.pricing import BASKET_DISCOUNT_NAME, PricedBasket, PricedLine, price_basket
from app.sales.sale import CompletedSale, DiscountScope, DiscountShare
from app.values.wording import LocalizedText, Wording, wording


def _shown_specification(name: LocalizedText, specification: str) -> str:
    """Return the specification where the name does not say it already, as many shops' names do."""

    def squeezed(text: str) -> str:
        return "".join(text.split()).casefold()

    return "" if squeezed(specification) in squeezed(name.default) else specification


def till_view(counter: Counter, state: TillState, revision: int) -> TillView:
    """Draw the whole till."""
    basket = state.basket
    priced = price_basket(basket) if basket is not None else None
    return TillView(
        phase=state.phase,
        basket=_basket_view(basket, priced, counter.settings.currency.code, reasons_of(state)),
        selected_line=state.selected_line,
        armed_quantity=state.armed,
        question=question_for(counter, state.pending, basket) if state.pending else None,
        notice=state.notice,
        payment=_payment_view(counter, state, basket, priced) if state.phase is Phase.PAYING else None,
        completed=state.completed,
        suspended=tuple(suspended_view(aside, state.payments.get(aside.basket_id)) for aside in state.suspended),
        sound=state.sound,
        search_text=state.search_text,
        case_count=state.case_count,
        shopper=shopper_view(counter, state, priced),
        member_shown=state.member_shown,
        deal=deal_view(state),
        revision=revision,
    )


def _basket_view(
    basket: Basket | None, priced: PricedBasket | None, currency: str, reasons: Mapping[str, Wording]
) -> BasketView:
    if basket is None or priced is None:
        return BasketView(None, currency)
    return BasketView(
        basket_id=basket.basket_id,
        currency=basket.currency,
        lines=tuple(_line_view(number, line, reasons) for number, line in enumerate(priced.lines, 1)),
        item_count=priced.item_count,
        subtotal_minor=priced.subtotal_minor,
        discount_minor=priced.discount_minor,
        tax_added_minor=priced.tax_added_minor,
        due_minor=priced.gross_minor,
        discounts=_basket_discounts(basket, priced, reasons),
        tenders=tuple(_tender_view(tender) for tender in basket.tenders),
        note=basket.note,
    )


def _basket_discounts(basket: Basket, priced: PricedBasket, reasons: Mapping[str, Wording]) -> tuple[DiscountView, ...]:
    """Return what works on the basket as a whole, once each: promotions, then what persons gave."""
    offers = basket.deal.offers if basket.deal is not None else ()
    promotions = tuple(
        DiscountView(
            offer.offer_id, DiscountScope.BASKET_PROMOTION, offer.name, offer.saving_minor, reasons.get(offer.offer_id)
        )
        for offer in offers
        if offer.on_basket
    )
    by_hand = tuple(
        DiscountView(discount.discount_id, DiscountScope.BASKET, BASKET_DISCOUNT_NAME, amount)
        for discount, amount in priced.basket_discounts
    )
    return promotions + by_hand


def _line_view(number: int, priced: PricedLine, reasons: Mapping[str, Wording]) -> LineView:
    line = priced.line
    # What works on the whole basket stands there once, not as a share on every line.
    own = tuple(share for share in priced.shares if share.scope is not DiscountScope.BASKET_PROMOTION)
    return LineView(
        line_id=line.line_id,
        number=number,
        product_id=line.product_id,
        name=line.name,
        specification=_shown_specification(line.name, line.specification),
        picture=line.picture,
        unit=line.unit,
        quantity_thousandths=line.quantity_thousandths,
        unit_price_minor=line.unit_price_minor,
        list_price_minor=line.list_price_minor,
        price_source=line.price_source,
        extended_minor=priced.extended_minor,
        total_minor=priced.extended_minor - sum(share.amount_minor for share in own),
        discounts=tuple(
            DiscountView(share.discount_id, share.scope, share.name, share.amount_minor, _why(share, reasons))
            for share in own
        ),
        minimum_age=line.minimum_age,
        deposit_of=line.deposit_of,
        batch=line.batch,
        expiry=line.expiry,
        note=line.note,
        tare_grams=line.tare_grams,
        weighed_by=line.weighed_by,
    )


def _why(share: DiscountShare, reasons: Mapping[str, Wording]) -> Wording | None:
    return reasons.get(share.discount_id) if share.scope is DiscountScope.PROMOTION else None


def _tender_view(tender: Tendered) -> TenderView:
    return TenderView(tender.tender_id, tender.name, tender.amount_minor, tender.reference)


def _payment_view(
    counter: Counter, state: TillState, basket: Basket | None, priced: PricedBasket | None
) -> PaymentView | None:
    if basket is None or priced is None:
        return None
    settings = counter.settings
    balance = balance_of(priced.gross_minor, basket.tenders)
    cash_left = settings.cash_rounding.apply(balance.left_minor)
    return PaymentView(
        due_minor=balance.due_minor,
        paid_minor=balance.paid_minor,
        left_minor=balance.left_minor,
        cash_left_minor=cash_left,
        cash_rounding_minor=cash_left - balance.left_minor,
        cash_suggestions=suggested_notes(cash_left, settings.denominations_minor),
        choices=tuple(_choice(counter, kind, basket, balance) for kind in settings.tender_types),
        open=open_payment_view(counter, state.open_payment) if state.open_payment is not None else None,
    )


_KEY_ASKS = (Method.TERMINAL, Method.MERCHANT_CODE, Method.SHOPPER_CODE)
"""How a tender's key asks, the first that its provider can; the last only tells the cashier to scan."""


def _choice(counter: Counter, kind: TenderType, basket: Basket, balance: Balance) -> TenderChoice:
    choice = TenderChoice(kind.tender_type_id, kind.name, kind.change_given, kind.reference_required)
    if not kind.needs_provider:
        return choice
    path = counter.payments.path(kind.tender_type_id)
    if path is None:
        return replace(choice, unavailable=wording("Not set up at this till"))
    away = refusal_while_away(counter.payments, path)
    held = path.means is OfflineMeans.HELD_VALUE
    if is_members(counter, kind.tender_type_id):
        return replace(
            choice,
            unavailable=path.away or refusal(counter, basket, kind, balance),
            offline=path.away is not None,
            reference_required=False,
            asks_provider=True,
            most_minor=most_minor(counter, basket, kind, balance),
        )
    asks = path.away is None or held
    return replace(
        choice,
        unavailable=away,
        offline=path.away is not None and not held,
        reference_required=asks_for_number(counter.payments, path),
        asks_provider=asks,
        method=next((way for way in _KEY_ASKS if way in path.methods), None) if asks and not held else None,
    )


def open_payment_view(counter: Counter, payment: OpenPayment) -> OpenPaymentView:
    """Draw the payment that the basket waits for."""
    settings = counter.settings
    kind = settings.tender_type(payment.tender_type_id)
    path = counter.payments.path(payment.tender_type_id)
    by_hand = path is not None and path.confirmed_by_hand and payment.hands_back is None
    return OpenPaymentView(
        attempt_id=payment.attempt_id,
        tender_type_id=payment.tender_type_id,
        tender_name=kind.name if kind is not None else LocalizedText(payment.tender_type_id),
        method=payment.method,
        amount_minor=payment.amount_minor,
        stage=payment.stage,
        sentence=payment.sentence,
        ends_at=payment.ends_at,
        payload=payment.payload,
        code=payment.code,
        can_cancel=payment.hands_back is None and not payment.cancelling,
        can_decide=payment.stage is PaymentStage.HELP and settings.operator.role in settings.roles_that_decide,
        confirmed_by_hand=by_hand and payment.stage is PaymentStage.SHOPPER,
    )


def completed_view(completed: CompletedSale) -> CompletedView:
    """Draw a sale that was committed: as it is stored."""
    sale = completed.sale
    return CompletedView(
        sale_id=sale.sale_id,
        receipt_number=str(completed.receipt_number),
        due_minor=sale.due_minor,
        given_minor=sum(tender.amount_minor for tender in sale.tenders),
        change_minor=sale.change_minor,
        discount_minor=sale.discount_minor,
        tenders=tuple(_tender_view(tender) for tender in sale.tenders),
        points_earned=sale.member.points_earned if sale.member is not None else 0,
        points_now=sale.member.points_after if sale.member is not None else None,
    )


def suspended_view(basket: Basket, payment: OpenPayment | None = None) -> SuspendedView:
    """Draw a basket put aside."""
    priced = price_basket(basket)
    return SuspendedView(
        basket_id=basket.basket_id,
        name=basket.suspended_as,
        suspended_at=basket.suspended_at or basket.opened_at,
        item_count=priced.item_count,
        due_minor=priced.gross_minor,
        first_item=priced.lines[0].line.name if priced.lines else None,
        payment=payment.sentence if payment is not None else None,
        member=basket.member.label if basket.member is not None else "",
    )


def found_product(found: PricedProduct) -> FoundProduct:
    """Draw a search result or a quick key."""
    product = found.product
    code = found.gtin14.lstrip("0") if found.gtin14 else (product.plu or product.product_id)
    return FoundProduct(
        product_id=product.product_id,
        name=product.name,
        specification=_shown_specification(product.name, product.specification),
        picture=product.picture,
        department_id=product.department_id,
        unit=product.unit,
        price_minor=found.price_minor,
        code=code,
        blocked_reason=product.blocked_reason,
    )
