"""The network is searched gently: private neighbours only, many at once, and it can be stopped."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from hardware.detection_network import NetworkSearch, own_address, probe_hosts
from hardware.registry import DeviceClass


class Listener:
    """Takes calls on a port of one of this computer's own addresses, says something, and keeps what it hears."""

    def __init__(self, host: str, port: int = 0, *, greeting: bytes = b"", answer: bytes = b"") -> None:
        self._listener = socket.create_server((host, port))
        self._listener.settimeout(0.05)
        self.port = self._listener.getsockname()[1]
        self.heard = b""
        self._greeting, self._answer = greeting, answer
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        with self._listener:
            while not self._stopping.is_set():
                try:
                    connection, _ = self._listener.accept()
                except TimeoutError:
                    continue
                with connection:
                    self._talk(connection)

    def _talk(self, connection: socket.socket) -> None:
        connection.settimeout(0.05)
        try:
            connection.sendall(self._greeting)
            while not self._stopping.is_set():
                try:
                    data = connection.recv(1024)
                except TimeoutError:
                    continue
                if not data:
                    return
                self.heard += data
                connection.sendall(self._answer)
        except OSError:
            return

    def close(self) -> None:
        self._stopping.set()
        self._thread.join()


@pytest.fixture
def listen() -> Iterator[Callable[..., Listener]]:
    with ExitStack() as stack:

        def make(*args: object, **kwargs: object) -> Listener:
            listener = Listener(*args, **kwargs)
            stack.callback(listener.close)
            return listener

        yield make


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as closed_again:
        return closed_again.getsockname()[1]


def search(**settings: object) -> NetworkSearch:
    ports = {name: free_port() for name in ("printer_port", "llrp_port", "office_port") if name not in settings}
    return NetworkSearch(**{"own_address": lambda: None, "answer_s": 0.3, **ports, **settings})


def unheard(part: int, parts: int) -> None:
    """Nobody listens."""


@pytest.mark.parametrize(
    ("own", "count"),
    [
        ("192.168.7.20", 253),  # 254 addresses of a /24, without the till's own
        ("10.1.2.3", 253),
        ("8.8.8.8", 0),  # somebody else's
        ("127.0.0.1", 0),
        ("169.254.3.4", 0),
        (None, 0),
    ],
)
def test_only_a_private_network_of_256_is_searched(own: str | None, count: int) -> None:
    neighbours = NetworkSearch(own_address=lambda: own).neighbours()
    assert len(neighbours) == count
    assert own not in neighbours
    assert all(host.rpartition(".")[0] == own.rpartition(".")[0] for host in neighbours)


def test_the_tills_own_address_is_an_address_or_nothing() -> None:
    address = own_address()
    assert address is None or address.count(".") == 3


def test_a_port_9100_that_does_not_answer_as_a_printer_is_told_and_not_proposed(
    listen: Callable[..., Listener],
) -> None:
    web = listen("127.0.0.1", answer=b"HTTP/1.0 400 Bad Request\r\n\r\n")
    (place,) = probe_hosts(("127.0.0.1",), search(printer_port=web.port), threading.Event(), tell=unheard)
    assert place.found is None
    assert "does not say that it prints receipts" in str(place.sentence)
    assert web.heard == b"\x10\x04\x01"


def test_a_port_5084_that_is_no_tag_reader_is_told(listen: Callable[..., Listener]) -> None:
    stranger = listen("127.0.0.1", greeting=b"220 mail.example ESMTP\r\n")
    (place,) = probe_hosts(("127.0.0.1",), search(llrp_port=stranger.port), threading.Event(), tell=unheard)
    assert place.found is None
    assert "no tag reader" in str(place.sentence)


def test_a_named_address_where_nobody_is_gets_a_sentence_and_is_asked_once() -> None:
    places = probe_hosts(("127.0.0.1", "127.0.0.1"), search(), threading.Event(), tell=unheard)
    assert [str(place.sentence) for place in places] == ["Nobody answers at 127.0.0.1."]


class Neighbourhood(NetworkSearch):
    """This computer's own loopback addresses as if they were a shop's network."""

    def neighbours(self) -> tuple[str, ...]:
        return tuple(f"127.0.9.{number}" for number in range(1, 255))


def test_a_search_finds_the_one_printer_among_the_neighbours_and_spares_the_office_printer(
    listen: Callable[..., Listener],
) -> None:
    receipts = listen("127.0.9.77", answer=b"\x12")
    office = listen("127.0.9.88", receipts.port)
    ipp = listen("127.0.9.88")
    told: list[int] = []
    network = Neighbourhood(
        printer_port=receipts.port, llrp_port=free_port(), office_port=ipp.port, connect_s=0.5, answer_s=0.5
    )
    places = probe_hosts((), network, threading.Event(), search_own=True, tell=lambda part, parts: told.append(part))
    assert [(place.place, bool(place.found)) for place in places] == [
        (f"127.0.9.77:{receipts.port}", True),
        (f"127.0.9.88:{receipts.port}", False),
    ]
    assert places[0].found.device_class is DeviceClass.RECEIPT_PRINTER
    assert office.heard == b""
    assert told == sorted(told)


def test_a_search_that_is_cancelled_ends_soon() -> None:
    cancel = threading.Event()
    network = Neighbourhood(printer_port=free_port(), llrp_port=free_port(), at_once=2)
    began = time.monotonic()
    probe_hosts((), network, cancel, search_own=True, tell=lambda *_: cancel.set())
    assert time.monotonic() - began < 5


def test_a_till_without_a_network_of_its_own_says_so() -> None:
    (place,) = probe_hosts((), search(), threading.Event(), search_own=True, tell=unheard)
    assert "Name the devices' addresses" in str(place.sentence)
