"""What it means that a product is found by a typed text: the rule, apart from any index that makes it quick.

A text is folded (case, width, accents) and split into words; every word must be found, in any order. A word is found
- anywhere in the name in any language, the brand or the specification;
- in the pinyin or its initials from any syllable on: `kele` and `kl` find `ke kou ke le`;
- at the beginning of a code: a barcode as printed, the PLU, the article number;
- at the end of a barcode, by four to six digits (people read the last ones aloud).

The same rule stands behind the index, which stores `tokens_of` each product, and behind a plain scan with `finds`.
"""

import re
import unicodedata
from dataclasses import dataclass

from app.catalogue.gtin import printed_forms
from app.catalogue.products import Product

LONGEST_QUERY = 200
"""Characters of a typed text that are read; no name is longer, and what lies behind is noise of a stuck key."""

LONGEST_GRAM = 3
"""Characters of the longest pieces of words that are indexed; a longer word is found by its pieces, then checked."""

LONGEST_PREFIX = 7
"""First characters of codes that are indexed; GS1 company prefixes are mostly shorter, what follows is rare."""

LONGEST_PINYIN = 10
"""First letters of pinyin that are indexed; ten are three to four syllables, in which few phrases agree by chance."""

SHORTEST_SUFFIX = 4
MOST_LAST_DIGITS = 6
"""How many last digits of a barcode a person types, at least and at most."""

LONGEST_SUFFIX = 5
"""Last digits of barcodes that are indexed; they leave ten products of a million."""

CODE_BEGINS = "\x01"
CODE_ENDS = "\x02"
PINYIN_BEGINS = "\x03"
"""Stand before tokens that are not pieces of the text, which holds no control characters once it is folded."""

_ACCENTS = re.compile("[\u0300-\u036f]+")
_NOT_TEXT = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]+")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]+")


def fold(text: str) -> str:
    """Return a text in the one form that searches compare: no case, width, accents or control characters.

    >>> fold("Ｃafé Ⅷ"), fold("ЁЛКА")
    ('cafe viii', 'елка')
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    if folded.isascii():
        return folded if folded.isprintable() else _NOT_TEXT.sub(" ", folded)
    plain = _ACCENTS.sub("", unicodedata.normalize("NFKD", folded))
    return _NOT_TEXT.sub(" ", _INVISIBLE.sub("", unicodedata.normalize("NFC", plain)))


def query_words(text: str) -> tuple[str, ...]:
    """Return the words of a typed text, each once, in the order typed.

    >>> query_words(" Milk  MILK 1L ")
    ('milk', '1l')
    """
    return tuple(dict.fromkeys(fold(text[:LONGEST_QUERY])[:LONGEST_QUERY].split()))


@dataclass(frozen=True, slots=True)
class Findable:
    """What a product can be found by, folded."""

    text: str
    """Words of names, brand and specification, separated by single spaces."""

    codes: tuple[str, ...]
    """Printed barcodes, PLU and article number, found by how they begin."""

    gtins: tuple[str, ...]
    """Barcodes of 14 digits, found by how they end."""

    pinyin: tuple[str, ...] = ()
    """The pinyin without spaces and its initials, from each syllable on, found by how they begin."""

    def finds(self, words: tuple[str, ...]) -> bool:
        """Whether every word is found; no words find nothing."""
        return bool(words) and all(self.finds_word(word) for word in words)

    def finds_word(self, word: str) -> bool:
        """Whether one folded word is found in the text, begins a code or ends a barcode."""
        return (
            word in self.text
            or any(tail.startswith(word) for tail in self.pinyin)
            or any(code.startswith(word) for code in self.codes)
            or (may_end_a_barcode(word) and any(gtin.endswith(word) for gtin in self.gtins))
        )

    def tokens(self) -> set[str]:
        """Return the pieces that the index stores for the product."""
        found: set[str] = set()
        for word in set(self.text.split()):
            found.update(word)
            found.update([word[at : at + 2] for at in range(len(word) - 1)])
            found.update([word[at : at + 3] for at in range(len(word) - 2)])
        for code in self.codes:
            found.update(CODE_BEGINS + code[:length] for length in range(1, min(len(code), LONGEST_PREFIX) + 1))
        for tail in self.pinyin:
            found.update(PINYIN_BEGINS + tail[:length] for length in range(1, min(len(tail), LONGEST_PINYIN) + 1))
        for gtin in self.gtins:
            found.update(CODE_ENDS + gtin[-length:] for length in range(SHORTEST_SUFFIX, LONGEST_SUFFIX + 1))
        return found


def text_of(product: Product) -> str:
    """Return the folded words of a product in which a typed word may stand anywhere, separated by single spaces."""
    name = product.name
    parts = [name.default, *(text for _, text in name.translations), product.brand, product.specification]
    return " ".join(fold(" ".join(parts)).split())


def findable(product: Product, gtins: tuple[str, ...]) -> Findable:
    """Return what a product with its barcodes (14 digits each) can be found by."""
    return Findable(text_of(product), codes_of(product, gtins), gtins, pinyin_tails(product.pinyin))


def pinyin_tails(pinyin: str) -> tuple[str, ...]:
    """Return the pinyin without spaces and its initials, from each syllable on.

    >>> pinyin_tails("ke kou le")
    ('kekoule', 'koule', 'le', 'kkl', 'kl', 'l')
    """
    syllables = pinyin.lower().split() if is_spelling(pinyin) else ()
    initials = [syllable[0] for syllable in syllables]
    places = range(len(syllables))
    return (*("".join(syllables[at:]) for at in places), *("".join(initials[at:]) for at in places))


def codes_of(product: Product, gtins: tuple[str, ...]) -> tuple[str, ...]:
    """Return the codes of a product with its barcodes that are found by how they begin."""
    codes = [form for gtin in gtins for form in printed_forms(gtin)]
    codes.append(article_key(product.product_id))
    if product.plu:
        codes.append(article_key(product.plu))
    return tuple(dict.fromkeys(codes))


def article_key(code: str) -> str:
    """Return the form of an article number by which it is found and must be unique: folded, without spaces.

    >>> article_key("A 100-b")
    'a100-b'
    """
    return "".join(fold(code).split())


def is_spelling(text: str) -> bool:
    """Whether a text can be pinyin as it is typed: Latin letters without accents, and what separates syllables."""
    return text.isascii() and not any(map(str.isdecimal, text))


def pinyin_token(word: str) -> tuple[str, bool]:
    """Return the token of products whose pinyin begins with a word somewhere, and whether it is the whole word."""
    length = min(len(word), LONGEST_PINYIN)
    return PINYIN_BEGINS + word[:length], length == len(word)


def may_end_a_barcode(word: str) -> bool:
    """Whether a word can be the last digits of a barcode."""
    return SHORTEST_SUFFIX <= len(word) <= MOST_LAST_DIGITS and word.isascii() and word.isdecimal()


def grams_of(word: str) -> tuple[str, ...]:
    """Return the indexed pieces that together narrow a folded word: itself, or all its pieces of three.

    >>> grams_of("可乐"), grams_of("cola")
    (('可乐',), ('col', 'ola'))
    """
    if len(word) <= LONGEST_GRAM:
        return (word,)
    return tuple(dict.fromkeys(word[at : at + LONGEST_GRAM] for at in range(len(word) - LONGEST_GRAM + 1)))
