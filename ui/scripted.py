"""Drives the real window by script: scans and keys go in as events, pictures come out; for demonstrations and tests."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QWidget

from app.checkout.views import TillView
from app.devices.bench import BenchDevice, DeviceBench
from ui.application import build_application, open_window_for
from ui.bridge import TillService
from ui.devices.window import DeviceBenchWindow
from ui.screens import TillScreens
from ui.settings import ScreenSettings

_TIMEOUT_S: Final = 30.0
_SCANNER_STEP_MS: Final = 2
_TYPIST_STEP_MS: Final = 180
_KEY_NAMES: Final = {"Esc": "Escape", "PgUp": "PageUp", "PgDown": "PageDown", "Del": "Delete"}
_MODIFIERS: Final = {
    "Ctrl": Qt.KeyboardModifier.ControlModifier,
    "Shift": Qt.KeyboardModifier.ShiftModifier,
    "Alt": Qt.KeyboardModifier.AltModifier,
}


class ScriptedCheckout:
    """A checkout without a person. Every method returns when what it caused has been drawn."""

    def __init__(self, make_service: Callable[[], TillService], settings: ScreenSettings) -> None:
        """Open the window and wait until the till can sell.

        Raises:
            TimeoutError: if the till does not open.
        """
        self.application = build_application()
        quiet = replace(settings, sound_volume_percent=0, reduced_motion=True)
        self.window = open_window_for(quiet)
        self._sellable = False
        self.screens = TillScreens(self.window, quiet, make_service)
        self.screens.sellable.connect(self._now_sellable)
        self._stamp_ms = 1
        self._wait(lambda: self._sellable, "the till did not open")
        self.settle()

    def _now_sellable(self) -> None:
        self._sellable = True

    @property
    def view(self) -> TillView:
        """Return the view on screen."""
        return self.screens.desk.presenter.view

    def scan(self, data: str) -> None:
        """Let the wedge scanner read a code: a burst of keys and Enter."""
        for character in data:
            self._press_character(character, _SCANNER_STEP_MS)
        self._press("Return", _SCANNER_STEP_MS)
        self.settle()

    def type(self, text: str) -> None:
        """Type as a person does."""
        for character in text:
            self._press_character(character, _TYPIST_STEP_MS)
            self._wait(lambda: not self.screens.scan_filter.holding, "a key was held back for ever")
        self.settle()

    def press(self, *keys: str) -> None:
        """Press keys one after the other, written as `F12`, `Return`, `Ctrl+L`, `Esc`."""
        for key in keys:
            self._press(key, _TYPIST_STEP_MS)
            self.settle()

    def touch(self, object_name: str) -> None:
        """Touch a key of any window.

        Raises:
            LookupError: if no such key is in sight, or it cannot be used.
        """
        key = self.find(object_name)
        if not isinstance(key, QAbstractButton) or not key.isEnabled():
            raise LookupError(f"{object_name} cannot be touched")
        QTest.mouseClick(key, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(key.rect().center()))
        self.settle()

    def find(self, object_name: str) -> QWidget:
        """Return a widget in sight by its object name.

        Raises:
            LookupError: if none is in sight.
        """
        others = (self.screens.customer, self.screens.bench)
        windows = [self.window, *(window for window in others if window is not None)]
        for window in windows:
            for found in window.findChildren(QWidget, object_name):
                if found.isVisible():
                    return found
        raise LookupError(f"nothing called {object_name} is in sight")

    def use(
        self, *, language: str | None = None, theme: str | None = None, size: tuple[int, int] | None = None
    ) -> None:
        """Change language, theme or size while running."""
        if language is not None:
            self.screens.use_language(language)
        if theme is not None:
            self.screens.use_theme(theme)
        if size is not None:
            self.window.resize(*size)
        self.settle()

    def grab(self, path: Path) -> Path:
        """Save a picture of the cashier's window and return its path."""
        return self._save(self.window, path)

    def grab_customer(self, path: Path) -> Path:
        """Save a picture of the customer's window and return its path.

        Raises:
            LookupError: if the settings have none.
        """
        if self.screens.customer is None:
            raise LookupError("there is no customer's window")
        return self._save(self.screens.customer, path)

    # the device bench

    def open_bench(self, bench: DeviceBench, *, size: tuple[int, int] | None = None) -> None:
        """Open the device bench beside the till."""
        self.screens.open_bench(bench)
        if size is not None:
            self._bench_window().resize(*size)
        self.settle()

    def _bench_window(self) -> DeviceBenchWindow:
        if self.screens.bench is None:
            raise LookupError("the device bench is not open")
        return self.screens.bench

    def choose_device(self, name: str) -> BenchDevice:
        """Touch a device in the bench's list and return how it is.

        Raises:
            LookupError: if the bench is not open or has no such device.
        """
        window = self._bench_window()
        self.touch(f"device_{name}")
        chosen = window.presenter.chosen
        if chosen is None or chosen.name != name:
            raise LookupError(f"the bench does not show {name}")
        return chosen

    def press_action(self, action_id: str, text: str | None = None) -> None:
        """Touch the key of an action of the device that the bench shows, after typing what it asks for.

        Raises:
            LookupError: if the device does not offer it.
        """
        if text is not None:
            field = self.find(f"field_{action_id}")
            if not isinstance(field, QLineEdit):
                raise LookupError(f"{action_id} asks for nothing")
            field.setText(text)
        self.touch(f"action_{action_id}")

    def wait_for_device(
        self, until: Callable[[BenchDevice], bool], complaint: str = "the device did not do it"
    ) -> None:
        """Wait until the device that the bench shows is as it should be.

        Raises:
            TimeoutError: if it does not come about.
        """
        window = self._bench_window()

        def done() -> bool:
            chosen = window.presenter.chosen
            return chosen is not None and until(chosen)

        self._wait(done, complaint)
        self.settle()

    def wait_until(self, done: Callable[[], bool], complaint: str = "it did not come about") -> None:
        """Wait for something that a device brings about.

        Raises:
            TimeoutError: if it does not come about.
        """
        self._wait(done, complaint)
        self.settle()

    def grab_bench(self, path: Path) -> Path:
        """Save a picture of the device bench and return its path.

        Raises:
            LookupError: if it is not open.
        """
        return self._save(self._bench_window(), path)

    def close_bench(self) -> None:
        """Close the device bench."""
        self._bench_window().close()
        self.settle()

    def _save(self, window: QWidget, path: Path) -> Path:
        self.settle()
        path.parent.mkdir(parents=True, exist_ok=True)
        window.grab().save(str(path))
        # Drawing may have asked for pictures that were not needed before: wait for them and draw once more.
        if self.screens.pictures.busy:
            self.settle()
            window.grab().save(str(path))
        return path

    def settle(self) -> None:
        """Wait until every request is answered and drawn and nothing is moving.

        Raises:
            TimeoutError: if that does not come about.
        """
        self._wait(self._is_settled, "the till did not settle")
        self.application.sendPostedEvents()
        self.application.processEvents()

    def close(self) -> None:
        """Close the windows and the till."""
        self.window.close()
        self.application.processEvents()
        if self.screens.customer is not None:
            self.screens.customer.deleteLater()
        self.window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)

    def _is_settled(self) -> bool:
        screens = self.screens
        opening = screens.settings.customer_window and self._sellable and screens.customer is None
        return (
            screens.bridge.idle
            and not screens.scan_filter.holding
            and not screens.pictures.busy
            and screens.desk.settled
            and not opening
        )

    def _wait(self, done: Callable[[], bool], complaint: str) -> None:
        deadline = time.monotonic() + _TIMEOUT_S
        self.application.processEvents()
        while not done():
            if time.monotonic() > deadline:
                raise TimeoutError(complaint)
            self.application.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 10)

    def _press_character(self, character: str, step_ms: int) -> None:
        key = Qt.Key.Key_unknown if not character.isascii() else Qt.Key(ord(character.upper()))
        self._send(key, Qt.KeyboardModifier.NoModifier, character, step_ms)

    def _press(self, written: str, step_ms: int) -> None:
        *modifier_names, name = written.split("+")
        modifiers = Qt.KeyboardModifier.NoModifier
        for modifier in modifier_names:
            modifiers |= _MODIFIERS[modifier]
        key: Qt.Key = getattr(Qt.Key, f"Key_{_KEY_NAMES.get(name, name)}")
        self._send(key, modifiers, "\r" if key in {Qt.Key.Key_Return, Qt.Key.Key_Enter} else "", step_ms)

    def _send(self, key: Qt.Key, modifiers: Qt.KeyboardModifier, text: str, step_ms: int) -> None:
        """Send a key to the window as the window system does, with the time a scanner or a person would take."""
        window = self.window.windowHandle()
        self._stamp_ms += step_ms
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            event = QKeyEvent(kind, key, modifiers, text)
            event.setTimestamp(self._stamp_ms)
            QCoreApplication.sendEvent(window, event)
