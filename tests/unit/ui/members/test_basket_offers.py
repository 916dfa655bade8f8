"""Offers on the basket as a whole: rows of their own on both windows, which nobody takes back by hand."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QRect

from app.checkout import requests as ask
from app.checkout.views import DiscountView
from app.sales.sale import DiscountScope
from app.values.wording import wording
from ui.presenters.rows import RowKind
from ui.widgets.keys import WordKey


def with_offers(shop: Any) -> Any:
    """Ten off from a hundred by an offer, five by hand; the third line's own price is 45.00 - 3.00 - 2.10."""
    offer = DiscountView(
        "o8",
        DiscountScope.BASKET_PROMOTION,
        shop.text("满100减10元", "Ten off from a hundred, for everybody here"),
        1000,
        wording("{off} off", off="¥ 10.00"),
    )
    by_hand = DiscountView("d1", DiscountScope.BASKET, shop.text("整单折扣", "Basket discount"), 500)
    basket = replace(
        shop.selling.basket,
        lines=shop.selling.basket.lines[:3],
        discounts=(offer, replace(offer, discount_id="o9"), by_hand),
    )
    return replace(shop.selling, basket=basket, selected_line=3)


def in_sight(stage: Any, name: str) -> bool:
    try:
        return bool(stage.checkout.find(name).isVisible())
    except LookupError:
        return False


def rows(stage: Any) -> Any:
    return stage.checkout.screens.desk.basket_pane.list


@pytest.mark.parametrize("size", [(1024, 768), (1366, 768), (1920, 1080)])
@pytest.mark.parametrize("language", ["en", "zh_CN", "en_LONG"])
def test_an_offer_on_the_basket_stands_under_the_lines_with_its_amount(
    make_stage: Callable[..., Any], shop: Any, long_speech: Any, settings: Any, size: tuple[int, int], language: str
) -> None:
    stage = make_stage(speeches=(*settings.speeches, long_speech), language=language, size=size, customer_window=True)
    stage.show(with_offers(shop))
    customer = stage.checkout.screens.customer
    customer.resize(*size)
    stage.checkout.settle()
    for shown in (rows(stage), customer.findChild(type(rows(stage)))):
        model = shown.model_
        here = model.position("basket_promotion:o8")
        row = model.row(here)
        assert (row.kind, row.amount, row.number) == (RowKind.DISCOUNT, "−10.00", "")
        assert here == model.position("line:3") + 1
        area = shown.visualRect(model.index(here))
        assert area.top() < shown.viewport().height() - 40, "seen with the line just scanned"
        assert shown.visualRect(model.index(here - 1)).top() >= 0
        layout = shown._delegate.layout(row, shown.viewport().width(), selected=False)
        assert layout.name_area.right() < layout.amount_left
        assert not layout.name.fades


def test_an_offer_has_no_keys_and_is_not_taken_back(stage: Any, shop: Any) -> None:
    stage.show(with_offers(shop))
    stage.checkout.press("Down")
    assert stage.checkout.screens.desk.presenter.selected_key == "basket_promotion:o8"
    assert not in_sight(stage, "lineVoid")
    asked = len(stage.asked)
    stage.checkout.press("F8")
    assert len(stage.asked) == asked
    assert "not taken back by hand" in stage.checkout.find("noticeSentence").text()
    stage.checkout.press("Down", "Down")
    assert in_sight(stage, "lineVoid")
    stage.checkout.press("F8")
    assert stage.asked[-1] == ask.RemoveDiscount("d1")


def test_the_card_shows_the_lines_own_price_also_while_an_offer_is_selected(stage: Any, shop: Any) -> None:
    stage.show(with_offers(shop))
    card = stage.checkout.find("itemPane")
    for _ in range(2):
        assert stage.checkout.find("itemName").text() == "Shaoxing rice wine"
        assert card._amount.text().endswith("39.90")
        stage.checkout.press("Down")


def test_one_item_is_one_item(stage: Any, shop: Any) -> None:
    basket = replace(shop.selling.basket, lines=shop.selling.basket.lines[:1], item_count=1)
    stage.show(replace(shop.selling, basket=basket))
    assert stage.checkout.find("itemCount").text() == "1 item"


@pytest.mark.parametrize("size", [(1024, 768), (1366, 768), (1920, 1080)])
def test_the_notice_stays_in_sight_while_a_birthday_is_typed(stage: Any, shop: Any, size: tuple[int, int]) -> None:
    stage.checkout.use(size=size)
    stage.show(shop.enrol)
    stage.checkout.find("enrolBirthday").setFocus()
    stage.checkout.settle()
    notice = stage.checkout.find("enrolNotice")
    pane = stage.checkout.find("memberPane")
    assert notice.isVisible()
    assert notice.viewport().height() >= 48
    keys = [key for key in pane.findChildren(WordKey) if key.isVisible()]
    assert any(key.objectName() == "pad7" for key in keys)
    assert all(min(key.width(), key.height()) >= 56 for key in keys)
    areas = [QRect(key.mapTo(pane, QPoint(0, 0)), key.size()) for key in keys]
    areas.append(QRect(notice.mapTo(pane, QPoint(0, 0)), notice.size()))
    assert all(pane.rect().contains(area) for area in areas)
    pairs = [(one, other) for here, one in enumerate(areas) for other in areas[here + 1 :]]
    assert not any(one.adjusted(-3, -3, 4, 4).intersects(other) for one, other in pairs), "8 apart, the frame 4"
    bar = notice.verticalScrollBar()
    stage.checkout.press("PgDown")
    assert (bar.value() > 0) is (bar.maximum() > 0)
