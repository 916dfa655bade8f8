"""Codes that headquarters signs and a till checks without asking: how they are written, signed and read.

A code is a document of one purpose. What is signed (Ed25519, RFC 8032) is a tag and the document as canonical JSON
(RFC 8785), with every value under its name:

    signature = Ed25519( "guitai/" purpose "/1" 0x00 ‖ {"key_id": …, "purpose": …, "terms": {name: value, …}} )

What is printed is shorter: the prefix of its purpose, then base32 (RFC 4648, without padding) of the 64 bytes of the
signature and a MessagePack array of the key's id and the values in the order of their declaration, without the
defaults at their end. Base32 has capital letters and digits only: a QR code holds it in its alphanumeric mode, and a
keyboard scanner types it whatever the keyboard's language or caps lock. Each document has one such text; any other
text is refused.
"""

import base64
import binascii
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final, Generic, TypeVar

import msgspec

from app.catalogue.codes.settings import LONGEST_CARD
from app.ledger.canonical import JsonValue, canonical_json
from app.ledger.chain import SIGNATURE_BYTES, Signer, signature_holds
from app.members.coupon_problems import Forged, IssuerRetired, IssuerUnknown, OtherShop, Unreadable

LONGEST_TEXT: Final = LONGEST_CARD
"""The most characters that the shop's own codes may have."""

_LONGEST_KEY_ID: Final = 16


class TooLong(ValueError):
    """Raised when a document does not fit a code: shorten its identities or name fewer stores."""


class Terms(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What a code says; each purpose has its own."""

    PURPOSE: ClassVar[str] = ""
    """Stands in what is signed, so that a code of one purpose is never taken for another."""

    PREFIX: ClassVar[str] = ""
    """How its text begins."""

    merchant_id: str
    """Whose it is."""

    issued_at: int
    """Seconds since 1970-01-01 UTC."""


SomeTerms = TypeVar("SomeTerms", bound=Terms)


@dataclass(frozen=True, slots=True)
class IssuerKey:
    """A key that headquarters signs codes with, as the till was told of it: the public half."""

    key_id: str
    merchant_id: str
    public_key: bytes
    """Raw Ed25519, 32 bytes."""

    retired_at: datetime | None = None
    """What was issued from this instant on is refused; what was issued before stays good."""

    withdrawn: bool = False
    """Whether the private key got out: nothing it signed is good, whenever it says it was issued."""


class IssuerKeys:
    """The keys a till trusts."""

    def __init__(self, keys: Iterable[IssuerKey]) -> None:
        """Take them; the last of one id counts."""
        self._keys: Mapping[str, IssuerKey] = {key.key_id: key for key in keys}

    def find(self, key_id: str) -> IssuerKey:
        """Return a key.

        Raises:
            IssuerUnknown: if the till was never told of it.
        """
        try:
            return self._keys[key_id]
        except KeyError:
            raise IssuerUnknown from None

    def __iter__(self) -> Iterator[IssuerKey]:
        """Go through them."""
        return iter(self._keys.values())


@dataclass(frozen=True, slots=True)
class Signed(Generic[SomeTerms]):
    """A document with its signature; whether that holds is for `verify` to say."""

    key_id: str
    terms: SomeTerms
    signature: bytes

    def text(self) -> str:
        """Return the code as it is printed or shown.

        Raises:
            TooLong: if it has more characters than a code may have.
        """
        text = _text_of(type(self.terms), self.key_id, self.terms, self.signature)
        if len(text) > LONGEST_TEXT:
            raise TooLong(f"{len(text)} characters; a code has {LONGEST_TEXT} at most")
        return text

    def verify(self, keys: IssuerKeys) -> None:
        """Return where a key the till trusts signed exactly this.

        Raises:
            IssuerUnknown, Forged, OtherShop, IssuerRetired: where not.
        """
        key = keys.find(self.key_id)
        if not signature_holds(key.public_key, signed_bytes(self.key_id, self.terms), self.signature):
            raise Forged
        if key.merchant_id != self.terms.merchant_id:
            raise OtherShop
        retired = key.retired_at is not None and self.terms.issued_at >= key.retired_at.timestamp()
        if key.withdrawn or retired:
            raise IssuerRetired


def sign(terms: SomeTerms, key_id: str, signer: Signer) -> Signed[SomeTerms]:
    """Sign a document with an issuer's key.

    Raises:
        ValueError: if the key's id is empty or has more than 16 characters.
    """
    if not 0 < len(key_id) <= _LONGEST_KEY_ID:
        raise ValueError(f"a key's id has 1 to {_LONGEST_KEY_ID} characters")
    return Signed(key_id, terms, signer.sign(signed_bytes(key_id, terms)))


def signed_bytes(key_id: str, terms: Terms) -> bytes:
    """Return what the signature is over, see the module."""
    values = {name: _as_json(getattr(terms, name)) for name in terms.__struct_fields__}
    document: dict[str, JsonValue] = {"key_id": key_id, "purpose": terms.PURPOSE, "terms": values}
    return f"guitai/{terms.PURPOSE}/1\x00".encode() + canonical_json(document)


def read(kind: type[SomeTerms], text: str) -> Signed[SomeTerms]:
    """Read a code of one purpose; small letters are taken as capitals. Nothing is verified yet.

    Raises:
        Unreadable: if it is no such code, or not in its one form.
    """
    plain = text.strip()
    if not plain.isascii() or len(plain) > LONGEST_TEXT or not plain.upper().startswith(kind.PREFIX):
        raise Unreadable
    plain = plain.upper()
    body = plain[len(kind.PREFIX) :]
    try:
        data = base64.b32decode(body + "=" * (-len(body) % 8))
        signature, packed = data[:SIGNATURE_BYTES], data[SIGNATURE_BYTES:]
        key_id, terms_raw = msgspec.msgpack.decode(packed, type=tuple[str, msgspec.Raw])
        terms = msgspec.msgpack.decode(terms_raw, type=kind)
        same = _text_of(kind, key_id, terms, signature) == plain
    except (binascii.Error, msgspec.DecodeError, ValueError):
        # ValueError: of integers, texts or lists that no document has.
        raise Unreadable from None
    if not same or len(signature) != SIGNATURE_BYTES:
        raise Unreadable
    return Signed(key_id, terms, signature)


def _text_of(kind: type[Terms], key_id: str, terms: Terms, signature: bytes) -> str:
    values = list(msgspec.structs.astuple(terms))
    needed = len(values) - len(kind.__struct_defaults__)
    while len(values) > needed and values[-1] == kind.__struct_defaults__[len(values) - needed - 1]:
        values.pop()
    packed = msgspec.msgpack.encode((key_id, values))
    return kind.PREFIX + base64.b32encode(signature + packed).decode().rstrip("=")


def _as_json(value: str | int | bool | tuple[str | int, ...]) -> JsonValue:
    return list(value) if isinstance(value, tuple) else value


def seconds(instant: datetime) -> int:
    """Return an instant as codes hold it; parts of a second are cut off."""
    return int(instant.timestamp())
