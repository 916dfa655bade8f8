"""What every part of the keeper works with during one call: the transaction, the shop's terms, the time, the asker."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

import msgspec
from sqlalchemy import Connection, insert, select

from app.headquarters.members import schema
from app.headquarters.members.records import TillAccess
from app.headquarters.members.terms import KeeperTerms
from app.members.lot_book import When
from app.values.clock import write_instant

NO_CLOCK_BEFORE: Final = datetime(2020, 1, 1, tzinfo=UTC)
"""No till sold before; a clock that says so has died, and begun again in 1970 or 1980."""


@dataclass(frozen=True, slots=True)
class Work:
    """One call."""

    connection: Connection
    terms: KeeperTerms
    now: datetime
    asker: TillAccess | None = None
    """The till that asks; None: headquarters itself, or a shop that keeps its own book."""

    @property
    def today(self) -> date:
        """The trading day."""
        return self.terms.today(self.now)

    @property
    def when(self) -> When:
        """The time of a message to a ledger: headquarters' own, whatever a till's clock says."""
        return When(self.now, self.today)

    def as_told(self, instant: datetime) -> datetime:
        """Return an instant that a till named, or now where that till's clock is ahead, or has died."""
        return instant if NO_CLOCK_BEFORE <= instant <= self.now else self.now


class MessageSeen(Exception):
    """Raised within a call when its message came before; `same` tells whether it said the same."""

    def __init__(self, *, same: bool) -> None:
        """Keep whether it said the same."""
        super().__init__(same)
        self.same = same


def note_message(work: Work, message_id: str, content: object) -> None:
    """Remember a message by its id and a digest of what it says.

    Raises:
        MessageSeen: it came before.
    """
    digest = digest_of(content)
    known = work.connection.execute(
        select(schema.message.c.digest).where(schema.message.c.message_id == message_id)
    ).scalar()
    if known is not None:
        raise MessageSeen(same=known == digest)
    work.connection.execute(
        insert(schema.message).values(message_id=message_id, digest=digest, taken_at=write_instant(work.now))
    )


def document_of(content: object) -> str:
    """Return a value as JSON, the same for the same value."""
    return msgspec.json.encode(content, order="sorted").decode()


def digest_of(content: object) -> str:
    """Return what stands for a value."""
    return hashlib.sha256(document_of(content).encode()).hexdigest()


def quarantine(work: Work, message_id: str, reason: str, content: object) -> None:
    """Keep a message that is not applied, once, for a person to look at."""
    table = schema.quarantine
    document = document_of(content)
    known = select(table.c.number).where(
        table.c.message_id == message_id, table.c.reason == reason, table.c.document == document
    )
    if work.connection.execute(known).first() is None:
        work.connection.execute(
            insert(table).values(
                message_id=message_id, reason=reason, document=document, noticed_at=write_instant(work.now)
            )
        )


def instant_of(text: str) -> datetime:
    """Read an instant of a row, as `write_instant` wrote it."""
    return datetime.fromisoformat(text)
