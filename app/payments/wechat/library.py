"""The one place that touches `wechatpayv3`: takes its knowledge of requests and its cryptography, lends it a channel.

The library knows each request's path and fields. Its own `Core`, though, calls `requests.get` and `requests.post` of
the module, with no session to bound, following redirects, reading whatever comes, checking no answer but those of
status 2xx and no time at all, and asks the network while it is made. So the client is made without its core, and
`SignedChannel` is put in its place. That leans on six private attributes; `check_library` asks every function that is
used for a request and compares it with WeChat Pay's documents, and a provider whose library has changed is not used.
"""

from binascii import Error as BadBase64
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

from app.values.problems import Problem
from app.values.wording import Wording, wording

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

_N: Final = "N0123456789"


class LibraryChanged(Problem):
    """Raised when the installed `wechatpayv3` is not the one that this was written for."""

    code = "WECHAT-LIBRARY-CHANGED"


class BadKey(Problem):
    """Raised when a credential is there but is no key of the kind that is needed."""

    code = "WECHAT-BAD-KEY"


class Verb(Protocol):
    """The library's `RequestType`."""

    value: str
    """`GET` or `POST`."""


class Core(Protocol):
    """What the library's client hands its requests to."""

    def request(self, path: str, method: Verb | None = None, data: Mapping[str, Any] | None = None) -> object:
        """Send a request (a `GET` where there is no method) and return what the client is to return."""


class WechatClient(Protocol):
    """What is used of the library's client; each returns what its core returned."""

    def pay(self, **fields: object) -> object:
        """Ask for a payment."""

    def query(self, *, out_trade_no: str) -> object:
        """Ask how a payment stands."""

    def codepay_reverse(self, out_trade_no: str) -> object:
        """Take back a payment by the shopper's code."""

    def close(self, out_trade_no: str) -> object:
        """Close an order that is not paid."""

    def refund(self, **fields: object) -> object:
        """Give money back."""

    def query_refund(self, out_refund_no: str) -> object:
        """Ask how a refund stands."""

    def trade_bill(self, bill_date: str) -> object:
        """Ask where a day's bill is."""


def client_on(core: Core, *, appid: str, mchid: str, notify_url: str) -> WechatClient:
    """Return the library's client with its requests going through `core.request`."""
    from wechatpayv3 import WeChatPay, WeChatPayType

    client = object.__new__(WeChatPay)
    client._type = WeChatPayType.CODEPAY
    client._appid = appid
    client._mchid = mchid
    client._notify_url = notify_url or None
    client._partner_mode = False
    client._core = core
    return cast("WechatClient", client)


def ask_payment(client: WechatClient, fields: Mapping[str, Any], *, native: bool = False) -> object:
    """Ask for a payment by the shopper's code, or for a code of the shop's."""
    from wechatpayv3 import WeChatPayType

    return client.pay(**fields, pay_type=WeChatPayType.NATIVE if native else WeChatPayType.CODEPAY)


def signature(private_key: "RSAPrivateKey", text: str) -> str:
    """Return a signature in Base64 (SHA-256, PKCS #1 v1.5)."""
    from wechatpayv3.utils import rsa_sign

    return str(rsa_sign(private_key, text))


def is_signed(public_key: "RSAPublicKey", timestamp: str, nonce: str, body: str, proof: str) -> bool:
    """Return whether an answer is signed by the owner of a key."""
    from wechatpayv3.utils import rsa_verify

    return bool(rsa_verify(timestamp, nonce, body, proof, public_key))


def is_signed_text(public_key: "RSAPublicKey", text: str, proof: str) -> bool:
    """Return whether a text is signed by the owner of a key."""
    from base64 import b64decode

    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.hashes import SHA256

    try:
        public_key.verify(b64decode(proof), text.encode(), PKCS1v15(), SHA256())
    except (InvalidSignature, ValueError):
        return False
    return True


def aes_decrypted(api_v3_key: str, nonce: str, ciphertext: str, associated_data: str) -> str | None:
    """Return what was sealed with the API v3 key (AES-256-GCM), or None where it was not sealed with it."""
    from wechatpayv3.utils import aes_decrypt

    try:
        text = aes_decrypt(nonce, ciphertext, associated_data, api_v3_key)
    except (ValueError, BadBase64):
        return None
    return None if text is None else str(text)


def private_key_of(pem: str, key: str) -> "RSAPrivateKey":
    """Read an RSA private key, unencrypted, in PEM (PKCS #8 or PKCS #1).

    Raises:
        BadKey: if it is none; nothing of it is repeated.
    """
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        found = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError):
        found = None
    if not isinstance(found, RSAPrivateKey):
        raise BadKey(
            wording("What {key} names is no private key of WeChat Pay's (apiclient_key.pem). Put it there.", key=key)
        )
    return found


def public_key_of(pem: str, key: str) -> "RSAPublicKey":
    """Read an RSA public key in PEM.

    Raises:
        BadKey: if it is none.
    """
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        found = load_pem_public_key(pem.encode())
    except ValueError:
        found = None
    if not isinstance(found, RSAPublicKey):
        raise BadKey(wording("What {key} names is no public key of WeChat Pay's (pub_key.pem). Put it there.", key=key))
    return found


def certificate_key(pem: str, serial_no: str, now: datetime) -> "RSAPublicKey | None":
    """Return the public key of a platform certificate, or None where it is another one's or not of today."""
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.x509 import load_pem_x509_certificate

    try:
        certificate = load_pem_x509_certificate(pem.encode())
    except ValueError:
        return None
    key = certificate.public_key()
    if (
        f"{certificate.serial_number:x}" != serial_no.lower().lstrip("0")
        or not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc
        or not isinstance(key, RSAPublicKey)
    ):
        return None
    return key


class _Listener:
    """Takes a request instead of sending it."""

    def __init__(self) -> None:
        self.heard: object = None

    def request(self, path: str, method: Verb | None = None, data: Mapping[str, Any] | None = None) -> None:
        """Keep it."""
        self.heard = ("GET" if method is None else method.value, path, data)


def check_library() -> None:
    """Compare each request of the library with WeChat Pay's documents.

    Raises:
        LibraryChanged: if one differs.
    """
    listener = _Listener()
    try:
        client = client_on(listener, appid="A", mchid="M", notify_url="https://shop.example/n")
        for ask, expected in _DOCUMENTED:
            listener.heard = None
            ask(client)
            if listener.heard != expected:
                raise LibraryChanged(_changed_sentence())
    except (ImportError, AttributeError, TypeError) as error:
        raise LibraryChanged(_changed_sentence()) from error


_PURCHASE: Final[dict[str, Any]] = {"description": "D", "out_trade_no": _N, "amount": {"total": 1, "currency": "CNY"}}
_GIVEN_BACK: Final[dict[str, Any]] = {"refund": 1, "total": 2, "currency": "CNY"}
_PATH: Final = "/v3/pay/transactions"
_NOTIFY: Final = "https://shop.example/n"
_WHO: Final = {"appid": "A", "mchid": "M"}
_ONE: Final = f"{_PATH}/out-trade-no/{_N}"
_REFUNDS: Final = "/v3/refund/domestic/refunds"
_REFUND: Final = {"out_refund_no": "R", "amount": _GIVEN_BACK, "out_trade_no": _N, "reason": "why"}
_PAYER: Final = {"payer": {"auth_code": "1"}, "scene_info": {"device_ip": "::1"}}
_EXPIRES: Final = {"time_expire": "T"}

_DOCUMENTED: Final[tuple[tuple[Callable[[WechatClient], object], object], ...]] = (
    (lambda client: ask_payment(client, _PURCHASE | _PAYER), ("POST", f"{_PATH}/codepay", _PURCHASE | _WHO | _PAYER)),
    (
        lambda client: ask_payment(client, _PURCHASE | _EXPIRES, native=True),
        ("POST", f"{_PATH}/native", _PURCHASE | _WHO | _EXPIRES | {"notify_url": _NOTIFY}),
    ),
    (lambda client: client.query(out_trade_no=_N), ("GET", f"{_ONE}?mchid=M", None)),
    (lambda client: client.codepay_reverse(_N), ("POST", f"{_ONE}/reverse", _WHO)),
    (lambda client: client.close(_N), ("POST", f"{_ONE}/close", {"mchid": "M"})),
    (lambda client: client.refund(**_REFUND), ("POST", _REFUNDS, _REFUND | {"notify_url": _NOTIFY})),
    (lambda client: client.query_refund("R"), ("GET", f"{_REFUNDS}/R", None)),
    (
        lambda client: client.trade_bill("2026-01-02"),
        ("GET", "/v3/bill/tradebill?bill_date=2026-01-02&bill_type=ALL&tar_type=GZIP", None),
    ),
)
"""What is asked, and what is to be sent then (WeChat Pay API v3, direct merchant)."""


def _changed_sentence() -> Wording:
    return wording(
        "The installed WeChat Pay library is not the one this program was made for, so WeChat Pay is off. Install the"
        " program whole again."
    )
