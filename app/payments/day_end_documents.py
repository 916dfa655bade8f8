"""Writes a provider's day as JSON, which also hands on what waits for the next day, and its worklist as CSV."""

import csv
import io
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from app.payments.day_end import DayItem, DayResult, DayVerdict
from app.payments.reconciliation import Carried
from app.values.clock import write_instant
from app.values.money import Currency, format_minor
from app.values.problems import Problem
from app.values.speech import Speech
from app.values.wording import wording

FORM: Final = 1
"""Goes up when the JSON is written otherwise."""

_FORMULA_BEGINS: Final = ("=", "+", "-", "@", "\t", "\r")
"""With these a spreadsheet takes a text for a formula."""

_COLUMNS: Final = (
    wording("Provider"),
    wording("Day"),
    wording("What"),
    wording("On the bill"),
    wording("In the journal"),
    wording("Difference"),
    wording("Currency"),
    wording("Number of the payment"),
    wording("Number of the refund"),
    wording("Receipt"),
    wording("Time"),
    wording("What is so"),
    wording("What to do"),
)


class BadDayFile(Problem):
    """Raised when the record of a day before cannot be read."""

    code = "BAD-DAY-FILE"


def day_as_json(result: DayResult, speech: Speech, made_at: datetime) -> bytes:
    """Return a provider's day; amounts in minor units, sentences in a person's language beside their names."""
    import msgspec

    found = result.reconciliation
    document: dict[str, Any] = {
        "form": FORM,
        "provider_id": result.provider_id,
        "day": result.day.isoformat(),
        "made_at": write_instant(made_at),
        "verdict": result.verdict.value,
        "trouble": None
        if result.trouble is None
        else {"code": result.trouble.code, "sentence": speech.say(result.trouble.sentence)},
        "currency": result.currency.code,
        "sums": asdict(result.sums) | {"payout_minor": result.sums.payout_minor},
        "totals": []
        if found is None
        else [
            {
                "standing": total.standing.value,
                "count": total.count,
                "bill_minor": total.bill_minor,
                "recorded_minor": total.recorded_minor,
            }
            for total in found.totals
        ],
        "worklist": [_item(item, speech) for item in result.worklist],
        "left_out": 0 if found is None else found.left_out,
        "carried": {"waiting": sorted(result.carried.waiting), "settled": sorted(result.carried.settled)},
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=1) + b"\n"


def _item(item: DayItem, speech: Speech) -> dict[str, str | int | None]:
    match = item.match
    return {
        "standing": item.kind.value,
        "title": speech.say(item.title),
        "bill_minor": item.bill_minor,
        "recorded_minor": item.recorded_minor,
        "difference_minor": item.difference_minor,
        "provider_number": item.provider_number,
        "refund_number": item.refund_number,
        "receipt": item.receipt,
        "at": None if item.at is None else write_instant(item.at),
        "attempt": None if match.state is None else match.state.value,
        "decided_by_a_person": int(match.decided),
        "what_is_so": speech.say(item.what_is_so),
        "what_to_do": speech.say(item.what_to_do),
    }


def carried_of(data: bytes) -> Carried | None:
    """Return what a day's record hands to the next day; None where that day had no bill.

    Raises:
        BadDayFile: it is no such record.
    """
    import msgspec

    class Keys(msgspec.Struct, frozen=True):
        waiting: list[tuple[str, str]]
        settled: list[tuple[str, str]]

    class Record(msgspec.Struct, frozen=True):
        form: int
        verdict: DayVerdict
        carried: Keys

    try:
        record = msgspec.json.decode(data, type=Record)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise _bad() from error
    if record.form != FORM:
        raise _bad()
    if record.verdict is DayVerdict.NOT_DONE:
        return None
    return Carried(frozenset(record.carried.waiting), frozenset(record.carried.settled))


def _bad() -> BadDayFile:
    return BadDayFile(wording("The record of the day before cannot be read. Reconcile that day again first."))


def worklists_as_csv(results: Iterable[DayResult], speech: Speech) -> str:
    """Return the worklists of several providers as one table, for a spreadsheet; amounts in major units."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([speech.say(column) for column in _COLUMNS])
    for result in results:
        for item in result.worklist:
            writer.writerow(_cells(result, item, speech))
    return text.getvalue()


def _cells(result: DayResult, item: DayItem, speech: Speech) -> list[str]:
    def money(minor: int, currency: Currency = result.currency) -> str:
        return format_minor(minor, currency)

    texts = (
        _text(speech.say(result.name)),
        result.day.isoformat(),
        _text(speech.say(item.title)),
        money(item.bill_minor),
        money(item.recorded_minor),
        money(item.difference_minor),
        result.currency.code,
        _text(item.provider_number),
        _text(item.refund_number),
        _text(item.receipt),
        "" if item.at is None else item.at.isoformat(sep=" ", timespec="seconds"),
        _text(speech.say(item.what_is_so)),
        _text(speech.say(item.what_to_do)),
    )
    return list(texts)


def _text(value: str) -> str:
    """Return a text that no spreadsheet takes for a formula; numbers come out of a provider's bill."""
    return f"'{value}" if value.startswith(_FORMULA_BEGINS) else value
