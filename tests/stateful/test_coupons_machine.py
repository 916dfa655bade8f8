"""Coupons and limited offers among several tills: never redeemed beyond what is allowed, however the messages travel."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from app.members.coupon_life import CouponLife, RedemptionState
from app.members.coupon_problems import QuotaUsedUp
from app.members.coupons import ReturnRule
from app.members.quotas import LeaseState, Quota, TillLease, UseState

MAY = datetime(2026, 5, 1, tzinfo=UTC)
JUNE = datetime(2026, 6, 1, tzinfo=UTC)
SETTINGS = settings(max_examples=50, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck))
FINAL = {RedemptionState.REDEEMED, RedemptionState.LOST}


class CouponMachine(RuleBasedStateMachine):
    """One coupon, five sales that want it, and a line that repeats and delays."""

    @initialize(uses=st.integers(1, 3))
    def issues(self, uses: int) -> None:
        self.life = CouponLife("c-1", uses, MAY, JUNE, claimed_by="m-1")
        self.day = 0
        self.said: list = []
        self.sold: dict[str, int] = {}
        self.back: dict[str, ReturnRule] = {}

    @property
    def now(self) -> datetime:
        return MAY + timedelta(days=self.day)

    def send(self, message) -> None:
        self.said.append(message)
        self.arrive(message)

    def arrive(self, message) -> None:
        before = self.life
        self.life = message(before)
        assert message(self.life) == self.life
        for was in before.redemptions:
            now = self.life.find(was.redemption_id)
            assert was.state not in FINAL or now.state is was.state
            assert was.state is not RedemptionState.RELEASED or now.state is not RedemptionState.RESERVED

    @rule(days=st.integers(1, 12))
    def days_pass(self, days: int) -> None:
        self.day += days

    @rule(number=st.integers(1, 5))
    def a_basket_reserves(self, number: int) -> None:
        now = self.now
        self.send(lambda life: life.reserve(f"u-{number}", "m-1", now))

    @rule(number=st.integers(1, 5))
    def a_basket_lets_go(self, number: int) -> None:
        self.send(lambda life: life.release(f"u-{number}"))

    @rule(number=st.integers(1, 5))
    def a_sale_is_completed(self, number: int) -> None:
        name = f"u-{number}"
        if name not in self.sold:
            self.sold[name] = number * 100
            now = self.now
            self.send(lambda life: life.redeem(name, "m-1", f"sale-{number}", number * 100, now))

    @rule(number=st.integers(1, 5), outcome=st.sampled_from(ReturnRule), grace=st.none() | st.integers(0, 40))
    def everything_comes_back(self, number: int, outcome: ReturnRule, grace: int | None) -> None:
        name = f"u-{number}"
        outcome = self.back.setdefault(name, outcome)
        until = self.now + timedelta(days=grace) if grace is not None else None
        if name not in {one.redemption_id for one in self.life.redemptions if one.come_back}:
            self.send(lambda life: life.come_back(name, outcome, until))

    @rule()
    def headquarters_withdraws_it(self) -> None:
        self.send(lambda life: life.void())

    @rule(data=st.data())
    def a_message_comes_again(self, data) -> None:
        if self.said:
            message = data.draw(st.sampled_from(self.said))
            self.arrive(message)
            before = self.life
            self.arrive(message)
            assert self.life == before

    @invariant()
    def no_use_is_redeemed_twice(self) -> None:
        if not hasattr(self, "life"):
            return
        reserved = [one for one in self.life.redemptions if one.state is RedemptionState.RESERVED]
        redeemed = [one for one in self.life.redemptions if one.state is RedemptionState.REDEEMED]
        kept = [one for one in redeemed if self.back.get(one.redemption_id) is not ReturnRule.GIVE_BACK]
        assert len(reserved) + len(kept) + self.life.uses_left == self.life.uses
        assert self.life.uses_left >= 0
        by_state = {
            state: sum(one.cost_minor for one in self.life.redemptions if one.state is state) for state in FINAL
        }
        # Every sale stands, rightful or listed; nothing that was charged is changed.
        assert sum(by_state.values()) == sum(self.sold.values())
        for one in self.life.exceptions():
            assert self.sold[one.redemption_id] == one.cost_minor


class QuotaMachine(RuleBasedStateMachine):
    """A limited offer, three tills that lease parts of it, and messages that arrive in any order, more than once."""

    @initialize(pieces=st.integers(0, 12))
    def offers(self, pieces: int) -> None:
        self.quota = Quota("q-1", pieces)
        self.tills: dict[str, TillLease] = {}
        self.dead: set[str] = set()
        self.under_way: list = []
        self.arrived: list = []
        self.sold: dict[str, tuple[str, int]] = {}
        self.count = 0

    @rule(till=st.integers(1, 3), wanted=st.integers(1, 6))
    def a_till_leases(self, till: int, wanted: int) -> None:
        self.count += 1
        name = f"l-{self.count}"
        self.quota = self.quota.grant(name, f"0001-0{till}", wanted, JUNE)
        lease = self.quota.lease(name)
        assert lease.granted <= wanted
        self.tills[name] = TillLease(name, "q-1", lease.granted, JUNE)

    @rule(data=st.data(), completed=st.booleans())
    def a_basket_takes_a_piece(self, data, completed: bool) -> None:
        if not self.tills:
            return
        name = data.draw(st.sampled_from(sorted(self.tills)))
        self.count += 1
        use, lease = f"u-{self.count}", self.tills[name]
        try:
            lease = lease.reserve(use, MAY)
        except QuotaUsedUp:
            assert lease.left == 0
            return
        if completed:
            lease = lease.redeem(use)
            self.sold[use] = (name, self.count)
            cost = self.count
            self.under_way.append(lambda quota: quota.use(use, name, cost))
        else:
            lease = lease.release(use)
        self.tills[name] = lease

    @rule(data=st.data())
    def a_sale_is_returned(self, data) -> None:
        if self.sold:
            use = data.draw(st.sampled_from(sorted(self.sold)))
            self.under_way.append(lambda quota: quota.give_back(use))

    @rule(data=st.data())
    def a_till_brings_its_lease_back(self, data) -> None:
        if self.tills:
            name = data.draw(st.sampled_from(sorted(self.tills)))
            self.tills[name] = self.tills[name].end()
            used = len(self.tills[name].used)
            self.under_way.append(lambda quota: quota.bring_back(name, used))

    @rule(data=st.data())
    def a_till_is_lost_as_far_as_headquarters_knows(self, data) -> None:
        if self.tills:
            name = data.draw(st.sampled_from(sorted(self.tills)))
            self.dead.add(name)
            self.quota = self.quota.declare_dead(name)

    @rule(data=st.data())
    def a_message_arrives(self, data) -> None:
        if self.under_way:
            message = self.under_way.pop(data.draw(st.integers(0, len(self.under_way) - 1)))
            self.arrived.append(message)
            self.quota = message(self.quota)

    @rule(data=st.data())
    def a_message_comes_again(self, data) -> None:
        if self.arrived:
            before = self.quota
            self.quota = data.draw(st.sampled_from(self.arrived))(before)
            assert self.quota == before

    @invariant()
    def leases_and_uses_are_never_more_than_the_quota(self) -> None:
        if not hasattr(self, "quota"):
            return
        quota = self.quota
        back = {use.redemption_id for use in quota.uses if use.came_back}
        seen: Counter[str] = Counter()
        loose = 0
        for use in quota.uses:
            seen[use.lease_id] += use.state is UseState.COUNTED and use.redemption_id not in back
            loose += use.state is UseState.TAKEN_FREE and use.redemption_id not in back
        outstanding = sum(
            lease.granted - sum(u.lease_id == lease.lease_id and u.state is UseState.COUNTED for u in quota.uses)
            for lease in quota.leases
            if lease.state is LeaseState.OPEN
        )
        assert outstanding + sum(seen.values()) + loose <= quota.pieces
        assert 0 <= quota.committed <= quota.pieces
        assert quota.redeemed == sum(seen.values()) + loose <= quota.pieces
        for lease in self.tills.values():
            assert lease.left >= 0
            assert len(lease.used) <= lease.granted

    def teardown(self) -> None:
        if not hasattr(self, "quota"):
            return
        for message in self.under_way:
            self.quota = message(self.quota)
        for name, lease in self.tills.items():
            self.quota = self.quota.bring_back(name, len(lease.used))
        assert {use.redemption_id for use in self.quota.uses} == set(self.sold)
        cost = sum(use.cost_minor for use in self.quota.uses)
        assert cost == sum(cost for _, cost in self.sold.values())
        for use in self.quota.uses:
            # Only the sales of a till that was given up may have lost their piece.
            assert use.state is not UseState.LOST or use.lease_id in self.dead
        assert self.quota.redeemed <= self.quota.pieces


TestCoupon = CouponMachine.TestCase
TestQuota = QuotaMachine.TestCase
TestCoupon.settings = TestQuota.settings = SETTINGS
