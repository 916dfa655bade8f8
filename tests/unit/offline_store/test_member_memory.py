"""The till's own memory of members and coupons: found at once, kept within a bound, forgotten on demand."""

import logging
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from msgspec import structs

from app.checkout.member_ports import MemberCopy, MemberOutbox, MemberStore
from app.members.birthdays import Birthday
from app.members.coupons import Benefit, BenefitKind, CouponForm, Proof
from app.members.entitlements import entitlement_of
from app.members.identity import FoundBy, Member, MemberKey, Standing
from app.members.phone_numbers import PhoneNumber
from app.members.ports import CouponLease, CouponOffer, MemberAnswer, MemberFacts, Reach
from app.members.quotas import Lease
from app.members.signed_codes import Signed
from app.members.tiers import TierSpan
from app.sales.shopper import BasketMember
from app.values.clock import FixedClock
from app.values.identifiers import CountingIdentities
from app.values.wording import LocalizedText
from offline_store.backup import back_up, restore
from offline_store.member_copies import MemberCopies
from offline_store.till_store import TillStoreFile
from tests.faults.store_shop import (
    NOON,
    keys_of,
    open_shop,
    past_the_guards,
    reader_of,
    sale,
    settings_of,
    suspended,
    with_deal,
)

SAID_AT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
PHONE = PhoneNumber("+8613812345678")
FORM = CouponForm(
    "form-1",
    LocalizedText("满10减5", (("en", "5 off"),)),
    Benefit(BenefitKind.AMOUNT, minor=500, least_minor=1000),
    SAID_AT,
    SAID_AT + timedelta(days=30),
    merchant_id="guitai",
    stores=(1, 2),
    per_member=3,
)
SIGNED = Signed("key-1", structs.replace(entitlement_of(FORM, "c-1", SAID_AT, "m-7"), tills=("0001-01",)), bytes(64))


def wang(member_id: str = "m-7", phone: PhoneNumber | None = PHONE) -> Member:
    return Member(
        member_id,
        "王小明",
        phone,
        (f"card-{member_id}", f"old-{member_id}"),
        None if member_id != "m-7" else "018912345678901234",
        Birthday(2, 29),
        (TierSpan("basic", SAID_AT), TierSpan("gold", SAID_AT + timedelta(days=1))),
        SAID_AT,
    )


def answer(member: Member, points: int = 120) -> MemberAnswer:
    facts = MemberFacts(
        member,
        points,
        points_owed=3,
        points_expiring=((date(2026, 12, 31), 40),),
        value_minor=5000,
        bought_minor=99,
        bought_before=False,
        used_offers=(("p1", 2),),
    )
    coupons = (
        CouponOffer("c-1", FORM, Proof.SIGNED, signed=SIGNED),
        CouponOffer("c-2", FORM, Proof.LEASED, "lease-1"),
    )
    return MemberAnswer(Reach.ANSWERED, facts, coupons)


def copy_of(member: Member, points: int = 120) -> MemberCopy:
    said = answer(member, points)
    assert said.facts is not None
    return MemberCopy(replace(said.facts, as_of=SAID_AT), said.coupons)


def lease(lease_id: str, hours: int = 12) -> CouponLease:
    return CouponLease(Lease(lease_id, "0001-01", 20, NOON + timedelta(hours=hours)), "MILK5", FORM)


def rows(folder: Path, statement: str) -> list[tuple[object, ...]]:
    with reader_of(folder) as reader:
        return list(reader.connection.driver.execute(statement).fetchall())


def test_the_store_is_what_the_checkout_and_the_desk_ask_for(tmp_path: Path) -> None:
    with open_shop(tmp_path) as store:
        remembers: MemberStore = store
        tells: MemberOutbox = store
        assert remembers.coupon_leases() == ()
        assert tells.facts_to_tell(1).facts == ()


def test_a_member_is_found_by_phone_card_and_number_after_the_till_was_killed(tmp_path: Path) -> None:
    with open_shop(tmp_path) as store:
        store.keep_member_copy(answer(wang()), SAID_AT)
    with open_shop(tmp_path) as store:
        expected = copy_of(wang())
        assert store.member_copy(MemberKey(FoundBy.PHONE, PHONE.e164)) == expected
        assert store.member_copy(MemberKey(FoundBy.CARD, "card-m-7")) == expected
        assert store.member_copy(MemberKey(FoundBy.CARD, "old-m-7")) == expected
        assert store.member_copy(MemberKey(FoundBy.GSRN, "018912345678901234")) == expected
        assert store.member_copy_of("m-7") == expected
        assert store.member_copy(MemberKey(FoundBy.PHONE, "+8613812345679")) is None
        assert store.member_copy(MemberKey(FoundBy.CARD, PHONE.e164)) is None
        assert store.member_copy(MemberKey(FoundBy.QR, "GM1ABC")) is None
        assert store.member_copy_of("m-8") is None


def test_what_headquarters_says_next_takes_the_place_of_what_it_said(tmp_path: Path) -> None:
    moved = replace(wang(), phone=PhoneNumber("+8613900000000"), cards=("new",))
    with open_shop(tmp_path) as store:
        store.keep_member_copy(answer(wang()), SAID_AT)
        store.keep_member_copy(answer(moved, 90), SAID_AT)
        assert store.member_copy_of("m-7") == copy_of(moved, 90)
        assert store.member_copy(MemberKey(FoundBy.PHONE, PHONE.e164)) is None
        assert store.member_copy(MemberKey(FoundBy.CARD, "card-m-7")) is None
        # The number is another person's now.
        store.keep_member_copy(answer(wang("m-8")), SAID_AT)
        assert store.member_copy(MemberKey(FoundBy.PHONE, PHONE.e164)) == copy_of(wang("m-8"))
        store.keep_member_copy(MemberAnswer(Reach.AWAY), SAID_AT)
        store.keep_member_copy(MemberAnswer(Reach.NOT_FOUND), SAID_AT)
        assert store.member_copy_of("m-7") is not None


def test_who_was_named_longest_ago_makes_way(tmp_path: Path) -> None:
    with open_shop(tmp_path) as store:
        copies = MemberCopies(store._file, most=3)

        def keep(number: int) -> None:
            said = answer(wang(f"m-{number}", PhoneNumber(f"+86138{number:08d}")))
            assert said.facts is not None
            copies.keep(said.facts, said, SAID_AT)

        for number in (1, 2, 3, 1, 4):
            keep(number)
        assert [number for number in range(1, 5) if copies.of(f"m-{number}")] == [1, 3, 4]
        for _ in range(5):
            keep(4)
        assert [number for number in range(1, 5) if copies.of(f"m-{number}")] == [1, 3, 4]
        assert copies.find(MemberKey(FoundBy.PHONE, "+8613800000002")) is None
    assert rows(tmp_path, "SELECT count(*) FROM member_key") == [(9,)]


def test_an_erased_member_vanishes_with_keys_and_coupons(tmp_path: Path) -> None:
    with open_shop(tmp_path) as store:
        store.keep_member_copy(answer(wang()), SAID_AT)
        store.keep_member_copy(answer(wang("m-8", None)), SAID_AT)
        store.commit_sale(with_deal(sale("s1")), print_job_id=None)
        store.keep_member_copy(answer(wang().forgotten()), SAID_AT)
        assert store.member_copy_of("m-7") is None
        assert store.member_copy(MemberKey(FoundBy.PHONE, PHONE.e164)) is None
        assert store.member_copy_of("m-8") is not None
        found = store.find_sale("s1")
        assert found is not None
        assert found.sale.member is not None
        assert (found.sale.member.label, found.sale.member.member_id) == ("", "m-7")
        store.forget_member("m-7")
        store.forget_member("nobody")
    assert rows(tmp_path, "SELECT member_id FROM member_copy") == [("m-8",)]
    assert {row[0] for row in rows(tmp_path, "SELECT member_id FROM member_key")} == {"m-8"}
    with reader_of(tmp_path) as reader:
        assert reader.verify().finding is None


def test_a_blocked_member_is_kept_as_blocked(tmp_path: Path) -> None:
    with open_shop(tmp_path) as store:
        store.keep_member_copy(answer(replace(wang(), standing=Standing.BLOCKED)), SAID_AT)
        kept = store.member_copy_of("m-7")
    assert kept is not None
    assert kept.facts.member.standing is Standing.BLOCKED


def test_a_copy_that_this_version_cannot_read_counts_as_none_and_names_nobody(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with open_shop(tmp_path) as store:
        store.keep_member_copy(answer(wang()), SAID_AT)
        store.keep_lease(lease("lease-1"))
    with past_the_guards(tmp_path) as driver:
        driver.execute("UPDATE member_copy SET document = json_set(document, '$.facts.member.birthday.month', 13)")
        driver.execute("UPDATE coupon_lease SET document = json_set(document, '$.form.uses', 0)")
    with open_shop(tmp_path) as store, caplog.at_level(logging.WARNING):
        assert store.member_copy_of("m-7") is None
        assert store.coupon_leases() == ()
        store.keep_member_copy(answer(wang()), SAID_AT)
        assert store.member_copy_of("m-7") == copy_of(wang())
    assert [record.message for record in caplog.records] == ["member_copy_unreadable", "coupon_lease_unreadable"]


def test_a_share_is_kept_until_it_was_brought_back(tmp_path: Path) -> None:
    with open_shop(tmp_path) as store:
        store.keep_lease(lease("lease-2"))
        store.keep_lease(lease("lease-1"))
        # The same id brings the same share; its time may have been put off.
        store.keep_lease(lease("lease-1", hours=24))
        store.lease_over("lease-2")
        store.lease_over("never-had")
        store.keep_lease(lease("lease-2"))
    with open_shop(tmp_path) as store:
        assert store.coupon_leases() == (lease("lease-1", hours=24),)


def test_uses_are_counted_in_the_tills_sales(tmp_path: Path) -> None:
    with open_shop(tmp_path) as store:
        seen = store.uses_seen()
        assert (seen.of_coupon("c-1"), seen.of_coupon_here("c-1"), store.lease_used("lease-1")) == (0, 0, 0)
        for number in range(3):
            store.commit_sale(with_deal(sale(f"s{number}")), print_job_id=None)
        nobodys = replace(with_deal(sale("s9")), member=None)
        store.commit_sale(nobodys, print_job_id=None)
        assert (seen.of_coupon("c-1"), seen.of_coupon_here("c-1"), seen.of_coupon("c-9")) == (4, 4, 0)
        assert (seen.of_form_by("form-1", "m-7"), seen.of_form_by("form-1", ""), seen.of_form_by("form-2", "m-7")) == (
            3,
            0,
            0,
        )
        assert (store.lease_used("lease-1"), store.lease_used(""), store.lease_used("lease-2")) == (4, 0, 0)


def backed_up(store: TillStoreFile, folder: Path, target: Path) -> Path:
    store.close()
    with reader_of(folder) as reader:
        back_up(reader, target)
    return target


def test_a_restored_till_counts_its_uses_on_and_has_neither_copies_nor_shares(tmp_path: Path) -> None:
    folder = tmp_path / "till"
    store = open_shop(folder)
    store.keep_member_copy(answer(wang()), SAID_AT)
    store.keep_lease(lease("lease-1"))
    store.commit_sale(with_deal(sale("s1")), print_job_id=None)
    backup = backed_up(store, folder, tmp_path / "backup.db")
    restore(
        folder,
        backup,
        settings=settings_of(),
        clock=FixedClock(NOON),
        identities=CountingIdentities(),
        keys=keys_of(folder),
    )
    with open_shop(folder) as store:
        assert store.epoch() == 2
        # Who was erased meanwhile must not come back; a share ends with its epoch.
        assert store.member_copy_of("m-7") is None
        assert store.coupon_leases() == ()
        assert store.uses_seen().of_coupon("c-1") == 1
        store.commit_sale(with_deal(sale("s2")), print_job_id=None)
        assert store.uses_seen().of_coupon("c-1") == 2
        assert store.lease_used("lease-1") == 2
        store.keep_lease(lease("lease-2"))
        assert store.coupon_leases() == (lease("lease-2"),)


def test_a_restore_brings_nobodys_name_back(tmp_path: Path) -> None:
    # Of two members one is erased after the backup was made; nothing in it says which.
    folder = tmp_path / "till"
    with open_shop(folder) as store:
        store.commit_sale(with_deal(sale("s1", note="bell")), print_job_id=None)
        other = with_deal(sale("s2"))
        assert other.member is not None
        store.commit_sale(replace(other, member=replace(other.member, member_id="m-8", label="李*")), print_job_id=None)
        store.save_basket(replace(suspended("b1", 1), member=BasketMember("m-7", "王**", "138****5678")))
        with reader_of(folder) as reader:
            back_up(reader, tmp_path / "backup.db")
        store.forget_member("m-7")
    restore(
        folder,
        tmp_path / "backup.db",
        settings=settings_of(),
        clock=FixedClock(NOON),
        identities=CountingIdentities(),
        keys=keys_of(folder),
    )
    with open_shop(folder) as store:
        found = [store.find_sale(sale_id) for sale_id in ("s1", "s2")]
        members = [one.sale.member for one in found if one is not None]
        assert [(one.member_id, one.label, one.points_earned) for one in members if one is not None] == [
            ("m-7", "", 16),
            ("m-8", "", 16),
        ]
        assert found[0] is not None
        assert found[0].sale.note == "bell"
    assert rows(folder, "SELECT count(*) FROM free_note WHERE place = 'member' AND salt <> ''") == [(0,)]
    with reader_of(folder) as reader:
        assert reader.verify().finding is None


def test_a_till_knows_for_whom_it_ever_sold(tmp_path: Path) -> None:
    with open_shop(tmp_path) as store:
        assert not store.bought_here("m-7")
        store.commit_sale(with_deal(sale("s1")), print_job_id=None)
        assert (store.bought_here("m-7"), store.bought_here("m-8")) == (True, False)


def test_every_question_finds_its_rows_by_an_index(tmp_path: Path) -> None:
    from offline_store import coupon_uses, member_copies, member_outbox

    open_shop(tmp_path).close()
    asked = {
        coupon_uses.OF_COUPON: ("a",),
        coupon_uses.OF_FORM_BY: ("a", "b"),
        coupon_uses.OF_LEASE: ("a",),
        coupon_uses.OFFERS_USED: ("a", "b"),
        coupon_uses.BOUGHT: ("a",),
        member_copies.FIND_BY_KEY: ("phone", "b"),
        member_copies.FIND_COPY: ("a",),
        member_copies.DROP_KEYS: ("a",),
    }
    with reader_of(tmp_path) as reader:
        driver = reader.connection.driver
        for statement, values in asked.items():
            plan = [row[3] for row in driver.execute(f"EXPLAIN QUERY PLAN {statement}", values)]
            assert not [step for step in plan if step.startswith("SCAN")], plan
        pages = driver.execute(f"EXPLAIN QUERY PLAN {member_outbox.TO_TELL}", {"after": 0, "limit": 5})
        plan = [row[3] for row in pages]
        for table in ("sale_member", "coupon_use", "coupon_let_go"):
            assert [step for step in plan if step.startswith(f"SEARCH {table} USING")], plan
