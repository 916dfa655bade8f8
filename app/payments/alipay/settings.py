"""What a store configures for Alipay, checked as it is read; keys are references, never the keys themselves."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from app.payments.registry import BadProviderSettings, decode_settings
from app.values.wording import wording

GATEWAY: Final = "https://openapi.alipay.com/gateway.do"

_Digits = Annotated[str, Meta(pattern=r"^[0-9]{8,32}$")]
_Reference = Annotated[str, Meta(min_length=1, max_length=4096)]
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_HOST: Final = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")


class AlipaySettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A store's contract with Alipay and how this till uses it."""

    app_id: _Digits
    """The app's number on Alipay's open platform."""

    private_key: _Reference
    """Where the app's private key is: `keyring:NAME`, or the path of a file that only its owner may read."""

    alipay_public_key: _Reference
    """Where Alipay's public key for this app is, in the same way."""

    seller_id: Annotated[str, Meta(pattern=r"^(2088[0-9]{12})?$")] = ""
    """The account that is paid (16 digits, 2088 first); empty for the one that signed the contract. Bills of another
    account are refused where it is set."""

    base_url: str = GATEWAY
    """The gateway; a simulator's address for training and tests."""

    bill_hosts: tuple[str, ...] = ("dwbillcenter.alipay.com",)
    """Hosts a bill may be fetched from, besides the gateway's own."""

    store_id: Annotated[str, Meta(max_length=32, pattern=r"^[A-Za-z0-9_.-]*$")] = ""
    """The store's number as given to Alipay; the till's own store number where it is empty."""

    terminal_id: Annotated[str, Meta(max_length=32, pattern=r"^[A-Za-z0-9_.-]*$")] = ""
    """The till's number as given to Alipay; the till's own number where it is empty."""

    pay_product_code: Annotated[str, Meta(pattern=r"^[A-Z_]{1,64}$")] = "FACE_TO_FACE_PAYMENT"
    code_product_code: Annotated[str, Meta(pattern=r"^[A-Z_]{1,64}$")] = "QR_CODE_OFFLINE"
    """The product that was signed for: 当面付 for the shopper's code, 订单码支付 for a code that the shopper scans."""

    expires_after_minutes: Annotated[int, Meta(ge=1, le=5)] = 5
    """How long Alipay keeps an order that nobody paid or cancelled; the till looks so long at what it cancelled."""

    expires_by: Literal["timeout_express", "time_expire"] = "timeout_express"
    """How that is said: as a duration, or as an instant by the till's clock."""

    confirm_by_query: bool = False
    """Whether a payment that Alipay accepted at once (code 10000) is asked for again before it counts. Alipay's page on
    integration asks for it, its page on the interface does not."""

    takes_face: bool = True
    """Whether codes of a face payment (`fp…`) are taken."""


def read_settings(settings: Mapping[str, Any]) -> AlipaySettings:
    """Read settings and check the addresses in them.

    Raises:
        BadProviderSettings: naming the key that is wrong; also where the gateway is neither encrypted nor on this
            computer.
    """
    read = decode_settings(settings, AlipaySettings, "alipay")
    if not _may_be_sent_to(read.base_url):
        # The address is not repeated: a password may stand in it.
        raise BadProviderSettings(
            wording(
                "base_url is no address for Alipay. Set one that begins with https://, or a simulator's on this"
                " computer."
            )
        )
    for host in read.bill_hosts:
        if not _HOST.fullmatch(host):
            raise BadProviderSettings(
                wording("{address} is no name of a host (bill_hosts). Correct the file.", address=host[:80])
            )
    return read


def _may_be_sent_to(address: str) -> bool:
    try:
        parts = urlsplit(address)
        known = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    encrypted = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    return known and encrypted and not (parts.username or parts.query or parts.fragment)
