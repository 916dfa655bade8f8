"""A shop with its members, a book of them, and the same book behind a real server on this machine."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.headquarters.members import CopyRule, Issuer, KeeperTerms, MemberBook, open_member_book
from app.headquarters.members.server import MemberServer
from app.ledger.chain import Ed25519Signer
from app.members.coupons import Benefit, BenefitKind, CouponForm, CouponUse, Proof, ReturnRule
from app.members.identity import FoundBy, Member, MemberKey
from app.members.phone_numbers import PhoneNumber
from app.members.ports import MemberKeeper, ReturnFacts, SaleFacts
from app.members.privacy import Answer, Consent, PrivacyNotice, Purpose
from app.members.stored_value import BonusStep, LoadingRule
from app.members.tiers import Tier, TierLadder
from app.sync.members import MemberClient
from app.values.clock import FixedClock
from app.values.wording import LocalizedText

MAY = datetime(2026, 5, 1, 4, tzinfo=UTC)
"""Noon in the shop."""

WANG = "+8613812345678"
TILL = "0001-01"
STORE = 1


def notice() -> PrivacyNotice:
    return PrivacyNotice(2, MAY - timedelta(days=90), LocalizedText("We keep your number."), tuple(Purpose))


def terms(**changes) -> KeeperTerms:
    ladder = TierLadder(
        (
            Tier("base", LocalizedText("Member"), 0),
            Tier("silver", LocalizedText("Silver"), 1_000_00, 120),
            Tier("gold", LocalizedText("Gold"), 5_000_00, 150),
        )
    )
    loading = LoadingRule((BonusStep(500_00, 50_00),))
    given = {"issuer": Issuer("k1", Ed25519Signer(b"\x07" * 32)), "loading": loading} | changes
    return KeeperTerms("shop", given.pop("ladder", ladder), notice(), **given)


def consent(member_id: str, number: str = "1", purpose: Purpose = Purpose.MEMBERSHIP, **changes) -> Consent:
    given = {"notice_version": 2, "said_at": MAY, "where": TILL, "answer": Answer.GIVEN} | changes
    return Consent(f"consent-{member_id}-{number}", member_id, purpose, **given)


def form(form_id: str = "five-off", **changes) -> CouponForm:
    given = {
        "benefit": Benefit(BenefitKind.AMOUNT, 5_00),
        "valid_from": MAY - timedelta(days=10),
        "valid_until": MAY + timedelta(days=30),
    } | changes
    return CouponForm(form_id, LocalizedText("5 off"), **given)


def use(redemption_id: str, coupon_id: str, **changes) -> CouponUse:
    given = {
        "form_id": "five-off",
        "campaign_id": "",
        "arm": "",
        "proof": Proof.ONLINE,
        "cost_minor": 5_00,
        "on_return": ReturnRule.GIVE_BACK,
    } | changes
    return CouponUse(redemption_id, coupon_id, **given)


def sale(sale_id: str = "sale-1", **changes) -> SaleFacts:
    given = {
        "till_id": TILL,
        "completed_at": MAY,
        "business_date": MAY.date(),
        "member_id": "m-1",
        "bought_minor": 100_00,
        "points": 100,
    } | changes
    return SaleFacts(sale_id, **given)


def back(return_id: str = "return-1", sale_id: str = "sale-1", **changes) -> ReturnFacts:
    given = {
        "till_id": TILL,
        "returned_at": MAY,
        "business_date": MAY.date(),
        "member_id": "m-1",
        "returned_minor": 100_00,
        "points": 100,
    } | changes
    return ReturnFacts(return_id, sale_id, **given)


def wang(member_id: str = "m-1", **changes) -> Member:
    given = {"name": "王小明", "phone": PhoneNumber(WANG), "cards": ("CARD-77001",)} | changes
    return Member(member_id, **given)


BY_PHONE = MemberKey(FoundBy.PHONE, WANG)


@dataclass
class Shop:
    """A keeper as a till has it, and the book behind it as headquarters has it."""

    keeper: MemberKeeper
    book: MemberBook
    clock: FixedClock

    def join(self, member: Member | None = None) -> Member:
        member = member or wang()
        self.keeper.enrol(f"enrol-{member.member_id}", member, (consent(member.member_id),))
        return member

    def facts(self, key: MemberKey = BY_PHONE):
        facts = self.keeper.find(key).facts
        assert facts is not None
        return facts

    def coupon(self, member_id: str = "m-1", **changes) -> str:
        described = form(**changes)
        self.book.add_form(described)
        return self.book.issue_coupon(described.form_id, member_id)


@dataclass
class Making:
    """The values that tests are written with."""

    terms = staticmethod(terms)
    form = staticmethod(form)
    use = staticmethod(use)
    sale = staticmethod(sale)
    back = staticmethod(back)
    wang = staticmethod(wang)
    consent = staticmethod(consent)
    shop = Shop
    now = MAY
    till = TILL
    store = STORE
    by_phone = BY_PHONE
    no_copies = CopyRule(timedelta(0))


@pytest.fixture
def make() -> Making:
    return Making()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The address of a PostgreSQL server of our own: one that the environment names, or one that is started here."""
    named = os.environ.get("GUITAI_TEST_POSTGRESQL")
    if named:
        yield named
        return
    if shutil.which("initdb") is None or shutil.which("postgres") is None:
        pytest.skip("no PostgreSQL here: initdb and postgres are not on the path")
    owner = {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {}
    folder = Path(tempfile.mkdtemp(prefix="guitai-pg-"))
    try:
        if owner:
            shutil.chown(folder, **owner)
    except LookupError:
        shutil.rmtree(folder)
        pytest.skip("PostgreSQL does not run as root, and there is no user postgres")
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
    subprocess.run(
        ["initdb", "-D", folder / "data", "-A", "trust", "-U", "guitai", "--no-sync", "-E", "UTF8"],
        check=True,
        capture_output=True,
        cwd=folder,
        **owner,
    )
    control = ["pg_ctl", "-D", folder / "data", "-w", "-l", folder / "log"]
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
    subprocess.run([*control, "-o", options, "start"], check=True, capture_output=True, cwd=folder, **owner)
    try:
        yield f"postgresql://guitai@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], check=True, capture_output=True, cwd=folder, **owner)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def clean_postgresql(postgresql: str) -> str:
    """The server with nothing in it."""
    import psycopg

    with psycopg.connect(postgresql, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    return postgresql


@pytest.fixture(params=["book", "encrypted", "wire", "postgresql"])
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shop]:
    clock = FixedClock(MAY)
    where: str | Path = tmp_path / "members.db"
    if request.param == "postgresql":
        where = request.getfixturevalue("clean_postgresql")
    key = b"\x2a" * 32 if request.param == "encrypted" else None
    book = open_member_book(where, clock, terms(), key=key)
    if request.param != "wire":
        yield Shop(book.at(TILL, STORE), book, clock)
    else:
        token = book.add_till(TILL, STORE)
        server = MemberServer(book)
        server.start()
        yield Shop(MemberClient(server.base_url, lambda: token, within_s=30), book, clock)
        server.stop()
    book.close()
