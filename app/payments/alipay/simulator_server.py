"""Serves a simulated Alipay over HTTP on loopback, and closes every connection when it stops."""

import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final
from urllib.parse import parse_qsl, urlsplit

PATH: Final = "/gateway.do"
_LARGEST_REQUEST_BYTES: Final = 1 << 20
_IDLE_S: Final = 30


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    cut_after: int | None = None
    """Bytes of the body after which the connection ends; None for all of it."""


Answering = Callable[[str, str, bytes], Answer | None]
"""From a method, a target and a body to an answer; None drops the connection."""


def plain(status: int, body: bytes, kind: str = "text/html;charset=utf-8", **headers: str) -> Answer:
    """Return an answer; Alipay calls even its JSON a page."""
    return Answer(status, body, {"Content-Type": kind, **headers})


def query_of(target: str) -> dict[str, str]:
    """Return a target's query."""
    return dict(parse_qsl(urlsplit(target).query, keep_blank_values=True))


class SimulatorServer:
    """A port that can be closed and opened again."""

    def __init__(self, answering: Answering, host: str, port: int) -> None:
        """Prepare; any free port where it is 0."""
        self.host = host
        self.port = port
        self._answering = answering
        self._server: _Server | None = None
        self._kept: socket.socket | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Open the port and serve it in the background."""
        if self._server is not None:
            return
        self._let_port_go()
        self._server = _Server((self.host, self.port), self._answering)
        self.port = int(self._server.server_address[1])
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 1 / 100}, name="alipay-simulator", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Close the port and every connection, and wait for all of it."""
        self._let_port_go()
        self._close()

    def step_out(self) -> None:
        """Close as `stop` does, and keep the port from being given to anybody else until `start`."""
        self._close()
        if self._kept is None:
            self._kept = socket.socket()
            self._kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            # Bound and not listened on: connections are refused.
            self._kept.bind((self.host, self.port))

    def _let_port_go(self) -> None:
        if self._kept is not None:
            self._kept.close()
            self._kept = None

    def _close(self) -> None:
        server, thread = self._server, self._thread
        self._server = self._thread = None
        if server is None or thread is None:
            return
        server.shutdown()
        thread.join()
        server.end_connections()
        server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    block_on_close = True

    def __init__(self, address: tuple[str, int], answering: Answering) -> None:
        self.answering = answering
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__(address, _Handler)

    def opened(self, connection: socket.socket) -> None:
        with self._lock:
            self._open.add(connection)

    def ended(self, connection: socket.socket) -> None:
        with self._lock:
            self._open.discard(connection)

    def end_connections(self) -> None:
        with self._lock:
            for connection in self._open:
                end(connection)

    def handle_error(self, request: object, client_address: object) -> None:
        """Leave out the trace of a client that went away: that is what is simulated."""


def end(connection: socket.socket) -> None:
    """End a connection; whoever reads from it is woken."""
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        # It was ended by the other side already.
        return


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = _IDLE_S
    disable_nagle_algorithm = True
    server: _Server

    def setup(self) -> None:
        self.server.opened(self.request)
        super().setup()

    def finish(self) -> None:
        self.server.ended(self.request)
        super().finish()

    def do_GET(self) -> None:
        self._serve(b"")

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "0")
        size = int(length) if length.isdecimal() else _LARGEST_REQUEST_BYTES + 1
        if size > _LARGEST_REQUEST_BYTES:
            self.close_connection = True
            return
        self._serve(self.rfile.read(size))

    def _serve(self, body: bytes) -> None:
        answer = self.server.answering(self.command, self.path, body)
        if answer is None:
            self.close_connection = True
            end(self.connection)
            return
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body if answer.cut_after is None else answer.body[: answer.cut_after])
        if answer.cut_after is not None:
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name in the base class
        """Write nothing: targets hold numbers."""
