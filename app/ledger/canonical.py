"""One way to write a fact as bytes: RFC 8785 canonical JSON, for the values a journal holds.

Texts, integers within ±2^53, truth values, null, lists and objects. Floats are refused: no amount, weight or count of
the shop is one (design decision 1), and their canonical form is where implementations differ.

msgspec writes exactly these bytes with sorted keys, and fast, save for one case: RFC 8785 section 3.2.3 sorts keys by
UTF-16 code units, msgspec by UTF-8 bytes. The two orders differ only where a key holds a character beyond U+FFFF;
such an object is written here, key by key.
"""

from collections.abc import Mapping
from typing import Final, cast

import msgspec

JsonValue = str | int | bool | None | list["JsonValue"] | dict[str, "JsonValue"]

LARGEST_INTEGER: Final = 2**53 - 1
"""Beyond it a reader that keeps numbers as IEEE 754 doubles loses digits (RFC 8785 section 3.2.2.3, RFC 7493)."""

DEEPEST: Final = 64
"""How many lists and objects may stand inside one another; a fact of the shop needs five."""

_encode_sorted = msgspec.json.Encoder(order="sorted").encode


class NotCanonical(ValueError):
    """Raised for a value that has no canonical form here; always a bug of who built it."""


def canonical_json(value: JsonValue | Mapping[str, JsonValue]) -> bytes:
    r"""Write a value as RFC 8785 JSON in UTF-8.

    >>> canonical_json({"b": [1, True, None], "a": "é"})
    b'{"a":"\xc3\xa9","b":[1,true,null]}'

    Raises:
        NotCanonical: for floats, integers beyond 2^53 - 1, keys that are no texts, lone surrogates, other types, or
            more than 64 levels.
    """
    plain: JsonValue = dict(value) if isinstance(value, Mapping) else value
    sorted_alike = _check(plain, 0)
    try:
        return _encode_sorted(plain) if sorted_alike else _write(plain)
    except UnicodeEncodeError as error:
        raise NotCanonical("a text holds half a character (a lone surrogate)") from error


def read_canonical(data: bytes) -> JsonValue:
    """Read canonical JSON, refusing bytes that say the same in another way.

    Raises:
        NotCanonical: if the bytes are not JSON, or not in their one canonical form.
    """
    try:
        value = cast("JsonValue", msgspec.json.decode(data))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise NotCanonical(f"not JSON: {error}") from error
    if canonical_json(value) != data:
        raise NotCanonical("the JSON is not in its canonical form")
    return value


def _check(value: object, depth: int) -> bool:
    """Return whether msgspec's key order is the canonical one; refuse what has no canonical form."""
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return True
    if kind is int:
        if not -LARGEST_INTEGER <= cast("int", value) <= LARGEST_INTEGER:
            raise NotCanonical(f"{value} is beyond what every JSON reader keeps whole")
        return True
    if depth >= DEEPEST:
        raise NotCanonical(f"more than {DEEPEST} levels")
    if kind is list:
        alike = True
        for item in cast("list[object]", value):
            alike = _check(item, depth + 1) and alike
        return alike
    if kind is dict:
        return _check_object(cast("dict[object, object]", value), depth)
    raise NotCanonical(f"a {kind.__name__} has no place in a journal entry")


def _check_object(value: dict[object, object], depth: int) -> bool:
    alike = True
    for key, item in value.items():
        if type(key) is not str:
            raise NotCanonical(f"the key {key!r} is not a text")
        if not key.isascii() and max(key) > "\uffff":
            alike = False
        alike = _check(item, depth + 1) and alike
    return alike


def _write(value: JsonValue) -> bytes:
    if isinstance(value, dict):
        keys = sorted(value, key=_utf16_code_units)
        return b"{" + b",".join(_encode_sorted(key) + b":" + _write(value[key]) for key in keys) + b"}"
    if isinstance(value, list):
        return b"[" + b",".join(_write(item) for item in value) + b"]"
    return _encode_sorted(value)


def _utf16_code_units(key: str) -> bytes:
    return key.encode("utf-16-be")
