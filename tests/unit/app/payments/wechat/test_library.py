import inspect

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from app.payments.registry import load_providers
from app.payments.wechat import library
from app.payments.wechat.library import BadKey, LibraryChanged, check_library, is_signed, private_key_of, public_key_of


def test_the_library_still_asks_what_the_documents_say():
    check_library()


def test_the_library_still_has_the_core_that_the_channel_stands_for():
    from wechatpayv3 import WeChatPay
    from wechatpayv3.core import Core

    assert list(inspect.signature(Core.request).parameters)[:4] == ["self", "path", "method", "data"]
    source = inspect.getsource(WeChatPay.__init__)
    for name in ("_type", "_appid", "_mchid", "_notify_url", "_partner_mode", "_core"):
        assert f"self.{name} = " in source
    assert "self._gate_way" in inspect.getsource(Core.__init__)


@pytest.mark.parametrize("name", ["pay", "query", "codepay_reverse", "close", "refund", "query_refund", "trade_bill"])
def test_a_library_that_asks_otherwise_is_not_used(monkeypatch, name):
    from wechatpayv3 import WeChatPay

    monkeypatch.setattr(WeChatPay, name, lambda self, *args, **fields: self._core.request("/v4/other"))
    with pytest.raises(LibraryChanged):
        check_library()
    monkeypatch.delattr(WeChatPay, name)
    with pytest.raises(LibraryChanged):
        check_library()
    statuses = {status.provider_id: status for status in load_providers().statuses}
    assert not statuses["wechat"].usable
    assert "Install the program whole again" in str(statuses["wechat"].sentence)


def pem_of(key):
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    ).decode()


def test_keys_of_another_kind_are_refused_and_not_repeated():
    for pem in ("nonsense", pem_of(ec.generate_private_key(ec.SECP256R1()))):
        with pytest.raises(BadKey, match="private_key") as refused:
            private_key_of(pem, "private_key")
        assert pem not in str(refused.value)
        with pytest.raises(BadKey, match="public_key"):
            public_key_of(pem, "public_key")


def test_a_signature_of_the_library_is_right_and_nothing_else_is():
    key = rsa.generate_private_key(65537, 2048)
    proof = library.signature(private_key_of(pem_of(key), "private_key"), "1\nn\n{}\n")
    assert is_signed(key.public_key(), "1", "n", "{}", proof)
    for wrong in (("2", "n", "{}", proof), ("1", "m", "{}", proof), ("1", "n", "{ }", proof), ("1", "n", "{}", "é!")):
        assert not is_signed(key.public_key(), *wrong)


def test_what_was_not_sealed_with_the_shops_key_is_none():
    assert library.aes_decrypted("x" * 32, "123456789012", "AAAA", "certificate") is None
    assert library.aes_decrypted("short", "123456789012", "AAAA", "certificate") is None
    assert library.aes_decrypted("x" * 32, "", "AAAA" * 10, "certificate") is None
