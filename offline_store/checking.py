"""What is checked before a till sells: that the file is whole, and that its last entries hang together."""

from typing import Final

from app.ledger.chain import Head, content_hash, signature_holds
from app.ledger.verification import UnreadableEntry
from offline_store.connection import StoreConnection
from offline_store.entry_rows import read_entries
from offline_store.problems import damaged
from offline_store.schema import entry_key

LAST_ENTRIES: Final = 20
"""How many of the last entries are checked at every start; the whole journal is checked nightly."""

WHOLE_CHECK_BYTES: Final = 64 << 20
"""Up to this size the whole file is checked at every start; a larger one by `check_file`, while selling goes on."""

WORKING_TABLES: Final = ("head", "sync_state", "till_session", "operator_name", "basket", "basket_line", "payment_open")
"""Small, and needed for the first sale: always checked."""


def check_at_start(connection: StoreConnection, head: Head, public_key: bytes) -> None:
    """Check what the next sale stands on.

    Raises:
        StoreDamaged: the file is damaged or the end of the chain is broken.
    """
    pages = int(connection.driver.execute("PRAGMA page_count").fetchone()[0])
    page_bytes = int(connection.driver.execute("PRAGMA page_size").fetchone()[0])  # SQLCipher answers with a text
    if pages * page_bytes <= WHOLE_CHECK_BYTES:
        _quick_check(connection, "PRAGMA quick_check(1)")
    else:
        for table in WORKING_TABLES:
            _quick_check(connection, f"PRAGMA quick_check({table})")
    _check_last_entries(connection, head, public_key)


def check_file(connection: StoreConnection) -> None:
    """Check every page and index of the file, and every page's authentication code.

    Raises:
        StoreDamaged: one is not whole.
    """
    if connection.driver.execute("PRAGMA cipher_integrity_check").fetchone() is not None:
        raise damaged()
    # A value that breaks a rule of the shop is tampering and not damage: the verification names it.
    connection.driver.execute("PRAGMA ignore_check_constraints = ON")
    try:
        _quick_check(connection, "PRAGMA integrity_check(1)")
    finally:
        connection.driver.execute("PRAGMA ignore_check_constraints = OFF")


def _quick_check(connection: StoreConnection, statement: str) -> None:
    if connection.driver.execute(statement).fetchone()[0] != "ok":
        raise damaged()


def _check_last_entries(connection: StoreConnection, head: Head, public_key: bytes) -> None:
    first = max(1, head.sequence - LAST_ENTRIES + 1)
    previous = None
    last = None
    for entry in read_entries(connection, entry_key(head.epoch, first)):
        if (
            isinstance(entry, UnreadableEntry)
            or content_hash(entry) != entry.hash
            or (previous is not None and entry.previous_hash != previous)
            or not signature_holds(public_key, entry.hash, entry.signature)
        ):
            raise damaged()
        previous, last = entry.hash, entry
    if last is None or last.hash != head.hash or last.entry_id.sequence != head.sequence:
        raise damaged()
