"""The texts that may name a person: apart from the journal, so that they can be erased and the chain stays whole."""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any, Final

from app.sales.sale import Sale
from offline_store.till_file import TillFile

MEMBER_LABEL: Final = "member"
"""The place of what a receipt calls a member."""

ERASE_OPERATOR: Final = "UPDATE operator_name SET name = '' WHERE operator_number = ?"
ERASE_NOTES: Final = (
    "UPDATE free_note SET text = NULL, salt = '' "
    "WHERE place <> 'member' AND entry_key = (SELECT entry_key FROM sale WHERE sale_id = ?)"
)
"""The salt goes with the text: by it a short text could be guessed from the digest in the journal."""

DROP_COPY: Final = "DELETE FROM member_copy WHERE member_id = ?"
"""The keys that the member is found by go with it."""

ERASE_LABELS: Final = (
    "UPDATE free_note SET text = NULL, salt = '' "
    "WHERE place = 'member' AND entry_key IN (SELECT entry_key FROM sale_member WHERE member_id = ?)"
)
ERASE_IN_BASKETS: Final = (
    "UPDATE basket SET document = json_remove(document, '$.member.masked_name', '$.member.masked_phone', "
    "'$.member.birthday') WHERE json_extract(document, '$.member.member_id') = ?"
)

IS_NAMED: Final = (
    "SELECT EXISTS (SELECT 1 FROM member_copy WHERE member_id = :who) "
    "OR EXISTS (SELECT 1 FROM sale_member m JOIN free_note n ON n.entry_key = m.entry_key "
    "WHERE m.member_id = :who AND n.place = 'member' AND n.salt <> '') "
    "OR EXISTS (SELECT 1 FROM basket WHERE json_extract(document, '$.member.member_id') = :who)"
)
"""Headquarters tells every till of every member who was erased: most were never here."""

ERASE_ALL_LABELS: Final = "UPDATE free_note SET text = NULL, salt = '' WHERE place = 'member' AND salt <> ''"
ERASE_IN_ALL_BASKETS: Final = (
    "UPDATE basket SET document = json_remove(document, '$.member.masked_name', '$.member.masked_phone', "
    "'$.member.birthday') WHERE json_extract(document, '$.member.member_id') IS NOT NULL"
)


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
        self._erase((ERASE_OPERATOR,), operator_number)

    def erase_notes(self, sale_id: str) -> None:
        """Forget what was noted on a sale.

        Raises:
            StoreProblem: the notes are still there.
        """
        self._erase((ERASE_NOTES,), sale_id)

    def forget_member(self, member_id: str) -> None:
        """Forget a member: the copy, what receipts and open baskets call them; the reference stays on their sales.

        Raises:
            StoreProblem: it is still there.
        """
        with self._file.reading() as connection:
            if not connection.driver.execute(IS_NAMED, {"who": member_id}).fetchone()[0]:
                return
        self._erase((DROP_COPY, ERASE_LABELS, ERASE_IN_BASKETS), member_id)

    def _erase(self, statements: Sequence[str], name: str) -> None:
        with self._file.reading() as connection:
            # What is erased is overwritten too, in the file and in its log.
            connection.driver.execute("PRAGMA secure_delete = ON")

        def write(cursor: Any) -> None:  # noqa: ANN401 - the driver has no types
            for statement in statements:
                cursor.execute(statement, (name,))

        self._file.write_working_state(write)
        with self._file.reading() as connection:
            connection.driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            connection.driver.execute("PRAGMA secure_delete = OFF")


def notes_of(sale: Sale) -> Iterator[tuple[str, str]]:
    """Yield the place and text of every note in a sale, and of what its receipt calls the member."""
    if sale.note:
        yield "sale", sale.note
    if sale.member is not None and sale.member.label:
        yield MEMBER_LABEL, sale.member.label
    for place, line in enumerate(sale.lines, 1):
        if line.note:
            yield f"line/{place}", line.note
    for place, line in enumerate(sale.voided_lines, 1):
        if line.note:
            yield f"voided/{place}", line.note


def note_digest(salt: str, text: str) -> str:
    """Return what the journal holds of a note: without the salt nobody can try texts against it."""
    return hashlib.sha256(f"{salt}\x00{text}".encode()).hexdigest()
