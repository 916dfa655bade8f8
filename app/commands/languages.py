"""Loads translations: English needs none, every other language its compiled gettext catalogue."""

import gettext
import os
from functools import cache
from importlib.resources import files
from pathlib import Path

from app.values.problems import Problem
from app.values.speech import ENGLISH, LANGUAGES, Speech
from app.values.wording import wording


class LanguageMissing(Problem):
    """Raised when a language is asked for that the till does not speak."""

    code = "LANGUAGE-MISSING"


@cache
def speech_in(language: str) -> Speech:
    """Return a language ready to speak.

    Raises:
        LanguageMissing: if it is none of `LANGUAGES`.
    """
    if language not in LANGUAGES:
        raise LanguageMissing(
            wording(
                "The language {language} is not known. Choose one of: {known}.",
                language=language,
                known=", ".join(LANGUAGES),
            )
        )
    if language == ENGLISH.language:
        return ENGLISH
    folder = Path(str(files("resources"))) / "translations" / language / "LC_MESSAGES"
    translations = gettext.GNUTranslations()
    compiled = _compiled(folder)
    with compiled.open("rb") as file:
        translations = gettext.GNUTranslations(file)
    return Speech(language, translations.gettext)


def _compiled(folder: Path) -> Path:
    """Return the compiled catalogue, compiling it where the sentences are newer (a source checkout)."""
    source, target = folder / "guitai.po", folder / "guitai.mo"
    if target.exists() and (not source.exists() or target.stat().st_mtime >= source.stat().st_mtime):
        return target
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    unfinished = target.with_suffix(f".{os.getpid()}.tmp")
    with source.open("rb") as sentences, unfinished.open("wb") as file:
        write_mo(file, read_po(sentences))
    unfinished.replace(target)
    return target


def language_of_person(chosen: str | None) -> str:
    """Return the language to speak: the one asked for, else the environment's, else Chinese."""
    if chosen:
        return chosen
    for name in ("GUITAI_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name, "")
        if value.startswith("en"):
            return "en"
        if value.startswith("zh"):
            return "zh_CN"
    return LANGUAGES[0]
