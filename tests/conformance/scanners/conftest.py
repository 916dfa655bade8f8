"""Scanners on every kind of line, and what a worker says of them, for the tests that every scanner must pass."""

import os
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import pytest

from app.values.clock import FixedClock
from hardware.conversation import ObservedTransport, Recorder
from hardware.scanners.configuration import build_scanner
from hardware.scanners.driver import LineScanner
from hardware.scanners.evdev import EvdevTransport
from hardware.scanners.line_reader import ReadingRules
from hardware.scanners.readings import BadRead, CodeRead, ScannerEvent
from hardware.scanners.worker import ScannerWorker
from hardware.simulated.lines import SimulatedSerialLine, SimulatedServer, twin_behind
from hardware.simulated.scanner import SimulatedScanner
from hardware.transport import Transport
from hardware.worker import DeviceState, ErrorEvent, Patience, StatusUpdate

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)

# Key codes of linux/input-event-codes.h, written down key by key and not taken from the driver.
KEYS = dict(zip("1234567890", range(2, 12), strict=True)) | {"-": 12, "]": 27, "\r": 28, "/": 53, ".": 52, " ": 57}
KEYS |= dict(zip("qwertyuiop", range(16, 26), strict=True)) | dict(zip("asdfghjkl", range(30, 39), strict=True))
KEYS |= dict(zip("zxcvbnm", range(44, 51), strict=True))
SHIFT, CONTROL = 42, 29


def event(kind: int, code: int, value: int) -> bytes:
    return struct.pack("llHHi", 1_700_000_000, 123_456, kind, code, value)


def pressed(code: int, *held: int) -> bytes:
    """What the kernel tells of a key: its scan code, the key, a report; pressed and let go."""
    down = b"".join(event(1, key, 1) for key in held)
    up = b"".join(event(1, key, 0) for key in held)
    report = event(0, 0, 0)
    key = event(4, 4, 0x70000 + code) + event(1, code, 1) + report + event(4, 4, 0x70000 + code)
    return down + key + event(1, code, 0) + up + report


def typed(text: str) -> bytes:
    pieces = []
    for character in text:
        if character == "\x1d":
            pieces.append(pressed(KEYS["]"], CONTROL))
        elif character.isupper():
            pieces.append(pressed(KEYS[character.lower()], SHIFT))
        else:
            pieces.append(pressed(KEYS[character]))
    return b"".join(pieces)


class Subject(Protocol):
    """A scanner as a person holds it in the hand."""

    def scan(self, data: str, symbology: str | None = None) -> bool: ...
    def damaged_scan(self, data: str = "6901234567892") -> bool: ...
    def unplug(self) -> None: ...
    def plug_in(self) -> None: ...


class TypingScanner:
    """A scanner that types, at the far end of a fifo that stands in for /dev/input/event…"""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.grabbed: list[int] = []
        self._writer: int | None = None
        self.plug_in()

    def ioctl(self, descriptor: int, request: int, argument: int | bytearray) -> object:
        if isinstance(argument, int):
            assert request == 0x40044590  # EVIOCGRAB, linux/input.h
            self.grabbed.append(argument)
        return 0

    def scan(self, data: str, symbology: str | None = None) -> bool:
        return self.send(typed((symbology or "") + data + "\r"))

    def damaged_scan(self, data: str = "6901234567892") -> bool:
        # The kernel lost some: SYN_DROPPED, keys of which some are missing, and the report after which all is whole.
        lost = event(0, 3, 0) + typed(data[5:6])[: -24 if struct.calcsize("l") == 8 else -16] + event(0, 0, 0)
        return self.send(typed(data[:5]) + lost + typed(data[8:] + "\r"))

    def send(self, events: bytes) -> bool:
        if self._writer is None:
            return False
        while events:
            events = events[os.write(self._writer, events) :]
        return True

    def unplug(self) -> None:
        self.path.unlink()
        assert self._writer is not None
        os.close(self._writer)
        self._writer = None

    def plug_in(self) -> None:
        os.mkfifo(self.path)
        self._writer = os.open(self.path, os.O_RDWR)

    def close(self) -> None:
        if self._writer is not None:
            with suppress(OSError):
                self.unplug()


class Heard:
    """What a worker said, waited for without sleeping."""

    def __init__(self) -> None:
        self.events: list[ScannerEvent] = []
        self._changed = threading.Condition()

    def __call__(self, event: ScannerEvent) -> None:
        with self._changed:
            self.events.append(event)
            self._changed.notify_all()

    def codes(self) -> list[tuple[str, str | None]]:
        with self._changed:
            return [(one.scanned.data, one.scanned.symbology) for one in self.events if isinstance(one, CodeRead)]

    def bad_reads(self) -> list[str]:
        with self._changed:
            return [str(one.sentence) for one in self.events if isinstance(one, BadRead)]

    def states(self) -> list[DeviceState]:
        with self._changed:
            return [one.state for one in self.events if isinstance(one, StatusUpdate)]

    def errors(self) -> list[ErrorEvent]:
        with self._changed:
            return [one for one in self.events if isinstance(one, ErrorEvent)]

    def wait_until(self, happened: Callable[[], bool], timeout_s: float = 15.0) -> None:
        with self._changed:
            assert self._changed.wait_for(happened, timeout_s), self.events

    def wait_for_state(self, state: DeviceState) -> None:
        self.wait_until(lambda: self.states()[-1:] == [state])

    def wait_for_codes(self, count: int) -> list[tuple[str, str | None]]:
        self.wait_until(lambda: len(self.codes()) >= count)
        return self.codes()


@dataclass
class Counter:
    """A till's counter: a scanner, its worker and what it said."""

    scanner: Any
    worker: ScannerWorker
    heard: Heard
    line: Recorder


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def make_counter(heard: Heard, tmp_path: Path) -> Iterator[Callable[..., Counter]]:
    with ExitStack() as stack:

        def make(kind: str, reading: dict[str, Any] | None = None) -> Counter:
            reading = {"idle_ms": 150} | (reading or {})
            made, line = _counter(kind, reading, heard, tmp_path, stack)
            made.start()
            stack.callback(made.close, 5.0)
            return Counter(line.pop("scanner"), made, heard, line.pop("line"))

        yield make


def _counter(
    kind: str, reading: dict[str, Any], heard: Heard, folder: Path, stack: ExitStack
) -> tuple[ScannerWorker, dict[str, Any]]:
    driver, _, way = kind.partition("-over-")
    recorder = Recorder()
    found: list[Any] = []

    def wrap(transport: Transport) -> Transport:
        found.append(twin_behind(transport))
        return ObservedTransport(transport, recorder)

    clock = FixedClock(NOON)
    if driver == "evdev":
        typing = TypingScanner(folder / "event7")
        stack.callback(typing.close)
        transport = wrap(EvdevTransport(typing.path, ioctl=typing.ioctl))
        rules = ReadingRules(**reading)
        quick = Patience(first_retry_s=0.05, longest_retry_s=0.2)
        worker = ScannerWorker(LineScanner(transport, rules), heard, clock=clock, patience=quick)
        return worker, {"scanner": typing, "line": recorder}
    if driver == "simulated":
        settings = {"line": way, "reading": reading}
        worker = build_scanner("simulated-scanner", settings, heard, clock=clock, wrap=wrap)
        return worker, {"scanner": found[0], "line": recorder}
    twin = SimulatedScanner()
    if way == "network":
        server = stack.enter_context(SimulatedServer(twin))
        connection: dict[str, Any] = {"by": "network", "host": "127.0.0.1", "port": server.port}
    else:
        pty = stack.enter_context(SimulatedSerialLine(twin))
        connection = {"by": "serial", "port": str(pty.path)}
    settings = {"connection": connection, "reading": reading}
    worker = build_scanner("serial-scanner", settings, heard, clock=clock, wrap=wrap)
    return worker, {"scanner": twin, "line": recorder}


_NEEDS_PTY = pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a pseudo-terminal")
LINES = [
    "simulated-over-memory",
    "simulated-over-network",
    pytest.param("simulated-over-serial", marks=_NEEDS_PTY),
    "serial-over-network",
    pytest.param("serial-over-serial", marks=_NEEDS_PTY),
]
_NEEDS_FIFO = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs a fifo and Linux")


@pytest.fixture(params=[*LINES, pytest.param("evdev-over-fifo", marks=_NEEDS_FIFO)])
def counter(request: pytest.FixtureRequest, make_counter: Callable[..., Counter]) -> Counter:
    return make_counter(request.param)


@pytest.fixture(params=LINES)
def line_counter(request: pytest.FixtureRequest, make_counter: Callable[..., Counter]) -> Counter:
    return make_counter(request.param)
