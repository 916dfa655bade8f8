"""When and for whom an offer holds."""

from datetime import date, datetime

import pytest

from app.promotions.eligibility import birthday_in, is_birthday, why_not_now
from app.promotions.offers import When


def holds(when: When, text: str) -> bool:
    return why_not_now(when, datetime.fromisoformat(text)) is None


def test_first_and_last_day_are_included():
    when = When(from_date=date(2026, 11, 1), until_date=date(2026, 11, 11))
    assert [holds(when, f"2026-{day}") for day in ("10-31T23:59", "11-01T00:00", "11-11T23:59", "11-12T00:00")] == [
        False,
        True,
        True,
        False,
    ]


def test_members_day_is_each_wednesday():
    when = When(weekdays=("wed",))
    assert holds(when, "2026-11-25T12:00")  # a Wednesday
    assert not holds(when, "2026-11-26T12:00")


def test_a_day_of_the_month():
    assert holds(When(month_days=(8, 18, 28)), "2026-11-18T12:00")
    assert not holds(When(month_days=(8, 18, 28)), "2026-11-19T12:00")


def test_hours_begin_to_the_minute_and_their_end_is_out():
    when = When(hours=("08:00-10:00", "20:30-24:00"))
    assert [
        holds(when, f"2026-11-22T{at}") for at in ("07:59", "08:00", "09:59", "10:00", "20:30", "23:59", "00:00")
    ] == [
        False,
        True,
        True,
        False,
        True,
        True,
        False,
    ]


def test_hours_over_midnight_belong_to_the_day_on_which_they_began():
    when = When(weekdays=("fri",), hours=("22:00-02:00",))
    assert holds(when, "2026-11-27T22:00")  # a Friday
    assert holds(when, "2026-11-28T01:59")
    assert not holds(when, "2026-11-28T02:00")
    assert not holds(when, "2026-11-27T01:00")  # the night of Thursday
    assert not holds(when, "2026-11-28T22:00")


def test_the_night_of_the_last_day_is_still_the_last_day():
    when = When(until_date=date(2026, 12, 31), hours=("22:00-02:00",))
    assert holds(when, "2027-01-01T01:00")
    assert not holds(when, "2027-01-01T22:00")


def test_who_was_born_on_a_leap_day_has_the_birthday_on_28_february_in_other_years():
    assert birthday_in(2027, (2, 29)) == date(2027, 2, 28)
    assert birthday_in(2028, (2, 29)) == date(2028, 2, 29)
    assert is_birthday("day", (2, 29), date(2027, 2, 28))
    assert not is_birthday("day", (2, 29), date(2027, 3, 1))
    assert not is_birthday("day", (2, 29), date(2028, 2, 28))
    assert is_birthday("day", (2, 29), date(2028, 2, 29))
    assert is_birthday("month", (2, 29), date(2027, 2, 1))
    assert not is_birthday("day", (2, 28), date(2028, 2, 29))


@pytest.mark.parametrize(
    ("today", "within"),
    [("2026-12-28", False), ("2026-12-29", True), ("2027-01-01", True), ("2027-01-04", True), ("2027-01-05", False)],
)
def test_the_birthday_week_runs_over_new_year(today, within):
    assert is_birthday("week", (1, 1), date.fromisoformat(today)) is within
