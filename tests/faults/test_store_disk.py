"""Disks that are full, fail, or lose power: no half sale, and a state that a cashier can read."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from offline_store.problems import DiskFull, StoreProblem
from offline_store.till_store import TillStoreFile
from tests.faults.store_kill_harness import strace_can_kill
from tests.faults.store_shop import basket, open_shop, reader_of, sale
from tests.faults.store_tracing import Disk, Said, record, run_scenario

pytestmark = pytest.mark.faults
needs_strace = pytest.mark.skipif(not strace_can_kill(), reason="strace is missing or may not trace here")


def verified(folder: Path) -> int:
    """The number of sales in a store that verifies."""
    with reader_of(folder) as reader:
        reader.check()
        result = reader.verify()
    assert result.finding is None
    return result.totals.sale_count


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 6 MB of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if shutil.which("mount") is None:
        pytest.skip("no mount command here")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(folder)], capture_output=True, text=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"no disk may be mounted here: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def _fill(folder: Path, leave: int) -> Path:
    filler = folder / "filler"
    with filler.open("wb") as file:
        file.write(bytes(max(0, shutil.disk_usage(folder).free - leave)))
    return filler


def test_a_full_disk_takes_the_ballast_first_and_then_says_so(small_disk: Path) -> None:
    shop = small_disk / "shop"
    with open_shop(shop, ballast_bytes=1 << 20, low_space_bytes=2 << 20) as store:
        ballast = shop / "till.ballast"
        assert ballast.stat().st_size == 1 << 20
        assert store.status().low_on_space is False
        store.commit_sale(sale("first"), print_job_id=None)
        filler = _fill(small_disk, leave=64 << 10)
        assert store.status().low_on_space is True
        sold, refused = _sell_until_full(store)
        assert not ballast.exists()
        assert sold > 0
        assert "disk is full" in str(refused.sentence)
        # The till can still be read, and a basket says the same.
        assert store.totals().sale_count == 1 + sold
        assert store.find_sale("first") is not None
        with pytest.raises(DiskFull):
            _save_baskets_until_full(store)
        filler.unlink()
        assert store.commit_sale(sale("later"), print_job_id=None).receipt_number.number == sold + 2
    assert verified(shop) == sold + 2
    with open_shop(shop, ballast_bytes=1 << 20, low_space_bytes=2 << 20):
        assert ballast.exists(), "the ballast is laid again once there is room"


def _sell_until_full(store: TillStoreFile) -> tuple[int, DiskFull]:
    for number in range(2000):
        try:
            store.commit_sale(sale(f"full-{number}"), print_job_id=None)
        except DiskFull as problem:
            return number, problem
    pytest.fail("the disk never filled")


def _save_baskets_until_full(store: TillStoreFile) -> None:
    for number in range(500):
        store.save_basket(basket(f"b-{number}", 20))
        store.abandon_basket(basket(f"b-{number}", 20), "full")


@needs_strace
@pytest.mark.parametrize("when", [1, 2, 3, 4, 5, 6, 8])
@pytest.mark.parametrize("fault", ["fsync:error=EIO", "pwrite64:error=EIO", "pwrite64:error=ENOSPC"])
def test_a_failing_disk_costs_no_sale_and_keeps_no_half(tmp_path: Path, fault: str, when: int) -> None:
    shop = tmp_path / "shop"
    with open_shop(shop) as store:
        store.commit_sale(sale("before"), print_job_id=None)
    first = when if fault.startswith("fsync") else 1 + when * 11
    last = first if fault.startswith("fsync") else first + 2
    call = fault.split(":", maxsplit=1)[0]
    inject = ("-f", "-e", f"trace={call}", "-e", f"inject={fault}:when={first}..{last}", "-o", "/dev/null")
    said = run_scenario("sell_on_a_failing_disk", shop, *inject)
    sold = [word.split()[1] for word in said if word.startswith("sale ")]
    if said[0].startswith("not open"):
        # The fault hit the start: the till says what is wrong instead of starting, and starts the next time.
        assert said[0].split()[2].startswith("STORE-")
    else:
        assert sold == ["k0", "k1", "k2", "k3", "k4"], said
    with open_shop(shop) as store:
        assert all(store.find_sale(sale_id) is not None for sale_id in sold)
    assert verified(shop) == 1 + len(sold)


@needs_strace
@pytest.mark.timeout(240)
def test_a_power_cut_at_any_moment_with_torn_writes_loses_no_acknowledged_sale(tmp_path: Path) -> None:
    shop = tmp_path / "shop"
    with open_shop(shop) as store:
        store.commit_sale(sale("before"), print_job_id=None)
    image = {path.name: path.read_bytes() for path in shop.iterdir() if path.is_file()}
    keys = {path.name: path.read_bytes() for path in (shop / "keys").iterdir()}
    events = record("sell_with_many_checkpoints", shop, tmp_path / "trace")
    assert len([event for event in events if isinstance(event, Said)]) == 12
    for seed in range(150):
        chance = Random(seed)
        disk = Disk({name: bytearray(data) for name, data in image.items()})
        moment = chance.randrange(len(events))
        for event in events[:moment]:
            disk.do(event)
        place = tmp_path / f"cut-{seed}"
        (place / "keys").mkdir(parents=True)
        for name, data in disk.after_power_cut(chance).items():
            (place / name).write_bytes(data)
        for name, data in keys.items():
            (place / "keys" / name).write_bytes(data)
            (place / "keys" / name).chmod(0o600)
        acknowledged = [event.word.split()[1] for event in events[:moment] if isinstance(event, Said)]
        try:
            with open_shop(place) as store:
                missing = [sale_id for sale_id in acknowledged if store.find_sale(sale_id) is None]
                assert missing == [], (seed, moment)
                store.commit_sale(sale("after"), print_job_id=None)
        except StoreProblem as problem:
            pytest.fail(f"cut {seed} at {moment}: {problem}")
        # The sale after, the one before, and at most one that was stored and not yet acknowledged.
        assert verified(place) - 2 - len(acknowledged) in {0, 1}
        shutil.rmtree(place)
