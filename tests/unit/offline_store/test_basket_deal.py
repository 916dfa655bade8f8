"""A basket with a member, coupons and a deal comes back as it was; one of an older version too."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.members.coupons import Benefit, BenefitKind, LetGo, Proof, ReturnRule
from app.sales.basket import Basket
from app.sales.shopper import BasketCoupon, BasketDeal, BasketMember, BasketOffer, CouponHold
from app.values.wording import LocalizedText
from offline_store.basket_document import header_document, line_document, read_basket
from offline_store.problems import StoreDamaged
from tests.faults.store_shop import basket, line, open_shop, past_the_guards, reader_of, suspended

MEMBER = BasketMember(
    "m-7",
    "王**",
    "138****5678",
    "gold",
    LocalizedText("金卡", (("en", "Gold"),)),
    120,
    3,
    5000,
    (2, 29),
    first_purchase=True,
    used_offers=(("p1", 2),),
    as_of=datetime(2026, 11, 22, 3, tzinfo=UTC),
)
COUPON = BasketCoupon(
    "r-1",
    "c-1",
    "form-1",
    LocalizedText("买一送一", (("en", "One more"),)),
    Benefit(BenefitKind.GIFT, product_id="P9", quantity_thousandths=1000),
    Proof.SIGNED,
    CouponHold.HERE,
    ReturnRule.VOID,
    promotion_id="gift-key",
    campaign_id="wake-up",
    arm="B",
    lease_id="lease-1",
    stackable=True,
    signed_text="GC1ABC",
)
DEAL = BasketDeal(
    "rules-7",
    "improved",
    (
        BasketOffer("p1", LocalizedText("两件", (("en", "Two"),)), 2, 100, ("r-1",)),
        BasketOffer("p2", LocalizedText("满减"), 1, 30),
    ),
    ((1, "p1", 60), (2, "p1", 40), (2, "p2", 30)),
)


def dealt(basket_id: str = "b1") -> Basket:
    return replace(
        basket(basket_id),
        member=MEMBER,
        coupons=(COUPON, replace(COUPON, redemption_id="r-2", hold=CouponHold.ASKED, proof=Proof.ONLINE)),
        declined=("c-5", "c-6"),
        released=(LetGo("r-0", "c-0"),),
        deal=DEAL,
    )


def there_and_back(kept: Basket) -> Basket:
    return read_basket(header_document(kept), {line.line_id: line_document(line) for line in kept.lines})


def test_the_same_basket_is_back_after_the_till_was_killed(tmp_path: Path) -> None:
    with open_shop(tmp_path) as store:
        store.save_basket(basket("b1"))
        store.save_basket(dealt())
        store.save_basket(replace(suspended("b2", 5), member=MEMBER, deal=DEAL))
    with open_shop(tmp_path) as store:
        assert store.open_basket() == dealt()
        assert store.suspended_baskets() == (replace(suspended("b2", 5), member=MEMBER, deal=DEAL),)
        store.save_basket(basket("b1"))
        assert store.open_basket() == basket("b1")


def test_a_basket_with_nothing_of_it_says_nothing_of_it() -> None:
    assert not {"member", "coupons", "declined", "released", "deal"} & set(json.loads(header_document(basket("b1"))))
    assert there_and_back(replace(basket("b1"), deal=BasketDeal("v", "greedy"))).deal == BasketDeal("v", "greedy")


def test_the_shares_of_a_hundred_lines_stay_short() -> None:
    shares = tuple((line_id, f"second-half-price-drinks-{line_id % 12}", 45) for line_id in range(1, 101))
    offers = tuple(
        BasketOffer(f"second-half-price-drinks-{number}", LocalizedText("第二件半价"), 9, 400) for number in range(12)
    )
    kept = replace(basket("b1", 100), deal=BasketDeal("a" * 64, "greedy", offers, shares))
    # A share is its line, a place of two digits and an amount: some 12 bytes; an offer some 60.
    assert (
        len(header_document(kept).encode()) - len(header_document(basket("b1", 100)).encode())
        < 100 * 13 + 12 * 70 + 120
    )
    assert there_and_back(kept) == kept


def test_an_erased_member_is_no_more_in_baskets_put_aside(tmp_path: Path) -> None:
    other = replace(MEMBER, member_id="m-8")
    with open_shop(tmp_path) as store:
        store.save_basket(replace(suspended("b1", 1), member=MEMBER))
        store.save_basket(replace(suspended("b2", 2), member=other))
        store.save_basket(suspended("b3", 3))
        store.forget_member("m-7")
        first, second, third = store.suspended_baskets()
    assert first.member == replace(MEMBER, masked_name="", masked_phone="", birthday=None)
    assert (second.member, third.member) == (other, None)


@pytest.mark.parametrize("broken", ["'$.deal[3][0][1]', 7", "'$.coupons[0].benefit.minor', 5", "'$.member', 'm'"])
def test_a_basket_that_cannot_be_read_is_damage_that_is_told(tmp_path: Path, broken: str) -> None:
    with open_shop(tmp_path) as store:
        store.save_basket(dealt())
    with past_the_guards(tmp_path) as driver:
        driver.execute(f"UPDATE basket SET document = json_set(document, {broken})")  # noqa: S608 - our own words
    with open_shop(tmp_path) as store, pytest.raises(StoreDamaged):
        store.open_basket()


def test_a_sold_basket_leaves_no_member_behind(tmp_path: Path) -> None:
    with open_shop(tmp_path) as store:
        store.save_basket(dealt())
        store.abandon_basket(dealt(), "left")
    with reader_of(tmp_path) as reader:
        assert reader.connection.driver.execute("SELECT count(*) FROM basket").fetchone() == (0,)


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
names = st.builds(LocalizedText, texts, st.lists(st.tuples(texts, texts), max_size=2).map(tuple))
amounts = st.integers(-(2**53), 2**53)
offers = st.builds(BasketOffer, texts, names, amounts, amounts, st.lists(texts, max_size=2).map(tuple))
deals = st.builds(
    BasketDeal,
    texts,
    texts,
    st.lists(offers, max_size=3).map(tuple),
    st.lists(st.tuples(st.integers(1, 99), texts, amounts), max_size=4).map(tuple),
)
members = st.builds(
    BasketMember,
    texts,
    texts,
    texts,
    texts,
    names,
    amounts,
    amounts,
    amounts,
    st.none() | st.tuples(st.integers(1, 12), st.integers(1, 31)),
    st.booleans(),
    st.lists(st.tuples(texts, amounts), max_size=2).map(tuple),
    st.booleans(),
    st.none() | st.datetimes(datetime(2000, 1, 1), timezones=st.just(UTC)),
)
benefits = st.builds(Benefit, st.just(BenefitKind.AMOUNT), st.integers(1, 999)) | st.builds(
    Benefit, st.just(BenefitKind.PERCENT), basis_points=st.integers(1, 10_000), most_minor=st.integers(0, 99)
)
coupons = st.builds(
    BasketCoupon,
    texts,
    texts,
    texts,
    names,
    benefits,
    st.sampled_from(Proof),
    st.sampled_from(CouponHold),
    st.sampled_from(ReturnRule),
    texts,
    texts,
    texts,
    texts,
    st.booleans(),
)


@settings(max_examples=80)
@given(
    st.none() | members,
    st.lists(coupons, max_size=2).map(tuple),
    st.lists(texts, max_size=2).map(tuple),
    st.lists(st.builds(LetGo, texts, texts), max_size=2).map(tuple),
    st.none() | deals,
)
def test_whatever_a_basket_holds_of_them_reads_back(
    member: BasketMember | None,
    coupons: tuple[BasketCoupon, ...],
    declined: tuple[str, ...],
    released: tuple[LetGo, ...],
    deal: BasketDeal | None,
) -> None:
    kept = replace(basket("b1"), member=member, coupons=coupons, declined=declined, released=released, deal=deal)
    assert there_and_back(kept) == kept
    assert there_and_back(replace(kept, lines=(line(7), line(3)))).lines == (line(7), line(3))
