"""A backup while the till sells, and a restore that begins a new epoch."""

from datetime import timedelta
from pathlib import Path

import pytest

from app.ledger.chain import RunningTotals
from app.ledger.entry import EntryKind
from app.values.clock import FixedClock
from app.values.identifiers import CountingIdentities
from offline_store.backup import Restored, back_up, restore
from offline_store.problems import BackupUnfit, KeyMissing, StoreInUse, TailMissing
from tests.faults.store_shop import (
    GROSS,
    NOON,
    basket,
    keys_of,
    open_shop,
    past_the_guards,
    reader_of,
    sale,
    settings_of,
    suspended,
)


def restored(folder: Path, backup: Path | None, till_id: str = "0001-01", lowest_epoch: int = 1) -> Restored:
    return restore(
        folder,
        backup,
        settings=settings_of(till_id),
        clock=FixedClock(NOON + timedelta(hours=1)),
        identities=CountingIdentities("new"),
        keys=keys_of(folder),
        lowest_epoch=lowest_epoch,
    )


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Two sales, a backup, one more sale."""
    folder = tmp_path / "shop"
    with open_shop(folder) as store:
        store.commit_sale(sale("s1"), print_job_id="j1")
        store.commit_sale(sale("s2"), print_job_id="j2")
        store.save_basket(basket("open"))
        store.save_basket(suspended("aside", 1))
        with reader_of(folder) as reader:
            back_up(reader, tmp_path / "backups" / "till.backup")
        store.commit_sale(sale("s3"), print_job_id=None)
    return folder


@pytest.fixture
def backup(shop: Path) -> Path:
    return shop.parent / "backups" / "till.backup"


def test_a_backup_is_whole_encrypted_and_alone(shop: Path, backup: Path) -> None:
    assert [path.name for path in backup.parent.iterdir()] == ["till.backup"]
    data = backup.read_bytes()
    assert not data.startswith(b"SQLite format 3")
    assert "农夫山泉".encode() not in data


def test_a_restore_raises_the_epoch_and_sets_the_old_files_aside(shop: Path, backup: Path) -> None:
    (shop / "till.db").write_bytes(b"\0" * 8192)
    (shop / "till.db-wal").write_bytes(b"half a log")
    result = restored(shop, backup)
    assert result.epoch == 2
    assert result.set_aside is not None
    assert sorted(path.name for path in result.set_aside.iterdir()) == ["till.db", "till.db-wal", "till.head"]
    # The note beside the store knows of the third sale, which the backup does not hold: 1 epoch and 3 sales.
    assert result.last_held is not None
    assert result.last_known is not None
    assert (result.last_held.sequence, result.last_known.sequence) == (3, 4)
    with open_shop(shop) as store:
        assert store.epoch() == 2
        assert store.find_sale("s2") is not None
        assert store.find_sale("s3") is None
        # Perpetual totals never fall: three sales were made.
        assert (store.totals().sale_count, store.totals().gross_minor) == (3, 3 * GROSS)
        completed = store.commit_sale(sale("s4"), print_job_id=None)
        assert str(completed.receipt_number) == "0001-01-2-000001"
        assert store.find_receipt(1, 1) is not None
    with reader_of(shop) as reader:
        verified = reader.verify()
    assert verified.finding is None
    assert verified.totals == RunningTotals(4, 4 * GROSS, 1)


def test_baskets_and_print_jobs_of_older_days_do_not_come_back(shop: Path, backup: Path) -> None:
    restored(shop, backup)
    with open_shop(shop) as store:
        assert store.open_basket() is None
        assert store.suspended_baskets() == ()
        assert store.unfinished_print_jobs() == ()
    with reader_of(shop) as reader:
        kinds = [row[0] for row in reader.connection.driver.execute("SELECT kind FROM journal WHERE epoch = 2")]
    assert kinds == ["epoch_begun", "basket_abandoned", "basket_abandoned"]


def test_what_is_unsynced_counts_over_the_epochs(shop: Path, backup: Path) -> None:
    restored(shop, backup)
    with open_shop(shop) as store:
        store.acknowledge(1, 2)
        # Of epoch 1 the entry 3; of epoch 2 its first entry and two abandoned baskets.
        assert store.status().unsynced_count == 4


def test_a_till_without_any_backup_is_made_anew_in_a_higher_epoch(shop: Path) -> None:
    (shop / "till.db").write_bytes(b"\0" * 8192)
    assert restored(shop, None).epoch == 2
    assert restored(shop, None, lowest_epoch=7).epoch == 7
    with open_shop(shop) as store:
        assert store.totals().sale_count == 3
        store.commit_sale(sale("s9"), print_job_id=None)
    with reader_of(shop) as reader:
        assert reader.verify().finding is None


def test_a_copied_store_can_be_taken_over_as_its_own_backup(shop: Path) -> None:
    image = (shop / "till.db").read_bytes()
    with open_shop(shop) as store:
        store.commit_sale(sale("s4"), print_job_id=None)
    (shop / "till.db").write_bytes(image)
    with pytest.raises(TailMissing):
        open_shop(shop)
    assert restored(shop, shop / "till.db").epoch == 2
    with open_shop(shop) as store:
        assert str(store.commit_sale(sale("s5"), print_job_id=None).receipt_number) == "0001-01-2-000001"


def test_a_running_till_is_not_restored_over(shop: Path, backup: Path) -> None:
    with open_shop(shop), pytest.raises(StoreInUse):
        restored(shop, backup)


def test_an_unfit_backup_changes_nothing(shop: Path, backup: Path) -> None:
    before = (shop / "till.db").read_bytes()
    data = backup.read_bytes()
    for wrong in (b"", b"\0" * 9000, data[:-4096], data[:9000] + b"x" + data[9001:]):
        backup.write_bytes(wrong)
        with pytest.raises(BackupUnfit):
            restored(shop, backup)
    backup.write_bytes(data)
    with pytest.raises(BackupUnfit, match="0002-02"):
        restored(shop, backup, till_id="0002-02")
    with pytest.raises(BackupUnfit, match="no backup"):
        restored(shop, backup.with_name("none"))
    assert (shop / "till.db").read_bytes() == before
    with open_shop(shop) as store:
        assert store.epoch() == 1


def test_a_backup_that_was_tampered_with_is_refused(shop: Path, tmp_path: Path) -> None:
    with past_the_guards(shop) as driver:
        driver.execute("UPDATE sale SET gross_minor = 1 WHERE receipt_number = 1")
    with reader_of(shop) as reader:
        back_up(reader, tmp_path / "bad.backup")
    with pytest.raises(BackupUnfit, match="1/2"):
        restored(shop, tmp_path / "bad.backup")


def test_without_its_key_a_backup_is_of_no_use(shop: Path, backup: Path) -> None:
    for key in (shop / "keys").iterdir():
        key.unlink()
    with pytest.raises(KeyMissing):
        restored(shop, backup)


def test_a_backup_replaces_an_earlier_one_only_when_it_is_whole(shop: Path, backup: Path) -> None:
    first = backup.read_bytes()
    with open_shop(shop) as store:
        store.record(EntryKind.DRAWER_OPENED, {})
        with reader_of(shop) as reader:
            back_up(reader, backup)
    assert backup.read_bytes() != first
    assert restored(shop, backup).epoch == 2
