"""What the till knows of a provider's day, out of its store: attempts, tenders and what was given back."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.payments.attempt_record import THE_TILL, AttemptRecord, AttemptState, PaymentAttempt
from app.payments.day_end_ports import FactsAsked
from app.payments.provider import BillKind
from app.payments.reconciliation_facts import AttemptFact, RecordedTender
from app.payments.tenders import Tendered
from app.values.wording import LocalizedText
from offline_store.payment_facts import StoredPaymentFacts
from offline_store.till_store import TillStoreFile
from tests.faults.store_shop import NOON, open_shop, reader_of, sale
from tests.unit.app.payments.attempt_cases import AMOUNT, purchase, refund

START = datetime(2026, 11, 21, 16, tzinfo=UTC)  # midnight of the 22nd in China
END = START + timedelta(days=1)
BORDER = timedelta(minutes=10)
PAID, BACK = BillKind.PURCHASE, BillKind.REFUND
RECEIPT = "0001-01-1-000001"


def asked(provider_id: str = "wechat", since: datetime = START - BORDER, until: datetime = END + BORDER) -> FactsAsked:
    return FactsAsked(provider_id, frozenset({provider_id}), since, until)


def store_attempt(
    store: TillStoreFile,
    name: str,
    state: AttemptState = AttemptState.APPROVED,
    at: datetime = NOON,
    until: datetime | None = None,
    **changes: object,
) -> PaymentAttempt:
    """Keep an attempt with its steps: created, being sent, and how it stands."""
    number = name.replace("-", "")
    made = purchase(
        attempt_id=name, provider_number=number, basket_id=f"of-{name}", created_at=at, **changes
    ) if "refund_of" not in changes else refund(
        attempt_id=name, provider_number=number, basket_id=f"of-{name}", created_at=at, **changes
    )  # fmt: skip
    steps = [made]
    if state is not AttemptState.CREATED:
        sent = replace(
            made, state=AttemptState.SUBMITTING, submitted_at=at, asking_since=at, last_asked_at=at, revision=2
        )
        steps.append(sent)
        if state is not AttemptState.SUBMITTING:
            charged = made.amount_minor if state is AttemptState.APPROVED else 0
            steps.append(replace(sent, state=state, approved_minor=charged, last_asked_at=until or at, revision=3))
    store.save_attempt(AttemptRecord(tuple(steps)))
    return steps[-1]


def sell(store: TillStoreFile, *attempt_ids: str | None, tender: str = "wechat", offline: bool = False) -> None:
    """A sale of 16.55 that these attempts paid, 5.00 each, the rest in cash."""
    made = sale(f"sale-{tender}-{'-'.join(map(str, attempt_ids))}")
    wallet = [
        Tendered(
            place, tender, LocalizedText("微信"), tender, 500, 500, "", attempt_id, approved_offline=offline
        )
        for place, attempt_id in enumerate(attempt_ids, 1)
    ]  # fmt: skip
    rest = 1655 - 500 * len(wallet)
    cash = Tendered(len(wallet) + 1, "cash", LocalizedText("现金"), "cash_drawer", rest, rest, opens_drawer=True)
    store.commit_sale(replace(made, tenders=(*wallet, cash), change_minor=0), print_job_id=None)


def facts_of(folder: Path, wanted: FactsAsked) -> tuple[list[RecordedTender], list[AttemptFact]]:
    with reader_of(folder) as reader, StoredPaymentFacts(reader, store_number=1, till_number=1) as facts:
        return list(facts.recorded(wanted)), list(facts.attempts(wanted))


def test_a_payment_and_its_sale_are_told_with_the_receipt(tmp_path: Path) -> None:
    with open_shop(tmp_path) as store:
        store_attempt(store, "attempt-1", until=NOON + timedelta(seconds=9))
        sell(store, "attempt-1")
        recorded, attempts = facts_of(tmp_path, asked())
    # The tender's time is that of its attempt, not of the sale a minute later.
    assert recorded == [RecordedTender(PAID, "attempt1", 500, NOON, receipt=RECEIPT)]
    assert attempts == [
        AttemptFact(PAID, "attempt1", AttemptState.APPROVED, AMOUNT, NOON, ended_at=NOON + timedelta(seconds=9))
    ]


def test_a_payment_without_a_sale_and_one_that_is_open_have_no_tender(tmp_path: Path) -> None:
    with open_shop(tmp_path) as store:
        store_attempt(store, "attempt-1")
        store_attempt(store, "attempt-2", AttemptState.UNKNOWN)
        store_attempt(store, "attempt-3", AttemptState.CREATED)
        store_attempt(store, "attempt-4", AttemptState.REVERSED, decided_by="900", decision_reason="left")
        recorded, attempts = facts_of(tmp_path, asked())
    assert recorded == []
    assert [(one.state, one.ended_at, one.decided) for one in attempts] == [
        (AttemptState.APPROVED, NOON, False),
        (AttemptState.UNKNOWN, None, False),
        (AttemptState.CREATED, None, False),
        (AttemptState.REVERSED, NOON, True),
    ]


def test_one_payment_in_two_sales_is_told_twice_and_a_split_sale_twice(tmp_path: Path) -> None:
    with open_shop(tmp_path) as store:
        for number in (1, 2, 3):
            store_attempt(store, f"attempt-{number}")
        sell(store, "attempt-1")
        sell(store, "attempt-2", "attempt-1")
        recorded, attempts = facts_of(tmp_path, asked())
    assert sorted((one.provider_number, one.receipt) for one in recorded) == [
        ("attempt1", RECEIPT),
        ("attempt1", "0001-01-1-000002"),
        ("attempt2", "0001-01-1-000002"),
    ]
    assert len(attempts) == 3


def test_a_refund_is_recorded_on_the_receipt_of_its_sale(tmp_path: Path) -> None:
    with open_shop(tmp_path) as store:
        store_attempt(store, "attempt-1")
        sell(store, "attempt-1")
        store_attempt(store, "refund-1", refund_of="attempt-1", amount_minor=200)
        store_attempt(store, "refund-2", AttemptState.DECLINED, refund_of="attempt-1", amount_minor=100)
        recorded, attempts = facts_of(tmp_path, asked())
    assert recorded[1:] == [RecordedTender(BACK, "attempt1", 200, NOON, "refund1", RECEIPT)]
    assert [(one.refund_number, one.for_no_sale) for one in attempts if one.kind is BACK] == [
        ("refund1", False),
        ("refund2", False),
    ]


@pytest.mark.parametrize("asked_by", [THE_TILL, "007"])
def test_money_given_back_before_any_sale_is_no_tender(tmp_path: Path, asked_by: str) -> None:
    with open_shop(tmp_path) as store:
        store_attempt(store, "attempt-1")
        store_attempt(store, "refund-1", refund_of="attempt-1", amount_minor=AMOUNT, asked_by=asked_by)
        recorded, attempts = facts_of(tmp_path, asked())
    assert recorded == []
    assert attempts[1].for_no_sale


def test_only_what_was_open_between_the_instants_is_told(tmp_path: Path) -> None:
    since, until = START - BORDER, END + BORDER
    moment = timedelta(microseconds=1)
    with open_shop(tmp_path) as store:
        store_attempt(store, "attempt-1", at=since - moment)
        store_attempt(store, "attempt-2", at=since)
        store_attempt(store, "attempt-3", at=until - moment)
        store_attempt(store, "attempt-4", at=until)
        store_attempt(store, "attempt-5", at=since - timedelta(hours=9), until=since + moment)
        store_attempt(store, "attempt-6", provider_id="alipay")
        for number in range(1, 7):
            sell(store, f"attempt-{number}", tender="alipay" if number == 6 else "wechat")
        recorded, attempts = facts_of(tmp_path, asked())
        assert sorted(one.provider_number for one in attempts) == ["attempt2", "attempt3", "attempt5"]
        assert sorted(one.provider_number for one in recorded) == ["attempt2", "attempt3", "attempt5"]
        recorded, attempts = facts_of(tmp_path, asked("alipay"))
        assert [one.provider_number for one in recorded + attempts] == ["attempt6", "attempt6"]


def test_a_refund_that_waited_for_months_is_told_on_the_day_it_goes_out(tmp_path: Path) -> None:
    months_ago = NOON - timedelta(days=100)
    with open_shop(tmp_path) as store:
        store_attempt(store, "attempt-1", at=months_ago)
        sell(store, "attempt-1")
        store_attempt(store, "refund-1", at=months_ago, until=NOON, refund_of="attempt-1", amount_minor=200)
        store_attempt(store, "refund-2", at=months_ago, refund_of="attempt-1", amount_minor=100)
        recorded, attempts = facts_of(tmp_path, asked())
    assert recorded == [RecordedTender(BACK, "attempt1", 200, months_ago, "refund1", RECEIPT)]
    assert [(one.refund_number, one.at, one.until) for one in attempts] == [("refund1", months_ago, NOON)]


def test_later_refunds_of_the_days_payments_come_along(tmp_path: Path) -> None:
    later = END + timedelta(days=3)
    with open_shop(tmp_path) as store:
        store_attempt(store, "attempt-1")
        store_attempt(store, "refund-1", at=later, refund_of="attempt-1", amount_minor=AMOUNT)
        _, attempts = facts_of(tmp_path, asked())
    assert [(one.kind, one.at) for one in attempts] == [(PAID, NOON), (BACK, later)]


def test_a_tender_without_an_attempt_is_told_with_what_names_it(tmp_path: Path) -> None:
    with open_shop(tmp_path) as store:
        sell(store, "0192f0c1-7b1e-7c2d-9a3b-4c5d6e7f8091")
        sell(store, None)
        sell(store, None, tender="alipay")
        sell(store, None, None, offline=True)
        recorded, attempts = facts_of(tmp_path, asked())
    completed = NOON + timedelta(minutes=1)
    assert attempts == []
    assert recorded == [
        RecordedTender(PAID, "0192f0c17b1e7c2d9a3b4c5d6e7f8091", 500, completed, receipt=RECEIPT),
        RecordedTender(PAID, "0001-01-1-000002/1", 500, completed, receipt="0001-01-1-000002"),
    ]


def test_both_sides_tell_one_state_whatever_the_till_stores_meanwhile(tmp_path: Path) -> None:
    with open_shop(tmp_path) as store:
        store_attempt(store, "attempt-1")
        with reader_of(tmp_path) as reader, StoredPaymentFacts(reader, store_number=1, till_number=1) as facts:
            assert list(facts.recorded(asked())) == []
            sell(store, "attempt-1")
            store_attempt(store, "attempt-2")
            assert len(list(facts.attempts(asked()))) == 1
            assert list(facts.recorded(asked())) == []
            facts.close()
            assert len(list(facts.recorded(asked()))) == 1


def test_facts_are_given_one_at_a_time(tmp_path: Path) -> None:
    with open_shop(tmp_path) as store:
        for number in range(3):
            store_attempt(store, f"attempt-{number}")
        with reader_of(tmp_path) as reader, StoredPaymentFacts(reader, store_number=1, till_number=1) as facts:
            first = next(facts.attempts(asked()))
            assert first.provider_number == "attempt0"
