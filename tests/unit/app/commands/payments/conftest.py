"""A till's payments with everything real but the shop: the house, its desk, the simulators on loopback."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.checkout.views import DeviceStatusView
from app.commands.configuration import Configuration, read_configuration
from app.commands.payments.house import HouseTies, PaymentHouse
from app.commands.world import SystemClock, SystemIdentities
from app.payments.attempt_record import Method
from app.payments.card_terminal import CardTerminal
from app.payments.desk_requests import AttemptChanged, AttemptEnded, DeskEvent, DeskReady, PaymentOrder
from tests.faults.payment_world import MemoryStore

LONG_S = 20
"""No test waits so long: what does not come within it fails the test."""

SHOP = """
[store]
number = 1
name = "Corner shop"
[till]
number = 1
name = "Till 1"
[[operator]]
number = "1001"
name = "Wang Fang"
[[tender]]
id = "cash"
name = "现金"
[[tender]]
id = "wechat"
name = "微信支付"
name_en = "WeChat Pay"
needs_provider = true
[[tender]]
id = "alipay"
name = "支付宝"
name_en = "Alipay"
needs_provider = true
[[tender]]
id = "card"
name = "银行卡"
name_en = "Bank card"
needs_provider = true
[[tender]]
id = "voucher"
name = "代金券"
reference_required = true
"""

WALLETS = """
[[provider]]
id = "wechat"
driver = "wechat"
tender = "wechat"
simulated = true
[[provider]]
id = "alipay"
driver = "alipay"
tender = "alipay"
simulated = true
"""

TERMINAL = """
[[provider]]
id = "card"
driver = "card_terminal"
tender = "card"
[card_terminal]
driver = "simulated-card-terminal"
"""


class Till:
    """Stands where the till's thread does: the test's own thread stores for the desk while it waits."""

    def __init__(self, configuration: Configuration, folder: Path, **ties: object) -> None:
        self.store = MemoryStore()
        self.events: list[DeskEvent] = []
        self.lights: list[DeviceStatusView] = []
        self.terminal: CardTerminal | None = None
        self._changed = threading.Condition()
        self._woken = False
        self.house = PaymentHouse(
            configuration,
            folder,
            SystemClock(),
            SystemIdentities(),
            HouseTies(
                tell=lambda event: self._keep(self.events, event),
                wake=self._wake,
                status=lambda light: self._keep(self.lights, light),
                terminal=lambda: self.terminal,
                **({"settling_s": 0.0, "shopper_page": False} | ties),  # type: ignore[arg-type]
            ),
        )

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
        # A desk whose steps are not stored tries again for ever, and wakes the till each time.
        ends = time.monotonic() + LONG_S
        while not happened():
            with self._changed:
                came = self._changed.wait_for(lambda: self._woken, max(0.0, ends - time.monotonic()))
                assert came, (self.events[-3:], self.lights[-3:])
                assert time.monotonic() < ends, (self.events[-3:], self.lights[-3:])
                self._woken = False
            self.house.run_errands(self.store)

    def ready(self) -> "Till":
        self.wait(lambda: any(isinstance(event, DeskReady) for event in self.events))
        assert self.house.wait_until_started(LONG_S)
        return self

    def pay(self, tender: str, method: Method, code: str = "", amount_minor: int = 1290) -> str:
        attempt_id = SystemIdentities().new()
        order = PaymentOrder(
            attempt_id=attempt_id,
            basket_id=f"basket-{attempt_id}",
            tender_type_id=tender,
            provider_id=tender,
            method=method,
            amount_minor=amount_minor,
            currency="CNY",
            description="Corner shop",
            shopper_code=code,
        )
        assert self.house.begin(order)
        return attempt_id

    def ended(self, attempt_id: str) -> AttemptEnded:
        def found() -> list[AttemptEnded]:
            return [
                event
                for event in self.events
                if isinstance(event, AttemptEnded) and event.attempt.attempt_id == attempt_id
            ]

        self.wait(lambda: bool(found()))
        return found()[0]

    def changed(self, attempt_id: str, wanted: Callable[[AttemptChanged], bool]) -> AttemptChanged:
        def found() -> list[AttemptChanged]:
            return [
                event
                for event in self.events
                if isinstance(event, AttemptChanged) and event.attempt.attempt_id == attempt_id and wanted(event)
            ]

        self.wait(lambda: bool(found()))
        return found()[0]


@pytest.fixture
def configured(tmp_path) -> Callable[[str], Configuration]:
    def read(providers: str) -> Configuration:
        path = tmp_path / "store.toml"
        path.write_text(SHOP + providers, encoding="utf-8")
        return read_configuration(path)

    return read


@pytest.fixture
def open_till(configured, tmp_path) -> Iterator[Callable[..., Till]]:
    made: list[Till] = []

    def make(providers: str = WALLETS, **ties: object) -> Till:
        made.append(Till(configured(providers), tmp_path / "site", **ties))
        return made[-1]

    yield make
    for till in made:
        till.house.stop(till.store, LONG_S)
