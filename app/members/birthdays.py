"""When a member's birthday is kept: a day and a month, never a year."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from typing import Final

from app.values.problems import Problem
from app.values.wording import wording

_A_LEAP_YEAR: Final = 2024
_LONGEST_SPAN_DAYS: Final = 60


class BadBirthday(Problem):
    """Raised when a day and a month are no day of any year."""

    code = "BAD-BIRTHDAY"


class LeapDay(Enum):
    """When a birthday on 29 February is kept in a year without one."""

    BEFORE = "before"
    """On 28 February, which stays within the month of birth; the rule unless the shop says otherwise."""

    AFTER = "after"
    """On 1 March."""


class BirthdaySpan(Enum):
    """For how long a birthday counts."""

    DAY = "day"
    """The day and the shop's days round it."""

    MONTH = "month"
    """The whole month of birth, whatever 29 February becomes."""


@dataclass(frozen=True, slots=True)
class Birthday:
    """Day and month of birth; the year is never asked for, nothing in the shop needs it."""

    month: int
    day: int

    def __post_init__(self) -> None:
        try:
            date(_A_LEAP_YEAR, self.month, self.day)
        except ValueError:
            raise BadBirthday(
                wording(
                    "There is no day {day} in month {month}. Type the birthday again.", day=self.day, month=self.month
                )
            ) from None

    def __repr__(self) -> str:
        return "Birthday(…)"


@dataclass(frozen=True, slots=True)
class BirthdayRule:
    """How a shop keeps birthdays."""

    span: BirthdaySpan = BirthdaySpan.DAY
    days_before: int = 0
    """Of `DAY`: how many days before count too."""

    days_after: int = 0
    leap_day: LeapDay = LeapDay.BEFORE

    def __post_init__(self) -> None:
        if not (0 <= self.days_before <= _LONGEST_SPAN_DAYS and 0 <= self.days_after <= _LONGEST_SPAN_DAYS):
            raise ValueError(f"a birthday counts for at most {_LONGEST_SPAN_DAYS} days before and after")

    def counts_on(self, birthday: Birthday, business_date: date) -> bool:
        """Tell whether a business date is within the birthday.

        >>> BirthdayRule().counts_on(Birthday(2, 29), date(2027, 2, 28))
        True
        >>> BirthdayRule().counts_on(Birthday(2, 29), date(2028, 2, 28))
        False
        """
        if self.span is BirthdaySpan.MONTH:
            return business_date.month == birthday.month
        first = business_date - timedelta(days=self.days_after)
        last = business_date + timedelta(days=self.days_before)
        # The days round a birthday may reach over New Year.
        return any(first <= self.kept_in(birthday, year) <= last for year in {first.year, last.year})

    def kept_in(self, birthday: Birthday, year: int) -> date:
        """Return the day it is kept in a year."""
        try:
            return date(year, birthday.month, birthday.day)
        except ValueError:
            return date(year, 2, 28) if self.leap_day is LeapDay.BEFORE else date(year, 3, 1)
