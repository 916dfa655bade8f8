"""Everything in the cashier's window, wired: views come in, are drawn, and keys and touches go out as requests."""

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent, QWindow
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.catalogue.codes.scanned import Scanned
from app.checkout.requests import ScanCode, TillRequest
from app.checkout.views import Notice, Phase, QuickKeyPage, SearchView, Severity, Sound, TillView
from app.devices.conditions import DeviceCondition
from app.values.wording import Wording
from ui.bridge import OpeningFailure, TillBridge
from ui.cashier.basket_pane import BasketPane
from ui.cashier.device_desk import DeviceDesk
from ui.cashier.due_pane import DuePane
from ui.cashier.first_paint import DUE_HEIGHT_PX, MARGIN_PX, STATUS_HEIGHT_PX, basket_width
from ui.cashier.home_pane import HomePane
from ui.cashier.key_bar import KeyBar
from ui.cashier.line_keys import LineKeys
from ui.cashier.notice_strip import NoticeStrip
from ui.cashier.panes import OPENING, OpeningPane, PaneMaker
from ui.cashier.shortcut_overlay import ShortcutOverlay
from ui.cashier.side_pane import SidePane
from ui.cashier.status_bar import StatusBar
from ui.presenters.cashier import CashierPresenter
from ui.presenters.panes import Pane
from ui.presenters.payments import open_payment
from ui.presenters.rows import RowWriter
from ui.presenters.savings import almost_words
from ui.presenters.shortcuts import Action
from ui.settings import ScreenSettings
from ui.theme.look import Look
from ui.theme.stylesheet import WINDOW_CONTENT, palette, stylesheet
from ui.widgets.pane_stack import PaneStack

_HOME = "home"
_SEVERITIES = {
    DeviceCondition.READY: Severity.GOOD,
    DeviceCondition.ATTENTION: Severity.WARNING,
    DeviceCondition.STOPPED: Severity.BAD,
    DeviceCondition.AWAY: Severity.BAD,
    DeviceCondition.ABSENT: Severity.INFO,
}
_STATUS_EVERY_MS = 30_000
_TICK_MS = 1000


class CashierDesk(QWidget):
    """The panes and what connects them. All of the screen's state is the presenter's."""

    drawn = Signal()
    """A view was drawn."""

    full_screen_asked = Signal()
    language_asked = Signal()

    def __init__(self, look: Look, bridge: TillBridge, settings: ScreenSettings) -> None:
        """Build the desk and listen to the bridge."""
        super().__init__()
        self.setObjectName(WINDOW_CONTENT)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.look = look
        self.presenter = CashierPresenter()
        self._bridge = bridge
        self._rows = RowWriter()
        self._wanted_search = ""
        self._open_till = False
        self._build(settings)
        self._connect()
        self._use_theme()
        self._refresh()

    def _build(self, settings: ScreenSettings) -> None:
        look = self.look
        self.status_bar = StatusBar(look, settings)
        self.line_keys = LineKeys(look)
        self.basket_pane = BasketPane(look, self.line_keys)
        self.notice_strip = NoticeStrip(look)
        self.due_pane = DuePane(look)
        self.home = HomePane(look, self.presenter)
        self._opening = OpeningPane(look, self._try_again)
        self.devices = DeviceDesk(self._bridge, self.presenter, self.status_bar, self._refresh, self._show_scale)
        makers = PaneMaker(look, self.presenter, self.send, settings, self.do, self.devices.ask_to_zero).makers()
        makers |= {_HOME: lambda: self.home, OPENING: lambda: self._opening}
        self.stack = PaneStack(look, makers)
        self.key_bar = KeyBar(look)
        self._left = QWidget()
        left = QVBoxLayout(self._left)
        left.setContentsMargins(0, 0, 0, 0)
        left.setSpacing(MARGIN_PX)
        left.addWidget(self.basket_pane, 1)
        left.addWidget(self.notice_strip)
        right = QVBoxLayout()
        right.setSpacing(MARGIN_PX)
        right.addWidget(self.due_pane)
        right.addWidget(self.stack, 1)
        body = QHBoxLayout()
        body.setContentsMargins(MARGIN_PX, 0, MARGIN_PX, MARGIN_PX)
        body.setSpacing(MARGIN_PX)
        body.addWidget(self._left)
        body.addLayout(right, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.status_bar)
        column.addLayout(body, 1)
        column.addWidget(self.key_bar)
        self.overlay = ShortcutOverlay(look, self)
        self.stack.show_pane(OPENING)

    def _connect(self) -> None:
        bridge = self._bridge
        bridge.opened.connect(self._till_opened)
        bridge.opening_failed.connect(self._till_not_opened)
        bridge.pages_changed.connect(self.home.show_pages)
        bridge.view_ready.connect(self._show_view)
        bridge.search_ready.connect(self._show_search)
        bridge.status_ready.connect(self.status_bar.show_status)
        bridge.scanned.connect(self.take_scan)
        bridge.noticed.connect(self._show_notice)
        self.look.theme_changed.connect(self._use_theme)
        self.look.speech_changed.connect(self._refresh)
        self.status_bar.entry.textChanged.connect(self._entry_changed)
        self.status_bar.entry.returnPressed.connect(self._entry_accepted)
        self.status_bar.light_touched.connect(self._light_touched)
        self.status_bar.cases_touched.connect(lambda: self.do(Action.WORKLIST))
        self.basket_pane.list.chosen.connect(self._row_chosen)
        self.line_keys.asked.connect(self.do)
        self.line_keys.discount_removed.connect(lambda: self.send(self.presenter.remove_line_discount()))
        self.key_bar.asked.connect(self.do)
        self.due_pane.best_asked.connect(lambda: self.do(Action.BEST_COUPONS))
        self.basket_pane.almost.clicked.connect(lambda: self.do(Action.DEAL))
        self.notice_strip.bench_asked.connect(self.devices.ask_for_bench)
        self.notice_strip.dismissed.connect(lambda: self.send(self.presenter.dismiss()))
        self.home.chosen.connect(self._product_chosen)
        self.home.reprint_asked.connect(lambda: self.do(Action.REPRINT))
        self._plain_actions: dict[Action, Callable[[], None]] = {
            Action.HELP: self._show_keys,
            Action.THEME: self.look.use_next_theme,
            Action.LANGUAGE: self.language_asked.emit,
            Action.FULLSCREEN: self.full_screen_asked.emit,
            Action.DEVICES: self.devices.ask_for_bench,
            Action.FIND: self._focus_entry,
            Action.INPUT_METHOD: self._switch_input_method,
        }
        self._clock = QTimer(self)
        self._clock.setInterval(_TICK_MS)
        self._clock.timeout.connect(self.status_bar.tick)
        self._clock.start()
        self._ask_status = QTimer(self)
        self._ask_status.setInterval(_STATUS_EVERY_MS)
        self._ask_status.timeout.connect(bridge.ask_status)

    def _use_theme(self) -> None:
        self.setStyleSheet(stylesheet(self.look.theme, self.look.tokens))
        self.setPalette(palette(self.look.theme))

    # from the till

    def _till_opened(self, pages: tuple[QuickKeyPage, ...]) -> None:
        self._open_till = True
        self.home.show_pages(pages)
        self._ask_status.start()

    def _till_not_opened(self, failure: OpeningFailure) -> None:
        self._opening.show_failure(failure)

    def _try_again(self) -> None:
        self._opening.show_failure(None)
        self._bridge.start()

    def _show_view(self, view: TillView) -> None:
        searching = self.presenter.pane is Pane.SEARCH
        if not self.presenter.accept(view):
            return
        if view.search_text is not None and self.presenter.pane is Pane.SEARCH and not searching:
            self._search_again(view.search_text)
        self.status_bar.show_armed(view.armed_quantity)
        self.status_bar.show_cases(view.case_count)
        if view.sound is Sound.PAID:
            self.devices.sale_was_paid()
        self._refresh()
        self.drawn.emit()

    def _search_again(self, text: str) -> None:
        """Keep typed words that were no code in the entry line, to be refined, and show what they find."""
        entry = self.status_bar.entry
        entry.blockSignals(True)
        entry.setText(text)
        entry.selectAll()
        entry.blockSignals(False)
        self._wanted_search = text
        self._bridge.post_search(text)

    def _show_search(self, found: SearchView) -> None:
        if self.presenter.accept_search(found, self._wanted_search):
            self._refresh()

    def _show_scale(self) -> None:
        """Draw the live weight, where it is in sight; the basket stays as it is."""
        pane = self._side_pane()
        if pane is not None:
            pane.show_scale()

    def _show_notice(self, notice: Notice) -> None:
        self.presenter.say(notice)
        self._refresh()

    # to the till

    def send(self, request: TillRequest | None) -> None:
        """Send a request, where there is one, and draw the presenter's state."""
        if request is not None:
            self._bridge.post(request)
        self._refresh()

    def take_scan(self, scanned: Scanned) -> None:
        """Hand a scan over. The till judges it, also during a question or payment: it may be a payment code.

        A till that is not open takes none: what was scanned then must not be sold when it opens.
        """
        if not self._open_till:
            self._bridge.sounded.emit(Sound.BAD_READ)
            return
        quantity = self.presenter.quantity_before_scan(self.status_bar.entry.text())
        if quantity is not None:
            self.status_bar.entry.clear()
            self._bridge.post(quantity)
        pane = self._side_pane()
        self._bridge.post(ScanCode(scanned, "" if pane is None else pane.amount_for_scan()))

    def do(self, action: Action) -> None:
        """Do what a key or a touch asks."""
        plain = self._plain_actions.get(action)
        if plain is not None:
            plain()
        elif action in {Action.LINE_UP, Action.LINE_DOWN}:
            self.presenter.move_selection(-1 if action is Action.LINE_UP else 1)
            self._refresh()
        elif action in {Action.PAGE_BACK, Action.PAGE_ON}:
            self.home.quick_keys.turn(-1 if action is Action.PAGE_BACK else 1)
        elif action is Action.BACK and self._clear_entry():
            return
        elif action is Action.MEMBER and self.presenter.missing(action) is None:
            entry = self.status_bar.entry
            if self.presenter.typed_phone.take_over(entry.text(), self.presenter.view):
                entry.clear()
            self.send(self.presenter.perform(action))
        else:
            self.send(self.presenter.perform(action))

    def _show_keys(self) -> None:
        self.overlay.explain(self.presenter.pane)
        self.overlay.setVisible(not self.overlay.isVisible())
        self.overlay.raise_()

    def _switch_input_method(self) -> None:
        entry = self.status_bar.entry
        attribute = Qt.WidgetAttribute.WA_InputMethodEnabled
        entry.setAttribute(attribute, not entry.testAttribute(attribute))
        self._focus_entry()

    def _clear_entry(self) -> bool:
        """Take typed words away before anything else is left by Esc."""
        entry = self.status_bar.entry
        if not entry.text() or self.presenter.pane not in {Pane.QUICK_KEYS, Pane.SEARCH}:
            return False
        entry.clear()
        self.presenter.pane = Pane.QUICK_KEYS
        self._refresh()
        return True

    def _entry_changed(self, text: str) -> None:
        wanted = self.presenter.typed(text)
        self._wanted_search = wanted or ""
        if wanted is not None:
            self._bridge.post_search(wanted)
        self._refresh()

    def _entry_accepted(self) -> None:
        request = self.presenter.enter(self.status_bar.entry.text())
        self._wanted_search = ""
        self.status_bar.entry.clear()
        self.send(request)

    def _product_chosen(self, product_id: str) -> None:
        request = self.presenter.choose_product(product_id)
        self.status_bar.entry.clear()
        self.send(request)

    def _row_chosen(self, key: str) -> None:
        self.presenter.selected_key = key
        self._refresh()

    def _light_touched(self, condition: DeviceCondition, sentence: Wording) -> None:
        self._show_notice(Notice(_SEVERITIES[condition], sentence))

    # the keyboard (ui.cashier.scan_filter.Keyboard)

    def owns(self, window: QWindow) -> bool:
        """Whether keys pressed in a window are this desk's."""
        return window is self.window().windowHandle() or window == self.window().windowHandle()

    def take_key(self, key: str) -> bool:
        """Do what a function or arrow key asks."""
        if not self._open_till:
            return False
        if self.overlay.isVisible():
            self.overlay.hide()
            if key in {"F1", "Esc"}:
                return True
        pane = self._side_pane()
        if pane is not None and pane.take_key(key):
            return True
        action = self.presenter.route(key, entry_empty=not self.status_bar.entry.text())
        if action is None:
            return False
        if action in {Action.LINE_UP, Action.LINE_DOWN} and self.home.quick_keys.isAncestorOf(self._focused()):
            return False
        self.do(action)
        return True

    def before_typing(self) -> None:
        """Make sure that a character lands in the field that takes the keyboard now."""
        if isinstance(self._focused(), QLineEdit):
            return
        pane = self._side_pane()
        if pane is None:
            self._focus_entry()
        elif (place := pane.typing_place()) is not None:
            place.setFocus()

    def _focused(self) -> QWidget:
        return QApplication.focusWidget() or self

    def _focus_entry(self) -> None:
        self.status_bar.entry.setFocus()

    # drawing

    def _side_pane(self) -> SidePane | None:
        pane = self.stack.made(self.stack.shown)
        return pane if isinstance(pane, SidePane) else None

    def _refresh(self) -> None:
        """Draw the presenter's state: each part draws only what differs."""
        presenter = self.presenter
        view = presenter.view
        rows = self._rows.rows(view.basket, self.look.speech)
        presenter.accept_rows(rows)
        basket = view.basket
        self.basket_pane.show_basket(rows, presenter.selected_key, basket.item_count, basket.note)
        self.basket_pane.almost.show_hint(almost_words(view))
        self.line_keys.setEnabled(open_payment(presenter.view) is None)
        self.due_pane.show_view(view)
        self.notice_strip.say_calmly(presenter.waiting_for())
        about_a_device = self.devices.tell_the_rest()
        self.notice_strip.show_notice(presenter.notice, about_a_device=about_a_device)
        usable = {action: presenter.missing(action) is None for action in self.key_bar.keys}
        paying = view.phase is Phase.PAYING
        self.key_bar.show_state(usable, len(view.suspended), paying=paying)
        if self._open_till and view.revision >= 0:
            self._show_pane()
        self.devices.pass_weight_on()

    def _show_pane(self) -> None:
        at_home = self.presenter.pane in {Pane.QUICK_KEYS, Pane.SEARCH}
        if at_home:
            self.home.refresh()
        changed = self.stack.show_pane(_HOME if at_home else self.presenter.pane.value, slide=not at_home)
        pane = self._side_pane()
        if pane is not None and changed:
            pane.opened()
        if pane is not None:
            pane.refresh()
        if changed:
            focus = pane.first_focus() if pane is not None else self.status_bar.entry
            (focus or self.status_bar.entry).setFocus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep basket and overlay on the grid."""
        super().resizeEvent(event)
        self._left.setFixedWidth(basket_width(self.width()) - MARGIN_PX)
        top = STATUS_HEIGHT_PX + DUE_HEIGHT_PX + MARGIN_PX
        height = self.height() - top - MARGIN_PX
        self.overlay.setGeometry(MARGIN_PX, top, self.width() - 2 * MARGIN_PX, height)

    @property
    def settled(self) -> bool:
        """Whether nothing is moving on screen."""
        return not (self.stack.moving or self.due_pane.moving)
