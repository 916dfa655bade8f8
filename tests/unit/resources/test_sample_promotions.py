"""The sample store's promotions: many, of every form, over goods that the store really sells."""

import csv
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

import pytest

from app.promotions.baskets import OfferBasket, OfferLine, Shopper
from app.promotions.deal import best_deal
from app.promotions.offers import Form
from app.promotions.rules import goods_include, read_rules
from app.promotions.solving import Effort
from app.values.quantity import SellingUnit

STORE = Path(__file__).parents[3] / "resources" / "sample_store"


def table(name):
    with (STORE / f"{name}.tsv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


@pytest.fixture(scope="module")
def rules():
    return read_rules((STORE / "promotions.toml").read_bytes())


@pytest.fixture(scope="module")
def products():
    return {row["product_id"]: row for row in table("products")}


def line(row, line_id, count=1):
    weighed = row["unit"] != "each"
    return OfferLine(
        line_id=line_id,
        product_id=row["product_id"],
        department_id=row["department"],
        unit=SellingUnit(row["unit"]),
        quantity_thousandths=456 if weighed else count * 1000,
        unit_price_minor=round(float(row["price"]) * 100),
        discountable=row["discountable"] == "yes",
    )


def test_there_are_more_than_a_hundred_and_twenty_of_every_form(rules):
    assert len(rules.offers) >= 120
    assert {type(offer.form) for offer in rules.offers} == set(get_args(Form))
    for offer in rules.offers:
        assert offer.name_en


def test_every_condition_a_shop_may_set_is_shown_at_least_once(rules):
    offers = rules.offers
    assert any(offer.who.tiers for offer in offers)
    assert {offer.who.birthday for offer in offers} == {"", "day", "week", "month"}
    assert any(offer.who.first_purchase for offer in offers)
    assert any(offer.who.staff for offer in offers)
    assert any(offer.who.coupon for offer in offers)
    assert any(offer.when.weekdays for offer in offers)
    assert any(offer.when.month_days for offer in offers)
    assert any(offer.when.from_date for offer in offers)
    assert any("22:00-02:00" in offer.when.hours for offer in offers)
    assert any(offer.limit.per_basket for offer in offers)
    assert any(offer.limit.per_member for offer in offers)
    assert any(not offer.stackable for offer in offers)
    assert any(goods.expires_within_days is not None for sets in rules.parts for goods in sets)


def test_every_product_and_department_that_is_named_is_sold_and_may_be_discounted(rules, products):
    departments = {row["department_id"] for row in table("departments")}
    for offer, sets in zip(rules.offers, rules.parts, strict=True):
        for goods in sets:
            for product in goods.products:
                assert products[product]["discountable"] == "yes", offer.id
                assert not goods_include(rules.excluded, line(products[product], 1)), offer.id
            assert set(goods.departments) | set(goods.except_departments) <= departments, offer.id


def test_tobacco_is_never_cheaper(rules, products):
    lines = tuple(
        line(row, place, 3) for place, row in enumerate(products.values(), 1) if row["department"] == "tobacco"
    )
    deal = best_deal(OfferBasket(lines, datetime(2026, 11, 25, 4, tzinfo=UTC), Shopper(member=True)), rules)
    assert deal.saving_minor == 0


def test_a_members_wednesday_basket_is_worked_out_as_by_hand(rules, products):
    # Wednesday 25 November 2026, noon: two 面包 12.90 of which the second is 30 % off (3.87), or any two for 19.90 (5.90 off).
    # A litre of milk is 11.50 for members in place of 12.90. Left 19.90 + 11.50 = 31.40, a twentieth of it 1.57.
    lines = (line(products["P00306"], 1, 2), line(products["P00222"], 2))
    at = datetime(2026, 11, 25, 4, tzinfo=UTC)
    deal = best_deal(OfferBasket(lines, at, Shopper(member=True)), rules, Effort.EXACT)
    assert deal.proven
    assert deal.total_minor == 1990 + 1150 - 157


def test_a_whole_departments_goods_can_be_priced(rules, products):
    lines = tuple(
        line(row, place, 2) for place, row in enumerate(products.values(), 1) if row["department"] == "snacks"
    )
    deal = best_deal(OfferBasket(lines, datetime(2026, 11, 25, 4, tzinfo=UTC)), rules)
    assert 0 < deal.saving_minor < deal.subtotal_minor
    assert deal.almost or deal.not_given
