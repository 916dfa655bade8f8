"""The till's own copies of members, and of its shares of limited coupons: what it goes by while headquarters is away.

Neither is a fact: both can be asked for again. A document that an older or newer version wrote and this one cannot read
counts as not there. The copies are as many as the members named last; who is forgotten leaves nothing behind.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import msgspec

from app.checkout.member_ports import MemberCopy
from app.members.identity import FoundBy, Member, MemberKey, Standing
from app.members.ports import CouponLease, CouponOffer, MemberAnswer, MemberFacts
from app.values.clock import read_instant, write_instant
from app.values.problems import Problem
from offline_store.till_file import TillFile

MOST_COPIES: Final = 20_000
"""Members kept; who was named longest ago makes way. Some 2 kB each, in the file and in every backup."""

FIND_BY_KEY: Final = (
    "SELECT c.as_of, c.document FROM member_key k JOIN member_copy c ON c.member_id = k.member_id "
    "WHERE k.found_by = ? AND k.value = ?"
)
FIND_COPY: Final = "SELECT as_of, document FROM member_copy WHERE member_id = ?"
KEEP_COPY: Final = (
    "INSERT INTO member_copy (member_id, kept_number, as_of, document) "
    "VALUES (?, 1 + coalesce((SELECT max(kept_number) FROM member_copy), 0), ?, ?) ON CONFLICT (member_id) "
    "DO UPDATE SET kept_number = excluded.kept_number, as_of = excluded.as_of, document = excluded.document"
)
DROP_KEYS: Final = "DELETE FROM member_key WHERE member_id = ?"
KEEP_KEY: Final = "INSERT OR REPLACE INTO member_key (found_by, value, member_id) VALUES (?, ?, ?)"
DROP_OLDEST: Final = (
    "DELETE FROM member_copy WHERE kept_number <= "
    "(SELECT kept_number FROM member_copy ORDER BY kept_number DESC LIMIT 1 OFFSET ?)"
)
DROP_COPIES: Final = "DELETE FROM member_copy"
KEEP_LEASE: Final = (
    "INSERT INTO coupon_lease (lease_id, epoch, over, document) VALUES (?, ?, 0, ?) "
    "ON CONFLICT (lease_id) DO UPDATE SET document = excluded.document WHERE over = 0"
)
END_LEASE: Final = "UPDATE coupon_lease SET over = 1 WHERE lease_id = ?"
LEASES: Final = "SELECT document FROM coupon_lease WHERE epoch = ? AND over = 0 ORDER BY lease_id"


@dataclass(frozen=True, slots=True)
class _CopyDocument:
    """A member's copy as it is written."""

    facts: MemberFacts
    coupons: tuple[CouponOffer, ...]


_encode = msgspec.json.Encoder().encode
_decode_copy = msgspec.json.Decoder(_CopyDocument).decode
_decode_lease = msgspec.json.Decoder(CouponLease).decode


class MemberCopies:
    """The copies in the store."""

    def __init__(self, till_file: TillFile, most: int = MOST_COPIES) -> None:
        """Work through an open store."""
        self._file = till_file
        self._most = most

    def find(self, key: MemberKey) -> MemberCopy | None:
        """Return the copy of a member found by a phone, a card or a GSRN."""
        return self._one(FIND_BY_KEY, key.found_by.value, key.value)

    def of(self, member_id: str) -> MemberCopy | None:
        """Return the copy of a member by reference."""
        return self._one(FIND_COPY, member_id)

    def _one(self, statement: str, *values: str) -> MemberCopy | None:
        with self._file.reading() as connection:
            row = connection.driver.execute(statement, values).fetchone()
        if row is None:
            return None
        try:
            document = _decode_copy(row[1])
            return MemberCopy(replace(document.facts, as_of=read_instant(row[0])), document.coupons)
        except (msgspec.MsgspecError, ValueError, Problem):
            # No word of what it says: it names a person.
            logging.getLogger(__name__).warning("member_copy_unreadable")
            return None

    def keep(self, facts: MemberFacts, answer: MemberAnswer, as_of: datetime) -> None:
        """Keep what headquarters said of a member, in place of what was kept before.

        Raises:
            StoreProblem: what was kept before is still there.
        """
        member = facts.member
        document = _encode(_CopyDocument(facts, answer.coupons)).decode()
        keys = [(*key, member.member_id) for key in _keys_of(member)]

        def write(cursor: Any) -> None:  # noqa: ANN401 - the driver has no types
            cursor.execute(KEEP_COPY, (member.member_id, write_instant(as_of), document))
            cursor.execute(DROP_KEYS, (member.member_id,))
            cursor.executemany(KEEP_KEY, keys)
            cursor.execute(DROP_OLDEST, (self._most,))

        self._file.write_working_state(write)

    def keep_lease(self, lease: CouponLease) -> None:
        """Keep a share of a limited coupon, durably: headquarters counts it as this till's.

        Raises:
            StoreProblem: it was not kept.
        """
        values = (lease.lease.lease_id, self._file.head.epoch, _encode(lease).decode())
        self._file.write_durably(lambda cursor: cursor.execute(KEEP_LEASE, values))

    def end_lease(self, lease_id: str) -> None:
        """Remember for good that a share was brought back; one that comes again afterwards stays ended.

        Raises:
            StoreProblem: it was not remembered.
        """
        self._file.write_durably(lambda cursor: cursor.execute(END_LEASE, (lease_id,)))

    def leases(self) -> tuple[CouponLease, ...]:
        """Return the shares of this epoch that were not brought back."""
        with self._file.reading() as connection:
            rows = connection.driver.execute(LEASES, (self._file.head.epoch,)).fetchall()
        return tuple(lease for (document,) in rows if (lease := _read_lease(document)) is not None)


def _read_lease(document: str) -> CouponLease | None:
    try:
        return _decode_lease(document)
    except (msgspec.MsgspecError, ValueError, Problem):
        logging.getLogger(__name__).warning("coupon_lease_unreadable")
        return None


def _keys_of(member: Member) -> Iterator[tuple[str, str]]:
    if member.phone is not None:
        yield FoundBy.PHONE.value, member.phone.e164
    for card in member.cards:
        yield FoundBy.CARD.value, card
    if member.gsrn is not None:
        yield FoundBy.GSRN.value, member.gsrn


def is_forgotten(member: Member) -> bool:
    """Return whether headquarters has forgotten a member, and so must the till."""
    return member.standing is Standing.ERASED
