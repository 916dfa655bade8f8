"""Which tills may ask: each has a token of its own, of which only a hash is kept.

A token has 256 random bits, so a plain SHA-256 of it cannot be guessed back, and looking the hash up tells nothing
about it by the time it takes; the comparison of what was found is in constant time all the same.
"""

import hashlib
import hmac
import secrets

from sqlalchemy import delete, insert, select

from app.headquarters.members import schema
from app.headquarters.members.records import TillAccess
from app.headquarters.members.work import Work

_TOKEN_BYTES = 32
_LONGEST_TOKEN = 200


def add_till(work: Work, till_id: str, store_number: int) -> str:
    """Give a till a token in place of any earlier one."""
    remove_till(work, till_id)
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    work.connection.execute(
        insert(schema.till_access).values(till_id=till_id, store_number=store_number, token_hash=_hash(token))
    )
    return token


def remove_till(work: Work, till_id: str) -> bool:
    """Take a till's token away."""
    table = schema.till_access
    return work.connection.execute(delete(table).where(table.c.till_id == till_id)).rowcount > 0


def till_of_token(work: Work, token: str) -> TillAccess | None:
    """Return whose token it is."""
    if len(token) > _LONGEST_TOKEN:
        return None
    wanted = _hash(token)
    row = work.connection.execute(select(schema.till_access).where(schema.till_access.c.token_hash == wanted)).first()
    if row is None or not hmac.compare_digest(row.token_hash, wanted):
        return None
    return TillAccess(row.till_id, row.store_number)


def tills(work: Work) -> tuple[TillAccess, ...]:
    """Return the tills that may ask."""
    rows = work.connection.execute(select(schema.till_access).order_by(schema.till_access.c.till_id))
    return tuple(TillAccess(row.till_id, row.store_number) for row in rows)


def _hash(token: str) -> str:
    return hashlib.sha256(b"guitai/till-token/1\x00" + token.encode()).hexdigest()
