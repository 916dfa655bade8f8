"""The day's bill against journal and attempts: every difference has its name, and nothing is invented."""

import tracemalloc
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.payments.attempt_record import THE_TILL, AttemptState, Method, Operation, PaymentAttempt
from app.payments.provider import BadBill, BillKind, BillRow
from app.payments.reconciliation import (
    AttemptFact,
    CannotReconcile,
    Carried,
    DayFacts,
    Limits,
    Reconciliation,
    RecordedTender,
    Standing,
    StandingTotal,
    Sums,
    bill_day,
    fact_of,
    reconcile,
)

CHINA = timezone(timedelta(hours=8))
DAY = bill_day(date(2026, 3, 1), CHINA)
NOON = datetime(2026, 3, 1, 12, tzinfo=CHINA)
BEFORE_MIDNIGHT = datetime(2026, 3, 1, 23, 59, 58, tzinfo=CHINA)
AFTER_MIDNIGHT = datetime(2026, 3, 2, 0, 0, 5, tzinfo=CHINA)
PAID, BACK, UNDONE = BillKind.PURCHASE, BillKind.REFUND, BillKind.REVERSAL
references = map("REF{:06d}".format, count())


def row(kind: BillKind, number: str, amount_minor: int, at: datetime = NOON, **more) -> BillRow:
    more.setdefault("provider_reference", next(references))
    return BillRow(kind, number, amount_minor, at, **more)


def sold(number: str, amount_minor: int, at: datetime = NOON, receipt: str = "0001-01-1-000001") -> RecordedTender:
    return RecordedTender(PAID, number, amount_minor, at, receipt=receipt)


def returned(number: str, refund: str, amount_minor: int, at: datetime = NOON) -> RecordedTender:
    return RecordedTender(BACK, number, amount_minor, at, refund, receipt="0001-01-1-000002")


def tried(
    number: str, amount_minor: int, state: AttemptState = AttemptState.APPROVED, at: datetime = NOON
) -> AttemptFact:
    return AttemptFact(PAID, number, state, amount_minor, at)


def tried_refund(
    number: str, refund: str, amount_minor: int, state: AttemptState = AttemptState.APPROVED, **more
) -> AttemptFact:
    return AttemptFact(BACK, number, state, amount_minor, NOON, refund, **more)


def matched(bill=(), recorded=(), attempts=(), before: Carried | None = None, day=DAY) -> Reconciliation:
    return reconcile(DayFacts(bill, recorded, attempts, before), day)


def standings(result: Reconciliation) -> dict[Standing, int]:
    return {total.standing: total.count for total in result.totals}


def words(result: Reconciliation) -> str:
    (item,) = result.worklist
    return f"{item.what_is_so} {item.what_to_do}"


def test_a_payment_that_all_three_know_needs_nobody() -> None:
    result = matched([row(PAID, "N1", 1990, fee_minor=12)], [sold("N1", 1990)], [tried("N1", 1990)])
    assert standings(result) == {Standing.PAID_AND_RECORDED: 1}
    assert result.clean
    assert result.sums == Sums(
        bill_rows=1, paid_minor=1990, fee_minor=12, recorded_tenders=1, recorded_paid_minor=1990, attempts=1
    )


def test_recorded_and_not_paid_names_the_receipt() -> None:
    result = matched([], [sold("N1", 1990)], [tried("N1", 1990)])
    assert standings(result) == {Standing.RECORDED_NOT_PAID: 1}
    assert "Receipt 0001-01-1-000001 has ¥19.90 paid as N1" in words(result)
    assert "Show the provider its own answer" in words(result)
    assert not result.clean


@pytest.mark.parametrize(
    ("state", "says"),
    [
        (None, "If no till of the shop has its sale"),
        (AttemptState.APPROVED, "its sale was never finished"),
        (AttemptState.UNKNOWN, "never learned of it"),
        (AttemptState.REVERSED, "paid after the till had taken it back"),
        (AttemptState.DECLINED, "was told that nothing was paid"),
    ],
)
def test_paid_and_not_recorded_says_what_the_till_knew(state: AttemptState | None, says: str) -> None:
    result = matched([row(PAID, "N1", 1990)], [], [tried("N1", 1990, state)] if state else [])
    assert standings(result) == {Standing.PAID_NOT_RECORDED: 1}
    assert "¥19.90" in words(result)
    assert says in words(result)


def test_amounts_that_differ_are_shown_both() -> None:
    result = matched([row(PAID, "N1", 2000)], [sold("N1", 1990)], [tried("N1", 1990)])
    assert standings(result) == {Standing.AMOUNT_DIFFERS: 1}
    assert "¥20.00 on the bill and ¥19.90 on receipt" in words(result)
    by_attempt = matched([row(PAID, "N1", 1990)], [sold("N1", 1990)], [tried("N1", 2000)])
    assert standings(by_attempt) == {Standing.AMOUNT_DIFFERS: 1}


def test_several_partial_refunds_are_matched_one_by_one() -> None:
    bill = [row(PAID, "N1", 5000), row(BACK, "N1", 1000, refund_number="R1"), row(BACK, "N1", 1500, refund_number="R2")]
    journal = [sold("N1", 5000), returned("N1", "R1", 1000), returned("N1", "R2", 1500)]
    result = matched(bill, journal)
    assert standings(result) == {Standing.PAID_AND_RECORDED: 1, Standing.REFUNDED_AND_RECORDED: 2}
    assert (result.sums.bill_net_minor, result.sums.recorded_net_minor) == (2500, 2500)


def test_each_wrong_refund_has_its_own_name() -> None:
    bill = [
        row(PAID, "N1", 5000),
        row(BACK, "N1", 1000, refund_number="R1"),
        row(BACK, "N1", 700, refund_number="R2"),
        row(BACK, "N1", 100, refund_number="R4"),
        row(BACK, "N1", 100, refund_number="R4"),
    ]
    journal = [sold("N1", 5000), returned("N1", "R2", 800), returned("N1", "R3", 300), returned("N1", "R4", 100)]
    result = matched(bill, journal, [tried_refund("N1", "R5", 10, AttemptState.UNKNOWN)])
    assert [(item.match.standing, item.match.refund_number) for item in result.worklist] == [
        (Standing.REFUND_NOT_RECORDED, "R1"),
        (Standing.REFUND_DIFFERS, "R2"),
        (Standing.REFUND_NOT_PAID_OUT, "R3"),
        (Standing.REFUNDED_TWICE, "R4"),
        (Standing.UNRESOLVED, "R5"),
    ]


def test_a_refund_of_an_earlier_day_s_payment_is_matched_without_it() -> None:
    result = matched([row(BACK, "OLD", 300, refund_number="R1")], [returned("OLD", "R1", 300)])
    assert standings(result) == {Standing.REFUNDED_AND_RECORDED: 1}


def test_refunds_beyond_what_was_paid_are_seen_even_where_each_is_recorded() -> None:
    bill = [row(PAID, "N1", 500), row(BACK, "N1", 400, refund_number="R1"), row(BACK, "N1", 400, refund_number="R2")]
    result = matched(bill, [sold("N1", 500), returned("N1", "R1", 400), returned("N1", "R2", 400)])
    assert Standing.REFUNDED_TOO_MUCH in standings(result)


def test_what_was_taken_back_owes_nobody_anything() -> None:
    undone = [row(PAID, "N1", 500), row(UNDONE, "N1", 500), row(UNDONE, "N2", 700)]
    result = matched(undone, [], [tried("N1", 500, AttemptState.REVERSED), tried("N2", 700, AttemptState.REVERSED)])
    assert standings(result) == {Standing.TAKEN_BACK: 2}
    assert result.sums.reversed_minor == 1200


def test_a_late_payment_that_the_till_gave_back_owes_nobody_anything_on_the_same_day_or_the_next() -> None:
    late = [tried("N1", 500, AttemptState.REVERSED), tried_refund("N1", "R1", 500, for_no_sale=True)]
    same_day = matched([row(PAID, "N1", 500), row(BACK, "N1", 500, refund_number="R1")], [], late)
    assert standings(same_day) == {Standing.TAKEN_BACK: 1}
    next_day = matched([row(BACK, "N1", 500, refund_number="R1")], [], late[1:])
    assert standings(next_day) == {Standing.TAKEN_BACK: 1}


def test_a_sale_whose_payment_was_taken_back_is_no_paid_sale() -> None:
    result = matched([row(PAID, "N1", 500), row(UNDONE, "N1", 500)], [sold("N1", 500)], [tried("N1", 500)])
    assert standings(result) == {Standing.TAKEN_BACK_BUT_RECORDED: 1}
    assert result.sums.bill_net_minor - result.sums.recorded_net_minor == -500


def test_a_row_listed_twice_is_told_from_a_shopper_charged_twice_and_a_sale_recorded_twice() -> None:
    same = row(PAID, "N1", 500, provider_reference="W1")
    assert standings(matched([same, same], [sold("N1", 500)])) == {
        Standing.PAID_AND_RECORDED: 1,
        Standing.LISTED_TWICE: 1,
    }
    twice = [same, row(PAID, "N1", 500, provider_reference="W2")]
    assert standings(matched(twice, [sold("N1", 500)])) == {Standing.PAID_AND_RECORDED: 1, Standing.CHARGED_TWICE: 1}
    sales = [sold("N1", 500), sold("N1", 500, receipt="0001-01-1-000009")]
    assert standings(matched([same], sales)) == {Standing.PAID_AND_RECORDED: 1, Standing.RECORDED_TWICE: 1}


def test_attempts_without_a_payment_need_somebody_only_where_the_till_does_not_know() -> None:
    attempts = [
        tried("N1", 1, AttemptState.DECLINED),
        tried("N2", 1, AttemptState.REVERSED),
        tried("N3", 1, AttemptState.UNKNOWN),
        tried("N4", 1, AttemptState.APPROVED),
    ]
    result = matched([], [], attempts)
    assert standings(result) == {Standing.NOTHING_PAID: 2, Standing.UNRESOLVED: 2}


def test_a_payment_seconds_before_midnight_waits_for_the_next_bill_and_is_found_there() -> None:
    facts = ([sold("N1", 500, BEFORE_MIDNIGHT)], [tried("N1", 500, at=BEFORE_MIDNIGHT)])
    today = matched([], *facts)
    assert standings(today) == {Standing.AT_BORDER: 1}
    assert "next day's bill" in words(today)
    assert today.clean
    tomorrow = bill_day(date(2026, 3, 2), CHINA)
    found = matched([row(PAID, "N1", 500, AFTER_MIDNIGHT)], *facts, before=today.carried, day=tomorrow)
    assert standings(found) == {Standing.PAID_AND_RECORDED: 1}
    lost = matched([], *facts, before=today.carried, day=tomorrow)
    assert standings(lost) == {Standing.RECORDED_NOT_PAID: 1}, (
        "it was in neither bill: it does not fall between two days"
    )
    billed_today = matched([row(PAID, "N1", 500, BEFORE_MIDNIGHT)], *facts)
    assert standings(matched([], *facts, before=billed_today.carried, day=tomorrow)) == {Standing.OTHER_DAY: 1}


def test_a_payment_that_the_provider_booked_before_midnight_and_the_till_after_is_found_too() -> None:
    facts = ([sold("N1", 500, AFTER_MIDNIGHT)], [tried("N1", 500, at=AFTER_MIDNIGHT)])
    today = matched([row(PAID, "N1", 500, BEFORE_MIDNIGHT)], *facts)
    assert standings(today) == {Standing.PAID_AND_RECORDED: 1}
    tomorrow = bill_day(date(2026, 3, 2), CHINA)
    assert standings(matched([], *facts, before=today.carried, day=tomorrow)) == {Standing.OTHER_DAY: 1}
    assert standings(matched([], *facts, before=Carried(), day=tomorrow)) == {Standing.RECORDED_NOT_PAID: 1}
    alone = matched([], *facts, day=tomorrow)
    assert standings(alone) == {Standing.AT_BORDER: 1}
    assert "day before" in words(alone)


def test_utc_and_the_provider_s_zone_are_the_same_instants() -> None:
    result = matched([row(PAID, "N1", 5, NOON)], [sold("N1", 5, NOON.astimezone(UTC))])
    assert standings(result) == {Standing.PAID_AND_RECORDED: 1}
    late = matched([], [sold("N1", 5, datetime(2026, 3, 1, 15, 59, 58, tzinfo=UTC))])
    assert standings(late) == {Standing.AT_BORDER: 1}


def test_an_attempt_of_the_till_becomes_a_fact() -> None:
    refund = PaymentAttempt(
        attempt_id="a2",
        provider_number="REFUND1",
        basket_id="b",
        tender_type_id="wechat",
        provider_id="wechat",
        operation=Operation.REFUND,
        method=Method.SHOPPER_CODE,
        amount_minor=500,
        currency="CNY",
        created_at=NOON,
        refund_of="a1",
        original_number="PAYMENT1",
        original_minor=500,
        asked_by=THE_TILL,
        state=AttemptState.APPROVED,
    )
    assert fact_of(refund) == AttemptFact(
        BACK, "PAYMENT1", AttemptState.APPROVED, 500, NOON, "REFUND1", for_no_sale=True, ended_at=NOON
    )


def test_a_bill_that_turns_out_bad_at_its_end_matches_nothing() -> None:
    def bill():
        yield row(PAID, "N1", 500)
        raise BadBill(matched([], [sold("N1", 1)]).worklist[0].what_is_so)

    with pytest.raises(BadBill):
        matched(bill(), [sold("N1", 500)])


def test_a_bill_with_one_number_without_end_is_refused() -> None:
    with pytest.raises(CannotReconcile):
        matched(row(PAID, "N1", 500) for _ in range(2_001))


def test_a_full_disk_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        def __enter__(self):
            return self

        def __exit__(self, *_problem):
            return None

        def seek(self, *_place):
            return 0

        def flush(self):
            return None

        def write(self, _data):
            raise OSError(28, "No space left on device")

    def no_folder():
        raise FileNotFoundError("no usable temporary directory")

    monkeypatch.setattr("tempfile.TemporaryFile", no_folder)
    with pytest.raises(CannotReconcile, match="no room"):
        matched()
    monkeypatch.setattr("tempfile.TemporaryFile", Full)
    rows = [row(PAID, f"N{number}", 1) for number in range(5)]
    with pytest.raises(CannotReconcile, match="no room"):
        reconcile(DayFacts(rows, (), ()), DAY, limits=Limits(facts_in_memory=2))


def test_a_result_that_does_not_add_up_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="add up to the bill"):
        Reconciliation(DAY.day, Sums(paid_minor=1), (), ())
    with pytest.raises(ValueError, match="worklist"):
        Reconciliation(DAY.day, Sums(), (StandingTotal(Standing.UNRESOLVED, 1, 0, 0),), ())


NUMBERS = st.sampled_from(["N1", "N2", "N3"])
AMOUNTS = st.integers(1, 3)
TIMES = st.sampled_from([NOON, BEFORE_MIDNIGHT, AFTER_MIDNIGHT, NOON - timedelta(days=3)])
ROWS = st.lists(
    st.builds(
        BillRow, st.sampled_from(BillKind), NUMBERS, AMOUNTS, TIMES, st.sampled_from(["", "R1", "R2"]), st.sampled_from(["W1", "W2"]), st.integers(-2, 2)
    ),
    max_size=8,
)  # fmt: skip
TENDERS = st.lists(
    st.one_of(st.builds(sold, NUMBERS, AMOUNTS, TIMES), st.builds(returned, NUMBERS, st.sampled_from(["R1", "R2"]), AMOUNTS, TIMES)), max_size=8
)  # fmt: skip
ATTEMPTS = st.lists(
    st.builds(AttemptFact, st.sampled_from([PAID, BACK]), NUMBERS, st.sampled_from(AttemptState), AMOUNTS, TIMES, st.sampled_from(["", "R1"]), st.booleans()),
    max_size=8,
)  # fmt: skip


@given(ROWS, TENDERS, ATTEMPTS, st.randoms(use_true_random=False), st.integers(1, 5))
@settings(max_examples=200, deadline=None)
def test_whatever_goes_in_adds_up_and_neither_order_nor_memory_changes_what_comes_out(
    rows, tenders, attempts, chance, in_memory: int
) -> None:
    result = matched(rows, tenders, attempts)
    assert sum(total.bill_minor for total in result.totals) == sum(
        one.amount_minor if one.kind is PAID else -one.amount_minor for one in rows
    )
    for side in (rows, tenders, attempts):
        chance.shuffle(side)
    again = reconcile(
        DayFacts(iter(rows), iter(tenders), iter(attempts)), DAY, limits=Limits(facts_in_memory=in_memory)
    )
    assert again == result
    fewer = reconcile(DayFacts(rows, tenders, attempts), DAY, limits=Limits(work_items=1))
    assert fewer.totals == result.totals
    assert len(fewer.worklist) + fewer.left_out == len(result.worklist)


def test_memory_does_not_grow_with_the_bill(record_property) -> None:
    def bill(rows: int):
        return (row(PAID, f"N{number * 7919 % rows:08d}", 100) for number in range(rows))

    def journal(rows: int):
        return (sold(f"N{number * 104_729 % rows:08d}", 100) for number in range(rows))

    peaks = []
    for rows in (3_000, 12_000):
        tracemalloc.start()
        result = reconcile(DayFacts(bill(rows), journal(rows), ()), DAY, limits=Limits(facts_in_memory=250))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert standings(result) == {Standing.PAID_AND_RECORDED: rows}
    record_property("peak_bytes_3000", peaks[0])
    record_property("peak_bytes_12000", peaks[1])
    # Of each side at most 15 chunks of a size are open at once, each with a block of 32 KiB and its facts.
    assert peaks[1] < 3 << 20, peaks
