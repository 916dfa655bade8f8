"""What can go wrong at a simulated Alipay, and what a simulated shopper does."""

from dataclasses import dataclass
from enum import Enum


class Call(Enum):
    """Kinds of call, by Alipay's method."""

    PAY = "alipay.trade.pay"
    QUERY = "alipay.trade.query"
    CANCEL = "alipay.trade.cancel"
    REFUND = "alipay.trade.refund"
    REFUND_QUERY = "alipay.trade.fastpay.refund.query"
    PRECREATE = "alipay.trade.precreate"
    BILL = "alipay.data.dataservice.bill.downloadurl.query"
    DOWNLOAD = "download"
    """Fetching the file that a bill's answer points to."""


class Fault(Enum):
    """How a call can fail. Where nothing else is said, what was asked for is done first."""

    LOSES_REQUEST = "loses_request"
    """The connection ends before anything is done."""

    LOSES_ANSWER = "loses_answer"
    """It is done, and the connection ends without an answer."""

    HOLDS_ANSWER = "holds_answer"
    """It is done, and the answer waits for `let_go`."""

    HOLDS_REQUEST = "holds_request"
    """Nothing is done before `let_go`: a request that arrives late."""

    TRUNCATES_ANSWER = "truncates_answer"
    """The connection ends in the middle of the answer."""

    SERVER_ERROR = "server_error"
    """HTTP 500 with a page, after it was done."""

    TOO_MANY_CALLS = "too_many_calls"
    """HTTP 429, before anything is done."""

    CALL_LIMIT = "call_limit"
    """Code 40005, rightly signed, before anything is done."""

    REDIRECTS = "redirects"
    HTML = "html"
    """HTTP 200 with the page of a proxy."""

    WRONG_SIGNATURE = "wrong_signature"
    NO_SIGNATURE = "no_signature"
    OTHER_ORDER = "other_order"
    """Rightly signed, about another order."""

    OTHER_AMOUNT = "other_amount"
    """Rightly signed, one fen more."""

    OTHER_METHOD = "other_method"
    """Rightly signed, the answer to another call."""

    UNKNOWN_ERROR = "unknown_error"
    """Code 20000 after it was done."""

    SYSTEM_ERROR = "system_error"
    """Code 40004 with ACQ.SYSTEM_ERROR, after it was done."""

    SYSTEM_ERROR_BEFORE = "system_error_before"
    """The same, and nothing was done."""

    NOT_FOUND = "not_found"
    """It has not heard of it yet, whatever it did before."""

    ASKS_TO_RETRY = "asks_to_retry"
    """Code 10000 with retry_flag Y on a cancel; nothing was done."""

    CHARGES_TWICE = "charges_twice"
    """A number that was paid already is charged once more."""

    CODE_EXPIRED = "code_expired"
    """The shopper's code is too old."""

    DEEP_JSON = "deep_json"
    HUGE_NUMBER = "huge_number"
    DOUBLE_KEY = "double_key"
    HUGE_BODY = "huge_body"
    GBK = "gbk"
    """An answer in another encoding than was asked for."""

    COMPRESSED = "compressed"


@dataclass(frozen=True, slots=True)
class Shopper:
    """What a shopper does when their code is used."""

    keys_password_after: int = 0
    """Queries that still find them keying the password in; 0 where none is asked for."""

    never_confirms: bool = False
    """Whether they walk away from the question for their password."""

    pays_while_cancelled: bool = False
    """Whether they confirm between the last query and the cancel."""

    refused_with: str = ""
    """Alipay's word for refusing them, such as `ACQ.BUYER_BALANCE_NOT_ENOUGH`."""


WILLING = Shopper()
