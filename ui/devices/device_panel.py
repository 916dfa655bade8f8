"""The device looked at: how it is, where it is, what it reads, and what it can be made to do."""

from functools import partial
from typing import Final

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from app.devices.bench import BenchDevice
from app.devices.conditions import DeviceCondition
from app.values.wording import Wording, wording
from ui.devices.action_shelf import ActionShelf
from ui.presenters.bench import ANY_ICON, ICONS, NO_DEVICES, SILENT, shelves_of
from ui.theme.fonts import fixed_font, font
from ui.theme.look import Look
from ui.widgets.labels import Text, TextLabel
from ui.widgets.status_light import CONDITION_ROLES, CONDITION_WORDS, paint_condition
from ui.widgets.text_painting import WrappedText, paint_wrapped, wrap

_ICON_PX: Final = 32
_SHAPE_PX: Final = 18
_READING_PX: Final = 80
_CAPTION_PX: Final = 136
_TWO_FACTS_FROM_PX: Final = 600


class ClassIcon(QWidget):
    """The sign of a device's class; its name stands beside it."""

    def __init__(self, look: Look) -> None:
        """Begin with the sign of any device."""
        super().__init__()
        self._look = look
        self._icon = ANY_ICON
        self.setFixedSize(_ICON_PX + 8, _ICON_PX + 8)
        look.theme_changed.connect(self.update)
        look.icons.loaded.connect(self.update)

    def show_class(self, kind: str) -> None:
        """Show a class's sign."""
        self._icon = ICONS.get(kind, ANY_ICON)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        del event
        painter = QPainter(self)
        icon = self._look.icons.pixmap(self._icon, _ICON_PX, self._look.colour("ink"), self.devicePixelRatioF())
        if icon is not None:
            painter.drawPixmap(4, 4, icon)
        painter.end()


class ConditionSign(QWidget):
    """How a device is, as shape and word."""

    def __init__(self, look: Look) -> None:
        """Begin as not set up."""
        super().__init__()
        self.setObjectName("benchCondition")
        self._look = look
        self._condition = DeviceCondition.ABSENT
        self._font = font(look.tokens.label_px, bold=True)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        look.theme_changed.connect(self.update)
        look.speech_changed.connect(self._render)

    def show_condition(self, condition: DeviceCondition) -> None:
        """Show a condition."""
        if condition is not self._condition:
            self._condition = condition
            self._render()

    def text(self) -> str:
        """Return the word in the present language."""
        return self._look.say(CONDITION_WORDS[self._condition])

    def _render(self) -> None:
        self.setAccessibleName(self.text())
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Return room for both."""
        metrics = QFontMetrics(self._font)
        return QSize(_SHAPE_PX + 8 + metrics.horizontalAdvance(self.text()) + 4, metrics.height() + 4)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw both."""
        del event
        painter = QPainter(self)
        shape = QRectF(0, (self.height() - _SHAPE_PX) / 2, _SHAPE_PX, _SHAPE_PX)
        paint_condition(painter, self._look, shape, self._condition)
        painter.setFont(self._font)
        painter.setPen(self._look.colour(CONDITION_ROLES[self._condition]))
        painter.drawText(self.rect().adjusted(_SHAPE_PX + 8, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, self.text())
        painter.end()


class ReadingPlate(QFrame):
    """What a device reads or shows, as large as it fits; its height stays, so that nothing moves under it."""

    def __init__(self, look: Look) -> None:
        """Begin with nothing."""
        super().__init__()
        self.setObjectName("benchReading")
        self.setProperty("plane", "surface")
        self._look = look
        self._reading: Text = ""
        self.setFixedHeight(_READING_PX)
        look.theme_changed.connect(self.update)
        look.speech_changed.connect(self._render)

    def say(self, reading: Text) -> None:
        """Show a reading; several lines where it has several."""
        if reading != self._reading:
            self._reading = reading
            self._render()

    def text(self) -> str:
        """Return what is shown."""
        return self._look.say(self._reading)

    def _render(self) -> None:
        self.setAccessibleName(self.text() or self._look.say(wording("Nothing read yet")))
        self.update()

    def _fitting(self, lines: list[str], area: QRect) -> tuple[QFont, list[WrappedText]]:
        tokens = self._look.tokens
        # Lines of a display stand under each other character by character.
        sort = fixed_font if len(lines) > 1 else partial(font, bold=True)
        for size in (tokens.large_px, tokens.title_px, tokens.label_px, tokens.body_px, tokens.small_px):
            of = sort(size)
            most = 1 if size > tokens.label_px else 3
            wrapped = [wrap(line, of, area.width(), most) for line in lines]
            fits = sum(part.height_px for part in wrapped) <= area.height()
            if fits and not any(part.fades for part in wrapped):
                break
        return of, wrapped

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the lines in the middle."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(self._look.colour("line"))
        painter.setBrush(self._look.colour("surface"))
        painter.drawRoundedRect(self.rect().toRectF().adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
        area = self.rect().adjusted(16, 4, -16, -4)
        if not self.text():
            painter.setFont(font(self._look.tokens.body_px))
            painter.setPen(self._look.colour("ink_soft"))
            painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, self._look.say(wording("Nothing read yet")))
            painter.end()
            return
        of, lines = self._fitting(self.text().splitlines(), area)
        painter.setFont(of)
        top = area.top() + max(0, (area.height() - sum(line.height_px for line in lines)) // 2)
        for line in lines:
            paint_wrapped(
                painter, QRect(area.left(), top, area.width(), line.height_px), line, self._look.colour("ink")
            )
            top += line.height_px
        painter.end()


class Facts(QWidget):
    """What else there is to know, caption beside value."""

    def __init__(self, look: Look) -> None:
        """Begin empty."""
        super().__init__()
        self.setObjectName("benchFacts")
        self._look = look
        self._rows: list[tuple[TextLabel, TextLabel]] = []
        self._pairs = 1
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnMinimumWidth(0, _CAPTION_PX)
        self._grid.setColumnStretch(1, 1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def show_facts(self, facts: tuple[tuple[Wording, Wording | str], ...]) -> None:
        """Show these facts."""
        while len(self._rows) < len(facts):
            row = (TextLabel(self._look, "", role="ink_soft"), TextLabel(self._look, ""))
            self._rows.append(row)
            self._place(len(self._rows) - 1)
        for position, row in enumerate(self._rows):
            for label in row:
                label.setVisible(position < len(facts))
            if position < len(facts):
                row[0].say(facts[position][0])
                row[1].say(facts[position][1])

    def _place(self, position: int) -> None:
        row, pair = divmod(position, self._pairs)
        for column, label in enumerate(self._rows[position]):
            self._grid.addWidget(label, row, 2 * pair + column)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put two facts side by side where there is room."""
        super().resizeEvent(event)
        pairs = 2 if event.size().width() >= _TWO_FACTS_FROM_PX else 1
        if pairs != self._pairs:
            self._pairs = pairs
            self._grid.setColumnMinimumWidth(2, _CAPTION_PX if pairs > 1 else 0)
            self._grid.setColumnStretch(3, 1 if pairs > 1 else 0)
            for position in range(len(self._rows)):
                self._place(position)


class DevicePanel(QScrollArea):
    """Everything about one device but its bytes."""

    asked = Signal(str, str)
    """An action, and what was typed for it."""

    def __init__(self, look: Look) -> None:
        """Begin with no device."""
        super().__init__()
        self.setObjectName("devicePanel")
        self._look = look
        tokens = look.tokens
        self._icon = ClassIcon(look)
        self._title = TextLabel(look, NO_DEVICES, size_px=tokens.title_px, bold=True)
        self._title.setObjectName("benchTitle")
        self._who = TextLabel(look, "", size_px=tokens.small_px, role="ink_soft")
        self._who.setObjectName("benchPlace")
        self._condition = ConditionSign(look)
        self._sentence = TextLabel(look, "", lines=2)
        self._sentence.setObjectName("benchSentence")
        self._reading = ReadingPlate(look)
        self._facts = Facts(look)
        self.tries = ActionShelf(look, "shelfTry", wording("Try"), "Ctrl")
        self.faults = ActionShelf(look, "shelfFaults", wording("What can go wrong"), "Alt")
        for shelf in (self.tries, self.faults):
            shelf.asked.connect(self.asked)
        self._build()

    def _build(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._icon)
        head.addWidget(self._title, 1)
        head.addWidget(self._condition)
        inside = QFrame()
        inside.setProperty("plane", "raised")
        column = QVBoxLayout(inside)
        column.setContentsMargins(16, 8, 16, 16)
        column.setSpacing(8)
        column.addLayout(head)
        for widget in (self._who, self._sentence, self._reading, self._facts, self.tries, self.faults):
            column.addWidget(widget)
        column.addStretch(1)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(inside)
        self.viewport().setAutoFillBackground(False)

    def show_device(self, device: BenchDevice | None) -> None:
        """Show a device; each part draws itself again only where it differs."""
        for widget in (self._condition, self._sentence, self._facts, self._icon):
            widget.setVisible(device is not None)
        if device is None:
            self._title.say(NO_DEVICES)
            self._who.say("")
            self._reading.hide()
            for shelf in (self.tries, self.faults):
                shelf.show_actions("", ())
            return
        self._icon.show_class(device.kind)
        self._title.say(device.title)
        kind = wording("simulated") if device.simulated else wording("real")
        self._who.say(wording("{name} · {place} · {kind}", name=device.name, place=device.place, kind=kind))
        self._condition.show_condition(device.condition)
        self._sentence.say(device.sentence)
        self._reading.say(device.reading)
        self._reading.setVisible(bool(device.reading) or device.kind not in SILENT)
        self._facts.show_facts(((wording("Driver"), device.driver), *device.facts))
        shelves = shelves_of(device)
        self.tries.show_actions(device.name, shelves.tries)
        self.faults.show_actions(device.name, shelves.faults)
