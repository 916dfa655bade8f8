"""Carries one call to Alipay's gateway and its answer back: what is no plain answer of bounded size is none.

Every call has a connection of its own (`app.payments.exchange` says why): a till that has lost its network finds that
out before a payment is sent, not after it.
"""

from collections.abc import Mapping
from typing import IO, Final
from urllib.parse import urlencode

from app.payments.exchange import MAX_ANSWER_BYTES, HttpReply, HttpRequest, NoAnswer, NotSent, download, exchange

__all__ = ["LARGEST_ANSWER_BYTES", "Gateway", "NoAnswer", "NotSent"]

LARGEST_ANSWER_BYTES: Final = MAX_ANSWER_BYTES
_HEADERS: Final = {"Accept-Encoding": "identity", "Connection": "close", "User-Agent": "guitai"}
_FORM: Final = {"Content-Type": "application/x-www-form-urlencoded;charset=utf-8"}


class Gateway:
    """The line to one gateway; used by one thread at a time."""

    def __init__(self, base_url: str) -> None:
        """Take the gateway's address; nothing is opened yet."""
        self._base_url = base_url

    def ask(self, query: Mapping[str, str], form: Mapping[str, str], within_s: float) -> bytes:
        """Send a call and return the body of its answer.

        Raises:
            NotSent: NoAnswer: see there.
        """
        address = f"{self._base_url}?{urlencode(query)}"
        request = HttpRequest("POST", address, _HEADERS | _FORM, urlencode(form).encode("ascii"))
        reply = exchange(request, total_s=within_s)
        _refuse_status(reply)
        return reply.body

    def download(self, url: str, into: IO[bytes], largest_bytes: int, within_s: int) -> None:
        """Fetch a file piece by piece.

        Raises:
            NotSent: NoAnswer: see there; the latter also where the file is too large.
        """
        _refuse_status(download(HttpRequest("GET", url, _HEADERS), into, total_s=within_s, max_bytes=largest_bytes))


def _refuse_status(reply: HttpReply) -> None:
    """Refuse what is no plain answer: an error page, a redirect, a compressed body that could be a bomb.

    Raises:
        NoAnswer: naming the HTTP status.
    """
    if reply.status != 200:
        raise NoAnswer(f"HTTP-{reply.status}")
    if reply.headers.get("content-encoding", "identity").lower() not in {"", "identity"}:
        raise NoAnswer("COMPRESSED")
