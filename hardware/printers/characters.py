"""Chinese for printers: which characters their font holds, what stands in for the others, and the bytes of a line.

python-escpos 3.1 prints `?` for full-width punctuation and never leaves Chinese mode, so the encoding is done here.
"""

import unicodedata
from functools import lru_cache
from itertools import groupby
from typing import Final

from app.sales.receipt_columns import cells_of, paper_text

CHINESE_ON: Final = b"\x1c&"
CHINESE_OFF: Final = b"\x1c."

_MISSING: Final = "〓"
"""The printers' own sign for a character that the font lacks (GB 2312 row 1)."""

_LIKENESSES: Final = {"⁄": "/", "−": "-", "‐": "-", "‑": "-", "‒": "-"}
"""Signs that look the same as one the font holds."""


@lru_cache(maxsize=8192)
def in_font(character: str) -> bool:
    """Return whether a printer's Chinese font holds a character: ASCII, or two bytes in GB18030 outside user areas.

    The accented letters that it holds for writing pinyin are as wide as a Hanzi and tear a Latin word apart, so they
    count as missing.
    """
    if character.isascii():
        return character.isprintable()
    if cells_of(character) != 2:
        return False
    try:
        encoded = character.encode("gb18030")
    except UnicodeEncodeError:
        return False
    return len(encoded) == 2 and unicodedata.category(character) != "Co"


@lru_cache(maxsize=8192)
def _nearest(character: str) -> str | None:
    """Return what the font holds for a character that it lacks: `ö` is printed as `o`, `ﬁ` as `fi`."""
    plain = "".join(
        _LIKENESSES.get(part, part)
        for part in unicodedata.normalize("NFKD", character)
        if unicodedata.category(part) not in {"Mn", "Me"}
    )
    return plain if plain and all(map(in_font, plain)) else None


def spell_for_font(text: str, *, keep_rare: bool) -> str:
    """Return a text in the characters of a printer's font.

    Args:
        text: as the shop wrote it.
        keep_rare: whether characters without a likeness stay, because their line will be sent as a picture;
            otherwise each becomes 〓, never a question mark.

    >>> spell_for_font("Köln ¥5 𠮷", keep_rare=False)
    'Koln ￥5 〓'
    """
    spelled = []
    for character in paper_text(text):
        if in_font(character):
            spelled.append(character)
        elif (near := _nearest(character)) is not None:
            spelled.append(near)
        elif keep_rare:
            spelled.append(character)
        elif cells_of(character):
            spelled.append(_MISSING)
    return "".join(spelled)


def encode_line(text: str) -> bytes:
    """Encode characters that the font holds, switching Chinese mode on and off around them; ends with it off.

    Raises:
        ValueError: if a character is not in the font; the text was not spelled for it.
    """
    if strange := [character for character in text if not in_font(character)]:
        raise ValueError(f"not in the printer's font: {strange!r}")
    encoded = b""
    for plain, run in groupby(text, str.isascii):
        part = "".join(run)
        encoded += part.encode("ascii") if plain else CHINESE_ON + part.encode("gb18030") + CHINESE_OFF
    return encoded
