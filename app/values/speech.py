"""A language at work: turns wordings, localized texts and instants into what a person reads."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from app.values.wording import LocalizedText, Wording

LANGUAGES = ("zh_CN", "en")
"""The languages every text is complete in; the first is the one of the first shops."""


def _as_written(message: str) -> str:
    return message


@dataclass(frozen=True, slots=True)
class Speech:
    """One language with its translations; English needs none, since message ids are English."""

    language: str = "en"
    translate: Callable[[str], str] = field(default=_as_written, compare=False)

    def say(self, text: "Wording | LocalizedText | str") -> str:
        """Return a sentence or a localized text in this language; a plain text comes back as it is."""
        if isinstance(text, Wording):
            return text.render(self.translate, self.language)
        if isinstance(text, LocalizedText):
            return text.in_language(self.language)
        return text

    def write_time(self, instant: datetime) -> str:
        """Write date and time of an instant that is already in the store's zone: `2026-11-22 12:41`."""
        return f"{instant:%Y-%m-%d %H:%M}"


ENGLISH = Speech()
