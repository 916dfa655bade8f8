"""`demo`: plays a checkout on the sample store without a display and leaves screenshots, receipts and the journal."""

import os
import shutil
import time
from pathlib import Path

import typer

from app.catalogue.codes.patterns import parse_pattern
from app.commands.assembly import Parts, TillAtWork, open_till_at_work
from app.commands.journal import export_the_journal, verify_journal
from app.commands.logs import start_logging
from app.commands.relay import Relay
from app.commands.site import Site, writable
from app.commands.till import TillOptions, screen_settings
from app.commands.world import SystemClock, SystemIdentities
from app.values.problems import Problem
from app.values.speech import Speech
from app.values.wording import wording

_MILK = "6915549000159"
_BEER_RETURNABLE = "6943505600587"
_BAG = "6912705000640"
_CIGARETTES = "6908595000761"
_RECALLED = "6988189500945"
_NOT_KNOWN = "4006381333931"
_APPLE_PLU = "4131"
_SWEET_POTATO_PLU = "21018"
_PRINT_WAIT_S = 20.0


class DemoFolderTaken(Problem):
    """Raised when the folder for the demonstration holds something that no demonstration made."""

    code = "DEMO-FOLDER-TAKEN"


def play(out: Path, speech: Speech) -> int:
    """Play the checkout; 1 where the journal it wrote does not verify.

    Raises:
        DemoFolderTaken: the folder holds other things.
        BadConfiguration: CatalogueProblem: StoreProblem: the till could not be opened.
    """
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    folder = _fresh(out)
    site = Site(folder / "till", sample=True)
    played = _Play(site, folder)
    try:
        played.chinese_by_day()
        played.english_by_night()
    finally:
        played.close()
    _write_receipts(played, folder / "receipts")
    typer.echo(
        speech.say(
            wording("{count} screenshots and the receipts are in {folder}.", count=played.count, folder=str(out))
        )
    )
    export_the_journal(site.folder, folder / "journal", speech, sample=True)
    return verify_journal(site.folder, speech, sample=True)


def _fresh(out: Path) -> Path:
    """Return the folder, emptied of an earlier demonstration."""
    mark = out / ".guitai-demo"
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        if not mark.exists():
            raise DemoFolderTaken(
                wording("{folder} holds other things. Name a new folder for the demonstration.", folder=str(out))
            )
        shutil.rmtree(out)
    writable(out)
    mark.touch()
    return out


class _Play:
    """The script, with the real windows, store, catalogue and a simulated printer."""

    def __init__(self, site: Site, out: Path) -> None:
        from hardware.conversation import ObservedTransport, Recorder
        from hardware.printers.driver import EscposDriver
        from hardware.printers.profile import PrinterProfile
        from hardware.simulated.lines import SimulatedTransport
        from hardware.simulated.printer import SimulatedPrinter
        from ui.scripted import ScriptedCheckout

        start_logging(writable(site.log_folder))
        self._screens = out / "screens"
        self.count = 0
        profile = PrinterProfile(paper_mm=80)
        self.printer = SimulatedPrinter(profile)
        self.wire = Recorder()
        driver = EscposDriver(ObservedTransport(SimulatedTransport(self.printer), self.wire), profile)
        relay = Relay()
        parts = Parts(SystemClock(), SystemIdentities(), driver)

        def make_service() -> TillAtWork:
            return open_till_at_work(site, "", parts, relay)

        options = TillOptions(site.folder, True, "", "light", "zh_CN", False, True, False)
        self._checkout = ScriptedCheckout(make_service, screen_settings(site, options))
        relay.connect(self._checkout.screens.bridge)

    def grab(self, name: str) -> None:
        """Keep a picture of the cashier's window."""
        self.count += 1
        self._checkout.grab(self._screens / f"{self.count:02d}-{name}.png")

    def grab_customer(self, name: str) -> None:
        """Keep a picture of the customer's window."""
        self.count += 1
        self._checkout.grab_customer(self._screens / f"{self.count:02d}-{name}.png")

    def close(self) -> None:
        """Wait for the paper, then close the till."""
        deadline = time.monotonic() + _PRINT_WAIT_S
        while len(self.printer.papers) < 3 and time.monotonic() < deadline:
            self._checkout.settle()
        self._checkout.close()

    def chinese_by_day(self) -> None:
        """A whole basket in Chinese: scanned, weighed, asked, discounted, suspended, paid with two tenders."""
        till = self._checkout
        self.grab("open-zh-light")
        self.grab_customer("customer-idle-zh")
        till.scan(_MILK)
        till.scan(_MILK)
        self.grab("scanned-zh-light")
        till.type(_APPLE_PLU)
        till.press("Return")
        self.grab("weigh-zh-light")
        till.type("1.245")
        till.press("Return")
        till.scan(_BEER_RETURNABLE)
        self.grab("age-zh-light")
        till.press("Return")
        till.type("3*")
        till.press("Return")
        till.scan(_BAG)
        label = parse_pattern("label", "21IIIIIWWWWWC").compose(_SWEET_POTATO_PLU, weight_grams=856)
        till.scan(label)
        till.type("ns")
        self.grab("search-zh-light")
        till.press("Esc")
        till.scan(_NOT_KNOWN)
        self.grab("unknown-code-zh-light")
        till.scan(_RECALLED)
        self.grab("recalled-zh-light")
        till.press("Esc", "F7")
        self.grab("discount-zh-light")
        till.press("Esc", "F1")
        self.grab("all-keys-zh-light")
        till.press("Esc", "F5")
        self.grab("suspend-zh-light")
        till.press("Return", "F6")
        self.grab("recall-zh-light")
        till.press("Return", "F12")
        self.grab("pay-zh-light")
        self.grab_customer("customer-paying-zh")
        till.press("F4")
        self.grab("change-zh-light")
        self.grab_customer("customer-thanks-zh")

    def english_by_night(self) -> None:
        """The same in English on a dark screen, in three sizes, with a copy of the receipt at the end."""
        till = self._checkout
        till.use(language="en", theme="dark", size=(1920, 1080))
        till.scan(_CIGARETTES)
        till.press("Return")
        for _ in range(2):
            till.scan(_MILK)
        till.scan(_BAG)
        self.grab("scanned-en-dark-1920")
        till.use(size=(1024, 768))
        self.grab("scanned-en-dark-1024")
        till.use(theme="high_contrast", size=(1366, 768))
        self.grab("scanned-en-high-contrast")
        till.use(theme="dark")
        till.press("F12")
        self.grab("pay-en-dark")
        till.press("Return")
        self.grab("change-en-dark")
        self.grab_customer("customer-thanks-en")
        till.press("Shift+F10")
        self.grab("copy-en-dark")


def _write_receipts(played: _Play, folder: Path) -> None:
    """Leave what the printer got as bytes, and what it made of it as pictures and text."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "receipts.escpos").write_bytes(played.wire.written)
    for number, paper in enumerate(played.printer.papers, 1):
        (folder / f"receipt-{number}.txt").write_text(paper.text, encoding="utf-8")
        paper.picture.save(folder / f"receipt-{number}.png")
