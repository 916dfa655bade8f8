"""Alipay as a payment provider of the till: the shopper's code, a code of the shop's, refunds and the day's bill."""

import json
import logging
import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from app.payments.alipay import answers, bill, refusals
from app.payments.alipay.amounts import LARGEST_ORDER_MINOR, yuan_of
from app.payments.alipay.envelope import UnreadableAnswer, open_envelope
from app.payments.alipay.gateway import Gateway, NoAnswer, NotSent
from app.payments.alipay.settings import AlipaySettings, read_settings
from app.payments.alipay.signing import AnswerVerifier, RequestSigner, signing_string
from app.payments.credentials import read_credential, read_public_text
from app.payments.provider import (
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
from app.payments.registry import ProviderDriver
from app.values.clock import Clock
from app.values.wording import wording

_log = logging.getLogger(__name__)

PROVIDER_ID: Final = "alipay"

TIMES: Final = ProviderTimes(
    ask_every_s=5, ask_until_s=60, reverse_not_before_s=0, reverse_every_s=5, call_timeout_s=10
)
"""Asked every 3 to 6 s for about 60 s, then cancelled at once, with nothing in between (接入注意事项)."""

_BARCODE: Final = re.compile(r"(?:2[5-9]|30)[0-9]{14,22}")
_FACE: Final = re.compile(r"fp[0-9A-Za-z]{33}")
_NUMBER: Final = re.compile(r"[A-Za-z0-9_]{1,64}")
_STORE: Final = re.compile(r"[^A-Za-z0-9_.-]")
_FORBIDDEN_IN_SUBJECT: Final = str.maketrans(dict.fromkeys("/=&", " ") | {",": "，", '"': "”", "\\": " "})
"""`/`, `=` and `&` are refused by Alipay; a comma or quote would come back unquoted in the bill."""

_LONGEST_SUBJECT: Final = 127
_ANSWER_MARGIN_NS: Final = 500_000_000
_NS: Final = 1_000_000_000
_BILL_WITHIN_S: Final = 120


def is_shopper_code(code: str, *, takes_face: bool = True) -> bool:
    """Return whether a scanned text has the form of an Alipay payment code (付款码, or a face payment's token).

    >>> is_shopper_code("28763443825664394"), is_shopper_code("130000000000000000"), is_shopper_code("fp" + "a" * 33)
    (True, False, True)
    """
    return _BARCODE.fullmatch(code) is not None or (takes_face and _FACE.fullmatch(code) is not None)


class _Unheard(Exception):
    """A call that brought nothing that can be believed."""

    def __init__(self, answer: ProviderAnswer, *, left: bool) -> None:
        super().__init__(answer.code)
        self.answer = answer
        self.left = left
        """Whether a byte of the call may have left the till."""


class AlipayProvider:
    """One app of a shop at Alipay; used by one thread."""

    def __init__(
        self,
        settings: AlipaySettings,
        signer: RequestSigner,
        verifier: AnswerVerifier,
        clock: Clock,
        times: ProviderTimes = TIMES,
    ) -> None:
        """Prepare; nothing is sent yet."""
        self._capabilities = ProviderCapabilities(merchant_code=True, bills=True, times=times)
        self._settings = settings
        self._signer = signer
        self._verifier = verifier
        self._clock = clock
        self._gateway = Gateway(settings.base_url)

    @property
    def capabilities(self) -> ProviderCapabilities:
        """What it can do."""
        return self._capabilities

    @property
    def endpoint(self) -> tuple[str, int]:
        """Host and port that its calls go to; whoever wants to know whether it can be reached connects there."""
        address = urlsplit(self._settings.base_url)
        return address.hostname or "", address.port or (443 if address.scheme == "https" else 80)

    def close(self) -> None:
        """Let go of nothing: every call has a connection of its own, which ends with it."""

    def pay(self, order: PurchaseOrder) -> ProviderAnswer:
        """Ask for a payment by the shopper's code; for each number once in its life.

        DECLINED where no connection came about: not a byte left, so there is nothing to find out.
        """
        refused = self._refused(order)
        if refused is not None:
            return refused
        if not is_shopper_code(order.shopper_code, takes_face=self._settings.takes_face):
            sentence = wording("This is no payment code of Alipay. Ask the customer for the code to pay with.")
            return ProviderAnswer(Verdict.DECLINED, sentence, code="NOT-A-PAYMENT-CODE")
        face = order.shopper_code.startswith("fp")
        content = self._order(order, self._settings.pay_product_code) | {
            "auth_code": order.shopper_code,
            "scene": "security_code" if face else "bar_code",
        }
        ends_ns = self._end()
        try:
            node = self._call("alipay.trade.pay", content, ends_ns)
        except _Unheard as unheard:
            return unheard.answer if unheard.left else _away(unheard.answer.code)
        answer = answers.of_pay(node, order)
        if answer.verdict is Verdict.APPROVED and self._settings.confirm_by_query:
            return self._query(order, ends_ns)
        return answer

    def offer_code(self, order: PurchaseOrder) -> CodeOffer:
        """Ask for a code to show; it stays good until the order expires, however often it is scanned or asked about."""
        refused = self._refused(order)
        if refused is not None:
            return CodeOffer(refused)
        content = self._order(order, self._settings.code_product_code)
        try:
            return answers.of_precreate(self._call("alipay.trade.precreate", content, self._end()), order)
        except _Unheard as unheard:
            return CodeOffer(unheard.answer if unheard.left else _away(unheard.answer.code))

    def query(self, order: PurchaseOrder) -> ProviderAnswer:
        """Ask how a payment stands. NOT_FOUND is also what Alipay says of a code that nobody scanned yet."""
        return self._query(order, self._end())

    def reverse(self, order: PurchaseOrder) -> ProviderAnswer:
        """Cancel a payment: closed where it was not paid, given back where it was.

        Where Alipay says that this payment cannot be cancelled any more, the answer is what a query says: APPROVED then
        means that only a refund gives the money back.
        """
        ends_ns = self._end()
        try:
            node = self._call("alipay.trade.cancel", {"out_trade_no": _number(order.provider_number)}, ends_ns)
        except _Unheard as unheard:
            return unheard.answer
        answer = answers.of_cancel(node, order)
        if answer.code in refusals.NOT_CANCELLED_EVER:
            stands = self._query(order, ends_ns)
            if stands.verdict in {Verdict.APPROVED, Verdict.REVERSED}:
                return stands
        return answer

    def refund(self, order: RefundOrder) -> ProviderAnswer:
        """Give money back; repeated with the same number it happens once."""
        if not 0 < order.amount_minor <= order.original_minor:
            raise ValueError("a refund is more than nothing and at most what was paid")
        content: dict[str, Any] = {
            "out_trade_no": _number(order.provider_number),
            "out_request_no": _number(order.refund_number),
            "refund_amount": yuan_of(order.amount_minor),
        }
        if order.reason:
            content["refund_reason"] = _subject(order.reason)
        ends_ns = self._end()
        try:
            node = self._call("alipay.trade.refund", content, ends_ns)
        except _Unheard as unheard:
            return unheard.answer
        return answers.of_refund(node, order) or self._query_refund(order, ends_ns)

    def query_refund(self, order: RefundOrder) -> ProviderAnswer:
        """Ask how a refund stands; NOT_FOUND means that it can be sent again with its number."""
        return self._query_refund(order, self._end())

    def bill(self, day: date) -> Iterator[BillRow]:
        """Return the rows of a day's bill in Alipay's order.

        The archive is fetched whole and read twice, so that no row of a bill that turns out to be damaged is seen.

        Raises:
            BillNotReady: BadBill: ProviderAway: at the first row; see there.
        """
        today = self._clock.now().astimezone(answers.ALIPAY_ZONE).date()
        if day >= today:
            raise BillNotReady(
                wording("Alipay makes the bill of a day on the next morning. Ask for {day} tomorrow.", day=str(day))
            )
        content = {"bill_type": "trade", "bill_date": day.isoformat()}
        try:
            node = self._call("alipay.data.dataservice.bill.downloadurl.query", content, self._end())
            url = bill.download_url(node, day, self._settings, days_ago=(today - day).days)
            if url is None:
                return
            with bill.spool() as file:
                self._gateway.download(url, file, bill.LARGEST_ZIP_BYTES, _BILL_WITHIN_S)
                for _ in bill.read_bill(file, day, self._settings.seller_id):
                    pass
                yield from bill.read_bill(file, day, self._settings.seller_id)
        except _Unheard as unheard:
            raise _bill_away(unheard.answer.code) from None
        except (NotSent, NoAnswer) as missing:
            raise _bill_away(str(missing)) from None

    def _query(self, order: PurchaseOrder, ends_ns: int) -> ProviderAnswer:
        try:
            node = self._call("alipay.trade.query", {"out_trade_no": _number(order.provider_number)}, ends_ns)
        except _Unheard as unheard:
            return unheard.answer
        return answers.of_query(node, order)

    def _query_refund(self, order: RefundOrder, ends_ns: int) -> ProviderAnswer:
        content = {
            "out_trade_no": _number(order.provider_number),
            "out_request_no": _number(order.refund_number),
            "query_options": ["gmt_refund_pay"],
        }
        try:
            node = self._call("alipay.trade.fastpay.refund.query", content, ends_ns)
        except _Unheard as unheard:
            return unheard.answer
        return answers.of_refund_query(node, order)

    def _refused(self, order: PurchaseOrder) -> ProviderAnswer | None:
        """Return a refusal of what Alipay cannot do at all; what no till may ask is a bug and raises."""
        _number(order.provider_number)
        if order.amount_minor <= 0:
            raise ValueError("a payment is more than nothing")
        if order.currency != "CNY":
            sentence = wording("Alipay takes {currency} only here. Take another tender.", currency="CNY")
            return ProviderAnswer(Verdict.DECLINED, sentence, code="OTHER-CURRENCY")
        if order.amount_minor > LARGEST_ORDER_MINOR:
            sentence = wording("This is more than Alipay takes at once. Take another tender.")
            return ProviderAnswer(Verdict.DECLINED, sentence, code="TOO-MUCH")
        return None

    def _order(self, order: PurchaseOrder, product_code: str) -> dict[str, Any]:
        content: dict[str, Any] = {
            "out_trade_no": order.provider_number,
            "total_amount": yuan_of(order.amount_minor),
            "subject": _subject(order.description) or order.provider_number,
            "product_code": product_code,
        }
        optional = {
            "seller_id": self._settings.seller_id,
            "store_id": self._settings.store_id or _STORE.sub("", order.store_number)[:32],
            "terminal_id": self._settings.terminal_id or _STORE.sub("", order.till_number)[:32],
        }
        content.update({name: value for name, value in optional.items() if value})
        minutes = self._settings.expires_after_minutes
        if self._settings.expires_by == "time_expire":
            content["time_expire"] = self._timestamp(timedelta(minutes=minutes))
        else:
            content["timeout_express"] = f"{minutes}m"
        return content

    def _timestamp(self, later: timedelta = timedelta(0)) -> str:
        return (self._clock.now() + later).astimezone(answers.ALIPAY_ZONE).strftime("%Y-%m-%d %H:%M:%S")

    def _end(self) -> int:
        return self._clock.monotonic_ns() + self._capabilities.times.call_timeout_s * _NS - _ANSWER_MARGIN_NS

    def _call(self, method: str, content: Mapping[str, Any], ends_ns: int) -> answers.Node:
        """Send one call and return the node of its answer, once its signature is proven.

        Raises:
            _Unheard: with the answer that says so.
        """
        within_s = (ends_ns - self._clock.monotonic_ns()) / _NS
        if within_s <= 0:
            raise _Unheard(answers.unknown("TIMEOUT"), left=False)
        form = {"biz_content": json.dumps(content, ensure_ascii=False, separators=(",", ":"))}
        query = {
            "app_id": self._settings.app_id,
            "method": method,
            "format": "JSON",
            "charset": "utf-8",
            "sign_type": "RSA2",
            "timestamp": self._timestamp(),
            "version": "1.0",
        }
        query["sign"] = self._signer.sign(signing_string(query | form))
        try:
            envelope = open_envelope(self._gateway.ask(query, form, within_s), method)
        except NotSent as missing:
            raise _unheard(method, str(missing), left=False) from None
        except (NoAnswer, UnreadableAnswer) as missing:
            raise _unheard(method, str(missing)) from None
        word = answers.word_of(envelope.node)
        if self._verifier.verifies(envelope.raw, envelope.signature):
            number = content.get("out_trade_no", "")
            _log.info("alipay_answered", extra={"call": method, "number": number, "answer_code": word})
            return envelope.node
        if envelope.signature:
            raise _unheard(method, "WRONG-SIGNATURE")
        # The gateway signs nothing where it does not know the app; its word helps whoever sets the till up.
        unsigned = wording(
            "Alipay's answer is not signed, so it does not count ({code}). If this stays so, tell the manager to check"
            " the app number and the keys.",
            code=word,
        )
        _log.warning("alipay_unheard", extra={"call": method, "answer_code": f"NOT-SIGNED {word}"})
        raise _Unheard(answers.unknown("NOT-SIGNED", unsigned), left=True)


def _unheard(method: str, code: str, *, left: bool = True) -> _Unheard:
    _log.warning("alipay_unheard", extra={"call": method, "answer_code": code})
    return _Unheard(answers.unknown(code), left=left)


def _away(code: str) -> ProviderAnswer:
    sentence = wording("Alipay cannot be reached from this till. Nothing was charged. Take cash, or try again later.")
    return ProviderAnswer(Verdict.DECLINED, sentence, code=code)


def _bill_away(code: str) -> ProviderAway:
    return ProviderAway(wording("Alipay's bill could not be fetched ({code}). Try again later.", code=code))


def _number(number: str) -> str:
    if not _NUMBER.fullmatch(number):
        raise ValueError("a number for Alipay is 1 to 64 letters, digits and underscores")
    return number


def _subject(text: str) -> str:
    plain = "".join(letter if letter.isprintable() else " " for letter in text.translate(_FORBIDDEN_IN_SUBJECT))
    return " ".join(plain.split())[:_LONGEST_SUBJECT]


def make_alipay(settings: Mapping[str, Any], clock: Clock) -> AlipayProvider:
    """Return a provider from a till's configuration; sends nothing.

    Raises:
        BadProviderSettings: naming the key that is wrong.
        Problem: a credential is missing, readable by others, or no key (see `app.payments.credentials`, `BadKey`).
    """
    read = read_settings(settings)
    signer = RequestSigner(read_credential(read.private_key, "private_key").encode())
    verifier = AnswerVerifier(read_public_text(read.alipay_public_key, "alipay_public_key").encode())
    return AlipayProvider(read, signer, verifier, clock)


def _make(settings: Mapping[str, Any], clock: Clock) -> PaymentProvider:
    return make_alipay(settings, clock)


def _check() -> None:
    """Needs nothing of a computer but its libraries, which are loaded with the first payment."""


ALIPAY: Final = ProviderDriver(PROVIDER_ID, wording("Alipay"), _make, _check)
"""The entry point `alipay`."""
