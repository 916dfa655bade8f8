"""Tells what sales and abandoned baskets did to members and coupons: the journal is the outbox, a cursor runs along it.

Which entries say anything stands in the tables beside the journal, so a till with years of other sales is as quick as a
new one; what is told is read from the signed body.
"""

from typing import Final

import msgspec

from app.checkout.member_ports import FactsToTell
from app.ledger.entry import EntryKind
from app.members.ports import SaleFacts
from app.values.clock import read_instant
from offline_store.deal_document import let_go_of, use_of
from offline_store.documents import GivenUp
from offline_store.problems import damaged
from offline_store.projections import read_date
from offline_store.sale_document import read_document
from offline_store.schema import entry_key
from offline_store.till_file import TillFile

TOLD_TO: Final = "SELECT told_to FROM member_outbox WHERE one = 1"
MOVE_ON: Final = "UPDATE member_outbox SET told_to = ? WHERE one = 1 AND told_to < ?"
_TABLES: Final = ("sale_member", "coupon_use", "coupon_let_go")
_PAGE: Final = " UNION ".join(
    f"SELECT * FROM (SELECT DISTINCT entry_key FROM {table} WHERE entry_key > :after ORDER BY entry_key LIMIT :limit)"  # noqa: S608 - our own names
    for table in _TABLES
)
TO_TELL: Final = (
    f"SELECT j.entry_key, j.till_id, j.kind, j.recorded_at, j.business_date, j.body FROM ({_PAGE}) told "  # noqa: S608 - our own names
    "JOIN journal j ON j.entry_key = told.entry_key ORDER BY j.entry_key LIMIT :limit"
)
"""Every part is read in the order of its key and no further than a page."""


class MemberOutboxRows:
    """The outbox in the store."""

    def __init__(self, till_file: TillFile) -> None:
        """Work through an open store."""
        self._file = till_file

    def to_tell(self, limit: int) -> FactsToTell:
        """Return the oldest facts that were not told, at most so many.

        Raises:
            ValueError: for a limit below one.
        """
        if limit < 1:
            raise ValueError("one fact at least is told at a time")
        head = self._file.head
        with self._file.reading() as connection:
            after = connection.driver.execute(TOLD_TO).fetchone()[0]
            rows = connection.driver.execute(TO_TELL, {"after": after, "limit": limit}).fetchall()
        try:
            facts = tuple(_facts(*row[1:]) for row in rows)
        except (msgspec.MsgspecError, ValueError) as error:
            raise damaged() from error
        told_to = rows[-1][0] if len(rows) == limit else entry_key(head.epoch, head.sequence)
        return FactsToTell(facts, max(told_to, after))

    def told(self, told_to: int) -> None:
        """Remember how far headquarters has heard; going back is ignored.

        Raises:
            StoreProblem: it hears some of it again.
        """
        self._file.write_working_state(lambda cursor: cursor.execute(MOVE_ON, (told_to, told_to)))


def _facts(till_id: str, kind: str, recorded_at: str, business_date: str, body: str) -> SaleFacts:
    if kind == EntryKind.SALE.value:
        return _of_sale(till_id, business_date, body)
    # Nothing was bought, so nobody is named: only what was asked for and let go counts.
    given_up = msgspec.json.decode(body, type=GivenUp)
    return SaleFacts(
        sale_id=given_up.basket_id,
        till_id=till_id,
        completed_at=read_instant(recorded_at),
        business_date=read_date(business_date),
        released=tuple(let_go_of(one) for one in given_up.released),
    )


def _of_sale(till_id: str, business_date: str, body: str) -> SaleFacts:
    document = read_document(body.encode())
    member, promotions = document.member, document.promotions
    return SaleFacts(
        sale_id=document.sale_id,
        till_id=till_id,
        completed_at=document.completed_at,
        business_date=read_date(business_date),
        member_id=member.member_id if member is not None else "",
        bought_minor=member.bought_minor if member is not None else 0,
        points=member.points_earned if member is not None else 0,
        points_end_on=member.points_end_on if member is not None else None,
        offers=tuple((one.offer_id, one.times) for one in promotions.offers) if promotions is not None else (),
        coupons=tuple(use_of(use) for use in document.coupons),
        released=tuple(let_go_of(one) for one in document.released),
    )
