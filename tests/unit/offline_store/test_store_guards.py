"""The shop's invariants stand in the database too: nothing that writes to it can break them."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlcipher3 import dbapi2

from offline_store.connection import StoreConnection, require_fit_library
from offline_store.migration import latest_revision
from offline_store.problems import (
    KeyMissing,
    KeyNotPrivate,
    StoreDamaged,
    StoreInUse,
    StoreTooNew,
    UnfitDatabaseLibrary,
    WrongKey,
)
from offline_store.schema import LATEST_REVISION, ledger
from tests.faults.store_shop import keys_of, open_shop, reader_of, sale, secrets_of, session, with_deal

APPEND_ONLY = (
    "journal",
    "posting",
    "till_session",
    "sale",
    "sale_line",
    "discount_share",
    "tender",
    "tax_summary",
    "sale_offer",
    "sale_member",
    "coupon_use",
    "coupon_let_go",
)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    with open_shop(tmp_path) as store:
        store.open_session(session())
        store.commit_sale(with_deal(sale("s1", note="note")), print_job_id="j1")
    return tmp_path


@pytest.fixture
def driver(shop: Path) -> Iterator[Any]:
    connection = StoreConnection(shop / "till.db", secrets_of(shop).database_key)
    yield connection.driver
    connection.close()


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {table} SET entry_key = entry_key",
        "DELETE FROM {table}",
        "INSERT OR REPLACE INTO {table} ({columns}) SELECT {columns} FROM {table}",
        "REPLACE INTO {table} ({columns}) SELECT {columns} FROM {table}",
    ],
)
def test_a_fact_is_neither_changed_nor_deleted_nor_replaced(driver: Any, table: str, statement: str) -> None:
    before = driver.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608 - names of our own tables
    columns = ", ".join(row[1] for row in driver.execute(f"PRAGMA table_info({table})"))
    with pytest.raises(dbapi2.IntegrityError):
        driver.execute(statement.format(table=table, columns=columns))
    assert driver.execute(f"SELECT * FROM {table}").fetchall() == before  # noqa: S608 - names of our own tables


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM head",
        "UPDATE head SET sequence = sequence - 1",
        "UPDATE head SET sequence = sequence + 1",
        "UPDATE head SET gross_minor = gross_minor - 1, sequence = sequence + 1",
        "DELETE FROM operator_name",
        "UPDATE operator_name SET name = 'other'",
        "DELETE FROM free_note",
        "UPDATE free_note SET text = 'other'",
        "UPDATE free_note SET text = NULL, salt = 'other'",
    ],
)
def test_head_and_personal_texts_only_move_the_one_way(driver: Any, statement: str) -> None:
    with pytest.raises(dbapi2.IntegrityError):
        driver.execute(statement)


JOURNAL = (
    "INSERT INTO journal SELECT entry_key + {up}, epoch, sequence + {up}, till_id, kind, recorded_at, business_date, "
    "{previous}, randomblob(32), signature, body FROM journal ORDER BY entry_key DESC LIMIT 1"
)


def test_the_sequence_has_no_gap_and_the_chain_no_break(driver: Any) -> None:
    for wrong in (
        JOURNAL.format(up=2, previous="hash"),
        JOURNAL.format(up=1, previous="randomblob(32)"),
        JOURNAL.format(up=0, previous="previous_hash"),
        JOURNAL.format(up=1, previous="zeroblob(31)"),
        JOURNAL.format(up=-1, previous="previous_hash"),
    ):
        with pytest.raises(dbapi2.IntegrityError):
            driver.execute(wrong)
    driver.execute(JOURNAL.format(up=1, previous="hash"))


@pytest.mark.parametrize(
    "change",
    [
        {"receipt_number": "receipt_number + 1"},
        {"receipt_number": "receipt_number - 1"},
        {"due_minor": "due_minor + 1"},
        {"gross_minor": "-1", "due_minor": "-2"},
        {"sale_id": "'s1'"},
        {"entry_key": "99"},
        {"operator_ref": "99"},
        {"currency": "'yuan'"},
    ],
)
def test_a_sale_that_breaks_a_rule_is_refused(driver: Any, change: dict[str, str]) -> None:
    driver.execute(JOURNAL.format(up=1, previous="hash"))
    columns = [row[1] for row in driver.execute("PRAGMA table_info(sale)")]
    right = {"entry_key": "entry_key + 1", "sale_id": "'s2'", "receipt_number": "receipt_number + 1"}
    right |= {"total_sale_count": "2", "total_gross_minor": "total_gross_minor * 2"}
    change = {name: value.replace("receipt_number", "(receipt_number + 1)") for name, value in change.items()}
    values = [{**right, **change}.get(column, column) for column in columns]
    with pytest.raises(dbapi2.IntegrityError):
        driver.execute(f"INSERT INTO sale SELECT {', '.join(values)} FROM sale")  # noqa: S608 - names of our own tables
    driver.execute(f"INSERT INTO sale SELECT {', '.join(right.get(column, column) for column in columns)} FROM sale")  # noqa: S608 - names of our own tables
    # Its lines and tenders are missing, so the head cannot move onto it.
    with pytest.raises(dbapi2.IntegrityError):
        driver.execute(
            "UPDATE head SET sequence = sequence + 1, hash = (SELECT hash FROM journal ORDER BY entry_key DESC LIMIT 1), "
            "sale_count = 2, gross_minor = gross_minor * 2, last_receipt_number = 2"
        )


@pytest.mark.parametrize(
    "change", ["gross_minor = gross_minor + 1", "net_minor = net_minor + 1", "extended_minor = 0", "tax_included = 2"]
)
def test_a_line_whose_tax_does_not_add_up_is_refused(driver: Any, change: str) -> None:
    driver.execute("DROP TRIGGER sale_line_no_update")
    with pytest.raises(dbapi2.IntegrityError):
        driver.execute(f"UPDATE sale_line SET {change}")  # noqa: S608 - names of our own tables


def test_the_tables_are_what_the_code_reads(driver: Any) -> None:
    for table in ledger.sorted_tables:
        described = {row[1]: row for row in driver.execute(f"PRAGMA table_xinfo({table.name})")}
        assert set(described) == {column.name for column in table.columns}
        keys = {name for name, row in described.items() if row[5]}
        assert keys == {column.name for column in table.primary_key.columns}
        kinds = {"INTEGER": int, "TEXT": str, "BLOB": bytes}
        for column in table.columns:
            assert kinds[described[column.name][2]] is column.type.python_type
    made = {row[0] for row in driver.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert made - {"alembic_version"} == set(ledger.tables)


def test_the_last_migration_is_the_one_the_code_expects() -> None:
    assert latest_revision() == LATEST_REVISION


def test_the_connection_is_set_as_the_design_says(driver: Any) -> None:
    pragmas = {
        name: driver.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("journal_mode", "synchronous", "foreign_keys", "recursive_triggers", "application_id")
    }
    assert pragmas == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "recursive_triggers": 1,
        "application_id": 0x47544149,
    }


def test_a_store_of_a_newer_version_is_left_alone(shop: Path) -> None:
    connection = StoreConnection(shop / "till.db", secrets_of(shop).database_key)
    connection.driver.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(StoreTooNew):
        open_shop(shop)


@pytest.mark.parametrize(
    ("version", "cipher"), [((3, 51, 2), "4.19.0"), ((3, 7, 0), "4.19.0"), ((3, 53, 0), None), ((3, 53, 0), "")]
)
def test_a_library_that_can_lose_a_sale_or_cannot_encrypt_is_refused(
    version: tuple[int, ...], cipher: str | None
) -> None:
    with pytest.raises(UnfitDatabaseLibrary):
        require_fit_library(version, cipher)
    require_fit_library((3, 51, 3), "4.19.0")


def test_nothing_can_be_read_from_the_files_without_the_key(shop: Path) -> None:
    data = b"".join(path.read_bytes() for path in shop.iterdir() if path.is_file())
    assert b"SQLite format 3" not in data
    for secret in ("农夫山泉", "王芳", "V-77", "CREATE TABLE"):
        assert secret.encode() not in data


def test_a_wrong_key_says_so_and_changes_nothing(shop: Path) -> None:
    vault = keys_of(shop)
    right = vault.read("database")
    assert right is not None
    before = (shop / "till.db").read_bytes()
    vault.write("database", bytes(32))
    with pytest.raises(WrongKey):
        open_shop(shop)
    with pytest.raises(WrongKey), reader_of(shop):
        pass
    assert (shop / "till.db").read_bytes() == before
    vault.write("database", right)
    open_shop(shop).close()


def test_a_file_overwritten_with_the_right_key_at_hand_is_damaged(shop: Path) -> None:
    path = shop / "till.db"
    path.write_bytes(bytes(len(path.read_bytes())))
    with pytest.raises(StoreDamaged, match="restore"):
        open_shop(shop)


def test_a_key_that_others_can_read_is_refused(shop: Path) -> None:
    key = shop / "keys" / "signing.key"
    assert key.stat().st_mode & 0o777 == 0o600
    key.chmod(0o640)
    with pytest.raises(KeyNotPrivate, match=r"signing\.key"):
        open_shop(shop)


@pytest.mark.parametrize("name", ["signing", "database"])
def test_a_store_without_its_key_is_not_given_a_new_one(shop: Path, name: str) -> None:
    (shop / "keys" / f"{name}.key").unlink()
    with pytest.raises(KeyMissing):
        open_shop(shop)
    assert not (shop / "keys" / f"{name}.key").exists()


def test_a_second_till_on_the_same_store_is_refused_with_the_first_ones_number(shop: Path) -> None:
    with open_shop(shop), pytest.raises(StoreInUse, match=str(os.getpid())):
        open_shop(shop)
    open_shop(shop).close()


def test_a_second_process_is_refused_and_let_in_when_the_first_has_died(shop: Path) -> None:
    program = (
        "import sys, time\nfrom pathlib import Path\nfrom tests.faults.store_shop import open_shop\n"
        "open_shop(Path(sys.argv[1]))\nprint('open', flush=True)\nsys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(shop)],
        cwd=Path(__file__).parents[3],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "open\n"
        with pytest.raises(StoreInUse, match=str(other.pid)):
            open_shop(shop)
        other.kill()
        other.wait()
    open_shop(shop).close()
