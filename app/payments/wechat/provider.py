"""WeChat Pay as a payment provider of the till."""

import logging
import re
import secrets
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any, Final, cast
from urllib.parse import urlsplit

import msgspec

from app.payments.credentials import read_credential, read_public_text
from app.payments.provider import (
    BadBill,
    BillNotReady,
    BillRow,
    CodeOffer,
    PaymentProvider,
    ProviderAnswer,
    ProviderAway,
    ProviderCapabilities,
    ProviderTimes,
    PurchaseOrder,
    RefundOrder,
    Verdict,
)
from app.payments.registry import ProviderDriver, decode_settings
from app.payments.wechat.bill import BEIJING, BillHash, checked_bill, rows_of
from app.payments.wechat.channel import Merchant, Reply, SignedChannel, Unheard, public_keys
from app.payments.wechat.judgement import CURRENCY, Judge, read_order, unheard_answer
from app.payments.wechat.library import (
    BadKey,
    WechatClient,
    ask_payment,
    check_library,
    client_on,
    private_key_of,
)
from app.payments.wechat.meanings import REFUND_REFUSED, Asked
from app.payments.wechat.settings import WechatSettings, check_settings
from app.values.clock import Clock
from app.values.wording import Wording, wording

_log = logging.getLogger(__name__)

_NUMBER: Final = re.compile(r"[0-9A-Za-z_\-*]{6,32}")
_REFUND_NUMBER: Final = re.compile(r"[0-9A-Za-z_\-|*@]{1,64}")
_SHOPPER_CODE: Final = re.compile(r"1[0-5][0-9]{16}")
_DOWNLOAD_S: Final = 600
"""A bill is fetched by night; its address is good for five minutes, its download may take longer."""

_CERTAIN_OF_REVERSE: Final = frozenset({Verdict.REVERSED, Verdict.NOT_FOUND, Verdict.PENDING})


class WechatPay:
    """A shop's WeChat Pay account; used by one thread.

    A call comes back within its time and never raises for what the network or WeChat Pay does. `pay` and `offer_code`
    are called once for each number: that no connection came about is then an end (DECLINED, `AWAY`), for nothing was
    sent.
    """

    def __init__(self, settings: WechatSettings, channel: SignedChannel, client: WechatClient, clock: Clock) -> None:
        """Take the library's client, whose requests go through the channel."""
        self._settings = settings
        self._channel = channel
        self._client = client
        self._clock = clock
        self._judge = Judge(settings.mchid)
        self._capabilities = ProviderCapabilities(
            shopper_code=True,
            merchant_code=bool(settings.notify_url),
            reverse=True,
            refund=True,
            bills=True,
            works_offline=False,
            times=ProviderTimes(
                ask_every_s=5,
                ask_until_s=45,
                reverse_not_before_s=15,
                reverse_every_s=5,
                call_timeout_s=settings.call_timeout_s,
            ),
        )

    @property
    def capabilities(self) -> ProviderCapabilities:
        """What it can do."""
        return self._capabilities

    @property
    def endpoint(self) -> tuple[str, int]:
        """Host and port that its calls go to; whoever wants to know whether it can be reached connects there."""
        address = urlsplit(self._settings.base_url)
        return address.hostname or "", address.port or (443 if address.scheme == "https" else 80)

    def pay(self, order: PurchaseOrder) -> ProviderAnswer:
        """Ask for a payment by the shopper's code (`codepay`)."""
        if not _SHOPPER_CODE.fullmatch(order.shopper_code):
            return _not_sent(
                wording("This is no WeChat payment code. Ask the shopper for the payment code in WeChat and scan it."),
                "NOT-A-CODE",
            )
        fields = self._purchase(order) | {
            "payer": {"auth_code": order.shopper_code},
            "scene_info": {"device_ip": self._settings.device_ip} | self._store_of(order),
        }
        if order.currency != CURRENCY:
            return _other_currency()
        try:
            reply = self._ask(lambda: ask_payment(self._client, fields))
        except Unheard as unheard:
            return self._noted("pay", order.provider_number, _unsent(unheard))
        return self._noted("pay", order.provider_number, self._judge.payment(reply, order, Asked.PAY))

    def offer_code(self, order: PurchaseOrder) -> CodeOffer:
        """Ask for a code to show to the shopper (`native`), good for `code_valid_s`."""
        if order.currency != CURRENCY:
            return CodeOffer(_other_currency())
        if not self._settings.notify_url:
            return CodeOffer(
                _not_sent(
                    wording(
                        "The shop's own WeChat code is not set up: notify_url is missing in the settings. Scan the"
                        " shopper's code."
                    ),
                    "NO-NOTIFY-URL",
                )
            )
        until = self._clock.now().astimezone(BEIJING) + timedelta(seconds=self._settings.code_valid_s)
        fields = self._purchase(order) | {"time_expire": until.isoformat(timespec="seconds")}
        try:
            reply = self._ask(lambda: ask_payment(self._client, fields, native=True))
        except Unheard as unheard:
            return CodeOffer(self._noted("offer_code", order.provider_number, _unsent(unheard)))
        offer = self._judge.offer(reply)
        return replace(offer, answer=self._noted("offer_code", order.provider_number, offer.answer))

    def query(self, order: PurchaseOrder) -> ProviderAnswer:
        """Ask how a payment stands."""
        number = _number_of(order)
        try:
            reply = self._ask(lambda: self._client.query(out_trade_no=number))
        except Unheard as unheard:
            return self._noted("query", number, unheard_answer(unheard))
        return self._noted("query", number, self._judge.payment(reply, order, Asked.QUERY))

    def reverse(self, order: PurchaseOrder) -> ProviderAnswer:
        """Take a payment back whole.

        Only a payment by the shopper's code can be reversed. Where WeChat Pay refuses, the order is asked for: one by
        the shop's own code is closed, or APPROVED where it was paid in the meantime, and is then to be refunded.
        """
        number = _number_of(order)
        try:
            reply = self._ask(lambda: self._client.codepay_reverse(number))
            answer = self._judge.reversal(reply, order)
            if answer.verdict not in _CERTAIN_OF_REVERSE and 400 <= reply.status < 500 and reply.status != 429:
                answer = self._closed(order, answer)
        except Unheard as unheard:
            answer = unheard_answer(unheard)
        return self._noted("reverse", number, answer)

    def refund(self, order: RefundOrder) -> ProviderAnswer:
        """Give money back; repeated with the same number it happens once."""
        number = _refund_number_of(order)
        fields: dict[str, object] = {
            "out_refund_no": number,
            "out_trade_no": order.provider_number,
            "amount": {"refund": order.amount_minor, "total": order.original_minor, "currency": CURRENCY},
        }
        if order.reason:
            fields["reason"] = order.reason[:80]
        if order.currency != CURRENCY:
            return _other_currency()
        try:
            answer = self._judge.refund(self._ask(lambda: self._client.refund(**fields)), order, Asked.REFUND)
            if answer.code == "INVALID_REQUEST":
                answer = self._why_refused(order, answer)
        except Unheard as unheard:
            answer = unheard_answer(unheard)
        return self._noted("refund", number, answer)

    def query_refund(self, order: RefundOrder) -> ProviderAnswer:
        """Ask how a refund stands."""
        number = _refund_number_of(order)
        try:
            reply = self._ask(lambda: self._client.query_refund(number))
        except Unheard as unheard:
            return self._noted("query_refund", number, unheard_answer(unheard))
        return self._noted("query_refund", number, self._judge.refund(reply, order, Asked.QUERY_REFUND))

    def bill(self, day: date) -> Iterator[BillRow]:
        """Return the rows of a day's bill (Beijing time), in the provider's order.

        The bill is fetched whole into a file without a name and checked there before the first row is returned, so a
        slow reader does not outlive the address, and no row of a damaged bill is seen.

        Raises:
            BillNotReady: BadBill: ProviderAway: at the first row; see there.
        """
        now = self._clock.now().astimezone(BEIJING)
        if day >= now.date():
            raise BillNotReady(_not_ready_sentence(day))
        try:
            place = self._place_of_bill(day, is_early=now < _ready_at(day))
            if place is None:
                return
            path, fingerprint = place
            with tempfile.TemporaryFile(prefix="guitai-bill-") as file:
                reply = self._channel.download(path, file, total_s=_DOWNLOAD_S)
                if reply.status != 200:
                    raise _refused_bill(reply)
                with checked_bill(file, fingerprint) as bill:
                    yield from rows_of(bill, day=day, mchid=self._settings.mchid)
        except Unheard as unheard:
            raise ProviderAway(unheard.sentence) from None

    def close(self) -> None:
        """Let go of nothing: every request has a connection of its own, which ends with it."""

    def _ask(self, request: Callable[[], object]) -> Reply:
        """Send the first request of a call; those that follow it share its time."""
        self._channel.begin(self._settings.call_timeout_s)
        return cast("Reply", request())

    def _purchase(self, order: PurchaseOrder) -> dict[str, Any]:
        return {
            "description": order.description[:127] or order.provider_number,
            "out_trade_no": _number_of(order),
            "amount": {"total": order.amount_minor, "currency": CURRENCY},
        }

    def _store_of(self, order: PurchaseOrder) -> dict[str, Any]:
        store = {"id": self._settings.store_id, "out_id": order.store_number[:32]}
        told = {key: value for key, value in store.items() if value}
        return {"store_info": told} if told else {}

    def _closed(self, order: PurchaseOrder, refused: ProviderAnswer) -> ProviderAnswer:
        """Return what becomes of an order that cannot be reversed."""
        reply = cast("Reply", self._client.query(out_trade_no=order.provider_number))
        answer = self._judge.payment(reply, order, Asked.QUERY)
        told = read_order(reply)
        native = told is not None and told.trade_type == "NATIVE"
        if answer.verdict is Verdict.APPROVED and not native:
            # What is only too early, or in trouble, is reversed later; what is too old never: it has to be refunded.
            return answer if refused.code.replace("_", "") == "REVERSEEXPIRE" else refused
        # The type of an order that nobody has paid may be left out; closing does nothing to one that was paid.
        if answer.code == "NOTPAY" and told is not None and (native or not told.trade_type):
            return self._judge.reversal(cast("Reply", self._client.close(order.provider_number)), order)
        return answer if answer.verdict is not Verdict.PENDING else refused

    def _why_refused(self, order: RefundOrder, refused: ProviderAnswer) -> ProviderAnswer:
        """Return what a refused refund is: one that there is already with this number, or none at all."""
        reply = cast("Reply", self._client.query_refund(order.refund_number))
        answer = self._judge.refund(reply, order, Asked.QUERY_REFUND)
        if answer.verdict is Verdict.NOT_FOUND:
            return ProviderAnswer(Verdict.DECLINED, REFUND_REFUSED, code=refused.code)
        return answer

    def _place_of_bill(self, day: date, *, is_early: bool) -> tuple[str, BillHash] | None:
        """Return where a bill is and what it must hash to, or None where nobody paid that day."""
        reply = self._ask(lambda: self._client.trade_bill(day.isoformat()))
        try:
            told = msgspec.json.decode(reply.body, type=_BillPlace)
        except (msgspec.MsgspecError, RecursionError):
            told = _BillPlace(code="NONSENSE")
        if reply.status == 200 and told.download_url and told.hash_value:
            address = urlsplit(told.download_url.strip())
            if not self._channel.is_ours(address.netloc):
                raise BadBill(wording("WeChat Pay's bill is said to be at another's address, so it is not fetched."))
            path = f"{address.path}?{address.query}" if address.query else address.path
            return path, BillHash(told.hash_type or "", told.hash_value)
        if told.code == "STATEMENT_CREATING" or (told.code == "NO_STATEMENT_EXIST" and is_early):
            raise BillNotReady(_not_ready_sentence(day))
        if told.code == "NO_STATEMENT_EXIST":
            return None
        raise _refused_bill(reply)

    def _noted(self, call: str, number: str, answer: ProviderAnswer) -> ProviderAnswer:
        """Write what happened to the log: no payer, no code of a shopper's."""
        _log.info(
            "wechat_answered",
            extra={"call": call, "number": number, "verdict": answer.verdict.value, "answer_code": answer.code},
        )
        return answer


class _BillPlace(msgspec.Struct, frozen=True):
    hash_type: str | None = None
    hash_value: str | None = None
    download_url: str | None = None
    code: str | None = None


def _number_of(order: PurchaseOrder) -> str:
    if not _NUMBER.fullmatch(order.provider_number):
        raise ValueError("a provider number is 6 to 32 letters and digits")
    if order.amount_minor <= 0:
        raise ValueError("a payment is of at least one fen")
    return order.provider_number


def _refund_number_of(order: RefundOrder) -> str:
    if not _REFUND_NUMBER.fullmatch(order.refund_number) or not _NUMBER.fullmatch(order.provider_number):
        raise ValueError("a refund has its own number and its payment's")
    if not 0 < order.amount_minor <= order.original_minor:
        raise ValueError("a refund is of at least one fen and of what was paid at most")
    return order.refund_number


def _not_sent(sentence: Wording, code: str) -> ProviderAnswer:
    return ProviderAnswer(Verdict.DECLINED, sentence, code=code)


def _unsent(unheard: Unheard) -> ProviderAnswer:
    """Return what it means for a first submission that nothing came back."""
    return unheard_answer(unheard) if unheard.sent else _not_sent(unheard.sentence, unheard.code)


def _other_currency() -> ProviderAnswer:
    return _not_sent(wording("WeChat Pay takes yuan only. Take another tender."), "OTHER-CURRENCY")


def _ready_at(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(10), BEIJING)


def _not_ready_sentence(day: date) -> Wording:
    return wording(
        "WeChat Pay makes the bill of {day} on the next day, after ten in the morning. Ask for it then.",
        day=day.isoformat(),
    )


def _refused_bill(reply: Reply) -> BadBill:
    told = read_order(reply)
    code = told.code if told is not None and told.code else f"HTTP-{reply.status}"
    return BadBill(wording("WeChat Pay does not give the bill ({code}). Ask for it again later.", code=code[:40]))


def make_wechat(
    settings: Mapping[str, Any], clock: Clock, nonce: Callable[[], str] = lambda: secrets.token_hex(16).upper()
) -> PaymentProvider:
    """Return the provider of a shop's account; nothing is sent.

    Args:
        settings: a `WechatSettings`.
        clock: gives the time that is signed.
        nonce: gives a text never given before.

    Raises:
        BadProviderSettings: naming the key that is wrong.
        BadCredentialReference: CredentialMissing: CredentialExposed: BadKey: of a key that the settings name.
    """
    decoded = decode_settings(settings, WechatSettings, "wechat")
    check_settings(decoded)
    api_v3_key = read_credential(decoded.api_v3_key, "api_v3_key") if decoded.api_v3_key else ""
    if api_v3_key and len(api_v3_key.encode()) != 32:
        raise BadKey(wording("What {key} names is not of 32 characters. Put the API v3 key there.", key="api_v3_key"))
    merchant = Merchant(
        decoded.mchid,
        decoded.serial_no.upper(),
        private_key_of(read_credential(decoded.private_key, "private_key"), "private_key"),
        api_v3_key,
    )
    pem = read_public_text(decoded.public_key, "public_key") if decoded.public_key else ""
    channel = SignedChannel(merchant, decoded.base_url, public_keys(decoded.public_key_id, pem), clock, nonce)
    client = client_on(channel, appid=decoded.appid, mchid=decoded.mchid, notify_url=decoded.notify_url)
    return WechatPay(decoded, channel, client, clock)


WECHAT: Final = ProviderDriver("wechat", wording("WeChat Pay"), make_wechat, check_library)
