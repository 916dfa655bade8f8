"""Tiers: what a member has reached by buying, and which tier counts for a sale.

The rule for a tier that changes while a sale goes on: the tier that held when the sale began counts for the whole sale,
for its prices, its promotions and its points, also where the member is named only at the end of it. A tier that this
very sale reaches counts from the next one. What was charged does not depend on when a message arrived: a till that
learns of the new tier late sells by the old one, and the sale stands (design decision 6).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.values.problems import Problem
from app.values.wording import LocalizedText, wording


class BadTiers(Problem):
    """Raised when the tiers of a shop contradict each other."""

    code = "BAD-TIERS"


@dataclass(frozen=True, slots=True)
class Tier:
    """One step of the ladder."""

    tier_id: str
    name: LocalizedText
    reached_at_minor: int
    """What was bought within the shop's span of time, returns taken off, in minor units; 0 for the first tier."""

    points_percent: int = 100
    """Points earned of every hundred that a member of the first tier earns."""

    price_list: str | None = None
    """The price list whose prices it buys at, besides the standard one."""

    by_hand: bool = False
    """Whether it is given by a person, as to the shop's staff, and never reached by buying."""


@dataclass(frozen=True, slots=True)
class TierLadder:
    """All tiers, lowest first.

    Raises:
        BadTiers: if there is none, one is named twice, the first is not for everybody, or they do not rise.
    """

    tiers: tuple[Tier, ...]

    def __post_init__(self) -> None:
        if not self.tiers:
            raise BadTiers(wording("There is no tier. Name at least the one that every member begins with."))
        if len({tier.tier_id for tier in self.tiers}) != len(self.tiers):
            raise BadTiers(wording("Two tiers have the same name. Give each its own."))
        if self.tiers[0].reached_at_minor != 0:
            raise BadTiers(wording("The lowest tier must begin at 0, so that every member has one."))
        for lower, higher in zip(self.tiers, self.tiers[1:], strict=False):
            if higher.reached_at_minor <= lower.reached_at_minor:
                raise BadTiers(
                    wording("Tier {higher} must need more than tier {lower}.", higher=higher.name, lower=lower.name)
                )
        if any(tier.points_percent < 0 for tier in self.tiers):
            raise BadTiers(wording("A tier cannot earn less than no points."))

    def find(self, tier_id: str) -> Tier:
        """Return a tier by name; the lowest where the name is not known here, as headquarters may add one any day."""
        return next((tier for tier in self.tiers if tier.tier_id == tier_id), self.tiers[0])

    def reached_by(self, bought_minor: int) -> Tier:
        """Return the highest tier that this much reaches; less than nothing reaches the first."""
        bought = (tier for tier in reversed(self.tiers) if bought_minor >= tier.reached_at_minor and not tier.by_hand)
        return next(bought, self.tiers[0])

    def to_the_next(self, bought_minor: int) -> tuple[Tier, int] | None:
        """Return the tier above and how much is missing to it in minor units; None at the top."""
        for tier in self.tiers:
            if bought_minor < tier.reached_at_minor and not tier.by_hand:
                return tier, tier.reached_at_minor - bought_minor
        return None


@dataclass(frozen=True, slots=True)
class TierSpan:
    """A tier and the instant it began to count."""

    tier_id: str
    since: datetime


def tier_at(spans: Sequence[TierSpan], opened_at: datetime, ladder: TierLadder) -> Tier:
    """Return the tier that counts for a sale, see the module; the lowest where none held yet.

    Args:
        spans: the member's tiers, in any order.
        opened_at: when the sale began.
        ladder: the shop's tiers.
    """
    held = [span for span in spans if span.since <= opened_at]
    if not held:
        return ladder.tiers[0]
    return ladder.find(max(held, key=lambda span: (span.since, span.tier_id)).tier_id)
