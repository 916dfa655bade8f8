"""A till's end of the wire: asks headquarters about members and coupons, in bounded time, never raising for the line.

Whatever the line does (refused, silent, cut off, an answer that is no answer) is AWAY, and `last_trouble` says in words
what it was. AWAY of a write means that it may have been done or not; the same ids asked again have one effect. A call
whose connection broke is asked once more within the call, for every call may be repeated; one that timed out is not,
for a person waits.

Headquarters that answers and cannot read what it was asked is not away: that is REFUSED, for asking again would change
nothing. Of a fact every answer that finds fault with the message counts as one, whoever on the way gave it: the till
keeps that fact apart and tells it again later, and the facts behind it do not wait.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar
from urllib.parse import urlsplit

import msgspec

from app.ledger.chain import PUBLIC_KEY_BYTES
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
from app.payments.exchange import HttpReply, HttpRequest, NoAnswer, NotSent, exchange
from app.sync.members import contract
from app.sync.members.contract import PREFIX, TILL_HEADER, Said, Trouble, wording_of
from app.sync.members.published import rules_of
from app.sync.members.strict import BadMessage, read
from app.values.problems import Problem
from app.values.wording import Wording, wording

WITHIN_S: Final = 3
"""How long a call takes at most: a shopper stands there."""

_LOOPBACK: Final = {"localhost", "127.0.0.1", "::1"}
_NOT_REACHED: Final = wording("Headquarters cannot be reached. Look after the network; selling goes on.")
_SILENT: Final = wording("Headquarters does not answer in time. It is asked again; selling goes on.")
_CERTIFICATE: Final = wording(
    "What answers in headquarters' place could not prove that it is headquarters. Call your store admin."
)
_NOT_LET_IN: Final = wording("Headquarters does not let this till in. Call your store admin to enrol it again.")
_NOT_UNDERSTOOD: Final = wording(
    "Headquarters and this till do not understand one another. Call your store admin to bring both up to date."
)
_NOT_READ: Final = wording("Headquarters does not understand this code. It cannot be used; selling goes on.")
_BUSY: Final = wording("Headquarters is busy or in trouble. It is asked again; selling goes on.")

_NOT_THE_MESSAGE: Final = frozenset({401, 403, 404, 405, 407, 408, 421, 425, 426, 429})
"""Of what is wrong with an asking: the till's token, the address, the time; never what was said."""

_UNREADABLE: Final = frozenset({"BAD-MESSAGE", "TOO-LARGE"})
"""What headquarters itself says of a message that it cannot read."""

SomeSaid = TypeVar("SomeSaid", bound=Said)
Answer = TypeVar("Answer")


class UnsafeAddress(Problem):
    """Raised when headquarters' address would send members' data readable over a network."""

    code = "HQ-UNSAFE-ADDRESS"


class _Away(Exception):
    """No answer that can be used; the argument says why to a person."""

    def __init__(self, why: Wording, *, turned_away: bool = False) -> None:
        super().__init__(str(why))
        self.why = why
        self.turned_away = turned_away


@dataclass(frozen=True, slots=True)
class _Unsaid:
    """What came instead of an answer."""

    reach: Reach
    """AWAY, or REFUSED where headquarters cannot read the question."""

    @property
    def of_coupon(self) -> CouponAnswer:
        """The same, of a step with a coupon."""
        if self.reach is Reach.REFUSED:
            return CouponAnswer(CouponReach.REFUSED, _NOT_READ)
        return CouponAnswer(CouponReach.AWAY)

    @property
    def refusal(self) -> Wording | None:
        """The sentence of it, where it is a refusal."""
        return _NOT_READ if self.reach is Reach.REFUSED else None


class _NotRead(Exception):
    """Somebody found fault with the message itself."""

    def __init__(self, *, by_headquarters: bool) -> None:
        super().__init__(by_headquarters)
        self.by_headquarters = by_headquarters


class MemberClient:
    """A `MemberKeeper` (`app.members.ports`) at the other end of a line; safe for any number of threads."""

    def __init__(self, base_url: str, token: Callable[[], str], *, till_id: str = "", within_s: int = WITHIN_S) -> None:
        """Take headquarters' address; nothing is sent.

        Args:
            base_url: such as `https://hq.example.com`; without TLS on this machine only.
            token: returns the till's token; asked at each call, so that it may change.
            till_id: which till asks; headquarters then says where the token is another till's. Empty: nothing is said.
            within_s: how long a call takes at most, connecting included.

        Raises:
            UnsafeAddress: if the address has no TLS, or is no address.
        """
        parts = urlsplit(base_url)
        plain_here = parts.scheme == "http" and parts.hostname in _LOOPBACK
        if not parts.hostname or (parts.scheme != "https" and not plain_here):
            raise UnsafeAddress(wording("Headquarters' address must begin with https://. Correct it in the settings."))
        self._base = base_url.rstrip("/")
        self._token = token
        self._till_id = till_id
        self._within_s = within_s
        self.last_trouble: Wording | None = None
        """Why the last call was AWAY; None where it was answered."""

        self.turned_away = False
        """Whether the last call was AWAY for this till's token: it is nobody's, or another till's."""

    def find(self, key: MemberKey) -> MemberAnswer:
        """Find a member with the coupons they can use."""
        said = self._ask("find", contract.FindAsk(key), contract.MemberSays)
        return MemberAnswer(said.reach) if isinstance(said, _Unsaid) else said.answer

    def enrol(self, message_id: str, member: Member, consents: tuple[Consent, ...]) -> MemberAnswer:
        """Take a new member in."""
        said = self._ask("enrol", contract.EnrolAsk(message_id, member, consents), contract.MemberSays)
        return MemberAnswer(said.reach) if isinstance(said, _Unsaid) else said.answer

    def record_consent(self, message_id: str, consent: Consent) -> Reach:
        """Add what a member said."""
        return self._reach("record-consent", contract.ConsentAsk(message_id, consent))

    def erase(self, message_id: str, erasure: Erasure) -> Reach:
        """Forget a member."""
        return self._reach("erase", contract.EraseAsk(message_id, erasure))

    def erased_since(self, mark: int) -> ErasedMembers | None:
        """Name who was forgotten since a mark."""
        said = self._ask("erased-since", contract.ErasedAsk(mark), contract.ErasedSays)
        return None if isinstance(said, _Unsaid) else said.erased

    def of_code(self, text: str, member_id: str) -> CouponsFound:
        """Say what coupon a scanned code is."""
        said = self._ask("of-code", contract.CodeAsk(text, member_id), contract.CouponsSays)
        if isinstance(said, _Unsaid):
            return CouponsFound(said.reach, refusal=said.refusal)
        return CouponsFound(said.reach, said.offers, wording_of(said.refusal))

    def reserve(self, redemption_id: str, coupon_id: str, member_id: str) -> CouponAnswer:
        """Set a use aside for a basket."""
        return self._step("reserve", contract.ReserveAsk(redemption_id, coupon_id, member_id))

    def release(self, redemption_id: str, coupon_id: str) -> CouponAnswer:
        """Let a use go."""
        return self._step("release", contract.ReleaseAsk(redemption_id, coupon_id))

    def codes_to_lease(self, till_id: str, epoch: int) -> tuple[str, ...] | None:
        """Name the limited codes of which this till should have a share."""
        said = self._ask("codes-to-lease", contract.CodesAsk(till_id, epoch), contract.CodesSays)
        return None if isinstance(said, _Unsaid) else said.codes

    def lease(self, lease_id: str, code: str, till_id: str, wanted: int) -> CouponLease | None:
        """Take a share of a limited code."""
        said = self._ask("lease", contract.LeaseAsk(lease_id, code, till_id, wanted), contract.LeaseSays)
        return None if isinstance(said, _Unsaid) else said.lease

    def bring_back(self, lease_id: str, used: int) -> Reach:
        """Bring a share back."""
        return self._reach("bring-back", contract.BringBackAsk(lease_id, used))

    def take_in(self, facts: SaleFacts) -> Reach:
        """Tell of a committed sale."""
        return self._tell("take-in", contract.SaleAsk(facts))

    def take_back(self, facts: ReturnFacts) -> Reach:
        """Tell of a committed return."""
        return self._tell("take-back", contract.ReturnAsk(facts))

    def load(self, loading_id: str, member_id: str, paid_minor: int) -> Reach:
        """Put a paid loading on the account."""
        return self._reach("load", contract.LoadAsk(loading_id, member_id, paid_minor))

    def refund(self, refund_id: str, member_id: str) -> Reach:
        """Take what is left of the paid part off the account."""
        return self._reach("refund", contract.RefundAsk(refund_id, member_id))

    def look_up(self, kind: AccountKind, member_id: str) -> AccountFound:
        """Say what can be held."""
        said = self._ask("look-up", contract.LookUpAsk(kind, member_id), contract.AccountSays)
        if isinstance(said, _Unsaid):
            return AccountFound(said.reach, refusal=said.refusal)
        return AccountFound(said.reach, said.free, wording_of(said.refusal))

    def hold(self, kind: AccountKind, hold_id: str, member_id: str, amount: int) -> HoldAnswer | None:
        """Set an amount aside."""
        return self._hold("hold", contract.HoldAsk(kind, hold_id, member_id, amount))

    def held(self, kind: AccountKind, hold_id: str) -> HoldAnswer | None:
        """Say how a hold stands."""
        return self._hold("held", contract.HoldIdAsk(kind, hold_id))

    def capture(self, kind: AccountKind, hold_id: str) -> HoldAnswer | None:
        """Take what is held."""
        return self._hold("capture", contract.HoldIdAsk(kind, hold_id))

    def let_go(self, kind: AccountKind, hold_id: str) -> HoldAnswer | None:
        """Let a hold go."""
        return self._hold("let-go", contract.HoldIdAsk(kind, hold_id))

    def give_back(self, kind: AccountKind, hold_id: str, give_back_id: str, amount: int) -> GiveBackAnswer | None:
        """Give part of a hold, or of what was captured, back."""
        return self._give_back("give-back", contract.GiveBackAsk(kind, hold_id, give_back_id, amount))

    def given_back(self, kind: AccountKind, hold_id: str, give_back_id: str) -> GiveBackAnswer | None:
        """Say how a giving back stands."""
        return self._give_back("given-back", contract.GivenBackAsk(kind, hold_id, give_back_id))

    def promotions(self, known_version: str) -> PublishedRules | None:
        """Return the promotion rules that are to hold; rules that are not what their name says are no answer."""
        said = self._ask("promotions", contract.PromotionsAsk(known_version), contract.PromotionsSays)
        if isinstance(said, _Unsaid):
            return None
        try:
            return rules_of(said, known_version)
        except ValueError:
            self.last_trouble = _NOT_UNDERSTOOD
            return None

    def issuer_keys(self) -> tuple[IssuerKey, ...] | None:
        """Return the public keys whose codes are good."""
        said = self._ask("issuer-keys", contract.KeysAsk(), contract.KeysSays)
        if isinstance(said, _Unsaid):
            return None
        if any(len(key.public_key) != PUBLIC_KEY_BYTES for key in said.keys):
            self.last_trouble = _NOT_UNDERSTOOD
            return None
        return said.keys

    def _reach(self, call: str, ask: Said) -> Reach:
        return self._ask(call, ask, contract.ReachSays).reach

    def _tell(self, call: str, ask: Said) -> Reach:
        """Tell a fact: whoever finds fault with it, the ones behind it are told all the same."""
        return self._ask(call, ask, contract.ReachSays, is_fact=True).reach

    def _step(self, call: str, ask: Said) -> CouponAnswer:
        said = self._ask(call, ask, contract.CouponSays)
        return said.of_coupon if isinstance(said, _Unsaid) else CouponAnswer(said.reach, wording_of(said.refusal))

    def _hold(self, call: str, ask: Said) -> HoldAnswer | None:
        said = self._ask(call, ask, contract.HoldSays)
        if isinstance(said, _Unsaid):
            return None
        return HoldAnswer(said.state, said.amount, said.reference, wording_of(said.refusal))

    def _give_back(self, call: str, ask: Said) -> GiveBackAnswer | None:
        said = self._ask(call, ask, contract.GiveBackSays)
        if isinstance(said, _Unsaid):
            return None
        return GiveBackAnswer(said.state, said.amount, wording_of(said.refusal))

    def _ask(self, call: str, ask: Said, kind: type[SomeSaid], *, is_fact: bool = False) -> SomeSaid | _Unsaid:
        """Ask; `_Unsaid` where no answer came that can be used."""
        trouble: Wording | None = None
        turned_away = False
        said: SomeSaid | _Unsaid
        try:
            said = _answer(self._carried(call, ask), kind)
        except _Away as away:
            said, trouble, turned_away = _Unsaid(Reach.AWAY), away.why, away.turned_away
        except _NotRead as unread:
            if unread.by_headquarters or is_fact:
                said = _Unsaid(Reach.REFUSED)
            else:
                said, trouble = _Unsaid(Reach.AWAY), _NOT_UNDERSTOOD
        self.last_trouble, self.turned_away = trouble, turned_away
        return said

    def _carried(self, call: str, ask: Said) -> HttpReply:
        token = self._token()
        if not token.isascii() or not token.isprintable() or not token:
            raise _Away(_NOT_LET_IN, turned_away=True)
        request = HttpRequest(
            "POST",
            f"{self._base}{PREFIX}{call}",
            {
                "Authorization": f"Bearer {token}",
                "Content-Type": "application/json",
                "Accept-Encoding": "identity",
                "Connection": "close",
                "User-Agent": "guitai",
                **({TILL_HEADER: self._till_id} if self._till_id else {}),
            },
            msgspec.json.encode(ask),
        )
        try:
            try:
                return exchange(request, total_s=self._within_s)
            except NoAnswer as missing:
                if str(missing) != "CONNECTION-LOST":
                    raise
                return exchange(request, total_s=self._within_s)
        except NotSent as unsent:
            raise _Away(_CERTIFICATE if str(unsent) == "CERTIFICATE" else _NOT_REACHED) from None
        except NoAnswer as missing:
            raise _Away(_NOT_UNDERSTOOD if str(missing) == "TOO-LARGE" else _SILENT) from None


def _answer(reply: HttpReply, kind: type[SomeSaid]) -> SomeSaid:
    """Return the answer that a reply is.

    Raises:
        _Away: it is none.
        _NotRead: the question was not understood.
    """
    if reply.status == 200:
        plain = reply.headers.get("content-encoding", "identity").lower() in {"", "identity"}
        try:
            said = read(kind, reply.body) if plain else None
            # A sentence that cannot be shown is no answer either.
            wording_of(getattr(said, "refusal", None))
        except (BadMessage, ValueError):
            said = None
        if said is None:
            raise _Away(_NOT_UNDERSTOOD)
        return said
    trouble = _trouble_of(reply)
    if 400 <= reply.status < 500 and reply.status not in _NOT_THE_MESSAGE:
        raise _NotRead(by_headquarters=trouble.code in _UNREADABLE)
    if trouble.code == "OTHER-TILL" and trouble.where:
        raise _Away(_other_till(trouble.where), turned_away=True)
    whys = {401: _NOT_LET_IN, 403: _NOT_LET_IN, 408: _SILENT, 429: _BUSY}
    why = whys.get(reply.status, _BUSY if reply.status >= 500 else _NOT_UNDERSTOOD)
    raise _Away(why, turned_away=reply.status in {401, 403})


def _trouble_of(reply: HttpReply) -> Trouble:
    """Return what headquarters says is wrong; a trouble without a code where it was not headquarters that answered."""
    try:
        return read(Trouble, reply.body)
    except BadMessage:
        return Trouble("")


def _other_till(known_as: str) -> Wording:
    return wording(
        "Headquarters knows this till as {till}, and this till calls itself otherwise. Call your store admin: its"
        " number in the settings or its token is another till's.",
        till=known_as[:40],
    )
