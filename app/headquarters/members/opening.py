"""Opens a book of members: the one place where its parts are put together."""

from pathlib import Path

from app.headquarters.members.book import MemberBook
from app.headquarters.members.database import Database, engine_of
from app.headquarters.members.terms import KeeperTerms
from app.values.clock import Clock
from app.values.identifiers import Identities


def open_member_book(
    url_or_path: str | Path,
    clock: Clock,
    terms: KeeperTerms,
    *,
    key: bytes | None = None,
    identities: Identities | None = None,
) -> MemberBook:
    """Open a book, making its tables where there are none yet.

    Args:
        url_or_path: a file for SQLite, or the address of a PostgreSQL database (`postgresql://…`).
        clock: headquarters' own.
        terms: what the shop decided.
        key: 32 random bytes that the file is encrypted with; None: it is readable to whoever may read the file.
        identities: where the numbers of coupons come from; None: they are random and cannot be guessed.

    Raises:
        WrongBook: it is no book of members, its key is another one, or its folder is missing.
        KeeperTroubled: the disk fails, or the database cannot be reached.
    """
    return MemberBook(Database(engine_of(url_or_path, key)), clock, terms, identities)
