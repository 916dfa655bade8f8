"""A till's store while it is open: its file, its lock, its ballast, and what is done when the disk fails."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from app.ledger.chain import Head, RunningTotals
from app.values.clock import Clock
from app.values.identifiers import Identities
from app.values.wording import wording
from offline_store.checking import check_at_start
from offline_store.connection import BUSY_TIMEOUT_MS, CommitUnknown, StoreConnection
from offline_store.durable_files import write_again
from offline_store.file_lock import FileLock
from offline_store.head_file import HeadFile
from offline_store.journal import EntriesUnknown, Journal, JournalWriter
from offline_store.keys import KeyVault, TillKeys, key_fingerprint, make_keys, read_keys
from offline_store.problems import (
    DiskFull,
    OtherTill,
    StoreIoProblem,
    StoreMissing,
    StoreProblem,
    StoreTooNew,
    TailMissing,
    WrongKey,
    damaged,
    disk_fails,
    not_yet_safe,
    problem_of,
)
from offline_store.schema import LATEST_REVISION
from offline_store.settings import StoreFiles, StoreSettings
from offline_store.space import Space

Result = TypeVar("Result")


class TillFile:
    """What every part of the till's store works through. One thread owns it."""

    def __init__(
        self, folder: Path, settings: StoreSettings, clock: Clock, identities: Identities, keys: KeyVault
    ) -> None:
        """Name the parts; `open` does the work."""
        self.folder = folder
        self.settings = settings
        self.identities = identities
        self.space = Space(folder, settings)
        self._clock = clock
        self._vault = keys
        self._lock = FileLock(folder / StoreFiles.LOCK)
        self._path = folder / StoreFiles.DATABASE
        self._connection: StoreConnection | None = None
        self._journal: Journal | None = None
        self._head_file: HeadFile | None = None
        self._flush_is_due = False
        """A COMMIT failed: what it left may be in memory only, and nothing may be built on it before it is flushed."""

    @property
    def journal(self) -> Journal:
        """The journal of an open store."""
        if self._journal is None:
            raise RuntimeError("the store is not open")
        return self._journal

    @property
    def head(self) -> Head:
        """Where the journal ends."""
        return self.journal.require_head(self.journal.head)

    def open(self) -> None:
        """Open the store, making it at first use.

        Raises:
            StoreProblem: it is in use, damaged, too new, another till's, or its key or disk fails; nothing changed.
        """
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock.take()
        except OSError as error:
            raise disk_fails() from error
        try:
            keys = self._find_keys()
            self._head_file = HeadFile(self.folder / StoreFiles.HEAD, key_fingerprint(keys.database_key))
            self._journal = Journal(self.settings, keys, self._clock, self._head_file)
            self._connect()
            self._prepare()
            self.space.take_ballast()
        except OSError as error:
            self.close()
            raise disk_fails() from error
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the store and let others at it."""
        connection, self._connection = self._connection, None
        try:
            if self._journal is not None:
                self._journal.write_note()
            if connection is not None:
                connection.close()
        finally:
            if self._head_file is not None:
                self._head_file.close()
            self._lock.release()

    def _find_keys(self) -> TillKeys:
        if self._path.exists():
            return read_keys(self._vault)
        if (self.folder / StoreFiles.HEAD).exists():
            raise StoreMissing(
                wording(
                    "This till has sold before, but its records are gone from {folder}. Call your store admin to "
                    "restore the last backup.",
                    folder=str(self.folder),
                )
            )
        return make_keys(self._vault)

    def _connect(self) -> StoreConnection:
        try:
            self._connection = StoreConnection(self._path, self.journal.keys.database_key)
        except WrongKey as error:
            # The note beside the store tells which key it was written with: with that very key the file is damaged.
            if self._head_file is not None and self._head_file.was_written_with_this_key():
                raise damaged() from error
            raise
        return self._connection

    def _prepare(self) -> None:
        """Bring the store to its present form, check it, and begin the first epoch where there is none."""
        connection = self.connection()
        with self.reading():
            revision = connection.revision()
            if revision != LATEST_REVISION:
                self._migrate(connection, revision)
            self.journal.load(connection)
        if self.journal.head is None:
            self.journal.write(connection, lambda writer: writer.begin_epoch(1, None, RunningTotals(), "made"))
            self.journal.write_note()
            return
        if self.head.till_id != self.settings.till_id:
            raise OtherTill(
                wording(
                    "These records belong to till {found}, but this is till {wanted}. Correct the till's settings or "
                    "its folder.",
                    found=self.head.till_id,
                    wanted=self.settings.till_id,
                )
            )
        with self.reading():
            check_at_start(connection, self.head, self.journal.keys.signer.public_key())
        self._compare_with_note()

    def _migrate(self, connection: StoreConnection, revision: str | None) -> None:
        from offline_store.migration import knows, migrate

        if revision is not None and not knows(revision):
            raise StoreTooNew(
                wording("A newer version of the program wrote these records. Start that version, or update this one.")
            )
        migrate(connection)

    def _compare_with_note(self) -> None:
        """Refuse a store that ends before what was signed, or whose note did not come along; bring a late one up."""
        head = self.head
        note = self._head_file.read() if self._head_file is not None else None
        signed = note is not None and note.is_signed_by(self.journal.keys.signer.public_key())
        if note is not None and signed and (note.head.epoch, note.head.sequence) > (head.epoch, head.sequence):
            raise TailMissing(
                wording(
                    "The till's records end at entry {last}, but entry {written} was written: an old copy was put in "
                    "their place, or their end is lost. Call your store admin to restore the last backup.",
                    last=f"{head.epoch}/{head.sequence}",
                    written=f"{note.head.epoch}/{note.head.sequence}",
                )
            )
        # A till killed while it made its store has sold nothing yet, and may not have come to the note.
        if not signed and (head.epoch, head.sequence) != (1, 1):
            raise TailMissing(
                wording(
                    "The note {file} that belongs to the till's records is gone or was changed, so nobody can tell "
                    "whether they are whole. Call your store admin to restore the last backup.",
                    file=StoreFiles.HEAD,
                )
            )
        self.journal.write_note(anyway=note is None or note.head != head)

    def connection(self) -> StoreConnection:
        """Return a connection that works, opening a new one where the last had failed.

        Raises:
            StoreProblem: the disk still fails.
        """
        self.journal.write_note()
        if self._connection is not None:
            return self._connection
        connection = self._connect()
        try:
            self.journal.load(connection)
        except BaseException:
            self._drop_connection()
            raise
        return connection

    def _drop_connection(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(Exception):
                # Closing writes the log back, on a disk that has just failed; the failure is already being told.
                connection.close()

    @contextlib.contextmanager
    def reading(self) -> Iterator[StoreConnection]:
        """Read, with the database's errors told as what they mean to a person.

        Raises:
            StoreProblem: the store could not be read.
        """
        connection = self.connection()
        try:
            yield connection
        except Exception as error:
            problem = connection.problem(error)
            if problem is None or problem is error:
                raise
            self._doubt(problem)
            raise problem from error

    def write_entries(self, action: Callable[[JournalWriter], Result]) -> Result:
        """Run one durable transaction that appends to the journal, and say for certain whether it was stored.

        A full disk gets a second try once the ballast is overboard. After a COMMIT whose outcome is unknown the store
        is opened again and asked.

        Raises:
            StoreProblem: nothing of it was stored, unless the sentence is that of `not_yet_safe`.
        """
        try:
            return self._write_entries_once(action)
        except DiskFull:
            if not self.space.give_up_ballast():
                raise
            return self._write_entries_once(action)

    def _write_entries_once(self, action: Callable[[JournalWriter], Result]) -> Result:
        self._flush_if_due()
        connection = self.connection()
        results: list[Result] = []
        try:
            return self.journal.write(connection, lambda writer: _kept(results, action(writer)))
        except EntriesUnknown as unknown:
            if not self._were_committed(unknown):
                raise unknown.problem from unknown
            return results[0]
        except StoreProblem as problem:
            self._doubt(problem)
            raise

    def _were_committed(self, unknown: EntriesUnknown) -> bool:
        """Open the store again and look whether the head that was to be committed is there; if so, make it safe."""
        self._drop_connection()
        self._flush_is_due = True
        try:
            self.connection()
        except Exception as error:
            problem = error if isinstance(error, StoreProblem) else problem_of(error, self.folder)
            if problem is None:
                raise
            raise unknown.problem from error
        if unknown.head is None or self.journal.head is None or self.journal.head.hash != unknown.head.hash:
            self._flush_is_due = False
            return False
        self._flush_if_due()
        self.journal.write_note(anyway=True)
        return True

    def _flush_if_due(self) -> None:
        """Bring what a failed flush may have left in memory only to the disk.

        Raises:
            StoreIoProblem: what was stored last could still be taken by a power cut.
        """
        if not self._flush_is_due or self._emptied_log():
            self._flush_is_due = False
            return
        # A reader holds the log, or the disk has no room to write it back; the log itself is as good once it is there.
        try:
            write_again(self._path.with_name(f"{self._path.name}-wal"))
        except OSError as error:
            self._drop_connection()
            raise not_yet_safe() from error
        self._flush_is_due = False

    def _emptied_log(self) -> bool:
        """Write the log back into the file, unless a reader holds it or the disk fails; say whether it was."""
        connection = self.connection()
        try:
            # A reader may hold it for minutes (a backup does), and a shopper waits.
            connection.driver.execute("PRAGMA busy_timeout = 0")
            busy, _, _ = connection.driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            connection.driver.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        except Exception as error:
            if connection.problem(error) is None:
                raise
            self._drop_connection()
            return False
        return not busy

    def write_durably(self, action: Callable[[Any], object]) -> None:
        """Run one durable transaction that appends nothing to the journal.

        The action may run twice: it must come to the same.

        Raises:
            StoreProblem: nothing of it was stored, or it is not known whether it was.
        """
        try:
            self._write_durably_once(action)
        except DiskFull:
            if not self.space.give_up_ballast():
                raise
            self._write_durably_once(action)

    def _write_durably_once(self, action: Callable[[Any], object]) -> None:
        self._flush_if_due()
        try:
            self.connection().in_transaction(action, durable=True)
        except CommitUnknown:
            self._drop_connection()
            # Should it have taken effect in memory only, the same again changes nothing: the log is flushed besides.
            self._flush_is_due = True
            try:
                self.connection().in_transaction(action, durable=True)
            except CommitUnknown as unknown:
                self._drop_connection()
                raise unknown.problem from unknown
            self._flush_if_due()
        except StoreProblem as problem:
            self._doubt(problem)
            raise

    def write_working_state(self, action: Callable[[Any], None]) -> None:
        """Run one transaction on what is not yet a fact: it survives a killed process, a power cut may undo it.

        The action may run twice: it must come to the same.

        Raises:
            StoreProblem: what was last stored is still there.
        """
        try:
            self._write_working_state_once(action)
        except DiskFull:
            if not self.space.give_up_ballast():
                raise
            self._write_working_state_once(action)

    def _write_working_state_once(self, action: Callable[[Any], None]) -> None:
        try:
            self.connection().in_transaction(action, durable=False)
        except CommitUnknown:
            # Whether it took effect need not be asked: the same again comes to the same.
            self._drop_connection()
            self._write_working_state_again(action)
        except StoreProblem as problem:
            self._doubt(problem)
            raise

    def _write_working_state_again(self, action: Callable[[Any], None]) -> None:
        try:
            self.connection().in_transaction(action, durable=False)
        except CommitUnknown as unknown:
            self._drop_connection()
            raise unknown.problem from unknown

    def _doubt(self, problem: StoreProblem) -> None:
        """After an I/O error open the store anew at the next call: what SQLite holds in memory may be stale."""
        if isinstance(problem, StoreIoProblem):
            self._drop_connection()


def _kept(results: list[Result], result: Result) -> Result:
    """Keep what an action came to, for the case that its COMMIT fails and took effect nevertheless."""
    results.append(result)
    return result
