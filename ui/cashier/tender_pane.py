"""The tender pane: given and change large, the notes a person would hand over as keys, tenders as tiles, a pad."""

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QSizePolicy, QVBoxLayout

from app.checkout.requests import EnterText, TakeTender
from app.checkout.views import Notice, PaymentView, Severity, TenderChoice
from app.payments.tenders import CASH
from app.values.money import Currency, currency_of, parse_minor
from app.values.problems import Problem
from app.values.wording import wording
from ui.cashier.choice_keys import ChoiceKeys, numbered
from ui.cashier.side_pane import Send, SidePane
from ui.presenters.cashier import CashierPresenter
from ui.presenters.formatting import write_money, write_note
from ui.presenters.payments import is_typed_code, tender_hint
from ui.presenters.shortcuts import SUGGESTION_KEYS
from ui.theme.look import Look
from ui.widgets.detail_keys import DetailKey
from ui.widgets.fields import Field
from ui.widgets.labels import AmountLabel, TextLabel
from ui.widgets.number_pad import NumberPad

_FEW_TENDERS: Final = 4
_NARROW_BELOW_PX: Final = 640
"""Of the pane: three tenders beside one another have no room for words in it."""

_FIELD_PX: Final = 64
_CROWDED_FIELD_PX: Final = 56
_CHANGE_PX: Final = 72
_CROWDED_CHANGE_PX: Final = 64
_GAP_PX: Final = 8
_NOTES_IN_ROW: Final = 3
_HIGHEST_TILE_PX: Final = 88
_TAKES_THE_REST: Final = 100
"""Stretch of the tenders against the room under them."""


class TenderPane(SidePane):
    """What is left to pay, what was given, what goes back."""

    def __init__(self, look: Look, presenter: CashierPresenter, send: Send) -> None:
        """Build the pane."""
        super().__init__(look, presenter, send, "tenderPane", wording("Left to pay"))
        tokens = look.tokens
        self._payment: PaymentView | None = None
        self._waiting: tuple[TenderChoice, str] | None = None
        self.field = Field(look, "tenderField", wording("Amount given"), size_px=tokens.large_px, figures=True)
        self.field.setFixedHeight(_FIELD_PX)
        self.field.textChanged.connect(lambda _: self._show_change())
        self.field.returnPressed.connect(self._accept)
        self.pad = NumberPad(look, self.field, wording("Take cash"))
        self.pad.accepted.connect(self._accept)
        self.change = AmountLabel(look, sizes_px=(tokens.due_px, tokens.large_px, tokens.title_px), role="ink_soft")
        self.change.setObjectName("tenderChange")
        self.change.setFixedHeight(_CHANGE_PX)
        self._left_sizes = (tokens.large_px, tokens.title_px)
        self._left = AmountLabel(look, sizes_px=self._left_sizes)
        self._left.setObjectName("tenderLeft")
        self._left.setFixedHeight(48)
        self._given_caption = TextLabel(look, wording("Given"), bold=True)
        self._change_caption = TextLabel(look, wording("Change"), bold=True)
        figures = QGridLayout()
        figures.setHorizontalSpacing(8)
        figures.setVerticalSpacing(_GAP_PX)
        self.head.insertWidget(1, self._left)
        self._crowded = False
        self._listened_to: list[DetailKey] = []
        rows = ((self._given_caption, self.field), (self._change_caption, self.change))
        for row, (caption, amount) in enumerate(rows):
            figures.addWidget(caption, row, 0, Qt.AlignmentFlag.AlignVCenter)
            figures.addWidget(amount, row, 1)
        figures.setColumnStretch(1, 1)
        self._notes = ChoiceKeys(look, "note", self._take_note, columns=3)
        self._tenders = ChoiceKeys(look, "tender", self._take_tender, columns=2)
        beside = QVBoxLayout()
        beside.setSpacing(8)
        beside.addLayout(figures)
        beside.addWidget(self._notes)
        beside.addWidget(self._tenders, _TAKES_THE_REST)
        beside.addStretch(1)
        body = QHBoxLayout()
        body.setSpacing(16)
        body.addLayout(beside, 7)
        body.addWidget(self.pad, 4)
        self.pad.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self.column.addLayout(body, 1)

    def opened(self) -> None:
        """Begin with nothing given."""
        self._waiting = None
        self.field.clear()
        self.refresh()

    def refresh(self) -> None:
        """Show what is left."""
        payment = self.presenter.view.payment
        if payment is None:
            return
        if payment != self._payment:
            self._waiting = None
            self.field.clear()
        self._payment = payment
        currency = self._currency()
        self._left.show_amount(write_money(payment.left_minor, currency))
        if payment.cash_rounding_minor:
            rounded = write_money(payment.cash_left_minor, currency)
            self.say_under_title(wording("in cash, rounded: {amount}", amount=rounded))
        else:
            self.say_under_title("")
        self._fit_head()
        self._arrange(payment)
        self._notes.offer(tuple(write_note(note, currency) for note in self._offered_notes(payment)), SUGGESTION_KEYS)
        self._tenders.offer(tuple(choice.name for choice in payment.choices), numbered(len(payment.choices)))
        hints = [tender_hint(choice, currency) for choice in payment.choices]
        for key in self._tenders.all_keys():
            key.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
            key.setMaximumHeight(_HIGHEST_TILE_PX)
        self._tenders.explain(
            [("", "") if hint is None else (hint.words, hint.icon) for hint in hints],
            ["" if hint is None else hint.short for hint in hints],
        )
        for position, (key, choice) in enumerate(zip(self._tenders.all_keys(), payment.choices, strict=False)):
            if key not in self._listened_to:
                self._listened_to.append(key)
                key.reached.connect(lambda here=position: self._say_why_not(here))
            key.bar(barred=choice.unavailable is not None)
            key.setToolTip("" if choice.unavailable is None else self.look.say(choice.unavailable))
        self._show_mode()
        self._show_change()

    def _fit_head(self) -> None:
        """Make the amount left smaller where the words beside it would lose theirs."""
        words = max(self.title.sizeHint().width(), 0 if self.subtitle.isHidden() else self.subtitle.sizeHint().width())
        margins = self.column.contentsMargins()
        room = self.width() - margins.left() - margins.right() - 2 * _GAP_PX - self.back_key.sizeHint().width() - words
        widths = [self._left.width_at(size) for size in self._left_sizes]
        self._left.setFixedWidth(next((width for width in widths if width <= room), widths[-1]))

    def _arrange(self, payment: PaymentView) -> None:
        """Put the tenders into two columns, into three where words or rows allow or ask for it."""
        count = len(payment.choices)
        explained = any(tender_hint(choice) is not None for choice in payment.choices)
        in_two = self._room_of_tiles(crowded=True) >= self._tiles_px(count, 2)
        self._tenders.arrange(2 if count <= _FEW_TENDERS or (explained and in_two) else 3)
        rows = -(-count // self._tenders.columns)
        self._crowd(crowded=self._room_of_tiles(crowded=False) < self._tiles_px(count, self._tenders.columns))
        self._tenders.setMaximumHeight(rows * (_HIGHEST_TILE_PX + _GAP_PX))

    def _tiles_px(self, count: int, columns: int) -> int:
        rows = -(-count // columns)
        return rows * self.look.tokens.touch_px + (rows - 1) * _GAP_PX

    def _room_of_tiles(self, *, crowded: bool) -> int:
        """Return the height that is left for tenders under the figures and one row of notes."""
        touch = self.look.tokens.touch_px
        margins = self.column.contentsMargins()
        body = self.height() - margins.top() - margins.bottom() - touch - self.column.spacing()
        if crowded:
            return body - _CROWDED_FIELD_PX - _CROWDED_CHANGE_PX - 2 * _GAP_PX
        return body - _FIELD_PX - _CHANGE_PX - touch - 3 * _GAP_PX

    def _crowd(self, *, crowded: bool) -> None:
        """Let notes and change share a place where the tenders need the room: change comes with the first figure."""
        self._crowded = crowded
        self.field.setFixedHeight(_CROWDED_FIELD_PX if crowded else _FIELD_PX)
        self.change.setFixedHeight(_CROWDED_CHANGE_PX if crowded else _CHANGE_PX)
        self.change.tighten(tight=crowded)
        self._notes.setMinimumHeight(_CROWDED_CHANGE_PX if crowded else 0)

    def _share_place(self) -> None:
        """Show the notes, or in their place the change."""
        typing = self._crowded and (self._waiting is not None or bool(self.field.text().strip()))
        self._notes.setVisible(not typing)
        for widget in (self.change, self._change_caption):
            widget.setVisible(typing or not self._crowded)

    def _offered_notes(self, payment: PaymentView) -> tuple[int, ...]:
        """Return as many suggested notes as leave room for the tenders' rows."""
        tiles = self._tiles_px(len(payment.choices), self._tenders.columns)
        second_row = self.look.tokens.touch_px + _GAP_PX
        roomy = self._room_of_tiles(crowded=False) >= tiles + second_row
        return payment.cash_suggestions[: len(SUGGESTION_KEYS) if roomy else _NOTES_IN_ROW]

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Arrange the tenders for the new width."""
        super().resizeEvent(event)
        self.refresh()

    def input_field(self) -> QLineEdit:
        """Return the field of the amount given."""
        return self.field

    def take_key(self, key: str) -> bool:
        """Take a suggested amount by its F-key, a tender by its number, Esc out of a reference."""
        if key in SUGGESTION_KEYS and self.presenter.must_be_read:
            self.send(self.presenter.dismiss())
            return True
        if key in SUGGESTION_KEYS:
            position = SUGGESTION_KEYS.index(key)
            if position < len(self._notes.all_keys()) and not self._notes.all_keys()[position].isHidden():
                self._take_note(position)
            return True
        if key == "Esc" and self._waiting is not None:
            self._waiting = None
            self.field.clear()
            self._show_mode()
            return True
        return self._tenders.take_number(key)

    def amount_for_scan(self) -> str:
        """Return the amount typed, which a tender or a shopper's payment code is to pay."""
        text = self.field.text().strip()
        return "" if self._waiting is not None or is_typed_code(text) else text

    def _currency(self) -> Currency:
        return currency_of(self.presenter.view.basket.currency)

    def _cash(self) -> TenderChoice | None:
        choices = self._payment.choices if self._payment is not None else ()
        return next(
            (choice for choice in choices if choice.tender_type_id == CASH and choice.unavailable is None), None
        )

    def _accept(self) -> None:
        text = self.field.text().strip()
        if self._waiting is not None:
            choice, amount = self._waiting
            self.send(TakeTender(choice.tender_type_id, amount, text))
            return
        cash = self._cash()
        if is_typed_code(text):
            self.send(EnterText(text))
        elif cash is not None:
            self.send(TakeTender(cash.tender_type_id, text))

    def _take_note(self, position: int) -> None:
        cash = self._cash()
        if cash is None or self._payment is None or position >= len(self._payment.cash_suggestions):
            return
        minor = self._payment.cash_suggestions[position]
        currency = self._currency()
        major, rest = divmod(minor, currency.minor_per_major)
        decimals = f".{rest:0{currency.exponent}d}" if currency.exponent else ""
        self.send(TakeTender(cash.tender_type_id, f"{major}{decimals}"))

    def _take_tender(self, position: int) -> None:
        if self._payment is None or position >= len(self._payment.choices):
            return
        choice = self._payment.choices[position]
        if self._say_why_not(position):
            return
        amount = "" if self._waiting is not None else self.field.text().strip()
        if choice.asks_provider and is_typed_code(amount):
            self.send(EnterText(amount))
            return
        if choice.reference_required:
            self._waiting = (choice, amount)
            self.field.clear()
            self._show_mode()
            self.field.setFocus()
            return
        self.send(TakeTender(choice.tender_type_id, amount))

    def _say_why_not(self, position: int) -> bool:
        """Say in whole sentences why a tender cannot be taken; False where it can."""
        choices = self._payment.choices if self._payment is not None else ()
        why = choices[position].unavailable if position < len(choices) else None
        if why is None:
            return False
        self.presenter.say(Notice(Severity.WARNING, why))
        self.send(None)
        return True

    def _show_mode(self) -> None:
        """Ask for an amount, or for the number that a tender such as a voucher needs."""
        if self._waiting is None:
            self._given_caption.say(wording("Given"))
            self.field.prompt(wording("Amount given"))
            self.pad.accept_key.say(wording("Take cash"))
            self._tenders.mark(-1)
            return
        choice, _ = self._waiting
        self._given_caption.say(wording("Number"))
        self.field.prompt(wording("Number on the {tender}", tender=choice.name))
        self.pad.accept_key.say(choice.name)
        position = self._payment.choices.index(choice) if self._payment and choice in self._payment.choices else -1
        self._tenders.mark(position)

    def _show_change(self) -> None:
        """Show what would go back for the amount typed so far."""
        payment = self._payment
        self._share_place()
        self.change.show_amount("", "ink_soft")
        if payment is None or self._waiting is not None or not self.field.text().strip():
            return
        currency = self._currency()
        try:
            given = parse_minor(self.field.text(), currency)
        except Problem:
            return  # not an amount yet: it is still being typed, and the till judges what is taken
        back = given - payment.cash_left_minor
        self._change_caption.say(wording("Change") if back >= 0 else wording("Still short"))
        self.change.show_amount(write_money(abs(back), currency), "good" if back >= 0 else "warn")
