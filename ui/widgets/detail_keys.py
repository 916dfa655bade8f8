"""A key with a second, softer line: what touching it begins, or why it cannot be used."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import product
from typing import Final

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter

from ui.theme.fonts import font
from ui.widgets.keys import WordKey
from ui.widgets.labels import Text
from ui.widgets.text_painting import WrappedText, paint_wrapped, wrap

_PADDING_PX: Final = 8
_SIDES_PX: Final = 2 * _PADDING_PX + 2
_ABOVE_AND_UNDER_PX: Final = 8
_ICON_PX: Final = 20
_ICON_GAP_PX: Final = 4
_MOST_LINES: Final = 2
_BETWEEN_WORDS: Final = re.compile("[\\s\u2e80-\uffff]+")
"""Chinese may be broken anywhere, a word of letters may not."""


class _Hint(Enum):
    """Where the keyboard key stands."""

    BESIDE = "beside"
    """In the name's first line."""

    LOW = "low"
    """In the last line."""

    NONE = "none"
    """Nowhere: the words come first."""


@dataclass(frozen=True, slots=True)
class _Way:
    """A way to put everything into a key."""

    in_short: bool
    """Whether the detail is said in short."""

    icon: bool
    hint: _Hint


_WAYS: Final = tuple(
    _Way(in_short, icon, hint)
    for hints, icons in (((_Hint.BESIDE, _Hint.LOW), (True, False)), ((_Hint.NONE,), (True, False)))
    for in_short in (False, True)
    for icon in icons
    for hint in hints
)
"""The first with room for everything is taken: words come before icon and keyboard key, a short word before none."""


@dataclass(frozen=True, slots=True)
class _Arrangement:
    """How name, detail and keyboard key stand in a key."""

    of: QFont
    name: WrappedText
    detail: WrappedText | None
    icon: bool
    hint: _Hint
    fits: bool
    """Whether nothing runs out of the key."""

    whole: bool
    """Whether nothing fades or breaks either."""


class DetailKey(WordKey):
    """A `WordKey` until it is given a detail; then name and detail stand left, under one another."""

    _detail: Text = ""
    _short: Text = ""
    _detail_icon = ""
    _tile = False

    def explain(self, detail: Text, icon: str = "", *, tile: bool = True, short: Text = "") -> None:
        """Show a second line.

        Args:
            detail: what it says.
            icon: before it.
            tile: stand as those with a second line do, also where it is empty.
            short: what it says where there is no room for all of it; empty: it fades.
        """
        if (detail, icon, tile, short) != (self._detail, self._detail_icon, self._tile, self._short):
            self._detail, self._detail_icon, self._tile, self._short = detail, icon, tile, short
            self._render()

    def detail(self) -> str:
        """Return the second line in the present language."""
        return self.look.say(self._detail)

    def shown_detail(self) -> str:
        """Return the second line as there is room for it."""
        detail = self._arranged().detail
        return "" if detail is None else " ".join(detail.lines)

    def reads_whole(self) -> bool:
        """Whether name and second line can be read whole at the key's present size."""
        return self._arranged().whole if self._tile else self.words_fit()

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

    def _details(self) -> tuple[str, str]:
        return self.detail(), self.look.say(self._short)

    def _arranged(self) -> _Arrangement:
        """Return the first arrangement in which everything can be read; else the first with the name whole."""
        rest: list[_Arrangement] = []
        for made in self._arrangements():
            if made.whole:
                return made
            rest.append(made)
        fitting = (made for made in rest if made.fits and not made.name.fades)
        return next(fitting, rest[-1])

    def _arrangements(self) -> Iterator[_Arrangement]:
        whole, short = self._details()
        sizes = [size for size in self._scale if size <= self._font.pixelSize()]
        for way in _WAYS:
            if (way.in_short and not short) or (way.hint is _Hint.LOW and not self._shortcut):
                continue
            for size, lines in product(sizes, range(1, _MOST_LINES + 1 if whole else 2)):
                said = (short if way.in_short else whole, lines)
                yield self._arrangement(font(size, bold=self._font.bold()), said, way)

    def _arrangement(self, of: QFont, said: tuple[str, int], way: _Way) -> _Arrangement:
        text, lines = said
        hint = way.hint if self._shortcut else _Hint.NONE
        icon = way.icon and bool(self._detail_icon)
        width, height = self.width() - _SIDES_PX, self.height() - _ABOVE_AND_UNDER_PX
        hint_px = self._hint_width() + _PADDING_PX
        low_px = hint_px if hint is _Hint.LOW else 0
        room = width - (hint_px if hint is _Hint.BESIDE else 0)
        metrics = QFontMetrics(of)
        name = wrap(self.words(), of, room, _MOST_LINES)
        longest = max((metrics.horizontalAdvance(word) for word in _BETWEEN_WORDS.split(self.words())), default=0)
        whole = not name.fades and longest <= room
        detail = None
        if text:
            indent = _ICON_PX + _ICON_GAP_PX if icon else 0
            detail = wrap(text, font(self.look.tokens.small_px), max(1, width - indent - low_px), lines)
            whole = whole and not detail.fades
        elif low_px:
            whole = whole and metrics.horizontalAdvance(name.lines[-1]) + low_px <= width
        used = name.height_px + (detail.height_px if detail is not None else 0)
        return _Arrangement(of, name, detail, icon, hint, used <= height, whole and used <= height)

    def _paint_row(self, painter: QPainter, ink: QColor) -> None:
        if not self._tile:
            super()._paint_row(painter, ink)
            return
        placed = self._arranged()
        area = self.rect().adjusted(_PADDING_PX + 2, 4, -_PADDING_PX, -4)
        name, detail = placed.name, placed.detail
        detail_px = detail.height_px if detail is not None else 0
        top = area.top() + max(0, (area.height() - name.height_px - detail_px) // 2)
        painter.setFont(placed.of)
        paint_wrapped(painter, QRect(area.left(), top, area.width(), name.height_px), name, ink)
        if placed.hint is not _Hint.NONE:
            row = QRect(area.left(), top, area.width(), name.line_height_px)
            if placed.hint is _Hint.LOW:
                last = detail if detail is not None else name
                bottom = top + name.height_px + detail_px
                row = QRect(area.left(), bottom - last.line_height_px, area.width(), last.line_height_px)
            painter.setFont(self._hint_font)
            painter.setPen(self._soft(ink))
            painter.drawText(row, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self._shortcut)
        if detail is not None:
            at = QPoint(area.left(), top + name.height_px)
            self._paint_detail(painter, at, detail, ink, self._detail_icon if placed.icon else "")

    def _paint_detail(self, painter: QPainter, at: QPoint, detail: WrappedText, ink: QColor, icon_name: str) -> None:
        icon = self.look.icons.pixmap(icon_name, _ICON_PX, ink, self.devicePixelRatioF()) if icon_name else None
        indent = _ICON_PX + _ICON_GAP_PX if icon_name else 0
        if icon is not None:
            painter.drawPixmap(QPoint(at.x(), at.y() + (detail.line_height_px - _ICON_PX) // 2), icon)
        painter.setFont(font(self.look.tokens.small_px))
        room = self.width() - _PADDING_PX - at.x() - indent
        place = QRect(at.x() + indent, at.y(), room, detail.height_px)
        paint_wrapped(painter, place, detail, self._soft(ink))

    def words_fit(self) -> bool:
        """Whether the name can be read whole at the key's present size; a detail may fade, it is told in full too."""
        if not self._tile:
            return super().words_fit()
        placed = self._arranged()
        return placed.fits and not placed.name.fades
