"""Puts the burst filter in front of every key of the application: scans come out as scans, typing goes on its way."""

import time
from typing import Final, Protocol

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QWindow

from ui.presenters.burst import GROUP_SEPARATOR, BurstFilter, BurstOutcome, KeyKind, KeyStroke, WedgeSettings

_MODIFIERS: Final = frozenset(
    {
        Qt.Key.Key_Shift,
        Qt.Key.Key_Control,
        Qt.Key.Key_Alt,
        Qt.Key.Key_AltGr,
        Qt.Key.Key_Meta,
        Qt.Key.Key_CapsLock,
        Qt.Key.Key_NumLock,
    }
)
_MILLISECOND_NS: Final = 1_000_000
_MOST_HELD: Final = 8192
_ENDS: Final = {Qt.Key.Key_Return: "\r", Qt.Key.Key_Enter: "\r", Qt.Key.Key_Tab: "\t"}
_SEPARATORS: Final = "\x04\x1c\x1d\x1e"
"""EOT, FS, GS, RS: what stands between the elements of a code (ISO/IEC 15434)."""


class Keyboard(Protocol):
    """Who the keys are for."""

    def owns(self, window: QWindow) -> bool:
        """Whether keys pressed in this window are the till's."""

    def take_key(self, key: str) -> bool:
        """Do what a function or arrow key asks (portable text such as `Shift+F2`); False where it means nothing."""

    def before_typing(self) -> None:
        """Make sure that a character about to be typed lands in a field."""


class ScanFilter(QObject):
    """An event filter for the application.

    Keys arrive at the window before they reach a widget; there each is seen once. What was held and turns out to be
    typing is sent to the window again, press and release, in its order.
    """

    code_read = Signal(str)
    """What a scanner typed."""

    def __init__(self, settings: WedgeSettings, keyboard: Keyboard) -> None:
        """Take the scanner's settings and who gets the keys that are none of a scanner's."""
        super().__init__()
        self._burst = BurstFilter(settings)
        self._keyboard = keyboard
        self._held: dict[int, tuple[QWindow, QKeyEvent]] = {}
        self._held_keys: set[int] = set()
        self._next_token = 0
        self._replaying = False
        self._last_key_ns = 0
        self._last_arrival_ns = time.monotonic_ns()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._wait_over)

    @property
    def holding(self) -> bool:
        """Whether keys are held back."""
        return self._burst.holding

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Look at keys on their way to a window of the till; True keeps one from going on."""
        kind = event.type()
        if kind not in {QEvent.Type.KeyPress, QEvent.Type.KeyRelease} or self._replaying:
            return False
        if not isinstance(watched, QWindow) or not isinstance(event, QKeyEvent) or not self._keyboard.owns(watched):
            return False
        if kind is QEvent.Type.KeyRelease:
            return self._release(event)
        return self._press(watched, event)

    def _release(self, event: QKeyEvent) -> bool:
        """Keep the release of a key that was held back: a replayed press brings its own, a scan's means nothing."""
        if event.isAutoRepeat() or event.key() not in self._held_keys:
            return False
        if not self._burst.holding:
            self._held_keys.discard(event.key())
        return True

    def _press(self, window: QWindow, event: QKeyEvent) -> bool:
        token = self._next_token
        self._next_token += 1
        if len(self._held) < _MOST_HELD:
            self._held[token] = (window, event.clone())
        self._held_keys.add(event.key())
        # Nobody's finger repeats a key within the moment that a burst is held: that is a scanner's doubled digit, which
        # X11 calls a repeat where release and press bear one time.
        repeats = event.isAutoRepeat() and not self._burst.holding
        outcome = self._burst.press(_stroke(event, self._instant_ns(event), token, repeats=repeats))
        if outcome.pass_through:
            self._held.pop(token, None)
            self._held_keys.discard(event.key())
        self._carry_out(outcome)
        if not outcome.pass_through:
            return True
        if event.key() in _MODIFIERS:
            return False
        return self._keyboard.take_key(QKeySequence(event.keyCombination()).toString())

    def _instant_ns(self, event: QKeyEvent) -> int:
        """Return when a key went down, on the window system's clock, so that a busy screen changes no gap.

        An event without a time (made by a program) happened when it arrived.
        """
        now = time.monotonic_ns()
        since_last = now - self._last_arrival_ns
        at_ns = event.timestamp() * _MILLISECOND_NS if event.timestamp() else self._last_key_ns + since_last
        self._last_arrival_ns, self._last_key_ns = now, at_ns
        return at_ns

    def _carry_out(self, outcome: BurstOutcome) -> None:
        self._replay(outcome.replay)
        for code in outcome.scans:
            self.code_read.emit(code)
        if not self._burst.holding:
            self._held.clear()
        self._arm()

    def _arm(self) -> None:
        deadline = self._burst.deadline_ns
        if deadline is None:
            self._timer.stop()
            return
        self._timer.start(max(0, (deadline - self._last_key_ns) // _MILLISECOND_NS) + 1)

    def _wait_over(self) -> None:
        # Keys that came while the screen was busy are waiting behind this timer: let them in first.
        QTimer.singleShot(0, self, self._expire)

    def _expire(self) -> None:
        deadline = self._burst.deadline_ns
        if deadline is not None and not self._timer.isActive():
            self._carry_out(self._burst.expire(deadline + 1))

    def _replay(self, tokens: tuple[int, ...]) -> None:
        for token in tokens:
            held = self._held.pop(token, None)
            if held is None:
                continue
            window, press = held
            release = QKeyEvent(QEvent.Type.KeyRelease, press.key(), press.modifiers(), press.text())
            self._held_keys.discard(press.key())
            if press.text().isprintable() and press.key() != Qt.Key.Key_Space:
                self._keyboard.before_typing()
            self._replaying = True
            try:
                QCoreApplication.sendEvent(window, press)
                QCoreApplication.sendEvent(window, release)
            finally:
                self._replaying = False


def _stroke(event: QKeyEvent, at_ns: int, token: int, *, repeats: bool) -> KeyStroke:
    """Turn a key event into what the burst filter knows; `repeats`: a finger stays on the key."""
    kind, text = _kind_and_text(event)
    if repeats and kind is not KeyKind.MODIFIER:
        kind, text = KeyKind.OTHER, ""
    return KeyStroke(kind, text, at_ns, token)


def _kind_and_text(event: QKeyEvent) -> tuple[KeyKind, str]:
    key, text, modifiers = Qt.Key(event.key()), event.text(), event.modifiers()
    if key in _MODIFIERS:
        return KeyKind.MODIFIER, ""
    alt = bool(modifiers & Qt.KeyboardModifier.AltModifier)
    control = bool(modifiers & Qt.KeyboardModifier.ControlModifier)
    kind = KeyKind.OTHER
    if text in {"\r", "\n"}:
        # Some scanners send the control characters themselves (Ctrl+M, Ctrl+J, Linefeed).
        kind = KeyKind.CHARACTER
    elif key in _ENDS and not modifiers & ~Qt.KeyboardModifier.KeypadModifier:
        kind, text = KeyKind.CHARACTER, _ENDS[key]
    elif alt and modifiers & Qt.KeyboardModifier.KeypadModifier and Qt.Key.Key_0 <= key <= Qt.Key.Key_9:
        kind, text = KeyKind.ALT_DIGIT, chr(ord("0") + key - Qt.Key.Key_0)
    elif control and key == Qt.Key.Key_BracketRight:
        # How a scanner without control characters of its own sends GS.
        kind, text = KeyKind.CHARACTER, GROUP_SEPARATOR
    elif len(text) == 1 and not control and not alt and (text.isprintable() or text in _SEPARATORS):
        kind = KeyKind.CHARACTER
    return kind, text
