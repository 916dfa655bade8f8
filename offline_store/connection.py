"""The one connection to a till's store: encrypted, write-ahead logged, and never left in half a transaction.

SQLAlchemy Core reads; the few statements of a sale go to the driver's own cursor as prepared text, since they decide
how long a shopper waits. Transactions are begun and ended here only (`isolation_level=None` keeps the driver out).
"""

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import NullPool
from sqlcipher3 import dbapi2

from app.values.wording import wording
from offline_store.problems import StoreProblem, UnfitDatabaseLibrary, damaged, problem_of, wrong_key

Result = TypeVar("Result")

MINIMUM_SQLITE: Final = (3, 51, 3)
"""The first release without the WAL-reset bug (3.7.0 to 3.51.2)."""

BUSY_TIMEOUT_MS: Final = 5_000
"""How long a reader's checkpoint or a backup may hold the store up."""

APPLICATION_ID: Final = 0x47544149
"""`GTAI` in the file's header."""


class CommitUnknown(Exception):
    """A COMMIT failed: whether it took effect is not known until the store is opened again."""

    def __init__(self, problem: StoreProblem) -> None:
        """Keep what the failure means to a person."""
        super().__init__(problem.code)
        self.problem = problem


def require_fit_library(sqlite_version: tuple[int, ...], cipher_version: str | None) -> None:
    """Refuse a database library that could lose a sale or write it in the clear.

    Raises:
        UnfitDatabaseLibrary: it is too old, or cannot encrypt.
    """
    if sqlite_version < MINIMUM_SQLITE:
        raise UnfitDatabaseLibrary(
            wording(
                "The database library (SQLite {version}) has a fault that can lose sales. Call your store admin to "
                "install {needed} or later.",
                version=".".join(map(str, sqlite_version)),
                needed=".".join(map(str, MINIMUM_SQLITE)),
            )
        )
    if not cipher_version:
        raise UnfitDatabaseLibrary(
            wording("The database library cannot encrypt. Call your store admin to install SQLCipher.")
        )


class StoreConnection:
    """A keyed connection with the settings that every part of the store relies on."""

    def __init__(self, path: Path, key: bytes, *, read_only: bool = False) -> None:
        """Open a store's file, making it where there is none.

        Raises:
            WrongKey: the key does not open the file, or its first page is damaged.
            UnfitDatabaseLibrary: the library is too old or cannot encrypt.
            StoreProblem: the disk fails.
        """
        self.path = path
        self._synchronous = ""
        self._read_only = read_only
        try:
            self._engine = create_engine(
                "sqlite+pysqlite://",
                module=dbapi2,
                creator=lambda: _connect(path, key, read_only=read_only),
                poolclass=NullPool,
                isolation_level="AUTOCOMMIT",
            )
            self.core: Connection = self._engine.connect()
        except Exception as error:
            raise self.problem(error) or error from error
        driver = self.core.connection.driver_connection
        if driver is None:
            raise RuntimeError("the pool handed out no connection")
        self.driver: Any = driver
        """The driver's own connection (DB-API)."""

        self.cursor: Any = driver.cursor()

    def close(self) -> None:
        """Close it; SQLite writes the log back into the file when the last connection goes."""
        self.core.close()
        self._engine.dispose()

    def revision(self) -> str | None:
        """Return the last migration step the store took; None for a new file."""
        known = self.driver.execute(
            "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'alembic_version'"
        ).fetchone()
        if known is None:
            return None
        row = self.driver.execute("SELECT version_num FROM alembic_version").fetchone()
        return row[0] if row else None

    def copy_into(self, target: Path) -> None:
        """Write one state of the store, encrypted with the same key, into a file that is not there yet."""
        # SQLite counts a copy as writing, whichever file it goes to.
        self.driver.execute("PRAGMA query_only = OFF")
        try:
            self.driver.execute("VACUUM INTO ?", (str(target),))
        finally:
            self.driver.execute(f"PRAGMA query_only = {'ON' if self._read_only else 'OFF'}")

    def problem(self, error: BaseException) -> StoreProblem | None:
        """Return what a database error means to a person; None where it is a bug."""
        return error if isinstance(error, StoreProblem) else problem_of(error, self.path.parent)

    def in_transaction(self, action: Callable[[Any], Result], *, durable: bool) -> Result:
        """Run one write transaction; `durable` waits for the disk, else a power cut may undo it, a crash never.

        The action is given the driver's cursor. (A function and no `with`: that is measurably less work in a sale.)

        Raises:
            StoreProblem: nothing of it was stored.
            CommitUnknown: the COMMIT itself failed.
        """
        cursor = self.cursor
        try:
            self._set_synchronous("FULL" if durable else "NORMAL")
            cursor.execute("BEGIN IMMEDIATE")
            result = action(cursor)
        except BaseException as error:
            self._roll_back()
            problem = self.problem(error)
            if problem is None or problem is error:
                raise
            raise problem from error
        try:
            cursor.execute("COMMIT")
        except Exception as error:
            problem = self.problem(error)
            self._roll_back()
            if problem is None:
                raise
            raise CommitUnknown(problem) from error
        return result

    def _set_synchronous(self, level: str) -> None:
        # Outside a transaction only: inside one SQLite ignores it.
        if level != self._synchronous:
            self._synchronous = ""
            self.cursor.execute(f"PRAGMA synchronous = {level}")
            self._synchronous = level

    def _roll_back(self) -> None:
        if self.driver.in_transaction:
            with contextlib.suppress(dbapi2.Error):
                # SQLite may have rolled back by itself; the error that led here is the one that is told.
                self.cursor.execute("ROLLBACK")


def _connect(path: Path, key: bytes, *, read_only: bool) -> Any:  # noqa: ANN401 - the driver has no types
    connection = dbapi2.connect(
        # A reader opens for writing too and is then held to reading: whoever shares a write-ahead log writes its index.
        path.resolve().as_uri() + ("?mode=rw" if read_only else ""),
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=256,
        timeout=BUSY_TIMEOUT_MS / 1000,
    )
    try:
        _set_up(connection, key, read_only=read_only)
    except BaseException:
        connection.close()
        raise
    return connection


def _set_up(connection: Any, key: bytes, *, read_only: bool) -> None:  # noqa: ANN401 - the driver has no types
    version = connection.execute("PRAGMA cipher_version").fetchone()
    require_fit_library(dbapi2.sqlite_version_info, version[0] if version else None)
    # The library would print to standard error, where nobody in a shop looks; every failure reaches us as an error.
    connection.execute("PRAGMA cipher_log_level = NONE")
    # A raw key: 256 random bits need no stretching, and opening takes no quarter of a second.
    connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except dbapi2.DatabaseError as error:
        if getattr(error, "sqlite_errorname", "") == "SQLITE_NOTADB":
            raise wrong_key() from error
        raise
    if not read_only:
        mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
        if mode != "wal":
            raise damaged()
    for pragma in (
        "PRAGMA synchronous = FULL",
        "PRAGMA foreign_keys = ON",
        "PRAGMA recursive_triggers = ON",
        "PRAGMA trusted_schema = OFF",
        "PRAGMA cell_size_check = ON",
        "PRAGMA fullfsync = ON",
        f"PRAGMA query_only = {'ON' if read_only else 'OFF'}",
    ):
        connection.execute(pragma)
