from datetime import UTC, datetime

import pytest

from app.payments.credentials import BadCredentialReference, CredentialMissing
from app.payments.registry import BadProviderSettings
from app.payments.wechat.library import BadKey
from app.payments.wechat.provider import WECHAT, make_wechat
from app.payments.wechat.simulator_keys import MERCHANT_SERIAL, PUBLIC_KEY_ID, SimulatorKeys
from app.values.clock import FixedClock

CLOCK = FixedClock(datetime(2026, 3, 2, 4, 0, tzinfo=UTC))


@pytest.fixture(scope="module")
def named(tmp_path_factory):
    return SimulatorKeys.generate().write_to(tmp_path_factory.mktemp("keys"))


@pytest.fixture
def settings(named):
    return {
        "appid": "wx0123456789abcdef",
        "mchid": "1900000109",
        "serial_no": MERCHANT_SERIAL,
        "private_key": named["private_key"],
        "public_key_id": PUBLIC_KEY_ID,
        "public_key": named["public_key"],
    }


def test_a_shop_with_a_public_key_needs_no_more(settings):
    till = make_wechat(settings, CLOCK)
    assert till.capabilities.bills
    assert not till.capabilities.works_offline
    assert (till.capabilities.times.ask_until_s, till.capabilities.times.reverse_not_before_s) == (45, 15)
    assert str(WECHAT.name) == "WeChat Pay"


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"mchid": "19A"}, "mchid"),
        ({"mchid": 1900000109}, "mchid"),
        ({"appid": "a b"}, "appid"),
        ({"serial_no": "xyz"}, "serial_no"),
        ({"surprise": 1}, "surprise"),
        ({"public_key_id": "KEY1"}, "public_key_id"),
        ({"public_key_id": ""}, "public_key"),
        ({"public_key_id": "", "public_key": ""}, "api_v3_key"),
        ({"notify_url": "http://shop.example/n"}, "notify_url"),
        ({"notify_url": "https://shop.example/n?a=1"}, "notify_url"),
        ({"code_valid_s": 59}, "code_valid_s"),
        ({"call_timeout_s": 31}, "call_timeout_s"),
        ({"device_ip": ""}, "device_ip"),
        ({"base_url": "http://api.mch.weixin.qq.com"}, "base_url"),
        ({"base_url": "https://api.mch.weixin.qq.com/"}, "base_url"),
        ({"base_url": "https://user@api.mch.weixin.qq.com"}, "base_url"),
        ({"base_url": "http://127.0.0.1@evil.example"}, "base_url"),
        ({"base_url": "http://127.0.0.1:99999"}, "base_url"),
        ({"base_url": "https://a#b"}, "base_url"),
        ({"base_url": "https://a?b"}, "base_url"),
        ({"base_url": "ftp://127.0.0.1"}, "base_url"),
        ({"base_url": ""}, "base_url"),
    ],
    ids=str,
)
def test_a_wrong_key_is_named(settings, change, word):
    with pytest.raises(BadProviderSettings, match=word):
        make_wechat(settings | change, CLOCK)


@pytest.mark.parametrize(
    "base_url", ["https://api2.mch.weixin.qq.com", "http://127.0.0.1:8080", "http://localhost:8080"]
)
def test_another_address_may_be_set(settings, base_url):
    make_wechat(settings | {"base_url": base_url}, CLOCK)


def test_credentials_are_named_never_held(settings, named, tmp_path):
    with pytest.raises(BadCredentialReference, match="private_key"):
        make_wechat(settings | {"private_key": "-----BEGIN PRIVATE KEY-----"}, CLOCK)
    with pytest.raises(CredentialMissing, match="public_key"):
        make_wechat(settings | {"public_key": str(tmp_path / "none")}, CLOCK)
    with pytest.raises(BadKey, match="private_key"):
        make_wechat(settings | {"private_key": named["public_key"]}, CLOCK)
    with pytest.raises(BadKey, match="api_v3_key"):
        make_wechat(settings | {"api_v3_key": named["public_key"]}, CLOCK)
