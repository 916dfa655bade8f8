"""What headquarters hears of members and coupons: every fact, in order, again until it has heard."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from app.checkout.member_ports import FactsToTell
from app.ledger.entry import EntryKind
from app.members.coupons import CouponUse, LetGo, Proof, ReturnRule
from app.members.ports import SaleFacts
from app.values.clock import FixedClock
from app.values.identifiers import CountingIdentities
from offline_store.backup import back_up, restore
from offline_store.problems import StoreDamaged
from offline_store.schema import entry_key
from offline_store.till_store import TillStoreFile
from tests.faults.store_shop import (
    NOON,
    TODAY,
    basket,
    keys_of,
    open_shop,
    past_the_guards,
    reader_of,
    sale,
    session,
    settings_of,
    with_deal,
)


def facts(sale_id: str) -> SaleFacts:
    """What `with_deal` did, by hand."""
    return SaleFacts(
        sale_id=sale_id,
        till_id="0001-01",
        completed_at=sale(sale_id).completed_at,
        business_date=TODAY,
        member_id="m-7",
        bought_minor=1656,
        points=16,
        points_end_on=date(2027, 12, 31),
        offers=(("p1", 2), ("gift", 1)),
        coupons=(
            CouponUse(f"r-{sale_id}", "c-1", "form-1", "wake-up", "B", Proof.LEASED, 100, ReturnRule.VOID, "lease-1"),
        ),
        released=(LetGo(f"l-{sale_id}", "c-9"),),
    )


def told_of(store: TillStoreFile, limit: int = 50) -> list[str]:
    return [one.sale_id for one in store.facts_to_tell(limit).facts]


def test_a_sale_is_told_until_it_was_heard(tmp_path: Path) -> None:
    with open_shop(tmp_path) as store:
        store.commit_sale(with_deal(sale("s1")), print_job_id=None)
        first = store.facts_to_tell(10)
        assert first == FactsToTell((facts("s1"),), entry_key(1, 2))
    with open_shop(tmp_path) as store:
        assert store.facts_to_tell(10) == first
        store.facts_told(first.told_to)
        assert store.facts_to_tell(10) == FactsToTell((), entry_key(1, 2))
        store.facts_told(0)
    with open_shop(tmp_path) as store:
        assert told_of(store) == []


def test_facts_come_in_order_a_page_at_a_time_and_others_are_passed_over(tmp_path: Path) -> None:
    with open_shop(tmp_path) as store:
        store.open_session(session())
        store.commit_sale(sale("plain-1"), print_job_id=None)
        store.commit_sale(with_deal(sale("s1")), print_job_id=None)
        store.record(EntryKind.DRAWER_OPENED, {})
        store.abandon_basket(replace(basket("b1"), released=(LetGo("r-0", "c-0"),)), "left")
        store.abandon_basket(basket("b2"), "left")
        store.commit_sale(replace(with_deal(sale("s2")), member=None), print_job_id=None)
        store.commit_sale(replace(with_deal(sale("s3")), coupons=(), released=()), print_job_id=None)
        store.commit_sale(sale("plain-2"), print_job_id=None)
        pages = []
        while (page := store.facts_to_tell(2)).facts:
            pages.append([one.sale_id for one in page.facts])
            store.facts_told(page.told_to)
        assert pages == [["s1", "b1"], ["s2", "s3"]]
        # 1 epoch, 2 session, 3 plain, 4 s1, 5 drawer, 6 b1, 7 b2, 8 s2, 9 s3, 10 plain
        assert page.told_to == entry_key(1, 10)
        with pytest.raises(ValueError, match="one fact"):
            store.facts_to_tell(0)


def test_an_abandoned_basket_tells_what_was_let_go_and_nothing_else(tmp_path: Path) -> None:
    with open_shop(tmp_path) as store:
        store.abandon_basket(replace(basket("b1"), released=(LetGo("r-0", "c-0"), LetGo("r-1", "c-1"))), "left")
        assert store.facts_to_tell(10).facts == (
            SaleFacts("b1", "0001-01", NOON, TODAY, released=(LetGo("r-0", "c-0"), LetGo("r-1", "c-1"))),
        )


def test_a_restored_till_tells_again_what_it_does_not_know_to_be_heard(tmp_path: Path) -> None:
    folder = tmp_path / "till"
    with open_shop(folder) as store:
        store.commit_sale(with_deal(sale("s1")), print_job_id=None)
        store.facts_told(store.facts_to_tell(10).told_to)
        store.commit_sale(with_deal(sale("s2")), print_job_id=None)
        store.save_basket(replace(basket("b1"), released=(LetGo("r-0", "c-0"),)))
    with reader_of(folder) as reader:
        back_up(reader, tmp_path / "backup.db")
    with open_shop(folder) as store:
        store.facts_told(store.facts_to_tell(10).told_to)
        store.commit_sale(with_deal(sale("lost")), print_job_id=None)
    restore(
        folder,
        tmp_path / "backup.db",
        settings=settings_of(),
        clock=FixedClock(NOON),
        identities=CountingIdentities(),
        keys=keys_of(folder),
    )
    with open_shop(folder) as store:
        assert store.epoch() == 2
        store.commit_sale(with_deal(sale("s3")), print_job_id=None)
        # The basket came back with the backup and was abandoned by the restore.
        assert told_of(store) == ["s2", "b1", "s3"]


def test_a_body_that_cannot_be_read_is_told_as_damage(tmp_path: Path) -> None:
    with open_shop(tmp_path) as store:
        store.commit_sale(with_deal(sale("s1")), print_job_id=None)
        store.commit_sale(sale("s2"), print_job_id=None)
    with past_the_guards(tmp_path) as driver:
        driver.execute("UPDATE journal SET body = '{}' WHERE sequence = 2")
    # The start looks at the last entries only; here the store was open all the time.
    with pytest.raises(StoreDamaged):  # noqa: SIM117 - opening may say so already
        with open_shop(tmp_path) as store:
            store.facts_to_tell(10)
