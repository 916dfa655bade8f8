"""Coupons and limited codes at any keeper: reserve, redeem, release, come back, share out, compare."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.headquarters.members import CampaignArm, ExceptionKind, KeeperRefused
from app.members.coupon_problems import Forged, MemberLimitReached, OtherMember, OtherShop, UsedAlready
from app.members.coupons import Arm, Benefit, BenefitKind, LetGo, Proof, ReturnRule, arm_of
from app.members.entitlements import Place, Presented, check_signed
from app.members.identity import FoundBy, MemberKey
from app.members.phone_numbers import PhoneNumber
from app.members.ports import CouponReach, Reach, lease_name
from app.members.quotas import LeaseState
from app.members.signed_codes import IssuerKey, IssuerKeys

DONE, REFUSED = CouponReach.DONE, CouponReach.REFUSED
OPEN_TO_ALL = {"must_be_claimed": False}


class NothingSeen:
    """A till that sold nothing yet."""

    def of_coupon(self, coupon_id: str) -> int:
        return 0

    def of_coupon_here(self, coupon_id: str) -> int:
        return 0

    def of_form_by(self, form_id: str, member_id: str) -> int:
        return 0


def offered(shop, make) -> list[str]:
    return [offer.coupon_id for offer in shop.keeper.find(make.by_phone).coupons]


def test_a_members_coupons_are_found_with_them_those_that_end_first_first(shop, make):
    shop.join()
    late = shop.coupon()
    soon = shop.coupon(form_id="soon", valid_until=make.now + timedelta(days=2))
    shop.coupon(form_id="over", valid_until=make.now - timedelta(days=1))
    shop.coupon(form_id="next-month", valid_from=make.now + timedelta(days=9))
    shop.coupon(form_id="other-store", stores=(2, 3))
    shop.coupon(form_id="nobodys", member_id="")
    assert offered(shop, make) == [soon, late]


def test_a_reserved_coupon_is_offered_to_nobody_else_until_it_is_let_go(shop, make):
    shop.join()
    coupon_id = shop.coupon()
    assert shop.keeper.reserve("u-1", coupon_id, "m-1").reach is DONE
    assert shop.keeper.reserve("u-1", coupon_id, "m-1").reach is DONE
    assert offered(shop, make) == []
    second = shop.keeper.reserve("u-2", coupon_id, "m-1")
    assert (second.reach, second.refusal) == (REFUSED, UsedAlready().sentence)
    assert shop.keeper.release("u-1", coupon_id).reach is DONE
    assert offered(shop, make) == [coupon_id]
    assert shop.keeper.reserve("u-1", coupon_id, "m-1").reach is REFUSED
    assert shop.keeper.reserve("u-3", coupon_id, "m-1").reach is DONE


def test_a_release_that_overtakes_its_reservation_keeps_it_from_holding_anything(shop, make):
    shop.join()
    coupon_id = shop.coupon()
    assert shop.keeper.release("u-1", coupon_id).reach is DONE
    assert shop.keeper.reserve("u-1", coupon_id, "m-1").reach is REFUSED
    assert offered(shop, make) == [coupon_id]


def test_a_sale_redeems_its_coupon_once_however_often_it_is_told(shop, make):
    shop.join()
    coupon_id = shop.coupon()
    shop.keeper.reserve("u-1", coupon_id, "m-1")
    facts = make.sale(coupons=(make.use("u-1", coupon_id),))
    for _ in range(3):
        assert shop.keeper.take_in(facts) is Reach.ANSWERED
    assert offered(shop, make) == []
    assert shop.book.exceptions() == ()
    assert shop.keeper.reserve("u-1", coupon_id, "m-1").reach is DONE  # its own, long redeemed


def test_the_second_sale_with_one_coupon_stands_and_is_an_exception_with_its_cost(shop, make):
    shop.join()
    coupon_id = shop.coupon()
    shop.keeper.take_in(make.sale("s-1", coupons=(make.use("u-1", coupon_id),)))
    shop.keeper.take_in(make.sale("s-2", coupons=(make.use("u-2", coupon_id, cost_minor=4_80),)))
    (found,) = shop.book.exceptions()
    assert (found.kind, found.subject_id, found.sale_id, found.cost_minor) == (
        ExceptionKind.LOST_COUPON,
        coupon_id,
        "s-2",
        4_80,
    )
    assert shop.facts().points == 200
    shop.book.work_off(found.exception_id, "li")
    assert shop.book.exceptions() == ()


def test_an_exception_closes_itself_when_its_goods_come_back(shop, make):
    shop.join()
    coupon_id = shop.coupon()
    shop.keeper.take_in(make.sale("s-1", coupons=(make.use("u-1", coupon_id),)))
    shop.keeper.take_in(make.sale("s-2", coupons=(make.use("u-2", coupon_id),)))
    shop.keeper.take_back(make.back("r-2", "s-2", coupons=(("u-2", coupon_id, ReturnRule.GIVE_BACK),)))
    assert shop.book.exceptions() == ()
    assert offered(shop, make) == []  # the first sale still has it


@pytest.mark.parametrize("return_first", [False, True])
@pytest.mark.parametrize(("outcome", "again"), [(ReturnRule.GIVE_BACK, True), (ReturnRule.VOID, False)])
def test_a_coupon_comes_back_by_its_rule_whichever_message_comes_first(shop, make, outcome, again, return_first):
    shop.join()
    coupon_id = shop.coupon()
    sold = lambda: shop.keeper.take_in(make.sale(coupons=(make.use("u-1", coupon_id),)))  # noqa: E731
    brought = lambda: shop.keeper.take_back(make.back(coupons=(("u-1", coupon_id, outcome),)))  # noqa: E731
    for step in [brought, sold] if return_first else [sold, brought]:
        assert step() is Reach.ANSWERED
    assert (offered(shop, make) == [coupon_id]) is again
    assert shop.facts().points == 0


def test_a_coupon_that_comes_back_late_can_be_used_for_a_week_more(shop, make):
    shop.join()
    coupon_id = shop.coupon(valid_until=make.now + timedelta(days=1))
    shop.keeper.take_in(make.sale(coupons=(make.use("u-1", coupon_id),)))
    shop.clock.advance(timedelta(days=10))
    now = shop.clock.now()
    shop.keeper.take_back(make.back(returned_at=now, coupons=(("u-1", coupon_id, ReturnRule.GIVE_BACK),)))
    (offer,) = shop.keeper.find(make.by_phone).coupons
    assert offer.form.valid_until == now + timedelta(days=7)
    shop.clock.advance(timedelta(days=7))
    assert offered(shop, make) == []


def test_an_abandoned_basket_lets_its_coupon_go(shop, make):
    shop.join()
    coupon_id = shop.coupon()
    shop.keeper.reserve("u-1", coupon_id, "m-1")
    gone = make.sale("basket-9", member_id="", bought_minor=0, points=0, released=(LetGo("u-1", coupon_id),))
    assert shop.keeper.take_in(gone) is Reach.ANSWERED
    assert offered(shop, make) == [coupon_id]
    assert shop.facts().bought_before is False


def test_a_coupon_that_nobody_issued_is_an_exception(shop, make):
    shop.keeper.take_in(make.sale(member_id="", points=0, coupons=(make.use("u-1", "no-such-coupon"),)))
    (found,) = shop.book.exceptions()
    assert (found.reason, found.cost_minor) == ("COUPON-UNKNOWN", 5_00)
    assert shop.keeper.reserve("u-2", "no-such-coupon", "").reach is REFUSED


def test_a_members_coupon_is_not_for_another(shop, make):
    shop.join()
    shop.join(make.wang("m-2", phone=PhoneNumber("+8613900000002"), cards=()))
    coupon_id = shop.coupon()
    answer = shop.keeper.reserve("u-1", coupon_id, "m-2")
    assert (answer.reach, answer.refusal) == (REFUSED, OtherMember().sentence)
    assert shop.keeper.of_code(coupon_id, "m-2").refusal == OtherMember().sentence
    assert shop.keeper.of_code(coupon_id, "m-1").offers[0].coupon_id == coupon_id


def test_a_form_of_which_a_member_has_one_use_is_not_used_twice(shop, make):
    shop.join()
    first, second = shop.coupon(per_member=1), shop.coupon(per_member=1)
    assert shop.keeper.reserve("u-1", first, "m-1").reach is DONE
    answer = shop.keeper.reserve("u-2", second, "m-1")
    assert (answer.reach, answer.refusal) == (REFUSED, MemberLimitReached().sentence)
    shop.keeper.take_in(make.sale(coupons=(make.use("u-1", first), make.use("u-3", second))))
    (found,) = shop.book.exceptions()
    assert (found.subject_id, found.reason) == (second, "COUPON-MEMBER-LIMIT")


def test_one_redemption_is_never_two_coupons_uses(shop, make):
    shop.join()
    first, second = shop.coupon(), shop.coupon()
    shop.keeper.reserve("u-1", first, "m-1")
    assert shop.keeper.reserve("u-1", second, "m-1").reach is REFUSED
    assert shop.keeper.release("u-1", second).reach is REFUSED
    shop.keeper.take_in(make.sale(coupons=(make.use("u-1", second),)))
    assert [one.reason for one in shop.book.quarantined()] == ["REUSED"]
    assert offered(shop, make) == [second]


def test_a_signed_code_is_known_online_and_a_changed_one_refused(shop, make):
    shop.book.add_form(make.form(must_be_claimed=False))
    coupon_id = shop.book.issue_coupon("five-off")
    code = shop.book.sign_coupon(coupon_id)
    found = shop.keeper.of_code(code.lower(), "")
    assert (found.reach, found.offers[0].coupon_id, found.offers[0].signed.text()) == (Reach.ANSWERED, coupon_id, code)
    place = 30
    changed = code[:place] + ("A" if code[place] != "A" else "B") + code[place + 1 :]
    assert shop.keeper.of_code(changed, "").refusal == Forged().sentence
    assert shop.keeper.of_code("GC1NONSENSE", "").reach is Reach.REFUSED
    assert shop.keeper.of_code("no such thing", "").reach is Reach.NOT_FOUND


def test_a_coupon_that_belongs_to_nobody_yet_is_not_signed(shop, make):
    shop.book.add_form(make.form())
    coupon_id = shop.book.issue_coupon("five-off")
    with pytest.raises(KeeperRefused, match="belongs to nobody"):
        shop.book.sign_coupon(coupon_id)


def test_a_copy_is_signed_for_the_asking_till_one_use_and_a_week(shop, make):
    shop.join()
    shop.coupon(uses=3)
    (offer,) = shop.keeper.find(make.by_phone).coupons
    issuer = shop.book.terms.issuer
    keys = IssuerKeys([IssuerKey("k1", "shop", issuer.signer.public_key())])
    shown = Presented("", make.now + timedelta(days=6), "m-1")
    here = Place("shop", 1, make.till)
    assert offer.proof is Proof.ONLINE
    assert check_signed(offer.signed, shown, keys, here, NothingSeen()).benefit == offer.form.benefit
    with pytest.raises(OtherShop):
        check_signed(offer.signed, shown, keys, replace(here, till_id="0001-02"), NothingSeen())
    with pytest.raises(OtherMember):
        check_signed(offer.signed, replace(shown, member_id=""), keys, here, NothingSeen())
    assert offer.signed.terms.per_till == 1
    assert offer.signed.terms.valid_until == int((make.now + timedelta(days=7)).timestamp())


@pytest.mark.parametrize(
    "benefit",
    [
        Benefit(BenefitKind.AMOUNT, 50_01),
        Benefit(BenefitKind.PERCENT, basis_points=1000),
        Benefit(BenefitKind.PERCENT, basis_points=1000, most_minor=60_00),
    ],
)
def test_a_dear_coupon_has_no_copy(shop, make, benefit):
    shop.join()
    shop.coupon(benefit=benefit)
    (offer,) = shop.keeper.find(make.by_phone).coupons
    assert offer.signed is None


def test_what_coupons_that_are_out_promise_stays(shop, make):
    shop.join()
    shop.coupon()
    shop.book.add_form(make.form(valid_until=make.now + timedelta(days=60)))
    with pytest.raises(KeeperRefused, match="promise something else"):
        shop.book.add_form(make.form(benefit=Benefit(BenefitKind.AMOUNT, 6_00)))


def test_a_limited_code_is_used_no_more_often_than_it_has_pieces(shop, make):
    shop.book.add_form(make.form(**OPEN_TO_ALL))
    shop.book.set_quota("five-off", "MAY5", 2)
    assert shop.keeper.of_code("MAY5", "").offers[0].coupon_id == "MAY5"
    assert [shop.keeper.reserve(f"u-{n}", "MAY5", "").reach for n in (1, 2, 3)] == [DONE, DONE, REFUSED]
    assert shop.keeper.of_code("MAY5", "").reach is Reach.REFUSED
    shop.keeper.release("u-1", "MAY5")
    assert shop.keeper.reserve("u-1", "MAY5", "").reach is REFUSED
    assert shop.keeper.reserve("u-4", "MAY5", "").reach is DONE
    shop.keeper.take_in(make.sale(member_id="", coupons=(make.use("u-2", "MAY5"), make.use("u-4", "MAY5"))))
    shop.keeper.take_in(make.sale("s-2", member_id="", coupons=(make.use("u-5", "MAY5"),)))
    (found,) = shop.book.exceptions()
    assert (found.kind, found.subject_id, found.sale_id) == (ExceptionKind.LOST_QUOTA, "MAY5", "s-2")


def test_a_share_is_a_part_of_what_is_free_and_comes_back(shop, make):
    shop.book.add_form(make.form(**OPEN_TO_ALL))
    shop.book.set_quota("five-off", "MAY5", 10)
    assert shop.keeper.codes_to_lease(make.till, 1) == ("MAY5",)
    share = shop.keeper.lease("l-1", "MAY5", make.till, 50)
    assert (share.code, share.lease.granted) == ("MAY5", 3)  # a quarter of 10, rounded up
    assert shop.keeper.lease("l-1", "MAY5", make.till, 50) == share
    leased = make.use("u-1", "MAY5", proof=Proof.LEASED, lease_id="l-1")
    shop.keeper.take_in(make.sale(member_id="", coupons=(leased,)))
    assert shop.keeper.bring_back("l-1", 1) is Reach.ANSWERED
    assert shop.keeper.bring_back("l-1", 1) is Reach.ANSWERED
    assert shop.keeper.bring_back("l-1", 2) is Reach.REFUSED
    # 10 pieces less 1 used: all nine can be reserved, the tenth not.
    reached = [shop.keeper.reserve(f"o-{n}", "MAY5", "").reach for n in range(10)]
    assert reached == [DONE] * 9 + [REFUSED]
    assert shop.book.exceptions() == ()


def test_a_share_that_came_back_before_it_was_asked_for_is_never_given(shop, make):
    shop.book.add_form(make.form(**OPEN_TO_ALL))
    shop.book.set_quota("five-off", "MAY5", 10)
    assert shop.keeper.bring_back("l-1", 0) is Reach.ANSWERED
    assert shop.keeper.lease("l-1", "MAY5", make.till, 5).lease.granted == 0
    assert shop.keeper.lease("l-2", "NO-SUCH", make.till, 5) is None


def test_a_lost_till_gives_up_its_share_and_its_reservations(shop, make):
    shop.join()
    coupon_id = shop.coupon()
    shop.book.add_form(make.form("open", **OPEN_TO_ALL))
    shop.book.set_quota("open", "MAY5", 4)
    shop.keeper.lease("l-1", "MAY5", make.till, 1)
    shop.keeper.reserve("u-1", coupon_id, "m-1")
    shop.keeper.reserve("u-2", "MAY5", "")
    assert shop.book.declare_dead(make.till) == 1
    assert offered(shop, make) == [coupon_id]
    assert [shop.keeper.reserve(f"o-{n}", "MAY5", "").reach for n in range(5)] == [DONE] * 4 + [REFUSED]


def test_shares_of_a_till_whose_store_was_put_back_are_dead_and_no_piece_is_given_twice(shop, make):
    shop.book.add_form(make.form(**OPEN_TO_ALL))
    shop.book.set_quota("five-off", "MAY5", 4)
    day = make.now.date()
    first, second = (lease_name(make.till, "MAY5", epoch, day, 1) for epoch in (1, 2))
    assert shop.keeper.lease(first, "MAY5", make.till, 1).lease.granted == 1
    assert shop.keeper.codes_to_lease(make.till, 1) == ("MAY5",)
    assert shop.keeper.lease(first, "MAY5", make.till, 1).lease.state is LeaseState.OPEN
    # One piece of it was sold after the backup; the store that was put back knows nothing of that.
    sold = make.use("u-1", "MAY5", proof=Proof.LEASED, lease_id=first)
    shop.keeper.take_in(make.sale(member_id="", coupons=(sold,)))
    assert shop.keeper.codes_to_lease(make.till, 2) == ("MAY5",)
    assert shop.keeper.lease(first, "MAY5", make.till, 1).lease.state is LeaseState.DEAD
    share = shop.keeper.lease(second, "MAY5", make.till, 1).lease
    assert (share.state, share.granted) == (LeaseState.OPEN, 1)
    # Of 4 pieces 1 is sold and 1 is the till's: 2 are left for anybody.
    assert [shop.keeper.reserve(f"o-{n}", "MAY5", "").reach for n in range(3)] == [DONE, DONE, REFUSED]
    assert shop.book.exceptions() == ()


def test_a_till_of_an_earlier_epoch_that_is_heard_late_ends_no_share_of_the_new_one(shop, make):
    shop.book.add_form(make.form(**OPEN_TO_ALL))
    shop.book.set_quota("five-off", "MAY5", 4)
    lease_id = lease_name(make.till, "MAY5", 2, make.now.date(), 1)
    shop.keeper.lease(lease_id, "MAY5", make.till, 1)
    shop.keeper.codes_to_lease(make.till, 1)
    assert shop.keeper.lease(lease_id, "MAY5", make.till, 1).lease.state is LeaseState.OPEN


@pytest.mark.parametrize("length", [129, 200, 512])
def test_a_code_as_long_as_any_is_reserved_leased_and_redeemed(shop, make, length):
    code = "L" * length
    shop.book.add_form(make.form("f" * 130, **OPEN_TO_ALL))
    shop.book.set_quota("f" * 130, code, 4)
    lease_id = lease_name(make.till, code, 1, make.now.date(), 1)
    assert shop.keeper.lease(lease_id, code, make.till, 1).lease.granted == 1
    assert shop.keeper.reserve("u-1", code, "").reach is DONE
    used = make.use("u-2", code, form_id="f" * 130, proof=Proof.LEASED, lease_id=lease_id)
    assert shop.keeper.take_in(make.sale(member_id="", coupons=(used,))) is Reach.ANSWERED
    assert shop.keeper.bring_back(lease_id, 1) is Reach.ANSWERED
    assert (shop.book.quarantined(), shop.book.exceptions()) == ((), ())


def test_a_quota_does_not_shrink_below_what_is_given_out(shop, make):
    shop.book.add_form(make.form(**OPEN_TO_ALL))
    shop.book.set_quota("five-off", "MAY5", 3)
    shop.keeper.reserve("u-1", "MAY5", "")
    shop.keeper.reserve("u-2", "MAY5", "")
    shop.book.set_quota("five-off", "MAY5", 0)
    assert shop.keeper.reserve("u-3", "MAY5", "").reach is REFUSED
    shop.book.set_quota("five-off", "MAY5", 3)
    assert shop.keeper.reserve("u-4", "MAY5", "").reach is DONE


def test_a_campaign_gives_each_member_the_coupon_of_their_arm_once_and_compares_the_arms(shop, make):
    for arm, minor in (("a", 5_00), ("b", 8_00)):
        shop.book.add_form(make.form(arm, campaign_id="wake", arm=arm, benefit=Benefit(BenefitKind.AMOUNT, minor)))
    shop.book.set_campaign("wake", (CampaignArm("a", 1, "a"), CampaignArm("b", 3, "b")))
    members = [f"m-{number}" for number in range(8)]
    arms = {one: arm_of("wake", one, [Arm("a", 1), Arm("b", 3)]) for one in members}
    assert set(arms.values()) == {"a", "b"}
    for number, member_id in enumerate(members):
        phone = PhoneNumber(f"+861380000000{number}")
        shop.join(make.wang(member_id, phone=phone, cards=()))
        coupon_id = shop.book.claim_campaign("wake", member_id)
        assert shop.book.claim_campaign("wake", member_id) == coupon_id
        (offer,) = shop.keeper.find(MemberKey(FoundBy.PHONE, phone.e164)).coupons
        assert (offer.coupon_id, offer.form.arm) == (coupon_id, arms[member_id])
        if number % 2 == 0:
            one = make.use(f"u-{number}", coupon_id, form_id=arms[member_id], campaign_id="wake", arm=arms[member_id])
            shop.keeper.take_in(make.sale(f"s-{number}", member_id=member_id, coupons=(one,)))
    redeemed = [arms[one] for one in members[::2]]
    assert [(one.arm, one.issued, one.redeemed, one.cost_minor) for one in shop.book.campaign_figures("wake")] == [
        (arm, list(arms.values()).count(arm), redeemed.count(arm), redeemed.count(arm) * 5_00) for arm in ("a", "b")
    ]
