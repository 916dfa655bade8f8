"""The code on a member's telephone: signed by headquarters, good for a minute: a picture of it is worth nothing."""

from datetime import datetime, timedelta
from typing import ClassVar, Final

from app.members.coupon_problems import OtherShop
from app.members.identity import TELEPHONE_CODE_PREFIX, BadMemberCode, FoundBy, MemberKey
from app.members.signed_codes import IssuerKeys, Terms, read
from app.values.problems import Problem
from app.values.wording import wording

CLOCKS_DIFFER_BY: Final = timedelta(minutes=2)
"""How far the till's clock and headquarters' may be apart before a fresh code is refused."""


class PassOver(Problem):
    """Raised when a code on a telephone is too old, or from a clock that is ahead."""

    code = "MEMBER-PASS-OVER"


class MemberPassTerms(Terms, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What a member's code says."""

    PURPOSE: ClassVar[str] = "member-pass"
    PREFIX: ClassVar[str] = TELEPHONE_CODE_PREFIX

    member_id: str
    good_for_s: int = 60


def read_member_pass(key: MemberKey, keys: IssuerKeys, merchant_id: str, at: datetime) -> str:
    """Return the `member_id` that a code on a telephone is for; asks nobody.

    Raises:
        BadMemberCode: if the key is no such code.
        PassOver: if it is too old, or issued in the future, by more than clocks differ.
        CouponRefused: if it is not readable, not signed by a key of this shop, or changed.
    """
    if key.found_by is not FoundBy.QR:
        raise BadMemberCode(wording("This is not the code of the member's telephone. Open it there and scan it."))
    signed = read(MemberPassTerms, key.value)
    signed.verify(keys)
    terms = signed.terms
    if terms.merchant_id != merchant_id:
        raise OtherShop
    age_s = at.timestamp() - terms.issued_at
    slack_s = CLOCKS_DIFFER_BY.total_seconds()
    if not -slack_s <= age_s < terms.good_for_s + slack_s:
        raise PassOver(wording("The code on the telephone is no longer good. Let it show a new one and scan that."))
    return terms.member_id
