"""An open basket as it is kept: a header with what is not a line, written anew at every scan, so it is kept short.

Of shopper and deal it holds what there is of them, and the shares of a deal name their offer by its place:
`[rules_version, effort, [[offer_id, name, times, saving_minor, [redemption_id, …], translations], …], [[line_id, place,
amount_minor], …]]`. It is working state: a header without these keys, as an older version wrote it, reads back too.
"""

from dataclasses import fields, replace
from typing import Any, Final

import msgspec

from app.sales.basket import Basket, BasketLine
from app.sales.shopper import BasketDeal, BasketOffer
from app.values.wording import LocalizedText

_SHOPPER: Final = ("member", "coupons", "declined", "released")
_PLAIN: Final = tuple(field.name for field in fields(Basket) if field.name not in {"lines", "deal", *_SHOPPER})
_encode = msgspec.json.Encoder().encode
_decode_line = msgspec.json.Decoder(BasketLine).decode


class _OfferDocument(msgspec.Struct, array_like=True, frozen=True):
    offer_id: str
    name: str
    times: int
    saving_minor: int
    redemption_ids: tuple[str, ...]
    name_translations: tuple[tuple[str, str], ...]
    on_basket: bool = False


class _DealDocument(msgspec.Struct, array_like=True, frozen=True):
    rules_version: str
    effort: str
    offers: tuple[_OfferDocument, ...]
    shares: tuple[tuple[int, int | str, int], ...]
    """Line id, place among the offers and amount; an offer that is not among them stands by its id."""


def header_document(basket: Basket) -> str:
    """Write what a basket holds besides its lines."""
    header: dict[str, Any] = {name: getattr(basket, name) for name in _PLAIN}
    for name in _SHOPPER:
        value = getattr(basket, name)
        if value:
            header[name] = value
    if basket.deal is not None:
        header["deal"] = _deal_document(basket.deal)
    header["line_ids"] = [line.line_id for line in basket.lines]
    return _encode(header).decode()


def line_document(line: BasketLine) -> str:
    """Write a line."""
    return _encode(line).decode()


def read_basket(header: str, lines: dict[int, str]) -> Basket:
    """Bring a basket back from its header and its lines, by their ids.

    Raises:
        msgspec.MsgspecError, KeyError, ValueError: they are not what this program writes.
    """
    found = msgspec.json.decode(header)
    ordered = tuple(_decode_line(lines[line_id]) for line_id in found.pop("line_ids"))
    deal = found.pop("deal", None)
    basket = msgspec.convert(found, Basket)
    changed: dict[str, Any] = {"lines": ordered}
    if deal is not None:
        changed["deal"] = _deal_of(msgspec.convert(deal, _DealDocument))
    return replace(basket, **changed)


def _deal_document(deal: BasketDeal) -> _DealDocument:
    place_of: dict[str, int | str] = {offer.offer_id: place for place, offer in enumerate(deal.offers)}
    return _DealDocument(
        deal.rules_version,
        deal.effort,
        tuple(
            _OfferDocument(
                offer.offer_id,
                offer.name.default,
                offer.times,
                offer.saving_minor,
                offer.redemption_ids,
                offer.name.translations,
                offer.on_basket,
            )
            for offer in deal.offers
        ),
        tuple((line_id, place_of.get(offer_id, offer_id), amount) for line_id, offer_id, amount in deal.shares),
    )


def _deal_of(document: _DealDocument) -> BasketDeal:
    offers = document.offers
    return BasketDeal(
        document.rules_version,
        document.effort,
        tuple(
            BasketOffer(
                offer.offer_id,
                LocalizedText(offer.name, offer.name_translations),
                offer.times,
                offer.saving_minor,
                offer.redemption_ids,
                offer.on_basket,
            )
            for offer in offers
        ),
        tuple(
            (line_id, offers[place].offer_id if isinstance(place, int) else place, amount)
            for line_id, place, amount in document.shares
        ),
    )
