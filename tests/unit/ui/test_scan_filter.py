"""Keys of a scanner on their way to the window, as the window system brings them."""

from dataclasses import dataclass, field

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QKeyEvent, QWindow
from PySide6.QtWidgets import QApplication

from ui.cashier.scan_filter import ScanFilter
from ui.presenters.burst import WedgeSettings


@dataclass
class Keys:
    """Whoever gets the keys that are none of a scanner's."""

    taken: list[str] = field(default_factory=list)

    def owns(self, window: QWindow) -> bool:
        return True

    def take_key(self, key: str) -> bool:
        self.taken.append(key)
        return False

    def before_typing(self) -> None:
        pass


class Typed(QWindow):
    """A window that keeps what was typed into it."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            self.text += event.text()
        return super().event(event)


@pytest.fixture
def filtered(qapp: QApplication):
    window, keys, codes = Typed(), Keys(), []
    made = ScanFilter(WedgeSettings(), keys)
    made.code_read.connect(codes.append)
    qapp.installEventFilter(made)
    yield made, window, codes
    qapp.removeEventFilter(made)


def press(window: QWindow, text: str, at_ms: int, *, repeats: bool = False) -> None:
    key = Qt.Key.Key_Return if text == "\r" else Qt.Key(ord(text))
    for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
        event = QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier, text, repeats)
        event.setTimestamp(at_ms)
        QCoreApplication.sendEvent(window, event)


def test_a_doubled_digit_that_the_window_system_calls_a_repeat_belongs_to_the_code(filtered) -> None:
    _, window, codes = filtered
    for place, digit in enumerate("6915549000159"):
        # The second 5, and the noughts, come in one millisecond with the release before them.
        press(window, digit, 1000 + 2 * place, repeats=place > 0 and digit == "6915549000159"[place - 1])
    press(window, "\r", 1030)
    assert codes == ["6915549000159"]
    assert window.text == ""


def test_a_finger_that_stays_on_a_key_types(filtered, qtbot) -> None:
    made, window, codes = filtered
    press(window, "5", 1000)
    qtbot.waitUntil(lambda: not made.holding)
    for repeat in range(6):
        press(window, "5", 1500 + 33 * repeat, repeats=True)
    press(window, "\r", 1700)
    assert codes == []
    assert window.text.startswith("555555")
