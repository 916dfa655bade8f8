"""A shopper pays by a code on the telephone: the cashier scans goods and code, and touches nothing."""

import csv
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.commands.journal import export_the_journal, look_at_journal, open_reader
from app.commands.site import Site
from app.values.problems import Problem
from app.values.speech import ENGLISH

ROOT = Path(__file__).resolve().parents[2]
MILK, BAG = "6915549000159", "6912705000640"
WECHAT_CODE = "130123456789012345"
"""Of a shopper who is asked for no password."""

DUE_MINOR = 350 + 80
"""A milk of 3.50 and a bag of 0.80."""

_PATIENCE_S = 60


@contextmanager
def display() -> Iterator[dict[str, str]]:
    """A screen that nobody looks at, as the environment of a program."""
    read_end, write_end = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write_end), "-screen", "0", "1366x768x24", "-nolisten", "tcp"],
        pass_fds=[write_end],
        stderr=subprocess.DEVNULL,
    )
    os.close(write_end)
    try:
        with os.fdopen(read_end) as told:
            yield dict(os.environ, QT_QPA_PLATFORM="xcb", DISPLAY=f":{told.readline().strip()}")
    finally:
        server.terminate()
        server.wait(10)


class Scanner:
    """A scanner that types as a keyboard does: keys two milliseconds apart, then Enter. It has no other key."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._environment = environment
        found = self._run("search", "--sync", "--onlyvisible", "--name", "Linli Fresh")
        self._run("windowfocus", "--sync", found.split()[0])

    def _run(self, *arguments: str) -> str:
        command = ["xdotool", *arguments]
        return subprocess.run(
            command, env=self._environment, check=True, timeout=_PATIENCE_S, capture_output=True, text=True
        ).stdout

    def scan(self, code: str) -> None:
        self._run("type", "--delay", "2", f"{code}\n")


def sales_so_far(site: Site) -> int:
    """Look beside the till how much was sold."""
    try:
        return look_at_journal(site, site.configuration()).totals.sale_count
    except Problem:
        return 0


def lines_so_far(site: Site) -> int:
    """Look beside the till how many lines the open basket has."""
    with open_reader(site, site.configuration()) as reader:
        (count,) = reader.connection.driver.execute("SELECT count(*) FROM basket_line").fetchone()
    return int(count)


def wait_until(done: Callable[[], bool], complaint: str, every_s: float = 0.5) -> None:
    """Look again and again; nobody at the screen is in a hurry."""
    deadline = time.monotonic() + _PATIENCE_S
    while not done():
        assert time.monotonic() < deadline, complaint
        time.sleep(every_s)


@pytest.mark.slow
@pytest.mark.timeout(240)
@pytest.mark.skipif(not (shutil.which("Xvfb") and shutil.which("xdotool")), reason="needs Xvfb and xdotool")
def test_goods_and_a_wechat_code_are_scanned_and_nothing_is_touched(tmp_path: Path) -> None:
    site = Site(tmp_path / "till", sample=True)
    with display() as environment:
        till = subprocess.Popen(
            [
                sys.executable,
                "main.py",
                "--lang",
                "en",
                "till",
                "--sample",
                "--data",
                str(site.folder),
                "--no-customer-display",
            ],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            # The simulated wallets are there once the till has written down where they listen.
            wait_until((site.folder / "simulators" / "alipay" / "running.json").exists, "no wallets")
            scanner = Scanner(environment)
            for count, code in enumerate((MILK, BAG), 1):
                scanner.scan(code)
                wait_until(lambda wanted=count: lines_so_far(site) == wanted, f"{code} was not rung up")

            def paid() -> bool:
                # Until the till has looked at payments from before it asks to scan the code once more.
                scanner.scan(WECHAT_CODE)
                return sales_so_far(site) == 1

            wait_until(paid, "the wallet's code was not taken", every_s=1)
            till.terminate()
            till.wait(60)
        finally:
            till.kill()
    verified = look_at_journal(site, site.configuration())
    assert verified.finding is None
    assert verified.totals.gross_minor == DUE_MINOR
    assert export_the_journal(site.folder, tmp_path / "journal", ENGLISH, sample=True) == 0
    with (tmp_path / "journal" / "tenders.csv").open(encoding="utf-8-sig", newline="") as file:
        (tender,) = csv.DictReader(file)
    assert (tender["tender_type"], tender["amount"], tender["taken_offline"]) == ("wechat", "4.30", "no")
    # What the wallet took, by its own book, is what the till wrote down, once.
    book = json.loads((site.folder / "simulators" / "wechat" / "memory.json").read_bytes())
    assert [(order["amount_minor"], order["state"]) for order in book["orders"]] == [(DUE_MINOR, "SUCCESS")]
