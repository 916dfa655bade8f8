"""The life of one coupon, at whoever keeps it: issued, claimed, reserved, redeemed; let go, withdrawn, over.

As a whole a coupon is ISSUED, CLAIMED by a member, USED_UP, VOIDED or EXPIRED (`CouponLife.standing`). Each use of it
is a redemption with an id of its own that the till gave before it asked:

| happens   | unknown id        | RESERVED | REDEEMED | LOST | RELEASED        | REFUSED         |
|-----------|-------------------|----------|----------|------|-----------------|-----------------|
| `reserve` | RESERVED, REFUSED | RESERVED | REDEEMED | LOST | RELEASED        | REFUSED         |
| `redeem`  | REDEEMED, LOST¹   | REDEEMED | REDEEMED | LOST | REDEEMED, LOST¹ | REDEEMED, LOST¹ |
| `release` | RELEASED²         | RELEASED | REDEEMED | LOST | RELEASED        | REFUSED         |
| `come_back` | kept³           | kept³    | done     | done⁴ | kept³          | kept³           |

 1 a redeem is a completed sale: a fact, whatever was reserved. It takes a use where one is left; else it is LOST,
   which is an exception with its cost for a person to work off, and the sale stays as it is. 2 and stays so: a
   `reserve` that was under way and arrives later reserves nothing. 3 until the sale itself arrives, and done then. 4
   what it cost has come back: the exception closes itself.

A reservation is ended by these messages alone, never by a clock; what is reserved in time may be redeemed after the
coupon's end or withdrawal. First come, first served: which of several sales of its member keeps the use hangs on the
order of arrival, how many of them do never does. Every message repeated, at any later time, changes nothing.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

from app.members.coupon_problems import (
    CouponRefused,
    Expired,
    NotClaimed,
    NotYetValid,
    OtherMember,
    UsedAlready,
    Voided,
)
from app.members.coupons import CouponForm, ReturnRule
from app.members.ledger_entries import ReusedMessage
from app.values.wording import Wording, wording


class RedemptionState(Enum):
    """How one use stands."""

    UNSEEN = "unseen"
    """Only its return has come so far."""

    RESERVED = "reserved"
    REDEEMED = "redeemed"
    LOST = "lost"
    RELEASED = "released"
    REFUSED = "refused"


class CouponStanding(Enum):
    """How a coupon stands as a whole."""

    ISSUED = "issued"
    CLAIMED = "claimed"
    USED_UP = "used_up"
    VOIDED = "voided"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Redemption:
    """One use of a coupon, or the try at one."""

    redemption_id: str
    state: RedemptionState
    member_id: str = ""
    sale_id: str = ""
    """Of REDEEMED and LOST."""

    cost_minor: int = 0
    come_back: ReturnRule | None = None
    """What its return made of it."""

    reason: str = ""
    """Of LOST and REFUSED: the code of why."""

    @property
    def takes_a_use(self) -> bool:
        """Whether the coupon has one use less for it."""
        if self.state is RedemptionState.REDEEMED:
            return self.come_back is not ReturnRule.GIVE_BACK
        return self.state is RedemptionState.RESERVED

    @property
    def is_open_exception(self) -> bool:
        """Whether it took something off a sale without a right to, and that has not come back."""
        return self.state is RedemptionState.LOST and self.come_back is None


@dataclass(frozen=True, slots=True)
class LostRace:
    """An exception for a person to work off: a sale took a coupon off that somebody else had used."""

    coupon_id: str
    redemption_id: str
    sale_id: str
    cost_minor: int
    reason: str

    @property
    def sentence(self) -> Wording:
        """What happened, and what to do."""
        return wording(
            "Coupon {coupon} had no use left for sale {sale}. The sale stands. Book the cost, or ask the store.",
            coupon=self.coupon_id,
            sale=self.sale_id,
        )


@dataclass(frozen=True, slots=True)
class CouponLife:
    """Everything that happened to one coupon; each method returns the life after a message."""

    coupon_id: str
    uses: int
    valid_from: datetime
    valid_until: datetime
    """The first instant nothing can be reserved any more; a use that comes back may move it."""

    must_be_claimed: bool = True
    claimed_by: str = ""
    voided: bool = False
    redemptions: tuple[Redemption, ...] = ()
    """In the order in which they were first heard of."""

    @classmethod
    def issued(cls, coupon_id: str, form: CouponForm, member_id: str = "") -> "CouponLife":
        """Return a new coupon of a form; with a member it is claimed from the beginning."""
        return cls(coupon_id, form.uses, form.valid_from, form.valid_until, form.must_be_claimed, member_id)

    @property
    def uses_left(self) -> int:
        """How many uses nobody has or reserved; never below zero."""
        return self.uses - sum(one.takes_a_use for one in self.redemptions)

    def find(self, redemption_id: str) -> Redemption | None:
        """Return a use by its id."""
        return next((one for one in self.redemptions if one.redemption_id == redemption_id), None)

    def standing(self, at: datetime) -> CouponStanding:
        """Return how the coupon stands at an instant."""
        if self.voided:
            return CouponStanding.VOIDED
        if not self.uses_left:
            return CouponStanding.USED_UP
        if at >= self.valid_until:
            return CouponStanding.EXPIRED
        return CouponStanding.CLAIMED if self.claimed_by else CouponStanding.ISSUED

    def why_not(self, member_id: str, at: datetime) -> CouponRefused | None:
        """Return what keeps a member from using it now; None where nothing does."""
        if self.voided:
            return Voided()
        if self.claimed_by and member_id != self.claimed_by:
            return OtherMember()
        if self.must_be_claimed and not self.claimed_by:
            return NotClaimed()
        if at < self.valid_from:
            return NotYetValid(self.valid_from.date().isoformat())
        if at >= self.valid_until:
            return Expired(self.valid_until.date().isoformat())
        return UsedAlready() if self.uses_left <= 0 else None

    def claim(self, member_id: str, at: datetime) -> "CouponLife":
        """Make it a member's; claimed again by the same member it is the same.

        Raises:
            CouponRefused: if it is another member's, withdrawn or over.
        """
        if self.claimed_by == member_id:
            return self
        refusal = self.why_not(member_id, at)
        if refusal is not None and not isinstance(refusal, NotClaimed | NotYetValid):
            raise refusal
        if at >= self.valid_until:
            raise Expired(self.valid_until.date().isoformat())
        return replace(self, claimed_by=member_id)

    def void(self) -> "CouponLife":
        """Withdraw it: nothing more is reserved; what is reserved may still be redeemed."""
        return replace(self, voided=True)

    def reserve(self, redemption_id: str, member_id: str, at: datetime) -> "CouponLife":
        """Set a use aside while a sale goes on; see `find` for what came of it.

        Raises:
            ReusedMessage: if the id is another member's.
        """
        known = self.find(redemption_id)
        if known is None or known.state is RedemptionState.UNSEEN:
            refusal = self.why_not(member_id, at)
            state = RedemptionState.RESERVED if refusal is None else RedemptionState.REFUSED
            return self._with(
                Redemption(
                    redemption_id,
                    state,
                    member_id,
                    come_back=known.come_back if known else None,
                    reason=refusal.code if refusal else "",
                )
            )
        if known.member_id != member_id and known.member_id:
            raise ReusedMessage(f"{redemption_id} is of another member")
        return self

    def redeem(self, redemption_id: str, member_id: str, sale_id: str, cost_minor: int, at: datetime) -> "CouponLife":
        """Take a completed sale in; `at` is when it took the coupon.

        Raises:
            ReusedMessage: if the redemption is known from another sale or with another cost.
        """
        if cost_minor < 0:
            raise ValueError("a coupon does not take less than nothing off")
        known = self.find(redemption_id) or Redemption(redemption_id, RedemptionState.UNSEEN)
        if known.state in {RedemptionState.REDEEMED, RedemptionState.LOST}:
            if (known.sale_id, known.cost_minor) != (sale_id, cost_minor):
                raise ReusedMessage(f"{redemption_id} came with another sale or cost before")
            return self
        # Who used it at a till without asking has claimed it by that.
        claims = self.must_be_claimed and not self.claimed_by
        claiming = replace(self, claimed_by=member_id) if claims else self
        refusal = None if known.state is RedemptionState.RESERVED else claiming.why_not(member_id, at)
        life = claiming if refusal is None else self
        redemption = replace(
            known,
            state=RedemptionState.REDEEMED if refusal is None else RedemptionState.LOST,
            member_id=member_id,
            sale_id=sale_id,
            cost_minor=cost_minor,
            reason=refusal.code if refusal else "",
        )
        return replace(life, redemptions=self._redemptions_with(redemption))

    def release(self, redemption_id: str) -> "CouponLife":
        """Let a reservation go, or keep one that is under way from ever holding anything."""
        known = self.find(redemption_id) or Redemption(redemption_id, RedemptionState.UNSEEN)
        if known.state in {RedemptionState.UNSEEN, RedemptionState.RESERVED}:
            return self._with(replace(known, state=RedemptionState.RELEASED))
        return self

    def come_back(self, redemption_id: str, outcome: ReturnRule, usable_until: datetime | None = None) -> "CouponLife":
        """Take in that everything a use had taken off was returned.

        Args:
            redemption_id: the use.
            outcome: what the coupon's form says of it.
            usable_until: of GIVE_BACK: until when it can be used at least.

        Raises:
            ReusedMessage: if another outcome came before.
        """
        known = self.find(redemption_id) or Redemption(redemption_id, RedemptionState.UNSEEN)
        if known.come_back is not None:
            if known.come_back is not outcome:
                raise ReusedMessage(f"{redemption_id} came back with another outcome before")
            return self
        longer = outcome is ReturnRule.GIVE_BACK and usable_until is not None
        until = max(self.valid_until, usable_until) if longer and usable_until else self.valid_until
        redemptions = self._redemptions_with(replace(known, come_back=outcome))
        return replace(self, valid_until=until, redemptions=redemptions)

    def exceptions(self) -> tuple[LostRace, ...]:
        """Return what a person has to work off."""
        return tuple(
            LostRace(self.coupon_id, one.redemption_id, one.sale_id, one.cost_minor, one.reason)
            for one in self.redemptions
            if one.is_open_exception
        )

    def _with(self, redemption: Redemption) -> "CouponLife":
        return replace(self, redemptions=self._redemptions_with(redemption))

    def _redemptions_with(self, redemption: Redemption) -> tuple[Redemption, ...]:
        if self.find(redemption.redemption_id) is None:
            return (*self.redemptions, redemption)
        return tuple(redemption if one.redemption_id == redemption.redemption_id else one for one in self.redemptions)
