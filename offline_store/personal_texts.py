"""The texts that may name a person: apart from the journal, so that they can be erased and the chain stays whole."""

import hashlib
from collections.abc import Iterator
from typing import Any, Final

from app.sales.sale import Sale
from offline_store.till_file import TillFile

ERASE_OPERATOR: Final = "UPDATE operator_name SET name = '' WHERE operator_number = ?"
ERASE_NOTES: Final = "UPDATE free_note SET text = NULL WHERE entry_key = (SELECT entry_key FROM sale WHERE sale_id = ?)"


class PersonalTexts:
    """The personal texts in the store."""

    def __init__(self, till_file: TillFile) -> None:
        """Work through an open store."""
        self._file = till_file

    def erase_operator(self, operator_number: str) -> None:
        """Forget the names of an operator who left; her number stays on what she did.

        Raises:
            StoreProblem: the name is still there.
        """
        self._erase(ERASE_OPERATOR, operator_number)

    def erase_notes(self, sale_id: str) -> None:
        """Forget what was noted on a sale.

        Raises:
            StoreProblem: the notes are still there.
        """
        self._erase(ERASE_NOTES, sale_id)

    def _erase(self, statement: str, name: str) -> None:
        with self._file.reading() as connection:
            # What is erased is overwritten too, in the file and in its log.
            connection.driver.execute("PRAGMA secure_delete = ON")

        def write(cursor: Any) -> None:  # noqa: ANN401 - the driver has no types
            cursor.execute(statement, (name,))

        self._file.write_working_state(write)
        with self._file.reading() as connection:
            connection.driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            connection.driver.execute("PRAGMA secure_delete = OFF")


def notes_of(sale: Sale) -> Iterator[tuple[str, str]]:
    """Yield the place and text of every note in a sale."""
    if sale.note:
        yield "sale", sale.note
    for place, line in enumerate(sale.lines, 1):
        if line.note:
            yield f"line/{place}", line.note
    for place, line in enumerate(sale.voided_lines, 1):
        if line.note:
            yield f"voided/{place}", line.note


def note_digest(salt: str, text: str) -> str:
    """Return what the journal holds of a note: without the salt nobody can try texts against it."""
    return hashlib.sha256(f"{salt}\x00{text}".encode()).hexdigest()
