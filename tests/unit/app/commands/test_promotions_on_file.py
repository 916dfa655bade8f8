"""The promotions of a till: taken between baskets when the file changes, and never worse for a file that is wrong."""

import errno
import json
import os
from pathlib import Path

import pytest

from app.commands.promotions_on_file import TAKEN_FILE, PromotionsOnFile, recorded_as
from app.ledger.entry import EntryKind
from app.values.problems import Problem
from app.values.wording import wording

OFFER = """
[[offer]]
id = "milk-10"
name = "牛奶9折"
goods = {{ products = ["P1"] }}
form = {{ kind = "percent", off_basis_points = {points} }}
"""

SENT = {"offer": [{"id": "milk-10", "name": "牛奶", "form": {"kind": "percent", "off_basis_points": 4000}}]}


class DiskFull(Problem):
    code = "DISK-FULL"


class Shop:
    def __init__(self, folder: Path) -> None:
        self.configured, self.till = folder / "configured", folder / "till"
        self.configured.mkdir()
        self.till.mkdir()
        (self.configured / "store.toml").touch()
        self.recorded: list[str] = []
        self.writes = 0

    def write(self, text: str, name: str = "promotions.toml") -> None:
        path = self.configured / name
        path.write_text(text, encoding="utf-8")
        # Two writes within one tick of the disk's clock must not look like one.
        self.writes += 1
        os.utime(path, ns=(self.writes, self.writes))

    def open(self) -> PromotionsOnFile:
        return PromotionsOnFile(self.configured, self.till, currency="CNY", time_zone="Asia/Shanghai")

    def look(self, promotions: PromotionsOnFile) -> bool:
        return promotions.take_changes(self.recorded.append)


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def names(promotions: PromotionsOnFile) -> list[int]:
    return [offer.form.off_basis_points for offer in promotions.book.rules.offers]


def test_a_shop_without_a_file_has_no_promotions_and_records_nothing(shop):
    promotions = shop.open()
    assert not shop.look(promotions)
    assert (names(promotions), promotions.trouble, shop.recorded) == ([], None, [])


def test_the_rules_that_hold_are_recorded_once_over_any_number_of_starts(shop):
    shop.write(OFFER.format(points=1000))
    for _ in range(3):
        promotions = shop.open()
        shop.look(promotions)
        shop.look(promotions)
    assert names(promotions) == [1000]
    assert shop.recorded == [promotions.book.rules.version]


def test_a_changed_file_is_taken_and_recorded(shop):
    shop.write(OFFER.format(points=1000))
    promotions = shop.open()
    shop.look(promotions)
    shop.write(OFFER.format(points=2000))
    assert shop.look(promotions)
    assert names(promotions) == [2000]
    assert len(set(shop.recorded)) == len(shop.recorded) == 2


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ("[[offer]", "cannot be read"),
        (OFFER.format(points=20000), "offer"),
        ('currency = "USD"\n' + OFFER.format(points=1000), "USD"),
        ('time_zone = "Africa/Lagos"\n' + OFFER.format(points=1000), "Africa/Lagos"),
        ("offers = 3", "offers"),
    ],
)
def test_a_file_that_cannot_be_meant_keeps_the_old_rules_and_says_why_once(shop, bad, said):
    shop.write(OFFER.format(points=1000))
    promotions = shop.open()
    shop.look(promotions)
    shop.write(bad)
    assert shop.look(promotions)
    assert not shop.look(promotions)
    assert said in str(promotions.trouble)
    assert names(promotions) == [1000]
    assert len(shop.recorded) == 1
    shop.write(OFFER.format(points=3000))
    assert shop.look(promotions)
    assert (names(promotions), promotions.trouble) == ([3000], None)


def test_a_till_that_starts_with_a_wrong_file_goes_on_by_the_rules_it_took_last(shop):
    shop.write(OFFER.format(points=1000))
    shop.look(shop.open())
    shop.write("[[offer]")
    promotions = shop.open()
    assert names(promotions) == [1000]
    assert promotions.trouble is not None
    shop.look(promotions)
    assert len(shop.recorded) == 1


def test_a_copy_that_is_damaged_keeps_nobody_from_selling(shop):
    shop.write("[[offer]")
    (shop.till / TAKEN_FILE).write_bytes(b"\x00")
    assert names(shop.open()) == []


def test_what_headquarters_sent_as_json_goes_before_the_shops_own(shop):
    shop.write(OFFER.format(points=1000))
    shop.write(json.dumps(SENT), "promotions.json")
    promotions = shop.open()
    assert names(promotions) == [4000]
    assert promotions.are_sent
    (shop.configured / "promotions.json").unlink()
    assert not shop.look(promotions)
    assert shop.look(promotions)
    assert names(promotions) == [1000]
    assert not promotions.are_sent


def test_what_headquarters_sent_is_found_in_the_tills_folder_too(shop):
    shop.write(OFFER.format(points=1000))
    (shop.till / "promotions.json").write_text(json.dumps(SENT), encoding="utf-8")
    promotions = shop.open()
    assert (names(promotions), promotions.are_sent) == ([4000], True)


def test_a_file_that_is_taken_away_ends_the_promotions_at_the_second_look(shop):
    shop.write(OFFER.format(points=1000))
    promotions = shop.open()
    shop.look(promotions)
    (shop.configured / "promotions.toml").unlink()
    assert not shop.look(promotions)
    assert names(promotions) == [1000]
    assert shop.look(promotions)
    assert (names(promotions), promotions.trouble) == ([], None)
    assert len(shop.recorded) == 2


def test_a_file_that_is_away_for_a_moment_while_it_is_replaced_ends_nothing(shop):
    shop.write(OFFER.format(points=1000))
    promotions = shop.open()
    for points in (2000, 3000):
        (shop.configured / "promotions.toml").unlink()
        assert not shop.look(promotions)
        shop.write(OFFER.format(points=points))
        assert shop.look(promotions)
        assert names(promotions) == [points]


def test_each_time_a_file_is_gone_it_is_looked_for_twice(shop):
    shop.write(OFFER.format(points=1000))
    path, aside = shop.configured / "promotions.toml", shop.configured / "aside"
    promotions = shop.open()
    for _ in range(3):
        path.rename(aside)
        assert not shop.look(promotions)
        aside.rename(path)
        assert not shop.look(promotions)
        assert names(promotions) == [1000]
    path.unlink()
    assert not shop.look(promotions)
    assert shop.look(promotions)
    shop.write(OFFER.format(points=1000))
    assert shop.look(promotions)
    path.unlink()
    assert not shop.look(promotions)
    assert names(promotions) == [1000]


def test_a_file_that_is_gone_when_the_till_starts_ends_the_promotions(shop):
    shop.write(OFFER.format(points=1000))
    shop.look(shop.open())
    (shop.configured / "promotions.toml").unlink()
    promotions = shop.open()
    shop.look(promotions)
    assert (names(promotions), promotions.trouble) == ([], None)
    assert len(shop.recorded) == 2


def test_a_share_that_is_lost_ends_no_promotions(shop):
    shop.write(OFFER.format(points=1000))
    promotions = shop.open()
    shop.look(promotions)
    aside = shop.configured.rename(shop.configured.with_name("aside"))
    for _ in range(3):
        shop.look(promotions)
        assert (names(promotions), promotions.trouble is None) == ([1000], False)
    shop.configured.mkdir()  # where a share was, an empty folder is left
    for _ in range(3):
        shop.look(promotions)
        assert (names(promotions), promotions.trouble is None) == ([1000], False)
    assert "empty" in str(promotions.trouble)
    shop.configured.rmdir()
    aside.rename(shop.configured)
    assert shop.look(promotions)
    assert (names(promotions), promotions.trouble) == ([1000], None)
    assert len(shop.recorded) == 1


def loop(path: Path) -> None:
    """Make a name that no error of being missing answers for, as a share of a dead server does."""
    path.symlink_to(path)


@pytest.mark.parametrize("name", ["promotions.toml", "promotions.json"])
@pytest.mark.parametrize("spoil", [loop, Path.mkdir])
@pytest.mark.parametrize("running", [True, False])
def test_a_file_that_cannot_be_looked_at_keeps_the_old_rules_and_is_said(shop, name, spoil, running, caplog):
    shop.write(OFFER.format(points=1000))
    promotions = shop.open()
    shop.look(promotions)
    (shop.configured / name).unlink(missing_ok=True)
    spoil(shop.configured / name)
    if running:
        assert shop.look(promotions)
    else:
        promotions = shop.open()
    for _ in range(3):
        assert not shop.look(promotions)
        assert names(promotions) == [1000]
        assert name in str(promotions.trouble)
    assert len(shop.recorded) == 1
    assert sum(record.message == "promotions_not_taken" for record in caplog.records) == 1
    if spoil is loop:
        (shop.configured / name).unlink()
    else:
        (shop.configured / name).rmdir()
    shop.write(OFFER.format(points=1000))
    # Where what headquarters sent was read, it is gone now: two looks.
    assert [shop.look(promotions), shop.look(promotions)].count(True) == 1
    assert (names(promotions), promotions.trouble) == ([1000], None)


def test_a_file_that_the_disk_gives_again_is_taken_though_it_did_not_change(shop, monkeypatch):
    shop.write(OFFER.format(points=1000))
    promotions = shop.open()
    shop.write(OFFER.format(points=2000))

    def fail(_path: Path) -> bytes:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as disk:
        disk.setattr(Path, "read_bytes", fail)
        assert shop.look(promotions)
        assert not shop.look(promotions)
        assert (names(promotions), "Input/output" in str(promotions.trouble)) == ([1000], True)
    assert shop.look(promotions)
    assert (names(promotions), promotions.trouble) == ([2000], None)


def test_a_change_that_could_not_be_recorded_is_recorded_later(shop):
    shop.write(OFFER.format(points=1000))
    promotions = shop.open()

    def full(_version: str) -> None:
        raise DiskFull(wording("The disk is full."))

    promotions.take_changes(full)
    assert not (shop.till / TAKEN_FILE).exists()
    shop.look(promotions)
    assert shop.recorded == [promotions.book.rules.version]


def test_the_journal_says_which_rules_hold():
    assert recorded_as("abc") == (EntryKind.PROMOTIONS_CHANGED, {"rules_version": "abc"})
