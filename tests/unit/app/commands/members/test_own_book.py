"""A shop that keeps its members itself: the book in the till's folder, its sample members, and what sales do to it."""

import shutil
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from app.checkout.member_ports import AskCoupon, FindMember, ReserveCoupon
from app.checkout.member_requests import MembersErased
from app.commands.members.duties import MemberTimes
from app.commands.members.keepers import BookKeyMissing, keeper_of, open_own_book
from app.commands.members.settings import MemberSettings
from app.commands.site import Site
from app.commands.world import SystemClock
from app.members.identity import key_of_typed
from app.members.ports import CouponReach, Reach
from app.members.privacy import Erasure
from app.payments.provider import PurchaseOrder, Verdict
from tests.unit.app.commands.members.conftest import CODE, FAST, LONG_S, Store, Till, sale

CLOCK = SystemClock()
PHONE = "199 0000 0001"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory, settings: MemberSettings) -> Path:
    """A book with the sample's members in it, to be copied: writing them takes a second."""
    folder = tmp_path_factory.mktemp("written") / "till"
    site = Site(folder, sample=True)
    open_own_book(site, site.settings(), settings, CLOCK).close()
    return folder


@pytest.fixture
def site(tmp_path: Path, written: Path) -> Site:
    shutil.copytree(written, tmp_path / "till")
    return Site(tmp_path / "till", sample=True)


@pytest.fixture
def open_own(site: Site, settings: MemberSettings):
    made: list[Till] = []

    def make(store: Store, times: MemberTimes = FAST) -> Till:
        opens = keeper_of(site, site.settings(), settings, CLOCK)

        class OwnTill(Till):
            def _open(self):
                return opens()

        made.append(OwnTill(settings, None, store, times))  # type: ignore[arg-type] # its keeper is the book
        return made[-1]

    yield make
    for till in made:
        till.house.stop(till.store, LONG_S)  # type: ignore[arg-type]


def points_of(site: Site, settings: MemberSettings, member_id: str = "m-0001") -> int:
    book = open_own_book(site, site.settings(), settings, CLOCK)
    facts = book.member_facts(member_id)
    book.close()
    assert facts is not None
    return facts.points


def test_the_sample_members_are_written_once_and_what_they_did_since_stays(site, settings):
    book = open_own_book(site, site.settings(), settings, CLOCK)
    assert len(book.members()) == 12
    assert book.member_facts("m-0008").value_minor == 210_000  # 2000 yuan and the bonus of 100
    assert book.find(key_of_typed(PHONE)).facts.points == 3_260
    book.take_in(sale(7))
    book.close()
    assert points_of(site, settings) == 3_267


def test_the_book_is_encrypted_with_a_key_that_only_its_owner_reads(site, settings):
    open_own_book(site, site.settings(), settings, CLOCK).close()
    data = (site.members_folder / "members.db").read_bytes()
    assert b"SQLite format 3" not in data
    assert "王芳菲".encode() not in data
    keys = list((site.members_folder / "keys").iterdir())
    assert len(keys) == 2
    assert all(not stat.S_IMODE(path.stat().st_mode) & 0o077 for path in keys)


def test_a_book_whose_key_is_gone_is_not_made_anew(site, settings):
    open_own_book(site, site.settings(), settings, CLOCK).close()
    (site.members_folder / "keys" / "members-book.key").unlink()
    with pytest.raises(BookKeyMissing):
        open_own_book(site, site.settings(), settings, CLOCK)


def test_a_till_killed_after_its_sale_was_taken_in_tells_it_again_and_the_points_stand_once(site, settings, open_own):
    store = Store()
    first = open_own(store)
    first.sell(5)
    first.wait(lambda: store.told_to == 1)
    store.told_to = 0  # killed before the place was stored
    second = open_own(store)
    second.wait(lambda: store.told_to == 1)
    first.house.stop(store, LONG_S)
    second.house.stop(store, LONG_S)
    assert points_of(site, settings) == 3_265


def test_a_till_killed_before_its_sale_was_taken_in_tells_it_at_its_next_start(site, settings, open_own):
    store = Store()
    store.sales.append(sale(5))  # committed, and nothing else of that run is left
    till = open_own(store)
    till.wait(lambda: store.told_to == 1)
    till.house.stop(store, LONG_S)
    assert points_of(site, settings) == 3_265


def test_a_member_named_by_phone_has_coupons_that_can_be_set_aside_and_checked_without_asking(open_own):
    till = open_own(Store())
    assert till.house.ask(FindMember("basket-1", key_of_typed(PHONE)))
    till.wait(lambda: bool(till.news))
    coupons = till.news[0].answer.coupons
    assert {offer.form.form_id for offer in coupons} == {"store-10", "fruit-88", "milk"}
    signed = next(offer.signed for offer in coupons if offer.signed is not None)
    signed.verify(till.house.terms.issuer_keys)
    assert till.house.ask(ReserveCoupon("basket-1", "r-1", coupons[0].coupon_id, "m-0001"))
    till.wait(lambda: len(till.news) == 2)
    assert till.news[1].answer.reach is CouponReach.DONE


def test_a_member_erased_by_a_command_beside_the_till_is_forgotten_at_the_till(site, settings, open_own):
    till = open_own(Store(), replace(FAST, erased_every_s=0.05))
    till.find()
    till.wait(lambda: bool(till.news))
    book = open_own_book(site, site.settings(), settings, CLOCK)
    facts = next(found for line in book.members() if not (found := book.member_facts(line.member_id)).value_minor)
    member_id = facts.member.member_id
    erased = book.erase("x-1", Erasure("e-1", member_id, CLOCK.now(), "headquarters", facts.points))
    book.close()
    assert erased is Reach.ANSWERED
    till.wait(lambda: till.store.forgotten == [member_id])
    till.wait(lambda: till.news[-1] == MembersErased((member_id,)))


def test_the_limited_code_is_known_and_the_till_gets_a_share_of_it(open_own):
    till = open_own(Store())
    assert till.house.ask(AskCoupon("basket-1", CODE))
    till.wait(lambda: bool(till.news) and bool(till.store.leases))
    assert till.news[0].answer.reach is Reach.ANSWERED
    (share,) = till.store.leases.values()
    assert (share.code, share.lease.granted, share.form.form_id) == (CODE, 5, "opening-8")


@pytest.mark.parametrize(
    ("provider", "amount_minor"),
    [("value_provider", 53_000), ("points_provider", 3_200)],
)
def test_what_a_member_has_pays_to_the_last_step_and_no_further(open_own, provider, amount_minor):
    till = open_own(Store())
    pays = getattr(till.house, provider)()
    over = pays.pay(PurchaseOrder("n0", amount_minor + 100, "CNY", "Corner shop", shopper_code="m-0001"))
    assert (over.verdict, over.code) == (Verdict.DECLINED, "NOT-ENOUGH")
    order = PurchaseOrder("n1", amount_minor, "CNY", "Corner shop", shopper_code="m-0001")
    assert pays.pay(order).verdict is Verdict.APPROVED
    assert pays.capture(order).verdict is Verdict.APPROVED
    pays.close()


def test_a_changed_coupon_that_is_out_keeps_its_promise_and_stops_nobody(
    site: Site, settings: MemberSettings, caplog
) -> None:
    from dataclasses import replace

    open_own_book(site, site.settings(), settings, CLOCK).close()
    assert settings.keeping is not None
    forms = tuple(
        replace(form, benefit=replace(form.benefit, minor=900)) if form.form_id == "store-10" else form
        for form in settings.keeping.forms
    )
    changed = replace(settings, keeping=replace(settings.keeping, forms=forms))
    book = open_own_book(site, site.settings(), changed, CLOCK)
    kept = [offer.form for offer in book.find(key_of_typed(PHONE)).coupons if offer.form.form_id == "store-10"]
    book.close()
    assert [form.benefit.minor for form in kept] == [1000]
    assert [record.message for record in caplog.records] == ["coupon_form_not_changed"]


def test_two_that_make_the_book_at_once_make_one_book_with_one_key(tmp_path: Path, settings: MemberSettings) -> None:
    site = Site(tmp_path / "till", sample=True)
    together = threading.Barrier(2)

    def make() -> None:
        together.wait(LONG_S)
        open_own_book(site, site.settings(), settings, CLOCK).close()

    with ThreadPoolExecutor(2) as pool:
        for made in [pool.submit(make) for _ in range(2)]:
            made.result(LONG_S)
    assert points_of(site, settings) == 3_260
