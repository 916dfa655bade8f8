"""How a catalogue file is opened: by the sqlcipher3 driver without a key, since nothing in it is secret."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, cast

import sqlcipher3.dbapi2 as driver
from sqlalchemy import Connection, create_engine, event
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import Engine
from sqlalchemy.pool import NullPool
from sqlalchemy.sql import ClauseElement

READER_CACHE_KIB = 4096
"""The till's own page cache; the system keeps the rest of the file where memory is free, and may drop it."""

WRITER_CACHE_KIB = 65536


class Cursor(Protocol):
    """The part of the driver's cursor that is used; rows come as tuples."""

    def execute(self, statement: str, values: Mapping[str, object] = ...) -> "Cursor":
        """Run a statement and return the cursor."""

    def fetchone(self) -> tuple[Any, ...] | None:
        """Return the next row."""

    def fetchmany(self, size: int) -> list[tuple[Any, ...]]:
        """Return the next rows."""

    def __iter__(self) -> Iterator[tuple[Any, ...]]: ...


class DriverConnection(Protocol):
    """The part of the driver's connection that is used."""

    def execute(self, statement: str) -> Cursor:
        """Run a statement on a new cursor."""

    def cursor(self) -> Cursor:
        """Return a new cursor."""

    def close(self) -> None:
        """Let the file go."""


DriverError = driver.DatabaseError
"""What the driver raises on a damaged file; a file that is no database at all is one of these too."""

DriverIntegrityError = driver.IntegrityError
"""What the driver raises on records that break a rule of the tables."""


def is_damage(error: BaseException | None) -> bool:
    """Whether the driver speaks of the file and the disk; a wrong statement is a bug and stays one."""
    return type(error) in {driver.DatabaseError, driver.OperationalError}


_NAMED = SQLiteDialect_pysqlite(paramstyle="named")


def sql_text(statement: ClauseElement) -> str:
    """Return a statement as text with `:name` parameters, compiled once, for execution on the driver's own cursor.

    Compiling and wrapping at each call costs more than finding a row does.
    """
    return str(statement.compile(dialect=_NAMED))


def reading_connection(path: Path) -> DriverConnection:
    """Open a finished file for reading and return the driver's connection.

    A published file never changes, so it is opened `immutable`: no locks, no look at the disk between statements.
    """
    connection = driver.connect(
        f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True, isolation_level=None, check_same_thread=False
    )
    connection.execute(f"PRAGMA cache_size = -{READER_CACHE_KIB}")
    connection.execute("PRAGMA query_only = ON")
    return cast("DriverConnection", connection)


@contextmanager
def writing_connection(path: Path) -> Iterator[Connection]:
    """Open a file that nobody else knows yet, for writing in one transaction that the caller begins and ends.

    Nothing is synchronised on the way: the file is thrown away if anything fails, and synchronised when finished.
    """
    engine = _writing_engine(path)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def _writing_engine(path: Path) -> Engine:
    engine = create_engine(
        "sqlite://", module=driver, creator=lambda: driver.connect(str(path), isolation_level=None), poolclass=NullPool
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: DriverConnection, _record: object) -> None:
        for pragma in (
            "journal_mode = OFF",
            "synchronous = OFF",
            "locking_mode = EXCLUSIVE",
            "foreign_keys = ON",
            f"cache_size = -{WRITER_CACHE_KIB}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    return engine
