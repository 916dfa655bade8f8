"""The list of what a person has to look at: entries come from facts, close by themselves or by a person's word."""

from sqlalchemy import insert, select, update

from app.headquarters.members import schema
from app.headquarters.members.records import ExceptionKind, KeeperRefused, KeptException, Quarantined
from app.headquarters.members.work import Work, instant_of
from app.values.clock import write_instant
from app.values.wording import wording


def note_exception(
    work: Work,
    kind: ExceptionKind,
    subject_id: str,
    cost_minor: int,
    *,
    reason: str,
    sale_id: str = "",
    about: str = "",
) -> None:
    """Put an entry on the list, once; `about` names it where the subject alone does not."""
    table = schema.kept_exception
    exception_id = f"{kind.value}/{about or subject_id}"
    known = select(table.c.exception_id).where(table.c.exception_id == exception_id)
    if work.connection.execute(known).first() is None:
        work.connection.execute(
            insert(table).values(
                exception_id=exception_id,
                kind=kind.value,
                subject_id=subject_id,
                sale_id=sale_id,
                cost_minor=cost_minor,
                reason=reason,
                noticed_at=write_instant(work.now),
                closed_by="",
            )
        )


def close_by_itself(work: Work, kind: ExceptionKind, about: str) -> None:
    """Close an entry whose cost has come back; nothing where there is none."""
    _close(work, f"{kind.value}/{about}", "")


def work_off(work: Work, exception_id: str, by: str) -> None:
    """Close an entry that a person has dealt with.

    Raises:
        KeeperRefused: if there is no such open entry.
    """
    if not _close(work, exception_id, by):
        raise KeeperRefused(wording("This exception is not open. List the open ones and choose again."))


def open_exceptions(work: Work) -> tuple[KeptException, ...]:
    """Return the open entries, oldest first."""
    table = schema.kept_exception
    rows = work.connection.execute(
        select(table).where(table.c.closed_at.is_(None)).order_by(table.c.noticed_at, table.c.exception_id)
    )
    return tuple(
        KeptException(
            row.exception_id,
            ExceptionKind(row.kind),
            row.subject_id,
            row.sale_id,
            row.cost_minor,
            row.reason,
            instant_of(row.noticed_at),
        )
        for row in rows
    )


def quarantined(work: Work) -> tuple[Quarantined, ...]:
    """Return the messages that were not applied, oldest first."""
    table = schema.quarantine
    return tuple(
        Quarantined(row.number, row.message_id, row.reason, row.document, instant_of(row.noticed_at))
        for row in work.connection.execute(select(table).order_by(table.c.number))
    )


def _close(work: Work, exception_id: str, by: str) -> bool:
    table = schema.kept_exception
    closed = work.connection.execute(
        update(table)
        .where(table.c.exception_id == exception_id, table.c.closed_at.is_(None))
        .values(closed_at=write_instant(work.now), closed_by=by)
    )
    return closed.rowcount > 0
