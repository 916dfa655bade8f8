"""The promotions of a till: taken between baskets when the file changes, and never worse for a file that is wrong."""

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


class DiskFull(Problem):
    code = "DISK-FULL"


class Shop:
    def __init__(self, folder: Path) -> None:
        self.configured, self.till = folder / "configured", folder / "till"
        self.configured.mkdir()
        self.till.mkdir()
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
    sent = {"offer": [{"id": "milk-10", "name": "牛奶", "form": {"kind": "percent", "off_basis_points": 4000}}]}
    shop.write(json.dumps(sent), "promotions.json")
    promotions = shop.open()
    assert names(promotions) == [4000]
    (shop.configured / "promotions.json").unlink()
    assert shop.look(promotions)
    assert names(promotions) == [1000]


def test_a_file_that_is_taken_away_ends_the_promotions(shop):
    shop.write(OFFER.format(points=1000))
    promotions = shop.open()
    shop.look(promotions)
    (shop.configured / "promotions.toml").unlink()
    assert shop.look(promotions)
    assert names(promotions) == []
    assert len(shop.recorded) == 2


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
