"""The door to the screens: opens the window on Qt alone, and brings everything else in behind it."""

import signal
import sys
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QWidget

from ui.cashier.window import CashierWindow
from ui.theme.tokens_file import read_tokens

if TYPE_CHECKING:
    from ui.bridge import TillService
    from ui.screens import TillScreens
    from ui.settings import ScreenSettings

_SIGNAL_CHECK_MS: Final = 250


def build_application(argv: Sequence[str] = ()) -> QApplication:
    """Return the one application of this process, made where there is none yet."""
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        return existing
    QApplication.setApplicationName("Guitai")
    QApplication.setStyle("Fusion")
    application = QApplication(list(argv) or sys.argv[:1])
    application.setQuitOnLastWindowClosed(False)
    return application


def open_window(
    theme: str = "light", title: str = "Guitai", size: tuple[int, int] = (1366, 768), *, fullscreen: bool = False
) -> CashierWindow:
    """Return the cashier's window, on screen, with its outline only; it paints as soon as events are processed."""
    tokens = read_tokens()
    window = CashierWindow(tokens["themes"][theme], tokens["fonts"]["families"][0], title, size)
    if fullscreen:
        window.showFullScreen()
    else:
        window.show()
    return window


def open_window_for(settings: "ScreenSettings") -> CashierWindow:
    """Return the window as the settings want it."""
    title = settings.speech(settings.language).say(settings.shop_name)
    return open_window(settings.theme, title, settings.size, fullscreen=settings.fullscreen)


def run_till(
    make_service: "Callable[[], TillService]",
    settings: "ScreenSettings",
    *,
    attach: "Callable[[TillScreens], None] | None" = None,
    on_sellable: Callable[[], None] | None = None,
    exit_when_sellable: bool = False,
    exit_when_painted: bool = False,
    window: CashierWindow | None = None,
) -> int:
    """Sell until the window is closed; return the exit code.

    Args:
        make_service: makes the till, called in the worker thread; import stores and drivers there.
        settings: language, theme, pictures, clock.
        attach: called once in the screens' thread with the screens, to connect the devices.
        on_sellable: called once when the first view of the open till is painted.
        exit_when_sellable: for measuring: writes `time.monotonic_ns()` of that moment as one line and ends.
        window: one that `open_window` opened before the settings were read, so that a person sees it sooner.
        exit_when_painted: the same at the first paint, before anything behind the window is loaded.
    """
    application = build_application()
    window = open_window_for(settings) if window is None else window
    screens: list[TillScreens] = []

    def sellable() -> None:
        if on_sellable is not None:
            on_sellable()
        if exit_when_sellable:
            _stamp_and_close(window)

    def begin() -> None:
        from ui.screens import TillScreens

        made = TillScreens(window, settings, make_service)
        screens.append(made)
        made.sellable.connect(sellable)
        if attach is not None:
            attach(made)

    def painted() -> None:
        if exit_when_painted:
            _stamp_and_close(window)
        else:
            QTimer.singleShot(0, begin)

    if window.is_painted:
        painted()
    else:
        window.painted.connect(painted)
    window.closing.connect(lambda: QTimer.singleShot(0, application.quit))
    end_on_signals(window)
    return application.exec()


def _stamp_and_close(window: CashierWindow) -> None:
    sys.stdout.write(f"{time.monotonic_ns()}\n")
    sys.stdout.flush()
    QTimer.singleShot(0, window.close)


def end_on_signals(window: QWidget) -> None:
    """Close the window, and so what stands behind it, in order when the system asks the process to end."""
    if signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        return
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: window.close())
    # Python sees a signal only between two of its own instructions: come by now and then.
    timer = QTimer(window)
    timer.setInterval(_SIGNAL_CHECK_MS)
    timer.timeout.connect(lambda: None)
    timer.start()
