"""Payments for tests of the counter: a desk that does nothing by itself, and the attempts that a store would keep."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime

from app.checkout.payment_ports import TenderPath
from app.checkout.payment_requests import ReportPayment
from app.checkout.requests import TillRequest
from app.checkout.views import TillView
from app.payments.attempt_record import (
    AttemptRecord,
    AttemptState,
    CaseClosed,
    ExceptionCase,
    Operation,
    PaymentAttempt,
    RefundWanted,
    masked_code_of,
    provider_number_of,
)
from app.payments.attempt_sentences import attempt_sentence
from app.payments.attempt_steps import refund_attempt
from app.payments.attempts import NOT_SENT
from app.payments.desk_requests import (
    AttemptChanged,
    AttemptEnded,
    DeskEvent,
    PaymentOrder,
    RefundRequest,
    RequestRefused,
    SupervisorDecision,
)
from app.payments.offline_rules import OfflineCardRule
from app.payments.routing import RoutingSettings
from app.values.wording import Wording, wording


@dataclass
class AttemptsInMemory:
    """The attempts of a store that lives in memory."""

    attempts: dict[str, PaymentAttempt] = field(default_factory=dict)
    history: dict[str, list[PaymentAttempt]] = field(default_factory=dict)
    cases: dict[str, ExceptionCase] = field(default_factory=dict)
    closed: list[CaseClosed] = field(default_factory=list)
    offline_cards: tuple[int, int] = (0, 0)
    answered_at: datetime | None = None
    references: set[tuple[str, str]] = field(default_factory=set)
    captured: dict[str, datetime] = field(default_factory=dict)

    def save_attempt(self, record: AttemptRecord) -> None:
        for step in record.steps:
            self.attempts[step.attempt_id] = step
            self.history.setdefault(step.attempt_id, []).append(step)
        for case in record.cases:
            self.cases.setdefault(case.case_id, case)
        for closed in record.closed:
            self.close_exception(closed)

    def open_attempts(self) -> tuple[PaymentAttempt, ...]:
        return tuple(attempt for attempt in self.attempts.values() if not attempt.final)

    def attempt(self, attempt_id: str) -> PaymentAttempt | None:
        return self.attempts.get(attempt_id)

    def attempt_history(self, attempt_id: str) -> tuple[PaymentAttempt, ...]:
        return tuple(self.history.get(attempt_id, ()))

    def attempts_of(self, basket_id: str) -> tuple[PaymentAttempt, ...]:
        return tuple(attempt for attempt in self.attempts.values() if attempt.basket_id == basket_id)

    def refunds_of(self, attempt_id: str) -> tuple[PaymentAttempt, ...]:
        return tuple(attempt for attempt in self.attempts.values() if attempt.refund_of == attempt_id)

    def last_reversed(self, count: int) -> tuple[PaymentAttempt, ...]:
        gone = [attempt for attempt in self.attempts.values() if attempt.state is AttemptState.REVERSED]
        return tuple(gone[-count:])

    def unclaimed_attempts(self, since: datetime) -> tuple[PaymentAttempt, ...]:
        return tuple(
            attempt
            for attempt in self.attempts.values()
            if attempt.operation is Operation.PURCHASE
            and attempt.state is AttemptState.APPROVED
            and attempt.created_at >= since
            and attempt.attempt_id not in self.in_sales()
            and all(refund.state is AttemptState.DECLINED for refund in self.refunds_of(attempt.attempt_id))
        )

    def in_sales(self) -> set[str | None]:
        """Return the payments that stand in a sale; the whole store knows."""
        return set()

    def open_exceptions(self) -> tuple[ExceptionCase, ...]:
        done = {closed.case_id for closed in self.closed}
        return tuple(case for case in self.cases.values() if case.case_id not in done)

    def close_exception(self, closed: CaseClosed) -> None:
        self.closed.append(closed)

    def offline_cards_taken(self, business_date: date) -> tuple[int, int]:
        return self.offline_cards

    def last_answer(self, provider_id: str) -> datetime | None:
        return self.answered_at

    def reference_used(self, tender_type_id: str, reference: str) -> bool:
        return (tender_type_id, reference) in self.references


@dataclass
class PaymentsByHand:
    """A payment desk that keeps what it was asked; the test says what comes of it."""

    paths: dict[str, TenderPath] = field(default_factory=dict)
    routing: RoutingSettings = field(default_factory=RoutingSettings)
    offline_cards: OfflineCardRule = field(default_factory=OfflineCardRule)
    ready: bool = True
    orders: list[PaymentOrder] = field(default_factory=list)
    cancelled: list[tuple[str, str]] = field(default_factory=list)
    refunds: list[RefundRequest] = field(default_factory=list)
    decisions: list[SupervisorDecision] = field(default_factory=list)
    confirmed: list[tuple[str, str, str]] = field(default_factory=list)
    captured: list[str] = field(default_factory=list)
    busy: set[str] = field(default_factory=set)

    def path(self, tender_type_id: str) -> TenderPath | None:
        return self.paths.get(tender_type_id)

    def go_away(self, tender_type_id: str, sentence: object) -> None:
        self.paths[tender_type_id] = replace(self.paths[tender_type_id], away=sentence)  # type: ignore[arg-type] # a wording

    def begin(self, order: PaymentOrder) -> bool:
        if not self.ready or order.basket_id in self.busy:
            return False
        self.orders.append(order)
        self.busy.add(order.basket_id)
        return True

    def is_busy_with(self, basket_id: str) -> bool:
        return basket_id in self.busy

    def cancel(self, attempt_id: str, asked_by: str) -> bool:
        self.cancelled.append((attempt_id, asked_by))
        return self.ready

    def refund(self, request: RefundRequest) -> bool:
        if self.ready:
            self.refunds.append(request)
        return self.ready

    def decide(self, decision: SupervisorDecision) -> bool:
        self.decisions.append(decision)
        return self.ready

    def confirm(self, attempt_id: str, confirmed_by: str, reference: str) -> bool:
        self.confirmed.append((attempt_id, confirmed_by, reference))
        return self.ready

    def capture(self, attempt_ids: Sequence[str]) -> None:
        self.captured += attempt_ids


NOON = datetime(2026, 11, 22, 4, 41, tzinfo=UTC)


@dataclass
class DeskHand:
    """What the payment desk would store and tell, said by the test: first stored, then told."""

    payments: PaymentsByHand
    store: AttemptsInMemory
    handle: Callable[[TillRequest], TillView]

    def tell(self, event: DeskEvent) -> TillView:
        """Tell the till, which frees the basket first where the payment is over."""
        return self.handle(ReportPayment(event))

    def last(self) -> PaymentOrder:
        return self.payments.orders[-1]

    def stored(self, state: AttemptState, order: PaymentOrder | None = None, **changes: object) -> PaymentAttempt:
        """Store how a payment stands, and tell nobody."""
        order = order or self.last()
        approved = order.amount_minor if state is AttemptState.APPROVED else 0
        known = self.store.attempt(order.attempt_id) or PaymentAttempt(
            attempt_id=order.attempt_id,
            provider_number=provider_number_of(order.attempt_id),
            basket_id=order.basket_id,
            tender_type_id=order.tender_type_id,
            provider_id=order.provider_id,
            operation=Operation.PURCHASE,
            method=order.method,
            amount_minor=order.amount_minor,
            currency=order.currency,
            created_at=NOON,
            masked_code=masked_code_of(order.shopper_code),
        )
        step = replace(known, state=state, approved_minor=approved, **changes)  # type: ignore[arg-type] # its fields
        self.store.save_attempt(AttemptRecord((step,)))
        if step.final:
            self.payments.busy.discard(order.basket_id)
        return step

    def goes_on(self, state: AttemptState, order: PaymentOrder | None = None, **changes: object) -> TillView:
        """Store that a payment stands so, which is no end, and tell it."""
        step = self.stored(state, order, **changes)
        payload = "weixin://pay?1" if state is AttemptState.PENDING else ""
        return self.tell(AttemptChanged(step, attempt_sentence(step), 40, payload))

    def ends(self, state: AttemptState, order: PaymentOrder | None = None, **changes: object) -> TillView:
        """Store how a payment ended, and tell it."""
        step = self.stored(state, order, **changes)
        return self.tell(AttemptEnded(step, attempt_sentence(step)))

    def approves(self, order: PaymentOrder | None = None, **changes: object) -> TillView:
        return self.ends(AttemptState.APPROVED, order, **changes)

    def refuses(self, attempt_id: str, sentence: Wording | None = None) -> TillView:
        return self.tell(RequestRefused(attempt_id, sentence or wording("This payment is over already.")))

    def refund_stored(self, state: AttemptState, request: RefundRequest | None = None) -> PaymentAttempt:
        """Store how the refund that was asked for last stands, and tell nobody."""
        request = request or self.payments.refunds[-1]
        original = self.store.attempts[request.refund_of]
        made = refund_attempt(
            RefundWanted(original, request.amount_minor, request.reason),
            request.attempt_id,
            NOON,
            asked_by=request.asked_by,
        )
        approved = request.amount_minor if state is AttemptState.APPROVED else 0
        step = replace(made, basket_id=request.basket_id or made.basket_id, state=state, approved_minor=approved)
        self.store.save_attempt(AttemptRecord((step,)))
        return step

    def refund_goes_on(self, state: AttemptState, request: RefundRequest | None = None, asks: int = 0) -> TillView:
        step = replace(self.refund_stored(state, request), asks=asks)
        return self.tell(AttemptChanged(step, attempt_sentence(step), None))

    def refund_ends(self, state: AttemptState, request: RefundRequest | None = None, code: str = "") -> TillView:
        step = replace(self.refund_stored(state, request), last_code=code)
        return self.tell(AttemptEnded(step, attempt_sentence(step)))

    def refund_is_not_stored(self, sentence: Wording) -> TillView:
        """The desk could not store the refund: nothing is on its way."""
        request = self.payments.refunds[-1]
        step = self.refund_stored(AttemptState.SUBMITTING, request)
        del self.store.attempts[request.attempt_id]
        return self.tell(AttemptChanged(step, sentence, None, stored=False))

    def never_sent(self) -> TillView:
        return self.ends(AttemptState.DECLINED, last_code=NOT_SENT)
