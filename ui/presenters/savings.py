"""What the shopper saves, who the shopper is and what almost applies, in the few words of a line on screen."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.checkout.member_views import HintView, MemberView, ShopperView
from app.checkout.views import CompletedView, Phase, TillView
from app.values.money import Currency, currency_of
from app.values.wording import Wording, wording
from ui.presenters.formatting import MINUS, write_count, write_money


@dataclass(frozen=True, slots=True)
class DueWords:
    """What stands under the amount due."""

    saved_minor: int = 0
    """In all, the saving that is counted up; 0: nothing is said of it."""

    rest: Wording | str = ""
    """Tax, member, points."""

    best: Wording | None = None
    """On the key that uses the coupons by which most is saved; None: it is not there."""


def due_words(view: TillView) -> DueWords:
    """Return what stands under the amount due, or under what was paid."""
    currency = currency_of(view.basket.currency)
    if view.phase is Phase.PAID and view.completed is not None:
        done = view.completed
        return DueWords(done.discount_minor, _joined([part for part in (earned_words(done),) if part is not None]))
    parts: list[Wording] = []
    if view.basket.tax_added_minor:
        parts.append(wording("tax added {amount}", amount=write_money(view.basket.tax_added_minor, currency)))
    who = shopper_words(view.shopper)
    if who is not None:
        parts.append(who)
    return DueWords(view.basket.discount_minor, _joined(parts), best_coupons_words(view))


def saved_words(saved_minor: int, currency: Currency) -> Wording | str:
    """Say what was saved; nothing where it is nothing."""
    return wording("saved {amount}", amount=write_money(saved_minor, currency)) if saved_minor > 0 else ""


def customer_saved_words(saved_minor: int, currency: Currency) -> Wording | str:
    """Say to the shopper what they save; nothing where it is nothing."""
    return wording("You save {amount}", amount=write_money(saved_minor, currency)) if saved_minor > 0 else ""


def saved_in_all_words(saved_minor: int, currency: Currency) -> Wording | str:
    """Say to the shopper what the sale saved them; nothing where it is nothing."""
    return wording("You saved {amount}", amount=write_money(saved_minor, currency)) if saved_minor > 0 else ""


def shopper_words(shopper: ShopperView) -> Wording | None:
    """Say in a line who the shopper is: `member 138****5678 gold · 1,204 points`."""
    if shopper.member is None:
        return wording("asking who the member is") if shopper.looking else None
    return member_words(shopper.member)


def member_words(member: MemberView) -> Wording:
    """Say in a line who a member is, by what may be seen of them."""
    who = member.masked_phone or member.masked_name
    if member.blocked:
        return wording("member {who} · blocked", who=who)
    points = write_count(member.points)
    if not member.tier_name.default:
        return wording("member {who} · {points} points", who=who, points=points)
    return wording("member {who} {tier} · {points} points", who=who, tier=member.tier_name, points=points)


def earned_words(done: CompletedView) -> Wording | None:
    """Say which points a sale brought; None where nobody was named."""
    if done.points_now is None:
        return None
    now = write_count(done.points_now)
    if done.points_earned <= 0:
        return wording("{points} points", points=now)
    return wording("{earned} points earned · {points} now", earned=write_count(done.points_earned), points=now)


def almost_words(view: TillView) -> Wording | None:
    """Say what would be given with a little more, the nearest; None where nothing, or nothing any more."""
    if view.phase is not Phase.SELLING or not view.shopper.almost:
        return None
    return hint_words(view.shopper.almost[0])


def hint_words(hint: HintView) -> Wording:
    """Say a hint with the name of its offer."""
    return wording("{name}: {sentence}", name=hint.name, sentence=hint.sentence)


def best_coupons_words(view: TillView) -> Wording | None:
    """Return the words of the key that uses the best coupons; None where they save no more, or not any more."""
    saving = view.shopper.best_saving_minor
    if view.phase is not Phase.SELLING or saving <= 0:
        return None
    amount = MINUS + write_money(saving, currency_of(view.basket.currency))
    return wording("Best coupons {amount}", amount=amount)


def _joined(parts: Sequence[Wording]) -> Wording | str:
    """Put parts into one line."""
    if not parts:
        return ""
    joined = parts[0]
    for part in parts[1:]:
        joined = wording("{one} \u00b7 {other}", one=joined, other=part)
    return joined
