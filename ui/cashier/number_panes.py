"""The panes that ask for a number: quantity, price, discount."""

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout

from app.checkout.views import Notice, Severity
from app.sales.basket import DiscountKind
from app.values.money import currency_of
from app.values.wording import LocalizedText, Wording, wording
from ui.cashier.choice_keys import ChoiceKeys, numbered
from ui.cashier.side_pane import Send, SidePane
from ui.presenters.cashier import CashierPresenter
from ui.presenters.formatting import write_digits
from ui.theme.look import Look
from ui.widgets.fields import Field
from ui.widgets.keys import WordKey
from ui.widgets.labels import Text, TextLabel
from ui.widgets.number_pad import NumberPad

_CHOOSE_A_REASON = Notice(Severity.WARNING, wording("Choose a reason."))


class NumberPane(SidePane):
    """A field and a number pad; what stands beside them is the heirs' business."""

    def __init__(
        self, look: Look, presenter: CashierPresenter, send: Send, name: str, title: Text, prompt: Text, accept: Text
    ) -> None:
        """Build field and pad."""
        super().__init__(look, presenter, send, name, title)
        self.field = Field(look, f"{name}Field", prompt, size_px=look.tokens.title_px, figures=True)
        self.pad = NumberPad(look, self.field, accept)
        self.beside = QVBoxLayout()
        self.beside.setSpacing(8)
        self.beside.addWidget(self.field)
        body = QHBoxLayout()
        body.setSpacing(16)
        body.addLayout(self.beside, 3)
        body.addWidget(self.pad, 2)
        self.column.addLayout(body, 1)

    def on_enter(self, answer: Callable[[], None]) -> None:
        """Let Enter, and the key of the pad that means it, do what the pane is there for."""
        self.pad.accepted.connect(answer)
        self.field.returnPressed.connect(answer)

    def opened(self) -> None:
        """Begin with an empty field and the line's name."""
        self.field.clear()
        self.subtitle_of_line()

    def refresh(self) -> None:
        """Follow the selection."""
        self.subtitle_of_line()

    def input_field(self) -> QLineEdit:
        """Return the field."""
        return self.field


class QuantityPane(NumberPane):
    """Quantity after the scan, or before it."""

    def __init__(self, look: Look, presenter: CashierPresenter, send: Send) -> None:
        """Build the pane."""
        super().__init__(
            look,
            presenter,
            send,
            "quantityPane",
            wording("Quantity"),
            wording("2 or 1.245"),
            wording("Change the line"),
        )
        self.on_enter(self.accept)
        self._next = WordKey(look, "quantityNext", wording("For the next product"))
        self._next.clicked.connect(lambda: self.send(self.presenter.submit_armed_quantity(self.field.text())))
        self.beside.addWidget(self._next)
        self.beside.addStretch(1)

    def refresh(self) -> None:
        """Say what Enter does: with no line selected it is for the next product."""
        super().refresh()
        has_line = self.presenter.selected_line() is not None
        self.pad.accept_key.say(wording("Change the line") if has_line else wording("For the next product"))
        self._next.setVisible(has_line)

    def opened(self) -> None:
        """Begin empty."""
        super().opened()
        self.refresh()

    def accept(self) -> None:
        """Change the line's quantity."""
        self.send(self.presenter.submit_quantity(self.field.text()))


class TarePane(NumberPane):
    """What the container weighs, in grams; the scale goes on weighing afterwards."""

    def __init__(self, look: Look, presenter: CashierPresenter, send: Send) -> None:
        """Build the pane."""
        prompt = wording("Grams, such as 250")
        super().__init__(
            look, presenter, send, "tarePane", wording("How heavy is the container?"), prompt, wording("Take off")
        )
        self.on_enter(self.accept)
        self._words = TextLabel(look, wording("In grams. It is taken off what the scale reads."), lines=3)
        self.back_key.say(wording("Back to the scale"))
        self.beside.addWidget(self._words)
        self.beside.addStretch(1)

    def opened(self) -> None:
        """Begin empty."""
        self.field.clear()
        self.refresh()

    def refresh(self) -> None:
        """Name what is weighed."""
        question = self.presenter.view.question
        self.say_under_title("" if question is None else question.product_name)

    def accept(self) -> None:
        """Take it off."""
        self.send(self.presenter.weighing.submit_tare(self.field.text()))


class PricePane(NumberPane):
    """Another price for the selected line, with a reason; touching the reason does it."""

    def __init__(
        self,
        look: Look,
        presenter: CashierPresenter,
        send: Send,
        reasons: Sequence[Wording | LocalizedText],
    ) -> None:
        """Take the store's reasons."""
        super().__init__(
            look, presenter, send, "pricePane", wording("New price"), wording("New unit price"), wording("Change price")
        )
        self.on_enter(self.accept)
        self._reasons = tuple(reasons)
        self._chosen = -1
        self._choices = ChoiceKeys(look, "priceReason", self._choose)
        self._choices.offer(self._reasons, numbered(len(self._reasons)))
        self._was = TextLabel(look, "", role="ink_soft")
        self.beside.addWidget(self._was)
        self.beside.addWidget(TextLabel(look, wording("Why?"), bold=True))
        self.beside.addWidget(self._choices)
        self.beside.addStretch(1)

    def opened(self) -> None:
        """Begin with no reason chosen."""
        super().opened()
        self._chosen = -1
        self._choices.mark(-1)

    def refresh(self) -> None:
        """Show the price as it is."""
        super().refresh()
        line = self.presenter.selected_line()
        if line is not None:
            price = write_digits(line.unit_price_minor, currency_of(self.presenter.view.basket.currency))
            self._was.say(wording("Now {price}", price=price))

    def take_key(self, key: str) -> bool:
        """Choose a reason by its number."""
        return self._choices.take_number(key)

    def _choose(self, position: int) -> None:
        self._chosen = position
        self._choices.mark(position)
        if self.field.text().strip():
            self.accept()
        else:
            self.field.setFocus()

    def accept(self) -> None:
        """Change the price, if the reason is known."""
        if self._chosen < 0:
            self.presenter.say(_CHOOSE_A_REASON)
            self.send(None)
            return
        reason = self.look.say(self._reasons[self._chosen])
        self.send(self.presenter.submit_price(self.field.text(), reason))


class DiscountPane(NumberPane):
    """A discount on the line or the basket, in percent or as an amount, with a reason; touching the reason does it."""

    def __init__(
        self,
        look: Look,
        presenter: CashierPresenter,
        send: Send,
        reasons: Sequence[Wording | LocalizedText],
    ) -> None:
        """Take the store's reasons."""
        super().__init__(
            look, presenter, send, "discountPane", wording("Discount"), wording("How much"), wording("Give discount")
        )
        self.on_enter(self.accept)
        self._reasons = tuple(reasons)
        self._reason = -1
        self._kind = DiscountKind.PERCENT
        self._on_line = True
        self._scope = ChoiceKeys(look, "discountScope", self._choose_scope, columns=2)
        self._scope.offer((wording("This line"), wording("Whole basket")))
        self._kinds = ChoiceKeys(look, "discountKind", self._choose_kind, columns=2)
        self._kinds.offer((wording("Percent %"), wording("Amount {sign}", sign="\u00a5")))
        self._choices = ChoiceKeys(look, "discountReason", self._choose_reason, columns=2)
        self._choices.offer(self._reasons, numbered(len(self._reasons)))
        self.beside.insertWidget(0, self._scope)
        self.beside.insertWidget(1, self._kinds)
        self.beside.addWidget(TextLabel(look, wording("Why?"), bold=True))
        self.beside.addWidget(self._choices)
        self.beside.addStretch(1)

    def opened(self) -> None:
        """Begin with percent on the selected line."""
        super().opened()
        self._reason = -1
        self._choices.mark(-1)
        self._choose_kind(0)
        self._choose_scope(0 if self.presenter.selected_line() is not None else 1)

    def refresh(self) -> None:
        """Follow the selection and the currency."""
        if self._on_line:
            self.subtitle_of_line()
        else:
            self.say_under_title(wording("on the whole basket"))
        sign = currency_of(self.presenter.view.basket.currency).symbol
        self._kinds.all_keys()[1].say(wording("Amount {sign}", sign=sign))

    def take_key(self, key: str) -> bool:
        """Choose a reason by its number; F7 goes round line and basket, `%` is typed into the field."""
        if key == "F7":
            self._choose_scope(1 if self._on_line else 0)
            return True
        return self._choices.take_number(key)

    def _choose_scope(self, position: int) -> None:
        self._on_line = position == 0 and self.presenter.selected_line() is not None
        self._scope.mark(0 if self._on_line else 1)
        self.refresh()
        self.field.setFocus()

    def _choose_kind(self, position: int) -> None:
        self._kind = (DiscountKind.PERCENT, DiscountKind.AMOUNT)[position]
        self._kinds.mark(position)
        self.field.setFocus()

    def _choose_reason(self, position: int) -> None:
        self._reason = position
        self._choices.mark(position)
        if self.field.text().strip():
            self.accept()
        else:
            self.field.setFocus()

    def accept(self) -> None:
        """Give the discount, if the reason is known."""
        if self._reason < 0:
            self.presenter.say(_CHOOSE_A_REASON)
            self.send(None)
            return
        reason = self.look.say(self._reasons[self._reason])
        text = self.field.text().strip().removesuffix("%")
        self.send(self.presenter.submit_discount(self._kind, text, reason, on_line=self._on_line))
