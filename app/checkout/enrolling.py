"""Enrol: a shopper becomes a member at the till, after the privacy notice was shown and agreed to."""

import re
from dataclasses import replace
from typing import Final

from app.checkout.counter import Counter
from app.checkout.coupon_ways import require_terms
from app.checkout.member_ports import EnrolMember, MemberTerms
from app.checkout.member_requests import Enrol
from app.checkout.state import CheckoutRefused, TillState, require_editable
from app.checkout.typed_text import kept_text
from app.members.birthdays import BadBirthday, Birthday
from app.members.identity import FoundBy, Member, MemberKey
from app.members.phone_numbers import read_phone_number
from app.members.privacy import Answer, Consent, Purpose
from app.members.tiers import TierSpan
from app.values.wording import wording

_LONGEST_NAME: Final = 40
_BIRTHDAY: Final = re.compile(r"(?:\d{4}[-/.年])?(\d{1,2})[-/.月](\d{1,2})日?")


def enrol(counter: Counter, state: TillState, request: Enrol) -> TillState:
    """Have a shopper taken in as a member: headquarters says whether they are, and the sale is then for them.

    Membership itself is what they agreed to by enrolling; each other purpose of the notice only where they said so.

    Raises:
        BadPhoneNumber: BadBirthday: what was typed is none.
        CheckoutRefused: a tender was taken, or headquarters cannot be asked now.
        CardNumberRefused: a payment card's number was typed as the name.
    """
    terms = require_terms(counter)
    if state.basket is not None:
        require_editable(state)
    phone = read_phone_number(request.phone_text)
    away = counter.members.away()
    if away is not None:
        raise CheckoutRefused(
            wording("A member can only be taken in while headquarters can be asked. Try later. {why}", why=away)
        )
    now = counter.now()
    member = Member(
        member_id=counter.identities.new(),
        name=kept_text(request.name, _LONGEST_NAME),
        phone=phone,
        birthday=read_birthday(request.birthday_text),
        tiers=(TierSpan(terms.ladder.tiers[0].tier_id, now),),
        joined_at=now,
    )
    question = EnrolMember(
        state.basket.basket_id if state.basket is not None else "",
        counter.identities.new(),
        member,
        _consents(counter, terms, member, request),
    )
    key = MemberKey(FoundBy.PHONE, phone.e164)
    return replace(state, asked_member=key, enrol_key=None).asking(question)


def _consents(counter: Counter, terms: MemberTerms, member: Member, request: Enrol) -> tuple[Consent, ...]:
    agreed = {
        Purpose.MEMBERSHIP: True,
        Purpose.MESSAGES: request.agrees_to_messages,
        Purpose.PROFILE: request.agrees_to_profile,
    }
    return tuple(
        Consent(
            counter.identities.new(),
            member.member_id,
            purpose,
            Answer.GIVEN,
            terms.notice.version,
            counter.now(),
            counter.settings.till_id,
        )
        for purpose in terms.notice.purposes
        if agreed[purpose]
    )


def read_birthday(text: str) -> Birthday | None:
    """Read a birthday as a person types it; the year, where it is typed, is not kept.

    >>> read_birthday("1990-02-29") == read_birthday("2月29日") == Birthday(2, 29)
    True

    Raises:
        BadBirthday: it is no day of any year.
    """
    plain = "".join(text.split())
    if not plain:
        return None
    found = _BIRTHDAY.fullmatch(plain)
    if found is None:
        raise BadBirthday(wording("Type the birthday as month and day, such as 05-20, or leave it empty."))
    return Birthday(int(found[1]), int(found[2]))
