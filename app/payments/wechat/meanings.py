"""What each state and error code of WeChat Pay means for the till, and what the cashier reads then.

Sources: WeChat Pay API v3, direct merchants: codepay, query by merchant number, reverse, close, refunds. Where v3 says
nothing of an outcome, the v2 table of micropay does (its column "payment state": known to have failed, or unknown).
Codes are compared without underscores: v2 and v3 spell some of them differently (`NOTENOUGH`, `NOT_ENOUGH`).
"""

from dataclasses import dataclass
from enum import Enum
from typing import Final

from app.payments.provider import Verdict
from app.values.wording import Wording, wording


class Asked(Enum):
    """Which call an answer answers; the same code may mean another thing."""

    PAY = "pay"
    OFFER = "offer"
    QUERY = "query"
    REVERSE = "reverse"
    CLOSE = "close"
    REFUND = "refund"
    QUERY_REFUND = "query_refund"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What one word of WeChat Pay's means."""

    verdict: Verdict
    sentence: Wording


PAID: Final = wording("Paid with WeChat Pay.")
GIVEN_BACK: Final = wording("The money goes back to the shopper's WeChat account.")
TAKEN_BACK: Final = wording("The WeChat payment is taken back; the shopper has paid nothing. Take another tender.")
SHOW_CODE: Final = wording("Ask the shopper to scan the code with WeChat.")

TRADE_STATES: Final[dict[str, Meaning]] = {
    "SUCCESS": Meaning(Verdict.APPROVED, PAID),
    "USERPAYING": Meaning(Verdict.PENDING, wording("Ask the shopper to enter the password on the phone.")),
    # An order that is not paid yet; of a shopper's code also where WeChat Pay is still at work on it. Not final (the
    # documents call no state of it so): it may still become SUCCESS, until it is revoked or closed.
    "NOTPAY": Meaning(Verdict.PENDING, wording("Not paid yet. Ask the shopper to look at the phone.")),
    "ACCEPT": Meaning(
        Verdict.PENDING, wording("WeChat Pay has taken the payment and is at work on it. Wait a moment.")
    ),
    "CLOSED": Meaning(Verdict.REVERSED, TAKEN_BACK),
    "REVOKED": Meaning(Verdict.REVERSED, TAKEN_BACK),
    "PAYERROR": Meaning(
        Verdict.DECLINED, wording("The payment failed; nothing was charged. Ask the shopper for a new code.")
    ),
    # It was paid, and some or all of it was given back by another hand: neither paid nor not paid.
    "REFUND": Meaning(
        Verdict.UNKNOWN,
        wording(
            "Money was given back on this payment elsewhere. A supervisor must look it up in WeChat Pay's merchant"
            " platform."
        ),
    ),
}
"""States of an order (`trade_state`)."""

REFUND_STATES: Final[dict[str, Meaning]] = {
    "SUCCESS": Meaning(Verdict.APPROVED, GIVEN_BACK),
    "PROCESSING": Meaning(
        Verdict.PENDING, wording("WeChat Pay is giving the money back; to a bank card that may take some days.")
    ),
    "CLOSED": Meaning(
        Verdict.DECLINED, wording("The refund was closed; nothing was given back. Give the money back otherwise.")
    ),
    # The money has left the shop and has not reached the shopper: a person must say where it is to go.
    "ABNORMAL": Meaning(
        Verdict.UNKNOWN,
        wording(
            "The shopper's bank refused the money. A supervisor must finish this refund in WeChat Pay's merchant"
            " platform."
        ),
    ),
}
"""States of a refund (`status`)."""

_NEW_CODE: Final = wording("This payment code is used up or too old. Ask the shopper for a new one and scan it.")
_NOT_A_CODE: Final = wording(
    "This is not a code that pays. Ask the shopper for the payment code in WeChat and scan it."
)
_OTHER_WAY: Final = wording("WeChat refused: the shopper must choose another card in the wallet, or another tender.")
_NO_MONEY: Final = wording("There is not enough money on it. The shopper may choose another card, or another tender.")
_ACCOUNT: Final = wording("WeChat Pay does not let this account pay. Take another tender.")
_TROUBLE: Final = wording("WeChat Pay has trouble just now. The till asks again by itself; do not charge again.")
_BUSY: Final = wording("WeChat Pay is asked too often just now. The till asks again by itself; do not charge again.")
_ASKING: Final = wording("WeChat Pay knows this payment already. The till asks how it stands; do not charge again.")
_SETTINGS: Final = wording(
    "WeChat Pay does not accept this till's settings. Take another tender, and call your store admin."
)
_NEVER_HEARD: Final = wording("WeChat Pay does not know of this payment. The till asks again by itself.")

_PAY: Final[dict[str, Meaning]] = {
    "USERPAYING": TRADE_STATES["USERPAYING"],
    "AUTHCODEEXPIRED": Meaning(Verdict.DECLINED, _NEW_CODE),
    "AUTHCODEEXPIRE": Meaning(Verdict.DECLINED, _NEW_CODE),
    "AUTHCODEINVALID": Meaning(Verdict.DECLINED, _NOT_A_CODE),
    "AUTHCODEERROR": Meaning(Verdict.DECLINED, _NOT_A_CODE),
    "NOTENOUGH": Meaning(Verdict.DECLINED, _NO_MONEY),
    "NOTSUPORTCARD": Meaning(Verdict.DECLINED, _OTHER_WAY),
    "NOTSUPPORTCARD": Meaning(Verdict.DECLINED, _OTHER_WAY),
    "BUYERMISMATCH": Meaning(Verdict.DECLINED, _OTHER_WAY),
    "TRADEERROR": Meaning(Verdict.DECLINED, _OTHER_WAY),
    "RULELIMIT": Meaning(Verdict.DECLINED, _ACCOUNT),
    "ACCOUNTERROR": Meaning(Verdict.DECLINED, _ACCOUNT),
    "PARAMERROR": Meaning(Verdict.DECLINED, _SETTINGS),
    "SIGNERROR": Meaning(Verdict.DECLINED, _SETTINGS),
    "NOAUTH": Meaning(Verdict.DECLINED, _SETTINGS),
    "MCHNOTEXISTS": Meaning(Verdict.DECLINED, _SETTINGS),
    "MCHIDNOTEXIST": Meaning(Verdict.DECLINED, _SETTINGS),
    "APPIDNOTEXIST": Meaning(Verdict.DECLINED, _SETTINGS),
    "APPIDMCHIDNOTMATCH": Meaning(Verdict.DECLINED, _SETTINGS),
    "ORDERCLOSED": Meaning(Verdict.REVERSED, TAKEN_BACK),
    "ORDERREVERSED": Meaning(Verdict.REVERSED, TAKEN_BACK),
    # These three speak of an order that is there already: what became of it only a query tells.
    "ORDERPAID": Meaning(Verdict.UNKNOWN, _ASKING),
    "OUTTRADENOUSED": Meaning(Verdict.UNKNOWN, _ASKING),
    "INVALIDREQUEST": Meaning(Verdict.UNKNOWN, _ASKING),
}

_QUERY: Final[dict[str, Meaning]] = {
    "ORDERNOTEXIST": Meaning(Verdict.NOT_FOUND, _NEVER_HEARD),
    "RESOURCENOTEXISTS": Meaning(Verdict.NOT_FOUND, _NEVER_HEARD),
    "ORDERCLOSED": Meaning(Verdict.REVERSED, TAKEN_BACK),
    "SIGNERROR": Meaning(Verdict.UNKNOWN, _SETTINGS),
    "NOAUTH": Meaning(Verdict.UNKNOWN, _SETTINGS),
    "PARAMERROR": Meaning(Verdict.UNKNOWN, _SETTINGS),
}

_REVERSE: Final[dict[str, Meaning]] = _QUERY | {
    "USERPAYING": Meaning(
        Verdict.PENDING, wording("The shopper is paying just now. The till takes the payment back as soon as it can.")
    ),
    "ORDERREVERSED": Meaning(Verdict.REVERSED, TAKEN_BACK),
    "ORDERPAID": Meaning(Verdict.UNKNOWN, _ASKING),
    "REVERSEEXPIRE": Meaning(
        Verdict.UNKNOWN,
        wording(
            "This payment is too old to be taken back. A supervisor must refund it in WeChat Pay's merchant platform."
        ),
    ),
}

_REFUND: Final[dict[str, Meaning]] = {
    "NOTENOUGH": Meaning(
        Verdict.DECLINED,
        wording(
            "The shop's WeChat account has too little money for this refund. Give it back otherwise, or top the account"
            " up and try again."
        ),
    ),
    "USERACCOUNTABNORMAL": Meaning(
        Verdict.DECLINED, wording("The shopper's WeChat account is closed. Give the money back otherwise.")
    ),
    "PARAMERROR": Meaning(Verdict.DECLINED, _SETTINGS),
    "SIGNERROR": Meaning(Verdict.DECLINED, _SETTINGS),
    "NOAUTH": Meaning(Verdict.DECLINED, _SETTINGS),
    "MCHNOTEXISTS": Meaning(Verdict.DECLINED, _SETTINGS),
    "RESOURCENOTEXISTS": Meaning(Verdict.NOT_FOUND, _NEVER_HEARD),
    "ORDERNOTEXIST": Meaning(Verdict.NOT_FOUND, _NEVER_HEARD),
    # Too much, or the number used for another sum: which of them only a query tells.
    "INVALIDREQUEST": Meaning(Verdict.UNKNOWN, _ASKING),
}

REFUND_REFUSED: Final = wording(
    "WeChat Pay refuses this refund; nothing was given back. Give the money back otherwise."
)

_EVERYWHERE: Final[dict[str, Meaning]] = {
    "SYSTEMERROR": Meaning(Verdict.UNKNOWN, _TROUBLE),
    "BANKERROR": Meaning(Verdict.UNKNOWN, _TROUBLE),
    "BIZERRNEEDRETRY": Meaning(Verdict.UNKNOWN, _TROUBLE),
    "FREQUENCYLIMITED": Meaning(Verdict.UNKNOWN, _BUSY),
    "FREQUENCYLIMIT": Meaning(Verdict.UNKNOWN, _BUSY),
    "RATELIMITED": Meaning(Verdict.UNKNOWN, _BUSY),
    "RATELIMITEXCEEDED": Meaning(Verdict.UNKNOWN, _BUSY),
}

_OF_CALL: Final[dict[Asked, dict[str, Meaning]]] = {
    Asked.PAY: _PAY,
    Asked.OFFER: _PAY,
    Asked.QUERY: _QUERY,
    Asked.REVERSE: _REVERSE,
    Asked.CLOSE: _REVERSE,
    Asked.REFUND: _REFUND,
    Asked.QUERY_REFUND: _QUERY,
}


def error_meaning(asked: Asked, code: str, status: int) -> Meaning:
    """Return what an error code means as the answer to a call.

    What the table does not know, and whatever a server in trouble says (status 5xx), is unknown.
    """
    known = _EVERYWHERE.get(_plain(code)) or _OF_CALL[asked].get(_plain(code))
    if known is not None and (status < 500 or known.verdict is Verdict.UNKNOWN):
        return known
    if status >= 500:
        return Meaning(Verdict.UNKNOWN, _TROUBLE)
    if status == 429:
        return Meaning(Verdict.UNKNOWN, _BUSY)
    return Meaning(
        Verdict.UNKNOWN,
        wording("WeChat Pay answered {code}, which the till does not know. It asks again by itself.", code=code),
    )


def _plain(code: str) -> str:
    return code.replace("_", "").upper()
