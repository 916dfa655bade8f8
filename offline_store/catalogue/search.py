"""Finds the first products, in the order of sale, in which every typed word is found.

Every word becomes terms, all of which must hold. The rarest term leads: its positions are taken chunk by chunk, dense
terms are laid over each other as bitmaps, sparse ones are looked up, and the walk ends when the answer is full. A word
of up to three characters is answered by the index exactly; of a longer one the index gives all products that hold its
pieces, which the caller then checks against the rule itself.
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from sqlalchemy import bindparam, func, select

from app.catalogue.gtin import LENGTH
from app.catalogue.search_text import (
    CODE_BEGINS,
    CODE_ENDS,
    LONGEST_GRAM,
    LONGEST_PREFIX,
    LONGEST_SUFFIX,
    grams_of,
    is_spelling,
    may_end_a_barcode,
    pinyin_token,
)
from offline_store.catalogue.connections import Cursor, sql_text
from offline_store.catalogue.postings import (
    BITMAP_BYTES,
    CHUNK_BITS,
    Container,
    keep_in,
    positions_in,
)
from offline_store.catalogue.schema import barcode, gram, product
from offline_store.catalogue.search_terms import AnyOf, Listed, Term, Token, keep_all

GRAMS_USED = 4
"""Pieces up to which all of a word narrow it down; of more only those are used that together hold all its letters."""

FIRST_SLICE, LONGEST_SLICE = 32, 256
"""Positions that are narrowed down together: few at first, so that a common word costs no more than what it shows."""

LOOKED_UP_BARCODES = 64
"""Products up to which barcodes are looked up to compare more last digits than are indexed."""

LOOKED_UP_AT_ONCE = 8
"""Tokens that one statement looks up in the index's dictionary."""

RANGE_LIMIT = 20_000
"""Rows of a range of codes that are read; where more begin alike, walking the common prefix is quicker."""

KEPT_BY_SAME_WORD, NEVER_ALL = 0.8, 0.99
"""Share of positions that a further piece of the same word is thought to keep: pieces of a word stand together anyway,
while another word tells products apart."""

FEW = 256
"""Positions in a chunk up to which each is looked up by itself."""

_GRAM = sql_text(select(gram.c.product_count, gram.c.gram_id).where(gram.c.token == bindparam("token")))
_NO_TOKENS = tuple(f"token_{number}" for number in range(LOOKED_UP_AT_ONCE))
_GRAMS = sql_text(
    select(gram.c.product_count, gram.c.gram_id, gram.c.token).where(
        gram.c.token.in_([bindparam(name) for name in _NO_TOKENS])
    )
)
_ARTICLES = sql_text(
    select(product.c.position).where(
        product.c.article_key >= bindparam("first"), product.c.article_key < bindparam("last")
    )
)
_GTINS = sql_text(select(barcode.c.position).where(barcode.c.gtin.between(bindparam("first"), bindparam("last"))))
_GTINS_OF = sql_text(select(barcode.c.gtin).where(barcode.c.position == bindparam("position")))
_LAST = sql_text(select(func.max(product.c.position)))


class Alternative(NamedTuple):
    """One way in which a word may be found."""

    terms: Sequence[Term]
    """All of them hold; there is one at least."""

    exact: bool
    """Whether the word is found wherever they hold, so that nothing is left to be checked."""

    in_text: bool = False
    """Whether it is the way through names, brand and specification."""


class SearchedWord:
    """One word of a search, and what the index knows of it."""

    def __init__(self, word: str, alternatives: Sequence[Alternative]) -> None:
        """Take the ways in which the word may be found, of which there is one at least."""
        self.word = word
        single = alternatives[0].terms if len(alternatives) == 1 else [AnyOf([way.terms for way in alternatives])]
        self.terms: Sequence[Term] = single
        """All that must hold for the word to be found; the rarest first."""
        self.always_sure = all(way.exact for way in alternatives)
        """Whether the index answers the word exactly everywhere."""
        self.only_text = all(way.exact or way.in_text for way in alternatives)
        """Whether a candidate that the index is not sure of can only be found by its text, not by pinyin or codes."""
        self._sure = [way.terms for way in alternatives if way.exact]

    def is_sure(self, chunk: int, low: int) -> bool:
        """Whether a candidate needs no check of this word, since the index answers it exactly there."""
        for terms in self._sure:
            container = terms[0].container(chunk)
            if container is not None and keep_in(container, (low,)):
                return True
        return False


class Search:
    """One search on an open file."""

    def __init__(self, words: tuple[str, ...], cursor: Cursor) -> None:
        """Look the folded words up in the index's dictionary."""
        self._cursor = cursor
        self._words = [SearchedWord(word, ways) for word in words if (ways := self._ways(word))]
        self._hopeless = len(self._words) < len(words)

    def candidates(self) -> Iterator[tuple[int, list[SearchedWord]]]:
        """Return positions in the file, rising, among which are all hits.

        With each come the words of which the index does not know for sure that they are found there.
        """
        if self._hopeless:
            return
        doubtful = [word for word in self._words if not word.always_sure]
        count = self._last_position() + 1
        chunks = range((count - 1 >> CHUNK_BITS) + 1)
        terms = self._in_order(count, len(chunks))
        for chunk in chunks:
            base = chunk << CHUNK_BITS
            for positions in _walk(terms, chunk):
                for position in positions:
                    yield base + position, [word for word in doubtful if not word.is_sure(chunk, position)]

    def _in_order(self, count: int, chunks: int) -> Sequence[Term]:
        """Return all terms: the rarest leads, the others follow by what they tell for their cost."""
        lead = min((word.terms[0] for word in self._words), key=lambda term: term.estimate)
        walked = lead.estimate / chunks
        others: list[tuple[float, int, Term]] = []
        for word in self._words:
            for rank, term in enumerate(word.terms):
                if term is lead:
                    continue
                kept = min(term.estimate / count, NEVER_ALL)
                if rank or word.terms[0] is lead:
                    kept = max(kept, KEPT_BY_SAME_WORD)
                others.append((term.cost(walked, chunks) / (1 - kept), len(others), term))
        return [lead, *(term for _, _, term in sorted(others))]

    def _last_position(self) -> int:
        row = self._cursor.execute(_LAST).fetchone()
        return -1 if row is None or row[0] is None else int(row[0])

    def _ways(self, word: str) -> list[Alternative]:
        grams = grams_of(word)
        ways = [Alternative(self._tokens(grams), exact=len(grams) == 1, in_text=True)]
        if is_spelling(word):
            pinyin, all_of_it = pinyin_token(word)
            ways.append(Alternative(self._tokens((pinyin,)), exact=all_of_it))
        if len(word) <= LONGEST_PREFIX:
            ways.append(Alternative(self._tokens((CODE_BEGINS + word,)), exact=True))
        else:
            ways.append(self._range(word))
        if may_end_a_barcode(word):
            ways.append(self._ending(word))
        return [way for way in ways if way.terms]

    def _ending(self, word: str) -> Alternative:
        terms = self._tokens((CODE_ENDS + word[-LONGEST_SUFFIX:],))
        if len(word) <= LONGEST_SUFFIX or not terms or terms[0].estimate > LOOKED_UP_BARCODES:
            return Alternative(terms, exact=len(word) <= LONGEST_SUFFIX)
        # The few that share the indexed digits are told apart here, before a product is read for nothing.
        found = set()
        for chunk in range((self._last_position() >> CHUNK_BITS) + 1):
            for low in terms[0].container(chunk) or ():
                position = (chunk << CHUNK_BITS) + low
                rows = self._cursor.execute(_GTINS_OF, {"position": position})
                if any(f"{row[0]:0{LENGTH}d}".endswith(word) for row in rows):
                    found.add(position)
        return Alternative([Listed(sorted(found))] if found else (), exact=True)

    def _tokens(self, tokens: tuple[str, ...]) -> Sequence[Term]:
        if len(tokens) == 1:
            row = self._cursor.execute(_GRAM, {"token": tokens[0]}).fetchone()
            return [Token(self._cursor, row[1], row[0])] if row else ()
        counted: list[tuple[int, int, str]] = []
        for at in range(0, len(tokens), LOOKED_UP_AT_ONCE):
            asked = dict.fromkeys(_NO_TOKENS)
            asked.update(zip(_NO_TOKENS, tokens[at : at + LOOKED_UP_AT_ONCE], strict=False))
            counted += self._cursor.execute(_GRAMS, asked)
        if len(counted) < len(tokens):
            return ()
        used = {min(counted), *(entry for entry in counted if entry[2] in set(covering(tokens)))}
        return [Token(self._cursor, gram_id, count) for count, gram_id, _ in sorted(used)]

    def _range(self, word: str) -> Alternative:
        # No folded code holds the last character of Unicode, so nothing that begins with the word lies behind it.
        rows = self._cursor.execute(_ARTICLES, {"first": word, "last": word + "\U0010ffff"})
        found = {row[0] for row in rows.fetchmany(RANGE_LIMIT + 1)}
        if word.isascii() and word.isdecimal():
            for first, last in _gtin_ranges(word):
                rows = self._cursor.execute(_GTINS, {"first": first, "last": last})
                found.update(row[0] for row in rows.fetchmany(RANGE_LIMIT + 1))
        if len(found) > RANGE_LIMIT:
            return Alternative(self._tokens((CODE_BEGINS + word[:LONGEST_PREFIX],)), exact=False)
        # Zeros in front may belong to a longer form of a shorter number, so only other ranges are exact.
        return Alternative([Listed(sorted(found))] if found else (), exact=not word.startswith("0"))


def covering(tokens: Sequence[str]) -> Sequence[str]:
    """Return as few of a word's pieces as hold all its letters.

    The rarest ones alone would not do: they crowd around its rare letters, and leave out the ending that tells
    клубничные from клубничный.
    """
    if len(tokens) <= GRAMS_USED:
        return tokens
    return [*tokens[::LONGEST_GRAM], tokens[-1]]


def _walk(terms: Sequence[Term], chunk: int) -> Iterator[Sequence[int]]:
    lead = terms[0].container(chunk)
    if lead is None:
        return
    rest = terms[1:]
    if isinstance(lead, bytes) and rest:
        overlaid = _overlaid(lead, rest, chunk)
        if overlaid is None:
            return
        lead, rest = overlaid
    for positions in _slices(lead, FIRST_SLICE if chunk == 0 else LONGEST_SLICE):
        kept = keep_all(rest, chunk, positions)
        if kept:
            yield kept


def _overlaid(lead: bytes, terms: Sequence[Term], chunk: int) -> tuple[bytes, Sequence[Term]] | None:
    """Lay the bitmaps of dense tokens over each other; return what to walk and what else must hold, or None."""
    dense = int.from_bytes(lead, "little")
    others: list[Term] = []
    for term in sorted(terms, key=_is_costly):
        if _is_costly(term) and dense.bit_count() <= FEW:
            others.append(term)
            continue
        container = term.container(chunk)
        if container is None:
            return None
        if isinstance(container, bytes):
            dense &= int.from_bytes(container, "little")
            if not dense:
                return None
        else:
            others.append(term)
    return dense.to_bytes(BITMAP_BYTES, "little"), others


def _is_costly(term: Term) -> bool:
    """Whether laying the term's positions in a chunk together costs more than looking a few of them up."""
    return isinstance(term, AnyOf)


def _slices(container: Container, size: int) -> Iterator[Sequence[int]]:
    if isinstance(container, bytes):
        positions = positions_in(container)
        while chosen := list(islice(positions, size)):
            yield chosen
            size = LONGEST_SLICE
    else:
        at = 0
        while at < len(container):
            yield container[at : at + size]
            at, size = at + size, LONGEST_SLICE


def _gtin_ranges(digits: str) -> Iterator[tuple[int, int]]:
    """Return the keys of barcodes whose printed form of 8, 12, 13 or 14 digits may begin with some digits."""
    for length in (8, 12, 13, LENGTH):
        room = length - len(digits)
        if room >= 0:
            first = int(digits) * 10**room
            yield first, first + 10**room - 1
