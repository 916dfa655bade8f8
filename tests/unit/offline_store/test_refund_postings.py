"""Money given back on a sale moves from the tender's account to the refunds; where none came in, none moves."""

import contextlib
import csv
import shutil
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.ledger.entry import EntryKind, JournalEntry
from app.ledger.findings import Finding, Tampering
from app.ledger.postings import Posting
from app.payments import attempts
from app.payments.attempt_record import AttemptRecord, AttemptState, Call, PaymentAttempt, PaymentCapture
from app.payments.provider import Verdict
from app.payments.tenders import Tendered
from app.sales.postings import REFUNDS_ACCOUNT, postings_of_money_back
from app.sales.sale import Sale
from app.values.wording import LocalizedText
from offline_store import refund_postings, schema
from offline_store.connection import CommitUnknown, StoreConnection
from offline_store.entry_rows import read_entries
from offline_store.export import export_journal
from offline_store.export_verifier import Journal, Wrong, verify
from offline_store.problems import StoreProblem, disk_fails
from offline_store.till_store import TillStoreFile
from tests.faults.store_shop import DUE, open_shop, past_the_guards, reader_of, sale
from tests.unit.app.payments.attempt_cases import NOON, answer, purchase, refund


def paid(number: int, amount_minor: int = DUE) -> AttemptRecord:
    made = purchase(
        attempt_id=f"a-{number}", provider_number=f"a{number:06d}", basket_id=f"s-{number}", amount_minor=amount_minor
    )
    sent = attempts.submitted(made, NOON).attempt
    return AttemptRecord(
        (made, sent, attempts.answered(sent, Call.PAY, answer(Verdict.APPROVED, amount_minor), NOON).attempt)
    )


def refund_of(number: int, which: int, amount_minor: int) -> PaymentAttempt:
    return refund(
        attempt_id=f"r-{number}-{which}",
        provider_number=f"r{number:03d}x{which:03d}",
        basket_id=f"s-{number}",
        refund_of=f"a-{number}",
        original_number=f"a{number:06d}",
        original_minor=DUE,
        amount_minor=amount_minor,
        created_at=NOON + timedelta(minutes=which),
    )


def given_back(number: int, which: int, amount_minor: int, verdict: Verdict = Verdict.APPROVED) -> AttemptRecord:
    made = refund_of(number, which, amount_minor)
    sent = attempts.submitted(made, NOON).attempt
    return AttemptRecord(
        (made, sent, attempts.answered(sent, Call.REFUND, answer(verdict, amount_minor), NOON).attempt)
    )


def sold_by_wechat(number: int) -> Sale:
    tender = Tendered(1, "wechat", LocalizedText("微信支付"), "wechat_pay", DUE, DUE, "42000", f"a-{number}")
    return replace(sale(f"s-{number}"), tenders=(tender,), change_minor=0)


def ends_in(folder: Path) -> dict[str, JournalEntry]:
    """The ends of payments by the attempt, once the store was found whole."""
    with reader_of(folder) as reader:
        assert reader.verify().finding is None
        with reader.one_state() as connection:
            found = [entry for entry in read_entries(connection) if isinstance(entry, JournalEntry)]
    kept = [entry for entry in found if entry.kind is EntryKind.PAYMENT_ENDED]
    return {entry.body.decode().split('"attempt_id":"')[1].split('"')[0]: entry for entry in kept}


def test_what_is_given_back_on_a_sale_leaves_the_tenders_account(tmp_path: Path) -> None:
    with open_shop(tmp_path) as store:
        store.save_attempt(paid(1))
        store.commit_sale(sold_by_wechat(1), print_job_id=None)
        store.save_attempt(given_back(1, 1, 600))
        store.save_attempt(given_back(1, 2, 1055))
    ends = ends_in(tmp_path)
    assert ends["a-1"].postings == ()  # the sale says what came in
    # 6.00 and 10.55 of the 16.55.
    assert ends["r-1-1"].postings == (Posting("refunds", 600, "CNY"), Posting("wechat_pay", -600, "CNY"))
    assert ends["r-1-2"].postings == (Posting("refunds", 1055, "CNY"), Posting("wechat_pay", -1055, "CNY"))


def test_it_is_what_the_provider_gave_that_moves(tmp_path: Path) -> None:
    made = refund_of(1, 1, 600)
    sent = attempts.submitted(made, NOON).attempt
    less = attempts.answered(sent, Call.REFUND, answer(Verdict.APPROVED, 590), NOON)
    with open_shop(tmp_path) as store:
        store.save_attempt(paid(1))
        store.commit_sale(sold_by_wechat(1), print_job_id=None)
        store.save_attempt(AttemptRecord((made, sent, less.attempt), less.cases))
    assert {posting.amount_minor for posting in ends_in(tmp_path)["r-1-1"].postings} == {590, -590}


def test_where_no_sale_took_it_in_nothing_moves(tmp_path: Path) -> None:
    with open_shop(tmp_path) as store:
        store.save_attempt(paid(1))  # handed back before the sale
        store.save_attempt(given_back(1, 1, DUE))
        store.save_attempt(paid(2))
        store.commit_sale(sold_by_wechat(2), print_job_id=None)
        store.save_attempt(given_back(2, 1, 600, Verdict.DECLINED))
    assert [entry.postings for entry in ends_in(tmp_path).values()] == [(), (), (), ()]


def test_storing_the_end_again_moves_nothing_twice(tmp_path: Path) -> None:
    with open_shop(tmp_path) as store:
        store.save_attempt(paid(1))
        store.commit_sale(sold_by_wechat(1), print_job_id=None)
        store.save_attempt(given_back(1, 1, 600))
    with open_shop(tmp_path) as store:
        store.save_attempt(given_back(1, 1, 600))
    assert list(ends_in(tmp_path)) == ["a-1", "r-1-1"]


@settings(max_examples=12, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.booleans(),
            st.lists(
                st.tuples(st.integers(1, 400), st.sampled_from([Verdict.APPROVED, Verdict.DECLINED, Verdict.PENDING])),
                max_size=4,
            ),
        ),
        max_size=4,
    )
)
def test_the_accounts_hold_what_came_in_less_what_went_back(
    tmp_path_factory: pytest.TempPathFactory, payments: list[tuple[bool, list[tuple[int, Verdict]]]]
) -> None:
    folder = tmp_path_factory.mktemp("shop")
    sales = back = 0
    with open_shop(folder) as store:
        for number, (sold, refunds) in enumerate(payments):
            store.save_attempt(paid(number))
            if sold:
                sales += DUE
                store.commit_sale(sold_by_wechat(number), print_job_id=None)
            for which, (amount_minor, verdict) in enumerate(refunds):
                store.save_attempt(given_back(number, which, amount_minor, verdict))
                back += amount_minor if sold and verdict is Verdict.APPROVED else 0
    accounts = Counter[str]()
    with reader_of(folder) as reader:
        assert reader.verify().finding is None
        for entry in read_entries(reader.connection):
            assert isinstance(entry, JournalEntry)
            accounts.update({posting.account: posting.amount_minor for posting in entry.postings})
    assert accounts["wechat_pay"] == sales - back
    assert accounts[REFUNDS_ACCOUNT] == back


@given(st.text(min_size=1, max_size=30), st.integers(1, 10**12))
def test_money_back_always_sums_to_zero(account: str, amount_minor: int) -> None:
    moved = postings_of_money_back(account, amount_minor, "CNY")
    assert sum(posting.amount_minor for posting in moved) == 0
    assert Posting(account, -amount_minor, "CNY") in moved
    assert Posting(REFUNDS_ACCOUNT, amount_minor, "CNY") in moved


@pytest.mark.parametrize("amount_minor", [0, -1])
def test_nothing_is_not_given_back(amount_minor: int) -> None:
    with pytest.raises(ValueError, match="nothing"):
        postings_of_money_back("wechat_pay", amount_minor, "CNY")


@pytest.mark.parametrize("takes_effect", [True, False])
def test_a_commit_that_fails_and_is_tried_again_moves_it_once(tmp_path: Path, monkeypatch, takes_effect: bool) -> None:
    original, failures = StoreConnection.in_transaction, [1, 2]

    def failing(connection: StoreConnection, action, *, durable: bool):
        if not failures:
            return original(connection, action, durable=durable)
        failures.pop()

        def lost(cursor: object) -> None:
            action(cursor)
            raise CommitUnknown(disk_fails())

        original(connection, action if takes_effect else lost, durable=durable)
        raise CommitUnknown(disk_fails())

    with open_shop(tmp_path) as store:
        store.save_attempt(paid(1))
        store.commit_sale(sold_by_wechat(1), print_job_id=None)
        monkeypatch.setattr(StoreConnection, "in_transaction", failing)
        for _ in range(3):
            with contextlib.suppress(StoreProblem):
                store.save_attempt(given_back(1, 1, 600))
    ends = ends_in(tmp_path)
    assert list(ends) == ["a-1", "r-1-1"]
    assert len(ends["r-1-1"].postings) == 2


# Whoever changes it


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("honest")
    with open_shop(folder) as store:
        store.save_attempt(paid(1))
        store.commit_sale(sold_by_wechat(1), print_job_id=None)
        store.save_attempt(given_back(1, 1, 600))
        store.save_attempt(paid(2))
    return folder


@pytest.fixture
def folder(honest: Path, tmp_path: Path) -> Path:
    shutil.copytree(honest, tmp_path / "shop")
    return tmp_path / "shop"


REFUND = schema.entry_key(1, 4)
"""1 epoch, 2 payment, 3 sale, 4 refund, 5 payment."""


@pytest.mark.parametrize(
    ("statement", "sequence", "tampering"),
    [
        ("UPDATE posting SET amount_minor = amount_minor * 2 WHERE entry_key = :refund", 4, Tampering.POSTINGS_EDITED),
        (
            "UPDATE posting SET account = 'owner' WHERE account = 'wechat_pay' AND entry_key = :refund",
            4,
            Tampering.POSTINGS_EDITED,
        ),
        ("UPDATE posting SET amount_minor = 1 WHERE entry_key = :refund", 4, Tampering.POSTINGS_EDITED),
        ("DELETE FROM posting WHERE entry_key = :refund", 4, Tampering.POSTINGS_EDITED),
        (
            """
            INSERT INTO posting SELECT :refund + 1, posting_number, account, amount_minor, currency
            FROM posting WHERE entry_key = :refund
            """,
            5,
            Tampering.POSTINGS_EDITED,
        ),
        (
            """
            UPDATE journal SET body = replace(body, '"approved_minor":600', '"approved_minor":700')
            WHERE entry_key = :refund
            """,
            4,
            Tampering.VALUE_EDITED,
        ),
        ("UPDATE tender SET account = 'owner'", 3, Tampering.TABLE_DIFFERS),
    ],
)
def test_a_change_of_what_a_refund_moved_is_named(
    folder: Path, statement: str, sequence: int, tampering: Tampering
) -> None:
    with past_the_guards(folder) as driver:
        driver.execute(statement, {"refund": REFUND} if ":refund" in statement else {})
    with reader_of(folder) as reader:
        finding = reader.verify().finding
    assert isinstance(finding, Finding)
    assert (finding.entry_id.sequence, finding.tampering) == (sequence, tampering), str(finding.sentence)


def test_refunds_that_ended_before_they_were_posted_still_verify(tmp_path: Path, monkeypatch) -> None:
    # As the version before this one wrote them.
    monkeypatch.setattr("offline_store.attempt_rows.postings_of_refund", lambda cursor, attempt: ())
    with open_shop(tmp_path) as store:
        store.save_attempt(paid(1))
        store.commit_sale(sold_by_wechat(1), print_job_id=None)
        store.save_attempt(given_back(1, 1, 600))
    monkeypatch.undo()
    with open_shop(tmp_path) as store:
        store.save_attempt(given_back(1, 2, 100))
    assert [len(entry.postings) for entry in ends_in(tmp_path).values()] == [0, 0, 2]
    assert exported(tmp_path, tmp_path / "out").count == 5


# The export


def exported(folder: Path, out: Path) -> Journal:
    with reader_of(folder) as reader:
        export_journal(reader, out)
    return verify(out)


def rows_of(out: Path, table: str) -> list[dict[str, str]]:
    with (out / table).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def keep_cash_and_offline(store: TillStoreFile) -> None:
    offline = Tendered(1, "card", LocalizedText("=银行卡"), "card", DUE, DUE, "****4242", approved_offline=True)
    store.commit_sale(replace(sale("s-9"), tenders=(offline,), change_minor=0), print_job_id=None)


def test_a_person_reads_how_payments_ended_and_what_was_taken_offline(folder: Path, tmp_path: Path) -> None:
    with open_shop(folder) as store:
        keep_cash_and_offline(store)
        store.save_attempt(given_back(2, 1, 300))
        store.save_attempt(AttemptRecord((), captures=(PaymentCapture("a-1", NOON, DUE, "CNY", "=C-1"),)))
    out = tmp_path / "out"
    assert exported(folder, out).count == 8
    tenders = rows_of(out, "tenders.csv")
    assert [(row["receipt"], row["amount"], row["taken_offline"]) for row in tenders] == [
        ("0001-01-1-000001", "16.55", "no"),
        ("0001-01-1-000002", "16.55", "yes"),
    ]
    assert (tenders[0]["payment_attempt"], tenders[1]["name"]) == ("a-1", "'=银行卡")
    payments = rows_of(out, "payments.csv")
    assert [
        (row["payment_attempt"], row["operation"], row["state"], row["refund_of"], row["approved"], row["posted"])
        for row in payments
    ] == [
        ("a-1", "purchase", "approved", "", "16.55", "0.00"),
        ("r-1-1", "refund", "approved", "a-1", "6.00", "6.00"),
        ("a-2", "purchase", "approved", "", "16.55", "0.00"),
        ("r-2-1", "refund", "approved", "a-2", "3.00", "0.00"),  # it stands in no sale
        ("a-1", "capture", "captured", "", "16.55", "0.00"),
    ]
    assert payments[-1]["provider_reference"] == "'=C-1"
    assert all(row["asked_by"] == ("007" if row["operation"] == "refund" else "") for row in payments)


@pytest.mark.parametrize(
    ("postings", "body"),
    [
        ([500, -500], {}),
        ([600, -500, -100], {}),
        ([600, -600], {"state": "declined"}),
        ([600, -600], {"operation": "purchase"}),
        ([0, 0], {"approved_minor": 0}),
    ],
)
def test_the_exports_own_verifier_knows_what_a_refund_may_move(postings: list[int], body: dict[str, object]) -> None:
    said = {"operation": "refund", "state": "approved", "approved_minor": 600} | body
    journal = Journal({"public_key": "00" * 32}, all_signatures=False)
    journal.check_payment({"body": said, "postings": []}, "entry")  # written before refunds were posted
    with pytest.raises(Wrong, match="given back"):
        journal.check_payment({"body": said, "postings": [{"amount_minor": amount} for amount in postings]}, "entry")


def test_the_account_is_found_by_its_index(honest: Path) -> None:
    with reader_of(honest) as reader:
        plan = reader.connection.driver.execute(
            f"EXPLAIN QUERY PLAN {refund_postings.TENDER_ACCOUNT}", ("a-1", 1 << 62)
        ).fetchall()
    assert "tender_attempt" in " ".join(str(row[3]) for row in plan)


def test_only_an_approved_refund_is_looked_up() -> None:
    class NoStore:
        def execute(self, *_: object) -> object:
            raise LookupError

    for state in AttemptState:
        if state is not AttemptState.APPROVED:
            assert refund_postings.postings_of_refund(NoStore(), refund(state)) == ()
        assert refund_postings.postings_of_refund(NoStore(), purchase(state)) == ()
    with pytest.raises(LookupError):
        refund_postings.postings_of_refund(NoStore(), refund(AttemptState.APPROVED))
