"""A till that sells by a fixed script on the sample store and says each thing that is on screen as done."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.checkout import requests as ask
from app.checkout.ports import PrintState
from app.checkout.views import TillView
from app.commands import assembly
from app.commands.assembly import Parts, TillAtWork, keys_of, open_till_at_work
from app.commands.configuration import Configuration
from app.commands.site import Site
from app.devices.weighing import ScaleReading, WeightState
from app.values.clock import FixedClock
from app.values.identifiers import CountingIdentities
from offline_store.till_store import TillStoreFile, open_till_store
from tests.faults.store_kill_harness import Acknowledge

MILK, BAG, APPLE = "P00221", "P01113", "P00087"

SCRIPT = (
    ask.AddProduct(MILK),
    ask.AddProduct(APPLE),
    ask.ChooseTare("large_tray"),
    ask.AcceptWeight(ScaleReading("scale", WeightState.STABLE, 1270)),
    ask.EnterText("3*"),
    ask.AddProduct(BAG),
    ask.VoidLine(1),
    ask.TakeTender("card_slip", "5", "A-1"),
    ask.TakeTender("cash", "50"),
    ask.AddProduct(BAG),
    ask.SuspendBasket("aside"),
    ask.AddProduct(MILK),
    ask.ChangeQuantity(1, "4"),
    ask.OverridePrice(1, "3.00", "shelf price"),
    ask.TakeTender("cash", "20"),
)
"""Two sales and a basket put aside; played again and again. 1270 g in a tray of 25 g are 1.245 kg."""


class Tray:
    """Devices that take everything at once; this is about selling."""

    card_terminal = None

    def stored(self, job_id: str, state: object) -> None:
        pass

    def submit(self, order: object) -> bool:
        return True

    def follow(self, view: object) -> None:
        pass

    def pay_at_terminal(self, heard: object) -> None:
        pass

    def close(self, timeout_s: float) -> bool:
        return True


class Nobody:
    """No screens."""

    def print_report(self, report: object) -> None:
        pass

    def device_status(self, status: object) -> None:
        pass

    def scale_read(self, reading: object) -> None:
        pass

    def scanned(self, scanned: object) -> None:
        pass

    def asked(self, request: object) -> None:
        pass

    def noticed(self, notice: object, sound: object) -> None:
        pass

    def payment_news(self, event: object) -> None:
        pass

    def member_news(self, news: object) -> None:
        pass

    def errands_wait(self) -> None:
        pass


def open_small_store(site: Site, configuration: Configuration, parts: Parts) -> TillStoreFile:
    """Open the till's store as the till does, without the ballast, which is copied for every point."""
    settings = configuration.till_settings()
    return open_till_store(
        site.ledger_folder,
        till_id=settings.till_id,
        store_number=settings.store_number,
        till_number=settings.till_number,
        clock=parts.clock,
        identities=parts.identities,
        zone=settings.zone,
        day_starts=settings.day_starts,
        keys=keys_of(site, settings.till_id),
        ballast_bytes=0,
        low_space_bytes=1,
    )


def open_till(folder: Path, round_number: int) -> TillAtWork:
    """Open the till of a folder; identities of each opening differ, as real ones do."""
    patch = pytest.MonkeyPatch()
    with patch.context() as patched:
        patched.setattr(assembly, "DeviceHouse", lambda *_: Tray())
        patched.setattr(assembly, "open_store", open_small_store)
        clock = FixedClock(datetime(2026, 11, 22, 4, round_number, tzinfo=UTC))
        parts = Parts(clock, CountingIdentities(f"run{round_number}"), asks_providers=False)
        return open_till_at_work(Site(folder, sample=True), "", parts, Nobody())


def described(view: TillView) -> str:
    """Say what is on screen of the open basket, in one word."""
    basket = view.basket
    if basket.basket_id is None:
        return "none"
    paid = sum(tender.amount_minor for tender in basket.tenders)
    return f"{basket.basket_id}/{len(basket.lines)}/{basket.due_minor}/{paid}"


def sell(folder: Path, acknowledge: Acknowledge) -> None:
    """Play the script until killed, saying after each step what the screen shows as done."""
    till = open_till(folder, 1)
    acknowledge("opened")
    for _ in range(20):
        for request in SCRIPT:
            view = till.handle(request)
            if view.notice is not None and view.notice.code:
                raise RuntimeError(f"{request} was refused: {view.notice.sentence}")
            if view.completed is not None:
                acknowledge(f"sale {view.completed.sale_id} {view.completed.receipt_number} {view.completed.due_minor}")
                till.handle(ask.ReportPrint("run1-000000", PrintState.PRINTED))
            acknowledge(f"screen {described(view)} {len(view.suspended)}")
    till.close()


def screens() -> list[str]:
    """Every state the screen can be in, from a till that nobody kills."""
    import tempfile

    shown: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        sell(Path(folder), shown.append)
    return [word.removeprefix("screen ") for word in shown if word.startswith("screen ")]
