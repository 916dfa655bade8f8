"""An export, checked by its own verifier in a bare Python, and what it says when something was changed."""

import csv
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st

from app.ledger.entry import EntryKind
from offline_store import export_verifier
from offline_store.export import export_journal
from offline_store.problems import ExportRefused, StoreDamaged
from tests.faults.store_shop import GROSS, open_shop, past_the_guards, reader_of, sale, session


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    with open_shop(folder) as store:
        store.open_session(session())
        for number in range(3):
            store.commit_sale(sale(f"s{number}", note="=1+1"), print_job_id=None)
        store.record(EntryKind.DRAWER_OPENED, {"reason": '=cmd|"\U0001f600', "\U0001f600": 1, "\uffff": 2})
    return folder


def exported(shop: Path, folder: Path) -> Path:
    with reader_of(shop) as reader:
        export_journal(reader, folder)
    return folder


def bare_python(folder: Path, *arguments: str) -> tuple[int, str]:
    """Run the exported verifier with no package of ours or anyone's in reach."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(folder / "verify_export.py"), *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        cwd="/",
    )
    assert done.stderr == ""
    return done.returncode, done.stdout


def test_an_export_verifies_in_a_bare_python(shop: Path, tmp_path: Path) -> None:
    folder = exported(shop, tmp_path / "out")
    code, said = bare_python(folder)
    # One epoch, one session, three sales, one drawer: 6 entries; 3 × 16.56 = 49.68.
    assert (code, said.split(";")[0]) == (0, "OK: 6 entries, 3 sales, total 4968 minor units")
    assert bare_python(folder, "--all-signatures")[0] == 0
    key = json.loads((folder / "manifest.json").read_text())["public_key"]
    assert bare_python(folder, "--public-key", key)[0] == 0
    assert bare_python(folder, "--public-key", "00" * 32)[0] == 1


def test_the_sales_can_be_read_by_a_person(shop: Path, tmp_path: Path) -> None:
    folder = exported(shop, tmp_path / "out")
    with (folder / "sales.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 6
    assert (rows[0]["receipt"], rows[0]["name"], rows[0]["gross"]) == ("0001-01-1-000001", "农夫山泉", "11.61")
    assert (rows[1]["quantity"], rows[1]["unit"], rows[1]["tax"]) == ("0.500", "kg", "0.41")
    assert sum(round(float(row["gross"]) * 100) for row in rows) == 3 * GROSS


def test_an_export_can_be_made_again_in_its_place(shop: Path, tmp_path: Path) -> None:
    folder = exported(shop, tmp_path / "out")
    with open_shop(shop) as store:
        store.commit_sale(sale("s9"), print_job_id=None)
    exported(shop, folder)
    assert "7 entries" in bare_python(folder)[1]


def test_a_folder_with_other_files_is_left_alone(shop: Path, tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "love.txt").write_text("dear")
    with pytest.raises(ExportRefused, match="letters"):
        exported(shop, tmp_path / "letters")
    with pytest.raises(ExportRefused, match="not a folder"):
        exported(shop, tmp_path / "letters" / "love.txt")
    assert [path.name for path in (tmp_path / "letters").iterdir()] == ["love.txt"]
    folder = exported(shop, tmp_path / "out")
    (folder / "love.txt").write_text("dear")
    with pytest.raises(ExportRefused):
        exported(shop, folder)


def test_a_journal_that_cannot_be_read_is_not_exported(shop: Path, tmp_path: Path) -> None:
    with past_the_guards(shop) as driver:
        driver.execute("UPDATE journal SET body = '{ }' WHERE sequence = 3")
    with pytest.raises(StoreDamaged, match="1/3"):
        exported(shop, tmp_path / "out")
    assert not (tmp_path / "out" / "manifest.json").exists()


def lines_of(folder: Path) -> list[bytes]:
    return (folder / "journal.jsonl").read_bytes().splitlines(keepends=True)


def _write(folder: Path, lines: list[bytes]) -> None:
    (folder / "journal.jsonl").write_bytes(b"".join(lines))


def _edit(folder: Path) -> None:
    lines = lines_of(folder)
    lines[3] = lines[3].replace(b"1656", b"1655", 1)
    _write(folder, lines)


def _delete(folder: Path) -> None:
    lines = lines_of(folder)
    _write(folder, lines[:3] + lines[4:])


def _cut(folder: Path) -> None:
    _write(folder, lines_of(folder)[:4])


def _swap(folder: Path) -> None:
    lines = lines_of(folder)
    lines[3], lines[4] = lines[4], lines[3]
    _write(folder, lines)


def _postings(folder: Path) -> None:
    lines = lines_of(folder)
    entry = json.loads(lines[3])
    entry["postings"][0]["amount_minor"] += 1
    lines[3] = json.dumps(entry).encode() + b"\n"
    _write(folder, lines)


def _table(folder: Path) -> None:
    path = folder / "sales.csv"
    path.write_bytes(path.read_bytes().replace(b"11.61", b"10.61"))


def _journal_table(folder: Path) -> None:
    path = folder / "journal.csv"
    path.write_bytes(path.read_bytes().replace(b"16", b"17", 1))


def _manifest(folder: Path) -> None:
    path = folder / "manifest.json"
    path.write_text(path.read_text().replace('"sale_count": 3', '"sale_count": 2'))


def _garbage(folder: Path) -> None:
    lines = lines_of(folder)
    lines[3] = b"[]\n"
    _write(folder, lines)


def _missing(folder: Path) -> None:
    (folder / "journal.csv").unlink()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_edit, "entry 0001-01/1/4: a value was changed"),
        (_delete, "entry 1/4 is missing or out of place"),
        (_cut, "6 entries were exported and 4 are here"),
        (_swap, "entry 1/4 is missing or out of place"),
        (_postings, "entry 0001-01/1/4"),
        (_table, "changed since the export: sales.csv"),
        (_journal_table, "journal.csv"),
        (_manifest, "the manifest was changed"),
        (_garbage, "line 4 of journal.jsonl is not an entry"),
        (_missing, "journal.csv is missing"),
    ],
)
def test_a_changed_export_is_told(shop: Path, tmp_path: Path, change: Callable[[Path], None], said: str) -> None:
    folder = exported(shop, tmp_path / "out")
    change(folder)
    code, told = bare_python(folder)
    assert code == 1
    assert told.startswith("WRONG: ")
    assert said in told


def test_the_verifier_needs_nothing_but_the_standard_library(shop: Path, tmp_path: Path) -> None:
    source = (exported(shop, tmp_path / "out") / "verify_export.py").read_text(encoding="utf-8")
    modules = set(re.findall(r"^(?:from|import) ([a-z_]+)", source, re.MULTILINE))
    assert modules <= set(sys.stdlib_module_names)


def test_verifying_leaves_other_readers_of_tables_their_limit(shop: Path, tmp_path: Path) -> None:
    before = csv.field_size_limit()
    export_verifier.verify(exported(shop, tmp_path / "out"))
    assert csv.field_size_limit() == before


@settings(max_examples=25, deadline=None)
@given(seed=st.binary(min_size=32, max_size=32), data=st.binary(max_size=80), flip=st.integers(0, 64 * 8 + 32 * 8))
def test_its_ed25519_agrees_with_an_independent_one(seed: bytes, data: bytes, flip: int) -> None:
    private = Ed25519PrivateKey.from_private_bytes(seed)
    public = private.public_key().public_bytes_raw()
    signature = bytearray(private.sign(data))
    assert export_verifier.signature_holds(public, data, bytes(signature))
    key = bytearray(public)
    target, bit = (signature, flip) if flip < 512 else (key, min(flip - 512, 255))
    target[bit // 8] ^= 1 << bit % 8
    try:
        Ed25519PublicKey.from_public_bytes(bytes(key)).verify(bytes(signature), data)
        oracle = True
    except (InvalidSignature, ValueError):
        oracle = False
    assert export_verifier.signature_holds(bytes(key), data, bytes(signature)) is oracle is False


def test_its_ed25519_passes_the_standards_own_vector() -> None:
    # RFC 8032 section 7.1, TEST 2.
    public = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
    signature = bytes.fromhex(
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )
    assert export_verifier.signature_holds(public, b"\x72", signature)
    assert not export_verifier.signature_holds(public, b"\x73", signature)
    # S + L says the same modulo the order and must be refused (section 5.1.7).
    scalar = int.from_bytes(signature[32:], "little") + export_verifier.ORDER
    assert not export_verifier.signature_holds(public, b"\x72", signature[:32] + scalar.to_bytes(32, "little"))


def test_exported_files_are_not_left_half_written(shop: Path, tmp_path: Path) -> None:
    folder = exported(shop, tmp_path / "out")
    assert sorted(path.name for path in folder.iterdir()) == [
        "coupons.csv",
        "journal.csv",
        "journal.jsonl",
        "manifest.json",
        "payments.csv",
        "points.csv",
        "promotions.csv",
        "sales.csv",
        "tenders.csv",
        "verify_export.py",
    ]
