"""The signed note of where the journal ends, in a small file beside the store: it betrays a store whose end is gone.

It is written in place and not flushed, at the call after a commit or when the store is closed, so that no shopper waits
for it. It may therefore lag behind; a note that lags is right about the part it knows. One that is ahead of the store,
or gone, means that the store is a copy of older days.
"""

import os
from pathlib import Path
from typing import Final

import msgspec

from app.ledger.chain import Head, HeadNote, RunningTotals
from offline_store.durable_files import write_whole

RECORD_BYTES: Final = 512
"""One disk sector: a torn write leaves the old note or the new one."""


class _NoteDocument(msgspec.Struct, frozen=True):
    till_id: str
    epoch: int
    sequence: int
    hash: str
    sale_count: int
    gross_minor: int
    last_receipt_number: int
    signature: str
    key: str
    """Fingerprint of the database key, to tell a wrong key from a damaged file."""


class HeadFile:
    """The note's file; open from the first write until `close`."""

    def __init__(self, path: Path, key_fingerprint: str) -> None:
        """Name the file, and the database key in use."""
        self._path = path
        self._fingerprint = key_fingerprint
        self._descriptor: int | None = None

    def exists(self) -> bool:
        """Return whether a note was ever written here."""
        return self._path.exists()

    def _read(self) -> _NoteDocument | None:
        try:
            return msgspec.json.decode(self._path.read_bytes().strip(), type=_NoteDocument)
        except (FileNotFoundError, msgspec.MsgspecError, UnicodeDecodeError):
            return None

    def read(self) -> HeadNote | None:
        """Return the note, its signature unchecked; None where there is none or it cannot be read.

        Raises:
            OSError: the disk failed.
        """
        document = self._read()
        if document is None:
            return None
        try:
            hashed, signature = bytes.fromhex(document.hash), bytes.fromhex(document.signature)
        except ValueError:
            return None
        totals = RunningTotals(document.sale_count, document.gross_minor, document.last_receipt_number)
        return HeadNote(Head(document.till_id, document.epoch, document.sequence, hashed, totals), signature)

    def was_written_with_this_key(self) -> bool | None:
        """Return whether the store's key is the one in use; None where the note does not say."""
        document = self._read()
        return None if document is None else document.key == self._fingerprint

    def write(self, note: HeadNote) -> None:
        """Keep a note; survives a killed process when this returns.

        Raises:
            OSError: the disk failed; the old note is still there.
        """
        record = self._record(note)
        if self._descriptor is None:
            write_whole(self._path, record)
            self._descriptor = os.open(self._path, os.O_RDWR)
            return
        _write_at_start(self._descriptor, record)

    def _record(self, note: HeadNote) -> bytes:
        head, totals = note.head, note.head.totals
        document = _NoteDocument(
            head.till_id,
            head.epoch,
            head.sequence,
            head.hash.hex(),
            totals.sale_count,
            totals.gross_minor,
            totals.last_receipt_number,
            note.signature.hex(),
            self._fingerprint,
        )
        record = msgspec.json.encode(document).ljust(RECORD_BYTES - 1) + b"\n"
        if len(record) != RECORD_BYTES:
            raise ValueError(f"the note of till {head.till_id!r} does not fit into {RECORD_BYTES} bytes")
        return record

    def close(self) -> None:
        """Close the file."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def _write_at_start(descriptor: int, record: bytes) -> None:
    if hasattr(os, "pwrite"):
        os.pwrite(descriptor, record, 0)
        return
    os.lseek(descriptor, 0, os.SEEK_SET)
    os.write(descriptor, record)
