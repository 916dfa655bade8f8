"""The day's end of one provider: a verdict, sums, a worklist, and what is handed on to the next day."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.payments.attempt_record import AttemptState
from app.payments.day_end import DayProvider, DayResult, DaySums, DayVerdict, NoBills, reconcile_day
from app.payments.day_end_documents import BadDayFile, carried_of, day_as_json, worklists_as_csv
from app.payments.day_end_ports import FactsAsked
from app.payments.provider import (
    BadBill,
    BillKind,
    BillNotReady,
    BillRow,
    ProviderAway,
    ProviderCapabilities,
)
from app.payments.reconciliation import (
    AttemptFact,
    CannotReconcile,
    Carried,
    Limits,
    RecordedTender,
    Standing,
)
from app.payments.reconciliation_words import standing_title
from app.values.problems import Problem
from app.values.speech import ENGLISH, Speech
from app.values.wording import LocalizedText, wording

CHINA = timezone(timedelta(hours=8))
DAY = date(2026, 3, 1)
NOON = datetime(2026, 3, 1, 12, tzinfo=CHINA)
LATE = datetime(2026, 3, 1, 23, 59, 58, tzinfo=CHINA)
PAID, BACK, UNDONE = BillKind.PURCHASE, BillKind.REFUND, BillKind.REVERSAL
WECHAT = LocalizedText("微信支付", (("en", "WeChat Pay"),))
A, R, U = AttemptState.APPROVED, AttemptState.REVERSED, AttemptState.UNKNOWN


class Bills:
    """A provider of which only bills are asked."""

    def __init__(self, *rows: BillRow, fails: Exception | None = None, **abilities: object) -> None:
        self.capabilities = ProviderCapabilities(**({"bills": True} | abilities))
        self.rows = rows
        self.fails = fails
        self.days: list[date] = []

    def bill(self, day: date) -> Iterator[BillRow]:
        self.days.append(day)
        yield from self.rows
        if self.fails is not None:
            raise self.fails


class Facts:
    """The till's side."""

    def __init__(self, recorded: tuple = (), attempts: tuple = ()) -> None:
        self._recorded, self._attempts = recorded, attempts
        self.asked: list[FactsAsked] = []

    def recorded(self, asked: FactsAsked) -> Iterator[RecordedTender]:
        self.asked.append(asked)
        return iter(self._recorded)

    def attempts(self, asked: FactsAsked) -> Iterator[AttemptFact]:
        self.asked.append(asked)
        return iter(self._attempts)


def day_of(provider: Bills, facts: Facts | None = None, carried: Carried | None = None, **more: object) -> DayResult:
    asked = DayProvider("wechat", WECHAT, provider, frozenset({"wechat"}))  # type: ignore[arg-type]
    return reconcile_day(asked, facts or Facts(), DAY, carried, **more)  # type: ignore[arg-type]


def sold(number: str, amount: int, at: datetime = NOON) -> RecordedTender:
    return RecordedTender(PAID, number, amount, at, receipt="0001-01-1-000001")


def tried(number: str, amount: int, state: AttemptState = A, at: datetime = NOON, **more: object) -> AttemptFact:
    return AttemptFact(PAID, number, state, amount, at, **more)  # type: ignore[arg-type]


def returned(number: str, refund: str, amount: int, at: datetime, until: datetime) -> tuple:
    fact = AttemptFact(BACK, number, A, amount, at, refund, ended_at=until)
    return RecordedTender(BACK, number, amount, at, refund, "0001-01-1-000001"), fact


def test_a_day_that_agrees_is_clean_with_its_sums() -> None:
    rows = (
        BillRow(PAID, "N1", 10_000, NOON, "", "T1", 60),
        BillRow(BACK, "N1", 2_500, NOON, "R1", "T2", -15),
        BillRow(PAID, "N2", 500, NOON, "", "T3", 3),
        BillRow(UNDONE, "N2", 500, NOON, "", "T4", -3),
    )
    back, back_fact = returned("N1", "R1", 2_500, NOON, NOON)
    facts = Facts((sold("N1", 10_000), back), (tried("N1", 10_000), back_fact, tried("N2", 500, R)))
    result = day_of(Bills(*rows), facts)
    assert result.verdict is DayVerdict.CLEAN
    assert result.worklist == ()
    # 100.00 + 5.00 charged; 25.00 + 5.00 given back; fees 0.60 - 0.15 + 0.03 - 0.03 = 0.45; 105 - 30 - 0.45 = 74.55.
    assert result.sums == DaySums(10_500, 3_000, 45, 7_500)
    assert result.sums.payout_minor == 7_455
    # The store is asked for ten minutes more at both ends of the provider's day.
    assert {(one.since, one.until) for one in facts.asked} == {
        (datetime(2026, 2, 28, 23, 50, tzinfo=CHINA), datetime(2026, 3, 2, 0, 10, tzinfo=CHINA))
    }


def test_what_the_journal_has_is_that_of_the_day() -> None:
    next_day = NOON + timedelta(days=1)
    back, back_fact = returned("N1", "R1", 200, next_day, next_day)
    facts = Facts((sold("N1", 500), back), (tried("N1", 500), back_fact))
    result = day_of(Bills(BillRow(PAID, "N1", 500, NOON, "", "T1")), facts)
    assert (result.verdict, result.sums.recorded_minor) == (DayVerdict.CLEAN, 500)


def test_a_refund_that_nobody_knows_of_is_spoken_of_as_a_refund() -> None:
    lost = AttemptFact(BACK, "N1", U, 200, NOON, "R1")
    accepted = AttemptFact(BACK, "N2", A, 200, NOON, "R2", for_no_sale=True)
    result = day_of(Bills(), Facts((), (lost, accepted)))
    assert [item.kind for item in result.worklist] == [Standing.UNRESOLVED] * 2
    assert all(item.refund_number in str(item.what_is_so) for item in result.worklist)
    assert all("refund" in str(item.what_to_do) for item in result.worklist)


def test_a_difference_says_what_it_is_and_what_to_do() -> None:
    facts = Facts((sold("N1", 500),), (tried("N1", 500, decided=True),))
    result = day_of(Bills(BillRow(PAID, "N2", 1_990, NOON, "", "T1")), facts)
    assert (result.verdict, result.differences) == (DayVerdict.DIFFERENCES, 2)
    lost, found = result.worklist
    assert (lost.kind, lost.difference_minor, lost.receipt) == (Standing.RECORDED_NOT_PAID, -500, "0001-01-1-000001")
    assert "without the provider's word" in str(lost.what_to_do)
    assert (found.kind, found.difference_minor, found.receipt) == (Standing.PAID_NOT_RECORDED, 1_990, "")
    assert str(found.title) == "Paid, not recorded"
    assert found.at == NOON


def test_every_standing_has_a_title_of_its_own() -> None:
    titles = [str(standing_title(one)) for one in Standing]
    assert len(set(titles)) == len(Standing)


def test_what_waits_at_midnight_is_no_difference_and_comes_last() -> None:
    facts = Facts((sold("A1", 100, LATE), sold("B1", 500)), (tried("A1", 100, at=LATE), tried("B1", 500)))
    result = day_of(Bills(BillRow(PAID, "B1", 500, NOON, "", "T1")), facts)
    assert (result.verdict, result.differences, result.worklist[0].waits) == (DayVerdict.WAITING, 0, True)
    assert result.carried.waiting == {("A1", "")}
    both = day_of(Bills(), facts)
    assert [item.kind for item in both.worklist] == [Standing.RECORDED_NOT_PAID, Standing.AT_BORDER]
    assert (both.verdict, both.differences) == (DayVerdict.DIFFERENCES, 1)


def test_a_refund_that_waits_for_its_provider_is_looked_for_day_after_day_until_it_is_there() -> None:
    at, out = NOON - timedelta(days=1), NOON + timedelta(days=1)
    tender, fact = returned("N1", "R1", 200, at, out)
    asked_for = Facts((tender,), (fact,))
    before = Carried(frozenset({("N1", "R1")}))
    # The day between: not in this bill, and it may be in the next.
    between = day_of(Bills(), asked_for, before)
    assert (between.verdict, between.carried.waiting) == (DayVerdict.WAITING, before.waiting)
    # Had it come to its end today, today's bill must have it.
    tender, fact = returned("N1", "R1", 200, at, NOON)
    over = day_of(Bills(), Facts((tender,), (fact,)), before)
    assert [item.kind for item in over.worklist] == [Standing.REFUND_NOT_PAID_OUT]
    there = day_of(Bills(BillRow(BACK, "N1", 200, NOON, "R1", "T1")), Facts((tender,), (fact,)), before)
    assert there.verdict is DayVerdict.CLEAN


def test_a_refund_that_begins_today_and_goes_out_tomorrow_is_not_missed_today() -> None:
    tender, fact = returned("N1", "R1", 200, NOON, NOON + timedelta(days=1))
    result = day_of(Bills(), Facts((tender,), (fact,)))
    assert (result.verdict, result.carried.waiting) == (DayVerdict.WAITING, {("N1", "R1")})


def test_a_payment_without_a_sale_that_was_given_back_on_another_day_needs_nobody() -> None:
    back = AttemptFact(BACK, "N1", A, 500, NOON + timedelta(days=1), "R1", for_no_sale=True)
    bill = Bills(BillRow(PAID, "N1", 500, NOON, "", "T1"))
    result = day_of(bill, Facts((), (tried("N1", 500), back)))
    assert result.verdict is DayVerdict.CLEAN
    part = AttemptFact(BACK, "N1", A, 400, NOON + timedelta(days=1), "R1", for_no_sale=True)
    assert [item.kind for item in day_of(bill, Facts((), (tried("N1", 500), part))).worklist] == [
        Standing.PAID_NOT_RECORDED
    ]


@pytest.mark.parametrize("kind", [BillNotReady, BadBill, ProviderAway])
def test_a_bill_that_cannot_be_had_is_a_sentence_and_no_difference(kind: type[Problem]) -> None:
    trouble = kind(wording("Ask again tomorrow."))
    result = day_of(Bills(BillRow(PAID, "N1", 500, NOON), fails=trouble))
    assert (result.verdict, result.trouble, result.differences) == (DayVerdict.NOT_DONE, trouble, 0)
    assert result.sums == DaySums()


def test_a_full_disk_while_the_bill_is_fetched_is_a_sentence() -> None:
    result = day_of(Bills(fails=OSError(28, "No space left on device")))
    assert isinstance(result.trouble, CannotReconcile)
    assert "Make room" in str(result.trouble)


def test_a_provider_without_bills_is_not_asked() -> None:
    terminal = Bills(bills=False)
    result = day_of(terminal)
    assert (result.verdict, type(result.trouble), terminal.days) == (DayVerdict.NOT_DONE, NoBills, [])


def test_a_provider_elsewhere_has_its_own_midnight() -> None:
    facts = Facts()
    day_of(Bills(bill_zone=UTC), facts)
    assert facts.asked[0].since == datetime(2026, 2, 28, 23, 50, tzinfo=UTC)


def test_differences_beyond_the_worklist_are_still_counted() -> None:
    rows = [BillRow(PAID, f"N{number}", 500, NOON, "", f"T{number}") for number in range(5)]
    result = day_of(Bills(*rows), limits=Limits(work_items=2))
    assert (len(result.worklist), result.differences) == (2, 5)


def test_a_day_is_written_as_json_that_the_next_day_reads() -> None:
    facts = Facts((sold("A1", 100, LATE), sold("B1", 500)), (tried("A1", 100, at=LATE), tried("B1", 500)))
    result = day_of(Bills(), facts)
    data = day_as_json(result, ENGLISH, NOON)
    told = json.loads(data)
    assert (told["verdict"], told["made_at"]) == ("differences", "2026-03-01T04:00:00.000000Z")
    assert told["sums"] == {
        "charged_minor": 0,
        "refunded_minor": 0,
        "fee_minor": 0,
        "recorded_minor": 600,
        "payout_minor": 0,
    }
    assert [one["standing"] for one in told["worklist"]] == ["recorded_not_paid", "at_border"]
    assert told["worklist"][0]["receipt"] == "0001-01-1-000001"
    assert carried_of(data) == result.carried == Carried(frozenset({("A1", "")}))
    assert data == day_as_json(day_of(Bills(), facts), ENGLISH, NOON), "the same day is the same file"


def test_a_day_that_was_not_done_hands_nothing_on() -> None:
    trouble = day_of(Bills(fails=BillNotReady(wording("Later."))))
    data = day_as_json(trouble, ENGLISH, NOON)
    assert json.loads(data)["trouble"] == {"code": "BILL-NOT-READY", "sentence": "Later."}
    assert carried_of(data) is None


keys = st.frozensets(st.tuples(st.text(max_size=32), st.text(max_size=32)), max_size=5)


@given(waiting=keys, settled=keys)
def test_whatever_is_handed_on_arrives(waiting: frozenset, settled: frozenset) -> None:
    from dataclasses import replace

    result = replace(day_of(Bills()), carried=Carried(waiting, settled))
    assert carried_of(day_as_json(result, ENGLISH, NOON)) == Carried(waiting, settled)


@pytest.mark.parametrize("data", [b"", b"{}", b"[" * 100_000, b'{"form": 1}', b"\xff\xfe"])
def test_a_record_that_cannot_be_read_is_not_taken_for_an_empty_one(data: bytes) -> None:
    with pytest.raises(BadDayFile):
        carried_of(data)


def test_a_record_of_another_form_is_refused() -> None:
    told = json.loads(day_as_json(day_of(Bills()), ENGLISH, NOON)) | {"form": 2}
    with pytest.raises(BadDayFile):
        carried_of(json.dumps(told).encode())


def test_the_worklist_is_a_table_for_a_spreadsheet_and_no_formula() -> None:
    hostile = '=HYPERLINK("http://x")'
    result = day_of(Bills(BillRow(PAID, hostile, 1_990, NOON, "", "T1")))
    speech = Speech("zh_CN", lambda message: {"Provider": "渠道"}.get(message, message))
    header, line = csv.reader(io.StringIO(worklists_as_csv([result], speech)))
    assert header[0] == "渠道"
    assert line[:7] == ["微信支付", "2026-03-01", "Paid, not recorded", "19.90", "0.00", "19.90", "CNY"]
    assert line[7] == f"'{hostile}"
    assert line[10] == "2026-03-01 12:00:00+08:00"
    assert all(not cell.startswith(("=", "+", "@")) for cell in line)
