"""What can happen to a till's store that a person must know, each with the sentence that says what to do."""

import shutil
from pathlib import Path
from typing import Final

from app.values.identifiers import ReceiptNumber
from app.values.problems import Problem
from app.values.wording import wording

SQLITE_BUSY: Final = 5
SQLITE_LOCKED: Final = 6
SQLITE_READONLY: Final = 8
SQLITE_IOERR: Final = 10
SQLITE_CORRUPT: Final = 11
SQLITE_FULL: Final = 13
SQLITE_CANTOPEN: Final = 14
SQLITE_NOTADB: Final = 26
PRIMARY_CODE: Final = 0xFF
"""The low byte of an extended result code is the primary one (sqlite.org/rescode.html)."""

NO_ROOM_BYTES: Final = 1 << 20
"""With less than this free, a failed write is for want of room: SQLite calls some of those I/O errors."""


class StoreProblem(Problem):
    """Base of all: the till's store could not do what was asked."""

    code = "STORE"


class DiskFull(StoreProblem):
    """The disk has no room for what was to be written; nothing of it was stored."""

    code = "STORE-DISK-FULL"


class StoreIoProblem(StoreProblem):
    """The disk failed to read or write."""

    code = "STORE-DISK-FAILS"


class StoreDamaged(StoreProblem):
    """The store's file is not whole."""

    code = "STORE-DAMAGED"


class TailMissing(StoreDamaged):
    """The store ends before entries that were signed: an old copy was put in its place, or its end was cut off."""

    code = "STORE-END-MISSING"


class StoreMissing(StoreDamaged):
    """The store's file is gone though the till has sold before."""

    code = "STORE-GONE"


class StoreBusy(StoreProblem):
    """Another program holds the store for longer than a moment."""

    code = "STORE-BUSY"


class SaleAlreadyStored(StoreProblem):
    """A basket, or another sale, comes under the id of a sale that is stored."""

    code = "SALE-ALREADY-STORED"


class StoreInUse(StoreProblem):
    """A second process wants the store of a running till."""

    code = "STORE-IN-USE"


class WrongKey(StoreProblem):
    """The key at hand does not open the store."""

    code = "STORE-WRONG-KEY"


class KeyMissing(StoreProblem):
    """The store is there, its key is not."""

    code = "STORE-KEY-GONE"


class KeyNotPrivate(StoreProblem):
    """A key lies where others can read it."""

    code = "STORE-KEY-NOT-PRIVATE"


class StoreTooNew(StoreProblem):
    """A newer version of the program wrote the store."""

    code = "STORE-TOO-NEW"


class UnfitDatabaseLibrary(StoreProblem):
    """The database library is too old to be trusted, or cannot encrypt."""

    code = "STORE-LIBRARY"


class OtherTill(StoreProblem):
    """The store belongs to another till than the one configured."""

    code = "STORE-OTHER-TILL"


class BackupUnfit(StoreProblem):
    """A backup cannot be used: unreadable, damaged, or another till's."""

    code = "STORE-BACKUP-UNFIT"


class ExportRefused(StoreProblem):
    """A journal cannot be exported to that folder."""

    code = "STORE-EXPORT-REFUSED"


def disk_full() -> DiskFull:
    """Return the problem of a disk without room."""
    return DiskFull(
        wording(
            "The disk is full, so this was not stored. Try again once; if it fails, call your store admin to make room."
        )
    )


def disk_fails() -> StoreIoProblem:
    """Return the problem of a disk that does not read or write."""
    return StoreIoProblem(
        wording(
            "The disk did not take what was to be stored. Try again once; if it fails, stop selling at this till "
            "and call your store admin."
        )
    )


def not_yet_safe() -> StoreIoProblem:
    """Return the problem of what was committed while the disk does not confirm that it holds it."""
    return StoreIoProblem(
        wording(
            "The disk does not confirm what was stored last, so a power cut could still take it. Try again once; if "
            "it fails, stop selling at this till and call your store admin."
        )
    )


def sale_already_stored(number: ReceiptNumber) -> SaleAlreadyStored:
    """Return the problem of a basket that was paid before; `number` is its receipt's."""
    return SaleAlreadyStored(
        wording(
            "This basket was already paid and stored as receipt {number}. Start a new basket.",
            number=str(number),
        )
    )


def damaged() -> StoreDamaged:
    """Return the problem of a file that is not whole."""
    return StoreDamaged(
        wording(
            "The till's records are damaged. Stop selling at this till and call your store admin to restore the "
            "last backup."
        )
    )


def busy() -> StoreBusy:
    """Return the problem of a store that another program holds."""
    return StoreBusy(
        wording(
            "Another program is using the till's records. Wait a moment and try again; if it stays, restart the till."
        )
    )


def wrong_key() -> WrongKey:
    """Return the problem of a key that does not open the store."""
    return WrongKey(
        wording(
            "The key kept on this machine does not open the till's records. Call your store admin: put the right "
            "key back, or restore a backup. Nothing was changed."
        )
    )


def problem_of(error: BaseException, folder: Path) -> StoreProblem | None:
    """Return what a database error means to a person; None where it is a bug of ours.

    `folder` is where the store lies, to tell a full disk from a failing one.
    """
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        original = getattr(error, "orig", None)
        code = getattr(original, "sqlite_errorcode", None)
    if code is None:
        return None
    primary = code & PRIMARY_CODE
    if primary == SQLITE_FULL:
        return disk_full()
    if primary in {SQLITE_IOERR, SQLITE_CANTOPEN, SQLITE_READONLY}:
        return disk_full() if no_room(folder) else disk_fails()
    if primary in {SQLITE_NOTADB, SQLITE_CORRUPT}:
        return damaged()
    if primary in {SQLITE_BUSY, SQLITE_LOCKED}:
        return busy()
    return None


def no_room(folder: Path) -> bool:
    """Return whether the disk of a folder has next to nothing free."""
    try:
        return shutil.disk_usage(folder).free < NO_ROOM_BYTES
    except OSError:
        return False
