"""Reads a till's store without being the till: for verification, export, backup and the doctor, also while it sells."""

import contextlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from app.ledger.chain import Head
from app.ledger.entry import JournalEntry
from app.ledger.verification import Verified
from app.values.wording import wording
from offline_store.checking import check_file
from offline_store.connection import StoreConnection
from offline_store.entry_rows import read_entries
from offline_store.journal import read_head
from offline_store.keys import KeyVault, TillKeys, read_keys
from offline_store.problems import StoreMissing, StoreTooNew, problem_of
from offline_store.schema import LATEST_REVISION, entry_key
from offline_store.settings import StoreFiles
from offline_store.verify import verify_store


class StoreReader:
    """A store open for reading. One thread uses it; a till may be selling on the same store."""

    def __init__(self, folder: Path, vault: KeyVault) -> None:
        """Open the store of a folder.

        Raises:
            StoreMissing: there is none.
            StoreProblem: its key is missing or wrong, or its disk fails.
        """
        path = folder / StoreFiles.DATABASE
        if not path.exists():
            raise StoreMissing(wording("There are no till records in {folder}.", folder=str(folder)))
        self.folder = folder
        self.keys: TillKeys = read_keys(vault)
        try:
            self.connection = StoreConnection(path, self.keys.database_key, read_only=True)
            revision = self.connection.revision()
        except Exception as error:
            problem = problem_of(error, folder)
            if problem is None or problem is error:
                raise
            raise problem from error
        if revision != LATEST_REVISION:
            self.connection.close()
            if revision is None:
                raise StoreMissing(wording("There are no till records in {folder}.", folder=str(folder)))
            raise StoreTooNew(
                wording("Another version of the program wrote these records. Start the till once with this version.")
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the store."""
        self.connection.close()

    def head(self) -> Head | None:
        """Return where the journal ends; None in a store that was never used."""
        with self.told():
            return read_head(self.connection)

    def last_recorded_at(self) -> datetime | None:
        """Return what the till's clock said at the last entry; None where there is none, or it cannot be read.

        Raises:
            StoreProblem: the store cannot be read.
        """
        head = self.head()
        if head is None:
            return None
        with self.one_state() as connection:
            last = next(read_entries(connection, entry_key(head.epoch, head.sequence)), None)
        return last.recorded_at if isinstance(last, JournalEntry) else None

    def verify(self) -> Verified:
        """Verify every entry and every table beside the journal.

        Raises:
            StoreProblem: the store cannot be read at all.
        """
        return verify_store(self.connection, self.folder, self.keys)

    def check(self) -> None:
        """Check every page and index of the file; takes seconds for a large one.

        Raises:
            StoreDamaged: it is not whole.
        """
        with self.told():
            check_file(self.connection)

    @contextlib.contextmanager
    def one_state(self) -> Iterator[StoreConnection]:
        """Read one state of the store, whatever the till commits meanwhile.

        Raises:
            StoreProblem: the store cannot be read.
        """
        with self.told():
            self.connection.driver.execute("BEGIN")
            try:
                yield self.connection
            finally:
                self.connection.driver.execute("ROLLBACK")

    @contextlib.contextmanager
    def told(self) -> Iterator[None]:
        """Tell the database's errors as what they mean to a person.

        Raises:
            StoreProblem: the store cannot be read.
        """
        try:
            yield
        except Exception as error:
            problem = self.connection.problem(error)
            if problem is None or problem is error:
                raise
            raise problem from error
