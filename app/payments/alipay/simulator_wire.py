"""Writes a simulated Alipay's answers as bytes: signed as Alipay signs, or wrong in one of the ways of `Fault`."""

import json
import zlib
from typing import Final

from app.payments.alipay.amounts import fen_of, yuan_of
from app.payments.alipay.signing import RequestSigner
from app.payments.alipay.simulator_faults import Call, Fault
from app.payments.alipay.simulator_server import Answer, plain
from app.payments.alipay.simulator_trades import Node, failed

NOTHING_DONE: Final = frozenset(
    {Fault.LOSES_REQUEST, Fault.TOO_MANY_CALLS, Fault.CALL_LIMIT, Fault.SYSTEM_ERROR_BEFORE}
)
"""Faults before anything is done."""

_PAGE: Final = b"<!DOCTYPE html><html><body><h1>503 Service Temporarily Unavailable</h1></body></html>"
_DEEP: Final = 200_000
_HUGE_BYTES: Final = 2 << 20
_AMOUNTS: Final = ("total_amount", "refund_amount", "refund_fee")


class Writer:
    """Writes answers with one key, and wrong ones with another."""

    def __init__(self, signer: RequestSigner, stranger: RequestSigner) -> None:
        """Take Alipay's key, and one that is not Alipay's."""
        self._signer = signer
        self._stranger = stranger

    def node(self, method: str, node: Node) -> Answer:
        """Write a node as the answer to a method."""
        content = {name: value for name, value in node.items() if name != "_unsigned"}
        return plain(200, self._body(method, _text(content), None if "_unsigned" in node else self._signer))

    def faulty(self, call: Call, node: Node, fault: Fault | None) -> Answer | None:
        """Write a node with a fault; None drops the connection."""
        if fault in {Fault.LOSES_REQUEST, Fault.LOSES_ANSWER}:
            return None
        page = _page(fault)
        if page is not None:
            return page
        number = str(node.get("out_trade_no", ""))
        method = call.value
        match fault:
            case Fault.SYSTEM_ERROR | Fault.SYSTEM_ERROR_BEFORE:
                node = failed("ACQ.SYSTEM_ERROR", number)
            case Fault.UNKNOWN_ERROR:
                node = {"code": "20000", "msg": "Service Currently Unavailable", "sub_code": "isp.unknow-error"}
            case Fault.CALL_LIMIT:
                node = {"code": "40005", "msg": "Call Limited", "sub_code": "isv.app-call-limited"}
            case Fault.OTHER_ORDER:
                node |= {"out_trade_no": f"{number}X"}
            case Fault.OTHER_AMOUNT:
                node |= {name: _one_more(node[name]) for name in _AMOUNTS if name in node}
            case Fault.OTHER_METHOD:
                method = (Call.PAY if call is Call.PRECREATE else Call.PRECREATE).value
            case _:
                return self._crafted(method, _text(node), fault)
        return self.node(method, node)

    def faulty_file(self, content: bytes, fault: Fault | None) -> Answer | None:
        """Write a bill's file with a fault."""
        if fault in {Fault.LOSES_REQUEST, Fault.LOSES_ANSWER}:
            return None
        kind = "application/octet-stream"
        if fault is Fault.TRUNCATES_ANSWER:
            return Answer(200, content, {"Content-Type": kind}, cut_after=len(content) // 2)
        return _page(fault) or plain(200, content, kind)

    def _crafted(self, method: str, text: str, fault: Fault | None) -> Answer:
        """Write what only bytes can say."""
        if fault is Fault.GBK:
            body = self._body(method, text.replace("Success", "成功"), self._signer).decode().encode("gbk")
            return plain(200, body, "text/html;charset=gbk")
        if fault is Fault.WRONG_SIGNATURE:
            return plain(200, self._body(method, text, self._stranger))
        if fault is Fault.NO_SIGNATURE:
            return plain(200, self._body(method, text, None))
        if fault is Fault.DEEP_JSON:
            text = text[:-1] + ', "more": ' + "[" * _DEEP + "]" * _DEEP + "}"
        elif fault is Fault.HUGE_NUMBER:
            text = text[:-1] + ', "more": ' + "9" * 100_000 + "}"
        elif fault is Fault.DOUBLE_KEY:
            text = text[:-1] + ', "code": "10000"}'
        elif fault is Fault.HUGE_BODY:
            text = text[:-1] + ', "more": "' + "x" * _HUGE_BYTES + '"}'
        body = self._body(method, text, self._signer)
        if fault is Fault.COMPRESSED:
            return plain(200, zlib.compress(body), **{"Content-Encoding": "deflate"})
        if fault is Fault.TRUNCATES_ANSWER:
            return Answer(200, body, {"Content-Type": "text/html;charset=utf-8"}, cut_after=len(body) // 2)
        return plain(200, body)

    @staticmethod
    def _body(method: str, text: str, signer: RequestSigner | None) -> bytes:
        name = method.replace(".", "_") + "_response"
        sign = f', "sign":"{signer.sign(text)}"' if signer is not None else ""
        return f'{{"{name}": {text}{sign}}}'.encode()


def _page(fault: Fault | None) -> Answer | None:
    match fault:
        case Fault.SERVER_ERROR:
            return plain(500, _PAGE)
        case Fault.TOO_MANY_CALLS:
            return plain(429, _PAGE)
        case Fault.REDIRECTS:
            return plain(302, b"", Location="http://127.0.0.1:9/elsewhere")
        case Fault.HTML:
            return plain(200, _PAGE)
        case _:
            return None


def _text(node: Node) -> str:
    """Write a node with blanks and escapes as no parser would write it again."""
    return json.dumps(node, ensure_ascii=False, separators=(" ,", ": ")).replace("/", "\\/")


def _one_more(yuan: object) -> str:
    return yuan_of((fen_of(yuan) or 0) + 1)
