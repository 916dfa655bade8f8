"""What the shopper sees while paying: the code to scan, or what to do at the phone or the terminal."""

from typing import Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from ui.presenters.customer_display import CustomerScreen
from ui.theme.look import Look
from ui.widgets.labels import TextLabel
from ui.widgets.qr_picture import QrPicture

_ICON_PX: Final = 160


class LargeIcon(QWidget):
    """One picture in the middle; nothing while there are no icons."""

    def __init__(self, look: Look) -> None:
        """Begin without one."""
        super().__init__()
        self._look = look
        self._icon = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        look.icons.loaded.connect(self.update)
        look.theme_changed.connect(self.update)

    def show_icon(self, icon: str) -> None:
        """Show another."""
        if icon != self._icon:
            self._icon = icon
            self.update()

    def sizeHint(self) -> QSize:
        """Return its room."""
        return QSize(_ICON_PX, _ICON_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        del event
        icon = self._look.icons.pixmap(self._icon, _ICON_PX, self._look.colour("accent"), self.devicePixelRatioF())
        if icon is None:
            return
        painter = QPainter(self)
        painter.drawPixmap((self.width() - _ICON_PX) // 2, (self.height() - _ICON_PX) // 2, icon)
        painter.end()


class PaymentPane(QWidget):
    """Everything in the middle, the code as large as the window allows, the amount under it."""

    def __init__(self, look: Look) -> None:
        """Build the pane."""
        super().__init__()
        self.setObjectName("customerPayment")
        tokens = look.tokens
        self.qr = QrPicture(look, "customerQr")
        self._icon = LargeIcon(look)
        self._scan = TextLabel(look, "", size_px=tokens.large_px, bold=True, shrink_to=(tokens.title_px, 1))
        self._scan.setObjectName("customerScanWith")
        self._sentence = TextLabel(
            look, "", size_px=tokens.large_px, bold=True, lines=2, shrink_to=(tokens.title_px, 3)
        )
        self._sentence.setObjectName("customerSentence")
        self._caption = TextLabel(look, "", size_px=tokens.title_px, role="ink_soft")
        self._caption.setObjectName("customerPayCaption")
        self._amount = TextLabel(look, "", size_px=tokens.due_px, bold=True)
        self._amount.setObjectName("customerPayAmount")
        self._part_of = TextLabel(look, "", size_px=tokens.title_px, role="ink_soft")
        self._part_of.setObjectName("customerPartOf")
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(8)
        self._above, self._below = QWidget(), QWidget()
        for stretch in (self._above, self._below):
            stretch.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        column.addWidget(self._above, 1)
        column.addWidget(self._icon)
        column.addWidget(self.qr, 1)
        for label in (self._scan, self._sentence, self._caption, self._amount, self._part_of):
            label.align(Qt.AlignmentFlag.AlignHCenter)
            column.addWidget(label)
        column.addWidget(self._below, 1)

    def show_screen(self, screen: CustomerScreen) -> None:
        """Show the payment as it is."""
        has_code = bool(screen.payload)
        self.qr.show_payload(screen.payload)
        self.qr.setVisible(has_code)
        self._icon.setVisible(not has_code)
        self._icon.show_icon(screen.icon)
        for stretch in (self._above, self._below):
            stretch.setVisible(not has_code)
        # What stands under a code names the tender already.
        self._scan.say(screen.sentence)
        self._scan.setVisible(has_code)
        self._sentence.say(screen.sentence)
        self._caption.say(screen.tender)
        for label in (self._sentence, self._caption):
            label.setVisible(not has_code)
        self._amount.say(screen.due)
        self._part_of.say(screen.part_of)
        self._part_of.setVisible(bool(screen.part_of))
