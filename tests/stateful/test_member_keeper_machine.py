"""Three tills and a keeper on a bad line: what is whose stays so, however messages are lost, repeated and reordered.

The keeper is checked against plain dictionaries that know nothing of lots, leases or lives: figures that must come out the
same whichever way the messages went. Between any two calls the keeper may be killed and opened again.
"""

import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from app.headquarters.members import KeeperTerms, LeaseRule, open_member_book
from app.members.coupons import Benefit, BenefitKind, CouponForm, CouponUse, LetGo, Proof, ReturnRule
from app.members.holds import GiveBackState, HoldState
from app.members.identity import FoundBy, Member, MemberKey
from app.members.phone_numbers import PhoneNumber
from app.members.ports import AccountKind, CouponReach, Reach, ReturnFacts, SaleFacts
from app.members.privacy import Answer, Consent, PrivacyNotice, Purpose
from app.members.tiers import Tier, TierLadder
from app.values.clock import FixedClock
from app.values.wording import LocalizedText

MAY = datetime(2026, 5, 1, tzinfo=UTC)
TILLS = ("t-1", "t-2", "t-3")
COUPONS = {"one": 1, "two": 2}
PIECES = 5
CODE = "MAY5"
WANG = MemberKey(FoundBy.PHONE, "+8613812345678")
SHARED_MEMORY = Path("/dev/shm")
"""Where syncing costs nothing; a kill of the process is what happens here, not a power cut."""

TERMS = KeeperTerms(
    "shop",
    TierLadder((Tier("base", LocalizedText("Member"), 0),)),
    PrivacyNotice(1, MAY, LocalizedText("Notice"), (Purpose.MEMBERSHIP,)),
    leases=LeaseRule(most_percent=60),
)


@dataclass
class Use:
    """A use of a coupon as its till knows it."""

    number: str
    coupon_id: str
    till: str
    by_right: bool
    lease_id: str = ""
    sale_id: str = ""
    gone: bool = False


@dataclass
class Sale:
    """A sale as the dictionaries know it."""

    points: int
    uses: list[Use]
    arrived: bool = False
    returned: int = 0
    """Points of returns that were made."""

    back: int = 0
    """Points of returns that arrived."""

    uses_back: bool = False
    """Whether the return of everything arrived."""


@dataclass
class Account:
    """What an account should hold."""

    put: int = 0
    holds: dict[str, int] = field(default_factory=dict)
    """What is left of each hold that lives."""

    ended: set[str] = field(default_factory=set)
    given_back: dict[str, bool] = field(default_factory=dict)


class KeeperMachine(RuleBasedStateMachine):
    """The shop."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(dir=SHARED_MEMORY if SHARED_MEMORY.is_dir() else None))
        self.clock = FixedClock(MAY)
        self.numbers = 0
        self.waiting: list[Callable[[], None]] = []
        self.sent: list[Callable[[], None]] = []
        self.open: list[Use] = []
        self.sales: dict[str, Sale] = {}
        self.value = Account()
        self.points = Account()
        self.granted: dict[str, list] = {till: [] for till in TILLS}
        self.book = self.opened()
        self.begin()

    def opened(self):
        return open_member_book(self.folder / "members.db", self.clock, TERMS)

    def begin(self) -> None:
        said = Consent("c-1", "m-1", Purpose.MEMBERSHIP, Answer.GIVEN, 1, MAY, "t-1")
        member = Member("m-1", "王小明", PhoneNumber(WANG.value))
        assert self.book.enrol("e-1", member, (said,)).reach is Reach.ANSWERED
        self.coupon_ids = {}
        for name, uses in COUPONS.items():
            self.book.add_form(self.form(name, uses=uses))
            self.coupon_ids[name] = self.book.issue_coupon(name, "m-1")
        self.book.add_form(self.form("code", must_be_claimed=False))
        self.book.set_quota("code", CODE, PIECES)

    def form(self, name: str, **changes) -> CouponForm:
        benefit = Benefit(BenefitKind.AMOUNT, 1_00)
        until = MAY + timedelta(days=90)
        return CouponForm(name, LocalizedText(name), benefit, MAY, until, campaign_id="all", arm=name, **changes)

    def new(self, kind: str) -> str:
        self.numbers += 1
        return f"{kind}-{self.numbers}"

    def tell(self, message: Callable[[], None], fate: str) -> None:
        """Send a message that its till repeats until it is answered."""
        if fate == "late":
            self.waiting.append(message)
            return
        message()
        self.sent.append(message)
        if fate == "answer lost":
            self.waiting.append(message)

    def a_waiting_message_arrives(self, place: int) -> None:
        if self.waiting:
            message = self.waiting.pop(place % len(self.waiting))
            message()
            self.sent.append(message)

    def an_old_message_arrives_again(self, place: int) -> None:
        if self.sent:
            self.sent[place % len(self.sent)]()

    @rule(seed=st.integers(0, 2**32))
    def a_busy_minute_goes_by(self, seed: int) -> None:
        """Thirty things in an order by chance: steps drawn one by one would seldom meet at one coupon."""
        chance = Random(seed)
        till, place, kind = (lambda: chance.choice(TILLS)), (lambda: chance.randrange(50)), list(AccountKind)
        fate = lambda: chance.choice(["at once", "at once", "late", "answer lost"])  # noqa: E731
        name = lambda: chance.choice([*COUPONS, CODE])  # noqa: E731
        steps = [
            lambda: self.a_coupon_goes_into_a_basket(till(), name(), chance.random() < 0.7, chance.random() < 0.2),
            lambda: self.a_coupon_goes_into_a_basket(till(), name(), chance.random() < 0.9, False),
            lambda: self.a_coupon_goes_into_a_basket(till(), "one", True, False),
            lambda: self.a_coupon_is_let_go_before_headquarters_hears_of_it(till(), name()),
            self.headquarters_is_killed_and_started,
            lambda: self.a_till_takes_a_share(till(), chance.randint(1, 4), chance.random() < 0.5),
            lambda: self.a_basket_takes_a_piece_of_a_share(till()),
            lambda: self.a_basket_takes_a_piece_of_a_share(till()),
            lambda: self.a_till_brings_a_share_back(till(), fate()),
            lambda: self.a_basket_is_abandoned(place(), fate()),
            lambda: self.a_sale_is_completed(chance.randint(0, 3), chance.randint(0, 60), fate()),
            lambda: self.a_sale_is_completed(chance.randint(1, 3), chance.randint(1, 60), fate()),
            lambda: self.goods_come_back(place(), 60 if chance.random() < 0.5 else chance.randint(1, 60), fate()),
            lambda: self.value_is_loaded(chance.randint(1, 100), fate()),
            lambda: self.an_amount_is_held(chance.choice(kind), chance.randint(1, 80), fate()),
            lambda: self.a_hold_is_taken_or_let_go(chance.choice(kind), place(), chance.random() < 0.6, fate()),
            lambda: self.part_of_a_hold_is_given_back(chance.choice(kind), place(), chance.randint(1, 40), fate()),
            lambda: self.a_waiting_message_arrives(place()),
            lambda: self.an_old_message_arrives_again(place()),
        ]
        for _ in range(30):
            chance.choice(steps)()

    def headquarters_is_killed_and_started(self) -> None:
        self.book.close()
        self.book = self.opened()

    def a_coupon_goes_into_a_basket(self, till: str, name: str, asks: bool, lost: bool) -> None:
        coupon_id = self.coupon_ids.get(name, CODE)
        one = Use(self.new("u"), coupon_id, till, by_right=False)
        if asks:
            keeper = self.book.at(till, 1)
            answer = keeper.reserve(one.number, coupon_id, "m-1")
            # An answer that was lost leaves the till without a right, and the use is let go.
            one.by_right = answer.reach is CouponReach.DONE and not lost
            if not one.by_right:
                self.let_go(one, "late")
                return
        self.open.append(one)

    def a_coupon_is_let_go_before_headquarters_hears_of_it(self, till: str, name: str) -> None:
        one = Use(self.new("u"), self.coupon_ids.get(name, CODE), till, by_right=False)
        self.let_go(one, "at once")
        self.waiting.append(lambda: self.reserve_in_vain(one))

    def reserve_in_vain(self, one: Use) -> None:
        assert self.book.at(one.till, 1).reserve(one.number, one.coupon_id, "m-1").reach is CouponReach.REFUSED

    def a_till_takes_a_share(self, till: str, wanted: int, repeated: bool) -> None:
        lease_id = self.new("l")
        found = [self.book.at(till, 1).lease(lease_id, CODE, till, wanted) for _ in range(1 + repeated)]
        assert found[0] == found[-1]
        if found[0] is not None:
            self.granted[till].append([lease_id, found[0].lease.granted, 0])

    def a_basket_takes_a_piece_of_a_share(self, till: str) -> None:
        for share in self.granted[till]:
            if share[2] < share[1]:
                share[2] += 1
                self.open.append(Use(self.new("u"), CODE, till, by_right=True, lease_id=share[0]))
                return

    def a_till_brings_a_share_back(self, till: str, fate: str) -> None:
        for share in list(self.granted[till]):
            lease_id = share[0]
            if not any(one.lease_id == lease_id and not one.sale_id and not one.gone for one in self.open):
                self.granted[till].remove(share)
                used = sum(one.lease_id == lease_id for sale in self.sales.values() for one in sale.uses)
                self.tell(partial(self.bring_back, lease_id, used), fate)
                return

    def bring_back(self, lease_id: str, used: int) -> None:
        assert self.book.bring_back(lease_id, used) is Reach.ANSWERED

    def a_basket_is_abandoned(self, place: int, fate: str) -> None:
        if self.open:
            one = self.open.pop(place % len(self.open))
            one.gone = True
            for share in self.granted[one.till]:
                share[2] -= share[0] == one.lease_id
            self.let_go(one, fate)

    def let_go(self, one: Use, fate: str) -> None:
        gone = LetGo(one.number, one.coupon_id)
        facts = SaleFacts(self.new("b"), one.till, MAY, MAY.date(), released=(gone,))
        self.tell(lambda: self.take_in(facts), fate)

    def a_sale_is_completed(self, count: int, points: int, fate: str) -> None:
        sale_id = self.new("s")
        uses, self.open = self.open[:count], self.open[count:]
        for one in uses:
            one.sale_id = sale_id
        self.sales[sale_id] = Sale(points, uses)
        facts = SaleFacts(
            sale_id,
            "t-1",
            MAY,
            MAY.date(),
            "m-1",
            bought_minor=points * 100,
            points=points,
            coupons=tuple(self.kept(one) for one in uses),
        )
        self.tell(lambda: self.take_in(facts), fate)

    def kept(self, one: Use) -> CouponUse:
        name = {number: name for name, number in self.coupon_ids.items()}.get(one.coupon_id, "code")
        proof = Proof.LEASED if one.lease_id else (Proof.ONLINE if one.by_right else Proof.SIGNED)
        return CouponUse(one.number, one.coupon_id, name, "all", name, proof, 1_00, ReturnRule.GIVE_BACK, one.lease_id)

    def take_in(self, facts: SaleFacts) -> None:
        assert self.book.at(facts.till_id, 1).take_in(facts) is Reach.ANSWERED
        if facts.sale_id in self.sales:
            self.sales[facts.sale_id].arrived = True

    def goods_come_back(self, place: int, part: int, fate: str) -> None:
        names = [name for name, sale in self.sales.items() if sale.returned < sale.points]
        if not names:
            return
        sale_id = names[place % len(names)]
        sale = self.sales[sale_id]
        points = min(part, sale.points - sale.returned)
        sale.returned += points
        whole = sale.returned == sale.points
        uses = tuple((one.number, one.coupon_id, ReturnRule.GIVE_BACK) for one in sale.uses) if whole else ()
        facts = ReturnFacts(self.new("r"), sale_id, "t-2", MAY, MAY.date(), "m-1", points * 100, points, uses)
        arrived: list[bool] = []

        def message() -> None:
            assert self.book.take_back(facts) is Reach.ANSWERED
            if not arrived:
                arrived.append(True)
                sale.back += points
                sale.uses_back |= whole

        self.tell(message, fate)

    def value_is_loaded(self, paid: int, fate: str) -> None:
        loading_id = self.new("load")
        arrived: list[bool] = []

        def message() -> None:
            assert self.book.load(loading_id, "m-1", paid) is Reach.ANSWERED
            if not arrived:
                arrived.append(True)
                self.value.put += paid

        self.tell(message, fate)

    def account(self, kind: AccountKind) -> Account:
        return self.points if kind is AccountKind.POINTS else self.value

    def net(self, kind: AccountKind) -> int:
        account = self.account(kind)
        put = account.put
        if kind is AccountKind.POINTS:
            put += sum(sale.points - sale.back for sale in self.sales.values() if sale.arrived)
        return put - sum(account.holds.values())

    def an_amount_is_held(self, kind: AccountKind, amount: int, fate: str) -> None:
        hold_id = self.new("h")

        def message() -> None:
            account = self.account(kind)
            known = hold_id in account.holds or hold_id in account.ended
            fits = amount <= self.net(kind)
            state = self.book.hold(kind, hold_id, "m-1", amount).state
            if not known:
                assert state is (HoldState.HELD if fits else HoldState.REFUSED)
                if fits:
                    account.holds[hold_id] = amount
                else:
                    account.ended.add(hold_id)

        self.tell(message, fate)

    def a_hold_is_taken_or_let_go(self, kind: AccountKind, place: int, take: bool, fate: str) -> None:
        account = self.account(kind)
        ids = sorted(account.holds)
        if not ids:
            return
        hold_id = ids[place % len(ids)]

        def message() -> None:
            state = (self.book.capture if take else self.book.let_go)(kind, hold_id).state
            assert state in {HoldState.CAPTURED, HoldState.RELEASED}
            if state is HoldState.RELEASED and hold_id in account.holds:
                del account.holds[hold_id]
                account.ended.add(hold_id)

        self.tell(message, fate)

    def part_of_a_hold_is_given_back(self, kind: AccountKind, place: int, amount: int, fate: str) -> None:
        account = self.account(kind)
        ids = sorted(account.holds)
        if not ids:
            return
        hold_id, give_back_id = ids[place % len(ids)], self.new("g")

        def message() -> None:
            known = account.given_back.get(give_back_id)
            left = account.holds.get(hold_id, 0)
            done = self.book.give_back(kind, hold_id, give_back_id, amount).state is GiveBackState.DONE
            assert done is (amount <= left if known is None else known)
            if known is None:
                account.given_back[give_back_id] = done
                if done:
                    account.holds[hold_id] -= amount

        self.tell(message, fate)

    @invariant()
    def points_and_value_are_what_the_dictionaries_say(self) -> None:
        facts = self.book.find(WANG).facts
        net = self.net(AccountKind.POINTS)
        assert (facts.points, facts.points_owed) == (max(0, net), max(0, -net))
        assert facts.value_minor == self.net(AccountKind.VALUE)
        bought = sum(sale.points - sale.back for sale in self.sales.values() if sale.arrived)
        early = sum(sale.back for sale in self.sales.values() if not sale.arrived)
        assert facts.bought_minor == max(0, bought - early) * 100

    @invariant()
    def no_coupon_is_used_more_often_than_it_has_uses_without_an_exception(self) -> None:
        stand = Counter(
            one.coupon_id for sale in self.sales.values() if sale.arrived and not sale.uses_back for one in sale.uses
        )
        by_number = {one.number: one for sale in self.sales.values() for one in sale.uses}
        lost = Counter()
        for found in self.book.exceptions():
            one = by_number[found.exception_id.partition("/")[2]]
            assert not one.by_right
            lost[one.coupon_id] += 1
        for name, number in self.coupon_ids.items():
            assert stand[number] - lost[number] <= COUPONS[name]
        assert stand[CODE] - lost[CODE] <= PIECES
        counted = {one.arm: one.redeemed for one in self.book.campaign_figures("all")}
        assert counted == {name: stand[number] for name, number in {**self.coupon_ids, "code": CODE}.items()}
        assert self.book.quarantined() == ()

    def nothing_is_left_aside(self) -> None:
        """Once everybody was heard, each use that no sale has can be reserved: no more, no less."""
        lost = Counter(found.subject_id for found in self.book.exceptions())
        for coupon_id, uses in {**{self.coupon_ids[name]: n for name, n in COUPONS.items()}, CODE: PIECES}.items():
            stand = sum(
                one.coupon_id == coupon_id for sale in self.sales.values() if not sale.uses_back for one in sale.uses
            )
            left = uses - (stand - lost[coupon_id])
            got = [self.book.reserve(self.new("last"), coupon_id, "m-1").reach for _ in range(left + 1)]
            assert got == [CouponReach.DONE] * left + [CouponReach.REFUSED]

    def teardown(self) -> None:
        while self.open:
            self.a_basket_is_abandoned(0, "late")
        for till in TILLS:
            while self.granted[till]:
                self.a_till_brings_a_share_back(till, "late")
        for message in [*self.waiting, *self.sent]:
            message()
        self.points_and_value_are_what_the_dictionaries_say()
        self.no_coupon_is_used_more_often_than_it_has_uses_without_an_exception()
        self.nothing_is_left_aside()
        self.book.close()
        shutil.rmtree(self.folder)


KeeperMachine.TestCase.settings = settings(
    max_examples=20, stateful_step_count=6, deadline=None, suppress_health_check=list(HealthCheck)
)
TestThreeTillsOnABadLine = KeeperMachine.TestCase
