"""The last bytes of a device's line: direction, time, hexadecimal and characters; the newest at the bottom."""

from typing import Any, Final

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QListView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
)

from app.devices.bench import Exchanged
from app.values.wording import Wording, wording
from ui.presenters.bench import ByteLine, overlap, write_traffic
from ui.theme.fonts import fixed_font, font
from ui.theme.look import Look
from ui.widgets.keys import WordKey
from ui.widgets.labels import TextLabel

_ROW_PX: Final = 22
_TIME_PX: Final = 72
_WAY_PX: Final = 104
_GAP_PX: Final = 12
_WIDE, _NARROW = 16, 8
_Index = QModelIndex | QPersistentModelIndex
_WAYS: Final = {True: wording("to device"), False: wording("from device")}
_ARROWS: Final = {True: "\u2192", False: "\u2190"}


class TrafficModel(QAbstractListModel):
    """The lines; changes at both ends only, so that selection and scrolling stay."""

    def __init__(self, look: Look) -> None:
        """Begin empty."""
        super().__init__()
        self._look = look
        self.lines: tuple[ByteLine, ...] = ()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Return how many lines there are."""
        return 0 if parent.isValid() else len(self.lines)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401 - Qt's own type
        """Return a line as text, for assistive technology and for copying."""
        if role not in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole}:
            return None
        line = self.lines[index.row()]
        if line.skipped:
            return self._look.say(skipped_words(line))
        way = self._look.say(_WAYS[line.to_device])
        return f"{line.time} {way} {line.hexadecimal} {line.characters}"

    def show_lines(self, lines: tuple[ByteLine, ...]) -> bool:
        """Show these lines; False where they are the ones shown."""
        if lines == self.lines:
            return False
        gone, stayed = overlap(self.lines, lines)
        if stayed == 0 and self.lines:
            self.beginResetModel()
            self.lines = lines
            self.endResetModel()
            return True
        if gone:
            self.beginRemoveRows(QModelIndex(), 0, gone - 1)
            self.lines = self.lines[gone:]
            self.endRemoveRows()
        if len(lines) > stayed:
            self.beginInsertRows(QModelIndex(), stayed, len(lines) - 1)
            self.lines = lines
            self.endInsertRows()
        return True


def skipped_words(line: ByteLine) -> Wording:
    """Say how many bytes a line stands for."""
    return wording("… {count} bytes more …", count=f"{line.skipped:,}")


class _Painter(QStyledItemDelegate):
    """Draws one line."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self.bytes_in_line = _WIDE

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """Return the height of a line."""
        del option, index
        return QSize(_TIME_PX, _ROW_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Draw time, direction, bytes and characters, each in its column."""
        model = index.model()
        if not isinstance(model, TrafficModel):
            return
        line = model.lines[index.row()]
        look = self._look
        area: QRect = option.rect
        small, fixed = font(look.tokens.small_px), fixed_font(look.tokens.small_px)
        middle = Qt.AlignmentFlag.AlignVCenter
        if line.skipped:
            painter.setFont(small)
            painter.setPen(look.colour("ink_soft"))
            painter.drawText(
                area.adjusted(_TIME_PX + _WAY_PX + _GAP_PX, 0, 0, 0), middle, look.say(skipped_words(line))
            )
            return
        ink = look.colour("accent" if line.to_device else "ink")
        if line.time:
            painter.setFont(fixed)
            painter.setPen(look.colour("ink_soft"))
            right = Qt.AlignmentFlag.AlignRight | middle
            painter.drawText(QRect(area.left(), area.top(), _TIME_PX, area.height()), right, line.time)
            painter.setFont(small)
            painter.setPen(ink)
            way = f"{_ARROWS[line.to_device]} {look.say(_WAYS[line.to_device])}"
            place = QRect(area.left() + _TIME_PX + _GAP_PX, area.top(), _WAY_PX - _GAP_PX, area.height())
            painter.drawText(place, middle, way)
        painter.setFont(fixed)
        painter.setPen(ink)
        left = area.left() + _TIME_PX + _WAY_PX + _GAP_PX
        wide = character_px(look)
        painter.drawText(QRect(left, area.top(), area.right() - left, area.height()), middle, line.hexadecimal)
        painter.setPen(look.colour("ink_soft"))
        left += wide * 3 * self.bytes_in_line + _GAP_PX
        painter.drawText(QRect(left, area.top(), area.right() - left, area.height()), middle, line.characters)


def character_px(look: Look) -> int:
    """Return how wide one character of the bytes is."""
    return QFontMetrics(fixed_font(look.tokens.small_px)).horizontalAdvance("0")


class TrafficPane(QFrame):
    """The list with its head: what it is, and the key that holds it still."""

    pause_asked = Signal()

    def __init__(self, look: Look) -> None:
        """Begin empty."""
        super().__init__()
        self.setObjectName("trafficPane")
        self.setProperty("plane", "raised")
        self._look = look
        self._traffic: tuple[Exchanged, ...] = ()
        tokens = look.tokens
        title = TextLabel(look, wording("Last bytes"), size_px=tokens.body_px, bold=True)
        self._count = TextLabel(look, "", size_px=tokens.small_px, role="ink_soft")
        self._count.setObjectName("trafficCount")
        self.pause_key = WordKey(look, "pauseTraffic", wording("Hold"), shortcut="F5", icon="pause")
        self.pause_key.clicked.connect(self.pause_asked)
        self.model = TrafficModel(look)
        self._painter = _Painter(look)
        self.view = QListView()
        self.view.setObjectName("trafficList")
        self.view.setUniformItemSizes(True)
        self.view.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.view.setModel(self.model)
        self.view.setItemDelegate(self._painter)
        self.view.viewport().setAutoFillBackground(False)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(title)
        head.addWidget(self._count, 1)
        head.addWidget(self.pause_key)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 8, 8, 8)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self.view, 1)
        look.theme_changed.connect(self.view.viewport().update)
        look.speech_changed.connect(self._name)
        self._name()

    def _name(self) -> None:
        self.view.setAccessibleName(self._look.say(wording("Last bytes")))
        self.view.viewport().update()

    def show_traffic(self, traffic: tuple[Exchanged, ...], *, paused: bool) -> None:
        """Show the last bytes; the newest comes into sight where the end was in sight before."""
        self.pause_key.say(wording("Go on") if paused else wording("Hold"))
        self.pause_key.show_icon("play" if paused else "pause")
        self.pause_key.choose(paused)
        going = wording("newest at the bottom") if traffic else wording("nothing yet")
        self._count.say(wording("held still") if paused else going)
        if traffic != self._traffic:
            self._traffic = traffic
            self._write()

    def _write(self) -> None:
        bar = self.view.verticalScrollBar()
        at_the_end = bar.value() >= bar.maximum() - _ROW_PX
        if self.model.show_lines(write_traffic(self._traffic, self._painter.bytes_in_line)) and at_the_end:
            self.view.scrollToBottom()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Write as many bytes into a line as there is room for."""
        super().resizeEvent(event)
        fixed = _TIME_PX + _WAY_PX + 2 * _GAP_PX + 48
        fits_wide = self.width() - fixed >= character_px(self._look) * 4 * _WIDE
        self._painter.bytes_in_line = _WIDE if fits_wide else _NARROW
        self._write()
