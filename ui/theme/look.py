"""What every widget of a window shares: theme, language, icons, pictures; each can change while running."""

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QColor

from app.values.speech import Speech
from app.values.wording import LocalizedText, Wording
from ui.theme.tokens import THEME_NAMES, Theme, load_tokens
from ui.widgets.icons import IconSource
from ui.widgets.pictures import PictureSource


class Look(QObject):
    """The look of one window. Widgets read it when they draw and listen for changes."""

    theme_changed = Signal()
    speech_changed = Signal()

    def __init__(self, theme: Theme, speech: Speech, pictures: PictureSource, icons: IconSource) -> None:
        """Begin with a theme and a language."""
        super().__init__()
        self.tokens = load_tokens()
        self.theme = theme
        self.speech = speech
        self.pictures = pictures
        self.icons = icons
        self.reduced_motion = False
        self._colours: dict[str, QColor] = {}

    def colour(self, role: str) -> QColor:
        """Return one of the theme's colours by its token's name."""
        known = self._colours.get(role)
        if known is None:
            known = self._colours[role] = QColor(getattr(self.theme, role))
        return known

    def say(self, text: "Wording | LocalizedText | str") -> str:
        """Return a text in the present language."""
        return self.speech.say(text)

    def use_theme(self, theme: Theme) -> None:
        """Change the theme of everything that shares this look."""
        self.theme = theme
        self._colours.clear()
        self.theme_changed.emit()

    def use_next_theme(self) -> None:
        """Go on to the next theme in the order of `THEME_NAMES`."""
        here = THEME_NAMES.index(self.theme.name)
        self.use_theme(self.tokens.theme(THEME_NAMES[(here + 1) % len(THEME_NAMES)]))

    def use_speech(self, speech: Speech) -> None:
        """Change the language of everything that shares this look."""
        self.speech = speech
        self.speech_changed.emit()
