"""What Alipay's words for a refusal mean to a cashier.

Sources: the tables of error codes of alipay.trade.pay, precreate, query, cancel and refund, and of the gateway's common
error codes, on opendocs.alipay.com. A word that stands in no table here is never taken as final.
"""

from collections.abc import Mapping
from typing import Final

from app.values.wording import Wording, wording

_CODE = wording("Alipay does not take this code. Ask the customer to let a new one appear, and scan it.")
_MONEY = wording("There is too little money in the customer's Alipay. Ask for another way to pay.")
_LIMIT = wording("This is over the customer's limit at Alipay. Ask for another way to pay.")
_ACCOUNT = wording("Alipay does not let this customer pay here. Ask for another way to pay.")
_SWITCH = wording(
    "The customer has switched this way of paying off in Alipay. They can switch it on, or pay in another way."
)
_FAILED = wording("Alipay refused the payment. Let the customer try a new code, or ask for another way to pay.")
_SHOP = wording("Alipay does not take payments for this shop. Take another tender, and tell the manager.")
_SHOP_LIMIT = wording("This is more than Alipay takes for this shop. Take another tender, and tell the manager.")
_REQUEST = wording("Alipay does not accept this order as the till wrote it. Take another tender, and tell the manager.")

NOT_PAID: Final[Mapping[str, Wording]] = {
    "ACQ.PAYMENT_AUTH_CODE_INVALID": _CODE,
    "ACQ.PULL_MOBILE_CASHIER_FAIL": _CODE,
    "ACQ.BUYER_BALANCE_NOT_ENOUGH": _MONEY,
    "ACQ.BUYER_BANKCARD_BALANCE_NOT_ENOUGH": _MONEY,
    "ACQ.BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR": _LIMIT,
    "ACQ.BUYER_PAYMENT_AMOUNT_MONTH_LIMIT_ERROR": _LIMIT,
    "ACQ.BUYER_ENABLE_STATUS_FORBID": _ACCOUNT,
    "ACQ.BUYER_SELLER_EQUAL": _ACCOUNT,
    "ACQ.ERROR_BUYER_CERTIFY_LEVEL_LIMIT": _ACCOUNT,
    "ACQ.NO_PAYMENT_INSTRUMENTS_AVAILABLE": _ACCOUNT,
    "ACQ.PAYMENT_REQUEST_HAS_RISK": _ACCOUNT,
    "ACQ.ERROR_BALANCE_PAYMENT_DISABLE": _SWITCH,
    "ACQ.MOBILE_PAYMENT_SWITCH_OFF": _SWITCH,
    "ACQ.USER_FACE_PAYMENT_SWITCH_OFF": _SWITCH,
    "ACQ.PAYMENT_FAIL": _FAILED,
    "ACQ.ACCESS_FORBIDDEN": _SHOP,
    "ACQ.PARTNER_ERROR": _SHOP,
    "ACQ.SELLER_BEEN_BLOCKED": _SHOP,
    "ACQ.MERCHANT_STATUS_NOT_NORMAL": _SHOP,
    "ACQ.MERCHANT_AGREEMENT_NOT_EXIST": _SHOP,
    "ACQ.MERCHANT_AGREEMENT_INVALID": _SHOP,
    "ACQ.SECONDARY_MERCHANT_STATUS_ERROR": _SHOP,
    "ACQ.TOTAL_FEE_EXCEED": _SHOP_LIMIT,
    "ACQ.BEYOND_PAY_RESTRICTION": _SHOP_LIMIT,
    "ACQ.BEYOND_PER_RECEIPT_RESTRICTION": _SHOP_LIMIT,
    "ACQ.INVALID_PARAMETER": _REQUEST,
    "ACQ.INVALID_STORE_ID": _REQUEST,
    "ACQ.EXIST_FORBIDDEN_WORD": _REQUEST,
    "ACQ.NOW_TIME_AFTER_EXPIRE_TIME_ERROR": wording(
        "Alipay finds the order out of date as it arrives: this till's clock is wrong. Take another tender, and have"
        " the clock set."
    ),
}
"""Business words (code 40004) after which nothing was charged and nothing will be."""

PAID_OTHERWISE: Final = frozenset(
    {"ACQ.TRADE_HAS_SUCCESS", "ACQ.TRADE_HAS_CLOSE", "ACQ.CONTEXT_INCONSISTENT", "ACQ.TRADE_BUYER_NOT_MATCH"}
)
"""The number stands for a payment already, perhaps this very one: only a query with its amount tells."""

UNHEARD_OF: Final = frozenset({"ACQ.TRADE_NOT_EXIST", "TRADE_NOT_EXIST"})
"""Both spellings are in Alipay's tables."""

_TOO_MUCH = wording("Alipay has less of this payment left than the refund asks for. Look at what was refunded before.")
_GONE = wording("Alipay cannot pay this customer any more. Give the money in another way.")

NOT_REFUNDED: Final[Mapping[str, Wording]] = {
    "ACQ.SELLER_BALANCE_NOT_ENOUGH": wording(
        "The shop's account at Alipay holds too little for this refund. Give cash, or refund again when the manager has"
        " filled the account."
    ),
    "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL": _TOO_MUCH,
    "ACQ.REASON_TRADE_REFUND_FEE_ERR": _TOO_MUCH,
    "ACQ.REFUND_FEE_ERROR": _TOO_MUCH,
    "ACQ.TRADE_HAS_FINISHED": wording("This payment is too old for Alipay to refund. Give the money in another way."),
    "ACQ.TRADE_STATUS_ERROR": wording("Alipay says that this payment cannot be refunded as it stands now."),
    "ACQ.TRADE_NOT_ALLOW_REFUND": wording(
        "Alipay does not allow a refund on this payment. Give the money in another way."
    ),
    "ACQ.REASON_TRADE_BEEN_FREEZEN": wording("Alipay has frozen this payment. Ask Alipay before giving money back."),
    "ACQ.BUYER_ERROR": _GONE,
    "ACQ.CUSTOMER_VALIDATE_ERROR": _GONE,
    "ACQ.ACCESS_FORBIDDEN": wording("Alipay does not let this shop refund. Give the money in another way."),
    "ACQ.INVALID_PARAMETER": wording(
        "Alipay does not accept this refund as the till wrote it. Give the money in another way, and tell the manager."
    ),
}
"""Business words after which nothing was given back and nothing will be, by this refund."""

_STANDS = wording("Alipay does not take this payment back. Refund it if it was paid.")

NOT_CANCELLED: Final[Mapping[str, Wording]] = {
    "ACQ.SELLER_BALANCE_NOT_ENOUGH": wording(
        "The shop's account at Alipay holds too little to give this payment back. Have the manager fill it; the till"
        " keeps trying."
    ),
    "ACQ.REASON_TRADE_BEEN_FREEZEN": wording("Alipay has frozen this payment. Tell the manager to ask Alipay."),
    "ACQ.TRADE_CANCEL_TIME_OUT": wording(
        "Alipay takes no payment back after a day. Ask how it stands, and refund it if it was paid."
    ),
    "ACQ.CANCEL_NOT_ALLOWED": _STANDS,
    "ACQ.TRADE_HAS_FINISHED": _STANDS,
    "ACQ.REASON_TRADE_REFUND_FEE_ERR": wording(
        "A part of this payment was refunded already, so Alipay does not take it back. Refund the rest."
    ),
}
"""Why a payment was not taken back. What became of it is not said: never final."""

NOT_CANCELLED_EVER: Final = frozenset(
    {
        "ACQ.TRADE_CANCEL_TIME_OUT",
        "ACQ.CANCEL_NOT_ALLOWED",
        "ACQ.TRADE_HAS_FINISHED",
        "ACQ.REASON_TRADE_REFUND_FEE_ERR",
    }
)
"""Asking again does not help: the payment has to be looked at, and refunded where it was charged."""

_CLOCK = wording(
    "Alipay does not accept this till's time. Nothing was charged. Have the clock set, and take another tender."
)
_BUSY = wording("Alipay has too much to do. Nothing was charged. Try again, or take another tender.")

_GATEWAY_CODES: Final = frozenset({"20001", "40001", "40002", "40003", "40005", "40006"})
"""The gateway's own refusals: the call never reached the business behind it."""

CALLS_TOO_OFTEN: Final = "40005"


def refused_by_gateway(code: str, sub_code: str) -> Wording | None:
    """Return what a refusal by the gateway itself means for a payment, or None where the code is none."""
    if code not in _GATEWAY_CODES:
        return None
    if code == CALLS_TOO_OFTEN:
        return _BUSY
    if sub_code == "isv.invalid-timestamp":
        return _CLOCK
    return wording(
        "Alipay does not accept this till's settings ({code}). Nothing was charged. Take another tender, and tell the"
        " manager.",
        code=sub_code or code,
    )
