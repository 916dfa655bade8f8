"""A key with a second, softer line: what touching it begins, or why it cannot be touched."""

from typing import Final

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter

from ui.theme.fonts import font
from ui.widgets.keys import WordKey
from ui.widgets.labels import Text
from ui.widgets.text_painting import paint_wrapped, wrap

_PADDING_PX: Final = 8
_ICON_PX: Final = 20
_MOST_LINES: Final = 2


class DetailKey(WordKey):
    """A `WordKey` until it is given a detail; then name and detail stand left, under one another."""

    _detail: Text = ""
    _detail_icon = ""
    _tile = False

    def explain(self, detail: Text, icon: str = "", *, tile: bool = True) -> None:
        """Show a second line; `tile`: stand as those with one do, also where it is empty."""
        if (detail, icon, tile) != (self._detail, self._detail_icon, self._tile):
            self._detail, self._detail_icon, self._tile = detail, icon, tile
            self._render()

    def detail(self) -> str:
        """Return the second line in the present language."""
        return self.look.say(self._detail)

    def _render(self) -> None:
        super()._render()
        if self._detail:
            self.setAccessibleName(f"{self.words()}, {self.detail()}")

    def sizeHint(self) -> QSize:
        """Return room for one line of each."""
        hint = super().sizeHint()
        if not self._detail:
            return hint
        tokens = self.look.tokens
        height = QFontMetrics(font(tokens.body_px)).height() + QFontMetrics(font(tokens.small_px)).height()
        return QSize(hint.width(), max(tokens.touch_px, height + 2 * _PADDING_PX))

    def _paint_row(self, painter: QPainter, ink: QColor) -> None:
        if not self._tile:
            super()._paint_row(painter, ink)
            return
        look, tokens = self.look, self.look.tokens
        area = self.rect().adjusted(_PADDING_PX + 2, 4, -_PADDING_PX, -4)
        small = font(tokens.small_px)
        small_height = QFontMetrics(small).height()
        hint_px = self._hint_width() + _PADDING_PX if self._shortcut else 0
        body_height = QFontMetrics(self._font).height()
        most = max(1, min(_MOST_LINES, (area.height() - body_height) // small_height))
        low = self._hint_is_low(area.width() - hint_px)
        icon = look.icons.pixmap(self._detail_icon, _ICON_PX, ink, self.devicePixelRatioF())
        indent = _ICON_PX + 4 if icon is not None else 0
        room = area.width() - indent - (hint_px if low else 0)
        detail = wrap(self.detail(), small, room, most) if self._detail else None
        detail_px = detail.height_px if detail is not None else 0
        of, words = self._fitting(area.width() - (0 if low else hint_px), area.height() - detail_px)
        top = area.top() + max(0, (area.height() - words.height_px - detail_px) // 2)
        painter.setFont(of)
        paint_wrapped(painter, QRect(area.left(), top, area.width(), words.height_px), words, ink)
        if self._shortcut:
            painter.setFont(self._hint_font)
            painter.setPen(self._soft(ink))
            row = QRect(area.left(), top, area.width(), words.line_height_px)
            if low:
                row = QRect(area.left(), top + words.height_px, area.width(), small_height)
            painter.drawText(row, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self._shortcut)
        if detail is not None:
            top += words.height_px
            if icon is not None:
                painter.drawPixmap(QPoint(area.left(), top + (small_height - _ICON_PX) // 2), icon)
            painter.setFont(small)
            place = QRect(area.left() + indent, top, room, detail_px)
            paint_wrapped(painter, place, detail, self._soft(ink))

    def _hint_is_low(self, room_px: int) -> bool:
        """Whether the keyboard key gives its place beside the name to a word that would be broken, and stands lower."""
        if not self._detail:
            return False
        metrics = QFontMetrics(self._font)
        return max((metrics.horizontalAdvance(word) for word in self.words().split()), default=0) > room_px

    def words_fit(self) -> bool:
        """Whether the name can be read whole at the key's present size; a detail may fade, it is told in full too."""
        if not self._tile:
            return super().words_fit()
        hint = self._hint_width() + _PADDING_PX if self._shortcut else 0
        room = self.width() - 2 * _PADDING_PX - 2
        room -= 0 if self._hint_is_low(room - hint) else hint
        detail_px = QFontMetrics(font(self.look.tokens.small_px)).height() if self._detail else 0
        return not self._fitting(room, self.height() - 8 - detail_px)[1].fades
