"""What a till must know of a shop's WeChat Pay account; keys are named here, never held."""

from typing import Annotated, Final
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from app.payments.registry import BadProviderSettings
from app.values.wording import wording

OFFICIAL_URL: Final = "https://api.mch.weixin.qq.com"
"""WeChat Pay's address; `https://api2.mch.weixin.qq.com` is the second one, in another city."""

OFFICIAL_HOSTS: Final = ("api.mch.weixin.qq.com", "api2.mch.weixin.qq.com")
_LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")

_Digits = Annotated[str, Meta(pattern=r"^[0-9]{6,32}$")]
_Word = Annotated[str, Meta(pattern=r"^[0-9A-Za-z_\-]{1,64}$")]


class WechatSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the provider `wechat` needs to know."""

    appid: _Word
    """Of the shop's official account or mini program, bound to the merchant number."""

    mchid: _Digits
    """The merchant number."""

    serial_no: Annotated[str, Meta(pattern=r"^[0-9A-Fa-f]{8,64}$")]
    """Serial number of the merchant's API certificate, as the merchant platform shows it."""

    private_key: str
    """Where the merchant's private key (`apiclient_key.pem`) is: `keyring:NAME` or the path of an owner-only file."""

    public_key_id: Annotated[str, Meta(pattern=r"^(PUB_KEY_ID_[0-9A-Za-z]{1,64})?$")] = ""
    """Number of WeChat Pay's public key (`PUB_KEY_ID_…`); empty where the shop still has platform certificates."""

    public_key: str = ""
    """Where WeChat Pay's public key (`pub_key.pem`) is."""

    api_v3_key: str = ""
    """Where the API v3 key of 32 characters is; needed for platform certificates, which are fetched with it."""

    base_url: str = OFFICIAL_URL
    """Where WeChat Pay is; another one for a simulator. Plain HTTP is taken on this computer only."""

    store_id: Annotated[str, Meta(max_length=32)] = ""
    """WeChat Pay's own number of the shop, where it has given one."""

    device_ip: Annotated[str, Meta(min_length=2, max_length=45)] = "127.0.0.1"
    """The till's address, which WeChat Pay wants with each payment."""

    notify_url: Annotated[str, Meta(pattern=r"^(https://[^?#\s]{1,240})?$")] = ""
    """Where WeChat Pay may report a payment; the shop's own code (native) cannot be made without one, though the till
    asks by itself. Empty: no code of the shop's own."""

    code_valid_s: Annotated[int, Meta(ge=60, le=7200)] = 120
    """How long a shopper may pay by the shop's code."""

    call_timeout_s: Annotated[int, Meta(ge=2, le=30)] = 10
    """A call without a whole answer after this time is given up."""


def check_settings(settings: WechatSettings) -> None:
    """Check what the types cannot say.

    Raises:
        BadProviderSettings: naming the key that is wrong.
    """
    if bool(settings.public_key) != bool(settings.public_key_id):
        raise BadProviderSettings(
            wording("The settings of wechat are wrong: set both public_key and public_key_id, or neither.")
        )
    if not settings.public_key and not settings.api_v3_key:
        raise BadProviderSettings(
            wording(
                "The settings of wechat are wrong: without public_key and public_key_id, api_v3_key is needed to check"
                " WeChat Pay's answers."
            )
        )
    try:
        address = urlsplit(settings.base_url)
        host, port = address.hostname, address.port
    except ValueError:
        host = port = None
    plain = settings.base_url.startswith("http://") and host in _LOOPBACK
    secure = settings.base_url.startswith("https://") and bool(host)
    rest = settings.base_url.split("://", 1)[-1]
    if not (plain or secure) or "@" in rest or "/" in rest or (port is None and rest != host):
        raise BadProviderSettings(
            wording(
                "The settings of wechat are wrong: base_url must be https:// and a host without a path. Leave it out to"
                " use WeChat Pay itself."
            )
        )
