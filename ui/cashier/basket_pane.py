"""The basket on screen: its head, the list of lines, the keys of the selected line, and what it says when empty."""

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QRect, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QListView, QScroller, QVBoxLayout, QWidget

from app.values.wording import wording
from ui.cashier.almost_strip import AlmostStrip
from ui.cashier.basket_delegate import ACTIONS_PX, SIDE_PX, BasketDelegate
from ui.cashier.basket_model import AnyIndex, BasketModel
from ui.cashier.line_keys import LineKeys
from ui.presenters.rows import BasketRow
from ui.theme.fonts import font
from ui.theme.look import Look
from ui.widgets.labels import TextLabel
from ui.widgets.text_painting import paint_wrapped, wrap


class BasketList(QListView):
    """The list. The selected row is larger and carries its keys."""

    chosen = Signal(str)
    """The key of a row that was touched."""

    def __init__(self, look: Look, keys: LineKeys | None) -> None:
        """Take the look and, where rows can be changed here, the keys of the selected one."""
        super().__init__()
        self._look = look
        self.model_ = BasketModel()
        self._delegate = BasketDelegate(look, self)
        self._keys = keys
        self.setObjectName("basketList")
        self.setModel(self.model_)
        self.setItemDelegate(self._delegate)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSelectionMode(QListView.SelectionMode.NoSelection)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setFrameShape(QFrame.Shape.NoFrame)
        QScroller.grabGesture(self.viewport(), QScroller.ScrollerGestureType.TouchGesture)
        if keys is not None:
            keys.setParent(self.viewport())
            keys.hide()
        self.clicked.connect(self._clicked)
        self.verticalScrollBar().valueChanged.connect(self._place_keys)
        look.theme_changed.connect(self.viewport().update)
        look.speech_changed.connect(self._delegate.forget)
        look.speech_changed.connect(self.viewport().update)
        self._delegate.has_actions = keys is not None

    def dataChanged(self, first: AnyIndex, last: AnyIndex, roles: Sequence[int] = ()) -> None:
        """Draw changed rows again, and only those: the list's own answer would lay out and draw everything.

        Rows that changed their height are laid out by `show_rows`.
        """
        del roles
        for position in range(first.row(), last.row() + 1):
            self.update(self.model_.index(position))

    def show_rows(self, rows: tuple[BasketRow, ...], selected_key: str | None) -> None:
        """Show these rows, the selected one in sight."""
        before = self._heights()
        self.model_.show(rows)
        position = self.model_.position(selected_key)
        was = self._delegate.selected_position
        self._delegate.selected_position = position
        if self._heights() != before or was != position:
            self.scheduleDelayedItemsLayout()
            if was != position:
                for changed in (was, position):
                    if 0 <= changed < self.model_.rowCount():
                        self.update(self.model_.index(changed))
        self.executeDelayedItemsLayout()
        self._show_selected()
        self._place_keys()

    def _show_selected(self) -> None:
        position = self._delegate.selected_position
        if 0 <= position < self.model_.rowCount():
            self.setCurrentIndex(self.model_.index(position))
            if self.model_.is_last_line(position):
                # What stands under the last line works on the whole basket: it is seen with the line just scanned.
                self.scrollToBottom()
            self.scrollTo(self.model_.index(position), QListView.ScrollHint.EnsureVisible)

    def _heights(self) -> tuple[int, ...]:
        selected = self._delegate.selected_position
        width = self._delegate.width_px
        return tuple(
            self._delegate.layout(self.model_.row(position), width, selected=position == selected).height_px
            for position in range(self.model_.rowCount())
        )

    def selected_area(self) -> QRect:
        """Return where the selected row is in the viewport; empty where none is."""
        position = self._delegate.selected_position
        return QRect() if position < 0 else self.visualRect(self.model_.index(position))

    def _clicked(self, index: QModelIndex) -> None:
        self.chosen.emit(self.model_.row(index.row()).key)

    def _place_keys(self) -> None:
        if self._keys is None:
            return
        area = self.selected_area()
        position = self._delegate.selected_position
        if area.isEmpty() or position < 0:
            self._keys.hide()
            return
        row = self.model_.row(position)
        self._keys.show_row(row)
        if not row.has_keys:
            self._keys.hide()
            return
        top = area.bottom() - ACTIONS_PX + 8
        self._keys.setGeometry(area.left() + SIDE_PX, top, area.width() - 2 * SIDE_PX, ACTIONS_PX - 16)
        self._keys.show()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay the rows out for the new width."""
        self._delegate.width_px = self.viewport().width()
        super().resizeEvent(event)
        self.scheduleDelayedItemsLayout()
        self.executeDelayedItemsLayout()
        self._show_selected()
        self._place_keys()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the rows, or what to do where there are none."""
        super().paintEvent(event)
        if self.model_.rowCount() or self._keys is None:
            # The shopper's list has no keys, and nothing to tell the cashier.
            return
        look = self._look
        painter = QPainter(self.viewport())
        middle = self.viewport().rect().adjusted(32, 0, -32, 0)
        head = look.say(wording("Ready for the next customer"))
        more = look.say(wording("Scan a product, type its name, or touch a quick key."))
        head_text = wrap(head, font(look.tokens.title_px, bold=True), middle.width(), 2)
        more_text = wrap(more, font(look.tokens.body_px), middle.width(), 3)
        top = (middle.height() - head_text.height_px - more_text.height_px - 8) // 2
        icon = look.icons.pixmap("barcode-scan", 48, look.colour("ink_soft"), self.devicePixelRatioF())
        if icon is not None:
            painter.drawPixmap(middle.center().x() - 24, top - 64, icon)
        centre = Qt.AlignmentFlag.AlignHCenter
        painter.setFont(font(look.tokens.title_px, bold=True))
        paint_wrapped(painter, QRect(middle.left(), top, middle.width(), 200), head_text, look.colour("ink"), centre)
        painter.setFont(font(look.tokens.body_px))
        top += head_text.height_px + 8
        paint_wrapped(
            painter, QRect(middle.left(), top, middle.width(), 200), more_text, look.colour("ink_soft"), centre
        )
        painter.end()


class BasketPane(QFrame):
    """Head, list, and at the foot the offer that is nearest."""

    def __init__(self, look: Look, keys: LineKeys) -> None:
        """Build the pane."""
        super().__init__()
        self.setObjectName("basketPane")
        self.setProperty("plane", "raised")
        tokens = look.tokens
        self._title = TextLabel(look, wording("Basket"), size_px=tokens.body_px, bold=True)
        self._count = TextLabel(look, "", size_px=tokens.body_px, role="ink_soft")
        self._count.setObjectName("itemCount")
        self._note = TextLabel(look, "", size_px=tokens.body_px, role="warn")
        self._note.setObjectName("basketNote")
        self._note.align(Qt.AlignmentFlag.AlignRight)
        self.list = BasketList(look, keys)
        self.list.setAccessibleName(look.say(wording("Basket")))
        head = QHBoxLayout()
        head.setContentsMargins(16, 8, 16, 8)
        head.setSpacing(8)
        head.addWidget(self._title)
        head.addWidget(self._count)
        head.addWidget(self._note, 1)
        line = QWidget()
        line.setFixedHeight(tokens.hairline_px)
        line.setObjectName("hairline")
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.list, 1)
        self.almost = AlmostStrip(look)
        column.addWidget(self.almost)

    def show_basket(self, rows: tuple[BasketRow, ...], selected_key: str | None, item_count: int, note: str) -> None:
        """Show the rows and what the head says of them."""
        if item_count == 0:
            self._count.say("")
        elif item_count == 1:
            self._count.say(wording("1 item"))
        else:
            self._count.say(wording("{count} items", count=item_count))
        self._note.say(wording("Note: {note}", note=note) if note else "")
        self.list.show_rows(rows, selected_key)
