"""Coupons: what they promise, and that no use is redeemed twice, whoever says what how often."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.members.coupon_life import CouponLife, CouponStanding, LostRace, RedemptionState
from app.members.coupon_problems import (
    BadCoupon,
    CouponRefused,
    Expired,
    NotYetValid,
    OtherMember,
    OtherShop,
    UsedAlready,
    Voided,
)
from app.members.coupons import (
    Arm,
    ArmFigures,
    Benefit,
    BenefitKind,
    CouponForm,
    CouponUse,
    Proof,
    ReturnRule,
    arm_of,
    figures_by_arm,
    may_stack,
    outcome_of_return,
)
from app.members.ledger_entries import ReusedMessage
from app.values.wording import LocalizedText

MAY = datetime(2026, 5, 10, tzinfo=UTC)
JUNE = datetime(2026, 6, 1, tzinfo=UTC)


def test_what_an_amount_and_a_percent_take_off() -> None:
    ten_off_fifty = Benefit(BenefitKind.AMOUNT, minor=1000, least_minor=5000)
    assert [ten_off_fifty.takes_off(cost) for cost in (0, 4999, 5000, 9000)] == [0, 0, 1000, 1000]
    assert Benefit(BenefitKind.AMOUNT, minor=1000).takes_off(700) == 700
    # 12.5 percent of 33.33 is 4.16625: 4.17 half up would be 4.166 -> 4.17; capped at 4.00.
    eighth = Benefit(BenefitKind.PERCENT, basis_points=1250)
    assert eighth.takes_off(3333) == 417
    assert replace(eighth, most_minor=400).takes_off(3333) == 400
    assert Benefit(BenefitKind.FREE_DELIVERY, least_minor=100).takes_off(5000) == 0


@pytest.mark.parametrize(
    ("kind", "figures"),
    [
        (BenefitKind.AMOUNT, {}),
        (BenefitKind.AMOUNT, {"minor": -1}),
        (BenefitKind.AMOUNT, {"minor": 6000, "least_minor": 5000}),
        (BenefitKind.AMOUNT, {"minor": 5, "basis_points": 5}),
        (BenefitKind.PERCENT, {"basis_points": 10001}),
        (BenefitKind.PERCENT, {"minor": 5, "basis_points": 5}),
        (BenefitKind.GIFT, {"product_id": "mug"}),
        (BenefitKind.GIFT, {"quantity_thousandths": 1000}),
        (BenefitKind.FREE_DELIVERY, {"product_id": "mug", "quantity_thousandths": 1000}),
        (BenefitKind.PRODUCT, {"product_id": "mug", "quantity_thousandths": 1000, "minor": -1}),
        (BenefitKind.PRODUCT, {"product_id": "mug", "quantity_thousandths": 1000, "most_minor": 1}),
    ],
)
def test_a_coupon_that_contradicts_itself_cannot_be_made(kind: BenefitKind, figures: dict) -> None:
    with pytest.raises(BadCoupon):
        Benefit(kind, **figures)


def test_an_amount_above_what_it_needs_is_refused_only_where_it_names_a_least() -> None:
    assert Benefit(BenefitKind.AMOUNT, minor=6000).takes_off(100) == 100
    Benefit(BenefitKind.GIFT, product_id="mug", quantity_thousandths=1000, least_minor=5000)
    Benefit(BenefitKind.PRODUCT, product_id="mug", quantity_thousandths=2000, minor=990)


def test_a_form_is_good_in_its_stores_and_its_time(form) -> None:
    form.require_good(1, MAY)
    for store, at, problem in (
        (3, MAY, OtherShop),
        (1, JUNE, Expired),
        (1, form.valid_from - timedelta(seconds=1), NotYetValid),
    ):
        with pytest.raises(problem):
            form.require_good(store, at)
    with pytest.raises(BadCoupon):
        replace(form, valid_until=form.valid_from)
    with pytest.raises(BadCoupon):
        replace(form, uses=0)


def test_coupons_stack_only_where_all_of_them_do(form) -> None:
    stackable = replace(form, form_id="x", stackable=True)
    assert may_stack([form])
    assert may_stack([stackable, stackable])
    assert not may_stack([form, stackable])


def use(**changes) -> CouponUse:
    made = CouponUse("u-1", "c-1", "TEN-OFF", "wake26", "B", Proof.ONLINE, 1000, ReturnRule.GIVE_BACK)
    return replace(made, **changes)


def test_a_coupon_comes_back_when_all_it_took_off_has() -> None:
    assert outcome_of_return(use(), 999, whole_sale=False) is None
    assert outcome_of_return(use(), 1000, whole_sale=False) is ReturnRule.GIVE_BACK
    assert outcome_of_return(use(on_return=ReturnRule.VOID), 1000, whole_sale=False) is ReturnRule.VOID
    assert outcome_of_return(use(cost_minor=0), 0, whole_sale=False) is None
    assert outcome_of_return(use(cost_minor=0), 0, whole_sale=True) is ReturnRule.GIVE_BACK
    with pytest.raises(ValueError, match="at most"):
        outcome_of_return(use(), 1001, whole_sale=True)


def test_members_are_spread_over_the_arms_by_weight_and_stay_there() -> None:
    arms = (Arm("A", 3), Arm("B", 1), Arm("none", 0))
    members = [f"m-{number}" for number in range(4000)]
    found = [arm_of("wake26", member, arms) for member in members]
    assert found == [arm_of("wake26", member, arms) for member in members]
    # 4,000 at a quarter: 1,000 expected, standard deviation 27.4; six of them either way.
    assert 835 <= found.count("B") <= 1165
    assert "none" not in found
    assert found != [arm_of("wake27", member, arms) for member in members]
    with pytest.raises(ValueError, match="weight"):
        arm_of("wake26", "m-1", ())


def test_arms_are_compared_by_the_uses_that_sales_kept() -> None:
    uses = [use(), use(), use(redemption_id="u-2", cost_minor=500), use(redemption_id="u-3", arm="A", cost_minor=700)]
    assert figures_by_arm(uses) == (ArmFigures("wake26", "A", 1, 700), ArmFigures("wake26", "B", 2, 1500))


# The life of one coupon


@pytest.fixture
def coupon(form) -> CouponLife:
    return CouponLife.issued("c-1", form, "m-1")


def state_of(life: CouponLife, redemption: str = "u-1") -> RedemptionState:
    found = life.find(redemption)
    assert found is not None
    return found.state


def test_issued_claimed_reserved_redeemed(form) -> None:
    life = CouponLife.issued("c-1", form)
    assert life.standing(MAY) is CouponStanding.ISSUED
    assert state_of(life.reserve("u-0", "m-1", MAY), "u-0") is RedemptionState.REFUSED
    life = life.claim("m-1", MAY)
    assert life.claim("m-1", MAY) is life
    with pytest.raises(OtherMember):
        life.claim("m-2", MAY)
    assert life.standing(MAY) is CouponStanding.CLAIMED
    life = life.reserve("u-1", "m-1", MAY)
    assert state_of(life) is RedemptionState.RESERVED
    life = life.redeem("u-1", "m-1", "sale-1", 1000, MAY)
    assert state_of(life) is RedemptionState.REDEEMED
    assert life.standing(MAY) is CouponStanding.USED_UP
    with pytest.raises(UsedAlready):
        raise life.why_not("m-1", MAY) or AssertionError


def test_a_coupon_cannot_be_claimed_once_it_is_over_or_withdrawn(form) -> None:
    life = CouponLife.issued("c-1", form)
    with pytest.raises(Expired):
        life.claim("m-1", JUNE)
    with pytest.raises(Voided):
        life.void().claim("m-1", MAY)
    assert life.claim("m-1", form.valid_from - timedelta(days=3)).claimed_by == "m-1"
    assert life.standing(JUNE) is CouponStanding.EXPIRED
    assert life.void().standing(MAY) is CouponStanding.VOIDED


def test_of_two_sales_with_one_use_the_first_keeps_it_and_the_other_is_an_exception_with_its_cost(coupon) -> None:
    life = coupon.redeem("u-1", "m-1", "sale-1", 1000, MAY).redeem("u-2", "m-1", "sale-2", 800, MAY)
    assert state_of(life, "u-1") is RedemptionState.REDEEMED
    assert life.exceptions() == (LostRace("c-1", "u-2", "sale-2", 800, "COUPON-USED"),)
    assert "sale-2" in str(life.exceptions()[0].sentence)
    closed = life.come_back("u-2", ReturnRule.GIVE_BACK)
    assert closed.exceptions() == ()
    assert closed.uses_left == 0


def test_what_one_basket_reserved_another_cannot_have(coupon) -> None:
    life = coupon.reserve("u-1", "m-1", MAY).reserve("u-2", "m-1", MAY)
    assert (state_of(life, "u-1"), state_of(life, "u-2")) == (RedemptionState.RESERVED, RedemptionState.REFUSED)
    # Whoever has reserved it keeps it, also against a sale that did not ask.
    life = life.redeem("u-3", "m-1", "sale-3", 1000, MAY).redeem("u-1", "m-1", "sale-1", 1000, MAY)
    assert (state_of(life, "u-1"), state_of(life, "u-3")) == (RedemptionState.REDEEMED, RedemptionState.LOST)


def test_what_is_reserved_in_time_is_redeemed_after_the_end_and_after_a_withdrawal(coupon) -> None:
    life = coupon.reserve("u-1", "m-1", MAY).void().redeem("u-1", "m-1", "sale-1", 1000, JUNE)
    assert state_of(life) is RedemptionState.REDEEMED
    lost = coupon.redeem("u-1", "m-1", "sale-1", 1000, JUNE)
    assert lost.exceptions()[0].reason == "COUPON-EXPIRED"


def test_a_sale_whose_reservation_was_let_go_takes_a_use_again_where_one_is_left(coupon) -> None:
    life = coupon.reserve("u-1", "m-1", MAY).release("u-1")
    assert state_of(life.redeem("u-1", "m-1", "sale-1", 1000, MAY)) is RedemptionState.REDEEMED
    taken = life.redeem("u-2", "m-1", "sale-2", 1000, MAY)
    assert state_of(taken.redeem("u-1", "m-1", "sale-1", 1000, MAY)) is RedemptionState.LOST


def test_a_reservation_that_arrives_after_its_release_reserves_nothing(coupon) -> None:
    life = coupon.release("u-1").reserve("u-1", "m-1", MAY)
    assert state_of(life) is RedemptionState.RELEASED
    assert life.uses_left == 1


def test_a_returned_use_can_be_used_again_for_its_grace_and_a_void_one_cannot(coupon) -> None:
    used = coupon.redeem("u-1", "m-1", "sale-1", 1000, MAY)
    back = used.come_back("u-1", ReturnRule.GIVE_BACK, JUNE + timedelta(days=7))
    assert back.uses_left == 1
    assert state_of(back.reserve("u-2", "m-1", JUNE), "u-2") is RedemptionState.RESERVED
    void = used.come_back("u-1", ReturnRule.VOID, JUNE + timedelta(days=7))
    assert (void.uses_left, void.valid_until) == (0, JUNE)


def test_a_return_that_comes_before_its_sale_waits_for_it(coupon) -> None:
    life = coupon.come_back("u-1", ReturnRule.GIVE_BACK)
    assert life.uses_left == 1
    life = life.redeem("u-1", "m-1", "sale-1", 1000, MAY)
    assert (state_of(life), life.uses_left) == (RedemptionState.REDEEMED, 1)


def test_a_bearer_coupon_of_many_uses_is_anybodys(form) -> None:
    life = CouponLife.issued("c-1", replace(form, uses=2, must_be_claimed=False))
    life = life.redeem("u-1", "m-1", "sale-1", 5, MAY).redeem("u-2", "m-2", "sale-2", 5, MAY)
    assert life.uses_left == 0
    assert life.exceptions() == ()


def test_an_unclaimed_coupon_used_offline_is_claimed_by_that(form) -> None:
    life = CouponLife.issued("c-1", form).redeem("u-1", "m-7", "sale-1", 5, MAY)
    assert (life.claimed_by, state_of(life)) == ("m-7", RedemptionState.REDEEMED)


def test_the_same_id_with_another_sale_cost_or_outcome_is_never_taken(coupon) -> None:
    life = coupon.redeem("u-1", "m-1", "sale-1", 1000, MAY).come_back("u-1", ReturnRule.VOID)
    for wrong in (
        lambda: life.redeem("u-1", "m-1", "sale-2", 1000, MAY),
        lambda: life.redeem("u-1", "m-1", "sale-1", 1001, MAY),
        lambda: life.come_back("u-1", ReturnRule.GIVE_BACK),
        lambda: life.reserve("u-1", "m-2", MAY),
    ):
        with pytest.raises(ReusedMessage):
            wrong()


R, D, L, F, X = (
    RedemptionState.RESERVED,
    RedemptionState.REDEEMED,
    RedemptionState.LOST,
    RedemptionState.RELEASED,
    RedemptionState.REFUSED,
)


def brought_to(life: CouponLife, state: RedemptionState | None) -> CouponLife:
    match state:
        case RedemptionState.RESERVED:
            return life.reserve("u-1", "m-1", MAY)
        case RedemptionState.REDEEMED:
            return life.redeem("u-1", "m-1", "sale-1", 1000, MAY)
        case RedemptionState.LOST:
            return life.redeem("u-1", "m-1", "sale-1", 1000, JUNE)
        case RedemptionState.RELEASED:
            return life.release("u-1")
        case RedemptionState.REFUSED:
            return life.reserve("u-1", "m-1", JUNE)
    return life


@pytest.mark.parametrize(
    ("before", "reserve", "redeem", "release"),
    [(None, R, D, F), (R, R, D, F), (D, D, D, D), (L, L, L, L), (F, F, D, F), (X, X, D, X)],
)
def test_every_cell_of_the_table_holds_and_holds_again(coupon, before, reserve, redeem, release) -> None:
    life = brought_to(coupon, before)
    steps = (
        (lambda one: one.reserve("u-1", "m-1", MAY), reserve),
        (lambda one: one.redeem("u-1", "m-1", "sale-1", 1000, MAY), redeem),
        (lambda one: one.release("u-1"), release),
    )
    for step, expected in steps:
        once = step(life)
        assert state_of(once) is expected
        assert step(once) == once


@given(st.integers(1, 3), st.integers(0, 6), st.data())
def test_how_many_sales_keep_a_use_does_not_hang_on_the_order_or_the_number_of_messages(uses, sales, data) -> None:
    form = CouponForm("F", LocalizedText("f"), Benefit(BenefitKind.AMOUNT, minor=5), MAY, JUNE, uses=uses)
    life = CouponLife.issued("c-1", form, "m-1")
    for number in data.draw(st.permutations([*range(sales)] * 3)):
        life = life.redeem(f"u-{number}", "m-1", f"sale-{number}", number, MAY)
    redeemed = [one for one in life.redemptions if one.state is D]
    assert len(redeemed) == min(uses, sales)
    assert len(life.exceptions()) == max(0, sales - uses)
    # Every fen of discount is either rightful or listed.
    assert sum(one.cost_minor for one in (*redeemed, *life.exceptions())) == sum(range(sales))


def test_every_refusal_has_a_code_and_a_sentence_of_its_own() -> None:
    kinds = [kind for kind in CouponRefused.__subclasses__() if kind.__module__ == CouponRefused.__module__]
    assert len({kind.code for kind in kinds}) == len(kinds) == 15
