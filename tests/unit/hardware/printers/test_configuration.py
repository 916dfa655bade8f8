"""A till's configuration file becomes a printer, or a sentence that names the wrong key."""

import threading
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest

from app.checkout.ports import PrintState, ReceiptOrder
from app.sales.receipt_layout import BadReceiptLayout
from app.values.problems import Problem
from hardware.drawers.wiring import BadDrawerWiring
from hardware.printers.configuration import (
    BadDriverSettings,
    ReceiptPrinterConfiguration,
    build_receipt_printer,
    make_escpos_driver,
)
from hardware.printers.profile import BadPrinterProfile, PrinterProfile
from hardware.printers.queue import PrintEvent
from hardware.registry import UnknownDriver

TOML = """
driver = "escpos"
[settings.connection]
by = "network"
host = "192.0.2.7"
[settings.profile]
paper_mm = 58
chinese_rom = false
drawer = {pin = 5, on_ms = 120, off_ms = 400, open_when_high = true}
"""


def test_a_printer_is_configured_in_toml() -> None:
    configuration = msgspec.toml.decode(TOML, type=ReceiptPrinterConfiguration)
    profile = make_escpos_driver(configuration.settings).profile
    assert (profile.paper_mm, profile.chinese_rom, profile.drawer.pin, profile.width_dots) == (58, False, 5, 384)


@pytest.mark.parametrize(
    ("settings", "problem", "named"),
    [
        ({}, BadDriverSettings, "connection"),
        ({"connection": {"by": "pigeon"}}, BadDriverSettings, "pigeon"),
        ({"connection": {"by": "network", "host": 7}}, BadDriverSettings, "$.connection.host"),
        ({"connection": {"by": "network", "host": "p", "prot": 1}}, BadDriverSettings, "prot"),
        ({"connection": {"by": "serial", "port": "COM1", "parity": "Q"}}, BadDriverSettings, "$.connection.parity"),
        ({"connection": {"by": "file", "path": "x"}, "profile": {"paper_mm": 76}}, BadPrinterProfile, "76"),
        ({"connection": {"by": "file", "path": "x"}, "profile": {"dots": 100}}, BadPrinterProfile, "100"),
        ({"connection": {"by": "file", "path": "x"}, "profile": {"drawer": {"pin": 4}}}, BadDrawerWiring, "4"),
        ({"connection": {"by": "file", "path": "x"}, "profile": {"papper_mm": 58}}, BadDriverSettings, "papper_mm"),
        ({"connection": {"by": "file", "path": "x"}, "profile": {"drawer": {"pni": 5}}}, BadDriverSettings, "pni"),
    ],
)
def test_a_wrong_setting_is_named(settings: dict[str, object], problem: type[Problem], named: str) -> None:
    with pytest.raises(problem) as refused:
        make_escpos_driver(settings)
    assert named in str(refused.value.sentence)


@pytest.mark.parametrize("by", ["network", "serial", "usb", "file"])
def test_every_kind_of_connection_makes_a_driver_without_touching_the_device(by: str) -> None:
    place = {
        "network": {"host": "192.0.2.7"},
        "serial": {"port": "/dev/ttyS99"},
        "usb": {"vendor_id": 1208, "product_id": 3605},
        "file": {"path": "/dev/usb/lp9"},
    }[by]
    assert make_escpos_driver({"connection": {"by": by, **place}}).profile == PrinterProfile()


def test_an_unknown_driver_and_a_missing_layout_are_refused_before_the_first_sale(samples: SimpleNamespace) -> None:
    with pytest.raises(UnknownDriver):
        build_receipt_printer(ReceiptPrinterConfiguration("typewriter"), lambda: samples.ENGLISH_SPEECH, print)
    with pytest.raises(BadReceiptLayout):
        build_receipt_printer(
            ReceiptPrinterConfiguration(layout="/no/such.toml"), lambda: samples.ENGLISH_SPEECH, print
        )


def test_a_till_without_a_printer_prints_on_the_simulated_one(samples: SimpleNamespace) -> None:
    printed = threading.Event()

    def on_event(event: object) -> None:
        if isinstance(event, PrintEvent) and event.state is PrintState.PRINTED:
            printed.set()

    queue = build_receipt_printer(ReceiptPrinterConfiguration(), lambda: samples.CHINESE_SPEECH, on_event)
    queue.start()
    assert queue.submit(ReceiptOrder("job-1", samples.receipt()))
    assert printed.wait(10)
    assert queue.close(5.0)


def test_a_receipt_can_be_printed_into_a_file(samples: SimpleNamespace, tmp_path: Path) -> None:
    printed = threading.Event()

    def on_event(event: object) -> None:
        if isinstance(event, PrintEvent) and event.state is PrintState.PRINTED:
            printed.set()

    settings = {"connection": {"by": "file", "path": str(tmp_path / "receipts.bin")}}
    configuration = ReceiptPrinterConfiguration("escpos", settings)
    queue = build_receipt_printer(configuration, lambda: samples.CHINESE_SPEECH, on_event)
    queue.start()
    queue.submit(ReceiptOrder("job-1", samples.receipt()))
    assert printed.wait(10)
    assert queue.close(5.0)
    # 合计 in GB18030
    assert bytes.fromhex("bacfbcc6") in (tmp_path / "receipts.bin").read_bytes()
