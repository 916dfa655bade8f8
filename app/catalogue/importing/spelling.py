"""Spells Chinese names in pinyin by whole phrases, so that a character of two readings gets the right one (银行)."""

import re
from functools import cache
from typing import Protocol, cast

_CHINESE = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003134f]")


class _Speller(Protocol):
    def __call__(self, text: str, *, errors: str) -> list[str]: ...


def has_chinese(text: str) -> bool:
    """Whether a text holds Chinese characters."""
    return _CHINESE.search(text) is not None


def spell(name: str) -> str:
    """Return the syllables of the Chinese characters of a name without tones, separated by spaces; ü is written v.

    >>> spell("可口可乐 500ml")
    'ke kou ke le'
    """
    return " ".join(_speller()(name, errors="ignore"))


@cache
def _speller() -> _Speller:
    # The phrases take a third of a second and 30 MB to load, which a till that imports nothing never pays.
    from pypinyin import lazy_pinyin

    return cast("_Speller", lazy_pinyin)
