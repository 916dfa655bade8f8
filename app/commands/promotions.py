"""`promotions price`: prices a basket from a file under a rules file and prints lines, offers and reasons as JSON."""

from dataclasses import dataclass
from pathlib import Path

import msgspec
import typer

from app.promotions.almost import Hint
from app.promotions.baskets import BadOfferBasket, read_offer_basket
from app.promotions.checking import BadRules
from app.promotions.deal import Deal, best_deal
from app.promotions.rules import Rules, read_rules
from app.promotions.solving import Effort
from app.values.speech import Speech
from app.values.wording import wording


@dataclass(frozen=True, slots=True)
class PriceRequest:
    """What to price."""

    basket: Path
    rules: Path
    effort: Effort


def price_basket_file(request: PriceRequest, speech: Speech) -> int:
    """Print the best deal of a basket as JSON.

    Raises:
        BadRules: the rules cannot be read or contradict themselves.
        BadOfferBasket: the basket cannot be read.
    """
    rules = rules_from(request.rules)
    try:
        data = request.basket.read_bytes()
    except OSError as error:
        raise BadOfferBasket(
            wording("The basket cannot be read: {reason}", reason=f"{request.basket}: {error.strerror}")
        ) from error
    deal = best_deal(read_offer_basket(data), rules, request.effort)
    typer.echo(msgspec.json.format(msgspec.json.encode(deal_as_json(deal, speech)), indent=2).decode())
    return 0


def rules_from(path: Path) -> Rules:
    """Read a rules file.

    Raises:
        BadRules: it cannot be read or contradicts itself.
    """
    data, as_json = rules_data(path)
    return read_rules(data, as_json=as_json)


def rules_data(path: Path) -> tuple[bytes, bool]:
    """Return what a rules file holds, and whether that is JSON: where its name says so, otherwise it is TOML.

    Raises:
        BadRules: it cannot be read.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        reason = f"{path}: {error.strerror}"
        raise BadRules(wording("The promotion rules cannot be read: {reason}", reason=reason)) from error
    return data, path.suffix.lower() == ".json"


def deal_as_json(deal: Deal, speech: Speech) -> dict[str, object]:
    """Return a deal as plain values, its sentences in a language."""
    say = speech.say
    return {
        "rules_version": deal.rules_version,
        "effort": deal.effort.value,
        "proven_best": deal.proven,
        "currency": deal.currency,
        "subtotal_minor": deal.subtotal_minor,
        "saving_minor": deal.saving_minor,
        "total_minor": deal.total_minor,
        "lines": [
            {
                "id": line.line.line_id,
                "product": line.line.product_id,
                "name": say(line.line.name),
                "before_minor": line.extended_minor,
                "total_minor": line.total_minor,
                "offers": [
                    {
                        "offer": share.offer_id,
                        "name": say(share.name),
                        "off_minor": share.amount_minor,
                        "why": say(share.reason),
                    }
                    for share in line.shares
                ],
            }
            for line in deal.lines
        ],
        "given": [
            {
                "offer": offer.offer_id,
                "name": say(offer.name),
                "times": offer.times,
                "saving_minor": offer.saving_minor,
                "why": say(offer.reason),
                "coupons": list(offer.coupon_ids),
            }
            for offer in deal.given
        ],
        "almost": [_hint(hint, speech) for hint in deal.almost],
        "not_given": [_hint(hint, speech) for hint in deal.not_given],
    }


def _hint(hint: Hint, speech: Speech) -> dict[str, object]:
    said: dict[str, object] = {"offer": hint.offer_id, "name": speech.say(hint.name), "why": speech.say(hint.reason)}
    if hint.missing_pieces:
        said["missing_pieces"] = hint.missing_pieces
        said["goods"] = msgspec.to_builtins(hint.goods)
    if hint.missing_minor:
        said["missing_minor"] = hint.missing_minor
    return said
