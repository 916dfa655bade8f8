"""What a verification finds: the kinds of tampering, and the sentence that names each."""

from dataclasses import dataclass
from enum import Enum

from app.values.identifiers import EntryId
from app.values.wording import Wording, wording


class Tampering(Enum):
    """What was done to a journal."""

    VALUE_EDITED = "value_edited"
    ROW_MISSING = "row_missing"
    TAIL_CUT = "tail_cut"
    ORDER_SWAPPED = "order_swapped"
    ENTRY_REPLACED = "entry_replaced"
    """It does not bear this till's signature."""

    POSTINGS_EDITED = "postings_edited"
    TABLE_DIFFERS = "table_differs"
    """A table beside the journal says something else than the signed entry."""

    RECEIPT_NUMBER_WRONG = "receipt_number_wrong"
    TOTALS_DIFFER = "totals_differ"
    HEAD_NOTE_EDITED = "head_note_edited"
    """The note of where the chain ends was changed or is not this till's."""


@dataclass(frozen=True, slots=True)
class Finding:
    """The first thing that is wrong, by the entry it shows at."""

    entry_id: EntryId
    tampering: Tampering
    sentence: Wording
    """What was found, for a person."""


def found(entry_id: EntryId, tampering: Tampering, sentence: Wording) -> Finding:
    """Return a finding."""
    return Finding(entry_id, tampering, sentence)


def edited(entry_id: EntryId) -> Finding:
    """Say that a value was changed."""
    return found(
        entry_id,
        Tampering.VALUE_EDITED,
        wording("Entry {entry}: a value was changed after the till wrote it.", entry=str(entry_id)),
    )


def replaced(entry_id: EntryId) -> Finding:
    """Say that the entry is not the till's."""
    return found(
        entry_id,
        Tampering.ENTRY_REPLACED,
        wording("Entry {entry} was replaced: it does not bear this till's signature.", entry=str(entry_id)),
    )


def swapped(wanted: EntryId, standing: EntryId) -> Finding:
    """Say that another entry was put in its place."""
    return found(
        wanted,
        Tampering.ORDER_SWAPPED,
        wording(
            "Where entry {entry} must stand, entry {other} was put: the order was changed.",
            entry=str(wanted),
            other=str(standing),
        ),
    )


def postings_edited(entry_id: EntryId) -> Finding:
    """Say that the postings were changed."""
    return found(
        entry_id,
        Tampering.POSTINGS_EDITED,
        wording("Entry {entry}: its postings were changed after the till wrote them.", entry=str(entry_id)),
    )


def totals_differ(entry_id: EntryId) -> Finding:
    """Say that totals are not the sum."""
    return found(
        entry_id,
        Tampering.TOTALS_DIFFER,
        wording("Entry {entry}: the perpetual totals are not the sum of all sales up to it.", entry=str(entry_id)),
    )
