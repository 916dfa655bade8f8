"""Answers what this till's sales know of coupons and promotions that were used, over all epochs."""

from datetime import datetime
from typing import Final

from app.values.clock import write_instant
from offline_store.till_file import TillFile

OF_COUPON: Final = "SELECT count(DISTINCT redemption_id) FROM coupon_use WHERE coupon_id = ?"
OF_FORM_BY: Final = (
    "SELECT count(DISTINCT redemption_id) FROM coupon_use WHERE form_id = ? AND member_id = ? AND member_id <> ''"
)
OF_LEASE: Final = "SELECT count(DISTINCT redemption_id) FROM coupon_use WHERE lease_id = ? AND lease_id <> ''"
OFFERS_USED: Final = (
    "SELECT o.offer_id, sum(o.times) FROM sale_member m CROSS JOIN sale s ON s.entry_key = m.entry_key "
    "JOIN sale_offer o ON o.entry_key = m.entry_key WHERE m.member_id = ? AND s.completed_at >= ? "
    "GROUP BY o.offer_id ORDER BY o.offer_id"
)
BOUGHT: Final = "SELECT 1 FROM sale_member WHERE member_id = ? LIMIT 1"


class CouponUses:
    """The uses in the store's sales (`app.members.entitlements.UsesSeen`)."""

    def __init__(self, till_file: TillFile) -> None:
        """Work through an open store."""
        self._file = till_file

    def of_coupon(self, coupon_id: str) -> int:
        """Return how many uses of a coupon are known: those of this till's sales."""
        return self._count(OF_COUPON, coupon_id)

    def of_coupon_here(self, coupon_id: str) -> int:
        """Return how many of them this till made."""
        return self._count(OF_COUPON, coupon_id)

    def of_form_by(self, form_id: str, member_id: str) -> int:
        """Return how many uses of a form by a member are known."""
        return self._count(OF_FORM_BY, form_id, member_id)

    def of_lease(self, lease_id: str) -> int:
        """Return how many uses of a share stand in sales."""
        return self._count(OF_LEASE, lease_id)

    def offers_of(self, member_id: str, since: datetime) -> tuple[tuple[str, int], ...]:
        """Return how often sales gave a member promotions since an instant, by the offer's id."""
        with self._file.reading() as connection:
            rows = connection.driver.execute(OFFERS_USED, (member_id, write_instant(since))).fetchall()
        return tuple((str(offer_id), int(times)) for offer_id, times in rows)

    def has_sale_of(self, member_id: str) -> bool:
        """Return whether a sale was made for a member."""
        with self._file.reading() as connection:
            return connection.driver.execute(BOUGHT, (member_id,)).fetchone() is not None

    def _count(self, statement: str, *values: str) -> int:
        with self._file.reading() as connection:
            return int(connection.driver.execute(statement, values).fetchone()[0])
