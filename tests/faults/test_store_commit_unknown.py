"""A COMMIT that fails and took effect nevertheless: what is in the store is never told as not stored."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlcipher3 import dbapi2

from app.ledger.entry import EntryKind
from app.sales.basket import BasketState
from offline_store.problems import SaleAlreadyStored, StoreIoProblem, StoreProblem
from offline_store.till_store import TillStoreFile
from tests.faults.store_shop import NOON, basket, line, open_shop, reader_of, sale, with_deal

pytestmark = pytest.mark.faults


class FlushFailed(dbapi2.OperationalError):  # type: ignore[misc]  # the driver has no types
    """What SQLite says when the log could not be flushed."""

    sqlite_errorcode = 1034
    """SQLITE_IOERR_FSYNC (sqlite.org/rescode.html)."""


class FailingCommit:
    """The store's cursor on a disk whose answer to one COMMIT is a failure, after it took effect."""

    def __init__(self, cursor: Any, before_failing: Callable[[], None]) -> None:
        self._cursor = cursor
        self._before_failing = before_failing

    def execute(self, statement: str, *values: object) -> Any:
        done = self._cursor.execute(statement, *values)
        if statement == "COMMIT":
            self._before_failing()
            raise FlushFailed("disk I/O error")
        return done

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)


def fail_next_commit(store: TillStoreFile, before_failing: Callable[[], None] = lambda: None) -> None:
    """Let the next COMMIT fail; the connection opened after it works."""
    connection = store._file.connection()
    connection.cursor = FailingCommit(connection.cursor, before_failing)


def test_a_sale_that_took_effect_is_stored_though_a_reader_holds_the_log(tmp_path: Path) -> None:
    with open_shop(tmp_path) as store:
        store.commit_sale(sale("before"), print_job_id=None)
        with reader_of(tmp_path) as reader, reader.one_state():
            assert reader.head() is not None  # from here on the reader holds its place in the log
            store.save_basket(basket("s1"))
            fail_next_commit(store)
            completed = store.commit_sale(with_deal(sale("s1")), print_job_id="job-1")
            assert completed.receipt_number.number == 2
            assert store.find_sale("s1") == completed
            assert store.open_basket() is None
            fail_next_commit(store)
            assert store.record(EntryKind.DRAWER_OPENED, {}).entry_id.sequence == 4
    with reader_of(tmp_path) as reader:
        assert reader.verify().finding is None


def test_without_a_reader_too(tmp_path: Path) -> None:
    with open_shop(tmp_path) as store:
        fail_next_commit(store)
        completed = store.commit_sale(with_deal(sale("s1")), print_job_id=None)
        assert store.find_sale("s1") == completed
    with reader_of(tmp_path) as reader:
        assert reader.verify().totals.sale_count == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a log cannot be taken away while it is open here")
def test_a_sale_that_is_written_and_not_yet_safe_is_not_told_as_lost_and_made_safe_by_the_next_try(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(path: Path) -> None:
        raise OSError(5, "Input/output error", str(path))

    with open_shop(tmp_path) as store:
        store.commit_sale(sale("before"), print_job_id=None)
        with reader_of(tmp_path) as reader, reader.one_state():
            assert reader.head() is not None
            fail_next_commit(store)
            with monkeypatch.context() as patch:
                patch.setattr("offline_store.till_file.write_again", fails)
                with pytest.raises(StoreIoProblem, match="power cut"):
                    store.commit_sale(with_deal(sale("s1")), print_job_id=None)
                # Nothing is built on a log that may not be whole.
                with pytest.raises(StoreIoProblem, match="power cut"):
                    store.commit_sale(sale("s2"), print_job_id=None)
            assert store.commit_sale(with_deal(sale("s1")), print_job_id=None).receipt_number.number == 2
    with reader_of(tmp_path) as reader:
        assert reader.verify().totals.sale_count == 2


def test_a_basket_whose_sale_took_effect_unknown_to_the_till_is_not_kept_again(tmp_path: Path) -> None:
    database = tmp_path / "till.db"
    away = tmp_path / "away.db"
    with open_shop(tmp_path) as store:
        store.save_basket(basket("s1"))
        # The disk answers neither the COMMIT nor the question what became of it.
        with reader_of(tmp_path) as reader:
            assert reader.head() is not None

            def swap() -> None:
                database.rename(away)
                database.mkdir()

            fail_next_commit(store, swap)
            with pytest.raises(StoreProblem):
                store.commit_sale(with_deal(sale("s1")), print_job_id=None)
            database.rmdir()
            away.rename(database)
        grown = replace(basket("s1"), lines=(*basket("s1").lines, line(3)))
        for late in (grown, replace(grown, state=BasketState.SUSPENDED, suspended_at=NOON)):
            with pytest.raises(SaleAlreadyStored):
                store.save_basket(late)
        assert store.open_basket() is None
        assert store.suspended_baskets() == ()
        assert store.commit_sale(with_deal(sale("s1")), print_job_id=None).receipt_number.number == 1
