"""The shopper's window: the line just scanned large, the list, what was saved, what is due, thanks and change."""

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from app.checkout.views import TillView
from app.values.wording import LocalizedText, wording
from ui.cashier.basket_pane import BasketList
from ui.customer_display.shopper_rows import GreetingRow, HintRow
from ui.presenters.cashier import EMPTY_VIEW
from ui.presenters.customer_display import WELCOME, CustomerMode, CustomerPresenter, CustomerScreen
from ui.presenters.savings import customer_saved_words
from ui.presenters.weighing import WeighingPicture
from ui.theme.fonts import font
from ui.theme.look import Look
from ui.theme.stylesheet import WINDOW_CONTENT, palette, stylesheet
from ui.widgets.labels import AmountLabel, NameBlock, TextLabel
from ui.widgets.pane_stack import PaneStack
from ui.widgets.saved_figure import SavedFigure
from ui.widgets.text_painting import paint_wrapped, wrap
from ui.widgets.tiles import STAND_IN_COLOUR, PictureBox

if TYPE_CHECKING:
    from ui.customer_display.payment_pane import PaymentPane

_SIZE: Final = (1024, 768)


class IdlePane(QWidget):
    """The shop's name while nobody is served, with a picture where the shop has one called `idle`."""

    def __init__(self, look: Look, shop: LocalizedText) -> None:
        """Take the shop's name."""
        super().__init__()
        self.setObjectName("customerIdle")
        self._look = look
        self._shop = shop
        self._greeting = ""
        look.speech_changed.connect(self.update)
        look.theme_changed.connect(self.update)
        look.pictures.ready.connect(lambda _: self.update())

    def greet(self, greeting: str) -> None:
        """Welcome a member by name; empty: whoever comes."""
        if greeting != self._greeting:
            self._greeting = greeting
            self.setAccessibleName(greeting)
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw picture, name and welcome in the middle."""
        del event
        look, tokens = self._look, self._look.tokens
        painter = QPainter(self)
        area = self.rect().adjusted(48, 48, -48, -48)
        name = wrap(look.say(self._shop), font(tokens.due_px, bold=True), area.width(), 2)
        welcome = wrap(self._greeting or look.say(WELCOME), font(tokens.large_px), area.width(), 2)
        side = min(area.height() // 2, area.width(), 320)
        picture = look.pictures.picture("idle", QRect(0, 0, side, side).size(), self.devicePixelRatioF())
        block = name.height_px + welcome.height_px + 16 + (side + 32 if picture is not None else 0)
        top = area.top() + (area.height() - block) // 2
        if picture is not None:
            painter.drawPixmap(area.center().x() - side // 2, top, picture)
            top += side + 32
        painter.setFont(font(tokens.due_px, bold=True))
        centre = Qt.AlignmentFlag.AlignHCenter
        paint_wrapped(painter, QRect(area.left(), top, area.width(), 200), name, look.colour("ink"), centre)
        top += name.height_px + 16
        painter.setFont(font(tokens.large_px))
        paint_wrapped(painter, QRect(area.left(), top, area.width(), 100), welcome, look.colour("accent"), centre)
        painter.end()


class ShoppingPane(QWidget):
    """Who is served, the last line, the list with what is near, totals."""

    def __init__(self, look: Look) -> None:
        """Build the pane."""
        super().__init__()
        tokens = look.tokens
        self.greeting = GreetingRow(look)
        self._picture = PictureBox(look, 120)
        self._name = NameBlock(look, name_px=tokens.large_px, detail_px=tokens.title_px)
        self._name.setObjectName("customerLastName")
        self._last_amount = AmountLabel(look, sizes_px=(tokens.large_px, tokens.title_px))
        self._last_amount.setObjectName("customerLastAmount")
        self.list = BasketList(look, None)
        self.list.setObjectName("customerList")
        self.hint = HintRow(look)
        self._caption = TextLabel(look, "", size_px=tokens.title_px, bold=True)
        self._caption.align(Qt.AlignmentFlag.AlignRight)
        self.due = AmountLabel(look, sizes_px=(tokens.due_px, tokens.large_px))
        self.due.setObjectName("customerDue")
        self._saved = SavedFigure(look, "customerSaved", size_px=tokens.title_px, say=customer_saved_words)
        self._earns = TextLabel(look, "", size_px=tokens.label_px, role="ink_soft")
        self._earns.setObjectName("customerEarns")
        self._coupons = TextLabel(look, "", role="ink_soft", lines=2)
        self._coupons.setObjectName("customerCoupons")
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 8)
        column.setSpacing(16)
        column.addWidget(self.greeting)
        column.addWidget(self._last_frame())
        column.addWidget(self._list_frame(), 1)
        column.addLayout(self._foot())

    def _last_frame(self) -> QWidget:
        last = QFrame()
        last.setProperty("plane", "raised")
        row = QHBoxLayout(last)
        row.setContentsMargins(24, 16, 24, 16)
        row.setSpacing(24)
        row.addWidget(self._picture)
        row.addWidget(self._name, 3)
        row.addWidget(self._last_amount, 2)
        return last

    def _list_frame(self) -> QWidget:
        frame = QFrame()
        frame.setProperty("plane", "raised")
        inside = QVBoxLayout(frame)
        inside.setContentsMargins(1, 8, 1, 8)
        inside.addWidget(self.list)
        inside.addWidget(self.hint)
        return frame

    def _foot(self) -> QHBoxLayout:
        gains = QVBoxLayout()
        gains.setSpacing(0)
        for gain in (self._saved, self._earns, self._coupons):
            gains.addWidget(gain)
        to_pay = QVBoxLayout()
        to_pay.setSpacing(0)
        to_pay.addWidget(self._caption)
        to_pay.addWidget(self.due)
        foot = QHBoxLayout()
        foot.setContentsMargins(24, 0, 24, 8)
        foot.setSpacing(24)
        foot.addLayout(gains, 2)
        foot.addLayout(to_pay, 3)
        return foot

    def show_screen(self, screen: CustomerScreen) -> None:
        """Show the basket as it is."""
        self._name.say(screen.last_name, screen.last_calculation)
        self._last_amount.show_amount(screen.last_amount)
        self._picture.show_picture(screen.last_picture, (STAND_IN_COLOUR, screen.last_name))
        key = screen.rows[screen.selected].key if screen.selected >= 0 else None
        self.list.show_rows(screen.rows, key)
        self._caption.say(screen.due_caption)
        self.due.show_amount(screen.due)
        self._saved.show_saved(screen.saved_minor, screen.currency)
        self.greeting.show_words(screen.greeting, screen.points)
        self.hint.show_words(screen.hint)
        for label, words in ((self._earns, screen.earns), (self._coupons, screen.coupons)):
            label.say(words)
            label.setVisible(bool(words))


class ThanksPane(QWidget):
    """Thanks and the change."""

    def __init__(self, look: Look) -> None:
        """Build the pane."""
        super().__init__()
        tokens = look.tokens
        self._thanks = TextLabel(look, "", size_px=tokens.large_px, bold=True, role="good", lines=2)
        self._thanks.align(Qt.AlignmentFlag.AlignHCenter)
        self._rows: list[tuple[TextLabel, AmountLabel]] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(64, 48, 64, 48)
        column.setSpacing(24)
        column.addStretch(1)
        column.addWidget(self._thanks)
        for name, size in (("customerPaid", tokens.large_px), ("customerChange", tokens.due_px)):
            caption = TextLabel(look, "", size_px=tokens.title_px)
            amount = AmountLabel(look, sizes_px=(size, tokens.large_px))
            amount.setObjectName(name)
            row = QHBoxLayout()
            row.addWidget(caption)
            row.addWidget(amount, 1)
            column.addLayout(row)
            self._rows.append((caption, amount))
        self._saved = TextLabel(look, "", size_px=tokens.title_px, bold=True, role="good")
        self._saved.setObjectName("customerSavedInAll")
        self._points = TextLabel(look, "", size_px=tokens.title_px)
        self._points.setObjectName("customerPointsNow")
        column.addWidget(self._saved)
        column.addWidget(self._points)
        column.addStretch(1)

    def show_screen(self, screen: CustomerScreen) -> None:
        """Show what was paid and what comes back."""
        self._thanks.say(screen.thanks)
        (paid, paid_amount), (change, change_amount) = self._rows
        paid.say(screen.due_caption)
        paid_amount.show_amount(screen.due)
        change.say(wording("Change"))
        change_amount.show_amount(screen.change)
        for label, words in ((self._saved, screen.saved), (self._points, screen.points)):
            label.say(words)
            label.setVisible(bool(words))


class CustomerWindow(QWidget):
    """Follows the till by itself; takes no keys."""

    def __init__(self, look: Look, shop: LocalizedText) -> None:
        """Build the window."""
        super().__init__()
        self.setObjectName("customerWindow")
        self.look = look
        self._presenter = CustomerPresenter()
        self._view = EMPTY_VIEW
        self._weighing: WeighingPicture | None = None
        self._content = QWidget()
        self._content.setObjectName(WINDOW_CONTENT)
        self._content.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._idle = IdlePane(look, shop)
        self.shopping = ShoppingPane(look)
        self.thanks = ThanksPane(look)
        self._payment: PaymentPane | None = None
        self.stack = PaneStack(
            look,
            {
                CustomerMode.IDLE.value: lambda: self._idle,
                CustomerMode.SHOPPING.value: lambda: self.shopping,
                CustomerMode.THANKS.value: lambda: self.thanks,
                CustomerMode.WAITING.value: self._payment_pane,
            },
        )
        inside = QVBoxLayout(self._content)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(self.stack)
        outside = QVBoxLayout(self)
        outside.setContentsMargins(0, 0, 0, 0)
        outside.addWidget(self._content)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.resize(*_SIZE)
        look.theme_changed.connect(self._use_theme)
        look.speech_changed.connect(self._render)
        self._use_theme()
        self._render()

    def _payment_pane(self) -> "PaymentPane":
        """Return the pane, whose drawing of codes is loaded with the first payment that is waited for."""
        if self._payment is None:
            from ui.customer_display.payment_pane import PaymentPane

            self._payment = PaymentPane(self.look)
        return self._payment

    def _use_theme(self) -> None:
        self.setStyleSheet(stylesheet(self.look.theme, self.look.tokens))
        self.setPalette(palette(self.look.theme))

    def show_view(self, view: TillView) -> None:
        """Show a view of the till."""
        self._view = view
        self._render()

    def show_weighing(self, weighing: WeighingPicture | None) -> None:
        """Show what lies on the scale; None: nothing is being weighed."""
        if weighing != self._weighing:
            self._weighing = weighing
            self._render()

    def _render(self) -> None:
        self.setWindowTitle(self.look.say(wording("Customer's display")))
        screen = self._presenter.present(self._view, self.look.speech, self._weighing)
        self._idle.greet(screen.greeting if screen.mode is CustomerMode.IDLE else "")
        if screen.mode is CustomerMode.THANKS:
            self.thanks.show_screen(screen)
        elif screen.mode is CustomerMode.WAITING:
            self._payment_pane().show_screen(screen)
        elif screen.mode is not CustomerMode.IDLE:
            self.shopping.show_screen(screen)
        mode = CustomerMode.SHOPPING if screen.mode is CustomerMode.PAYING else screen.mode
        self.stack.show_pane(mode.value)

    def open_beside(self, cashier: QWidget) -> None:
        """Fill the second screen where there is one, else open as a window."""
        others = [screen for screen in cashier.screen().virtualSiblings() if screen is not cashier.screen()]
        if others:
            self.setScreen(others[0])
            self.setGeometry(others[0].geometry())
            self.showFullScreen()
        else:
            self.show()
