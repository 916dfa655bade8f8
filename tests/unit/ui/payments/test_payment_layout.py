"""Every view of payments at every size: large enough to touch, named, nothing on one another, long words whole."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QLineEdit, QWidget

from app.checkout.payment_views import PaymentStage
from app.checkout.views import TenderView, TillView
from app.payments.attempt_record import Method
from ui.widgets.keys import TouchKey, WordKey
from ui.widgets.qr_picture import QrPicture

SIZES = [(1024, 768), (1366, 768), (1920, 1080)]


def scenes(views: Any) -> list[tuple[str, TillView, tuple[str, ...]]]:
    """Name, view, and the keys pressed in it."""
    taken = (TenderView(1, views.cash, 4000), TenderView(2, views.voucher, 1000, "V-4711"))
    by_hand = {
        "confirmed_by_hand": True,
        "can_decide": True,
        "method": Method.MERCHANT_CODE,
        "payload": views.emv_payload,
        "stage": PaymentStage.SHOPPER,
        "ends_at": views.noon + timedelta(seconds=47),
    }
    help_called = {"stage": PaymentStage.HELP, "can_decide": True, "code": "SYSTEMERROR"}
    return [
        ("tender", views.paying(*taken), ()),
        ("phone", views.waiting(*taken, ends_at=views.noon + timedelta(seconds=47)), ()),
        ("by hand", views.waiting(*taken, **by_hand), ()),
        ("help", views.waiting(*taken, **help_called), ()),
        ("decision", views.waiting(*taken, **help_called), ("F6",)),
        ("receipt", replace(views.selling, receipt=views.receipt, case_count=3), ("Ctrl+1", "F2")),
        ("looked at", replace(views.selling, receipt=replace(views.receipt, may_refund=False)), ()),
        ("worklist", replace(views.selling, worklist=views.worklist, case_count=12), ("Ctrl+2",)),
        ("recall", replace(views.selling, suspended=views.put_aside), ("F6",)),
        ("more", views.selling, ("F9",)),
        ("number", views.selling, ("Shift+F6",)),
    ]


def ancestors(widget: QWidget) -> Iterator[str]:
    above = widget.parentWidget()
    while above is not None:
        yield above.objectName()
        above = above.parentWidget()


def placed(window: QWidget) -> list[tuple[QWidget, QRect]]:
    """What must not stand on anything else: what is scrolled or floats over the selected line apart."""
    kinds = (*window.findChildren(TouchKey), *window.findChildren(QLineEdit), *window.findChildren(QrPicture))
    return [
        (widget, QRect(widget.mapTo(window, QPoint(0, 0)), widget.size()))
        for widget in kinds
        if widget.isVisible() and not {"lineKeys", "qt_scrollarea_viewport"} & set(ancestors(widget))
    ]


def check_places(window: QWidget, where: str) -> None:
    areas = placed(window)
    for position, (widget, area) in enumerate(areas):
        assert window.rect().contains(area), (where, widget.objectName(), area)
        for other, its in areas[position + 1 :]:
            assert not area.intersects(its), (where, widget.objectName(), other.objectName())


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", ["en", "zh_CN", "en_LONG"])
def test_keys_are_large_named_apart_and_whole(
    make_stage: Callable[..., Any], views: Any, long_speech: Any, settings: Any, size: tuple[int, int], language: str
) -> None:
    stage = make_stage(speeches=(*settings.speeches, long_speech), language=language, size=size)
    for where, view, keys in scenes(views):
        stage.show(views.selling)
        stage.show(view)
        stage.checkout.press(*keys)
        window = stage.checkout.window
        assert (window.width(), window.height()) == size, where
        for key in window.findChildren(TouchKey):
            if key.isVisible():
                assert min(key.width(), key.height()) >= 56, (where, key.objectName(), key.size())
                assert key.accessibleName(), (where, key.objectName())
                assert not isinstance(key, WordKey) or key.words_fit(), (where, key.objectName(), key.words())
        check_places(window, where)
        stage.checkout.press("Esc")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", ["en", "zh_CN", "en_LONG"])
def test_the_overlay_shows_every_key_of_what_is_open(
    make_stage: Callable[..., Any], views: Any, long_speech: Any, settings: Any, size: tuple[int, int], language: str
) -> None:
    stage = make_stage(speeches=(*settings.speeches, long_speech), language=language, size=size)
    for view, first in (
        (views.selling, "Selling"),
        (views.waiting(), "While a payment is waited for"),
        (replace(views.selling, receipt=views.receipt), "Receipt and payments to check"),
    ):
        stage.show(view)
        stage.checkout.press("F1")
        overlay = stage.checkout.find("shortcutOverlay")
        assert str(overlay.sections()[0][0]) == first
        assert overlay.fits(), (first, language)
        stage.checkout.press("F1")


@pytest.mark.parametrize("size", SIZES)
def test_the_amount_due_does_not_move_when_a_payment_is_waited_for(
    stage: Any, views: Any, size: tuple[int, int]
) -> None:
    stage.checkout.use(size=size)
    places = set()
    for view in (views.selling, views.paying(), views.waiting(), replace(views.selling, receipt=views.receipt)):
        stage.show(view)
        due = stage.checkout.find("dueAmount")
        corner = due.mapTo(stage.checkout.window, due.rect().topRight())
        places.add((corner.x(), corner.y(), due.height(), due.shown_size_px()))
    assert len(places) == 1


def test_the_chosen_case_is_in_sight(stage: Any, views: Any) -> None:
    stage.checkout.use(size=(1024, 768))
    many = tuple(replace(views.worklist.cases[0], case_id=f"a{number}:x") for number in range(9))
    stage.show(replace(views.selling, worklist=replace(views.worklist, cases=many)))
    stage.checkout.press("Ctrl+9")
    stage.checkout.settle()
    card, area = stage.checkout.find("case9"), stage.checkout.find("cases")
    top = card.mapTo(area, QPoint(0, 0)).y()
    assert card.is_chosen()
    assert 0 <= top < area.height() - 56
