"""Savings as they happen, the nearest offer, and the explanation."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QRect

from app.checkout.member_requests import HideDeal, ShowDeal
from app.checkout.views import PaymentView, Phase
from app.values.wording import wording
from ui.cashier.basket_delegate import BasketDelegate
from ui.presenters.rows import RowWriter
from ui.widgets.saved_figure import SavedFigure

THIN = "\u2009"


def test_the_due_pane_says_what_was_saved_and_who_the_shopper_is(stage: Any, shop: Any) -> None:
    stage.show(shop.selling)
    assert stage.text("dueSaved") == f"saved ¥{THIN}23.05"
    assert stage.text("dueDetail") == "member 138****5678 Gold · 1,204 points"


def test_tax_and_member_stand_in_one_line(stage: Any, shop: Any) -> None:
    stage.show(replace(shop.selling, basket=replace(shop.selling.basket, tax_added_minor=100, discount_minor=0)))
    assert not stage.sees("dueSaved")
    assert stage.text("dueDetail") == f"tax added ¥{THIN}1.00 · member 138****5678 Gold · 1,204 points"


def test_the_paid_screen_says_what_was_saved_and_earned(stage: Any, shop: Any) -> None:
    stage.show(shop.paid)
    assert stage.text("dueSaved") == f"saved ¥{THIN}23.05"
    assert stage.text("dueDetail") == "118 points earned · 1,322 now"


def test_the_amount_due_stays_where_it_is_with_the_key_and_without(stage: Any, shop: Any) -> None:
    for size in ((1024, 768), (1366, 768), (1920, 1080)):
        stage.checkout.use(size=size)
        places = set()
        for view in (shop.nobody, shop.selling, shop.find, shop.shown, shop.enrol, shop.explained, shop.paid):
            stage.show(view)
            due = stage.checkout.find("dueAmount")
            corner = due.mapTo(stage.checkout.window, due.rect().topRight())
            places.add((corner.x(), corner.y(), due.height(), due.shown_size_px()))
        assert len(places) == 1, size


def test_a_saving_that_grows_is_counted_up_within_the_time_of_a_slide(stage: Any, shop: Any, qtbot: Any) -> None:
    stage.show(shop.nobody)
    look = stage.checkout.screens.look
    look.reduced_motion = False
    assert 120 <= look.tokens.slide_ms <= 200
    figure = stage.checkout.find("dueSaved")
    seen: list[str] = []
    grown = replace(shop.nobody, basket=replace(shop.nobody.basket, discount_minor=9905))
    figure._growth.valueChanged.connect(lambda _: seen.append(figure.text()))
    stage.show(grown)
    qtbot.waitUntil(lambda: not figure.moving, timeout=2000)
    assert figure.text() == f"saved ¥{THIN}99.05"
    assert all(f"saved ¥{THIN}23.05" <= text for text in seen)


def test_nothing_moves_where_motion_is_reduced_or_the_saving_shrinks(stage: Any, shop: Any) -> None:
    stage.show(shop.nobody)
    figure: SavedFigure = stage.checkout.find("dueSaved")
    assert stage.checkout.screens.look.reduced_motion
    stage.show(replace(shop.nobody, basket=replace(shop.nobody.basket, discount_minor=9905)))
    assert not figure.moving
    stage.checkout.screens.look.reduced_motion = False
    stage.show(shop.nobody)
    assert not figure.moving
    assert figure.text() == f"saved ¥{THIN}23.05"


def test_the_nearest_offer_stands_at_the_foot_of_the_basket_and_explains_more(stage: Any, shop: Any) -> None:
    stage.show(shop.nobody)
    words = "Wholemeal bread: buy two, get one free: 1 more, and the cheapest is free."
    assert stage.text("almostStrip") == words
    strip, basket = stage.checkout.find("almostStrip"), stage.checkout.find("basketPane")
    area = QRect(strip.mapTo(basket, strip.rect().topLeft()), strip.size())
    assert basket.rect().contains(area)
    stage.checkout.touch("almostStrip")
    assert stage.asked == [ShowDeal()]


def test_nothing_is_near_any_more_once_payment_began(stage: Any, shop: Any) -> None:
    payment = PaymentView(11815, 0, 11815, 11815, 0, (11815,), ())
    stage.show(replace(shop.selling, phase=Phase.PAYING, payment=payment))
    assert not stage.sees("almostStrip")
    assert not stage.sees("bestCoupons")


def test_the_selected_line_stays_in_sight_when_the_strip_comes(stage: Any, shop: Any) -> None:
    stage.checkout.use(size=(1024, 768))
    last = replace(shop.nobody, selected_line=5, shopper=replace(shop.nobody.shopper, almost=()))
    stage.show(last)
    stage.show(replace(shop.nobody, selected_line=5))
    basket = stage.checkout.find("basketList")
    stage.checkout.settle()
    assert basket.viewport().rect().contains(basket.selected_area())


def test_why_stands_beside_the_name_where_there_is_room_and_under_it_where_the_line_is_selected(
    stage: Any, shop: Any
) -> None:
    look = stage.checkout.screens.look
    row = RowWriter().rows(shop.nobody.basket, look.speech)[0]
    delegate = BasketDelegate(look, stage.checkout.window)
    (wide,) = delegate.layout(row, 640, selected=False).reductions
    assert wide.why is not None
    assert wide.why_area.left() > wide.name_area.left() + wide.name.width_px
    (narrow,) = delegate.layout(row, 320, selected=False).reductions
    assert narrow.why is None
    (selected,) = delegate.layout(row, 320, selected=True).reductions
    assert selected.why is not None
    assert selected.why_area.top() >= selected.name_area.bottom()


def test_a_long_name_of_an_offer_takes_two_lines_and_nothing_stands_on_it(stage: Any, shop: Any) -> None:
    look = stage.checkout.screens.look
    row = RowWriter().rows(shop.nobody.basket, look.speech)[2]
    delegate = BasketDelegate(look, stage.checkout.window)
    layout = delegate.layout(row, 420, selected=False)
    first, second = layout.reductions
    assert len(second.name.lines) == 2
    assert not second.name.fades
    assert second.name_area.top() > first.name_area.bottom()
    assert layout.height_px > second.name_area.bottom()


def test_shift_f4_explains_the_deal(stage: Any, shop: Any) -> None:
    stage.show(shop.nobody)
    stage.till.answers[ShowDeal] = shop.explained
    stage.checkout.press("Shift+F4")
    assert stage.asked == [ShowDeal()]
    pane = stage.checkout.screens.desk.stack.pane("deal")
    assert pane.title.text() == f"Offers save ¥{THIN}23.05"
    assert pane.subtitle.text() == "Proven: nothing else saves more."
    stage.till.answers[HideDeal] = shop.nobody
    stage.checkout.press("Esc")
    assert stage.asked[-1] == HideDeal()
    assert not stage.sees("dealPane")


def test_an_empty_basket_has_nothing_to_explain(stage: Any, shop: Any) -> None:
    stage.checkout.press("Shift+F4")
    assert stage.asked == []


@pytest.mark.parametrize(("key", "moves"), [("Down", 1), ("PgDown", 1), ("End", 1), ("Home", 0)])
def test_the_list_is_scrolled_by_the_keyboard(stage: Any, shop: Any, key: str, moves: int) -> None:
    stage.show(shop.explained)
    bar = stage.checkout.find("dealList").verticalScrollBar()
    stage.checkout.press(key)
    assert (bar.value() > 0) == bool(moves)


def test_the_list_keeps_its_place_when_something_comes_above_it(stage: Any, shop: Any) -> None:
    stage.show(shop.explained)
    deals = stage.checkout.find("dealList")
    stage.checkout.press("PgDown", "PgDown")
    place = deals.place()
    more = replace(shop.deal.given[0], offer_id="o99", name=shop.text("新优惠", "New offer"))
    stage.show(replace(shop.explained, deal=replace(shop.deal, given=(more, *shop.deal.given))))
    assert deals.place() == place
    assert place[0]


def test_the_explanation_follows_the_language(make_stage: Callable[..., Any], shop: Any) -> None:
    stage = make_stage()
    stage.show(shop.explained)
    deals = stage.checkout.find("dealList")
    assert deals.model_.rows[1].name == "Milk: second at half price"
    stage.checkout.use(language="zh_CN")
    assert deals.model_.rows[1].name == "牛奶"


def test_a_basket_put_aside_says_for_which_member(stage: Any, shop: Any, noon: Any) -> None:
    from app.checkout.views import SuspendedView

    aside = SuspendedView("b7", "", noon, 2, 2580, shop.text("鲜牛奶", "Whole milk"), member="138****5678")
    stage.show(replace(shop.nobody, suspended=(aside,)))
    stage.checkout.press("F6")
    assert stage.checkout.find("recall1").detail() == "member 138****5678"


def test_why_of_a_discount_on_the_whole_basket_stands_under_its_name(shop: Any) -> None:
    from app.values.speech import ENGLISH

    off = shop.promotion("o7", shop.text("满减", "10 off from 100"), 1000, wording("from {amount}", amount="¥ 100"))
    rows = RowWriter().rows(replace(shop.nobody.basket, discounts=(off,)), ENGLISH)
    assert rows[-1].detail == "from ¥ 100"
