"""A member who was found: what they have, what this basket earns them, and their coupons to touch."""

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QScroller, QSizePolicy, QVBoxLayout, QWidget

from app.checkout.member_views import CouponView, ShopperView
from app.values.money import currency_of
from ui.cashier.side_pane import Send
from ui.presenters.cards import CardLine
from ui.presenters.member import IN_BASKET, Fact, coupon_cards, coupon_request, coupons_head, facts, notes
from ui.theme.fonts import font
from ui.theme.look import Look
from ui.widgets.cards import CardColumn
from ui.widgets.labels import AmountLabel, TextLabel
from ui.widgets.text_painting import paint_wrapped, wrap

_TWO_COLUMNS_FROM_PX = 640
_ICON_PX = 20


class FactBlock(QWidget):
    """A figure under its name, and in small type what it means."""

    def __init__(self, look: Look, name: str) -> None:
        """Begin empty."""
        super().__init__()
        tokens = look.tokens
        self.caption = TextLabel(look, "", size_px=tokens.small_px, role="ink_soft")
        self.figure = AmountLabel(look, sizes_px=(tokens.title_px, tokens.label_px, tokens.body_px), left=True)
        self.figure.setObjectName(name)
        self.detail = TextLabel(look, "", size_px=tokens.small_px, role="ink_soft")
        self.detail.setObjectName(f"{name}Detail")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for widget in (self.caption, self.figure, self.detail):
            column.addWidget(widget)

    def show_fact(self, fact: Fact) -> None:
        """Show one."""
        self.caption.say(fact.caption)
        self.figure.show_amount(fact.figure)
        self.detail.say(fact.detail)


class NoteLines(QWidget):
    """Sentences with a picture each, as many lines as they need."""

    def __init__(self, look: Look, name: str) -> None:
        """Begin with none."""
        super().__init__()
        self._look = look
        self._lines: tuple[CardLine, ...] = ()
        self.setObjectName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        look.speech_changed.connect(self._fit)
        look.theme_changed.connect(self.update)
        look.icons.loaded.connect(self.update)

    def show_lines(self, lines: tuple[CardLine, ...]) -> None:
        """Show these."""
        if lines != self._lines:
            self._lines = lines
            self._fit()

    def text(self) -> str:
        """Return all its words in the present language."""
        return " · ".join(self._look.say(line.text) for line in self._lines)

    def _fit(self) -> None:
        self.setAccessibleName(self.text())
        self.setFixedHeight(self._paint(None))
        self.setVisible(bool(self._lines))
        self.update()

    def sizeHint(self) -> QSize:
        """Return the room for the words at the present width."""
        return QSize(160, self._paint(None))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Be as high as the words need at the new width."""
        super().resizeEvent(event)
        self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw pictures and words."""
        del event
        painter = QPainter(self)
        self._paint(painter)
        painter.end()

    def _paint(self, painter: QPainter | None) -> int:
        look, top = self._look, 0
        of = font(look.tokens.body_px)
        left = _ICON_PX + 8
        for line in self._lines:
            words = wrap(look.say(line.text), of, max(1, self.width() - left), 2)
            if painter is not None:
                colour = look.colour(line.role)
                icon = look.icons.pixmap(line.icon, _ICON_PX, colour, self.devicePixelRatioF())
                if icon is not None:
                    painter.drawPixmap(QPoint(0, top + (words.line_height_px - _ICON_PX) // 2), icon)
                painter.setFont(of)
                paint_wrapped(painter, QRect(left, top, self.width() - left, words.height_px), words, colour)
            top += words.height_px + 2
        return top if self._lines else QFontMetrics(of).height()


class FoundPage(QWidget):
    """Figures above, coupons below."""

    def __init__(self, look: Look, send: Send) -> None:
        """Take what a touch of a coupon does."""
        super().__init__()
        self._send = send
        self._coupons: tuple[CouponView, ...] = ()
        self._facts = [FactBlock(look, f"memberFact{number}") for number in range(1, 4)]
        self.notes = NoteLines(look, "memberNotes")
        self._head = TextLabel(look, "", size_px=look.tokens.body_px, bold=True)
        self._head.setObjectName("couponsHead")
        self.cards = CardColumn(look, "coupon", self._choose, two_from_px=_TWO_COLUMNS_FROM_PX)
        QScroller.grabGesture(self.cards.viewport(), QScroller.ScrollerGestureType.TouchGesture)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(16)
        for fact in self._facts:
            row.addWidget(fact, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(row)
        column.addWidget(self.notes)
        column.addWidget(self._head, 0, Qt.AlignmentFlag.AlignBottom)
        column.addWidget(self.cards, 1)

    def show_shopper(self, shopper: ShopperView, currency_code: str) -> None:
        """Show a member, with the coupons as they stand."""
        if shopper.member is None:
            return
        currency = currency_of(currency_code)
        for block, fact in zip(self._facts, facts(shopper.member, currency), strict=True):
            block.show_fact(fact)
        self.notes.show_lines(notes(shopper.member, currency))
        self._head.say(coupons_head(shopper))
        self._coupons = shopper.coupons
        self.cards.offer(coupon_cards(shopper.coupons, currency))
        inside = [here for here, coupon in enumerate(shopper.coupons) if coupon.standing in IN_BASKET]
        self.cards.mark_all(inside)

    def take_key(self, key: str) -> bool:
        """Use or keep a coupon by its number, scroll the list."""
        bar = self.cards.verticalScrollBar()
        if key in {"PgUp", "PgDown"}:
            bar.setValue(bar.value() + (bar.pageStep() - 24) * (1 if key == "PgDown" else -1))
            return True
        return self.cards.take_number(key)

    def _choose(self, position: int) -> None:
        if position < len(self._coupons):
            self._send(coupon_request(self._coupons[position]))
