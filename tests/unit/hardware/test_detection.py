"""Devices on real lines of this computer are found for what they are; what must not be touched is not."""

import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.connections import SerialConnection
from hardware.detection import DetectionRequest, DetectionSources, detect
from hardware.detection_findings import Findings, PlaceFinding, PlaceKind, Progress
from hardware.detection_lines import ExclusiveLine, LineTaken, held_by_others
from hardware.detection_network import NetworkSearch
from hardware.detection_places import SerialPort
from hardware.detection_probes import is_printer_status, probe_port
from hardware.detection_proposal import proposed_toml
from hardware.registry import DeviceClass
from hardware.scales.configuration import PROTOCOLS, make_real
from hardware.simulated.device import SimulatedDevice
from hardware.simulated.lines import SimulatedSerialLine, SimulatedServer
from hardware.simulated.printer import SimulatedPrinter
from hardware.simulated.rfid_reader import SimulatedReaderServer, SimulatedRfidReader
from hardware.simulated.scale import SimulatedScale
from hardware.transport import DeviceAway, MissingSupport

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")


class Parrot(SimulatedDevice):
    """Answers whatever it is told to the bytes it is told; keeps all it heard."""

    def __init__(self, answers: dict[bytes, bytes] | None = None, *, says: bytes = b"", echoes: bool = False) -> None:
        super().__init__()
        self.heard = bytearray()
        self._answers, self._says, self._echoes = answers or {}, says, echoes
        if says:
            self.speaks_every_s = 0.1

    def _heard(self, data: bytes) -> None:
        if not data:
            return
        self.heard += data
        if self._echoes:
            self._say(data)
        for question, answer in self._answers.items():
            if bytes(self.heard).endswith(question):
                self._say(answer)

    def _spoken(self) -> bytes:
        return self._says


@dataclass(frozen=True)
class Typing:
    path: Path
    name: str
    likely_scanner: bool


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def port_of(stack: ExitStack, twin: object, **facts: object) -> SerialPort:
    path = str(stack.enter_context(SimulatedSerialLine(twin)).path)
    return SerialPort(path, frozenset({path}), **facts)


def sources(*ports: SerialPort, **others: object) -> DetectionSources:
    return DetectionSources(
        serial_ports=lambda: ports,
        system_usb_printers=tuple,
        network=others.pop("network", NetworkSearch(own_address=lambda: None)),
        **others,
    )


def only(findings: Findings) -> PlaceFinding:
    (place,) = findings.places
    return place


@pytest.mark.parametrize(
    ("protocol", "driver", "line"),
    [
        ("mettler-toledo-8217", "mettler-toledo-8217", {"data_bits": 7, "parity": "E"}),
        ("nci", "nci", {"data_bits": 7, "parity": "E"}),
        ("nci-ecr", "nci-ecr", {"data_bits": 7, "parity": "E"}),
        ("cas", "cas", {}),
        ("os2", "os2", {}),
        ("os2-polled", "os2", {}),
        ("dialog06", "dialog06", {"data_bits": 7, "parity": "O"}),
        ("toledo-prix3", "toledo-prix3", {}),
    ],
)
def test_every_scale_is_found_by_its_own_question(
    protocol: str, driver: str, line: dict[str, object], stack: ExitStack
) -> None:
    scale = SimulatedScale(protocol)
    scale.put_on(1245)
    port = port_of(stack, scale)
    place = only(detect(sources=sources(port)))
    assert place.found is not None, place.tries
    assert (place.found.device_class, place.found.driver, place.found.sure) == (DeviceClass.SCALE, driver, True)
    assert place.found.settings["connection"] == {"by": "serial", "port": port.path, "baud": 9600, **line}
    assert place.tries[-1].answered
    assert driver in str(place.sentence)
    # The proposal is what the scale's driver takes.
    written = tomllib.loads(proposed_toml(Findings((place,))))
    assert written["scale"]["driver"] in PROTOCOLS
    make_real(written["scale"]["driver"], written["scale"]["settings"])


def test_an_8217_that_counts_pounds_is_found_with_its_unit_and_echoes_no_more(stack: ExitStack) -> None:
    scale = Parrot({b"Ehello": b"\x02E\rhello", b"W": b"\x0202.50\r"})
    place = only(detect(sources=sources(port_of(stack, scale))))
    assert place.found is not None
    assert (place.found.driver, place.found.settings["unit"]) == ("mettler-toledo-8217", "lb")
    assert bytes(scale.heard).endswith(b"EhelloFW")


def test_a_serial_printer_is_asked_before_any_letter_is_sent(stack: ExitStack) -> None:
    printer = SimulatedPrinter()
    place = only(detect(sources=sources(port_of(stack, printer))))
    assert place.found is not None
    assert (place.found.device_class, place.found.driver) == (DeviceClass.RECEIPT_PRINTER, "escpos")
    assert [one.probe for one in place.tries] == ["listen", "escpos"]
    assert printer.texts == () or not any(text.strip() for text in printer.texts)
    assert printer.drawer_kicks == 0


def test_a_printer_without_paper_is_a_printer(stack: ExitStack) -> None:
    printer = SimulatedPrinter()
    printer.take_paper_out()
    assert only(detect(sources=sources(port_of(stack, printer)))).found is not None


def test_a_silent_line_is_asked_everything_once_and_told_of(stack: ExitStack) -> None:
    silent = Parrot()
    place = only(detect(sources=sources(port_of(stack, silent))))
    assert place.found is None
    assert "Nobody answers" in str(place.sentence)
    assert [one.probe for one in place.tries] == [
        "listen",
        *["escpos"] * 4,
        "cas",
        "dialog06",
        "nci",
        "nci",
        "mettler-toledo-8217",
    ]
    assert bytes(silent.heard) == b"\x10\x04\x01" * 4 + b"\x05" + b"\x04\x0208\x03" + b"W\r" * 2 + b"EhelloF"
    assert [one.line for one in place.tries[-3:]] == ["9600 7E1", "9600 8N1", "9600 7E1"]


def test_a_line_that_echoes_everything_is_no_device(stack: ExitStack) -> None:
    place = only(detect(sources=sources(port_of(stack, Parrot(echoes=True)))))
    assert place.found is None, place.found


@pytest.mark.parametrize("said", [b"\x00\xff\x17garbage", b"$GPGGA,123519,4807.038,N*47\r\n", b" 1234 \r\n"])
def test_what_speaks_by_itself_and_is_unknown_is_not_asked(said: bytes, stack: ExitStack) -> None:
    stranger = Parrot(says=said)
    place = only(detect(sources=sources(port_of(stack, stranger))))
    assert place.found is None
    assert bytes(stranger.heard) == b""
    assert place.tries[0].received.startswith(said[:4])


def test_a_scale_that_pushes_lines_is_found_by_listening(stack: ExitStack) -> None:
    place = only(detect(sources=sources(port_of(stack, Parrot(says=b"\r 1245")))))
    assert place.found is not None
    assert place.found.driver == "pattern-scale"
    make_real("pattern-scale", place.found.settings)


def test_a_scanner_is_known_by_its_maker_and_not_asked(stack: ExitStack) -> None:
    scanner = Parrot()
    place = only(detect(sources=sources(port_of(stack, scanner, vendor_id=0x0C2E, description="Voyager 1450g"))))
    assert place.found is not None
    assert place.found.driver == "serial-scanner"
    assert bytes(scanner.heard) == b""
    written = tomllib.loads(proposed_toml(Findings((place,))))
    assert written["scanner"][0]["settings"]["connection"]["by"] == "serial"
    assert written["scanner"][0]["name"] == "scanner-1"


@pytest.mark.parametrize("by_request", [True, False])
def test_a_port_that_is_to_be_left_alone_is_not_touched(by_request: bool, stack: ExitStack) -> None:
    device = Parrot()
    port = port_of(stack, device)
    names = frozenset({"/dev/ttyS77", port.path})
    request = (
        DetectionRequest(leave_alone=frozenset({"/dev/ttyS77"})) if by_request else DetectionRequest(probe_serial=False)
    )
    place = only(detect(request, sources=sources(SerialPort(port.path, names))))
    assert place.found is None
    assert place.tries == ()
    assert bytes(device.heard) == b""
    assert "left alone" in str(place.sentence)


def test_the_systems_console_is_not_touched(stack: ExitStack) -> None:
    device = Parrot()
    place = only(detect(sources=sources(port_of(stack, device, is_console=True))))
    assert "console" in str(place.sentence)
    assert place.tries == ()
    assert bytes(device.heard) == b""


def test_a_port_that_another_program_has_is_not_touched(stack: ExitStack) -> None:
    device = Parrot()
    port = port_of(stack, device)
    holder = subprocess.Popen(
        [sys.executable, "-c", f"f=open({port.path!r},'rb+',0); print('held', flush=True); input()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        assert holder.stdout.readline() == b"held\n"
        assert held_by_others(port.path)
        place = only(detect(sources=sources(port)))
    finally:
        holder.communicate(b"\n", timeout=10)
    assert "in use by another program" in str(place.sentence)
    assert bytes(device.heard) == b""
    assert not held_by_others(port.path)


def test_while_a_line_is_asked_no_other_can_open_it(stack: ExitStack) -> None:
    connection = SerialConnection(port_of(stack, Parrot()).path)
    first, second = ExclusiveLine(connection), ExclusiveLine(connection)
    first.open()
    try:
        with pytest.raises(LineTaken):
            second.open()
    finally:
        first.close()
    second.open()
    second.close()


def test_a_port_that_is_not_there_becomes_a_sentence() -> None:
    place = only(detect(sources=sources(SerialPort("/dev/ttyS99", frozenset({"/dev/ttyS99"})))))
    assert "/dev/ttyS99 cannot be opened" in str(place.sentence)
    with pytest.raises(DeviceAway):
        ExclusiveLine(SerialConnection("/dev/ttyS99")).open()


def test_a_search_can_be_cancelled_and_says_how_far_it_is(stack: ExitStack) -> None:
    cancel = threading.Event()
    heard: list[Progress] = []
    first, second = Parrot(), Parrot()

    def on_progress(progress: Progress) -> None:
        heard.append(progress)
        if progress.done == 1 and progress.part == 2:
            cancel.set()

    ports = (port_of(stack, first, vendor_id=0x0C2E), port_of(stack, second))
    findings = detect(sources=sources(*ports), on_progress=on_progress, cancel=cancel)
    assert not findings.complete
    # Listening and nine questions; the scanner is known after listening.
    assert [(one.done, one.steps, one.part, one.parts) for one in heard] == [
        (0, 3, 0, 10),
        (1, 3, 0, 10),
        (1, 3, 1, 10),
        (1, 3, 2, 10),
    ]
    assert findings.places[0].found is not None
    assert "not asked to the end" in str(findings.places[1].sentence)
    assert bytes(second.heard) == b"\x10\x04\x01" * 2


def test_progress_ends_at_the_last_step() -> None:
    heard: list[Progress] = []
    findings = detect(sources=sources(), on_progress=heard.append)
    assert findings == Findings(())
    assert heard[-1].done == heard[-1].steps


def test_devices_that_type_are_listed_and_a_keyboard_is_not_taken_for_sure() -> None:
    typing = (
        Typing(Path("/dev/input/by-id/usb-Newland-event-kbd"), "Newland Scanner", True),
        Typing(Path("/dev/input/event3"), "AT Keyboard", False),
    )
    findings = detect(sources=sources(input_devices=lambda: typing))
    assert [place.kind for place in findings.places] == [PlaceKind.INPUT] * 2
    text = proposed_toml(findings)
    assert tomllib.loads(text) == {
        "scanner": [
            {
                "name": "scanner-1",
                "driver": "evdev-scanner",
                "settings": {"path": "/dev/input/by-id/usb-Newland-event-kbd"},
            }
        ]
    }
    assert "# [[scanner]]" in text


def test_a_computer_without_libusb_says_so() -> None:
    def usb_printers() -> tuple[()]:
        raise MissingSupport("Install libusb.")

    findings = detect(sources=sources(usb_printers=usb_printers))
    assert [str(sentence) for sentence in findings.missing] == ["Install libusb."]
    assert proposed_toml(findings) == "# Install libusb.\n"


def test_printers_and_tag_readers_on_the_network_are_found_where_they_are_named(stack: ExitStack) -> None:
    printer = stack.enter_context(SimulatedServer(SimulatedPrinter()))
    reader = SimulatedRfidReader()
    tags = stack.enter_context(SimulatedReaderServer(reader))
    network = NetworkSearch(
        own_address=lambda: None, printer_port=printer.port, llrp_port=tags.port, connect_s=1.0, answer_s=2.0
    )
    findings = detect(DetectionRequest(hosts=("127.0.0.1",)), sources=sources(network=network))
    assert {place.found.driver for place in findings.places if place.found} == {"escpos", "llrp"}
    written = tomllib.loads(proposed_toml(findings))
    assert written["printer"]["settings"]["connection"] == {"by": "network", "host": "127.0.0.1", "port": printer.port}
    assert written["rfid"]["settings"]["connection"] == {"by": "network", "host": "127.0.0.1", "port": tags.port}
    assert written["drawer"] == {"driver": "printer"}
    reader.refuse_connections()
    busy = detect(DetectionRequest(hosts=("127.0.0.1",)), sources=sources(network=network))
    assert any("another program" in str(place.sentence) for place in busy.places)


class Line:
    """A line on which every question gets the same answer at once; waiting on it turns its clock."""

    can_read = True
    now_s = 0.0

    def __init__(self, unasked: bytes, answer: bytes) -> None:
        self._waiting, self._answer = unasked, answer

    def monotonic_s(self) -> float:
        return self.now_s

    def open(self) -> None:
        """Nothing to do."""

    def close(self) -> None:
        """Nothing to do."""

    def write(self, data: bytes, timeout_s: float) -> int:
        self._waiting = self._answer
        return len(data)

    def read(self, timeout_s: float) -> bytes:
        data, self._waiting = self._waiting, b""
        self.now_s += 0.001 if data else timeout_s
        return data


@settings(deadline=None)
@given(st.binary(max_size=40), st.binary(max_size=40) | st.sampled_from([b"\x06", b"\x15", b"\x12", b"\x12\x12", b"2"]))
def test_whatever_a_line_answers_becomes_a_sentence(unasked: bytes, answer: bytes) -> None:
    port = SerialPort("COM7", frozenset({"COM7"}))
    line = Line(unasked, answer)
    place = probe_port(port, lambda _: line, threading.Event(), monotonic_s=line.monotonic_s)
    assert str(place.sentence)
    assert all(len(one.received) <= 64 for one in place.tries)
    if place.found is not None and place.found.driver == "escpos":
        # b4 and b1 set, b0 and b7 clear, as Epson fixes them for DLE EOT
        assert any(byte & 0x93 == 0x12 for byte in answer)


@pytest.mark.parametrize(
    ("heard", "is_printer"),
    [
        (b"\x12", True),
        (b"\x1e", True),  # drawer open, offline
        (b"\x14\x00\x00\x00\x16", True),  # an automatic status came first
        (b"", False),
        (b"\x10\x04\x01", False),  # an echo
        (b"\x12\x12", False),
        (b"\x06", False),
        (b"2.45", False),
    ],
)
def test_a_printers_status_is_one_byte_of_a_known_shape(heard: bytes, is_printer: bool) -> None:
    assert is_printer_status(heard) is is_printer
