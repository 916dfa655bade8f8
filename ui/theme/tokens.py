"""Reads the design tokens and computes contrast; plain values, no Qt."""

from dataclasses import dataclass
from functools import cache
from typing import Final

from ui.theme.tokens_file import read_tokens

THEME_NAMES: Final = ("light", "dark", "high_contrast")
"""In the order in which the theme key goes round."""


@dataclass(frozen=True, slots=True)
class Theme:
    """The colours of one theme, each `#rrggbb`."""

    name: str
    minimum_contrast: float
    """What text must at least reach on what it stands on (WCAG 2.2, 1.4.3 and 1.4.6)."""

    surface: str
    surface_raised: str
    line: str
    ink: str
    ink_soft: str
    accent: str
    on_accent: str
    selection: str
    """Behind the selected line and a pressed key."""

    good: str
    warn: str
    bad: str
    focus: str


@dataclass(frozen=True, slots=True)
class Tokens:
    """Everything the tokens file says."""

    unit_px: int
    radius_px: int
    touch_px: int
    hairline_px: int
    focus_px: int
    small_px: int
    body_px: int
    label_px: int
    title_px: int
    large_px: int
    due_px: int
    slide_ms: int
    families: tuple[str, ...]
    themes: tuple[Theme, ...]

    def theme(self, name: str) -> Theme:
        """Return a theme by its name.

        Raises:
            KeyError: if the tokens hold no such theme.
        """
        for theme in self.themes:
            if theme.name == name:
                return theme
        raise KeyError(name)


@cache
def load_tokens() -> Tokens:
    """Return the tokens; a missing or misspelt one is a bug and raises `KeyError` or `TypeError`."""
    document = read_tokens()
    themes = tuple(Theme(name=name, **values) for name, values in document["themes"].items())
    return Tokens(
        **document["grid"],
        **document["type"],
        **document["motion"],
        families=tuple(document["fonts"]["families"]),
        themes=themes,
    )


def _channel(value: int) -> float:
    share = value / 255
    return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4


def luminance(colour: str) -> float:
    """Return the relative luminance of `#rrggbb`, 0 to 1 (WCAG 2.2, relative luminance)."""
    red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return 0.2126 * _channel(red) + 0.7152 * _channel(green) + 0.0722 * _channel(blue)


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21 (WCAG 2.2, contrast ratio)."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@cache
def readable_on(background: str) -> str:
    """Return black or white, whichever reads better on a colour that a shop chose."""
    return "#000000" if contrast("#000000", background) >= contrast("#ffffff", background) else "#ffffff"
