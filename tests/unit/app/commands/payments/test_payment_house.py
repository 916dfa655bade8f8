"""The payments of a till: from its configuration to money that moved at a simulated provider, and to its end."""

import http.client
import stat
import subprocess
import sys
import time
from urllib.parse import urlencode

import pytest

from app.checkout.payment_ports import TenderPath
from app.devices.conditions import DeviceCondition
from app.payments.attempt_record import AttemptState, Method
from app.payments.offline_rules import OfflineMeans
from app.payments.wechat.simulator_faults import Call, Fault
from app.values.wording import wording
from hardware.terminals.configuration import build_card_terminal
from hardware.worker import DeviceState, StatusUpdate
from tests.unit.app.commands.payments.conftest import LONG_S, TERMINAL, WALLETS

PRICE = 1290


@pytest.mark.parametrize("wallet", ["wechat", "alipay"])
def test_a_shoppers_code_pays_and_the_money_moved_once(open_till, wallet):
    till = open_till().ready()
    simulator = till.house.simulator(wallet)
    ended = till.ended(till.pay(wallet, Method.SHOPPER_CODE, simulator.issue_code()))
    assert (ended.attempt.state, ended.attempt.approved_minor) == (AttemptState.APPROVED, PRICE)
    assert simulator.net_minor(ended.attempt.provider_number) == PRICE
    assert till.store.attempt(ended.attempt.attempt_id) == ended.attempt


def test_digits_that_a_person_keys_in_play_a_wechat_shopper(open_till):
    till = open_till().ready()
    assert till.ended(till.pay("wechat", Method.SHOPPER_CODE, "13" + "7" * 16)).attempt.state is AttemptState.APPROVED


def test_each_tender_is_asked_the_ways_its_provider_knows(open_till):
    till = open_till(WALLETS + TERMINAL).ready()
    both = frozenset({Method.SHOPPER_CODE, Method.MERCHANT_CODE})
    assert till.house.path("wechat") == TenderPath("wechat", both, OfflineMeans.WALLET)
    assert till.house.path("alipay") == TenderPath("alipay", both, OfflineMeans.WALLET)
    assert till.house.path("card") == TenderPath("card", frozenset({Method.TERMINAL}), OfflineMeans.CARD)
    assert till.house.path("cash") is None
    assert till.house.path("no such tender") is None


def test_nothing_is_begun_before_the_desk_is_ready_and_a_tender_is_not_called_missing_meanwhile(open_till):
    till = open_till(WALLETS, settling_s=600.0)
    with pytest.raises(AssertionError):
        till.pay("wechat", Method.SHOPPER_CODE, "13" + "7" * 16)
    path = till.house.path("wechat")
    assert path is not None
    assert path.away is None
    assert till.lights[-1].condition is DeviceCondition.ATTENTION


def test_a_provider_that_goes_away_is_refused_at_once_and_taken_again_when_it_is_back(open_till):
    till = open_till().ready()
    simulator = till.house.simulator("wechat")
    simulator.go_away()
    till.house.look_now()
    till.wait(lambda: till.house.path("wechat").away is not None)
    assert "WeChat Pay" in till.house.path("wechat").away.render(str, "en")
    assert till.house.path("alipay").away is None
    till.wait(lambda: till.lights[-1].condition is DeviceCondition.ATTENTION)
    assert "cash" in str(till.lights[-1].sentence)
    simulator.come_back()
    till.house.look_now()
    till.wait(lambda: till.lights[-1].condition is DeviceCondition.READY)
    assert till.house.path("wechat").away is None


def test_a_payment_that_finds_no_connection_marks_its_provider_away_without_a_look(open_till):
    till = open_till().ready()
    till.house.simulator("alipay").go_away()
    ended = till.ended(till.pay("alipay", Method.SHOPPER_CODE, "28" + "3" * 16))
    assert ended.attempt.state is AttemptState.DECLINED
    assert till.house.path("alipay").away is not None


def test_all_providers_away_turn_the_light_to_away(open_till):
    till = open_till().ready()
    for name in ("wechat", "alipay"):
        till.house.simulator(name).go_away()
    till.house.look_now()
    till.wait(lambda: till.lights[-1].condition is DeviceCondition.AWAY)
    assert "Alipay" in till.lights[-1].sentence.render(str, "en")


def test_a_provider_without_its_key_is_not_set_up_and_keeps_no_other_away(open_till, tmp_path):
    alone = f"""
    [[provider]]
    id = "wechat"
    driver = "wechat"
    tender = "wechat"
    [provider.settings]
    appid = "wx0123456789abcdef"
    mchid = "1900000109"
    serial_no = "5157F09EFDC096DE"
    private_key = "{tmp_path}/nowhere.pem"
    api_v3_key = "{tmp_path}/nowhere.txt"
    """
    till = open_till(alone + WALLETS[WALLETS.index("[[provider]]", 5) :]).ready()
    assert till.house.path("wechat") is None
    assert till.house.path("alipay") is not None
    till.wait(lambda: till.lights[-1].condition is DeviceCondition.ATTENTION)
    assert "nowhere" in str(till.lights[-1].sentence)


def test_a_shop_without_providers_has_no_payments_light_to_worry_about(open_till):
    till = open_till("").ready()
    assert till.lights[-1].condition is DeviceCondition.ABSENT
    assert till.house.path("wechat") is None


def test_a_card_is_paid_at_the_tills_own_terminal_as_soon_as_it_says_so(open_till):
    till = open_till(TERMINAL).ready()
    states: list[DeviceState] = []

    def hear(event: object) -> None:
        till.house.hear_terminal(event)
        if isinstance(event, StatusUpdate):
            till._keep(states, event.state)

    worker = build_card_terminal("simulated-card-terminal", {"card_at_hand": True}, hear, device="card_terminal")
    till.terminal = worker
    worker.start()
    try:
        till.wait(lambda: DeviceState.READY in states)
        # The desk would ask again after five seconds by itself; the terminal's word brings the answer before.
        began = time.monotonic()
        ended = till.ended(till.pay("card", Method.TERMINAL))
        assert (ended.attempt.state, ended.attempt.approved_minor) == (AttemptState.APPROVED, PRICE)
        assert time.monotonic() - began < 4.5
    finally:
        worker.close(LONG_S)


def test_a_terminal_that_is_away_cannot_be_asked_and_says_why(open_till):
    till = open_till(TERMINAL).ready()
    away = wording("The card terminal does not answer.")
    till.house.hear_terminal(StatusUpdate("card_terminal", DeviceState.AWAY, away))
    assert till.house.path("card").away == away
    till.wait(lambda: till.lights[-1].condition is DeviceCondition.AWAY)
    till.house.hear_terminal(StatusUpdate("card_terminal", DeviceState.READY, wording("Ready.")))
    assert till.house.path("card").away is None
    till.wait(lambda: till.lights[-1].condition is DeviceCondition.READY)


def test_a_person_plays_the_shopper_on_a_page_of_this_computer(open_till):
    till = open_till(WALLETS, shopper_page=True).ready()
    address = till.house.shopper_page
    till.wait(lambda: address in str(till.lights[-1].sentence))
    attempt_id = till.pay("wechat", Method.MERCHANT_CODE)
    shown = till.changed(attempt_id, lambda event: bool(event.payload))
    assert shown.payload.startswith("weixin://")
    number = shown.attempt.provider_number
    host = address.removeprefix("http://").rstrip("/")
    assert number in asked(host, "GET", "/")[1]
    status, page = asked(host, "POST", "/pay", provider="wechat", number=number)
    assert (status, "paid" in page or "付" in page) == (200, True)
    assert till.house.simulator("wechat").net_minor(number) == PRICE
    till.house._ask_about(number)
    assert till.ended(attempt_id).attempt.state is AttemptState.APPROVED
    status, page = asked(host, "POST", "/code", provider="alipay", shopper="poor")
    code = page.split("<code>")[1].split("</code>")[0]
    assert till.ended(till.pay("alipay", Method.SHOPPER_CODE, code)).attempt.state is AttemptState.DECLINED


def asked(host: str, method: str, path: str, headers: dict[str, str] | None = None, **form: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection(host, timeout=LONG_S)
    kind = {"Content-Type": "application/x-www-form-urlencoded"} if form else {}
    connection.request(method, path, urlencode(form) if form else None, kind | (headers or {}))
    answer = connection.getresponse()
    page = answer.read().decode()
    connection.close()
    return answer.status, page


def test_the_shoppers_page_takes_nothing_from_pages_of_others(open_till):
    till = open_till(WALLETS, shopper_page=True).ready()
    host = till.house.shopper_page.removeprefix("http://").rstrip("/")
    assert asked(host, "GET", "/", {"Host": "evil.example"})[0] == 403
    for origin in ("https://evil.example", "null", ""):
        other = {"Origin": origin}
        assert asked(host, "POST", "/code", other, provider="wechat", shopper="willing")[0] == 403
    ours = {"Origin": f"http://{host}"}
    assert asked(host, "POST", "/code", ours, provider="wechat", shopper="willing")[0] == 200
    assert asked(host, "POST", "/code", provider="nobody", shopper="willing")[0] == 404
    assert asked(host, "POST", "/code", provider="wechat", shopper="nobody")[0] == 404
    assert asked(host, "GET", "/elsewhere")[0] == 404


def test_a_till_that_closes_while_a_provider_is_silent_ends_in_its_time_and_leaves_the_payment_open(open_till):
    till = open_till().ready()
    simulator = till.house.simulator("wechat")
    simulator.fail(Call.PAY, Fault.HOLDS_REQUEST)
    attempt_id = till.pay("wechat", Method.SHOPPER_CODE, simulator.issue_code())
    till.wait(lambda: (stored := till.store.attempt(attempt_id)) is not None and stored.submitted_at is not None)
    assert simulator.wait_held(LONG_S)
    began = time.monotonic()
    assert not till.house.stop(till.store, 0.3)
    assert time.monotonic() - began < 5
    assert till.store.attempt(attempt_id).state is AttemptState.SUBMITTING
    simulator.let_go()


def test_a_desk_that_died_of_a_fault_is_said_and_not_called_busy_for_ever(open_till, monkeypatch):
    till = open_till()

    def fault() -> None:
        raise RuntimeError

    monkeypatch.setattr(till.store, "open_attempts", fault)
    till.wait(lambda: any("stopped working" in str(light.sentence) for light in till.lights))
    assert till.lights[-1].condition is DeviceCondition.STOPPED
    assert "stopped working" in str(till.house.path("wechat").away)
    assert not till.house.ready


def test_a_till_that_closes_at_once_waits_for_nothing(open_till):
    till = open_till(WALLETS, settling_s=600.0)
    began = time.monotonic()
    assert till.house.stop(till.store, LONG_S)
    assert time.monotonic() - began < 5
    assert not till.house.cancel("attempt", "1001")
    assert till.house.simulator("wechat") is None


def test_simulated_keys_are_made_once_and_are_their_owners_alone(open_till, tmp_path):
    till = open_till().ready()
    folder = tmp_path / "site" / "simulators" / "wechat"
    made = (folder / "simulator-shop.pem").read_bytes()
    assert (folder / "running.json").exists()
    assert till.house.stop(till.store, LONG_S)
    assert not (folder / "running.json").exists()
    again = open_till().ready()
    assert (folder / "simulator-shop.pem").read_bytes() == made
    simulator = again.house.simulator("wechat")
    ended = again.ended(again.pay("wechat", Method.SHOPPER_CODE, simulator.issue_code()))
    assert ended.attempt.state is AttemptState.APPROVED
    kept = [path for path in (tmp_path / "site").rglob("*") if path.is_file()]
    assert len(kept) >= 8
    assert {stat.S_IMODE(path.stat().st_mode) for path in kept} == {0o600}


def test_nothing_heavy_is_loaded_before_the_till_sells():
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from app.commands.payments.house import HouseTies, PaymentHouse\n"
        "from app.commands.site import Site\n"
        "from app.commands.world import SystemClock, SystemIdentities\n"
        "sample = Site(Path('nowhere'), sample=True).configuration()\n"
        "ties = HouseTies(print, print, lambda light: None, settling_s=600.0)\n"
        "house = PaymentHouse(sample, Path('nowhere'), SystemClock(), SystemIdentities(), ties)\n"
        "heavy = {'requests', 'cryptography', 'wechatpayv3', 'importlib.metadata', 'http.server', 'hardware.worker'}\n"
        "sys.exit(','.join(sorted(heavy & set(sys.modules))) or 0)\n"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
