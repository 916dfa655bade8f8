"""Who is a member: found, taken in with consent, shown with what is theirs, and forgotten."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

import msgspec
from sqlalchemy import delete, func, insert, select, update

from app.headquarters.members import schema
from app.headquarters.members.coupon_offers import usable_coupons
from app.headquarters.members.coupon_rows import has_reservation
from app.headquarters.members.ledgers import About, has_holds, open_points, open_value, standing_of
from app.headquarters.members.spending import forfeit_everything, open_accounts
from app.headquarters.members.tier_history import Purchase, bought_within, tiers_reached
from app.headquarters.members.work import MessageSeen, Work, document_of, instant_of, note_message
from app.members.birthdays import Birthday
from app.members.coupon_problems import CouponRefused
from app.members.identity import FoundBy, Member, MemberKey, Standing
from app.members.ledger_entries import Part
from app.members.member_pass import read_member_pass
from app.members.phone_numbers import PhoneNumber
from app.members.ports import ErasedMembers, MemberAnswer, MemberFacts, Reach
from app.members.privacy import (
    Consent,
    Erasure,
    ErasureHindered,
    OpenMatters,
    Purpose,
    consent_holds,
)
from app.members.privacy import erase as forget
from app.members.tiers import TierSpan
from app.values.clock import write_instant
from app.values.problems import Problem

EXPIRING_DAYS: Final = 60
MOST_ERASED: Final = 500
"""Named in one answer."""

_TIERS: Final = msgspec.json.Decoder(tuple[TierSpan, ...])
_CONSENT: Final = msgspec.json.Decoder(Consent)


@dataclass(frozen=True, slots=True)
class _Bought:
    within_span_minor: int
    ever: bool
    tiers: tuple[TierSpan, ...]


def find(work: Work, key: MemberKey) -> MemberAnswer:
    """Find a member with what is theirs and the coupons they can use where the till stands."""
    if key.found_by is FoundBy.QR:
        try:
            member_id = read_member_pass(key, work.terms.keys(), work.terms.merchant_id, work.now)
        except (CouponRefused, Problem):
            # Too old, changed, or another shop's; the till has checked it too, and has told the shopper why.
            return MemberAnswer(Reach.REFUSED)
    else:
        member_id = owner_of(work, key) or ""
    found = answer_for(work, member_id)
    return found if found is not None else MemberAnswer(Reach.NOT_FOUND)


def owner_of(work: Work, key: MemberKey) -> str | None:
    """Return whose key it is."""
    table = schema.member_key
    return work.connection.execute(
        select(table.c.member_id).where(table.c.found_by == key.found_by.value, table.c.value == key.value)
    ).scalar()


def answer_for(work: Work, member_id: str) -> MemberAnswer | None:
    """Return a member with what is theirs; None where nobody is one by this reference, or none any more."""
    facts = facts_of(work, member_id)
    if facts is None or facts.member.standing is Standing.ERASED:
        return None
    coupons = usable_coupons(work, member_id) if facts.member.standing is Standing.ACTIVE else ()
    return MemberAnswer(Reach.ANSWERED, facts, coupons)


def facts_of(work: Work, member_id: str) -> MemberFacts | None:
    """Return a member's figures."""
    member = member_of(work, member_id)
    if member is None:
        return None
    bought = _bought(work, member_id, member.tiers)
    points = open_points(work, About(member_id)).book
    value = open_value(work, About(member_id)).book
    until = work.today + timedelta(days=EXPIRING_DAYS)
    return MemberFacts(
        member=replace(member, tiers=bought.tiers),
        points=points.spendable(member_id, work.today),
        points_owed=points.owed(member_id),
        points_expiring=points.expiring(member_id, work.today, until),
        value_minor=value.spendable(member_id, work.today),
        bought_minor=bought.within_span_minor,
        bought_before=bought.ever,
        used_offers=_used_offers(work, member_id),
    )


def member_of(work: Work, member_id: str) -> Member | None:
    """Return a member as they were taken in, with the tiers that headquarters granted."""
    row = work.connection.execute(select(schema.member).where(schema.member.c.member_id == member_id)).first()
    if row is None:
        return None
    table = schema.member_key
    keys = work.connection.execute(
        select(table.c.found_by, table.c.value).where(table.c.member_id == member_id).order_by(table.c.value)
    ).all()
    of = {kind: tuple(key.value for key in keys if key.found_by == kind.value) for kind in FoundBy}
    return Member(
        row.member_id,
        row.name,
        PhoneNumber(of[FoundBy.PHONE][0]) if of[FoundBy.PHONE] else None,
        of[FoundBy.CARD],
        of[FoundBy.GSRN][0] if of[FoundBy.GSRN] else None,
        _birthday(row.birthday),
        _TIERS.decode(row.granted_tiers),
        instant_of(row.joined_at) if row.joined_at else None,
        Standing(row.standing),
    )


def enrol(work: Work, message_id: str, member: Member, consents: tuple[Consent, ...]) -> MemberAnswer:
    """Take a new member in with what they agreed to.

    Nobody is taken in without a consent to the notice of today. The message is remembered by its reference and its
    consents alone, so that nothing of a person stays behind with it.
    """
    others = any(one.member_id != member.member_id for one in consents)
    if others or not consent_holds(consents, member.member_id, Purpose.MEMBERSHIP, work.terms.notice):
        return MemberAnswer(Reach.REFUSED)
    try:
        note_message(work, f"enrol/{message_id}", (member.member_id, consents))
    except MessageSeen as seen:
        known = answer_for(work, member.member_id) if seen.same else None
        return known or MemberAnswer(Reach.REFUSED)
    taken = next((owner for key in keys_of(member) if (owner := owner_of(work, key)) is not None), None)
    if taken is not None:
        return replace(answer_for(work, taken) or MemberAnswer(Reach.REFUSED), reach=Reach.REFUSED)
    if standing_of(work, member.member_id) is not None:
        return MemberAnswer(Reach.REFUSED)
    _write_member(work, replace(member, joined_at=member.joined_at or work.now, standing=Standing.ACTIVE))
    for consent in consents:
        add_consent(work, consent)
    open_accounts(work, member.member_id)
    return answer_for(work, member.member_id) or MemberAnswer(Reach.REFUSED)


def record_consent(work: Work, message_id: str, consent: Consent) -> Reach:
    """Add what a member said."""
    if standing_of(work, consent.member_id) in {None, Standing.ERASED}:
        return Reach.NOT_FOUND
    try:
        note_message(work, f"consent/{message_id}", consent)
    except MessageSeen as seen:
        return Reach.ANSWERED if seen.same else Reach.REFUSED
    return Reach.ANSWERED if add_consent(work, consent) else Reach.REFUSED


def add_consent(work: Work, consent: Consent) -> bool:
    """Add what a member said, once; return whether it is there now."""
    table = schema.consent
    known = work.connection.execute(select(table.c.document).where(table.c.consent_id == consent.consent_id)).scalar()
    if known is not None:
        return bool(known == document_of(consent))
    work.connection.execute(
        insert(table).values(consent_id=consent.consent_id, member_id=consent.member_id, document=document_of(consent))
    )
    return True


def consents_of(work: Work, member_id: str) -> tuple[Consent, ...]:
    """Return what a member said, in the order in which it arrived."""
    table = schema.consent
    rows = select(table.c.document).where(table.c.member_id == member_id).order_by(table.c.number)
    return tuple(_CONSENT.decode(document) for document in work.connection.execute(rows).scalars())


def erase(work: Work, message_id: str, erasure: Erasure) -> Reach:
    """Forget a person; REFUSED while money, points they did not give up, or a payment or a coupon is under way."""
    member_id = erasure.member_id
    member = member_of(work, member_id)
    if member is None:
        return Reach.NOT_FOUND
    if member.standing is Standing.ERASED:
        return Reach.ANSWERED
    points = open_points(work, About(member_id)).book
    value = open_value(work, About(member_id)).book
    free = points.spendable(member_id, work.today)
    matters = OpenMatters(
        points=free,
        paid_value_minor=value.free_of(member_id, Part.PAID, work.today),
        held=has_holds((points, value), member_id) or has_reservation(work, member_id),
        gives_up_points=erasure.forfeited_points >= free,
    )
    try:
        nobody, fact = forget(member, matters, erasure.erasure_id, erasure.erased_at, erasure.where)
    except ErasureHindered:
        return Reach.REFUSED
    try:
        note_message(work, f"erase/{message_id}", erasure)
    except MessageSeen:
        # The id was another erasure's: nothing is done under it.
        return Reach.REFUSED
    forfeit_everything(work, f"erase/{erasure.erasure_id}", member_id)
    _forget_rows(work, nobody)
    work.connection.execute(update(schema.coupon).where(schema.coupon.c.claimed_by == member_id).values(voided=True))
    work.connection.execute(
        insert(schema.erasure).values(erasure_id=erasure.erasure_id, member_id=member_id, document=document_of(fact))
    )
    return Reach.ANSWERED


def erased_since(work: Work, mark: int) -> ErasedMembers:
    """Name who was forgotten since a mark; from the beginning where this book has not come so far.

    A book that was put back from a backup knows fewer than it did.
    """
    table = schema.erasure
    newest = work.connection.execute(select(func.max(table.c.number))).scalar() or 0
    after = mark if mark <= newest else 0
    rows = work.connection.execute(
        select(table.c.number, table.c.member_id)
        .where(table.c.number > after)
        .order_by(table.c.number)
        .limit(MOST_ERASED)
    ).all()
    return ErasedMembers(tuple(row.member_id for row in rows), rows[-1].number if rows else after)


def set_standing(work: Work, member_id: str, standing: Standing) -> bool:
    """Block a member or let them go on; return whether there is one."""
    table = schema.member
    changed = work.connection.execute(
        update(table)
        .where(table.c.member_id == member_id, table.c.standing != Standing.ERASED.value)
        .values(standing=standing.value)
    )
    return changed.rowcount > 0


def grant_tier(work: Work, member_id: str, tier_id: str) -> bool:
    """Put a member on a tier from now on, below which nothing takes them; return whether there is such a member."""
    member = member_of(work, member_id)
    if member is None or member.standing is Standing.ERASED:
        return False
    work.connection.execute(
        update(schema.member)
        .where(schema.member.c.member_id == member_id)
        .values(granted_tiers=document_of((*member.tiers, TierSpan(tier_id, work.now))))
    )
    return True


def keys_of(member: Member) -> tuple[MemberKey, ...]:
    """Return everything a member is found by."""
    phone = (MemberKey(FoundBy.PHONE, member.phone.e164),) if member.phone else ()
    gsrn = (MemberKey(FoundBy.GSRN, member.gsrn),) if member.gsrn else ()
    return (*phone, *(MemberKey(FoundBy.CARD, card) for card in dict.fromkeys(member.cards)), *gsrn)


def purchases_of(work: Work, member_id: str) -> tuple[Purchase, ...]:
    """Return what a member bought and brought back."""
    table = schema.purchase
    rows = work.connection.execute(
        select(table).where(table.c.member_id == member_id).order_by(table.c.counted_at, table.c.purchase_id)
    )
    return tuple(Purchase(row.sale_id, instant_of(row.counted_at), row.amount_minor) for row in rows)


def _bought(work: Work, member_id: str, granted: tuple[TierSpan, ...]) -> _Bought:
    purchases, terms = purchases_of(work, member_id), work.terms
    return _Bought(
        bought_within(purchases, work.now, terms.tier_days),
        any(one.amount_minor >= 0 for one in purchases),
        tiers_reached(purchases, granted, terms.ladder, terms.tier_days, work.now),
    )


def _used_offers(work: Work, member_id: str) -> tuple[tuple[str, int], ...]:
    table = schema.offer_use
    rows = work.connection.execute(select(table.c.offer_id, table.c.times).where(table.c.member_id == member_id))
    used: dict[str, int] = {}
    for row in rows:
        used[row.offer_id] = used.get(row.offer_id, 0) + row.times
    return tuple(sorted(used.items()))


def _write_member(work: Work, member: Member) -> None:
    birthday = member.birthday
    work.connection.execute(
        insert(schema.member).values(
            member_id=member.member_id,
            joined_at=write_instant(member.joined_at) if member.joined_at else None,
            standing=member.standing.value,
            name=member.name,
            birthday=f"{birthday.month:02d}-{birthday.day:02d}" if birthday else None,
            granted_tiers=document_of(member.tiers),
        )
    )
    for key in keys_of(member):
        work.connection.execute(
            insert(schema.member_key).values(found_by=key.found_by.value, value=key.value, member_id=member.member_id)
        )


def _forget_rows(work: Work, nobody: Member) -> None:
    work.connection.execute(delete(schema.member_key).where(schema.member_key.c.member_id == nobody.member_id))
    work.connection.execute(
        update(schema.member)
        .where(schema.member.c.member_id == nobody.member_id)
        .values(joined_at=None, standing=nobody.standing.value, name="", birthday=None, granted_tiers="[]")
    )


def _birthday(text: str | None) -> Birthday | None:
    if text is None:
        return None
    month, day = text.split("-")
    return Birthday(int(month), int(day))
