"""RSA2 signatures, checked against the arithmetic of RFC 8017 and not against the library that makes them."""

import base64
import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from app.payments.alipay.signing import AnswerVerifier, BadKey, RequestSigner, signing_string

DIGEST_INFO_SHA256 = bytes.fromhex("3031300d060960864801650304020105000420")


def holds(public_pem: bytes, content: bytes, signature: bytes) -> bool:
    """EMSA-PKCS1-v1_5 by hand: 00 01 FF..FF 00 DigestInfo digest."""
    numbers = load_pem_public_key(public_pem).public_numbers()
    size = (numbers.n.bit_length() + 7) // 8
    opened = pow(int.from_bytes(signature), numbers.e, numbers.n).to_bytes(size)
    tail = b"\x00" + DIGEST_INFO_SHA256 + hashlib.sha256(content).digest()
    return opened == b"\x00\x01" + b"\xff" * (size - 2 - len(tail)) + tail


def test_a_request_is_signed_over_its_parameters_by_name_without_the_empty_ones():
    parameters = {
        "version": "1.0",
        "app_id": "2014072300007148",
        "charset": "utf-8",
        "biz_content": '{"subject":"柜台 & 糖"}',
        "notify_url": "",
        "sign": "never itself",
        "sign_type": "RSA2",
    }

    assert signing_string(parameters) == (
        'app_id=2014072300007148&biz_content={"subject":"柜台 & 糖"}&charset=utf-8&sign_type=RSA2&version=1.0'
    )


def test_a_signature_is_what_the_standard_says(keys):
    signature = RequestSigner(keys.app_private).sign("a=柜台")

    assert holds(keys.app_public, "a=柜台".encode(), base64.b64decode(signature))


def test_an_answer_counts_only_over_exactly_its_bytes_and_by_alipays_key(keys):
    verifier = AnswerVerifier(keys.alipay_public)
    content = '{"code": "10000"}'
    signature = RequestSigner(keys.alipay_private).sign(content)

    assert verifier.verifies(content.encode(), signature)
    assert not verifier.verifies(b'{"code":"10000"}', signature)
    assert not verifier.verifies(content.encode(), RequestSigner(keys.app_private).sign(content))
    for nonsense in ("", "AAAA", "not base 64!", signature[:-4], signature * 9, "签"):
        assert not verifier.verifies(content.encode(), nonsense)


def test_keys_are_taken_in_every_form_that_alipays_tools_write(keys):
    private = load_pem_private_key(keys.app_private, None)
    forms = (
        keys.app_private,
        private.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()),
        base64.b64encode(private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())),
        base64.encodebytes(private.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption())),
    )
    public = load_pem_public_key(keys.app_public)
    bare = base64.b64encode(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))

    signatures = {RequestSigner(form).sign("x") for form in forms}

    assert len(signatures) == 1
    assert AnswerVerifier(bare).verifies(b"x", signatures.pop())


def test_what_is_no_key_of_2048_bits_is_refused_without_repeating_it(keys):
    short = rsa.generate_private_key(65537, 1024)  # noqa: S505 - it is to be refused
    curve = ec.generate_private_key(ec.SECP256R1())
    locked = load_pem_private_key(keys.app_private, None).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret")
    )
    pem = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for wrong in (short.private_bytes(*pem), curve.private_bytes(*pem), locked, keys.app_public, b"hunter2", b""):
        with pytest.raises(BadKey) as refused:
            RequestSigner(wrong)
        assert "hunter2" not in str(refused.value)
        assert refused.value.__context__ is None
    with pytest.raises(BadKey, match="not the key of your own app"):
        AnswerVerifier(keys.app_private)


def test_nothing_shows_a_key(keys):
    assert "PRIVATE" not in repr(keys) + repr(RequestSigner(keys.app_private))
