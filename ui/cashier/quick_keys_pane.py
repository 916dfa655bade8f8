"""Quick keys by department: tabs above, a page of product tiles below."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from app.checkout.views import QuickKeyPage
from app.values.money import CNY, Currency
from app.values.wording import LocalizedText, wording
from ui.theme.look import Look
from ui.widgets.keys import WordKey
from ui.widgets.labels import TextLabel
from ui.widgets.tiles import TileGrid

_TABS_AT_ONCE_PX = 120


class QuickKeysPane(QWidget):
    """The pages a shop set up. PgUp and PgDn go round them, tabs too many to fit come with the page."""

    chosen = Signal(str)

    def __init__(self, look: Look) -> None:
        """Begin without pages."""
        super().__init__()
        self.setObjectName("quickKeysPane")
        self._look = look
        self._pages: tuple[QuickKeyPage, ...] = ()
        self._shown = 0
        self._currency = CNY
        self._tabs: list[WordKey] = []
        self._tab_row = QHBoxLayout()
        self._tab_row.setSpacing(8)
        self.grid = TileGrid(look, "quickKey")
        self.grid.chosen.connect(self.chosen)
        self.grid.paged.connect(self._paged)
        self._more = WordKey(look, "quickKeysMore", "1/1", shortcut="PgDn")
        self._more.clicked.connect(lambda: self.turn(1))
        self._empty = TextLabel(look, wording("No quick keys are set up for this till."), role="ink_soft", lines=2)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(self._tab_row)
        column.addWidget(self._empty)
        column.addWidget(self.grid, 1)

    def show_pages(self, pages: tuple[QuickKeyPage, ...], currency: Currency) -> None:
        """Show a shop's pages: the one that was open stays so, with its page of tiles; where it is gone, the first."""
        before, self._pages, self._currency = self._pages, pages, currency
        open_id = before[self._shown].page_id if before else None
        position = next((here for here, page in enumerate(pages) if page.page_id == open_id), None)
        if _tabs_of(before) != _tabs_of(pages):
            self._make_tabs()
        self._empty.setVisible(not pages)
        if position is None:
            self._shown = 0
            if pages:
                self.open_page(0)
            return
        self._shown = position
        self.grid.show_products(pages[position].keys, pages[position].colour, currency, page=self.grid.page)
        self._show_tabs()

    def _make_tabs(self) -> None:
        for tab in self._tabs:
            self._tab_row.removeWidget(tab)
            tab.deleteLater()
        self._tab_row.removeWidget(self._more)
        self._tabs = []
        for position, page in enumerate(self._pages):
            tab = WordKey(self._look, f"quickKeysTab{position + 1}", page.name)
            tab.stripe(page.colour)
            tab.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
            tab.clicked.connect(lambda _=False, chosen=position: self.open_page(chosen))
            self._tab_row.addWidget(tab)
            self._tabs.append(tab)
        self._tab_row.addWidget(self._more)

    def open_page(self, position: int) -> None:
        """Show a department's page."""
        self._shown = position
        page = self._pages[position]
        self.grid.show_products(page.keys, page.colour, self._currency)
        self._show_tabs()

    def turn(self, step: int) -> None:
        """Turn a page; behind a department's last page comes the next department."""
        if self._pages and not self.grid.turn(step):
            self.open_page((self._shown + step) % len(self._pages))

    def _paged(self, page: int, count: int) -> None:
        self._more.say(f"{page + 1}/{count}")
        self._more.setVisible(count > 1)
        self._show_tabs()

    def _show_tabs(self) -> None:
        """Show as many tabs as fit, the open one among them."""
        fit = max(2, (self.width() - 96) // _TABS_AT_ONCE_PX)
        first = min(max(0, self._shown - fit // 2), max(0, len(self._tabs) - fit))
        for position, tab in enumerate(self._tabs):
            tab.setVisible(first <= position < first + fit)
            tab.choose(position == self._shown)


def _tabs_of(pages: tuple[QuickKeyPage, ...]) -> tuple[tuple[str, LocalizedText, str], ...]:
    """Return what the tabs show of the pages: where that is the same, the tabs stay, and the ring on one of them."""
    return tuple((page.page_id, page.name, page.colour) for page in pages)
