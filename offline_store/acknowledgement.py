"""How far headquarters has taken the journal, and what is still to go: the journal is the outbox (decision 2)."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, select

from offline_store import schema
from offline_store.connection import StoreConnection
from offline_store.schema import entry_key
from offline_store.till_file import TillFile

SAVE: Final = (
    "UPDATE sync_state SET acknowledged_epoch = ?, acknowledged_sequence = ? "
    "WHERE (acknowledged_epoch, acknowledged_sequence) < (?, ?)"
)


@dataclass(frozen=True, slots=True)
class Unsynced:
    """What headquarters does not have yet."""

    entry_count: int
    gross_minor: int
    """Of the sales among them."""


@dataclass(frozen=True, slots=True)
class _Base:
    """What was there at the acknowledged entry, so that the rest is a subtraction and not a count of rows."""

    epoch: int
    """The present epoch; a base of another is out of date."""

    earlier_entries: int
    """Unacknowledged entries of epochs before the present one."""

    acknowledged_sequence: int
    """Within the present epoch; 0 where none of it is acknowledged."""

    gross_minor: int
    """The perpetual total as it stood at the acknowledged entry."""


class Acknowledgement:
    """How far the journal was acknowledged."""

    def __init__(self, till_file: TillFile) -> None:
        """Work through an open store."""
        self._file = till_file
        self._base: _Base | None = None

    def unsynced(self) -> Unsynced:
        """Return what headquarters does not have yet; costs nothing while selling."""
        head = self._file.head
        base = self._base
        if base is None or base.epoch != head.epoch:
            with self._file.reading() as connection:
                base = self._base = _base(connection, head.epoch)
        return Unsynced(
            base.earlier_entries + head.sequence - base.acknowledged_sequence,
            head.totals.gross_minor - base.gross_minor,
        )

    def acknowledge(self, epoch: int, sequence: int) -> None:
        """Keep an acknowledgement, unless a later one is kept already.

        Raises:
            ValueError: there is no such entry yet; nobody can have acknowledged it.
            StoreProblem: it was not stored.
        """
        head = self._file.head
        if (epoch, sequence) > (head.epoch, head.sequence):
            raise ValueError(f"entry {epoch}/{sequence} is beyond the head {head.epoch}/{head.sequence}")
        self._file.write_working_state(lambda cursor: cursor.execute(SAVE, (epoch, sequence, epoch, sequence)))
        self._base = None


def _base(connection: StoreConnection, epoch: int) -> _Base:
    state = connection.core.execute(select(schema.sync_state)).one()
    acknowledged = entry_key(state.acknowledged_epoch, state.acknowledged_sequence)
    keys = schema.journal.c.entry_key
    earlier = connection.core.execute(
        select(func.count()).where(keys > acknowledged, keys < entry_key(epoch, 0))
    ).scalar_one()
    sales = schema.sale.c
    gross = connection.core.execute(
        select(sales.total_gross_minor).where(sales.entry_key <= acknowledged).order_by(sales.entry_key.desc()).limit(1)
    ).scalar()
    own = state.acknowledged_sequence if state.acknowledged_epoch == epoch else 0
    return _Base(epoch, int(earlier), own, int(gross or 0))
