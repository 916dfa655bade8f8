"""A store's promotion rules, read, checked, named by their content, and indexed from a product to its offers."""

import hashlib
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from app.ledger.canonical import canonical_json
from app.promotions.baskets import OfferLine
from app.promotions.checking import BadRules, check
from app.promotions.offers import (
    AnyForPrice,
    Bundle,
    CheapestFree,
    EachForm,
    Gift,
    GiftFrom,
    Goods,
    Group,
    NForM,
    Offer,
    RulesDocument,
    SecondOff,
    When,
    Who,
)
from app.values.wording import LocalizedText, wording

SOLVER_GENERATION: Final = 2
"""Counts changes of the solver that could answer differently; part of the version that a sale keeps."""

_REMEMBERED_PRODUCTS: Final = 20_000

Match = tuple[int, int]
"""An offer's number and the number of its part that a product belongs to."""


@dataclass(frozen=True, slots=True)
class Rules:
    """Checked rules, ready to price baskets."""

    version: str
    """SHA-256 over the content and the solver's generation: the same name, the same answers, for ever."""

    offers: tuple[Offer, ...]
    """Sorted by id, so that the order of the file has no say."""

    groups: dict[str, Group]
    zone: ZoneInfo
    currency: str
    excluded: Goods | None
    parts: tuple[tuple[Goods, ...], ...]
    """For each offer its sets of goods; the first is the offer's own, or a bundle's first part."""

    needs: tuple[tuple[int, ...], ...]
    """For each offer and part how many pieces it cannot do without; 0 where weighed goods serve too."""

    conditional: tuple[bool, ...]
    """For each offer whether hour, day or shopper have a say."""

    dated: tuple[bool, ...]
    """For each offer whether it looks at the date of the goods."""

    _by_name: dict[tuple[str, str], tuple[Match, ...]]
    _remembered: dict[tuple[str, str, tuple[str, ...]], tuple[Match, ...]] = field(default_factory=dict, compare=False)

    def matches(self, line: OfferLine) -> tuple[Match, ...]:
        """Return the offers and parts that a line's product belongs to, whatever its date is."""
        key = (line.product_id, line.department_id, line.tags)
        found = self._remembered.get(key)
        if found is None:
            if len(self._remembered) >= _REMEMBERED_PRODUCTS:
                self._remembered.clear()
            found = self._remembered[key] = tuple(self._match(line))
        return found

    def _match(self, line: OfferLine) -> Iterable[Match]:
        if self.excluded is not None and goods_include(self.excluded, line):
            return []
        names = [("", ""), ("product", line.product_id), ("department", line.department_id)]
        names += [("tag", tag) for tag in line.tags]
        candidates = {match for name in names for match in self._by_name.get(name, ())}
        return sorted(match for match in candidates if goods_include(self.parts[match[0]][match[1]], line))

    def rank(self, number: int) -> tuple[int, int, str]:
        """Return where an offer stands in the order of basket offers."""
        offer = self.offers[number]
        group = self.groups.get(offer.group)
        return (group.order if group else Group("none").order, offer.order, offer.id)

    def exclusive_group(self, number: int) -> str:
        """Return the exclusive group an offer is in; empty where it is in none."""
        group = self.groups.get(self.offers[number].group)
        return group.id if group is not None and group.exclusive else ""


def goods_include(goods: Goods, line: OfferLine) -> bool:
    """Whether a line's product is among goods, whatever its date is."""
    if line.product_id in goods.except_products or line.department_id in goods.except_departments:
        return False
    if any(tag in goods.except_tags for tag in line.tags):
        return False
    return (
        not goods.names_something
        or line.product_id in goods.products
        or line.department_id in goods.departments
        or any(tag in goods.tags for tag in line.tags)
    )


def offer_name(offer: Offer) -> LocalizedText:
    """Return an offer's name in the languages it has."""
    return LocalizedText(offer.name, (("en", offer.name_en),) if offer.name_en else ())


def read_rules(data: bytes, *, as_json: bool = False) -> Rules:
    """Read rules from TOML, or from JSON as headquarters sends them.

    Raises:
        BadRules: they cannot be read, hold an unknown or wrong key, or contradict themselves; names the key.
    """
    try:
        if as_json:
            document = msgspec.json.decode(data, type=RulesDocument)
        else:
            document = msgspec.convert(tomllib.loads(data.decode("utf-8")), RulesDocument)
    except (msgspec.DecodeError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadRules(wording("The promotion rules cannot be read: {reason}", reason=str(error))) from error
    return make_rules(document)


def make_rules(document: RulesDocument) -> Rules:
    """Check a document and make rules of it.

    Raises:
        BadRules: it contradicts itself, never ends, or would pay the shopper; names the key.
    """
    check(document)
    offers = tuple(sorted(document.offer, key=lambda offer: offer.id))
    content = msgspec.json.decode(
        msgspec.json.encode(
            RulesDocument(
                offer=offers,
                group=tuple(sorted(document.group, key=lambda group: group.id)),
                excluded=document.excluded,
                time_zone=document.time_zone,
                currency=document.currency,
            )
        )
    )
    digest = hashlib.sha256(canonical_json({"rules": content, "solver": SOLVER_GENERATION}))
    parts = tuple(_parts_of(offer) for offer in offers)
    by_name: dict[tuple[str, str], list[Match]] = {}
    for number, sets in enumerate(parts):
        for part, goods in enumerate(sets):
            for name in _names_of(goods):
                by_name.setdefault(name, []).append((number, part))
    return Rules(
        version=digest.hexdigest(),
        offers=offers,
        groups={group.id: group for group in document.group},
        zone=ZoneInfo(document.time_zone),
        currency=document.currency,
        excluded=document.excluded,
        parts=parts,
        needs=tuple(_needs_of(offer) for offer in offers),
        conditional=tuple(
            offer.when != When() or offer.who != Who() or offer.limit.per_member is not None for offer in offers
        ),
        dated=tuple(any(goods.expires_within_days is not None for goods in sets) for sets in parts),
        _by_name={name: tuple(matches) for name, matches in by_name.items()},
    )


def _parts_of(offer: Offer) -> tuple[Goods, ...]:
    form = offer.form
    if isinstance(form, Bundle):
        return tuple(part.goods for part in form.parts)
    if isinstance(form, Gift | GiftFrom):
        return (offer.goods, form.gift)
    return (offer.goods,)


def _needs_of(offer: Offer) -> tuple[int, ...]:
    form = offer.form
    if isinstance(form, Bundle):
        return tuple(part.pieces for part in form.parts)
    if isinstance(form, Gift):
        return (form.buy_pieces, form.gift_pieces)
    if isinstance(form, GiftFrom):
        return (0, 0)
    if isinstance(form, EachForm):
        return (form.least_pieces if form.least_pieces > 1 else 0,)
    if isinstance(form, NForM | CheapestFree | AnyForPrice):
        return (form.take,)
    return (2,) if isinstance(form, SecondOff) else (0,)


def _names_of(goods: Goods) -> list[tuple[str, str]]:
    if not goods.names_something:
        return [("", "")]
    names = [("product", name) for name in goods.products]
    names += [("department", name) for name in goods.departments]
    return names + [("tag", name) for name in goods.tags]
