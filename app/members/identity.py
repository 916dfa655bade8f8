"""Who a member is: the ways one is found, and what of a person may be seen.

Everything that names a person stands in fields without a repr. The shop's ledgers, sales and journals hold the
`member_id` alone, a reference that says nothing by itself (design decision 3).
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum
from typing import Final

from app.catalogue.codes import MemberCode
from app.catalogue.codes.check_digits import has_right_check_digit
from app.members.birthdays import Birthday
from app.members.phone_numbers import PhoneNumber, read_phone_number
from app.members.tiers import TierSpan
from app.values.problems import Problem
from app.values.wording import wording

_GSRN_LENGTH: Final = 18
_MOST_STARS: Final = 2
TELEPHONE_CODE_PREFIX: Final = "GM1"
"""How the code on a member's telephone begins, see `app.members.member_pass`."""


class BadMemberCode(Problem):
    """Raised when a code cannot be a member's."""

    code = "BAD-MEMBER-CODE"


class MemberNotKnown(Problem):
    """Raised when nobody is a member by what was asked for."""

    code = "MEMBER-NOT-KNOWN"


class FoundBy(Enum):
    """By what a member is found."""

    PHONE = "phone"
    CARD = "card"
    QR = "qr"
    """The code on the member's telephone, signed and good for a minute."""

    GSRN = "gsrn"
    """GS1 Global Service Relation Number, AI 8018: 18 digits, the last a check digit."""


@dataclass(frozen=True, slots=True)
class MemberKey:
    """What a member is looked for by."""

    found_by: FoundBy
    value: str = field(repr=False)
    """The number in E.164, the card's or telephone's whole code, or the GSRN. Names a person."""

    @property
    def masked(self) -> str:
        """The key as it may be shown."""
        if self.found_by is FoundBy.PHONE:
            return PhoneNumber(self.value).masked
        return f"****{self.value[-4:]}" if len(self.value) >= 8 else "****"

    def __str__(self) -> str:
        return self.masked


def key_of_code(code: MemberCode) -> MemberKey:
    """Return what a scanned member code looks for.

    Raises:
        BadMemberCode: if a GSRN has not 18 digits or its check digit is wrong (GS1 General Specifications 7.9).
    """
    if code.scheme == "gsrn":
        digits = code.code
        if not (
            len(digits) == _GSRN_LENGTH and digits.isascii() and digits.isdigit() and has_right_check_digit(digits)
        ):
            raise BadMemberCode(
                wording("The member number was not read right. Scan it again, or type the phone number.")
            )
        return MemberKey(FoundBy.GSRN, digits)
    if code.code.upper().startswith(TELEPHONE_CODE_PREFIX):
        return MemberKey(FoundBy.QR, code.code)
    return MemberKey(FoundBy.CARD, code.code)


def key_of_typed(text: str) -> MemberKey:
    """Return what a typed number looks for: a telephone number.

    Raises:
        BadPhoneNumber: if it is none.
    """
    return MemberKey(FoundBy.PHONE, read_phone_number(text).e164)


class Standing(Enum):
    """Whether a member may use what is theirs."""

    ACTIVE = "active"
    BLOCKED = "blocked"
    """By headquarters: found, greeted as any shopper, nothing spent."""

    ERASED = "erased"
    """The person is forgotten; the reference stands in the ledgers for ever."""


@dataclass(frozen=True, slots=True)
class Member:
    """A member as headquarters knows them, and a store keeps a copy of what it needs."""

    member_id: str
    """The reference; never used again for another person, never made from anything about this one."""

    name: str = field(default="", repr=False)
    phone: PhoneNumber | None = field(default=None, repr=False)
    cards: tuple[str, ...] = field(default=(), repr=False)
    gsrn: str | None = field(default=None, repr=False)
    birthday: Birthday | None = field(default=None, repr=False)
    tiers: tuple[TierSpan, ...] = ()
    """Every tier the member was on, and since when."""

    joined_at: datetime | None = None
    standing: Standing = Standing.ACTIVE

    @property
    def masked_name(self) -> str:
        """The name as it may be shown and said aloud: `王**`."""
        return mask_name(self.name)

    @property
    def masked_phone(self) -> str:
        """The number as it may be shown; empty where there is none."""
        return self.phone.masked if self.phone else ""

    def is_found_by(self, key: MemberKey) -> bool:
        """Tell whether a key is this member's; a signed code is resolved to a `member_id` before, see `member_pass`."""
        match key.found_by:
            case FoundBy.PHONE:
                return self.phone is not None and self.phone.e164 == key.value
            case FoundBy.CARD:
                return key.value in self.cards
            case FoundBy.GSRN:
                return self.gsrn == key.value
            case FoundBy.QR:
                return False

    def forgotten(self) -> "Member":
        """Return what stays of the member once erased: the reference."""
        return replace(
            self,
            name="",
            phone=None,
            cards=(),
            gsrn=None,
            birthday=None,
            joined_at=None,
            tiers=(),
            standing=Standing.ERASED,
        )


def mask_name(name: str) -> str:
    """Return a name with its first character and at most two stars, so that its length says nothing.

    >>> mask_name("王小明"), mask_name("李雷"), mask_name("Johnson"), mask_name(" ")
    ('王**', '李*', 'J**', '')
    """
    plain = name.strip()
    return plain[:1] + "*" * min(_MOST_STARS, max(1, len(plain) - 1)) if plain else ""
