"""Says which database library this computer has, and refuses one that cannot be trusted with sales."""

import sqlcipher3

from offline_store.connection import require_fit_library


def database_library() -> tuple[str, str]:
    """Return the versions of SQLite and SQLCipher.

    Raises:
        UnfitDatabaseLibrary: it is too old, or cannot encrypt.
    """
    connection = sqlcipher3.connect(":memory:")
    try:
        row = connection.execute("PRAGMA cipher_version").fetchone()
    finally:
        connection.close()
    version: str = sqlcipher3.sqlite_version
    cipher: str | None = row[0] if row else None
    require_fit_library(tuple(int(part) for part in version.split(".")), cipher)
    return version, (cipher or "").split(" ")[0]
