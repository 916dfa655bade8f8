"""The explanation of the deal: a list of what was given, what almost applies and what was not given, each with why."""

from typing import Final

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractItemDelegate, QFrame, QListView, QScroller, QStyleOptionViewItem, QWidget

from app.values.money import currency_of
from app.values.wording import wording
from ui.cashier.basket_model import ROW_ROLE, AnyIndex
from ui.cashier.side_pane import Send, SidePane
from ui.presenters.cashier import CashierPresenter
from ui.presenters.deal import DealRow, deal_rows, deal_subtitle, deal_title
from ui.theme.fonts import font
from ui.theme.look import Look
from ui.widgets.text_painting import WrappedText, paint_wrapped, wrap

_NO_PARENT: Final = QModelIndex()
_ICON_PX: Final = 20
_SIDE_PX: Final = 8
_INDENT_PX: Final = _SIDE_PX + _ICON_PX + 8
_STEPS: Final = {"Up": -1, "Down": 1}
_PAGES: Final = {"PgUp": -1, "PgDown": 1}
_STEP_PX: Final = 48


class DealModel(QAbstractListModel):
    """A list of `DealRow`."""

    def __init__(self) -> None:
        """Begin empty."""
        super().__init__()
        self.rows: tuple[DealRow, ...] = ()

    def rowCount(self, parent: AnyIndex = _NO_PARENT) -> int:
        """Return how many rows there are."""
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a row, or its words for assistive technology."""
        if not index.isValid() or index.row() >= len(self.rows):
            return None
        row = self.rows[index.row()]
        if role == ROW_ROLE:
            return row
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole}:
            return row.spoken()
        return None

    def show(self, rows: tuple[DealRow, ...]) -> None:
        """Change to these rows."""
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()


class DealDelegate(QAbstractItemDelegate):
    """Draws a title, or an offer's picture, name, saving and reason; only the rows in sight are ever laid out whole."""

    def __init__(self, look: Look, parent: QObject) -> None:
        """Take the look."""
        super().__init__(parent)
        self._look = look
        self.width_px = 0

    def _parts(self, row: DealRow) -> tuple[WrappedText | None, WrappedText | None]:
        tokens = self._look.tokens
        figure = QFontMetrics(font(tokens.body_px, bold=True)).horizontalAdvance(row.figure)
        room = self.width_px - _INDENT_PX - _SIDE_PX - (figure + 16 if row.figure else 0)
        name = wrap(row.name, font(tokens.body_px, bold=True), max(1, room), 2) if row.name else None
        under = self.width_px - _INDENT_PX - _SIDE_PX
        sentence = wrap(row.sentence, font(tokens.body_px), max(1, under), 4) if row.sentence else None
        return name, sentence

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        """Return the height of a row."""
        del option
        row: DealRow = index.data(ROW_ROLE)
        if row.head:
            return QSize(self.width_px, QFontMetrics(font(self._look.tokens.label_px)).height() + 16)
        height = sum(part.height_px for part in self._parts(row) if part is not None)
        return QSize(self.width_px, height + 16)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        """Draw one row."""
        row: DealRow = index.data(ROW_ROLE)
        look, tokens = self._look, self._look.tokens
        area: QRect = option.rect
        if row.head:
            of = font(tokens.label_px, bold=True)
            painter.setFont(of)
            painter.setPen(look.colour("ink"))
            painter.drawText(QPoint(area.left() + _SIDE_PX, area.top() + 8 + QFontMetrics(of).ascent()), row.name)
            painter.setPen(QPen(look.colour("line"), 1))
            painter.drawLine(area.left() + _SIDE_PX, area.bottom(), area.right() - _SIDE_PX, area.bottom())
            return
        name, sentence = self._parts(row)
        top = area.top() + 8
        left = area.left() + _INDENT_PX
        if name is not None:
            icon = look.icons.pixmap(row.icon, _ICON_PX, look.colour(row.role), 1.0)
            if icon is not None:
                painter.drawPixmap(QPoint(area.left() + _SIDE_PX, top + (name.line_height_px - _ICON_PX) // 2), icon)
            of = font(tokens.body_px, bold=True)
            painter.setFont(of)
            paint_wrapped(painter, QRect(left, top, area.width(), name.height_px), name, look.colour("ink"))
            if row.figure:
                painter.setPen(look.colour(row.role))
                right = area.right() - _SIDE_PX - QFontMetrics(of).horizontalAdvance(row.figure)
                painter.drawText(QPoint(right, top + name.ascent_px), row.figure)
            top += name.height_px
        if sentence is not None:
            painter.setFont(font(tokens.body_px))
            place = QRect(left, top, self.width_px - _INDENT_PX - _SIDE_PX, sentence.height_px)
            paint_wrapped(painter, place, sentence, look.colour("ink_soft"))


class DealList(QListView):
    """The list. It keeps its place by the row at its top, whatever comes above that."""

    def __init__(self, look: Look) -> None:
        """Begin empty."""
        super().__init__()
        self.setObjectName("dealList")
        self.model_ = DealModel()
        self._delegate = DealDelegate(look, self)
        self.setModel(self.model_)
        self.setItemDelegate(self._delegate)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSelectionMode(QListView.SelectionMode.NoSelection)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setFrameShape(QFrame.Shape.NoFrame)
        QScroller.grabGesture(self.viewport(), QScroller.ScrollerGestureType.TouchGesture)
        look.theme_changed.connect(self.viewport().update)
        look.icons.loaded.connect(self.viewport().update)

    def show_rows(self, rows: tuple[DealRow, ...]) -> None:
        """Show these rows; the one at the top stays where it is, where it is still there."""
        if rows == self.model_.rows:
            return
        key, offset = self.place()
        self.model_.show(rows)
        self.executeDelayedItemsLayout()
        position = next((here for here, row in enumerate(rows) if row.key == key), 0)
        bar = self.verticalScrollBar()
        bar.setValue(bar.value() + self.visualRect(self.model_.index(position)).top() + (offset if position else 0))

    def place(self) -> tuple[str, int]:
        """Return the row at the top and how much of it is out of sight."""
        index = self.indexAt(QPoint(1, 1))
        if not index.isValid():
            return "", 0
        return self.model_.rows[index.row()].key, -self.visualRect(index).top()

    def begin(self) -> None:
        """Go to the top."""
        self.verticalScrollBar().setValue(0)

    def take_key(self, key: str) -> bool:
        """Scroll by the keyboard; False where a key means nothing here."""
        bar = self.verticalScrollBar()
        if key in _STEPS:
            bar.setValue(bar.value() + _STEPS[key] * _STEP_PX)
        elif key in _PAGES:
            bar.setValue(bar.value() + _PAGES[key] * (bar.pageStep() - _STEP_PX))
        elif key in {"Home", "End"}:
            bar.setValue(bar.minimum() if key == "Home" else bar.maximum())
        else:
            return False
        return True

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay the rows out for the new width."""
        self._delegate.width_px = self.viewport().width()
        super().resizeEvent(event)
        self.scheduleDelayedItemsLayout()
        self.executeDelayedItemsLayout()


class DealPane(SidePane):
    """What the shopper gets, and why not more."""

    def __init__(self, look: Look, presenter: CashierPresenter, send: Send) -> None:
        """Build the list."""
        super().__init__(look, presenter, send, "dealPane", wording("Offers explained"))
        self.list = DealList(look)
        self.column.addWidget(self.list, 1)

    def opened(self) -> None:
        """Begin at the top."""
        self.refresh()
        self.list.begin()

    def refresh(self) -> None:
        """Show the deal as it is now."""
        view = self.presenter.view
        if view.deal is None:
            return
        currency = currency_of(view.basket.currency)
        self.title.say(deal_title(view.deal, currency))
        self.say_under_title(deal_subtitle(view.deal))
        self.list.show_rows(deal_rows(view.deal, currency, self.look.speech))

    def first_focus(self) -> QWidget:
        """Give the keyboard to the way back."""
        return self.back_key

    def take_key(self, key: str) -> bool:
        """Scroll."""
        return self.list.take_key(key)
