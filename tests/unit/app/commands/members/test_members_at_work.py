"""A whole till of the sample store, without a window: a member, a coupon, points that pay, and what the book has after."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.catalogue.codes.scanned import Scanned
from app.checkout.member_requests import NameMember, UseBestCoupons
from app.checkout.member_views import CouponStanding
from app.checkout.payment_requests import ReportPayment
from app.checkout.requests import BeginPayment, ScanCode, TakeTender, TillRequest
from app.checkout.views import DeviceStatusView, Phase, TillView
from app.commands.assembly import Parts, TillAtWork, open_till_at_work
from app.commands.demo_members import CHIPS, LIMITED_CODE, MILK, PHONE, TOAST, YOGURT
from app.commands.members.cut_line import CutLine
from app.commands.members.keepers import open_own_book
from app.commands.site import Site
from app.commands.world import SystemClock, SystemIdentities
from app.devices.conditions import DeviceCondition

LONG_S = 30


class Worker:
    """Stands where the screens' worker does: what is posted is handled in its turn."""

    def __init__(self, site: Site, line: CutLine) -> None:
        self._changed = threading.Condition()
        self._jobs: list[TillRequest | None] = []
        self.lights: dict[str, DeviceStatusView] = {}
        parts = Parts(SystemClock(), SystemIdentities(), around_keeper=line.around)
        self.till: TillAtWork = open_till_at_work(site, "", parts, self)  # type: ignore[arg-type] # what is told here
        self.view: TillView = self.till.view()

    def _put(self, job: TillRequest | None) -> None:
        with self._changed:
            self._jobs.append(job)
            self._changed.notify_all()

    print_report = asked = member_news = _put

    def payment_news(self, event) -> None:
        self._put(ReportPayment(event))

    def errands_wait(self) -> None:
        self._put(None)

    def device_status(self, status: DeviceStatusView) -> None:
        self.lights[status.device] = status

    def scale_read(self, reading) -> None:
        """Nobody looks at the scale."""

    def scanned(self, scanned) -> None:
        """Nobody scans."""

    def noticed(self, notice, sound) -> None:
        raise AssertionError(notice)

    def ask(self, request: TillRequest) -> TillView:
        self.view = self.till.handle(request)
        return self.view

    def scan(self, *codes: str) -> None:
        for code in codes:
            self.ask(ScanCode(Scanned("hand", code, None, SystemClock().now())))

    def wait(self, happened: Callable[[], bool]) -> None:
        ends = time.monotonic() + LONG_S
        while not happened():
            assert time.monotonic() < ends, (self.view.notice, self.view.shopper, self.lights.get("members"))
            with self._changed:
                self._changed.wait_for(lambda: self._jobs, 0.05)
                jobs, self._jobs = self._jobs, []
            for job in jobs:
                if job is None:
                    self.till.run_errands()
                else:
                    self.ask(job)

    def close(self) -> None:
        self.till.stop_devices()
        self.till.close()


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path / "till", sample=True)


@pytest.fixture
def line() -> CutLine:
    return CutLine()


@pytest.fixture
def open_worker(site: Site, line: CutLine) -> Iterator[Callable[[], Worker]]:
    made: list[Worker] = []

    def make() -> Worker:
        made.append(Worker(site, line))
        worker = made[-1]
        worker.wait(lambda: worker.lights["members"].condition is DeviceCondition.READY)
        worker.wait(lambda: worker.till.payments.ready)
        return worker

    yield make
    for worker in made:
        worker.close()


def figures(site: Site) -> tuple[int, int, frozenset[str]]:
    settings = site.member_settings(site.configuration())
    assert settings is not None
    book = open_own_book(site, site.settings(), settings, SystemClock())
    facts = book.member_facts("m-0001")
    assert facts is not None
    assert facts.member.phone is not None
    from app.members.identity import key_of_typed

    forms = frozenset(offer.form.form_id for offer in book.find(key_of_typed(PHONE)).coupons)
    book.close()
    return facts.points, facts.bought_minor, forms


def test_a_gold_members_sale_with_a_coupon_and_points_is_in_the_book_once(site, open_worker):
    worker = open_worker()
    before = figures(site)
    assert before[0] == 3_260
    worker.scan(YOGURT, YOGURT, TOAST, TOAST, MILK, MILK, CHIPS, CHIPS)
    worker.ask(NameMember(PHONE))
    worker.wait(lambda: bool(worker.view.shopper.coupons) and not worker.view.shopper.looking)
    assert worker.view.shopper.member.tier_name.default == "金卡会员"
    worker.ask(UseBestCoupons())
    worker.wait(lambda: any(one.standing is CouponStanding.USED for one in worker.view.shopper.coupons))
    used = {one.coupon_id for one in worker.view.shopper.coupons if one.standing is CouponStanding.USED}
    worker.ask(BeginPayment())
    worker.ask(TakeTender("points", "10"))
    worker.wait(lambda: bool(worker.view.basket.tenders))
    worker.ask(TakeTender("cash", "200"))
    worker.wait(lambda: worker.view.phase is Phase.PAID)
    earned = worker.view.completed.points_earned
    assert earned > 0
    worker.close()
    points, bought, forms = figures(site)
    # A thousand points paid ten yuan; what the sale earned came in, and the coupon it used is gone.
    assert points == 3_260 - 1_000 + earned
    assert bought > before[1]
    assert len(used) == 1
    assert len(before[2] - forms) == 1
    again = open_worker()
    again.wait(lambda: again.lights["members"].condition is DeviceCondition.READY)
    again.close()
    assert figures(site)[0] == points


def test_while_the_line_is_cut_the_tills_own_share_is_used_and_the_sale_is_told_when_it_is_back(
    site, line, open_worker
):
    worker = open_worker()
    worker.ask(NameMember(PHONE))
    worker.wait(lambda: worker.view.shopper.member is not None and not worker.view.shopper.looking)
    worker.wait(lambda: bool(worker.till._store.coupon_leases()))
    line.cut()
    worker.scan(TOAST, TOAST, MILK, MILK)
    worker.scan(LIMITED_CODE)
    assert any(one.standing is CouponStanding.USED for one in worker.view.shopper.coupons)
    assert worker.till.payments.path("points") is not None
    worker.ask(BeginPayment())
    worker.ask(TakeTender("cash", "200"))
    worker.wait(lambda: worker.view.phase is Phase.PAID)
    worker.wait(lambda: worker.till.members.away() is not None)
    assert worker.lights["members"].condition is DeviceCondition.AWAY
    assert worker.till.payments.path("points").away is not None
    assert figures(site)[0] == 3_260
    earned = worker.view.completed.points_earned
    line.mend()
    worker.wait(lambda: worker.till.members.away() is None and figures(site)[0] != 3_260)
    assert figures(site)[0] == 3_260 + earned
