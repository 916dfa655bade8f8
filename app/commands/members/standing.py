"""`members consent`, `block` and `unblock`: what a member says about their data, and whether they may spend."""

from dataclasses import dataclass
from typing import Final

from app.commands.members.office import Asked, NotDone, opened, print_json, print_sentence
from app.commands.members.people import found_member
from app.members.ports import Reach
from app.members.privacy import Answer, Consent, Purpose
from app.values.wording import wording

_WHERE: Final = "headquarters"


@dataclass(frozen=True, slots=True)
class Word:
    """What a member said about one purpose; exactly one of the two."""

    purpose: str
    given: bool
    withdrawn: bool


def record_word(asked: Asked, text: str, word: Word) -> int:
    """Write down what a member said about their data, under the notice of today.

    Raises:
        MemberNotKnown: nobody is a member by this.
        NotDone: neither or both was said, the notice has no such purpose, or the member was forgotten.
    """
    if word.given == word.withdrawn:
        raise NotDone(wording("Say what the member said: either --give or --withdraw."))
    with opened(asked) as office:
        notice = office.settings.terms.notice
        # What a notice does not ask for any more can still be withdrawn.
        known = tuple(purpose.value for purpose in (notice.purposes if word.given else Purpose))
        if word.purpose not in known:
            raise NotDone(
                wording(
                    "The notice has no {purpose}. It has: {known}.", purpose=word.purpose[:30], known=", ".join(known)
                )
            )
        purpose = Purpose(word.purpose)
        member_id = found_member(office, text).member.member_id
        consent = Consent(
            office.identities.new(),
            member_id,
            purpose,
            Answer.GIVEN if word.given else Answer.WITHDRAWN,
            notice.version,
            office.clock.now(),
            _WHERE,
        )
        reach = office.book.record_consent(office.identities.new(), consent)
        trouble = office.book.last_trouble
    if reach is not Reach.ANSWERED:
        raise NotDone(trouble or wording("{member} was forgotten. Nothing was written down.", member=member_id))
    if asked.as_json:
        print_json(consent)
        return 0
    said = (
        wording(
            "{member} agreed to {purpose}, notice {version}.",
            member=member_id,
            purpose=word.purpose,
            version=notice.version,
        )
        if word.given
        else wording("{member} took {purpose} back.", member=member_id, purpose=word.purpose)
    )
    print_sentence(asked, said)
    if word.withdrawn and purpose is Purpose.MEMBERSHIP:
        print_sentence(asked, wording("Without it there is no account: forget the person with members erase."))
    return 0


def block_member(asked: Asked, text: str, *, blocked: bool) -> int:
    """Let nothing of a member's be spent from now on, or let them go on.

    Raises:
        MemberNotKnown: nobody is a member by this.
        KeeperRefused: the member was forgotten.
    """
    with opened(asked) as office:
        member_id = found_member(office, text).member.member_id
        if blocked:
            office.book.block(member_id)
        else:
            office.book.unblock(member_id)
    if asked.as_json:
        print_json({"member_id": member_id, "standing": "blocked" if blocked else "active"})
    elif blocked:
        print_sentence(
            asked,
            wording("{member} is blocked. Nothing of theirs can be spent until they are unblocked.", member=member_id),
        )
    else:
        print_sentence(asked, wording("{member} is not blocked. They can spend what is theirs.", member=member_id))
    return 0
