"""Writes a till's journal out for an auditor: tables, a signed manifest, and a verifier that needs only Python."""

import csv
import hashlib
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from app.ledger.canonical import JsonValue, NotCanonical, canonical_json
from app.ledger.chain import Head
from app.ledger.entry import JournalEntry
from app.ledger.export_format import (
    EXPORT_FORMAT,
    JOURNAL_COLUMNS,
    JOURNAL_LINES,
    JOURNAL_TABLE,
    MANIFEST,
    VERIFIER,
    chain_rule,
    journal_cells,
    journal_record,
    manifest_to_sign,
)
from app.ledger.verification import UnreadableEntry
from app.values.wording import wording
from offline_store.durable_files import put_in_place, write_whole
from offline_store.entry_rows import read_entries
from offline_store.export_tables import READABLE_TABLES, readable_rows
from offline_store.journal import read_head
from offline_store.problems import ExportRefused, StoreDamaged, disk_fails, disk_full, no_room
from offline_store.reader import StoreReader

UTF8_MARK: Final = "\ufeff"
"""At the head of the readable tables: without it spreadsheets take Chinese for something else."""


def export_journal(reader: StoreReader, folder: Path) -> dict[str, JsonValue]:
    """Write the whole journal into a folder and return its manifest.

    The folder is new, empty, or an earlier export, which is replaced; the manifest is written last.

    Raises:
        ExportRefused: the folder holds something else.
        StoreProblem: the store cannot be read, or the disk to write to is full or fails.
    """
    _require_fit(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / MANIFEST).unlink(missing_ok=True)
        with reader.one_state() as connection:
            head = read_head(connection)
            if head is None:
                raise ExportRefused(wording("This till has recorded nothing yet."))
            files = _Files(folder)
            with files:
                for entry in _entries(read_entries(connection)):
                    files.add(entry)
        write_whole(folder / VERIFIER, _verifier_source())
        manifest = _manifest(reader, head, files)
        write_whole(folder / MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=2, sort_keys=True).encode())
    except OSError as error:
        raise (disk_full() if no_room(folder) else disk_fails()) from error
    return manifest


def _require_fit(folder: Path) -> None:
    if not folder.exists():
        return
    if not folder.is_dir():
        raise ExportRefused(wording("{folder} is not a folder. Name a new or empty one.", folder=str(folder)))
    ours = {MANIFEST, JOURNAL_LINES, JOURNAL_TABLE, VERIFIER, *READABLE_TABLES}
    names = {path.name for path in folder.iterdir()}
    if names and (not names & ours or names - ours - {f".{name}.new" for name in ours}):
        raise ExportRefused(
            wording(
                "The folder {folder} holds other files, and an export would mix with them. Name a new or empty one.",
                folder=str(folder),
            )
        )


def _entries(rows: Iterator[JournalEntry | UnreadableEntry]) -> Iterator[JournalEntry]:
    for row in rows:
        if isinstance(row, UnreadableEntry):
            raise StoreDamaged(
                wording(
                    "Entry {entry} cannot be read, so the journal cannot be exported. Verify the journal first.",
                    entry=str(row.entry_id),
                )
            )
        yield row


class _HashedFile:
    """A file that is hashed as it is written, and gets its name when it is whole."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._made = path.with_name(f".{path.name}.new")
        self._file: BinaryIO = self._made.open("wb")
        self._hash = hashlib.sha256()
        self._bytes = 0

    def write(self, data: bytes) -> None:
        self._file.write(data)
        self._hash.update(data)
        self._bytes += len(data)

    def finish(self) -> None:
        self._file.close()
        put_in_place(self._made, self._path)

    def give_up(self) -> None:
        self._file.close()
        self._made.unlink(missing_ok=True)

    def described(self) -> dict[str, JsonValue]:
        return {"bytes": self._bytes, "sha256": self._hash.hexdigest()}


class _Files:
    """The tables of an export: the journal, twice, and what people read of it."""

    def __init__(self, folder: Path) -> None:
        self.entry_count = 0
        self._lines = _HashedFile(folder / JOURNAL_LINES)
        self._table = _HashedFile(folder / JOURNAL_TABLE)
        self._readable = {name: _HashedFile(folder / name) for name in READABLE_TABLES}
        self._table.write(_csv_line(JOURNAL_COLUMNS))
        for name, columns in READABLE_TABLES.items():
            self._readable[name].write(UTF8_MARK.encode() + _csv_line(columns))

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        for file in (self._lines, self._table, *self._readable.values()):
            if error is None:
                file.finish()
            else:
                file.give_up()

    def add(self, entry: JournalEntry) -> None:
        try:
            record = journal_record(entry)
            rows = list(readable_rows(entry))
        except (NotCanonical, msgspec.MsgspecError) as error:
            raise StoreDamaged(
                wording(
                    "Entry {entry} cannot be read, so the journal cannot be exported. Verify the journal first.",
                    entry=str(entry.entry_id),
                )
            ) from error
        self._lines.write(canonical_json(record) + b"\n")
        self._table.write(_csv_line(journal_cells(record)))
        for name, cells in rows:
            self._readable[name].write(_csv_line(cells))
        self.entry_count += 1

    def described(self) -> dict[str, JsonValue]:
        return {
            JOURNAL_LINES: self._lines.described(),
            JOURNAL_TABLE: self._table.described(),
            **{name: file.described() for name, file in self._readable.items()},
        }


def _csv_line(cells: tuple[str, ...] | list[str]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow(cells)
    return text.getvalue().encode()


def _manifest(reader: StoreReader, head: Head, files: _Files) -> dict[str, JsonValue]:
    signer = reader.keys.signer
    manifest: dict[str, JsonValue] = {
        "chain": chain_rule(),
        "entry_count": files.entry_count,
        "files": files.described(),
        "format": EXPORT_FORMAT,
        "head": head.as_point().as_json(),
        "public_key": signer.public_key().hex(),
        "till_id": head.till_id,
        "totals": {
            "gross_minor": head.totals.gross_minor,
            "last_receipt_number": head.totals.last_receipt_number,
            "sale_count": head.totals.sale_count,
        },
    }
    manifest["signature"] = signer.sign(manifest_to_sign(manifest)).hex()
    return manifest


def _verifier_source() -> bytes:
    return (Path(__file__).parent / "export_verifier.py").read_bytes()
