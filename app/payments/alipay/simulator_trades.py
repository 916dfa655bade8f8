"""The bank behind a simulated Alipay: its trades, the money that moved, and what each call answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

from app.payments.alipay.amounts import fen_of, yuan_of
from app.payments.alipay.answers import ALIPAY_ZONE
from app.payments.alipay.simulator_faults import Call, Shopper
from app.payments.provider import BillKind
from app.values.clock import Clock
from app.values.rounding import divide_half_up

Node = dict[str, Any]

_FEE_PER_MILLE: Final = 6
_CANCELLED_WITHIN: Final = timedelta(hours=24)
_WAITING, _SUCCESS, _CLOSED = "WAIT_BUYER_PAY", "TRADE_SUCCESS", "TRADE_CLOSED"
_UNITS: Final = {"m": "minutes", "h": "hours", "d": "days"}
_PAYER: Final = "159****5620"


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """Money that moved."""

    kind: BillKind
    number: str
    """The shop's number of the payment."""

    amount_minor: int
    """Positive; the kind says which way."""

    at: datetime
    trade_number: str
    refund_number: str = ""
    fee_minor: int = 0
    """What Alipay keeps; negative where it gives it back."""

    subject: str = ""
    store_id: str = ""
    terminal_id: str = ""


@dataclass(slots=True)
class Trade:
    """One order."""

    number: str
    trade_number: str
    amount_minor: int
    created_at: datetime
    expires_at: datetime
    shopper: Shopper
    status: str = _WAITING
    scanned: bool = True
    """False for a code that was shown and that nobody scanned yet: Alipay says then that there is no such trade."""

    code: str = ""
    asks_left: int = 0
    paid_at: datetime | None = None
    cancel_action: str = ""
    refunds: dict[str, tuple[int, datetime]] = field(default_factory=dict)
    content: Mapping[str, Any] = field(default_factory=dict)

    @property
    def refunded_minor(self) -> int:
        """What was given back so far."""
        return sum(amount for amount, _ in self.refunds.values())


@dataclass(frozen=True, slots=True)
class BankMemory:
    """What outlives a run of the simulator: trades and money, and no shopper's code."""

    trades: tuple[Trade, ...]
    ledger: tuple[LedgerEntry, ...]
    codes: int
    """How many codes were issued."""


class SimulatedBank:
    """Trades by number, and the ledger of every fen that moved."""

    def __init__(self, clock: Clock, shopper_of: Callable[[str], Shopper]) -> None:
        """Open with no trades."""
        self._clock = clock
        self._shopper_of = shopper_of
        self._trades: dict[str, Trade] = {}
        self._used_codes: dict[str, str] = {}
        self.ledger: list[LedgerEntry] = []
        self.charges_twice = False
        self.refuses_refunds_with = ""
        """Alipay's word for refusing every refund, such as `ACQ.SELLER_BALANCE_NOT_ENOUGH`."""

    def memory(self, codes: int) -> BankMemory:
        """Return what `remember` brings back in a later run."""
        trades = tuple(
            replace(trade, code="", content={key: value for key, value in trade.content.items() if key != "auth_code"})
            for trade in self._trades.values()
        )
        return BankMemory(trades, tuple(self.ledger), codes)

    def remember(self, memory: BankMemory) -> None:
        """Go on from an earlier run; before the first call."""
        self._trades = {trade.number: trade for trade in memory.trades}
        self.ledger[:] = memory.ledger

    def net_minor(self, number: str) -> int:
        """Return what a payment's shopper has paid less what was given back."""
        return sum(
            entry.amount_minor if entry.kind is BillKind.PURCHASE else -entry.amount_minor
            for entry in self.ledger
            if entry.number == number
        )

    def trade(self, number: str) -> Trade | None:
        """Return a trade as it stands now."""
        trade = self._trades.get(number)
        if trade is not None and trade.status == _WAITING and self._clock.now() >= trade.expires_at:
            trade.status = _CLOSED
        return trade

    def waiting(self) -> tuple[Trade, ...]:
        """Return the trades that wait for their shopper, the oldest first."""
        trades = [trade for number in self._trades if (trade := self.trade(number)) is not None]
        return tuple(trade for trade in trades if trade.status == _WAITING)

    def answer(self, call: Call, content: Mapping[str, Any]) -> Node:
        """Do what is asked and return the answer's node."""
        match call:
            case Call.PAY:
                return self._pay(content)
            case Call.PRECREATE:
                return self._precreate(content)
            case Call.QUERY:
                return self._query(content)
            case Call.CANCEL:
                return self._cancel(content)
            case Call.REFUND:
                return self._refund(content)
            case Call.REFUND_QUERY:
                return self._refund_query(content)
            case _:
                raise ValueError(call)

    def shopper_scans(self, number: str) -> bool:
        """A shopper scans the shop's code; whether there was something to pay."""
        trade = self.trade(number)
        if trade is None or trade.status != _WAITING:
            return False
        trade.scanned = True
        return True

    def shopper_pays(self, number: str) -> bool:
        """A shopper confirms; whether they were charged."""
        if not self.shopper_scans(number):
            return False
        self._charge(self._trades[number])
        return True

    def _pay(self, content: Mapping[str, Any]) -> Node:
        number, code = str(content.get("out_trade_no", "")), str(content.get("auth_code", ""))
        existing = self.trade(number)
        if existing is not None:
            return self._pay_again(existing, content)
        scene = "security_code" if code.startswith("fp") else "bar_code"
        if code in self._used_codes or content.get("scene") != scene:
            return failed("ACQ.PAYMENT_AUTH_CODE_INVALID", number)
        trade = self._opened(number, content, self._shopper_of(code))
        if isinstance(trade, str):
            return failed(trade, number)
        self._used_codes[code] = number
        if trade.shopper.refused_with:
            return failed(trade.shopper.refused_with, number)
        self._trades[number] = trade
        trade.code = code
        if trade.shopper.keys_password_after or trade.shopper.never_confirms:
            trade.asks_left = trade.shopper.keys_password_after
            return self._shown(trade, "10003", "order success pay inprocess")
        self._charge(trade)
        return self._shown(trade)

    def _pay_again(self, trade: Trade, content: Mapping[str, Any]) -> Node:
        if trade.amount_minor != fen_of(content.get("total_amount")):
            return failed("ACQ.CONTEXT_INCONSISTENT", trade.number)
        if trade.status == _CLOSED:
            return failed("ACQ.TRADE_HAS_CLOSE", trade.number)
        if trade.status == _WAITING:
            return self._shown(trade, "10003", "order success pay inprocess")
        if self.charges_twice:
            self._charge(trade)
            return self._shown(trade)
        return failed("ACQ.TRADE_HAS_SUCCESS", trade.number)

    def _precreate(self, content: Mapping[str, Any]) -> Node:
        number = str(content.get("out_trade_no", ""))
        existing = self.trade(number)
        if existing is not None and existing.scanned:
            return failed("ACQ.TRADE_HAS_SUCCESS", number)
        trade = existing or self._opened(number, content, Shopper(never_confirms=True))
        if isinstance(trade, str):
            return failed(trade, number)
        trade.scanned = False
        self._trades[number] = trade
        return succeeded(number) | {"qr_code": f"https://qr.alipay.com/bax{int(trade.trade_number):x}"}

    def _opened(self, number: str, content: Mapping[str, Any], shopper: Shopper) -> Trade | str:
        amount = fen_of(content.get("total_amount"))
        subject = str(content.get("subject", ""))
        if amount is None or amount <= 0 or not number or not subject or set(subject) & set("/=&"):
            return "ACQ.INVALID_PARAMETER"
        now = self._clock.now()
        expires_at = _expires_at(content, now)
        if expires_at <= now:
            return "ACQ.NOW_TIME_AFTER_EXPIRE_TIME_ERROR"
        day = now.astimezone(ALIPAY_ZONE).strftime("%Y%m%d")
        trade_number = f"{day}22001{len(self._trades) + 1:015d}"
        return Trade(number, trade_number, amount, now, expires_at, shopper, content=dict(content))

    def _query(self, content: Mapping[str, Any]) -> Node:
        number = str(content.get("out_trade_no", ""))
        trade = self.trade(number)
        if trade is None or (not trade.scanned and trade.status == _WAITING):
            return failed("ACQ.TRADE_NOT_EXIST", number)
        if trade.status == _WAITING and not trade.shopper.never_confirms:
            if trade.asks_left <= 0:
                self._charge(trade)
            trade.asks_left -= 1
        shown = self._shown(trade) | {"trade_status": trade.status}
        if trade.paid_at is not None:
            shown["send_pay_date"] = _written(trade.paid_at)
        return shown

    def _cancel(self, content: Mapping[str, Any]) -> Node:
        number = str(content.get("out_trade_no", ""))
        trade = self.trade(number)
        if trade is None or (not trade.scanned and trade.status == _WAITING):
            # Documented so: code 10000 without an action. A code that was shown stays good until it expires.
            return succeeded(number) | {"retry_flag": "N"}
        if trade.status == _WAITING and trade.shopper.pays_while_cancelled:
            self._charge(trade)
        if trade.status == _SUCCESS:
            refusal = self._not_cancelled(trade)
            if refusal:
                return failed(refusal, number) | {"retry_flag": "N"}
            trade.cancel_action = "refund"
            self._give_back(trade, BillKind.REVERSAL, trade.amount_minor, "")
        trade.status = _CLOSED
        trade.cancel_action = trade.cancel_action or "close"
        node = succeeded(number, trade.trade_number) | {"retry_flag": "N", "action": trade.cancel_action}
        if trade.cancel_action == "refund":
            node["gmt_refund_pay"] = _written(self._clock.now())
        return node

    def _not_cancelled(self, trade: Trade) -> str:
        if trade.refunds:
            return "ACQ.REASON_TRADE_REFUND_FEE_ERR"
        if self._clock.now() - trade.created_at > _CANCELLED_WITHIN:
            return "ACQ.TRADE_CANCEL_TIME_OUT"
        return ""

    def _refund(self, content: Mapping[str, Any]) -> Node:
        number, request = str(content.get("out_trade_no", "")), str(content.get("out_request_no", ""))
        amount = fen_of(content.get("refund_amount"))
        trade = self.trade(number)
        if trade is None:
            return _refund_failed("ACQ.TRADE_NOT_EXIST")
        if amount is None or amount <= 0 or not request:
            return _refund_failed("ACQ.INVALID_PARAMETER")
        earlier = trade.refunds.get(request)
        if earlier is not None and earlier[0] == amount:
            return self._refund_node(trade, "N")
        refusal = "ACQ.DISCORDANT_REPEAT_REQUEST" if earlier is not None else self._not_refunded(trade, amount)
        if refusal:
            return _refund_failed(refusal)
        trade.refunds[request] = (amount, self._clock.now())
        self._give_back(trade, BillKind.REFUND, amount, request)
        if trade.refunded_minor == trade.amount_minor:
            trade.status = _CLOSED
        return self._refund_node(trade, "Y")

    def _not_refunded(self, trade: Trade, amount_minor: int) -> str:
        if trade.status == _WAITING or trade.paid_at is None:
            return "ACQ.TRADE_STATUS_ERROR"
        if trade.status == _CLOSED or trade.refunded_minor + amount_minor > trade.amount_minor:
            return "ACQ.REASON_TRADE_REFUND_FEE_ERR"
        return self.refuses_refunds_with

    def _refund_node(self, trade: Trade, moved: str) -> Node:
        return succeeded(trade.number, trade.trade_number) | {
            "buyer_logon_id": _PAYER,
            "fund_change": moved,
            "refund_fee": yuan_of(trade.refunded_minor),
            "gmt_refund_pay": _written(self._clock.now()),
        }

    def _refund_query(self, content: Mapping[str, Any]) -> Node:
        number, request = str(content.get("out_trade_no", "")), str(content.get("out_request_no", ""))
        trade = self.trade(number)
        if trade is None:
            return failed("ACQ.TRADE_NOT_EXIST", number)
        found = trade.refunds.get(request)
        if found is None:
            return {"code": "10000", "msg": "Success"}
        return succeeded(number, trade.trade_number) | {
            "out_request_no": request,
            "refund_amount": yuan_of(found[0]),
            "total_amount": yuan_of(trade.amount_minor),
            "refund_status": "REFUND_SUCCESS",
            "gmt_refund_pay": _written(found[1]),
        }

    def _charge(self, trade: Trade) -> None:
        trade.status, trade.paid_at = _SUCCESS, self._clock.now()
        self._book(trade, BillKind.PURCHASE, trade.amount_minor, "", 1)

    def _give_back(self, trade: Trade, kind: BillKind, amount_minor: int, request: str) -> None:
        self._book(trade, kind, amount_minor, request, -1)

    def _book(self, trade: Trade, kind: BillKind, amount_minor: int, request: str, sign: int) -> None:
        self.ledger.append(
            LedgerEntry(
                kind,
                trade.number,
                amount_minor,
                self._clock.now(),
                trade.trade_number,
                request,
                sign * divide_half_up(amount_minor * _FEE_PER_MILLE, 1000),
                str(trade.content.get("subject", "")),
                str(trade.content.get("store_id", "")),
                str(trade.content.get("terminal_id", "")),
            )
        )

    def _shown(self, trade: Trade, code: str = "10000", message: str = "Success") -> Node:
        node = succeeded(trade.number, trade.trade_number) | {
            "code": code,
            "msg": message,
            "buyer_logon_id": _PAYER,
            "buyer_user_id": "2088101117955611",
            "total_amount": yuan_of(trade.amount_minor),
            "receipt_amount": yuan_of(trade.amount_minor if trade.paid_at else 0),
            "fund_bill_list": [{"fund_channel": "ALIPAYACCOUNT", "amount": yuan_of(trade.amount_minor)}],
            # Whoever looks for the end of the signed node by counting brackets is misled by these.
            "store_name": '柜台 {1} "]}" \\',
        }
        if trade.paid_at is not None:
            node["gmt_payment"] = _written(trade.paid_at)
        return node


def succeeded(number: str, trade_number: str = "") -> Node:
    """Return what every answer to a call that worked begins with."""
    node = {"code": "10000", "msg": "Success", "out_trade_no": number}
    return node | {"trade_no": trade_number} if trade_number else node


def failed(sub_code: str, number: str) -> Node:
    """Return a business refusal, as Alipay writes it."""
    return {
        "code": "40004",
        "msg": "Business Failed",
        "sub_code": sub_code,
        "sub_msg": "业务处理失败",
        "buyer_pay_amount": "0.00",
        "out_trade_no": number,
        "receipt_amount": "0.00",
    }


def _refund_failed(sub_code: str) -> Node:
    """Return a refused refund, as Alipay writes it: without a number."""
    node = {"code": "40004", "msg": "Business Failed", "sub_code": sub_code, "sub_msg": "业务处理失败"}
    return node | {"refund_fee": "0.00", "send_back_fee": "0.00"}


def _expires_at(content: Mapping[str, Any], now: datetime) -> datetime:
    instant = content.get("time_expire")
    if isinstance(instant, str):
        return datetime.strptime(instant, "%Y-%m-%d %H:%M:%S").replace(tzinfo=ALIPAY_ZONE)
    duration = str(content.get("timeout_express", "3h"))
    return now + timedelta(**{_UNITS[duration[-1]]: int(duration[:-1])})


def _written(instant: datetime) -> str:
    return instant.astimezone(ALIPAY_ZONE).strftime("%Y-%m-%d %H:%M:%S")
