"""Finds a font with Chinese characters on this computer and draws characters into printer cells with it."""

import os
import sys
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from app.values.problems import Problem
from app.values.wording import wording
from hardware.printers.profile import CELL_DOTS

CELL_HEIGHT: Final = 24
_SIZE: Final = 22.5
_BASELINE: Final = 19
"""A font of 22.5 dots on a baseline 19 dots down keeps tails of letters and tops of Hanzi within 24 dots."""

_PREFERRED_FACES: Final = ("Noto Sans Mono CJK SC", "Noto Sans CJK SC", "Source Han Sans SC")


class NoChineseFont(Problem):
    """Raised when no font with Chinese characters is installed."""

    code = "NO-CHINESE-FONT"


def _candidates() -> Iterator[Path]:
    """Yield font files that hold Chinese characters, the better ones first."""
    if sys.platform == "win32":
        folder = Path(os.environ.get("WINDIR", r"C:\Windows")) / "Fonts"
        yield from (folder / name for name in ("msyh.ttc", "Deng.ttf", "simhei.ttf", "simsun.ttc"))
        return
    if sys.platform == "darwin":
        folder = Path("/System/Library/Fonts")
        yield from (folder / name for name in ("PingFang.ttc", "Hiragino Sans GB.ttc", "STHeiti Light.ttc"))
        return
    patterns = (
        "NotoSansCJK*-Regular.*",
        "NotoSansCJK*.*",
        "SourceHanSans*Regular.*",
        "wqy-*.tt?",
        "DroidSansFallback*",
    )
    folders = [Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".local/share/fonts"]
    for pattern in patterns:
        for folder in folders:
            yield from sorted(folder.rglob(pattern))


def find_chinese_font(candidates: Iterable[Path] | None = None) -> tuple[Path, int]:
    """Return a font file with Chinese characters and the face to use in it.

    Args:
        candidates: files to look for, the best first; the usual ones of this system where none are given.

    Raises:
        NoChineseFont: if none is installed.
    """
    for path in _candidates() if candidates is None else candidates:
        if path.is_file():
            return path, _best_face(path)
    raise NoChineseFont(
        wording(
            "No font with Chinese characters is installed, so receipts cannot be drawn. Install Noto Sans CJK (Debian:"
            " fonts-noto-cjk)."
        )
    )


def _best_face(path: Path) -> int:
    names: list[str | None] = []
    for index in range(16):
        try:
            names.append(ImageFont.truetype(path, CELL_HEIGHT, index=index).getname()[0])
        except OSError:
            break
    return next((names.index(face) for face in _PREFERRED_FACES if face in names), 0)


class CellFont:
    """Draws characters the way a printer does: each in a cell of 12 by 24 dots, a Hanzi in two."""

    def __init__(self, path: Path, face: int) -> None:
        """Use one face of a font file."""
        self._face = lru_cache(maxsize=8)(
            lambda scale: ImageFont.truetype(path, _SIZE * scale, index=face, layout_engine=ImageFont.Layout.BASIC)
        )
        self._glyph = lru_cache(maxsize=4096)(self._draw)

    def glyph(self, cluster: str, cells: int, wide: int, high: int, *, bold: bool) -> Image.Image:
        """Return a character with its marks, black on white, in its cells.

        Args:
            cluster: one character and the combining marks on it.
            cells: 1 or 2.
            wide: factor on the width, 1 to 8.
            high: factor on the height, 1 to 8.
            bold: whether it is struck twice, one dot apart.
        """
        return self._glyph(cluster, cells, wide, high, bold)

    def _draw(self, cluster: str, cells: int, wide: int, high: int, bold: bool) -> Image.Image:
        scale = max(wide, high)
        image = Image.new("L", (CELL_DOTS * cells * scale, CELL_HEIGHT * scale), 255)
        draw = ImageDraw.Draw(image)
        for strike in range(2 if bold else 1):
            draw.text(
                (image.width / 2 + strike, _BASELINE * scale), cluster, fill=0, font=self._face(scale), anchor="ms"
            )
        target = (CELL_DOTS * cells * wide, CELL_HEIGHT * high)
        return image if image.size == target else image.resize(target, Image.Resampling.LANCZOS)


@lru_cache(maxsize=1)
def installed_font() -> CellFont:
    """Return the font of this computer, found once.

    Raises:
        NoChineseFont: if there is none.
    """
    return CellFont(*find_chinese_font())
