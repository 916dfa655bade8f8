"""Whether a provider can be reached is known before a payment asks, and changes at once with what is heard."""

import socket
import threading
from collections.abc import Callable
from dataclasses import replace

import pytest

from app.commands.payments.heard import HeardProvider, was_reached
from app.commands.payments.reach import Reach, ReachTimes, can_connect, some_jitter
from app.payments.provider import ProviderAnswer, PurchaseOrder, Verdict
from app.values.wording import wording
from tests.faults.payment_world import Bank, Points, Script, StruckProvider, order_of

LONG_S = 20
OFTEN = ReachTimes(while_up_s=0.01, while_away_s=0.01, look_within_s=5.0)
SELDOM = ReachTimes(while_up_s=600.0, while_away_s=600.0, look_within_s=5.0)


class Line:
    """A reach with what it told."""

    def __init__(
        self,
        endpoint: tuple[str, int],
        times: ReachTimes,
        look: Callable[[tuple[str, int]], bool] = can_connect,
    ) -> None:
        self._changed = threading.Condition()
        self.changes = 0
        self.reach = Reach({"wechat": endpoint}, self._note, look=look, jitter=lambda: 1.0, times=times)

    def _note(self) -> None:
        with self._changed:
            self.changes += 1
            self._changed.notify_all()

    def wait(self, *, away: bool) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: self.reach.is_away("wechat") is away, LONG_S)


@pytest.fixture
def line():
    made: list[Line] = []

    def make(*args, **more) -> Line:
        made.append(Line(*args, **more))
        made[-1].reach.start()
        return made[-1]

    yield make
    for one in made:
        one.reach.stop(LONG_S)


def listening() -> socket.socket:
    return socket.create_server(("127.0.0.1", 0))


def test_a_provider_counts_as_reachable_until_the_first_look_is_over(line):
    seen, free = threading.Event(), threading.Event()

    def look(_endpoint) -> bool:
        seen.set()
        return free.wait(LONG_S) and False

    one = line(("pay.example", 443), SELDOM, look=look)
    assert seen.wait(LONG_S)
    assert not one.reach.is_away("wechat")
    free.set()
    one.wait(away=True)


def test_a_line_that_is_cut_and_mended_is_noticed(line):
    server = listening()
    endpoint = server.getsockname()
    one = line(endpoint, OFTEN)
    server.close()
    one.wait(away=True)
    with socket.create_server(endpoint):
        one.wait(away=False)


def test_a_look_that_hangs_counts_as_away_and_is_not_doubled(line):
    looks, free = [], threading.Event()

    def hang(endpoint) -> bool:
        looks.append(endpoint)
        return free.wait(LONG_S)

    one = line(("pay.example", 443), ReachTimes(0.01, 0.01, look_within_s=0.02), look=hang)
    one.wait(away=True)
    for _ in range(3):
        one.reach.look_now()
    assert len(looks) == 1
    free.set()
    one.wait(away=False)


def test_a_name_that_no_server_can_have_is_away():
    assert not can_connect(("a" * 300 + ".example", 443))
    assert not can_connect(("127.0.0.1", 1))


def test_what_a_payment_hears_counts_at_once_and_is_told_once(line):
    server = listening()
    one = line(server.getsockname(), SELDOM)
    one.reach.heard("wechat", reached=False)
    one.reach.heard("wechat", reached=False)
    # Being told that it is away, it looks by itself, and finds the line whole.
    one.wait(away=False)
    one.reach.heard("wechat", reached=True)
    one.reach.heard("nobody", reached=False)
    assert not one.reach.is_away("nobody")
    assert one.changes == 2
    server.close()


def test_stopping_does_not_wait_for_a_look_that_hangs():
    seen, free = threading.Event(), threading.Event()

    def hang(_endpoint) -> bool:
        seen.set()
        return free.wait(LONG_S)

    one = Line(("pay.example", 443), SELDOM, look=hang)
    one.reach.start()
    assert seen.wait(LONG_S)
    one.reach.stop(LONG_S)
    assert "reach-wechat" not in {thread.name for thread in threading.enumerate()}
    free.set()


def test_tills_do_not_all_look_at_one_moment():
    drawn = {some_jitter() for _ in range(20)}
    assert len(drawn) > 10
    assert all(0.8 <= factor <= 1.2 for factor in drawn)


@pytest.mark.parametrize(
    ("verdict", "code", "reached"),
    [
        (Verdict.DECLINED, "NO-CONNECTION", False),
        (Verdict.UNKNOWN, "NO-CONNECTION", False),
        (Verdict.DECLINED, "AWAY", False),
        (Verdict.APPROVED, "", True),
        (Verdict.PENDING, "USERPAYING", True),
        (Verdict.NOT_FOUND, "ORDER_NOT_EXIST", True),
        # A driver declines by itself what is no code: nothing was sent.
        (Verdict.DECLINED, "NOT-A-CODE", None),
        (Verdict.UNKNOWN, "TIMEOUT", None),
    ],
)
def test_only_what_a_provider_alone_can_say_shows_that_it_was_reached(verdict, code, reached):
    assert was_reached(ProviderAnswer(verdict, wording("So."), code=code)) is reached


def test_a_provider_that_is_listened_to_answers_as_before():
    heard: list[bool] = []
    plain = StruckProvider(Bank(Script()), Points())
    provider = HeardProvider(plain, heard.append)
    assert provider.capabilities is plain.capabilities
    order = order_of()
    purchase = PurchaseOrder("A1B2C3D4", order.amount_minor, "CNY", "Shop", shopper_code=order.shopper_code)
    assert provider.pay(purchase).verdict is Verdict.APPROVED
    assert provider.query(replace(purchase, shopper_code="")).verdict is Verdict.APPROVED
    assert heard == [True, True]
