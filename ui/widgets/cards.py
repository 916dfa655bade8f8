"""Things to choose one of that take more words than a key: a title with its figure, and sentences under it."""

from collections.abc import Callable, Collection, Sequence
from typing import Final

from PySide6.QtCore import QPoint, QRect, QSize, Qt, QTimer
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QScrollArea, QSizePolicy, QWidget

from ui.presenters.cards import Card, CardLine
from ui.theme.fonts import font
from ui.theme.look import Look
from ui.widgets.keys import TouchKey
from ui.widgets.text_painting import paint_wrapped, wrap

_PADDING_PX: Final = 12
_ICON_PX: Final = 20
_MOST_LINES: Final = 4
_GAP_PX: Final = 8
_BAR_GAP_PX: Final = 8


class CardKey(TouchKey):
    """One card; as high as its words need."""

    def __init__(self, look: Look, name: str) -> None:
        """Begin empty."""
        super().__init__(look, name)
        self._card = Card("")
        self._hint = ""
        self._chosen = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        look.speech_changed.connect(self._render)

    @property
    def card(self) -> Card:
        """Return what it says."""
        return self._card

    def show_card(self, card: Card, hint: str) -> None:
        """Show a card, and the key of the keyboard that chooses it."""
        if (card, hint) != (self._card, self._hint):
            self._card, self._hint = card, hint
            self.setEnabled(card.usable)
            self._render()

    def choose(self, *, chosen: bool) -> None:
        """Show it as the one chosen."""
        if chosen != self._chosen:
            self._chosen = chosen
            self.setProperty("chosen", chosen)
            self.update()

    def is_chosen(self) -> bool:
        """Whether it is shown as chosen."""
        return self._chosen

    def words(self) -> str:
        """Return all its words in the present language."""
        say = self.look.say
        return " · ".join([say(self._card.title), self._card.figure, *(say(line.text) for line in self._card.lines)])

    def _render(self) -> None:
        self.setAccessibleName(self.words())
        self.setAccessibleDescription(self._hint)
        self.updateGeometry()
        self.update()

    def heightForWidth(self, width: int) -> int:
        """Return the height that the words take at a width."""
        return max(self.look.tokens.touch_px, self._paint(None, width))

    def sizeHint(self) -> QSize:
        """Return the room for the words at the present width."""
        return QSize(160, self.heightForWidth(self.width()))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw plate and words."""
        del event
        look = self.look
        painter = QPainter(self)
        marked = self._chosen or self.isDown()
        fill = look.colour("selection" if marked else "surface_raised" if self.isEnabled() else "surface")
        self.paint_plate(painter, fill, look.colour("accent" if marked else "line"), 2 if self._chosen else 1)
        self._paint(painter, self.width())
        painter.end()

    def _paint(self, painter: QPainter | None, width_px: int) -> int:
        """Draw the words, or without a painter only measure; return the height they take."""
        look, tokens = self.look, self.look.tokens
        area = QRect(_PADDING_PX, 8, max(1, width_px - 2 * _PADDING_PX), self.height())
        bold, small = font(tokens.label_px, bold=True), font(tokens.small_px)
        figure_px = QFontMetrics(bold).horizontalAdvance(self._card.figure) + 8 if self._card.figure else 0
        hint_px = QFontMetrics(small).horizontalAdvance(self._hint) + 8 if self._hint else 0
        title = wrap(look.say(self._card.title), bold, area.width() - figure_px - hint_px, 2)
        top = area.top()
        if painter is not None:
            painter.setFont(bold)
            paint_wrapped(
                painter,
                QRect(area.left() + hint_px, top, area.width() - figure_px - hint_px, title.height_px),
                title,
                look.colour("ink"),
            )
            row = QRect(area.left(), top, area.width(), title.line_height_px)
            painter.setPen(look.colour("ink"))
            painter.drawText(row, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self._card.figure)
            painter.setFont(small)
            painter.setPen(look.colour("ink_soft"))
            painter.drawText(row, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, self._hint)
        top += title.height_px
        for line in self._card.lines:
            top = self._paint_line(painter, line, QRect(area.left(), top, area.width(), 0))
        return top + 8

    def _paint_line(self, painter: QPainter | None, line: CardLine, at: QRect) -> int:
        look = self.look
        small = font(look.tokens.small_px)
        indent = _ICON_PX + 4 if line.icon else 0
        words = wrap(look.say(line.text), small, at.width() - indent, _MOST_LINES)
        if painter is not None:
            colour = look.colour(line.role)
            icon = look.icons.pixmap(line.icon, _ICON_PX, colour, self.devicePixelRatioF()) if line.icon else None
            if icon is not None:
                painter.drawPixmap(QPoint(at.left(), at.top() + 2 + (words.line_height_px - _ICON_PX) // 2), icon)
            painter.setFont(small)
            place = QRect(at.left() + indent, at.top() + 2, at.width() - indent, words.height_px)
            paint_wrapped(painter, place, words, colour)
        return at.top() + 2 + words.height_px


class CardColumn(QScrollArea):
    """Cards under one another, numbered for the keyboard; Ctrl+1 to Ctrl+9 choose as well."""

    def __init__(self, look: Look, name: str, choose: Callable[[int], None], *, two_from_px: int = 0) -> None:
        """Take what to do with a choice, and from which width on two stand beside one another; 0: never."""
        super().__init__()
        self._two_from_px = two_from_px
        self._look = look
        self._name = name
        self._choose = choose
        self._keys: list[CardKey] = []
        self._count = 0
        self._marked = -1
        self.setObjectName(f"{name}s")
        # Laid out by hand: how high a card is depends on how wide it is, and that on whether the bar is there.
        self._inside = QWidget()
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(self._inside)
        self.viewport().setAutoFillBackground(False)
        self._inside.setAutoFillBackground(False)
        look.speech_changed.connect(self._place)

    def offer(self, cards: Sequence[Card]) -> None:
        """Show these."""
        while len(self._keys) < len(cards):
            position = len(self._keys)
            key = CardKey(self._look, f"{self._name}{position + 1}")
            key.clicked.connect(lambda _=False, chosen=position: self._choose(chosen))
            key.setParent(self._inside)
            self._keys.append(key)
        self._count = len(cards)
        for position, key in enumerate(self._keys):
            key.setVisible(position < len(cards))
            if position < len(cards):
                key.show_card(cards[position], f"Ctrl+{position + 1}" if position < 9 else "")
        self._place()

    def _place(self) -> None:
        """Put the cards into rows, each as high as its highest card; the bar at the right has its own room."""
        columns = 2 if self._two_from_px and self.width() >= self._two_from_px else 1
        room = self.viewport().width() - _BAR_GAP_PX
        width = (room - _GAP_PX * (columns - 1)) // columns
        top = 0
        for first in range(0, self._count, columns):
            row = self._keys[first : min(first + columns, self._count)]
            for column, key in enumerate(row):
                key.setGeometry(column * (width + _GAP_PX), top, width, key.heightForWidth(width))
            top += max(key.height() for key in row) + _GAP_PX
        self._inside.resize(self.viewport().width(), max(0, top - _GAP_PX))

    def all_keys(self) -> tuple[CardKey, ...]:
        """Return the cards shown now."""
        return tuple(self._keys[: self._count])

    def mark(self, position: int) -> None:
        """Show one as chosen, in sight."""
        for here, key in enumerate(self._keys):
            key.choose(chosen=here == position)
        self._marked = position
        self._show_marked()

    def mark_all(self, positions: Collection[int]) -> None:
        """Show several as chosen; the list stays where it is."""
        for here, key in enumerate(self._keys):
            key.choose(chosen=here in positions)

    def _show_marked(self) -> None:
        if 0 <= self._marked < self._count:
            key = self._keys[self._marked]
            if key.height() > self.viewport().height():
                self.verticalScrollBar().setValue(key.y())
            else:
                self.ensureWidgetVisible(key, 0, 8)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the one chosen in sight, once the cards have found their heights."""
        super().resizeEvent(event)
        self._place()
        QTimer.singleShot(0, self, self._show_marked)

    def take_number(self, key: str) -> bool:
        """Choose by Ctrl and a digit; False where that names none."""
        digit = key.removeprefix("Ctrl+")
        if digit == key or not (digit.isdecimal() and len(digit) == 1):
            return False
        position = int(digit) - 1
        if not 0 <= position < self._count:
            return False
        if self._keys[position].isEnabled():
            self._choose(position)
        return True
