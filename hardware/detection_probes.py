"""Asks a serial line who is there: listens first, then asks, from the most harmless question to the least.

The order, and why each question does no harm to others:

1. Listen. What speaks by itself is not disturbed: an OS2 or ACS-P215 scale is known by what it says, and anything else
   that speaks is left alone.
2. `DLE EOT 1` at four speeds: a receipt printer's real-time status; nothing is printed, others ignore control bytes.
   First of all, so that no printer gets the letters below.
3. `ENQ`: CAS, OS2 (polled) and Prix III scales answer; it is a control byte without effect elsewhere.
4. `EOT STX 08 ETX`: a Dialog 06 scale's status.
5. `W CR`: an NCI or NCI-ECR scale gives its weight. A pole display may show the letter.
6. `Ehello`, then always `F`: a Mettler-Toledo 8217 echoes, and stops echoing. Last, for it sends the most letters, and
   an NCI scale would take them for the beginning of its command.
"""

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from app.devices.weighing import MassUnit
from app.values.problems import Problem
from app.values.wording import Wording, wording
from hardware.connections import SerialConnection
from hardware.detection_findings import FoundDevice, PlaceFinding, PlaceKind, Try
from hardware.detection_places import SerialPort
from hardware.printers.status import ReplySorter
from hardware.registry import DeviceClass
from hardware.scales.cas import Cas
from hardware.scales.dialog06 import Dialog06
from hardware.scales.mettler_toledo_8217 import MettlerToledo8217
from hardware.scales.nci import Nci
from hardware.scales.nci_ecr import NciEcr
from hardware.scales.os2 import Os2
from hardware.scales.pattern import ACS_P215, LineFormat, PatternLanguage
from hardware.scales.prix3 import Prix3
from hardware.scales.protocol import ScaleProtocol, Weighed
from hardware.transport import Transport

_LISTEN_S: Final = 0.4
"""An OS2 speaks ten times a second."""

_ANSWER_S: Final = 0.35
"""How long a device may think before it begins to answer."""

_QUIET_S: Final = 0.06
"""After so long without a byte an answer is at its end."""

_LONGEST_S: Final = 1.5
"""No answer takes longer; what speaks on is no answer."""

_WRITE_S: Final = 0.5
_SHOWN_BYTES: Final = 64
_DRAINED_PIECES: Final = 16
_MOST_BYTES: Final = 1024
"""More is not read of one answer: what floods is no answer."""

PRINTER_STATUS: Final = b"\x10\x04\x01"
"""`DLE EOT 1`, a receipt printer's real-time status."""

PRINTER_BAUDS: Final = (9600, 19200, 38400, 115200)
SCANNER_MAKERS: Final = frozenset({0x05E0, 0x0C2E, 0x05F9, 0x1EAB})
"""USB vendor ids of Zebra, Honeywell, Datalogic and Newland: their serial devices are scanners, which obey."""

LineOpener = Callable[[SerialConnection], Transport]


@dataclass(frozen=True, slots=True)
class _Question:
    """How one make is asked."""

    driver: str
    baud: int = 9600
    data_bits: int = 8
    parity: Literal["N", "E", "O"] = "N"
    ask: Callable[["_Talk"], FoundDevice | None] = field(default=lambda _: None)

    def connection(self, port: str) -> SerialConnection:
        """Return the line, set as this make has it."""
        return SerialConnection(port, self.baud, self.data_bits, self.parity)

    @property
    def line(self) -> str:
        """How the line is set, for a person."""
        return f"{self.baud} {self.data_bits}{self.parity}1"


class _Talk:
    """An open line, and what was said on it."""

    def __init__(self, transport: Transport, question: _Question, port: str, monotonic_s: Callable[[], float]) -> None:
        self._transport = transport
        self._monotonic_s = monotonic_s
        self.question = question
        self.connection = _settings(question.connection(port))
        self.sent = b""
        self.received = b""

    def say(self, data: bytes) -> None:
        """Send it whole, as far as the device takes it."""
        self.sent += data
        deadline = self._monotonic_s() + _WRITE_S
        while data and (left_s := deadline - self._monotonic_s()) > 0:
            data = data[self._transport.write(data, left_s) :]

    def hear(self, first_s: float = _ANSWER_S, *, whole_s: float = 0.0) -> bytes:
        """Return what comes: until nothing came for a moment, or for a whole while."""
        heard = b""
        began = self._monotonic_s()
        end = began + whole_s
        wait_s = max(first_s, whole_s)
        while len(heard) < _MOST_BYTES and self._monotonic_s() - began < _LONGEST_S:
            piece = self._transport.read(wait_s)
            heard += piece
            left_s = end - self._monotonic_s()
            if not piece and left_s <= 0:
                break
            wait_s = max(_QUIET_S, left_s)
        self.received += heard
        return heard


def _unheard(asked: int, questions: int) -> None:
    """Nobody wants to know how far it is."""


def probe_port(
    port: SerialPort,
    opener: LineOpener,
    cancel: threading.Event,
    *,
    left_alone: bool = False,
    tell: Callable[[int, int], None] = _unheard,
    monotonic_s: Callable[[], float] = time.monotonic,
) -> PlaceFinding:
    """Ask a serial line who is there.

    Args:
        port: the line.
        opener: opens it.
        cancel: ends the questions after the one under way.
        left_alone: nothing is opened or sent.
        tell: is told before each question how many were asked, and of how many.
        monotonic_s: seconds that never go back.
    """
    if port.is_console:
        return _place(port, wording("{port} is the system's console. It was left alone.", port=port.path))
    if left_alone:
        return _place(port, wording("{port} was left alone.", port=port.path))
    tries: list[Try] = []
    try:
        return _questioned(port, lambda question: _ask(port.path, question, opener, monotonic_s), cancel, tries, tell)
    except Problem as problem:
        return _place(port, problem.sentence, tries=tries)


def _questioned(
    port: SerialPort,
    ask: Callable[[_Question], tuple["_Talk", FoundDevice | None]],
    cancel: threading.Event,
    tries: list[Try],
    tell: Callable[[int, int], None],
) -> PlaceFinding:
    for question in (_Question("listen", ask=_listened), *QUESTIONS):
        if cancel.is_set():
            break
        tell(len(tries), len(QUESTIONS) + 1)
        talk, found = ask(question)
        tries.append(_try(talk, found))
        if found is not None:
            return _place(port, _found_sentence(port.path, found), found, tries)
        if question.driver == "listen":
            if talk.received:
                sentence = wording(
                    "Something speaks on {port} by itself, and no driver knows it. It was not asked.", port=port.path
                )
                return _place(port, sentence, tries=tries)
            if port.vendor_id in SCANNER_MAKERS:
                return _scanner(port, talk, tries)
    if cancel.is_set():
        return _place(port, wording("{port} was not asked to the end.", port=port.path), tries=tries)
    sentence = wording(
        "Nobody answers on {port}. A scanner or a pole display cannot answer: set it up by hand.", port=port.path
    )
    return _place(port, sentence, tries=tries)


def _ask(
    port: str, question: _Question, opener: LineOpener, monotonic_s: Callable[[], float]
) -> tuple[_Talk, FoundDevice | None]:
    transport = opener(question.connection(port))
    transport.open()
    try:
        talk = _Talk(transport, question, port, monotonic_s)
        if question.driver != "listen":
            # What is left of an answer to the question before is no answer to this one.
            for _ in range(_DRAINED_PIECES):
                if not transport.read(0.0):
                    break
        return talk, question.ask(talk)
    finally:
        transport.close()


def _try(talk: _Talk, found: FoundDevice | None) -> Try:
    return Try(
        talk.question.driver,
        talk.question.line,
        talk.sent,
        talk.received[:_SHOWN_BYTES],
        answered=found is not None,
    )


def _place(
    port: SerialPort, sentence: Wording, found: FoundDevice | None = None, tries: Iterable[Try] = ()
) -> PlaceFinding:
    return PlaceFinding(PlaceKind.SERIAL, port.path, port.description, sentence, found, tuple(tries))


def _scanner(port: SerialPort, talk: _Talk, tries: list[Try]) -> PlaceFinding:
    found = FoundDevice(DeviceClass.SCANNER, "serial-scanner", {"connection": talk.connection})
    sentence = wording("{port} is a scanner, by its maker. It was not asked: scanners obey.", port=port.path)
    return _place(port, sentence, found, tries)


def _found_sentence(port: str, found: FoundDevice) -> Wording:
    if found.device_class is DeviceClass.RECEIPT_PRINTER:
        return wording("A receipt printer answers on {port}.", port=port)
    return wording("A scale answers on {port} (driver {driver}).", port=port, driver=found.driver)


def _settings(connection: SerialConnection) -> dict[str, Any]:
    """Return a line as it stands in `store.toml`; what is usual is left out."""
    settings: dict[str, Any] = {"by": "serial", "port": connection.port, "baud": connection.baud}
    if connection.data_bits != 8:
        settings["data_bits"] = connection.data_bits
    if connection.parity != "N":
        settings["parity"] = connection.parity
    return settings


def _scale(talk: _Talk, driver: str, **settings: Any) -> FoundDevice:  # noqa: ANN401 - whatever the driver is told
    return FoundDevice(DeviceClass.SCALE, driver, {**settings, "connection": talk.connection})


def _weighs(protocol: ScaleProtocol, heard: bytes) -> bool:
    """Tell whether bytes hold a whole and right answer that says a weight, or why there is none."""
    return any(isinstance(one, Weighed) for one in protocol.take(heard).findings)


# The questions.


def _listened(talk: _Talk) -> FoundDevice | None:
    heard = talk.hear(whole_s=_LISTEN_S)
    if _weighs(Os2("pushed"), heard):
        return _scale(talk, "os2")
    acs = PatternLanguage(LineFormat(ACS_P215, b"\r\n", MassUnit.GRAM, 0, b"", b"", b""))
    # Two whole lines: the shape is so simple that one could be chance.
    if _weighs(acs, heard) and heard.count(b"\r ") >= 2:
        return _scale(talk, "pattern-scale")
    return None


def is_printer_status(heard: bytes) -> bool:
    """Tell whether bytes are the one that answers `DLE EOT 1`, alone or beside an automatic status of four bytes."""
    sorter = ReplySorter()
    sorter.take(heard)
    return len(sorter.direct) == 1 and len(heard) == (1 if sorter.automatic is None else 5)


def _printer(talk: _Talk) -> FoundDevice | None:
    """Ask twice: the answer has four fixed bits only, and noise may have them once."""
    for _ in range(2):
        talk.say(PRINTER_STATUS)
        if not is_printer_status(talk.hear()):
            return None
    return FoundDevice(DeviceClass.RECEIPT_PRINTER, "escpos", {"connection": talk.connection})


def _enquiry(talk: _Talk) -> FoundDevice | None:
    """Ask CAS, OS2 and Prix III with the one `ENQ` that they share."""
    cas = Cas()
    talk.say(cas.ask())
    heard = talk.hear()
    if _weighs(Prix3(), heard):
        return _scale(talk, "toledo-prix3")
    reply = cas.take(heard).reply
    if not reply:
        return None
    talk.say(reply)
    answer = talk.hear()
    if _weighs(cas, answer):
        return _scale(talk, "cas")
    return _scale(talk, "os2", mode="polled") if _weighs(_enquired_os2(heard), answer) else None


def _enquired_os2(heard: bytes) -> ScaleProtocol:
    os2 = Os2("polled")
    os2.ask()
    os2.take(heard)
    return os2


def _dialog06(talk: _Talk) -> FoundDevice | None:
    protocol = Dialog06()
    talk.say(protocol.ask())
    return _scale(talk, "dialog06") if protocol.take(talk.hear()).findings else None


def _echo(talk: _Talk) -> FoundDevice | None:
    """Have an 8217 echo, always stop it, and ask once for a weight to see which unit it is set to."""
    talk.say(b"Ehello")
    try:
        heard = talk.hear()
    finally:
        talk.say(b"F")
        talk.hear(_QUIET_S)
    if b"\x02E\r" not in heard or not heard.partition(b"\x02E\r")[2].startswith(b"hello"):
        return None
    talk.say(b"W")
    weight = talk.hear()
    if _weighs(MettlerToledo8217(MassUnit.POUND), weight) and not _weighs(MettlerToledo8217(), weight):
        return _scale(talk, "mettler-toledo-8217", unit="lb")
    return _scale(talk, "mettler-toledo-8217")


def _weight(talk: _Talk) -> FoundDevice | None:
    """Ask NCI and NCI-ECR with the one `W CR` that they share."""
    talk.say(b"W\r")
    heard = talk.hear()
    if heard:
        # The first answer may be to what the questions before left with it.
        talk.say(b"W\r")
        heard += talk.hear()
    for driver, protocol in (("nci", Nci()), ("nci-ecr", NciEcr())):
        protocol.ask()
        if _weighs(protocol, heard):
            return _scale(talk, driver)
    return None


QUESTIONS: Final = (
    *(_Question("escpos", baud, ask=_printer) for baud in PRINTER_BAUDS),
    _Question("cas", ask=_enquiry),
    _Question("dialog06", data_bits=7, parity="O", ask=_dialog06),
    _Question("nci", data_bits=7, parity="E", ask=_weight),
    _Question("nci", ask=_weight),
    _Question("mettler-toledo-8217", data_bits=7, parity="E", ask=_echo),
)
"""Every question, the most harmless first; Dialog 06 is asked for its status only."""
