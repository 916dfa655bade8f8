"""What headquarters' own people and commands do with the book: campaigns, lists, exceptions, tills, blocking."""

import secrets
from base64 import b32encode
from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from sqlalchemy import select

from app.headquarters.members import campaigns, exceptions, people, published, schema, spending, till_tokens
from app.headquarters.members.database import Database
from app.headquarters.members.ledgers import all_entries
from app.headquarters.members.records import (
    CampaignArm,
    CampaignFigures,
    KeeperRefused,
    KeptException,
    MemberLine,
    Quarantined,
    TillAccess,
)
from app.headquarters.members.terms import KeeperTerms
from app.headquarters.members.work import Work
from app.members.coupons import CouponForm
from app.members.identity import Standing
from app.members.ledger_entries import LedgerEntry
from app.members.ports import AccountKind, MemberFacts
from app.members.privacy import Consent
from app.members.stored_value import Refund
from app.members.tiers import tier_at
from app.values.clock import Clock
from app.values.identifiers import Identities
from app.values.wording import wording

Answer = TypeVar("Answer")

MOST_ON_A_PAGE: Final = 500
_NO_MEMBER: Final = wording("There is no member by this reference. Check the reference.")
_NO_TIER: Final = wording("There is no tier of this name. Check the name.")


class SecretNumbers:
    """Numbers of coupons that nobody guesses: 80 random bits in base32, 16 characters."""

    def new(self) -> str:
        """Return a new number."""
        return b32encode(secrets.token_bytes(10)).decode()


class MemberOffice:
    """The book from headquarters' side; safe for any number of threads, each call is one transaction.

    Raises:
        KeeperTroubled: from every method, where the database fails.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        terms: KeeperTerms,
        identities: Identities | None = None,
        asker: TillAccess | None = None,
    ) -> None:
        """Take an open database; see `open_member_book`."""
        self._database = database
        self._clock = clock
        self.terms = terms
        """What the shop decided."""

        self._identities: Identities = identities or SecretNumbers()
        self.asker = asker
        """The till that this view of the book answers; None: headquarters itself."""

    def close(self) -> None:
        """Close the book, for every view of it."""
        self._database.close()

    def add_form(self, form: CouponForm) -> None:
        """Describe a kind of coupon, or describe it anew.

        Raises:
            KeeperRefused: if it is another merchant's, or would change what coupons that are out promise.
        """
        self._write(lambda work: campaigns.add_form(work, form))

    def issue_coupon(self, form_id: str, member_id: str = "") -> str:
        """Make a coupon and return its number; with a member it is theirs from the beginning.

        Raises:
            KeeperRefused: if there is no such form or member.
        """
        return self._write(lambda work: campaigns.issue_coupon(work, self._identities, form_id, member_id))

    def claim_coupon(self, coupon_id: str, member_id: str) -> None:
        """Make a coupon a member's; claimed again by the same member it is the same.

        Raises:
            KeeperRefused: if the coupon or the member is not known.
            CouponRefused: if it is another member's, withdrawn or over.
        """
        self._write(lambda work: campaigns.claim_coupon(work, coupon_id, member_id))

    def void_coupon(self, coupon_id: str) -> None:
        """Withdraw a coupon.

        Raises:
            KeeperRefused: if it is not known.
        """
        self._write(lambda work: campaigns.void_coupon(work, coupon_id))

    def sign_coupon(self, coupon_id: str) -> str:
        """Return a coupon as a code that tills take without asking (`GC1…`).

        Raises:
            KeeperRefused: if it is not known, belongs to nobody yet, does not fit a code, or there is no key.
        """
        return self._write(lambda work: campaigns.sign_coupon(work, coupon_id))

    def sign_pass(self, member_id: str) -> str:
        """Return the code that a member's telephone shows for a minute (`GM1…`).

        Raises:
            KeeperRefused: if nobody is a member by this reference, or there is no key.
        """
        return self._write(lambda work: campaigns.sign_pass(work, member_id))

    def set_quota(self, form_id: str, code: str, size: int) -> None:
        """Limit a code that every shopper shows to so many uses; never to fewer than are given out already.

        Raises:
            KeeperRefused: if there is no such form, or the code is a coupon's.
        """
        self._write(lambda work: campaigns.set_quota(work, form_id, code, size))

    def set_campaign(self, campaign_id: str, arms: Sequence[CampaignArm]) -> None:
        """Say which forms a campaign compares, and how members are shared out over them.

        Raises:
            KeeperRefused: if a form is missing or the weights are none.
        """
        self._write(lambda work: campaigns.set_campaign(work, campaign_id, arms))

    def claim_campaign(self, campaign_id: str, member_id: str) -> str:
        """Give a member the coupon of their arm, once; return its number.

        Raises:
            KeeperRefused: if the campaign has no form, or nobody is a member by this reference.
        """
        return self._write(lambda work: campaigns.claim_campaign(work, self._identities, campaign_id, member_id))

    def campaign_figures(self, campaign_id: str) -> tuple[CampaignFigures, ...]:
        """Compare the arms of a campaign."""
        return self._read(lambda work: campaigns.campaign_figures(work, campaign_id))

    def declare_dead(self, till_id: str) -> int:
        """Free what a till had set aside whose store was lost; return how many shares ended."""
        return self._write(lambda work: campaigns.declare_dead(work, till_id))

    def members(self, after: str = "", limit: int = 100) -> tuple[MemberLine, ...]:
        """Return a page of members by reference: those behind `after`, at most `limit` (500 at most)."""
        return self._read(lambda work: _page(work, after, min(limit, MOST_ON_A_PAGE)))

    def member_facts(self, member_id: str) -> MemberFacts | None:
        """Return a member's figures, also of one that is blocked or erased; None where there is none."""
        return self._read(lambda work: people.facts_of(work, member_id))

    def consents(self, member_id: str) -> tuple[Consent, ...]:
        """Return what a member said about their data."""
        return self._read(lambda work: people.consents_of(work, member_id))

    def block(self, member_id: str) -> None:
        """Let nothing of a member's be spent until they are let go on.

        Raises:
            KeeperRefused: if there is no such member.
        """
        self._set_standing(member_id, Standing.BLOCKED)

    def unblock(self, member_id: str) -> None:
        """Let a member go on.

        Raises:
            KeeperRefused: if there is no such member.
        """
        self._set_standing(member_id, Standing.ACTIVE)

    def grant_tier(self, member_id: str, tier_id: str) -> None:
        """Put a member on a tier from now on, such as the staff's; what they buy can raise them above it, not below.

        Raises:
            KeeperRefused: if there is no such member or tier.
        """
        if all(tier.tier_id != tier_id for tier in self.terms.ladder.tiers):
            raise KeeperRefused(_NO_TIER)
        if not self._write(lambda work: people.grant_tier(work, member_id, tier_id)):
            raise KeeperRefused(_NO_MEMBER)

    def entries(self, kind: AccountKind, member_id: str) -> tuple[LedgerEntry, ...]:
        """Return an account's ledger, oldest first."""
        return self._read(lambda work: all_entries(work, kind, member_id))

    def refunded(self, refund_id: str, member_id: str) -> Refund | None:
        """Say what a refund handed out; None where it is not known."""
        return self._read(lambda work: spending.refunded(work, refund_id, member_id))

    def erased_after(self, number: int, limit: int = 1000) -> tuple[tuple[int, str], ...]:
        """Return who was erased behind a place in the list: place and reference, for whoever keeps a copy."""
        return self._read(lambda work: _erased(work, number, min(limit, 1000)))

    def exceptions(self) -> tuple[KeptException, ...]:
        """Return what a person has to look at, oldest first."""
        return self._read(exceptions.open_exceptions)

    def work_off(self, exception_id: str, by: str) -> None:
        """Close an exception that a person has dealt with.

        Raises:
            KeeperRefused: if it is not open.
        """
        self._write(lambda work: exceptions.work_off(work, exception_id, by))

    def quarantined(self) -> tuple[Quarantined, ...]:
        """Return the messages that were kept and not applied, oldest first."""
        return self._read(exceptions.quarantined)

    def add_till(self, till_id: str, store_number: int) -> str:
        """Let a till ask, and return its token, which is kept nowhere; an earlier one is no longer good."""
        return self._write(lambda work: till_tokens.add_till(work, till_id, store_number))

    def remove_till(self, till_id: str) -> bool:
        """Let a till ask no more; return whether it could."""
        return self._write(lambda work: till_tokens.remove_till(work, till_id))

    def till_of_token(self, token: str) -> TillAccess | None:
        """Return whose token it is."""
        return self._read(lambda work: till_tokens.till_of_token(work, token))

    def tills(self) -> tuple[TillAccess, ...]:
        """Return the tills that may ask."""
        return self._read(till_tokens.tills)

    def publish_promotions(self, content: bytes) -> str:
        """Have the tills go by these promotion rules, JSON that `app.promotions` reads; return their version."""
        return self._write(lambda work: published.publish(work, content))

    def withdraw_promotions(self) -> bool:
        """Have the tills go by their own promotion rules again; return whether any were published."""
        return self._write(published.withdraw)

    def published_promotions(self) -> published.KeptRules | None:
        """Return the promotion rules that were published last; without content where they were withdrawn."""
        return self._read(published.latest)

    def compact(self) -> None:
        """Rewrite the book without what was erased from it."""
        self._database.compact()

    def _set_standing(self, member_id: str, standing: Standing) -> None:
        if not self._write(lambda work: people.set_standing(work, member_id, standing)):
            raise KeeperRefused(_NO_MEMBER)

    def _read(self, action: Callable[[Work], Answer]) -> Answer:
        with self._database.reading() as connection:
            return action(Work(connection, self.terms, self._clock.now(), self.asker))

    def _write(self, action: Callable[[Work], Answer]) -> Answer:
        with self._database.writing() as connection:
            return action(Work(connection, self.terms, self._clock.now(), self.asker))


def _page(work: Work, after: str, limit: int) -> tuple[MemberLine, ...]:
    table = schema.member
    ids = work.connection.execute(
        select(table.c.member_id).where(table.c.member_id > after).order_by(table.c.member_id).limit(limit)
    ).scalars()
    lines = []
    for member_id in ids.all():
        facts = people.facts_of(work, member_id)
        if facts is not None:
            member = facts.member
            tier = tier_at(member.tiers, work.now, work.terms.ladder)
            lines.append(MemberLine(member_id, member.masked_name, member.masked_phone, tier.tier_id, member.standing))
    return tuple(lines)


def _erased(work: Work, number: int, limit: int) -> tuple[tuple[int, str], ...]:
    table = schema.erasure
    rows = work.connection.execute(
        select(table.c.number, table.c.member_id).where(table.c.number > number).order_by(table.c.number).limit(limit)
    )
    return tuple((row.number, row.member_id) for row in rows)
