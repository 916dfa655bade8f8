"""A network that is gone, in each of the ways it goes: a payment is refused before anything is sent, and at once."""

import contextlib
import select
import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest

from app.payments import exchange
from app.payments.alipay.provider import make_alipay
from app.payments.alipay.simulator import AlipaySimulator
from app.payments.provider import PurchaseOrder, Verdict
from app.payments.wechat.provider import make_wechat
from app.payments.wechat.simulator import WechatSimulator
from app.values.clock import FixedClock

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
WALLETS = {"wechat": (WechatSimulator, make_wechat), "alipay": (AlipaySimulator, make_alipay)}


class Cable:
    """Carries bytes between the till and a port; once cut it carries none, and says nothing of it to anybody."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._listening.settimeout(1)
        self.port = self._listening.getsockname()[1]
        self._cut = threading.Event()
        self._ended = threading.Event()
        self._lines: list[socket.socket] = []
        self._thread = threading.Thread(target=self._carry)
        self._thread.start()

    def cut(self) -> None:
        """No new connection comes about; those that are there stay, and are dead."""
        self._cut.set()
        self._thread.join()
        self._listening.close()

    def end(self) -> None:
        self._ended.set()
        self.cut()
        for line in self._lines:
            line.close()

    def _carry(self) -> None:
        pairs: dict[socket.socket, socket.socket] = {}
        while not self._cut.is_set():
            ready, _, _ = select.select([self._listening, *pairs], [], [], 1 / 100)
            for line in ready:
                if line is self._listening:
                    near, far = line.accept()[0], socket.create_connection(("127.0.0.1", self._to))
                    pairs |= {near: far, far: near}
                    self._lines += [near, far]
                    continue
                data = b""
                with contextlib.suppress(OSError):
                    data = line.recv(65_536)
                if data:
                    pairs[line].sendall(data)
                else:
                    other = pairs.pop(line)
                    with contextlib.suppress(OSError):
                        other.shutdown(socket.SHUT_WR)


@pytest.fixture(params=list(WALLETS))
def wallet(request, tmp_path: Path) -> Iterator[tuple]:
    simulated, make = WALLETS[request.param]
    clock = FixedClock(NOON)
    with simulated(clock) as simulator:
        settings = simulator.settings(tmp_path)
        parts = urlsplit(settings["base_url"])
        cable = Cable(parts.port)
        settings["base_url"] = urlunsplit((parts.scheme, f"127.0.0.1:{cable.port}", parts.path, "", ""))
        try:
            yield simulator, make(settings, clock), cable
        finally:
            cable.end()


def order_of(simulator, number: str) -> PurchaseOrder:
    return PurchaseOrder(number, 1250, "CNY", "街角店", shopper_code=simulator.issue_code())


def test_a_cable_cut_between_two_sales_refuses_the_second_at_once(wallet) -> None:
    simulator, till, cable = wallet
    assert till.pay(order_of(simulator, "N0000001")).verdict is Verdict.APPROVED
    cable.cut()
    before = time.monotonic()
    answer = till.pay(order_of(simulator, "N0000002"))
    assert time.monotonic() - before < 2, "nothing is asked on a connection of the sale before"
    assert answer.verdict is Verdict.DECLINED
    assert till.offer_code(order_of(simulator, "N0000003")).answer.verdict is Verdict.DECLINED
    assert till.query(order_of(simulator, "N0000001")).verdict is Verdict.UNKNOWN
    assert simulator.net_minor("N0000002") == 0


def test_a_name_server_that_does_not_answer_refuses_a_payment_and_sends_it_never(wallet, monkeypatch) -> None:
    simulator, till, _ = wallet
    answered = threading.Event()
    real = socket.getaddrinfo

    def silent(*names, **more):
        answered.wait()
        return real(*names, **more)

    monkeypatch.setattr(exchange, "CONNECT_WITHIN_S", 1)
    monkeypatch.setattr(socket, "getaddrinfo", silent)
    answer = till.pay(order_of(simulator, "N0000001"))
    answered.set()
    for thread in threading.enumerate():
        if thread.name == "provider-call":
            thread.join(20)
            assert not thread.is_alive()
    assert answer.verdict is Verdict.DECLINED
    assert simulator.calls == []
