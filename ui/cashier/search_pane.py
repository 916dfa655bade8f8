"""What a search finds while somebody types, in place of the quick keys."""

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from app.checkout.views import FoundProduct, SearchView
from app.values.money import Currency
from app.values.wording import wording
from ui.presenters.formatting import write_unit_price
from ui.theme.fonts import font
from ui.theme.look import Look
from ui.widgets.keys import TouchKey
from ui.widgets.labels import TextLabel
from ui.widgets.text_painting import paint_wrapped, wrap
from ui.widgets.tiles import paint_picture, tile_colour

_ROW_PX = 64
_PICTURE_PX = 48


class ResultRow(TouchKey):
    """One product that was found."""

    def __init__(self, look: Look, name: str) -> None:
        """Begin with no product."""
        super().__init__(look, name)
        self.product: FoundProduct | None = None
        self._price = ""
        self._chosen = False
        self.setFixedHeight(_ROW_PX)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        look.pictures.ready.connect(lambda _: self.update())
        look.speech_changed.connect(self.update)

    def show_product(self, product: FoundProduct, currency: Currency, *, chosen: bool) -> None:
        """Show a product, highlighted where Enter would sell it."""
        self.product = product
        self._chosen = chosen
        price = product.price_minor
        self._price = "" if price is None else write_unit_price(price, product.unit, currency)
        self.setProperty("chosen", chosen)
        self.setAccessibleName(f"{self.look.say(product.name)} {product.specification} {self._price}")
        self.setEnabled(not product.blocked_reason)
        self.update()

    def sizeHint(self) -> QSize:
        """Return a row's size."""
        return QSize(320, _ROW_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw picture, name, code, price."""
        del event
        if self.product is None:
            return
        look, tokens = self.look, self.look.tokens
        painter = QPainter(self)
        marked = self._chosen or self.isDown()
        fill = look.colour("selection" if marked else "surface_raised")
        self.paint_plate(painter, fill, look.colour("accent" if marked else "line"), 2 if marked else 1)
        words = look.say(self.product.name)
        picture = QRect(8, 8, _PICTURE_PX, _PICTURE_PX)
        paint_picture(painter, look, picture, self.product.picture, (tile_colour(self.product, ""), words))
        price_font = font(tokens.label_px, bold=True)
        price = self._price or look.say(wording("price asked"))
        price_width = QFontMetrics(price_font).horizontalAdvance(price)
        left = picture.right() + 16
        room = self.width() - left - price_width - 32
        name = wrap(words, font(tokens.label_px), room, 1)
        soft = "  ·  ".join(part for part in (self.product.code, self.product.specification) if part)
        if self.product.blocked_reason:
            soft = look.say(wording("not for sale: {reason}", reason=self.product.blocked_reason))
        code = wrap(soft, font(tokens.body_px), room, 1)
        top = (self.height() - name.height_px - code.height_px) // 2
        painter.setFont(font(tokens.label_px))
        ink = look.colour("ink") if self.isEnabled() else look.colour("ink_soft")
        paint_wrapped(painter, QRect(left, top, room, name.height_px), name, ink)
        painter.setFont(font(tokens.body_px))
        paint_wrapped(painter, QRect(left, top + name.height_px, room, code.height_px), code, look.colour("ink_soft"))
        painter.setFont(price_font)
        painter.setPen(ink)
        slot = self.rect().adjusted(0, 0, -16, 0)
        painter.drawText(slot, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, price)
        painter.end()


class SearchPane(QWidget):
    """A list of results; arrows choose, Enter or a touch sells."""

    chosen = Signal(str)

    def __init__(self, look: Look) -> None:
        """Begin empty."""
        super().__init__()
        self.setObjectName("searchPane")
        self._look = look
        self._rows: list[ResultRow] = []
        self._head = TextLabel(look, "", role="ink_soft", lines=1)
        inside = QWidget()
        self._list = QVBoxLayout(inside)
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.setSpacing(8)
        self._list.addStretch(1)
        self._area = QScrollArea()
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setWidget(inside)
        inside.setAutoFillBackground(False)
        self._area.viewport().setAutoFillBackground(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._head)
        column.addWidget(self._area, 1)

    def show_results(self, found: SearchView, position: int, currency: Currency) -> None:
        """Show results, the one at a position highlighted."""
        if not found.found:
            self._head.say(wording('Nothing found for "{text}". Try fewer letters or another word.', text=found.text))
        else:
            self._head.say(wording("Choose with the arrow keys, sell with Enter or a touch"))
        while len(self._rows) < len(found.found):
            row = ResultRow(self._look, f"result{len(self._rows) + 1}")
            row.clicked.connect(lambda _=False, touched=row: self._touched(touched))
            self._list.insertWidget(len(self._rows), row)
            self._rows.append(row)
        for here, row in enumerate(self._rows):
            row.setVisible(here < len(found.found))
            if here < len(found.found):
                row.show_product(found.found[here], currency, chosen=here == position)
        if 0 <= position < len(found.found):
            self._area.ensureWidgetVisible(self._rows[position], 0, 8)

    def rows(self) -> tuple[ResultRow, ...]:
        """Return the rows shown now."""
        return tuple(row for row in self._rows if not row.isHidden())

    def _touched(self, row: ResultRow) -> None:
        if row.product is not None:
            self.chosen.emit(row.product.product_id)
