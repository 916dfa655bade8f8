"""What a simulated WeChat Pay reads off the wire and puts on it, and how its answers go wrong."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from app.payments.wechat.simulator_faults import Call, Fault
from app.payments.wechat.simulator_orders import Answer

_ONE: Final = re.compile(r"/v3/pay/transactions/out-trade-no/([^/]+)(/reverse|/close)?")


@dataclass(frozen=True, slots=True)
class Sent:
    """What goes back to the till."""

    status: int
    body: bytes = b""
    signed: bool = True
    content_type: str = "application/json; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, read."""

    call: Call
    number: str
    body: Mapping[str, Any]
    query: Mapping[str, str]
    serial: str
    """Which of the server's keys the till wants its answer signed with."""


def read_request(method: str, target: str, headers: Mapping[str, str], body: bytes) -> Asked | None:
    """Return what a request asks for, or None where there is no such address."""
    address = urlsplit(target)
    query = {key: values[0] for key, values in parse_qs(address.query).items()}
    call, number = _call_of(method, address.path)
    if call is None:
        return None
    try:
        content = json.loads(body) if body else {}
    except ValueError:
        content = {}
    return Asked(call, number, content if isinstance(content, dict) else {}, query, headers.get("Wechatpay-Serial", ""))


def _call_of(method: str, path: str) -> tuple[Call | None, str]:
    one = _ONE.fullmatch(path)
    if one is not None:
        kind = {("GET", None): Call.QUERY, ("POST", "/reverse"): Call.REVERSE, ("POST", "/close"): Call.CLOSE}
        return kind.get((method, one[2])), one[1]
    if method == "GET" and path.startswith("/v3/refund/domestic/refunds/"):
        return Call.REFUND_QUERY, path.rsplit("/", 1)[1]
    kinds = {
        ("POST", "/v3/pay/transactions/codepay"): Call.PAY,
        ("POST", "/v3/pay/transactions/native"): Call.OFFER,
        ("POST", "/v3/refund/domestic/refunds"): Call.REFUND,
        ("GET", "/v3/bill/tradebill"): Call.BILL,
        ("GET", "/v3/billdownload/file"): Call.DOWNLOAD,
        ("GET", "/v3/certificates"): Call.CERTIFICATES,
    }
    return kinds.get((method, path)), ""


def sent(answer: Answer) -> Sent:
    """Return an answer as JSON, to be signed."""
    status, told = answer
    return Sent(status, b"" if told is None else json.dumps(told, ensure_ascii=False).encode())


def _twisted(change: Callable[[dict[str, Any]], None]) -> Callable[[bytes], bytes]:
    def twist(body: bytes) -> bytes:
        told = json.loads(body) if body else {}
        change(told)
        return json.dumps(told, ensure_ascii=False).encode()

    return twist


def _one_fen_more(told: dict[str, Any]) -> None:
    amount = told.get("amount", {})
    for name in ("total", "refund"):
        if name in amount:
            amount[name] += 1


TWISTS: Final[Mapping[Fault | None, Callable[[bytes], bytes]]] = {
    Fault.OTHER_ORDER: _twisted(lambda told: told.update(out_trade_no="ANOTHERORDER", out_refund_no="ANOTHERREFUND")),
    Fault.OTHER_AMOUNT: _twisted(_one_fen_more),
    Fault.OTHER_MERCHANT: _twisted(lambda told: told.update(mchid="1900000999")),
    Fault.HUGE_NUMBER: lambda body: body.replace(b'"total": ', b'"total": ' + b"9" * 5000),
}
"""How an answer is changed before it is signed."""

_PAGE: Final = Sent(200, b"<html>Please sign in to the network</html>", signed=False, content_type="text/html")
_SYSTEM_ERROR: Final = sent((500, {"code": "SYSTEM_ERROR", "message": "please try again"}))

BEFORE: Final[Mapping[Fault, Sent]] = {
    Fault.LOSES_REQUEST: Sent(200),
    Fault.SYSTEM_ERROR_BEFORE: _SYSTEM_ERROR,
    Fault.TOO_MANY_CALLS: sent((429, {"code": "FREQUENCY_LIMITED", "message": "too many calls"})),
    Fault.NOT_FOUND: sent((404, {"code": "ORDER_NOT_EXIST", "message": "not found"})),
}
"""Answers of calls that did nothing."""

LATE: Final[Mapping[Fault | None, Sent]] = {
    Fault.SERVER_ERROR: Sent(500, b"<html>error</html>", signed=False, content_type="text/html"),
    Fault.SYSTEM_ERROR: _SYSTEM_ERROR,
    Fault.HTML: _PAGE,
    Fault.REDIRECTS: Sent(302, b"", signed=False),
    Fault.DEEP_JSON: Sent(200, b'{"deep":' + b"[" * 400_000 + b"]" * 400_000 + b"}"),
    Fault.HUGE_BODY: Sent(200, b'{"huge":"' + b"x" * 2_000_000 + b'"}'),
}
"""Answers of calls that did what was asked."""
