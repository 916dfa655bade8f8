"""Sets texts and amounts into the cells of a display: exact amounts, whole characters, nothing that reads wrong."""

import unicodedata
from typing import Final

from app.sales.receipt_columns import cells_of
from hardware.printers.characters import spell_for_font

_LIKENESSES: Final = {
    "×": "x",
    "−": "-",
    "‐": "-",
    "‑": "-",
    "–": "-",
    "—": "-",
    "’": "'",
    "‘": "'",
    "“": '"',
    "”": '"',
}
"""ASCII for signs that shops write in names."""


def figures(amount_minor: int, decimals: int) -> str:
    """Write an amount with integers only.

    >>> figures(123456, 2), figures(-5, 2), figures(1280, 0)
    ('1234.56', '-0.05', '1280')

    Args:
        amount_minor: in minor units.
        decimals: how many digits of it stand behind the point.
    """
    digits = f"{abs(amount_minor):0{decimals + 1}d}"
    whole, rest = digits[: len(digits) - decimals], digits[len(digits) - decimals :]
    return ("-" if amount_minor < 0 else "") + (f"{whole}.{rest}" if decimals else whole)


def spelled(text: str, *, chinese: bool) -> str | None:
    """Return a text in the characters a display has; None where that would not be the text any more.

    A display with Chinese characters shows 〓 for the few it lacks. One with ASCII only shows a text whole or not at
    all: half a name is a wrong name.

    >>> spelled("Crème brûlée 2×", chinese=False), spelled("牛奶", chinese=False)
    ('Creme brulee 2x', None)
    """
    if chinese:
        return spell_for_font(text, keep_rare=False)
    plain = "".join(
        _LIKENESSES.get(character, character)
        for character in unicodedata.normalize("NFKD", text)
        if unicodedata.category(character) not in {"Mn", "Me", "Cf"}
    )
    plain = " ".join(plain.split())
    return plain if plain.isascii() and plain.isprintable() else None


def cut(text: str, cells: int) -> str:
    """Return what of a text fits into so many cells; a Hanzi is whole or not there.

    >>> cut("牛奶1L", 3), cut("milk", 3)
    ('牛', 'mil')
    """
    used = 0
    for place, character in enumerate(text):
        used += cells_of(character)
        if used > cells:
            return text[:place]
    return text


def row(text: str, columns: int, *, chinese: bool) -> str | None:
    r"""Return a line of exactly so many cells; None where it cannot be shown.

    What follows a tab stands at the right end and is never cut: where there is no room, what stands before gives way.

    >>> row("2 x 3.50\t7.00", 16, chinese=False)
    '2 x 3.50    7.00'
    >>> row("牛奶\t12345.00", 10, chinese=True)
    '  12345.00'
    """
    left, tab, right = text.partition("\t")
    shown_left, shown_right = spelled(left, chinese=chinese), spelled(right, chinese=chinese)
    if not tab:
        return None if shown_left is None else _padded(cut(shown_left, columns), columns)
    if shown_right is None or cells_of(shown_right) > columns:
        return None
    room = columns - cells_of(shown_right) - 1
    if shown_left is None or cells_of(shown_left) > room:
        shown_left = ""
    return _padded(shown_left, columns - cells_of(shown_right)) + shown_right


def _padded(text: str, columns: int) -> str:
    return text + " " * (columns - cells_of(text))
