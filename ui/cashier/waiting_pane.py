"""The tender pane while a payment is waited for: what is happening, how long it may take, and what can be done."""

from typing import Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.checkout.payment_requests import ConfirmPayment
from app.checkout.payment_views import OpenPaymentView
from app.values.money import currency_of
from app.values.wording import Wording, wording
from ui.cashier.side_pane import Send, SidePane
from ui.presenters.cashier import CashierPresenter
from ui.presenters.formatting import write_money
from ui.presenters.panes import Pane
from ui.presenters.payments import StagePicture, cancel_words, picture_of, shown_payload
from ui.presenters.possible import PUT_ASIDE_STAGES
from ui.presenters.shortcuts import ACCEPT_ANYWAY_KEY, CONFIRM_KEY, GIVE_UP_KEY, Action
from ui.settings import WallClock
from ui.theme.look import Look
from ui.widgets.countdown_bar import CountdownBar
from ui.widgets.fields import Field
from ui.widgets.keys import KeyRole, WordKey
from ui.widgets.labels import AmountLabel, TextLabel
from ui.widgets.qr_picture import QrPicture

_BADGE_PX: Final = 72
_ICON_PX: Final = 40
_QR_PX: Final = 176
_KEY_PX: Final = 72


class StageBadge(QWidget):
    """A stage's picture in a ring of its colour; its word stands beside it."""

    def __init__(self, look: Look) -> None:
        """Begin without a picture."""
        super().__init__()
        self.setObjectName("waitingStage")
        self._look = look
        self._picture: StagePicture | None = None
        self.setFixedSize(_BADGE_PX, _BADGE_PX)
        look.theme_changed.connect(self.update)
        look.icons.loaded.connect(self.update)
        look.speech_changed.connect(self._name)

    def show_picture(self, picture: StagePicture) -> None:
        """Show a stage."""
        if picture != self._picture:
            self._picture = picture
            self._name()
            self.update()

    def _name(self) -> None:
        if self._picture is not None:
            self.setAccessibleName(self._look.say(self._picture.word))

    def picture(self) -> StagePicture | None:
        """Return what is shown."""
        return self._picture

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw ring and icon."""
        del event
        if self._picture is None:
            return
        colour = self._look.colour(self._picture.role)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(colour, 3))
        painter.drawEllipse(QRectF(self.rect()).adjusted(2, 2, -2, -2))
        icon = self._look.icons.pixmap(self._picture.icon, _ICON_PX, colour, self.devicePixelRatioF())
        at = (_BADGE_PX - _ICON_PX) // 2
        if icon is not None:
            painter.drawPixmap(at, at, icon)
        painter.end()


class WaitingPane(SidePane):
    """One payment, its amount large; nothing can be pressed by habit: Enter and figures mean nothing here."""

    def __init__(self, look: Look, presenter: CashierPresenter, send: Send, clock: WallClock) -> None:
        """Take where time comes from."""
        super().__init__(look, presenter, send, "waitingPane", "")
        tokens = look.tokens
        self.back_key.hide()
        self.title.hide()
        self.badge = StageBadge(look)
        self._word = TextLabel(look, "", size_px=tokens.label_px, bold=True, shrink_to=(tokens.body_px, 2))
        self._word.setObjectName("waitingWord")
        self._tender = TextLabel(look, "", size_px=tokens.title_px, bold=True, shrink_to=(tokens.label_px, 2))
        self._tender.setObjectName("waitingTender")
        self.amount = AmountLabel(look, sizes_px=(tokens.due_px, tokens.large_px, tokens.title_px))
        self.amount.setObjectName("waitingAmount")
        self._sentence = TextLabel(look, "", size_px=tokens.label_px, lines=3, shrink_to=(tokens.body_px, 4))
        self._sentence.hang()
        self._sentence.setObjectName("waitingSentence")
        self.countdown = CountdownBar(look, "waitingCountdown", clock)
        self._taken = TextLabel(look, "", role="ink_soft", lines=2)
        self._taken.setObjectName("waitingTaken")
        self._code = TextLabel(look, "", size_px=tokens.small_px, role="ink_soft")
        self._code.setObjectName("waitingCode")
        self.qr = QrPicture(look, "waitingQr", side_px=_QR_PX)
        self.field = Field(look, "waitingReference", wording("Its number, if any"))
        self._make_keys()
        self._lay_out()

    def _make_keys(self) -> None:
        look = self.look
        self.cancel_key = WordKey(look, "waitingCancel", "", shortcut="Esc", icon="undo-variant")
        self.aside_key = WordKey(look, "waitingAside", wording("Put aside"), shortcut="F5", icon="pause-circle-outline")
        self.accept_key = WordKey(
            look, "waitingAccept", wording("Accept anyway"), shortcut=ACCEPT_ANYWAY_KEY, icon="check-decagram"
        )
        self.give_up_key = WordKey(
            look, "waitingGiveUp", wording("Give up"), role=KeyRole.DANGER, shortcut=GIVE_UP_KEY, icon="cash-remove"
        )
        self.confirm_key = WordKey(
            look,
            "waitingConfirm",
            wording("Money has come"),
            role=KeyRole.PRIMARY,
            shortcut=CONFIRM_KEY,
            icon="bank-check",
        )
        self._keys = (self.cancel_key, self.aside_key, self.accept_key, self.give_up_key)
        for key in self._keys:
            key.stack()
            key.setMinimumHeight(_KEY_PX)
        self.cancel_key.clicked.connect(lambda: self.send(self.presenter.back()))
        self.aside_key.clicked.connect(lambda: self.send(self.presenter.perform(Action.SUSPEND)))
        self.accept_key.clicked.connect(lambda: self._decide(Pane.ACCEPT_ANYWAY))
        self.give_up_key.clicked.connect(lambda: self._decide(Pane.GIVE_UP))
        self.confirm_key.clicked.connect(self._confirm)

    def _lay_out(self) -> None:
        what = QVBoxLayout()
        what.setSpacing(0)
        what.addStretch(1)
        what.addWidget(self._tender)
        what.addWidget(self._word)
        what.addStretch(1)
        self.head.setSpacing(16)
        self.head.insertWidget(0, self.badge)
        self.head.insertLayout(1, what, 4)
        self.head.insertWidget(2, self.amount, 5)
        self.head.setStretch(3, 0)  # the title of other panes has no place here
        words = QVBoxLayout()
        words.setSpacing(8)
        for widget in (self._sentence, self.countdown, self._taken, self._code):
            words.addWidget(widget)
        words.addStretch(1)
        middle = QHBoxLayout()
        middle.setSpacing(16)
        middle.addLayout(words, 1)
        middle.addWidget(self.qr, 0, Qt.AlignmentFlag.AlignTop)
        by_hand = QHBoxLayout()
        by_hand.setSpacing(8)
        by_hand.addWidget(self.field, 1)
        by_hand.addWidget(self.confirm_key, 1)
        keys = QHBoxLayout()
        keys.setSpacing(8)
        for key in self._keys:
            keys.addWidget(key, 1)
        self.column.setContentsMargins(24, 16, 24, 16)
        self.column.setSpacing(16)
        self.column.addLayout(middle, 1)
        self.column.addLayout(by_hand)
        self.column.addLayout(keys)
        # Takes the keyboard away from the entry line without giving Enter anything to press.
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)

    def opened(self) -> None:
        """Begin with no number of the payment's own."""
        self.field.clear()
        self.refresh()

    def refresh(self) -> None:
        """Show the payment as it is now."""
        payment = self.presenter.open_payment
        self.countdown.follow(payment)
        if payment is None:
            return
        picture = picture_of(payment)
        currency = currency_of(self.presenter.view.basket.currency)
        self.badge.show_picture(picture)
        self._word.say(picture.word)
        self._word.colour(picture.role)
        self._tender.say(payment.tender_name)
        self.amount.show_amount(write_money(payment.amount_minor, currency))
        self._sentence.say(payment.sentence)
        self.countdown.setVisible(payment.ends_at is not None)
        taken = self._taken_so_far()
        self._taken.say(taken or "")
        self._taken.setVisible(taken is not None)
        self._code.say(payment.code)
        self._code.setVisible(bool(payment.code))
        payload = shown_payload(payment)
        self.qr.show_payload(payload)
        self.qr.setVisible(bool(payload))
        self.setAccessibleName(self.look.say(payment.sentence))
        self._show_keys(payment)

    def _show_keys(self, payment: OpenPaymentView) -> None:
        self.cancel_key.say(cancel_words(payment))
        self.cancel_key.setEnabled(payment.can_cancel)
        self.aside_key.setVisible(payment.stage in PUT_ASIDE_STAGES)
        self.accept_key.setVisible(payment.can_decide)
        self.give_up_key.setVisible(payment.can_decide)
        self.confirm_key.setVisible(payment.confirmed_by_hand)
        self.field.setVisible(payment.confirmed_by_hand)

    def _taken_so_far(self) -> Wording | None:
        """Name the tenders taken before, and what is left once this one has come."""
        view = self.presenter.view
        if view.payment is None or view.payment.open is None or not view.basket.tenders:
            return None
        currency = currency_of(view.basket.currency)
        said: Wording | None = None
        for tender in view.basket.tenders:
            one = wording("{tender} {amount}", tender=tender.name, amount=write_money(tender.amount_minor, currency))
            said = one if said is None else wording("{one} \u00b7 {other}", one=said, other=one)
        return None if said is None else wording("Taken already: {tenders}", tenders=said)

    def input_field(self) -> QLineEdit | None:
        """Return the field for the payment's number, where a person says that the money came."""
        return self.field if self.field.isVisibleTo(self) else None

    def first_focus(self) -> QWidget:
        """Take the keyboard itself where there is nothing to type."""
        return self.input_field() or self

    def take_key(self, key: str) -> bool:
        """Decide or confirm; a supervisor's keys do nothing where they are not in sight."""
        if key == ACCEPT_ANYWAY_KEY and self.accept_key.isVisibleTo(self):
            self._decide(Pane.ACCEPT_ANYWAY)
        elif key == GIVE_UP_KEY and self.give_up_key.isVisibleTo(self):
            self._decide(Pane.GIVE_UP)
        elif key == CONFIRM_KEY and self.confirm_key.isVisibleTo(self):
            self._confirm()
        else:
            return False
        return True

    def _decide(self, pane: Pane) -> None:
        self.presenter.decide(pane)
        self.send(None)

    def _confirm(self) -> None:
        self.send(ConfirmPayment(self.field.text().strip()))
