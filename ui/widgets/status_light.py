"""One light of the status bar: a shape, a colour and a word, touched to read what is so."""

from typing import Final

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen, QPolygonF

from app.devices.conditions import DeviceCondition
from app.values.wording import Wording, wording
from ui.theme.fonts import font
from ui.theme.look import Look
from ui.widgets.keys import TouchKey
from ui.widgets.labels import Text
from ui.widgets.text_painting import paint_wrapped, wrap

_SHAPE_PX: Final = 18
_WORD_SIDE_PX: Final = 2
CONDITION_ROLES: Final = {
    DeviceCondition.READY: "good",
    DeviceCondition.ATTENTION: "warn",
    DeviceCondition.STOPPED: "bad",
    DeviceCondition.AWAY: "bad",
    DeviceCondition.ABSENT: "ink_soft",
}
CONDITION_WORDS: Final = {
    DeviceCondition.READY: wording("ready"),
    DeviceCondition.ATTENTION: wording("needs attention"),
    DeviceCondition.STOPPED: wording("stopped"),
    DeviceCondition.AWAY: wording("away"),
    DeviceCondition.ABSENT: wording("not set up"),
}


class StatusLight(TouchKey):
    """The shape says the condition to those who do not see the colour."""

    def __init__(self, look: Look, name: str, label: Text) -> None:
        """Begin as not set up."""
        super().__init__(look, name)
        self._label = label
        self.condition = DeviceCondition.ABSENT
        self.sentence: Wording = wording("Not set up at this till.")
        self._figure: Text = ""
        self._icon = ""
        self._render()
        look.speech_changed.connect(self._render)

    def show_condition(self, condition: DeviceCondition, sentence: Wording, figure: Text = "") -> None:
        """Show how it is; a figure stands in place of the shape's own mark."""
        self.condition, self.sentence, self._figure = condition, sentence, figure
        self._render()

    def show_icon(self, icon: str) -> None:
        """Let an icon stand beside the figure."""
        self._icon = icon
        self.update()

    def _render(self) -> None:
        look = self.look
        words = look.say(wording("{subject}: {state}", subject=self._label, state=CONDITION_WORDS[self.condition]))
        self.setAccessibleName(words)
        self.setAccessibleDescription(look.say(self.sentence))
        self.setToolTip(look.say(self.sentence))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Return room for shape and word."""
        metrics = QFontMetrics(font(self.look.tokens.small_px))
        widest = max(metrics.horizontalAdvance(self.look.say(text)) for text in (self._label, self._figure))
        return QSize(max(self.look.tokens.touch_px, widest + 10), self.look.tokens.touch_px)

    def minimumSizeHint(self) -> QSize:
        """Return the same."""
        return self.sizeHint()

    def word_is_whole(self) -> bool:
        """Whether the word does not fade at the present width."""
        room = self.width() - 2 * _WORD_SIDE_PX
        return not wrap(self.look.say(self._label), font(self.look.tokens.small_px), room, 1).fades

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the shape above its word."""
        del event
        look = self.look
        painter = QPainter(self)
        self.paint_plate(painter, look.colour("selection") if self.isDown() else None, None)
        colour = look.colour(CONDITION_ROLES[self.condition])
        small = font(look.tokens.small_px, bold=bool(self._figure))
        if self._figure:
            painter.setFont(small)
            painter.setPen(colour)
            self._paint_figure(painter)
        else:
            area = QRectF((self.width() - _SHAPE_PX) / 2, 9, _SHAPE_PX, _SHAPE_PX)
            paint_condition(painter, look, area, self.condition)
        painter.setFont(font(look.tokens.small_px))
        ink = look.colour("ink" if self.condition is not DeviceCondition.ABSENT else "ink_soft")
        words = QRect(_WORD_SIDE_PX, 30, self.width() - 2 * _WORD_SIDE_PX, 20)
        label = wrap(look.say(self._label), font(look.tokens.small_px), words.width(), 1)
        paint_wrapped(painter, words, label, ink, Qt.AlignmentFlag.AlignHCenter)
        painter.end()

    def _paint_figure(self, painter: QPainter) -> None:
        """Draw the figure, with its icon where it has one, in the painter's pen and font."""
        figure = self.look.say(self._figure)
        area = QRect(0, 8, self.width(), 22)
        icon = self.look.icons.pixmap(self._icon, _SHAPE_PX, painter.pen().color(), self.devicePixelRatioF())
        if icon is not None:
            width = _SHAPE_PX + 4 + painter.fontMetrics().horizontalAdvance(figure)
            left = (self.width() - width) // 2
            painter.drawPixmap(left, area.top() + (area.height() - _SHAPE_PX) // 2, icon)
            area = QRect(left + _SHAPE_PX + 4, area.top(), width, area.height())
            painter.drawText(area, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, figure)
            return
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, figure)


def paint_condition(painter: QPainter, look: Look, area: QRectF, condition: DeviceCondition) -> None:
    """Draw a condition's shape.

    Ready: a filled disc. Attention: a triangle. Stopped: a barred ring. Away: a crossed ring. Not set up: an empty
    ring.
    """
    colour = look.colour(CONDITION_ROLES[condition])
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colour, 2))
    painter.setBrush(colour if condition is DeviceCondition.READY else Qt.BrushStyle.NoBrush)
    inner = area.adjusted(2, 2, -2, -2)
    if condition is DeviceCondition.ATTENTION:
        painter.setBrush(colour)
        painter.drawPolygon(
            QPolygonF([QPointF(inner.center().x(), inner.top()), inner.bottomRight(), inner.bottomLeft()])
        )
        return
    painter.drawEllipse(inner)
    if condition is DeviceCondition.STOPPED:
        middle = inner.center()
        painter.drawLine(QPointF(inner.left() + 3, middle.y()), QPointF(inner.right() - 3, middle.y()))
    if condition is DeviceCondition.AWAY:
        painter.drawLine(inner.topLeft() + QPointF(3, 3), inner.bottomRight() - QPointF(3, 3))
        painter.drawLine(inner.topRight() + QPointF(-3, 3), inner.bottomLeft() + QPointF(3, -3))
