"""The verification of a journal: nothing but entries, keys and what is known from elsewhere."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.ledger.chain import ChainPoint, Ed25519Signer, Head, HeadNote, RunningTotals, note_of
from app.ledger.entry import EntryKind, JournalEntry
from app.ledger.findings import Finding, Tampering
from app.ledger.postings import Posting
from app.ledger.verification import Expectation, UnreadableEntry, Verified, verify_journal
from app.values.identifiers import EntryId


def expectation(journal: Any, **known: Any) -> Expectation:
    return Expectation(frozenset({journal.signer.public_key()}), **known)


def verified(journal: Any, entries: list[Any] | None = None, **known: Any) -> Verified:
    return verify_journal(journal.entries if entries is None else entries, expectation(journal, **known))


def found(journal: Any, entries: list[Any] | None = None, **known: Any) -> tuple[int, Tampering]:
    finding = verified(journal, entries, **known).finding
    assert finding is not None
    return finding.entry_id.sequence, finding.tampering


def head_of(journal: Any, totals: RunningTotals | None = None) -> Head:
    last = journal.entries[-1]
    return Head("0001-01", last.entry_id.epoch, last.entry_id.sequence, last.hash, totals or journal.totals)


def test_an_honest_journal_verifies(journal: Any) -> None:
    head = head_of(journal)
    result = verified(journal, head=head, notes=(note_of(head, journal.signer),))
    assert result.finding is None
    # 10.00 + 2.50 + 0.01
    assert (result.entry_count, result.totals) == (5, RunningTotals(3, 1251, 3))
    assert result.head == head.as_point()


def test_an_empty_journal_is_honest_unless_a_note_says_otherwise(journal: Any) -> None:
    assert verified(journal, []).finding is None
    assert found(journal, [], notes=(note_of(head_of(journal), journal.signer),)) == (1, Tampering.TAIL_CUT)


@pytest.mark.parametrize("place", range(4))
def test_a_missing_row_is_named(journal: Any, place: int) -> None:
    entries = journal.entries[:place] + journal.entries[place + 1 :]
    assert found(journal, entries) == (place + 1, Tampering.ROW_MISSING)


@pytest.mark.parametrize("place", range(4))
def test_two_rows_in_swapped_places_are_named(journal: Any, place: int) -> None:
    entries = list(journal.entries)
    entries[place], entries[place + 1] = entries[place + 1], entries[place]
    assert found(journal, entries) == (place + 1, Tampering.ORDER_SWAPPED)


def test_two_rows_that_exchanged_their_numbers_are_named_with_where_they_come_from(journal: Any) -> None:
    entries = list(journal.entries)
    second, fourth = entries[1], entries[3]
    entries[1] = replace(fourth, entry_id=second.entry_id)
    entries[3] = replace(second, entry_id=fourth.entry_id)
    finding = verified(journal, entries).finding
    assert finding is not None
    assert (finding.entry_id.sequence, finding.tampering) == (2, Tampering.ORDER_SWAPPED)
    assert "0001-01/1/4" in str(finding.sentence)


def test_a_row_that_stands_twice_is_out_of_order(journal: Any) -> None:
    entries = [*journal.entries[:2], journal.entries[1], *journal.entries[2:]]
    assert found(journal, entries)[1] is Tampering.ORDER_SWAPPED


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"body": b'{"reason":"theft"}'}, Tampering.VALUE_EDITED),
        ({"kind": EntryKind.CATALOGUE_CHANGED}, Tampering.VALUE_EDITED),
        ({"hash": b"h" * 32}, Tampering.VALUE_EDITED),
        ({"previous_hash": b"h" * 32}, Tampering.VALUE_EDITED),
        ({"signature": b"s" * 64}, Tampering.ENTRY_REPLACED),
        ({"postings": (Posting("a", 1, "CNY"),)}, Tampering.POSTINGS_EDITED),
        ({"postings": (Posting("a", 1, "CNY"), Posting("b", -1, "CNY"))}, Tampering.VALUE_EDITED),
    ],
)
def test_a_changed_value_is_named(journal: Any, change: dict[str, Any], expected: Tampering) -> None:
    entries = list(journal.entries)
    entries[3] = replace(entries[3], **change)
    assert found(journal, entries) == (4, expected)


def test_balanced_but_wrong_postings_are_told_where_the_body_knows_better(journal: Any) -> None:
    entries = list(journal.entries)
    right = entries[1].postings
    entries[1] = replace(entries[1], postings=(Posting("owner", 1000, "CNY"), right[1]))
    result = verify_journal(entries, expectation(journal), postings_of=lambda _: right)
    assert result.finding is not None
    assert (result.finding.entry_id.sequence, result.finding.tampering) == (2, Tampering.POSTINGS_EDITED)


def test_an_entry_of_another_key_is_a_replacement(journal: Any, make_journal: Callable[[], Any]) -> None:
    forger = make_journal()
    forger.entries = journal.entries[:3]
    forger.signer = Ed25519Signer(b"f" * 32)
    forger.append(EntryKind.DRAWER_OPENED, b'{"reason":"forged"}')
    entries = [*journal.entries[:3], forger.entries[3], journal.entries[4]]
    assert found(journal, entries) == (4, Tampering.ENTRY_REPLACED)


def test_a_whole_journal_of_another_key_is_a_replacement(journal: Any) -> None:
    result = verify_journal(journal.entries, Expectation(frozenset({b"o" * 32})))
    assert result.finding is not None
    assert (result.finding.entry_id.sequence, result.finding.tampering) == (1, Tampering.ENTRY_REPLACED)


def test_a_cut_tail_is_found_by_a_note(journal: Any) -> None:
    note = note_of(head_of(journal), journal.signer)
    assert found(journal, journal.entries[:3], notes=(note,)) == (4, Tampering.TAIL_CUT)
    assert found(journal, journal.entries[:3], head=note.head) == (4, Tampering.TAIL_CUT)


def test_an_older_note_is_right_about_the_part_it_knows(journal: Any) -> None:
    note = note_of(head_of(journal), journal.signer)
    journal.sell(5)
    assert verified(journal, notes=(note,)).finding is None


def test_a_note_that_knows_another_past_is_found(journal: Any) -> None:
    other = replace(head_of(journal), hash=b"h" * 32)
    journal.sell(5)
    assert found(journal, notes=(note_of(other, journal.signer),)) == (5, Tampering.ENTRY_REPLACED)
    fewer = replace(other, hash=journal.entries[4].hash, totals=RunningTotals(2, 1251, 3))
    assert found(journal, notes=(note_of(fewer, journal.signer),)) == (5, Tampering.TOTALS_DIFFER)


def test_a_note_that_the_till_did_not_sign_is_found(journal: Any) -> None:
    note = HeadNote(head_of(journal), b"s" * 64)
    assert found(journal, notes=(note,)) == (5, Tampering.HEAD_NOTE_EDITED)


def test_totals_beside_the_journal_must_be_its_sum(journal: Any) -> None:
    assert found(journal, head=head_of(journal, RunningTotals(3, 1250, 3))) == (5, Tampering.TOTALS_DIFFER)
    behind = Head("0001-01", 1, 4, journal.entries[3].hash, journal.totals)
    assert found(journal, head=behind) == (5, Tampering.HEAD_NOTE_EDITED)


def test_a_receipt_number_left_out_is_found_even_where_the_till_signed_it(journal: Any) -> None:
    journal.sell(5, receipt_number=9)
    assert found(journal) == (6, Tampering.RECEIPT_NUMBER_WRONG)


def test_totals_that_are_not_the_sum_are_found_even_where_the_till_signed_them(journal: Any) -> None:
    journal.sell(5, total_gross_minor=7)
    assert found(journal) == (6, Tampering.TOTALS_DIFFER)


def test_a_row_no_till_writes_is_named_with_its_column(journal: Any) -> None:
    entries = [*journal.entries[:2], UnreadableEntry(EntryId("0001-01", 1, 3), "kind"), *journal.entries[3:]]
    finding = verified(journal, entries).finding
    assert finding is not None
    assert (finding.entry_id.sequence, finding.tampering) == (3, Tampering.VALUE_EDITED)
    assert "kind" in str(finding.sentence)


def test_a_new_epoch_goes_on_from_what_was_held(journal: Any) -> None:
    journal.begin(2)
    journal.sell(100)
    result = verified(journal)
    assert result.finding is None
    assert result.totals == RunningTotals(4, 1351, 1)


def test_entries_lost_before_an_epoch_are_known_and_no_tampering(journal: Any) -> None:
    lost = ChainPoint(1, 9, b"l" * 32)
    journal.begin(2, lost, count=7)
    assert verified(journal).finding is None


def test_an_end_cut_off_before_an_epoch_is_found(journal: Any) -> None:
    journal.begin(2)
    journal.sell(100)
    assert found(journal, [*journal.entries[:4], *journal.entries[5:]]) == (5, Tampering.TAIL_CUT)
    assert found(journal, journal.entries[5:]) == (1, Tampering.TAIL_CUT)


def test_an_epoch_cannot_be_hung_onto_another_past(journal: Any, make_journal: Callable[[], Any]) -> None:
    other = make_journal()
    other.begin(1)
    other.sell(9999)
    other.begin(2)
    entries = [*journal.entries, other.entries[2]]
    finding = verified(journal, entries).finding
    assert finding is not None
    assert finding.tampering is Tampering.TAIL_CUT


def test_what_stands_beside_is_asked_for_every_genuine_entry(journal: Any) -> None:
    seen: list[int] = []

    def inspect(entry: JournalEntry) -> Finding | None:
        seen.append(entry.entry_id.sequence)
        return None

    verify_journal(journal.entries, expectation(journal), inspect=inspect)
    assert seen == [1, 2, 3, 4, 5]


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_any_one_change_is_found_at_the_first_entry_it_touches(journal: Any, data: st.DataObject) -> None:
    entries = list(journal.entries)
    place = data.draw(st.integers(0, len(entries) - 1))
    entry = entries[place]
    name = data.draw(st.sampled_from(["body", "hash", "previous_hash", "signature"]))
    value = bytearray(getattr(entry, name))
    value[data.draw(st.integers(0, len(value) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    entries[place] = replace(entry, **{name: bytes(value)})
    assert found(journal, entries)[0] == place + 1
