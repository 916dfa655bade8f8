"""The panes that ask for words or one choice: note, suspend, reasons, recall, more."""

from collections.abc import Callable, Sequence
from datetime import tzinfo

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QScrollArea, QVBoxLayout, QWidget

from app.checkout.requests import TillRequest
from app.checkout.views import SuspendedView
from app.values.money import currency_of
from app.values.wording import LocalizedText, Wording, wording
from ui.cashier.choice_keys import ChoiceKeys, numbered
from ui.cashier.side_pane import Send, SidePane
from ui.presenters.cashier import CashierPresenter
from ui.presenters.formatting import write_moment, write_money
from ui.presenters.shortcuts import SHORTCUTS, Action
from ui.settings import WallClock
from ui.theme.look import Look
from ui.widgets.fields import Field
from ui.widgets.keys import KeyRole, WordKey
from ui.widgets.labels import Text


class TextPane(SidePane):
    """One line of words and a key that accepts them."""

    def __init__(
        self,
        look: Look,
        presenter: CashierPresenter,
        send: Send,
        name: str,
        words: tuple[Text, Text, Text],
        make: Callable[[str], TillRequest],
        *,
        begin_with: Callable[[], str] = str,
    ) -> None:
        """Take title, prompt and the words of the key, and what to ask with what was typed."""
        super().__init__(look, presenter, send, name, words[0])
        self._make = make
        self._begin_with = begin_with
        self.field = Field(look, f"{name}Field", words[1])
        self._accept = WordKey(look, f"{name}Accept", words[2], role=KeyRole.PRIMARY, shortcut="Enter")
        self.column.addWidget(self.field)
        self.column.addWidget(self._accept)
        self.column.addStretch(1)
        self._accept.clicked.connect(self._submit)
        self.field.returnPressed.connect(self._submit)

    def opened(self) -> None:
        """Begin with what is so now."""
        self.field.setText(self._begin_with())
        self.field.selectAll()

    def input_field(self) -> QLineEdit:
        """Return the field."""
        return self.field

    def _submit(self) -> None:
        self.send(self.presenter.submit_text(self._make, self.field.text()))


class ReasonPane(SidePane):
    """Reasons as keys; touching one does it."""

    def __init__(
        self,
        look: Look,
        presenter: CashierPresenter,
        send: Send,
        name: str,
        words: tuple[Text, Text],
        reasons: Sequence[Wording | LocalizedText],
        make: Callable[[str], TillRequest],
    ) -> None:
        """Take title and subtitle, the reasons and what to ask with the one chosen."""
        super().__init__(look, presenter, send, name, words[0])
        self.say_under_title(words[1])
        self._make = make
        self._reasons = tuple(reasons)
        self._choices = ChoiceKeys(look, f"{name}Reason", self._choose, columns=2)
        self._choices.offer(self._reasons, numbered(len(self._reasons)))
        for key in self._choices.all_keys():
            key.setMinimumHeight(72)
        self.column.addWidget(self._choices)
        self.column.addStretch(1)

    def take_key(self, key: str) -> bool:
        """Choose by number."""
        return self._choices.take_number(key)

    def first_focus(self) -> QWidget | None:
        """Give the keyboard to the first reason."""
        return self._choices.all_keys()[0]

    def _choose(self, position: int) -> None:
        self.send(self.presenter.submit_text(self._make, self.look.say(self._reasons[position])))


class DecisionPane(ReasonPane):
    """A supervisor's reason for a decision about the payment that is open."""

    def refresh(self) -> None:
        """Name the payment that is decided about."""
        payment = self.presenter.open_payment
        if payment is not None:
            currency = currency_of(self.presenter.view.basket.currency)
            amount = write_money(payment.amount_minor, currency)
            self.say_under_title(wording("{tender} {amount}", tender=payment.tender_name, amount=amount))


class RecallPane(SidePane):
    """Baskets that were put aside, the longest first; touching one brings it back."""

    def __init__(self, look: Look, presenter: CashierPresenter, send: Send, clock: WallClock, zone: tzinfo) -> None:
        """Take where time comes from, to say when each was put aside."""
        super().__init__(look, presenter, send, "recallPane", wording("Bring a basket back"))
        self._clock = clock
        self._zone = zone
        self._baskets: tuple[SuspendedView, ...] = ()
        self._choices = ChoiceKeys(look, "recall", self._choose)
        inside = QWidget()
        inside.setProperty("plane", "inside")
        layout = QVBoxLayout(inside)
        layout.setContentsMargins(0, 0, 8, 0)
        layout.addWidget(self._choices)
        layout.addStretch(1)
        area = QScrollArea()
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidgetResizable(True)
        area.setWidget(inside)
        area.viewport().setAutoFillBackground(False)
        inside.setAutoFillBackground(False)
        self.column.addWidget(area, 1)

    def opened(self) -> None:
        """Show what was put aside."""
        self.refresh()

    def refresh(self) -> None:
        """Show what was put aside."""
        self._baskets = self.presenter.view.suspended
        words = tuple(self._words(basket) for basket in self._baskets)
        self._choices.offer(words, numbered(len(words)))
        self._choices.explain([_about(basket) for basket in self._baskets])
        for key in self._choices.all_keys():
            key.setMinimumHeight(72)

    def _words(self, basket: SuspendedView) -> Wording:
        time = write_moment(basket.suspended_at, self._zone, self._clock.now())
        name = basket.name or basket.first_item or ""
        amount = write_money(basket.due_minor, currency_of(self.presenter.view.basket.currency))
        if basket.item_count == 1:
            return wording("{time} · {name} · 1 item · {amount}", time=time, name=name, amount=amount)
        return wording(
            "{time} · {name} · {count} items · {amount}", time=time, name=name, count=basket.item_count, amount=amount
        )

    def take_key(self, key: str) -> bool:
        """Choose by number; F6 again brings the first one back."""
        if key == "F6" and self._baskets:
            self._choose(0)
            return True
        return self._choices.take_number(key)

    def first_focus(self) -> QWidget | None:
        """Give the keyboard to the first basket."""
        return self._choices.all_keys()[0] if self._baskets else None

    def _choose(self, position: int) -> None:
        if position < len(self._baskets):
            self.send(self.presenter.recall(self._baskets[position].basket_id))


def _about(basket: SuspendedView) -> tuple[Text, str]:
    """Say how the payment of a basket stands that was put aside, or else for which member it is; with a picture."""
    if basket.payment is not None:
        return basket.payment, "progress-clock"
    return (wording("member {who}", who=basket.member), "account-outline") if basket.member else ("", "")


class MorePane(SidePane):
    """Everything that has no place on the key bar."""

    def __init__(self, look: Look, presenter: CashierPresenter, send: Send, do: Callable[[Action], None]) -> None:
        """Take what to do with an action."""
        super().__init__(look, presenter, send, "morePane", wording("More"))
        self._shortcuts = tuple(shortcut for shortcut in SHORTCUTS if shortcut.in_more)
        self._choices = ChoiceKeys(look, "more", lambda position: do(self._shortcuts[position].action), columns=2)
        self._choices.offer(
            tuple(shortcut.label for shortcut in self._shortcuts),
            tuple(shortcut.key for shortcut in self._shortcuts),
            tuple(shortcut.icon for shortcut in self._shortcuts),
        )
        for key in self._choices.all_keys():
            key.setMinimumHeight(look.tokens.touch_px)
        self.column.addWidget(self._choices)
        self.column.addStretch(1)

    def first_focus(self) -> QWidget | None:
        """Give the keyboard to the first key."""
        return self._choices.all_keys()[0]

    def take_key(self, key: str) -> bool:
        """Choose by number as well."""
        return self._choices.take_number(key)
