"""The book of members: everything that a till asks of their keeper, each call one durable transaction."""

import logging
from collections.abc import Callable
from functools import partial
from typing import Final

from app.headquarters.members import campaigns, coupon_offers, coupon_steps, facts, people, published, spending
from app.headquarters.members.database import KeeperTroubled
from app.headquarters.members.office import Answer, MemberOffice
from app.headquarters.members.records import TillAccess
from app.headquarters.members.work import Work
from app.members.holds import GiveBackAnswer, HoldAnswer
from app.members.identity import Member, MemberKey
from app.members.ports import (
    AccountFound,
    AccountKind,
    CouponAnswer,
    CouponLease,
    CouponReach,
    CouponsFound,
    ErasedMembers,
    MemberAnswer,
    Reach,
    ReturnFacts,
    SaleFacts,
)
from app.members.privacy import Consent, Erasure
from app.members.published_rules import PublishedRules
from app.members.signed_codes import IssuerKey
from app.values.wording import Wording

_log: Final = logging.getLogger(__name__)


class MemberBook(MemberOffice):
    """A `MemberKeeper` (`app.members.ports`) over a database, and headquarters' own calls beside it.

    A till's call never raises for what the database does: it answers AWAY, and `last_trouble` says why. What is wrong
    with a coupon, an account or a member is the answer itself. Safe for any number of threads.
    """

    last_trouble: Wording | None = None
    """Why the last call of a till was answered AWAY; None where it was not."""

    def at(self, till_id: str, store_number: int) -> "MemberBook":
        """Return the same book as one till sees it: with the coupons of its store, and copies signed for it alone."""
        asker = TillAccess(till_id, store_number)
        return MemberBook(self._database, self._clock, self.terms, self._identities, asker)

    def find(self, key: MemberKey) -> MemberAnswer:
        """Find a member with the coupons they can use where the till stands.

        Where headquarters has a key, a coupon comes with a copy that it signed for this till (`CopyRule`): the till may
        take it once while headquarters is away. A code on a telephone that is not good any more is REFUSED.
        """
        return self._ask(lambda work: people.find(work, key), MemberAnswer(Reach.AWAY))

    def enrol(self, message_id: str, member: Member, consents: tuple[Consent, ...]) -> MemberAnswer:
        """Take a new member in, see `app.members.ports.Members`."""
        return self._do(lambda work: people.enrol(work, message_id, member, consents), MemberAnswer(Reach.AWAY))

    def record_consent(self, message_id: str, consent: Consent) -> Reach:
        """Add what a member said."""
        return self._do(lambda work: people.record_consent(work, message_id, consent), Reach.AWAY)

    def erase(self, message_id: str, erasure: Erasure) -> Reach:
        """Forget a member; REFUSED while something is open.

        Points end only where `forfeited_points` names as many as there are: that the person was told so and agreed.
        """
        return self._do(lambda work: people.erase(work, message_id, erasure), Reach.AWAY)

    def erased_since(self, mark: int) -> ErasedMembers | None:
        """Name who was forgotten since a mark, some at a time."""
        return self._ask(lambda work: people.erased_since(work, mark), None)

    def of_code(self, text: str, member_id: str) -> CouponsFound:
        """Say what coupon a scanned code is."""
        return self._ask(lambda work: coupon_offers.of_code(work, text, member_id), CouponsFound(Reach.AWAY))

    def reserve(self, redemption_id: str, coupon_id: str, member_id: str) -> CouponAnswer:
        """Set a use aside for a basket."""
        return self._do(
            lambda work: coupon_steps.reserve(work, redemption_id, coupon_id, member_id), CouponAnswer(CouponReach.AWAY)
        )

    def release(self, redemption_id: str, coupon_id: str) -> CouponAnswer:
        """Let a use go."""
        return self._do(
            lambda work: coupon_steps.release(work, redemption_id, coupon_id), CouponAnswer(CouponReach.AWAY)
        )

    def codes_to_lease(self, till_id: str, epoch: int) -> tuple[str, ...] | None:
        """Name the limited codes of which a till should have a share; what it had in an earlier epoch is free again."""
        return self._do(lambda work: campaigns.codes_to_lease(work, till_id, epoch), None)

    def lease(self, lease_id: str, code: str, till_id: str, wanted: int) -> CouponLease | None:
        """Give a till a share of a limited code; None where nothing of it is free, or there is no such code."""
        return self._do(lambda work: campaigns.lease(work, lease_id, code, till_id, wanted), None)

    def bring_back(self, lease_id: str, used: int) -> Reach:
        """Take a share back; REFUSED where another number of uses was told before."""
        return self._do(lambda work: campaigns.bring_back(work, lease_id, used), Reach.AWAY)

    def take_in(self, facts_of_sale: SaleFacts) -> Reach:
        """Take a committed sale in; one that comes again with another content is put aside, and answered."""
        return self._take(partial(facts.take_in, facts=facts_of_sale), facts_of_sale)

    def take_back(self, facts_of_return: ReturnFacts) -> Reach:
        """Take a committed return in, before or after its sale."""
        return self._take(partial(facts.take_back, facts=facts_of_return), facts_of_return)

    def put_unread_aside(self, call: str, where: str, raw: bytes) -> Reach:
        """Keep a fact that cannot be read for a person, so that none that comes after it waits for it."""
        return self._do(lambda work: facts.put_unread_aside(work, call, where, raw), Reach.AWAY)

    def load(self, loading_id: str, member_id: str, paid_minor: int) -> Reach:
        """Put a paid loading on the account."""
        return self._do(lambda work: spending.load(work, loading_id, member_id, paid_minor), Reach.AWAY)

    def refund(self, refund_id: str, member_id: str) -> Reach:
        """Take what is left of the paid part off the account; `refunded` says how much it was."""
        return self._do(lambda work: spending.refund(work, refund_id, member_id), Reach.AWAY)

    def look_up(self, kind: AccountKind, member_id: str) -> AccountFound:
        """Say what can be held."""
        return self._ask(lambda work: spending.look_up(work, kind, member_id), AccountFound(Reach.AWAY))

    def hold(self, kind: AccountKind, hold_id: str, member_id: str, amount: int) -> HoldAnswer | None:
        """Set an amount aside."""
        return self._do(lambda work: spending.hold(work, kind, hold_id, member_id, amount), None)

    def held(self, kind: AccountKind, hold_id: str) -> HoldAnswer | None:
        """Say how a hold stands."""
        return self._ask(lambda work: spending.held(work, kind, hold_id), None)

    def capture(self, kind: AccountKind, hold_id: str) -> HoldAnswer | None:
        """Take what is held."""
        return self._do(lambda work: spending.capture(work, kind, hold_id), None)

    def let_go(self, kind: AccountKind, hold_id: str) -> HoldAnswer | None:
        """Let a hold go."""
        return self._do(lambda work: spending.let_go(work, kind, hold_id), None)

    def give_back(self, kind: AccountKind, hold_id: str, give_back_id: str, amount: int) -> GiveBackAnswer | None:
        """Give part of a hold, or of what was captured, back."""
        return self._do(lambda work: spending.give_back(work, kind, hold_id, give_back_id, amount), None)

    def given_back(self, kind: AccountKind, hold_id: str, give_back_id: str) -> GiveBackAnswer | None:
        """Say how a giving back stands."""
        return self._ask(lambda work: spending.given_back(work, kind, hold_id, give_back_id), None)

    def promotions(self, known_version: str) -> PublishedRules | None:
        """Return the promotion rules that are to hold."""
        return self._ask(lambda work: published.answer(work, known_version), None)

    def issuer_keys(self) -> tuple[IssuerKey, ...] | None:
        """Return the public keys whose codes are good."""
        self.last_trouble = None
        return tuple(self.terms.keys())

    def _take(self, action: Callable[[Work], Reach], fact: SaleFacts | ReturnFacts) -> Reach:
        try:
            return self._do(action, Reach.AWAY)
        except Exception as fault:  # noqa: BLE001 - a fault of the program, which one fact must not make for ever
            _log.error("fact_put_aside", extra={"fact": facts.message_of(fact), "error": type(fault).__name__})
            return self._do(lambda work: facts.put_aside(work, fact), Reach.AWAY)

    def _ask(self, action: Callable[[Work], Answer], away: Answer) -> Answer:
        try:
            answer = self._read(action)
        except KeeperTroubled as trouble:
            self.last_trouble = trouble.sentence
            return away
        self.last_trouble = None
        return answer

    def _do(self, action: Callable[[Work], Answer], away: Answer) -> Answer:
        try:
            answer = self._write(action)
        except KeeperTroubled as trouble:
            self.last_trouble = trouble.sentence
            return away
        self.last_trouble = None
        return answer
