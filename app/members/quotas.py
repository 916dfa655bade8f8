"""Limited offers shared out to tills: a quota at headquarters, leases of parts of it, and their uses.

    Σ open leases' grants + uses of ended leases + uses without a lease − what came back  ≤  quota, always

A till may use what it leases without asking. A lease ends in two ways, never by a clock at headquarters:
* RETURNED: the till says how many it used; the rest is free again, and uses under way still arrive up to that number.
* DEAD: the till's epoch is over (its store was lost); what has arrived so far counts, the rest is free again.

The till itself stops at `usable_until`, by its own clock: that makes it bring the lease back, it frees nothing by
itself.

A use is part of a completed sale, a fact. One that has no room (more than the lease, a dead till that comes back)
takes a free piece of the quota where there is one, and is LOST otherwise: an exception with its cost, never a changed
sale. Messages may come more than once and late; a repeated one changes nothing.
"""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

from app.members.coupon_problems import QuotaUsedUp, UsedAlready
from app.members.ledger_entries import ReusedMessage


class LeaseState(Enum):
    """How a lease stands at headquarters."""

    OPEN = "open"
    RETURNED = "returned"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Lease:
    """A part of a quota that a till may use without asking."""

    lease_id: str
    till_id: str
    granted: int
    usable_until: datetime
    """The first instant the till uses it no more."""

    state: LeaseState = LeaseState.OPEN
    said_used: int = 0
    """Of RETURNED: how many uses the till said it made, at most what was granted."""


class UseState(Enum):
    """What headquarters says of a use."""

    UNSEEN = "unseen"
    """Only its return has come so far."""

    COUNTED = "counted"
    """Within its lease."""

    TAKEN_FREE = "taken_free"
    """Without room in a lease, out of what was free."""

    LOST = "lost"


@dataclass(frozen=True, slots=True)
class QuotaUse:
    """One use of a quota."""

    redemption_id: str
    state: UseState
    lease_id: str = ""
    cost_minor: int = 0
    came_back: bool = False
    """Whether its return gave it back."""


@dataclass(frozen=True, slots=True)
class Quota:
    """A limited offer at headquarters; each method returns the quota after a message."""

    quota_id: str
    pieces: int
    leases: tuple[Lease, ...] = ()
    uses: tuple[QuotaUse, ...] = ()

    def __post_init__(self) -> None:
        if self.pieces < 0:
            raise ValueError("a quota has no piece or more")

    @property
    def committed(self) -> int:
        """How many pieces are used, or leased and may be; never more than the quota."""
        seen, back = self._counts()
        of_leases = sum(_claim_of(lease, seen[lease.lease_id]) - back[lease.lease_id] for lease in self.leases)
        loose = sum(use.state is UseState.TAKEN_FREE and not use.came_back for use in self.uses)
        return of_leases + loose

    @property
    def free(self) -> int:
        """How many pieces can be leased."""
        return self.pieces - self.committed

    @property
    def redeemed(self) -> int:
        """How many uses stand: rightful ones that did not come back."""
        rightful = {UseState.COUNTED, UseState.TAKEN_FREE}
        return sum(use.state in rightful and not use.came_back for use in self.uses)

    def lease(self, lease_id: str) -> Lease | None:
        """Return a lease by its id."""
        return next((one for one in self.leases if one.lease_id == lease_id), None)

    def find(self, redemption_id: str) -> QuotaUse | None:
        """Return a use by its id."""
        return next((one for one in self.uses if one.redemption_id == redemption_id), None)

    def grant(self, lease_id: str, till_id: str, wanted: int, usable_until: datetime) -> "Quota":
        """Lease up to as many pieces as wanted; fewer, or none, where fewer are free. See `lease` for how many.

        Raises:
            ReusedMessage: if the id is another till's.
        """
        if wanted <= 0:
            raise ValueError("a lease is of a piece or more")
        known = self.lease(lease_id)
        if known is not None:
            if known.till_id != till_id:
                raise ReusedMessage(f"{lease_id} is another till's")
            return self
        granted = Lease(lease_id, till_id, min(wanted, self.free), usable_until)
        return replace(self, leases=(*self.leases, granted))

    def use(self, redemption_id: str, lease_id: str, cost_minor: int) -> "Quota":
        """Take in that a completed sale used a piece.

        Raises:
            ReusedMessage: if the redemption came with another lease or cost before.
        """
        known = self.find(redemption_id) or QuotaUse(redemption_id, UseState.UNSEEN)
        if known.state is not UseState.UNSEEN:
            if (known.lease_id, known.cost_minor) != (lease_id, cost_minor):
                raise ReusedMessage(f"{redemption_id} came with another lease or cost before")
            return self
        lease = self.lease(lease_id)
        seen, _ = self._counts()
        if lease is not None and seen[lease_id] < _room_of(lease, seen[lease_id]):
            state = UseState.COUNTED
        else:
            state = UseState.TAKEN_FREE if self.free > 0 else UseState.LOST
        return self._with(replace(known, state=state, lease_id=lease_id, cost_minor=cost_minor))

    def bring_back(self, lease_id: str, used: int) -> "Quota":
        """Take in that a till ends a lease and how often it used it; its other pieces are free again.

        A lease that is dead stays dead, one that was never granted is none. More than was granted is cut: the uses
        beyond it come with their sales, and are lost or take what is free.

        Raises:
            ReusedMessage: if the till said another number before.
        """
        if used < 0:
            raise ValueError("a lease is not used less than never")
        lease = self.lease(lease_id)
        if lease is None or lease.state is LeaseState.DEAD:
            return self
        said = min(used, lease.granted)
        if lease.state is LeaseState.RETURNED:
            if lease.said_used != said:
                raise ReusedMessage(f"{lease_id} was brought back with another count before")
            return self
        return self._with_lease(replace(lease, state=LeaseState.RETURNED, said_used=said))

    def declare_dead(self, lease_id: str) -> "Quota":
        """Take in that the till's epoch is over and nothing more of it is to be expected."""
        lease = self.lease(lease_id)
        if lease is None or lease.state is not LeaseState.OPEN:
            return self
        return self._with_lease(replace(lease, state=LeaseState.DEAD))

    def give_back(self, redemption_id: str) -> "Quota":
        """Take in that a return gave a use back; before its sale it waits for it."""
        known = self.find(redemption_id) or QuotaUse(redemption_id, UseState.UNSEEN)
        return self._with(replace(known, came_back=True))

    def lost(self) -> tuple[QuotaUse, ...]:
        """Return the exceptions: uses without a right to, that have not come back."""
        return tuple(use for use in self.uses if use.state is UseState.LOST and not use.came_back)

    def _counts(self) -> tuple[Counter[str], Counter[str]]:
        """Return how many uses of each lease were counted, and how many of those came back."""
        counted = [use for use in self.uses if use.state is UseState.COUNTED]
        return Counter(use.lease_id for use in counted), Counter(use.lease_id for use in counted if use.came_back)

    def _with(self, use: QuotaUse) -> "Quota":
        if self.find(use.redemption_id) is None:
            return replace(self, uses=(*self.uses, use))
        return replace(self, uses=tuple(use if one.redemption_id == use.redemption_id else one for one in self.uses))

    def _with_lease(self, lease: Lease) -> "Quota":
        return replace(self, leases=tuple(lease if one.lease_id == lease.lease_id else one for one in self.leases))


def _claim_of(lease: Lease, seen: int) -> int:
    """Return how many pieces a lease takes out of the quota, with those that came back."""
    return lease.granted if lease.state is LeaseState.OPEN else _room_of(lease, seen)


def _room_of(lease: Lease, seen: int) -> int:
    """Return how many uses a lease can have."""
    match lease.state:
        case LeaseState.OPEN:
            return lease.granted
        case LeaseState.RETURNED:
            return max(lease.said_used, seen)
        case LeaseState.DEAD:
            return seen


@dataclass(frozen=True, slots=True)
class TillLease:
    """The till's side of a lease; each method returns the lease after a step."""

    lease_id: str
    quota_id: str
    granted: int
    usable_until: datetime
    reserved: frozenset[str] = frozenset()
    """Redemptions of open baskets."""

    used: frozenset[str] = frozenset()
    """Redemptions of completed sales."""

    ended: bool = False
    """Whether it was brought back."""

    @property
    def left(self) -> int:
        """How many pieces can be used."""
        return 0 if self.ended else self.granted - len(self.reserved) - len(self.used)

    def reserve(self, redemption_id: str, at: datetime) -> "TillLease":
        """Set a piece aside for a basket; the same redemption has one piece however often it asks.

        Raises:
            QuotaUsedUp: if none is left, or the lease is over.
            UsedAlready: if the redemption's sale is completed.
        """
        if redemption_id in self.used:
            raise UsedAlready
        if redemption_id in self.reserved:
            return self
        if self.left <= 0 or at >= self.usable_until:
            raise QuotaUsedUp
        return replace(self, reserved=self.reserved | {redemption_id})

    def release(self, redemption_id: str) -> "TillLease":
        """Let a basket's piece go; one that was used stays used."""
        return replace(self, reserved=self.reserved - {redemption_id})

    def redeem(self, redemption_id: str) -> "TillLease":
        """Take in that the sale is completed; what was reserved in time is used whatever the clock says by now.

        Raises:
            ValueError: if it was not reserved: a sale holds no piece that the till did not set aside.
        """
        if redemption_id in self.used:
            return self
        if redemption_id not in self.reserved:
            raise ValueError("a piece is reserved before it is used")
        return replace(self, reserved=self.reserved - {redemption_id}, used=self.used | {redemption_id})

    def must_end(self, at: datetime) -> bool:
        """Tell whether it is time to bring it back: over, and no basket needs it any more."""
        return not self.ended and not self.reserved and at >= self.usable_until

    def end(self) -> "TillLease":
        """Bring it back; what headquarters is told is `len(used)`.

        Raises:
            ValueError: while a basket has a piece of it.
        """
        if self.reserved:
            raise ValueError("a basket still has a piece of this lease")
        return replace(self, ended=True)
