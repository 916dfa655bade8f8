"""Payment attempts in the till's store: every step kept, every end signed, nothing twice and nothing changed."""

import json
import shutil
from dataclasses import fields, replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlcipher3 import dbapi2

from app.ledger.entry import EntryKind, JournalEntry
from app.payments import attempts
from app.payments.attempt_record import (
    AttemptRecord,
    AttemptState,
    Call,
    CaseClosed,
    ExceptionCase,
    ExceptionKind,
    PaymentAttempt,
    PaymentCapture,
)
from app.payments.provider import Verdict
from app.sales.sale import Sale
from offline_store import schema
from offline_store.attempt_documents import ATTEMPT_COLUMNS, STEP_COLUMNS, PaymentEndedDocument
from offline_store.connection import CommitUnknown, StoreConnection
from offline_store.entry_rows import read_entries
from offline_store.problems import StoreIoProblem, disk_fails
from offline_store.till_store import TillStoreFile
from tests.faults.store_shop import open_shop, past_the_guards, reader_of, sale, secrets_of, undo_offline_tenders
from tests.unit.app.payments.attempt_cases import AMOUNT, NOON, answer, purchase, refund

LATER = NOON + timedelta(seconds=7)


def steps_of(attempt_id: str = "attempt-1", basket_id: str = "basket-1") -> list[PaymentAttempt]:
    """Created, submitting, waiting for a password, asked, approved: five steps."""
    found = [purchase(attempt_id=attempt_id, provider_number=attempt_id.replace("-", ""), basket_id=basket_id)]
    found.append(attempts.submitted(found[-1], NOON).attempt)
    found.append(attempts.answered(found[-1], Call.PAY, answer(Verdict.PENDING), LATER).attempt)
    found.append(attempts.asking(found[-1], LATER).attempt)
    paid = replace(answer(Verdict.APPROVED, AMOUNT, "SUCCESS"), payer="o***8", provider_reference="42000")
    found.append(attempts.answered(found[-1], Call.QUERY, paid, LATER).attempt)
    return found


def case_of(attempt: PaymentAttempt, kind: ExceptionKind = ExceptionKind.LATE_APPROVAL) -> ExceptionCase:
    return ExceptionCase(attempt.attempt_id, kind, LATER, AMOUNT, "CNY")


def entries(folder: Path, kind: EntryKind) -> list[dict[str, object]]:
    with reader_of(folder) as reader:
        assert reader.verify().finding is None
        with reader.one_state() as connection:
            found = [entry for entry in read_entries(connection) if isinstance(entry, JournalEntry)]
    return [json.loads(entry.body) for entry in found if entry.kind is kind]


def test_every_step_comes_back_as_it_was(tmp_path: Path) -> None:
    steps = steps_of()
    with open_shop(tmp_path) as store:
        for step in steps:
            store.save_attempt(AttemptRecord((step,)))
            assert store.attempt("attempt-1") == step
            assert store.open_attempts() == (() if step.final else (step,))
    with open_shop(tmp_path) as store:
        assert store.attempt_history("attempt-1") == tuple(steps)
        assert store.attempts_of("basket-1") == (steps[-1],)
        assert store.attempt("attempt-2") is None
    assert len(entries(tmp_path, EntryKind.PAYMENT_ENDED)) == 1


def test_the_end_is_in_the_journal_without_a_person(tmp_path: Path) -> None:
    with open_shop(tmp_path) as store:
        store.save_attempt(AttemptRecord(tuple(steps_of())))
    (body,) = entries(tmp_path, EntryKind.PAYMENT_ENDED)
    assert list(body) == sorted(body)
    assert (body["state"], body["approved_minor"], body["revision"]) == ("approved", AMOUNT, 5)
    assert (body["provider_number"], body["provider_reference"], body["last_code"]) == ("attempt1", "42000", "SUCCESS")
    assert "payer" not in body
    assert "o***8" not in json.dumps(body)


def test_storing_the_same_again_changes_nothing(tmp_path: Path) -> None:
    steps = steps_of()
    record = AttemptRecord(tuple(steps), (case_of(steps[0]),), (CaseClosed("no such case", "till", "x", LATER),))
    with open_shop(tmp_path) as store:
        store.save_attempt(AttemptRecord(tuple(steps[:2])))
        store.save_attempt(AttemptRecord(tuple(steps[:2])))
        store.save_attempt(record)
        store.save_attempt(record)
        assert len(store.attempt_history("attempt-1")) == 5
    assert len(entries(tmp_path, EntryKind.PAYMENT_ENDED)) == 1
    assert len(entries(tmp_path, EntryKind.PAYMENT_EXCEPTION)) == 1


def test_what_does_not_follow_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    steps = steps_of()
    with open_shop(tmp_path) as store:
        store.save_attempt(AttemptRecord(tuple(steps[:3])))
        wrong = [
            (replace(steps[2], asks=9),),  # another step of the same number
            (replace(steps[3], revision=5),),  # a gap
            (replace(steps[3], state=AttemptState.SUBMITTING),),  # sent again
            (purchase(attempt_id="attempt-2"),),  # a provider's number that was used
            (purchase(attempt_id="attempt-2", provider_number="attempt2"),),  # a second payment of the basket
            (replace(steps[1], attempt_id="attempt-3", provider_number="attempt3"),),  # no beginning
            (steps_of("attempt-4", "basket-4")[0], replace(steps[3], revision=9)),  # all or none
        ]
        for record in wrong:
            with pytest.raises(ValueError, match=r"step|UNIQUE|FOREIGN"):
                store.save_attempt(AttemptRecord(record))
        assert store.open_attempts() == (steps[2],)
        store.save_attempt(AttemptRecord((steps[3], steps[4])))
        with pytest.raises(ValueError, match="final"):
            store.save_attempt(AttemptRecord((replace(steps[4], revision=6, state=AttemptState.DECLINED),)))
        # The basket is free again: another payment of it may begin.
        store.save_attempt(AttemptRecord((purchase(attempt_id="attempt-5", provider_number="attempt5"),)))


def test_refunds_are_found_by_their_payment(tmp_path: Path) -> None:
    given = replace(refund(), created_at=LATER)
    with open_shop(tmp_path) as store:
        store.save_attempt(AttemptRecord(tuple(steps_of())))
        store.save_attempt(AttemptRecord((given,)))
        assert store.refunds_of("attempt-1") == (given,)
        assert store.open_attempts() == (given,)
        with pytest.raises(ValueError, match="FOREIGN"):
            store.save_attempt(
                AttemptRecord((replace(given, attempt_id="r2", provider_number="refund2", refund_of="nobody"),))
            )


def paid_sale(sale_id: str, attempt_id: str) -> Sale:
    sold = sale(sale_id)
    return replace(sold, tenders=(replace(sold.tenders[0], payment_attempt_id=attempt_id), *sold.tenders[1:]))


def test_a_payment_that_stands_in_no_sale_is_found(tmp_path: Path) -> None:
    with open_shop(tmp_path) as store:
        store.save_attempt(AttemptRecord(tuple(steps_of())))
        store.save_attempt(AttemptRecord(tuple(steps_of("attempt-2", "basket-2"))))
        assert [one.attempt_id for one in store.unclaimed_attempts(NOON)] == ["attempt-1", "attempt-2"]
        store.commit_sale(paid_sale("basket-1", "attempt-1"), print_job_id=None)
        assert [one.attempt_id for one in store.unclaimed_attempts(NOON)] == ["attempt-2"]
        back = refund(refund_of="attempt-2", original_number="attempt2", amount_minor=AMOUNT, created_at=LATER)
        store.save_attempt(AttemptRecord((back,)))
        assert store.unclaimed_attempts(NOON) == ()
        assert store.unclaimed_attempts(NOON + timedelta(days=1)) == ()


def test_what_ended_reversed_is_found_again(tmp_path: Path) -> None:
    one = steps_of()[2]
    over = attempts.answered(one, Call.QUERY, answer(Verdict.REVERSED), LATER).attempt
    with open_shop(tmp_path) as store:
        store.save_attempt(AttemptRecord((*steps_of()[:3], over)))
        assert store.last_reversed(20) == (over,)
        assert store.last_reversed(0) == ()


def test_a_case_is_open_until_a_person_closes_it(tmp_path: Path) -> None:
    steps = steps_of()
    cases = (case_of(steps[0]), case_of(steps[0], ExceptionKind.UNRESOLVED))
    with open_shop(tmp_path) as store:
        store.save_attempt(AttemptRecord(tuple(steps), cases))
        assert store.open_exceptions() == cases
        closed = CaseClosed(cases[0].case_id, "900", "money is back", LATER)
        store.close_exception(closed)
        store.close_exception(closed)
        assert store.open_exceptions() == cases[1:]
        with pytest.raises(ValueError, match="no case"):
            store.close_exception(CaseClosed("none", "900", "x", LATER))
    assert entries(tmp_path, EntryKind.PAYMENT_EXCEPTION_CLOSED) == [
        {
            "case_id": "attempt-1:late_approval",
            "closed_at": "2026-11-22T04:00:07.000000Z",
            "closed_by": "900",
            "reason": "money is back",
        }
    ]


def test_a_supervisors_decision_is_in_the_journal(tmp_path: Path) -> None:
    steps = steps_of()[:3]
    moved = attempts.accepted_anyway(steps[-1], "900", "seen on the phone", LATER)
    with open_shop(tmp_path) as store:
        store.save_attempt(AttemptRecord((*steps, moved.attempt), moved.cases))
        assert [case.kind for case in store.open_exceptions()] == [ExceptionKind.ACCEPTED_ANYWAY]
    (body,) = entries(tmp_path, EntryKind.PAYMENT_ENDED)
    assert (body["decided_by"], body["decision_reason"]) == ("900", "seen on the phone")


def test_nobody_else_writes_entries_of_payments(tmp_path: Path) -> None:
    with open_shop(tmp_path) as store:
        for kind in (
            EntryKind.PAYMENT_ENDED,
            EntryKind.PAYMENT_CAPTURED,
            EntryKind.PAYMENT_EXCEPTION,
            EntryKind.PAYMENT_EXCEPTION_CLOSED,
        ):
            with pytest.raises(ValueError, match="the store's own"):
                store.record(kind, {})


def test_who_paid_can_be_forgotten_and_the_chain_stays_whole(tmp_path: Path) -> None:
    with open_shop(tmp_path) as store:
        store.save_attempt(AttemptRecord(tuple(steps_of())))
        assert store.attempt_history("attempt-1")[-1].payer == "o***8"
        store.erase_payer("attempt-1")
        assert {one.payer for one in store.attempt_history("attempt-1")} == {""}
    assert len(entries(tmp_path, EntryKind.PAYMENT_ENDED)) == 1


def test_the_columns_are_the_attempts_own_fields_and_the_document_is_sorted() -> None:
    assert {*ATTEMPT_COLUMNS, *STEP_COLUMNS} == {field.name for field in fields(PaymentAttempt)}
    names = PaymentEndedDocument.__struct_fields__
    assert list(names) == sorted(names)


class FailingOnce:
    """A connection whose COMMIT fails once, having taken effect or not."""

    def __init__(self, store: TillStoreFile, *, takes_effect: bool) -> None:
        self._file = store._file
        self._takes_effect = takes_effect
        self.failed = 0

    def arm(self, times: int = 1) -> None:
        original = StoreConnection.in_transaction

        def failing(connection: StoreConnection, action, *, durable: bool):
            if self.failed < times:
                self.failed += 1
                if self._takes_effect:
                    original(connection, action, durable=durable)
                raise CommitUnknown(disk_fails())
            return original(connection, action, durable=durable)

        self._failing = failing


@pytest.mark.parametrize("takes_effect", [True, False])
def test_a_commit_that_fails_once_is_made_good(tmp_path: Path, monkeypatch, takes_effect: bool) -> None:
    steps = steps_of()
    with open_shop(tmp_path) as store:
        broken = FailingOnce(store, takes_effect=takes_effect)
        broken.arm()
        monkeypatch.setattr(StoreConnection, "in_transaction", broken._failing)
        store.save_attempt(AttemptRecord((steps[0],)))
        assert broken.failed == 1
        assert store.attempt_history("attempt-1") == (steps[0],)


def test_a_commit_that_fails_twice_is_told_and_may_be_tried_again(tmp_path: Path, monkeypatch) -> None:
    steps = steps_of()
    with open_shop(tmp_path) as store:
        broken = FailingOnce(store, takes_effect=True)
        broken.arm(2)
        monkeypatch.setattr(StoreConnection, "in_transaction", broken._failing)
        with pytest.raises(StoreIoProblem):
            store.save_attempt(AttemptRecord((steps[0],)))
        store.save_attempt(AttemptRecord((steps[0],)))
        assert store.attempt_history("attempt-1") == (steps[0],)


# The database's own guards, and whoever goes past them.


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("honest")
    steps = steps_of()
    with open_shop(folder) as store:
        store.save_attempt(AttemptRecord(tuple(steps), (case_of(steps[0]),)))
        store.save_attempt(AttemptRecord((), captures=(PaymentCapture("attempt-1", LATER, AMOUNT, "CNY", "C-1"),)))
        store.close_exception(CaseClosed("attempt-1:late_approval", "900", "seen", LATER))
        store.save_attempt(AttemptRecord(tuple(steps_of("attempt-2", "basket-2")[:3])))
        given = replace(refund(), created_at=LATER)
        sent = attempts.submitted(given, LATER).attempt
        back = attempts.answered(sent, Call.REFUND, answer(Verdict.APPROVED, 1000), LATER).attempt
        store.save_attempt(AttemptRecord((given, sent, back)))
    return folder


@pytest.fixture
def folder(honest: Path, tmp_path: Path) -> Path:
    shutil.copytree(honest, tmp_path / "shop")
    return tmp_path / "shop"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE payment_attempt SET amount_minor = 1",
        "DELETE FROM payment_attempt",
        "UPDATE payment_step SET state = 'declined'",
        "UPDATE payment_step SET payer = 'somebody'",
        "DELETE FROM payment_step WHERE attempt_id = 'attempt-2'",
        "DELETE FROM payment_open",
        "UPDATE payment_open SET basket_id = 'x'",
        "UPDATE payment_end SET approved_minor = 0",
        "DELETE FROM payment_end",
        "UPDATE payment_capture SET amount_minor = 1",
        "DELETE FROM payment_capture",
        "DELETE FROM payment_exception",
        "UPDATE payment_exception_closed SET reason = 'x'",
        "INSERT OR REPLACE INTO payment_step SELECT * FROM payment_step WHERE attempt_id = 'attempt-1'",
    ],
)
def test_the_database_itself_lets_nothing_be_changed(folder: Path, statement: str) -> None:
    connection = StoreConnection(folder / "till.db", secrets_of(folder).database_key)
    try:
        with pytest.raises(dbapi2.IntegrityError):
            connection.driver.execute(statement)
    finally:
        connection.close()


SIGNED = (
    "payment_attempt",
    "payment_step",
    "payment_end",
    "payment_capture",
    "payment_exception",
    "payment_exception_closed",
)
NOT_SIGNED = {("payment_attempt", "attempt_number"), ("payment_step", "payer")}
"""Only an order of reading, and what can be erased."""


def _columns() -> list[tuple[str, str]]:
    return [
        (name, column.name)
        for name in SIGNED
        for column in schema.ledger.tables[name].columns
        if (name, column.name) not in NOT_SIGNED
    ]


@pytest.mark.parametrize(("table", "column"), _columns())
def test_a_change_of_any_value_of_an_ended_payment_is_found(folder: Path, table: str, column: str) -> None:
    where = "case_id IS NOT NULL" if "exception" in table else "attempt_id = 'attempt-1'"
    with past_the_guards(folder) as driver:
        kind = schema.ledger.tables[table].columns[column].type.python_type
        value = f"coalesce({column}, '') || 'x'" if kind is str else f"{column} + 1"
        if (table, column) == ("payment_step", "revision"):
            value = "revision + 100"
        driver.execute(f"UPDATE {table} SET {column} = {value} WHERE {where}")  # noqa: S608 - names of our own tables
    with reader_of(folder) as reader:
        assert reader.verify().finding is not None


@pytest.mark.parametrize(
    "table", ["payment_attempt", "payment_step", "payment_end", "payment_capture", "payment_exception"]
)
def test_a_row_that_is_gone_is_found(folder: Path, table: str) -> None:
    with past_the_guards(folder) as driver:
        driver.execute(f"DELETE FROM {table} WHERE attempt_id = 'attempt-1'")  # noqa: S608 - names of our own tables
    with reader_of(folder) as reader:
        assert reader.verify().finding is not None


def test_an_end_that_nobody_signed_is_found(folder: Path) -> None:
    with past_the_guards(folder) as driver:
        driver.execute("UPDATE payment_step SET state = 'approved' WHERE attempt_id = 'attempt-2' AND revision = 3")
    with reader_of(folder) as reader:
        finding = reader.verify().finding
    assert finding is not None
    assert "payment_step" in str(finding.sentence)


def undo_payments(folder: Path) -> None:
    """Bring a store back to how the version before this one left it."""
    with past_the_guards(folder) as driver:
        undo_offline_tenders(driver)
        for table in (
            "payment_capture",
            "payment_exception_closed",
            "payment_exception",
            "payment_end",
            "payment_open",
            "payment_step",
        ):
            driver.execute(f"DROP TABLE {table}")
        driver.execute("DROP TABLE payment_attempt")
        driver.execute("DROP INDEX tender_attempt")
        driver.execute("UPDATE alembic_version SET version_num = '0002'")


def test_a_store_of_the_version_before_is_brought_up(tmp_path: Path) -> None:
    with open_shop(tmp_path) as store:
        store.commit_sale(sale("s1"), print_job_id=None)
    undo_payments(tmp_path)
    with open_shop(tmp_path) as store:
        assert store.find_sale("s1") is not None
        assert store.open_attempts() == ()
        store.save_attempt(AttemptRecord(tuple(steps_of())))
    with reader_of(tmp_path) as reader:
        assert reader.verify().finding is None
        reader.check()


# What was only held, and is taken once the sale is stored.

CAPTURE = PaymentCapture("attempt-1", LATER, AMOUNT, "CNY", "C-1")


def test_what_stands_in_a_sale_and_is_only_held_is_found_until_it_is_taken(tmp_path: Path) -> None:
    with open_shop(tmp_path) as store:
        store.save_attempt(AttemptRecord(tuple(steps_of())))
        assert store.uncaptured(["wechat"]) == ()  # no sale yet
        store.commit_sale(paid_sale("basket-1", "attempt-1"), print_job_id=None)
        assert store.uncaptured([]) == store.uncaptured(["alipay"]) == ()
        assert [one.attempt_id for one in store.uncaptured(["alipay", "wechat"])] == ["attempt-1"]
        store.save_attempt(AttemptRecord((), captures=(CAPTURE,)))
        store.save_attempt(AttemptRecord((), captures=(CAPTURE,)))
        assert store.uncaptured(["wechat"]) == ()
    assert entries(tmp_path, EntryKind.PAYMENT_CAPTURED) == [
        {
            "amount_minor": AMOUNT,
            "attempt_id": "attempt-1",
            "captured_at": "2026-11-22T04:00:07.000000Z",
            "currency": "CNY",
            "provider_reference": "C-1",
        }
    ]


def test_what_is_given_back_whole_or_refused_is_not_to_be_taken_and_what_is_given_back_in_part_is(tmp_path) -> None:
    with open_shop(tmp_path) as store:
        for number in (1, 2, 3):
            store.save_attempt(AttemptRecord(tuple(steps_of(f"attempt-{number}", f"basket-{number}"))))
            store.commit_sale(paid_sale(f"basket-{number}", f"attempt-{number}"), print_job_id=None)
        whole = refund(refund_of="attempt-1", original_number="attempt1", amount_minor=AMOUNT, created_at=LATER)
        part = refund(
            attempt_id="refund-2",
            provider_number="refund2",
            refund_of="attempt-2",
            original_number="attempt2",
            amount_minor=AMOUNT - 1,
            created_at=LATER,
        )
        store.save_attempt(AttemptRecord((whole, part)))
        declined = ExceptionCase("attempt-3", ExceptionKind.CAPTURE_DECLINED, LATER, AMOUNT, "CNY")
        store.save_attempt(AttemptRecord((), (declined,)))
        assert [one.attempt_id for one in store.uncaptured(["wechat"])] == ["attempt-2"]
        # The provider refuses to give it back: it is held still, and to be taken.
        sent = attempts.submitted(whole, LATER).attempt
        refused = attempts.answered(sent, Call.REFUND, answer(Verdict.DECLINED), LATER).attempt
        store.save_attempt(AttemptRecord((sent, refused)))
        assert [one.attempt_id for one in store.uncaptured(["wechat"])] == ["attempt-1", "attempt-2"]


def test_only_an_approved_payment_is_captured(tmp_path: Path) -> None:
    with open_shop(tmp_path) as store:
        store.save_attempt(AttemptRecord(tuple(steps_of()[:3])))
        for wrong in (CAPTURE, replace(CAPTURE, attempt_id="nobody"), replace(CAPTURE, amount_minor=0)):
            with pytest.raises(ValueError, match=r"approved|CHECK|FOREIGN"):
                store.save_attempt(AttemptRecord((), captures=(wrong,)))
    assert entries(tmp_path, EntryKind.PAYMENT_CAPTURED) == []
