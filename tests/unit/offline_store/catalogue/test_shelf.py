"""A catalogue is swapped while selling goes on, and a damaged one never stops the shop."""

import json
import os
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.catalogue.importing.records import ProductRecord
from offline_store.catalogue.live import LiveCatalogue
from offline_store.catalogue.problems import CatalogueBusy, CatalogueDamaged, NoCatalogue
from offline_store.catalogue.shelf import CatalogueShelf, digest_of

NOW = datetime(2026, 6, 1, tzinfo=UTC)
Make = Callable[[Iterable[ProductRecord]], Path]
Record = Callable[..., ProductRecord]


@pytest.fixture
def shelf(tmp_path: Path) -> CatalogueShelf:
    return CatalogueShelf(tmp_path / "shelf")


def names(shelf: CatalogueShelf) -> set[str]:
    return {path.name for path in shelf.folder.iterdir()}


def put_on(shelf: CatalogueShelf, make: Make, record_of: Record, name: str) -> str:
    return shelf.publish(make([record_of(1, name)])).name


def sold(catalogue: LiveCatalogue) -> str:
    found = catalogue.by_product_id("P00001", NOW)
    assert found is not None
    return found.product.name.default


def test_an_empty_shelf_says_that_a_price_book_is_needed(shelf: CatalogueShelf) -> None:
    with pytest.raises(NoCatalogue, match="There is no price book yet"):
        shelf.open_current()


def test_a_published_catalogue_is_sold_from(shelf: CatalogueShelf, make: Make, record_of: Record) -> None:
    path = make([record_of(1, "Tea")])
    digest = digest_of(path)
    entry = shelf.publish(path, digest)
    assert entry.name == f"catalogue-{digest[:12]}.db"
    assert json.loads((shelf.folder / "current.json").read_text())["current"]["sha256"] == digest
    assert sold(LiveCatalogue(shelf)) == "Tea"
    assert names(shelf) == {entry.name, "current.json", "shelf.lock"}
    shelf.verify_current()


def test_a_selling_till_goes_on_with_the_old_book_until_it_looks(
    shelf: CatalogueShelf, make: Make, record_of: Record
) -> None:
    put_on(shelf, make, record_of, "Old")
    catalogue = LiveCatalogue(shelf)
    assert not catalogue.refresh()
    put_on(shelf, make, record_of, "New")
    assert sold(catalogue) == "Old"
    assert catalogue.refresh()
    assert sold(catalogue) == "New"
    assert not catalogue.refresh()


def test_one_book_before_the_present_one_is_kept_and_no_more(
    shelf: CatalogueShelf, make: Make, record_of: Record
) -> None:
    first, second, third = (put_on(shelf, make, record_of, name) for name in ("One", "Two", "Three"))
    assert names(shelf) == {second, third, "current.json", "shelf.lock"}
    assert first not in names(shelf)


def test_the_same_book_again_changes_nothing(shelf: CatalogueShelf, make: Make, record_of: Record) -> None:
    first = put_on(shelf, make, record_of, "Tea")
    catalogue = LiveCatalogue(shelf)
    assert put_on(shelf, make, record_of, "Tea") == first
    catalogue.refresh()
    assert sold(catalogue) == "Tea"


def test_a_file_that_is_not_what_was_announced_is_refused(shelf: CatalogueShelf, make: Make, record_of: Record) -> None:
    old = put_on(shelf, make, record_of, "Old")
    path = make([record_of(1, "New")])
    digest = digest_of(path)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(CatalogueDamaged):
        shelf.publish(path, digest)
    assert old in names(shelf)
    assert sold(LiveCatalogue(shelf)) == "Old"


@pytest.mark.parametrize("harm", ["missing", "cut off", "emptied", "overwritten", "replaced by another file"])
def test_a_damaged_book_is_replaced_by_the_one_before_and_the_cashier_is_told(
    shelf: CatalogueShelf, make: Make, record_of: Record, harm: str
) -> None:
    put_on(shelf, make, record_of, "Old")
    path = shelf.folder / put_on(shelf, make, record_of, "New")
    content = path.read_bytes()
    if harm == "missing":
        path.unlink()
    else:
        path.write_bytes(
            {
                "cut off": content[: len(content) // 2],
                "emptied": b"",
                "overwritten": b"\xff" * len(content),
                "replaced by another file": b"SQLite format 3\0" + content[16:5000] + b"\0" * (len(content) - 5000),
            }[harm]
        )
    catalogue = LiveCatalogue(shelf)
    assert sold(catalogue) == "Old"
    assert catalogue.problem is not None
    assert "the one before it is in use" in str(catalogue.problem.sentence)


def test_a_page_that_goes_bad_while_selling_leads_back_to_the_book_before(
    shelf: CatalogueShelf, make: Make, record_of: Record
) -> None:
    many = [record_of(number, f"Old {number}") for number in range(3000)]
    shelf.publish(make(many))
    path = shelf.folder / shelf.publish(make([record_of(number, f"New {number}") for number in range(3000)])).name
    catalogue = LiveCatalogue(shelf)
    content = bytearray(path.read_bytes())
    whole = len(content)
    # All pages but those of head, schema and small lists are spoilt, as by a failing disk.
    content[10 * 4096 :] = b"\xa5" * (whole - 10 * 4096)
    path.write_bytes(content)
    found = catalogue.by_product_id("P01500", NOW)
    assert found is not None
    assert found.product.name.default == "Old 1500"
    assert catalogue.problem is not None
    with pytest.raises(CatalogueDamaged):
        shelf.verify_current()


def test_without_a_pointer_the_newest_readable_book_is_found(
    shelf: CatalogueShelf, make: Make, record_of: Record
) -> None:
    old = shelf.folder / put_on(shelf, make, record_of, "Old")
    new = shelf.folder / put_on(shelf, make, record_of, "New")
    os.utime(old, (1_000_000, 1_000_000))
    os.utime(new, (2_000_000, 2_000_000))
    (shelf.folder / "current.json").write_bytes(b"\x00\x00\x00")
    assert sold(LiveCatalogue(shelf)) == "New"
    new.unlink()
    assert sold(LiveCatalogue(shelf)) == "Old"


def test_a_pointer_cannot_lead_out_of_the_folder(shelf: CatalogueShelf, make: Make, record_of: Record) -> None:
    put_on(shelf, make, record_of, "Tea")
    outside = make([record_of(1, "Foreign")])
    pointer = json.loads((shelf.folder / "current.json").read_text())
    pointer["current"] = {**pointer["current"], "name": f"../{outside.name}", "size": outside.stat().st_size}
    (shelf.folder / "current.json").write_text(json.dumps(pointer))
    with pytest.raises(NoCatalogue):
        shelf.open_current()


def test_two_cannot_make_a_catalogue_at_once(shelf: CatalogueShelf, make: Make, record_of: Record) -> None:
    path = make([record_of(1, "Tea")])
    with shelf.writing(), pytest.raises(CatalogueBusy):
        shelf.publish(path)
    shelf.publish(path)


def test_what_a_killed_maker_left_is_removed_by_the_next(shelf: CatalogueShelf, make: Make, record_of: Record) -> None:
    shelf.folder.mkdir()
    (shelf.folder / "staging-catalogue.db").write_bytes(b"half")
    (shelf.folder / "staging-catalogue.db.staging").write_bytes(b"half")
    name = put_on(shelf, make, record_of, "Tea")
    assert names(shelf) == {name, "current.json", "shelf.lock"}


def test_a_file_that_windows_will_not_delete_yet_is_left_for_later(
    shelf: CatalogueShelf, make: Make, record_of: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (put_on(shelf, make, record_of, name) for name in ("One", "Two"))

    def refuse(_path: Path, *, missing_ok: bool = False) -> None:
        raise PermissionError("in use")

    with monkeypatch.context() as windows:
        windows.setattr(Path, "unlink", refuse)
        (shelf.folder / "catalogue-000000000000.db").write_bytes(b"old")
        assert [path.name for path in shelf.tidy_up()] == ["catalogue-000000000000.db"]
    assert shelf.tidy_up() == []
    assert names(shelf) == {first, second, "current.json", "shelf.lock"}


def test_a_book_from_another_disk_is_copied_in(
    shelf: CatalogueShelf, make: Make, record_of: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make([record_of(1, "Tea")])
    plain = Path.replace

    def across_disks(source: Path, target: Path) -> Path:
        if source.parent != Path(target).parent:
            raise OSError(18, "Invalid cross-device link")
        return plain(source, target)

    monkeypatch.setattr(Path, "replace", across_disks)
    entry = shelf.publish(path)
    assert path.exists()
    assert names(shelf) == {entry.name, "current.json", "shelf.lock"}
    shelf.verify_current()
