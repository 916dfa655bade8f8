"""The payment desk: a thread of its own that carries payment attempts to a certain end, and tells how they go.

Any thread asks; nobody waits for an answer: it comes as an event. Before every byte leaves, the step is stored by the
till's thread (`app.payments.desk_errands` says how and why); where that is not certain nothing is sent.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Final

from app.payments.attempt_record import Operation
from app.payments.desk_refusals import FAULT
from app.payments.desk_requests import (
    AskNow,
    AttemptEnded,
    CancelRequest,
    CaptureRequest,
    ConfirmRequest,
    DeskEvent,
    DeskReady,
    DeskRequest,
    LateWord,
    PaymentOrder,
    RefundRequest,
    RequestRefused,
    Resume,
    SupervisorDecision,
)
from app.payments.desk_rounds import Rounds
from app.payments.ports import AttemptStore
from app.payments.provider import PaymentProvider
from app.values.clock import Clock
from app.values.identifiers import Identities

_log: Final = logging.getLogger(__name__)

INBOX_LIMIT: Final = 64

Pause = Callable[[threading.Condition, timedelta | None], None]
"""Waits, holding the condition, until it is notified or so much time went by; None: until it is notified."""


def pause_for_real(changed: threading.Condition, longest: timedelta | None) -> None:
    """Wait as time goes by."""
    changed.wait(None if longest is None else longest / timedelta(seconds=1))


class PaymentDesk:
    """Payments at work. Any thread may call its methods; each returns at once."""

    def __init__(
        self,
        providers: Mapping[str, PaymentProvider],
        store: AttemptStore,
        *,
        identities: Identities,
        clock: Clock,
        on_event: Callable[[DeskEvent], None],
        on_end: Callable[[], None] = lambda: None,
        pause: Pause = pause_for_real,
    ) -> None:
        """Prepare; `start` begins.

        Args:
            providers: by the id under which the till's settings know them; the desk's thread alone calls them, and
                closes them when it ends.
            store: called on the desk's thread: an `ErrandLane` where another thread owns the store.
            identities: for refunds that the till wants by itself.
            clock: the wall clock and the monotonic one.
            on_event: takes the events, on the desk's thread; must return at once.
            on_end: called once when the thread has ended: the lane's `nudge`.
            pause: how the desk waits.
        """
        self._on_event = on_event
        self._on_end = on_end
        self._pause = pause
        self._rounds = Rounds(providers, store, identities, clock, self._tell)
        self._changed = threading.Condition()
        self._inbox: deque[DeskRequest] = deque()
        self._busy: dict[str, str] = {}
        self._ready = False
        self._stopping = False
        self._nudged = False
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="payment-desk", daemon=True)

    def start(self) -> None:
        """Begin, with what was not final when the till stopped."""
        self.resume()
        self._thread.start()

    def resume(self) -> bool:
        """Take up what is not final; `DeskReady` comes of it, and every such attempt brings its `AttemptEnded`."""
        return self._put(Resume())

    def begin(self, order: PaymentOrder) -> bool:
        """Have a payment made; false where the basket has one that is not over, or the desk is not ready or full.

        Raises:
            ValueError: the amount is nothing.
        """
        if order.amount_minor <= 0:
            raise ValueError("a payment is for an amount")
        with self._changed:
            if not self._ready or order.basket_id in self._busy:
                return False
            if not self._put_held(order):
                return False
            self._busy[order.basket_id] = order.attempt_id
            return True

    def cancel(self, attempt_id: str, asked_by: str) -> bool:
        """Have a payment taken back; `AttemptEnded` says whether it was, or had been declined.

        Raises:
            ValueError: nobody is named.
        """
        if not asked_by:
            raise ValueError("a cancel names who asked")
        return self._put(CancelRequest(attempt_id, asked_by))

    def refund(self, request: RefundRequest) -> bool:
        """Give money back on an approved payment, all or a part, until the provider says for certain.

        Raises:
            ValueError: the amount is nothing, or nobody is named.
        """
        if request.amount_minor <= 0 or not request.asked_by:
            raise ValueError("a refund is for an amount, and somebody asked for it")
        return self._put(request)

    def decide(self, decision: SupervisorDecision) -> bool:
        """Take a supervisor's decision about an attempt that does not get resolved.

        Raises:
            ValueError: nobody or no reason is named.
        """
        if not decision.decided_by.strip() or not decision.reason.strip():
            raise ValueError("a supervisor's decision has a name and a reason")
        return self._put(decision)

    def confirm(self, attempt_id: str, confirmed_by: str, reference: str = "") -> bool:
        """Take a person's word that the money came, where the provider cannot be asked; `AttemptEnded` follows.

        Args:
            attempt_id: the payment.
            confirmed_by: the operator's number who saw it.
            reference: what the bank calls it; its first 40 characters are kept. A card number is refused.

        Raises:
            ValueError: nobody is named.
        """
        if not confirmed_by.strip():
            raise ValueError("a person's word has a name")
        return self._put(ConfirmRequest(attempt_id, confirmed_by, reference))

    def capture(self, attempt_ids: Sequence[str]) -> None:
        """Take what was only held for these payments: their sale is stored. Repeated until it is certain.

        Nothing is forgotten: what a desk that has stopped no longer takes is found at the next start.
        """
        if attempt_ids:
            with self._changed:
                self._put_held(CaptureRequest(tuple(attempt_ids)), limited=False)

    def ask_now(self, attempt_id: str) -> bool:
        """Put the next question about an open attempt at once: somebody, such as a card terminal, says it is done."""
        return self._put(AskNow(attempt_id))

    def hear_late(self, attempt_id: str) -> bool:
        """Look once more at a payment that is over, because the provider's bill says otherwise."""
        return self._put(LateWord(attempt_id))

    def is_busy_with(self, basket_id: str) -> bool:
        """Return whether a payment of this basket is not over."""
        with self._changed:
            return basket_id in self._busy

    @property
    def ready(self) -> bool:
        """Whether `DeskReady` was told: payments are taken."""
        with self._changed:
            return self._ready and not self._stopping

    def nudge(self) -> None:
        """Look now whether something is due."""
        with self._changed:
            self._nudged = True
            self._changed.notify_all()

    @property
    def ended(self) -> bool:
        """Whether the thread has ended, or never began."""
        return self._ended.is_set() or self._thread.ident is None

    def stop(self) -> None:
        """Begin nothing any more and end after the call that is under way; what is not final waits for the start."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()

    def close(self, timeout_s: int) -> bool:
        """Stop, and wait for it; whether it has stopped.

        Not to be called on the thread that owns the store while the desk may wait for that thread: call `stop`, have
        the lane served until `ended`, and close the lane.
        """
        self.stop()
        return self._thread.ident is None or self._ended.wait(timeout_s)

    def _put(self, request: DeskRequest) -> bool:
        with self._changed:
            return self._put_held(request)

    def _put_held(self, request: DeskRequest, *, limited: bool = True) -> bool:
        if self._stopping or (limited and len(self._inbox) >= INBOX_LIMIT):
            return False
        self._inbox.append(request)
        self._changed.notify_all()
        return True

    # On the desk's thread.

    def _tell(self, event: DeskEvent) -> None:
        with self._changed:
            if isinstance(event, DeskReady):
                self._ready = True
                self._busy.update(
                    (attempt.basket_id, attempt.attempt_id)
                    for attempt in event.unresolved
                    if attempt.operation is Operation.PURCHASE
                )
            elif isinstance(event, AttemptEnded | RequestRefused):
                ended = event.attempt.attempt_id if isinstance(event, AttemptEnded) else event.attempt_id
                refused = isinstance(event, RequestRefused)
                self._free(ended, unless_begun=refused)
        try:
            self._on_event(event)
        except Exception:  # noqa: BLE001 - a fault of who listens; it is logged, and no payment is left half done
            _log.exception("payment_event_not_heard", extra={"event": type(event).__name__})

    def _free(self, attempt_id: str, *, unless_begun: bool) -> None:
        """Let a basket go whose payment is over; a refused cancel or decision is not the end of a payment at work."""
        if unless_begun and self._rounds.knows(attempt_id):
            return
        for basket_id, busy_with in list(self._busy.items()):
            if busy_with == attempt_id:
                del self._busy[basket_id]

    def _run(self) -> None:
        try:
            while not self._stopping:
                self._round()
            self._rounds.save_rest()
        except Exception:  # noqa: BLE001 - logged with its trace
            # The till goes on with cash; what is not final is taken up at the next start.
            _log.exception("payment_desk_ended")
            with self._changed:
                self._stopping = True
        finally:
            self._rounds.close_providers()
            self._ended.set()
            self._on_end()

    def _round(self) -> None:
        for request in self._requests():
            try:
                self._rounds.take(request)
            except Exception:  # noqa: BLE001 - a fault of the program at one request; logged, the others are served
                _log.exception("payment_request_failed", extra={"request": type(request).__name__})
                if not isinstance(request, Resume | CaptureRequest):
                    self._tell(RequestRefused(request.attempt_id, FAULT))
        idle = self._rounds.turn()
        if idle == timedelta():
            return
        with self._changed:
            if not (self._inbox or self._stopping or self._nudged):
                self._pause(self._changed, idle)
            self._nudged = False

    def _requests(self) -> list[DeskRequest]:
        with self._changed:
            requests = list(self._inbox)
            self._inbox.clear()
            return requests
