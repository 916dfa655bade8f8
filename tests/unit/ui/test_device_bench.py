"""The device bench's window: looked at, tried by touch and by keys, its bytes held still."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QRect, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QWidget

from app.devices.bench import Exchanged
from app.devices.conditions import DeviceCondition
from app.values.wording import wording
from ui.devices.application import open_bench_window, run_device_bench
from ui.devices.window import DeviceBenchWindow
from ui.scripted import ScriptedCheckout
from ui.widgets.keys import TouchKey, WordKey

ALL = ("receipt", "drawer", "hand", "scale", "pole", "card", "gate")
ALT, CONTROL = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def window(bench: Any, settings: Any, qtbot: Any) -> Iterator[DeviceBenchWindow]:
    made = open_bench_window(bench, settings)
    qtbot.waitExposed(made)
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    yield made
    made.close()
    made.deleteLater()


def find(window: QWidget, name: str) -> Any:
    found = [widget for widget in window.findChildren(QWidget, name) if widget.isVisible()]
    assert found, f"{name} is not in sight"
    return found[0]


def touch(window: QWidget, name: str) -> None:
    key = find(window, name)
    QTest.mouseClick(key, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(key.rect().center()))


def press(window: QWidget, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(window.focusWidget() or window, key, modifiers)


def test_every_device_says_how_it_is_in_words(window: DeviceBenchWindow) -> None:
    names = [find(window, f"device_{name}").accessibleName() for name in ALL]
    assert names[0] == "Receipt printer: needs attention"
    assert names[5] == "Card terminal: away"
    assert find(window, "benchCondition").text() == "needs attention"
    assert "paper is near its end" in find(window, "benchSentence").text()


def test_arrows_walk_through_the_devices(window: DeviceBenchWindow) -> None:
    press(window, Qt.Key.Key_Down)
    press(window, Qt.Key.Key_Down)
    assert find(window, "benchTitle").text() == "Hand scanner"
    assert find(window, "benchReading").text() == "]E0 6901234567892"
    press(window, Qt.Key.Key_End)
    assert find(window, "benchTitle").text() == "RFID reader"
    press(window, Qt.Key.Key_Up, ALT)
    assert find(window, "benchTitle").text() == "Card terminal"


def test_an_action_that_asks_for_something_sends_what_was_typed(window: DeviceBenchWindow, bench: Any) -> None:
    touch(window, "device_scale")
    field = find(window, "field_put_on")
    assert field.text() == "1245"
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "800")
    press(window, Qt.Key.Key_Return)
    assert bench.performed == [("scale", "put_on", "800")]
    assert find(window, "benchReading").text() == "800 g"
    assert find(window, "field_put_on").text() == "800"


def test_keys_try_and_keys_break(window: DeviceBenchWindow, bench: Any) -> None:
    press(window, Qt.Key.Key_1, CONTROL)
    press(window, Qt.Key.Key_1, ALT)
    assert bench.performed == [("receipt", "test_page", ""), ("receipt", "paper_out", "")]
    key = find(window, "action_paper_out")
    assert key.is_chosen()
    assert key.accessibleName() == "Take the paper out: on"
    touch(window, "action_paper_out")
    assert not key.is_chosen()


def test_a_digit_with_alt_breaks_and_types_nothing(window: DeviceBenchWindow, bench: Any) -> None:
    touch(window, "device_scale")
    field = find(window, "field_put_on")
    field.setFocus()
    press(window, Qt.Key.Key_1, ALT)
    assert field.text() == "1245"
    assert bench.performed == [("scale", "moving", "")]


def test_a_refused_action_is_told_inside_and_cleared(window: DeviceBenchWindow) -> None:
    touch(window, "action_garbage")
    assert find(window, "noticeSentence").text() == "The printer is unplugged. Plug it in first."
    assert find(window, "noticeCode").text() == "BENCH-REFUSED"
    touch(window, "noticeDismiss")
    assert "Choose a device" in find(window, "noticeSentence").text()


def test_a_real_device_offers_nothing_that_goes_wrong(window: DeviceBenchWindow) -> None:
    touch(window, "device_gate")
    with pytest.raises(AssertionError):
        find(window, "shelfFaults")
    assert find(window, "shelfTry").isVisible()


def test_changes_come_by_themselves_and_leave_the_keys_alone(window: DeviceBenchWindow, bench: Any, qtbot: Any) -> None:
    touch(window, "device_scale")
    key = find(window, "action_put_on")
    find(window, "field_put_on").setText("77")
    bench.change("scale", reading="2.000 kg", condition=DeviceCondition.AWAY, sentence=wording("Gone."))
    qtbot.waitUntil(lambda: find(window, "benchReading").text() == "2.000 kg")
    assert find(window, "device_scale").accessibleName() == "Scale: away"
    assert find(window, "action_put_on") is key
    assert find(window, "field_put_on").text() == "77"


def test_new_bytes_come_at_the_bottom_without_a_new_list(window: DeviceBenchWindow, bench: Any, qtbot: Any) -> None:
    touch(window, "device_scale")
    model, view = window.traffic.model, window.traffic.view
    resets: list[int] = []
    model.modelReset.connect(lambda: resets.append(1))
    bar = view.verticalScrollBar()
    assert bar.value() == bar.maximum()
    bench.hear("scale", Exchanged(False, b"\x15", 60.0))
    qtbot.waitUntil(lambda: model.lines[-1].hexadecimal == "15")
    assert bar.value() == bar.maximum()
    assert not resets
    bar.setValue(0)
    bench.hear("scale", Exchanged(True, b"\x11", 61.0))
    qtbot.waitUntil(lambda: model.lines[-1].hexadecimal == "11")
    assert bar.value() == 0


def test_f5_holds_the_bytes_still_and_lets_them_go_on(window: DeviceBenchWindow, bench: Any, qtbot: Any) -> None:
    touch(window, "device_hand")
    press(window, Qt.Key.Key_F5)
    assert find(window, "trafficCount").text() == "held still"
    looked = bench.looked
    bench.hear("hand", Exchanged(False, b"A", 9.0))
    qtbot.waitUntil(lambda: bench.looked > looked + 1)
    assert window.traffic.model.lines[-1].characters != "A"
    press(window, Qt.Key.Key_F5)
    assert window.traffic.model.lines[-1].characters == "A"


def test_f1_shows_the_keys_and_esc_closes(window: DeviceBenchWindow, bench: Any) -> None:
    press(window, Qt.Key.Key_F1)
    assert "F5" in find(window, "benchHelp").text()
    closed: list[int] = []
    window.closing.connect(lambda: closed.append(1))
    press(window, Qt.Key.Key_Escape)
    assert not window.isVisible()
    assert closed
    assert not bench.closed


def test_tab_reaches_every_key_and_brings_it_into_sight(window: DeviceBenchWindow) -> None:
    window.resize(1024, 768)
    seen: set[str] = set()
    for _ in range(40):
        press(window, Qt.Key.Key_Tab)
        focused = window.focusWidget()
        assert focused is not None
        seen.add(focused.objectName())
        if focused.objectName() == "action_switch_off":
            viewport = window.panel.viewport()
            area = QRect(focused.mapTo(viewport, QPoint(0, 0)), focused.size())
            assert viewport.rect().contains(area)
    assert {"action_test_page", "action_switch_off", "pauseTraffic", "benchClose", "deviceList"} <= seen


def test_a_till_without_devices_says_so(window: DeviceBenchWindow, bench: Any, qtbot: Any) -> None:
    bench.now = ()
    qtbot.waitUntil(lambda: find(window, "benchTitle").text() == "No device is set up at this till.")


@pytest.mark.parametrize("size", [(1024, 768), (1366, 768), (1920, 1080)])
@pytest.mark.parametrize("long", [False, True])
def test_keys_are_large_enough_named_and_whole(
    bench: Any, settings: Any, long_speech: Any, qtbot: Any, size: tuple[int, int], long: bool
) -> None:
    if long:
        settings = replace(settings, speeches=(long_speech,), language=long_speech.language)
    window = open_bench_window(bench, replace(settings, size=size))
    for name in ALL:
        window.choose(name)
        window.layout().activate()
        qtbot.wait(1)
        for key in window.findChildren(TouchKey):
            if not key.isVisible():
                continue
            assert min(key.width(), key.height()) >= 56, (name, key.objectName(), key.size())
            assert key.accessibleName(), key.objectName()
            assert not isinstance(key, WordKey) or key.words_fit(), (key.words(), key.size())
        for field in window.findChildren(QLineEdit):
            assert field.objectName()
            assert field.accessibleName()
        assert (window.width(), window.height()) == size
    window.close()
    window.deleteLater()


def test_the_bench_alone_runs_until_it_is_closed_and_lets_go_of_the_devices(
    bench: Any, settings: Any, qapp: Any
) -> None:
    from PySide6.QtCore import QTimer

    def close() -> None:
        for window in qapp.topLevelWidgets():
            if isinstance(window, DeviceBenchWindow) and window.isVisible():
                window.close()

    QTimer.singleShot(50, close)
    assert run_device_bench(lambda: bench, settings) == 0
    assert bench.closed


def test_the_bench_beside_the_till_by_script(checkout: ScriptedCheckout, till: Any, bench: Any, tmp_path: Path) -> None:
    checkout.open_bench(bench)
    checkout.choose_device("scale")
    checkout.press_action("put_on", "640")
    assert bench.performed == [("scale", "put_on", "640")]
    checkout.wait_for_device(lambda device: str(device.reading) == "640 g")
    assert checkout.grab_bench(tmp_path / "bench.png").stat().st_size > 10_000
    checkout.scan("6901234567892")
    assert checkout.view.basket.item_count == 1
    again = checkout.screens.bench
    checkout.open_bench(bench)
    assert checkout.screens.bench is again
    checkout.close_bench()
    assert checkout.screens.bench is None
    assert not bench.closed
    with pytest.raises(LookupError):
        checkout.grab_bench(tmp_path / "none.png")


def test_a_scan_with_the_bench_in_front_is_the_tills_and_what_is_typed_is_the_benchs(
    checkout: ScriptedCheckout, till: Any, bench: Any
) -> None:
    checkout.open_bench(bench)
    checkout.choose_device("scale")
    window = checkout.screens.bench
    assert window is not None
    checkout.wait_until(window.isActiveWindow)
    field = checkout.find("field_put_on")
    field.setFocus()
    handle = window.windowHandle()
    # the scanner's keys 2 ms apart, a person's 300
    stamp = 1_000_000
    for character, step in [*((letter, 2) for letter in "6901234567892\r"), ("8", 300), ("5", 300)]:
        stamp += step
        key = Qt.Key.Key_Return if character == "\r" else Qt.Key(ord(character))
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            event = QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier, character)
            event.setTimestamp(stamp)
            QCoreApplication.sendEvent(handle, event)
        if step > 2:
            checkout.wait_until(lambda: not checkout.screens.scan_filter.holding)
    checkout.settle()
    assert checkout.view.basket.item_count == 1
    assert bench.performed == []
    assert field.text() == "124585"


def test_the_bench_closes_with_the_till(till: Any, settings: Any, bench: Any, qapp: Any) -> None:
    checkout = ScriptedCheckout(lambda: till, settings)
    checkout.open_bench(bench)
    window = checkout.screens.bench
    assert window is not None
    checkout.close()
    assert checkout.screens.bench is None
