"""What can go wrong at a simulated WeChat Pay, and what a simulated shopper does."""

from dataclasses import dataclass
from enum import Enum


class Call(Enum):
    """Kinds of call."""

    PAY = "codepay"
    OFFER = "native"
    QUERY = "query"
    REVERSE = "reverse"
    CLOSE = "close"
    REFUND = "refund"
    REFUND_QUERY = "refund_query"
    BILL = "tradebill"
    DOWNLOAD = "billdownload"
    CERTIFICATES = "certificates"


class Fault(Enum):
    """How a call can fail. Where nothing else is said, what was asked for is done first."""

    LOSES_REQUEST = "loses_request"
    """The connection ends before anything is done."""

    LOSES_ANSWER = "loses_answer"
    """It is done, and the connection ends without an answer."""

    HOLDS_ANSWER = "holds_answer"
    """It is done, and the answer waits for `let_go`."""

    HOLDS_REQUEST = "holds_request"
    """Nothing is done before `let_go`."""

    TRUNCATES_ANSWER = "truncates_answer"
    """The connection ends in the middle of the answer."""

    SERVER_ERROR = "server_error"
    """HTTP 500 with a page and no signature, after it was done."""

    SYSTEM_ERROR = "system_error"
    """HTTP 500 with SYSTEM_ERROR, rightly signed, after it was done."""

    SYSTEM_ERROR_BEFORE = "system_error_before"
    """The same, and nothing was done."""

    TOO_MANY_CALLS = "too_many_calls"
    """HTTP 429 with FREQUENCY_LIMITED, rightly signed; nothing was done."""

    REDIRECTS = "redirects"
    HTML = "html"
    """HTTP 200 with the page of a proxy."""

    WRONG_SIGNATURE = "wrong_signature"
    SIGNATURE_TEST = "signature_test"
    """A signature that is wrong on purpose, as WeChat Pay sends them now and then."""

    NO_SIGNATURE = "no_signature"
    OTHER_SIGNER = "other_signer"
    """Rightly signed by a key that nobody knows."""

    OTHER_CLOCK = "other_clock"
    """Rightly signed ten minutes ago."""

    OTHER_ORDER = "other_order"
    """Rightly signed, about another order."""

    OTHER_AMOUNT = "other_amount"
    """Rightly signed, one fen more."""

    OTHER_MERCHANT = "other_merchant"
    """Rightly signed, about another merchant; of a bill: its rows."""

    NOT_FOUND = "not_found"
    """It has not heard of it yet, whatever it did before."""

    CHARGES_TWICE = "charges_twice"
    """A number that was paid already is charged once more."""

    CODE_EXPIRED = "code_expired"
    """The shopper's code is too old."""

    DEEP_JSON = "deep_json"
    HUGE_NUMBER = "huge_number"
    HUGE_BODY = "huge_body"

    WRONG_HASH = "wrong_hash"
    """Of a bill, as those below: it does not hash to what was announced."""

    OTHER_DAY = "other_day"
    WRONG_SUMMARY = "wrong_summary"
    NO_SUMMARY = "no_summary"
    CUT_OFF = "cut_off"
    """The zipped file ends too early."""

    ELSEWHERE = "elsewhere"
    """The bill is said to be at another host."""


@dataclass(frozen=True, slots=True)
class Shopper:
    """What a shopper does when their code is used."""

    keys_password_after: int = 0
    """Queries that still find them keying the password in; 0 where none is asked for."""

    never_confirms: bool = False
    """Whether they walk away from the question for their password."""

    pays_while_cancelled: bool = False
    """Whether they confirm between the last query and the reversal."""

    refused_with: str = ""
    """WeChat Pay's word for refusing them, such as `NOT_ENOUGH`."""

    @property
    def asked_for_password(self) -> bool:
        """Whether they have anything to confirm."""
        return self.keys_password_after > 0 or self.never_confirms or self.pays_while_cancelled


WILLING = Shopper()
