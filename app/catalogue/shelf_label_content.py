"""How much is in a pack, read from its specification; only where it is said beyond doubt.

A unit price is owed to the shopper exactly or not at all: `500ml` and `2g*25` are read, `约500g` and `500g+100g` not.
"""

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Final


class Measure(Enum):
    """What a pack's content is measured in."""

    GRAM = "g"
    MILLILITRE = "ml"


@dataclass(frozen=True, slots=True)
class PackContent:
    """How much is in one pack."""

    thousandths: int
    """Of a gram or millilitre."""

    measure: Measure


_UNITS: Final = {
    "kg": (1000, Measure.GRAM),
    "公斤": (1000, Measure.GRAM),
    "千克": (1000, Measure.GRAM),
    "斤": (500, Measure.GRAM),
    "g": (1, Measure.GRAM),
    "克": (1, Measure.GRAM),
    "l": (1000, Measure.MILLILITRE),
    "升": (1000, Measure.MILLILITRE),
    "cl": (10, Measure.MILLILITRE),
    "ml": (1, Measure.MILLILITRE),
    "毫升": (1, Measure.MILLILITRE),
}
_TIMES: Final = r"\s*[*x×]\s*"
_VESSEL: Final = "(?:支|瓶|袋|包|盒|罐|桶|听|片|枚|杯|条|块|粒|个|只|板|提|箱|份|卷|装)"
_SPECIFICATION: Final = re.compile(
    rf"(?:(?P<before>\d{{1,3}}){_VESSEL}?{_TIMES})?"
    rf"(?P<amount>\d{{1,5}}(?:\.\d{{1,3}})?)\s*(?P<unit>{'|'.join(sorted(_UNITS, key=len, reverse=True))})"
    rf"(?:{_TIMES}(?P<behind>\d{{1,3}}){_VESSEL}?)?(?:/?{_VESSEL})?"
)


def pack_content(specification: str) -> PackContent | None:
    """Read a specification; None where it does not say the content beyond doubt.

    >>> pack_content("500ml")
    PackContent(thousandths=500000, measure=<Measure.MILLILITRE: 'ml'>)
    >>> pack_content("2g*25袋").thousandths
    50000
    >>> pack_content("约500g") is None
    True
    """
    found = _SPECIFICATION.fullmatch(unicodedata.normalize("NFKC", specification).strip().lower())
    if found is None:
        return None
    factor, measure = _UNITS[found["unit"]]
    packs = int(found["before"] or 1) * int(found["behind"] or 1)
    thousandths = int(Decimal(found["amount"]).scaleb(3)) * factor * packs
    return PackContent(thousandths, measure) if thousandths else None
