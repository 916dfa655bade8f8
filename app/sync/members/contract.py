"""What tills and headquarters say to one another about members, version 1: one path, one question, one answer each.

    POST /members/1/<call>      Authorization: Bearer <the till's token>
    a JSON object               →  200 and a JSON object, or 4xx/5xx and {"code": …, "where": …}

Every call may be repeated with the same ids, any number of times, and has one effect (`app.members.ports`). A fact
(`take-in`, `take-back`) that cannot be read is answered 200 all the same: it is kept for a person, and holds nothing
up. Of any other call 400 says that it will never be understood, which is another thing than no answer. The till that
asks is the one of the token: a message that names another till is refused (403, with the token's till as `where`).

Personal data goes where it is needed alone: a member's own to the till at which they stand (`find`, `enrol`); in
everything else `member_id` stands for them.

The parts of the messages are the values of `app.members`; `tests/unit/app/sync` pins how they look on the wire, so that
a change of theirs is noticed as a change of the contract.
"""

from string import Formatter
from typing import Annotated, Final

import msgspec

from app.members.holds import GiveBackState, HoldState
from app.members.identity import Member, MemberKey
from app.members.ports import (
    AccountKind,
    CouponLease,
    CouponOffer,
    CouponReach,
    ErasedMembers,
    MemberAnswer,
    Reach,
    ReturnFacts,
    SaleFacts,
)
from app.members.privacy import Consent, Erasure
from app.members.signed_codes import IssuerKey
from app.sync.members.strict import LONGEST_ID
from app.values.wording import LocalizedText, Wording

PREFIX: Final = "/members/1/"

TILL_HEADER: Final = "Guitai-Till"
"""Says in each question which till asks: one that was given another's token is told so, and nothing else."""

Id = Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_ID)]
MaybeId = Annotated[str, msgspec.Meta(max_length=LONGEST_ID)]
Amount = Annotated[int, msgspec.Meta(ge=1)]


class Said(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Base of everything that is said."""


class Sentence(Said, frozen=True):
    """A translatable sentence: the till that shows it translates it."""

    message: str
    texts: tuple[tuple[str, str], ...] = ()
    numbers: tuple[tuple[str, int], ...] = ()
    names: tuple[tuple[str, LocalizedText], ...] = ()
    sentences: tuple[tuple[str, "Sentence"], ...] = ()


class FindAsk(Said, frozen=True):
    """Who is this?"""

    key: MemberKey


class EnrolAsk(Said, frozen=True):
    """A new member."""

    message_id: Id
    member: Member
    consents: tuple[Consent, ...]


class ConsentAsk(Said, frozen=True):
    """What a member said."""

    message_id: Id
    consent: Consent


class EraseAsk(Said, frozen=True):
    """A member is to be forgotten."""

    message_id: Id
    erasure: Erasure


class CodeAsk(Said, frozen=True):
    """What coupon is this?"""

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=512)]
    member_id: MaybeId = ""


class ReserveAsk(Said, frozen=True):
    """A use for a basket."""

    redemption_id: Id
    coupon_id: Id
    member_id: MaybeId = ""


class ReleaseAsk(Said, frozen=True):
    """A use that is not needed."""

    redemption_id: Id
    coupon_id: Id


class ErasedAsk(Said, frozen=True):
    """Who was forgotten since then?"""

    mark: Annotated[int, msgspec.Meta(ge=0)]


class CodesAsk(Said, frozen=True):
    """Of which codes should this till have a share?"""

    till_id: Id
    epoch: Annotated[int, msgspec.Meta(ge=1)]
    """Of the till's store: shares that it took in an earlier one are dead."""


class LeaseAsk(Said, frozen=True):
    """A share of a code."""

    lease_id: Id
    code: Annotated[str, msgspec.Meta(min_length=1, max_length=512)]
    till_id: Id
    wanted: Amount


class BringBackAsk(Said, frozen=True):
    """A share that comes back."""

    lease_id: Id
    used: Annotated[int, msgspec.Meta(ge=0)]


class SaleAsk(Said, frozen=True):
    """What a sale did."""

    facts: SaleFacts


class ReturnAsk(Said, frozen=True):
    """What a return took back."""

    facts: ReturnFacts


class LoadAsk(Said, frozen=True):
    """A paid loading."""

    loading_id: Id
    member_id: Id
    paid_minor: Amount


class RefundAsk(Said, frozen=True):
    """What is left of the paid part, to be handed out."""

    refund_id: Id
    member_id: Id


class LookUpAsk(Said, frozen=True):
    """What can be held?"""

    kind: AccountKind
    member_id: Id


class HoldAsk(Said, frozen=True):
    """An amount to be set aside."""

    kind: AccountKind
    hold_id: Id
    member_id: Id
    amount: Amount


class HoldIdAsk(Said, frozen=True):
    """Of `held`, `capture` and `let_go`: which hold."""

    kind: AccountKind
    hold_id: Id


class GiveBackAsk(Said, frozen=True):
    """An amount to be given back."""

    kind: AccountKind
    hold_id: Id
    give_back_id: Id
    amount: Amount


class GivenBackAsk(Said, frozen=True):
    """How does a giving back stand?"""

    kind: AccountKind
    hold_id: Id
    give_back_id: Id


class MemberSays(Said, frozen=True):
    """A member, or none."""

    answer: MemberAnswer


class ReachSays(Said, frozen=True):
    """What came of it."""

    reach: Reach


class ErasedSays(Said, frozen=True):
    """Who was forgotten, and what to ask with next."""

    erased: ErasedMembers


class CouponsSays(Said, frozen=True):
    """Coupons, or why none."""

    reach: Reach
    offers: tuple[CouponOffer, ...] = ()
    refusal: Sentence | None = None


class CouponSays(Said, frozen=True):
    """What came of a step with a coupon."""

    reach: CouponReach
    refusal: Sentence | None = None


class CodesSays(Said, frozen=True):
    """Codes."""

    codes: tuple[str, ...]


class LeaseSays(Said, frozen=True):
    """A share, or none."""

    lease: CouponLease | None


class PromotionsAsk(Said, frozen=True):
    """Which promotion rules hold?"""

    known: Annotated[str, msgspec.Meta(max_length=64)] = ""
    """The version that the till has; empty: none."""


class PromotionsSays(Said, frozen=True):
    """The rules that hold (`app.members.published_rules`)."""

    version: Annotated[str, msgspec.Meta(max_length=64)]
    packed: bytes = b""
    """The JSON, compressed (zlib); empty where the till has this version, or there is none."""


class KeysAsk(Said, frozen=True):
    """By which keys are signed codes known?"""


class KeysSays(Said, frozen=True):
    """Public keys."""

    keys: tuple[IssuerKey, ...]


class AccountSays(Said, frozen=True):
    """What can be held."""

    reach: Reach
    free: int = 0
    refusal: Sentence | None = None


class HoldSays(Said, frozen=True):
    """How a hold stands."""

    state: HoldState
    amount: int = 0
    reference: str = ""
    refusal: Sentence | None = None


class GiveBackSays(Said, frozen=True):
    """How a giving back stands."""

    state: GiveBackState
    amount: int = 0
    refusal: Sentence | None = None


class Trouble(Said, frozen=True):
    """What was wrong with a question."""

    code: str
    where: str = ""


CALLS: Final[dict[str, tuple[type[Said], type[Said]]]] = {
    "find": (FindAsk, MemberSays),
    "enrol": (EnrolAsk, MemberSays),
    "record-consent": (ConsentAsk, ReachSays),
    "erase": (EraseAsk, ReachSays),
    "erased-since": (ErasedAsk, ErasedSays),
    "of-code": (CodeAsk, CouponsSays),
    "reserve": (ReserveAsk, CouponSays),
    "release": (ReleaseAsk, CouponSays),
    "codes-to-lease": (CodesAsk, CodesSays),
    "lease": (LeaseAsk, LeaseSays),
    "bring-back": (BringBackAsk, ReachSays),
    "take-in": (SaleAsk, ReachSays),
    "take-back": (ReturnAsk, ReachSays),
    "load": (LoadAsk, ReachSays),
    "refund": (RefundAsk, ReachSays),
    "look-up": (LookUpAsk, AccountSays),
    "hold": (HoldAsk, HoldSays),
    "held": (HoldIdAsk, HoldSays),
    "capture": (HoldIdAsk, HoldSays),
    "let-go": (HoldIdAsk, HoldSays),
    "give-back": (GiveBackAsk, GiveBackSays),
    "given-back": (GivenBackAsk, GiveBackSays),
    "promotions": (PromotionsAsk, PromotionsSays),
    "issuer-keys": (KeysAsk, KeysSays),
}
"""Each call with what it asks and what is answered."""


def sentence_of(refusal: Wording | None) -> Sentence | None:
    """Return a sentence as it goes over the wire."""
    if refusal is None:
        return None
    values = refusal.values
    return Sentence(
        refusal.message,
        tuple((name, value) for name, value in values if isinstance(value, str)),
        tuple((name, value) for name, value in values if isinstance(value, int)),
        tuple((name, value) for name, value in values if isinstance(value, LocalizedText)),
        tuple((name, inner) for name, value in values if isinstance(value, Wording) and (inner := sentence_of(value))),
    )


def wording_of(sentence: Sentence | None) -> Wording | None:
    """Return a sentence as screens know it.

    Raises:
        ValueError: if it has a place that nothing is there for, or one that would look into a value.
    """
    if sentence is None:
        return None
    inner = tuple((name, wording_of(one)) for name, one in sentence.sentences)
    values: tuple[tuple[str, str | int | LocalizedText | Wording], ...] = (
        *sentence.texts,
        *sentence.numbers,
        *sentence.names,
        *((name, one) for name, one in inner if one is not None),
    )
    known = {name for name, _ in values}
    for _, place, form, conversion in Formatter().parse(sentence.message) if values else ():
        if place is not None and (place not in known or form or conversion):
            raise ValueError("a sentence names what it holds, and no more")
    return Wording(sentence.message, values)
