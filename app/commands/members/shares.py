"""Keeps this till's shares of limited coupons: takes one of each, brings back what is over, few pieces at a time.

A share's id is made of the till, the code, the epoch of the till's store and the day, so that one whose answer was lost
is asked for again under the same id, and none is taken twice. Its uses stand in the till's sales; a share that an open
basket has a piece of stays. A store that was put back from a backup is in a new epoch: which pieces of its old shares
were used nobody knows here any more, so headquarters ends those, and new ones are taken.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final, Protocol

from app.checkout.member_ports import MemberOutbox, MemberStore
from app.commands.members.duties import NS
from app.members.ports import CouponLease, MemberKeeper, Reach, lease_name
from app.members.quotas import LeaseState
from app.sales.basket import Basket
from app.values.clock import Clock
from app.values.problems import Problem

_log: Final = logging.getLogger(__name__)

PIECES: Final = 5
"""Of a limited coupon that a till takes at a time: few, for what lies at one till no other can use."""

MOST_SHARES: Final = 8
"""Of one code that a till takes on one day."""

MOST_CODES: Final = 16
STORE_AGAIN_S: Final = 5.0


class ShareStore(MemberStore, MemberOutbox, Protocol):
    """What the till's store knows of shares and of the baskets that have pieces of them."""

    def epoch(self) -> int:
        """Return how often this till's store was restored or re-made, from 1."""

    def open_basket(self) -> Basket | None:
        """Return the basket that is being rung up."""

    def suspended_baskets(self) -> tuple[Basket, ...]:
        """Return the baskets put aside."""


@dataclass(frozen=True, slots=True)
class _Held:
    share: CouponLease
    used: int
    busy: bool
    """Whether an open basket has a piece."""

    def is_over(self, now: datetime) -> bool:
        lease = self.share.lease
        return not self.busy and (now >= lease.usable_until or self.used >= lease.granted)


_Call = Callable[[MemberKeeper], bool | None]
"""Asks one thing; returns whether it was answered, None where that cannot be told."""


class CouponShares:
    """A `Duty`: the till's shares of limited coupons."""

    def __init__(self, till_id: str, zone: tzinfo, clock: Clock, wake: Callable[[], object], every_s: float) -> None:
        """Prepare; the first look is due at once.

        Args:
            till_id: whose shares.
            zone: of the store, for the day in a share's id.
            clock: for that day, and for when a share is over.
            wake: makes the till's thread call `serve` soon; returns at once.
            every_s: the pause between two looks.
        """
        self._till_id = till_id
        self._zone = zone
        self._clock = clock
        self._wake = wake
        self._every_s = every_s
        self._lock = threading.Lock()
        self._asks_store = False
        self._next_ns = 0
        self._calls: deque[_Call] = deque()
        self._taken: list[CouponLease] = []
        self._over: list[str] = []

    # On the till's thread.

    def serve(self, store: ShareStore) -> None:
        """Keep what was taken and brought back, and look up what there is."""
        try:
            self._keep(store)
            with self._lock:
                asked, self._asks_store = self._asks_store, False
            if asked:
                self._plan(_held_by(store), store.epoch())
        except Problem as problem:
            _log.warning("coupon_shares_not_stored", extra={"code": problem.code})
            self._later(STORE_AGAIN_S)

    def _keep(self, store: ShareStore) -> None:
        with self._lock:
            taken, over = tuple(self._taken), tuple(self._over)
        for share in taken:
            store.keep_lease(share)
        for lease_id in over:
            store.lease_over(lease_id)
        with self._lock:
            self._taken = [share for share in self._taken if share not in taken]
            self._over = [lease_id for lease_id in self._over if lease_id not in over]

    def _plan(self, held: tuple[_Held, ...], epoch: int) -> None:
        now = self._clock.now()
        over = [one for one in held if one.is_over(now)]
        kept = frozenset(one.share.code for one in held if one not in over)
        with self._lock:
            self._calls.extend(self._bringing_back(one) for one in over)
            self._calls.append(self._asking_for_codes(kept, epoch))

    # On the desk's thread.

    def due_in_s(self) -> float | None:
        """See `Duty`."""
        with self._lock:
            if self._calls:
                return 0.0
            return max(0.0, (self._next_ns - self._clock.monotonic_ns()) / NS)

    def step(self, keeper: MemberKeeper) -> bool | None:
        """See `Duty`."""
        with self._lock:
            call = self._calls[0] if self._calls else None
            if call is None:
                self._asks_store = True
        if call is None:
            self._later(self._every_s)
            self._wake()
            return None
        answered = call(keeper)
        if answered is not False:
            with self._lock:
                self._calls.remove(call)
                stores = bool(self._taken or self._over)
            if stores:
                self._wake()
        return answered

    def _bringing_back(self, held: _Held) -> _Call:
        lease = held.share.lease

        def bring_back(keeper: MemberKeeper) -> bool:
            reach = keeper.bring_back(lease.lease_id, held.used)
            if reach is Reach.AWAY:
                return False
            if reach is not Reach.ANSWERED:
                _log.warning("coupon_share_not_known", extra={"lease": lease.lease_id, "answer": reach.value})
            with self._lock:
                self._over.append(lease.lease_id)
            return True

        return bring_back

    def _asking_for_codes(self, kept: frozenset[str], epoch: int) -> _Call:
        def ask(keeper: MemberKeeper) -> bool:
            codes = keeper.codes_to_lease(self._till_id, epoch)
            if codes is None:
                return False
            wanted = [code for code in dict.fromkeys(codes) if code not in kept][:MOST_CODES]
            with self._lock:
                self._calls.extend(self._taking(code, epoch, 1) for code in wanted)
            return True

        return ask

    def _taking(self, code: str, epoch: int, number: int) -> _Call:
        day = self._clock.now().astimezone(self._zone).date()
        lease_id = lease_name(self._till_id, code, epoch, day, number)

        def take(keeper: MemberKeeper) -> bool | None:
            share = keeper.lease(lease_id, code, self._till_id, PIECES)
            if share is None:
                # None is free, or nobody answered: asked again with the next look.
                return None
            if share.lease.state is not LeaseState.OPEN:
                # Brought back earlier today, or ended by headquarters.
                if number < MOST_SHARES:
                    with self._lock:
                        self._calls.append(self._taking(code, epoch, number + 1))
            elif share.lease.granted:
                with self._lock:
                    self._taken.append(share)
            return True

        return take

    def _later(self, pause_s: float) -> None:
        with self._lock:
            self._next_ns = self._clock.monotonic_ns() + int(pause_s * NS)


def _held_by(store: ShareStore) -> tuple[_Held, ...]:
    baskets = (store.open_basket(), *store.suspended_baskets())
    busy = {coupon.lease_id for basket in baskets if basket is not None for coupon in basket.coupons}
    return tuple(
        _Held(share, store.lease_used(share.lease.lease_id), share.lease.lease_id in busy)
        for share in store.coupon_leases()
    )
