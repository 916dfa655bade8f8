"""What the till knows before it takes a payment: what it took offline today, who answered last, what is used up."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlcipher3 import dbapi2

from app.checkout.ports import TillStore
from app.payments import attempts
from app.payments.attempt_record import AttemptRecord, Call, PaymentAttempt
from app.payments.provider import Verdict
from app.payments.tenders import Tendered
from app.sales.basket import BasketState
from app.sales.sale import Sale
from app.values.clock import FixedClock
from app.values.wording import LocalizedText
from offline_store.connection import StoreConnection
from offline_store.payment_questions import LAST_ANSWER, OFFLINE_TAKEN, REFERENCE_USED
from offline_store.sale_document import SaleNumbers, document_of, parts_of, read_document
from offline_store.till_store import TillStoreFile
from tests.faults.store_shop import (
    TODAY,
    basket,
    open_shop,
    past_the_guards,
    reader_of,
    sale,
    secrets_of,
    undo_offline_tenders,
)
from tests.unit.app.payments.attempt_cases import AMOUNT, NOON, answer, purchase, refund

YESTERDAY = TODAY - timedelta(days=1)


def by_card(sale_id: str, *parts: tuple[int, bool], business_date: date = TODAY) -> Sale:
    """A sale of 16.55 paid with cards: each part's amount, and whether it was taken offline."""
    tenders = tuple(
        Tendered(
            number, "card", LocalizedText("银行卡"), "card", amount, amount, f"****{number}", approved_offline=offline
        )
        for number, (amount, offline) in enumerate(parts, 1)
    )
    return replace(sale(sale_id), tenders=tenders, change_minor=0, business_date=business_date)


def offline_sale(sale_id: str, business_date: date = TODAY) -> Sale:
    return by_card(sale_id, (1655, True), business_date=business_date)


def body_of(sold: Sale) -> bytes:
    numbers = SaleNumbers(1, 1, 1656, 1, "2026-11-22T04:00:00.000000Z", "2026-11-22T04:01:00.000000Z")
    return document_of(sold, parts_of(5, sold), numbers, {"sale": "00"})


def as_the_checkout_sees_it(store: TillStoreFile) -> TillStore:
    """What a type checker holds the store against."""
    return store


def finding_of(folder: Path) -> object:
    with reader_of(folder) as reader:
        return reader.verify().finding


# What was taken offline


def test_an_offline_tender_comes_back_as_it_was_and_verifies(tmp_path: Path) -> None:
    sold = by_card("s1", (1000, True), (655, False))
    with open_shop(tmp_path) as store:
        as_the_checkout_sees_it(store).commit_sale(sold, print_job_id=None)
    with open_shop(tmp_path) as store:
        found = store.find_sale("s1")
    assert found is not None
    assert found.sale.tenders == sold.tenders
    assert finding_of(tmp_path) is None


def test_a_sale_without_one_is_written_as_it_always_was() -> None:
    # The digest of the bytes that the version before wrote for this very sale.
    body = body_of(sale("s1", note="bell"))
    assert hashlib.sha256(body).hexdigest() == "77ebf27189bf3cdeed4de28535fa30d2e2cbe26bc5b3ae5e57b34d48a46279bb"
    assert json.loads(body)["format"] == 2
    assert [tender.approved_offline for tender in read_document(body).tenders] == [False, False]


def test_only_the_tender_that_was_taken_offline_grows() -> None:
    document = json.loads(body_of(by_card("s1", (1000, True), (655, False))))
    offline, online = document["tenders"]
    assert document["format"] == 3
    assert len(offline) == len(online) + 1
    assert offline[-1] is True


@pytest.mark.parametrize("value", ["1", "0"])
def test_whoever_changes_that_a_tender_was_offline_is_found(tmp_path: Path, value: str) -> None:
    with open_shop(tmp_path) as store:
        store.commit_sale(offline_sale("s1") if value == "0" else sale("s1"), print_job_id=None)
    with past_the_guards(tmp_path) as driver:
        driver.execute("UPDATE tender SET approved_offline = ?", (int(value),))
    assert "tender" in str(finding_of(tmp_path))


def test_a_basket_put_aside_knows_what_was_taken_offline(tmp_path: Path) -> None:
    held = replace(
        basket("b1"),
        state=BasketState.SUSPENDED,
        suspended_at=NOON,
        tenders=by_card("b1", (500, True)).tenders,
        next_tender_id=2,
    )
    with open_shop(tmp_path) as store:
        store.save_basket(held)
    with open_shop(tmp_path) as store:
        assert store.suspended_baskets() == (held,)


@settings(max_examples=15, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(1, 1654), st.booleans(), st.booleans(), st.sampled_from([TODAY, YESTERDAY])), max_size=6
    )
)
def test_what_was_taken_offline_on_a_day_is_counted_and_summed(
    tmp_path_factory: pytest.TempPathFactory, sales: list[tuple[int, bool, bool, date]]
) -> None:
    # Each sale of 16.55 in two parts; what the store says is compared with a plain sum over what was given to it.
    with open_shop(tmp_path_factory.mktemp("shop")) as store:
        for number, (first, one, other, day) in enumerate(sales):
            store.commit_sale(
                by_card(f"s{number}", (first, one), (1655 - first, other), business_date=day), print_job_id=None
            )
        for day in (TODAY, YESTERDAY, TODAY + timedelta(days=1)):
            taken = [
                amount
                for first, one, other, sold_on in sales
                for amount, offline in ((first, one), (1655 - first, other))
                if offline and sold_on == day
            ]
            assert store.offline_cards_taken(day) == (len(taken), sum(taken))


# References


def test_a_reference_is_used_once_it_stands_in_a_sale(tmp_path: Path) -> None:
    with open_shop(tmp_path) as store:
        assert not store.reference_used("voucher", "V-77")
        store.commit_sale(sale("s1"), print_job_id=None)
    with open_shop(tmp_path) as store:
        assert store.reference_used("voucher", "V-77")
        assert not store.reference_used("voucher", "V-7")
        assert not store.reference_used("gift_card", "V-77")
        assert not store.reference_used("cash", "")  # a tender without a reference uses none up


@pytest.mark.parametrize(
    ("statement", "values", "index"),
    [
        (REFERENCE_USED, ("voucher", "V-77"), "tender_reference"),
        (OFFLINE_TAKEN, ("2026-11-22",), "tender_offline"),
        (LAST_ANSWER, ("wechat",), "PRIMARY KEY"),
    ],
)
def test_no_question_reads_the_whole_table(tmp_path: Path, statement: str, values: tuple[str, ...], index: str) -> None:
    with open_shop(tmp_path):
        connection = StoreConnection(tmp_path / "till.db", secrets_of(tmp_path).database_key, read_only=True)
        plan = " ".join(str(row[3]) for row in connection.driver.execute(f"EXPLAIN QUERY PLAN {statement}", values))
        connection.close()
    assert index in plan
    # The index of offline tenders holds those only, and is read from end to end.
    assert "SCAN" not in plan.replace("SCAN t USING INDEX tender_offline", "").replace(
        "SCAN t USING COVERING INDEX tender_offline", ""
    )


# Who answered last


def sent(number: int, provider_id: str = "wechat") -> list[PaymentAttempt]:
    made = purchase(
        attempt_id=f"a-{number}", provider_number=f"a{number:06d}", basket_id=f"b-{number}", provider_id=provider_id
    )
    return [made, attempts.submitted(made, NOON).attempt]


def ended(number: int, verdict: Verdict, provider_id: str = "wechat") -> AttemptRecord:
    steps = sent(number, provider_id)
    steps.append(attempts.answered(steps[-1], Call.PAY, answer(verdict, AMOUNT), NOON).attempt)
    return AttemptRecord(tuple(steps))


def never_arrived(number: int) -> AttemptRecord:
    steps = sent(number)
    late = NOON + timedelta(minutes=2)
    while not steps[-1].final:
        steps.append(attempts.reversing(steps[-1], late).attempt)
        steps.append(attempts.answered(steps[-1], Call.REVERSE, answer(Verdict.NOT_FOUND), late).attempt)
    return AttemptRecord(tuple(steps))


def test_a_provider_that_never_ended_one_has_not_answered(tmp_path: Path) -> None:
    with open_shop(tmp_path) as store:
        assert store.last_answer("wechat") is None
        store.save_attempt(AttemptRecord(tuple(sent(1))))  # still open
        assert store.last_answer("wechat") is None


def test_an_approval_by_the_providers_word_is_an_answer(tmp_path: Path) -> None:
    with open_shop(tmp_path, FixedClock(NOON)) as store:
        store.save_attempt(ended(1, Verdict.APPROVED))
    with open_shop(tmp_path) as store:
        assert store.last_answer("wechat") == NOON
        assert store.last_answer("alipay") is None
    assert finding_of(tmp_path) is None


@pytest.mark.parametrize("verdict", [Verdict.DECLINED, Verdict.REVERSED])
def test_what_a_terminal_declines_or_takes_back_without_its_bank_is_no_answer(tmp_path: Path, verdict: Verdict) -> None:
    """Else a payment begun and cancelled at the terminal would let cards be taken offline for ever."""
    with open_shop(tmp_path, FixedClock(NOON)) as store:
        store.save_attempt(ended(1, verdict))
        assert store.last_answer("wechat") is None
    assert finding_of(tmp_path) is None


def test_an_end_without_the_providers_word_is_none(tmp_path: Path) -> None:
    undecided = sent(2)
    confirmed = sent(5)
    confirmed.append(attempts.answered(confirmed[-1], Call.PAY, answer(Verdict.PENDING), NOON).attempt)
    with open_shop(tmp_path) as store:
        made = sent(1)[0]
        store.save_attempt(AttemptRecord((made, attempts.not_sent(made).attempt)))
        accepted = attempts.accepted_anyway(undecided[-1], "900", "seen", NOON)
        store.save_attempt(AttemptRecord((*undecided, accepted.attempt), accepted.cases))
        given_up = attempts.given_up(sent(3)[-1], "900", "gone", NOON)
        store.save_attempt(AttemptRecord((*sent(3), given_up.attempt), given_up.cases))
        store.save_attempt(never_arrived(4))
        assert store.attempt("a-4") is not None
        assert store.open_attempts() == ()
        by_hand = attempts.confirmed(confirmed[-1], "007", "in the app", NOON).attempt
        store.save_attempt(AttemptRecord((*confirmed, by_hand)))
        assert store.last_answer("wechat") is None
    assert finding_of(tmp_path) is None


def test_the_last_answer_is_the_last_in_the_journal_by_the_clock_of_the_till(tmp_path: Path) -> None:
    instants = [datetime(2026, 11, 22, 4, minute, tzinfo=UTC) for minute in (10, 20, 30)]
    for number, (instant, record) in enumerate(
        zip(
            instants,
            [ended(1, Verdict.APPROVED), ended(2, Verdict.APPROVED), ended(3, Verdict.APPROVED, "alipay")],
            strict=True,
        )
    ):
        with open_shop(tmp_path, FixedClock(instant)) as store:
            store.save_attempt(record)
            assert store.last_answer("wechat") == instants[min(number, 1)]
    with open_shop(tmp_path) as store:
        assert store.last_answer("alipay") == instants[2]


def test_a_refund_that_the_provider_made_is_an_answer_too(tmp_path: Path) -> None:
    with open_shop(tmp_path, FixedClock(NOON)) as store:
        store.save_attempt(ended(1, Verdict.APPROVED))
    later = NOON + timedelta(hours=3)
    given_back = refund(refund_of="a-1", original_number="a000001", created_at=later)
    given_back_sent = attempts.submitted(given_back, later).attempt
    back = attempts.answered(given_back_sent, Call.REFUND, answer(Verdict.APPROVED, 1000), later).attempt
    with open_shop(tmp_path, FixedClock(later)) as store:
        store.save_attempt(AttemptRecord((given_back, given_back_sent, back)))
        assert store.last_answer("wechat") == later


@pytest.fixture
def answered(tmp_path: Path) -> Path:
    with open_shop(tmp_path) as store:
        store.save_attempt(ended(1, Verdict.APPROVED))
        store.save_attempt(ended(2, Verdict.APPROVED))
    return tmp_path


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE provider_answer SET entry_key = (SELECT min(entry_key) FROM payment_end)",
        "UPDATE provider_answer SET provider_id = 'card'",
        "DELETE FROM provider_answer",
        "INSERT INTO provider_answer SELECT 'card', entry_key FROM provider_answer",
    ],
)
def test_a_false_last_answer_is_found(answered: Path, statement: str) -> None:
    with past_the_guards(answered) as driver:
        driver.execute(statement)
    assert "provider_answer" in str(finding_of(answered))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE provider_answer SET entry_key = (SELECT min(entry_key) FROM payment_end)",
        "UPDATE provider_answer SET provider_id = 'card'",
        "DELETE FROM provider_answer",
        "UPDATE tender SET approved_offline = 1",
    ],
)
def test_the_database_itself_lets_nothing_be_changed(answered: Path, statement: str) -> None:
    with open_shop(answered) as store:
        store.commit_sale(sale("s1"), print_job_id=None)
    connection = StoreConnection(answered / "till.db", secrets_of(answered).database_key)
    try:
        with pytest.raises(dbapi2.IntegrityError):
            connection.driver.execute(statement)
    finally:
        connection.close()


def test_a_store_of_the_version_before_is_brought_up_and_knows_who_answered(answered: Path) -> None:
    with open_shop(answered, FixedClock(NOON + timedelta(hours=1))) as store:
        store.commit_sale(sale("s1"), print_job_id=None)
        store.save_attempt(ended(3, Verdict.APPROVED, "alipay"))
        store.save_attempt(ended(4, Verdict.DECLINED, "card"))
        known = {provider_id: store.last_answer(provider_id) for provider_id in ("wechat", "alipay", "card")}
    with past_the_guards(answered) as driver:
        undo_offline_tenders(driver)
    with open_shop(answered) as store:
        assert {provider_id: store.last_answer(provider_id) for provider_id in known} == known
        assert store.reference_used("voucher", "V-77")
        assert store.offline_cards_taken(TODAY) == (0, 0)
        store.commit_sale(offline_sale("s2"), print_job_id=None)
        assert store.offline_cards_taken(TODAY) == (1, 1655)
    with reader_of(answered) as reader:
        assert reader.verify().finding is None
        reader.check()
