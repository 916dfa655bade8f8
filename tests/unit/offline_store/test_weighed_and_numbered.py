"""Weighed goods and goods with serial numbers in the till's store."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest

from app.ledger.entry import EntryKind, JournalEntry
from app.sales.sale import Sale, SaleLine, WeightSource
from app.values.quantity import SellingUnit
from offline_store.connection import StoreConnection
from offline_store.entry_rows import read_entries
from offline_store.export import export_journal
from offline_store.reader import StoreReader
from offline_store.sale_document import SaleNumbers, document_of, parts_of, read_document
from offline_store.sale_rows import FIND_SERIAL
from offline_store.till_store import TillStoreFile
from tests.faults.store_shop import basket, open_shop, reader_of, sale, secrets_of, undo_offline_tenders

GTIN = "06921168509256"
"""Of the water in every sale of the tests' shop; its serial number is the sale's own."""


def unweighed(sold: Sale) -> Sale:
    """The same sale as it was before a line knew how it was weighed."""

    def bare(lines: tuple[SaleLine, ...]) -> tuple[SaleLine, ...]:
        return tuple(replace(line, tare_grams=0, weighed_by=None) for line in lines)

    return replace(sold, lines=bare(sold.lines), voided_lines=bare(sold.voided_lines))


def body_of(sold: Sale) -> bytes:
    numbers = SaleNumbers(1, 1, 1656, 1, "2026-11-22T04:00:00.000000Z", "2026-11-22T04:01:00.000000Z")
    return document_of(sold, parts_of(5, sold), numbers, {"sale": "00"})


def entries_of(reader: StoreReader) -> list[JournalEntry]:
    with reader.one_state() as connection:
        return [entry for entry in read_entries(connection) if isinstance(entry, JournalEntry)]


def serial_entries(folder: Path) -> list[dict[str, object]]:
    with reader_of(folder) as reader:
        assert reader.verify().finding is None
        return [json.loads(entry.body) for entry in entries_of(reader) if entry.kind is EntryKind.SERIAL_SOLD_AGAIN]


def numbered(sale_id: str, *serials: str) -> Sale:
    """The water of a sale with other serial numbers; the figures stay those of `sale`."""
    sold = sale(sale_id)
    water = replace(sold.lines[0], serial=serials[0])
    if len(serials) == 1:
        return replace(sold, lines=(water, *sold.lines[1:]))
    return replace(sold, lines=(water, replace(sold.lines[1], gtin14=GTIN, serial=serials[1])))


def test_a_weighed_line_comes_back_with_its_tare_and_its_source(tmp_path: Path) -> None:
    sold = sale("s1")
    with open_shop(tmp_path) as store:
        store.commit_sale(sold, print_job_id=None)
    with open_shop(tmp_path) as store:
        found = store.find_sale("s1")
    assert found is not None
    assert [(line.tare_grams, line.weighed_by) for line in found.sale.lines] == [(0, None), (25, WeightSource.SCALE)]
    assert found.sale.voided_lines == sold.voided_lines


def test_a_sale_in_which_nothing_was_weighed_is_written_as_it_always_was(tmp_path: Path) -> None:
    # The digest of the bytes that the version before wrote for this very sale.
    body = body_of(unweighed(sale("s1", note="bell")))
    assert hashlib.sha256(body).hexdigest() == "9c00f2b6e1cf50adcf21fe66bb649f090eee0ab3f1c4dc2d9ed04fff7806aac1"
    assert json.loads(body)["format"] == 1
    assert all(line.weighed_by is None and line.tare_grams == 0 for line in read_document(body).lines)
    with open_shop(tmp_path) as store:
        store.commit_sale(unweighed(sale("s1")), print_job_id=None)
        store.commit_sale(sale("s2"), print_job_id=None)
    with reader_of(tmp_path) as reader:
        assert reader.verify().finding is None


def test_only_the_weighed_line_of_a_sale_grows() -> None:
    document = json.loads(body_of(sale("s1")))
    assert document["format"] == 2
    water, apples = document["lines"]
    assert len(apples) == len(water) + 2
    assert apples[-2:] == [25, "scale"]
    assert document["voided_lines"][0][-2:] == [25, "scale"]


def test_a_basket_of_a_killed_till_knows_how_it_was_weighed(tmp_path: Path) -> None:
    held = basket("b1")
    weighed = replace(
        held.lines[0],
        unit=SellingUnit.KILOGRAM,
        tare_grams=12,
        weighed_by=WeightSource.SCALE,
        quantity_thousandths=1245,
    )
    keyed = replace(held.lines[1], unit=SellingUnit.KILOGRAM, weighed_by=WeightSource.KEYED)
    held = replace(held, lines=(weighed, keyed))
    with open_shop(tmp_path) as store:
        store.save_basket(held)
    with open_shop(tmp_path) as store:
        assert store.open_basket() == held


def test_a_basket_that_an_older_version_left_is_taken_up(tmp_path: Path) -> None:
    with open_shop(tmp_path) as store:
        store.save_basket(basket("b1"))
    connection = StoreConnection(tmp_path / "till.db", secrets_of(tmp_path).database_key)
    connection.driver.execute("UPDATE basket_line SET document = json_remove(document, '$.tare_grams', '$.weighed_by')")
    connection.close()
    with open_shop(tmp_path) as store:
        assert store.open_basket() == basket("b1")


def test_the_export_says_how_a_line_was_weighed(tmp_path: Path) -> None:
    with open_shop(tmp_path / "till") as store:
        store.commit_sale(sale("s1"), print_job_id=None)
    with reader_of(tmp_path / "till") as reader:
        export_journal(reader, tmp_path / "out")
    header, water, apples = (tmp_path / "out" / "sales.csv").read_text("utf-8-sig").splitlines()
    assert header.endswith(",currency,tare_grams,weighed_by")
    assert water.endswith(",CNY,,")
    assert apples.endswith(",CNY,25,scale")


def test_a_piece_is_sold_once_it_stands_in_a_sale_and_not_when_it_was_voided(tmp_path: Path) -> None:
    voided = replace(sale("s1").lines[0], line_number=3, serial="VOIDED")
    with open_shop(tmp_path) as store:
        assert not store.serial_sold(GTIN, "S-s1")
        store.commit_sale(replace(sale("s1"), voided_lines=(voided,)), print_job_id=None)
        assert store.serial_sold(GTIN, "S-s1")
        assert not store.serial_sold(GTIN, "VOIDED")
        assert not store.serial_sold("16921168509253", "S-s1")
    with open_shop(tmp_path) as store:
        assert store.serial_sold(GTIN, "S-s1")
    assert serial_entries(tmp_path) == []


def test_a_piece_sold_twice_loses_no_sale_and_is_told_in_the_journal(tmp_path: Path) -> None:
    with open_shop(tmp_path) as store:
        store.commit_sale(numbered("s1", "A"), print_job_id=None)
        second = store.commit_sale(numbered("s2", "A"), print_job_id="j2")
        assert second.receipt_number.number == 2
        assert store.last_sale() == second
        # Tried again, it is the same sale, and the same fact once.
        assert store.commit_sale(numbered("s2", "A"), print_job_id="j2") == second
        assert store.commit_sale(numbered("s3", "B"), print_job_id=None).receipt_number.number == 3
    assert serial_entries(tmp_path) == [
        {"earlier_sale_id": "s1", "gtin14": GTIN, "line_number": 1, "sale_id": "s2", "serial": "A"}
    ]


def test_a_piece_that_stands_in_one_sale_twice_is_told_too(tmp_path: Path) -> None:
    with open_shop(tmp_path) as store:
        store.commit_sale(numbered("s1", "A", "A"), print_job_id=None)
        store.commit_sale(numbered("s2", "B", "C"), print_job_id=None)
    assert serial_entries(tmp_path) == [
        {"earlier_sale_id": "s1", "gtin14": GTIN, "line_number": 2, "sale_id": "s1", "serial": "A"}
    ]


def test_nobody_else_writes_that_a_piece_was_sold_again(tmp_path: Path) -> None:
    with open_shop(tmp_path) as store, pytest.raises(ValueError, match="the store's own"):
        store.record(EntryKind.SERIAL_SOLD_AGAIN, {})


def test_a_store_of_the_version_before_is_brought_up_and_knows_what_it_sold(tmp_path: Path) -> None:
    with open_shop(tmp_path) as store:
        store.commit_sale(numbered("s1", "A"), print_job_id=None)
    connection = StoreConnection(tmp_path / "till.db", secrets_of(tmp_path).database_key)
    undo_offline_tenders(connection.driver)
    for table in ("capture", "exception_closed", "exception", "end", "open", "step", "attempt"):
        connection.driver.execute(f"DROP TABLE payment_{table}")
    connection.driver.execute("DROP INDEX tender_attempt")
    connection.driver.execute("DROP INDEX sale_line_serial")
    connection.driver.execute("UPDATE alembic_version SET version_num = '0001'")
    connection.close()
    with open_shop(tmp_path) as store:
        assert store.serial_sold(GTIN, "A")
        assert plan_of(store, tmp_path).count("sale_line_serial") == 1
    assert serial_entries(tmp_path) == []


def plan_of(store: TillStoreFile, folder: Path) -> str:
    """How the database looks a serial number up."""
    assert store.folder == folder
    connection = StoreConnection(folder / "till.db", secrets_of(folder).database_key, read_only=True)
    try:
        rows = connection.driver.execute(f"EXPLAIN QUERY PLAN {FIND_SERIAL}", ("g", "s")).fetchall()
    finally:
        connection.close()
    return " ".join(str(row[3]) for row in rows)
