"""What can happen to the line and to headquarters: silent, cut, garbage, killed; each message has one effect all the same."""

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.headquarters.members.server import MemberServer
from app.members.identity import FoundBy, MemberKey
from app.members.ports import AccountKind, CouponReach, MemberAnswer, Reach
from app.sync.members import MemberClient, UnsafeAddress

CHILD = Path(__file__).with_name("keeper_child.py")


class Line:
    """A line to headquarters that does with each answer what it is told, in turn; at last it behaves."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.faults: list[str] = []
        self.calls = 0
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listening.getsockname()[1]}"
        self.ended = threading.Event()
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self) -> None:
        while True:
            try:
                till, _ = self.listening.accept()
            except OSError:
                return
            self.calls += 1
            fault = self.faults.pop(0) if self.faults else ""
            threading.Thread(target=self.carry, args=(till, fault), daemon=True).start()

    def carry(self, till: socket.socket, fault: str) -> None:
        with till:
            asked = whole(till)
            if fault == "request lost":
                return
            with socket.create_connection(("127.0.0.1", self.port)) as headquarters:
                headquarters.sendall(asked)
                answer = whole(headquarters)
            if fault == "answer lost":
                return
            if fault == "silent":
                self.ended.wait(20)
                return
            till.sendall(FAULTS.get(fault, lambda said: said)(answer))

    def close(self) -> None:
        self.ended.set()
        self.listening.close()


def whole(line: socket.socket) -> bytes:
    """Read a request or an answer to the end that it names."""
    data = b""
    while piece := line.recv(65536):
        data += piece
        head, found, body = data.partition(b"\r\n\r\n")
        if found:
            lengths = [row for row in head.lower().split(b"\r\n") if row.startswith(b"content-length:")]
            if len(body) >= (int(lengths[0].split(b":")[1]) if lengths else 0):
                break
    return data


def says(status: int, body: bytes, more: bytes = b"") -> bytes:
    return b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n%s\r\n%s" % (status, len(body), more, body)


FAULTS = {
    "cut": lambda said: said[:-5],
    "garbage": lambda said: b"\x00\xff not HTTP at all",
    "no JSON": lambda said: says(200, b"<html>Log in to the network</html>"),
    "other schema": lambda said: says(200, b'{"reach":"answered","surprise":1}'),
    "other type": lambda said: says(200, b'{"reach":7}'),
    "too large": lambda said: says(200, b" " * 1_100_000),
    "compressed": lambda said: says(200, b"\x1f\x8b", b"Content-Encoding: gzip\r\n"),
    "redirect": lambda said: says(302, b"", b"Location: http://127.0.0.1:1/\r\n"),
    "bad": lambda said: says(400, b'{"code":"BAD-MESSAGE","where":"$.facts.sale_id: too long"}'),
    "bad for a proxy": lambda said: says(400, b"<html>Bad Request</html>"),
    "large for a proxy": lambda said: says(413, b"<html>Too large</html>"),
    "not here": lambda said: says(404, b"<html>Not Found</html>"),
    "forbidden": lambda said: says(403, b"<html>Forbidden</html>"),
    "slow": lambda said: says(408, b""),
    "too many": lambda said: says(429, b""),
    "fault": lambda said: says(500, b"{}"),
    "away": lambda said: says(503, b"{}"),
}


@pytest.fixture
def line(shop) -> Iterator[Line]:
    server = MemberServer(shop.book)
    server.start()
    made = Line(int(server.base_url.rpartition(":")[2]))
    yield made
    made.close()
    server.stop()


@pytest.fixture
def client(shop, line, make) -> MemberClient:
    token = shop.book.add_till(make.till, make.store)
    return MemberClient(line.url, lambda: token, within_s=10)


def only_the_book(test):
    return pytest.mark.parametrize("shop", ["book"], indirect=True)(test)


@only_the_book
def test_an_answer_that_is_lost_is_asked_for_again_within_the_call(shop, line, client, make):
    shop.join()
    line.faults = ["answer lost"]
    assert client.take_in(make.sale()) is Reach.ANSWERED
    assert line.calls == 2
    assert shop.facts().points == 100


@only_the_book
@pytest.mark.parametrize("fault", ["request lost", "answer lost", "cut"])
def test_a_line_that_breaks_twice_is_away_and_the_same_message_later_has_one_effect(shop, line, client, make, fault):
    shop.join()
    line.faults = [fault, fault]
    assert client.take_in(make.sale()) is Reach.AWAY
    assert "does not answer" in str(client.last_trouble)
    assert client.take_in(make.sale()) is Reach.ANSWERED
    assert client.last_trouble is None
    assert shop.facts().points == 100


@only_the_book
@pytest.mark.parametrize(
    "fault",
    [
        "garbage",
        "no JSON",
        "other schema",
        "other type",
        "too large",
        "compressed",
        "redirect",
        "fault",
        "away",
        "not here",
        "forbidden",
        "slow",
        "too many",
    ],
)
def test_an_answer_that_is_none_is_away_and_says_why(shop, line, client, make, fault):
    shop.join()
    line.faults = [fault, fault]
    assert client.take_in(make.sale()) is Reach.AWAY
    assert client.last_trouble is not None
    line.faults.clear()
    assert client.find(make.by_phone).facts.points == 100


@only_the_book
@pytest.mark.parametrize("fault", ["bad", "bad for a proxy", "large for a proxy"])
def test_a_sale_that_is_found_fault_with_is_another_thing_than_a_line_that_is_away(line, client, make, fault):
    line.faults = [fault, fault, fault]
    assert client.take_in(make.sale()) is Reach.REFUSED
    assert client.take_back(make.back()) is Reach.REFUSED
    assert client.last_trouble is None


@only_the_book
def test_a_question_that_headquarters_cannot_read_does_not_make_it_away(shop, client, make):
    shop.join()
    assert client.find(MemberKey(FoundBy.CARD, "9" * 5000)) == MemberAnswer(Reach.REFUSED)
    assert client.of_code("9" * 600, "").reach is Reach.REFUSED
    assert client.of_code("9" * 600, "").refusal is not None
    assert client.reserve("u" * 600, "c", "").reach is CouponReach.REFUSED
    assert client.look_up(AccountKind.POINTS, "m" * 600).reach is Reach.REFUSED
    assert client.hold(AccountKind.POINTS, "h" * 600, "m-1", 1) is None
    assert client.last_trouble is None


@only_the_book
def test_a_question_that_a_proxy_does_not_like_is_away_for_the_till_has_its_own_copy(line, client, make):
    line.faults = ["bad for a proxy"]
    assert client.find(make.by_phone) == MemberAnswer(Reach.AWAY)
    assert client.last_trouble is not None


@only_the_book
def test_a_silent_headquarters_is_away_in_time_and_the_hold_is_not_lost(shop, line, make):
    shop.join()
    shop.keeper.take_in(make.sale())
    token = shop.book.add_till(make.till, make.store)
    client = MemberClient(line.url, lambda: token, within_s=1)
    line.faults = ["silent"]
    assert client.hold(AccountKind.POINTS, "h-1", "m-1", 40) is None
    assert line.calls == 1
    assert shop.keeper.held(AccountKind.POINTS, "h-1").amount == 40


def test_nobody_at_the_other_end_is_away_for_every_call(make):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    client = MemberClient(f"http://127.0.0.1:{port}", lambda: "token")
    assert client.find(make.by_phone) == MemberAnswer(Reach.AWAY)
    assert client.reserve("u", "c", "").reach is CouponReach.AWAY
    assert client.lease("l", "c", "t", 1) is None
    assert client.codes_to_lease("t", 1) is None
    assert client.erased_since(0) is None
    assert client.look_up(AccountKind.VALUE, "m-1").reach is Reach.AWAY
    assert client.given_back(AccountKind.VALUE, "h", "g") is None
    assert "cannot be reached" in str(client.last_trouble)


@only_the_book
@pytest.mark.parametrize("token", ["", "wrong", "with\nnewline", "é"])
def test_a_till_that_headquarters_does_not_know_reads_why(shop, line, make, token):
    client = MemberClient(line.url, lambda: token)
    assert client.find(make.by_phone).reach is Reach.AWAY
    assert "enrol" in str(client.last_trouble)


@only_the_book
def test_a_till_whose_token_was_taken_away_is_let_in_no_more(shop, client, make):
    assert client.find(make.by_phone).reach is Reach.NOT_FOUND
    assert shop.book.remove_till(make.till)
    assert client.find(make.by_phone).reach is Reach.AWAY


@only_the_book
def test_a_till_speaks_for_itself_alone(shop, client, make):
    shop.join()
    assert client.take_in(make.sale(till_id="0001-02")) is Reach.AWAY
    # The sentence names the till that the token is of: the mistake is in this till's settings.
    assert "0001-01" in str(client.last_trouble)
    assert client.codes_to_lease("0001-02", 1) is None
    assert "0001-01" in str(client.last_trouble)
    assert client.lease("l-1", "MAY5", "0001-02", 1) is None
    assert shop.facts().points == 0


@only_the_book
def test_headquarters_whose_database_fails_is_away(shop, client, make):
    shop.join()
    shop.book._database._engine.dispose()
    shop.book._database._engine.connect().connection.driver_connection.close()
    assert client.find(make.by_phone).reach is Reach.AWAY
    assert shop.keeper.take_in(make.sale()) in {Reach.AWAY, Reach.ANSWERED}


@pytest.mark.parametrize("address", ["http://hq.example.com", "ftp://127.0.0.1", "hq.example.com", ""])
def test_members_data_never_goes_over_a_network_unencrypted(address):
    with pytest.raises(UnsafeAddress):
        MemberClient(address, lambda: "token")


class Child:
    """Headquarters as a process."""

    def __init__(self, path: Path, moment: str = "never", countdown: int = 0) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(CHILD), str(path), moment, str(countdown)], stdout=subprocess.PIPE, text=True
        )
        url, self.token = self.process.stdout.readline().split()
        self.client = MemberClient(url, lambda: self.token, within_s=20)

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


@pytest.mark.faults
@pytest.mark.parametrize(
    ("moment", "countdown"), [("answer", 1), ("statement", 8), ("statement", 12), ("statement", 16)]
)
def test_headquarters_killed_at_any_moment_has_taken_the_sale_in_whole_or_not_at_all(tmp_path, make, moment, countdown):
    path = tmp_path / "members.db"
    first = Child(path)
    assert first.client.enrol("e-1", make.wang(), (make.consent("m-1"),)).reach is Reach.ANSWERED
    first.end()
    facts = make.sale(offers=(("o", 1),))

    killed = Child(path, moment, countdown)
    said = killed.client.take_in(facts)
    killed.end()
    assert said is Reach.AWAY

    again = Child(path)
    before = again.client.find(MemberKey(FoundBy.CARD, "CARD-77001")).facts
    assert (before.points, before.bought_minor, before.used_offers) in [(0, 0, ()), (100, 100_00, (("o", 1),))]
    assert (before.points == 100) is (moment == "answer")
    assert again.client.take_in(facts) is Reach.ANSWERED
    after = again.client.find(make.by_phone).facts
    again.end()
    assert (after.points, after.bought_minor, after.used_offers) == (100, 100_00, (("o", 1),))
