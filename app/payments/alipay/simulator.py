"""A simulated Alipay: a real HTTP server on this computer that checks and makes real RSA2 signatures.

It keeps a ledger of what it truly charged, so that what the till believes can be compared with it, can be told to fail
in every way of `Fault`, and makes the day's bill.
"""

import json
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self
from urllib.parse import parse_qsl, urlsplit

import msgspec

from app.payments.alipay.answers import ALIPAY_ZONE
from app.payments.alipay.signing import AnswerVerifier, RequestSigner, signing_string
from app.payments.alipay.simulator_bill import entries_of, make_bill
from app.payments.alipay.simulator_faults import WILLING, Call, Fault, Shopper
from app.payments.alipay.simulator_server import PATH, Answer, SimulatorServer, plain, query_of
from app.payments.alipay.simulator_trades import BankMemory, LedgerEntry, Node, SimulatedBank, Trade, failed
from app.payments.alipay.simulator_wire import NOTHING_DONE, Writer
from app.values.clock import Clock

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

SKEW_ALLOWED: Final = timedelta(minutes=10)
BILL_URL_GOOD_FOR: Final = timedelta(seconds=30)
_METHODS: Final = {call.value: call for call in Call if call is not Call.DOWNLOAD}
_FOR_EVER: Final = 1 << 30


@dataclass(frozen=True, slots=True)
class SimulatorKeys:
    """Both parties' keys as PEM; made for one simulator and worth nothing elsewhere."""

    app_private: bytes
    app_public: bytes
    alipay_private: bytes
    alipay_public: bytes

    def __repr__(self) -> str:
        return "SimulatorKeys()"

    @classmethod
    def generate(cls) -> Self:
        """Make two pairs of 2048 bits; takes a second."""
        return cls(*_pair(), *_pair())


def _pair() -> tuple[bytes, bytes]:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

    key: RSAPrivateKey = generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private, public


@cache
def _signer(key: bytes) -> RequestSigner:
    """Checking a key takes as long as ten payments; a simulator is made often, and its keys are no secret."""
    return RequestSigner(key)


class AlipaySimulator:
    """The server and what a test, or a person in training, does to it. Use it as a context manager."""

    app_id = "2021000000000001"
    seller_id = "2088000000000001"

    def __init__(
        self, clock: Clock, keys: SimulatorKeys | None = None, *, host: str = "127.0.0.1", port: int = 0
    ) -> None:
        """Prepare; `start` opens the port (any free one where it is 0)."""
        self.keys = keys or SimulatorKeys.generate()
        self.shoppers: dict[str, Shopper] = {}
        """What the shopper with a certain code does; everybody else is `default_shopper`."""

        self.default_shopper = WILLING
        self.calls: list[Call] = []
        """What arrived and was signed rightly."""

        self._clock = clock
        self._lock = threading.RLock()
        self._bank = SimulatedBank(clock, lambda code: self.shoppers.get(code, self.default_shopper))
        self._verifier = AnswerVerifier(self.keys.app_public)
        self._writer = Writer(_signer(self.keys.alipay_private), _signer(self.keys.app_private))
        self._faults: dict[Call, deque[list[Any]]] = {}
        self._bill_urls: dict[str, tuple[date, datetime]] = {}
        self._let_go = threading.Event()
        self._held = threading.Semaphore(0)
        self._codes = 0
        self._server = SimulatorServer(self._answer, host, port)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop()

    @property
    def base_url(self) -> str:
        """Where the till finds it."""
        return f"http://{self._server.host}:{self._server.port}{PATH}"

    @property
    def ledger(self) -> tuple[LedgerEntry, ...]:
        """All money that moved, in order."""
        with self._lock:
            return tuple(self._bank.ledger)

    def net_minor(self, number: str) -> int:
        """Return what a payment's shopper has paid less what was given back."""
        with self._lock:
            return self._bank.net_minor(number)

    def start(self) -> None:
        """Open the port and answer."""
        self._let_go = threading.Event()
        self._server.start()

    def stop(self) -> None:
        """Let go of what waits, close every connection and the port."""
        self._let_go.set()
        self._server.stop()

    def go_away(self) -> None:
        """Refuse every connection, as when it cannot be reached; `come_back` opens the same port.

        Returns when all that it held is done, and every connection closed.
        """
        self._let_go.set()
        self._server.step_out()

    def come_back(self) -> None:
        """Answer again; what was charged is remembered."""
        self.start()

    def fail(self, call: Call, fault: Fault, times: int | None = 1, *, after: int = 0) -> None:
        """Make the next calls of a kind fail, after some that do not; for ever where `times` is None.

        Several faults come one after another.
        """
        with self._lock:
            waiting = self._faults.setdefault(call, deque())
            if after:
                waiting.append([None, after])
            waiting.append([fault, _FOR_EVER if times is None else times])

    def mend(self) -> None:
        """Take every fault back, and let held answers go."""
        with self._lock:
            self._faults.clear()
        self.let_go()

    def let_go(self) -> None:
        """Let go what `HOLDS_ANSWER` and `HOLDS_REQUEST` hold; later calls are held again."""
        with self._lock:
            self._let_go.set()
            self._let_go = threading.Event()

    def wait_held(self, timeout_s: int = 10) -> bool:
        """Wait until a call is held; whether one is."""
        return self._held.acquire(timeout=timeout_s)

    def issue_code(self, shopper: Shopper = WILLING) -> str:
        """Return a payment code that no shopper had before, for a shopper who does this."""
        with self._lock:
            self._codes += 1
            code = f"28{self._codes:016d}"
            self.shoppers[code] = shopper
        return code

    def refuse_refunds(self, sub_code: str) -> None:
        """Refuse every new refund with one of Alipay's words; an empty one ends that."""
        with self._lock:
            self._bank.refuses_refunds_with = sub_code

    def memory(self) -> bytes:
        """Return what `remember` brings back in a later run: trades and money, and no shopper's code."""
        with self._lock:
            return msgspec.json.encode(self._bank.memory(self._codes))

    def remember(self, memory: bytes) -> None:
        """Go on from an earlier run; before `start`.

        Raises:
            msgspec.MsgspecError: it is no memory of this simulator's.
        """
        found = msgspec.json.decode(memory, type=BankMemory)
        self._bank.remember(found)
        self._codes = found.codes

    def waiting(self) -> tuple[Trade, ...]:
        """Return the trades that wait for their shopper, the oldest first."""
        with self._lock:
            return self._bank.waiting()

    def shopper_scans(self, number: str) -> bool:
        """A shopper scans the shop's code and looks at it; whether it was still good."""
        with self._lock:
            return self._bank.shopper_scans(number)

    def shopper_pays(self, number: str) -> bool:
        """A shopper confirms (after scanning the shop's code, where it is one); whether they were charged."""
        with self._lock:
            return self._bank.shopper_pays(number)

    def bill_bytes(self, day: date) -> bytes:
        """Return a day's bill as it is sent."""
        return make_bill(self.ledger, day, self.seller_id)

    def settings(self, folder: Path) -> dict[str, Any]:
        """Write the till's keys into files of their owner alone and return settings for the provider `alipay`."""
        folder.mkdir(parents=True, exist_ok=True)
        named = {"private_key": self.keys.app_private, "alipay_public_key": self.keys.alipay_public}
        settings: dict[str, Any] = {"app_id": self.app_id, "seller_id": self.seller_id, "base_url": self.base_url}
        for name, content in named.items():
            path = folder / f"alipay-{name}.pem"
            path.touch(mode=0o600)
            path.chmod(0o600)
            path.write_bytes(content)
            settings[name] = str(path.resolve())
        return settings

    def _answer(self, method: str, target: str, body: bytes) -> Answer | None:
        """Answer one HTTP request; None drops the connection."""
        if method == "GET":
            return self._download(target)
        try:
            parameters = query_of(target) | dict(parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=True))
        except ValueError:
            parameters = {}
        call = _METHODS.get(parameters.get("method", ""))
        refusal = self._refusal(parameters, call)
        if refusal is not None or call is None:
            return self._writer.node(
                parameters.get("method", "unknown"), refusal or gateway_refusal("isv.invalid-method")
            )
        with self._lock:
            self.calls.append(call)
            fault = self._next_fault(call)
            let_go = self._let_go
        if fault is Fault.HOLDS_REQUEST:
            self._hold(let_go)
        with self._lock:
            node = self._done(call, json.loads(parameters["biz_content"]), fault)
        if fault is Fault.HOLDS_ANSWER:
            self._hold(let_go)
        return self._writer.faulty(call, node, fault)

    def _hold(self, let_go: threading.Event) -> None:
        self._held.release()
        let_go.wait()

    def _done(self, call: Call, content: Mapping[str, Any], fault: Fault | None) -> Node:
        number = str(content.get("out_trade_no", ""))
        match fault:
            case _ if fault in NOTHING_DONE:
                return {}
            case Fault.NOT_FOUND if call is Call.REFUND_QUERY:
                return {"code": "10000", "msg": "Success"}
            case Fault.NOT_FOUND:
                return failed("ACQ.TRADE_NOT_EXIST", number)
            case Fault.CODE_EXPIRED:
                return failed("ACQ.PAYMENT_AUTH_CODE_INVALID", number)
            case Fault.ASKS_TO_RETRY:
                return {"code": "10000", "msg": "Success", "out_trade_no": number, "retry_flag": "Y"}
            case _:
                self._bank.charges_twice = fault is Fault.CHARGES_TWICE
                return self._bill(content) if call is Call.BILL else self._bank.answer(call, content)

    def _next_fault(self, call: Call) -> Fault | None:
        waiting = self._faults.get(call)
        if not waiting:
            return None
        fault: Fault | None = waiting[0][0]
        waiting[0][1] -= 1
        if waiting[0][1] <= 0:
            waiting.popleft()
        return fault

    def _refusal(self, parameters: Mapping[str, str], call: Call | None) -> Node | None:
        """Return the gateway's own refusal, checked in its order: the app, the signature, the time, the rest."""
        if parameters.get("app_id") != self.app_id:
            return gateway_refusal("isv.invalid-app-id", signed=False)
        content = signing_string(parameters).encode()
        checks: tuple[tuple[str, Callable[[], bool]], ...] = (
            ("isv.invalid-signature-type", lambda: parameters.get("sign_type") == "RSA2"),
            ("isv.invalid-charset", lambda: parameters.get("charset", "").lower() == "utf-8"),
            ("isv.invalid-signature", lambda: self._verifier.verifies(content, parameters.get("sign", ""))),
            ("isv.invalid-timestamp", lambda: self._is_now(parameters.get("timestamp", ""))),
            ("isv.invalid-method", lambda: call is not None and parameters.get("version") == "1.0"),
            ("isv.illegal-json", lambda: _is_object(parameters.get("biz_content", ""))),
        )
        failing = next((word for word, passes in checks if not passes()), None)
        return None if failing is None else gateway_refusal(failing)

    def _is_now(self, text: str) -> bool:
        try:
            said = datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=ALIPAY_ZONE)
        except ValueError:
            return False
        return abs(self._clock.now() - said) <= SKEW_ALLOWED

    def _bill(self, content: Mapping[str, Any]) -> Node:
        now = self._clock.now()
        try:
            day = date.fromisoformat(str(content.get("bill_date", "")))
        except ValueError:
            day = now.astimezone(ALIPAY_ZONE).date()
        if content.get("bill_type") != "trade" or day >= now.astimezone(ALIPAY_ZONE).date():
            return failed("isv.invalid_arguments", "")
        if not entries_of(self._bank.ledger, day):
            return failed("NO_BILL_DATA", "")
        token = f"{len(self._bill_urls) + 1:08d}"
        self._bill_urls[token] = (day, now + BILL_URL_GOOD_FOR)
        url = f"http://{self._server.host}:{self._server.port}/downloadBillFile.resource?fileId={token}"
        return {"code": "10000", "msg": "Success", "bill_download_url": url}

    def _download(self, target: str) -> Answer | None:
        with self._lock:
            self.calls.append(Call.DOWNLOAD)
            fault = self._next_fault(Call.DOWNLOAD)
            found = self._bill_urls.get(query_of(target).get("fileId", ""))
            if urlsplit(target).path == PATH or found is None or self._clock.now() > found[1]:
                return plain(403, b"expired")
            content = self.bill_bytes(found[0])
        return self._writer.faulty_file(content, fault)


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


def gateway_refusal(sub_code: str, *, signed: bool = True) -> Node:
    """Return a refusal of the gateway itself; `_unsigned` tells the writer that it comes without a signature."""
    node: Node = {"code": "40002", "msg": "Invalid Arguments", "sub_code": sub_code, "sub_msg": "无效的参数"}
    return node if signed else node | {"_unsigned": True}
