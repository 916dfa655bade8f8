"""What headquarters signs is known at its tills, over a real line and without one; and a till with the wrong token."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec import structs

from app.catalogue.codes.scanned import Scanned
from app.checkout.member_views import CouponStanding
from app.checkout.requests import ScanCode, TillRequest
from app.checkout.views import DeviceStatusView, TillView
from app.commands.assembly import Parts, TillAtWork, open_till_at_work
from app.commands.configuration import Configuration
from app.commands.demo_members import MILK
from app.commands.doctor import Health, checks
from app.commands.members.keepers import open_own_book
from app.commands.members.keys_sent import ASKED_EVERY_S, KEYS_FILE, SentKeys, kept_keys, trusted
from app.commands.members.settings import Headquarters, MemberSettings
from app.commands.site import Site
from app.commands.world import SystemClock, SystemIdentities
from app.devices.conditions import DeviceCondition
from app.headquarters.members.server import MemberServer
from app.ledger.chain import Ed25519Signer
from app.members.coupons import Benefit, BenefitKind, CouponForm
from app.members.entitlements import EntitlementTerms
from app.members.signed_codes import IssuerKey, read, sign
from app.values.wording import LocalizedText

LONG_S = 30
MAY = datetime(2026, 5, 1, tzinfo=UTC)


class Branch(Site):
    """A till's folder whose `members.toml` names a headquarters: the sample store otherwise."""

    def member_settings(self, configuration: Configuration) -> MemberSettings | None:
        found = super().member_settings(configuration)
        assert found is not None
        url = (self.folder / "address").read_text(encoding="ascii")
        return replace(found, headquarters=Headquarters(url, str(self.folder / "token")), keeping=None)


class Office:
    """Headquarters: the sample store's book with coupons that anybody may use, and its server, which can go away."""

    def __init__(self, folder: Path) -> None:
        self.site = Site(folder, sample=True)
        settings = self.site.member_settings(self.site.configuration())
        assert settings is not None
        self.book = open_own_book(self.site, self.site.settings(), settings, SystemClock())
        now = SystemClock().now()
        self.book.add_form(
            CouponForm(
                "five-off",
                LocalizedText("减5元"),
                Benefit(BenefitKind.AMOUNT, minor=5_00),
                now - timedelta(days=1),
                now + timedelta(days=30),
                must_be_claimed=False,
            )
        )
        with socket.create_server(("127.0.0.1", 0)) as found:
            self.port = found.getsockname()[1]
        self.server: MemberServer | None = None
        self.start()

    def start(self) -> None:
        self.server = MemberServer(self.book, port=self.port)
        self.server.start()

    def stop(self) -> None:
        if self.server is not None:
            self.server.stop()
            self.server = None

    def branch(self, folder: Path, letting_in: str = "0001-01") -> Branch:
        """Return the folder of till 0001-01, with the token of a till that is let in here."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "address").write_text(f"http://127.0.0.1:{self.port}", encoding="ascii")
        self.give(folder, self.book.add_till(letting_in, 1))
        return Branch(folder, sample=True)

    def give(self, folder: Path, token: str) -> None:
        (folder / "token").touch(0o600)
        (folder / "token").write_text(token, encoding="ascii")

    def coupon(self) -> str:
        return self.book.sign_coupon(self.book.issue_coupon("five-off"))


class Till:
    """A whole till without a window; the test's thread is the worker's."""

    def __init__(self, site: Site) -> None:
        self._changed = threading.Condition()
        self._jobs: list[TillRequest | None] = []
        self.lights: dict[str, DeviceStatusView] = {}
        parts = Parts(SystemClock(), SystemIdentities())
        self.till: TillAtWork = open_till_at_work(site, "", parts, self)  # type: ignore[arg-type] # what is told here
        self.view: TillView = self.till.view()

    def _put(self, job: TillRequest | None) -> None:
        with self._changed:
            self._jobs.append(job)
            self._changed.notify_all()

    print_report = asked = member_news = _put

    def payment_news(self, event) -> None:
        """Nothing is paid."""

    def errands_wait(self) -> None:
        self._put(None)

    def device_status(self, status: DeviceStatusView) -> None:
        self.lights[status.device] = status

    def scale_read(self, reading) -> None:
        """Nobody looks at the scale."""

    def scanned(self, scanned) -> None:
        """Nobody scans."""

    def noticed(self, notice, sound) -> None:
        raise AssertionError(notice)

    def scan(self, code: str) -> None:
        self.view = self.till.handle(ScanCode(Scanned("hand", code, None, SystemClock().now())))

    def wait(self, happened: Callable[[], bool]) -> None:
        ends = time.monotonic() + LONG_S
        while not happened():
            assert time.monotonic() < ends, (self.view.notice, self.view.shopper, self.lights.get("members"))
            with self._changed:
                self._changed.wait_for(lambda: self._jobs, 0.05)
                jobs, self._jobs = self._jobs, []
            for job in jobs:
                if job is None:
                    self.till.run_errands()
                else:
                    self.view = self.till.handle(job)

    def light_is(self, condition: DeviceCondition) -> bool:
        return self.lights["members"].condition is condition

    @property
    def used(self) -> int:
        return sum(one.standing is CouponStanding.USED for one in self.view.shopper.coupons)

    @property
    def refusal(self) -> str:
        return str(self.view.notice.sentence) if self.view.notice is not None else ""

    def close(self) -> None:
        self.till.stop_devices()
        self.till.close()


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path / "headquarters")
    yield made
    made.stop()
    made.book.close()


@pytest.fixture
def open_till() -> Iterator[Callable[[Site], Till]]:
    made: list[Till] = []

    def make(site: Site) -> Till:
        for earlier in made:
            earlier.close()
        made[:] = [Till(site)]
        return made[0]

    yield make
    for till in made:
        till.close()


def forged(code: str) -> str:
    """Return a coupon that takes a thousand times as much off, under headquarters' key id, signed by somebody else."""
    signed = read(EntitlementTerms, code)
    terms = structs.replace(signed.terms, value=signed.terms.value * 1000)
    return sign(terms, signed.key_id, Ed25519Signer(b"\x09" * 32)).text()


def doctor(site: Site, subject: str) -> tuple[Health, str]:
    found = next(check for check in checks(site) if str(check.subject) == subject)
    return found.health, str(found.sentence)


def test_what_headquarters_signed_is_taken_at_its_till_with_a_line_and_without_one(office, open_till, tmp_path):
    site = office.branch(tmp_path / "till")
    assert doctor(site, "Headquarters")[0] is Health.GOOD
    assert doctor(site, "Issuer keys")[0] is Health.LOOK

    # With a line: the member by the telephone's code, the coupon by its own; one that was changed by nobody.
    till = open_till(site)
    till.wait(lambda: till.light_is(DeviceCondition.READY) and (site.folder / KEYS_FILE).exists())
    till.scan(MILK)
    till.scan(MILK)
    full = till.view.basket.due_minor
    till.scan(office.book.sign_pass("m-0004"))
    till.wait(lambda: till.view.shopper.member is not None and not till.view.shopper.looking)
    till.scan(forged(office.coupon()))
    assert till.refusal == "This code was changed after it was issued. It cannot be taken."
    assert till.used == 0
    till.scan(office.coupon())
    till.wait(lambda: till.used == 1)
    assert till.view.basket.due_minor <= full - 5_00

    # Headquarters is away, and the till starts again: what it was told once is enough.
    office.stop()
    till = open_till(site)
    till.wait(lambda: till.light_is(DeviceCondition.AWAY))
    used = till.used
    till.scan(MILK)
    till.scan(forged(office.coupon()))
    assert till.refusal == "This code was changed after it was issued. It cannot be taken."
    assert till.used == used
    till.scan(office.book.sign_pass("m-0004"))
    assert till.view.shopper.member is not None
    assert doctor(site, "Issuer keys")[0] is Health.GOOD
    assert doctor(site, "Headquarters") == (
        Health.LOOK,
        "Headquarters cannot be reached. Look after the network; selling goes on.",
    )


def test_a_till_that_never_reached_headquarters_takes_no_signed_coupon_and_one_that_did_does(
    office, open_till, tmp_path
):
    site = office.branch(tmp_path / "till")
    till = open_till(site)
    till.wait((site.folder / KEYS_FILE).exists)
    office.stop()
    till = open_till(site)
    till.wait(lambda: till.light_is(DeviceCondition.AWAY))
    till.scan(MILK)
    full = till.view.basket.due_minor
    till.scan(office.coupon())
    assert till.used == 1
    assert till.view.basket.due_minor == full - 5_00

    # Another till, that headquarters was away from ever since it was set up.
    never = office.branch(tmp_path / "never")
    assert doctor(never, "Issuer keys")[1].startswith("None is at this till")
    till = open_till(never)
    till.wait(lambda: till.light_is(DeviceCondition.AWAY))
    till.scan(MILK)
    till.scan(office.coupon())
    assert till.used == 0
    assert till.refusal.startswith("This till does not know who issued this code.")


def test_a_till_with_another_tills_token_says_so_and_so_does_its_doctor(office, open_till, tmp_path):
    site = office.branch(tmp_path / "till", letting_in="0001-02")
    till = open_till(site)
    till.wait(lambda: till.light_is(DeviceCondition.AWAY))
    assert "knows this till as 0001-02" in str(till.lights["members"].sentence)
    # Nothing of the other till's is given to it, whatever it asks.
    assert not (site.folder / KEYS_FILE).exists()
    health, said = doctor(site, "Headquarters")
    assert health is Health.WRONG
    assert "knows this till as 0001-02" in said

    office.give(site.folder, "nobodys")
    health, said = doctor(site, "Headquarters")
    assert health is Health.WRONG
    assert "does not let this till in" in said

    office.give(site.folder, office.book.add_till("0001-01", 1))
    till.wait(lambda: till.light_is(DeviceCondition.READY))


KEY = IssuerKey("hq-1", "linli", b"\x01" * 32)
OTHER = IssuerKey("hq-2", "linli", b"\x02" * 32)


class Keeper:
    """Names keys; None: nobody answers."""

    def __init__(self, keys: tuple[IssuerKey, ...] | None) -> None:
        self.keys = keys

    def issuer_keys(self) -> tuple[IssuerKey, ...] | None:
        return self.keys


def test_a_till_asks_for_keys_at_its_start_and_every_few_minutes_and_keeps_them(tmp_path):
    clock, heard = [0], []
    sent = SentKeys(tmp_path, lambda: clock[0], heard.append)
    assert (sent.due_in_s(), heard) == (0, [()])
    assert sent.step(Keeper(None)) is False
    assert sent.due_in_s() == 0
    retired = replace(KEY, retired_at=MAY)
    assert sent.step(Keeper((retired, OTHER))) is True
    assert sent.due_in_s() == ASKED_EVERY_S
    assert heard[-1] == kept_keys(tmp_path) == (retired, OTHER)
    clock[0] += int(ASKED_EVERY_S) * 10**9
    assert sent.due_in_s() == 0

    again: list[tuple[IssuerKey, ...]] = []
    SentKeys(tmp_path, lambda: clock[0], again.append)
    assert again == [(retired, OTHER)]
    sent.step(Keeper((OTHER,)))
    assert kept_keys(tmp_path) == (OTHER,)


@pytest.mark.parametrize("content", [b"", b"[{]", b'[{"key_id":"k"}]'])
def test_keys_that_cannot_be_read_are_none_and_are_asked_for_again(tmp_path, content, caplog):
    (tmp_path / KEYS_FILE).write_bytes(content)
    assert kept_keys(tmp_path) == ()
    assert "issuer_keys_not_read" in caplog.messages


def test_keys_that_cannot_be_written_hold_until_the_till_closes(tmp_path, caplog):
    (tmp_path / KEYS_FILE).mkdir()
    heard: list[tuple[IssuerKey, ...]] = []
    sent = SentKeys(tmp_path, lambda: 0, heard.append)
    assert sent.step(Keeper((KEY,))) is True
    assert heard[-1] == (KEY,)
    assert "issuer_keys_not_kept" in caplog.messages
    (tmp_path / KEYS_FILE).rmdir()
    sent.step(Keeper((KEY,)))
    assert kept_keys(tmp_path) == (KEY,)


def test_a_key_of_both_is_good_only_as_far_as_both_say(tmp_path):
    both = trusted((replace(KEY, retired_at=MAY),), (replace(KEY, withdrawn=True), OTHER))
    assert set(both) == {replace(KEY, retired_at=MAY, withdrawn=True), OTHER}
    earlier = trusted((replace(KEY, retired_at=MAY),), (replace(KEY, retired_at=MAY - timedelta(days=1)),))
    assert set(earlier) == {replace(KEY, retired_at=MAY - timedelta(days=1))}
    # One name for two keys: the shop's own word counts.
    assert set(trusted((KEY,), (replace(OTHER, key_id="hq-1"),))) == {KEY}


def test_a_coupon_whose_promotion_no_offer_has_is_named_by_the_doctor(tmp_path):
    site = Site(tmp_path, sample=True)
    assert not any(str(check.subject).startswith("Coupon ") for check in checks(site))
    # Rules without any offer, as headquarters may have sent them: five kinds of the sample's coupons stand alone.
    (tmp_path / "promotions.json").write_text('{"offer": []}', encoding="utf-8")
    found = {str(check.subject): check for check in checks(site) if str(check.subject).startswith("Coupon ")}
    assert {"Coupon store-10", "Coupon fruit-88"} <= set(found)
    assert {check.health for check in found.values()} == {Health.LOOK}
    assert "STORE10 as who.coupon" in str(found["Coupon store-10"].sentence)
    # Where they are published from here, the tills have the offer all the same.
    settings = site.member_settings(site.configuration())
    book = open_own_book(site, site.settings(), settings, SystemClock())
    book.publish_promotions(
        b'{"offer": [{"id": "a", "name": "a", "form": {"kind": "percent", "off_basis_points": 100},'
        b' "who": {"coupon": "STORE10"}}]}'
    )
    book.close()
    named = {str(check.subject) for check in checks(site)}
    assert "Coupon store-10" not in named
    assert "Coupon fruit-88" in named
