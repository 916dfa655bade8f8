"""Member figures: what a basket keeps of a member, out of what headquarters said and this till has sold since."""

from datetime import datetime

from app.checkout.counter import Counter
from app.checkout.member_ports import MemberTerms
from app.members.identity import Member, Standing
from app.members.ports import MemberFacts
from app.members.tiers import tier_at
from app.sales.shopper import BasketMember


def basket_member(counter: Counter, terms: MemberTerms, facts: MemberFacts, opened_at: datetime) -> BasketMember:
    """Return a member as a basket keeps them.

    How often offers were used never counts too few: what headquarters had heard, and every sale of this till that it
    may not have heard of: those since its answer, and those that nobody was told yet, whichever reach further back.
    A first purchase is one as long as neither headquarters nor this till knows of any other.
    What the same member uses at another till meanwhile is found out by headquarters, as an exception.

    Args:
        counter: the counter.
        terms: the shop's.
        facts: as headquarters said them, now or when the local copy was made.
        opened_at: when the sale began; the tier that held then counts.

    Raises:
        StoreProblem: the till's own sales cannot be read.
    """
    member = facts.member
    used_here = _used_since_told(counter, facts)
    used = dict(facts.used_offers)
    for offer_id, count in used_here.items():
        used[offer_id] = used.get(offer_id, 0) + count
    tier = tier_at(member.tiers, opened_at, terms.ladder)
    return BasketMember(
        member_id=member.member_id,
        masked_name=member.masked_name,
        masked_phone=member.masked_phone,
        tier_id=tier.tier_id,
        tier_name=tier.name,
        points=facts.points,
        points_owed=facts.points_owed,
        value_minor=facts.value_minor,
        birthday=_month_and_day(member),
        first_purchase=not facts.bought_before and not counter.store.bought_here(member.member_id),
        used_offers=tuple(sorted(used.items())),
        blocked=member.standing is not Standing.ACTIVE,
        as_of=facts.as_of,
    )


def _used_since_told(counter: Counter, facts: MemberFacts) -> dict[str, int]:
    since = facts.as_of or counter.now()
    untold = counter.store.facts_to_tell(1).facts
    if untold:
        since = min(since, untold[0].completed_at)
    return dict(counter.store.offers_used(facts.member.member_id, since))


def _month_and_day(member: Member) -> tuple[int, int] | None:
    return (member.birthday.month, member.birthday.day) if member.birthday is not None else None
