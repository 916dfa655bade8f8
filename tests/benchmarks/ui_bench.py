"""Measures the screens: from a scan to the painted row, from nothing to the first paint, from nothing to selling.

Ratios are of medians from one run, the variants interleaved; milliseconds are printed beside them.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]

_BARE = """
import sys, time
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QLabel

class Label(QLabel):
    def paintEvent(self, event):
        super().paintEvent(event)
        sys.stdout.write(f"{time.monotonic_ns()}\\n")
        sys.stdout.flush()
        QTimer.singleShot(0, application.quit)

application = QApplication(sys.argv)
label = Label("柜台 ¥ 0.00")
label.setStyleSheet("QLabel { font-family: 'Noto Sans CJK SC'; font-size: 24px; color: #12181f; background: #eef1f4;"
                    " border: 1px solid #cdd4dc; border-radius: 8px; }")
label.resize(1366, 768)
label.show()
application.exec()
"""

_OURS = """
import sys, time
from PySide6.QtCore import QTimer
from ui.application import build_application, open_window

def painted():
    sys.stdout.write(f"{time.monotonic_ns()}\\n")
    sys.stdout.flush()
    QTimer.singleShot(0, application.quit)

application = build_application()
window = open_window()
window.painted.connect(painted)
application.exec()
"""


def _milliseconds_until_stamp(command: Sequence[str]) -> float:
    """Run a command that writes `time.monotonic_ns()` as its last line; return how long after its start that was."""
    environment = dict(os.environ)
    environment.setdefault("QT_QPA_PLATFORM", "offscreen")
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, (str(ROOT), environment.get("PYTHONPATH", ""))))
    started = time.monotonic_ns()
    done = subprocess.run(command, env=environment, cwd=ROOT, check=True, capture_output=True, text=True, timeout=120)
    return (int(done.stdout.split()[-1]) - started) / 1e6


def measure_first_paint(
    sellable_command: Sequence[str] | None = None,
    *,
    painted_command: Sequence[str] | None = None,
    rounds: int = 9,
) -> dict[str, float]:
    """Compare the first paint (and, with a command, the moment of selling) with a bare styled window of Qt.

    `sellable_command` starts the real till and writes `time.monotonic_ns()` when it can sell, as
    `ui.application.run_till(..., exit_when_sellable=True)` does; `painted_command` the same at its first paint. Without
    the latter the window alone is measured, without the command line around it.
    """
    commands: dict[str, Sequence[str]] = {
        "bare": [sys.executable, "-c", _BARE],
        "ours": painted_command or [sys.executable, "-c", _OURS],
    }
    if sellable_command is not None:
        commands["sellable"] = sellable_command
    for command in commands.values():
        _milliseconds_until_stamp(command)
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            times[name].append(_milliseconds_until_stamp(command))
    medians = {name: statistics.median(values) for name, values in times.items()}
    result = {
        "bare_qt_ms": medians["bare"],
        "first_paint_ms": medians["ours"],
        "first_paint_vs_bare_qt": medians["ours"] / medians["bare"],
    }
    if "sellable" in medians:
        result["sellable_ms"] = medians["sellable"]
        result["sellable_vs_bare_qt"] = medians["sellable"] / medians["bare"]
    return result


class _Stopwatch:
    """Stops when the viewport of the basket has painted a view newer than the one before the scan."""

    def __init__(self, checkout: Any) -> None:
        from PySide6.QtCore import QCoreApplication, QEvent, QObject

        desk = checkout.screens.desk
        viewport = desk.basket_pane.list.viewport()
        stopwatch = self

        class Filter(QObject):
            def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt names it
                if event.type() is not QEvent.Type.Paint or not stopwatch.armed:
                    return False
                if desk.presenter.view.revision <= stopwatch.revision:
                    return False
                stopwatch.armed = False
                QCoreApplication.sendEvent(watched, event)
                stopwatch.stopped_ns = time.perf_counter_ns()
                return True

        self.armed = False
        self.revision = -1
        self.stopped_ns = 0
        self._filter = Filter()
        viewport.installEventFilter(self._filter)


def measure_scan_to_paint(
    make_service: Callable[[], Any], codes: Sequence[str], *, lines_a_basket: int = 20
) -> dict[str, float]:
    """Scan codes one by one; return percentiles in milliseconds.

    From the moment at which a scanner's last key (Enter) enters Qt's event filter to the end of the paint event that
    draws the changed row. Baskets are paid when they are `lines_a_basket` long. Codes that ask a question are no
    use here.
    """
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from datetime import UTC, datetime

    from PySide6.QtCore import QEventLoop

    from ui.scripted import ScriptedCheckout
    from ui.settings import ScreenSettings

    class Clock:
        def now(self) -> datetime:
            return datetime(2026, 11, 22, 4, 41, tzinfo=UTC)

    checkout = ScriptedCheckout(make_service, ScreenSettings(clock=Clock(), customer_window=False))
    stopwatch = _Stopwatch(checkout)
    times: list[float] = []
    try:
        for position, code in enumerate(codes):
            stopwatch.revision = checkout.view.revision
            for character in code:
                checkout._press_character(character, 2)
            stopwatch.armed = True
            started = time.perf_counter_ns()
            checkout._press("Return", 2)
            while stopwatch.armed:
                checkout.application.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 5)
                if time.perf_counter_ns() - started > 5_000_000_000:
                    raise TimeoutError(f"the scan of {code} was never painted")
            times.append((stopwatch.stopped_ns - started) / 1e6)
            checkout.settle()
            if position % lines_a_basket == lines_a_basket - 1:
                checkout.press("F12", "F12")
    finally:
        checkout.close()
    times.sort()
    return {
        "scans": len(times),
        "scan_to_paint_p50_ms": times[len(times) // 2],
        "scan_to_paint_p99_ms": times[min(len(times) - 1, len(times) * 99 // 100)],
        "scan_to_paint_max_ms": times[-1],
    }


if __name__ == "__main__":
    print(json.dumps(measure_first_paint(sys.argv[1:] or None), indent=2))
