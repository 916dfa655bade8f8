"""The payments that a person must look at, and the way to say what came of one."""

from collections.abc import Sequence
from datetime import tzinfo

from PySide6.QtWidgets import QWidget

from app.checkout.payment_requests import CloseCase
from app.checkout.payment_views import CaseView
from app.checkout.views import Notice, Severity
from app.values.wording import LocalizedText, Wording, wording
from ui.cashier.choice_keys import ChoiceKeys
from ui.cashier.side_pane import Send, SidePane
from ui.presenters.cashier import CashierPresenter
from ui.presenters.receipts import Moments, case_cards, why_no_closing
from ui.presenters.shortcuts import SUGGESTION_KEYS
from ui.settings import WallClock
from ui.theme.look import Look
from ui.widgets.cards import CardColumn
from ui.widgets.labels import TextLabel

_CHOOSE_A_PAYMENT = Notice(Severity.WARNING, wording("Choose the payment first."))


class WorklistPane(SidePane):
    """A case, then what was found: that closes it."""

    def __init__(
        self,
        look: Look,
        presenter: CashierPresenter,
        send: Send,
        reasons: Sequence[Wording | LocalizedText],
        time: tuple[WallClock, tzinfo],
    ) -> None:
        """Take what can have been found, and the clock and zone that times are written by."""
        super().__init__(look, presenter, send, "worklistPane", wording("Payments to check"))
        self._reasons = tuple(reasons)[: len(SUGGESTION_KEYS)]
        self._clock, self._zone = time
        self._cases: tuple[CaseView, ...] = ()
        self._chosen_id = ""
        self.cards = CardColumn(look, "case", self._choose_case)
        self._choices = ChoiceKeys(look, "caseReason", self._choose_reason, columns=2)
        self._choices.offer(self._reasons, SUGGESTION_KEYS)
        self._found = TextLabel(look, wording("What was found? Touching it closes the case."), bold=True, lines=2)
        self._closed = TextLabel(look, "", role="ink_soft", lines=3)
        self._closed.setObjectName("worklistClosed")
        self.column.addWidget(self.cards, 1)
        for widget in (self._closed, self._found, self._choices):
            self.column.addWidget(widget)

    def opened(self) -> None:
        """Begin with no case chosen."""
        self._chosen_id = ""
        self.refresh()

    def refresh(self) -> None:
        """Show the cases as they are now."""
        worklist = self.presenter.view.worklist
        if worklist is None:
            return
        self._cases = worklist.cases
        if len(self._cases) == 1 and worklist.may_close:
            self._chosen_id = self._cases[0].case_id
        self.say_under_title(wording("The oldest first: {count}", count=len(self._cases)) if self._cases else "")
        self.cards.offer(case_cards(worklist, Moments(self._zone, self._clock.now())))
        position = self._position()
        self.cards.mark(position)
        why_not = why_no_closing(worklist)
        self._closed.say(why_not or "")
        self._closed.setVisible(why_not is not None)
        for widget in (self._found, self._choices):
            widget.setVisible(why_not is None and position >= 0)

    def _position(self) -> int:
        return next((here for here, case in enumerate(self._cases) if case.case_id == self._chosen_id), -1)

    def first_focus(self) -> QWidget:
        """Give the keyboard to the first case, else to the way back."""
        keys = [key for key in self.cards.all_keys() if key.isEnabled()]
        return keys[0] if keys else self.back_key

    def take_key(self, key: str) -> bool:
        """Choose a case by its number, what was found by its F-key."""
        if key in SUGGESTION_KEYS and self._cases:
            position = SUGGESTION_KEYS.index(key)
            if self._position() < 0:
                self.presenter.say(_CHOOSE_A_PAYMENT)
                self.send(None)
            elif position < len(self._reasons):
                self._choose_reason(position)
            return True
        return self.cards.take_number(key)

    def _choose_case(self, position: int) -> None:
        self._chosen_id = self._cases[position].case_id
        self.refresh()
        self.cards.all_keys()[position].setFocus()

    def _choose_reason(self, position: int) -> None:
        worklist = self.presenter.view.worklist
        if self._position() >= 0 and worklist is not None and worklist.may_close:
            self.send(CloseCase(self._chosen_id, self.look.say(self._reasons[position])))
