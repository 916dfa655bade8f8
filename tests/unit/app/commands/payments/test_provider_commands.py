"""`providers`: what is there, whether it works, and simulated providers for a till of one's own."""

import socket
import stat
import tomllib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.commands.configuration import Configuration, read_configuration
from app.commands.entry import main
from app.commands.payments.providers import SimulatorNotRunning, open_providers, registry_of, settings_at_hand
from app.commands.payments.sections import ProviderSection
from app.commands.payments.show import SimulateRequest, simulate
from app.commands.payments.simulators import (
    BadFault,
    PlayedProviders,
    SimulatorNotStarted,
    break_calls,
    faults_of,
    write_owner_only,
)
from app.commands.world import SystemClock
from app.payments.provider import PurchaseOrder, RefundOrder, Verdict
from app.payments.registry import UnknownProvider
from app.values.clock import FixedClock
from app.values.speech import ENGLISH
from tests.unit.app.commands.payments.conftest import SHOP, TERMINAL, WALLETS

CLOCK = SystemClock()
ORDER = PurchaseOrder("A1B2C3D4E5", 1290, "CNY", "Corner shop", shopper_code="13" + "7" * 16)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(["--lang", "en", "providers", *arguments])
    printed = capsys.readouterr()
    return int(ended.value.code or 0), printed.out, printed.err


def test_every_kind_of_provider_is_listed_with_whether_it_can_be_used(capsys):
    code, out, _ = run(capsys, "list")
    assert code == 0
    for name in ("wechat", "alipay", "card_terminal"):
        assert f"✓ {name}:" in out


def test_the_sample_stores_providers_are_named_while_no_till_plays_them(capsys, tmp_path):
    code, out, _ = run(capsys, "check", "--sample", "--data", str(tmp_path))
    assert code == 0
    assert "! wechat:" in out
    assert "✓ card:" in out


def test_a_day_is_reconciled_by_its_date_and_only_where_there_is_such_a_provider(capsys, tmp_path):
    for command in ("list", "check", "simulate", "reconcile"):
        code, out, _ = run(capsys, command, "--help")
        assert (code, "Usage" in out) == (0, True)
    code, _, err = run(capsys, "reconcile", "2026-11-22", "--provider", "paypal", "--sample", "--data", str(tmp_path))
    assert code == 2
    assert "NO-SUCH-PROVIDER" in err
    assert run(capsys, "reconcile", "yesterday", "--sample", "--data", str(tmp_path))[0] == 2


def test_a_missing_key_and_a_tender_without_provider_are_said(capsys, tmp_path):
    real = f"""
    [[provider]]
    id = "alipay"
    driver = "alipay"
    tender = "alipay"
    [provider.settings]
    app_id = "2021000000000001"
    private_key = "{tmp_path}/nowhere.pem"
    alipay_public_key = "{tmp_path}/nowhere.pem"
    """
    (tmp_path / "store.toml").write_text(SHOP + real, encoding="utf-8")
    code, out, _ = run(capsys, "check", "--data", str(tmp_path))
    assert code == 1
    assert "✗ alipay:" in out
    assert "nowhere.pem" in out
    assert "! 微信支付:" in out


def test_a_provider_whose_line_is_cut_is_said_and_nothing_is_paid(capsys, tmp_path):
    with_port = tmp_path / "site"
    with_port.mkdir()
    played = PlayedProviders(with_port, CLOCK)
    settings = played.play(ProviderSection(id="wechat", driver="wechat", tender="wechat", simulated=True)).settings
    lines = "\n".join(f'{key} = "{value}"' for key, value in settings.items())
    text = f'[[provider]]\nid = "wechat"\ndriver = "wechat"\ntender = "wechat"\n[provider.settings]\n{lines}\n'
    (with_port / "store.toml").write_text(SHOP + text, encoding="utf-8")
    code, out, _ = run(capsys, "check", "--data", str(with_port))
    assert (code, "can be reached" in out) == (0, True)
    simulator = played.played["wechat"].simulator
    assert simulator.waiting() == ()
    played.stop()
    code, out, _ = run(capsys, "check", "--data", str(with_port))
    assert (code, "cannot be reached" in out) == (1, True)


def test_a_till_in_the_same_folder_lets_other_commands_reach_its_simulators(configured, tmp_path):
    configuration = configured(WALLETS + TERMINAL)
    (section,) = (one for one in configuration.provider if one.id == "wechat")
    with pytest.raises(SimulatorNotRunning):
        settings_at_hand(section, tmp_path)
    assert set(open_providers(configuration, tmp_path, CLOCK).troubles) == {"wechat", "alipay"}
    played = PlayedProviders(tmp_path, CLOCK)
    try:
        played.play(section)
        opened = open_providers(configuration, tmp_path, CLOCK, only=["wechat"])
        assert opened.providers["wechat"].pay(ORDER).verdict is Verdict.APPROVED
        opened.close()
        assert played.played["wechat"].simulator.net_minor(ORDER.provider_number) == 1290
    finally:
        played.stop()


def test_the_printed_sections_let_a_till_pay(capsys, tmp_path):
    verdicts = {}

    def a_till_pays() -> None:
        printed = capsys.readouterr().out
        sections = printed[printed.index("[[provider]]") : printed.index("Payment codes")]
        (tmp_path / "store.toml").write_text(SHOP + sections, encoding="utf-8")
        opened = open_providers(read_configuration(tmp_path / "store.toml"), tmp_path, CLOCK)
        assert not opened.troubles
        for name, code in (("wechat", "13" + "7" * 16), ("alipay", "28" + "7" * 16)):
            order = replace(ORDER, provider_number=f"{name}01", shopper_code=code)
            verdicts[name] = opened.providers[name].pay(order).verdict
        opened.close()
        assert "PRIVATE KEY" not in printed

    request = SimulateRequest(tmp_path / "keys", {"wechat": 0, "alipay": 0}, ("alipay:pay:loses-answer",))
    assert simulate(request, ENGLISH, a_till_pays) == 0
    assert verdicts == {"wechat": Verdict.APPROVED, "alipay": Verdict.UNKNOWN}
    keys = [path for path in (tmp_path / "keys").rglob("*") if path.is_file()]
    assert {stat.S_IMODE(path.stat().st_mode) for path in keys} == {0o600}
    assert not list((tmp_path / "keys").rglob("running.json"))


@pytest.mark.parametrize(
    "fault", ["paypal:pay:loses-answer", "wechat:pay:nonsense", "wechat:dance:loses-answer", "wechat:pay:html:-1", ""]
)
def test_a_fault_that_is_none_is_refused_with_those_there_are(tmp_path, fault):
    with pytest.raises(BadFault):
        simulate(SimulateRequest(tmp_path, {}, (fault,)), ENGLISH, lambda: pytest.fail("it began"))


def test_every_named_fault_can_be_set_and_lasts_where_it_is_to(tmp_path):
    played = PlayedProviders(tmp_path, CLOCK)
    try:
        for driver in ("wechat", "alipay"):
            one = played.play(ProviderSection(id=driver, driver=driver, tender=driver, simulated=True))
            calls, faults = faults_of(driver)
            assert {"pay", "query", "refund"} <= set(calls)
            for fault in faults:
                break_calls(one, "refund-query", fault, 1)
            break_calls(one, "pay", "not-found" if driver == "wechat" else "too-many-calls", None)
    finally:
        played.stop()


def test_a_port_that_is_taken_is_said(tmp_path):
    section = ProviderSection(id="alipay", driver="alipay", tender="alipay", simulated=True)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        played = PlayedProviders(tmp_path, CLOCK)
        with pytest.raises(SimulatorNotStarted, match="alipay"):
            played.play(section, taken.getsockname()[1])
        played.stop()


def test_damaged_keys_of_a_simulator_are_made_anew(tmp_path):
    section = ProviderSection(id="wechat", driver="wechat", tender="wechat", simulated=True)
    folder = tmp_path / "simulators" / "wechat"
    folder.mkdir(parents=True)
    (folder / "simulator-shop.pem").write_text("not a key", encoding="utf-8")
    played = PlayedProviders(tmp_path, CLOCK)
    try:
        played.play(section)
        assert "PRIVATE KEY" in (folder / "simulator-shop.pem").read_text(encoding="utf-8")
    finally:
        played.stop()


@pytest.mark.parametrize(("driver", "digits"), [("wechat", "13"), ("alipay", "28")])
def test_a_payment_of_yesterdays_run_can_be_given_back_today_and_no_shoppers_code_was_kept(tmp_path, driver, digits):
    section = ProviderSection(id=driver, driver=driver, tender=driver, simulated=True)
    code = digits + "7654321076543210"

    def in_a_run(act) -> None:
        played = PlayedProviders(tmp_path, CLOCK)
        made = registry_of({driver}).driver(driver).make(played.play(section).settings, CLOCK)
        try:
            act(made, played.played[driver].simulator)
        finally:
            made.close()
            played.stop()

    def pay(made, simulator) -> None:
        assert made.pay(replace(ORDER, shopper_code=code)).verdict is Verdict.APPROVED

    def give_back(made, simulator) -> None:
        refund = RefundOrder(ORDER.provider_number, "R1A2B3C4D5", 290, 1290, "CNY", "spoiled")
        assert made.refund(refund).verdict is Verdict.APPROVED

    def look(made, simulator) -> None:
        # 12.90 charged, 2.90 given back, both told to a simulator that was stopped twice in between.
        assert simulator.net_minor(ORDER.provider_number) == 1000
        assert made.pay(replace(ORDER, provider_number="B9A8", shopper_code="")).verdict is Verdict.DECLINED

    for act in (pay, give_back, look):
        in_a_run(act)
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert code.encode() not in kept
    memory = tmp_path / "simulators" / driver / "memory.json"
    memory.write_bytes(b'{"orders": 3')
    in_a_run(lambda made, simulator: None)


def test_a_file_for_its_owner_alone_is_so_from_the_first_byte(tmp_path):
    target = tmp_path / "key.pem"
    target.write_text("old", encoding="utf-8")
    target.chmod(0o644)
    write_owner_only(target, b"new")
    assert target.read_bytes() == b"new"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["key.pem"]


def test_a_driver_of_others_that_fails_is_said_by_name_without_its_words(configured, tmp_path, monkeypatch, caplog):
    from app.commands.payments import providers
    from app.payments.registry import ProviderDriver, ProviderRegistry
    from app.values.wording import wording

    def make(settings, clock):
        raise RuntimeError(f"secret {settings}")

    broken = ProviderDriver("wechat", wording("WeChat Pay"), make, lambda: None)
    monkeypatch.setattr(providers, "registry_of", lambda drivers: ProviderRegistry({"wechat": broken}, ()))
    opened = open_providers(configured(WALLETS), tmp_path, CLOCK, settings_of=lambda section: {"key": "hidden"})
    assert "RuntimeError" in str(opened.troubles["wechat"].sentence)
    assert isinstance(opened.troubles["alipay"], UnknownProvider)
    assert "hidden" not in caplog.text


def test_the_sections_of_the_sample_store_are_right():
    from app.commands.site import sample_store

    found = read_configuration(sample_store() / "store.toml")
    assert isinstance(found, Configuration)
    assert [(one.driver, one.simulated) for one in found.provider] == [
        ("wechat", True),
        ("alipay", True),
        ("card_terminal", False),
        ("member_value", False),
        ("member_points", False),
    ]
    raw = tomllib.loads((sample_store() / "store.toml").read_text(encoding="utf-8"))
    assert raw["offline_card"]["allowed"] is False
    voucher = found.till_settings().tender_type("voucher")
    assert voucher is not None
    assert voucher.reference_once


def test_a_till_that_is_killed_finds_what_its_simulator_had_charged_before(tmp_path):
    section = ProviderSection(id="wechat", driver="wechat", tender="wechat", simulated=True)
    killed, clock = tmp_path / "killed", FixedClock(datetime(2026, 11, 22, tzinfo=UTC))
    played = PlayedProviders(killed, clock)
    try:
        made = registry_of({"wechat"}).driver("wechat").make(played.play(section).settings, clock)
        memory = killed / "simulators" / "wechat" / "memory.json"
        assert made.pay(ORDER).verdict is Verdict.APPROVED
        played.keep()
        first = memory.read_bytes()
        assert ORDER.provider_number.encode() in first
        made.pay(replace(ORDER, provider_number="F6G7H8", shopper_code="13" + "8" * 16))
        played.keep()
        assert memory.read_bytes() == first, "a busy till does not write at every payment"
        clock.advance(timedelta(seconds=6))
        played.keep()
        assert b"F6G7H8" in memory.read_bytes()
    finally:
        played.stop()
