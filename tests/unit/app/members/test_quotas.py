"""Limited offers: what tills lease and use is never more than there is."""

from datetime import UTC, datetime, timedelta

import pytest

from app.members.coupon_problems import QuotaUsedUp, UsedAlready
from app.members.ledger_entries import ReusedMessage
from app.members.quotas import LeaseState, Quota, TillLease, UseState

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
EVENING = NOON + timedelta(hours=8)


@pytest.fixture
def quota() -> Quota:
    """Ten pieces: six at the first till, the last four at the second, which wanted six."""
    return Quota("q-1", 10).grant("l-1", "0001-01", 6, EVENING).grant("l-2", "0001-02", 6, EVENING)


def test_a_lease_is_of_what_is_free(quota: Quota) -> None:
    assert [lease.granted for lease in quota.leases] == [6, 4]
    assert quota.free == 0
    assert quota.grant("l-3", "0001-03", 1, EVENING).lease("l-3").granted == 0
    assert quota.grant("l-1", "0001-01", 99, EVENING) == quota
    with pytest.raises(ReusedMessage):
        quota.grant("l-1", "0001-02", 6, EVENING)


def test_what_a_till_did_not_use_is_free_again_and_late_sales_still_have_their_piece(quota: Quota) -> None:
    quota = quota.use("u-1", "l-1", 500).bring_back("l-1", 3)
    assert (quota.free, quota.lease("l-1").state) == (3, LeaseState.RETURNED)
    quota = quota.use("u-2", "l-1", 500).use("u-3", "l-1", 500)
    assert (quota.free, quota.redeemed) == (3, 3)
    # A fourth was not said: it takes a free piece.
    quota = quota.use("u-4", "l-1", 500)
    assert quota.find("u-4").state is UseState.TAKEN_FREE
    assert (quota.free, quota.redeemed) == (2, 4)


def test_a_dead_tills_rest_is_free_and_its_late_sales_are_exceptions_where_nothing_is_left(quota: Quota) -> None:
    quota = quota.use("u-1", "l-1", 500).declare_dead("l-1")
    assert quota.free == 5
    quota = quota.grant("l-3", "0001-03", 5, EVENING).use("u-2", "l-1", 700)
    assert [(use.redemption_id, use.cost_minor) for use in quota.lost()] == [("u-2", 700)]
    assert quota.bring_back("l-1", 6) == quota
    assert quota.give_back("u-2").lost() == ()


def test_a_use_that_comes_back_is_free_again_once(quota: Quota) -> None:
    quota = quota.use("u-1", "l-1", 500).give_back("u-1").give_back("u-1")
    assert (quota.free, quota.redeemed) == (1, 0)
    early = Quota("q-1", 1).give_back("u-1").grant("l-1", "0001-01", 1, EVENING).use("u-1", "l-1", 5)
    assert (early.free, early.redeemed) == (1, 0)


def test_a_till_that_says_more_than_it_had_is_held_to_what_it_had(quota: Quota) -> None:
    quota = quota.bring_back("l-2", 99)
    assert quota.free == 0
    assert quota.bring_back("l-9", 3) == quota
    with pytest.raises(ReusedMessage):
        quota.bring_back("l-2", 1)
    with pytest.raises(ReusedMessage):
        quota.use("u-1", "l-1", 5).use("u-1", "l-1", 6)


def test_a_till_that_says_less_than_has_arrived_is_held_to_what_has(quota: Quota) -> None:
    quota = quota.use("u-1", "l-2", 5).use("u-2", "l-2", 5).bring_back("l-2", 1)
    assert quota.free == 2
    assert quota.use("u-3", "l-2", 5).find("u-3").state is UseState.TAKEN_FREE


def test_the_tills_side_uses_no_more_than_it_has() -> None:
    lease = TillLease("l-1", "q-1", 2, EVENING).reserve("u-1", NOON).reserve("u-1", NOON).reserve("u-2", NOON)
    with pytest.raises(QuotaUsedUp):
        lease.reserve("u-3", NOON)
    lease = lease.release("u-2").redeem("u-1").redeem("u-1")
    assert lease.left == 1
    assert lease.release("u-1") == lease
    with pytest.raises(UsedAlready):
        lease.reserve("u-1", NOON)
    with pytest.raises(QuotaUsedUp):
        lease.reserve("u-3", EVENING)
    with pytest.raises(ValueError, match="reserved before"):
        lease.redeem("u-3")


def test_a_lease_ends_once_no_basket_needs_it() -> None:
    lease = TillLease("l-1", "q-1", 2, EVENING).reserve("u-1", NOON)
    assert not lease.must_end(EVENING)
    with pytest.raises(ValueError, match="basket"):
        lease.end()
    lease = lease.redeem("u-1")  # completed after the end: it was reserved in time
    assert lease.must_end(EVENING)
    assert not lease.must_end(NOON)
    ended = lease.end()
    assert (ended.left, len(ended.used), ended.must_end(EVENING)) == (0, 1, False)
