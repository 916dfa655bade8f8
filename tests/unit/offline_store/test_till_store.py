"""The till's store as the checkout uses it."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app.checkout.ports import PrintJob, PrintState, TillStore
from app.ledger.canonical import NotCanonical
from app.ledger.entry import EntryKind
from app.ledger.postings import Posting, UnbalancedPostings
from app.sales.basket import Basket, BasketState
from app.sales.sale import Sale
from app.values.clock import FixedClock
from offline_store.problems import OtherTill, SaleAlreadyStored, StoreMissing, TailMissing
from tests.faults.store_shop import (
    GROSS,
    NOON,
    basket,
    line,
    open_shop,
    reader_of,
    sale,
    session,
    suspended,
)


def test_the_store_is_what_the_checkout_asks_for(tmp_path: Path) -> None:
    with open_shop(tmp_path) as shop:
        store: TillStore = shop
        assert store.epoch() == 1


def test_a_committed_sale_comes_back_as_it_was(tmp_path: Path) -> None:
    sold = sale("sale-1", note="for Mrs Li, 138")
    with open_shop(tmp_path) as store:
        completed = store.commit_sale(sold, print_job_id="job-1")
    with open_shop(tmp_path) as store:
        assert store.find_sale("sale-1") == completed
        assert store.find_receipt(1, 1) == completed
        assert store.last_sale() == completed
        assert completed.sale == sold
        assert str(completed.receipt_number) == "0001-01-1-000001"
        assert store.find_sale("sale-2") is None
        assert store.find_receipt(2, 1) is None


def test_receipts_are_numbered_without_gaps_and_totals_are_their_sum(tmp_path: Path) -> None:
    with open_shop(tmp_path) as store:
        numbers = [store.commit_sale(sale(f"s{n}"), print_job_id=None).receipt_number.number for n in range(5)]
        assert numbers == [1, 2, 3, 4, 5]
        totals = store.totals()
        # 5 × 16.56 = 82.80
        assert (totals.sale_count, totals.gross_minor, totals.last_receipt_number) == (5, 8280, 5)


def test_the_same_sale_again_is_answered_with_the_first_and_stored_once(tmp_path: Path) -> None:
    with open_shop(tmp_path) as store:
        first = store.commit_sale(sale("s1", note="bell"), print_job_id="job-1")
        store.commit_sale(sale("s2"), print_job_id="job-2")
        # The cashier tries again a day later: the hour of an attempt is not what was sold.
        later = replace(sale("s1", note="bell"), completed_at=NOON + timedelta(days=1))
        assert store.commit_sale(later, print_job_id="job-3") == first
        assert store.totals().sale_count == 2
        assert [job.job_id for job in store.unfinished_print_jobs()] == ["job-1", "job-2"]


@pytest.mark.parametrize(
    "change",
    [
        {"note": "changed meanwhile"},
        {"operator_number": "008"},
        {"operator_name": "李娜"},
        {"lines": sale("s1").lines[:1]},
        {"tenders": (replace(sale("s1").tenders[0], reference="V-78"), sale("s1").tenders[1])},
        {"session_id": "session-2"},
    ],
)
def test_another_sale_under_an_id_that_was_sold_is_refused_with_its_receipt(
    tmp_path: Path, change: dict[str, Any]
) -> None:
    with open_shop(tmp_path) as store:
        first = store.commit_sale(sale("s1"), print_job_id="job-1")
        with pytest.raises(SaleAlreadyStored, match=str(first.receipt_number)) as refused:
            store.commit_sale(replace(sale("s1"), **change), print_job_id="job-2")
        assert refused.value.code == "SALE-ALREADY-STORED"
        assert store.find_sale("s1") == first
        assert store.totals().sale_count == 1
        assert [job.job_id for job in store.unfinished_print_jobs()] == ["job-1"]


def test_the_same_sale_again_is_known_after_its_notes_and_names_were_erased(tmp_path: Path) -> None:
    with open_shop(tmp_path) as store:
        first = store.commit_sale(sale("s1", note="call 138"), print_job_id=None)
        store.erase_notes("s1")
        store.erase_operator("007")
        again = store.commit_sale(sale("s1", note="call 138"), print_job_id=None)
        assert again.receipt_number == first.receipt_number
        assert (again.sale.note, again.sale.operator_name) == ("", "")


@pytest.mark.parametrize("note", ["", "changed meanwhile"])
def test_a_basket_left_beside_its_sale_is_gone_when_it_is_paid_again(tmp_path: Path, note: str) -> None:
    with open_shop(tmp_path) as store:
        first = store.commit_sale(sale("s1"), print_job_id=None)
        store._file.write_working_state(
            lambda cursor: cursor.execute("INSERT INTO basket VALUES ('s1', 'open', NULL, '{\"line_ids\":[]}')")
        )
        if note:
            with pytest.raises(SaleAlreadyStored):
                store.commit_sale(sale("s1", note=note), print_job_id=None)
        else:
            assert store.commit_sale(sale("s1"), print_job_id=None) == first
        assert store.open_basket() is None
    with open_shop(tmp_path) as store:
        assert store.open_basket() is None


def test_a_sale_of_another_till_is_a_bug(tmp_path: Path) -> None:
    with open_shop(tmp_path) as store, pytest.raises(ValueError, match="0002-01"):
        store.commit_sale(replace(sale("s1"), till_id="0002-01"), print_job_id=None)


@pytest.mark.parametrize("wrong", [replace(sale("s1"), rounding_minor=-2), replace(sale("s1"), change_minor=344)])
def test_a_sale_that_does_not_add_up_is_not_stored(tmp_path: Path, wrong: Sale) -> None:
    with open_shop(tmp_path) as store:
        with pytest.raises(UnbalancedPostings):
            store.commit_sale(wrong, print_job_id=None)
        assert store.totals().sale_count == 0
        assert store.commit_sale(sale("s1"), print_job_id=None).receipt_number.number == 1


def test_the_basket_of_a_sale_is_gone_with_the_commit(tmp_path: Path) -> None:
    with open_shop(tmp_path) as store:
        store.save_basket(basket("s1"))
        store.commit_sale(sale("s1"), print_job_id=None)
        assert store.open_basket() is None


@pytest.mark.parametrize("late", [basket("s1"), suspended("s1", 1)])
def test_a_basket_that_was_paid_is_not_kept_again(tmp_path: Path, late: Basket) -> None:
    with open_shop(tmp_path) as store:
        store.save_basket(basket("s1"))
        completed = store.commit_sale(sale("s1"), print_job_id=None)
        with pytest.raises(SaleAlreadyStored, match=str(completed.receipt_number)):
            store.save_basket(late)
    with open_shop(tmp_path) as store:
        with pytest.raises(SaleAlreadyStored, match="Start a new basket"):
            store.save_basket(late)
        assert store.open_basket() is None
        assert store.suspended_baskets() == ()
        store.save_basket(basket("s2"))
        assert store.open_basket() == basket("s2")


def test_an_open_basket_survives_and_only_one_is_open(tmp_path: Path) -> None:
    first = basket("b1")
    with open_shop(tmp_path) as store:
        store.save_basket(first)
        grown = replace(first, lines=(line(3), replace(first.lines[0], voided=True), first.lines[1]), note="")
        store.save_basket(grown)
    with open_shop(tmp_path) as store:
        assert store.open_basket() == grown
        less = replace(grown, lines=grown.lines[:1])
        store.save_basket(less)
        assert store.open_basket() == less


def test_an_empty_open_basket_makes_way_for_the_next_one(tmp_path: Path) -> None:
    with open_shop(tmp_path) as store:
        store.save_basket(replace(basket("b1"), lines=()))
        store.save_basket(basket("b2"))
        found = store.open_basket()
        assert found is not None
        assert found.basket_id == "b2"


def test_suspended_baskets_come_back_the_oldest_first(tmp_path: Path) -> None:
    with open_shop(tmp_path) as store:
        store.save_basket(suspended("late", 9))
        store.save_basket(suspended("early", 3))
        store.save_basket(basket("open"))
        assert [kept.basket_id for kept in store.suspended_baskets()] == ["early", "late"]
        assert store.suspended_baskets()[0] == suspended("early", 3)
        recalled = replace(suspended("early", 3), state=BasketState.OPEN, suspended_at=None)
        store.save_basket(replace(basket("open"), state=BasketState.SUSPENDED, suspended_at=NOON))
        store.save_basket(recalled)
        assert store.open_basket() == recalled


def test_an_abandoned_basket_leaves_an_entry_that_says_what_was_in_it(tmp_path: Path) -> None:
    with open_shop(tmp_path) as store:
        store.save_basket(basket("b1"))
        entry = store.abandon_basket(basket("b1"), "shopper left")
        assert entry.kind is EntryKind.BASKET_ABANDONED
        assert b'"reason":"shopper left"' in entry.body
        assert b'"product_id":"P1"' in entry.body
        assert b"ring the bell" not in entry.body
        assert store.open_basket() is None


def test_no_name_and_no_note_stands_in_a_hashed_body(tmp_path: Path) -> None:
    with open_shop(tmp_path) as store:
        store.save_basket(basket("s1"))
        store.commit_sale(sale("s1", note="call 13800138000"), print_job_id=None)
    with reader_of(tmp_path) as reader:
        bodies = [row[0] for row in reader.connection.driver.execute("SELECT body FROM journal")]
    assert len(bodies) == 2
    assert not [body for body in bodies if "13800138000" in body or "王芳" in body]
    assert '"operator_number":"007"' in bodies[1]


def test_notes_and_names_can_be_erased_and_the_chain_stays_whole(tmp_path: Path) -> None:
    with open_shop(tmp_path) as store:
        store.commit_sale(sale("s1", note="call 138"), print_job_id=None)
        store.erase_notes("s1")
        store.erase_operator("007")
        found = store.find_sale("s1")
        assert found is not None
        assert (found.sale.note, found.sale.lines[1].note, found.sale.operator_name) == ("", "", "")
        assert found.sale.operator_number == "007"
        store.commit_sale(sale("s2"), print_job_id=None)
        again = store.find_sale("s2")
        assert again is not None
        assert again.sale.operator_name == "王芳"
    with reader_of(tmp_path) as reader:
        assert reader.verify().finding is None


def test_a_session_is_present_with_its_float_posted(tmp_path: Path) -> None:
    with open_shop(tmp_path) as store:
        assert store.present_session() is None
        store.open_session(session())
    with open_shop(tmp_path) as store:
        assert store.present_session() == session()
        store.open_session(session("session-2", float_minor=0))
        assert store.present_session() == session("session-2", float_minor=0)
    with reader_of(tmp_path) as reader:
        postings = reader.connection.driver.execute("SELECT account, amount_minor FROM posting").fetchall()
    assert postings == [("cash_drawer", 50000), ("safe", -50000)]


def test_facts_are_recorded_in_order_with_balanced_postings_only(tmp_path: Path) -> None:
    with open_shop(tmp_path) as store:
        entry = store.record(EntryKind.DRAWER_OPENED, {"operator": "007", "reason": "change"})
        assert (entry.entry_id.sequence, entry.body) == (2, b'{"operator":"007","reason":"change"}')
        with pytest.raises(UnbalancedPostings):
            store.record(EntryKind.DRAWER_OPENED, {}, (Posting("cash_drawer", 1, "CNY"),))
        with pytest.raises(NotCanonical):
            store.record(EntryKind.DRAWER_OPENED, {"weight": 1.5})  # type: ignore[dict-item]  # what must be refused
        with pytest.raises(ValueError, match="own"):
            store.record(EntryKind.SALE, {})
        assert store.record(EntryKind.DRAWER_OPENED, {}).entry_id.sequence == 3


def test_a_copy_counts_in_the_journal(tmp_path: Path) -> None:
    with open_shop(tmp_path) as store:
        store.commit_sale(sale("s1"), print_job_id="job-1")
        assert store.copies_printed("s1") == 0
        for copy in (1, 2):
            store.add_print_job(PrintJob(f"copy-{copy}", "s1", copy, PrintState.WAITING))
        assert store.copies_printed("s1") == 2
    with reader_of(tmp_path) as reader:
        kinds = [row[0] for row in reader.connection.driver.execute("SELECT kind FROM journal")]
        assert kinds == ["epoch_begun", "sale", "receipt_reprinted", "receipt_reprinted"]
        assert reader.verify().finding is None


def test_print_jobs_are_finished_in_their_order(tmp_path: Path) -> None:
    with open_shop(tmp_path) as store:
        store.commit_sale(sale("s1"), print_job_id="job-1")
        store.commit_sale(sale("s2"), print_job_id="job-2")
        store.set_print_state("job-1", PrintState.PRINTING)
    with open_shop(tmp_path) as store:
        first, second = store.unfinished_print_jobs()
        assert first == PrintJob("job-1", "s1", 0, PrintState.PRINTING, opens_drawer=True)
        assert second.state is PrintState.WAITING
        store.set_print_state("job-1", PrintState.PRINTED)
        store.set_print_state("job-2", PrintState.CANCELLED)
        assert store.unfinished_print_jobs() == ()


def test_the_status_counts_what_headquarters_does_not_have(tmp_path: Path) -> None:
    with open_shop(tmp_path) as store:
        for number in range(3):
            store.commit_sale(sale(f"s{number}"), print_job_id=None)
        status = store.status()
        # The epoch's first entry and three sales.
        assert (status.unsynced_count, status.unsynced_minor) == (4, 3 * GROSS)
        store.acknowledge(1, 2)
        assert (store.status().unsynced_count, store.status().unsynced_minor) == (2, 2 * GROSS)
        store.acknowledge(1, 1)  # a late answer changes nothing
        assert store.status().unsynced_count == 2
        store.commit_sale(sale("s9"), print_job_id=None)
        assert (store.status().unsynced_count, store.status().unsynced_minor) == (3, 3 * GROSS)
        with pytest.raises(ValueError, match="beyond"):
            store.acknowledge(1, 99)
    with open_shop(tmp_path) as store:
        assert (store.status().unsynced_count, store.status().unsynced_minor) == (3, 3 * GROSS)


def test_a_clock_that_jumps_is_said_before_the_next_fact(tmp_path: Path) -> None:
    clock = FixedClock(NOON)
    with open_shop(tmp_path, clock) as store:
        clock.advance(timedelta(hours=3))
        assert store.record(EntryKind.DRAWER_OPENED, {}).entry_id.sequence == 2
        clock.jump(NOON - timedelta(days=3650))
        assert store.commit_sale(sale("s1"), print_job_id=None).entry_id.sequence == 4
        clock.jump(NOON + timedelta(hours=4))
        assert store.record(EntryKind.DRAWER_OPENED, {}).entry_id.sequence == 6
    with open_shop(tmp_path, FixedClock(NOON)) as store:  # back four hours while the till was off
        assert store.record(EntryKind.DRAWER_OPENED, {}).entry_id.sequence == 8
    with reader_of(tmp_path) as reader:
        jumps = reader.connection.driver.execute(
            "SELECT sequence, body ->> 'passed_ms' FROM journal WHERE kind = 'clock_jumped'"
        ).fetchall()
        assert jumps == [(3, 0), (5, 0), (7, None)]
        assert reader.verify().finding is None


def test_another_till_cannot_open_the_store(tmp_path: Path) -> None:
    open_shop(tmp_path).close()
    with pytest.raises(OtherTill, match="0001-01"):
        open_shop(tmp_path, till_id="0001-02")


def test_a_store_without_its_note_is_refused_as_a_copy(tmp_path: Path) -> None:
    with open_shop(tmp_path) as store:
        store.commit_sale(sale("s1"), print_job_id=None)
    (tmp_path / "till.head").unlink()
    with pytest.raises(TailMissing):
        open_shop(tmp_path)


def test_a_till_that_has_sold_does_not_start_empty_when_its_file_is_gone(tmp_path: Path) -> None:
    open_shop(tmp_path).close()
    (tmp_path / "till.db").unlink()
    with pytest.raises(StoreMissing, match="restore"):
        open_shop(tmp_path)


def test_an_older_copy_of_the_file_is_noticed_at_the_start(tmp_path: Path) -> None:
    with open_shop(tmp_path) as store:
        store.commit_sale(sale("s1"), print_job_id=None)
    image = (tmp_path / "till.db").read_bytes()
    with open_shop(tmp_path) as store:
        store.commit_sale(sale("s2"), print_job_id=None)
    (tmp_path / "till.db").write_bytes(image)
    with pytest.raises(TailMissing, match="1/2"):
        open_shop(tmp_path)
