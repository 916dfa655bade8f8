"""What the till's store remembers of members and coupons, as the checkout and the desk of members ask for it."""

from datetime import datetime

from app.checkout.member_ports import FactsToTell, MemberCopy
from app.members.entitlements import UsesSeen
from app.members.identity import MemberKey
from app.members.ports import CouponLease, MemberAnswer
from offline_store.coupon_uses import CouponUses
from offline_store.member_copies import MemberCopies, is_forgotten
from offline_store.member_outbox import MemberOutboxRows
from offline_store.personal_texts import PersonalTexts
from offline_store.till_file import TillFile


class MemberMemory:
    """The part of `TillStoreFile` that is `MemberStore` and `MemberOutbox` (`app.checkout.member_ports`)."""

    def __init__(self, till_file: TillFile) -> None:
        """Work through an open store."""
        self._member_copies = MemberCopies(till_file)
        self._coupon_uses = CouponUses(till_file)
        self._member_outbox = MemberOutboxRows(till_file)
        self._member_texts = PersonalTexts(till_file)

    def member_copy(self, key: MemberKey) -> MemberCopy | None:
        """Return the local copy of a member found by phone, card or GSRN; None where there is none.

        Raises:
            StoreProblem: the store could not be read.
        """
        return self._member_copies.find(key)

    def member_copy_of(self, member_id: str) -> MemberCopy | None:
        """Return the local copy of a member by reference.

        Raises:
            StoreProblem: the store could not be read.
        """
        return self._member_copies.of(member_id)

    def keep_member_copy(self, answer: MemberAnswer, as_of: datetime) -> None:
        """Keep what headquarters said of a member; one who was erased there is forgotten here, see `forget_member`.

        Raises:
            StoreProblem: what was kept before is still there.
        """
        if answer.facts is None:
            return
        if is_forgotten(answer.facts.member):
            self.forget_member(answer.facts.member.member_id)
        else:
            self._member_copies.keep(answer.facts, answer, as_of)

    def forget_member(self, member_id: str) -> None:
        """Forget a member: the copy with its coupons and keys, and the masked name on sales and in open baskets.

        The reference stays on their sales, and the chain stays whole. Baskets that the till has in its memory are its
        own to clear (`app.checkout.forgetting`).

        Raises:
            StoreProblem: it is still there.
        """
        self._member_texts.forget_member(member_id)

    def coupon_leases(self) -> tuple[CouponLease, ...]:
        """Return the shares of limited coupons that this till has, those past their time too: they are to go back.

        Shares of an epoch before are not among them: headquarters ended them with it.

        Raises:
            StoreProblem: the store could not be read.
        """
        return self._member_copies.leases()

    def keep_lease(self, lease: CouponLease) -> None:
        """Keep a share of a limited coupon, durably; one that was brought back already stays ended.

        Raises:
            StoreProblem: it was not kept.
        """
        self._member_copies.keep_lease(lease)

    def lease_over(self, lease_id: str) -> None:
        """Remember, durably, that a share was brought back.

        Raises:
            StoreProblem: it was not remembered.
        """
        self._member_copies.end_lease(lease_id)

    def lease_used(self, lease_id: str) -> int:
        """Return how many uses of a share stand in this till's sales.

        Raises:
            StoreProblem: the store could not be read.
        """
        return self._coupon_uses.of_lease(lease_id)

    def uses_seen(self) -> UsesSeen:
        """Return what this till's sales know of coupon uses; open baskets are not counted. It asks the store anew."""
        return self._coupon_uses

    def offers_used(self, member_id: str, since: datetime) -> tuple[tuple[str, int], ...]:
        """Return how often the sales of this till gave a member promotions since an instant, by the offer's id.

        Raises:
            StoreProblem: the store could not be read.
        """
        return self._coupon_uses.offers_of(member_id, since)

    def bought_here(self, member_id: str) -> bool:
        """Return whether this till ever made a sale for a member, told of or not, in whatever epoch.

        Raises:
            StoreProblem: the store could not be read.
        """
        return self._coupon_uses.has_sale_of(member_id)

    def facts_to_tell(self, limit: int) -> FactsToTell:
        """Return what sales and abandoned baskets did to members and coupons and nobody was told yet, at most so many.

        An abandoned basket tells what was let go and names no member.

        Raises:
            StoreProblem: the store could not be read.
        """
        return self._member_outbox.to_tell(limit)

    def facts_told(self, told_to: int) -> None:
        """Remember how far headquarters has heard; going back is ignored.

        Raises:
            StoreProblem: it hears some of it again.
        """
        self._member_outbox.told(told_to)
