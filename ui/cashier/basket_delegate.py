"""Draws the rows of the basket. Figures stand under each other; long names wrap to two lines, then fade."""

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QObject, QPoint, QPointF, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QAbstractItemDelegate, QStyleOptionViewItem

from ui.cashier.basket_model import ROW_ROLE, AnyIndex
from ui.presenters.rows import BasketRow, Reduction, RowKind
from ui.theme.fonts import font
from ui.theme.look import Look
from ui.widgets.text_painting import WrappedText, paint_wrapped, wrap

SIDE_PX: Final = 16
_NUMBER_PX: Final = 32
_GAP_PX: Final = 16
_TOP_PX: Final = 8
_MARK_PX: Final = 4
_COLUMN_FROM_PX: Final = 560
"""From this width the calculation has a column of its own; in a narrower list it stands under the name."""

_FADE_GUARD: Final = 600
ACTIONS_PX: Final = 72
"""Room for the keys of the selected line: 56 and a gap of 8 on either side."""


_WHY_GAP_PX: Final = 12
"""Between a discount's name and what it gave, where both stand in one line."""


@dataclass(frozen=True, slots=True)
class ReductionLayout:
    """Where one discount under a line goes, from the row's top left corner."""

    name: WrappedText
    name_area: QRect
    why: WrappedText | None
    why_area: QRect


@dataclass(frozen=True, slots=True)
class RowLayout:
    """Where everything of one row goes, from its top left corner."""

    height_px: int
    name: WrappedText
    name_area: QRect
    detail: WrappedText | None
    detail_area: QRect
    amount_left: int
    reductions: tuple[ReductionLayout, ...] = ()


class BasketDelegate(QAbstractItemDelegate):
    """Draws rows without the style's help: a tenth of the time."""

    def __init__(self, look: Look, parent: QObject) -> None:
        """Take the look."""
        super().__init__(parent)
        self._look = look
        self._layouts: dict[tuple[str, bool], tuple[BasketRow, int, RowLayout]] = {}
        tokens = look.tokens
        self._name_font = font(tokens.label_px)
        self._name_font_large = font(tokens.title_px, bold=True)
        self._amount_font = font(tokens.label_px, bold=True)
        self._soft_font = font(tokens.body_px)
        self._small_font = font(tokens.small_px, bold=True)
        self._why_font = font(tokens.small_px)
        self.width_px = 0
        """Of the list's viewport; set by the list."""

        self.selected_position = -1
        """The row that is drawn large; set by the list."""

        self.has_actions = True
        """Whether the selected row leaves room for keys."""

    def forget(self) -> None:
        """Lay every row out again, after a change of language."""
        self._layouts.clear()

    def layout(self, row: BasketRow, width_px: int, *, selected: bool) -> RowLayout:
        """Return where everything of a row goes."""
        known = self._layouts.get((row.key, selected))
        if known is not None and known[0] is row and known[1] == width_px:
            return known[2]
        made = self._lay_out(row, width_px, selected=selected)
        if len(self._layouts) > _FADE_GUARD:
            self._layouts.clear()
        self._layouts[row.key, selected] = (row, width_px, made)
        return made

    def _lay_out(self, row: BasketRow, width_px: int, *, selected: bool) -> RowLayout:
        name_font = self._name_font_large if selected else self._name_font
        amount_font = self._name_font_large if selected else self._amount_font
        amount_width = max(QFontMetrics(amount_font).horizontalAdvance(row.amount), 80)
        left = SIDE_PX + _NUMBER_PX + 8
        amount_left = width_px - SIDE_PX - amount_width
        column = self._has_column(row, width_px, selected=selected)
        calculation = QFontMetrics(self._soft_font).horizontalAdvance(row.calculation)
        name_right = amount_left - _GAP_PX - (calculation + _GAP_PX if column else 0)
        badge = QFontMetrics(self._small_font).horizontalAdvance(row.badge) + 24 if row.badge else 0
        name = wrap(row.name, name_font, name_right - left - badge, 2)
        top = _TOP_PX
        name_area = QRect(left, top, name_right - left - badge, name.height_px)
        top += name.height_px
        under = (
            row.detail if column or not row.calculation else "  ·  ".join(p for p in (row.calculation, row.detail) if p)
        )
        detail = (
            wrap(under, self._soft_font, name_right - left if column else width_px - left - SIDE_PX, 1)
            if under
            else None
        )
        detail_area = QRect(left, top, width_px - left - SIDE_PX if not column else name_right - left, 0)
        if detail is not None:
            detail_area.setHeight(detail.height_px)
            top += detail.height_px
        reductions: list[ReductionLayout] = []
        for reduction in row.reductions:
            reductions.append(self._lay_out_reduction(reduction, QPoint(left, top), width_px, selected=selected))
            top = max(reductions[-1].name_area.bottom(), reductions[-1].why_area.bottom()) + 1
        top += _TOP_PX
        least = self._look.tokens.touch_px
        return RowLayout(
            max(least, top) + (ACTIONS_PX if selected and self.has_actions and row.has_keys else 0),
            name,
            name_area,
            detail,
            detail_area,
            amount_left,
            tuple(reductions),
        )

    def _lay_out_reduction(self, reduction: Reduction, at: QPoint, width_px: int, *, selected: bool) -> ReductionLayout:
        """Put the name left and the amount right; what it gave beside the name, under it where the line is selected."""
        amount = QFontMetrics(self._soft_font).horizontalAdvance(reduction.amount)
        room = width_px - SIDE_PX - amount - _GAP_PX - at.x()
        name = wrap(reduction.name, self._soft_font, room, 2)
        name_area = QRect(at.x(), at.y(), room, name.height_px)
        beside = room - name.width_px - _WHY_GAP_PX
        why_width = QFontMetrics(self._why_font).horizontalAdvance(reduction.why)
        if reduction.why and len(name.lines) == 1 and why_width <= beside:
            why = wrap(reduction.why, self._why_font, beside, 1)
            lower = name.ascent_px - why.ascent_px
            left = at.x() + name.width_px + _WHY_GAP_PX
            return ReductionLayout(name, name_area, why, QRect(left, at.y() + lower, beside, why.height_px))
        if not (reduction.why and selected):
            return ReductionLayout(name, name_area, None, QRect())
        why = wrap(reduction.why, self._why_font, room, 2)
        return ReductionLayout(name, name_area, why, QRect(at.x(), at.y() + name.height_px, room, why.height_px))

    def _has_column(self, row: BasketRow, width_px: int, *, selected: bool) -> bool:
        """Whether the calculation stands in the name's line: not in a narrow list, nor where the keys narrow it."""
        wide = width_px >= _COLUMN_FROM_PX and not (selected and self.has_actions)
        return wide and bool(row.calculation)

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        """Return the height of a row; the selected one is larger and has room for its keys."""
        del option
        row: BasketRow = index.data(ROW_ROLE)
        selected = index.row() == self.selected_position
        return QSize(self.width_px, self.layout(row, self.width_px, selected=selected).height_px)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        """Draw one row."""
        row: BasketRow = index.data(ROW_ROLE)
        look = self._look
        area: QRect = option.rect
        selected = index.row() == self.selected_position
        layout = self.layout(row, self.width_px, selected=selected)
        ink, soft = look.colour("ink"), look.colour("ink_soft")
        if selected:
            painter.fillRect(area, look.colour("selection"))
            painter.fillRect(QRect(area.left(), area.top(), _MARK_PX, area.height()), look.colour("accent"))
        painter.setPen(QPen(look.colour("line"), 1))
        painter.drawLine(area.left() + SIDE_PX, area.bottom(), area.right() - SIDE_PX, area.bottom())
        name_font = self._name_font_large if selected else self._name_font
        baseline = area.top() + _TOP_PX + layout.name.ascent_px
        if row.number:
            self._right(painter, self._soft_font, soft, SIDE_PX + _NUMBER_PX - 8, area, baseline, row.number)
        painter.setFont(name_font)
        colour = ink if row.kind is RowKind.LINE else look.colour("good")
        paint_wrapped(painter, layout.name_area.translated(area.topLeft()), layout.name, colour)
        if row.badge:
            self._paint_badge(painter, row.badge, area, layout)
        amount_font = self._name_font_large if selected else self._amount_font
        self._right(painter, amount_font, colour, self.width_px - SIDE_PX, area, baseline, row.amount)
        if self._has_column(row, self.width_px, selected=selected):
            self._right(painter, self._soft_font, soft, layout.amount_left - _GAP_PX, area, baseline, row.calculation)
        if layout.detail is not None:
            painter.setFont(self._soft_font)
            paint_wrapped(painter, layout.detail_area.translated(area.topLeft()), layout.detail, soft)
        if row.reductions:
            self._paint_reductions(painter, row, area, layout)

    @staticmethod
    def _right(painter: QPainter, of: QFont, colour: QColor, right: int, area: QRect, baseline: int, text: str) -> None:
        painter.setFont(of)
        painter.setPen(colour)
        painter.drawText(QPointF(area.left() + right - QFontMetrics(of).horizontalAdvance(text), baseline), text)

    def _paint_badge(self, painter: QPainter, badge: str, area: QRect, layout: RowLayout) -> None:
        metrics = QFontMetrics(self._small_font)
        left = area.left() + layout.name_area.left() + layout.name.width_px + 8
        top = area.top() + layout.name_area.top() + (layout.name.line_height_px - 20) // 2
        plate = QRect(left, top, metrics.horizontalAdvance(badge) + 12, 20)
        painter.setPen(QPen(self._look.colour("warn"), 1))
        painter.drawRoundedRect(plate, 4, 4)
        painter.setFont(self._small_font)
        painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, badge)

    def _paint_reductions(self, painter: QPainter, row: BasketRow, area: QRect, layout: RowLayout) -> None:
        good, soft = self._look.colour("good"), self._look.colour("ink_soft")
        for reduction, placed in zip(row.reductions, layout.reductions, strict=True):
            painter.setFont(self._soft_font)
            name_area = placed.name_area.translated(area.topLeft())
            paint_wrapped(painter, name_area, placed.name, good)
            baseline = name_area.top() + placed.name.ascent_px
            self._right(painter, self._soft_font, good, self.width_px - SIDE_PX, area, baseline, reduction.amount)
            if placed.why is not None:
                painter.setFont(self._why_font)
                paint_wrapped(painter, placed.why_area.translated(area.topLeft()), placed.why, soft)
