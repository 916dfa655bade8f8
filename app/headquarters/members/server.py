"""Serves a book of members over HTTP on a thread of its own, for `headquarters serve` and for tests.

TLS ends here where a certificate is given, else at the proxy in front: without one it listens on this machine only.
"""

import socket
import threading
from pathlib import Path
from typing import Final

import uvicorn

from app.headquarters.members.book import MemberBook
from app.headquarters.members.web import TillTokens, web_application
from app.values.problems import Problem
from app.values.wording import wording

_START_WITHIN_S: Final = 30
_STOP_WITHIN_S: Final = 30
_MOST_AT_ONCE: Final = 200
_IDLE_S: Final = 5
_LOOPBACK: Final = {"127.0.0.1", "::1", "localhost"}


class CannotServe(Problem):
    """Raised when the server cannot be started."""

    code = "HQ-CANNOT-SERVE"


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()


class MemberServer:
    """A server of one book; used once."""

    def __init__(
        self,
        book: MemberBook,
        tokens: TillTokens | None = None,
        port: int = 0,
        *,
        host: str = "127.0.0.1",
        certificate: tuple[Path, Path] | None = None,
    ) -> None:
        """Take what is served; nothing is opened yet.

        Args:
            book: stays open when the server stops.
            tokens: who knows the tills; None: the book.
            port: 0 for any that is free.
            host: where to listen.
            certificate: the files of a certificate and its key (PEM).

        Raises:
            CannotServe: if another machine could ask and nothing would be encrypted.
        """
        if host not in _LOOPBACK and certificate is None:
            raise CannotServe(
                wording("Without a certificate headquarters is served to this machine only. Name a certificate.")
            )
        self._host, self._port, self._certificate = host, port, certificate
        self._application = web_application(book, tokens or book)
        self._socket: socket.socket | None = None
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def base_url(self) -> str:
        """Where it answers; there once it was started."""
        scheme = "https" if self._certificate else "http"
        name = f"[{self._host}]" if ":" in self._host else self._host
        return f"{scheme}://{name}:{self._port}"

    def start(self) -> None:
        """Listen; return once it answers.

        Raises:
            CannotServe: if the port is taken, or the certificate cannot be read.
        """
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        try:
            self._socket = socket.create_server((self._host, self._port), family=family)
        except OSError as error:
            raise CannotServe(
                wording("Port {port} cannot be listened on. Choose another port.", port=self._port)
            ) from error
        self._port = self._socket.getsockname()[1]
        certificate, key = self._certificate or (None, None)
        self._server = _Server(
            uvicorn.Config(
                self._application,
                log_config=None,
                access_log=False,
                server_header=False,
                lifespan="off",
                timeout_keep_alive=_IDLE_S,
                timeout_graceful_shutdown=_STOP_WITHIN_S,
                limit_concurrency=_MOST_AT_ONCE,
                ssl_certfile=certificate,
                ssl_keyfile=key,
            )
        )
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, name="member-server", daemon=True
        )
        self._thread.start()
        if not self._server.ready.wait(_START_WITHIN_S):
            self.stop()
            raise CannotServe(wording("Headquarters did not begin to answer. Check its certificate, then try again."))

    def wait(self) -> None:
        """Return when the server has stopped."""
        if self._thread is not None:
            self._thread.join()

    def stop(self) -> None:
        """Answer what is under way, then listen no more."""
        if self._server is not None:
            self._server.should_exit = True
        if self._thread is not None:
            self._thread.join(_STOP_WITHIN_S + _IDLE_S)
        if self._socket is not None:
            self._socket.close()
