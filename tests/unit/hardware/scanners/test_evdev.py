"""A scanner that types, kept for the till alone; the kernel's side is a pipe."""

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from hardware.scanners.evdev import (
    DeviceForbidden,
    DeviceTaken,
    EvdevTransport,
    InputDevice,
    input_devices,
    require_linux,
)
from hardware.scanners.keys import EVENT_NATIVE
from hardware.transport import DeviceAway, MissingSupport

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="evdev is Linux only")
PATH = Path("/dev/input/event7")


def tap(key: int) -> bytes:
    return EVENT_NATIVE.pack(0, 0, 1, key, 1) + EVENT_NATIVE.pack(0, 0, 1, key, 0) + EVENT_NATIVE.pack(0, 0, 0, 0, 0)


class Kernel:
    """The other side: a pipe, and what was asked by ioctl."""

    def __init__(self) -> None:
        self.read_end, self.write_end = os.pipe()
        os.set_blocking(self.read_end, False)
        self.grabs: list[int] = []
        self.held_keys: set[int] = set()
        self.refuses: int | None = None

    def open_device(self, path: Path) -> int:
        assert path == PATH
        return self.read_end

    def ioctl(self, descriptor: int, request: int, argument: int | bytearray) -> object:
        assert descriptor == self.read_end
        if isinstance(argument, int):
            assert request == 0x40044590
            if self.refuses is not None and argument:
                raise OSError(self.refuses, os.strerror(self.refuses))
            self.grabs.append(argument)
        else:
            assert request == 0x80604518  # EVIOCGKEY(96)
            for key in self.held_keys:
                argument[key // 8] |= 1 << key % 8
        return 0

    def transport(self) -> EvdevTransport:
        return EvdevTransport(PATH, open_device=self.open_device, ioctl=self.ioctl, platform="linux")


@pytest.fixture
def kernel() -> Iterator[Kernel]:
    made = Kernel()
    yield made
    for descriptor in (made.read_end, made.write_end):
        try:
            os.close(descriptor)
        except OSError as error:
            assert error.errno == errno.EBADF  # noqa: PT017 - the transport closed it


def test_keys_come_as_characters_and_the_device_is_grabbed_meanwhile(kernel: Kernel) -> None:
    transport = kernel.transport()
    transport.open()
    assert kernel.grabs == [1]
    assert transport.read(0.0) == b""
    os.write(kernel.write_end, tap(2) + tap(28))

    assert transport.read(1.0) == b"1\r"
    assert transport.write(b"hello", 0.1) == 0
    transport.close()
    assert kernel.grabs == [1, 0]


def test_after_lost_events_the_keys_still_held_are_asked_for(kernel: Kernel) -> None:
    transport = kernel.transport()
    transport.open()
    kernel.held_keys = {42}  # left shift
    os.write(kernel.write_end, EVENT_NATIVE.pack(0, 0, 0, 3, 0) + EVENT_NATIVE.pack(0, 0, 0, 0, 0))
    assert transport.read(1.0) == b"\0"
    os.write(kernel.write_end, tap(30))

    assert transport.read(1.0) == b"A"
    transport.close()


def test_a_scanner_that_is_pulled_out_is_away(kernel: Kernel) -> None:
    transport = kernel.transport()
    transport.open()
    os.close(kernel.write_end)

    with pytest.raises(DeviceAway, match="cannot be reached"):
        transport.read(1.0)
    transport.close()
    with pytest.raises(DeviceAway):
        transport.read(0.0)


def test_a_scanner_that_another_program_keeps_is_told_so(kernel: Kernel) -> None:
    kernel.refuses = errno.EBUSY

    with pytest.raises(DeviceTaken, match="Another program"):
        kernel.transport().open()
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(kernel.read_end)


def test_a_user_who_may_not_read_it_is_told_of_the_group() -> None:
    def refuse(path: Path) -> int:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    with pytest.raises(DeviceForbidden, match=r"group input.*udev rule"):
        EvdevTransport(PATH, open_device=refuse, platform="linux").open()


def test_a_scanner_that_is_not_there_is_away(tmp_path: Path) -> None:
    with pytest.raises(DeviceAway, match="No such file"):
        EvdevTransport(tmp_path / "event9", platform="linux").open()


def test_a_file_that_is_no_input_device_is_refused(tmp_path: Path) -> None:
    (tmp_path / "event9").write_bytes(b"")

    with pytest.raises(DeviceAway, match="ioctl"):
        EvdevTransport(tmp_path / "event9", platform="linux").open()


def test_other_systems_are_told_what_to_do_instead() -> None:
    with pytest.raises(MissingSupport, match="Only Linux"):
        require_linux("win32")
    with pytest.raises(MissingSupport, match="USB-COM"):
        EvdevTransport(PATH, platform="win32").open()
    require_linux("linux")


LISTING = """\
I: Bus=0019 Vendor=0000 Product=0001 Version=0000
N: Name="Power Button"
P: Phys=LNXPWRBN/button/input0
H: Handlers=kbd event0
B: PROP=0
B: EV=3
B: KEY=10000000000000 0

I: Bus=0011 Vendor=0001 Product=0001 Version=ab41
N: Name="AT Translated Set 2 keyboard"
H: Handlers=sysrq kbd leds event3
B: EV=120013
B: KEY=402000000 3803078f800d001 feffffdfffefffff fffffffffffffffe

I: Bus=0003 Vendor=0c2e Product=0b61 Version=0111
N: Name="Honeywell Voyager 1250g"
H: Handlers=sysrq kbd leds event5
B: EV=120013
B: KEY=10000 7 ff9f207a c14057ff febeffdf ffefffff ffffffff fffffffe

I: Bus=0003 Vendor=1a2b Product=3c4d Version=0110
N: Name="USB Barcode Reader"
H: Handlers=kbd event6
B: EV=120013
B: KEY=1000000000007 ff9f207ac14057ff febeffdfffefffff fffffffffffffffe

I: Bus=0003 Vendor=046d Product=c077 Version=0111
N: Name="USB Optical Mouse"
H: Handlers=mouse0 event8
B: EV=17
B: KEY=ff0000 0 0 0 0
"""


def test_what_types_is_listed_the_likely_scanners_first(tmp_path: Path) -> None:
    listing, by_id = tmp_path / "devices", tmp_path / "by-id"
    listing.write_text(LISTING, encoding="utf-8")
    by_id.mkdir()
    (by_id / "usb-Reader-event-kbd").symlink_to("../event6")

    assert input_devices(listing, by_id) == (
        InputDevice("Honeywell Voyager 1250g", Path("/dev/input/event5"), 0x0C2E, 0x0B61, likely_scanner=True),
        InputDevice("USB Barcode Reader", by_id / "usb-Reader-event-kbd", 0x1A2B, 0x3C4D, likely_scanner=True),
        InputDevice("AT Translated Set 2 keyboard", Path("/dev/input/event3"), 1, 1, likely_scanner=False),
    )


def test_where_the_system_lists_nothing_nothing_is_found(tmp_path: Path) -> None:
    assert input_devices(tmp_path / "none", tmp_path / "none") == ()
    (tmp_path / "odd").write_bytes(b"\xff\n\nH: Handlers=event1\nB: KEY=\n\nB: KEY=zz\n")
    assert input_devices(tmp_path / "odd", tmp_path) == ()
