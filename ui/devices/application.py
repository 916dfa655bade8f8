"""Opens the device bench by itself, without a till."""

from collections.abc import Callable

from PySide6.QtCore import QLocale, QTimer

from app.devices.bench import DeviceBench
from ui.application import build_application, end_on_signals
from ui.devices.window import DeviceBenchWindow
from ui.settings import ScreenSettings
from ui.theme.look import Look
from ui.theme.tokens import load_tokens
from ui.widgets.icons import IconSource
from ui.widgets.pictures import PictureSource


def open_bench_window(bench: DeviceBench, settings: ScreenSettings) -> DeviceBenchWindow:
    """Return the bench's window, on screen, in the settings' language, theme and size."""
    QLocale.setDefault(QLocale(settings.language))
    theme = load_tokens().theme(settings.theme)
    icons = IconSource()
    look = Look(theme, settings.speech(settings.language), PictureSource(settings.pictures), icons)
    window = DeviceBenchWindow(look, bench)
    window.resize(*settings.size)
    if settings.fullscreen:
        window.showFullScreen()
    else:
        window.show()
    QTimer.singleShot(0, window, icons.load)
    return window


def run_device_bench(make_bench: Callable[[], DeviceBench], settings: ScreenSettings) -> int:
    """Show the devices of a till until the window is closed; return the exit code.

    Args:
        make_bench: starts the devices; called in the screens' thread, so it must not wait for any of them.
        settings: language, theme, size.

    Raises:
        Problem: the bench could not be made, and why.
    """
    application = build_application()
    bench = make_bench()
    try:
        window = open_bench_window(bench, settings)
        window.closing.connect(lambda: QTimer.singleShot(0, application.quit))
        end_on_signals(window)
        code = application.exec()
        window.deleteLater()
    finally:
        bench.close()
    return code
