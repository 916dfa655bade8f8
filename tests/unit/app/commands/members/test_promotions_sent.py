"""Promotions from headquarters: published by a command, fetched by a till over a real line, in force with its next basket."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.catalogue.codes.scanned import Scanned
from app.checkout.requests import BeginPayment, ScanCode, TakeTender, TillRequest
from app.checkout.views import DeviceStatusView, Notice, Phase, TillView
from app.commands.assembly import Parts, TillAtWork, open_till_at_work
from app.commands.demo_members import MILK
from app.commands.doctor import Health, checks
from app.commands.entry import build_command_line
from app.commands.members.keepers import open_own_book
from app.commands.members.keeping import OpenedKeeper, OpenKeeper
from app.commands.members.promotions_sent import ASKED_EVERY_S, SentPromotions
from app.commands.site import Site
from app.commands.world import SystemClock, SystemIdentities
from app.devices.conditions import DeviceCondition
from app.headquarters.members.server import MemberServer
from app.members.published_rules import WITHDRAWN, PublishedRules, version_of
from app.sync.members import MemberClient
from app.values.speech import ENGLISH

LONG_S = 30
HALF_A_CARTON = 6_45
"""The sample store's milk costs 12.90."""

TILL = "0001-01"


def rules(points: int) -> str:
    """Return rules that take so much off everything, as TOML."""
    return (
        f'[[offer]]\nid = "all"\nname = "全场"\n[offer.form]\nkind = "percent"\noff_basis_points = {points}\n'
        '[offer.when]\nfrom_date = 2026-01-01\nhours = ["00:00-24:00"]\n'
    )


class Headquarters:
    """A book of members with its commands, and the server of it, which can be stopped and started."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.site = Site(folder, sample=True)
        settings = self.site.member_settings(self.site.configuration())
        assert settings is not None
        self.book = open_own_book(self.site, self.site.settings(), settings, SystemClock())
        self.token = self.book.add_till(TILL, 1)
        self.server: MemberServer | None = None
        self.address = "http://127.0.0.1:1"

    def start(self) -> None:
        self.server = MemberServer(self.book)
        self.server.start()
        self.address = self.server.base_url

    def stop(self) -> None:
        if self.server is not None:
            self.server.stop()
            self.server = None

    def command(self, *arguments: str, code: int = 0) -> str:
        given = ["headquarters", "promotions", *arguments, "--sample", "--data", str(self.folder)]
        found = CliRunner().invoke(build_command_line(ENGLISH), given)
        assert found.exit_code == code, (found.output, found.stderr, found.exception)
        return found.output if code == 0 else found.stderr

    def publish(self, text: str, name: str = "rules.toml") -> dict[str, object]:
        file = self.folder / name
        file.write_text(text, encoding="utf-8")
        said: dict[str, object] = json.loads(self.command("publish", str(file), "--json"))
        return said

    def around(self, _own: OpenKeeper) -> OpenKeeper:
        """Have a till ask this headquarters and not its own book."""

        def ask() -> OpenedKeeper:
            client = MemberClient(self.address, lambda: self.token)
            return OpenedKeeper(client, lambda: None, trouble=lambda: client.last_trouble)

        return ask


class Till:
    """A whole till without a window; the test's thread is the worker's."""

    def __init__(self, site: Site, headquarters: Headquarters) -> None:
        self._changed = threading.Condition()
        self._jobs: list[TillRequest | None] = []
        self.lights: dict[str, DeviceStatusView] = {}
        self.notices: list[Notice] = []
        self.folder = site.folder
        parts = Parts(SystemClock(), SystemIdentities(), around_keeper=headquarters.around)
        self.till: TillAtWork = open_till_at_work(site, "", parts, self)  # type: ignore[arg-type] # what is told here
        self.view: TillView = self.till.view()

    def _put(self, job: TillRequest | None) -> None:
        with self._changed:
            self._jobs.append(job)
            self._changed.notify_all()

    print_report = asked = member_news = _put

    def payment_news(self, event) -> None:
        """Only cash is paid."""

    def errands_wait(self) -> None:
        self._put(None)

    def device_status(self, status: DeviceStatusView) -> None:
        self.lights[status.device] = status

    def scale_read(self, reading) -> None:
        """Nobody looks at the scale."""

    def scanned(self, scanned) -> None:
        """Nobody scans."""

    def noticed(self, notice: Notice, sound) -> None:
        self.notices.append(notice)

    def wait(self, happened: Callable[[], bool]) -> None:
        ends = time.monotonic() + LONG_S
        while not happened():
            assert time.monotonic() < ends, (self.view.notice, self.notices, self.lights.get("members"))
            with self._changed:
                self._changed.wait_for(lambda: self._jobs, 0.05)
                jobs, self._jobs = self._jobs, []
            for job in jobs:
                if job is None:
                    self.till.run_errands()
                else:
                    self.view = self.till.handle(job)

    def has(self, version: object) -> bool:
        path = self.folder / "promotions.json"
        return path.exists() and version_of(path.read_bytes()) == version

    def price_of_milk(self) -> int:
        """Ring a carton up, take the money, and return what it was."""
        self.view = self.till.handle(ScanCode(Scanned("hand", MILK, None, SystemClock().now())))
        due = self.view.basket.due_minor
        self.view = self.till.handle(BeginPayment())
        self.view = self.till.handle(TakeTender("cash", "100"))
        self.wait(lambda: self.view.phase is Phase.PAID)
        return due

    def close(self) -> None:
        self.till.stop_devices()
        self.till.close()


@pytest.fixture
def headquarters(tmp_path: Path) -> Iterator[Headquarters]:
    made = Headquarters(tmp_path / "headquarters")
    yield made
    made.stop()
    made.book.close()


@pytest.fixture
def open_till(tmp_path: Path, headquarters: Headquarters) -> Iterator[Callable[[], Till]]:
    made: list[Till] = []

    def make() -> Till:
        for earlier in made:
            earlier.close()
        made[:] = [Till(Site(tmp_path / "till", sample=True), headquarters)]
        return made[0]

    yield make
    for till in made:
        till.close()


def test_a_till_goes_by_what_headquarters_published_and_holds_on_to_it(headquarters, open_till):
    headquarters.start()
    said = headquarters.publish(rules(5000))
    assert said["offers"] == 1
    till = open_till()
    till.wait(lambda: till.has(said["version"]))
    # Taken before the basket: the very first carton is at half price, and the sale says under which rules.
    assert till.price_of_milk() == HALF_A_CARTON
    assert till.till._promotions.book.rules.version == said["rules_version"]

    # Headquarters is away: what holds holds, at the next start too.
    headquarters.stop()
    till = open_till()
    till.wait(lambda: till.lights["members"].condition is DeviceCondition.AWAY)
    assert till.price_of_milk() == HALF_A_CARTON

    # Rules that no till understands, of a headquarters that is ahead of it: the old ones hold, and it is said.
    garbage = headquarters.book.publish_promotions(b'{"offer": [{"id": "from-the-future"}]}')
    headquarters.start()
    till = open_till()
    till.wait(lambda: till.has(garbage))
    assert till.price_of_milk() == HALF_A_CARTON
    assert [notice.code for notice in till.notices] == ["BAD-PROMOTION-RULES"]
    assert "The till goes on by the old ones" in str(till.notices[0].sentence)

    # Withdrawn: the shop's own promotions are back, which have nothing for one carton of this milk.
    headquarters.command("withdraw")
    till = open_till()
    till.wait(lambda: not (till.folder / "promotions.json").exists())
    for _ in range(2):
        till.price_of_milk()
    assert till.till._promotions.trouble is None
    assert len(till.till._promotions.book.rules.offers) > 100


class Keeper:
    """Answers what it is told to; None: nobody answers."""

    def __init__(self, answer: PublishedRules | None) -> None:
        self.answer = answer
        self.known: list[str] = []

    def promotions(self, known_version: str) -> PublishedRules | None:
        self.known.append(known_version)
        return self.answer


def published(content: bytes) -> PublishedRules:
    return PublishedRules(version_of(content), content)


@pytest.fixture
def clock() -> list[int]:
    return [0]


@pytest.fixture
def sent(tmp_path: Path, clock: list[int]) -> SentPromotions:
    return SentPromotions(tmp_path, lambda: clock[0])


def test_a_till_asks_at_its_start_and_every_few_minutes(sent, clock):
    assert sent.due_in_s() == 0
    assert sent.step(Keeper(PublishedRules(""))) is True
    assert sent.due_in_s() == ASKED_EVERY_S <= 300
    clock[0] += int(ASKED_EVERY_S) * 10**9
    assert sent.due_in_s() == 0
    assert sent.step(Keeper(None)) is False
    # Nobody answered: how long to wait is the desk's own matter.
    assert sent.due_in_s() == 0


def test_a_till_says_which_rules_it_has_also_after_somebody_changed_the_file(sent, tmp_path):
    keeper = Keeper(published(b'{"a": 1}'))
    sent.step(keeper)
    sent.step(keeper)
    (tmp_path / "promotions.json").write_bytes(b"changed by hand")
    sent.step(keeper)
    assert keeper.known == ["", version_of(b'{"a": 1}'), version_of(b"changed by hand")]
    assert (tmp_path / "promotions.json").read_bytes() == b'{"a": 1}'


@pytest.mark.parametrize("answer", [PublishedRules(""), PublishedRules(version_of(b"mine"))])
def test_where_nothing_new_is_published_the_file_stays(sent, tmp_path, answer):
    (tmp_path / "promotions.json").write_bytes(b"mine")
    sent.step(Keeper(answer))
    assert (tmp_path / "promotions.json").read_bytes() == b"mine"


def test_withdrawn_rules_leave_the_till_and_are_not_missed(sent, tmp_path):
    (tmp_path / "promotions.json").write_bytes(b"mine")
    for _ in range(2):
        assert sent.step(Keeper(PublishedRules(WITHDRAWN))) is True
        assert not (tmp_path / "promotions.json").exists()


def test_a_file_that_cannot_be_written_is_said_in_the_log_and_tried_again(sent, tmp_path, clock, caplog):
    blocked = tmp_path / "promotions.json"
    blocked.mkdir()
    keeper = Keeper(published(b"{}"))
    assert sent.step(keeper) is True
    assert "promotions_not_kept" in caplog.messages
    assert sent.due_in_s() == ASKED_EVERY_S
    blocked.rmdir()
    sent.step(keeper)
    assert blocked.read_bytes() == b"{}"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[offer]", "cannot be read"),
        (rules(5000) + "[group]\n", "cannot be read"),
        ('currency = "USD"\n' + rules(5000), "USD"),
        ('time_zone = "Africa/Lagos"\n' + rules(5000), "Africa/Lagos"),
        (rules(20_000), "off_basis_points"),
    ],
)
def test_rules_that_no_till_could_go_by_are_not_published(headquarters, text, said):
    file = headquarters.folder / "bad.toml"
    file.write_text(text, encoding="utf-8")
    assert said in headquarters.command("publish", str(file), code=2)
    assert "No promotions are published" in headquarters.command("show", code=2)
    assert "No promotions are published" in headquarters.command("withdraw", code=2)
    assert "cannot be read" in headquarters.command("publish", str(headquarters.folder / "nothing.toml"), code=2)


def test_the_rules_that_are_published_can_be_seen_and_read_back(headquarters, tmp_path):
    said = headquarters.publish(rules(5000))
    out = tmp_path / "out.json"
    shown = json.loads(headquarters.command("show", "--out", str(out), "--json"))
    assert (shown["version"], shown["rules_version"], shown["offers"]) == (said["version"], said["rules_version"], 1)
    assert version_of(out.read_bytes()) == said["version"]
    assert headquarters.publish(out.read_text(encoding="utf-8"), "again.json") == said
    assert "1 offers" in headquarters.command("show")
    assert "cannot be written" in headquarters.command("show", "--out", str(tmp_path / "no" / "out.json"), code=2)


def test_the_sample_stores_own_promotions_can_be_published(headquarters):
    text = (Site(headquarters.folder, sample=True).configuration_folder / "promotions.toml").read_text(encoding="utf-8")
    assert headquarters.publish(text)["offers"] > 100


def test_doctor_says_whose_promotions_the_till_goes_by(tmp_path):
    site = Site(tmp_path, sample=True)

    def said() -> tuple[Health, str]:
        found = next(check for check in checks(site) if str(check.subject) == "Promotions")
        return found.health, str(found.sentence)

    assert said()[1].endswith(" offers.")
    sent = tmp_path / "promotions.json"
    sent.write_text('{"offer": []}', encoding="utf-8")
    assert said() == (Health.GOOD, "0 offers, as headquarters sent them.")
    sent.unlink()
    sent.mkdir()
    assert said()[0] is Health.WRONG
    assert "promotions.json" in said()[1]
