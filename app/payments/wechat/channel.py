"""Signs what is sent to WeChat Pay and believes no answer whose signature, signer or time is not right.

`WECHATPAY2-SHA256-RSA2048`: a request is signed over method, path with query, time, nonce and body, an answer over
time, nonce and body, each on a line of its own. Times may differ by five minutes. WeChat Pay now and then sends an
answer with a wrong signature on purpose (`WECHATPAY/SIGNTEST/…`), to see that it is refused.
"""

import contextlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, BinaryIO, Final

import msgspec

from app.payments.exchange import HttpReply, HttpRequest, NoAnswer, NotSent, download, exchange
from app.payments.wechat.library import (
    Verb,
    aes_decrypted,
    certificate_key,
    is_signed,
    public_key_of,
    signature,
)
from app.payments.wechat.settings import OFFICIAL_HOSTS
from app.values.clock import Clock
from app.values.wording import Wording, wording

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

SCHEME: Final = "WECHATPAY2-SHA256-RSA2048"
_MAX_SKEW_S: Final = 300
_CERTIFICATES: Final = "/v3/certificates"
_FETCH_AGAIN_AFTER_S: Final = 60
_NS: Final = 1_000_000_000


class Unheard(Exception):
    """Raised when a call brought nothing that can be believed."""

    def __init__(self, code: str, sentence: Wording, *, sent: bool = True) -> None:
        """Keep why, in a word of the till's own, and whether the request may have arrived."""
        super().__init__(code)
        self.code = code
        self.sentence = sentence
        self.sent = sent


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer of WeChat Pay's, rightly signed."""

    status: int
    body: bytes = field(repr=False)


class _EncryptedCertificate(msgspec.Struct, frozen=True):
    nonce: str
    ciphertext: str
    associated_data: str = ""


class _Certificate(msgspec.Struct, frozen=True):
    serial_no: str
    encrypt_certificate: _EncryptedCertificate


class _Certificates(msgspec.Struct, frozen=True):
    data: list[_Certificate]


@dataclass(frozen=True, slots=True)
class Merchant:
    """Who speaks to WeChat Pay."""

    mchid: str
    serial_no: str
    private_key: "RSAPrivateKey" = field(repr=False)
    api_v3_key: str = field(default="", repr=False)


class SignedChannel:
    """Stands where the library's own core would: takes its requests, returns a `Reply` or raises `Unheard`."""

    def __init__(
        self,
        merchant: Merchant,
        base_url: str,
        public_keys: "Mapping[str, RSAPublicKey]",
        clock: Clock,
        nonce: Callable[[], str],
    ) -> None:
        """Take what is needed to sign and to check.

        Args:
            merchant: signs the requests.
            base_url: scheme and host.
            public_keys: WeChat Pay's, by their number; the number is told with each request, so that it is used.
            clock: gives the time that is signed and checked.
            nonce: gives a text never given before.
        """
        self._merchant = merchant
        self._base_url = base_url
        self._keys = dict(public_keys)
        self._public_key_id = next(iter(public_keys), "")
        self._clock = clock
        self._nonce = nonce
        self._ends_ns = 0
        self._fetched_ns: int | None = None

    def begin(self, total_s: int) -> None:
        """Let the calls that follow take no longer than this together."""
        self._ends_ns = self._clock.monotonic_ns() + total_s * _NS

    def request(self, path: str, method: Verb | None = None, data: Mapping[str, Any] | None = None) -> Reply:
        """Send a request and return its answer; called by the library.

        Args:
            path: with its query, as it is signed.
            method: the library's `RequestType`; a query where there is none.
            data: becomes JSON.

        Raises:
            Unheard: see there.
        """
        if not self._keys:
            # Fetched before and not after: a payment's answer must be readable when it comes.
            self._fetch_certificates()
        verb = "GET" if method is None else method.value
        body = b"" if data is None else json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
        try:
            reply = exchange(self._signed(verb, path, body), total_s=self._seconds_left())
        except NotSent:
            raise _away() from None
        except NoAnswer:
            raise Unheard(
                "NO-ANSWER",
                wording("WeChat Pay has not answered. The till asks again by itself; do not charge again."),
            ) from None
        self._verify(reply)
        return Reply(reply.status, reply.body)

    def download(self, path: str, into: BinaryIO, *, total_s: int) -> Reply:
        """Write a bill into a file; its hash, told in a signed answer, stands for a signature.

        Raises:
            Unheard: see there.
        """
        try:
            reply = download(self._signed("GET", path, b""), into, total_s=total_s)
        except NotSent:
            raise _away() from None
        except NoAnswer:
            raise Unheard("NO-ANSWER", wording("WeChat Pay has not sent the whole bill. Ask for it again.")) from None
        return Reply(reply.status, reply.body)

    def is_ours(self, host: str) -> bool:
        """Return whether a host may be sent what is signed: the configured one, or both of WeChat Pay's own."""
        ours = self._base_url.split("://", 1)[-1]
        return host == ours or (ours in OFFICIAL_HOSTS and host in OFFICIAL_HOSTS)

    def _seconds_left(self) -> int:
        left = (self._ends_ns - self._clock.monotonic_ns()) // _NS
        if left < 1:
            raise _away()
        return left

    def _signed(self, verb: str, path: str, body: bytes) -> HttpRequest:
        at = str(int(self._clock.now().timestamp()))
        nonce = self._nonce()
        proof = signature(self._merchant.private_key, f"{verb}\n{path}\n{at}\n{nonce}\n{body.decode()}\n")
        headers = {
            "Authorization": (
                f'{SCHEME} mchid="{self._merchant.mchid}",nonce_str="{nonce}",signature="{proof}",timestamp="{at}",'
                f'serial_no="{self._merchant.serial_no}"'
            ),
            "Accept": "application/json" if "billdownload" not in path else "*/*",
            "Accept-Encoding": "identity",
            "Connection": "close",
            "User-Agent": "guitai",
        }
        if body:
            headers["Content-Type"] = "application/json"
        if self._public_key_id:
            headers["Wechatpay-Serial"] = self._public_key_id
        return HttpRequest(verb, self._base_url + path, headers, body)

    def _verify(self, reply: HttpReply) -> None:
        """Raise `Unheard` unless the answer is WeChat Pay's own and of now."""
        found = {
            name: reply.headers.get(f"wechatpay-{name}", "") for name in ("signature", "serial", "timestamp", "nonce")
        }
        if not all(found.values()):
            raise _unsigned(reply.status)
        scheme = reply.headers.get("wechatpay-signature-type", SCHEME)
        key = self._key_of(found["serial"])
        try:
            body = reply.body.decode("utf-8")
        except UnicodeDecodeError:
            body = None
        if (
            scheme != SCHEME
            or key is None
            or body is None
            or not is_signed(key, found["timestamp"], found["nonce"], body, found["signature"])
        ):
            raise Unheard(
                "BAD-SIGNATURE",
                wording(
                    "An answer came that is not signed by WeChat Pay, so the till does not believe it. It asks again by"
                    " itself; call your store admin if this stays."
                ),
            )
        at = found["timestamp"]
        now = int(self._clock.now().timestamp())
        if not at.isascii() or not at.isdecimal() or len(at) > 12 or abs(int(at) - now) > _MAX_SKEW_S:
            raise Unheard(
                "CLOCK-DIFFERS",
                wording(
                    "The till's clock and WeChat Pay's differ by more than five minutes. Set the till's clock; the till"
                    " then asks again by itself."
                ),
            )

    def _key_of(self, serial: str) -> "RSAPublicKey | None":
        if serial not in self._keys and not serial.startswith("PUB_KEY_ID_") and self._may_fetch():
            # Without the certificate the answer is not believed; that says nothing of whether the request was sent.
            with contextlib.suppress(Unheard):
                self._fetch_certificates()
        return self._keys.get(serial)

    def _may_fetch(self) -> bool:
        if not self._merchant.api_v3_key:
            return False
        since = None if self._fetched_ns is None else self._clock.monotonic_ns() - self._fetched_ns
        return since is None or since >= _FETCH_AGAIN_AFTER_S * _NS

    def _fetch_certificates(self) -> None:
        """Fetch WeChat Pay's certificates, which only who knows the API v3 key can have encrypted."""
        self._fetched_ns = self._clock.monotonic_ns()
        try:
            reply = exchange(self._signed("GET", _CERTIFICATES, b""), total_s=self._seconds_left())
        except (NotSent, NoAnswer):
            raise _away() from None
        try:
            listed = msgspec.json.decode(reply.body, type=_Certificates).data if reply.status == 200 else []
        except (msgspec.MsgspecError, RecursionError):
            listed = []
        now = self._clock.now()
        for one in listed:
            sealed = one.encrypt_certificate
            pem = aes_decrypted(self._merchant.api_v3_key, sealed.nonce, sealed.ciphertext, sealed.associated_data)
            key = None if pem is None else certificate_key(pem, one.serial_no, now)
            if key is not None:
                self._keys[one.serial_no] = key
        if not self._keys:
            raise Unheard(
                "NO-CERTIFICATE",
                wording(
                    "WeChat Pay's certificates could not be fetched, so nothing was sent. Take another tender, and call"
                    " your store admin: merchant number, API v3 key or certificate may be wrong."
                ),
                sent=False,
            )


def public_keys(public_key_id: str, pem: str) -> "dict[str, RSAPublicKey]":
    """Return WeChat Pay's public key by its number; none where there is none.

    Raises:
        BadKey: if it is no public key.
    """
    return {public_key_id: public_key_of(pem, "public_key")} if public_key_id else {}


def _away() -> Unheard:
    return Unheard(
        "AWAY",
        wording("WeChat Pay cannot be reached. Check the network, or take another tender."),
        sent=False,
    )


def _unsigned(status: int) -> Unheard:
    if status == 401:
        return Unheard(
            "UNSIGNED-401",
            wording(
                "WeChat Pay does not know this till. Call your store admin: merchant number, certificate or the till's"
                " clock is wrong."
            ),
        )
    return Unheard(
        f"UNSIGNED-{status}",
        wording("WeChat Pay has trouble just now. The till asks again by itself; do not charge again."),
    )
