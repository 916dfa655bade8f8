"""The commands about members, coupons and headquarters, as a person or a machine gives them."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.commands.entry import build_command_line
from app.commands.members.office import Asked, opened
from app.commands.members.serving import ServeRequest, admit_till, serve
from app.commands.world import SystemClock
from app.members.identity import FoundBy, MemberKey, key_of_typed
from app.members.member_pass import PassOver, read_member_pass
from app.members.ports import Reach
from app.sync.members import MemberClient
from app.values.speech import ENGLISH


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("headquarters")


@pytest.fixture
def run(folder: Path):
    def give(*arguments: str, code: int = 0) -> str:
        found = CliRunner().invoke(build_command_line(ENGLISH), [*arguments, "--sample", "--data", str(folder)])
        assert found.exit_code == code, (found.output, found.stderr, found.exception)
        return found.output if code != 2 else found.stderr

    return give


def test_a_list_of_members_shows_nobody_whole(run):
    shown = run("members", "list")
    assert "m-0001  gold  王**  199****0001  active" in shown
    assert "12 members." in shown
    assert "19900000001" not in shown
    assert "王芳菲" not in run("members", "list", "--json")


@pytest.mark.parametrize("who", ["m-0008", "19900000008", "+86 199 0000 0008", "M100000088", "952000000000000088"])
def test_a_member_is_found_by_reference_phone_card_and_gsrn(run, who):
    found = json.loads(run("members", "find", who, "--json"))
    assert (found["member_id"], found["tier"], found["points"], found["value_minor"]) == (
        "m-0008",
        "diamond",
        48_200,
        210_000,
    )
    assert "黄美玲" not in json.dumps(found, ensure_ascii=False)


def test_nobody_by_this_number_is_said_without_repeating_it(run):
    said = run("members", "find", "19911112222", code=2)
    assert "Nobody is a member" in said
    assert "1991111" not in said


def test_nobody_becomes_a_member_without_having_agreed(run):
    assert "telephone number" in run("members", "enrol", "--phone", "19900000077", code=1)
    run("members", "find", "19900000077", code=2)


def test_a_life_of_a_member_from_joining_to_leaving(run):
    joined = run(
        "members", "enrol", "--phone", "19900000066", "--birthday", "02-29", "--agrees-to", "membership", "--json"
    )
    member = json.loads(joined)["member_id"]
    assert "already" in run("members", "enrol", "--phone", "19900000066", "--agrees-to", "membership", code=2)
    for _ in range(2):
        loaded = json.loads(run("members", "load", member, "200", "--loading", "L-66", "--json"))
        assert (loaded["paid_minor"], loaded["value_minor"]) == (20_000, 21_000)
    assert "Refund the money" in run("members", "erase", member, code=2)
    assert json.loads(run("members", "refund", member, "--json"))["done"]["paid_out_minor"] == 20_000
    assert "membership  given  notice 1" in run("members", "consents", member)
    run("members", "erase", member)
    run("members", "find", "19900000066", code=2)


def test_what_a_member_says_of_their_data_is_written_down_and_can_be_taken_back(run):
    assert "agreed to messages, notice 1" in run("members", "consent", "19900000010", "--purpose", "messages", "--give")
    taken = json.loads(run("members", "consent", "m-0010", "--purpose", "messages", "--withdraw", "--json"))
    assert (taken["member_id"], taken["purpose"], taken["answer"]) == ("m-0010", "messages", "withdrawn")
    assert [line.split("  ")[1:3] for line in run("members", "consents", "m-0010").splitlines()][-2:] == [
        ["messages", "given"],
        ["messages", "withdrawn"],
    ]


def test_who_takes_the_membership_back_is_to_be_forgotten(run):
    assert "members erase" in run("members", "consent", "m-0011", "--purpose", "membership", "--withdraw")


def test_a_member_who_is_blocked_spends_nothing_until_they_are_unblocked(run, folder):
    assert "m-0012 is blocked" in run("members", "block", "19900000012")
    assert json.loads(run("members", "find", "m-0012", "--json"))["standing"] == "blocked"
    assert "m-0012  " in run("members", "list")
    assert json.loads(run("members", "unblock", "m-0012", "--json")) == {"member_id": "m-0012", "standing": "active"}
    assert json.loads(run("members", "find", "m-0012", "--json"))["standing"] == "active"


def test_nobody_who_was_forgotten_is_blocked_or_asked(run):
    joined = run("members", "enrol", "--phone", "19900000044", "--agrees-to", "membership", "--json")
    member = json.loads(joined)["member_id"]
    run("members", "erase", member)
    assert "no member" in run("members", "block", member, code=2)
    assert "forgotten" in run("members", "consent", member, "--purpose", "messages", "--give", code=2)


def test_somebody_who_was_forgotten_is_called_so_and_nothing_is_loaded_for_them(run):
    joined = run("members", "enrol", "--phone", "19900000045", "--agrees-to", "membership", "--json")
    member = json.loads(joined)["member_id"]
    run("members", "erase", member)
    assert f"{member} was forgotten" in run("members", "find", member)
    assert json.loads(run("members", "find", member, "--json"))["standing"] == "erased"
    assert "was forgotten. Nothing was loaded" in run("members", "load", member, "200", code=2)
    assert "no member" in run("members", "pass", member, code=2)
    assert "nothing to hand out" in run("members", "refund", member)


def test_where_no_money_of_their_own_is_left_nothing_is_handed_out(run):
    joined = run("members", "enrol", "--phone", "19900000046", "--agrees-to", "membership", "--json")
    member = json.loads(joined)["member_id"]
    said = run("members", "refund", member)
    assert "nothing to hand out" in said
    assert "Hand" not in said
    assert json.loads(run("members", "refund", member, "--json"))["done"]["paid_out_minor"] == 0
    run("members", "load", member, "200")
    assert "Hand ¥200.00" in run("members", "refund", member)
    assert "nothing to hand out" in run("members", "refund", member)


def test_the_code_of_a_telephone_is_that_members_and_good_for_a_minute(run, folder):
    code = json.loads(run("members", "pass", "19900000004", "--json"))["code"]
    assert code.startswith("GM1")
    assert run("members", "pass", "m-0004").startswith("GM1")
    with opened(Asked(folder, sample=True, as_json=True, speech=ENGLISH)) as office:
        key = MemberKey(FoundBy.QR, code)
        now, keys = SystemClock().now(), office.book.terms.keys()
        assert read_member_pass(key, keys, "linli", now) == "m-0004"
        with pytest.raises(PassOver):
            read_member_pass(key, keys, "linli", now + timedelta(minutes=4))


def test_a_coupon_of_nobodys_is_claimed_by_one_member_alone(run):
    coupon = json.loads(run("coupons", "issue", "free-5", "--json"))["coupon"]
    assert coupon not in run("members", "find", "m-0005")
    for who in ("19900000005", "m-0005"):
        assert json.loads(run("coupons", "claim", coupon, "--member", who, "--json")) == {
            "coupon": coupon,
            "member_id": "m-0005",
        }
    assert coupon in run("members", "find", "m-0005")
    assert "COUPON" in run("coupons", "claim", coupon, "--member", "m-0006", code=2)
    assert coupon not in run("members", "find", "m-0006")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("members", "load", "m-0001", "1"), "at least"),
        (("members", "load", "m-0001", "9999"), "at most"),
        (("members", "load", "m-0001", "two"), "not an amount"),
        (("members", "load", "m-0001", "0"), "no amount"),
        (("members", "enrol", "--phone", "123", "--agrees-to", "membership"), "not a mobile number"),
        (("members", "enrol", "--phone", "19900000055", "--agrees-to", "membership", "--agrees-to", "all"), "no all"),
        (("members", "enrol", "--phone", "19900000055", "--agrees-to", "membership", "--birthday", "2"), "02-29"),
        (("members", "enrol", "--phone", "19900000055", "--agrees-to", "membership", "--birthday", "02-30"), "no day"),
        (("members", "enrol", "--phone", "19900000055", "--agrees-to", "foo"), "no foo. It has: membership"),
        (("members", "erase", "m-0007"), "points"),
        (("members", "pass", "nobody"), "Nobody is a member"),
        (("members", "consent", "m-0001", "--purpose", "messages"), "either --give or --withdraw"),
        (("members", "consent", "m-0001", "--purpose", "messages", "--give", "--withdraw"), "either"),
        (("members", "consent", "m-0001", "--purpose", "everything", "--give"), "no everything"),
        (("members", "consent", "nobody", "--purpose", "messages", "--give"), "Nobody is a member"),
        (("members", "block", "nobody"), "Nobody is a member"),
        (("members", "unblock", "nobody"), "Nobody is a member"),
        (("coupons", "claim", "nothing", "--member", "m-0001"), "no coupon of this number"),
        (("coupons", "claim", "nothing", "--member", "nobody"), "Nobody is a member"),
        (("coupons", "claim", "free-5", "--member", "m-0001"), "coupons issue free-5 --member m-0001"),
        (("coupons", "issue", "nothing"), "no coupon form"),
        (("coupons", "sign", "nothing"), "no coupon"),
        (("coupons", "campaign", "wake-up", "--give", "nobody"), "no member"),
        (("headquarters", "dismiss", "0009-09"), "0009-09"),
        (("headquarters", "admit", "till-3", "--store", "1"), "till-3 is no till"),
        (("headquarters", "admit", "1-3", "--store", "1"), "such as 0001-03"),
        (("headquarters", "admit", "0001-03 ", "--store", "1"), "is no till"),
        (("headquarters", "admit", "0001-03", "--store", "2"), "stands in store 1, not in store 2"),
        (("headquarters", "serve", "--host", "hq.example.com"), "certificate"),
        (("headquarters", "serve", "--certificate", "/nowhere.pem"), "belong together"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(run, arguments, said):
    assert said in run(*arguments, code=2)


def test_a_coupon_is_made_given_and_signed_and_its_campaign_compared(run):
    coupon = json.loads(run("coupons", "issue", "free-5", "--member", "m-0009", "--json"))["coupon"]
    code = json.loads(run("coupons", "sign", coupon, "--json"))["code"]
    assert code.startswith("GC1")
    assert len(code) <= 400
    shown = json.loads(run("coupons", "campaign", "wake-up", "--give", "m-0009", "--json"))
    again = json.loads(run("coupons", "campaign", "wake-up", "--give", "m-0009", "--json"))
    assert shown == again
    assert sum(arm["issued"] for arm in shown["arms"]) == 1
    assert {arm["arm"] for arm in shown["arms"]} == {"amount", "percent"}
    assert "There is no campaign" in run("coupons", "campaign", "nothing", code=1)
    forms = {form["form"]: form for form in json.loads(run("coupons", "forms", "--json"))}
    assert (forms["opening-8"]["code"], forms["opening-8"]["pieces"]) == ("YHQ2026001", 500)
    assert "Nothing waits" in run("coupons", "exceptions")


def test_a_till_that_was_let_in_is_answered_and_one_that_was_dismissed_is_not(run, folder, capsys):
    asked = Asked(folder, sample=True, as_json=True, speech=ENGLISH)
    admit_till(asked, "0002-01", 2)
    token = json.loads(capsys.readouterr().out)["token"]
    assert json.loads(run("headquarters", "tills", "--json")) == [{"till_id": "0002-01", "store_number": 2}]
    answers: list[Reach] = []

    def ask_as_a_till() -> None:
        address = capsys.readouterr().out.split("at ")[1].split(" ")[0]
        answers.append(MemberClient(address, lambda: token).find(key_of_typed("19900000001")).reach)
        answers.append(MemberClient(address, lambda: "another").find(key_of_typed("19900000001")).reach)

    serve(asked, ServeRequest("127.0.0.1", 0), wait=ask_as_a_till)
    assert answers == [Reach.ANSWERED, Reach.AWAY]
    run("headquarters", "dismiss", "0002-01", "--lost")
    assert json.loads(run("headquarters", "tills", "--json")) == []


def test_a_shop_without_members_says_so(tmp_path):
    (tmp_path / "store.toml").write_text(
        '[store]\nnumber = 1\nname = "X"\n[till]\nnumber = 1\nname = "Y"\n[[operator]]\nnumber = "1"\nname = "Z"\n'
        '[[tender]]\nid = "cash"\nname = "C"\n',
        encoding="utf-8",
    )
    found = CliRunner().invoke(build_command_line(ENGLISH), ["members", "list", "--data", str(tmp_path)])
    assert found.exit_code == 2
    assert "no members.toml" in found.stderr
