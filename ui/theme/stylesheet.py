"""Generates the style sheet and the palette of a theme from its tokens."""

from PySide6.QtGui import QColor, QPalette

from ui.theme.tokens import Theme, Tokens


def stylesheet(theme: Theme, tokens: Tokens) -> str:
    """Return the QSS for what Qt draws itself: fields, frames, scroll bars. Keys and rows draw themselves."""
    return f"""
QWidget#{WINDOW_CONTENT}, QWidget[plane="surface"] {{ background: {theme.surface}; }}
QFrame[plane="raised"] {{
    background: {theme.surface_raised}; border: {tokens.hairline_px}px solid {theme.line};
    border-radius: {tokens.radius_px}px;
}}
QLineEdit {{
    background: {theme.surface_raised}; color: {theme.ink}; border: 2px solid {theme.line};
    border-radius: {tokens.radius_px}px; padding: 0 12px; min-height: {tokens.touch_px - 4}px;
    selection-background-color: {theme.accent}; selection-color: {theme.on_accent};
    placeholder-text-color: {theme.ink_soft};
}}
QLineEdit:focus {{ border: 2px solid {theme.focus}; }}
QListView, QScrollArea {{ background: transparent; border: none; outline: none; }}
QScrollBar:vertical {{ background: transparent; width: 16px; margin: 0; }}
QScrollBar::handle:vertical {{ background: {theme.ink_soft}; border-radius: 4px; min-height: 56px; margin: 4px; }}
QScrollBar::add-line, QScrollBar::sub-line {{ height: 0; width: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
"""


WINDOW_CONTENT = "windowContent"
"""Object name of the widget that carries a window's background."""


def palette(theme: Theme) -> QPalette:
    """Return the palette, for what takes its colours from there: carets, placeholders, tool tips."""
    made = QPalette()
    roles = {
        QPalette.ColorRole.Window: theme.surface,
        QPalette.ColorRole.WindowText: theme.ink,
        QPalette.ColorRole.Base: theme.surface_raised,
        QPalette.ColorRole.AlternateBase: theme.surface,
        QPalette.ColorRole.Text: theme.ink,
        QPalette.ColorRole.PlaceholderText: theme.ink_soft,
        QPalette.ColorRole.Button: theme.surface_raised,
        QPalette.ColorRole.ButtonText: theme.ink,
        QPalette.ColorRole.Highlight: theme.accent,
        QPalette.ColorRole.HighlightedText: theme.on_accent,
        QPalette.ColorRole.ToolTipBase: theme.surface_raised,
        QPalette.ColorRole.ToolTipText: theme.ink,
        QPalette.ColorRole.Link: theme.accent,
    }
    for role, colour in roles.items():
        made.setColor(role, QColor(colour))
    return made
