"""Sentences that are translated where they are shown, and texts that come in several languages.

A layer below the screens never knows the language of the person in front of it. It returns a `Wording`:
the English sentence, which is also its gettext message id, and the values that go into it. The screen,
the receipt or the command line renders it with a `Speech` (see `app.values.speech`).
"""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LocalizedText:
    """A text that a shop wrote in one or several languages, such as a product's name."""

    default: str
    """The text in the shop's own language."""

    translations: tuple[tuple[str, str], ...] = ()
    """Pairs of a language code (`en`, `zh_CN`) and the text in it."""

    def in_language(self, language: str) -> str:
        """Return the text in a language, or the shop's own where there is none."""
        for known, text in self.translations:
            if known == language:
                return text
        return self.default

    def __str__(self) -> str:
        return self.default


WordingValue = str | int | LocalizedText


@dataclass(frozen=True, slots=True)
class Wording:
    """One translatable sentence with the values that go into it."""

    message: str
    """The English sentence and gettext message id, with `{name}` where values go."""

    values: tuple[tuple[str, "WordingValue | Wording"], ...] = ()

    def render(self, translate: Callable[[str], str], language: str) -> str:
        """Return the sentence in a language; `translate` maps a message id to that language."""
        rendered: dict[str, str] = {}
        for name, value in self.values:
            if isinstance(value, LocalizedText):
                rendered[name] = value.in_language(language)
            elif isinstance(value, Wording):
                rendered[name] = value.render(translate, language)
            else:
                rendered[name] = str(value)
        sentence = translate(self.message)
        return sentence.format_map(rendered) if rendered else sentence

    def __str__(self) -> str:
        return self.render(lambda message: message, "en")


def wording(message: str, /, **values: "WordingValue | Wording") -> Wording:
    """Mark a sentence for translation and bind its values; Babel extracts the first argument.

    >>> str(wording("Product {name} is not for sale", name="rice"))
    'Product rice is not for sale'
    """
    return Wording(message, tuple(values.items()))
