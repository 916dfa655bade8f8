"""Verifies a till's whole store: the chain, the notes of its head, and every table beside the journal."""

from dataclasses import replace
from pathlib import Path

from app.ledger.chain import Head, HeadNote
from app.ledger.findings import Finding, Tampering
from app.ledger.verification import Expectation, Verified, verify_journal
from app.values.identifiers import EntryId
from app.values.wording import wording
from offline_store.beside import Beside
from offline_store.connection import StoreConnection
from offline_store.entry_rows import read_entries
from offline_store.head_file import HeadFile
from offline_store.journal import read_head
from offline_store.keys import TillKeys, key_fingerprint
from offline_store.settings import StoreFiles


def verify_store(connection: StoreConnection, folder: Path, keys: TillKeys) -> Verified:
    """Verify everything in a store; sees one state of it, also while the till sells.

    Raises:
        StoreProblem: the store cannot be read at all.
    """
    # The note beside the store is read before the store's state is fixed, so that a till that sells on meanwhile
    # makes it lag, which is harmless, and never lead, which means that entries were lost.
    side_note = _side_note(folder, keys)
    verified, head = _verify(connection, keys, (side_note,) if side_note is not None else ())
    if verified.finding is None and side_note is None and head is not None:
        finding = Finding(
            EntryId(head.till_id, head.epoch, head.sequence),
            Tampering.HEAD_NOTE_EDITED,
            wording("The note of where the journal ends is gone from beside the store, or cannot be read."),
        )
        return replace(verified, finding=finding)
    return verified


def verify_connection(connection: StoreConnection, keys: TillKeys) -> Verified:
    """Verify everything in a store that has no note beside it: a backup.

    Raises:
        StoreProblem: the store cannot be read at all.
    """
    return _verify(connection, keys, ())[0]


def _verify(connection: StoreConnection, keys: TillKeys, notes: tuple[HeadNote, ...]) -> tuple[Verified, Head | None]:
    try:
        connection.driver.execute("BEGIN")
        try:
            return _verify_state(connection, keys, notes)
        finally:
            connection.driver.execute("ROLLBACK")
    except Exception as error:
        problem = connection.problem(error)
        if problem is None or problem is error:
            raise
        raise problem from error


def _verify_state(
    connection: StoreConnection, keys: TillKeys, notes: tuple[HeadNote, ...]
) -> tuple[Verified, Head | None]:
    head = read_head(connection)
    expectation = Expectation(frozenset({keys.signer.public_key()}), head, notes)
    beside = Beside(connection)
    verified = verify_journal(
        read_entries(connection), expectation, inspect=beside.inspect, postings_of=beside.postings_of
    )
    if verified.finding is None:
        verified = replace(verified, finding=beside.left_over())
    return verified, head


def _side_note(folder: Path, keys: TillKeys) -> HeadNote | None:
    file = HeadFile(folder / StoreFiles.HEAD, key_fingerprint(keys.database_key))
    note = file.read()
    if note is None or note.is_signed_by(keys.signer.public_key()):
        return note
    # A till that is writing it right now may have been caught halfway.
    return file.read()
