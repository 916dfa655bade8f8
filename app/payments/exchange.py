"""Carries one HTTP request and its answer, bounded in time and size, and knows whether anything left the till.

Every call has a connection of its own. A connection kept from an earlier sale may have died unseen, and then a payment
would be lost on it; a new one fails before anything is sent. A call runs on a thread of its own, so that a name server
that does not answer and a server that drips its answer byte by byte are held to the total limit as well.
"""

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    import requests

_Outcome = TypeVar("_Outcome")

MAX_ANSWER_BYTES: Final = 1_000_000
MAX_DOWNLOAD_BYTES: Final = 2_000_000_000
"""A compressed bill of some ten million rows."""

CONNECT_WITHIN_S: Final = 5
"""After this time without a connection, name servers and handshake included, the till has no network: the shopper is
told at once, not when the whole call should have been over."""

_CHUNK: Final = 65_536


class NotSent(Exception):
    """Raised when no connection came about: not one byte of the request left.

    The argument is a short word for log and help: NO-CONNECTION, or CERTIFICATE where the other side proved nothing.
    """


class NoAnswer(Exception):
    """Raised when the request may have arrived and no whole answer came back in time or within bounds.

    The argument is a short word for log and help: TIMEOUT, CONNECTION-LOST or TOO-LARGE.
    """


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """What is sent."""

    method: str
    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class HttpReply:
    """What came back whole."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    """Names in lower case."""

    body: bytes = field(repr=False)


class _Trip:
    """One call under way: whether it has a connection yet, and how to break it off."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._given_up = False
        self.sending = False

    def connected(self, line: socket.socket) -> None:
        """Note the connection, just before the request is sent on it; refuse it where the call was given up."""
        with self._lock:
            if self._given_up:
                line.close()
                raise ConnectionAbortedError
            self._socket = line
            self.sending = True

    def give_up_unless_sending(self) -> bool:
        """Break the call off where it has no connection yet; return whether it is broken off."""
        with self._lock:
            self._given_up = not self.sending
            return self._given_up

    def give_up(self) -> bool:
        """Break the call off; return whether anything may have been sent."""
        with self._lock:
            self._given_up = True
            if self._socket is not None:
                # Wakes the thread that reads; the line may be closed already.
                with contextlib.suppress(OSError):
                    self._socket.shutdown(socket.SHUT_RDWR)
            return self.sending


def exchange(request: HttpRequest, *, total_s: float) -> HttpReply:
    """Send a request and return its whole answer.

    Redirects are answers like others, and proxies of the environment are not used.

    Raises:
        NotSent: NoAnswer: see there.
    """

    def read(response: "requests.Response") -> HttpReply:
        return _reply(response, b"".join(_pieces(response, MAX_ANSWER_BYTES)))

    return _carry(request, read, total_s)


def download(
    request: HttpRequest, into: IO[bytes], *, total_s: float, max_bytes: int = MAX_DOWNLOAD_BYTES
) -> HttpReply:
    """Send a request and write the body of a 200 answer into a file; another answer is returned with its body.

    Raises:
        NotSent: NoAnswer: see there.
    """

    def read(response: "requests.Response") -> HttpReply:
        if response.status_code != 200:
            return _reply(response, b"".join(_pieces(response, MAX_ANSWER_BYTES)))
        into.writelines(_pieces(response, max_bytes))
        return _reply(response, b"")

    return _carry(request, read, total_s)


def _pieces(response: "requests.Response", max_bytes: int) -> Iterator[bytes]:
    """Return the body piece by piece; read until nothing comes, for only then is it known to be whole."""
    read = 0
    while piece := response.raw.read(_CHUNK, decode_content=False):
        read += len(piece)
        if read > max_bytes:
            raise NoAnswer("TOO-LARGE")
        yield piece
    # The line below counts what was promised; a connection that ended too early looks like a body that ended.
    if response.raw.length_remaining:
        raise NoAnswer("CONNECTION-LOST")


def _reply(response: "requests.Response", body: bytes) -> HttpReply:
    return HttpReply(response.status_code, {name.lower(): value for name, value in response.headers.items()}, body)


def _carry(request: HttpRequest, read: Callable[["requests.Response"], _Outcome], total_s: float) -> _Outcome:
    """Run a call on a thread of its own and wait for it no longer than it may take."""
    trip = _Trip()
    outcome: list[_Outcome] = []
    why = ["CONNECTION-LOST"]
    done = threading.Event()

    def run() -> None:
        # The world's errors only: their texts and requests are dropped, for a request holds the shopper's code.
        import requests
        import urllib3

        try:
            outcome.append(_send(request, read, trip, total_s))
        except NoAnswer as missing:
            why[0] = str(missing)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            why[0] = _word(error)
        finally:
            done.set()

    ends_at = time.monotonic() + total_s
    threading.Thread(target=run, name="provider-call", daemon=True).start()
    if not done.wait(min(CONNECT_WITHIN_S, total_s)) and trip.give_up_unless_sending():
        raise NotSent("NO-CONNECTION")
    if done.wait(max(0, ends_at - time.monotonic())):
        if outcome:
            return outcome[0]
        if not trip.sending:
            raise NotSent("CERTIFICATE" if why[0] == "CERTIFICATE" else "NO-CONNECTION")
        raise NoAnswer(why[0])
    if trip.give_up():
        raise NoAnswer("TIMEOUT")
    raise NotSent("NO-CONNECTION")


def _word(error: Exception) -> str:
    """Return what stopped a call, in a word that may stand in a log."""
    import requests

    # requests wraps urllib3's MaxRetryError, whose `reason` tells what stopped it.
    reason = getattr(error.args[0] if error.args else None, "reason", None)
    if any(isinstance(one, ssl.SSLCertVerificationError) for one in getattr(reason, "args", ())):
        return "CERTIFICATE"
    return "TIMEOUT" if isinstance(error, requests.Timeout | TimeoutError) else "CONNECTION-LOST"


def _send(
    request: HttpRequest, read: Callable[["requests.Response"], _Outcome], trip: _Trip, total_s: float
) -> _Outcome:
    import requests

    with requests.Session() as session:
        session.trust_env = False
        session.mount("http://", _adapter(trip))
        session.mount("https://", _adapter(trip))
        prepared = session.prepare_request(
            requests.Request(request.method, request.url, headers=dict(request.headers), data=request.body or None)
        )
        # What was signed is what is sent: no library may spell the address anew.
        prepared.url = request.url
        with session.send(
            prepared, stream=True, allow_redirects=False, timeout=(max(1, total_s // 2), total_s), verify=True
        ) as response:
            return read(response)


def _adapter(trip: _Trip) -> "requests.adapters.HTTPAdapter":
    """Return what makes connections that tell the trip of themselves before anything is sent on them."""
    from requests.adapters import HTTPAdapter
    from urllib3.connection import HTTPConnection, HTTPSConnection
    from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

    class Plain(HTTPConnection):
        def connect(self) -> None:
            super().connect()
            trip.connected(self.sock)

    class Secure(HTTPSConnection):
        def connect(self) -> None:
            super().connect()
            trip.connected(self.sock)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    adapter = HTTPAdapter(max_retries=0)
    adapter.poolmanager.pool_classes_by_scheme = {"http": PlainPool, "https": SecurePool}
    return adapter
