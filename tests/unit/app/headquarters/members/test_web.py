"""Hostile and mistaken questions: each is refused with a code, none brings the server down or tells anything."""

import http.client
import json
from contextlib import closing

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.headquarters.members.records import TillAccess
from app.headquarters.members.server import CannotServe, MemberServer
from app.headquarters.members.web import _ANSWERS, Refused, answer
from app.members.ports import Reach
from app.sync.members.contract import CALLS
from app.sync.members.strict import LARGEST_MESSAGE_BYTES

TILL = TillAccess("t-1", 1)


@pytest.fixture
def server(book):
    made = MemberServer(book)
    made.start()
    yield made
    made.stop()


def ask(server, path: str, body: bytes, token: str = "", method: str = "POST", **headers) -> tuple[int, dict]:
    host, _, port = server.base_url.removeprefix("http://").rpartition(":")
    with closing(http.client.HTTPConnection(host, int(port), timeout=30)) as line:
        line.request(method, path, body, {"Authorization": f"Bearer {token}", **headers})
        reply = line.getresponse()
        return reply.status, json.loads(reply.read() or b"{}")


def test_whoever_has_no_token_learns_nothing(server):
    for path in ("/members/1/find", "/members/1/no-such-call"):
        assert ask(server, path, b"{}") == (401, {"code": "NO-TOKEN", "where": ""})
    assert ask(server, "/members/1/find", b"{}", "x" * 5000)[0] in {401, 400}


def test_what_is_not_in_the_contract_is_refused_with_a_code(server, book):
    token = book.add_till("t-1", 1)
    find = "/members/1/find"
    assert ask(server, find, b"not json", token) == (400, {"code": "BAD-MESSAGE", "where": "no JSON"})
    assert ask(server, find, b'{"key":{"found_by":"phone","value":"+8613812345678","x":1}}', token) == (
        400,
        {"code": "BAD-MESSAGE", "where": "$.key: a field that is not known"},
    )
    assert ask(server, "/members/1/drop-tables", b"{}", token)[1]["code"] == "NO-SUCH-CALL"
    assert ask(server, "/members/2/find", b"{}", token)[1]["code"] == "NO-SUCH-CALL"
    assert ask(server, find, b"", token, method="GET") == (405, {"code": "NO-SUCH-CALL", "where": ""})
    assert ask(server, find, b"[" * 100_000, token)[1]["code"] == "BAD-MESSAGE"
    assert ask(server, find, b" " * (LARGEST_MESSAGE_BYTES + 1), token) == (413, {"code": "TOO-LARGE", "where": ""})
    deep = b'{"key":{"found_by":"phone","value":"' + b"9" * 5000 + b'"}}'
    assert ask(server, find, deep, token)[1]["where"].startswith("$.key.value")
    found = ask(server, find, b'{"key":{"found_by":"card","value":"C"}}', token)
    assert (found[0], found[1]["answer"]["reach"]) == (200, "not_found")


def test_a_fault_of_ours_tells_a_code_and_nothing_more(server, book, monkeypatch):
    token = book.add_till("t-1", 1)

    def broken(*_):
        raise RuntimeError("the secret inside")

    monkeypatch.setitem(_ANSWERS, "find", broken)
    assert ask(server, "/members/1/find", b'{"key":{"found_by":"card","value":"C"}}', token) == (
        500,
        {"code": "FAULT", "where": ""},
    )


def test_a_server_for_other_machines_needs_a_certificate(book):
    with pytest.raises(CannotServe, match="certificate"):
        MemberServer(book, host="hq.example.com")


def test_a_port_that_is_taken_is_said_so(server, book):
    with pytest.raises(CannotServe, match="Port"):
        MemberServer(book, port=int(server.base_url.rpartition(":")[2])).start()


def status_of(book, call: str, raw: bytes) -> int:
    try:
        answer(book, TILL, call, raw)
    except Refused as refused:
        return refused.status
    return 200


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.text(max_size=20) | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
names = st.sampled_from(
    [
        "key",
        "value",
        "found_by",
        "facts",
        "sale_id",
        "till_id",
        "kind",
        "hold_id",
        "amount",
        "member_id",
        "code",
        "used",
    ]
)


@settings(max_examples=150, suppress_health_check=list(HealthCheck))
@given(
    call=st.sampled_from(sorted(CALLS)),
    raw=st.binary(max_size=60) | st.dictionaries(names, json_values).map(json.dumps).map(str.encode),
)
def test_nothing_that_is_sent_is_more_than_refused(book, call, raw):
    assert status_of(book, call, raw) in {200, 400}


almost = st.fixed_dictionaries(
    {
        "sale_id": st.text(min_size=1, max_size=10),
        "till_id": st.just("t-1"),
        "completed_at": st.sampled_from(
            ["2026-05-01T04:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2026-05-01T04:00:00"]
        ),
        "business_date": st.sampled_from(["2026-05-01", "9999-12-31", "2026-02-30"]),
    },
    optional={
        "member_id": st.text(max_size=200),
        "bought_minor": st.integers(-(2**64), 2**64),
        "points": st.integers(-(2**60), 2**60),
        "points_end_on": st.sampled_from(["0001-01-01", "9999-12-31"]),
        "offers": st.lists(st.tuples(st.text(max_size=5), st.integers()), max_size=4),
        "released": st.lists(
            st.fixed_dictionaries({"redemption_id": st.text(max_size=5), "coupon_id": st.text(max_size=5)}), max_size=3
        ),
    },
)


@settings(max_examples=150, suppress_health_check=list(HealthCheck))
@given(facts=almost)
def test_a_sale_with_impossible_figures_is_refused_or_put_aside_and_the_next_is_taken_in(book, facts):
    raw = json.dumps({"facts": facts}).encode()
    assert status_of(book, "take-in", raw) in {200, 400}


SALE = {
    "sale_id": "s-1",
    "till_id": "t-1",
    "completed_at": "2026-05-01T04:00:00Z",
    "business_date": "2026-05-01",
    "points": 5,
}


def test_a_sale_that_cannot_be_read_is_kept_as_it_came_and_answered(server, book):
    token = book.add_till("t-1", 1)
    for path, body in (
        ("take-in", json.dumps({"facts": SALE | {"completed_at": "0001-01-01T00:00:00Z"}}).encode()),
        ("take-in", json.dumps({"facts": SALE | {"surprise": 1}}).encode()),
        ("take-in", json.dumps({"facts": SALE | {"sale_id": "s" * 600}}).encode()),
        ("take-back", b"\x00\xff no JSON"),
        ("take-back", b""),
    ):
        for _ in range(2):
            assert ask(server, f"/members/1/{path}", body, token) == (200, {"reach": "answered"})
    kept = book.quarantined()
    # Each once, named after its till and its sale where that can be seen.
    assert [one.message_id.rpartition("/")[0] for one in kept] == [
        "unread/t-1/s-1",
        "unread/t-1/s-1",
        f"unread/t-1/{'s' * 64}",
        "unread/t-1/?",
        "unread/t-1/?",
    ]
    assert {one.reason for one in kept} == {"UNREADABLE"}
    assert json.loads(kept[1].document)["where"] == "$.facts: a field that is not known"
    assert "surprise" in json.loads(kept[1].document)["body"]
    assert json.loads(kept[3].document)["body"] == "\x00\\xff no JSON"
    assert ask(server, "/members/1/take-in", json.dumps({"facts": SALE}).encode(), token)[0] == 200
    assert len(book.quarantined()) == 5


def test_a_sale_of_another_till_is_nobodys_to_keep_and_the_tills_own_name_is_told(server, book):
    token = book.add_till("t-1", 1)
    other = json.dumps({"facts": SALE | {"till_id": "t-2"}}).encode()
    assert ask(server, "/members/1/take-in", other, token) == (403, {"code": "OTHER-TILL", "where": "t-1"})
    assert book.quarantined() == ()


def test_a_till_that_has_another_tills_token_is_answered_nothing(server, book):
    token = book.add_till("t-1", 1)
    own, other = {"Guitai-Till": "t-1"}, {"Guitai-Till": "t-2"}
    assert ask(server, "/members/1/issuer-keys", b"{}", token, **other) == (403, {"code": "OTHER-TILL", "where": "t-1"})
    assert ask(server, "/members/1/take-in", b"no JSON", token, **other)[0] == 403
    assert book.quarantined() == ()
    assert ask(server, "/members/1/issuer-keys", b"{}", token, **own)[0] == 200
    # Whoever has no token is told no till's name, whatever they call themselves.
    assert ask(server, "/members/1/issuer-keys", b"{}", "nobody's", **other)[1]["code"] == "NO-TOKEN"


def test_whoever_has_no_token_has_nothing_kept(server, book):
    assert ask(server, "/members/1/take-in", b"no JSON", "nobody's")[0] == 401
    assert book.quarantined() == ()


def test_a_sale_that_the_program_itself_fails_at_is_put_aside_and_the_next_is_taken_in(book, monkeypatch, caplog):
    def broken(work, *_):
        raise KeyError("a fault of ours")

    raw = json.dumps({"facts": SALE | {"member_id": "m-1"}}).encode()
    with monkeypatch.context() as patch:
        patch.setattr("app.headquarters.members.facts._bought", broken)
        for _ in range(2):
            assert answer(book, TILL, "take-in", raw).reach is Reach.ANSWERED
    (kept,) = book.quarantined()
    assert (kept.message_id, kept.reason) == ("sale/s-1", "FAILED")
    assert "fact_put_aside" in [record.message for record in caplog.records]
    after = json.dumps({"facts": SALE | {"sale_id": "s-2"}}).encode()
    assert answer(book, TILL, "take-in", after).reach is Reach.ANSWERED


@settings(max_examples=100, suppress_health_check=list(HealthCheck))
@given(
    call=st.sampled_from(["take-in", "take-back"]),
    raw=st.binary(max_size=60) | st.dictionaries(names, json_values).map(json.dumps).map(str.encode),
)
def test_no_sale_or_return_is_ever_refused_whatever_it_says(book, call, raw):
    assert status_of(book, call, raw) == 200
