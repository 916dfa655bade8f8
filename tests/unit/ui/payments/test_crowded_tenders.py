"""Eight tenders beside the pad: every one can be read, what is too long is said in short and whole when asked for."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QRect, Qt

from app.checkout import requests as ask
from app.checkout.views import TenderChoice, TillView
from app.payments.attempt_record import Method
from app.values.wording import LocalizedText, wording
from ui.presenters.payments import SEE_WHY
from ui.widgets.detail_keys import DetailKey
from ui.widgets.keys import TouchKey

SIZES = [(1024, 768), (1366, 768), (1920, 1080)]
WHY = wording("A points payment needs at least {points} points. Take another tender.", points="100")


def text(chinese: str, english: str) -> LocalizedText:
    return LocalizedText(chinese, (("en", english), ("zh_CN", chinese)))


EIGHT = (
    TenderChoice("cash", text("现金", "Cash"), True, False),
    TenderChoice("card", text("银行卡", "Bank card"), False, False, asks_provider=True, method=Method.TERMINAL),
    TenderChoice("terminal", text("独立刷卡机", "Stand-alone card terminal"), False, True),
    TenderChoice("voucher", text("纸质代金券", "Paper voucher"), False, True),
    TenderChoice(
        "wechat", text("微信支付", "WeChat Pay"), False, False, asks_provider=True, method=Method.MERCHANT_CODE
    ),
    TenderChoice("alipay", text("支付宝", "Alipay"), False, False, asks_provider=True, method=Method.MERCHANT_CODE),
    TenderChoice("value", text("储值", "Stored value"), False, False, most_minor=15680),
    TenderChoice("points", text("积分", "Points"), False, False, most_minor=1204),
)
WITHOUT_POINTS = (*EIGHT[:7], replace(EIGHT[7], most_minor=None, unavailable=WHY))


def rounded(view: TillView) -> TillView:
    """86.63 are left, in cash 86.60."""
    assert view.payment is not None
    payment = replace(view.payment, left_minor=8663, cash_left_minor=8660, cash_rounding_minor=-3)
    return replace(view, payment=payment)


def in_sight(stage: Any, name: str) -> bool:
    try:
        return bool(stage.checkout.find(name).isVisible())
    except LookupError:
        return False


def tiles(stage: Any) -> list[DetailKey]:
    return [stage.checkout.find(f"tender{number}") for number in range(1, 9)]


@pytest.mark.parametrize("choices", [EIGHT, WITHOUT_POINTS])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", ["en", "zh_CN", "en_LONG"])
def test_eight_tenders_can_be_read_whole_at_every_size(
    make_stage: Callable[..., Any],
    views: Any,
    long_speech: Any,
    settings: Any,
    size: tuple[int, int],
    language: str,
    choices: tuple[TenderChoice, ...],
) -> None:
    stage = make_stage(speeches=(*settings.speeches, long_speech), language=language, size=size)
    stage.show(rounded(views.paying(choices=choices)))
    pane = stage.checkout.find("tenderPane")
    for typed in ("", "1"):
        if typed:
            stage.checkout.type(typed)
        for key in tiles(stage):
            assert key.reads_whole(), (key.objectName(), key.words(), key.shown_detail(), key.size())
        areas = [
            QRect(key.mapTo(pane, QPoint(0, 0)), key.size()) for key in pane.findChildren(TouchKey) if key.isVisible()
        ]
        assert all(min(area.width(), area.height()) >= 56 for area in areas)
        assert all(pane.rect().contains(area) for area in areas)
        pairs = [(one, other) for here, one in enumerate(areas) for other in areas[here + 1 :]]
        assert not any(one.intersects(other) for one, other in pairs)
        assert pane.subtitle.is_whole()
        assert pane.title.is_whole()
        left = stage.checkout.find("tenderLeft")
        assert left.width_at(left.shown_size_px()) <= left.width()


def test_where_tenders_need_the_room_change_takes_the_place_of_the_notes(stage: Any, views: Any) -> None:
    stage.checkout.use(size=(1024, 768))
    stage.show(views.paying(choices=EIGHT))
    first = stage.checkout.find("tender1")
    before = first.mapTo(stage.checkout.window, QPoint(0, 0))
    assert in_sight(stage, "note1")
    stage.checkout.type("100")
    stage.checkout.settle()
    # 100.00 - 86.60
    assert in_sight(stage, "tenderChange")
    assert stage.checkout.find("tenderChange").text().endswith("13.40")
    assert not in_sight(stage, "note1")
    assert first.mapTo(stage.checkout.window, QPoint(0, 0)) == before


def test_notes_and_change_stand_under_one_another_where_there_is_room(stage: Any, views: Any) -> None:
    stage.checkout.use(size=(1920, 1080))
    stage.show(views.paying(choices=EIGHT))
    stage.checkout.type("100")
    assert in_sight(stage, "tenderChange")
    assert in_sight(stage, "note1")


def test_a_long_reason_stands_in_short_and_is_said_whole_by_a_touch(stage: Any, views: Any) -> None:
    stage.checkout.use(size=(1024, 768))
    stage.show(views.paying(choices=WITHOUT_POINTS))
    points = stage.checkout.find("tender8")
    assert points.shown_detail() == str(SEE_WHY)
    assert not points.is_usable()
    assert "at least 100 points" in points.accessibleName()
    stage.checkout.touch("tender8")
    assert "at least 100 points" in stage.checkout.find("noticeSentence").text()
    assert not any(isinstance(request, ask.TakeTender) for request in stage.asked)


@pytest.mark.parametrize("way", ["key", "focus"])
def test_a_long_reason_is_said_by_the_keyboard_too(stage: Any, views: Any, way: str) -> None:
    stage.show(views.paying(choices=WITHOUT_POINTS))
    if way == "key":
        stage.checkout.press("Ctrl+8")
    else:
        stage.checkout.find("tender8").setFocus(Qt.FocusReason.TabFocusReason)
        stage.checkout.settle()
    assert "at least 100 points" in stage.checkout.find("noticeSentence").text()
    assert not any(isinstance(request, ask.TakeTender) for request in stage.asked)
