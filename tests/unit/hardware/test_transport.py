"""Whatever happens to a cable becomes a sentence a person can act on."""

import os
import socket
from pathlib import Path
from typing import Any

import pytest

from hardware.simulated.printer import SimulatedPrinter
from hardware.simulated.usb_bus import SimulatedUsbBus, SimulatedUsbDevice
from hardware.transport import (
    DeviceAway,
    FileTransport,
    MissingSupport,
    NetworkTransport,
    SerialTransport,
    UsbTransport,
)
from hardware.usb import UsbBusy, UsbForbidden, UsbPrinter, usb_printers


def test_nobody_listening_is_a_device_that_is_away() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed_again:
        port = closed_again.getsockname()[1]
    with pytest.raises(DeviceAway, match=f"127.0.0.1:{port} cannot be reached"):
        NetworkTransport("127.0.0.1", port, connect_timeout_s=0.5).open()


def test_a_name_that_nobody_knows_is_a_device_that_is_away() -> None:
    with pytest.raises(DeviceAway):
        NetworkTransport("printer.invalid", connect_timeout_s=0.5).open()


def test_a_device_that_hangs_up_is_noticed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        transport = NetworkTransport("127.0.0.1", listener.getsockname()[1])
        transport.open()
        connection, _ = listener.accept()
        connection.sendall(b"\x12")
        assert transport.read(1.0) == b"\x12"
        assert transport.read(0) == b""
        connection.close()
        with pytest.raises(DeviceAway):
            transport.read(1.0)
        transport.close()
        with pytest.raises(DeviceAway):
            transport.write(b"x", 0.1)


def test_a_network_device_that_takes_nothing_more_makes_nobody_wait() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        transport = NetworkTransport("127.0.0.1", listener.getsockname()[1])
        transport.open()
        with listener.accept()[0]:
            block = bytes(1_000_000)
            assert any(transport.write(block, 0.05) == 0 for _ in range(100))
        transport.close()


def test_a_plain_file_keeps_what_was_printed_and_never_answers(tmp_path: Path) -> None:
    transport = FileTransport(tmp_path / "printed.bin")
    for _ in range(2):
        transport.open()
        assert not transport.can_read
        assert transport.write(b"\x1b@abc", 0.1) == 5
        assert transport.read(0.1) == b""
        transport.close()
    assert (tmp_path / "printed.bin").read_bytes() == b"\x1b@abc" * 2


def test_a_file_that_cannot_be_written_is_a_device_that_is_away(tmp_path: Path) -> None:
    with pytest.raises(DeviceAway):
        FileTransport(tmp_path / "missing" / "lp0").open()
    with pytest.raises(DeviceAway):
        FileTransport(tmp_path / "never-opened").write(b"x", 0.1)


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a pseudo-terminal")
def test_a_device_node_is_read_as_well() -> None:
    import tty

    far, near = os.openpty()
    tty.setraw(near)
    try:
        transport = FileTransport(Path(os.ttyname(near)))
        transport.open()
        assert transport.can_read
        os.write(far, b"\x16\n")
        assert transport.read(1.0) == b"\x16\n"
        assert transport.read(0.01) == b""
        assert transport.write(b"hello", 0.5) == 5
        transport.close()
    finally:
        os.close(far)
        os.close(near)


def test_a_serial_line_that_is_not_there_is_a_device_that_is_away() -> None:
    with pytest.raises(DeviceAway, match="no-such-line"):
        SerialTransport("/dev/no-such-line").open()


@pytest.fixture
def printer() -> SimulatedPrinter:
    return SimulatedPrinter()


def test_a_usb_printer_is_taken_from_the_system_and_given_back(printer: SimulatedPrinter) -> None:
    device = SimulatedUsbDevice(printer, held_by_system=True, configured=False)
    transport = UsbTransport(0x0416, 0x5011, backend=SimulatedUsbBus([device]))
    transport.open()
    assert device.claimed
    assert device.configured
    assert not device.held_by_system
    # DLE EOT 1: bit 1 and 4 are always set, bit 2 is the drawer's pin.
    assert transport.write(b"\x10\x04\x01", 0.5) == 3
    assert transport.read(0.5) == b"\x16"
    assert transport.read(0) == b""
    transport.close()
    assert device.held_by_system
    assert not device.claimed
    with pytest.raises(DeviceAway):
        transport.write(b"x", 0.1)


@pytest.mark.parametrize("configured", [(0x82, 0x01), (None, None)])
def test_endpoints_are_found_by_the_descriptors_where_the_configured_ones_are_not_there(
    printer: SimulatedPrinter, configured: tuple[int | None, int | None]
) -> None:
    bus = SimulatedUsbBus([SimulatedUsbDevice(printer, in_endpoint=0x84, out_endpoint=0x02)])
    transport = UsbTransport(0x0416, 0x5011, in_endpoint=configured[0], out_endpoint=configured[1], backend=bus)
    transport.open()
    transport.write(b"\x10\x04\x02", 0.5)
    assert transport.read(0.5) == b"\x12"
    transport.close()


def test_one_of_two_equal_usb_printers_is_chosen_by_its_serial_number(printer: SimulatedPrinter) -> None:
    other = SimulatedPrinter()
    bus = SimulatedUsbBus(
        [SimulatedUsbDevice(other, serial_number="A1"), SimulatedUsbDevice(printer, serial_number="A2")]
    )
    transport = UsbTransport(0x0416, 0x5011, serial_number="A2", backend=bus)
    transport.open()
    transport.write(b"here\n", 0.5)
    transport.close()
    assert printer.texts == ("here\n",)
    assert other.texts == ()


@pytest.mark.parametrize(
    ("trait", "problem", "said"),
    [
        ({"forbidden": True}, UsbForbidden, 'ATTR{idVendor}=="0416", ATTR{idProduct}=="5011"'),
        ({"taken": True}, UsbBusy, "Another program is using the device USB 0416:5011"),
        ({"product_id": 0x5012}, DeviceAway, "USB 0416:5011 is not connected"),
    ],
)
def test_a_usb_printer_that_cannot_be_had_says_why_and_what_to_do(
    printer: SimulatedPrinter, trait: dict[str, Any], problem: type[DeviceAway], said: str
) -> None:
    transport = UsbTransport(0x0416, 0x5011, backend=SimulatedUsbBus([SimulatedUsbDevice(printer, **trait)]))
    with pytest.raises(problem) as refused:
        transport.open()
    assert said in str(refused.value.sentence)


def test_a_usb_printer_that_is_pulled_out_is_noticed_and_one_plugged_in_again_is_used_again(
    printer: SimulatedPrinter,
) -> None:
    transport = UsbTransport(0x0416, 0x5011, backend=SimulatedUsbBus([SimulatedUsbDevice(printer)]))
    transport.open()
    printer.unplug()
    with pytest.raises(DeviceAway):
        transport.read(0.1)
    with pytest.raises(DeviceAway):
        transport.write(b"x", 0.1)
    with pytest.raises(DeviceAway):
        transport.open()
    printer.plug_in()
    transport.open()
    assert transport.write(b"x\n", 0.1) == 2
    transport.close()


def test_a_usb_printer_that_cannot_answer_is_written_to_all_the_same(printer: SimulatedPrinter) -> None:
    transport = UsbTransport(0x0416, 0x5011, backend=SimulatedUsbBus([SimulatedUsbDevice(printer, in_endpoint=None)]))
    transport.open()
    assert transport.write(b"one way\n", 0.5) == 8
    assert transport.read(0.01) == b""
    transport.close()
    assert printer.texts == ("one way\n",)


def test_the_printers_on_usb_are_listed_with_what_they_say_of_themselves(printer: SimulatedPrinter) -> None:
    scanner = SimulatedUsbDevice(SimulatedPrinter(), interface_class=3, vendor_id=0x05E0)
    bus = SimulatedUsbBus([scanner, SimulatedUsbDevice(printer, maker="Xprinter", model="XP-80", serial_number="")])
    assert usb_printers(bus) == (UsbPrinter(0x0416, 0x5011, "Xprinter", "XP-80", "", 0x81, 0x03),)
    printer.unplug()
    assert usb_printers(bus) == ()


def test_a_printer_that_this_user_may_not_open_is_listed_without_its_names(printer: SimulatedPrinter) -> None:
    bus = SimulatedUsbBus([SimulatedUsbDevice(printer, forbidden=True)])
    assert usb_printers(bus) == (UsbPrinter(0x0416, 0x5011, "", "", "", 0x81, 0x03),)


def test_without_libusb_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    from usb.backend import libusb0, libusb1, openusb

    for backend in (libusb0, libusb1, openusb):
        monkeypatch.setattr(backend, "get_backend", lambda: None)
    with pytest.raises(MissingSupport, match=r"libusb-1\.0-0"):
        UsbTransport(0x04B8, 0x0E15).open()
    with pytest.raises(MissingSupport, match=r"libusb-1\.0-0"):
        usb_printers()


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a pseudo-terminal")
def test_a_port_without_signal_wires_is_a_device_that_is_away() -> None:
    far, near = os.openpty()
    try:
        transport = SerialTransport(os.ttyname(near))
        # Said before the port is open: how the wire is to be from then on.
        transport.set_signal("dtr", on=False)
        transport.open()
        with pytest.raises(DeviceAway):
            transport.signal("cts")
        transport.close()
    finally:
        os.close(far)
        os.close(near)
