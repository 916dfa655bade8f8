"""A till's members with everything real but the keeper and the store: the house, its desk, the threads."""

import shutil
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

from app.checkout.member_ports import FactsToTell, FindMember
from app.checkout.member_requests import MemberNews, ReportMember
from app.checkout.views import DeviceStatusView
from app.commands.configuration import read_configuration
from app.commands.members.duties import MemberTimes
from app.commands.members.house import MemberHouse, MemberTies, TillPlace
from app.commands.members.keeping import OpenedKeeper
from app.commands.members.reading import read_members
from app.commands.members.settings import MemberSettings
from app.commands.site import sample_store
from app.commands.world import SystemClock
from app.members.coupons import Benefit, BenefitKind, CouponForm
from app.members.identity import FoundBy, Member, MemberKey
from app.members.phone_numbers import PhoneNumber
from app.members.ports import (
    AccountFound,
    AccountKind,
    CouponAnswer,
    CouponLease,
    CouponReach,
    CouponsFound,
    ErasedMembers,
    MemberAnswer,
    MemberFacts,
    Reach,
    SaleFacts,
)
from app.members.quotas import Lease, LeaseState
from app.values.wording import LocalizedText

LONG_S = 20
"""No test waits so long: what does not come within it fails the test."""

FAST = MemberTimes(
    settling_s=0.0,
    answer_within_s=LONG_S,
    first_pause_s=0.01,
    longest_pause_s=0.04,
    spared_s=0.0,
    round_every_s=600.0,
)
KEY = MemberKey(FoundBy.PHONE, "+8619900000001")
CODE = "YHQ2026001"


def sale(number: int) -> SaleFacts:
    return SaleFacts(
        f"sale-{number}",
        "0001-01",
        datetime(2026, 11, 22, 4, number, tzinfo=UTC),
        date(2026, 11, 22),
        "m-0001",
        points=number,
    )


class Keeper:
    """Keeps in memory what it is told, as headquarters would: each id once."""

    def __init__(self) -> None:
        self.lock = threading.Condition()
        self.is_away = False
        self.fails = False
        self.gate: threading.Event | None = None
        """Where set, `find` and `reserve` hang until it is."""

        self.asked: list[str] = []
        self.reserved: list[str] = []
        self.taken_in: dict[str, SaleFacts] = {}
        self.told: list[str] = []
        self.not_understood: set[str] = set()
        """Sales that cannot be read, such as by an older headquarters."""

        self.facts_away = False
        """Whether facts alone are not answered."""

        self.answers: MemberAnswer | None = None
        """What `find` and `enrol` say in place of the truth."""

        self.erased: list[str] = []
        self.epochs: list[int] = []
        self.codes: tuple[str, ...] = ()
        self.leases: dict[str, Lease] = {}
        self.closed = 0

    def _hear(self, what: str) -> bool:
        """Note a call; whether it is answered."""
        with self.lock:
            self.asked.append(what)
            self.lock.notify_all()
            if self.fails:
                raise RuntimeError("a fault of the keeper's")
            return not self.is_away

    def find(self, key: MemberKey) -> MemberAnswer:
        answered = self._hear("find")
        if self.gate is not None:
            self.gate.wait(LONG_S)
        if not answered:
            return MemberAnswer(Reach.AWAY)
        return self.answers or MemberAnswer(Reach.ANSWERED, MemberFacts(wang(), points=300))

    def enrol(self, message_id, member, consents) -> MemberAnswer:
        if self.answers is not None:
            return self.answers
        return MemberAnswer(Reach.ANSWERED, MemberFacts(member)) if self._hear("enrol") else MemberAnswer(Reach.AWAY)

    def of_code(self, text, member_id) -> CouponsFound:
        return CouponsFound(Reach.NOT_FOUND if self._hear("of_code") else Reach.AWAY)

    def reserve(self, redemption_id, coupon_id, member_id) -> CouponAnswer:
        answered = self._hear("reserve")
        if self.gate is not None:
            self.gate.wait(LONG_S)
        if not answered:
            return CouponAnswer(CouponReach.AWAY)
        self.reserved.append(redemption_id)
        return CouponAnswer(CouponReach.DONE)

    def release(self, redemption_id, coupon_id) -> CouponAnswer:
        return CouponAnswer(CouponReach.DONE if self._hear("release") else CouponReach.AWAY)

    def take_in(self, facts: SaleFacts) -> Reach:
        if not self._hear("take_in") or self.facts_away:
            return Reach.AWAY
        if facts.sale_id in self.not_understood:
            return Reach.REFUSED
        with self.lock:
            self.told.append(facts.sale_id)
            self.taken_in[facts.sale_id] = facts
            self.lock.notify_all()
        return Reach.ANSWERED

    def erased_since(self, mark: int) -> ErasedMembers | None:
        if not self._hear(f"erased_since {mark}"):
            return None
        some = tuple(self.erased[mark:][:7])
        return ErasedMembers(some, mark + len(some))

    def codes_to_lease(self, till_id, epoch) -> tuple[str, ...] | None:
        self.epochs.append(epoch)
        return self.codes if self._hear("codes_to_lease") else None

    def lease(self, lease_id, code, till_id, wanted) -> CouponLease | None:
        if not self._hear("lease"):
            return None
        lease = self.leases.setdefault(
            lease_id, Lease(lease_id, till_id, wanted, SystemClock().now() + timedelta(hours=1))
        )
        return CouponLease(lease, code, form())

    def bring_back(self, lease_id, used) -> Reach:
        if not self._hear(f"bring_back {used}"):
            return Reach.AWAY
        self.leases[lease_id] = replace(self.leases[lease_id], state=LeaseState.RETURNED, said_used=used)
        return Reach.ANSWERED

    def look_up(self, kind: AccountKind, member_id: str) -> AccountFound:
        return AccountFound(Reach.ANSWERED, 300) if self._hear("look_up") else AccountFound(Reach.AWAY)

    def close(self) -> None:
        self.closed += 1


def wang() -> Member:
    return Member("m-0001", "王芳菲", PhoneNumber(KEY.value))


def form() -> CouponForm:
    return CouponForm(
        "opening-8",
        LocalizedText("8元券"),
        Benefit(BenefitKind.AMOUNT, minor=800),
        datetime(2026, 1, 1, tzinfo=UTC),
        datetime(2031, 1, 1, tzinfo=UTC),
        must_be_claimed=False,
    )


class Store:
    """The till's store as far as members' facts and shares go; what it holds outlives a till, as a file does."""

    def __init__(self) -> None:
        self.sales: list[SaleFacts] = []
        self.told_to = 0
        self.leases: dict[str, CouponLease] = {}
        self.used: dict[str, int] = {}
        self.baskets: tuple[object, ...] = ()
        self.trouble: Exception | None = None
        self.folder = Path(tempfile.gettempdir()) / f"guitai-till-{uuid.uuid4().hex}"
        """Made where something is put into it."""

        self.restored = 1
        self.forgotten: list[str] = []

    def facts_to_tell(self, limit: int) -> FactsToTell:
        if self.trouble is not None:
            raise self.trouble
        facts = tuple(self.sales[self.told_to :][:limit])
        return FactsToTell(facts, self.told_to + len(facts))

    def facts_told(self, told_to: int) -> None:
        if self.trouble is not None:
            raise self.trouble
        self.told_to = max(self.told_to, told_to)

    def keep_lease(self, lease: CouponLease) -> None:
        self.leases[lease.lease.lease_id] = lease

    def lease_over(self, lease_id: str) -> None:
        self.leases.pop(lease_id, None)

    def coupon_leases(self) -> tuple[CouponLease, ...]:
        return tuple(self.leases.values())

    def lease_used(self, lease_id: str) -> int:
        return self.used.get(lease_id, 0)

    def forget_member(self, member_id: str) -> None:
        if self.trouble is not None:
            raise self.trouble
        self.forgotten.append(member_id)

    def epoch(self) -> int:
        return self.restored

    def open_basket(self) -> None:
        return None

    def suspended_baskets(self) -> tuple[object, ...]:
        return self.baskets


def basket_with(lease_id: str) -> object:
    return SimpleNamespace(coupons=(SimpleNamespace(lease_id=lease_id),))


@pytest.fixture(scope="session")
def settings() -> MemberSettings:
    folder = sample_store()
    found = read_members(folder / "members.toml", read_configuration(folder / "store.toml"))
    assert found is not None
    return found


class Till:
    """Stands where the till's thread does: the test's own thread serves the desk while it waits."""

    def __init__(self, settings: MemberSettings, keeper: Keeper, store: Store, times: MemberTimes = FAST) -> None:
        self.keeper, self.store = keeper, store
        self.news: list[MemberNews] = []
        self.lights: list[DeviceStatusView] = []
        self._changed = threading.Condition()
        self._woken = False
        self.opened = 0
        self.house = MemberHouse(
            settings,
            TillPlace("0001-01", ZoneInfo("Asia/Shanghai"), "CNY"),
            self._open,
            SystemClock(),
            MemberTies(
                tell=self._hear,
                wake=self._wake,
                status=lambda light: self._keep(self.lights, light),
                jitter=lambda: 1.0,
                times=times,
            ),
        )

    def _open(self) -> OpenedKeeper:
        self.opened += 1
        return OpenedKeeper(self.keeper, self.keeper.close)  # type: ignore[arg-type] # what these tests ask of it

    def _hear(self, report: ReportMember) -> None:
        self._keep(self.news, report.news)

    def _keep(self, where: list, what: object) -> None:
        with self._changed:
            where.append(what)
            self._woken = True
            self._changed.notify_all()

    def _wake(self) -> None:
        with self._changed:
            self._woken = True
            self._changed.notify_all()

    def wait(self, happened: Callable[[], bool]) -> None:
        ends = time.monotonic() + LONG_S
        while not happened():
            with self._changed:
                self._changed.wait_for(lambda: self._woken, 0.02)
                assert time.monotonic() < ends, (self.news[-3:], self.lights[-3:], self.keeper.asked[-5:])
                self._woken = False
            self.house.run_errands(self.store)

    def sell(self, number: int) -> None:
        self.store.sales.append(sale(number))
        self.house.facts_wait()

    def find(self, basket_id: str = "basket-1") -> FindMember:
        question = FindMember(basket_id, KEY)
        assert self.house.ask(question)
        return question


@pytest.fixture
def open_till(settings: MemberSettings) -> Iterator[Callable[..., Till]]:
    made: list[Till] = []

    def make(keeper: Keeper | None = None, store: Store | None = None, **ties: object) -> Till:
        made.append(Till(settings, keeper or Keeper(), store or Store(), **ties))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for till in made:
        if till.keeper.gate is not None:
            till.keeper.gate.set()
        till.house.stop(till.store, LONG_S)  # type: ignore[arg-type]
        shutil.rmtree(till.store.folder, ignore_errors=True)
