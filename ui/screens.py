"""Puts the windows of one till together behind the first paint and connects them to the bridge."""

import gc
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale, QObject, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QWindow
from PySide6.QtWidgets import QApplication

from app.catalogue.codes.scanned import Scanned
from app.checkout.views import Sound, TillView
from ui.bridge import TillBridge, TillService
from ui.cashier.desk import CashierDesk
from ui.cashier.scan_filter import ScanFilter
from ui.cashier.window import CashierWindow
from ui.presenters.burst import WedgeSettings
from ui.settings import ScreenSettings
from ui.sounds import SoundPlayer
from ui.theme.look import Look
from ui.theme.tokens import load_tokens
from ui.widgets.icons import IconSource
from ui.widgets.pictures import PictureSource

if TYPE_CHECKING:
    from app.devices.bench import DeviceBench
    from ui.customer_display.window import CustomerWindow
    from ui.devices.window import DeviceBenchWindow
    from ui.presenters.weighing import WeighingPicture


_NO_STACKING = "offscreen"
"""Qt's platform without a screen, whose windows are not stacked."""


class TillScreens(QObject):
    """The cashier's window, the shopper's, the sounds and the scanner's filter of one till."""

    sellable = Signal()
    """Once: the till is open and its first view is painted."""

    def __init__(
        self, window: CashierWindow, settings: ScreenSettings, make_service: Callable[[], TillService]
    ) -> None:
        """Take the window that is already on screen; the till opens in its thread while the panes are built."""
        super().__init__()
        self.window = window
        self.settings = settings
        self.bridge = TillBridge(make_service)
        self.bridge.start()
        theme = load_tokens().theme(settings.theme)
        self.icons = IconSource()
        self.pictures = PictureSource(settings.pictures)
        self.look = Look(theme, settings.speech(settings.language), self.pictures, self.icons)
        self.look.reduced_motion = _motion_is_reduced(settings)
        self.desk = CashierDesk(self.look, self.bridge, settings)
        wedge = WedgeSettings(gap_ms=settings.wedge_gap_ms, prefix=settings.wedge_prefix, suffix=settings.wedge_suffix)
        self.scan_filter = ScanFilter(wedge, self)
        self.sounds = SoundPlayer(settings.sound_volume_percent)
        self.customer: CustomerWindow | None = None
        self.bench: DeviceBenchWindow | None = None
        self._is_sellable = False
        self._last_view: TillView | None = None
        self._connect()
        window.take_in(self.desk)
        self.desk.status_bar.entry.setFocus()

    def _connect(self) -> None:
        self.bridge.view_ready.connect(self._view_ready)
        self.bridge.sounded.connect(self.sounds.play)
        self.desk.drawn.connect(self._drawn)
        self.desk.devices.weighed.connect(self._weighed)
        self.desk.language_asked.connect(self.use_next_language)
        self.desk.full_screen_asked.connect(self.window.toggle_full_screen)
        self.scan_filter.code_read.connect(self._code_read)
        self.window.closing.connect(self.close)
        application = QApplication.instance()
        if application is not None:
            application.installEventFilter(self.scan_filter)

    def _view_ready(self, view: TillView) -> None:
        self._last_view = view
        if isinstance(view.sound, Sound):
            self.sounds.play(view.sound)
        if self.customer is not None:
            self.customer.show_view(view)

    def _weighed(self, weighing: "WeighingPicture | None") -> None:
        if self.customer is not None:
            self.customer.show_weighing(weighing)

    def _code_read(self, code: str) -> None:
        scanned = Scanned(device=self.settings.scanner_name, data=code, symbology=None, at=self.settings.clock.now())
        self.desk.take_scan(scanned)

    def _drawn(self) -> None:
        if self._is_sellable:
            return
        self._is_sellable = True
        self.desk.repaint()
        self.sellable.emit()
        QTimer.singleShot(0, self, self._load_the_rest)

    def _load_the_rest(self) -> None:
        """Load what selling does not need: icons, sounds, the shopper's window."""
        self.icons.load()
        # What is loaded by now stays: the collector need not walk through it in the middle of a scan.
        gc.freeze()
        self.sounds.load()
        if self.settings.customer_window and self.customer is None:
            self.customer = self._open_customer_window()

    def _open_customer_window(self) -> "CustomerWindow":
        from ui.customer_display.window import CustomerWindow

        look = self.look
        if self.settings.customer_language is not None:
            look = Look(
                self.look.theme, self.settings.speech(self.settings.customer_language), self.pictures, self.icons
            )
            self.look.theme_changed.connect(lambda: look.use_theme(self.look.theme))
        made = CustomerWindow(look, self.settings.shop_name)
        if self._last_view is not None:
            made.show_view(self._last_view)
        made.open_beside(self.window)
        # Where there is one screen only, the cashier's window stays in front and keeps the keyboard.
        if QGuiApplication.platformName() != _NO_STACKING:
            self.window.raise_()
        self.window.activateWindow()
        return made

    def open_bench(self, bench: "DeviceBench") -> None:
        """Open the device bench beside the till, or bring the one that is open to the front.

        Selling goes on behind it. The bench is not closed with its window: the devices are the till's.
        """
        if self.bench is None:
            from ui.devices.window import DeviceBenchWindow

            self.icons.load()
            self.bench = DeviceBenchWindow(self.look, bench)
            self.bench.closing.connect(self._bench_closed)
            self.bench.show()
        if QGuiApplication.platformName() != _NO_STACKING:
            self.bench.raise_()
        self.bench.activateWindow()

    def _bench_closed(self) -> None:
        closed, self.bench = self.bench, None
        if closed is not None:
            closed.deleteLater()
        self.window.activateWindow()

    def use_next_language(self) -> None:
        """Go on to the next language in everything that is on screen."""
        languages = [speech.language for speech in self.settings.speeches]
        here = languages.index(self.look.speech.language)
        self.use_language(languages[(here + 1) % len(languages)])

    def use_language(self, language: str) -> None:
        """Show everything in a language."""
        QLocale.setDefault(QLocale(language))
        self.look.use_speech(self.settings.speech(language))

    def use_theme(self, name: str) -> None:
        """Show everything in a theme."""
        self.look.use_theme(self.look.tokens.theme(name))

    # the keyboard (ui.cashier.scan_filter.Keyboard)

    def owns(self, window: QWindow) -> bool:
        """Whether keys pressed in a window are the till's: a scanner types into whichever has the focus."""
        others = (self.customer, self.bench)
        if any(other is not None and window == other.windowHandle() for other in others):
            return True
        return self.desk.owns(window)

    def _types_on_bench(self) -> bool:
        """Whether what is typed, and is no scan, is the device bench's."""
        return self.bench is not None and self.bench.isActiveWindow()

    def take_key(self, key: str) -> bool:
        """Do what a function or arrow key asks."""
        return not self._types_on_bench() and self.desk.take_key(key)

    def before_typing(self) -> None:
        """Make sure that a character lands in a field."""
        if not self._types_on_bench():
            self.desk.before_typing()

    def close(self) -> None:
        """Finish what was asked, close the till and the second window."""
        application = QApplication.instance()
        if application is not None:
            application.removeEventFilter(self.scan_filter)
        if self.customer is not None:
            self.customer.close()
        if self.bench is not None:
            self.bench.close()
        self.bridge.close()


def _motion_is_reduced(settings: ScreenSettings) -> bool:
    if settings.reduced_motion is not None:
        return settings.reduced_motion
    hints = QApplication.styleHints().accessibility()
    preference = getattr(hints, "motionPreference", None)
    return preference is not None and "Reduce" in str(preference())
