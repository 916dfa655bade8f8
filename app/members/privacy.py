"""Privacy: which notice a member agreed to and when, and how a person is forgotten while every ledger stays whole.

After the Personal Information Protection Law of China (个人信息保护法): consent is given knowingly to a notice
(articles 14 and 17), for each purpose, anew when the notice changes in substance; it is as easily withdrawn (article
15); a person may have their data erased (article 47). Consents are an append-only list: what holds is a function of it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from app.members.identity import Member, Standing
from app.values.problems import Problem
from app.values.wording import LocalizedText, Wording, wording


class Purpose(Enum):
    """What a member's data is used for."""

    MEMBERSHIP = "membership"
    """To keep the account itself: without it there is none."""

    MESSAGES = "messages"
    """To be written to, such as with a coupon after 90 days without a visit."""

    PROFILE = "profile"
    """To draw conclusions from what was bought."""


@dataclass(frozen=True, slots=True)
class PrivacyNotice:
    """One version of what the shop tells members about their data."""

    version: int
    """Counts up; a correction of spelling keeps it, a change in substance raises it and asks for consent anew."""

    effective_at: datetime
    text: LocalizedText
    purposes: tuple[Purpose, ...]


class Answer(Enum):
    """What the person said."""

    GIVEN = "given"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Consent:
    """One thing that a member said about one purpose."""

    consent_id: str
    """Names what was said, so that a message that comes twice counts once."""

    member_id: str
    purpose: Purpose
    answer: Answer
    notice_version: int
    """Which notice was in front of the person."""

    said_at: datetime
    where: str
    """The till's or the mini-program's name."""


class ConsentMissing(Problem):
    """Raised when something needs a consent that is not there."""

    code = "NO-CONSENT"


def consent_holds(consents: Iterable[Consent], member_id: str, purpose: Purpose, notice: PrivacyNotice) -> bool:
    """Tell whether the last thing a member said about a purpose is a consent to this version of the notice.

    Of two things said at one instant a withdrawal counts. The order and the number of the records do not matter.
    """
    if purpose not in notice.purposes:
        return False
    said = [one for one in consents if one.member_id == member_id and one.purpose is purpose]
    if not said:
        return False
    last = max(said, key=lambda one: (one.said_at, one.answer is Answer.WITHDRAWN, one.notice_version, one.consent_id))
    return last.answer is Answer.GIVEN and last.notice_version >= notice.version


def require_consent(consents: Sequence[Consent], member_id: str, purpose: Purpose, notice: PrivacyNotice) -> None:
    """Return where a consent holds.

    Raises:
        ConsentMissing: where the member never gave it, withdrew it, or the notice has changed since.
    """
    if consent_holds(consents, member_id, purpose, notice):
        return
    if any(one.member_id == member_id and one.purpose is purpose for one in consents):
        raise ConsentMissing(
            wording("The privacy notice has changed or consent was withdrawn. Show the notice and ask again.")
        )
    raise ConsentMissing(wording("The member has not agreed to the privacy notice yet. Show it and ask."))


@dataclass(frozen=True, slots=True)
class Erasure:
    """The fact that a person was forgotten; holds nothing of the person."""

    erasure_id: str
    member_id: str
    erased_at: datetime
    where: str
    forfeited_points: int
    """Points that end with the account; the ledger's own entry says so too."""


@dataclass(frozen=True, slots=True)
class OpenMatters:
    """What a member still has open when they ask to be forgotten; figures of the ledgers."""

    points: int = 0
    paid_value_minor: int = 0
    """Money the shop still owes: it goes back to the person before nobody knows any more who that was."""

    held: bool = False
    """Whether a payment with points or stored value is under way."""

    gives_up_points: bool = False
    """Whether the person was told what ends, and agreed."""


class ErasureHindered(Problem):
    """Raised when a person cannot be forgotten yet."""

    code = "ERASURE-HINDERED"


def what_hinders_erasure(matters: OpenMatters) -> Wording | None:
    """Return what must be done before a person can be forgotten; None where nothing must."""
    if matters.held:
        return wording("A payment of this member is still under way. Wait until it has ended, then erase.")
    if matters.paid_value_minor > 0:
        return wording("There is money on the account. Refund it first, then erase.")
    if matters.points > 0 and not matters.gives_up_points:
        return wording(
            "The member has {points} points, which end with the account. Ask whether they may, then erase.",
            points=matters.points,
        )
    return None


def erase(
    member: Member, matters: OpenMatters, erasure_id: str, erased_at: datetime, where: str
) -> tuple[Member, Erasure]:
    """Forget a person: the reference stays, so that ledgers, sales and the chain stay whole.

    Asked for twice, it is the same: an erased member is erased.

    Raises:
        ErasureHindered: while something is open.
    """
    if member.standing is not Standing.ERASED:
        hindrance = what_hinders_erasure(matters)
        if hindrance is not None:
            raise ErasureHindered(hindrance)
    return member.forgotten(), Erasure(erasure_id, member.member_id, erased_at, where, matters.points)
