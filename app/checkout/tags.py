"""Radio tags at the till: a tray of tagged goods becomes lines, each piece once.

A tag is looked at when it comes into the field of a reader, and not again until it has left it. So a voided line does
not come back while its tag lies there, goods that were just paid for are passed over in silence until they are carried
off, and a tag that cannot be sold is spoken of once, not with every report. Where a reader loses tags for a moment its
driver must bridge that: what a report leaves out has left.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from app.catalogue.codes.epc import BadEpc, NotAnItemTag, Sgtin, parse_epc
from app.checkout.counter import Counter
from app.checkout.items import MAXIMUM_LINES, begin_item
from app.checkout.requests import ReadTags
from app.checkout.serials import SerialStanding, standing_of
from app.checkout.state import CannotBeSold, CheckoutRefused, PendingItem, ScannedFacts, TillState
from app.checkout.views import Severity, Sound
from app.sales.basket import Basket, BasketLine
from app.values.quantity import ONE, BadQuantity
from app.values.wording import Wording, wording

Piece = tuple[str, str]
"""GTIN and serial number."""

_MET_AT_MOST = 5000
_NAMED_AT_MOST = 5
"""Products that one notice names; the rest are counted."""


def read_tags(counter: Counter, state: TillState, request: ReadTags) -> TillState:
    """Take what a reader sees now; tags that came since its last report become lines.

    While the till waits for an answer they wait with it. Once a tender was taken nothing is added.

    Raises:
        StoreProblem: the store cannot be read or written; the same tags count as new at the next report.
    """
    known = frozenset().union(*state.tags_in_field.values())
    in_field = {**state.tags_in_field, request.device: frozenset(request.epcs)}
    still_there = frozenset().union(*in_field.values())
    looked = replace(
        state,
        tags_in_field=in_field,
        tags_waiting=tuple(epc for epc in state.tags_waiting if epc in still_there),
    )
    came = {epc: item for epc in request.epcs if epc not in known and (item := _item_of(epc)) is not None}
    passed_over = _voided(state.basket) - state.tags_met
    arrived = {epc: item for epc, item in came.items() if _name_of(item) not in passed_over}
    looked = replace(looked, tags_met=_met(state, came.values()))
    if not arrived:
        return looked
    if state.basket is not None and (state.basket.tenders or state.open_payment is not None):
        return _too_late(counter, looked, tuple(arrived.values()))
    waiting = replace(looked, tags_waiting=(*looked.tags_waiting, *arrived)[:MAXIMUM_LINES])
    if state.pending is not None:
        return waiting
    after = go_on(counter, waiting.quiet())
    # Where all of them were passed over in silence, the message on the screen stays.
    nothing_happened = after.basket is state.basket and after.notice is None and after.pending is None
    return replace(waiting, tags_waiting=()) if nothing_happened else after


def _pieces(*baskets: Basket | None) -> Iterator[tuple[Piece, BasketLine]]:
    for basket in baskets:
        for line in basket.lines if basket is not None else ():
            if line.gtin14 is not None and line.serial is not None:
                yield (line.gtin14, line.serial), line


def _voided(basket: Basket | None) -> frozenset[Piece]:
    """Return the pieces voided in a basket.

    One of them that was not met since the till was started may have lain on the tray all the while the till was gone,
    so it is passed over the first time it is seen.
    """
    return frozenset(piece for piece, line in _pieces(basket) if line.voided)


def _met(state: TillState, came: Iterable[Sgtin]) -> frozenset[Piece]:
    """Return the pieces met so far with those that came; of too many only those that matter are remembered."""
    met = state.tags_met.union(_name_of(item) for item in came)
    if len(met) <= _MET_AT_MOST:
        return met
    return met.intersection(piece for piece, _ in _pieces(state.basket, *state.suspended))


def _name_of(item: Sgtin) -> Piece:
    return item.gtin14, item.serial


def _item_of(epc: str) -> Sgtin | None:
    """Return the piece of goods of a tag; None for tags of anything else, which lie about everywhere."""
    try:
        return parse_epc(epc)
    except (BadEpc, NotAnItemTag):
        return None


def _too_late(counter: Counter, state: TillState, arrived: tuple[Sgtin, ...]) -> TillState:
    new = [item for item in arrived if standing_of(counter, state, item.gtin14, item.serial) is SerialStanding.FREE]
    if not new:
        return state
    return state.saying(
        Severity.WARNING,
        wording(
            "Tagged goods that came after a tender was taken are not in this sale ({count}). Take them off, and put "
            "them on again for the next one.",
            count=len(new),
        ),
        Sound.ATTENTION,
    )


def go_on(counter: Counter, state: TillState) -> TillState:
    """Add the tags that wait, until one of them asks something; say in one notice which could not be added.

    Raises:
        StoreProblem: the store cannot be read.
    """
    if state.pending is not None or not state.tags_waiting:
        return state
    told = _Told(state.notice.sentence if state.notice else None)
    armed, waiting = state.armed, list(state.tags_waiting)
    while waiting and state.pending is None:
        item = _item_of(waiting.pop(0))
        state = _add(counter, state, item, told) if item is not None else state
    state = replace(state, tags_waiting=tuple(waiting), armed="" if state.pending else armed)
    return told.on(state)


def without_aged(counter: Counter, state: TillState, minimum_age: int) -> TillState:
    """Leave out the waiting tags of products that ask for as much age as was just declined, rather than ask for each.

    Raises:
        StoreProblem: the store cannot be read.
    """
    kept = tuple(epc for epc in state.tags_waiting if _minimum_age(counter, epc) < minimum_age)
    return replace(state, tags_waiting=kept)


def _minimum_age(counter: Counter, epc: str) -> int:
    item = _item_of(epc)
    found = counter.catalogue.by_gtin(item.gtin14, counter.now()) if item is not None else None
    return found.product.minimum_age if found is not None else 0


@dataclass(slots=True)
class _Told:
    """What has to be said of tags that were not added."""

    before: Wording | None
    unknown: list[str] = field(default_factory=list)
    sold: list[Sgtin] = field(default_factory=list)
    refused: dict[str, Wording] = field(default_factory=dict)
    """By the English sentence, so that the same is said once."""

    def on(self, state: TillState) -> TillState:
        """Return the state with all of it in one notice."""
        sentences = [*self.refused.values()]
        if self.unknown:
            named = list(dict.fromkeys(self.unknown))
            sentences.append(
                wording(
                    "Tagged goods that are not in the catalogue ({count}): {codes}. Put them aside and ask.",
                    count=len(self.unknown),
                    codes=", ".join(named[:_NAMED_AT_MOST]) + (" …" if len(named) > _NAMED_AT_MOST else ""),
                )
            )
        if self.sold:
            sentences.append(
                wording("Tagged goods that were paid for already are not added again ({count}).", count=len(self.sold))
            )
        if not sentences:
            return state
        whole = sentences[0] if self.before is None else wording("{first} {next}", first=self.before, next=sentences[0])
        for sentence in sentences[1:]:
            whole = wording("{first} {next}", first=whole, next=sentence)
        return state.saying(Severity.WARNING, whole, Sound.ATTENTION)


def _add(counter: Counter, state: TillState, item: Sgtin, told: _Told) -> TillState:
    standing = standing_of(counter, state, item.gtin14, item.serial)
    if standing is SerialStanding.SOLD and not _just_sold(counter, item):
        told.sold.append(item)
    if standing is not SerialStanding.FREE:
        return state
    found = counter.catalogue.by_gtin(item.gtin14, counter.now())
    if found is None:
        told.unknown.append(item.gtin14)
        return state
    try:
        return begin_item(counter, state, PendingItem(found, ONE, ScannedFacts(serial=item.serial)))
    except (CannotBeSold, CheckoutRefused, BadQuantity) as problem:
        told.refused[str(problem.sentence)] = problem.sentence
        return state


def _just_sold(counter: Counter, item: Sgtin) -> bool:
    """Whether it belongs to the sale just finished: the shopper is still packing."""
    last = counter.store.last_sale()
    return last is not None and any((line.gtin14, line.serial) == _name_of(item) for line in last.sale.lines)
