"""Icons of the Material Design set, loaded after the first paint; before that, and without them, there are none.

The set comes with the qtawesome package. Only its font and its table of names are used: importing its code would load
every module of Qt and a dozen other sets, a quarter of a second during which nothing could be scanned.
"""

import json
import logging
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, QRect, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPainter, QPixmap

_logger: Final = logging.getLogger(__name__)
_KEEP: Final = 400


class IconSource(QObject):
    """Gives icons as pixmaps in any size and colour. Every icon stands beside a word, so none is ever needed."""

    loaded = Signal()

    def __init__(self) -> None:
        """Begin without icons: `load` brings them."""
        super().__init__()
        self._family = ""
        self._glyphs: dict[str, str] = {}
        self._made: dict[tuple[str, int, int, int], QPixmap] = {}

    def load(self) -> None:
        """Load the set; a machine without it goes on without icons."""
        if self._family:
            return
        try:
            folder = _font_folder()
            charmap = max(folder.glob("materialdesignicons6-webfont-charmap-*.json"))
            font_file = max(folder.glob("materialdesignicons6-webfont-*.ttf"))
            table: dict[str, str] = json.loads(charmap.read_text(encoding="utf-8"))
            families = QFontDatabase.applicationFontFamilies(QFontDatabase.addApplicationFont(str(font_file)))
        except (OSError, ValueError) as error:
            _logger.warning("icons_absent: %s", error)
            return
        if not families:
            _logger.warning("icons_absent: the font could not be read")
            return
        self._glyphs = {name: chr(int(code, 16)) for name, code in table.items()}
        self._family = families[0]
        self.loaded.emit()

    def pixmap(self, name: str, size_px: int, colour: QColor, ratio: float = 1.0) -> QPixmap | None:
        """Return an icon, or None while there are none."""
        glyph = self._glyphs.get(name)
        if glyph is None:
            return None
        key = (name, size_px, colour.rgb(), round(ratio * 100))
        known = self._made.get(key)
        if known is None:
            if len(self._made) >= _KEEP:
                self._made.clear()
            known = self._made[key] = self._draw(glyph, size_px, colour, ratio)
        return known

    def _draw(self, glyph: str, size_px: int, colour: QColor, ratio: float) -> QPixmap:
        made = QPixmap(round(size_px * ratio), round(size_px * ratio))
        made.setDevicePixelRatio(ratio)
        made.fill(Qt.GlobalColor.transparent)
        of = QFont(self._family)
        of.setPixelSize(size_px)
        painter = QPainter(made)
        painter.setFont(of)
        painter.setPen(colour)
        painter.drawText(QRect(0, 0, size_px, size_px), Qt.AlignmentFlag.AlignCenter, glyph)
        painter.end()
        return made


def _font_folder() -> Path:
    """Return where the package keeps its fonts.

    Raises:
        OSError: if the package is not installed.
    """
    found = find_spec("qtawesome")
    if found is None or found.origin is None:
        raise FileNotFoundError("the package qtawesome is not installed")
    return Path(found.origin).parent / "fonts"
