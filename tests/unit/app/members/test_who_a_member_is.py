"""How members are found, and that nothing but one field knows who they are."""

from dataclasses import asdict
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.catalogue.codes import MemberCode
from app.catalogue.codes.check_digits import check_digit
from app.ledger.canonical import canonical_json
from app.members.birthdays import BadBirthday, Birthday, BirthdayRule, BirthdaySpan, LeapDay
from app.members.identity import (
    BadMemberCode,
    FoundBy,
    Member,
    Standing,
    key_of_code,
    key_of_typed,
    mask_name,
)
from app.members.phone_numbers import BadPhoneNumber, PhoneNumber, read_phone_number
from app.members.points import EarnMessage, PointsBook
from app.members.privacy import (
    Answer,
    Consent,
    ConsentMissing,
    ErasureHindered,
    OpenMatters,
    PrivacyNotice,
    Purpose,
    consent_holds,
    erase,
    require_consent,
)
from app.members.tiers import BadTiers, Tier, TierLadder, TierSpan, tier_at
from app.values.wording import LocalizedText

PHONE = "+8613812345678"
GSRN = "69012345678901234" + check_digit("69012345678901234")


@pytest.mark.parametrize(
    "typed",
    ["13812345678", "138 1234 5678", "138-1234-5678", "+86 13812345678", "008613812345678", "86 138 1234 5678",
     "１３８１２３４５６７８", "(+86)138.1234.5678", "138—1234—5678"],
)  # fmt: skip
def test_a_number_is_the_same_however_it_is_typed(typed: str) -> None:
    assert read_phone_number(typed) == PhoneNumber(PHONE)


@pytest.mark.parametrize(
    "typed", ["", "1381234567", "138123456789", "12812345678", "+86 21 1234567", "abc", "+0852123456", "+852", "1" * 60]
)
def test_what_is_no_mobile_number_is_refused_without_being_repeated(typed: str) -> None:
    with pytest.raises(BadPhoneNumber) as refused:
        read_phone_number(typed)
    assert not typed or typed not in str(refused.value)


def test_numbers_of_elsewhere_come_with_their_country() -> None:
    assert str(read_phone_number("+852 9123 4567")) == "+852****4567"
    assert str(read_phone_number("00441632960961")) == "+441****0961"


def test_a_telephone_number_never_shows_its_digits() -> None:
    phone = PhoneNumber(PHONE)
    for shown in (str(phone), repr(phone), f"{phone}", phone.masked, repr(key_of_typed("13812345678"))):
        assert "12345678" not in shown
    assert phone.masked == "138****5678"


@given(st.from_regex(r"\+[1-9][0-9]{7,14}", fullmatch=True))
def test_at_least_four_digits_of_any_number_are_hidden(e164: str) -> None:
    assert sum(sign.isdigit() for sign in PhoneNumber(e164).masked) <= len(e164) - 1 - 4


def test_an_index_knows_a_number_by_a_keyed_hash_only() -> None:
    secret = b"0123456789abcdef"
    assert PhoneNumber(PHONE).look_up_key(secret) == read_phone_number("13812345678").look_up_key(secret)
    assert PhoneNumber(PHONE).look_up_key(secret) != PhoneNumber(PHONE).look_up_key(b"another secret..")
    with pytest.raises(ValueError, match="16 bytes"):
        PhoneNumber(PHONE).look_up_key(b"short")


def test_a_member_is_found_by_phone_card_and_gsrn() -> None:
    member = Member("m-1", "王小明", PhoneNumber(PHONE), ("V00017",), GSRN)
    assert member.is_found_by(key_of_typed("138 1234 5678"))
    assert member.is_found_by(key_of_code(MemberCode("V00017")))
    assert member.is_found_by(key_of_code(MemberCode(GSRN, "gsrn")))
    assert not member.is_found_by(key_of_code(MemberCode("V00018")))
    assert key_of_code(MemberCode("GM1ABC")).found_by is FoundBy.QR


def test_a_gsrn_with_a_wrong_check_digit_is_refused() -> None:
    wrong = GSRN[:-1] + str((int(GSRN[-1]) + 1) % 10)
    with pytest.raises(BadMemberCode):
        key_of_code(MemberCode(wrong, "gsrn"))
    with pytest.raises(BadMemberCode):
        key_of_code(MemberCode(GSRN[:-1], "gsrn"))


def test_a_name_is_greeted_masked() -> None:
    assert mask_name("欧阳娜娜") == "欧**"
    member = Member("m-1", "王小明", PhoneNumber(PHONE), ("V00017",), GSRN, Birthday(2, 29))
    assert member.masked_name == "王**"
    assert member.masked_phone == "138****5678"
    assert all(secret not in repr(member) for secret in ("王", "12345678", "V00017", GSRN, "29"))


# Birthdays


def test_a_birthday_on_29_february_is_kept_on_the_28th_where_there_is_none() -> None:
    born = Birthday(2, 29)
    assert BirthdayRule().counts_on(born, date(2027, 2, 28))
    assert not BirthdayRule().counts_on(born, date(2027, 3, 1))
    assert BirthdayRule().counts_on(born, date(2028, 2, 29))
    assert not BirthdayRule().counts_on(born, date(2028, 2, 28))
    after = BirthdayRule(leap_day=LeapDay.AFTER)
    assert after.counts_on(born, date(2027, 3, 1))
    assert not after.counts_on(born, date(2027, 2, 28))
    month = BirthdayRule(BirthdaySpan.MONTH, leap_day=LeapDay.AFTER)
    assert month.counts_on(born, date(2027, 2, 1))
    assert not month.counts_on(born, date(2027, 3, 1))


def test_the_days_round_a_birthday_reach_over_new_year() -> None:
    rule = BirthdayRule(days_before=3, days_after=3)
    assert rule.counts_on(Birthday(1, 1), date(2026, 12, 29))
    assert not rule.counts_on(Birthday(1, 1), date(2026, 12, 28))
    assert rule.counts_on(Birthday(12, 30), date(2027, 1, 2))
    assert not rule.counts_on(Birthday(12, 30), date(2027, 1, 3))


@given(st.dates(date(2000, 1, 1), date(2000, 12, 31)), st.integers(2001, 2100))
def test_every_birthday_is_kept_on_exactly_one_day_of_every_year(born: date, year: int) -> None:
    first = date(year, 1, 1).toordinal()
    days = [date.fromordinal(day) for day in range(first, date(year + 1, 1, 1).toordinal())]
    kept = [day for day in days if BirthdayRule().counts_on(Birthday(born.month, born.day), day)]
    assert len(kept) == 1


def test_a_day_of_no_year_is_no_birthday() -> None:
    for month, day in ((2, 30), (4, 31), (13, 1), (0, 1)):
        with pytest.raises(BadBirthday):
            Birthday(month, day)


# Tiers

LADDER = TierLadder(
    (
        Tier("basic", LocalizedText("Basic"), 0),
        Tier("silver", LocalizedText("Silver"), 1_000_00, 120),
        Tier("gold", LocalizedText("Gold"), 5_000_00, 150),
    )
)


def test_a_tier_is_reached_by_buying() -> None:
    assert LADDER.reached_by(999_99).tier_id == "basic"
    assert LADDER.reached_by(1_000_00).tier_id == "silver"
    assert LADDER.reached_by(-5).tier_id == "basic"
    assert LADDER.to_the_next(999_99) == (LADDER.tiers[1], 1)
    assert LADDER.to_the_next(5_000_00) is None


def test_the_tier_of_the_sales_beginning_counts_for_the_whole_sale() -> None:
    at_ten = datetime(2026, 5, 1, 10, tzinfo=UTC)
    at_eleven = datetime(2026, 5, 1, 11, tzinfo=UTC)
    spans = (TierSpan("gold", at_eleven), TierSpan("silver", datetime(2025, 1, 1, tzinfo=UTC)))
    assert tier_at(spans, at_ten, LADDER).tier_id == "silver"
    assert tier_at(spans, at_eleven, LADDER).tier_id == "gold"
    assert tier_at((), at_ten, LADDER).tier_id == "basic"
    assert tier_at((TierSpan("platinum", at_ten),), at_ten, LADDER).tier_id == "basic"


@pytest.mark.parametrize(
    "tiers",
    [(), (Tier("a", LocalizedText("A"), 5),), (Tier("a", LocalizedText("A"), 0), Tier("a", LocalizedText("A"), 5)),
     (Tier("a", LocalizedText("A"), 0), Tier("b", LocalizedText("B"), 0)),
     (Tier("a", LocalizedText("A"), 0, points_percent=-1),)],
)  # fmt: skip
def test_tiers_that_contradict_each_other_are_refused(tiers: tuple[Tier, ...]) -> None:
    with pytest.raises(BadTiers):
        TierLadder(tiers)


# Privacy

NOTICE = PrivacyNotice(2, datetime(2026, 1, 1, tzinfo=UTC), LocalizedText("…"), (Purpose.MEMBERSHIP, Purpose.MESSAGES))


def said(day: int, answer: Answer, version: int = 2, purpose: Purpose = Purpose.MESSAGES) -> Consent:
    at = datetime(2026, 3, day, tzinfo=UTC)
    return Consent(f"c-{day}-{answer.value}", "m-1", purpose, answer, version, at, "0001-01")


@given(st.permutations([said(1, Answer.GIVEN), said(2, Answer.WITHDRAWN), said(2, Answer.GIVEN)]))
def test_the_last_word_counts_and_a_withdrawal_before_a_consent_of_the_same_instant(consents) -> None:
    assert not consent_holds([*consents, *consents], "m-1", Purpose.MESSAGES, NOTICE)
    assert consent_holds([*consents, said(3, Answer.GIVEN)], "m-1", Purpose.MESSAGES, NOTICE)


def test_a_new_version_of_the_notice_asks_anew() -> None:
    old = [said(1, Answer.GIVEN, version=1)]
    with pytest.raises(ConsentMissing, match="changed"):
        require_consent(old, "m-1", Purpose.MESSAGES, NOTICE)
    with pytest.raises(ConsentMissing, match="not agreed"):
        require_consent(old, "m-2", Purpose.MESSAGES, NOTICE)
    assert not consent_holds([said(1, Answer.GIVEN, purpose=Purpose.PROFILE)], "m-1", Purpose.PROFILE, NOTICE)
    require_consent([*old, said(2, Answer.GIVEN)], "m-1", Purpose.MESSAGES, NOTICE)


def test_an_erased_member_is_a_reference_and_the_ledger_stays_whole(on) -> None:
    member = Member("m-1", "王小明", PhoneNumber(PHONE), ("V00017",), GSRN, Birthday(2, 29))
    book = PointsBook()
    book.earn(EarnMessage("sale-1", "m-1", 120), on())
    before = book.entries
    forgotten, erasure = erase(
        member, OpenMatters(points=120, gives_up_points=True), "e-1", datetime(2026, 5, 2, tzinfo=UTC), "0001-01"
    )
    assert book.forfeit_all("e-1", "m-1", on(5, 2)) == erasure.forfeited_points == 120
    assert book.forfeit_all("e-1", "m-1", on(5, 3)) == 120
    assert book.entries[: len(before)] == before
    assert forgotten == Member("m-1", standing=Standing.ERASED)
    kept = str((asdict(forgotten), asdict(erasure), [asdict(entry) for entry in book.entries]))
    assert all(secret not in kept for secret in ("王", "12345678", "V00017", GSRN))
    assert canonical_json({"member": forgotten.member_id}) == b'{"member":"m-1"}'
    assert erase(forgotten, OpenMatters(points=5), "e-1", erasure.erased_at, "0001-01")[0] == forgotten


@pytest.mark.parametrize(
    "matters", [OpenMatters(points=1), OpenMatters(paid_value_minor=1, gives_up_points=True), OpenMatters(held=True)]
)
def test_nobody_is_forgotten_while_something_is_open(matters: OpenMatters) -> None:
    with pytest.raises(ErasureHindered):
        erase(Member("m-1"), matters, "e-1", datetime(2026, 5, 2, tzinfo=UTC), "0001-01")
