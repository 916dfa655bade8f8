"""Where the keeper's tables live: SQLite in a file or PostgreSQL, and one transaction for each call.

Every transaction is durable before its call is answered. Calls that change anything come one after the other: in SQLite
by its own write lock, in PostgreSQL by an advisory lock, so that whoever reads before writing reads the truth.

SQLite keeps a rollback journal here, not a write-ahead log: one call at a time needs none, and what is deleted is
overwritten (`secure_delete`) in the only file there is.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event, insert, make_url, select, text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import StaticPool

from app.headquarters.members import schema
from app.values.problems import Problem
from app.values.wording import wording

_WRITERS: Final = 0x47544D42
"""The number of PostgreSQL's advisory lock."""

_BUSY_S: Final = 5
_KEY_BYTES: Final = 32


class KeeperTroubled(Problem):
    """Raised when the book cannot be read or written; whether the last change was kept is not known."""

    code = "KEEPER-TROUBLED"


class WrongBook(Problem):
    """Raised when a file or database is no book of members, or one that this program cannot read."""

    code = "KEEPER-WRONG-BOOK"


def troubled() -> KeeperTroubled:
    """Return the problem of a database that fails."""
    return KeeperTroubled(
        wording(
            "The book of members cannot be read or written now. Look after its disk or its database, then try again."
        )
    )


class Database:
    """The engine with its lock; safe for any number of threads."""

    def __init__(self, engine: Engine) -> None:
        """Take an engine; the tables are made where they are not there yet.

        Raises:
            WrongBook: it is no book, or of another version.
            KeeperTroubled: the database cannot be reached, or the disk fails.
        """
        self._engine = engine
        self._lock = threading.RLock()
        self.is_sqlite = engine.dialect.name == "sqlite"
        try:
            self._set_up()
        except SQLAlchemyError as error:
            engine.dispose()
            raise _opening_failed(error) from error
        except WrongBook:
            engine.dispose()
            raise

    def close(self) -> None:
        """Let the connections go."""
        with self._lock:
            self._engine.dispose()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Run one transaction that may change something: all of it is stored, or nothing.

        Raises:
            KeeperTroubled: the database failed; where its COMMIT did, the change may be there or not.
        """
        with self._troubles(), self._turn(), self._engine.connect() as connection, connection.begin():
            if not self.is_sqlite:
                connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _WRITERS})
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Read one state of the book.

        Raises:
            KeeperTroubled: the database failed.
        """
        with self._troubles(), self._turn(), self._engine.connect() as opened:
            one_state = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ"}
            connection = opened.execution_options(**one_state)
            with connection.begin():
                yield connection

    def compact(self) -> None:
        """Rewrite the book without what was deleted from it; once after an erasure is enough.

        PostgreSQL keeps what was deleted in its write-ahead log and in backups for as long as its operator keeps those.

        Raises:
            KeeperTroubled: the database failed.
        """
        with self._troubles(), self._lock:
            if self.is_sqlite:
                raw = self._engine.raw_connection()
                try:
                    raw.cursor().execute("VACUUM")
                finally:
                    raw.close()
                return
            with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text("VACUUM FULL member, member_key, message"))

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self.is_sqlite:
            yield
            return
        with self._lock:
            yield

    @contextmanager
    def _troubles(self) -> Iterator[None]:
        try:
            yield
        except (OperationalError, InterfaceError, PoolTimeout) as error:
            raise troubled() from error
        except DBAPIError as error:
            if error.connection_invalidated:
                raise troubled() from error
            raise

    def _set_up(self) -> None:
        with self._engine.connect() as connection, connection.begin():
            if not self.is_sqlite:
                connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _WRITERS})
            schema.METADATA.create_all(connection)
            version = connection.execute(select(schema.meta.c.value).where(schema.meta.c.name == "version")).scalar()
            if version is None:
                connection.execute(insert(schema.meta).values(name="version", value=schema.VERSION))
            elif version != schema.VERSION:
                raise WrongBook(
                    wording("This book of members was written by another version of the program. Install that version.")
                )


def engine_of(url_or_path: str | Path, key: bytes | None = None) -> Engine:
    """Return the engine of a book.

    Args:
        url_or_path: a file, or the address of a PostgreSQL database (`postgresql://…`).
        key: 32 random bytes that a file is encrypted with (SQLCipher); None: it is not.

    Raises:
        WrongBook: if it is the address of another kind of database, or its folder is missing.
    """
    address = str(url_or_path)
    if "://" in address:
        url = make_url(address)
        if url.get_backend_name() == "postgresql" and key is None:
            return create_engine(url.set(drivername="postgresql+psycopg"), pool_pre_ping=True)
        raise WrongBook(wording("A book of members is a file or a PostgreSQL database. Name one of these."))
    path = Path(address)
    if not path.parent.is_dir():
        raise WrongBook(wording("The folder of the book of members is missing. Make it, then start again."))
    if key is not None and len(key) != _KEY_BYTES:
        raise ValueError(f"the key of a book has {_KEY_BYTES} bytes")
    driver = "sqlite+pysqlite" if key is None else "sqlite+pysqlcipher"
    password = None if key is None else f"x'{key.hex()}'"
    engine = create_engine(
        URL.create(driver, password=password, database=str(path.resolve())),
        connect_args={"check_same_thread": False, "timeout": _BUSY_S, "isolation_level": None},
        poolclass=StaticPool,
        hide_parameters=True,
    )
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_immediate)
    return engine


def _set_up_sqlite(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver has no types
    cursor = connection.cursor()
    for setting in (
        "journal_mode = DELETE",
        "synchronous = EXTRA",
        "secure_delete = ON",
        "foreign_keys = ON",
        "recursive_triggers = ON",
    ):
        cursor.execute(f"PRAGMA {setting}")
    cursor.close()


def _begin_immediate(connection: Connection) -> None:
    # The driver begins nothing by itself: a call that reads first must not find the book changed when it writes.
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _opening_failed(error: SQLAlchemyError) -> Problem:
    original = getattr(error, "orig", None)
    if getattr(original, "sqlite_errorname", "") == "SQLITE_NOTADB" or "not a database" in str(original):
        return WrongBook(wording("This file is no book of members, or its key is another one. Name the right one."))
    return troubled()
