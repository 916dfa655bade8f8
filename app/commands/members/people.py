"""`members …`: what a person at headquarters, or in a shop with its own book, sees and does about members."""

from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from app.commands.members.office import Asked, NotDone, Office, opened, print_json, print_row, print_sentence
from app.commands.members.seeding import birthday_of
from app.members.identity import FoundBy, Member, MemberKey, MemberNotKnown, Standing, key_of_typed
from app.members.phone_numbers import BadPhoneNumber, PhoneNumber
from app.members.ports import MemberFacts, Reach
from app.members.privacy import Answer, Consent, Erasure, Purpose
from app.members.tiers import tier_at
from app.values.money import Currency, format_minor, parse_minor
from app.values.wording import wording

if TYPE_CHECKING:
    from app.headquarters.members import MemberLine

_WHERE: Final = "headquarters"
_PAGE: Final = 200


def list_members(asked: Asked) -> int:
    """Print every member: reference, tier, and the masked name and number."""
    with opened(asked) as office:
        after = ""
        lines: list[MemberLine] = []
        while page := office.book.members(after, _PAGE):
            lines += page
            after = page[-1].member_id
    if asked.as_json:
        print_json(lines)
        return 0
    for line in lines:
        print_row(asked, line.member_id, line.tier_id, line.masked_name, line.masked_phone, line.standing.value)
    print_sentence(asked, wording("{count} members.", count=len(lines)))
    return 0


def find_member(asked: Asked, text: str) -> int:
    """Print what is known of a member, masked: tier, points, stored value, coupons.

    Raises:
        MemberNotKnown: nobody is a member by this.
    """
    with opened(asked) as office:
        facts = found_member(office, text)
        member = facts.member
        key = next(iter(_keys(member)), None)
        coupons = office.book.find(key).coupons if key is not None else ()
        tier = tier_at(member.tiers, office.clock.now(), office.settings.terms.ladder)
        currency = office.till.currency
    if asked.as_json:
        print_json(
            {
                "member_id": member.member_id,
                "name": member.masked_name,
                "phone": member.masked_phone,
                "tier": tier.tier_id,
                "standing": member.standing.value,
                "points": facts.points,
                "points_owed": facts.points_owed,
                "points_expiring": [[day.isoformat(), points] for day, points in facts.points_expiring],
                "value_minor": facts.value_minor,
                "bought_minor": facts.bought_minor,
                "coupons": [{"coupon": one.coupon_id, "form": one.form.form_id} for one in coupons],
            }
        )
        return 0
    if member.standing is Standing.ERASED:
        print_sentence(
            asked, wording("{member} was forgotten: nobody is found by this any more.", member=member.member_id)
        )
        return 0
    print_sentence(
        asked,
        wording(
            "{member}: {name} {phone}, {tier}, {points} points, {value} stored value.",
            member=member.member_id,
            name=member.masked_name,
            phone=member.masked_phone,
            tier=tier.name,
            points=facts.points,
            value=f"{currency.symbol}{format_minor(facts.value_minor, currency)}",
        ),
    )
    for one in coupons:
        print_sentence(asked, wording("Coupon {coupon}: {name}.", coupon=one.coupon_id, name=one.form.name))
    return 0


@dataclass(frozen=True, slots=True)
class NewMember:
    """Who is to become a member."""

    phone: str = field(repr=False)
    name: str = field(default="", repr=False)
    birthday: str = field(default="", repr=False)
    """`MM-DD`, or empty."""

    agrees_to: tuple[str, ...] = ()


def enrol_member(asked: Asked, new: NewMember) -> int:
    """Take a new member in; 1 where they did not agree to the notice, which is printed then.

    Raises:
        BadPhoneNumber: BadBirthday: what was typed is none.
        NotDone: the number is a member's already, or the notice has no such purpose.
    """
    with opened(asked) as office:
        notice = office.settings.terms.notice
        for one in new.agrees_to:
            if one not in {purpose.value for purpose in notice.purposes}:
                known = ", ".join(purpose.value for purpose in notice.purposes)
                raise NotDone(wording("The notice has no {purpose}. It has: {known}.", purpose=one[:30], known=known))
        if Purpose.MEMBERSHIP.value not in new.agrees_to:
            print_row(asked, notice.text)
            print_sentence(
                asked,
                wording("Show this to the person. Where they agree, do it again with --agrees-to membership."),
            )
            return 1
        now, identities = office.clock.now(), office.identities
        member_id = identities.new()
        member = Member(
            member_id, new.name.strip(), PhoneNumber(key_of_typed(new.phone).value), birthday=birthday_of(new.birthday)
        )
        consents = tuple(
            Consent(identities.new(), member_id, Purpose(one), Answer.GIVEN, notice.version, now, _WHERE)
            for one in dict.fromkeys(new.agrees_to)
        )
        answer = office.book.enrol(identities.new(), member, consents)
    if answer.reach is not Reach.ANSWERED:
        known = answer.facts.member.member_id if answer.facts is not None else ""
        raise NotDone(wording("Nobody was taken in: the number is that of member {member} already.", member=known))
    if asked.as_json:
        print_json({"member_id": member_id})
    else:
        print_sentence(asked, wording("{phone} is member {member} now.", phone=member.masked_phone, member=member_id))
    return 0


def load_value(asked: Asked, text: str, amount: str, loading_id: str) -> int:
    """Put money that was paid on a member's account; the same loading's name again changes nothing.

    Raises:
        MemberNotKnown: nobody is a member by this.
        BadAmount: NotDone: the amount is none, the name of the loading was another one's, or the member was forgotten.
        LoadingRefused: it is too little, or the account would hold too much.
    """
    with opened(asked) as office:
        facts = found_member(office, text)
        member_id, currency = facts.member.member_id, office.till.currency
        if facts.member.standing is Standing.ERASED:
            raise NotDone(wording("{member} was forgotten. Nothing was loaded; give the money back.", member=member_id))
        paid_minor = _amount(amount, currency)
        office.book.terms.loading.require_loadable(facts.value_minor, paid_minor)
        name = loading_id or office.identities.new()
        if office.book.load(name, member_id, paid_minor) is not Reach.ANSWERED:
            raise NotDone(wording("Nothing was loaded: loading {loading} was another one before.", loading=name))
        after = office.book.member_facts(member_id)
        value_minor = after.value_minor if after is not None else 0
    if asked.as_json:
        print_json({"loading": name, "member_id": member_id, "paid_minor": paid_minor, "value_minor": value_minor})
        return 0
    print_sentence(
        asked,
        wording(
            "Loading {loading} is on the account of {member}, which has {value} now, its bonus included.",
            loading=name,
            member=member_id,
            value=f"{currency.symbol}{format_minor(value_minor, currency)}",
        ),
    )
    return 0


def refund_value(asked: Asked, text: str) -> int:
    """Take what is left of the paid part off an account and say how much is to be handed out; its bonus ends.

    Raises:
        MemberNotKnown: nobody is a member by this.
        NotDone: a payment with the account is under way.
    """
    with opened(asked) as office:
        member_id, currency = found_member(office, text).member.member_id, office.till.currency
        name = office.identities.new()
        reach = office.book.refund(name, member_id)
        done = office.book.refunded(name, member_id) if reach is Reach.ANSWERED else None
    if done is None:
        raise NotDone(wording("Nothing was refunded: a payment of this member is still under way. Try again later."))
    if asked.as_json:
        print_json({"refund": name, "member_id": member_id, "done": done})
        return 0
    if not done.paid_out_minor:
        print_sentence(
            asked,
            wording(
                "{member} has no money of their own on the account: there is nothing to hand out.", member=member_id
            ),
        )
        if done.forfeited_minor:
            print_sentence(asked, wording("The bonus that was left ended."))
        return 0
    print_sentence(
        asked,
        wording(
            "Hand {amount} to {member}: refund {refund}. The bonus that was left ended.",
            amount=f"{currency.symbol}{format_minor(done.paid_out_minor, currency)}",
            member=member_id,
            refund=name,
        ),
    )
    return 0


def show_pass(asked: Asked, text: str) -> int:
    """Print the code that a member's telephone would show now; a till takes it for a minute, give or take its clock.

    Raises:
        MemberNotKnown: nobody is a member by this.
        KeeperRefused: the member was forgotten, or there is no key to sign with.
    """
    with opened(asked) as office:
        member_id = found_member(office, text).member.member_id
        code = office.book.sign_pass(member_id)
    if asked.as_json:
        print_json({"member_id": member_id, "code": code})
    else:
        print_row(asked, code)
    return 0


def erase_member(asked: Asked, text: str, *, gives_up_points: bool) -> int:
    """Forget a person; the ledgers keep the reference alone.

    Raises:
        MemberNotKnown: nobody is a member by this.
        NotDone: something is open: money on the account, points they did not give up, a payment or a coupon.
    """
    with opened(asked) as office:
        facts = found_member(office, text)
        member_id = facts.member.member_id
        erasure = Erasure(
            office.identities.new(),
            member_id,
            office.clock.now(),
            _WHERE,
            facts.points if gives_up_points else 0,
        )
        if office.book.erase(erasure.erasure_id, erasure) is not Reach.ANSWERED:
            raise NotDone(
                wording(
                    "{member} was not forgotten: there are {points} points or {value} on the account, or a payment or"
                    " coupon is under way. Refund the money first; with --gives-up-points the points end.",
                    member=member_id,
                    points=facts.points,
                    value=format_minor(facts.value_minor, office.till.currency),
                )
            )
        office.book.compact()
    print_sentence(
        asked, wording("{member} is forgotten. What was sold stands, under the reference alone.", member=member_id)
    )
    return 0


def list_consents(asked: Asked, text: str) -> int:
    """Print what a member said about their data, oldest first.

    Raises:
        MemberNotKnown: nobody is a member by this.
    """
    with opened(asked) as office:
        said = office.book.consents(found_member(office, text).member.member_id)
    if asked.as_json:
        print_json(said)
        return 0
    for one in said:
        print_row(
            asked,
            f"{one.said_at.astimezone():%Y-%m-%d %H:%M}",
            one.purpose.value,
            one.answer.value,
            wording("notice {version}", version=one.notice_version),
            one.where,
        )
    return 0


def found_member(office: Office, text: str) -> MemberFacts:
    """Find a member by reference, telephone number, card or GSRN.

    Raises:
        MemberNotKnown: nobody is a member by this.
    """
    facts = office.book.member_facts(text)
    if facts is not None:
        return facts
    keys = [MemberKey(FoundBy.CARD, text), MemberKey(FoundBy.GSRN, text)]
    with suppress(BadPhoneNumber):
        keys.insert(0, key_of_typed(text))
    for key in keys:
        found = office.book.find(key)
        if found.facts is not None:
            return found.facts
    raise MemberNotKnown(
        wording("Nobody is a member by this. Type the reference, the telephone number, or the card's number.")
    )


def _keys(member: Member) -> tuple[MemberKey, ...]:
    phone = (MemberKey(FoundBy.PHONE, member.phone.e164),) if member.phone else ()
    return (*phone, *(MemberKey(FoundBy.CARD, card) for card in member.cards))


def _amount(text: str, currency: Currency) -> int:
    amount_minor = parse_minor(text, currency)
    if amount_minor <= 0:
        raise NotDone(wording("{text} is no amount. Write one such as 200 or 99.50.", text=text[:30]))
    return amount_minor
