"""Reads what Alipay says of a payment or refund into a verdict, and believes only what fits the request.

An answer about another order, of another amount, or in words that stand in no table is UNKNOWN.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final

from app.payments.alipay import refusals
from app.payments.alipay.amounts import fen_of, yuan_of
from app.payments.provider import CodeOffer, ProviderAnswer, PurchaseOrder, RefundOrder, Verdict
from app.values.wording import Wording, wording

Node = Mapping[str, Any]

ALIPAY_ZONE: Final = timezone(timedelta(hours=8), "CST")
"""Alipay writes and expects China Standard Time, without saying so."""

_SUCCESS: Final = "10000"
_WAITING: Final = "10003"
_FAILED: Final = "40004"
_WORD: Final = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_TRADE_NUMBER: Final = re.compile(r"[0-9A-Za-z_-]{1,64}")
_QR: Final = re.compile(r"https?://[!-~]{1,500}")
_LONGEST_PAYER: Final = 100

_WAIT = wording("Waiting for the customer to confirm in Alipay.")
_UNHEARD = wording("Alipay does not know this payment yet.")
_PAID = wording("Paid with Alipay.")
_TAKEN_BACK = wording("The Alipay payment was cancelled. The customer has paid nothing.")
_REFUNDED = wording("Given back with Alipay.")


def unknown(code: str, sentence: Wording | None = None) -> ProviderAnswer:
    """Return an answer that says that nothing is known."""
    said = sentence or wording(
        "Alipay gave no certain answer ({code}). Do not charge again: the till asks how the payment stands.", code=code
    )
    return ProviderAnswer(Verdict.UNKNOWN, said, code=code)


def word_of(node: Node) -> str:
    """Return the most telling of Alipay's words, if it is one that may stand in a log."""
    for name in ("sub_code", "trade_status", "code"):
        value = node.get(name)
        if isinstance(value, str) and _WORD.fullmatch(value):
            return value
    return "NO-CODE"


def of_pay(node: Node, order: PurchaseOrder) -> ProviderAnswer:
    """Read the answer to alipay.trade.pay."""
    code = _text(node, "code")
    if code == _SUCCESS:
        return _mismatch(node, order, needs_amount=True) or _approved(node, order, "gmt_payment")
    if code == _WAITING:
        return _mismatch(node, order) or _answer(Verdict.PENDING, _WAIT, node)
    return _not_paid(node, code, order)


def of_precreate(node: Node, order: PurchaseOrder) -> CodeOffer:
    """Read the answer to alipay.trade.precreate."""
    code = _text(node, "code")
    if code != _SUCCESS:
        return CodeOffer(_not_paid(node, code, order))
    payload = _text(node, "qr_code")
    other = _mismatch(node, order)
    if other is not None or not _QR.fullmatch(payload):
        return CodeOffer(other or unknown("NO-QR-CODE"))
    sentence = wording("Ask the customer to scan the code with Alipay.")
    return CodeOffer(_answer(Verdict.PENDING, sentence, node), payload)


def of_query(node: Node, order: PurchaseOrder) -> ProviderAnswer:
    """Read the answer to alipay.trade.query."""
    code = _text(node, "code")
    if code == _FAILED and _text(node, "sub_code") in refusals.UNHEARD_OF:
        return _mismatch(node, order) or _answer(Verdict.NOT_FOUND, _UNHEARD, node)
    if code != _SUCCESS:
        return unknown(word_of(node))
    status = _text(node, "trade_status")
    if status in {"TRADE_SUCCESS", "TRADE_FINISHED"}:
        return _mismatch(node, order, needs_amount=True) or _approved(node, order, "send_pay_date")
    if status == "TRADE_CLOSED":
        return _mismatch(node, order, needs_amount=True) or _answer(Verdict.REVERSED, _TAKEN_BACK, node)
    if status == "WAIT_BUYER_PAY":
        return _mismatch(node, order) or _answer(Verdict.PENDING, _WAIT, node)
    return unknown(word_of(node))


def of_cancel(node: Node, order: PurchaseOrder) -> ProviderAnswer:
    """Read the answer to alipay.trade.cancel: REVERSED only where Alipay says what it did and asks for no repetition.

    It names no action where it knows no such trade; the payment may still be on its way then.
    """
    code, sub_code = _text(node, "code"), _text(node, "sub_code")
    if code == _FAILED and sub_code in refusals.UNHEARD_OF:
        return _mismatch(node, order) or _answer(Verdict.NOT_FOUND, _UNHEARD, node)
    if code != _SUCCESS:
        return unknown(word_of(node), refusals.NOT_CANCELLED.get(sub_code))
    if _text(node, "retry_flag") != "N":
        return unknown("RETRY", wording("Alipay could not cancel the payment yet. The till tries again."))
    return _mismatch(node, order) or _cancelled(node, order)


def _cancelled(node: Node, order: PurchaseOrder) -> ProviderAnswer:
    match _text(node, "action"):
        case "":
            return _answer(Verdict.NOT_FOUND, _UNHEARD, node)
        case "close":
            return _answer(Verdict.REVERSED, _TAKEN_BACK, node)
        case "refund":
            returned = order.amount_minor
            return _answer(Verdict.REVERSED, _TAKEN_BACK, node, amount_minor=returned, instant="gmt_refund_pay")
        case _:
            return unknown("OTHER-ACTION")


def of_refund(node: Node, order: RefundOrder) -> ProviderAnswer | None:
    """Read the answer to alipay.trade.refund; None where only a query of the refund tells.

    `fund_change` Y says that this call moved money. N comes for a repeated call as well as for one that did nothing.
    `refund_fee` is the sum of all refunds of the payment.
    """
    code, sub_code = _text(node, "code"), _text(node, "sub_code")
    if code == _SUCCESS:
        other = _mismatch_refund(node, order)
        if other is not None:
            return other
        refunded = fen_of(node.get("refund_fee"))
        if _text(node, "fund_change") != "Y" or refunded is None:
            return None
        if not order.amount_minor <= refunded <= order.original_minor:
            return _other_amount(refunded, order.amount_minor)
        return _answer(Verdict.APPROVED, _REFUNDED, node, amount_minor=order.amount_minor, instant="gmt_refund_pay")
    return _refund_refused(node, order, sub_code if code == _FAILED else "")


def _refund_refused(node: Node, order: RefundOrder, sub_code: str) -> ProviderAnswer:
    if sub_code in refusals.UNHEARD_OF:
        # Only what was paid is given back: an Alipay that has not learnt of the payment yet has not learnt either
        # whether this very refund was made before.
        return _mismatch_refund(node, order, needs_number=False) or _answer(Verdict.NOT_FOUND, _UNHEARD, node)
    if sub_code in refusals.NOT_REFUNDED:
        sentence = refusals.NOT_REFUNDED[sub_code]
        return _mismatch_refund(node, order, needs_number=False) or _answer(Verdict.DECLINED, sentence, node)
    return unknown(word_of(node), wording("Alipay did not say whether it gave the money back. The till asks again."))


def of_refund_query(node: Node, order: RefundOrder) -> ProviderAnswer:
    """Read the answer to alipay.trade.fastpay.refund.query: code 10000 says only that the question was understood."""
    code = _text(node, "code")
    if code == _FAILED and _text(node, "sub_code") in refusals.UNHEARD_OF:
        return _mismatch_refund(node, order, needs_number=False) or _answer(Verdict.NOT_FOUND, _UNHEARD, node)
    if code != _SUCCESS:
        return unknown(word_of(node))
    status = _text(node, "refund_status")
    if node.get("refund_amount") in (None, "") and not status:
        # An answer about no refund carries no numbers: there is nothing to compare.
        sentence = wording("Alipay does not know this refund. It can be sent again with the same number.")
        return _answer(Verdict.NOT_FOUND, sentence, node)
    return _mismatch_refund(node, order, needs_request=True) or _refund_stands(node, order, status)


def _refund_stands(node: Node, order: RefundOrder, status: str) -> ProviderAnswer:
    match status:
        case "" | "REFUND_SUCCESS":
            amount_minor = fen_of(node.get("refund_amount"))
            if amount_minor != order.amount_minor:
                return _other_amount(amount_minor, order.amount_minor)
            return _answer(Verdict.APPROVED, _REFUNDED, node, amount_minor=amount_minor, instant="gmt_refund_pay")
        case "REFUND_PROCESSING":
            return _answer(Verdict.PENDING, wording("Alipay is giving the money back."), node)
        case "REFUND_FAIL":
            return _answer(Verdict.DECLINED, wording("Alipay could not refund. Give the money in another way."), node)
        case _:
            return unknown("OTHER-STATUS")


def _not_paid(node: Node, code: str, order: PurchaseOrder) -> ProviderAnswer:
    sub_code = _text(node, "sub_code")
    refused = refusals.refused_by_gateway(code, sub_code if _WORD.fullmatch(sub_code) else "")
    if refused is not None:
        return _answer(Verdict.DECLINED, refused, node)
    if code == _FAILED and sub_code in refusals.NOT_PAID:
        return _mismatch(node, order) or _answer(Verdict.DECLINED, refusals.NOT_PAID[sub_code], node)
    if code == _FAILED and sub_code in refusals.PAID_OTHERWISE:
        return unknown(sub_code, wording("Alipay has this payment already. The till asks how it stands."))
    return unknown(word_of(node))


def _approved(node: Node, order: PurchaseOrder, instant: str) -> ProviderAnswer:
    return _answer(Verdict.APPROVED, _PAID, node, amount_minor=order.amount_minor, instant=instant)


def _answer(
    verdict: Verdict, sentence: Wording, node: Node, *, amount_minor: int = 0, instant: str = ""
) -> ProviderAnswer:
    reference = _text(node, "trade_no")
    payer = _text(node, "buyer_logon_id")[:_LONGEST_PAYER]
    return ProviderAnswer(
        verdict,
        sentence,
        amount_minor=amount_minor,
        provider_reference=reference if _TRADE_NUMBER.fullmatch(reference) else "",
        # Alipay masks it; one that is not masked is not kept.
        payer=payer if "*" in payer and payer.isprintable() else "",
        at=_instant(_text(node, instant)) if instant else None,
        code=word_of(node),
    )


def _mismatch(node: Node, order: PurchaseOrder, *, needs_amount: bool = False) -> ProviderAnswer | None:
    """Return UNKNOWN where an answer is not about this order and its amount."""
    if node.get("out_trade_no") != order.provider_number:
        return _other_order()
    amount = node.get("total_amount")
    if (needs_amount or amount is not None) and fen_of(amount) != order.amount_minor:
        return _other_amount(fen_of(amount), order.amount_minor)
    return None


def _mismatch_refund(
    node: Node, order: RefundOrder, *, needs_request: bool = False, needs_number: bool = True
) -> ProviderAnswer | None:
    """Return UNKNOWN where an answer is not about this refund; a refusal of one may name no numbers at all."""
    number = node.get("out_trade_no")
    if (needs_number or number is not None) and number != order.provider_number:
        return _other_order()
    request = node.get("out_request_no")
    if (needs_request or request is not None) and request != order.refund_number:
        return _other_order()
    total = node.get("total_amount")
    if total is not None and fen_of(total) != order.original_minor:
        return _other_amount(fen_of(total), order.original_minor)
    return None


def _other_order() -> ProviderAnswer:
    return unknown(
        "OTHER-ORDER",
        wording("Alipay answered about another payment. Nothing is taken from that; the till asks again."),
    )


def _other_amount(said_minor: int | None, asked_minor: int) -> ProviderAnswer:
    return unknown(
        "OTHER-AMOUNT",
        wording(
            "Alipay speaks of ¥{said} where ¥{asked} was asked for. Nothing is taken from that. Tell the manager if it"
            " stays so.",
            said="?" if said_minor is None else yuan_of(said_minor),
            asked=yuan_of(asked_minor),
        ),
    )


def _text(node: Node, name: str) -> str:
    value = node.get(name)
    return value if isinstance(value, str) else ""


def _instant(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=ALIPAY_ZONE).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
