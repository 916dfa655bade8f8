"""Attempts and answers for the payment tests; every figure is a hand-picked one."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from app.payments.attempt_record import AttemptState, Method, Operation, PaymentAttempt
from app.payments.provider import ProviderAnswer, Verdict
from app.values.wording import wording

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
LONG_AFTER = NOON + timedelta(minutes=10)
AMOUNT = 3450
C, S, P, U, A, D, R = (
    AttemptState.CREATED,
    AttemptState.SUBMITTING,
    AttemptState.PENDING,
    AttemptState.UNKNOWN,
    AttemptState.APPROVED,
    AttemptState.DECLINED,
    AttemptState.REVERSED,
)


def purchase(state: AttemptState = C, **changes: object) -> PaymentAttempt:
    made = PaymentAttempt(
        attempt_id="attempt-1",
        provider_number="attempt1",
        basket_id="basket-1",
        tender_type_id="wechat",
        provider_id="wechat",
        operation=Operation.PURCHASE,
        method=Method.SHOPPER_CODE,
        amount_minor=AMOUNT,
        currency="CNY",
        created_at=NOON,
    )
    if state is not C:
        made = replace(made, state=state, submitted_at=NOON, asking_since=NOON, last_asked_at=NOON, revision=2)
    if state is A:
        made = replace(made, approved_minor=AMOUNT)
    return replace(made, **changes)  # type: ignore[arg-type]


def refund(state: AttemptState = C, **changes: object) -> PaymentAttempt:
    made = purchase(
        state,
        attempt_id="refund-1",
        provider_number="refund1",
        operation=Operation.REFUND,
        refund_of="attempt-1",
        original_number="attempt1",
        original_minor=AMOUNT,
        amount_minor=1000,
        asked_by="007",
        reason="broken",
    )
    if state is A:
        made = replace(made, approved_minor=1000)
    return replace(made, **changes)  # type: ignore[arg-type]


def answer(verdict: Verdict, amount_minor: int = 0, code: str = "") -> ProviderAnswer:
    return ProviderAnswer(verdict, wording("As the provider says."), amount_minor=amount_minor, code=code)
