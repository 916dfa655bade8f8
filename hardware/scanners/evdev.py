"""A scanner that Linux takes for a keyboard, taken for the till alone: its keys never reach another window.

Linux only. The device is grabbed by the ioctl EVIOCGRAB of `linux/input.h`; it is one of /dev/input/event*, best named
by its lasting path under /dev/input/by-id.
"""

import errno
import os
import re
import select
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final

from app.values.problems import Problem
from app.values.wording import wording
from hardware.scanners.keys import MODIFIERS, KeyDecoder
from hardware.transport import DeviceAway, MissingSupport

_EVIOCGRAB: Final = 0x40044590
_KEY_BYTES: Final = 96
_EVIOCGKEY: Final = 0x80004518 | _KEY_BYTES << 16
_READ_BYTES: Final = 64 * 24

PROC_DEVICES: Final = Path("/proc/bus/input/devices")
BY_ID: Final = Path("/dev/input/by-id")

Ioctl = Callable[[int, int, int | bytearray], object]
"""As `fcntl.ioctl`."""


class DeviceForbidden(Problem):
    """Raised when the till's user may not read an input device."""

    code = "DEVICE-FORBIDDEN"


class DeviceTaken(Problem):
    """Raised when another program has grabbed an input device."""

    code = "DEVICE-TAKEN"


def require_linux(platform: str = sys.platform) -> None:
    """Refuse where there is no evdev.

    Raises:
        MissingSupport: on any system but Linux.
    """
    if platform != "linux":
        raise MissingSupport(
            wording(
                "Only Linux can keep a keyboard scanner's keys for the till alone. Here let it type into the till's"
                " window, or set the scanner to serial (USB-COM)."
            )
        )


def _system_ioctl(descriptor: int, request: int, argument: int | bytearray) -> object:
    if sys.platform == "win32":
        raise OSError(errno.ENOSYS, "no ioctl")
    import fcntl

    return fcntl.ioctl(descriptor, request, argument)


def _system_open(path: Path) -> int:
    return os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0))


class EvdevTransport:
    """A `Transport` that gives the characters a grabbed scanner types, one byte each."""

    can_read: ClassVar[bool] = True

    def __init__(
        self,
        path: Path,
        *,
        open_device: Callable[[Path], int] = _system_open,
        ioctl: Ioctl = _system_ioctl,
        make_decoder: Callable[[], KeyDecoder] = KeyDecoder,
        platform: str = sys.platform,
    ) -> None:
        """Say which device; it is opened later.

        Args:
            path: the device.
            open_device: returns a descriptor that does not block; for tests.
            ioctl: for tests.
            make_decoder: turns events into characters.
            platform: as `sys.platform`.
        """
        self._path = path
        self._open_device = open_device
        self._ioctl = ioctl
        self._make_decoder = make_decoder
        self._platform = platform
        self._decoder = make_decoder()
        self._descriptor: int | None = None

    def open(self) -> None:
        """Open and grab the device; see `Transport.open`.

        Raises:
            MissingSupport: on any system but Linux.
            DeviceForbidden: if this user may not read it.
            DeviceTaken: if another program grabbed it.
            DeviceAway: if it is not there.
        """
        self.close()
        require_linux(self._platform)
        self._decoder = self._make_decoder()
        try:
            self._descriptor = self._open_device(self._path)
        except OSError as error:
            raise self._problem(error) from error
        try:
            self._ioctl(self._descriptor, _EVIOCGRAB, 1)
        except OSError as error:
            self.close()
            raise self._problem(error) from error

    def write(self, data: bytes, timeout_s: float) -> int:
        """Take nothing: a keyboard is not spoken to; see `Transport.write`."""
        del data, timeout_s
        return 0

    def read(self, timeout_s: float) -> bytes:
        """Return the characters typed; see `Transport.read`."""
        descriptor = self._descriptor
        if descriptor is None:
            raise self._problem(OSError(errno.ENODEV, "not open"))
        try:
            if not select.select([descriptor], [], [], timeout_s)[0]:
                return b""
            events = os.read(descriptor, _READ_BYTES)
            if not events:
                raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))
            typed = self._decoder.feed(events)
            if self._decoder.resynchronise:
                self._decoder.hold(self._held_keys(descriptor))
        except BlockingIOError:
            return b""
        except OSError as error:
            raise self._problem(error) from error
        return typed

    def close(self) -> None:
        """Give the device back; see `Transport.close`."""
        if self._descriptor is not None:
            # Closing ends the grab; a device that was pulled out cannot be released in order.
            with suppress(OSError):
                self._ioctl(self._descriptor, _EVIOCGRAB, 0)
            os.close(self._descriptor)
            self._descriptor = None

    def _held_keys(self, descriptor: int) -> frozenset[int]:
        bits = bytearray(_KEY_BYTES)
        self._ioctl(descriptor, _EVIOCGKEY, bits)
        return frozenset(key for key in MODIFIERS if bits[key // 8] >> key % 8 & 1)

    def _problem(self, error: OSError) -> Problem:
        path = str(self._path)
        if error.errno in {errno.EACCES, errno.EPERM}:
            return DeviceForbidden(
                wording(
                    "The till's user may not read the scanner {path}. Add the user to the group input"
                    " (sudo usermod -aG input USER) or install a udev rule for the scanner, then log in again.",
                    path=path,
                )
            )
        if error.errno == errno.EBUSY:
            return DeviceTaken(
                wording(
                    "Another program keeps the scanner {path} for itself. Close it: it may be a second till.", path=path
                )
            )
        return DeviceAway(
            wording(
                "The scanner at {path} cannot be reached ({reason}). Check its cable, and that the path is right.",
                path=path,
                reason=error.strerror or str(error),
            )
        )


@dataclass(frozen=True, slots=True)
class InputDevice:
    """A device of this computer that types."""

    name: str
    """What it calls itself."""

    path: Path
    """Where it is opened: its lasting path where it has one, else /dev/input/event…"""

    vendor_id: int
    product_id: int
    likely_scanner: bool
    """Whether its name or maker says that it is a scanner; else it may be a person's keyboard: ask before taking it."""


_WORDS: Final = ("scan", "barcode", "bar code", "imager", "symbol", "datalogic", "newland", "zebex", "metrologic", "扫")
# USB vendor ids of makers that make scanners and no keyboards: Symbol/Zebra, Honeywell/Metrologic, Datalogic, Newland.
_MAKERS: Final = frozenset({0x05E0, 0x0C2E, 0x05F9, 0x1EAB})
_KEYS_OF_A_SCANNER: Final = (*range(2, 12), 28)
"""The digits and Enter."""


def input_devices(listing: Path = PROC_DEVICES, by_id: Path = BY_ID) -> tuple[InputDevice, ...]:
    """Return what could be a scanner, the likely ones first; none where this system does not tell.

    Args:
        listing: the kernel's list of input devices.
        by_id: the folder of lasting names.
    """
    try:
        text = listing.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ()
    lasting = _lasting_paths(by_id)
    found = [device for block in text.split("\n\n") for device in _typing_device(block, lasting)]
    return tuple(sorted(found, key=lambda device: not device.likely_scanner))


def _lasting_paths(by_id: Path) -> dict[str, Path]:
    try:
        return {os.path.basename(link.readlink()): link for link in sorted(by_id.iterdir()) if link.is_symlink()}  # noqa: PTH119 - the target of a link is a name, no path that need exist
    except OSError:
        return {}


def _typing_device(block: str, lasting: dict[str, Path]) -> Iterator[InputDevice]:
    event = re.search(r"^H: Handlers=.*\b(event\d+)\b", block, re.MULTILINE)
    keys = re.search(r"^B: KEY=([0-9a-f ]+)$", block, re.MULTILINE)
    if event is None or keys is None or not _can_type(keys.group(1)):
        return
    name = re.search(r'^N: Name="(.*)"$', block, re.MULTILINE)
    ids = re.search(r"^I: .*Vendor=([0-9a-f]{4}) Product=([0-9a-f]{4})", block, re.MULTILINE)
    vendor, product = (int(ids.group(1), 16), int(ids.group(2), 16)) if ids else (0, 0)
    title = name.group(1) if name else event.group(1)
    likely = vendor in _MAKERS or any(word in title.lower() for word in _WORDS)
    path = lasting.get(event.group(1), Path("/dev/input") / event.group(1))
    yield InputDevice(title, path, vendor, product, likely)


def _can_type(words: str) -> bool:
    """Return whether a device has the keys of a scanner; the first word of its bitmap, in longs, stands last.

    The lowest keys stand in the last word, whose lowest 29 bits are the same for longs of 32 and of 64 bits.
    """
    lowest = int(words.rsplit(maxsplit=1)[-1], 16) if words.strip() else 0
    return all(lowest >> key & 1 for key in _KEYS_OF_A_SCANNER)
