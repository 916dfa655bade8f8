"""Which tiers a member was on: a function of what was bought, returned and granted, whatever order it arrived in.

A purchase counts for a span of days, less what came back of it. Whenever that sum changes (a purchase, a return, a
purchase that gets too old), the member is on the highest tier that it reaches, and never below one that headquarters
granted. A tier begins to count at the instant of the purchase that reaches it, so for the next sale and not for this
one (`app.members.tiers`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.members.tiers import TierLadder, TierSpan


@dataclass(frozen=True, slots=True)
class Purchase:
    """A sale, or what a return took back of one."""

    sale_id: str
    at: datetime
    amount_minor: int
    """Below zero of a return."""


def bought_within(purchases: Sequence[Purchase], at: datetime, days: int) -> int:
    """Return what counts at an instant; never below zero.

    What came back of a sale stops counting together with the sale.
    """
    counting = _counting(purchases)
    since = at - timedelta(days=days)
    return max(0, sum(one.amount_minor for one, begun in counting if one.at <= at and begun > since))


def tiers_reached(
    purchases: Sequence[Purchase], granted: Sequence[TierSpan], ladder: TierLadder, days: int, now: datetime
) -> tuple[TierSpan, ...]:
    """Return every tier a member was on so far and since when, oldest first."""
    rank = {tier.tier_id: number for number, tier in enumerate(ladder.tiers)}
    life = timedelta(days=days)
    events: list[tuple[datetime, int, str]] = []
    for one, begun in _counting(purchases):
        events.append((one.at, one.amount_minor, ""))
        events.append((max(one.at, begun + life), -one.amount_minor, ""))
    events += [(span.since, 0, span.tier_id) for span in granted]
    spans: list[TierSpan] = []
    bought = floor = 0
    on = ""
    ordered = sorted(event for event in events if event[0] <= now)
    for place, (at, amount, tier_id) in enumerate(ordered):
        bought += amount
        floor = rank.get(tier_id, floor)
        if place + 1 < len(ordered) and ordered[place + 1][0] == at:
            continue
        tier = ladder.tiers[max(floor, rank[ladder.reached_by(bought).tier_id])].tier_id
        if tier != on:
            spans.append(TierSpan(tier, at))
            on = tier
    return tuple(spans)


def _counting(purchases: Sequence[Purchase]) -> list[tuple[Purchase, datetime]]:
    """Pair everything with when its sale began to count; a return of a sale that is not known counts by itself."""
    begun = {one.sale_id: one.at for one in purchases if one.amount_minor >= 0}
    return [(one, min(one.at, begun.get(one.sale_id, one.at))) for one in purchases]
