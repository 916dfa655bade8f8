"""Weigh at the till: take the scale's weight for the item that is asked about, less its tare."""

from dataclasses import replace

from app.checkout.counter import Counter
from app.checkout.items import add_line, question_for
from app.checkout.requests import AcceptWeight, ChooseTare
from app.checkout.state import CheckoutRefused, PendingItem, TillState, WeightRefused
from app.checkout.tare import MAXIMUM_TARE_GRAMS, container_of, net_and_tare_grams, till_tare_grams
from app.sales.sale import WeightSource
from app.values.quantity import SellingUnit, require_sellable
from app.values.wording import wording


def accept_weight(counter: Counter, state: TillState, request: AcceptWeight) -> TillState:
    """Sell the item that is asked about by what the scale says, its tare taken off.

    Raises:
        WeightRefused: the reading may not be sold; the question stays.
        CheckoutRefused: nothing is to be weighed now.
    """
    item = _item_on_scale(counter, state)
    rules = counter.settings.weighing
    net, tare = net_and_tare_grams(request.reading, till_tare_grams(item, rules), rules.minimum_grams)
    weighed = replace(
        item,
        weight_thousandths=require_sellable(net, SellingUnit.KILOGRAM),
        tare_grams=tare,
        weighed_by=WeightSource.SCALE,
    )
    return add_line(counter, state, weighed)


def choose_tare(counter: Counter, state: TillState, request: ChooseTare) -> TillState:
    """Keep what the goods lie in, for this item only; with neither container nor grams, what was chosen is undone.

    Raises:
        WeightRefused: there is no such container, or the tare typed is none.
        CheckoutRefused: nothing is to be weighed now.
    """
    item = _item_on_scale(counter, state)
    text = request.grams_text.strip()
    if text and request.container_id:
        raise WeightRefused(wording("Choose a container or type its weight, not both."))
    if request.container_id and container_of(counter.settings.weighing, request.container_id) is None:
        raise WeightRefused(
            wording("There is no container {id} at this till. Choose another.", id=request.container_id[:20])
        )
    typed = _typed_tare(text) if text else None
    return replace(state, pending=replace(item, container_id=request.container_id, typed_tare_grams=typed))


def _typed_tare(text: str) -> int:
    digits = text.removesuffix("g").rstrip()
    if digits.isascii() and digits.isdecimal() and len(digits) <= len(str(MAXIMUM_TARE_GRAMS)) and int(digits):
        return int(digits)
    raise WeightRefused(
        wording("A tare is a whole number of grams from 1 to {heaviest}. Type it again.", heaviest=MAXIMUM_TARE_GRAMS)
    )


def _item_on_scale(counter: Counter, state: TillState) -> PendingItem:
    item = state.pending
    question = question_for(counter, item, state.basket) if item is not None else None
    if item is None or question is None or not question.on_scale:
        raise CheckoutRefused(wording("Nothing is to be weighed now. Choose the product first."))
    return item
