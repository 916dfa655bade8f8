"""The orders of a simulated WeChat Pay, the money that moved, and what each call answers."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from app.payments.provider import BillKind
from app.payments.wechat.bill import BEIJING
from app.payments.wechat.simulator_faults import Shopper
from app.values.clock import Clock

Answer = tuple[int, dict[str, Any] | None]
"""Status and body; no body with 204."""

_NUMBER: Final = re.compile(r"[0-9A-Za-z_\-*]{6,32}")
_CODE: Final = re.compile(r"1[0-5][0-9]{16}")
_CODE_LIVES: Final = timedelta(seconds=60)
_REVOKED_AFTER: Final = timedelta(seconds=45)
_NO_REVERSAL_BEFORE: Final = timedelta(seconds=15)


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """Money that moved."""

    kind: BillKind
    number: str
    """The shop's number of the payment."""

    amount_minor: int
    """Positive; the kind says which way."""

    at: datetime
    transaction_id: str
    refund_number: str = ""
    refund_id: str = ""
    description: str = ""


@dataclass(slots=True)
class SimulatedOrder:
    """One order."""

    number: str
    amount_minor: int
    created_at: datetime
    native: bool
    shopper: Shopper
    transaction_id: str
    description: str = ""
    expires_at: datetime | None = None
    state: str = "NOTPAY"
    asks_left: int = 0
    paid_at: datetime | None = None
    refunds: dict[str, "SimulatedRefund"] = field(default_factory=dict)


@dataclass(slots=True)
class SimulatedRefund:
    """One refund of an order."""

    number: str
    refund_id: str
    amount_minor: int
    at: datetime
    course: list[str]
    """The states that are still to come; the first is the one that it is in."""


@dataclass(frozen=True, slots=True)
class OrdersMemory:
    """What outlives a run of the simulator: orders and money, and no shopper's code."""

    orders: tuple[SimulatedOrder, ...]
    code_urls: dict[str, str]
    drawn: int
    ledger: tuple[LedgerEntry, ...]


class SimulatedOrders:
    """Orders by number, and the ledger of every fen that moved; the server sees to it that one thread is in here."""

    def __init__(self, appid: str, mchid: str, clock: Clock, shopper_of: Callable[[str], Shopper]) -> None:
        """Begin with no orders.

        Args:
            appid: of the shop.
            mchid: of the shop.
            clock: when things happen.
            shopper_of: whose code it is.
        """
        self._appid = appid
        self._mchid = mchid
        self._clock = clock
        self._shopper_of = shopper_of
        self._orders: dict[str, SimulatedOrder] = {}
        self._refunds: dict[str, SimulatedOrder] = {}
        self._code_urls: dict[str, str] = {}
        self._used: set[str] = set()
        self._issued: dict[str, datetime] = {}
        self._drawn = 0
        self.ledger: list[LedgerEntry] = []
        self.early_reversals: list[str] = []
        self.refund_course: tuple[str, ...] = ("SUCCESS",)

    def memory(self) -> OrdersMemory:
        """Return what `remember` brings back in a later run."""
        return OrdersMemory(tuple(self._orders.values()), dict(self._code_urls), self._drawn, tuple(self.ledger))

    def remember(self, memory: OrdersMemory) -> None:
        """Go on from an earlier run; before the first request."""
        self._orders = {order.number: order for order in memory.orders}
        self._refunds = {number: order for order in memory.orders for number in order.refunds}
        self._code_urls = dict(memory.code_urls)
        self._drawn = memory.drawn
        self.ledger[:] = memory.ledger

    def issue_code(self) -> str:
        """Return a new payment code, good for a minute."""
        code = f"13{self._next():016d}"
        self._issued[code] = self._clock.now()
        return code

    def order(self, number: str) -> SimulatedOrder | None:
        """Return an order as it stands now."""
        order = self._orders.get(number)
        if order is not None and order.state == "USERPAYING" and self._clock.now() - order.created_at > _REVOKED_AFTER:
            order.state = "REVOKED"
        return order

    def waiting(self) -> tuple[SimulatedOrder, ...]:
        """Return the orders that wait for their shopper, the oldest first."""
        now = self._clock.now()
        orders = [order for number in self._orders if (order := self.order(number)) is not None]
        return tuple(
            order
            for order in orders
            if order.state in {"NOTPAY", "USERPAYING"} and (order.expires_at is None or now < order.expires_at)
        )

    def scan(self, code_url: str) -> bool:
        """Have a shopper pay by the shop's code; return whether it was still good."""
        order = self.order(self._code_urls.get(code_url, ""))
        if order is None or order.state != "NOTPAY":
            return False
        if order.expires_at is not None and self._clock.now() >= order.expires_at:
            return False
        self.charge(order)
        return True

    def charge(self, order: SimulatedOrder) -> None:
        """Take the shopper's money."""
        order.state = "SUCCESS"
        order.paid_at = self._clock.now()
        self._enter(BillKind.PURCHASE, order, order.amount_minor)

    def pay(self, body: Mapping[str, Any], *, expired: bool = False, twice: bool = False) -> Answer:
        """Answer `codepay`."""
        number, amount = body.get("out_trade_no"), _total(body)
        code = str((body.get("payer") or {}).get("auth_code", ""))
        if not self._is_whole(body, number, amount) or not (body.get("scene_info") or {}).get("device_ip"):
            return _error(400, "PARAM_ERROR")
        known = self.order(str(number))
        if known is not None and twice:
            self.charge(known)
            return 200, self.told(known)
        if known is not None:
            return _known_already(known)
        wrong = self._wrong_code(code, expired=expired)
        if wrong:
            return _error(400, wrong)
        self._used.add(code)
        order = self._open(body, native=False, shopper=self._shopper_of(code))
        return self._asked_of_shopper(order)

    def offer(self, body: Mapping[str, Any]) -> Answer:
        """Answer `native`."""
        number, amount = body.get("out_trade_no"), _total(body)
        if not self._is_whole(body, number, amount) or not str(body.get("notify_url", "")).startswith("https://"):
            return _error(400, "PARAM_ERROR")
        known = self.order(str(number))
        if known is not None:
            return _known_already(known)
        order = self._open(body, native=True, shopper=Shopper())
        if "time_expire" in body:
            order.expires_at = datetime.fromisoformat(body["time_expire"])
        code_url = f"weixin://wxpay/bizpayurl?pr={order.transaction_id[-9:]}"
        self._code_urls[code_url] = order.number
        return 200, {"code_url": code_url}

    def query(self, number: str) -> Answer:
        """Answer a query of an order."""
        order = self.order(number)
        if order is None:
            return _error(404, "ORDER_NOT_EXIST")
        waits = order.shopper.never_confirms or order.shopper.pays_while_cancelled
        if order.state == "USERPAYING" and not waits:
            if order.asks_left == 0:
                self.charge(order)
            order.asks_left -= 1
        return 200, self.told(order)

    def reverse(self, number: str) -> Answer:
        """Answer a reversal; it gives back what was paid."""
        order = self.order(number)
        if order is None:
            return _error(404, "ORDER_NOT_EXIST")
        if self._clock.now() - order.created_at < _NO_REVERSAL_BEFORE:
            self.early_reversals.append(number)
            return _error(400, "INVALID_REQUEST")
        if order.native or order.refunds:
            return _error(400, "INVALID_REQUEST")
        if order.state == "USERPAYING" and order.shopper.pays_while_cancelled:
            self.charge(order)
        if order.state == "SUCCESS":
            for _ in range(sum(1 for one in self.ledger if one.number == number and one.kind is BillKind.PURCHASE)):
                self._enter(BillKind.REVERSAL, order, order.amount_minor)
        order.state = "REVOKED"
        return 200, {"appid": self._appid, "mchid": self._mchid, "out_trade_no": number}

    def close(self, number: str) -> Answer:
        """Answer the closing of an order that nobody paid."""
        order = self.order(number)
        if order is None:
            return _error(404, "ORDER_NOT_EXIST")
        if order.state in {"SUCCESS", "REFUND"}:
            return _error(400, "ORDERPAID")
        if order.state != "NOTPAY":
            return _error(400, "ORDER_CLOSED")
        order.state = "CLOSED"
        return 204, None

    def refund(self, body: Mapping[str, Any]) -> Answer:
        """Answer a refund; repeated with its number it happens once."""
        amount = body.get("amount") or {}
        wanted, number = amount.get("refund"), str(body.get("out_refund_no", ""))
        order = self.order(str(body.get("out_trade_no", "")))
        if order is None or order.state not in {"SUCCESS", "REFUND"}:
            return _error(404, "RESOURCE_NOT_EXISTS")
        holder = self._refunds.get(number)
        if holder is not None:
            known = holder.refunds[number]
            same = holder is order and known.amount_minor == wanted
            return (200, self._told_refund(order, known)) if same else _error(400, "INVALID_REQUEST")
        left = order.amount_minor - sum(one.amount_minor for one in order.refunds.values())
        if not isinstance(wanted, int) or not 0 < wanted <= left or amount.get("total") != order.amount_minor:
            return _error(400, "INVALID_REQUEST")
        refund = SimulatedRefund(
            number, f"5030{self._next():024d}", wanted, self._clock.now(), list(self.refund_course)
        )
        order.refunds[number] = refund
        order.state = "REFUND"
        self._refunds[number] = order
        if self.refund_course[-1] != "CLOSED":
            self._enter(BillKind.REFUND, order, wanted, refund)
        return 200, self._told_refund(order, refund)

    def query_refund(self, number: str) -> Answer:
        """Answer a query of a refund."""
        order = self._refunds.get(number)
        if order is None:
            return _error(404, "RESOURCE_NOT_EXISTS")
        refund = order.refunds[number]
        if len(refund.course) > 1:
            refund.course.pop(0)
        return 200, self._told_refund(order, refund)

    def told(self, order: SimulatedOrder) -> dict[str, Any]:
        """Return an order in WeChat Pay's words."""
        told: dict[str, Any] = {
            "appid": self._appid,
            "mchid": self._mchid,
            "out_trade_no": order.number,
            "trade_state": order.state,
            "trade_state_desc": order.state,
            "amount": {"total": order.amount_minor, "currency": "CNY"},
        }
        if order.paid_at is not None:
            told["transaction_id"] = order.transaction_id
            told["trade_type"] = "NATIVE" if order.native else "MICROPAY"
            told["bank_type"] = "OTHERS"
            told["success_time"] = order.paid_at.astimezone(BEIJING).isoformat(timespec="seconds")
            told["payer"] = {"openid": f"o{order.transaction_id}"}
            told["amount"] |= {"payer_total": order.amount_minor, "payer_currency": "CNY"}
        return told

    def _wrong_code(self, code: str, *, expired: bool) -> str:
        """Return WeChat Pay's word for what is wrong with a shopper's code."""
        if not _CODE.fullmatch(code) or code in self._used:
            return "AUTH_CODE_INVALID"
        now = self._clock.now()
        return "AUTH_CODE_EXPIRED" if expired or now - self._issued.get(code, now) > _CODE_LIVES else ""

    def _asked_of_shopper(self, order: SimulatedOrder) -> Answer:
        """Return what comes of an order at once."""
        if order.shopper.refused_with:
            order.state = "PAYERROR"
            return _error(403, order.shopper.refused_with)
        if order.shopper.asked_for_password:
            order.state = "USERPAYING"
            order.asks_left = order.shopper.keys_password_after
            return _error(202, "USERPAYING")
        self.charge(order)
        return 200, self.told(order)

    def _told_refund(self, order: SimulatedOrder, refund: SimulatedRefund) -> dict[str, Any]:
        told: dict[str, Any] = {
            "refund_id": refund.refund_id,
            "out_refund_no": refund.number,
            "transaction_id": order.transaction_id,
            "out_trade_no": order.number,
            "channel": "ORIGINAL",
            "status": refund.course[0],
            "create_time": refund.at.astimezone(BEIJING).isoformat(timespec="seconds"),
            "amount": {"total": order.amount_minor, "refund": refund.amount_minor, "currency": "CNY"},
        }
        if refund.course[0] == "SUCCESS":
            told["success_time"] = self._clock.now().astimezone(BEIJING).isoformat(timespec="seconds")
        return told

    def _open(self, body: Mapping[str, Any], *, native: bool, shopper: Shopper) -> SimulatedOrder:
        order = SimulatedOrder(
            number=body["out_trade_no"],
            amount_minor=body["amount"]["total"],
            created_at=self._clock.now(),
            native=native,
            shopper=shopper,
            transaction_id=f"4200{self._next():024d}",
            description=body["description"],
        )
        self._orders[order.number] = order
        return order

    def _is_whole(self, body: Mapping[str, Any], number: object, amount: object) -> bool:
        return (
            body.get("appid") == self._appid
            and body.get("mchid") == self._mchid
            and isinstance(number, str)
            and bool(_NUMBER.fullmatch(number))
            and isinstance(amount, int)
            and amount > 0
            and 0 < len(str(body.get("description", ""))) <= 127
        )

    def _enter(
        self, kind: BillKind, order: SimulatedOrder, amount_minor: int, refund: SimulatedRefund | None = None
    ) -> None:
        self.ledger.append(
            LedgerEntry(
                kind,
                order.number,
                amount_minor,
                self._clock.now(),
                order.transaction_id,
                refund_number=refund.number if refund else "",
                refund_id=refund.refund_id if refund else "",
                description=order.description,
            )
        )

    def _next(self) -> int:
        self._drawn += 1
        return self._drawn


def _total(body: Mapping[str, Any]) -> object:
    amount = body.get("amount")
    return amount.get("total") if isinstance(amount, dict) else None


def _known_already(order: SimulatedOrder) -> Answer:
    match order.state:
        case "SUCCESS" | "REFUND":
            return _error(400, "ORDERPAID")
        case "USERPAYING":
            return _error(202, "USERPAYING")
        case "REVOKED":
            return _error(400, "ORDER_REVERSED")
        case "CLOSED":
            return _error(400, "ORDER_CLOSED")
        case _:
            return _error(403, "OUT_TRADE_NO_USED")


def _error(status: int, code: str) -> Answer:
    return status, {"code": code, "message": code}
