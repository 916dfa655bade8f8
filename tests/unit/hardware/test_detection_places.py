"""What the system says of its ports and printers, in folders made for the purpose."""

import os
import threading
import tomllib
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.values.wording import wording
from hardware.connections import decode_settings
from hardware.detection_findings import Findings, FoundDevice, PlaceFinding, PlaceKind
from hardware.detection_places import UsbPrinterPlace, serial_ports, system_usb_printers
from hardware.detection_proposal import proposed_toml
from hardware.detection_usb import merged_printers, usb_finding
from hardware.printers.configuration import EscposSettings
from hardware.registry import DeviceClass


@dataclass(frozen=True)
class LibusbPrinter:
    vendor_id: int
    product_id: int
    maker: str = ""
    model: str = ""
    serial_number: str = ""
    in_endpoint: int | None = 0x82
    out_endpoint: int = 0x01


def describe(folder: Path, **facts: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in facts.items():
        (folder / name).write_text(f"{text}\n", encoding="utf-8")


@pytest.fixture
def sysfs(tmp_path: Path) -> Path:
    usb = tmp_path / "sys"
    describe(usb / "1-1", idVendor="04b8", idProduct="0e15", manufacturer="EPSON", product="TM-T20II", serial="J1")
    describe(usb / "1-1:1.0", bInterfaceClass="07", ieee1284_id="MFG:EPSON;CMD:ESC/POS;MDL:TM-T20II;CLS:PRINTER;")
    (usb / "1-1:1.0" / "usbmisc" / "lp0").mkdir(parents=True)
    describe(usb / "1-2", idVendor="03f0", idProduct="1234", product="LaserJet")
    describe(usb / "1-2:1.0", bInterfaceClass="07", ieee1284_id="MFG:HP;COMMAND SET:PJL,PCL,POSTSCRIPT;MDL:LaserJet;")
    describe(usb / "1-3", idVendor="046d", idProduct="c31c", product="Keyboard")
    describe(usb / "1-3:1.0", bInterfaceClass="03")
    describe(usb / "1-4:1.0", bInterfaceClass="07")
    return usb


def test_printers_are_known_by_their_class_and_what_they_say(sysfs: Path, tmp_path: Path) -> None:
    (tmp_path / "dev" / "usb").mkdir(parents=True)
    (tmp_path / "dev" / "usb" / "lp0").touch()
    epson, laser = system_usb_printers(sysfs, tmp_path / "dev")
    assert epson == UsbPrinterPlace(
        0x04B8, 0x0E15, "EPSON", "TM-T20II", "J1", languages="ESC/POS", node=str(tmp_path / "dev/usb/lp0")
    )
    assert (laser.place, laser.languages, laser.node) == ("USB 03f0:1234", "PJL,PCL,POSTSCRIPT", "")
    assert system_usb_printers(tmp_path / "nowhere", tmp_path) == ()


def test_a_receipt_printer_is_proposed_and_a_laser_printer_is_not(sysfs: Path, tmp_path: Path) -> None:
    epson, laser = (usb_finding(one, probe=False) for one in system_usb_printers(sysfs, tmp_path))
    assert epson.found is not None
    assert epson.found.sure
    assert laser.found is None
    written = tomllib.loads(proposed_toml(Findings((laser, epson))))
    assert written["printer"]["settings"]["connection"] == {"by": "usb", "vendor_id": 0x04B8, "product_id": 0x0E15}
    decode_settings(written["printer"]["settings"], EscposSettings, "escpos")


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a pseudo-terminal")
@pytest.mark.parametrize(("answer", "sure"), [(b"\x12", True), (b"@", False)])
def test_a_printer_that_says_nothing_of_its_language_is_asked(answer: bytes, sure: bool) -> None:
    import tty

    far, near = os.openpty()
    tty.setraw(near)
    heard = []

    def reply() -> None:
        heard.append(os.read(far, 16))
        os.write(far, answer)

    thread = threading.Thread(target=reply)
    thread.start()
    place = usb_finding(UsbPrinterPlace(0x0416, 0x5011, "", "POS58", node=os.ttyname(near)))
    thread.join()
    os.close(far)
    os.close(near)
    assert heard == [b"\x10\x04\x01"]
    assert place.found is not None
    assert place.found.sure is sure
    assert ("printer" in tomllib.loads(proposed_toml(Findings((place,))))) is sure


def test_what_system_and_libusb_say_of_one_printer_is_one_printer() -> None:
    by_system = (
        UsbPrinterPlace(1, 2, "Maker", serial_number="A", node="/dev/usb/lp0"),
        UsbPrinterPlace(1, 2, serial_number="B"),
    )
    by_libusb = (
        LibusbPrinter(1, 2, serial_number="B", in_endpoint=0x81, out_endpoint=2),
        LibusbPrinter(1, 2),
        LibusbPrinter(5, 6, "Other"),
    )
    merged = merged_printers(by_system, by_libusb)
    assert [(one.vendor_id, one.serial_number, one.node, one.out_endpoint) for one in merged] == [
        (1, "B", "", 2),
        (1, "A", "/dev/usb/lp0", 1),
        (5, "", "", 1),
    ]
    found = usb_finding(merged[0], probe=False).found
    assert found is not None
    assert found.settings["connection"] == {
        "by": "usb",
        "vendor_id": 1,
        "product_id": 2,
        "in_endpoint": 0x81,
        "out_endpoint": 2,
    }


def test_a_port_goes_by_the_name_that_stays(tmp_path: Path) -> None:
    device = tmp_path / "ttyUSB0"
    device.touch()
    by_id = tmp_path / "by-id"
    by_id.mkdir()
    (by_id / "usb-FTDI_FT232R_A1-if00-port0").symlink_to(device)
    listed = [
        SimpleNamespace(device=str(device), description="FT232R", vid=0x0403, pid=0x6001),
        SimpleNamespace(device="/dev/ttyS0", description="n/a", vid=None, pid=None),
    ]
    plain, lasting = sorted(serial_ports(lambda: listed, by_id), key=lambda port: port.vendor_id or 0)
    assert lasting.path == str(by_id / "usb-FTDI_FT232R_A1-if00-port0")
    assert lasting.names == {lasting.path, str(device)}
    assert (plain.path, plain.description) == ("/dev/ttyS0", "")
    assert serial_ports(lambda: listed[1:], tmp_path / "nowhere")[0].path == "/dev/ttyS0"


def test_the_systems_console_is_known(tmp_path: Path) -> None:
    consoles = tmp_path / "active"
    consoles.write_text("tty0 ttyS0\n", encoding="utf-8")
    listed = [SimpleNamespace(device=f"/dev/ttyS{n}", description="n/a", vid=None, pid=None) for n in (0, 1)]
    ports = serial_ports(lambda: listed, tmp_path / "nowhere", consoles)
    assert [port.is_console for port in ports] == [True, False]


def test_this_computers_own_ports_and_printers_can_be_listed() -> None:
    assert isinstance(serial_ports(), tuple)
    assert isinstance(system_usb_printers(), tuple)


def test_the_first_of_two_printers_is_proposed_and_the_second_stands_ready() -> None:
    places = [
        PlaceFinding(
            PlaceKind.NETWORK,
            host,
            "",
            wording("A receipt printer answers at {place}.", place=host),
            FoundDevice(
                DeviceClass.RECEIPT_PRINTER, "escpos", {"connection": {"by": "network", "host": host, "port": 9100}}
            ),
        )
        for host in ("192.168.1.50", "192.168.1.51")
    ]
    text = proposed_toml(Findings(tuple(places)))
    assert tomllib.loads(text)["printer"]["settings"]["connection"]["host"] == "192.168.1.50"
    assert '# host = "192.168.1.51"' in text
    ready = "\n".join(line.removeprefix("# ") for line in text.splitlines() if "answers" not in line and "51" in line)
    assert tomllib.loads(ready) == {"host": "192.168.1.51"}
    assert proposed_toml(Findings(())) == ""


values = st.text() | st.integers(-(2**60), 2**60) | st.booleans()
keys = st.from_regex(r"[a-z][a-z_]{0,10}", fullmatch=True)


@given(
    st.text(),
    st.text(),
    st.dictionaries(keys, values | st.dictionaries(keys, values, min_size=1, max_size=3), min_size=1, max_size=4),
    st.booleans(),
)
def test_whatever_was_found_is_written_as_toml_that_reads_back(
    place: str, description: str, settings: dict[str, object], sure: bool
) -> None:
    found = FoundDevice(DeviceClass.SCALE, "cas", settings, sure=sure)
    finding = PlaceFinding(PlaceKind.SERIAL, place, description, wording("At {place}.", place=place), found)
    written = tomllib.loads(proposed_toml(Findings((finding, finding))))
    assert written == ({"scale": {"driver": "cas", "settings": settings}} if sure else {})
