"""Limited codes as rows: of a quota only the share that a message is about is read, the rest is one number.

What all shares and uses take together (`committed`) stands in the quota's own row, and the database itself refuses to
let it pass the quota. A use that is reserved online is a share of one piece under the use's own name.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import insert, select, update

from app.headquarters.members import schema
from app.headquarters.members.work import Work, instant_of
from app.members.quotas import Lease, LeaseState, Quota, QuotaUse, UseState
from app.values.clock import write_instant

_ONLINE: Final = "online/"


@dataclass(frozen=True, slots=True)
class KeptQuota:
    """A limited code as the book has it."""

    code: str
    form_id: str
    pieces: int
    committed: int

    @property
    def free(self) -> int:
        """How many pieces nobody has."""
        return self.pieces - self.committed


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The part of a quota that a message is about, as a quota of its own."""

    kept: KeptQuota
    quota: Quota
    """Of as many pieces as the other shares and uses leave."""


def online_lease(redemption_id: str) -> str:
    """Return the name of the share that a use reserved online is."""
    return _ONLINE + redemption_id


def quota_of(work: Work, code: str) -> KeptQuota | None:
    """Return a limited code."""
    row = work.connection.execute(select(schema.quota).where(schema.quota.c.code == code)).first()
    return KeptQuota(row.code, row.form_id, row.pieces, row.committed) if row is not None else None


def all_quotas(work: Work) -> tuple[KeptQuota, ...]:
    """Return all limited codes, by code."""
    rows = work.connection.execute(select(schema.quota).order_by(schema.quota.c.code))
    return tuple(KeptQuota(row.code, row.form_id, row.pieces, row.committed) for row in rows)


def write_quota(work: Work, code: str, form_id: str, pieces: int) -> None:
    """Keep a limited code, or another number of its pieces: never fewer than are given out."""
    table = schema.quota
    known = quota_of(work, code)
    if known is None:
        work.connection.execute(insert(table).values(code=code, form_id=form_id, pieces=pieces, committed=0))
    else:
        size = max(pieces, known.committed)
        work.connection.execute(update(table).where(table.c.code == code).values(form_id=form_id, pieces=size))


def excerpt(work: Work, kept: KeptQuota, lease_id: str, redemption_id: str = "") -> Excerpt:
    """Return what a quota has of one share and one use."""
    lease = lease_of(work, lease_id)
    uses = _uses(work, kept.code, lease_id, redemption_id)
    alone = Quota(kept.code, kept.pieces, (lease[1],) if lease else (), uses)
    others = kept.committed - alone.committed
    return Excerpt(kept, Quota(kept.code, kept.pieces - others, alone.leases, alone.uses))


def write_back(work: Work, before: Excerpt, after: Quota) -> None:
    """Write what a message changed of a quota."""
    code = before.kept.code
    for lease in after.leases:
        if before.quota.lease(lease.lease_id) != lease:
            write_lease(work, code, lease)
    for use in after.uses:
        if before.quota.find(use.redemption_id) != use:
            _write_use(work, code, use)
    change = after.committed - before.quota.committed
    if change:
        table = schema.quota
        work.connection.execute(update(table).where(table.c.code == code).values(committed=table.c.committed + change))


def lease_of(work: Work, lease_id: str) -> tuple[str, Lease] | None:
    """Return the code of a share, and the share."""
    row = work.connection.execute(select(schema.lease).where(schema.lease.c.lease_id == lease_id)).first()
    if row is None:
        return None
    lease = Lease(
        row.lease_id, row.till_id, row.granted, instant_of(row.usable_until), LeaseState(row.state), row.said_used
    )
    return row.code, lease


def open_leases_of(work: Work, till_id: str) -> tuple[tuple[str, Lease], ...]:
    """Return the shares that a till has, with their codes."""
    table = schema.lease
    ids = work.connection.execute(
        select(table.c.lease_id).where(table.c.till_id == till_id, table.c.state == LeaseState.OPEN.value)
    ).scalars()
    found = (lease_of(work, lease_id) for lease_id in ids.all() if not lease_id.startswith(_ONLINE))
    return tuple(one for one in found if one is not None)


def write_lease(work: Work, code: str, lease: Lease) -> None:
    """Write one share; `code` is empty of one that was brought back before it was granted."""
    table = schema.lease
    values = {
        "code": code,
        "till_id": lease.till_id,
        "granted": lease.granted,
        "usable_until": write_instant(lease.usable_until),
        "state": lease.state.value,
        "said_used": lease.said_used,
    }
    if lease_of(work, lease.lease_id) is None:
        work.connection.execute(insert(table).values(lease_id=lease.lease_id, **values))
    else:
        work.connection.execute(update(table).where(table.c.lease_id == lease.lease_id).values(**values))


def code_of_use(work: Work, redemption_id: str) -> str | None:
    """Return the code that a use belongs to."""
    table = schema.quota_use
    return work.connection.execute(select(table.c.code).where(table.c.redemption_id == redemption_id)).scalar()


def never_granted(lease_id: str, till_id: str, at: datetime) -> Lease:
    """Return a share of nothing that is over: what a share is that was brought back before it was asked for."""
    return Lease(lease_id, till_id, 0, at, LeaseState.RETURNED)


def _uses(work: Work, code: str, lease_id: str, redemption_id: str) -> tuple[QuotaUse, ...]:
    table = schema.quota_use
    of_lease = (table.c.lease_id == lease_id) & (table.c.lease_id != "")
    rows = work.connection.execute(
        select(table).where(table.c.code == code, of_lease | (table.c.redemption_id == redemption_id))
    )
    return tuple(
        QuotaUse(row.redemption_id, UseState(row.state), row.lease_id, row.cost_minor, row.came_back) for row in rows
    )


def _write_use(work: Work, code: str, use: QuotaUse) -> None:
    table = schema.quota_use
    values = {
        "code": code,
        "lease_id": use.lease_id,
        "state": use.state.value,
        "cost_minor": use.cost_minor,
        "came_back": use.came_back,
    }
    known = select(table.c.redemption_id).where(table.c.redemption_id == use.redemption_id)
    if work.connection.execute(known).first() is None:
        work.connection.execute(insert(table).values(redemption_id=use.redemption_id, **values))
    else:
        work.connection.execute(update(table).where(table.c.redemption_id == use.redemption_id).values(**values))


def lease_of_use(work: Work, redemption_id: str) -> str:
    """Return the share that a use was made out of; empty where that is not known."""
    table = schema.quota_use
    found = select(table.c.lease_id).where(table.c.redemption_id == redemption_id)
    return work.connection.execute(found).scalar() or ""
