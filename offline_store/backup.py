"""Copies a till's store to a safe place while it sells, and puts a copy back in a new epoch."""

import contextlib
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from app.checkout.ports import PrintState
from app.ledger.chain import Head, RunningTotals
from app.values.clock import Clock, write_instant
from app.values.identifiers import Identities
from app.values.wording import wording
from offline_store.checking import check_file
from offline_store.connection import StoreConnection
from offline_store.durable_files import flush_folder, put_in_place
from offline_store.file_lock import FileLock
from offline_store.head_file import HeadFile
from offline_store.journal import Journal, read_head
from offline_store.keys import KeyVault, TillKeys, key_fingerprint, make_keys, read_keys
from offline_store.member_copies import DROP_COPIES
from offline_store.migration import migrate
from offline_store.personal_texts import ERASE_ALL_LABELS, ERASE_IN_ALL_BASKETS
from offline_store.problems import BackupUnfit, StoreProblem, damaged, disk_fails, disk_full, no_room, problem_of
from offline_store.reader import StoreReader
from offline_store.settings import StoreFiles, StoreSettings
from offline_store.till_file import TillFile
from offline_store.till_store import TillStoreFile
from offline_store.verify import verify_connection

ABANDONED_BY_RESTORE: Final = "restored"


def back_up(reader: StoreReader, target: Path) -> None:
    """Copy a store into one encrypted file: whole, checked and durable, or not there at all.

    Raises:
        StoreProblem: the copy could not be made; an earlier one of that name is still there.
    """
    made = target.with_name(f".{target.name}.new")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        made.unlink(missing_ok=True)
        try:
            with reader.told():
                reader.connection.copy_into(made)
            copy = StoreConnection(made, reader.keys.database_key, read_only=True)
            try:
                check_file(copy)
            finally:
                copy.close()
            put_in_place(made, target)
        finally:
            made.unlink(missing_ok=True)
    except OSError as error:
        raise (disk_full() if no_room(target.parent) else disk_fails()) from error


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore came to."""

    epoch: int
    """The new epoch; receipts count from 1 again within it."""

    set_aside: Path | None
    """Where the files that were there before lie now; None where there were none."""

    last_held: Head | None
    """Where the backup's journal ends; None where there was no backup."""

    last_known: Head | None
    """The last entry that is known to have been written; what lies between must come back from headquarters."""


def restore(
    folder: Path,
    backup: Path | None,
    *,
    settings: StoreSettings,
    clock: Clock,
    identities: Identities,
    keys: KeyVault,
    lowest_epoch: int = 1,
) -> Restored:
    """Put a backup in the place of a till's store and begin a new epoch; without a backup make a new store.

    The files that were there are set aside, never deleted. Baskets of the backup are abandoned and its print jobs
    cancelled: both may have been finished since. `lowest_epoch` is what headquarters knows of this till, where it
    can be asked.

    No member is known by name afterwards, not on the restored sales either: a backup does not say who was erased since
    it was made, and the store that it replaces may not be fit to be asked. Copies of those receipts lose a masked
    name; references, points and the chain stay.

    Raises:
        BackupUnfit: the backup is damaged, another till's, or opens with another key; nothing was changed.
        StoreInUse: the till is running.
        StoreProblem: the disk failed; the files that were there are still in the folder.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with FileLock(folder / StoreFiles.LOCK):
            found_keys = make_keys(keys) if backup is None else read_keys(keys)
            work = _Restore(folder, settings, clock, found_keys)
            restored = work.run(backup, lowest_epoch)
    except OSError as error:
        raise (disk_full() if no_room(folder) else disk_fails()) from error
    _tidy_up(TillFile(folder, settings, clock, identities, keys))
    return restored


class _Restore:
    """One restore."""

    def __init__(self, folder: Path, settings: StoreSettings, clock: Clock, keys: TillKeys) -> None:
        self._folder = folder
        self._settings = settings
        self._clock = clock
        self._keys = keys
        self._path = folder / StoreFiles.DATABASE
        self._made = folder / ".till.db.restored"

    def run(self, backup: Path | None, lowest_epoch: int) -> Restored:
        for leftover in (self._made, *_companions(self._made)):
            leftover.unlink(missing_ok=True)
        held = self._copy(backup) if backup is not None else None
        known = max(
            (head for head in (held, self._noted(), self._last_of_present()) if head is not None),
            key=lambda head: (head.epoch, head.sequence),
            default=None,
        )
        epoch = max(lowest_epoch, known.epoch + 1 if known else 1)
        journal = self._begin(epoch, known)
        aside = self._set_aside()
        put_in_place(self._made, self._path)
        journal.write_note()
        return Restored(epoch, aside, held, known)

    def _copy(self, backup: Path) -> Head:
        """Copy a backup to beside the store, and verify every entry of it."""
        if not backup.is_file():
            raise BackupUnfit(wording("There is no backup {file}. Name another.", file=str(backup)))
        try:
            source = StoreConnection(backup, self._keys.database_key, read_only=True)
            try:
                if source.revision() is None:
                    raise damaged()
                check_file(source)
                head = read_head(source)
                verified = verify_connection(source, self._keys)
                source.copy_into(self._made)
            finally:
                source.close()
        except Exception as error:
            if not isinstance(error, StoreProblem) and problem_of(error, self._folder) is None:
                raise
            raise BackupUnfit(
                wording(
                    "The backup {file} is damaged or was made with another key. Nothing was changed; try an older one.",
                    file=str(backup),
                )
            ) from error
        if head is None or head.till_id != self._settings.till_id:
            raise BackupUnfit(
                wording(
                    "The backup {file} is not one of till {till}. Nothing was changed.",
                    file=str(backup),
                    till=self._settings.till_id,
                )
            )
        if verified.finding is not None:
            raise BackupUnfit(
                wording(
                    "The backup {file} was tampered with. {finding} Nothing was changed.",
                    file=str(backup),
                    finding=verified.finding.sentence,
                )
            )
        return head

    def _noted(self) -> Head | None:
        note = self._head_file().read()
        return note.head if note is not None and note.is_signed_by(self._keys.signer.public_key()) else None

    def _last_of_present(self) -> Head | None:
        """Return what the store to be replaced still says of its end; None where it says nothing."""
        if not self._path.exists():
            return None
        with contextlib.suppress(Exception), tempfile.TemporaryDirectory(dir=self._folder, prefix=".look-") as place:
            # Whatever is wrong with it is why it is being replaced. A copy is looked at: opening the store itself
            # could throw its log away, and someone may want to examine it.
            for path in (self._path, *_companions(self._path)):
                if path.exists():
                    shutil.copyfile(path, Path(place) / path.name)
            present = StoreConnection(Path(place) / self._path.name, self._keys.database_key, read_only=True)
            try:
                return read_head(present)
            finally:
                present.close()
        return None

    def _begin(self, epoch: int, known: Head | None) -> Journal:
        """Begin the new epoch in the copy, so that the store that takes the place is a finished one."""
        connection = StoreConnection(self._made, self._keys.database_key)
        try:
            migrate(connection)
            _forget_members(connection)
            journal = Journal(self._settings, self._keys, self._clock, self._head_file())
            journal.load(connection)
            held = journal.head.totals if journal.head else RunningTotals()
            written = known.totals if known else RunningTotals()
            # Perpetual totals never fall, so what is known of the lost entries counts too.
            totals = RunningTotals(
                max(held.sale_count, written.sale_count), max(held.gross_minor, written.gross_minor), 0
            )
            reason = "made anew" if journal.head is None else "restored"
            point = known.as_point() if known else None
            journal.write(connection, lambda writer: writer.begin_epoch(epoch, point, totals, reason))
        finally:
            connection.close()
        return journal

    def _set_aside(self) -> Path | None:
        present = [path for path in (self._path, *_companions(self._path)) if path.exists()]
        if not present:
            return None
        stamp = write_instant(self._clock.now()).replace(":", "").replace(".", "")
        aside = self._folder / f"set-aside-{stamp}"
        number = 1
        while aside.exists():
            number += 1
            aside = self._folder / f"set-aside-{stamp}-{number}"
        aside.mkdir(mode=0o700)
        for path in present:
            path.rename(aside / path.name)
        note = self._folder / StoreFiles.HEAD
        if note.exists():
            # A copy: until the new store has a note of its own, the old one says that this till has sold.
            (aside / note.name).write_bytes(note.read_bytes())
        flush_folder(aside)
        flush_folder(self._folder)
        return aside

    def _head_file(self) -> HeadFile:
        return HeadFile(self._folder / StoreFiles.HEAD, key_fingerprint(self._keys.database_key))


def _forget_members(connection: StoreConnection) -> None:
    """Take every member's name out of a restored store: who was erased since the backup must not come back with it."""

    def write(cursor: Any) -> None:  # noqa: ANN401 - the driver has no types
        for statement in (DROP_COPIES, ERASE_ALL_LABELS, ERASE_IN_ALL_BASKETS):
            cursor.execute(statement)

    # Overwritten, not only let go of.
    connection.driver.execute("PRAGMA secure_delete = ON")
    connection.in_transaction(write, durable=True)


def _companions(path: Path) -> tuple[Path, ...]:
    """Return the files SQLite keeps beside a database; a copy without them may be short of the last sales."""
    return tuple(path.with_name(path.name + ending) for ending in ("-wal", "-shm", "-journal"))


def _tidy_up(till_file: TillFile) -> None:
    """Abandon the baskets and cancel the print jobs that came back with a backup: both are of older days."""
    till_file.open()
    with TillStoreFile(till_file) as store:
        open_basket = store.open_basket()
        for basket in (*((open_basket,) if open_basket else ()), *store.suspended_baskets()):
            store.abandon_basket(basket, ABANDONED_BY_RESTORE)
        for job in store.unfinished_print_jobs():
            store.set_print_state(job.job_id, PrintState.CANCELLED)
