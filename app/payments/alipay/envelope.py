"""Takes an answer of Alipay's gateway apart: the node that was signed, as the very bytes that came, and the signature.

The signature covers the text of `<method>_response` as it stands in the body. Writing the parsed node again would give
other bytes (order, blanks, escapes), so the node is cut out of the text.
"""

import json
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

_DEEPEST: Final = 32
"""Nesting of brackets; the deepest answer documented has five levels."""

_LONGEST_NUMBER: Final = 24
_MARK: Final = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\Z)|[\[{]|[\]}]', re.DOTALL)
"""A whole text (to the end where it is not closed, so that nothing is read twice), or a bracket."""

_BLANK: Final = re.compile(r"[ \t\r\n]*")


class UnreadableAnswer(Exception):
    """Raised when a body is no answer to the call; the argument is a short word for log and help."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """An answer, taken apart but not yet believed."""

    raw: bytes
    """The signed node as it came."""

    node: dict[str, Any]
    """The same, parsed; numbers with decimals are `Decimal`."""

    signature: str
    """Base64; empty where there is none."""


def open_envelope(body: bytes, method: str) -> Envelope:
    """Take the answer to a method apart, such as `alipay.trade.pay`.

    Raises:
        UnreadableAnswer: if the body is not UTF-8, not JSON, nested too deeply, names a key twice, or does not answer
            that method.
    """
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise UnreadableAnswer("CHARSET") from None
    _refuse_depth(text)
    try:
        spans = _top_level(text)
    except (ValueError, RecursionError):
        # JSONDecodeError is a ValueError; so is a number that is too long.
        raise UnreadableAnswer("NOT-JSON") from None
    found = spans.get(method.replace(".", "_") + "_response") or spans.get("error_response")
    if found is None or not isinstance(found[0], dict):
        raise UnreadableAnswer("OTHER-ANSWER")
    signature = spans.get("sign", ("", ""))[0]
    return Envelope(found[1].encode("utf-8"), found[0], signature if isinstance(signature, str) else "")


def _refuse_depth(text: str) -> None:
    """Count brackets outside texts before any parser recurses over them."""
    depth = 0
    for mark in _MARK.finditer(text):
        first = mark.group()[0]
        if first in "[{":
            depth += 1
            if depth > _DEEPEST:
                raise UnreadableAnswer("TOO-DEEP")
        elif first != '"':
            depth -= 1


def _top_level(text: str) -> dict[str, tuple[Any, str]]:
    """Return the outer object's values, each with its own text.

    Raises:
        ValueError: if the text is not one JSON object, or names a key twice.
    """
    place = _after(text, _blank(text, 0), "{")
    spans: dict[str, tuple[Any, str]] = {}
    while True:
        key, place = _DECODER.raw_decode(text, _blank(text, place))
        if not isinstance(key, str) or key in spans:
            raise ValueError("key")
        start = _blank(text, _after(text, _blank(text, place), ":"))
        value, place = _DECODER.raw_decode(text, start)
        spans[key] = (value, text[start:place])
        place = _blank(text, place)
        if text[place : place + 1] != ",":
            break
        place += 1
    if _blank(text, _after(text, place, "}")) != len(text):
        raise ValueError("more than one value")
    return spans


def _blank(text: str, place: int) -> int:
    found = _BLANK.match(text, place)
    return place if found is None else found.end()


def _after(text: str, place: int, letter: str) -> int:
    if text[place : place + 1] != letter:
        raise ValueError("syntax")
    return place + 1


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Build an object; two values for one key are read one way here and another way elsewhere."""
    built = dict(pairs)
    if len(built) != len(pairs):
        raise ValueError("a key twice")
    return built


def _integer(text: str) -> int:
    if len(text) > _LONGEST_NUMBER:
        raise ValueError("a number too long")
    return int(text)


def _decimal(text: str) -> Decimal:
    if len(text) > _LONGEST_NUMBER or "e" in text.lower():
        raise ValueError("a number too long")
    return Decimal(text)


def _no_constant(text: str) -> None:
    raise ValueError(text)


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_once, parse_float=_decimal, parse_int=_integer, parse_constant=_no_constant
)
