"""`providers reconcile`: the person reads how each provider's day stands, beside a till that goes on selling."""

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from app.commands.assembly import Parts, open_store
from app.commands.providers_reconcile import DayEnd, NoSuchProvider, reconcile
from app.commands.site import Site
from app.payments.attempt_record import AttemptRecord, AttemptState
from app.payments.day_end_documents import BadDayFile
from app.payments.provider import BillKind, BillNotReady, BillRow, ProviderCapabilities
from app.payments.tenders import Tendered
from app.values.clock import FixedClock
from app.values.identifiers import CountingIdentities
from app.values.speech import ENGLISH
from app.values.wording import LocalizedText, wording
from offline_store.till_store import TillStoreFile
from tests.faults.store_shop import sale
from tests.unit.app.payments.attempt_cases import purchase

CHINA = timezone(timedelta(hours=8))
DAY = date(2026, 11, 22)
NOON = datetime(2026, 11, 22, 12, tzinfo=CHINA)
NEXT_MORNING = datetime(2026, 11, 23, 11, tzinfo=CHINA)


class Bills:
    """A provider of which only bills are asked; a day without one is not ready."""

    capabilities = ProviderCapabilities(bills=True)

    def __init__(self, bills: Mapping[date, tuple[BillRow, ...]] = {}) -> None:
        self.bills = bills

    def bill(self, day: date) -> Iterator[BillRow]:
        if day not in self.bills:
            raise BillNotReady(wording("Ask after ten."))
        yield from self.bills[day]


def paid(number: str, amount: int, at: datetime = NOON) -> BillRow:
    return BillRow(BillKind.PURCHASE, number, amount, at, "", f"T{number}", 1)


@pytest.fixture
def till(tmp_path: Path) -> Iterator[TillStoreFile]:
    """An open till of the sample store; it keeps its lock while the day is reconciled."""
    site = Site(tmp_path, sample=True)
    with open_store(site, site.configuration(), Parts(FixedClock(NOON), CountingIdentities())) as store:
        yield store


def sell(store: TillStoreFile, name: str, at: datetime = NOON) -> None:
    """A sale of 16.55, of which WeChat Pay approved 5.00."""
    made = purchase(attempt_id=name, provider_number=name.replace("-", ""), amount_minor=500, created_at=at)
    made = replace(made, basket_id=f"of-{name}")
    sent = replace(made, state=AttemptState.SUBMITTING, submitted_at=at, asking_since=at, last_asked_at=at, revision=2)
    done = replace(sent, state=AttemptState.APPROVED, approved_minor=500, revision=3)
    store.save_attempt(AttemptRecord((made, sent, done)))
    tenders = (
        Tendered(1, "wechat", LocalizedText("微信支付"), "wechat_receivable", 500, 500, "", name),
        Tendered(2, "cash", LocalizedText("现金"), "cash_drawer", 1155, 1155, opens_drawer=True),
    )
    base = sale(f"sale-{name}")
    owned = replace(
        base,
        till_id=store._file.settings.till_id,
        lines=tuple(replace(one, serial=None) for one in base.lines),
        tenders=tenders,
        change_minor=0,
    )
    store.commit_sale(owned, print_job_id=None)


class Evening:
    """The command with providers at hand; what it says is kept."""

    def __init__(self, folder: Path, **bills: Mapping[date, tuple[BillRow, ...]]) -> None:
        self.lines: list[str] = []
        providers = {name: Bills(found) for name, found in bills.items()}
        self._day_end = DayEnd(
            Site(folder, sample=True), ENGLISH, FixedClock(NEXT_MORNING), self.lines.append, providers
        )

    def run(self, *arguments: object, **more: object) -> int:
        return self._day_end.run(*arguments, **more)  # type: ignore[arg-type]

    @property
    def said(self) -> str:
        return "\n".join(self.lines)


def test_a_day_that_agrees_says_so_with_its_sums(till: TillStoreFile, tmp_path: Path) -> None:
    sell(till, "attempt-1")
    evening = Evening(tmp_path, wechat={DAY: (paid("attempt1", 500),)}, alipay={DAY: ()})
    assert evening.run(None) == 0, "yesterday, where no day is named"
    assert "✓ WeChat Pay, 2026-11-22: bill, journal and till agree." in evening.said
    assert "Charged ¥5.00, given back ¥0.00, fees ¥0.01: ¥4.99 will be paid out. The journal has ¥5.00." in evening.said
    assert "✓ Alipay" in evening.said


def test_a_difference_is_listed_with_what_to_do_and_the_till_sells_on(till: TillStoreFile, tmp_path: Path) -> None:
    sell(till, "attempt-1")
    evening = Evening(tmp_path, wechat={DAY: (paid("attempt9", 1_990),)})
    assert evening.run(DAY) == 1
    sell(till, "attempt-2")
    assert "! WeChat Pay, 2026-11-22: 2 differences. Clear each of them." in evening.said
    receipt = str(till.last_sale().receipt_number)[:-1] + "1"
    assert f"! Recorded, not paid  bill ¥0.00, journal ¥5.00  attempt1  {receipt}" in evening.said
    assert "! Paid, not recorded  bill ¥19.90, journal ¥0.00  attempt9  -" in evening.said
    assert "give the money back" in evening.said
    told = json.loads((tmp_path / "reconciliation" / "wechat" / "2026-11-22.json").read_bytes())
    assert [one["standing"] for one in told["worklist"]] == ["recorded_not_paid", "paid_not_recorded"]


def test_what_is_found_is_written_for_a_spreadsheet_too(till: TillStoreFile, tmp_path: Path) -> None:
    evening = Evening(tmp_path, wechat={DAY: (paid("attempt9", 1_990),)}, alipay={DAY: (paid("attempt8", 5),)})
    out = tmp_path / "for the office"
    assert evening.run(DAY, out=out) == 1
    assert sorted(path.name for path in out.iterdir()) == [
        "2026-11-22-alipay.json",
        "2026-11-22-wechat.json",
        "2026-11-22-worklist.csv",
    ]
    header, *lines = csv.reader((out / "2026-11-22-worklist.csv").read_text("utf-8-sig").splitlines())
    assert header[0] == "Provider"
    assert [(line[0], line[3]) for line in lines] == [("WeChat Pay", "19.90"), ("Alipay", "0.05")]


def test_a_bill_that_is_not_there_yet_is_said_and_is_no_difference(till: TillStoreFile, tmp_path: Path) -> None:
    evening = Evening(tmp_path, wechat={}, alipay={DAY: ()})
    assert evening.run(DAY) == 2
    assert "✗ WeChat Pay, 2026-11-22: Ask after ten." in evening.said
    assert "✓ Alipay" in evening.said


def test_a_failed_second_try_does_not_undo_the_first(till: TillStoreFile, tmp_path: Path) -> None:
    assert Evening(tmp_path, wechat={DAY: ()}).run(DAY, "wechat") == 0
    kept = tmp_path / "reconciliation" / "wechat" / "2026-11-22.json"
    before = kept.read_bytes()
    assert Evening(tmp_path, wechat={}).run(DAY, "wechat") == 2
    assert kept.read_bytes() == before


def test_one_provider_can_be_asked_alone_and_another_name_is_refused(till: TillStoreFile, tmp_path: Path) -> None:
    evening = Evening(tmp_path, wechat={DAY: ()}, alipay={DAY: ()})
    assert evening.run(DAY, "alipay") == 0
    assert "WeChat" not in evening.said
    with pytest.raises(NoSuchProvider, match="wechat"):
        evening.run(DAY, "wechatt")


def test_what_waits_at_midnight_is_handed_on_to_the_next_day(till: TillStoreFile, tmp_path: Path) -> None:
    late = datetime(2026, 11, 22, 23, 59, 58, tzinfo=CHINA)
    after = datetime(2026, 11, 23, 0, 0, 4, tzinfo=CHINA)
    sell(till, "attempt-1", late)
    following = DAY + timedelta(days=1)
    missing = {DAY: (), following: ()}
    evening = Evening(tmp_path, wechat=missing)
    assert evening.run(DAY, "wechat") == 0
    assert "1 near midnight wait for the next bill" in evening.said
    assert evening.run(following, "wechat") == 1, "it never came"
    assert "Recorded, not paid" in evening.said
    there = Evening(tmp_path, wechat=missing | {following: (paid("attempt1", 500, after),)})
    assert there.run(following, "wechat") == 0
    # The day after next does not know of it: the day between must come first.
    assert evening.run(DAY + timedelta(days=2), "wechat") == 2


def test_a_day_left_out_is_named_where_something_waits_for_it(till: TillStoreFile, tmp_path: Path) -> None:
    sell(till, "attempt-1", datetime(2026, 11, 22, 23, 59, 58, tzinfo=CHINA))
    later = DAY + timedelta(days=2)
    evening = Evening(tmp_path, wechat={DAY: (), later: ()})
    evening.run(DAY, "wechat")
    evening.run(later, "wechat")
    assert "wechat: payments of 2026-11-22 still wait for the bill of 2026-11-23. Reconcile 2026-11-23 first." in (
        evening.lines
    )


def test_a_damaged_record_of_the_day_before_is_not_passed_over(till: TillStoreFile, tmp_path: Path) -> None:
    path = tmp_path / "reconciliation" / "wechat" / "2026-11-21.json"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"{")
    with pytest.raises(BadDayFile):
        Evening(tmp_path, wechat={DAY: ()}).run(DAY, "wechat")


def test_a_long_worklist_is_shown_in_part_and_counted(till: TillStoreFile, tmp_path: Path) -> None:
    rows = tuple(paid(f"other{number:03d}", 100) for number in range(60))
    evening = Evening(tmp_path, wechat={DAY: rows})
    assert evening.run(DAY, "wechat") == 1
    assert "60 differences" in evening.said
    assert "… and 10 more; the files have them." in evening.said
    assert len(evening.lines) == 2 + 2 * 50 + 1


def test_the_tills_own_providers_are_asked_and_say_why_they_cannot(
    till: TillStoreFile, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # The sample's wallets are simulated by a till that is open with a window; here none is.
    assert reconcile(tmp_path, DAY, "", None, ENGLISH, sample=True) == 2
    printed = capsys.readouterr().out
    assert "WeChat Pay" in printed
    assert "the till is not open" in printed


def test_yesterday_is_the_providers_own(till: TillStoreFile, tmp_path: Path) -> None:
    assert datetime(2026, 11, 22, 17, tzinfo=UTC).astimezone(CHINA).date() == date(2026, 11, 23)
    providers = {"wechat": Bills({DAY: ()})}
    said: list[str] = []
    clock = FixedClock(datetime(2026, 11, 22, 17, tzinfo=UTC))
    assert DayEnd(Site(tmp_path, sample=True), ENGLISH, clock, said.append, providers).run(None, "wechat") == 0
    assert "2026-11-22" in said[0]
