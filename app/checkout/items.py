"""From a found product to a line of the basket: what must be asked first, and how the line is made."""

from dataclasses import replace
from datetime import date

from app.catalogue.products import PricedProduct, PriceRule, Product
from app.checkout.counter import Counter
from app.checkout.ports import StoreStatus
from app.checkout.settings import WeighingRules
from app.checkout.state import CannotBeSold, CheckoutRefused, PendingItem, TillState, require_no_payment
from app.checkout.tare import till_tare_grams
from app.checkout.views import ContainerView, Phase, Question, QuestionKind, Sound
from app.sales.basket import Basket, BasketLine
from app.sales.sale import PriceSource, WeightSource
from app.values.quantity import MAXIMUM_THOUSANDTHS, ONE, BadQuantity, SellingUnit, require_sellable
from app.values.tax import TaxClass
from app.values.wording import wording

MAXIMUM_LINES = 500
"""More lines than any trolley holds; past it something scans by itself."""


def years_before(today: date, years: int) -> date:
    """Return the latest birthday of a person who is old enough today.

    A person born on 29 February comes of age on 1 March of a common year: the first day nobody can object to.

    >>> years_before(date(2026, 11, 22), 18)
    datetime.date(2008, 11, 22)
    >>> years_before(date(2028, 2, 29), 18)
    datetime.date(2010, 2, 28)
    """
    try:
        return today.replace(year=today.year - years)
    except ValueError:
        return today.replace(year=today.year - years, day=28)


def question_for(counter: Counter, item: PendingItem, basket: Basket | None) -> Question | None:
    """Return what must still be asked before the item is sold, the age first."""
    product = item.found.product
    checked = basket.age_checked if basket else 0
    if product.minimum_age > checked and not item.age_confirmed:
        return Question(
            QuestionKind.AGE,
            wording("Is the shopper {age} or older?", age=product.minimum_age),
            product.name,
            picture=product.picture,
            minimum_age=product.minimum_age,
            born_on_or_before=years_before(counter.today(), product.minimum_age),
        )
    if _unit_price(item) is None and item.facts.label_amount_minor is None:
        return Question(QuestionKind.PRICE, wording("What does it cost?"), product.name, picture=product.picture)
    if product.unit.divisible and _weight(item) is None:
        return _weight_question(item, counter.settings.weighing)
    return None


def _weight_question(item: PendingItem, rules: WeighingRules) -> Question:
    product = item.found.product
    asked = Question(
        QuestionKind.WEIGHT,
        wording("Key in the quantity."),
        product.name,
        picture=product.picture,
        unit_price_minor=_unit_price(item),
    )
    if product.unit is not SellingUnit.KILOGRAM:
        return asked
    return replace(
        asked,
        sentence=wording("Put it on the scale or key in the weight."),
        on_scale=True,
        tare_grams=till_tare_grams(item, rules),
        container_id=item.container_id,
        containers=tuple(
            ContainerView(container.container_id, container.name, container.tare_grams)
            for container in rules.containers
        ),
        minimum_grams=rules.minimum_grams,
    )


def _unit_price(item: PendingItem) -> int | None:
    if item.price_minor is not None:
        return item.price_minor
    return item.found.price_minor if item.found.product.price_rule is PriceRule.FIXED else None


def _weight(item: PendingItem) -> int | None:
    if item.weight_thousandths is not None:
        return item.weight_thousandths
    if item.facts.weight_thousandths is not None:
        return item.facts.weight_thousandths
    if item.facts.label_amount_minor is not None:
        # A label that states only an amount: the weight follows from the price, so that stock is right.
        price = item.found.price_minor
        return max(1, item.facts.label_amount_minor * ONE // price) if price else ONE
    return None


def require_sellable_product(found: PricedProduct, item: PendingItem) -> None:
    """Refuse what may not be sold at all.

    Raises:
        CannotBeSold: it is blocked, or has a fixed price but none that holds today.
    """
    product = found.product
    if product.blocked_reason:
        raise CannotBeSold(
            wording(
                "{product} may not be sold: {reason}. Put it aside and tell a supervisor.",
                product=product.name,
                reason=product.blocked_reason,
            )
        )
    if product.price_rule is PriceRule.FIXED and found.price_minor is None and item.facts.label_amount_minor is None:
        raise CannotBeSold(
            wording("{product} has no price today. Ask a supervisor for its price.", product=product.name)
        )


def begin_item(counter: Counter, state: TillState, item: PendingItem) -> TillState:
    """Take a found product up: sell it at once, or ask what must be known first.

    Raises:
        CannotBeSold: it may not be sold.
        CheckoutRefused: the disk is nearly full, a payment is under way, a tender was taken, or the basket is too long.
    """
    require_no_payment(state)
    require_sellable_product(item.found, item)
    _require_countable(item)
    _deposit_of(counter, item.found)
    if state.basket is None and counter.store.status().low_on_space:
        raise disk_nearly_full(counter.store.status())
    if state.basket is not None and state.basket.tenders:
        raise CheckoutRefused(
            wording("A tender was already taken. Press F12, select it and hand it back with F8 first.")
        )
    if question_for(counter, item, state.basket) is not None:
        return replace(
            state, phase=Phase.SELLING, completed=None, pending=item, armed="", sound=Sound.ATTENTION, search_text=None
        )
    return add_line(counter, state, item)


def disk_nearly_full(status: StoreStatus) -> CheckoutRefused:
    """Return the refusal to open a basket while the disk is nearly full."""
    return CheckoutRefused(
        wording(
            "The disk is nearly full ({megabytes} MB left). Call the store admin; no new basket can be opened until "
            "there is room.",
            megabytes=status.free_bytes // 1_000_000,
        )
    )


def _require_countable(item: PendingItem) -> None:
    """Refuse a quantity typed before an item that is one of a kind: weighed, priced by its label, or numbered.

    Raises:
        BadQuantity: naming what to do.
    """
    one_of_a_kind = (
        item.found.product.unit.divisible
        or item.facts.label_amount_minor is not None
        or item.facts.serial is not None
        or item.facts.count is not None
    )
    if item.quantity_thousandths != ONE and one_of_a_kind:
        raise BadQuantity(wording("This item is sold one at a time. Scan it again without a quantity."))


def _deposit_of(counter: Counter, found: PricedProduct) -> PricedProduct | None:
    """Return the deposit that is sold along with a product.

    Raises:
        CannotBeSold: it has one that cannot be sold itself.
    """
    deposit_id = found.product.deposit_product_id
    if not deposit_id:
        return None
    deposit = counter.catalogue.by_product_id(deposit_id, counter.now())
    if (
        deposit is None
        or deposit.price_minor is None
        or deposit.product.price_rule is not PriceRule.FIXED
        or deposit.product.blocked_reason
        or deposit.product.unit.divisible
    ):
        raise CannotBeSold(
            wording("The deposit of {product} cannot be sold. Ask a supervisor.", product=found.product.name)
        )
    return deposit


def add_line(counter: Counter, state: TillState, item: PendingItem) -> TillState:
    """Put an item whose questions are answered into the basket, opening one where there is none."""
    basket = state.basket or Basket(
        basket_id=counter.identities.new(),
        opened_at=counter.now(),
        operator_number=counter.settings.operator.number,
        currency=counter.settings.currency.code,
    )
    line = _line_of(counter, item, basket.next_line_id)
    merged = _merged(basket, line)
    if merged is not None:
        basket, line_id = merged
    else:
        basket, line_id = _appended(counter, basket, line, item.found)
    if item.found.product.minimum_age > basket.age_checked:
        basket = replace(basket, age_checked=item.found.product.minimum_age)
    return replace(
        state,
        phase=Phase.SELLING,
        basket=basket,
        pending=None,
        armed="",
        selected_line=line_id,
        completed=None,
        sound=Sound.GOOD_READ,
        search_text=None,
    )


def _line_of(counter: Counter, item: PendingItem, line_id: int) -> BasketLine:
    product, facts = item.found.product, item.facts
    quantity = _sold_quantity(item)
    list_price = item.found.price_minor if item.found.price_minor is not None else 0
    price = _unit_price(item)
    if item.price_minor is not None:
        source = PriceSource.OPEN
    elif facts.label_amount_minor is not None:
        source = PriceSource.LABEL
    else:
        source = PriceSource.BOOK
    return BasketLine(
        line_id=line_id,
        product_id=product.product_id,
        name=product.name,
        department_id=product.department_id,
        unit=product.unit,
        tax_class=_tax_class_of(counter, product),
        quantity_thousandths=quantity,
        list_price_minor=list_price,
        unit_price_minor=list_price if price is None else price,
        price_source=source,
        label_amount_minor=facts.label_amount_minor,
        discountable=product.discountable,
        gtin14=item.found.gtin14,
        batch=facts.batch,
        expiry=facts.expiry,
        serial=facts.serial,
        minimum_age=product.minimum_age,
        picture=product.picture,
        specification=product.specification,
        tare_grams=item.tare_grams,
        weighed_by=_weighed_by(item),
    )


def _weighed_by(item: PendingItem) -> WeightSource | None:
    if item.found.product.unit is not SellingUnit.KILOGRAM:
        return None
    return item.weighed_by if item.weight_thousandths is not None else WeightSource.LABEL


def _tax_class_of(counter: Counter, product: Product) -> TaxClass:
    try:
        return counter.catalogue.tax_class(product.tax_class_id)
    except KeyError as error:
        raise CannotBeSold(
            wording("{product} has no tax class in the price book. Ask a supervisor.", product=product.name)
        ) from error


def _sold_quantity(item: PendingItem) -> int:
    product = item.found.product
    if product.unit.divisible:
        return require_sellable(_weight(item) or 0, product.unit)
    if item.facts.count is not None:
        return require_sellable(item.facts.count * ONE, product.unit)
    return require_sellable(item.found.quantity_thousandths * item.quantity_thousandths // ONE, product.unit)


def _merged(basket: Basket, line: BasketLine) -> tuple[Basket, int] | None:
    """Add a piece to the line above where it is the very same thing, so that the list stays short."""
    last = next((known for known in reversed(basket.live_lines) if known.deposit_of is None), None)
    if last is None or line.unit.divisible or line.label_amount_minor is not None or line.serial is not None:
        return None
    same = replace(line, line_id=last.line_id, quantity_thousandths=last.quantity_thousandths)
    total = last.quantity_thousandths + line.quantity_thousandths
    if same != last or total > MAXIMUM_THOUSANDTHS:
        return None
    return with_quantity(basket, last, total), last.line_id


def last_item_line(basket: Basket | None) -> int | None:
    """Return the id of the line to select: the last one that is no deposit."""
    if basket is None:
        return None
    return next((line.line_id for line in reversed(basket.live_lines) if line.deposit_of is None), None)


def with_quantity(basket: Basket, line: BasketLine, quantity_thousandths: int) -> Basket:
    """Return the basket with a line's quantity changed, and that of its deposit with it.

    What is weighed has one container, whatever it weighs.
    """
    follows = not line.unit.divisible
    return replace(
        basket,
        lines=tuple(
            replace(known, quantity_thousandths=quantity_thousandths)
            if known.line_id == line.line_id or (follows and known.deposit_of == line.line_id and not known.voided)
            else known
            for known in basket.lines
        ),
    )


def _appended(counter: Counter, basket: Basket, line: BasketLine, found: PricedProduct) -> tuple[Basket, int]:
    if len(basket.lines) >= MAXIMUM_LINES:
        raise CheckoutRefused(
            wording(
                "A basket holds at most {count} lines. Take payment, then go on with a new one.", count=MAXIMUM_LINES
            )
        )
    lines = [line]
    deposit = _deposit_of(counter, found)
    if deposit is not None:
        item = PendingItem(deposit)
        lines.append(
            replace(
                _line_of(counter, item, line.line_id + 1),
                quantity_thousandths=ONE if line.unit.divisible else line.quantity_thousandths,
                deposit_of=line.line_id,
                discountable=False,
            )
        )
    return (
        replace(basket, lines=(*basket.lines, *lines), next_line_id=basket.next_line_id + len(lines)),
        line.line_id,
    )
