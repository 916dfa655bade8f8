"""The device bench's window: devices on the left, the chosen one on the right with its last bytes."""

from functools import partial
from typing import Final

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QHideEvent, QKeySequence, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import QApplication, QBoxLayout, QHBoxLayout, QVBoxLayout, QWidget

from app.devices.bench import DeviceBench
from app.values.wording import wording
from ui.cashier.notice_strip import NoticeStrip
from ui.devices.device_list import DeviceList
from ui.devices.device_panel import DevicePanel
from ui.devices.traffic_pane import TrafficPane
from ui.presenters.bench import HELP, BenchPresenter
from ui.theme.look import Look
from ui.theme.stylesheet import WINDOW_CONTENT, palette, stylesheet
from ui.widgets.keys import WordKey
from ui.widgets.labels import TextLabel

_LOOK_EVERY_MS: Final = 250
_SIZE: Final = (1366, 768)
_BESIDE_FROM_PX: Final = 1280
"""From this width on the bytes stand beside the device, below it in a narrower window."""

_LIST_PX: Final = 304
_NARROW_LIST_PX: Final = 240
_BYTES_BELOW_PX: Final = 216
_GAP_PX: Final = 8


class DeviceBenchWindow(QWidget):
    """Looks at the devices four times a second while it is in sight, and draws what differs."""

    closing = Signal()

    def __init__(self, look: Look, bench: DeviceBench) -> None:
        """Take the look and the bench, which stays its maker's to close."""
        super().__init__()
        self.setObjectName("deviceBench")
        self.look = look
        self.presenter = BenchPresenter(bench)
        self.list = DeviceList(look)
        self.panel = DevicePanel(look)
        self.traffic = TrafficPane(look)
        self.strip = NoticeStrip(look)
        self.strip.say_calmly(wording("Choose a device, then try it."), "connection")
        self._help = TextLabel(look, HELP, size_px=look.tokens.small_px, role="ink_soft", lines=2)
        self._help.setObjectName("benchHelp")
        self.help_key = WordKey(look, "benchHelpKey", wording("Help"), shortcut="F1", icon="help-circle-outline")
        self.close_key = WordKey(look, "benchClose", wording("Close"), shortcut="Esc", icon="close-circle-outline")
        self._build()
        self._connect()
        self.resize(*_SIZE)
        self.setMinimumSize(800, 600)
        self._use_theme()
        self._name()
        self._look_again()
        self.list.place.setFocus()

    def _build(self) -> None:
        content = QWidget()
        content.setObjectName(WINDOW_CONTENT)
        content.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._right = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._right.setSpacing(_GAP_PX)
        self._right.addWidget(self.panel, 1)
        self._right.addWidget(self.traffic, 1)
        body = QHBoxLayout()
        body.setSpacing(_GAP_PX)
        body.addWidget(self.list)
        body.addLayout(self._right, 1)
        bottom = QHBoxLayout()
        bottom.setSpacing(_GAP_PX)
        bottom.addWidget(self.strip, 1)
        bottom.addWidget(self.help_key)
        bottom.addWidget(self.close_key)
        column = QVBoxLayout(content)
        column.setContentsMargins(_GAP_PX, _GAP_PX, _GAP_PX, _GAP_PX)
        column.setSpacing(_GAP_PX)
        column.addLayout(body, 1)
        column.addWidget(self._help)
        column.addLayout(bottom)
        outside = QVBoxLayout(self)
        outside.setContentsMargins(0, 0, 0, 0)
        outside.addWidget(content)
        self._help.hide()

    def _connect(self) -> None:
        self.list.chosen.connect(self.choose)
        self.list.stepped.connect(self._step)
        self.panel.asked.connect(self.perform)
        self.traffic.pause_asked.connect(self._pause)
        self.strip.dismissed.connect(self._dismiss)
        self.help_key.clicked.connect(self._show_help)
        self.close_key.clicked.connect(self.close)
        keys = {
            "F1": self.help_key.click,
            "F5": self.traffic.pause_key.click,
            "Esc": self.close_key.click,
            "Alt+Up": partial(self._step, -1),
            "Alt+Down": partial(self._step, 1),
        }
        for position in range(9):
            keys[f"Ctrl+{position + 1}"] = partial(self.panel.tries.press, position)
            keys[f"Alt+{position + 1}"] = partial(self.panel.faults.press, position)
        for key, do in keys.items():
            QShortcut(QKeySequence(key), self).activated.connect(do)
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_EVERY_MS)
        self._timer.timeout.connect(self._look_again)
        self.look.theme_changed.connect(self._use_theme)
        self.look.speech_changed.connect(self._name)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._focus_moved)

    def _use_theme(self) -> None:
        self.setStyleSheet(stylesheet(self.look.theme, self.look.tokens))
        self.setPalette(palette(self.look.theme))

    def _name(self) -> None:
        self.setWindowTitle(self.look.say(wording("Device bench")))
        self._draw()

    def _look_again(self) -> None:
        if self.presenter.look():
            self._draw()

    def _draw(self) -> None:
        presenter = self.presenter
        self.list.show_devices(presenter.devices, presenter.chosen_name)
        self.panel.show_device(presenter.chosen)
        self.traffic.show_traffic(presenter.traffic(), paused=presenter.paused)
        self.strip.show_notice(presenter.notice)

    def choose(self, name: str) -> None:
        """Look at a device."""
        self.presenter.choose(name)
        self._draw()
        self.list.bring_into_sight(self.presenter.chosen_name)

    def _step(self, by: int) -> None:
        self.presenter.step(by)
        self.choose(self.presenter.chosen_name)

    def perform(self, action_id: str, text: str = "") -> None:
        """Have the chosen device do something, and look at once what came of it."""
        self.presenter.perform(action_id, text)
        self.presenter.look()
        self._draw()

    def _pause(self) -> None:
        self.presenter.pause(paused=not self.presenter.paused)
        self._draw()

    def _dismiss(self) -> None:
        self.presenter.dismiss()
        self._draw()

    def _show_help(self) -> None:
        self._help.setVisible(self._help.isHidden())

    def _focus_moved(self, before: QWidget | None, now: QWidget | None) -> None:
        """Bring what the keyboard comes to by Tab into sight of its scroll area."""
        del before
        if now is not None and self.panel.isAncestorOf(now):
            self.panel.ensureWidgetVisible(now, 0, 16)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the bytes beside the device, or below it."""
        super().resizeEvent(event)
        beside = event.size().width() >= _BESIDE_FROM_PX
        self._right.setDirection(QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom)
        self.list.setFixedWidth(_LIST_PX if beside else _NARROW_LIST_PX)
        self._right.setStretch(0, 1)
        self._right.setStretch(1, 1 if beside else 0)
        self.traffic.setMinimumHeight(0 if beside else _BYTES_BELOW_PX)
        self.traffic.setMaximumHeight(16_777_215 if beside else _BYTES_BELOW_PX)

    def showEvent(self, event: QShowEvent) -> None:
        """Begin to look."""
        self._timer.start()
        super().showEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Leave off looking."""
        self._timer.stop()
        super().hideEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Tell so."""
        self._timer.stop()
        self.closing.emit()
        super().closeEvent(event)
