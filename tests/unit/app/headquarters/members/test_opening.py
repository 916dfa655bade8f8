"""Opening a book, and what the database itself refuses."""

import threading
from datetime import UTC, datetime

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import IntegrityError

from app.headquarters.members import KeeperTroubled, open_member_book
from app.headquarters.members.database import WrongBook
from app.members.coupons import Benefit, BenefitKind, CouponForm
from app.members.identity import Member
from app.members.ports import CouponReach, Reach
from app.members.privacy import Answer, Consent, Purpose
from app.values.wording import LocalizedText

MAY = datetime(2026, 5, 1, 4, tzinfo=UTC)
KEY = b"\x01" * 32


def join(book, member_id: str = "m-1") -> None:
    said = Consent(f"c-{member_id}", member_id, Purpose.MEMBERSHIP, Answer.GIVEN, 1, MAY, "t-1")
    assert (
        book.enrol(f"e-{member_id}", Member(member_id, "王", cards=(f"CARD-{member_id}",)), (said,)).reach
        is Reach.ANSWERED
    )


def test_an_encrypted_book_opens_with_its_key_alone_and_shows_nothing(path, clock, terms):
    book = open_member_book(path, clock, terms, key=KEY)
    join(book)
    book.close()
    assert not path.read_bytes().startswith(b"SQLite")
    assert b"CARD-m-1" not in path.read_bytes()
    for key in (b"\x02" * 32, None):
        with pytest.raises(WrongBook):
            open_member_book(path, clock, terms, key=key)
    again = open_member_book(path, clock, terms, key=KEY)
    assert [line.member_id for line in again.members()] == ["m-1"]
    again.close()


def test_what_is_no_book_is_refused_in_words(tmp_path, path, clock, terms):
    path.write_bytes(b"a letter to my aunt, quite long enough to be no database at all" * 20)
    with pytest.raises(WrongBook, match="no book of members"):
        open_member_book(path, clock, terms)
    with pytest.raises(WrongBook, match="folder"):
        open_member_book(tmp_path / "nowhere" / "members.db", clock, terms)
    with pytest.raises(WrongBook, match="PostgreSQL"):
        open_member_book("mysql://somewhere/else", clock, terms)
    with pytest.raises(KeeperTroubled):
        open_member_book("postgresql://nobody@127.0.0.1:1/none?connect_timeout=1", clock, terms)


def test_a_book_of_another_version_is_not_opened(path, book, clock, terms):
    book.close()
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        connection.execute(text("UPDATE meta SET value = '99'"))
    engine.dispose()
    with pytest.raises(WrongBook, match="another version"):
        open_member_book(path, clock, terms)


@pytest.mark.parametrize("table", ["ledger", "consent"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET document = ''", "DELETE FROM {}"])
def test_the_database_itself_keeps_ledgers_from_being_changed(path, book, table, statement):
    join(book)
    engine = create_engine(f"sqlite:///{path}")
    with pytest.raises(IntegrityError, match="only added"), engine.begin() as connection:
        connection.execute(text(statement.format(table)))
    engine.dispose()


def test_the_database_itself_keeps_a_quota(path, book):
    book.add_form(form())
    book.set_quota("f", "MAY", 2)
    engine = create_engine(f"sqlite:///{path}")
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(text("UPDATE quota SET committed = 3"))
    engine.dispose()


def form() -> CouponForm:
    until = datetime(2027, 1, 1, tzinfo=UTC)
    return CouponForm("f", LocalizedText("f"), Benefit(BenefitKind.AMOUNT, 1), MAY, until, must_be_claimed=False)


def test_many_tills_at_once_never_share_the_last_pieces(book):
    book.add_form(form())
    book.set_quota("f", "MAY", 5)
    done: list[str] = []
    begin = threading.Barrier(8)

    def ask(number: int) -> None:
        begin.wait()
        for count in range(3):
            redemption = f"u-{number}-{count}"
            if book.at(f"t-{number}", 1).reserve(redemption, "MAY", "").reach is CouponReach.DONE:
                done.append(redemption)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(done) == 5
