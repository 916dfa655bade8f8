"""Keeps the promotion rules that were published to the tills, each version with its day: the last one holds."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import insert, select

from app.headquarters.members import schema
from app.headquarters.members.work import Work, instant_of
from app.members.published_rules import WITHDRAWN, PublishedRules, version_of
from app.values.clock import write_instant


@dataclass(frozen=True, slots=True)
class KeptRules:
    """Rules as they were published once."""

    version: str
    published_at: datetime
    content: bytes = field(repr=False)
    """JSON; empty where rules were withdrawn."""


def publish(work: Work, content: bytes) -> str:
    """Let rules hold from now on; return their version. The same again changes nothing."""
    return _add(work, version_of(content), content)


def withdraw(work: Work) -> bool:
    """Take rules back; return whether any held."""
    found = latest(work)
    if found is None or found.version == WITHDRAWN:
        return False
    _add(work, WITHDRAWN, b"")
    return True


def latest(work: Work) -> KeptRules | None:
    """Return what was published last; None where nothing was."""
    table = schema.published_rules
    found = work.connection.execute(select(table).order_by(table.c.number.desc()).limit(1)).first()
    if found is None:
        return None
    return KeptRules(found.version, instant_of(found.published_at), found.document.encode())


def answer(work: Work, known: str) -> PublishedRules:
    """Say what holds to a till that has a version already."""
    found = latest(work)
    if found is None:
        return PublishedRules("")
    return PublishedRules(found.version, b"" if found.version == known else found.content)


def _add(work: Work, version: str, content: bytes) -> str:
    found = latest(work)
    if found is None or found.version != version:
        work.connection.execute(
            insert(schema.published_rules).values(
                version=version, document=content.decode("utf-8"), published_at=write_instant(work.now)
            )
        )
    return version
