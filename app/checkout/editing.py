"""Change a basket: quantity, void, price, discounts, note, putting it aside and giving it up."""

from dataclasses import replace

from app.checkout.claiming import Finish, claim
from app.checkout.counter import Counter
from app.checkout.dealing import forgotten
from app.checkout.forgetting import only_who_is_known
from app.checkout.items import add_line, last_item_line, question_for, with_quantity
from app.checkout.membership import take_up
from app.checkout.requests import (
    AbandonBasket,
    AnswerQuestion,
    ChangeQuantity,
    GiveDiscount,
    OverridePrice,
    RecallBasket,
    RemoveDiscount,
    SuspendBasket,
    VoidLine,
    WriteNote,
)
from app.checkout.state import CheckoutRefused, PendingItem, TillState, require_basket, require_editable
from app.checkout.tags import without_aged
from app.checkout.typed_text import kept_text
from app.checkout.views import Phase, QuestionKind, Severity, Sound
from app.sales.basket import Basket, BasketLine, BasketState, DiscountKind, GivenDiscount
from app.sales.sale import PriceSource, WeightSource
from app.values.money import MAXIMUM_MINOR, BadAmount, parse_minor
from app.values.quantity import SellingUnit, parse_thousandths
from app.values.wording import wording

AGE_CONFIRMED = "yes"
"""The answer to an age question; anything else confirms nothing."""

MAXIMUM_NOTE_LENGTH = 200
MAXIMUM_NAME_LENGTH = 40
MAXIMUM_SUSPENDED = 50
MAXIMUM_UNIT_PRICE_MINOR = 99_999_999
"""A unit price of a million yuan and more is a barcode typed as a price."""


def answer_question(counter: Counter, state: TillState, request: AnswerQuestion) -> TillState:
    """Take the answer to the till's question and go on with the item, asking the next one where there is one.

    Raises:
        CheckoutRefused: nothing was asked.
        BadQuantity: BadAmount: the answer is no weight or price.
    """
    item = state.pending
    question = question_for(counter, item, state.basket) if item else None
    if item is None or question is None:
        raise CheckoutRefused(wording("Nothing was asked."))
    if question.kind is QuestionKind.AGE:
        if request.text.strip().lower() != AGE_CONFIRMED:
            raise CheckoutRefused(wording("Confirm the age, or leave the question with Esc."))
        item = replace(item, age_confirmed=True)
    elif question.kind is QuestionKind.PRICE:
        item = replace(item, price_minor=parse_unit_price(request.text, counter))
    else:
        item = keyed_weight(item, parse_thousandths(request.text, item.found.product.unit))
    if question_for(counter, item, state.basket) is not None:
        return replace(state, pending=item, sound=Sound.ATTENTION)
    return add_line(counter, state, item)


def keyed_weight(item: PendingItem, thousandths: int) -> PendingItem:
    """Return an item with its quantity as a person typed it: net, so that no tare is taken off."""
    is_weight = item.found.product.unit is SellingUnit.KILOGRAM
    return replace(
        item, weight_thousandths=thousandths, tare_grams=0, weighed_by=WeightSource.KEYED if is_weight else None
    )


def decline_question(counter: Counter, state: TillState, _request: object) -> TillState:
    """Leave the question: the item is not sold. An age that is declined is declined for tags that wait, too."""
    item = state.pending
    if item is None:
        return state
    question = question_for(counter, item, state.basket)
    if question is not None and question.kind is QuestionKind.AGE:
        state = without_aged(counter, state, question.minimum_age)
    declined = replace(state, pending=None, armed="")
    return declined.saying(Severity.INFO, wording("{product} was not added.", product=item.found.product.name))


def parse_unit_price(text: str, counter: Counter) -> int:
    """Read a unit price as a person types it.

    Raises:
        BadAmount: it is none, is negative, or larger than any price.
    """
    price = parse_minor(text, counter.settings.currency)
    if not 0 <= price <= MAXIMUM_UNIT_PRICE_MINOR:
        raise BadAmount(wording("A price lies between 0 and 999,999.99. Check that no barcode was typed as a price."))
    return price


def _line(basket: Basket, line_id: int) -> BasketLine:
    line = next((known for known in basket.live_lines if known.line_id == line_id), None)
    if line is None:
        raise CheckoutRefused(wording("This line is no longer in the basket."))
    if line.deposit_of is not None:
        raise CheckoutRefused(wording("A deposit follows its item. Change the item's line."))
    return line


def _with_line(basket: Basket, line: BasketLine) -> Basket:
    return replace(basket, lines=tuple(line if known.line_id == line.line_id else known for known in basket.lines))


def change_quantity(_counter: Counter, state: TillState, request: ChangeQuantity) -> TillState:
    """Change a line's quantity or weight after the scan.

    Raises:
        BadQuantity: it is no quantity this product can have.
        CheckoutRefused: the line is gone, comes from a weighed label, or a tender was taken.
    """
    basket = require_editable(state)
    line = _line(basket, request.line_id)
    if line.label_amount_minor is not None:
        raise CheckoutRefused(
            wording("This line's weight and price are on its label. Void it and weigh the item again.")
        )
    if line.serial is not None:
        raise CheckoutRefused(wording("This line is one single item with a serial number. Scan the next one."))
    quantity = parse_thousandths(request.text, line.unit)
    if line.unit is SellingUnit.KILOGRAM:
        # What the scale said and its tare no longer hold.
        line = replace(line, weighed_by=WeightSource.KEYED, tare_grams=0)
        basket = _with_line(basket, line)
    return replace(state, basket=with_quantity(basket, line, quantity), selected_line=line.line_id)


def void_line(counter: Counter, state: TillState, request: VoidLine) -> TillState:
    """Take a line back; its deposit goes with it. The line stays on record as voided.

    With the last line the basket ends, so that nothing of it (age, discounts, note) meets the next shopper.

    Raises:
        CheckoutRefused: the line is gone already, or a tender was taken.
    """
    basket = require_editable(state)
    line = _line(basket, request.line_id)
    lines = tuple(
        replace(known, voided=True) if line.line_id in (known.line_id, known.deposit_of) else known
        for known in basket.lines
    )
    basket = replace(basket, lines=lines)
    if not basket.live_lines:
        # The deal was for lines that are gone.
        counter.store.abandon_basket(replace(basket, deal=None), "all lines voided")
        counter.members.facts_wait()
        ended = replace(state, basket=None, selected_line=None, phase=Phase.SELLING)
        return ended.saying(Severity.INFO, wording("{product} was voided. The basket is empty.", product=line.name))
    last = last_item_line(basket)
    voided = replace(state, basket=basket, selected_line=last)
    return voided.saying(Severity.INFO, wording("{product} was voided.", product=line.name))


def override_price(counter: Counter, state: TillState, request: OverridePrice) -> TillState:
    """Change a line's unit price, with a reason.

    Raises:
        BadAmount: it is no price.
        CheckoutRefused: no reason was given, the line is gone, or a tender was taken.
    """
    basket = require_editable(state)
    line = _line(basket, request.line_id)
    reason = _require_reason(request.reason)
    price = parse_unit_price(request.price_text, counter)
    changed = replace(
        line, unit_price_minor=price, price_source=PriceSource.OVERRIDE, label_amount_minor=None, reason=reason
    )
    return replace(state, basket=_with_line(basket, changed), selected_line=line.line_id)


def give_discount(counter: Counter, state: TillState, request: GiveDiscount) -> TillState:
    """Give a discount on a line or on the basket, with a reason. A line has one; a new one replaces it.

    Raises:
        BadAmount: it is no percentage up to 100 or no amount.
        CheckoutRefused: no reason, the product takes no discounts, or a tender was taken.
    """
    basket = require_editable(state)
    discount = GivenDiscount(
        discount_id=counter.identities.new(),
        kind=request.kind,
        value=_discount_value(request, counter),
        reason=_require_reason(request.reason),
    )
    if request.line_id is None:
        if not any(line.discountable for line in basket.live_lines):
            raise CheckoutRefused(wording("There is nothing to give a discount on."))
        return replace(state, basket=replace(basket, discounts=(*basket.discounts, discount)))
    line = _line(basket, request.line_id)
    if not line.discountable:
        raise CheckoutRefused(wording("{product} takes no discounts.", product=line.name))
    return replace(state, basket=_with_line(basket, replace(line, discount=discount)), selected_line=line.line_id)


def _discount_value(request: GiveDiscount, counter: Counter) -> int:
    if request.kind is DiscountKind.AMOUNT:
        value = parse_minor(request.value_text, counter.settings.currency)
        if not 0 < value <= MAXIMUM_MINOR:
            raise BadAmount(wording("A discount must be more than zero."))
        return value
    percent = parse_minor(request.value_text.strip().rstrip("%％").strip())
    if not 0 < percent <= 100_00:
        raise BadAmount(wording("A percentage lies between 0.01 and 100."))
    return percent


def _require_reason(reason: str) -> str:
    cleaned = kept_text(reason, MAXIMUM_NOTE_LENGTH)
    if not cleaned:
        raise CheckoutRefused(wording("A reason is needed. Choose one or type it."))
    return cleaned


def remove_discount(_counter: Counter, state: TillState, request: RemoveDiscount) -> TillState:
    """Take a discount back.

    Raises:
        CheckoutRefused: it is gone already, or a tender was taken.
    """
    basket = require_editable(state)
    kept = tuple(discount for discount in basket.discounts if discount.discount_id != request.discount_id)
    lines = tuple(
        replace(line, discount=None)
        if line.discount is not None and line.discount.discount_id == request.discount_id
        else line
        for line in basket.lines
    )
    changed = replace(basket, discounts=kept, lines=lines)
    if changed == basket:
        raise CheckoutRefused(wording("This discount is no longer in the basket."))
    return replace(state, basket=changed)


def write_note(_counter: Counter, state: TillState, request: WriteNote) -> TillState:
    """Write the basket's note.

    Raises:
        CheckoutRefused: there is no basket.
    """
    basket = require_basket(state)
    note = kept_text(request.text, MAXIMUM_NOTE_LENGTH)
    return replace(state, basket=replace(basket, note=note))


def suspend(counter: Counter, state: TillState, request: SuspendBasket) -> TillState:
    """Put the basket aside under a name, so that the next shopper can be served; a payment it waits for goes on.

    Raises:
        CheckoutRefused: it is empty, a tender was taken for it that can be handed back at once, or too many are aside
            already.
    """
    basket = require_basket(state)
    if state.open_payment is None and not _paid_through_a_provider(basket):
        require_editable(state)
    if not basket.live_lines:
        raise CheckoutRefused(wording("The basket is empty; there is nothing to put aside."))
    if len(state.suspended) >= MAXIMUM_SUSPENDED:
        raise CheckoutRefused(wording("{count} baskets are aside already. Recall one first.", count=MAXIMUM_SUSPENDED))
    aside = replace(
        basket,
        state=BasketState.SUSPENDED,
        suspended_as=kept_text(request.name, MAXIMUM_NAME_LENGTH),
        suspended_at=counter.now(),
    )
    counter.store.save_basket(aside)
    emptied = replace(
        state,
        basket=None,
        suspended=(*state.suspended, aside),
        pending=None,
        armed="",
        selected_line=None,
        phase=Phase.SELLING,
    )
    return emptied.saying(Severity.INFO, wording("The basket was put aside. Press F6 to recall it."))


def recall(counter: Counter, state: TillState, request: RecallBasket) -> TillState:
    """Bring a basket back that was put aside; a payment that came meanwhile is taken, and may complete the sale.

    A member who was named before it is not this basket's: whoever comes back with it is named again.

    Raises:
        CheckoutRefused: another basket is being rung up, or this one is gone.
    """
    if state.basket is not None:
        raise CheckoutRefused(wording("Finish this basket or put it aside before recalling another."))
    aside = next((basket for basket in state.suspended if basket.basket_id == request.basket_id), None)
    if aside is None:
        raise CheckoutRefused(wording("This basket is no longer aside."))
    basket = replace(aside, state=BasketState.OPEN, suspended_as="", suspended_at=None)
    last = last_item_line(basket)
    recalled = replace(
        state,
        basket=basket,
        suspended=tuple(known for known in state.suspended if known is not aside),
        phase=Phase.SELLING,
        completed=None,
        pending=None,
        armed="",
        selected_line=last,
        sound=Sound.GOOD_READ,
    )
    recalled = only_who_is_known(counter, _without_the_one_before(recalled))
    payment = recalled.open_payment
    if payment is None or not payment.over:
        return take_up(counter, claim(counter, recalled))
    recalled = recalled.with_payment(basket.basket_id, None).saying(Severity.INFO, payment.sentence, Sound.GOOD_READ)
    return take_up(counter, claim(counter, recalled, Finish.NOT if payment.cancelling else Finish.IF_WON))


def _without_the_one_before(state: TillState) -> TillState:
    """Return the state of a recalled basket without what was asked and known of the shopper before it."""
    waiting, basket = state.next_member, require_basket(state)
    state = forgotten(state)
    if waiting is None or (basket.member is not None and basket.member.member_id == waiting.member_id):
        return state
    sentence = wording("{member} was named before this basket came. Name the member again.", member=waiting.label)
    return state.saying(Severity.INFO, sentence, state.sound)


def _paid_through_a_provider(basket: Basket) -> bool:
    """Return whether a tender in it takes its time to be handed back: the queue does not wait for that."""
    return any(tender.payment_attempt_id is not None for tender in basket.tenders)


def abandon(counter: Counter, state: TillState, request: AbandonBasket) -> TillState:
    """Give the basket up: nothing was sold, and the journal says what was in it.

    Raises:
        CheckoutRefused: there is none, a tender was taken for it, or no reason was given.
        StoreProblem: it could not be recorded; the basket is still there.
    """
    basket = require_editable(state)
    counter.store.abandon_basket(basket, _require_reason(request.reason))
    counter.members.facts_wait()
    emptied = replace(state, basket=None, pending=None, armed="", selected_line=None, phase=Phase.SELLING)
    return emptied.saying(Severity.INFO, wording("The basket was given up. Nothing was sold."))
