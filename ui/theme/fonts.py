"""The fonts of the type scale, with tabular figures."""

from functools import cache

from PySide6.QtGui import QFont

from ui.theme.tokens import load_tokens


@cache
def font(size_px: int, *, bold: bool = False) -> QFont:
    """Return the font of a size of the type scale; the same object each time, not to be changed."""
    made = QFont()
    made.setFamilies(list(load_tokens().families))
    made.setPixelSize(size_px)
    made.setBold(bold)
    # Figures of one width stand under each other on the decimal point.
    made.setFeature(QFont.Tag("tnum"), 1)
    return made


@cache
def fixed_font(size_px: int) -> QFont:
    """Return a font whose characters are all of one width, for bytes; the same object each time, not to be changed."""
    made = QFont()
    made.setFamilies(["Noto Sans Mono CJK SC", "DejaVu Sans Mono", "Consolas", "Menlo", *load_tokens().families])
    made.setStyleHint(QFont.StyleHint.Monospace)
    made.setFixedPitch(True)
    made.setPixelSize(size_px)
    return made
