"""A person sells with keyboard and mouse on a real display: Xvfb and xdotool in place of monitor and hands."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

_TILL = """
import runpy, sys
from dataclasses import replace
from app.values.clock import FixedClock
from ui.application import run_till
from ui.settings import ScreenSettings

fake = runpy.run_path(sys.argv[1])
till = fake["FakeTill"]()
settings = ScreenSettings(clock=FixedClock(fake["NOON"]), sound_volume_percent=0, reduced_motion=True,
                          customer_window=False, size=(1024, 768))

def sellable():
    print("sellable", flush=True)

code = run_till(lambda: till, settings, on_sellable=sellable)
for request in till.asked:
    print(type(request).__name__, flush=True)
print("closed", till.closed, flush=True)
sys.exit(code)
"""

_HANDS = """
set -e
find_window() { xdotool search --sync --onlyvisible --name Guitai | head -1; }
window=$(find_window)
xdotool windowmove --sync "$window" 0 0
xdotool windowfocus "$window"
# a scanner: keys two milliseconds apart, then Enter
xdotool type --delay 2 $'6901234567892\n'
xdotool sleep 1
# a person: three of them, typed slowly
xdotool type --delay 150 '3*'
xdotool key --delay 150 Return
xdotool sleep 0.5
# the mouse on the first quick key of the third tab
xdotool mousemove --window "$window" $1 $2 click 1
xdotool sleep 1
xdotool key F12
xdotool sleep 1
xdotool type --delay 150 '50'
xdotool key Return
xdotool sleep 1
"""


@pytest.mark.slow
@pytest.mark.skipif(not (shutil.which("Xvfb") and shutil.which("xdotool")), reason="needs Xvfb and xdotool")
def test_a_sale_by_scanner_keyboard_and_mouse(tmp_path: Path) -> None:
    read_end, write_end = os.pipe()
    display_server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write_end), "-screen", "0", "1024x768x24", "-nolisten", "tcp"],
        pass_fds=[write_end],
        stderr=subprocess.DEVNULL,
    )
    os.close(write_end)
    environment = dict(
        os.environ, QT_QPA_PLATFORM="xcb", PYTHONPATH=f"{ROOT}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"
    )
    try:
        with os.fdopen(read_end) as told:
            environment["DISPLAY"] = f":{told.readline().strip()}"
        fake = ROOT / "tests" / "unit" / "ui" / "conftest.py"
        till = subprocess.Popen(
            [sys.executable, "-c", _TILL, str(fake)],
            env=environment,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            assert till.stdout is not None
            first = till.stdout.readline()
            assert first == "sellable\n", till.stderr.read() if till.stderr is not None and not first else first
            # the tile of the first quick key (bananas are weighed: the tab of drinks comes first)
            subprocess.run(["bash", "-c", _HANDS, "hands", "800", "348"], env=environment, check=True, timeout=60)
            till.terminate()
            out, err = till.communicate(timeout=30)
        finally:
            till.kill()
    finally:
        display_server.terminate()
        display_server.wait(10)
    asked = out.split("\n")
    assert "closed True" in asked, err
    assert asked[:2] == ["ScanCode", "EnterText"]
    assert "BeginPayment" in asked
    assert "TakeTender" in asked
