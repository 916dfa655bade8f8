"""Fields to type into, in the type scale's fonts, with words that follow the language."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit

from ui.theme.fonts import font
from ui.theme.look import Look
from ui.widgets.labels import Text

_MOST_TYPED = 500


class Field(QLineEdit):
    """One line to type into; no scan ever ends up in it (the burst filter)."""

    def __init__(
        self, look: Look, name: str, prompt: Text, *, size_px: int | None = None, figures: bool = False
    ) -> None:
        """Take the prompt that stands in it while it is empty; figures stand right."""
        super().__init__()
        self._look = look
        self._prompt = prompt
        self.setObjectName(name)
        self.setFont(font(size_px or look.tokens.label_px))
        self.setMaxLength(_MOST_TYPED)
        self.setMinimumHeight(look.tokens.touch_px)
        if figures:
            self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self.setInputMethodHints(Qt.InputMethodHint.ImhFormattedNumbersOnly)
            # An input method would take the figures of the number pad for its own.
            self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        self._render()
        look.speech_changed.connect(self._render)

    def prompt(self, text: Text) -> None:
        """Show another prompt."""
        if text != self._prompt:
            self._prompt = text
            self._render()

    def _render(self) -> None:
        words = self._look.say(self._prompt)
        # In the large fields a prompt would outshout the figures around it; there the caption says what is wanted.
        large = self.font().pixelSize() >= self._look.tokens.large_px
        self.setPlaceholderText("" if large else words)
        self.setToolTip(words)
        self.setAccessibleName(words)
