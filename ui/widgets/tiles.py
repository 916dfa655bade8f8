"""Product keys with a picture, or a coloured tile with the first character where there is none."""

from typing import Final

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.checkout.views import FoundProduct
from app.values.money import Currency
from app.values.wording import wording
from ui.presenters.formatting import write_unit_price
from ui.theme.fonts import font
from ui.theme.look import Look
from ui.theme.tokens import readable_on
from ui.widgets.keys import TouchKey
from ui.widgets.text_painting import paint_wrapped, wrap

_COLOURS: Final = ("#2f6f4f", "#7a4b1e", "#355c8a", "#7b3f63", "#5d6420", "#2d6a73", "#8a4032", "#4f4a86")
"""For products without a picture whose department has no colour; each carries white letters."""

STAND_IN_COLOUR: Final = "#355c8a"
"""Behind a first character where neither picture nor department gives a colour."""

_GAP_PX: Final = 8
_SMALLEST_TILE_PX: Final = 108
_ROW_PX: Final = 112
_ROOMY_FROM_PX: Final = 900
_ROOMY_PX: Final = 40
"""How much larger tiles are where there is room."""


def tile_colour(product: FoundProduct, colour: str) -> str:
    """Return the colour of a product's stand-in: its department's, else one that stays the same for it."""
    if len(colour) == 7 and colour.startswith("#"):
        return colour
    return _COLOURS[sum(product.product_id.encode()) % len(_COLOURS)]


def paint_picture(painter: QPainter, look: Look, area: QRect, name: str, stand_in: tuple[str, str]) -> None:
    """Draw a picture in an area, or the stand-in: a colour and the word whose first character it shows."""
    picture = look.pictures.picture(name, area.size(), painter.device().devicePixelRatio())
    if picture is not None:
        painter.drawPixmap(area.topLeft(), picture)
        return
    colour, words = stand_in
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colour))
    side = min(area.width(), area.height())
    plate = QRect(0, 0, side, side)
    plate.moveCenter(area.center())
    painter.drawRoundedRect(plate, look.tokens.radius_px, look.tokens.radius_px)
    painter.setPen(QColor(readable_on(colour)))
    painter.setFont(font(look.tokens.title_px if side < 72 else look.tokens.large_px, bold=True))
    painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, words[:1].upper())


class ProductTile(TouchKey):
    """One product to touch."""

    def __init__(self, look: Look, name: str) -> None:
        """Begin with no product."""
        super().__init__(look, name)
        self._product: FoundProduct | None = None
        self._colour = ""
        self._price = ""
        self._words = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        look.pictures.ready.connect(self._picture_ready)
        look.speech_changed.connect(self._render)

    def show_product(self, product: FoundProduct, colour: str, currency: Currency) -> None:
        """Show a product."""
        self._product = product
        self._colour = tile_colour(product, colour)
        self._price = (
            "" if product.price_minor is None else write_unit_price(product.price_minor, product.unit, currency)
        )
        self.setEnabled(not product.blocked_reason)
        self._render()

    @property
    def product(self) -> FoundProduct | None:
        """Return the product."""
        return self._product

    def _render(self) -> None:
        if self._product is None:
            return
        self._words = self.look.say(self._product.name)
        price = self._price or self.look.say(wording("price asked"))
        self.setAccessibleName(f"{self._words}, {price}")
        self.setToolTip(self._words)
        self.update()

    def _picture_ready(self, name: str) -> None:
        if self._product is not None and self._product.picture == name:
            self.update()

    def sizeHint(self) -> QSize:
        """Return the least a tile needs."""
        return QSize(_SMALLEST_TILE_PX, _ROW_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw picture, name, price."""
        del event
        if self._product is None:
            return
        look = self.look
        painter = QPainter(self)
        down = self.isDown()
        self.paint_plate(
            painter, look.colour("selection" if down else "surface_raised"), look.colour("accent" if down else "line")
        )
        name_font = font(look.tokens.body_px)
        small = font(look.tokens.small_px)
        room = self.rect().adjusted(_GAP_PX, 6, -_GAP_PX, -6)
        words = wrap(self._words, name_font, room.width(), 2)
        price_height = QFontMetrics(small).height()
        picture_height = max(32, room.height() - price_height - 2 * QFontMetrics(name_font).height() - 2)
        picture = QRect(room.left(), room.top(), room.width(), min(picture_height, room.height()))
        paint_picture(painter, look, picture, self._product.picture, (self._colour, self._words))
        painter.setFont(name_font)
        words_area = QRect(room.left(), picture.bottom() + 2, room.width(), words.height_px)
        if len(words.lines) == 1:
            words_area.translate(0, words.line_height_px // 2)
        ink = look.colour("ink") if self.isEnabled() else look.colour("ink_soft")
        paint_wrapped(painter, words_area, words, ink, Qt.AlignmentFlag.AlignHCenter)
        painter.setFont(small)
        painter.setPen(look.colour("ink_soft"))
        price_area = QRect(room.left(), room.bottom() - price_height + 1, room.width(), price_height)
        text = self._price if self.isEnabled() else look.say(wording("not for sale"))
        painter.drawText(price_area, Qt.AlignmentFlag.AlignCenter, text)
        painter.end()


class TileGrid(QWidget):
    """A page of product tiles, as many as fit; arrows move among them. Where not all fit, it has pages."""

    chosen = Signal(str)
    """The product id of a tile that was touched."""

    paged = Signal(int, int)
    """The page shown, from 0, and how many there are."""

    def __init__(self, look: Look, name: str) -> None:
        """Begin empty."""
        super().__init__()
        self._look = look
        self._name = name
        self._tiles: list[ProductTile] = []
        self._products: tuple[FoundProduct, ...] = ()
        self._colour = ""
        self._currency: Currency | None = None
        self._page = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_products(
        self, products: tuple[FoundProduct, ...], colour: str, currency: Currency, *, page: int = 0
    ) -> None:
        """Show these products from a page on, or from the last where there are fewer."""
        self._products, self._colour, self._currency = products, colour, currency
        self._page = page
        self._arrange()

    @property
    def page(self) -> int:
        """Return the page shown, from 0."""
        return self._page

    def shape(self) -> tuple[int, int]:
        """Return how many columns and rows fit."""
        larger = _ROOMY_PX if self.width() >= _ROOMY_FROM_PX else 0
        columns = max(2, (self.width() + _GAP_PX) // (_SMALLEST_TILE_PX + larger + _GAP_PX))
        rows = max(1, (self.height() + _GAP_PX) // (_ROW_PX + larger + _GAP_PX))
        return columns, rows

    def page_count(self) -> int:
        """Return how many pages the products take."""
        columns, rows = self.shape()
        return max(1, -(-len(self._products) // (columns * rows)))

    def turn(self, step: int) -> bool:
        """Turn a page; False where there is none on that side."""
        wanted = self._page + step
        if not 0 <= wanted < self.page_count():
            return False
        self._page = wanted
        self._arrange()
        return True

    def _arrange(self) -> None:
        if self._currency is None:
            return
        columns, rows = self.shape()
        room = columns * rows
        self._page = min(self._page, self.page_count() - 1)
        shown = self._products[self._page * room : (self._page + 1) * room]
        while len(self._tiles) < len(shown):
            tile = ProductTile(self._look, f"{self._name}{len(self._tiles) + 1}")
            tile.setParent(self)
            tile.clicked.connect(lambda _=False, touched=tile: self._touched(touched))
            self._tiles.append(tile)
        width = (self.width() - (columns - 1) * _GAP_PX) // columns
        height = (self.height() - (rows - 1) * _GAP_PX) // rows
        for position, tile in enumerate(self._tiles):
            if position >= len(shown):
                tile.hide()
                continue
            left = position % columns * (width + _GAP_PX)
            top = position // columns * (height + _GAP_PX)
            tile.setGeometry(left, top, width, height)
            tile.show_product(shown[position], self._colour, self._currency)
            tile.show()
        self.paged.emit(self._page, self.page_count())

    def _touched(self, tile: ProductTile) -> None:
        if tile.product is not None:
            self.chosen.emit(tile.product.product_id)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit as many as there is room for."""
        super().resizeEvent(event)
        self._arrange()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the ring with the arrows."""
        steps = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: -self.shape()[0],
            Qt.Key.Key_Down: self.shape()[0],
        }
        step = steps.get(Qt.Key(event.key()))
        here = next((position for position, tile in enumerate(self._tiles) if tile.hasFocus()), None)
        if step is None or here is None:
            super().keyPressEvent(event)
            return
        wanted = here + step
        if 0 <= wanted < len(self._tiles) and self._tiles[wanted].isVisible():
            self._tiles[wanted].setFocus(Qt.FocusReason.TabFocusReason)

    def tiles(self) -> tuple[ProductTile, ...]:
        """Return the tiles shown now."""
        return tuple(tile for tile in self._tiles if not tile.isHidden())


class PictureBox(QWidget):
    """One picture at a fixed size."""

    def __init__(self, look: Look, side_px: int) -> None:
        """Take its side."""
        super().__init__()
        self._look = look
        self._name = ""
        self._stand_in = (STAND_IN_COLOUR, "")
        self.setFixedSize(side_px, side_px)
        look.pictures.ready.connect(self._picture_ready)

    def show_picture(self, name: str, stand_in: tuple[str, str]) -> None:
        """Show a picture, or its stand-in."""
        if (name, stand_in) != (self._name, self._stand_in):
            self._name, self._stand_in = name, stand_in
            self.update()

    def _picture_ready(self, name: str) -> None:
        if name == self._name:
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        del event
        if not self._stand_in[1] and not self._name:
            return
        painter = QPainter(self)
        painter.setPen(QPen(self._look.colour("line"), 1))
        paint_picture(painter, self._look, self.rect(), self._name, self._stand_in)
        painter.end()
