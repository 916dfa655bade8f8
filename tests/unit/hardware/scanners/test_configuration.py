"""What a till's file may say of its scanner, and the worker it gets."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from app.devices.frames import Frame
from app.values.clock import FixedClock
from hardware.connections import BadDriverSettings
from hardware.registry import DeviceClass, UnknownDriver, load_drivers
from hardware.scanners.configuration import (
    CAMERA,
    EVDEV,
    SERIAL,
    SIMULATED,
    CameraNeedsWindow,
    build_scanner,
    make_camera_scanner,
)
from hardware.scanners.worker import ScannerWorker
from hardware.simulated.lines import twin_behind
from hardware.simulated.scanner import SimulatedScanner
from hardware.transport import MissingSupport, Transport

CLOCK = FixedClock(datetime(2026, 11, 22, 4, 0, tzinfo=UTC))


def built(driver: str, settings: dict[str, Any], **options: Any) -> ScannerWorker:
    return build_scanner(driver, settings, lambda _: None, clock=CLOCK, **options)


def test_every_driver_of_scanners_can_be_used_here() -> None:
    registry = load_drivers()
    for driver in (SERIAL, EVDEV, CAMERA, SIMULATED):
        try:
            driver.self_check()
        except MissingSupport:
            continue  # evdev on another system
        assert registry.driver(driver.driver_id, DeviceClass.SCANNER) is driver


def test_a_serial_scanner_is_built_without_being_opened() -> None:
    connection = {"by": "serial", "port": "/dev/nowhere", "baud": 115200}
    worker = built("serial-scanner", {"connection": connection, "reading": {"aim": "always"}}, device="left")

    assert worker.device == "left"
    assert worker.driver.capabilities.tells_symbology
    assert worker.driver.capabilities.notices_unplugging
    assert worker.close(1.0)


def test_a_scanner_behind_a_serial_server_may_go_unnoticed() -> None:
    worker = built("serial-scanner", {"connection": {"by": "network", "host": "192.0.2.7", "port": 4001}})

    assert not worker.driver.capabilities.notices_unplugging


@pytest.mark.skipif(not hasattr(__import__("os"), "mkfifo"), reason="evdev is Linux only")
def test_a_scanner_kept_for_the_till_is_built() -> None:
    worker = built("evdev-scanner", {"path": "/dev/input/by-id/usb-Scanner-event-kbd"})

    assert not worker.driver.capabilities.reads_pictures


@pytest.mark.parametrize("line", ["memory", "network", "serial"])
def test_the_simulated_scanner_can_be_reached_through_its_line(line: str) -> None:
    seen: list[Transport] = []

    def wrap(transport: Transport) -> Transport:
        seen.append(transport)
        return transport

    built("simulated-scanner", {"line": line}, wrap=wrap)

    assert isinstance(twin_behind(seen[0]), SimulatedScanner)


@pytest.mark.parametrize(
    ("driver", "settings", "names"),
    [
        ("serial-scanner", {}, "connection"),
        ("serial-scanner", {"connection": {"by": "file", "path": "x"}}, "by"),
        ("serial-scanner", {"connection": {"by": "network", "host": "h"}, "reading": {"suffix": "none"}}, "suffix"),
        ("serial-scanner", {"connection": {"by": "network", "host": "h"}, "reading": {"idle_ms": 1}}, "idle_ms"),
        ("serial-scanner", {"connection": {"by": "network", "host": "h"}, "beep": True}, "beep"),
        ("evdev-scanner", {"path": ""}, "path"),
        ("camera", {"folder": "x", "symbologies": ["ean-14"]}, "symbologies"),
        ("camera", {"folder": "x", "symbologies": []}, "symbologies"),
        ("simulated-scanner", {"line": "usb"}, "line"),
    ],
)
def test_a_wrong_setting_is_named(driver: str, settings: dict[str, Any], names: str) -> None:
    with pytest.raises(BadDriverSettings, match=names):
        built(driver, settings)


def test_an_unknown_driver_is_answered_with_the_known_ones() -> None:
    with pytest.raises(UnknownDriver, match="camera, evdev-scanner, serial-scanner, simulated-scanner"):
        built("laser", {})


class OneColour:
    def open(self) -> None: ...
    def next_frame(self, timeout_s: float) -> Frame | None:
        return Frame(1, 1, b"\0")

    def close(self) -> None: ...


def test_a_camera_needs_the_windows_pictures_or_a_folder(tmp_path: Path) -> None:
    with pytest.raises(CameraNeedsWindow, match="opened by the till's window"):
        built("camera", {"camera": "Overhead"})
    assert built("camera", {"folder": str(tmp_path)}).driver.capabilities.reads_pictures
    # The window's pictures go before the folder, which does not even exist.
    driver = make_camera_scanner({"folder": str(tmp_path / "none")}, frames=OneColour())
    driver.open()
    assert driver.listen(0.0) == ()
    assert driver.ready
    driver.close()
