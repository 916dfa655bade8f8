"""Tiers as a function of what was bought: against an oracle that looks at each day by itself."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from app.headquarters.members.tier_history import Purchase, bought_within, tiers_reached
from app.members.tiers import Tier, TierLadder, TierSpan, tier_at
from app.values.wording import LocalizedText

START = datetime(2026, 1, 1, tzinfo=UTC)
LADDER = TierLadder(
    tuple(Tier(name, LocalizedText(name), least) for name, least in (("base", 0), ("silver", 100), ("gold", 300)))
)
DAYS = 20


def at(day: int) -> datetime:
    return START + timedelta(days=day)


bought = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 200)), max_size=8)
back = st.lists(st.tuples(st.integers(0, 7), st.integers(0, 70), st.integers(1, 200)), max_size=4)


@settings(max_examples=200)
@given(
    bought=bought,
    back=back,
    grant=st.none() | st.tuples(st.integers(0, 60), st.sampled_from(["silver", "gold"])),
    order=st.randoms(),
)
def test_each_day_has_the_tier_of_what_counts_that_day(bought, back, grant, order):
    purchases = [Purchase(f"s-{n}", at(day), amount) for n, (day, amount) in enumerate(bought)]
    for number, day, amount in back:
        if number < len(bought):
            purchases.append(Purchase(f"s-{number}", at(max(day, bought[number][0])), -amount))
    granted = [TierSpan(grant[1], at(grant[0]))] if grant else []
    order.shuffle(purchases)
    spans = tiers_reached(purchases, granted, LADDER, DAYS, at(90))
    for day in range(91):
        counts = 0
        for number, (since, amount) in enumerate(bought):
            if since <= day < since + DAYS:
                gone = sum(less for one, when, less in back if one == number and max(when, since) <= day)
                counts += amount - gone
        least = 0 if not grant or day < grant[0] else {"silver": 100, "gold": 300}[grant[1]]
        expected = "gold" if max(counts, least) >= 300 else "silver" if max(counts, least) >= 100 else "base"
        assert tier_at(spans, at(day), LADDER).tier_id == expected
        assert bought_within(purchases, at(day), DAYS) == max(0, counts)
    assert all(one.tier_id != other.tier_id for one, other in pairwise(spans))


def test_a_return_that_is_told_of_a_sale_not_known_yet_takes_nothing_below_zero():
    lonely = [Purchase("s-1", at(3), -50)]
    assert bought_within(lonely, at(4), DAYS) == 0
    assert [span.tier_id for span in tiers_reached(lonely, (), LADDER, DAYS, at(9))] == ["base"]
