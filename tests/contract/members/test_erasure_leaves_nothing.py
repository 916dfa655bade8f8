"""After an erasure no file of the book holds anything of the person, and every ledger is whole."""

from app.headquarters.members import open_member_book
from app.members.birthdays import Birthday
from app.members.ledger_entries import balance_of
from app.members.points import PointsBook
from app.members.ports import AccountKind, Reach
from app.members.privacy import Erasure
from app.values.clock import FixedClock

PERSONAL = ["王小明", "13812345678", "CARD-77001", "690123456789012347", "11-23"]


def test_the_raw_file_holds_nothing_of_a_person_once_forgotten(tmp_path, make):
    path = tmp_path / "members.db"
    book = open_member_book(path, FixedClock(make.now), make.terms())
    person = make.wang(gsrn="690123456789012347", birthday=Birthday(11, 23))
    assert book.enrol("e-1", person, (make.consent("m-1"),)).reach is Reach.ANSWERED
    others = [make.wang(f"o-{n}", name=f"other {n}", phone=None, cards=(f"OTHER-{n}",)) for n in range(40)]
    for other in others:
        book.enrol(f"e-{other.member_id}", other, (make.consent(other.member_id),))
    book.take_in(make.sale())
    book.hold(AccountKind.POINTS, "h-1", "m-1", 30)
    book.capture(AccountKind.POINTS, "h-1")
    raw = path.read_bytes()
    assert all(text.encode() in raw for text in PERSONAL)
    before = book.entries(AccountKind.POINTS, "m-1")

    assert book.erase("x-1", Erasure("erasure-1", "m-1", make.now, "t", 70)) is Reach.ANSWERED
    after = book.entries(AccountKind.POINTS, "m-1")
    assert after[: len(before)] == before
    assert PointsBook(after).entries == after
    assert (balance_of(after, "m-1").free, balance_of(after, "m-1").spent) == (0, 30)
    left = [text for text in PERSONAL for file in tmp_path.iterdir() if text.encode() in file.read_bytes()]
    assert left == []  # overwritten at once, not only once the file is compacted
    book.compact()
    book.close()
    left = [text for text in PERSONAL for file in tmp_path.iterdir() if text.encode() in file.read_bytes()]
    assert left == []
    again = open_member_book(path, FixedClock(make.now), make.terms())
    assert again.entries(AccountKind.POINTS, "m-1") == after
    assert again.member_facts("o-7").member.name == "other 7"
    again.close()
