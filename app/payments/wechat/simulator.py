"""A WeChat Pay that is not there: a real HTTP server with real signatures, for tests, demonstrations and training.

It checks every request as the real one does (merchant, signature, a clock within five minutes, a nonce never seen) and
signs every answer. It can be told to fail in every way of `Fault`, and keeps a ledger of the money that moved.
"""

import hashlib
import logging
import re
import sys
import threading
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final, Self

import msgspec

from app.payments.provider import BillKind
from app.payments.wechat.bill import BEIJING
from app.payments.wechat.channel import SCHEME
from app.payments.wechat.library import is_signed_text, signature
from app.payments.wechat.simulator_bill import bill_lines, written, zipped
from app.payments.wechat.simulator_faults import WILLING, Call, Fault, Shopper
from app.payments.wechat.simulator_keys import MERCHANT_SERIAL, PUBLIC_KEY_ID, SimulatorKeys
from app.payments.wechat.simulator_orders import Answer, LedgerEntry, OrdersMemory, SimulatedOrder, SimulatedOrders
from app.payments.wechat.simulator_wire import BEFORE, LATE, TWISTS, Asked, Sent, read_request, sent
from app.values.clock import Clock

_log = logging.getLogger(__name__)

APPID: Final = "wx0123456789abcdef"
MCHID: Final = "1900000109"

_MAX_SKEW: Final = timedelta(minutes=5)
_ADDRESS_LIVES: Final = timedelta(minutes=5)
_MAX_REQUEST: Final = 1_000_000
_LOOKS_EACH_SECOND: Final = 50
"""How often the server looks whether it is to stop."""

_LOST: Final = (Fault.LOSES_REQUEST, Fault.LOSES_ANSWER)
_AUTHORIZATION: Final = re.compile(r'(\w+)="([^"]*)"')


class WechatSimulator:
    """The server; `with WechatSimulator(clock) as wechat:` has it listen on a free port of this computer."""

    def __init__(self, clock: Clock, keys: SimulatorKeys | None = None, port: int = 0) -> None:
        """Make it, not yet listening."""
        self._clock = clock
        self._keys = keys or SimulatorKeys.generate()
        self._port = port
        self._lock = threading.RLock()
        self._released = threading.Event()
        self._released.set()
        self._held = threading.Semaphore(0)
        self._shoppers: dict[str, Shopper] = {}
        self._faults: dict[Call, list[Fault | None]] = {}
        self._lasting: dict[Call, Fault] = {}
        self._refusals: dict[Call, list[tuple[int, str]]] = {}
        self._nonces: set[str] = set()
        self._addresses: dict[str, tuple[bytes, datetime]] = {}
        self._drawn = 0
        self._server: ThreadingHTTPServer | None = None
        self._thread: threading.Thread | None = None
        self.calls: list[Call] = []
        """Every call that came in with a right signature, in order."""

        self.orders = SimulatedOrders(APPID, MCHID, clock, lambda code: self._shoppers.get(code, WILLING))

    def __enter__(self) -> Self:
        """Begin to listen."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop; whatever is held is let go."""
        self.stop()

    @property
    def base_url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def ledger(self) -> tuple[LedgerEntry, ...]:
        """The money that moved, in order."""
        with self._lock:
            return tuple(self.orders.ledger)

    def net_minor(self, number: str) -> int:
        """Return what a payment has taken from the shopper after all, in fen."""
        signs = {BillKind.PURCHASE: 1, BillKind.REFUND: -1, BillKind.REVERSAL: -1}
        return sum(signs[one.kind] * one.amount_minor for one in self.ledger if one.number == number)

    def settings(self, folder: Path) -> dict[str, Any]:
        """Write the shop's credentials into a folder; return the settings of a till that uses this server."""
        named = self._keys.write_to(folder)
        return {
            "appid": APPID,
            "mchid": MCHID,
            "serial_no": MERCHANT_SERIAL,
            "private_key": named["private_key"],
            "public_key_id": PUBLIC_KEY_ID,
            "public_key": named["public_key"],
            "api_v3_key": named["api_v3_key"],
            "base_url": self.base_url,
            "notify_url": "https://shop.example/wechat",
        }

    def start(self) -> None:
        """Begin to listen."""
        self.come_back()

    def stop(self) -> None:
        """Stop; whatever is held is let go."""
        self.go_away()

    def come_back(self) -> None:
        """Listen (again) on the same port."""
        if self._server is not None:
            return
        simulator = self

        class Handler(_Handler):
            owner = simulator

        self._server = _Server(("127.0.0.1", self._port), Handler)
        self._port = self._server.server_address[1]
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(1 / _LOOKS_EACH_SECOND,), name="wechat-simulator", daemon=True
        )
        self._thread.start()

    def go_away(self) -> None:
        """Refuse every connection until `come_back`."""
        if self._server is None or self._thread is None:
            return
        self.let_go()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._server = self._thread = None

    def fail(self, call: Call, fault: Fault, times: int | None = 1, *, after: int = 0) -> None:
        """Have the next calls of a kind fail, after some that do not; all until `mend` where no number is given."""
        with self._lock:
            waiting = self._faults.setdefault(call, [])
            waiting.extend([None] * after)
            if times is None:
                self._lasting[call] = fault
            else:
                waiting.extend([fault] * times)
            if fault in {Fault.HOLDS_ANSWER, Fault.HOLDS_REQUEST}:
                self._released.clear()

    def mend(self) -> None:
        """Forget every fault and refusal, and let go what is held."""
        with self._lock:
            self._faults.clear()
            self._lasting.clear()
            self._refusals.clear()
        self.let_go()

    def refuse(self, call: Call, code: str, status: int = 400, times: int = 1) -> None:
        """Have the next calls of a kind answered with an error, rightly signed; nothing is done."""
        with self._lock:
            self._refusals.setdefault(call, []).extend([(status, code)] * times)

    def let_go(self) -> None:
        """Let everything go that is held back."""
        self._released.set()

    def wait_held(self, timeout_s: int = 10) -> bool:
        """Wait until a call is held back."""
        return self._held.acquire(timeout=timeout_s)

    def issue_code(self, shopper: Shopper = WILLING) -> str:
        """Return a new payment code of a shopper's, good for a minute."""
        with self._lock:
            code = self.orders.issue_code()
            self._shoppers[code] = shopper
            return code

    def shopper(self, code: str, shopper: Shopper) -> None:
        """Say what the shopper with a code does."""
        with self._lock:
            self._shoppers[code] = shopper

    def scan(self, code_url: str) -> bool:
        """Have a shopper pay by the shop's code; return whether it was still good."""
        with self._lock:
            return self.orders.scan(code_url)

    def memory(self) -> bytes:
        """Return what `remember` brings back in a later run: orders and money, and no shopper's code."""
        with self._lock:
            return msgspec.json.encode(self.orders.memory())

    def remember(self, memory: bytes) -> None:
        """Go on from an earlier run; before `start`.

        Raises:
            msgspec.MsgspecError: it is no memory of this simulator's.
        """
        self.orders.remember(msgspec.json.decode(memory, type=OrdersMemory))

    def waiting(self) -> tuple[SimulatedOrder, ...]:
        """Return the orders that wait for their shopper, the oldest first."""
        with self._lock:
            return self.orders.waiting()

    def shopper_pays(self, number: str) -> bool:
        """Have a shopper pay an order that waits for it, late as it may be; return whether it still could be paid."""
        with self._lock:
            order = self.orders.order(number)
            if order is None or order.state not in {"NOTPAY", "USERPAYING"}:
                return False
            self.orders.charge(order)
            return True

    def answer(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[Sent, Fault | None, str]:
        """Return what a request is answered with, the fault that it meets, and the key that it is signed with."""
        with self._lock:
            asked = read_request(method, target, headers, body)
            serial = headers.get("Wechatpay-Serial", "")
            if asked is None:
                return sent((404, {"code": "RESOURCE_NOT_EXISTS", "message": "no such address"})), None, serial
            wrong = self._wrong_request(method, target, headers, body)
            if wrong is not None:
                return sent((401, {"code": "SIGN_ERROR", "message": wrong})), None, serial
            self.calls.append(asked.call)
            faults = self._faults.get(asked.call)
            fault = faults.pop(0) if faults else self._lasting.get(asked.call)
        if fault is Fault.HOLDS_REQUEST:
            self.hold()
        with self._lock:
            return self._answered(asked, fault), fault, serial

    def hold(self) -> None:
        """Wait for `let_go`."""
        self._held.release()
        self._released.wait()

    def proof(self, body: bytes, fault: Fault | None, serial: str) -> dict[str, str]:
        """Return the headers of a signature."""
        with self._lock:
            self._drawn += 1
            nonce = f"{self._drawn:032X}"
        at = self._clock.now() - (timedelta(minutes=10) if fault is Fault.OTHER_CLOCK else timedelta())
        stamp = str(int(at.timestamp()))
        proof = signature(self._keys.platform, f"{stamp}\n{nonce}\n{body.decode()}\n")
        if fault is Fault.WRONG_SIGNATURE:
            proof = signature(self._keys.merchant, f"{stamp}\n{nonce}\n{body.decode()}\n")
        if fault is Fault.SIGNATURE_TEST:
            proof = f"WECHATPAY/SIGNTEST/{b64encode(b'test').decode()}"
        signer = serial if serial == PUBLIC_KEY_ID else self._keys.certificate(self._clock)[0]
        return {
            "Wechatpay-Timestamp": stamp,
            "Wechatpay-Nonce": nonce,
            "Wechatpay-Signature": proof,
            "Wechatpay-Serial": "PUB_KEY_ID_UNKNOWN" if fault is Fault.OTHER_SIGNER else signer,
            "Wechatpay-Signature-Type": SCHEME,
        }

    def _wrong_request(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> str | None:
        """Return what is wrong with a request's signature, or None."""
        scheme, _, rest = headers.get("Authorization", "").partition(" ")
        told = dict(_AUTHORIZATION.findall(rest))
        stamp, nonce = told.get("timestamp", ""), told.get("nonce_str", "")
        if scheme != SCHEME or told.get("mchid") != MCHID or told.get("serial_no") != MERCHANT_SERIAL:
            return "merchant or certificate"
        text = f"{method}\n{target}\n{stamp}\n{nonce}\n{body.decode('utf-8', 'replace')}\n"
        if not is_signed_text(self._keys.merchant.public_key(), text, told.get("signature", "")):
            return "signature"
        if not stamp.isdecimal() or abs(int(stamp) - self._clock.now().timestamp()) > _MAX_SKEW.total_seconds():
            return "timestamp"
        if nonce in self._nonces:
            return "nonce"
        self._nonces.add(nonce)
        return None

    def _answered(self, asked: Asked, fault: Fault | None) -> Sent:
        refusals = self._refusals.get(asked.call)
        if refusals:
            status, code = refusals.pop(0)
            return sent((status, {"code": code, "message": code}))
        early = BEFORE.get(fault) if fault is not None else None
        if early is not None:
            return early
        answer = self._done(asked, fault)
        if fault in LATE:
            return LATE[fault]
        if fault in TWISTS:
            return replace(answer, body=TWISTS[fault](answer.body))
        return replace(answer, signed=answer.signed and fault is not Fault.NO_SIGNATURE)

    def _done(self, asked: Asked, fault: Fault | None) -> Sent:
        if asked.call is Call.DOWNLOAD:
            return self._download(asked.query, fault)
        orders = self.orders
        expired, twice = fault is Fault.CODE_EXPIRED, fault is Fault.CHARGES_TWICE
        do: Mapping[Call, Callable[[], Answer]] = {
            Call.PAY: lambda: orders.pay(asked.body, expired=expired, twice=twice),
            Call.OFFER: lambda: orders.offer(asked.body),
            Call.QUERY: lambda: orders.query(asked.number),
            Call.REVERSE: lambda: orders.reverse(asked.number),
            Call.CLOSE: lambda: orders.close(asked.number),
            Call.REFUND: lambda: orders.refund(asked.body),
            Call.REFUND_QUERY: lambda: orders.query_refund(asked.number),
            Call.BILL: lambda: self._bill(asked.query, fault),
            Call.CERTIFICATES: lambda: (200, {"data": [self._keys.sealed_certificate(self._clock, "0123456789ab")]}),
        }
        return sent(do[asked.call]())

    def _bill(self, query: Mapping[str, str], fault: Fault | None) -> Answer:
        try:
            day = date.fromisoformat(query.get("bill_date", ""))
        except ValueError:
            return 400, {"code": "PARAM_ERROR", "message": "bill_date"}
        now = self._clock.now().astimezone(BEIJING)
        if now < datetime.combine(day + timedelta(days=1), time(10), BEIJING):
            return 400, {"code": "STATEMENT_CREATING", "message": "not yet made"}
        entries = [one for one in self.orders.ledger if one.at.astimezone(BEIJING).date() == day]
        if not entries:
            return 400, {"code": "NO_STATEMENT_EXIST", "message": "no payments"}
        bill = self._written(entries, fault)
        self._drawn += 1
        token = f"t{self._drawn:08d}"
        self._addresses[token] = (zipped(bill), self._clock.now())
        host = "http://bills.example" if fault is Fault.ELSEWHERE else self.base_url
        fingerprint = hashlib.sha1(bill, usedforsecurity=False).hexdigest()
        return 200, {
            "hash_type": "SHA1",
            "hash_value": "0" * 40 if fault is Fault.WRONG_HASH else fingerprint,
            "download_url": f"{host}/v3/billdownload/file?token={token}",
        }

    def _written(self, entries: list[LedgerEntry], fault: Fault | None) -> bytes:
        if fault is Fault.OTHER_DAY:
            entries = [replace(one, at=one.at + timedelta(days=1)) for one in entries]
        lines = list(bill_lines(entries, APPID, "1900000999" if fault is Fault.OTHER_MERCHANT else MCHID))
        if fault is Fault.NO_SUMMARY:
            lines = lines[:-2]
        if fault is Fault.WRONG_SUMMARY:
            lines[-1] = lines[-1].replace("`", "`1", 1)
        return written(lines)

    def _download(self, query: Mapping[str, str], fault: Fault | None) -> Sent:
        found = self._addresses.get(query.get("token", ""))
        if found is None or self._clock.now() - found[1] > _ADDRESS_LIVES:
            return sent((400, {"code": "INVALID_REQUEST", "message": "token"}))
        content = found[0]
        if fault is Fault.CUT_OFF:
            content = content[: len(content) // 2]
        return Sent(200, content, signed=False, content_type="application/octet-stream")


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    allow_reuse_address = True
    request_queue_size = 32

    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002 - as in the base class
        """Note what went wrong with a connection; a till that hangs up is nothing to speak of."""
        fault = sys.exception()
        if not isinstance(fault, OSError):
            _log.error("wechat_simulator_failed", exc_info=fault)


class _Handler(BaseHTTPRequestHandler):
    """Reads one request, answers it, ends the connection."""

    owner: WechatSimulator
    protocol_version = "HTTP/1.1"
    timeout = 10

    def do_GET(self) -> None:
        """Answer a question."""
        self._serve()

    def do_POST(self) -> None:
        """Answer an order."""
        self._serve()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name that the library gives it
        """Say nothing: an address holds the shop's numbers."""

    def _serve(self) -> None:
        self.close_connection = True
        length = self.headers.get("Content-Length", "0")
        size = int(length) if length.isdecimal() else 0
        if size > _MAX_REQUEST:
            self.send_error(413)
            return
        body = self.rfile.read(size)
        answer, fault, serial = self.owner.answer(self.command, self.path, dict(self.headers.items()), body)
        if fault is Fault.HOLDS_ANSWER:
            self.owner.hold()
        if fault in _LOST:
            return
        try:
            self._write(answer, fault, serial)
        except OSError:
            # The till has hung up: it waits no longer than it said.
            return

    def _write(self, answer: Sent, fault: Fault | None, serial: str) -> None:
        self.send_response_only(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Connection", "close")
        if answer.status != 204:
            self.send_header("Content-Length", str(len(answer.body)))
        if fault is Fault.REDIRECTS:
            self.send_header("Location", f"{self.owner.base_url}{self.path}")
        if answer.signed:
            for name, value in self.owner.proof(answer.body, fault, serial).items():
                self.send_header(name, value)
        self.end_headers()
        body = answer.body[: len(answer.body) // 2] if fault is Fault.TRUNCATES_ANSWER else answer.body
        self.wfile.write(body)
