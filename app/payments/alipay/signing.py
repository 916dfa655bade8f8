"""RSA2 as Alipay wants it: SHA256withRSA over the sorted parameters of a request and over an answer as it came."""

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from app.values.problems import Problem
from app.values.wording import wording

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

SHORTEST_KEY_BITS: Final = 2048
"""RSA2 asks for keys of 2048 bits or more."""

_LONGEST_SIGNATURE: Final = 2048


class BadKey(Problem):
    """Raised when what was configured as a key is none that RSA2 can use; nothing of it is repeated."""

    code = "BAD-KEY"


def signing_string(parameters: Mapping[str, str]) -> str:
    """Return what is signed of a request: every parameter that is not empty, `sign` aside, sorted by name.

    >>> signing_string({"b": "2", "a": "1 & more", "empty": "", "sign": "x"})
    'a=1 & more&b=2'
    """
    return "&".join(f"{name}={value}" for name, value in sorted(parameters.items()) if value and name != "sign")


class RequestSigner:
    """Signs requests with the shop's private key."""

    __slots__ = ("_key",)

    def __init__(self, key: bytes) -> None:
        """Take a private key as PEM (PKCS #1 or PKCS #8), or as the bare Base64 that Alipay's own tool writes.

        Raises:
            BadKey: if it is none.
        """
        self._key = _private_key(key)

    def sign(self, text: str) -> str:
        """Return the signature of a text in UTF-8, as Base64."""
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
        from cryptography.hazmat.primitives.hashes import SHA256

        return base64.b64encode(self._key.sign(text.encode(), PKCS1v15(), SHA256())).decode("ascii")


class AnswerVerifier:
    """Tells whether an answer is Alipay's."""

    __slots__ = ("_key",)

    def __init__(self, key: bytes) -> None:
        """Take Alipay's public key as PEM, or as the bare Base64 that Alipay shows.

        Raises:
            BadKey: if it is none.
        """
        self._key = _public_key(key)

    def verifies(self, content: bytes, signature: str) -> bool:
        """Return whether a signature, as Base64, is Alipay's over exactly these bytes."""
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
        from cryptography.hazmat.primitives.hashes import SHA256

        if not signature or len(signature) > _LONGEST_SIGNATURE:
            return False
        try:
            self._key.verify(base64.b64decode(signature, validate=True), content, PKCS1v15(), SHA256())
        except (InvalidSignature, binascii.Error, ValueError):
            return False
        return True


def _private_key(key: bytes) -> "RSAPrivateKey":
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_der_private_key, load_pem_private_key

    sentence = wording(
        "What is set as the shop's private key for Alipay is no RSA key of 2048 bits or more. Store the key that was"
        " made for this app again."
    )
    loaded = _load(key, lambda pem: load_pem_private_key(pem, None), lambda der: load_der_private_key(der, None))
    if not isinstance(loaded, RSAPrivateKey) or loaded.key_size < SHORTEST_KEY_BITS:
        raise BadKey(sentence)
    return loaded


def _public_key(key: bytes) -> "RSAPublicKey":
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.serialization import load_der_public_key, load_pem_public_key

    sentence = wording(
        "What is set as Alipay's public key is no RSA key of 2048 bits or more. Copy Alipay's key again, not the key of"
        " your own app."
    )
    loaded = _load(key, load_pem_public_key, load_der_public_key)
    if not isinstance(loaded, RSAPublicKey) or loaded.key_size < SHORTEST_KEY_BITS:
        raise BadKey(sentence)
    return loaded


def _load(key: bytes, from_pem: Callable[[bytes], object], from_der: Callable[[bytes], object]) -> object | None:
    """Return a key, or None; what cannot be read of a key is never told."""
    from cryptography.exceptions import UnsupportedAlgorithm

    try:
        if b"-----BEGIN" in key:
            return from_pem(key)
        return from_der(base64.b64decode(b"".join(key.split()), validate=True))
    except (ValueError, TypeError, UnsupportedAlgorithm):
        # `binascii.Error` is a ValueError; a TypeError is a key that wants a password.
        return None
