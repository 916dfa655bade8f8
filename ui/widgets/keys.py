"""Keys to touch: large enough for a thumb, reachable by Tab, drawn from the tokens, words wrapped and never cut."""

from enum import Enum
from typing import Final

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QFont, QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy

from ui.theme.fonts import font
from ui.theme.look import Look
from ui.widgets.labels import Text
from ui.widgets.text_painting import WrappedText, paint_wrapped, wrap

_PADDING_PX: Final = 8
_ICON_PX: Final = 24
_ICON_GAP_PX: Final = 8


class KeyRole(Enum):
    """How much weight a key has."""

    PLAIN = "plain"
    PRIMARY = "primary"
    DANGER = "danger"
    QUIET = "quiet"


class TouchKey(QAbstractButton):
    """What every key shares: never takes the keyboard when touched, shows a ring when it has it, Enter presses it."""

    reached = Signal()
    """The keyboard came to it by Tab."""

    def __init__(self, look: Look, name: str) -> None:
        """Take the object's name, by which tests and assistive technology find it."""
        super().__init__()
        self.look = look
        self.setObjectName(name)
        # A touch must not take the keyboard from the entry line: the next key typed belongs there.
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMinimumSize(look.tokens.touch_px, look.tokens.touch_px)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self._barred = False
        look.theme_changed.connect(self.update)
        look.icons.loaded.connect(self.update)

    def bar(self, *, barred: bool) -> None:
        """Look as a key that cannot be used and still take touch and keyboard, so that it can say why."""
        if barred is not self._barred:
            self._barred = barred
            self.update()

    def is_usable(self) -> bool:
        """Whether it looks as one that does what it says."""
        return self.isEnabled() and not self._barred

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let Enter press the key that has the ring. A scan's Enter never comes this far (the burst filter)."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.click()
            return
        super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Tell that the keyboard came here."""
        super().focusInEvent(event)
        if event.reason() in {Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason}:
            self.reached.emit()

    def changeEvent(self, event: QEvent) -> None:
        """Draw again when it becomes usable or not."""
        if event.type() == QEvent.Type.EnabledChange:
            self.update()
        super().changeEvent(event)

    def paint_plate(self, painter: QPainter, fill: QColor | None, border: QColor | None, border_px: int = 1) -> None:
        """Draw the rounded plate and, where it has the keyboard, the ring."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        radius = self.look.tokens.radius_px
        area = self.rect().adjusted(0, 0, -1, -1)
        if fill is not None or border is not None:
            painter.setPen(QPen(border, border_px, self._border_style()) if border is not None else Qt.PenStyle.NoPen)
            painter.setBrush(fill if fill is not None else Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(area.adjusted(0, 0, 0, 0).toRectF().adjusted(0.5, 0.5, 0.5, 0.5), radius, radius)
        if self.hasFocus():
            width = self.look.tokens.focus_px
            painter.setPen(QPen(self.look.colour("focus"), width))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            half = width / 2
            painter.drawRoundedRect(area.toRectF().adjusted(half, half, -half + 1, -half + 1), radius - 1, radius - 1)
            # A gap in the raised surface's colour keeps the ring apart from a plate of any colour.
            painter.setPen(QPen(self.look.colour("surface_raised"), 2))
            inside = width + 1
            painter.drawRoundedRect(
                area.toRectF().adjusted(inside, inside, 1 - inside, 1 - inside), radius - 3, radius - 3
            )

    def _border_style(self) -> Qt.PenStyle:
        """Return a broken line for what cannot be used, where colours are too few to dim it."""
        dim = not self.is_usable() and self.look.theme.name == "high_contrast"
        return Qt.PenStyle.DotLine if dim else Qt.PenStyle.SolidLine


class WordKey(TouchKey):
    """A key with words, an icon where there are icons, and the key of the keyboard that does the same."""

    def __init__(
        self,
        look: Look,
        name: str,
        text: Text,
        *,
        role: KeyRole = KeyRole.PLAIN,
        shortcut: str = "",
        icon: str = "",
        size_px: int | None = None,
    ) -> None:
        """Take the words and what stands with them."""
        super().__init__(look, name)
        self._text = text
        self._role = role
        self._shortcut = shortcut
        self._icon = icon
        self._chosen = False
        self._stripe = ""
        self._stacked = False
        self._font = font(size_px or look.tokens.body_px, bold=role is KeyRole.PRIMARY)
        self._hint_font = font(look.tokens.small_px)
        tokens = look.tokens
        self._scale = (tokens.large_px, tokens.title_px, tokens.label_px, tokens.body_px, tokens.small_px)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self._render()
        look.speech_changed.connect(self._render)

    def say(self, text: Text) -> None:
        """Show other words."""
        if text != self._text:
            self._text = text
            self._render()

    def hint(self, shortcut: str) -> None:
        """Show another keyboard key."""
        self._shortcut = shortcut
        self._render()

    def show_icon(self, icon: str) -> None:
        """Show another icon."""
        self._icon = icon

    def stack(self) -> None:
        """Put the keyboard key above the words instead of beside them."""
        self._stacked = True
        self.updateGeometry()

    def choose(self, chosen: bool) -> None:
        """Show it as the one chosen among its like."""
        if chosen != self._chosen:
            self._chosen = chosen
            self.setProperty("chosen", chosen)
            self.update()

    def stripe(self, colour: str) -> None:
        """Draw a stripe of a department's colour under the words; `#rrggbb` or empty."""
        self._stripe = colour
        self.update()

    def is_chosen(self) -> bool:
        """Whether it is shown as chosen."""
        return self._chosen

    def words(self) -> str:
        """Return the words in the present language."""
        return self._words

    def _render(self) -> None:
        self._words = self.look.say(self._text)
        self.setAccessibleName(self._words)
        if self._shortcut:
            self.setAccessibleDescription(self._shortcut)
        self.updateGeometry()
        self.update()

    def _hint_width(self) -> int:
        return QFontMetrics(self._hint_font).horizontalAdvance(self._shortcut) if self._shortcut else 0

    def sizeHint(self) -> QSize:
        """Return room for the words in two lines at most."""
        metrics = QFontMetrics(self._font)
        whole = metrics.horizontalAdvance(self._words)
        longest_word = max((metrics.horizontalAdvance(word) for word in self._words.split()), default=0)
        width = max(longest_word, (whole + 1) // 2 + metrics.averageCharWidth() * 2) if whole > 96 else whole
        lines = 1 if width >= whole else 2
        width += 2 * _PADDING_PX
        height = metrics.height() * lines + 2 * _PADDING_PX
        if self._stacked:
            height += QFontMetrics(self._hint_font).height()
            width = max(width, self._hint_width() + 2 * _PADDING_PX)
        elif self._shortcut:
            width += self._hint_width() + _PADDING_PX
        if self._icon and not self._stacked:
            width += _ICON_PX + _ICON_GAP_PX
        touch = self.look.tokens.touch_px
        return QSize(max(touch, width), max(touch, height))

    def minimumSizeHint(self) -> QSize:
        """Return the same: words are not cut."""
        return self.sizeHint()

    def _colours(self) -> tuple[QColor | None, QColor | None, QColor]:
        look = self.look
        if not self.is_usable():
            return look.colour("surface"), look.colour("line"), look.colour("ink_soft")
        if self._role is KeyRole.PRIMARY:
            return look.colour("accent"), None, look.colour("on_accent")
        ink = look.colour("bad") if self._role is KeyRole.DANGER else look.colour("ink")
        if self._chosen or self.isDown():
            return look.colour("selection"), look.colour("accent"), ink
        if self._role is KeyRole.QUIET:
            return None, None, ink
        return look.colour("surface_raised"), look.colour("line"), ink

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw plate, icon, words and keyboard key."""
        del event
        fill, border, ink = self._colours()
        painter = QPainter(self)
        self.paint_plate(painter, fill, border, 2 if self._chosen else 1)
        if self.isDown() and self._role is KeyRole.PRIMARY:
            painter.setPen(QPen(ink, 2))
            painter.drawRoundedRect(self.rect().adjusted(4, 4, -5, -5), 5, 5)
        if self._stacked:
            self._paint_stacked(painter, ink)
        else:
            self._paint_row(painter, ink)
        if self._stripe:
            painter.fillRect(QRect(16, self.height() - 8, self.width() - 32, 4), QColor(self._stripe))
        painter.end()

    def _soft(self, ink: QColor) -> QColor:
        return ink if self._role is KeyRole.PRIMARY else self.look.colour("ink_soft")

    def _fitting(self, room_px: int, height_px: int) -> tuple[QFont, WrappedText]:
        """Return the largest font of the scale, from the key's own size down, in which the words fit unbroken."""
        sizes = [size for size in self._scale if size <= self._font.pixelSize()]
        for size in sizes:
            of = font(size, bold=self._font.bold())
            metrics = QFontMetrics(of)
            longest = max((metrics.horizontalAdvance(word) for word in self._words.split()), default=0)
            words = wrap(self._words, of, room_px, 2)
            if not words.fades and words.height_px <= height_px and (longest <= room_px or len(words.lines) == 1):
                return of, words
        smallest = font(sizes[-1], bold=self._font.bold())
        return smallest, wrap(self._words, smallest, room_px, 3)

    def _paint_stacked(self, painter: QPainter, ink: QColor) -> None:
        area = self.rect().adjusted(4, 0, -4, 0)
        hint_height = QFontMetrics(self._hint_font).height() if self._shortcut else 0
        of, words = self._fitting(area.width(), self.height() - hint_height)
        top = (self.height() - hint_height - words.height_px) // 2
        icon = self.look.icons.pixmap(self._icon, 20, ink, self.devicePixelRatioF())
        if len(words.lines) > 1:
            icon = None
        if self._shortcut:
            painter.setFont(self._hint_font)
            painter.setPen(self._soft(ink))
            left = area.left() + (area.width() - self._hint_width()) // 2
            if icon is not None:
                left += 13
                painter.drawPixmap(QPoint(left - 26, top + (hint_height - 20) // 2), icon)
            hint_area = QRect(left, top, area.right() - left, hint_height)
            painter.drawText(hint_area, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, self._shortcut)
        painter.setFont(of)
        words_area = QRect(area.left(), top + hint_height, area.width(), words.height_px)
        paint_wrapped(painter, words_area, words, ink, Qt.AlignmentFlag.AlignHCenter)

    def _paint_row(self, painter: QPainter, ink: QColor) -> None:
        area = self.rect().adjusted(_PADDING_PX, 0, -_PADDING_PX, 0)
        icon = self.look.icons.pixmap(self._icon, _ICON_PX, ink, self.devicePixelRatioF())
        hint = self._hint_width() + _PADDING_PX if self._shortcut else 0
        metrics = QFontMetrics(self._font)
        longest = max((metrics.horizontalAdvance(word) for word in self._words.split()), default=0)
        if icon is not None and longest + _ICON_PX + _ICON_GAP_PX + hint > area.width():
            icon = None  # the words come first
        icon_room = _ICON_PX + _ICON_GAP_PX if icon is not None else 0
        room = area.width() - hint - icon_room
        of, words = self._fitting(room, self.height() - 4)
        left = area.left() + max(0, (area.width() - words.width_px - icon_room - hint) // 2)
        if icon is not None:
            painter.drawPixmap(QPoint(left, (self.height() - _ICON_PX) // 2), icon)
            left += icon_room
        painter.setFont(of)
        words_area = QRect(left, (self.height() - words.height_px) // 2, min(room, words.width_px + 2), words.height_px)
        centred = Qt.AlignmentFlag.AlignHCenter if len(words.lines) > 1 else Qt.AlignmentFlag.AlignLeft
        paint_wrapped(painter, words_area, words, ink, centred)
        if self._shortcut:
            painter.setFont(self._hint_font)
            painter.setPen(self._soft(ink))
            hint_area = QRect(words_area.right() + _PADDING_PX, 0, self._hint_width() + 2, self.height())
            painter.drawText(hint_area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self._shortcut)

    def words_fit(self) -> bool:
        """Whether the words can be read whole at the key's present size."""
        hint = self._hint_width() + _PADDING_PX if self._shortcut and not self._stacked else 0
        hint_height = QFontMetrics(self._hint_font).height() if self._stacked else 0
        _, words = self._fitting(self.width() - 2 * _PADDING_PX - hint, self.height() - hint_height)
        return not words.fades
