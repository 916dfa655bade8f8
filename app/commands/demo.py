"""`demo`: plays a checkout on the sample store without a display and leaves screenshots, receipts and the journal."""

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from app.catalogue.codes.epc import Sgtin, compose_epc
from app.catalogue.codes.patterns import parse_pattern
from app.commands.assembly import Parts, TillAtWork, open_till_at_work
from app.commands.demo_members import SALES as MEMBER_SALES
from app.commands.demo_members import MemberScenes
from app.commands.demo_payments import SALES, PaymentScenes
from app.commands.devices.attached import Attached
from app.commands.devices.bench import HouseBench
from app.commands.journal import export_the_journal, verify_journal
from app.commands.logs import start_logging
from app.commands.members.cut_line import CutLine
from app.commands.relay import Relay
from app.commands.site import Site, writable
from app.commands.till import TillOptions, connect_devices, screen_settings
from app.commands.world import SystemClock, SystemIdentities
from app.devices.conditions import DeviceCondition
from app.values.problems import Problem
from app.values.speech import Speech
from app.values.wording import wording

if TYPE_CHECKING:
    from hardware.simulated.printer import PrintedPaper
    from ui.scripted import ScriptedCheckout

_MILK = "6915549000159"
_BEER_RETURNABLE = "6943505600587"
_BAG = "6912705000640"
_CIGARETTES = "6908595000761"
_RECALLED = "6988189500945"
_NOT_KNOWN = "4006381333931"
_APPLE_PLU = "4131"
_SWEET_POTATO_PLU = "21018"
_JERKY = "6935807201265"
_PORK = "6935807201302"
_APPLES_GRAMS = 1270
_PRINT_WAIT_S = 20.0
_RECEIPTS = 4 + SALES + MEMBER_SALES


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
        played.devices_and_their_troubles()
        played.payments_and_their_troubles()
        played.members_and_coupons()
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
    """The script, with the real windows, store, catalogue, and simulated devices on real lines."""

    def __init__(self, site: Site, out: Path) -> None:
        from hardware.conversation import Recorder
        from ui.scripted import ScriptedCheckout

        start_logging(writable(site.log_folder))
        self._screens = out / "screens"
        self.count = 0
        self.wire = Recorder()
        relay = Relay()
        self._line = CutLine()
        parts = Parts(
            SystemClock(), SystemIdentities(), watchers={"printer": self.wire}, around_keeper=self._line.around
        )
        opened: list[TillAtWork] = []

        def make_service() -> TillAtWork:
            opened[:] = [open_till_at_work(site, "", parts, relay)]
            return opened[0]

        options = TillOptions(site.folder, True, "", "light", "zh_CN", False, True, False)
        self._checkout = ScriptedCheckout(make_service, screen_settings(site, options))
        screens = self._checkout.screens
        relay.connect(screens.bridge)
        connect_devices(screens, lambda: opened[0].devices)
        self._house = opened[0].devices
        self._payments = opened[0].payments
        self._members = opened[0].members
        self._checkout.wait_until(self._all_ready, "the devices did not come")

    def _all_ready(self) -> bool:
        return all(device.condition is DeviceCondition.READY for device in self._house.attached)

    def _device(self, name: str) -> Attached:
        return next(device for device in self._house.attached if device.name == name)

    def _twin(self, name: str) -> Any:  # noqa: ANN401 - whichever simulated device it is
        return self._device(name).twin

    def _is(self, name: str, condition: DeviceCondition) -> Callable[[], bool]:
        light = self._device(name).kind.light
        shown = self._checkout.screens.desk.status_bar.lights
        return lambda: self._device(name).condition is condition and shown[light].condition is condition

    @property
    def papers(self) -> "tuple[PrintedPaper, ...]":
        """What came out of the printer."""
        papers: tuple[PrintedPaper, ...] = self._twin("printer").papers
        return papers

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
        while sum(paper.cut for paper in self.papers) < _RECEIPTS and time.monotonic() < deadline:
            self._checkout.settle()
        self.printed = self.papers
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

    def devices_and_their_troubles(self) -> None:
        """Weigh on the scale, scan by the serial scanner, lay tags on the reader; then what goes wrong with devices."""
        till = self._checkout
        till.use(language="zh_CN", theme="light", size=(1366, 768))
        self._twin("printer").close_drawer()
        scale = self._twin("scale")
        till.type(_APPLE_PLU)
        till.press("Return")
        scale.put_on(_APPLES_GRAMS)
        till.press("Ctrl+2")
        till.wait_until(lambda: _weighs(till, _APPLES_GRAMS), "the scale did not come to rest")
        self.grab("weighing-zh-light")
        self.grab_customer("customer-weighing-zh")
        till.press("Return")
        scale.take_off()
        self._twin("hand").scan(_MILK)
        till.wait_until(lambda: len(till.view.basket.lines) == 2, "the scanner was not heard")
        self._twin("rfid").put_tags(*_tags())
        till.wait_until(lambda: len(till.view.basket.lines) == 4, "the tags were not rung up")
        self.grab("tags-zh-light")
        self._twin("hand").unplug()
        till.wait_until(self._is("hand", DeviceCondition.AWAY), "the scanner is not missed")
        self.grab("scanner-unplugged-zh-light")
        self._twin("hand").plug_in()
        till.wait_until(self._is("hand", DeviceCondition.READY), "the scanner did not come back")
        self._twin("printer").take_paper_out()
        till.wait_until(self._is("printer", DeviceCondition.STOPPED), "nobody saw that the paper is out")
        self.grab("printer-without-paper-zh-light")
        till.press("F12", "F4")
        self.grab("paid-without-paper-zh-light")
        self._bench("scale", "zh")
        self._twin("printer").load_paper()
        till.wait_until(self._is("printer", DeviceCondition.READY), "the printer did not go on")
        till.use(language="en", theme="dark")
        self._bench("printer", "en-dark")
        till.use(language="zh_CN", theme="light")

    def payments_and_their_troubles(self) -> None:
        """Pay by scanning alone, by a code to scan, by card, in parts; then without a line."""
        scenes = PaymentScenes(
            self._checkout, self._payments, self._twin("card_terminal"), self.grab, self.grab_customer, (_MILK, _BAG)
        )
        scenes.play()

    def members_and_coupons(self) -> None:
        """Five promotions and a gold member, the best coupons, the reasons, points that pay; then without a line."""
        if self._members is None:
            raise LookupError("the sample store has members")
        MemberScenes(self._checkout, self._members, self._line, self.grab, self.grab_customer).play()

    def _bench(self, name: str, look: str) -> None:
        till = self._checkout
        till.open_bench(HouseBench(self._house), size=(1366, 768))
        till.choose_device(name)
        self.count += 1
        till.grab_bench(self._screens / f"{self.count:02d}-device-bench-{name}-{look}.png")
        till.close_bench()


def _weighs(till: "ScriptedCheckout", grams: int) -> bool:
    reading = till.screens.desk.presenter.weighing.reading
    return reading is not None and reading.sellable and reading.grams == grams


def _tags() -> tuple[str, ...]:
    """Return the tags of two pieces that are not alike."""
    return tuple(compose_epc(Sgtin(f"0{code}", str(serial))) for code, serial in ((_JERKY, 1001), (_PORK, 1002)))


def _write_receipts(played: _Play, folder: Path) -> None:
    """Leave what the printer got as bytes, and what it made of it as pictures and text."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "receipts.escpos").write_bytes(played.wire.written)
    for number, paper in enumerate(played.printed, 1):
        (folder / f"receipt-{number}.txt").write_text(paper.text, encoding="utf-8")
        paper.picture.save(folder / f"receipt-{number}.png")
