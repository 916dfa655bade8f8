"""The members of a till: questions answered in time whatever the line does, and sales told once in effect."""

import threading
from dataclasses import replace
from datetime import date

import pytest

from app.checkout.member_ports import AskCoupon, EnrolMember, FindMember, ReleaseCoupon, ReserveCoupon
from app.checkout.member_requests import CouponAnswered, MemberAnswered, MembersErased, ReserveAnswered
from app.commands.members.questions import MOST_QUESTIONS
from app.devices.conditions import DeviceCondition
from app.ledger.chain import Ed25519Signer
from app.members.identity import FoundBy, Member, MemberKey
from app.members.member_pass import MemberPassTerms
from app.members.phone_numbers import PhoneNumber
from app.members.ports import CouponReach, MemberAnswer, MemberFacts, Reach, epoch_of_lease
from app.members.signed_codes import sign
from app.values.problems import Problem
from app.values.wording import wording
from tests.unit.app.commands.members.conftest import CODE, FAST, KEY, LONG_S, Keeper, Store, basket_with, sale, wang

RESERVE = ReserveCoupon("basket-1", "r-1", "c-1", "m-0001")


class DiskFull(Problem):
    code = "DISK-FULL"


def is_ready(till):
    return lambda: till.lights[-1].condition is DeviceCondition.READY


def test_each_question_is_answered_once_and_in_its_turn(open_till):
    till = open_till()
    find = till.find()
    for question in (AskCoupon("basket-1", CODE), RESERVE, ReleaseCoupon("r-1", "c-1")):
        assert till.house.ask(question)
    enrol = EnrolMember("basket-1", "e-1", Member("m-9"), ())
    assert till.house.ask(enrol)
    till.wait(lambda: len(till.news) == 4)
    assert [type(news) for news in till.news] == [MemberAnswered, CouponAnswered, ReserveAnswered, MemberAnswered]
    assert till.news[0].question is find
    assert till.news[0].answer.facts.points == 300
    assert till.news[3].question is enrol
    assert "release" in till.keeper.asked
    assert till.house.away() is None


def test_a_keeper_that_is_away_turns_the_light_and_is_asked_again_until_it_is_back(open_till):
    keeper = Keeper()
    keeper.is_away = True
    till = open_till(keeper)
    till.find()
    till.wait(lambda: bool(till.news))
    assert till.news[0].answer.reach is Reach.AWAY
    till.wait(lambda: till.lights[-1].condition is DeviceCondition.AWAY)
    assert "book of members" in str(till.house.away())
    keeper.is_away = False
    till.wait(is_ready(till))
    assert till.house.away() is None


def test_a_keeper_that_hangs_lets_its_question_come_back_away_and_a_late_member_is_still_told(open_till):
    keeper = Keeper()
    keeper.gate = threading.Event()
    till = open_till(keeper, times=replace(FAST, answer_within_s=0.05))
    till.find()
    till.wait(lambda: bool(till.news))
    assert till.news[0].answer.reach is Reach.AWAY
    keeper.gate.set()
    till.wait(lambda: len(till.news) == 2)
    assert till.news[1].answer.reach is Reach.ANSWERED


def test_a_reservation_that_comes_too_late_is_told_no_second_time(open_till):
    keeper = Keeper()
    keeper.gate = threading.Event()
    till = open_till(keeper, times=replace(FAST, answer_within_s=0.05))
    assert till.house.ask(RESERVE)
    till.wait(lambda: bool(till.news))
    assert till.news[0].answer.reach is CouponReach.AWAY
    keeper.gate.set()
    till.wait(lambda: keeper.reserved == ["r-1"])
    till.find()
    till.wait(lambda: len(till.news) == 2)
    assert isinstance(till.news[1], MemberAnswered)


def test_what_waited_too_long_behind_a_hanging_call_is_never_sent(open_till):
    keeper = Keeper()
    keeper.gate = threading.Event()
    till = open_till(keeper, times=replace(FAST, answer_within_s=0.05))
    till.find()
    assert till.house.ask(RESERVE)
    till.wait(lambda: len(till.news) == 2)
    keeper.gate.set()
    till.wait(lambda: len(till.news) == 3)
    assert keeper.reserved == []


def test_a_full_row_takes_no_more_and_the_till_does_not_wait(open_till):
    keeper = Keeper()
    keeper.gate = threading.Event()
    till = open_till(keeper)
    till.find()
    till.wait(lambda: "find" in keeper.asked)
    taken = [till.house.ask(RESERVE) for _ in range(MOST_QUESTIONS + 1)]
    assert taken == [True] * MOST_QUESTIONS + [False]
    keeper.gate.set()
    till.wait(lambda: len(till.news) == MOST_QUESTIONS + 1)


def test_a_fault_of_the_keepers_counts_as_no_answer_and_ends_nothing(open_till):
    keeper = Keeper()
    keeper.fails = True
    till = open_till(keeper)
    till.find()
    till.wait(lambda: bool(till.news))
    assert till.news[0].answer.reach is Reach.AWAY
    keeper.fails = False
    till.wait(is_ready(till))
    till.find()
    till.wait(lambda: till.news[-1].answer.reach is Reach.ANSWERED)


def test_a_till_that_closes_answers_what_waits(open_till):
    keeper = Keeper()
    keeper.gate = threading.Event()
    till = open_till(keeper)
    till.find()
    till.wait(lambda: "find" in keeper.asked)
    assert not till.house.stop(till.store, 0.05)
    assert till.news[0].answer.reach is Reach.AWAY
    assert not till.house.ask(RESERVE)
    keeper.gate.set()


def test_sales_are_told_in_order_and_the_place_is_stored(open_till):
    till = open_till()
    for number in range(1, 4):
        till.sell(number)
    till.wait(lambda: till.store.told_to == 3)
    assert till.keeper.told == ["sale-1", "sale-2", "sale-3"]


def test_what_an_earlier_run_left_untold_is_told_at_the_start(open_till):
    store = Store()
    store.sales = [sale(1), sale(2)]
    till = open_till(store=store)
    till.wait(lambda: store.told_to == 2)
    assert sorted(till.keeper.taken_in) == ["sale-1", "sale-2"]


def test_a_till_killed_between_commit_and_telling_tells_it_after_its_restart_and_once_in_effect(open_till):
    keeper, store = Keeper(), Store()
    keeper.is_away = True
    first = open_till(keeper, store)
    first.sell(1)
    first.wait(lambda: "take_in" in keeper.asked)
    # Killed here: nothing of the first till's memory is left, its thread touches the store no more.
    keeper.is_away = False
    second = open_till(keeper, store)
    second.wait(lambda: store.told_to == 1)
    assert set(keeper.taken_in) == {"sale-1"}
    second.sell(2)
    second.wait(lambda: store.told_to == 2)
    assert set(keeper.taken_in) == {"sale-1", "sale-2"}


def test_a_store_that_could_not_remember_the_place_has_the_same_told_again(open_till):
    keeper, store = Keeper(), Store()
    first = open_till(keeper, store)
    first.sell(1)
    first.wait(lambda: keeper.told == ["sale-1"] or "take_in" in keeper.asked)
    store.told_to = 0
    second = open_till(keeper, store)
    second.wait(lambda: keeper.told.count("sale-1") == 2)
    assert len(keeper.taken_in) == 1


def test_a_store_with_a_fault_keeps_the_facts_for_later(open_till):
    store = Store()
    store.trouble = DiskFull(wording("The disk is full."))
    till = open_till(store=store)
    till.sell(1)
    till.house.run_errands(store)
    assert till.keeper.told == []
    store.trouble = None
    till.house.facts_wait()
    till.wait(lambda: store.told_to == 1)


def test_a_sale_that_headquarters_cannot_read_holds_up_none_that_comes_after_it(open_till, caplog):
    keeper = Keeper()
    keeper.not_understood = {"sale-1"}
    keeper.codes = (CODE,)
    till = open_till(keeper)
    for number in range(1, 4):
        till.sell(number)
    till.wait(lambda: till.store.told_to == 3 and bool(till.store.leases))
    assert keeper.told == ["sale-2", "sale-3"]
    # A person finds it: on the status bar, in the log, and beside the till's store.
    till.wait(lambda: till.lights[-1].condition is DeviceCondition.ATTENTION)
    assert "sale-1" in str(till.lights[-1].sentence)
    told = [record for record in caplog.records if record.message == "member_fact_not_understood"]
    assert [(record.code, record.sale) for record in told] == [("MEMBER-FACT-UNREAD", "sale-1")]
    (note,) = (till.store.folder / "untold").iterdir()
    assert '"sale-1"' in note.read_text()
    assert till.house.away() is None


def test_a_sale_that_was_not_understood_is_told_again_at_the_next_start_until_it_is(open_till):
    keeper, store = Keeper(), Store()
    keeper.not_understood = {"sale-1"}
    first = open_till(keeper, store)
    first.sell(1)
    first.wait(lambda: store.told_to == 1)
    second = open_till(keeper, store)
    second.wait(lambda: second.lights[-1].condition is DeviceCondition.ATTENTION)
    second.wait(lambda: keeper.asked.count("take_in") == 2)
    keeper.not_understood = set()
    third = open_till(keeper, store, times=replace(FAST, untold_every_s=0.01))
    third.wait(lambda: keeper.told == ["sale-1"])
    third.wait(lambda: not list((store.folder / "untold").iterdir()))
    third.wait(is_ready(third))


def test_a_sale_is_passed_over_only_once_its_note_stands_on_the_disk(open_till):
    keeper, store = Keeper(), Store()
    keeper.not_understood = {"sale-1"}
    whole, store.folder = store.folder, store.folder / "no such folder"
    whole.mkdir()
    store.folder.write_text("a file where the folder should be")
    till = open_till(keeper, store)
    till.sell(1)
    till.wait(lambda: "take_in" in keeper.asked)
    till.find()
    till.wait(lambda: bool(till.news))
    assert store.told_to == 0
    store.folder = whole
    till.house.run_errands(store)
    till.wait(lambda: store.told_to == 1)
    assert len(list((whole / "untold").iterdir())) == 1


def test_where_nothing_is_understood_any_more_the_rest_of_the_sales_waits_in_the_journal(open_till, monkeypatch):
    monkeypatch.setattr("app.commands.members.untold.MOST_UNTOLD", 2)
    keeper = Keeper()
    keeper.not_understood = {f"sale-{number}" for number in range(1, 6)}
    keeper.codes = (CODE,)
    till = open_till(keeper)
    for number in range(1, 6):
        till.sell(number)
    till.wait(lambda: bool(till.store.leases))
    till.wait(lambda: keeper.asked.count("take_in") >= 3)
    till.find()
    till.wait(lambda: bool(till.news))
    assert till.store.told_to < 3


def test_a_duty_that_gets_nowhere_keeps_none_of_the_others_back(open_till):
    keeper = Keeper()
    keeper.facts_away = True
    keeper.codes = (CODE,)
    keeper.erased = ["m-0009"]
    till = open_till(keeper)
    till.sell(1)
    till.wait(lambda: bool(till.store.leases) and till.store.forgotten == ["m-0009"])
    assert till.store.told_to == 0
    keeper.facts_away = False
    till.wait(lambda: till.store.told_to == 1)


def test_whoever_was_forgotten_at_headquarters_is_forgotten_at_the_till(open_till):
    keeper = Keeper()
    keeper.erased = [f"m-{number:04}" for number in range(12)]
    till = open_till(keeper, times=replace(FAST, erased_every_s=0.02))
    till.wait(lambda: len(till.store.forgotten) == 12)
    assert till.store.forgotten == keeper.erased
    # The baskets on screen and put aside hear of it.
    assert [one for news in till.news for one in news.member_ids] == keeper.erased
    assert all(isinstance(news, MembersErased) for news in till.news)
    keeper.erased.append("m-later")
    till.wait(lambda: till.store.forgotten[-1] == "m-later")
    assert len(till.store.forgotten) == 13


def test_a_till_that_starts_again_forgets_from_the_beginning_for_its_store_may_be_an_older_one(open_till):
    keeper, store = Keeper(), Store()
    keeper.erased = ["m-0009"]
    open_till(keeper, store).wait(lambda: store.forgotten == ["m-0009"])
    open_till(keeper, store).wait(lambda: store.forgotten == ["m-0009", "m-0009"])


def test_a_store_with_a_fault_forgets_later(open_till, monkeypatch):
    monkeypatch.setattr("app.commands.members.forgetting.STORE_AGAIN_S", 0.01)
    keeper, store = Keeper(), Store()
    keeper.erased = ["m-0009"]
    store.trouble = DiskFull(wording("The disk is full."))
    till = open_till(keeper, store)
    till.wait(lambda: "erased_since 0" in keeper.asked)
    till.house.run_errands(store)
    assert till.news == []
    store.trouble = None
    till.wait(lambda: store.forgotten == ["m-0009"])


SOMEBODY_ELSE = Member("m-0002", "李雷", PhoneNumber("+8619900000002"))


@pytest.mark.parametrize(
    "facts",
    [
        MemberFacts(SOMEBODY_ELSE),
        MemberFacts(Member("m-0001", "王芳菲")),
        MemberFacts(wang(), points=-500),
        MemberFacts(wang(), points_owed=-1),
        MemberFacts(wang(), value_minor=-1),
        MemberFacts(wang(), bought_minor=-1),
        MemberFacts(wang(), points_expiring=((date(2026, 12, 1), -3),)),
        MemberFacts(wang(), used_offers=(("first", -1),)),
        None,
    ],
)
def test_an_answer_about_somebody_else_or_that_cannot_be_is_none(open_till, caplog, facts):
    keeper = Keeper()
    keeper.answers = MemberAnswer(Reach.ANSWERED, facts)
    till = open_till(keeper)
    till.find()
    till.wait(lambda: bool(till.news))
    assert till.news[0].answer == MemberAnswer(Reach.AWAY)
    assert "member_answer_not_believed" in [record.message for record in caplog.records]
    assert not [
        record for record in caplog.records if "王" in str(record.__dict__) or "1990000" in str(record.__dict__)
    ]


def telephone_code(member_id: str) -> MemberKey:
    terms = MemberPassTerms("shop", 1_790_000_000, member_id)
    return MemberKey(FoundBy.QR, sign(terms, "k1", Ed25519Signer(b"\x07" * 32)).text())


@pytest.mark.parametrize(("member_id", "believed"), [("m-0001", True), ("m-0002", False)])
def test_the_code_on_a_telephone_is_answered_with_its_own_member(open_till, member_id, believed):
    till = open_till()
    assert till.house.ask(FindMember("basket-1", telephone_code(member_id)))
    till.wait(lambda: bool(till.news))
    assert (till.news[0].answer.reach is Reach.ANSWERED) is believed


@pytest.mark.parametrize(
    ("answer", "believed"),
    [
        (MemberAnswer(Reach.ANSWERED, MemberFacts(Member("m-9", phone=PhoneNumber(KEY.value)))), True),
        (MemberAnswer(Reach.ANSWERED, MemberFacts(SOMEBODY_ELSE)), False),
        (MemberAnswer(Reach.REFUSED, MemberFacts(wang())), True),
        (MemberAnswer(Reach.REFUSED, MemberFacts(SOMEBODY_ELSE)), False),
        (MemberAnswer(Reach.REFUSED), True),
    ],
)
def test_a_new_member_is_answered_with_themselves_or_with_whose_number_it_is(open_till, answer, believed):
    keeper = Keeper()
    keeper.answers = answer
    till = open_till(keeper)
    assert till.house.ask(EnrolMember("basket-1", "e-1", Member("m-9", phone=PhoneNumber(KEY.value)), ()))
    till.wait(lambda: bool(till.news))
    assert (till.news[0].answer == answer) is believed


def test_a_closing_till_tells_its_last_sale(open_till):
    till = open_till()
    till.find()
    till.wait(lambda: bool(till.news))
    till.sell(1)
    assert till.house.stop(till.store, LONG_S)
    assert till.store.told_to == 1


def test_a_till_takes_a_share_of_each_limited_coupon_once(open_till):
    keeper = Keeper()
    keeper.codes = (CODE,)
    till = open_till(keeper)
    till.wait(lambda: bool(till.store.leases))
    (lease_id,) = till.store.leases
    assert lease_id.startswith(f"0001-01.{CODE}.")
    again = open_till(keeper, till.store)
    again.wait(lambda: keeper.asked.count("codes_to_lease") == 2)
    again.find()
    again.wait(lambda: bool(again.news))
    assert list(keeper.leases) == [lease_id]


def test_a_share_whose_answer_was_lost_is_asked_for_under_the_same_id(open_till):
    keeper = Keeper()
    keeper.codes = (CODE,)
    open_till(keeper).wait(lambda: "lease" in keeper.asked)
    other = open_till(keeper)  # a new store: what the first one was given was never stored
    other.wait(lambda: bool(other.store.leases))
    assert list(keeper.leases) == list(other.store.leases)


def test_a_share_that_is_used_up_is_brought_back_and_another_taken(open_till):
    keeper = Keeper()
    keeper.codes = (CODE,)
    first = open_till(keeper)
    first.wait(lambda: bool(first.store.leases))
    (lease_id,) = first.store.leases
    first.store.used[lease_id] = 5
    second = open_till(keeper, first.store)
    second.wait(lambda: len(keeper.leases) == 2 and list(second.store.leases) != [lease_id])
    assert keeper.leases[lease_id].said_used == 5
    assert [name.rsplit(".", 1)[1] for name in second.store.leases] == ["2"]


def test_a_till_whose_store_was_put_back_takes_a_share_of_its_new_epoch(open_till):
    keeper = Keeper()
    keeper.codes = (CODE,)
    open_till(keeper).wait(lambda: bool(keeper.leases))
    restored = Store()
    restored.restored = 2
    second = open_till(keeper, restored)
    second.wait(lambda: bool(restored.leases))
    assert keeper.epochs == [1, 2]
    assert [epoch_of_lease(lease_id) for lease_id in keeper.leases] == [1, 2]
    assert [epoch_of_lease(lease_id) for lease_id in restored.leases] == [2]


def test_a_code_as_long_as_any_makes_a_share_with_a_short_name(open_till):
    keeper = Keeper()
    keeper.codes = ("A" * 512, "A" * 511 + "B")
    till = open_till(keeper)
    till.wait(lambda: len(till.store.leases) == 2)
    assert all(len(lease_id) < 128 and epoch_of_lease(lease_id) == 1 for lease_id in till.store.leases)


def test_a_share_that_a_suspended_basket_has_a_piece_of_stays(open_till):
    keeper = Keeper()
    keeper.codes = (CODE,)
    first = open_till(keeper)
    first.wait(lambda: bool(first.store.leases))
    (lease_id,) = first.store.leases
    first.store.used[lease_id] = 5
    first.store.baskets = (basket_with(lease_id),)
    second = open_till(keeper, first.store)
    second.wait(lambda: keeper.asked.count("codes_to_lease") == 2)
    assert list(first.store.leases) == [lease_id]
    assert not [what for what in keeper.asked if what.startswith("bring_back")]


@pytest.mark.parametrize("away", [False, True])
def test_the_keeper_is_opened_on_the_desks_thread_and_closed_with_it(open_till, away):
    keeper = Keeper()
    keeper.is_away = away
    till = open_till(keeper)
    till.wait(lambda: bool(keeper.asked))
    assert till.house.stop(till.store, LONG_S)
    assert (till.opened, keeper.closed) == (1, 1)
