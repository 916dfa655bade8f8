"""Fonts for shelf labels: regular and bold of the installed Chinese font, and text fitted into them."""

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Final

from PIL import ImageFont

from app.sales.receipt_columns import paper_text
from hardware.printers.fonts import find_chinese_font

_FACES: Final = ("Noto Sans CJK SC", "Source Han Sans SC")
_MORE: Final = "…"
_ATOM: Final = re.compile(r"[!-~À-ɏ]+|\s|.", re.DOTALL)
"""What a line may be broken between: Latin words, single Hanzi, spaces."""

_NEVER_FIRST: Final = frozenset("，。、；：？！）》〉」』】〕％℃…—～·’”")
"""Punctuation that may not begin a line (GB/T 15834, 5.1)."""


class LabelFonts:
    """One typeface in two weights and any size."""

    def __init__(self) -> None:
        """Find it.

        Raises:
            NoChineseFont: if no font with Chinese characters is installed.
        """
        path, face = find_chinese_font()
        self._face = _proportional_face(path, face)
        heavy = path.with_name(path.name.replace("Regular", "Bold"))
        self._paths = (path, heavy if heavy.is_file() else path)
        self._sized = lru_cache(maxsize=64)(self._load)

    def sized(self, size: int, *, bold: bool = False) -> ImageFont.FreeTypeFont:
        """Return it in a size in pixels."""
        return self._sized(size, bold)

    def _load(self, size: int, bold: bool) -> ImageFont.FreeTypeFont:
        return ImageFont.truetype(self._paths[bold], size, index=self._face, layout_engine=ImageFont.Layout.BASIC)


def _proportional_face(path: Path, face: int) -> int:
    """Return the face whose Latin letters have their own widths; receipts want the one where they have not."""
    names = []
    for index in range(16):
        try:
            names.append(ImageFont.truetype(path, 10, index=index).getname()[0])
        except OSError:
            break
    return next((names.index(name) for name in _FACES if name in names), face)


def fit_lines(text: str, font: ImageFont.FreeTypeFont, width: int, lines: int) -> tuple[str, ...]:
    """Break a text into so many lines at most, none wider than `width` pixels; what is left out becomes `…`.

    Breaks at spaces and between Hanzi; a Latin word is broken only where it is wider than a line.
    """
    fitted: list[str] = []
    line = ""
    for atom in _atoms(paper_text(text).strip(), font, width):
        if font.getlength((line + atom).rstrip()) <= width:
            line += atom
            continue
        if len(fitted) == lines - 1:
            return (*fitted, shortened(line + atom, font, width))
        fitted.append(line.rstrip())
        line = atom.lstrip()
        if line and line[0] in _NEVER_FIRST and len(fitted[-1]) > 1:
            # The character before goes along, so that no line begins with punctuation.
            fitted[-1], line = fitted[-1][:-1], fitted[-1][-1] + line
    return (*fitted, line.rstrip()) if line.strip() else tuple(fitted)


def shortened(text: str, font: ImageFont.FreeTypeFont, width: int) -> str:
    """Return a text that is too long with its end replaced by `…`."""
    while text and font.getlength(text.rstrip() + _MORE) > width:
        text = text[:-1]
    return text.rstrip() + _MORE


def _atoms(text: str, font: ImageFont.FreeTypeFont, width: int) -> Iterator[str]:
    for found in _ATOM.finditer(text):
        atom = found.group()
        while len(atom) > 1 and font.getlength(atom) > width:
            room = next((count for count in range(len(atom) - 1, 0, -1) if font.getlength(atom[:count]) <= width), 1)
            yield atom[:room]
            atom = atom[room:]
        yield atom
