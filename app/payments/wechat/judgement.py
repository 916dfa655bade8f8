"""Judges an answer of WeChat Pay's against what was asked: nothing that speaks of another order or sum counts."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import msgspec

from app.payments.provider import CodeOffer, ProviderAnswer, PurchaseOrder, RefundOrder, Verdict
from app.payments.wechat.channel import Reply, Unheard
from app.payments.wechat.meanings import (
    REFUND_STATES,
    SHOW_CODE,
    TAKEN_BACK,
    TRADE_STATES,
    Asked,
    error_meaning,
)
from app.values.wording import wording

CURRENCY: Final = "CNY"
_SURE: Final = (200, 202)
"""202 comes with a payment that the shopper has still to confirm."""

_Text = str | None
"""A field that may be absent or null where it has nothing to say."""


class _Amount(msgspec.Struct, frozen=True):
    total: int | None = None
    refund: int | None = None
    currency: _Text = None


class Order(msgspec.Struct, frozen=True):
    """An order as WeChat Pay tells it, or an error, or a shop's code."""

    mchid: _Text = None
    out_trade_no: _Text = None
    transaction_id: _Text = None
    trade_type: _Text = None
    trade_state: _Text = None
    success_time: _Text = None
    amount: _Amount | None = None
    code_url: _Text = None
    recall: _Text = None
    code: _Text = None


class _Refund(msgspec.Struct, frozen=True):
    refund_id: _Text = None
    out_refund_no: _Text = None
    out_trade_no: _Text = None
    success_time: _Text = None
    status: _Text = None
    amount: _Amount | None = None
    code: _Text = None


@dataclass(frozen=True, slots=True)
class Judge:
    """Knows the merchant that answers must be for."""

    mchid: str

    def payment(self, reply: Reply, order: PurchaseOrder, asked: Asked) -> ProviderAnswer:
        """Judge the answer to a payment or to a query of one."""
        told = read_order(reply)
        if told is None:
            return _nonsense()
        if not told.trade_state:
            return _error(asked, told.code, reply.status)
        meaning = TRADE_STATES.get(told.trade_state)
        if reply.status not in _SURE or meaning is None:
            return _error(asked, told.trade_state, max(reply.status, 400))
        if told.mchid != self.mchid or told.out_trade_no != order.provider_number:
            return _other()
        paid = meaning.verdict is Verdict.APPROVED
        if paid and not (_is_sum(told.amount, order.amount_minor) and told.transaction_id):
            return _other()
        return ProviderAnswer(
            meaning.verdict,
            meaning.sentence,
            amount_minor=order.amount_minor if paid else 0,
            provider_reference=told.transaction_id or "",
            at=_instant(told.success_time) if paid else None,
            code=told.trade_state,
        )

    def reversal(self, reply: Reply, order: PurchaseOrder) -> ProviderAnswer:
        """Judge the answer to a reversal (`reverse`) or a closing (`close`)."""
        if reply.status == 204 and not reply.body:
            return _taken_back()
        told = read_order(reply)
        if told is None:
            return _nonsense()
        if reply.status != 200 or told.code:
            return _error(Asked.REVERSE, told.code, reply.status)
        if told.mchid != self.mchid or told.out_trade_no != order.provider_number:
            return _other()
        # v3 has no such word; v2 has: "ask again", whatever else the answer says.
        if told.recall and told.recall != "N":
            return _error(Asked.REVERSE, "RECALL", 400)
        return _taken_back()

    def offer(self, reply: Reply) -> CodeOffer:
        """Judge the answer to the wish for a shop's code."""
        told = read_order(reply)
        if told is None:
            return CodeOffer(_nonsense())
        if reply.status != 200 or not told.code_url:
            return CodeOffer(_error(Asked.OFFER, told.code, reply.status))
        # What is shown to the shopper opens in the wallet: nothing else than a payment of WeChat Pay's.
        if not re.fullmatch(r"(weixin://wxpay/|https://[a-z0-9.]+\.qq\.com/)[!-~]{1,500}", told.code_url):
            return CodeOffer(_nonsense())
        return CodeOffer(ProviderAnswer(Verdict.PENDING, SHOW_CODE, code="NOTPAY"), told.code_url)

    def refund(self, reply: Reply, order: RefundOrder, asked: Asked) -> ProviderAnswer:
        """Judge the answer to a refund or to a query of one."""
        try:
            told = msgspec.json.decode(reply.body, type=_Refund)
        except (msgspec.MsgspecError, RecursionError):
            return _nonsense()
        if not told.status:
            return _error(asked, told.code, reply.status)
        meaning = REFUND_STATES.get(told.status)
        if reply.status not in _SURE or meaning is None:
            return _error(asked, told.status, max(reply.status, 400))
        if (
            told.out_refund_no != order.refund_number
            or told.out_trade_no != order.provider_number
            or not _is_sum(told.amount, order.original_minor)
            or told.amount is None
            or told.amount.refund != order.amount_minor
        ):
            return _other()
        return ProviderAnswer(
            meaning.verdict,
            meaning.sentence,
            amount_minor=order.amount_minor if meaning.verdict is Verdict.APPROVED else 0,
            provider_reference=told.refund_id or "",
            at=_instant(told.success_time),
            code=told.status,
        )


def read_order(reply: Reply) -> Order | None:
    """Return what an answer says, or None where it is nonsense."""
    try:
        return msgspec.json.decode(reply.body, type=Order)
    except (msgspec.MsgspecError, RecursionError):
        return None


def unheard_answer(unheard: Unheard) -> ProviderAnswer:
    """Return what it means that nothing came that can be believed."""
    return ProviderAnswer(Verdict.UNKNOWN, unheard.sentence, code=unheard.code)


def _is_sum(amount: _Amount | None, total_minor: int) -> bool:
    return amount is not None and amount.total == total_minor and amount.currency in {None, "", CURRENCY}


def _taken_back() -> ProviderAnswer:
    return ProviderAnswer(Verdict.REVERSED, TAKEN_BACK, code="REVOKED")


def _error(asked: Asked, code: _Text, status: int) -> ProviderAnswer:
    # The word is kept and shown: it must be a word.
    word = code if code and re.fullmatch(r"[A-Za-z0-9_.\-]{1,40}", code) else f"HTTP-{status}"
    meaning = error_meaning(asked, word, status)
    return ProviderAnswer(meaning.verdict, meaning.sentence, code=word)


def _nonsense() -> ProviderAnswer:
    return ProviderAnswer(
        Verdict.UNKNOWN,
        wording("WeChat Pay's answer cannot be read. The till asks again by itself; do not charge again."),
        code="NONSENSE",
    )


def _other() -> ProviderAnswer:
    return ProviderAnswer(
        Verdict.UNKNOWN,
        wording(
            "WeChat Pay's answer is for another payment or another sum, so it does not count. The till asks again by"
            " itself; call your store admin if this stays."
        ),
        code="MISMATCH",
    )


def _instant(text: _Text) -> datetime | None:
    try:
        found = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo is not None else None
