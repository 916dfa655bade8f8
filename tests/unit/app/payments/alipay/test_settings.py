"""A store's settings for Alipay are checked as they are read."""

import pytest

from app.payments.alipay.provider import make_alipay
from app.payments.alipay.settings import read_settings
from app.payments.credentials import CredentialExposed, CredentialMissing
from app.payments.registry import BadProviderSettings

RIGHT = {"app_id": "2021000000000001", "private_key": "/keys/app.pem", "alipay_public_key": "keyring:alipay-public"}


def test_three_keys_are_enough():
    read = read_settings(RIGHT)

    assert read.base_url == "https://openapi.alipay.com/gateway.do"
    assert read.expires_after_minutes == 5


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"app_id": "x"}, "app_id"),
        ({"seller_id": "123"}, "seller_id"),
        ({"base_url": "http://openapi.alipay.com/gateway.do"}, "base_url"),
        ({"base_url": "https://user:secret@openapi.alipay.com/"}, "base_url"),
        ({"base_url": "file:///etc/passwd"}, "base_url"),
        ({"base_url": ""}, "base_url"),
        ({"base_url": "https://[::1"}, "base_url"),
        ({"base_url": "https://openapi.alipay.com:99999/"}, "base_url"),
        ({"bill_hosts": ["https://elsewhere/"]}, "bill_hosts"),
        ({"expires_after_minutes": 0}, "expires_after_minutes"),
        ({"expires_by": "never"}, "expires_by"),
        ({"store_id": "柜台"}, "store_id"),
        ({"pay_product_codes": "X"}, "pay_product_codes"),
    ],
)
def test_a_wrong_key_is_named_and_its_value_is_not_repeated_where_it_may_be_secret(wrong, named):
    with pytest.raises(BadProviderSettings, match=named) as refused:
        read_settings({**RIGHT, **wrong})
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_a_simulator_on_this_computer_needs_no_encryption(host):
    assert read_settings({**RIGHT, "base_url": f"http://{host}:8080/gateway.do"}).base_url.startswith("http:")


def test_keys_come_from_files_of_their_owner_alone(keys, tmp_path):
    private, public = tmp_path / "app.pem", tmp_path / "alipay.pem"
    private.write_bytes(keys.app_private)
    public.write_bytes(keys.alipay_public)
    settings = {**RIGHT, "private_key": str(private), "alipay_public_key": str(public)}

    private.chmod(0o644)
    with pytest.raises(CredentialExposed):
        make_alipay(settings, None)
    private.chmod(0o600)
    make_alipay(settings, None).close()
    public.unlink()
    with pytest.raises(CredentialMissing, match="alipay_public_key"):
        make_alipay(settings, None)
