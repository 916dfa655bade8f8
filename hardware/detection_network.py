"""Looks for receipt printers and tag readers on the network: at given addresses, or in the till's own network."""

import ipaddress
import socket
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import Final

from app.values.problems import Problem
from app.values.wording import Wording, wording
from hardware.detection_findings import FoundDevice, PlaceFinding, PlaceKind, Try
from hardware.detection_probes import PRINTER_STATUS, is_printer_status
from hardware.registry import DeviceClass
from hardware.rfid.llrp import Message, MessageStream, MessageType
from hardware.rfid.llrp_reading import ConnectionAttempt, connection_attempt_of
from hardware.transport import NetworkTransport

PRINTER_PORT: Final = 9100
LLRP_PORT: Final = 5084
_OFFICE_PORT: Final = 631
"""Internet Printing Protocol: who offers it prints pages, and would take three control bytes for one."""

_AT_ONCE: Final = 32
_CONNECT_S: Final = 0.4
_ANSWER_S: Final = 0.7

Tell = Callable[[int, int], None]


def own_address() -> str | None:
    """Return the till's address on the network that leads outside; None where it has none. Sends nothing."""
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as asked, suppress(OSError):
        # 192.0.2.1 is nobody's (RFC 5737); a datagram socket that is connected sends nothing by that.
        asked.connect(("192.0.2.1", 9))
        return str(asked.getsockname()[0])
    return None


@dataclass(frozen=True, slots=True)
class NetworkSearch:
    """How a network is searched."""

    own_address: Callable[[], str | None] = own_address
    printer_port: int = PRINTER_PORT
    llrp_port: int = LLRP_PORT
    office_port: int = _OFFICE_PORT
    at_once: int = _AT_ONCE
    """Addresses that are tried at the same time."""

    connect_s: float = _CONNECT_S
    answer_s: float = _ANSWER_S

    def neighbours(self) -> tuple[str, ...]:
        """Return the other addresses of the till's own network of 256; none where its address is not private."""
        own = self.own_address()
        if own is None:
            return ()
        address = ipaddress.ip_address(own)
        if not address.is_private or address.is_loopback or address.is_link_local:
            return ()
        network = ipaddress.ip_network(f"{own}/24", strict=False)
        return tuple(str(host) for host in network.hosts() if str(host) != own)


def probe_hosts(
    hosts: Iterable[str],
    search: NetworkSearch,
    cancel: threading.Event,
    *,
    search_own: bool = False,
    tell: Tell,
) -> tuple[PlaceFinding, ...]:
    """Ask addresses for printers and tag readers, many at a time.

    Args:
        hosts: addresses that were named: each is told of, whether somebody is there or not.
        search: how.
        cancel: ends the search within about a second.
        search_own: also the neighbours, of whom only those that are there are told of.
        tell: is told how many addresses of how many are done, on the caller's thread.
    """
    named = tuple(dict.fromkeys(hosts))
    neighbours = tuple(host for host in search.neighbours() if host not in named) if search_own else ()
    places: list[PlaceFinding] = []
    if search_own and not neighbours:
        places.append(
            PlaceFinding(
                PlaceKind.NETWORK,
                "",
                "",
                wording("The till is on no network of its own that could be searched. Name the devices' addresses."),
            )
        )
    pool = ThreadPoolExecutor(max_workers=search.at_once, thread_name_prefix="detection")
    try:
        pending = {
            pool.submit(_probe_host, host, search, cancel, is_named=host in named): host
            for host in (*named, *neighbours)
        }
        places += _gathered(pending, cancel, tell)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
    return tuple(sorted(places, key=lambda place: _order(place.place)))


def _gathered(
    pending: dict["Future[tuple[PlaceFinding, ...]]", str], cancel: threading.Event, tell: Tell
) -> list[PlaceFinding]:
    total = len(pending)
    places: list[PlaceFinding] = []
    left = set(pending)
    while left and not cancel.is_set():
        tell(total - len(left), total)
        finished, left = wait(left, timeout=0.2, return_when=FIRST_COMPLETED)
        for one in finished:
            places += one.result()
    return places


def _order(place: str) -> tuple[bytes, str]:
    with suppress(ValueError):
        return ipaddress.ip_address(place.rpartition(":")[0]).packed, place
    return b"", place


def _probe_host(
    host: str, search: NetworkSearch, cancel: threading.Event, *, is_named: bool
) -> tuple[PlaceFinding, ...]:
    if cancel.is_set():
        return ()
    found = []
    printer = f"{host}:{search.printer_port}"
    if _answers(host, search.printer_port, search):
        if not is_named and _answers(host, search.office_port, search):
            found.append(_place(printer, wording("{place} is a printer for pages. It was not asked.", place=printer)))
        else:
            found.append(_probe_printer(host, search))
    if not cancel.is_set() and _answers(host, search.llrp_port, search):
        found.append(_probe_reader(host, search))
    if not found and is_named:
        found.append(_place(host, wording("Nobody answers at {place}.", place=host)))
    return tuple(found)


def _answers(host: str, port: int, search: NetworkSearch) -> bool:
    """Tell whether somebody listens on a port, without saying anything."""
    try:
        with socket.create_connection((host, port), search.connect_s):
            return True
    except OSError:
        return False


def _place(
    place: str, sentence: Wording, found: FoundDevice | None = None, tries: tuple[Try, ...] = ()
) -> PlaceFinding:
    return PlaceFinding(PlaceKind.NETWORK, place, "", sentence, found, tries)


def _probe_printer(host: str, search: NetworkSearch) -> PlaceFinding:
    place = f"{host}:{search.printer_port}"
    heard = _exchanged(host, search.printer_port, PRINTER_STATUS, search)
    answered = is_printer_status(heard)
    tried = Try("escpos", "", PRINTER_STATUS, heard[:64], answered=answered)
    if not answered:
        sentence = wording("{place} takes data and does not say that it prints receipts.", place=place)
        return _place(place, sentence, tries=(tried,))
    connection = {"by": "network", "host": host, "port": search.printer_port}
    found = FoundDevice(DeviceClass.RECEIPT_PRINTER, "escpos", {"connection": connection})
    return _place(place, wording("A receipt printer answers at {place}.", place=place), found, (tried,))


def _probe_reader(host: str, search: NetworkSearch) -> PlaceFinding:
    """Listen for an LLRP reader's greeting, and say good-bye at once."""
    place = f"{host}:{search.llrp_port}"
    good_bye = Message(MessageType.CLOSE_CONNECTION, 1).encode()
    heard = _exchanged(host, search.llrp_port, b"", search, good_bye)
    attempts = [connection_attempt_of(message) for message in MessageStream().feed(heard)]
    attempt = next((one for one in attempts if one is not None), None)
    tried = Try("llrp", "", b"", heard[:64], answered=attempt is not None)
    if attempt is None:
        return _place(place, wording("{place} takes calls and is no tag reader.", place=place), tries=(tried,))
    connection = {"by": "network", "host": host, "port": search.llrp_port}
    found = FoundDevice(DeviceClass.RFID_READER, "llrp", {"connection": connection})
    if attempt is ConnectionAttempt.SUCCESS:
        return _place(place, wording("A tag reader answers at {place}.", place=place), found, (tried,))
    sentence = wording("A tag reader answers at {place}; another program has it now.", place=place)
    return _place(place, sentence, found, (tried,))


def _exchanged(host: str, port: int, question: bytes, search: NetworkSearch, last_word: bytes = b"") -> bytes:
    """Ask, and return what came within the time; nothing where the line broke."""
    line = NetworkTransport(host, port, connect_timeout_s=search.connect_s)
    heard = b""
    with suppress(Problem):
        line.open()
        if question:
            line.write(question, search.answer_s)
        heard = line.read(search.answer_s)
        if last_word and heard:
            line.write(last_word, search.answer_s)
    line.close()
    return heard
