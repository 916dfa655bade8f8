"""A till's devices together: the sample store's, simulated, on real lines, with the real drivers in front of them."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

import msgspec
import pytest

from app.catalogue.codes.scanned import Scanned
from app.checkout.ports import ReceiptOrder
from app.checkout.requests import OpenDrawer, ReadTags
from app.checkout.views import BasketView, DeviceStatusView, Notice, Phase, Question, QuestionKind, TillView
from app.commands.configuration import Configuration
from app.commands.device_sections import DrawerSection, ScaleSection, ScannerSection
from app.commands.devices.actions import CannotTry
from app.commands.devices.bench import HouseBench
from app.commands.devices.house import DeviceHouse, HouseParts
from app.commands.site import Site
from app.devices.bench import ActionKind, BenchDevice
from app.devices.conditions import DeviceCondition
from app.devices.weighing import ScaleReading, WeightState
from app.values.clock import FixedClock
from app.values.identifiers import CountingIdentities
from app.values.wording import LocalizedText, wording
from tests.faults.till_scenario import Nobody

CLOCK = FixedClock(datetime(2026, 11, 22, tzinfo=UTC))
IDLE = TillView(Phase.SELLING, BasketView(None, "CNY"))
APPLES = Question(
    QuestionKind.WEIGHT, wording("Put it on the scale."), LocalizedText("苹果"), unit_price_minor=1398, on_scale=True
)


class Till(Nobody):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.statuses: list[DeviceStatusView] = []
        self.readings: list[ScaleReading] = []
        self.scans: list[Scanned] = []
        self.requests: list[object] = []
        self.notices: list[Notice] = []
        self.changed = threading.Condition()

    def _keep(self, where: list, what: object) -> None:
        with self.changed:
            where.append(what)
            self.changed.notify_all()

    def device_status(self, status) -> None:
        self._keep(self.statuses, status)

    def scale_read(self, reading) -> None:
        self._keep(self.readings, reading)

    def scanned(self, scanned) -> None:
        self._keep(self.scans, scanned)

    def asked(self, request) -> None:
        self._keep(self.requests, request)

    def noticed(self, notice, sound) -> None:
        self._keep(self.notices, notice)

    def light(self, name: str) -> DeviceCondition | None:
        return next((status.condition for status in reversed(self.statuses) if status.device == name), None)

    def wait(self, happened: Callable[[], bool], what: str = "") -> None:
        """Look at every word of a device, and now and then in between: not everything that happens is told."""
        deadline = time.monotonic() + 15
        with self.changed:
            while not happened():
                assert time.monotonic() < deadline, (what, self.statuses[-6:], self.readings[-3:])
                self.changed.wait(0.05)


def sample() -> Configuration:
    return Site(Path("nowhere"), sample=True).configuration()


@pytest.fixture(scope="module")
def opened() -> Iterator[tuple[DeviceHouse, Till, HouseBench]]:
    till = Till()
    house = DeviceHouse(sample(), till, CLOCK, CountingIdentities())
    bench = HouseBench(house)
    names = {device.kind.light for device in house.attached}
    till.wait(lambda: all(till.light(name) is DeviceCondition.READY for name in names), "all ready")
    yield house, till, bench
    house.close(2)


def shown(bench: HouseBench, name: str) -> BenchDevice:
    return next(device for device in bench.devices() if device.name == name)


def twin(house: DeviceHouse, name: str):
    return next(device.twin for device in house.attached if device.name == name)


def test_every_device_of_the_sample_store_comes_up_and_is_ready(opened):
    _, _, bench = opened
    devices = bench.devices()
    assert [device.name for device in devices] == [
        "printer",
        "scale",
        "hand",
        "customer_display",
        "card_terminal",
        "rfid",
    ]
    assert {device.condition for device in devices} == {DeviceCondition.READY}
    assert all(device.simulated for device in devices)
    assert all(device.traffic for device in devices if device.name != "hand")


def test_the_scale_is_asked_often_only_while_a_weight_is_wanted_and_its_weight_reaches_the_screens(opened):
    house, till, bench = opened
    house.follow(replace(IDLE, question=APPLES))
    bench.perform("scale", "put_on", "1245")
    till.wait(
        lambda: bool(till.readings) and till.readings[-1] == ScaleReading("scale", WeightState.STABLE, 1245), "weight"
    )
    assert "1.245" in str(shown(bench, "scale").reading)
    bench.perform("scale", "take_off")
    till.wait(lambda: till.readings[-1].state is WeightState.EMPTY)
    house.follow(IDLE)


def test_a_scanned_code_and_tags_on_the_reader_reach_the_till(opened):
    _, till, bench = opened
    bench.perform("hand", "scan", "6901234567892")
    till.wait(lambda: any(scan.data.endswith("6901234567892") and scan.device == "hand" for scan in till.scans))
    bench.perform("rfid", "put_tags", "3074257BF7194E4000001A85")
    till.wait(lambda: ReadTags("rfid", ("3074257BF7194E4000001A85",)) in till.requests)
    bench.perform("rfid", "take_tags")
    till.wait(lambda: till.requests[-1] == ReadTags("rfid", ()))


def test_a_shoppers_payment_code_is_not_to_be_read_on_the_bench(opened):
    _, till, bench = opened
    bench.perform("hand", "scan", "134567890123456789")
    till.wait(lambda: till.scans[-1].data.endswith("134567890123456789"))
    hand = shown(bench, "hand")
    assert b"567890123456789" not in b"".join(one.data for one in hand.traffic)
    assert "567890123456789" not in str(hand.reading)
    # A product's number is no secret.
    bench.perform("hand", "scan", "6901234567892")
    till.wait(lambda: till.scans[-1].data.endswith("6901234567892"))
    assert b"6901234567892" in b"".join(one.data for one in shown(bench, "hand").traffic)


def test_a_device_that_is_unplugged_and_plugged_in_again_is_away_and_then_back(opened):
    _, till, bench = opened
    for name, light in (("hand", "scanner"), ("scale", "scale"), ("printer", "printer")):
        bench.perform(name, "unplug")
        till.wait(lambda light=light: till.light(light) is DeviceCondition.AWAY, f"{name} away")
        actions = {action.action_id: action for action in shown(bench, name).actions}
        assert actions["unplug"].active
        bench.perform(name, "unplug")
        till.wait(lambda light=light: till.light(light) is DeviceCondition.READY, f"{name} back")


def test_the_pole_shows_what_it_is_told(opened):
    _, till, bench = opened
    bench.perform("customer_display", "show", "Guitai")
    till.wait(lambda: "Guitai" in str(shown(bench, "customer_display").reading))


def test_a_printer_without_paper_has_stopped_and_is_not_away(opened):
    _, till, bench = opened
    bench.perform("printer", "paper_out")
    till.wait(lambda: till.light("printer") is DeviceCondition.STOPPED)
    assert shown(bench, "printer").condition.unusable
    bench.perform("printer", "paper_out")
    till.wait(lambda: till.light("printer") is DeviceCondition.READY)


def test_a_test_page_comes_out_of_the_printer_and_is_no_receipt(opened):
    house, till, bench = opened
    before = len([paper for paper in twin(house, "printer").papers if paper.cut])
    assert "way" in str(bench.perform("printer", "test_page"))

    def printed() -> bool:
        return len([paper for paper in twin(house, "printer").papers if paper.cut]) > before

    till.wait(printed)
    text = [paper for paper in twin(house, "printer").papers if paper.cut][-1].text
    assert "柜台收银" in text
    assert "GUITAI-TEST-0123456789" in text


def test_a_trial_payment_on_the_card_terminal_is_answered(opened):
    house, till, bench = opened
    bench.perform("card_terminal", "card_payment", "1")
    till.wait(lambda: twin(house, "card_terminal").waits_for_card)
    bench.perform("card_terminal", "present_card")
    till.wait(lambda: twin(house, "card_terminal").net() > 0 or twin(house, "card_terminal").waits_for_pin)


@pytest.mark.parametrize(
    ("device", "action", "text"),
    [
        ("scale", "put_on", "heavy"),
        ("scale", "put_on", "-5"),
        ("scale", "put_on", "１２"),
        ("rfid", "put_tags", "hello world"),
        ("rfid", "put_tags", "GGGG"),
        ("rfid", "put_tags", "3034" * 40),
        ("scale", "put_on", "9" * 5000),
        ("hand", "scan", "\ud800"),
        ("card_terminal", "card_payment", "0"),
        ("scale", "fly", ""),
        ("nobody", "unplug", ""),
    ],
)
def test_what_cannot_be_done_on_the_bench_is_said(opened, device, action, text):
    _, _, bench = opened
    with pytest.raises(CannotTry):
        bench.perform(device, action, text)


def test_faults_are_offered_for_simulated_devices_and_can_be_taken_back(opened):
    house, till, bench = opened
    faults = [action for action in shown(bench, "scale").actions if action.kind is ActionKind.FAULT]
    assert {"unplug", "power", "overload", "trouble_noise", "trouble_flipped_bit"} <= {one.action_id for one in faults}
    bench.perform("scale", "trouble_silent")
    till.wait(lambda: till.light("scale") is DeviceCondition.AWAY)
    bench.perform("scale", "trouble_silent")
    till.wait(lambda: till.light("scale") is DeviceCondition.READY)
    assert not twin(house, "scale").troubles


def test_a_driver_that_is_not_there_is_a_light_and_the_other_devices_work():
    till = Till()
    scanners = (ScannerSection(name="front", driver="no-such"), ScannerSection(name="hand", driver="simulated-scanner"))
    configuration = msgspec.structs.replace(
        sample(),
        scale=ScaleSection(driver="simulated-scale", settings={"protokol": "x"}),
        scanner=scanners,
        customer_display=None,
        card_terminal=None,
        rfid=None,
    )
    house = DeviceHouse(configuration, till, CLOCK, CountingIdentities())
    bench = HouseBench(house)
    till.wait(lambda: till.light("scale") is DeviceCondition.AWAY)
    till.wait(lambda: shown(bench, "hand").condition is DeviceCondition.READY)
    assert "protokol" in str(shown(bench, "scale").sentence)
    # Of two scanners behind one light the worse is shown.
    assert till.light("scanner") is DeviceCondition.AWAY
    house.close(2)


def test_a_drawer_on_its_own_port_is_kicked_there_and_not_by_the_printer():
    till = Till()
    drawer = DrawerSection(driver="simulated-drawer", settings={"line": "network"})
    configuration = msgspec.structs.replace(
        sample(), drawer=drawer, scale=None, scanner=(), customer_display=None, card_terminal=None, rfid=None
    )
    house = DeviceHouse(configuration, till, CLOCK, CountingIdentities())
    till.wait(lambda: till.light("printer") is DeviceCondition.READY)
    till.wait(lambda: twin(house, "drawer") is not None)
    till.wait(lambda: house.submit(ReceiptOrder("kick", None, opens_drawer=True)) and twin(house, "drawer").is_open)
    assert twin(house, "printer").drawer_kicks == 0
    till.wait(lambda: till.light("drawer") is DeviceCondition.ATTENTION, "open drawer")
    # Without a scale nobody waits for one; without a scanner those that type are ready.
    assert till.light("scale") is DeviceCondition.ABSENT
    assert till.light("scanner") is DeviceCondition.READY
    house.close(2)


def test_a_real_drawer_is_opened_by_the_till_only_so_that_it_is_written_down():
    till = Till()
    settings = {"connection": {"by": "network", "host": "192.0.2.1"}}
    configuration = msgspec.structs.replace(
        sample(),
        printer=msgspec.structs.replace(sample().printer, driver="escpos", settings=settings),
        scale=None,
        scanner=(),
        customer_display=None,
        card_terminal=None,
        rfid=None,
    )
    with_till = DeviceHouse(configuration, till, CLOCK, CountingIdentities())
    alone = DeviceHouse(configuration, Till(), CLOCK, CountingIdentities(), HouseParts(at_a_till=False))
    HouseBench(with_till).perform("printer", "open_drawer")
    assert isinstance(till.requests[-1], OpenDrawer)
    with pytest.raises(CannotTry, match="F10"):
        HouseBench(alone).perform("printer", "open_drawer")
    assert not any(action.kind is ActionKind.FAULT for action in shown(HouseBench(alone), "printer").actions)
    assert shown(HouseBench(alone), "printer").place == "192.0.2.1:9100"
    with_till.close(3)
    alone.close(3)


class Alone:
    """A house with the devices of one section each, and what it told."""

    def __init__(self, **sections) -> None:
        none = {
            "scale": None,
            "scanner": (),
            "customer_display": None,
            "card_terminal": None,
            "rfid": None,
            "drawer": None,
        }
        self.till = Till()
        self.house = DeviceHouse(
            msgspec.structs.replace(sample(), **(none | sections)), self.till, CLOCK, CountingIdentities()
        )
        self.bench = HouseBench(self.house)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.house.close(2)


def test_a_scale_that_refuses_to_be_zeroed_is_as_well_as_before():
    with Alone(scale=sample().scale) as alone:
        till = alone.till
        till.wait(lambda: till.light("scale") is DeviceCondition.READY)
        alone.bench.perform("scale", "put_on", "5000")
        alone.house.follow(replace(IDLE, question=APPLES))
        till.wait(lambda: bool(till.readings) and till.readings[-1].sellable)
        alone.bench.perform("scale", "zero")
        till.wait(lambda: bool(till.notices), "the refusal")
        assert "zero" in str(till.notices[-1].sentence)
        assert till.light("scale") is DeviceCondition.READY


def test_the_printers_key_opens_no_real_drawer_on_another_port():
    drawer = DrawerSection(
        driver="serial-drawer", settings={"connection": {"by": "network", "host": "127.0.0.1", "port": 9}}
    )
    with Alone(drawer=drawer) as alone:
        alone.till.wait(lambda: alone.till.light("printer") is DeviceCondition.READY)
        assert twin(alone.house, "printer") is not None
        alone.bench.perform("printer", "open_drawer")
        assert isinstance(alone.till.requests[-1], OpenDrawer)
        assert twin(alone.house, "printer").drawer_kicks == 0


def test_a_real_card_terminal_is_not_asked_for_trial_payments():
    terminal = msgspec.structs.replace(
        sample().card_terminal,
        driver="nexo-terminal",
        settings={
            "connection": {"by": "network", "host": "192.0.2.3", "port": 9001},
            "sale_id": "TILL-1",
            "poi_id": "P400-1",
        },
    )
    with Alone(card_terminal=terminal) as alone, pytest.raises(CannotTry):
        alone.bench.perform("card_terminal", "card_payment", "1")


def test_a_printer_that_is_set_up_wrongly_says_so_on_the_bench_too():
    printer = msgspec.structs.replace(sample().printer, settings={"profile": {"paper_mm": "wide"}})
    with Alone(printer=printer) as alone:
        alone.till.wait(lambda: shown(alone.bench, "printer").condition is DeviceCondition.AWAY)
        assert "paper_mm" in str(shown(alone.bench, "printer").sentence)


def test_a_flooded_line_does_not_hold_up_the_closing():
    with Alone(scale=sample().scale) as alone:
        alone.till.wait(lambda: alone.till.light("scale") is DeviceCondition.READY)
        alone.bench.perform("scale", "trouble_flood")
        alone.bench.perform("scale", "trouble_noise")
        alone.till.wait(lambda: sum(len(one.data) for one in shown(alone.bench, "scale").traffic) > 4096)
        began = time.monotonic()
    assert time.monotonic() - began < 10


def test_no_fault_of_a_device_keeps_a_view_from_the_screens(caplog):
    with Alone(scale=sample().scale) as alone:
        alone.till.wait(lambda: alone.till.light("scale") is DeviceCondition.READY)
        scale = next(device for device in alone.house.attached if device.name == "scale")
        worker, scale.worker = scale.worker, object()
        alone.house.follow(replace(IDLE, question=APPLES))
        scale.worker = worker
    assert "devices_do_not_follow" in caplog.text
