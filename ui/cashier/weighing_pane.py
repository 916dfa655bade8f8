"""What lies on the scale: weight, unit price and price, live, until the cashier takes it."""

from typing import Final

from PySide6.QtCore import QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFontMetrics, QHideEvent, QKeyEvent, QPainter, QPaintEvent, QPen, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from app.checkout.views import Question
from app.values.money import currency_of
from app.values.wording import Wording, wording
from ui.cashier.container_keys import ContainerKeys
from ui.cashier.side_pane import Send, SidePane
from ui.presenters.cashier import CashierPresenter
from ui.presenters.weighing import WeighingPicture
from ui.theme.fonts import font
from ui.theme.look import Look
from ui.widgets.keys import KeyRole, WordKey
from ui.widgets.labels import AmountLabel, TextLabel
from ui.widgets.text_painting import paint_wrapped, wrap
from ui.widgets.tiles import STAND_IN_COLOUR, PictureBox

_RECHECK_MS: Final = 250
_ICON_PX: Final = 24
_UNIT_RISE_PX: Final = 8
_TYPED: Final = frozenset("0123456789.")


class StateSign(QWidget):
    """The scale's state as an icon and a word, in a place of fixed size."""

    def __init__(self, look: Look) -> None:
        """Begin with nothing to say."""
        super().__init__()
        self.setObjectName("weighingState")
        self._look = look
        self._word: Wording | str = ""
        self._icon, self._role = "", "ink_soft"
        self._font = font(look.tokens.label_px, bold=True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        look.speech_changed.connect(self._render)
        look.theme_changed.connect(self.update)
        look.icons.loaded.connect(self.update)

    def say(self, word: Wording, icon: str, role: str) -> None:
        """Show a state."""
        if (word, icon, role) != (self._word, self._icon, self._role):
            self._word, self._icon, self._role = word, icon, role
            self._render()

    def text(self) -> str:
        """Return the word in the present language."""
        return self._look.say(self._word)

    def _render(self) -> None:
        self.setAccessibleName(self.text())
        self.update()

    def sizeHint(self) -> QSize:
        """Return room for the icon and two lines of words."""
        return QSize(160, max(_ICON_PX, QFontMetrics(self._font).height()) + 4)

    def minimumSizeHint(self) -> QSize:
        """Return the same height."""
        return QSize(96, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw icon and word."""
        del event
        painter = QPainter(self)
        colour = self._look.colour(self._role)
        icon = self._look.icons.pixmap(self._icon, _ICON_PX, colour, self.devicePixelRatioF())
        left = 0
        if icon is not None:
            painter.drawPixmap(0, (self.height() - _ICON_PX) // 2, icon)
            left = _ICON_PX + 8
        room = self.width() - left
        tokens = self._look.tokens
        for size in (tokens.label_px, tokens.body_px, tokens.small_px):
            used = font(size, bold=True)
            words = wrap(self.text(), used, room, 1)
            if not words.fades:
                break
        painter.setFont(used)
        top = (self.height() - words.height_px) // 2
        paint_wrapped(painter, QRect(left, top, room, words.height_px), words, colour)
        painter.end()


class WeightPlate(QFrame):
    """The figures; takes the keyboard, so that Enter accepts and a digit begins to type."""

    def __init__(self, look: Look) -> None:
        """Build the plate."""
        super().__init__()
        self._look = look
        self.setObjectName("weightPlate")
        self.setProperty("plane", "surface")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        tokens = look.tokens
        self._shown = WeighingPicture()
        self.state = StateSign(look)
        self._gross = TextLabel(look, "", size_px=tokens.small_px, role="ink_soft")
        self._gross.setObjectName("weighingGross")
        self._tare = TextLabel(look, "", size_px=tokens.small_px, role="ink_soft")
        self._tare.setObjectName("weighingTare")
        self.net = AmountLabel(look, sizes_px=(tokens.due_px, tokens.large_px))
        self.net.setObjectName("weighingNet")
        unit = TextLabel(look, "kg", size_px=tokens.title_px, role="ink_soft")
        self._unit_price = TextLabel(look, "", size_px=tokens.title_px)
        self._unit_price.setObjectName("weighingUnitPrice")
        self.price = AmountLabel(look, sizes_px=(tokens.large_px, tokens.title_px))
        self.price.setObjectName("weighingPrice")
        self._sentence = TextLabel(look, "", lines=2)
        self._sentence.setObjectName("weighingSentence")
        grid = QGridLayout(self)
        grid.setContentsMargins(16, 8, 16, 8)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(0)
        grid.addWidget(self.state, 0, 0)
        grid.addWidget(self._gross, 1, 0)
        grid.addWidget(self._tare, 2, 0)
        grid.addWidget(self.net, 0, 1, 3, 1)
        # On the baseline of the figures beside it, which stand in the middle of their place.
        unit_place = QVBoxLayout()
        unit_place.setContentsMargins(0, 0, 0, _UNIT_RISE_PX)
        unit_place.addStretch(1)
        unit_place.addWidget(unit)
        grid.addLayout(unit_place, 0, 2, 3, 1)
        grid.addWidget(self._unit_price, 3, 0)
        grid.addWidget(self.price, 3, 1, 1, 2)
        grid.addWidget(self._sentence, 4, 0, 1, 3)
        grid.setColumnMinimumWidth(0, 176)
        grid.setColumnStretch(1, 1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        look.theme_changed.connect(self.update)
        look.speech_changed.connect(lambda: self._name(self._shown))

    def show_picture(self, picture: WeighingPicture) -> None:
        """Show what the scale says; nothing else on the window is drawn for it."""
        if picture == self._shown:
            return
        self._shown = picture
        self.state.say(picture.word, picture.icon, picture.role)
        self._gross.say(wording("Gross {weight} kg", weight=picture.gross))
        self._tare.say(wording("Tare {weight} kg", weight=picture.tare))
        self.net.show_amount(picture.net, "ink" if picture.acceptable else "ink_soft")
        self._unit_price.say(picture.unit_price)
        self.price.show_amount(picture.price, "ink" if picture.acceptable else "ink_soft")
        self._sentence.say(picture.sentence)
        self._name(picture)

    def _name(self, picture: WeighingPicture) -> None:
        say = self._look.say
        self.setAccessibleName(say(wording("Weight {weight} kg: {state}", weight=picture.net, state=picture.word)))
        self.setAccessibleDescription(say(picture.sentence))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the plate, and the ring where it has the keyboard."""
        super().paintEvent(event)
        look, tokens = self._look, self._look.tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        focused = self.hasFocus()
        width = tokens.focus_px if focused else tokens.hairline_px
        painter.setPen(QPen(look.colour("focus" if focused else "line"), width))
        painter.setBrush(look.colour("surface"))
        half = width / 2
        area = self.rect().toRectF().adjusted(half, half, -half, -half)
        painter.drawRoundedRect(area, tokens.radius_px, tokens.radius_px)
        painter.end()


class WeighingPane(SidePane):
    """Replaces the quick keys while the till asks for a weight and the scale answers."""

    zero_asked = Signal()

    def __init__(self, look: Look, presenter: CashierPresenter, send: Send) -> None:
        """Build the pane."""
        super().__init__(look, presenter, send, "weighingPane", "", title_lines=2)
        tokens = look.tokens
        self._question: Question | None = None
        self._picture = PictureBox(look, 56)
        self.head.insertWidget(0, self._picture)
        self.plate = WeightPlate(look)
        self.containers = ContainerKeys(look)
        self.containers.chosen.connect(lambda chosen: self.send(self.presenter.weighing.choose_container(chosen)))
        self.containers.tare_asked.connect(self._key_tare)
        self._weight_key = WordKey(look, "keyWeight", wording("Key in weight"), shortcut="F2", icon="keyboard-outline")
        self._zero_key = WordKey(look, "zeroScale", wording("Zero the scale"), shortcut="F4", icon="scale-balance")
        self.accept_key = WordKey(
            look,
            "acceptWeight",
            wording("Accept"),
            role=KeyRole.PRIMARY,
            shortcut="Enter",
            icon="check-circle-outline",
            size_px=tokens.title_px,
        )
        self._weight_key.clicked.connect(lambda: self._key_weight(""))
        self._zero_key.clicked.connect(self.zero_asked)
        self.accept_key.clicked.connect(self._accept)
        keys = QHBoxLayout()
        keys.setSpacing(8)
        for key, share in ((self._weight_key, 3), (self._zero_key, 3), (self.accept_key, 4)):
            key.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)
            key.setMinimumHeight(tokens.touch_px)
            key.setMaximumHeight(80)
            keys.addWidget(key, share)
        self._weight_key.stack()
        self._zero_key.stack()
        self.column.addWidget(self.plate)
        self.column.addWidget(self.containers)
        self.column.addLayout(keys, 2)
        self.column.addStretch(1)
        # A scale that is away says nothing: look by oneself whether its last word still counts.
        self._recheck = QTimer(self)
        self._recheck.setInterval(_RECHECK_MS)
        self._recheck.timeout.connect(self._look_again)

    def opened(self) -> None:
        """Show what lies there."""
        self._question = None

    def refresh(self) -> None:
        """Show the question's product and containers."""
        question = self.presenter.view.question
        if question is not None and question != self._question:
            self._question = question
            self.title.say(question.product_name)
            self.containers.show_question(question)
        if question is not None:
            self._picture.show_picture(question.picture, (STAND_IN_COLOUR, self.look.say(question.product_name)))
        self.show_scale()

    def show_scale(self) -> None:
        """Draw the figures that changed, and nothing else."""
        picture = self.presenter.weighing.picture(currency_of(self.presenter.view.basket.currency))
        self.plate.show_picture(picture)
        if self.accept_key.hasFocus() and not picture.acceptable:
            self.plate.setFocus()
        self.accept_key.setEnabled(picture.acceptable)
        self._zero_key.setEnabled(picture.scale_answers)

    def first_focus(self) -> QWidget:
        """Give the keyboard to the figures."""
        return self.plate

    def typing_place(self) -> QWidget:
        """Take digits with the figures."""
        return self.plate

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Accept by Enter; a digit begins to type the weight in place of the scale's."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self._accept()
        elif event.text() in _TYPED and event.text():
            self._key_weight(event.text())
        else:
            super().keyPressEvent(event)

    def take_key(self, key: str) -> bool:
        """Do what the pane's own keys ask."""
        if key == "F2":
            self._weight_key.click()
        elif key == "F3":
            self.containers.tare_key.click()
        elif key == "F4":
            self._zero_key.click()
        else:
            return self.containers.take_number(key)
        return True

    def _key_weight(self, first_typed: str) -> None:
        self.presenter.key_weight(first_typed)
        self.send(None)

    def _key_tare(self) -> None:
        self.presenter.key_tare()
        self.send(None)

    def _accept(self) -> None:
        self.send(self.presenter.accept_weight())

    def _look_again(self) -> None:
        if not self.presenter.weighing.going_stale:
            return
        if self.presenter.settle_question():
            self.send(None)
        else:
            self.show_scale()

    def showEvent(self, event: QShowEvent) -> None:
        """Begin to look after the scale's silence."""
        self._recheck.start()
        super().showEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Leave that off."""
        self._recheck.stop()
        super().hideEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the containers' keys the room there is."""
        self.containers.give_height(event.size().height())
        super().resizeEvent(event)
