"""Makes the panes of the right side, each when it is first wanted."""

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from app.checkout.payment_requests import DecidePayment, ShowReceipt
from app.checkout.requests import AbandonBasket, OpenDrawer, SuspendBasket, WriteNote
from app.payments.desk_requests import Decision
from app.values.wording import LocalizedText, Wording, wording
from ui.bridge import OpeningFailure
from ui.cashier.side_pane import Send
from ui.presenters.cashier import CashierPresenter
from ui.presenters.panes import Pane
from ui.presenters.shortcuts import Action
from ui.settings import ScreenSettings
from ui.theme.look import Look
from ui.widgets.keys import KeyRole, WordKey
from ui.widgets.labels import TextLabel

OPENING = "opening"


class OpeningPane(QFrame):
    """What is said while the till opens, and where it could not be."""

    def __init__(self, look: Look, try_again: Callable[[], None]) -> None:
        """Take what the key does."""
        super().__init__()
        self.setObjectName("openingPane")
        self.setProperty("plane", "raised")
        tokens = look.tokens
        self._title = TextLabel(look, wording("The till is opening"), size_px=tokens.title_px, bold=True, lines=2)
        self._sentence = TextLabel(look, wording("One moment. Scans are kept."), lines=4)
        self._sentence.setObjectName("openingSentence")
        self._code = TextLabel(look, "", size_px=tokens.small_px, role="ink_soft")
        self._again = WordKey(look, "openingAgain", wording("Try again"), role=KeyRole.PRIMARY)
        self._again.hide()
        self._again.clicked.connect(try_again)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(16)
        for widget in (self._title, self._sentence, self._code, self._again):
            column.addWidget(widget)
        column.addStretch(1)

    def show_failure(self, failure: OpeningFailure | None) -> None:
        """Say why it could not be opened; None: it is being tried."""
        self._again.setVisible(failure is not None)
        if failure is None:
            self._title.say(wording("The till is opening"))
            self._sentence.say(wording("One moment. Scans are kept."))
            self._code.say("")
            return
        self._title.say(wording("The till is not open"))
        self._title.colour("bad")
        self._sentence.say(failure.sentence)
        self._code.say(failure.code)


class PaneMaker:
    """Makes side panes. Their modules are loaded with the first one that is wanted, not before the till can sell."""

    def __init__(
        self,
        look: Look,
        presenter: CashierPresenter,
        send: Send,
        settings: ScreenSettings,
        do: Callable[[Action], None],
        zero_scale: Callable[[], None],
    ) -> None:
        """Take what the panes are made of and what their keys do."""
        self._parts = (look, presenter, send)
        self._presenter = presenter
        self._settings = settings
        self._do = do
        self._zero_scale = zero_scale

    def makers(self) -> dict[str, Callable[[], QWidget]]:
        """Return how each side pane is made, by the value of its `Pane`."""
        return {
            Pane.QUANTITY.value: self._quantity,
            Pane.PRICE.value: self._price,
            Pane.DISCOUNT.value: self._discount,
            Pane.NOTE.value: self._note,
            Pane.SUSPEND.value: self._suspend,
            Pane.RECALL.value: self._recall,
            Pane.DRAWER.value: self._drawer,
            Pane.ABANDON.value: self._abandon,
            Pane.MORE.value: self._more,
            Pane.QUESTION.value: self._question,
            Pane.WEIGHING.value: self._weighing,
            Pane.TARE.value: self._tare,
            Pane.TENDER.value: self._tender,
            Pane.WAITING.value: self._waiting,
            Pane.ACCEPT_ANYWAY.value: self._accept_anyway,
            Pane.GIVE_UP.value: self._give_up,
            Pane.RECEIPT_NUMBER.value: self._receipt_number,
            Pane.RECEIPT.value: self._receipt,
            Pane.WORKLIST.value: self._worklist,
            Pane.MEMBER.value: self._member,
            Pane.DEAL.value: self._deal,
        }

    def _quantity(self) -> QWidget:
        from ui.cashier.number_panes import QuantityPane

        return QuantityPane(*self._parts)

    def _price(self) -> QWidget:
        from ui.cashier.number_panes import PricePane

        return PricePane(*self._parts, self._settings.price_reasons)

    def _discount(self) -> QWidget:
        from ui.cashier.number_panes import DiscountPane

        return DiscountPane(*self._parts, self._settings.discount_reasons)

    def _note(self) -> QWidget:
        from ui.cashier.word_panes import TextPane

        words = (wording("Note on the basket"), wording("A few words"), wording("Keep the note"))
        return TextPane(*self._parts, "notePane", words, WriteNote, begin_with=lambda: self._presenter.view.basket.note)

    def _suspend(self) -> QWidget:
        from ui.cashier.word_panes import TextPane

        prompt = wording("Name, if it helps to find it again")
        words = (wording("Put the basket aside"), prompt, wording("Put aside"))
        return TextPane(*self._parts, "suspendPane", words, SuspendBasket)

    def _recall(self) -> QWidget:
        from ui.cashier.word_panes import RecallPane

        return RecallPane(*self._parts, self._settings.clock, self._settings.zone)

    def _drawer(self) -> QWidget:
        from ui.cashier.word_panes import ReasonPane

        words = (wording("Open the drawer"), wording("The reason is written to the journal."))
        return ReasonPane(*self._parts, "drawerPane", words, self._settings.drawer_reasons, OpenDrawer)

    def _abandon(self) -> QWidget:
        from ui.cashier.word_panes import ReasonPane

        words = (wording("Give up the whole basket?"), wording("Touch the reason, or Esc to keep it."))
        return ReasonPane(*self._parts, "abandonPane", words, self._settings.abandon_reasons, AbandonBasket)

    def _more(self) -> QWidget:
        from ui.cashier.word_panes import MorePane

        return MorePane(*self._parts, self._do)

    def _question(self) -> QWidget:
        from ui.cashier.question_pane import QuestionPane

        return QuestionPane(*self._parts)

    def _weighing(self) -> QWidget:
        from ui.cashier.weighing_pane import WeighingPane

        pane = WeighingPane(*self._parts)
        pane.zero_asked.connect(self._zero_scale)
        return pane

    def _tare(self) -> QWidget:
        from ui.cashier.number_panes import TarePane

        return TarePane(*self._parts)

    def _tender(self) -> QWidget:
        from ui.cashier.tender_pane import TenderPane

        return TenderPane(*self._parts)

    def _waiting(self) -> QWidget:
        from ui.cashier.waiting_pane import WaitingPane

        return WaitingPane(*self._parts, self._settings.clock)

    def _accept_anyway(self) -> QWidget:
        title = wording("Accept it without the provider's word?")
        reasons = self._settings.accept_reasons
        return self._decision("acceptAnywayPane", title, reasons, Decision.ACCEPT_ANYWAY)

    def _give_up(self) -> QWidget:
        title = wording("Give it up, as not paid?")
        return self._decision("giveUpPane", title, self._settings.give_up_reasons, Decision.GIVE_UP)

    def _decision(
        self, name: str, title: Wording, reasons: Sequence[Wording | LocalizedText], decision: Decision
    ) -> QWidget:
        from ui.cashier.word_panes import DecisionPane

        return DecisionPane(*self._parts, name, (title, ""), reasons, lambda reason: DecidePayment(decision, reason))

    def _receipt_number(self) -> QWidget:
        from ui.cashier.word_panes import TextPane

        prompt = wording("Number on the receipt; empty: the last one")
        words = (wording("Find a receipt"), prompt, wording("Show the receipt"))
        return TextPane(*self._parts, "receiptNumberPane", words, ShowReceipt)

    def _receipt(self) -> QWidget:
        from ui.cashier.receipt_pane import ReceiptPane

        settings = self._settings
        return ReceiptPane(*self._parts, settings.refund_reasons, (settings.clock, settings.zone))

    def _worklist(self) -> QWidget:
        from ui.cashier.worklist_pane import WorklistPane

        settings = self._settings
        return WorklistPane(*self._parts, settings.case_reasons, (settings.clock, settings.zone))

    def _member(self) -> QWidget:
        from ui.cashier.member_pane import MemberPane

        return MemberPane(*self._parts, (self._settings.clock, self._settings.zone))

    def _deal(self) -> QWidget:
        from ui.cashier.deal_pane import DealPane

        return DealPane(*self._parts)
