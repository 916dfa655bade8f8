"""The ledgers of points and of stored value as rows: an account's own entries make its book, new ones are added.

Never is more read than the accounts that a message is about. The books decide (`app.members.lot_book`); here their
entries are only kept.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

import msgspec
from sqlalchemy import and_, insert, or_, select

from app.headquarters.members import schema
from app.headquarters.members.work import Work, document_of
from app.members.identity import Standing
from app.members.ledger_entries import POINTS_UNIT, LedgerEntry
from app.members.lot_book import LotBook
from app.members.points import PointsBook
from app.members.ports import AccountKind
from app.members.stored_value import ValueBook

SomeBook = TypeVar("SomeBook", bound=LotBook)

_DECODER = msgspec.json.Decoder(LedgerEntry)


@dataclass(frozen=True, slots=True)
class About:
    """What a message is about: every account that it names or that its ids belong to is read."""

    account_id: str = ""
    subjects: tuple[str, ...] = ()
    """Holds and earnings."""

    messages: tuple[str, ...] = ()
    """Ids of messages as the ledger keeps them, so that one that came for another account is found out."""


@dataclass(slots=True)
class OpenBook(Generic[SomeBook]):
    """A book that was read, to be kept once it has changed."""

    kind: AccountKind
    book: SomeBook
    kept: int
    """How many of its entries the ledger has."""

    def keep(self, work: Work) -> None:
        """Add what the book gained."""
        gained = self.book.entries[self.kept :]
        if gained:
            work.connection.execute(
                insert(schema.ledger),
                [
                    {
                        "kind": self.kind.value,
                        "message_id": entry.message_id,
                        "account_id": entry.account_id,
                        "subject_id": entry.subject_id,
                        "document": document_of(entry),
                    }
                    for entry in gained
                ],
            )
            self.kept += len(gained)


def open_points(work: Work, about: About) -> OpenBook[PointsBook]:
    """Read the book of points that a message is about."""
    entries = _entries(work, AccountKind.POINTS, about)
    book = PointsBook(entries)
    book.grace_days = work.terms.points_grace_days
    _block(work, book, about.account_id)
    return OpenBook(AccountKind.POINTS, book, len(entries))


def open_value(work: Work, about: About) -> OpenBook[ValueBook]:
    """Read the book of stored value that a message is about."""
    entries = _entries(work, AccountKind.VALUE, about)
    book = ValueBook(entries, currency=work.terms.loading.currency.code, order=work.terms.spending)
    _block(work, book, about.account_id)
    return OpenBook(AccountKind.VALUE, book, len(entries))


def open_kind(work: Work, kind: AccountKind, about: About) -> OpenBook[PointsBook] | OpenBook[ValueBook]:
    """Read the book of one kind that a message is about."""
    return open_points(work, about) if kind is AccountKind.POINTS else open_value(work, about)


def unit_of(work: Work, kind: AccountKind) -> str:
    """Return what a kind of account counts."""
    return POINTS_UNIT if kind is AccountKind.POINTS else work.terms.loading.currency.code


def all_entries(work: Work, kind: AccountKind, account_id: str) -> tuple[LedgerEntry, ...]:
    """Return an account's entries, oldest first."""
    return tuple(_entries(work, kind, About(account_id)))


def _entries(work: Work, kind: AccountKind, about: About) -> list[LedgerEntry]:
    table = schema.ledger
    accounts = {about.account_id} if about.account_id else set()
    if about.subjects or about.messages:
        owners = select(table.c.account_id).where(
            table.c.kind == kind.value,
            or_(table.c.subject_id.in_(about.subjects), table.c.message_id.in_(about.messages)),
        )
        accounts.update(work.connection.execute(owners).scalars())
    rows = (
        select(table.c.document)
        .where(
            table.c.kind == kind.value,
            or_(
                table.c.account_id.in_(sorted(accounts - {""})),
                # A hold that was let go before it came belongs to nobody yet.
                and_(table.c.account_id == "", table.c.subject_id.in_(about.subjects)),
            ),
        )
        .order_by(table.c.number)
    )
    return [_DECODER.decode(document) for document in work.connection.execute(rows).scalars()]


def _block(work: Work, book: LotBook, account_id: str) -> None:
    if account_id and standing_of(work, account_id) in {Standing.BLOCKED, Standing.ERASED}:
        book.block(account_id)


def standing_of(work: Work, member_id: str) -> Standing | None:
    """Return how a member stands; None where nobody is a member by this reference."""
    table = schema.member
    found = work.connection.execute(select(table.c.standing).where(table.c.member_id == member_id)).scalar()
    return Standing(found) if found is not None else None


def has_holds(books: Iterable[LotBook], member_id: str) -> bool:
    """Tell whether a payment of a member is under way."""
    return any(book.has_holds(member_id) for book in books)
