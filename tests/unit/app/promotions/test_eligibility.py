"""When and for whom an offer holds."""

from datetime import date, datetime, timedelta

import pytest

from app.members.birthdays import Birthday, BirthdayRule, LeapDay
from app.promotions.baskets import Shopper
from app.promotions.eligibility import birthday_in, is_birthday, why_not_for, why_not_now
from app.promotions.offers import Offer, Percent, When, Who


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


def test_a_shop_may_keep_a_leap_day_birthday_on_1_march_and_its_month_stays_february():
    assert birthday_in(2027, (2, 29), leap_day_after=True) == date(2027, 3, 1)
    assert birthday_in(2028, (2, 29), leap_day_after=True) == date(2028, 2, 29)
    assert birthday_in(2027, (2, 28), leap_day_after=True) == date(2027, 2, 28)
    assert is_birthday("day", (2, 29), date(2027, 3, 1), leap_day_after=True)
    assert not is_birthday("day", (2, 29), date(2027, 2, 28), leap_day_after=True)
    assert is_birthday("week", (2, 29), date(2027, 3, 4), leap_day_after=True)
    assert not is_birthday("week", (2, 29), date(2027, 2, 25), leap_day_after=True)
    assert is_birthday("month", (2, 29), date(2027, 2, 1), leap_day_after=True)
    assert not is_birthday("month", (2, 29), date(2027, 3, 1), leap_day_after=True)


@pytest.mark.parametrize("after", [False, True])
def test_offers_and_points_keep_a_leap_day_on_the_same_days(after):
    # Points keep birthdays by `app.members.birthdays`: on every day of a common and of a leap year both say the same.
    leap_day = LeapDay.AFTER if after else LeapDay.BEFORE
    offer = Offer(id="x", name="x", form=Percent(off_basis_points=1000), who=Who(birthday="day"))
    shopper = Shopper(member=True, birthday=(2, 29), leap_day_after=after)
    for number in range(731):
        day = date(2027, 1, 1) + timedelta(days=number)
        counts = BirthdayRule(leap_day=leap_day).counts_on(Birthday(2, 29), day)
        assert (why_not_for(offer, shopper, day) is None) is counts, day


@pytest.mark.parametrize(
    ("today", "within"),
    [("2026-12-28", False), ("2026-12-29", True), ("2027-01-01", True), ("2027-01-04", True), ("2027-01-05", False)],
)
def test_the_birthday_week_runs_over_new_year(today, within):
    assert is_birthday("week", (1, 1), date.fromisoformat(today)) is within
