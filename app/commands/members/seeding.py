"""Writes the sample store's made-up members into its book, once; a start that was cut off goes on where it was."""

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from app.commands.members.reading import read_sample_members
from app.commands.members.sections import SampleMemberSection
from app.commands.site import SAMPLE_MEMBERS_FILE, Site
from app.members.birthdays import BadBirthday, Birthday
from app.members.identity import FoundBy, Member, MemberKey
from app.members.phone_numbers import read_phone_number
from app.members.ports import SaleFacts
from app.members.privacy import Answer, Consent, Purpose
from app.members.tiers import TierSpan
from app.values.clock import Clock
from app.values.wording import wording

if TYPE_CHECKING:
    from app.headquarters.members import MemberBook

_SEEDED_FILE: Final = "sample-members-written"
_JOINED_AGO: Final = timedelta(days=200)
_BOUGHT_AGO: Final = timedelta(days=40)


def seed_once(book: "MemberBook", site: Site, clock: Clock) -> None:
    """Write them where that was not done yet; what members do afterwards stays."""
    mark = site.members_folder / _SEEDED_FILE
    if mark.exists():
        return
    now = clock.now()
    for section in read_sample_members(site.configuration_folder / SAMPLE_MEMBERS_FILE):
        _write(book, section, now)
    mark.touch()


def _write(book: "MemberBook", section: SampleMemberSection, now: datetime) -> None:
    joined = now - _JOINED_AGO
    member = member_of(section, joined)
    book.enrol(f"sample/{section.id}", member, _consents(book, section, joined))
    if section.bought_minor or section.points:
        at = now - _BOUGHT_AGO
        book.take_in(
            SaleFacts(
                sale_id=f"sample/{section.id}",
                till_id="sample",
                completed_at=at,
                business_date=at.date(),
                member_id=section.id,
                bought_minor=section.bought_minor,
                points=section.points,
                points_end_on=date.fromisoformat(section.points_end_on) if section.points_end_on else None,
            )
        )
    if section.loaded_minor:
        book.load(f"sample/{section.id}", section.id, section.loaded_minor)
    if member.phone is not None:
        found = book.find(MemberKey(FoundBy.PHONE, member.phone.e164))
        there = {offer.form.form_id for offer in found.coupons}
        for form_id in section.coupons:
            if form_id not in there:
                book.issue_coupon(form_id, section.id)


def member_of(section: SampleMemberSection, joined: datetime) -> Member:
    """Return a made-up member."""
    return Member(
        section.id,
        section.name,
        read_phone_number(section.phone),
        section.cards,
        section.gsrn or None,
        birthday_of(section.birthday),
        (TierSpan(section.tier, joined),) if section.tier else (),
        joined,
    )


def birthday_of(text: str) -> Birthday | None:
    """Return the day and month of `MM-DD`; None where it is empty.

    Raises:
        BadBirthday: there is no such day.
    """
    if not text:
        return None
    month, _, day = text.partition("-")
    if not (month.isascii() and month.isdecimal() and day.isascii() and day.isdecimal()):
        raise BadBirthday(wording("Write the birthday as month and day, such as 02-29."))
    return Birthday(int(month), int(day))


def _consents(book: "MemberBook", section: SampleMemberSection, joined: datetime) -> tuple[Consent, ...]:
    notice = book.terms.notice
    return tuple(
        Consent(
            f"sample/{section.id}/{purpose}",
            section.id,
            Purpose(purpose),
            Answer.GIVEN,
            notice.version,
            joined,
            "sample",
        )
        for purpose in section.agrees_to
    )
