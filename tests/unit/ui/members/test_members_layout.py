"""Every view of members and offers at every size: large enough to touch, named, nothing on one another, words whole."""

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QLineEdit, QWidget

from ui.widgets.keys import TouchKey, WordKey

SIZES = [(1024, 768), (1366, 768), (1920, 1080)]
SCENES = ("nobody", "selling", "find", "looking", "enrol", "shown", "old", "blocked", "explained", "paid")


def is_scrolled(widget: QWidget) -> bool:
    above = widget.parentWidget()
    while above is not None:
        if above.objectName() in {"lineKeys", "qt_scrollarea_viewport"}:
            return True
        above = above.parentWidget()
    return False


def check_places(window: QWidget, where: str) -> None:
    areas = [
        (widget, QRect(widget.mapTo(window, QPoint(0, 0)), widget.size()))
        for widget in (*window.findChildren(TouchKey), *window.findChildren(QLineEdit))
        if widget.isVisible() and not is_scrolled(widget)
    ]
    for position, (widget, area) in enumerate(areas):
        assert window.rect().contains(area), (where, widget.objectName(), area)
        for other, its in areas[position + 1 :]:
            assert not area.intersects(its), (where, widget.objectName(), other.objectName())


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", ["en", "zh_CN", "en_LONG"])
def test_keys_are_large_named_apart_and_whole(
    make_stage: Callable[..., Any], shop: Any, long_speech: Any, settings: Any, size: tuple[int, int], language: str
) -> None:
    stage = make_stage(speeches=(*settings.speeches, long_speech), language=language, size=size)
    for where in SCENES:
        stage.show(shop.nobody)
        stage.show(getattr(shop, where))
        window = stage.checkout.window
        assert (window.width(), window.height()) == size, where
        for key in window.findChildren(TouchKey):
            if key.isVisible():
                assert min(key.width(), key.height()) >= 56, (where, key.objectName(), key.size())
                assert key.accessibleName(), (where, key.objectName())
                assert not isinstance(key, WordKey) or key.words_fit(), (where, key.objectName(), key.words())
        check_places(window, where)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", ["en", "zh_CN", "en_LONG"])
def test_the_overlay_shows_every_key_of_the_members_pane(
    make_stage: Callable[..., Any], shop: Any, long_speech: Any, settings: Any, size: tuple[int, int], language: str
) -> None:
    stage = make_stage(speeches=(*settings.speeches, long_speech), language=language, size=size)
    for view in (shop.shown, shop.explained):
        stage.show(view)
        stage.checkout.press("F1")
        overlay = stage.checkout.find("shortcutOverlay")
        assert str(overlay.sections()[0][0]) == "Member and offers"
        assert overlay.fits(), language
        stage.checkout.press("F1")


def test_the_customers_window_is_never_wider_than_its_screen(
    make_stage: Callable[..., Any], shop: Any, long_speech: Any, settings: Any
) -> None:
    stage = make_stage(speeches=(long_speech, *settings.speeches), language="en_LONG", customer_window=True)
    customer = stage.checkout.screens.customer
    for view in (shop.selling, shop.paid, shop.nobody):
        stage.show(view)
        for width, height in ((1024, 768), (1280, 800)):
            customer.resize(width, height)
            stage.checkout.settle()
            assert (customer.width(), customer.height()) == (width, height)
            due = stage.checkout.find("customerChange" if view is shop.paid else "customerDue")
            area = QRect(due.mapTo(customer, QPoint(0, 0)), due.size())
            assert customer.rect().contains(area)


def test_coupons_stand_apart_in_one_column_or_two_whatever_the_window_was_before(stage: Any, shop: Any) -> None:
    columns = {}
    for size in ((1920, 1080), (1024, 768), (1366, 768), (1024, 768)):
        stage.checkout.use(size=size)
        stage.show(shop.nobody)
        stage.show(shop.shown)
        keys = stage.checkout.screens.desk.stack.pane("member").found_page.cards.all_keys()
        areas = [key.geometry() for key in keys]
        assert all(area.right() < key.parentWidget().width() for area, key in zip(areas, keys, strict=True))
        assert all(area.height() >= key.heightForWidth(area.width()) for area, key in zip(areas, keys, strict=True))
        pairs = [(one, other) for here, one in enumerate(areas) for other in areas[here + 1 :]]
        assert not any(one.intersects(other) for one, other in pairs)
        columns[size] = len({area.left() for area in areas})
    assert columns == {(1920, 1080): 2, (1366, 768): 2, (1024, 768): 1}


def test_the_notice_is_broken_for_the_width_it_has(stage: Any, shop: Any) -> None:
    for size in ((1920, 1080), (1024, 768)):
        stage.checkout.use(size=size)
        stage.show(shop.nobody)
        stage.show(shop.enrol)
        area = stage.checkout.find("enrolNotice")
        assert area.notice.width() == area.viewport().width()
        assert area.notice.height() == area.notice.height_at(area.viewport().width())
