"""Carries one call to Alipay's gateway and its answer back, within a time and a size that hold whatever happens.

A call runs in a thread of its own, because nothing in the standard library limits a name server that does not answer
or a server that sends one byte every few seconds. After the limit the call is left behind with its connection.
"""

import logging
import ssl
import threading
from collections.abc import Mapping
from typing import IO, TYPE_CHECKING, Final

from app.values.clock import Clock

if TYPE_CHECKING:
    from requests import Response, Session

_log = logging.getLogger(__name__)

LARGEST_ANSWER_BYTES: Final = 1 << 20
_CONNECT_S: Final = 4
_PIECE_S: Final = 20
_PIECE_BYTES: Final = 16 * 1024
_NS: Final = 1_000_000_000
_HEADERS: Final = {
    "Content-Type": "application/x-www-form-urlencoded;charset=utf-8",
    "Accept-Encoding": "identity",
    "User-Agent": "guitai",
}


class NotSent(Exception):
    """Raised when no connection came about, so that no byte of the call left the till."""


class NoAnswer(Exception):
    """Raised when the call may have arrived and no answer came; the argument is a short word for log and help."""


class Gateway:
    """The line to one gateway; used by one thread at a time."""

    def __init__(self, base_url: str) -> None:
        """Take the gateway's address; nothing is opened yet."""
        self._base_url = base_url
        self._session: Session | None = None

    def ask(self, query: Mapping[str, str], form: Mapping[str, str], within_s: float) -> bytes:
        """Send a call and return the body of its answer.

        Raises:
            NotSent: NoAnswer: see there.
        """
        call = _Call(self._line(), self._base_url, query, form, within_s)
        threading.Thread(target=call.run, name="alipay-call", daemon=True).start()
        if not call.wait(within_s):
            # The connection stays with the call that was left behind; the next call gets a new one.
            self._session = None
            raise NoAnswer("TIMEOUT")
        return call.body()

    def download(self, url: str, into: IO[bytes], largest_bytes: int, within_s: int, clock: Clock) -> None:
        """Fetch a file piece by piece.

        Raises:
            NotSent: NoAnswer: see there; the latter also where the file is too large.
        """
        import requests

        ends_ns = clock.monotonic_ns() + within_s * _NS
        try:
            with self._line().get(
                url, headers=_HEADERS, timeout=(_CONNECT_S, _PIECE_S), allow_redirects=False, stream=True
            ) as response:
                _refuse_status(response)
                size = 0
                for piece in response.iter_content(_PIECE_BYTES):
                    size += len(piece)
                    if size > largest_bytes:
                        raise NoAnswer("TOO-LARGE")
                    if clock.monotonic_ns() > ends_ns:
                        raise NoAnswer("TIMEOUT")
                    into.write(piece)
        except requests.RequestException as error:
            raise _explained(error) from None

    def close(self) -> None:
        """Let the connection go; the next call opens another."""
        if self._session is not None:
            self._session.close()
            self._session = None

    def _line(self) -> "Session":
        if self._session is None:
            import requests

            self._session = requests.Session()
            # No passwords from ~/.netrc and no proxy of the environment: what is not configured is not used.
            self._session.trust_env = False
        return self._session


class _Call:
    """One call in its own thread."""

    def __init__(
        self, session: "Session", url: str, query: Mapping[str, str], form: Mapping[str, str], within_s: float
    ) -> None:
        self._session = session
        self._url = url
        self._query = query
        self._form = form
        self._within_s = within_s
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._left_behind = False
        self._body = b""
        self._error: Exception | None = None

    def wait(self, within_s: float) -> bool:
        """Return whether it ended in time; otherwise nobody will ask for its answer."""
        if self._ended.wait(within_s):
            return True
        with self._lock:
            self._left_behind = not self._ended.is_set()
        return not self._left_behind

    def body(self) -> bytes:
        """Return the answer of a call that ended.

        Raises:
            NotSent: NoAnswer: see there.
        """
        if self._error is not None:
            raise self._error
        return self._body

    def run(self) -> None:
        try:
            self._body = self._fetch()
        except Exception as error:  # noqa: BLE001 - carried to the thread that waits, and raised there
            self._error = error
        with self._lock:
            self._ended.set()
            left_behind = self._left_behind
        if left_behind:
            _log.warning("alipay_answered_too_late")
            self._session.close()

    def _fetch(self) -> bytes:
        import requests

        try:
            with self._session.post(
                self._url,
                params=self._query,
                data=self._form,
                headers=_HEADERS,
                timeout=(min(_CONNECT_S, self._within_s), self._within_s),
                allow_redirects=False,
                stream=True,
            ) as response:
                _refuse_status(response)
                body = bytearray()
                for piece in response.iter_content(_PIECE_BYTES):
                    body += piece
                    if len(body) > LARGEST_ANSWER_BYTES:
                        raise NoAnswer("TOO-LARGE")
                return bytes(body)
        except requests.RequestException as error:
            raise _explained(error) from None


def _refuse_status(response: "Response") -> None:
    """Refuse what is no plain answer: an error page, a redirect, a compressed body that could be a bomb.

    Raises:
        NoAnswer: naming the HTTP status.
    """
    if response.status_code != 200:
        raise NoAnswer(f"HTTP-{response.status_code}")
    if response.headers.get("Content-Encoding", "identity").lower() not in {"", "identity"}:
        raise NoAnswer("COMPRESSED")


def _explained(error: Exception) -> NotSent | NoAnswer:
    """Tell a call that never left from one whose answer is missing; addresses and bodies are not repeated."""
    import requests
    from urllib3.exceptions import ConnectTimeoutError, NewConnectionError, SSLError

    # requests wraps urllib3's MaxRetryError, whose `reason` tells what stopped it.
    reason = getattr(error.args[0] if error.args else None, "reason", None)
    if isinstance(error, requests.exceptions.ConnectTimeout) or isinstance(
        reason, NewConnectionError | ConnectTimeoutError
    ):
        return NotSent("NO-CONNECTION")
    if isinstance(reason, SSLError) and any(isinstance(one, ssl.SSLCertVerificationError) for one in reason.args):
        return NotSent("CERTIFICATE")
    if isinstance(error, requests.exceptions.Timeout):
        return NoAnswer("TIMEOUT")
    return NoAnswer("CONNECTION-LOST")
