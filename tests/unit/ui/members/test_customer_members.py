"""What the shopper sees of their membership: named masked, told what they save, never shamed."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from app.checkout.views import BasketView
from app.values.speech import ENGLISH
from ui.presenters.customer_display import CustomerMode, CustomerPresenter

THIN = "\u2009"


@pytest.fixture
def both(make_stage: Callable[..., Any]) -> Any:
    return make_stage(customer_window=True)


def test_the_shopper_is_greeted_and_sees_savings_points_and_what_is_near(both: Any, shop: Any) -> None:
    both.show(shop.selling)
    assert both.text("customerGreeting") == "Hello, 王** · Gold"
    assert both.text("customerPoints") == "1,204 points"
    assert both.text("customerSaved") == f"You save ¥{THIN}23.05"
    assert both.text("customerEarns") == "This basket earns 118 points"
    assert both.text("customerCoupons") == "Coupons: Bakery coupon: 5 off"
    assert both.text("customerHint").startswith("Wholemeal bread: buy two")


def test_nobody_named_leaves_no_empty_lines(both: Any, shop: Any) -> None:
    both.show(replace(shop.nobody, shopper=replace(shop.nobody.shopper, almost=())))
    for name in ("customerGreeting", "customerEarns", "customerCoupons", "customerHint"):
        assert not both.sees(name)


def test_a_member_who_comes_before_the_first_item_is_welcomed_by_name(shop: Any) -> None:
    early = replace(shop.selling, basket=BasketView(None, "CNY"))
    screen = CustomerPresenter().present(early, ENGLISH)
    assert screen.mode is CustomerMode.IDLE
    assert screen.greeting == "Hello, 王** · Gold"


def test_a_blocked_member_is_served_as_any_shopper(shop: Any) -> None:
    screen = CustomerPresenter().present(shop.blocked, ENGLISH)
    assert (screen.greeting, screen.points, screen.earns) == ("", "", "")


def test_neither_number_nor_balance_stands_on_the_shoppers_window(shop: Any) -> None:
    screen = CustomerPresenter().present(shop.selling, ENGLISH)
    written = " ".join(str(getattr(screen, name)) for name in type(screen).__slots__)
    assert "5678" not in written
    assert "156.80" not in written
    assert "王" not in repr(screen)


def test_more_than_three_coupons_are_counted(shop: Any) -> None:
    used = tuple(replace(shop.coupons[0], coupon_id=f"u{number}") for number in range(5))
    screen = CustomerPresenter().present(replace(shop.selling, shopper=replace(shop.shopper, coupons=used)), ENGLISH)
    name = "Bakery coupon: 5 off"
    assert screen.coupons == f"Coupons: {name} · {name} · {name} · 2 more"


def test_thanks_say_what_was_saved_and_earned(both: Any, shop: Any) -> None:
    both.show(shop.paid)
    assert both.text("customerSavedInAll") == f"You saved ¥{THIN}23.05"
    assert both.text("customerPointsNow") == "118 points earned · 1,322 now"


def test_thanks_to_nobody_known_say_nothing_of_points(both: Any, shop: Any) -> None:
    done = replace(shop.paid.completed, points_now=None, points_earned=0, discount_minor=0)
    both.show(replace(shop.paid, completed=done))
    assert not both.sees("customerPointsNow")
    assert not both.sees("customerSavedInAll")
