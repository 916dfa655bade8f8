"""From the text of a GS1 code to its element strings: FNC1 form, bracketed form, Digital Link. Leans on biip.

biip knows every application identifier and what its data may look like. Around it this module
is stricter where a till must be: nothing may run together, contradict itself or be left out unseen, and the
check digit of every key must be right. biip's reading of dates and amounts is not used, see `gs1`.
"""

import re
from collections.abc import Callable, Container, Mapping, Sequence
from itertools import pairwise
from typing import Final, Literal, TypeVar
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

from biip import ParseConfig, ParseError
from biip.gs1_digital_link_uris import GS1DigitalLinkURI
from biip.gs1_element_strings import GS1ElementString, GS1ElementStrings

from app.catalogue.codes.check_digits import has_right_check_digit
from app.catalogue.codes.gtins import GTIN_LENGTHS
from app.catalogue.codes.misread import (
    CONTRADICTS,
    NOT_READ_RIGHT,
    RUNS_TOGETHER,
    UNREADABLE_LABEL,
    WEB_ADDRESS,
    Misread,
)
from app.catalogue.codes.scanned import GROUP_SEPARATOR
from app.values.wording import Wording

Parsed = TypeVar("Parsed")

Element = tuple[str, str]
"""An application identifier and its data."""

Syntax = Literal["element-string", "bracketed", "digital-link"]
"""How a GS1 code is written: with FNC1 (as GS), as under a barcode `(01)…(17)…`, or as a web address."""

# biip judges dates by the machine's clock; `gs1` judges them by the business date.
_CONFIG: Final = ParseConfig(gs1_element_strings_verify_date=False)

# What biip may raise on data it was not made for, its own ParseError apart. A hostile label must end as a
# sentence and never stop the till; anything else biip might raise is a bug worth seeing.
_ON_HOSTILE_DATA: Final = (ArithmeticError, AssertionError, LookupError, TypeError, ValueError)

# How many leading digits of an identification key its check digit closes (GS1 General Specifications 7.9.6).
_KEY_LENGTHS: Final = {
    "00": 18,
    "01": 14,
    "02": 14,
    "03": 14,
    "253": 13,
    "255": 13,
    "402": 17,
    **{str(location): 13 for location in range(410, 418)},
    "8003": 14,
    "8006": 14,
    "8017": 18,
    "8018": 18,
    "8026": 14,
}

_BRACKETED: Final = re.compile(r"\((\d{2,4})\)")

# The keys of a Digital Link that a till can use, and how long their data may be. biip pads any number behind /01/
# to a GTIN-14, and would take the day in /2024/01/17 for one.
_LINK_KEYS: Final[Mapping[str, Container[int]]] = {
    "00": (18,),
    "01": GTIN_LENGTHS,
    "255": range(13, 26),
    "8017": (18,),
    "8018": (18,),
}

# Names that Digital Link allowed for application identifiers before release 1.2; labels with them are in shops.
_OLD_NAMES: Final = {"gtin": "01", "cpv": "22", "lot": "10", "ser": "21", "exp": "17", "sscc": "00", "gcn": "255"}


def take_apart(syntax: Syntax, data: str) -> tuple[Element, ...]:
    """Return the element strings of data in one of the syntaxes, each identifier once, in the order read.

    Raises:
        Misread: if they are not right; see `read_element_strings`.
    """
    if syntax == "digital-link":
        return read_digital_link(data)
    return read_bracketed(data) if syntax == "bracketed" else read_element_strings(data)


def read_element_strings(data: str) -> tuple[Element, ...]:
    """Take data with GS between element strings apart (General Specifications 7.8).

    Raises:
        Misread: if it is not GS1 data, runs together, contradicts itself, or a key's check digit is wrong.
    """
    elements: list[Element] = []
    rest = data.strip(GROUP_SEPARATOR)
    while rest:
        parsed = _by_biip(rest, whole=False)
        element = (parsed.ai.ai, parsed.value)
        text = "".join(element)
        if not rest.startswith(text):
            raise Misread(UNREADABLE_LABEL)
        rest = rest[len(text) :]
        if rest and parsed.ai.separator_required and rest[0] != GROUP_SEPARATOR:
            raise Misread(RUNS_TOGETHER)
        rest = rest.lstrip(GROUP_SEPARATOR)
        elements.append(element)
    return _proved(elements)


def read_bracketed(text: str) -> tuple[Element, ...]:
    """Take the human readable form `(01)…(17)…` apart, as a person types it from under a barcode.

    Raises:
        Misread: as `read_element_strings` does.
    """
    pieces = _BRACKETED.split(text)
    if pieces[0].strip() or len(pieces) < 3:
        raise Misread(UNREADABLE_LABEL)
    elements = []
    for identifier, value in zip(pieces[1::2], pieces[2::2], strict=True):
        parsed = _by_biip(identifier + "".join(value.split()), whole=True)
        if parsed.ai.ai != identifier:
            raise Misread(UNREADABLE_LABEL)
        elements.append((identifier, parsed.value))
    return _proved(elements)


def read_digital_link(uri: str) -> tuple[Element, ...]:
    """Take a GS1 Digital Link URI apart (GS1 Digital Link Standard: URI Syntax). Nothing is ever fetched.

    Raises:
        Misread: if it is a web address that names nothing a till knows, or as `read_element_strings` does.
    """
    parts = _guarded(lambda: urlsplit(uri), WEB_ADDRESS)
    path = [_OLD_NAMES.get(segment, segment) for segment in parts.path.split("/")]
    start = next(
        (place for place, (key, value) in enumerate(pairwise(path)) if len(unquote(value)) in _LINK_KEYS.get(key, ())),
        None,
    )
    if start is None:
        raise Misread(WEB_ADDRESS)
    query = [(_OLD_NAMES.get(name, name), value) for name, value in parse_qsl(parts.query)]
    values: dict[str, str] = {}
    for name, value in query:
        # Of two values biip takes the last; here neither is believed.
        if values.setdefault(name, value) != value and name.isdigit():
            raise Misread(CONTRADICTS)
    known = urlunsplit((parts.scheme, parts.netloc, "/".join(["", *path[start:]]), urlencode(values), ""))
    return _proved([(element.ai.ai, element.value) for element in _link_by_biip(known)])


def _link_by_biip(uri: str) -> GS1ElementStrings:
    """Read a Digital Link whose path begins with its key."""
    return _guarded(lambda: GS1DigitalLinkURI.parse(uri, config=_CONFIG), UNREADABLE_LABEL).element_strings


def _by_biip(text: str, *, whole: bool) -> GS1ElementString:
    """Read the first element string of a text, or the one that it is as a whole."""
    read = GS1ElementString.parse if whole else GS1ElementString.extract
    return _guarded(lambda: read(text, config=_CONFIG), UNREADABLE_LABEL)


def _guarded(read: Callable[[], Parsed], otherwise: Wording) -> Parsed:
    """Turn what a parser raises on hostile data into a sentence.

    Raises:
        Misread: with `otherwise`, from whatever the parser raised.
    """
    try:
        return read()
    except (ParseError, *_ON_HOSTILE_DATA) as error:
        raise Misread(otherwise) from error


def _proved(elements: Sequence[Element]) -> tuple[Element, ...]:
    """Drop what is said twice, and check what biip leaves to its callers.

    Raises:
        Misread: if there is nothing, a key's check digit is wrong, or one identifier has two values
            (General Specifications 4.14.1).
    """
    if not elements:
        raise Misread(UNREADABLE_LABEL)
    values: dict[str, str] = {}
    for identifier, value in elements:
        key_length = _KEY_LENGTHS.get(identifier)
        if key_length is not None and not has_right_check_digit(value[:key_length]):
            raise Misread(NOT_READ_RIGHT)
        if values.setdefault(identifier, value) != value:
            raise Misread(CONTRADICTS)
    return tuple(values.items())
