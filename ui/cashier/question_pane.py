"""The till's questions: a weight, a price, an age. They slide in beside the basket; Esc declines."""

from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.checkout.requests import AnswerQuestion
from app.checkout.views import Question, QuestionKind
from app.values.money import currency_of
from app.values.problems import Problem
from app.values.quantity import SellingUnit, extend, parse_thousandths
from app.values.wording import wording
from ui.cashier.side_pane import Send, SidePane
from ui.presenters.cashier import CashierPresenter
from ui.presenters.formatting import write_money, write_unit_price
from ui.presenters.weighing import Form
from ui.theme.look import Look
from ui.widgets.fields import Field
from ui.widgets.keys import KeyRole, WordKey
from ui.widgets.labels import AmountLabel, NameBlock, TextLabel
from ui.widgets.number_pad import NumberPad
from ui.widgets.tiles import STAND_IN_COLOUR, PictureBox

_PROMPTS = {QuestionKind.WEIGHT: wording("kg, such as 1.245"), QuestionKind.PRICE: wording("Price, such as 12.90")}
_TITLES = {
    QuestionKind.WEIGHT: wording("How heavy?"),
    QuestionKind.PRICE: wording("What does it cost?"),
    QuestionKind.AGE: wording("Is the shopper old enough?"),
}


class QuestionPane(SidePane):
    """One question at a time."""

    def __init__(self, look: Look, presenter: CashierPresenter, send: Send) -> None:
        """Build all three forms; one is shown."""
        super().__init__(look, presenter, send, "questionPane", "")
        tokens = look.tokens
        self._question: Question | None = None
        self._picture = PictureBox(look, 96)
        self._words = NameBlock(look, name_px=tokens.title_px, detail_px=tokens.body_px, detail_lines=2)
        self._words.setObjectName("questionSentence")
        top = QHBoxLayout()
        top.setSpacing(16)
        top.addWidget(self._picture)
        top.addWidget(self._words, 1)
        self.field = Field(look, "questionField", "", size_px=tokens.large_px, figures=True)
        self.field.setMinimumHeight(72)
        self.pad = NumberPad(look, self.field, wording("Accept"))
        self._number_form = self._build_number_form()
        self._age_form = self._build_age_form()
        left = QVBoxLayout()
        left.setSpacing(16)
        left.addLayout(top)
        left.addWidget(self._number_form, 1)
        left.addWidget(self._age_form, 1)
        body = QHBoxLayout()
        body.setSpacing(16)
        body.addLayout(left, 3)
        body.addWidget(self.pad, 2)
        self.column.addLayout(body, 1)

    def _build_number_form(self) -> QWidget:
        look, tokens = self.look, self.look.tokens
        form = QWidget()
        self.pad.accepted.connect(self._accept)
        self.field.returnPressed.connect(self._accept)
        self.field.textEdited.connect(lambda _: self._keep_typing())
        self.field.textChanged.connect(lambda _: self._show_worth())
        self._scale_words = TextLabel(look, "", role="ink_soft", lines=3)
        self._scale_words.setObjectName("scaleReading")
        self._unit_price = TextLabel(look, "", role="ink_soft")
        self._worth = AmountLabel(look, sizes_px=(tokens.large_px, tokens.title_px))
        self._worth.setObjectName("questionWorth")
        column = QVBoxLayout(form)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for widget in (self.field, self._scale_words, self._unit_price, self._worth):
            column.addWidget(widget)
        column.addStretch(1)
        return form

    def _build_age_form(self) -> QWidget:
        look, tokens = self.look, self.look.tokens
        form = QWidget()
        self._born = TextLabel(look, "", size_px=tokens.body_px, role="ink_soft")
        self._birthday = TextLabel(look, "", size_px=tokens.large_px, bold=True)
        self._birthday.setObjectName("birthday")
        self.yes_key = WordKey(
            look, "ageYes", wording("Old enough"), role=KeyRole.PRIMARY, shortcut="Enter", size_px=tokens.label_px
        )
        self.no_key = WordKey(
            look, "ageNo", wording("Do not sell"), role=KeyRole.DANGER, shortcut="Esc", size_px=tokens.label_px
        )
        for key in (self.yes_key, self.no_key):
            key.setMinimumHeight(80)
        self.yes_key.clicked.connect(lambda: self.send(AnswerQuestion("yes")))
        self.no_key.clicked.connect(lambda: self.send(self.presenter.back()))
        keys = QHBoxLayout()
        keys.setSpacing(8)
        keys.addWidget(self.no_key, 1)
        keys.addWidget(self.yes_key, 2)
        column = QVBoxLayout(form)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._born)
        column.addWidget(self._birthday)
        column.addStretch(1)
        column.addLayout(keys)
        return form

    def refresh(self) -> None:
        """Ask the question of the present view."""
        question = self.presenter.view.question
        if question is not None and question != self._question:
            self._ask(question)
        self.show_scale()

    def _ask(self, question: Question) -> None:
        self._question = question
        self.title.say(_TITLES[question.kind])
        self._words.say(question.product_name, question.sentence)
        self._picture.show_picture(question.picture, (STAND_IN_COLOUR, self.look.say(question.product_name)))
        age = question.kind is QuestionKind.AGE
        self._number_form.setVisible(not age)
        self.pad.setVisible(not age)
        self._age_form.setVisible(age)
        self.back_key.setVisible(not age)
        if age:
            born = question.born_on_or_before
            self._born.say(wording("Born on or before") if born else "")
            self._birthday.say(born.isoformat() if born else f"{question.minimum_age}+")
            return
        self.field.prompt(_PROMPTS[question.kind])
        self.field.setText(self.presenter.weighing.first_typed)
        price = question.unit_price_minor
        currency = currency_of(self.presenter.view.basket.currency)
        weighing = question.kind is QuestionKind.WEIGHT and price is not None
        self._unit_price.say(write_unit_price(price, SellingUnit.KILOGRAM, currency) if weighing and price else "")
        self._show_worth()

    def opened(self) -> None:
        """Ask."""
        self._question = None
        self.refresh()

    def input_field(self) -> QLineEdit | None:
        """Return the field, where a number is asked for."""
        asks_age = self._question is not None and self._question.kind is QuestionKind.AGE
        return None if asks_age else self.field

    def first_focus(self) -> QWidget | None:
        """Give the keyboard to the field or to the key that says yes."""
        return self.input_field() or self.yes_key

    def show_scale(self) -> None:
        """Say beside the field how the scale is, which the weight is typed in place of."""
        question = self._question
        if question is None or question.kind is QuestionKind.AGE:
            return
        weighing = self.presenter.weighing
        self.back_key.say(wording("Back to the scale") if weighing.can_go_back_to_scale else wording("Back"))
        if weighing.form is None or weighing.can_go_back_to_scale or not weighing.is_set_up:
            self._scale_words.say(_PROMPTS[question.kind])
            self._scale_words.colour("ink_soft")
            return
        picture = weighing.picture(currency_of(self.presenter.view.basket.currency))
        self._scale_words.say(wording("Scale: {weight} kg. {sentence}", weight=picture.net, sentence=picture.sentence))
        self._scale_words.colour(picture.role)

    def _keep_typing(self) -> None:
        """Stay with what is being typed when the scale comes back in the middle of it."""
        if self.presenter.weighing.form is Form.WEIGHT:
            self.presenter.key_weight()

    def _show_worth(self) -> None:
        """Show what the weight typed so far would cost."""
        question = self._question
        self._worth.show_amount("")
        if question is None or question.kind is not QuestionKind.WEIGHT or question.unit_price_minor is None:
            return
        try:
            weight = parse_thousandths(self.field.text(), SellingUnit.KILOGRAM)
        except Problem:
            return  # not a weight yet: it is still being typed, and the till judges what is accepted
        currency = currency_of(self.presenter.view.basket.currency)
        self._worth.show_amount(write_money(extend(question.unit_price_minor, weight), currency))

    def _accept(self) -> None:
        self.send(AnswerQuestion(self.field.text().strip()))
