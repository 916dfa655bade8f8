"""The members of one till: their keeper opened behind it, asked without waiting, told what sales did, ended with it.

Nothing heavy is loaded before the till has had the processor to itself for a moment.
"""

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from pathlib import Path
from typing import Final, Protocol

from app.checkout.member_ports import MemberQuestion, MemberTerms
from app.checkout.member_requests import MembersErased, ReportMember
from app.checkout.views import DeviceStatusView
from app.commands.members.desk import DESK_STOPPED, MemberDesk
from app.commands.members.duties import Contact, Duty, MemberTimes
from app.commands.members.forgetting import ErasuresHeard, ForgettingStore
from app.commands.members.keeping import LazyKeeper, OpenedKeeper, OpenKeeper
from app.commands.members.keys_sent import SentKeys, trusted
from app.commands.members.lights import AWAY_BOOK, AWAY_HEADQUARTERS, MemberLight, not_understood
from app.commands.members.settings import MemberSettings
from app.commands.members.shares import CouponShares, ShareStore
from app.commands.members.telling import FactsTold
from app.commands.members.untold import StoreInFolder, UntoldFacts
from app.members.ports import AccountKind
from app.members.signed_codes import IssuerKey
from app.payments.provider import PaymentProvider
from app.values.clock import Clock
from app.values.wording import Wording

_SHORTEST_SERVING_S: Final = 0.05


def some_jitter() -> float:
    """Return a factor near 1, so that the tills of a shop do not all come at one moment."""
    return secrets.SystemRandom().uniform(0.8, 1.2)


@dataclass(frozen=True, slots=True)
class TillPlace:
    """Where the till stands."""

    till_id: str
    zone: tzinfo
    currency: str
    folder: Path | None = None
    """Where it keeps the keys that headquarters signs with; None: those of the configuration hold alone."""


@dataclass(frozen=True, slots=True)
class MemberTies:
    """Who is told by a till's members; each call returns at once."""

    tell: Callable[[ReportMember], None]
    """Takes what came of a question, in order; called on several threads, one at a time."""

    wake: Callable[[], object]
    """Makes the till's thread call `MemberHouse.run_errands` soon."""

    status: Callable[[DeviceStatusView], None]
    """Takes the light `members`; called on several threads."""

    jitter: Callable[[], float] = some_jitter
    times: MemberTimes = field(default_factory=MemberTimes)
    further: tuple[Duty, ...] = ()
    """What else the desk asks the keeper for, after what concerns members."""


class HouseStore(ShareStore, ForgettingStore, StoreInFolder, Protocol):
    """What the desk of members keeps in the till's store, and takes out of it."""


class MemberHouse:
    """`app.checkout.member_ports.Membership` of a till; any thread may call it unless a method says otherwise."""

    def __init__(
        self, settings: MemberSettings, place: TillPlace, open_keeper: OpenKeeper, clock: Clock, ties: MemberTies
    ) -> None:
        """Begin in the background.

        Args:
            settings: what the shop decided.
            place: the till.
            open_keeper: opens the keeper, for each thread that asks it.
            clock: the time.
            ties: who is told.
        """
        self._terms = settings.terms
        self._own_keys = settings.issuer_keys
        self._place = place
        self._open_keeper = open_keeper
        self._ties = ties
        self._away_sentence = AWAY_HEADQUARTERS if settings.headquarters else AWAY_BOOK
        self._mend: Wording | None = None
        self._why_away: Wording | None = None
        self._ending = threading.Event()
        self._ended = False
        self._light = MemberLight(ties.status)
        self._light.starting()
        self._contact = Contact(ties.times, clock.monotonic_ns, ties.jitter)
        times, now_ns = ties.times, clock.monotonic_ns
        self._untold = UntoldFacts(ties.wake, now_ns, times.untold_every_s, self._show_light)
        self._facts = FactsTold(ties.wake, now_ns, self._untold)
        self._shares = CouponShares(place.till_id, place.zone, clock, ties.wake, times.round_every_s)
        self._erasures = ErasuresHeard(ties.wake, now_ns, times.erased_every_s, self._tell_erased)
        # First, for without them a coupon that is scanned now is refused.
        keys = () if place.folder is None else (SentKeys(place.folder, now_ns, self._trust),)
        self._desk = MemberDesk(
            LazyKeeper(self._open),
            (*keys, self._facts, self._shares, self._untold, self._erasures, *ties.further),
            self._contact,
            times,
            now_ns,
            tell=lambda news: ties.tell(ReportMember(news)),
            changed=self._keeper_changed,
        )
        self._desk.start()

    # What the checkout asks; returns at once.

    @property
    def terms(self) -> MemberTerms | None:
        """See `Membership`."""
        return self._terms

    def away(self) -> Wording | None:
        """See `Membership`."""
        if self._desk.ended:
            return DESK_STOPPED
        return (self._mend or self._away_sentence) if self._contact.away else None

    def ask(self, question: MemberQuestion) -> bool:
        """See `Membership`."""
        return self._desk.ask(question)

    def facts_wait(self) -> None:
        """See `Membership`."""
        self._facts.want()
        self._ties.wake()

    def _open(self) -> OpenedKeeper:
        opened = self._open_keeper()
        if opened.keys is not None:
            self._terms = replace(self._terms, issuer_keys=opened.keys)
        return opened

    def _trust(self, sent: tuple[IssuerKey, ...]) -> None:
        self._terms = replace(self._terms, issuer_keys=trusted(self._own_keys, sent))

    # Paying with what members have.

    def value_provider(self) -> PaymentProvider:
        """Return the provider of stored value, with a line of its own; for the payment desk."""
        return self._provider(AccountKind.VALUE)

    def points_provider(self) -> PaymentProvider:
        """Return the provider of points, with a line of its own; for the payment desk."""
        return self._provider(AccountKind.POINTS)

    def _provider(self, kind: AccountKind) -> PaymentProvider:
        # Loaded on the thread that makes the providers, like the libraries of the others.
        from app.commands.members.accounts import Measure, MemberAccounts
        from app.payments.held_value import HeldValueProvider

        measure = Measure(self._terms.points_tender if kind is AccountKind.POINTS else None)
        accounts = MemberAccounts(LazyKeeper(self._open), kind, measure, self._place.currency)
        return HeldValueProvider(accounts)

    # On the till's thread.

    def run_errands(self, store: HouseStore) -> None:
        """Take out of the store what the keeper must hear, and keep what it said; on the till's thread."""
        self._facts.serve(store)
        self._shares.serve(store)
        self._erasures.serve(store)
        self._desk.look()

    def _tell_erased(self, member_ids: tuple[str, ...]) -> None:
        self._ties.tell(ReportMember(MembersErased(member_ids)))

    def _keeper_changed(self, why: Wording | None, must_be_mended: bool) -> None:
        self._mend, self._why_away = (why, None) if must_be_mended else (None, why)
        self._show_light()

    def _show_light(self) -> None:
        if self._ending.is_set() or not self._contact.known:
            return
        untold = self._untold.sales
        if self._mend is not None:
            self._light.stopped(self._mend)
        elif self._contact.away:
            self._light.away(self._why_away or self._away_sentence)
        elif untold:
            self._light.waits_for_somebody(not_understood(untold))
        else:
            self._light.ready()

    def stop(self, store: HouseStore, within_s: float) -> bool:
        """End; on the till's thread, which tells what is left of today's sales meanwhile, where somebody answers.

        What is not told by then stands in the journal and is told at the next start.

        Returns:
            Whether everything has ended, in time.
        """
        if self._ending.is_set():
            return self._ended
        self._ending.set()
        until = _Deadline(within_s)
        while not (self._facts.idle or self._contact.away or self._desk.ended or until.is_over):
            self.run_errands(store)
            until.wait(_SHORTEST_SERVING_S)
        self._ended = self._desk.stop(until.left_s)
        self._facts.serve(store)
        self._shares.serve(store)
        return self._ended


class _Deadline:
    """Counts down by waiting alone: the clock of a till may be a test's."""

    def __init__(self, within_s: float) -> None:
        self.left_s = within_s
        self._never = threading.Event()

    @property
    def is_over(self) -> bool:
        return self.left_s <= 0

    def wait(self, for_s: float) -> None:
        self._never.wait(for_s)
        self.left_s = max(0.0, self.left_s - for_s)
