"""A sale with promotions, a member and coupons in the till's store: signed, found again, erasable."""

import csv
import hashlib
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.ledger.canonical import canonical_json, read_canonical
from app.ledger.entry import EntryKind, JournalEntry
from app.members.coupons import Benefit, BenefitKind, CouponUse, LetGo, Proof, ReturnRule
from app.sales.basket import Basket
from app.sales.sale import Sale, SaleMember, SaleOffer, SalePromotions
from app.sales.shopper import BasketCoupon, BasketMember, CouponHold
from app.values.wording import LocalizedText
from offline_store import export_verifier
from offline_store.connection import StoreConnection
from offline_store.entry_rows import read_entries
from offline_store.export import export_journal
from offline_store.sale_document import SaleNumbers, document_of, parts_of, read_document
from offline_store.sale_reading import sale_of
from tests.faults.store_shop import (
    TODAY,
    basket,
    open_shop,
    past_the_guards,
    reader_of,
    sale,
    secrets_of,
    undo_members,
    with_deal,
)

NUMBERS = SaleNumbers(1, 1, 1656, 1, "2026-11-22T04:00:00.000000Z", "2026-11-22T04:01:00.000000Z")


def entries(folder: Path) -> list[JournalEntry]:
    with reader_of(folder) as reader:
        assert reader.verify().finding is None
        with reader.one_state() as connection:
            return [entry for entry in read_entries(connection) if isinstance(entry, JournalEntry)]


def body(sold: Sale) -> bytes:
    return document_of(sold, parts_of(5, sold), NUMBERS, {})


def asked_for(basket_id: str) -> Basket:
    """A basket of a member with a coupon that headquarters was asked for; another was let go before."""
    coupon = BasketCoupon(
        redemption_id="r-1",
        coupon_id="c-1",
        form_id="form-1",
        name=LocalizedText("满10减5", (("en", "5 off"),)),
        benefit=Benefit(BenefitKind.AMOUNT, minor=500, least_minor=1000),
        proof=Proof.ONLINE,
        hold=CouponHold.RESERVED,
        on_return=ReturnRule.GIVE_BACK,
    )
    member = BasketMember("m-7", "王**", "138****5678", "gold", LocalizedText("金卡"), 120, birthday=(2, 29))
    return replace(basket(basket_id), member=member, coupons=(coupon,), released=(LetGo("r-0", "c-0"),))


def test_a_sale_for_a_member_comes_back_as_it_was_committed(tmp_path: Path) -> None:
    sold = with_deal(sale("s1", note="bell"))
    with open_shop(tmp_path) as store:
        committed = store.commit_sale(sold, print_job_id="j1")
        assert store.commit_sale(sold, print_job_id="j1") == committed
    with open_shop(tmp_path) as store:
        assert store.find_sale("s1") == committed
        assert store.last_sale() == committed
        assert committed.sale == sold
    assert len(entries(tmp_path)) == 2


@pytest.mark.parametrize(
    "left_out",
    [
        {"promotions": None},
        {"member": None},
        {"coupons": ()},
        {"released": ()},
        {"promotions": None, "coupons": (), "released": ()},
        {"member": None, "coupons": (), "released": (), "promotions": SalePromotions("rules-7", "greedy", ())},
        {"member": None, "coupons": (), "promotions": None},
    ],
)
def test_a_sale_that_had_only_part_of_it_comes_back_too(tmp_path: Path, left_out: dict[str, object]) -> None:
    sold = replace(with_deal(sale("s1")), **left_out)  # type: ignore[arg-type]  # any fields of a sale
    with open_shop(tmp_path) as store:
        store.commit_sale(sold, print_job_id=None)
        found = store.find_sale("s1")
    assert found is not None
    assert found.sale == sold
    assert len(entries(tmp_path)) == 2


def test_a_sale_with_nothing_of_it_is_written_as_it_always_was() -> None:
    without = json.loads(body(sale("s1")))
    assert without["format"] == 2
    assert not {"coupons", "member", "promotions", "released"} & set(without)
    # Taken before a sale could have any of it.
    written = document_of(sale("s1"), parts_of(5, sale("s1")), NUMBERS, {"sale": "00"})
    assert hashlib.sha256(written).hexdigest() == "77ebf27189bf3cdeed4de28535fa30d2e2cbe26bc5b3ae5e57b34d48a46279bb"
    assert json.loads(body(with_deal(sale("s1"))))["format"] == 4


def test_the_journal_holds_the_member_by_reference_only(tmp_path: Path) -> None:
    with open_shop(tmp_path) as store:
        store.commit_sale(with_deal(sale("s1")), print_job_id=None)
        store.abandon_basket(asked_for("b1"), "left")
    for entry in entries(tmp_path):
        assert "王*".encode() not in entry.body
        assert b"138****" not in entry.body
    written = json.loads(entries(tmp_path)[1].body)
    assert written["member"] == {
        "birthday": True,
        "bought_minor": 1656,
        "member_id": "m-7",
        "points_after": None,
        "points_before": 120,
        "points_earned": 16,
        "points_end_on": "2027-12-31",
        "points_shares": [[1, 11], [2, 5]],
        "points_spent": 0,
        "tier_id": "gold",
    }
    assert set(written["notes"]) == {"member"}


def test_a_sale_that_was_stored_before_points_were_kept_whole_reads_back() -> None:
    written = json.loads(body(with_deal(sale("s1"))))
    for later in ("points_spent", "points_after"):
        del written["member"][later]
    found = read_document(canonical_json(written)).member
    assert found is not None
    assert (found.points_earned, found.points_spent, found.points_after) == (16, 0, None)


def test_an_erased_member_is_no_more_on_the_sales_and_the_chain_stays_whole(tmp_path: Path) -> None:
    other = with_deal(sale("s2", note="bell"))
    assert other.member is not None
    other = replace(other, member=replace(other.member, member_id="m-8", label="李*"))
    with open_shop(tmp_path) as store:
        store.commit_sale(with_deal(sale("s1", note="bell")), print_job_id=None)
        store.commit_sale(other, print_job_id=None)
        store.forget_member("m-7")
        first, second = store.find_sale("s1"), store.find_sale("s2")
        assert first is not None
        assert first.sale.member == replace(with_deal(sale("s1")).member or SaleMember(""), label="")
        assert first.sale.note == "bell"
        assert second is not None
        assert second.sale == other
        # Tried again after the erasure, it is the same sale.
        assert store.commit_sale(with_deal(sale("s1", note="bell")), print_job_id=None) == first
    assert [entry.kind for entry in entries(tmp_path)] == [EntryKind.EPOCH_BEGUN, EntryKind.SALE, EntryKind.SALE]
    connection = StoreConnection(tmp_path / "till.db", secrets_of(tmp_path).database_key, read_only=True)
    kept = connection.driver.execute("SELECT place, salt <> '', text FROM free_note ORDER BY 3, 1").fetchall()
    connection.close()
    # Without its salt a masked name cannot be guessed from the digest in the journal.
    assert ("member", 0, None) in kept
    assert ("member", 1, "李*") in kept


def test_one_redemption_in_two_sales_loses_neither(tmp_path: Path) -> None:
    twice = replace(with_deal(sale("s2")), coupons=with_deal(sale("s1")).coupons * 2)
    with open_shop(tmp_path) as store:
        store.commit_sale(with_deal(sale("s1")), print_job_id=None)
        store.commit_sale(twice, print_job_id=None)
        assert store.uses_seen().of_coupon("c-1") == 1
    assert len(entries(tmp_path)) == 3


def test_an_abandoned_basket_says_what_was_let_go(tmp_path: Path) -> None:
    with open_shop(tmp_path) as store:
        store.save_basket(asked_for("b1"))
        store.abandon_basket(asked_for("b1"), "left")
        store.abandon_basket(basket("b2"), "left")
    _, with_coupons, without = entries(tmp_path)
    written = json.loads(with_coupons.body)
    assert written["member_id"] == "m-7"
    assert written["released"] == [["r-0", "c-0"], ["r-1", "c-1"]]
    assert not {"member_id", "released"} & set(json.loads(without.body))
    assert canonical_json(read_canonical(with_coupons.body)) == with_coupons.body


@pytest.mark.parametrize("change", ["redemption_id = 'x'", "coupon_id = 'x'", "let_go_number = 9", "entry_key = 7"])
def test_a_change_of_what_an_abandoned_basket_let_go_is_found(tmp_path: Path, change: str) -> None:
    with open_shop(tmp_path) as store:
        store.abandon_basket(asked_for("b1"), "left")
    with past_the_guards(tmp_path) as driver:
        driver.execute(f"UPDATE coupon_let_go SET {change} WHERE redemption_id = 'r-1'")  # noqa: S608 - our own words
    with reader_of(tmp_path) as reader:
        finding = reader.verify().finding
    assert finding is not None
    assert "coupon_let_go" in str(finding.sentence.values)


def test_a_till_of_the_version_before_is_brought_up_and_sells_on(tmp_path: Path) -> None:
    with open_shop(tmp_path) as store:
        store.commit_sale(sale("s1", note="bell"), print_job_id=None)
        store.commit_sale(sale("s2", note="bell"), print_job_id=None)
    with past_the_guards(tmp_path) as driver:
        driver.execute("UPDATE free_note SET text = NULL WHERE entry_key = (SELECT min(entry_key) FROM free_note)")
        undo_members(driver)
        guards = driver.execute("SELECT count(*) FROM sqlite_master WHERE type = 'trigger'").fetchone()[0]
        assert guards == 1
    with open_shop(tmp_path) as store:
        assert store.facts_to_tell(10).facts == ()
        store.commit_sale(with_deal(sale("s3")), print_job_id=None)
        assert [one.sale_id for one in store.facts_to_tell(10).facts] == ["s3"]
        before = store.find_sale("s2")
        assert before is not None
        assert before.sale == sale("s2", note="bell")
    assert len(entries(tmp_path)) == 4
    connection = StoreConnection(tmp_path / "till.db", secrets_of(tmp_path).database_key, read_only=True)
    left = connection.driver.execute("SELECT DISTINCT salt FROM free_note WHERE text IS NULL").fetchall()
    connection.close()
    assert left == [("",)]


def test_the_export_tells_promotions_coupons_and_points(tmp_path: Path) -> None:
    with open_shop(tmp_path / "till") as store:
        store.commit_sale(sale("s0"), print_job_id=None)
        sold = with_deal(sale("s1"))
        assert sold.member is not None
        # 120 − 100 + 16.
        paid = replace(sold, member=replace(sold.member, points_spent=100, points_after=36))
        store.commit_sale(paid, print_job_id=None)
    with reader_of(tmp_path / "till") as reader:
        export_journal(reader, tmp_path / "out")
    assert export_verifier.verify(tmp_path / "out").count == 3

    def rows(name: str) -> list[dict[str, str]]:
        with (tmp_path / "out" / name).open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))

    assert [(row["promotion"], row["name"], row["times"], row["saving"]) for row in rows("promotions.csv")] == [
        ("p1", "两件", "2", "1.00"),
        ("gift", "赠品", "1", "0.00"),
    ]
    (coupon,) = rows("coupons.csv")
    assert (coupon["coupon"], coupon["campaign"], coupon["arm"], coupon["cost"]) == ("c-1", "wake-up", "B", "1.00")
    (points,) = rows("points.csv")
    assert (points["member"], points["points_earned"], points["points_end_on"]) == ("m-7", "16", "2027-12-31")
    assert (points["points_spent"], points["points_after"]) == ("100", "36")
    assert "王" not in (tmp_path / "out" / "journal.jsonl").read_text("utf-8")


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
names = st.builds(LocalizedText, texts, st.lists(st.tuples(texts, texts), max_size=2).map(tuple))
amounts = st.integers(-(2**53) + 1, 2**53 - 1)
ids = st.lists(texts, max_size=3).map(tuple)
offers = st.builds(SaleOffer, texts, names, amounts, amounts, ids)
promotions = st.builds(
    SalePromotions, texts, st.sampled_from(["greedy", "improved", "exact"]), st.lists(offers, max_size=3).map(tuple)
)
members = st.builds(
    SaleMember,
    texts,
    texts,
    amounts,
    amounts,
    st.none() | st.dates(date(1000, 1, 1)),
    st.lists(st.tuples(amounts, amounts), max_size=3).map(tuple),
    amounts,
    st.booleans(),
    texts,
    amounts,
    st.none() | amounts,
)
uses = st.builds(
    CouponUse, texts, texts, texts, texts, texts, st.sampled_from(Proof), amounts, st.sampled_from(ReturnRule), texts
)


@settings(max_examples=60)
@given(
    st.none() | promotions,
    st.none() | members,
    st.lists(uses, max_size=3),
    st.lists(st.builds(LetGo, texts, texts), max_size=3),
)
def test_whatever_a_sale_says_of_them_is_canonical_and_reads_back(
    promotions: SalePromotions | None, member: SaleMember | None, uses: list[CouponUse], let_go: list[LetGo]
) -> None:
    sold = replace(sale("s1"), promotions=promotions, member=member, coupons=tuple(uses), released=tuple(let_go))
    written = body(sold)
    assert canonical_json(read_canonical(written)) == written
    label = member.label if member is not None else ""
    found = sale_of(
        read_document(written),
        till_id=sold.till_id,
        business_date=TODAY,
        operator_name=sold.operator_name,
        note_at=lambda place: label if place == "member" else "",
    )
    assert found == sold
    # What verification works out of the body is what was written beside it.
    assert parts_of(5, found) == parts_of(5, sold)


def test_facts_are_told_of_the_member_and_not_of_promotions_alone(tmp_path: Path) -> None:
    alone = replace(with_deal(sale("s1")), member=None, coupons=(), released=())
    with open_shop(tmp_path) as store:
        store.commit_sale(alone, print_job_id=None)
        assert store.facts_to_tell(5).facts == ()
        assert store.offers_used("m-7", datetime(2026, 1, 1, tzinfo=UTC)) == ()
        store.commit_sale(with_deal(sale("s2")), print_job_id=None)
        store.commit_sale(with_deal(sale("s3")), print_job_id=None)
        completed = sale("s2").completed_at
        assert store.offers_used("m-7", completed) == (("gift", 2), ("p1", 4))
        assert store.offers_used("m-7", completed + timedelta(microseconds=1)) == ()
        assert store.offers_used("m-8", completed) == ()
