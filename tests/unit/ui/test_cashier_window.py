"""The real window, with a till made for the purpose behind it: scans, keys, touches, languages, themes."""

import dataclasses
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt
from PySide6.QtWidgets import QLineEdit, QWidget

from app.checkout import requests as ask
from app.checkout.views import DeviceStatusView, Phase, Sound
from app.devices.conditions import DeviceCondition
from app.values.wording import wording
from ui.scripted import ScriptedCheckout
from ui.widgets.keys import TouchKey, WordKey

MILK, WATER, WINE, APPLES = "6901234567892", "6921168509256", "6922266454295", "4131"
THIN = "\u2009"


def text_of(checkout: ScriptedCheckout, name: str) -> str:
    return str(checkout.find(name).text())  # type: ignore[attr-defined]


def test_a_scan_sells_once_and_its_enter_presses_nothing(checkout: ScriptedCheckout, till: Any) -> None:
    checkout.find("quickKey1").setFocus()
    checkout.scan(MILK)
    assert [type(request) for request in till.asked] == [ask.ScanCode]
    assert till.asked[0].scanned.data == MILK
    assert text_of(checkout, "dueAmount") == f"¥{THIN}12.90"
    assert text_of(checkout, "entryLine") == ""


def test_a_scan_during_payment_presses_neither_take_cash_nor_pay(checkout: ScriptedCheckout, till: Any) -> None:
    checkout.scan(MILK)
    checkout.press("F12")
    checkout.scan(WATER)
    assert checkout.view.phase is Phase.PAYING
    assert not any(isinstance(request, ask.TakeTender) for request in till.asked)
    assert text_of(checkout, "tenderField") == ""


def test_a_scan_during_an_age_question_is_no_answer(checkout: ScriptedCheckout, till: Any) -> None:
    checkout.scan(WINE)
    checkout.scan(MILK)
    assert not any(isinstance(request, ask.AnswerQuestion) for request in till.asked)


def test_what_is_typed_is_never_a_scan(checkout: ScriptedCheckout, till: Any) -> None:
    checkout.type(MILK)
    assert text_of(checkout, "entryLine") == MILK
    checkout.press("Return")
    assert till.asked == [ask.EnterText(MILK)]


def test_quantity_before_the_scan_is_armed_and_shown(checkout: ScriptedCheckout, till: Any) -> None:
    checkout.type("3*")
    checkout.press("Return")
    assert text_of(checkout, "armedQuantity") == "3 ×"


def test_a_quantity_still_in_the_entry_line_counts_for_the_scan_that_comes(
    checkout: ScriptedCheckout, till: Any
) -> None:
    checkout.type("4*")
    checkout.scan(MILK)
    assert till.asked[-2] == ask.ArmQuantity("4")
    assert isinstance(till.asked[-1], ask.ScanCode)
    assert checkout.find("entryLine").text() == ""


def test_esc_takes_an_armed_quantity_away(checkout: ScriptedCheckout, till: Any) -> None:
    checkout.type("4*")
    checkout.press("Return", "Esc")
    assert till.asked[-1] == ask.ArmQuantity("")


def test_a_whole_sale_by_keyboard(checkout: ScriptedCheckout, till: Any) -> None:
    checkout.scan(MILK)
    checkout.scan(WATER)
    checkout.press("F12")
    checkout.type("20")
    # 20.00 - 12.90 - 2.00 = 5.10
    assert text_of(checkout, "tenderChange") == f"¥{THIN}5.10"
    checkout.press("Return")
    assert checkout.view.phase is Phase.PAID
    assert text_of(checkout, "changeAmount") == f"¥{THIN}5.10"
    checkout.scan(MILK)
    assert checkout.view.phase is Phase.SELLING
    with pytest.raises(LookupError):
        checkout.find("changeAmount")


def test_a_whole_sale_by_touch(checkout: ScriptedCheckout, till: Any) -> None:
    checkout.touch("quickKeysTab3")
    checkout.touch("quickKey1")
    checkout.touch("key_pay")
    # 2.00 due: the exact amount, 5 and 10 are offered
    checkout.touch("note2")
    assert till.asked[-1] == ask.TakeTender("cash", "5.00")
    assert text_of(checkout, "changeAmount") == f"¥{THIN}3.00"


def test_a_touch_leaves_the_keyboard_with_the_entry_line(checkout: ScriptedCheckout) -> None:
    checkout.touch("quickKeysTab2")
    assert checkout.window.focusWidget() is checkout.find("entryLine")


def test_a_suggested_note_is_taken_by_its_f_key(checkout: ScriptedCheckout, till: Any) -> None:
    checkout.scan(MILK)
    checkout.press("F12", "F3")
    # 12.90 due: exact 12.90, then 15
    assert till.asked[-1] == ask.TakeTender("cash", "15.00")


def test_split_tender_with_a_voucher_asks_for_its_number(checkout: ScriptedCheckout, till: Any) -> None:
    checkout.scan(MILK)
    checkout.press("F12")
    checkout.type("10")
    checkout.press("Ctrl+3")
    checkout.type("V-4711")
    checkout.press("Return")
    assert till.asked[-1] == ask.TakeTender("voucher", "10", "V-4711")
    assert text_of(checkout, "tenderLeft") == f"¥{THIN}2.90"
    checkout.press("Return")
    assert checkout.view.phase is Phase.PAID


def test_a_tender_that_cannot_be_used_says_why(checkout: ScriptedCheckout, till: Any) -> None:
    checkout.scan(MILK)
    checkout.press("F12")
    assert not checkout.find("tender5").is_usable()
    assert "not set up" in checkout.find("tender5").toolTip()
    checkout.press("Ctrl+5")
    assert "not set up" in text_of(checkout, "noticeSentence").lower()
    assert not any(isinstance(request, ask.TakeTender) for request in till.asked)


def test_without_a_scale_a_weight_is_typed_by_number_pad_or_keyboard(checkout: ScriptedCheckout, till: Any) -> None:
    checkout.scan(APPLES)
    for key in ("pad1", "pad.", "pad5"):
        checkout.touch(key)
    # 1.5 kg at 9.90
    assert text_of(checkout, "questionWorth") == f"¥{THIN}14.85"
    checkout.touch("padAccept")
    assert till.asked[-1] == ask.AnswerQuestion("1.5")
    checkout.scan(APPLES)
    checkout.type("0.5")
    checkout.press("Return")
    assert till.asked[-1] == ask.AnswerQuestion("0.5")


def test_the_age_question_shows_the_birthday_and_esc_declines(checkout: ScriptedCheckout, till: Any) -> None:
    checkout.scan(WINE)
    assert text_of(checkout, "birthday") == "2008-11-22"
    checkout.press("Esc")
    assert till.asked[-1] == ask.DeclineQuestion()
    checkout.scan(WINE)
    checkout.touch("ageYes")
    assert till.asked[-1] == ask.AnswerQuestion("yes")
    assert checkout.view.basket.item_count == 1


def test_the_selected_line_carries_its_keys(checkout: ScriptedCheckout, till: Any) -> None:
    checkout.scan(MILK)
    checkout.scan(WATER)
    checkout.press("Up")
    checkout.touch("lineQuantity")
    checkout.type("4")
    checkout.press("Return")
    assert till.asked[-1] == ask.ChangeQuantity(1, "4")
    checkout.touch("lineVoid")
    assert till.asked[-1] == ask.VoidLine(1)


def test_a_price_needs_a_reason(checkout: ScriptedCheckout, till: Any) -> None:
    checkout.scan(MILK)
    checkout.press("Shift+F2")
    checkout.type("9.9")
    checkout.press("Return")
    assert text_of(checkout, "noticeSentence") == "Choose a reason."
    checkout.press("Ctrl+2")
    assert till.asked[-1] == ask.OverridePrice(1, "9.9", "Close to its date")


def test_a_discount_on_the_basket_is_given_and_taken_back(checkout: ScriptedCheckout, till: Any) -> None:
    checkout.scan(MILK)
    checkout.press("F7", "F7")
    checkout.type("10")
    checkout.touch("discountReason4")
    assert till.asked[-1].line_id is None
    checkout.press("Down", "F8")
    assert isinstance(till.asked[-1], ask.RemoveDiscount)
    assert checkout.view.basket.discount_minor == 0


def test_suspend_and_recall(checkout: ScriptedCheckout, till: Any) -> None:
    checkout.scan(MILK)
    checkout.press("F5")
    checkout.type("red jacket")
    checkout.press("Return")
    assert till.asked[-1] == ask.SuspendBasket("red jacket")
    assert checkout.view.basket.item_count == 0
    checkout.press("F6", "F6")
    assert isinstance(till.asked[-1], ask.RecallBasket)
    assert checkout.view.basket.item_count == 1


def test_search_as_you_type_replaces_the_quick_keys_and_sells(checkout: ScriptedCheckout, till: Any) -> None:
    checkout.type("milk")
    assert till.searched[-1] == "milk"
    checkout.press("Down", "Return")
    assert till.asked[-1] == ask.AddProduct(MILK)
    assert text_of(checkout, "entryLine") == ""
    assert checkout.find("quickKey1").isVisible()


def test_words_that_are_no_code_stay_in_the_line_with_the_first_result_chosen(
    checkout: ScriptedCheckout, till: Any
) -> None:
    checkout.type("water")
    checkout.press("Return")
    assert text_of(checkout, "entryLine") == "water"
    checkout.press("Return")
    assert till.asked[-1] == ask.AddProduct(WATER)


def test_a_scan_in_the_middle_of_a_search_is_a_scan(checkout: ScriptedCheckout, till: Any) -> None:
    checkout.type("mi")
    checkout.scan(WATER)
    assert till.asked[-1].scanned.data == WATER
    assert text_of(checkout, "entryLine") == "mi"


def test_a_code_nobody_knows_is_told_with_word_and_code_and_cleared_by_esc(checkout: ScriptedCheckout) -> None:
    checkout.scan("9999999999994")
    assert text_of(checkout, "noticeWord") == "Stop"
    assert text_of(checkout, "noticeCode") == "CODE-UNKNOWN"
    assert checkout.screens.sounds.played[-1] is Sound.BAD_READ
    checkout.press("Esc")
    assert text_of(checkout, "noticeSentence") == "Ready to scan"


def test_a_bug_in_the_till_is_on_screen_and_selling_goes_on(
    checkout: ScriptedCheckout, caplog: pytest.LogCaptureFixture
) -> None:
    checkout.type("boom")
    checkout.press("Return")
    assert text_of(checkout, "noticeCode") == "RuntimeError"
    assert "planted" in caplog.text
    checkout.scan(MILK)
    assert checkout.view.basket.item_count == 1


def test_f1_shows_every_key_beside_the_amount_due(checkout: ScriptedCheckout) -> None:
    checkout.press("F1")
    overlay, due = checkout.find("shortcutOverlay"), checkout.find("duePane")
    top = due.mapTo(checkout.window, due.rect().bottomLeft()).y()
    assert overlay.mapTo(checkout.window, overlay.rect().topLeft()).y() > top
    checkout.press("Esc")
    with pytest.raises(LookupError):
        checkout.find("shortcutOverlay")


def test_the_language_changes_while_running(checkout: ScriptedCheckout) -> None:
    checkout.scan(MILK)
    assert text_of(checkout, "itemName") == "Whole milk"
    checkout.press("Ctrl+L")
    assert text_of(checkout, "itemName") == "鲜牛奶"
    assert checkout.screens.desk.presenter.rows[0].name == "鲜牛奶"
    assert text_of(checkout, "tillName") == "02 号收银台"


def test_themes_go_round_while_running(checkout: ScriptedCheckout) -> None:
    shades = []
    for _ in range(3):
        shades.append(checkout.window.grab().toImage().pixelColor(4, 400).name())
        checkout.press("Ctrl+T")
    assert len(set(shades)) == 3
    assert checkout.screens.look.theme.name == "light"


def test_a_device_that_goes_away_is_seen_and_can_be_asked_about(checkout: ScriptedCheckout) -> None:
    sentence = wording("The printer is out of paper. Put in a new roll.")
    checkout.screens.bridge.post_device_status(DeviceStatusView("printer", DeviceCondition.AWAY, sentence))
    checkout.settle()
    assert "away" in checkout.find("light_printer").accessibleName()
    checkout.press("Esc")
    checkout.touch("light_printer")
    assert text_of(checkout, "noticeSentence") == str(sentence)


def test_the_amount_due_never_moves(checkout: ScriptedCheckout) -> None:
    def place() -> tuple[int, int, int, int]:
        due = checkout.find("dueAmount")
        corner = due.mapTo(checkout.window, due.rect().topRight())
        return corner.x(), corner.y(), due.height(), int(due.shown_size_px())  # type: ignore[attr-defined]

    places = {place()}
    checkout.scan(WINE)
    places.add(place())
    checkout.press("Return")
    checkout.press("F7")
    places.add(place())
    checkout.press("Esc", "F12")
    places.add(place())
    checkout.press("F12")
    places.add(place())
    assert len(places) == 1
    assert places.pop()[3] == 64


class PaintWatch(QObject):
    """Notes which parts of the list were painted."""

    def __init__(self) -> None:
        super().__init__()
        self.areas: list[Any] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt names it
        if event.type() is QEvent.Type.Paint:
            self.areas.append(event.region().boundingRect())  # type: ignore[attr-defined]
        return False


def test_a_changed_quantity_paints_its_row_only(checkout: ScriptedCheckout) -> None:
    for _ in range(5):
        checkout.scan(MILK)
    viewport = checkout.screens.desk.basket_pane.list.viewport()
    height = checkout.screens.desk.basket_pane.list.selected_area().height()
    watch = PaintWatch()
    viewport.installEventFilter(watch)
    checkout.screens.bridge.post(ask.ChangeQuantity(5, "2"))
    checkout.settle()
    viewport.removeEventFilter(watch)
    assert watch.areas
    assert max(area.height() for area in watch.areas) <= height


def every_key(window: QWidget) -> list[TouchKey]:
    return [key for key in window.findChildren(TouchKey) if key.isVisible()]


def nothing_overlaps(window: QWidget) -> bool:
    """Whether no two keys of a pane stand on each other, nor one outside of its pane."""
    areas = [(key, QRect(key.mapTo(window, QPoint(0, 0)), key.size())) for key in every_key(window)]
    areas = [(key, area) for key, area in areas if key.parentWidget().objectName() != "lineKeys"]
    for position, (key, area) in enumerate(areas):
        if not window.rect().contains(area):
            raise AssertionError(f"{key.objectName()} stands outside")
        for other, its in areas[position + 1 :]:
            if area.intersects(its):
                raise AssertionError(f"{key.objectName()} {area} stands on {other.objectName()} {its}")
    return True


SIZES = [(1024, 768), (1366, 768), (1920, 1080)]


def go_through(checkout: ScriptedCheckout) -> list[tuple[str, Callable[[], None]]]:
    return [
        ("empty", lambda: None),
        ("weight", lambda: checkout.scan(APPLES)),
        ("selling", lambda: (checkout.type("1.2"), checkout.press("Return"), None)[2]),
        ("discount", lambda: checkout.press("F7")),
        ("price", lambda: checkout.press("Esc", "Shift+F2")),
        ("more", lambda: checkout.press("Esc", "F9")),
        ("payment", lambda: checkout.press("Esc", "F12")),
        ("paid", lambda: checkout.press("F12")),
    ]


@pytest.mark.parametrize("size", SIZES)
def test_every_key_is_large_enough_named_and_known(checkout: ScriptedCheckout, size: tuple[int, int]) -> None:
    checkout.use(size=size)
    for where, go in go_through(checkout):
        go()
        for key in every_key(checkout.window):
            assert min(key.width(), key.height()) >= 56, (where, key.objectName(), key.size())
            assert key.accessibleName(), (where, key.objectName())
            assert key.objectName(), where


@pytest.mark.parametrize("size", SIZES)
def test_words_two_fifths_longer_still_fit(
    till: Any, settings: Any, long_speech: Any, qapp: Any, size: tuple[int, int]
) -> None:
    long = dataclasses.replace(settings, speeches=(long_speech,), language=long_speech.language, size=size)
    checkout = ScriptedCheckout(lambda: till, long)
    try:
        for where, go in go_through(checkout):
            go()
            for key in every_key(checkout.window):
                assert not isinstance(key, WordKey) or key.words_fit(), (where, key.words(), key.size())
            checkout.window.layout().activate()
            assert checkout.window.width() == size[0], where
            assert checkout.window.height() == size[1], where
            assert nothing_overlaps(checkout.window), where
            for field in checkout.window.findChildren(QLineEdit):
                assert not field.isVisible() or field.width() >= 120, (where, field.objectName())
    finally:
        checkout.close()


def test_forty_lines_and_more_keep_the_last_one_in_sight(checkout: ScriptedCheckout) -> None:
    for _ in range(44):
        checkout.scan(MILK)
    basket = checkout.screens.desk.basket_pane.list
    assert basket.viewport().rect().contains(basket.selected_area())
    assert checkout.find("lineVoid").isVisible()


def test_keys_are_reached_by_tab_and_pressed_by_enter(checkout: ScriptedCheckout, till: Any) -> None:
    for _ in range(60):
        checkout.press("Tab")
        focused = checkout.window.focusWidget()
        if focused is not None and focused.objectName() == "quickKey2":
            break
    else:
        pytest.fail("Tab never came to the quick keys")
    checkout.press("Return")
    assert isinstance(till.asked[-1], ask.AddProduct)


def test_typing_finds_its_way_back_to_the_entry_line(checkout: ScriptedCheckout) -> None:
    checkout.find("quickKey1").setFocus(Qt.FocusReason.TabFocusReason)
    checkout.type("mi")
    assert text_of(checkout, "entryLine") == "mi"


def test_the_shoppers_window_follows(till: Any, settings: Any, qapp: Any) -> None:
    checkout = ScriptedCheckout(lambda: till, dataclasses.replace(settings, customer_window=True))
    try:
        checkout.scan(MILK)
        assert text_of(checkout, "customerDue") == f"¥{THIN}12.90"
        assert text_of(checkout, "customerLastName") == "Whole milk"
        checkout.press("F12", "F12")
        assert text_of(checkout, "customerChange") == f"¥{THIN}0.00"
    finally:
        checkout.close()


def test_pictures_are_drawn_once_and_only_from_their_folder(pictures_folder: Path, qapp: Any, qtbot: Any) -> None:
    from PySide6.QtCore import QSize

    from ui.widgets.pictures import PictureSource

    source = PictureSource(pictures_folder / "inside")
    (pictures_folder / "inside").mkdir()
    assert source.picture("../milk", QSize(48, 48)) is None
    qtbot.waitUntil(lambda: not source.busy)
    assert source.picture("../milk", QSize(48, 48)) is None
    right = PictureSource(pictures_folder)
    with qtbot.waitSignal(right.ready):
        assert right.picture("milk", QSize(48, 48)) is None
    drawn = right.picture("milk", QSize(48, 48))
    assert drawn is not None
    assert drawn is right.picture("milk", QSize(48, 48))


def test_a_till_that_cannot_open_offers_to_try_again(till: Any, settings: Any, qtbot: Any) -> None:
    from ui.application import open_window_for
    from ui.screens import TillScreens

    tries: list[int] = []

    def make() -> Any:
        tries.append(1)
        if len(tries) == 1:
            raise OSError("planted")
        return till

    window = open_window_for(settings)
    screens = TillScreens(window, settings, make)
    with qtbot.waitSignal(screens.bridge.opening_failed):
        pass
    again = window.findChild(WordKey, "openingAgain")
    qtbot.waitUntil(again.isVisible)
    assert screens.bridge._thread is not None
    screens.bridge._thread.join(5)
    with qtbot.waitSignal(screens.sellable):
        again.click()
    window.close()
    window.deleteLater()


def prices_on_tiles(checkout: ScriptedCheckout) -> dict[str, int | None]:
    """Prices in fen on the quick keys in sight, by code, in their order."""
    products = [tile.product for tile in checkout.screens.desk.home.quick_keys.grid.tiles()]
    return {product.code: product.price_minor for product in products if product is not None}


def test_new_prices_come_to_the_quick_keys_and_the_open_page_stays_open(checkout: ScriptedCheckout, till: Any) -> None:
    checkout.touch("quickKeysTab3")
    before = prices_on_tiles(checkout)
    assert before[WATER] == 200
    till.new_prices[WATER] = 250
    till.price_book_published_at += timedelta(hours=1)
    checkout.screens.bridge.ask_status()
    checkout.settle()
    assert prices_on_tiles(checkout) == before | {WATER: 250}


def test_new_prices_leave_a_departments_second_page_open(checkout: ScriptedCheckout, till: Any) -> None:
    checkout.use(size=(1024, 600))
    checkout.touch("quickKeysTab1")
    grid = checkout.screens.desk.home.quick_keys.grid
    first_page = prices_on_tiles(checkout)
    assert grid.page_count() > 1
    checkout.press("PgDown")
    before = prices_on_tiles(checkout)
    assert not set(before) & set(first_page)
    grid.tiles()[0].setFocus()
    reduced = next(iter(before))
    till.new_prices[reduced] = 1
    till.business_date = till.business_date.replace(day=23)
    checkout.screens.bridge.ask_status()
    checkout.settle()
    assert prices_on_tiles(checkout) == before | {reduced: 1}
    assert checkout.window.focusWidget() is grid.tiles()[0]
