"""The right side while selling: the last item or the change, and under it quick keys or search results."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.checkout.views import Phase, QuickKeyPage
from app.values.money import currency_of
from app.values.wording import wording
from ui.cashier.due_pane import ChangePane, ItemPane
from ui.cashier.quick_keys_pane import QuickKeysPane
from ui.cashier.search_pane import SearchPane
from ui.presenters.cashier import CashierPresenter
from ui.presenters.panes import Pane
from ui.theme.look import Look
from ui.widgets.keys import WordKey
from ui.widgets.pane_stack import PaneStack

_QUICK, _SEARCH = "quick_keys", "search"


class HomePane(QWidget):
    """Where the eye rests between two customers."""

    chosen = Signal(str)
    reprint_asked = Signal()

    def __init__(self, look: Look, presenter: CashierPresenter) -> None:
        """Build the pane."""
        super().__init__()
        self._presenter = presenter
        self._item = ItemPane(look)
        reprint = WordKey(look, "changeReprint", wording("Print copy"), icon="printer-outline")
        reprint.clicked.connect(self.reprint_asked)
        self._change = ChangePane(look, reprint)
        self._change.hide()
        self.quick_keys = QuickKeysPane(look)
        self.search = SearchPane(look)
        self._lower = PaneStack(look, {_QUICK: lambda: self.quick_keys, _SEARCH: lambda: self.search})
        self._lower.show_pane(_QUICK)
        self.quick_keys.chosen.connect(self.chosen)
        self.search.chosen.connect(self.chosen)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._item)
        column.addWidget(self._change)
        column.addWidget(self._lower, 1)

    def show_pages(self, pages: tuple[QuickKeyPage, ...]) -> None:
        """Show the shop's quick keys; the page that is open stays open."""
        self.quick_keys.show_pages(pages, currency_of(self._presenter.view.basket.currency))

    def refresh(self) -> None:
        """Draw what the presenter holds."""
        presenter = self._presenter
        view = presenter.view
        paid = view.phase is Phase.PAID and view.completed is not None
        self._item.setVisible(not paid)
        self._change.setVisible(paid)
        if view.completed is not None and paid:
            self._change.show_completed(view.completed, view.basket.currency)
        else:
            last = next((line for line in view.basket.lines if line.line_id == view.selected_line), None)
            self._item.show_line(presenter.selected_line() or last, view)
        searching = presenter.pane is Pane.SEARCH
        if searching:
            currency = currency_of(view.basket.currency)
            self.search.show_results(presenter.search, presenter.search_position, currency)
        self._lower.show_pane(_SEARCH if searching else _QUICK)
