"""Members at any keeper: the book itself, encrypted, behind a server, and in PostgreSQL."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from app.headquarters.members import KeeperRefused, open_member_book
from app.members.birthdays import Birthday
from app.members.identity import FoundBy, MemberKey, Standing
from app.members.phone_numbers import PhoneNumber
from app.members.ports import AccountKind, ErasedMembers, Reach
from app.members.privacy import Answer, Erasure, Purpose
from app.members.tiers import Tier, TierLadder, TierSpan, tier_at
from app.values.clock import FixedClock
from app.values.wording import LocalizedText

CARD = MemberKey(FoundBy.CARD, "CARD-77001")


def test_a_new_member_is_found_by_phone_card_and_number(shop, make):
    gsrn = "690123456789012347"
    person = make.wang(gsrn=gsrn, birthday=Birthday(2, 29))
    answer = shop.keeper.enrol("e-1", person, (make.consent("m-1"),))
    assert answer.reach is Reach.ANSWERED
    for key in (make.by_phone, CARD, MemberKey(FoundBy.GSRN, gsrn)):
        facts = shop.keeper.find(key).facts
        assert facts.member == replace(person, joined_at=make.now)
        assert (facts.points, facts.value_minor, facts.bought_before) == (0, 0, False)


def test_nobody_is_found_by_what_is_nobodys(shop, make):
    shop.join()
    assert shop.keeper.find(MemberKey(FoundBy.PHONE, "+8613900000000")).reach is Reach.NOT_FOUND
    assert shop.keeper.find(MemberKey(FoundBy.CARD, make.by_phone.value)).reach is Reach.NOT_FOUND


def test_joining_twice_with_one_id_is_joining_once(shop, make):
    shop.join()
    again = shop.keeper.enrol("enrol-m-1", make.wang(), (make.consent("m-1"),))
    assert again.reach is Reach.ANSWERED
    assert again.facts.member.member_id == "m-1"
    assert len(shop.book.members()) == 1


def test_a_phone_number_that_is_a_members_already_is_refused_with_that_member(shop, make):
    shop.join()
    answer = shop.keeper.enrol("e-2", make.wang("m-2"), (make.consent("m-2"),))
    assert answer.reach is Reach.REFUSED
    assert answer.facts.member.member_id == "m-1"
    assert shop.keeper.look_up(AccountKind.POINTS, "m-2").reach is Reach.NOT_FOUND


@pytest.mark.parametrize(
    "said", [[], [{"notice_version": 1}], [{"purpose": Purpose.MESSAGES}], [{"answer": Answer.WITHDRAWN}]]
)
def test_nobody_is_taken_in_without_consent_to_the_notice_of_today(shop, make, said):
    consents = tuple(make.consent("m-1", str(number), **changes) for number, changes in enumerate(said))
    assert shop.keeper.enrol("e-1", make.wang(), consents).reach is Reach.REFUSED
    assert shop.keeper.find(make.by_phone).reach is Reach.NOT_FOUND


def test_a_consent_of_somebody_else_takes_nobody_in(shop, make):
    assert shop.keeper.enrol("e-1", make.wang(), (make.consent("m-9"),)).reach is Reach.REFUSED


def test_what_a_member_says_is_added_and_never_changed(shop, make):
    shop.join()
    no = make.consent("m-1", "2", Purpose.MESSAGES, answer=Answer.WITHDRAWN)
    assert shop.keeper.record_consent("c-1", no) is Reach.ANSWERED
    assert shop.keeper.record_consent("c-1", no) is Reach.ANSWERED
    assert shop.keeper.record_consent("c-1", replace(no, answer=Answer.GIVEN)) is Reach.REFUSED
    assert shop.keeper.record_consent("c-2", replace(no, answer=Answer.GIVEN)) is Reach.REFUSED
    assert shop.keeper.record_consent("c-3", replace(no, member_id="m-8")) is Reach.NOT_FOUND
    assert [one.answer for one in shop.book.consents("m-1")] == [Answer.GIVEN, Answer.WITHDRAWN]


def test_the_code_on_a_telephone_finds_its_member_for_a_minute(shop, make):
    shop.join()
    code = MemberKey(FoundBy.QR, shop.book.sign_pass("m-1"))
    assert shop.keeper.find(code).facts.member.member_id == "m-1"
    shop.clock.advance(timedelta(minutes=4))  # a minute, and two by which clocks may differ
    assert shop.keeper.find(code).reach is Reach.REFUSED


def test_a_changed_telephone_code_finds_nobody(shop):
    shop.join()
    code = shop.book.sign_pass("m-1")
    changed = code[:20] + ("A" if code[20] != "A" else "B") + code[21:]
    assert shop.keeper.find(MemberKey(FoundBy.QR, changed)).reach is Reach.REFUSED


def test_a_sale_gives_points_and_counts_towards_the_tier_from_the_next_sale_on(shop, make):
    shop.join()
    ladder = shop.book.terms.ladder
    assert shop.keeper.take_in(make.sale(bought_minor=1_200_00, points=1200)) is Reach.ANSWERED
    facts = shop.facts()
    assert (facts.points, facts.bought_minor, facts.bought_before) == (1200, 1_200_00, True)
    # 1,200 yuan reach silver (1,000): not for a sale that began before, but for the next one.
    assert tier_at(facts.member.tiers, make.now - timedelta(seconds=1), ladder).tier_id == "base"
    assert tier_at(facts.member.tiers, make.now + timedelta(seconds=1), ladder).tier_id == "silver"


def test_a_tier_ends_when_its_purchases_are_a_year_old_and_when_they_come_back(shop, make):
    shop.join()
    shop.keeper.take_in(make.sale(bought_minor=1_200_00))
    shop.clock.advance(timedelta(days=364))
    assert shop.facts().member.tiers[-1].tier_id == "silver"
    shop.clock.advance(timedelta(days=1))
    assert shop.facts().member.tiers[-1].tier_id == "base"
    assert shop.facts().bought_minor == 0

    shop.keeper.take_in(make.sale("sale-2", bought_minor=5_000_00, completed_at=shop.clock.now()))
    assert shop.facts().member.tiers[-1].tier_id == "gold"
    shop.clock.advance(timedelta(days=1))
    # 4,999 yuan are left: one yuan short of gold.
    shop.keeper.take_back(make.back("r-2", "sale-2", returned_minor=1_00, points=0, returned_at=shop.clock.now()))
    assert shop.facts().member.tiers[-1] == TierSpan("silver", shop.clock.now())


def test_a_tier_that_was_granted_holds_whatever_is_bought(shop, make):
    shop.join(make.wang(tiers=(TierSpan("silver", make.now - timedelta(days=5)),)))
    shop.keeper.take_in(make.sale(bought_minor=10_00))
    assert [span.tier_id for span in shop.facts().member.tiers] == ["silver"]


def test_a_tier_given_by_hand_counts_from_that_moment_and_ends_with_the_next_one_given(shop, make):
    shop.join()
    shop.book.grant_tier("m-1", "gold")
    assert shop.facts().member.tiers == (TierSpan("gold", make.now),)
    shop.clock.advance(timedelta(days=1))
    shop.book.grant_tier("m-1", "base")
    assert [span.tier_id for span in shop.facts().member.tiers] == ["gold", "base"]
    for member_id, tier_id in (("m-9", "gold"), ("m-1", "platinum")):
        with pytest.raises(KeeperRefused):
            shop.book.grant_tier(member_id, tier_id)


def test_a_sale_rung_up_with_a_dead_clock_is_taken_in_and_counts_from_when_it_was_told(shop, make):
    shop.join()
    dead = datetime(1970, 1, 1, 0, 5, tzinfo=UTC)
    facts = make.sale(bought_minor=1_200_00, points=12, completed_at=dead, business_date=dead.date())
    assert shop.keeper.take_in(facts) is Reach.ANSWERED
    assert shop.keeper.take_in(facts) is Reach.ANSWERED
    found = shop.facts()
    assert (found.points, found.bought_minor) == (12, 1_200_00)
    assert found.member.tiers == (TierSpan("silver", make.now),)
    returned = make.back(returned_minor=1_200_00, points=12, returned_at=dead, business_date=dead.date())
    assert shop.keeper.take_back(returned) is Reach.ANSWERED
    assert (shop.facts().points, shop.facts().bought_minor, shop.book.quarantined()) == (0, 0, ())


def test_a_sale_that_cannot_be_read_is_kept_for_a_person_and_the_next_is_taken_in(shop, make):
    shop.join()
    for facts in (
        make.sale("s-1", completed_at=datetime(1600, 1, 1, tzinfo=UTC)),
        make.sale("s-2", points=2**53 + 1),
        make.sale("s" * 600),
        make.sale("s-3", offers=tuple((f"o-{number}", 1) for number in range(2_001))),
        make.sale("s-4", coupons=(make.use("u", "x" * 5_000),)),
    ):
        assert shop.keeper.take_in(facts) is Reach.ANSWERED
        assert shop.keeper.take_in(facts) is Reach.ANSWERED
    assert shop.keeper.take_back(make.back("r" * 600)) is Reach.ANSWERED
    assert shop.keeper.take_in(make.sale("s-5", points=7)) is Reach.ANSWERED
    assert shop.facts().points >= 7


def test_a_long_message_that_cannot_be_read_is_kept_whole_in_any_database(shop, make):
    raw = b"".join(b"%08x" % (number * 2_654_435_761 % 2**32) for number in range(30_000)) + b"\x00"
    book = shop.book.at(make.till, make.store)
    for _ in range(2):
        assert book.put_unread_aside("take-in", "$", raw) is Reach.ANSWERED
    (kept,) = shop.book.quarantined()
    assert raw[:-1].decode() in kept.document


def test_a_tier_given_by_hand_is_never_reached_by_buying_and_holds_below_what_is_bought(tmp_path, make):
    def tier(name: str, least: int, *, by_hand: bool = False) -> Tier:
        return Tier(name, LocalizedText(name), least, by_hand=by_hand)

    ladder = TierLadder((tier("base", 0), tier("staff", 500_00, by_hand=True), tier("gold", 5_000_00)))
    book = open_member_book(tmp_path / "hand.db", FixedClock(make.now), make.terms(ladder=ladder))
    book.enrol("e-1", make.wang(), (make.consent("m-1"),))
    book.take_in(make.sale(bought_minor=4_999_00))
    assert [span.tier_id for span in book.member_facts("m-1").member.tiers] == ["base"]
    book.grant_tier("m-1", "staff")
    assert book.member_facts("m-1").member.tiers[-1].tier_id == "staff"
    book.take_in(make.sale("sale-2", bought_minor=1_00))
    assert book.member_facts("m-1").member.tiers[-1].tier_id == "gold"
    book.close()


def test_promotions_that_a_member_used_are_counted(shop, make):
    shop.join()
    shop.keeper.take_in(make.sale(offers=(("buy-2", 1), ("first", 1), ("buy-2", 2))))
    shop.keeper.take_in(make.sale("sale-2", offers=(("buy-2", 1),)))
    shop.keeper.take_in(make.sale("sale-2", offers=(("buy-2", 1),)))
    assert shop.facts().used_offers == (("buy-2", 4), ("first", 1))


def test_points_that_end_soon_are_told_with_their_last_day(shop, make):
    shop.join()
    shop.keeper.take_in(make.sale("s-1", points=30, points_end_on=date(2026, 6, 30)))
    shop.keeper.take_in(make.sale("s-2", points=20, points_end_on=date(2026, 7, 1)))
    # 60 days from 1 May are 30 June.
    assert shop.facts().points_expiring == ((date(2026, 6, 30), 30),)
    shop.clock.advance(timedelta(days=61))
    assert shop.facts().points == 20


def test_a_blocked_member_is_greeted_and_spends_nothing(shop, make):
    shop.join()
    coupon_id = shop.coupon()
    shop.keeper.take_in(make.sale())
    shop.book.block("m-1")
    answer = shop.keeper.find(make.by_phone)
    assert answer.facts.member.standing is Standing.BLOCKED
    assert answer.coupons == ()
    assert shop.keeper.hold(AccountKind.POINTS, "h-1", "m-1", 1).state.value == "refused"
    assert shop.keeper.reserve("u-1", coupon_id, "m-1").reach.value == "refused"
    shop.book.unblock("m-1")
    assert shop.keeper.hold(AccountKind.POINTS, "h-2", "m-1", 1).state.value == "held"


def erasure(make, points: int = 0) -> Erasure:
    return Erasure("erasure-1", "m-1", make.now, make.till, points)


def test_a_member_with_points_money_or_a_payment_under_way_is_not_erased_yet(shop, make):
    shop.join()
    shop.keeper.take_in(make.sale())
    assert shop.keeper.erase("x-1", erasure(make, points=99)) is Reach.REFUSED  # of 100 the person was told of 99
    shop.keeper.load("l-1", "m-1", 50_00)
    assert shop.keeper.erase("x-1", erasure(make, points=100)) is Reach.REFUSED
    shop.keeper.refund("rf-1", "m-1")
    shop.keeper.hold(AccountKind.POINTS, "h-1", "m-1", 10)
    assert shop.keeper.erase("x-1", erasure(make, points=100)) is Reach.REFUSED
    shop.keeper.let_go(AccountKind.POINTS, "h-1")
    coupon_id = shop.coupon()
    shop.keeper.reserve("u-1", coupon_id, "m-1")
    assert shop.keeper.erase("x-1", erasure(make, points=100)) is Reach.REFUSED
    shop.keeper.release("u-1", coupon_id)
    assert shop.keeper.erase("x-1", erasure(make, points=100)) is Reach.ANSWERED
    assert shop.keeper.erase("x-1", erasure(make, points=100)) is Reach.ANSWERED


def test_an_erased_member_is_nobody_and_the_number_is_free_again(shop, make):
    shop.join()
    shop.keeper.take_in(make.sale())
    coupon_id = shop.coupon()
    shop.keeper.erase("x-1", erasure(make, points=100))
    assert shop.keeper.find(make.by_phone).reach is Reach.NOT_FOUND
    assert shop.keeper.find(CARD).reach is Reach.NOT_FOUND
    assert shop.keeper.look_up(AccountKind.POINTS, "m-1").reach is Reach.NOT_FOUND
    assert shop.keeper.reserve("u-1", coupon_id, "m-1").reach.value == "refused"
    assert shop.keeper.enrol("enrol-m-1", make.wang(), (make.consent("m-1"),)).reach is Reach.REFUSED
    assert shop.keeper.enrol("e-2", make.wang("m-2"), (make.consent("m-2"),)).reach is Reach.ANSWERED
    assert [reference for _, reference in shop.book.erased_after(0)] == ["m-1"]
    assert shop.keeper.erased_since(0).member_ids == ("m-1",)
    assert (
        sum(entry.amount for entry in shop.book.entries(AccountKind.POINTS, "m-1") if entry.movement.value == "put")
        == 100
    )


def test_whoever_keeps_a_copy_hears_who_was_forgotten_some_at_a_time_and_from_where_they_stopped(
    shop, make, monkeypatch
):
    monkeypatch.setattr("app.headquarters.members.people.MOST_ERASED", 2)
    assert shop.keeper.erased_since(0) == ErasedMembers((), 0)
    for number in range(1, 4):
        member_id = f"m-{number}"
        shop.join(make.wang(member_id, phone=PhoneNumber(f"+861380000000{number}"), cards=()))
        shop.keeper.erase(f"x-{number}", Erasure(f"erasure-{number}", member_id, make.now, make.till, 0))
    first = shop.keeper.erased_since(0)
    assert first.member_ids == ("m-1", "m-2")
    second = shop.keeper.erased_since(first.mark)
    assert second.member_ids == ("m-3",)
    assert shop.keeper.erased_since(second.mark) == ErasedMembers((), second.mark)
    # A book that was put back from a backup has come less far: everything is told once more.
    assert shop.keeper.erased_since(second.mark + 9) == first


def test_a_sale_that_comes_after_the_erasure_is_taken_in_and_its_points_end(shop, make):
    shop.join()
    shop.keeper.erase("x-1", erasure(make))
    assert shop.keeper.take_in(make.sale()) is Reach.ANSWERED
    facts = shop.book.member_facts("m-1")
    assert (facts.points, facts.bought_minor) == (0, 100_00)
    assert facts.member.name == ""
    assert facts.member.phone is None


def test_a_sale_of_a_member_that_headquarters_does_not_know_yet_waits_for_them(shop, make):
    assert shop.keeper.take_in(make.sale()) is Reach.ANSWERED
    shop.join()
    assert shop.facts().points == 100


def test_a_list_of_members_is_masked_and_goes_on_where_it_stopped(shop, make):
    for number in range(5):
        phone = PhoneNumber(f"+861380000000{number}")
        shop.join(make.wang(f"m-{number}", phone=phone, cards=()))
    first = shop.book.members(limit=3)
    assert [line.member_id for line in first] == ["m-0", "m-1", "m-2"]
    assert (first[0].masked_name, first[0].masked_phone, first[0].tier_id) == ("王**", "138****0000", "base")
    assert [line.member_id for line in shop.book.members(after="m-2", limit=3)] == ["m-3", "m-4"]
