"""Whether an offer is for this shopper now; where it is not, a sentence says why.

Days and hours are the store's own. A span of hours over midnight belongs to the day on which it began: `22:00-02:00` on
Fridays holds on Saturday at 01:00 and not on Friday at 01:00; first and last day are meant in the same way.

Who was born on 29 February has the birthday on 28 February in a year without one, within the birthday month and never
late; or on 1 March where the shop keeps it so, while the birthday month stays February. The birthday week runs from
three days before to three days after the day.
"""

from calendar import isleap
from datetime import date, datetime, timedelta

from app.promotions.baskets import Shopper
from app.promotions.offers import WEEKDAYS, Offer, When, Who
from app.values.wording import Wording, wording

_ONE_DAY = timedelta(days=1)


def why_not_now(when: When, local: datetime) -> Wording | None:
    """Return why an offer does not hold at an instant in the store's time; None where it holds."""
    if not when.hours:
        return _why_not_on(when, local.date())
    minute = local.hour * 60 + local.minute
    reason: Wording | None = None
    inside = False
    for span in when.hours:
        start, end = (int(text[:2]) * 60 + int(text[3:]) for text in span.split("-"))
        day: date | None = None
        if start < end:
            day = local.date() if start <= minute < end else None
        elif minute >= start:
            day = local.date()
        elif minute < end:
            day = local.date() - _ONE_DAY
        if day is not None:
            inside = True
            reason = _why_not_on(when, day)
            if reason is None:
                return None
    return reason if inside else wording("It holds only at {hours}.", hours=", ".join(when.hours))


def _why_not_on(when: When, day: date) -> Wording | None:
    if when.from_date is not None and day < when.from_date:
        return wording("It begins on {day}.", day=when.from_date.isoformat())
    if when.until_date is not None and day > when.until_date:
        return wording("It ended on {day}.", day=when.until_date.isoformat())
    if when.weekdays and WEEKDAYS[day.weekday()] not in when.weekdays:
        return wording("It does not hold on this day of the week.")
    if when.month_days and day.day not in when.month_days:
        return wording("It does not hold on this day of the month.")
    return None


def birthday_in(year: int, birthday: tuple[int, int], *, leap_day_after: bool = False) -> date:
    """Return the day on which a birthday is kept in a year; 29 February is another day where there is none.

    >>> birthday_in(2027, (2, 29)), birthday_in(2028, (2, 29))
    (datetime.date(2027, 2, 28), datetime.date(2028, 2, 29))
    >>> birthday_in(2027, (2, 29), leap_day_after=True)
    datetime.date(2027, 3, 1)
    """
    month, day = birthday
    if (month, day) == (2, 29) and not isleap(year):
        month, day = (3, 1) if leap_day_after else (2, 28)
    return date(year, month, day)


def is_birthday(span: str, birthday: tuple[int, int], today: date, *, leap_day_after: bool = False) -> bool:
    """Whether today is the birthday, or in its `week` or `month`."""
    if span == "month":
        return birthday[0] == today.month
    if span == "day":
        return birthday_in(today.year, birthday, leap_day_after=leap_day_after) == today
    return any(
        abs((birthday_in(year, birthday, leap_day_after=leap_day_after) - today).days) <= 3
        for year in (today.year - 1, today.year, today.year + 1)
    )


def why_not_for(offer: Offer, shopper: Shopper, today: date) -> Wording | None:
    """Return why an offer is not for a shopper; None where it is."""
    who = offer.who
    if who.staff and not shopper.staff:
        return wording("It is for staff only.")
    if who.coupon and all(coupon.key != who.coupon for coupon in shopper.coupons):
        return wording("It needs a coupon.")
    if who.first_purchase and not shopper.first_purchase:
        return wording("It is for the first purchase only.")
    return _why_not_for_member(who, shopper, today)


def _why_not_for_member(who: Who, shopper: Shopper, today: date) -> Wording | None:
    if (who.member or who.tiers or who.birthday) and not shopper.member:
        return wording("It is for members. Scan the member code.")
    if who.tiers and shopper.tier not in who.tiers:
        return wording("It is for members of another tier.")
    if who.birthday and not _has_birthday(who.birthday, shopper, today):
        return wording("It is for birthdays only.")
    return None


def _has_birthday(span: str, shopper: Shopper, today: date) -> bool:
    if shopper.birthday is None:
        return False
    return is_birthday(span, shopper.birthday, today, leap_day_after=shopper.leap_day_after)


def allowance(offer: Offer, shopper: Shopper) -> int | None:
    """Return how often an offer may still be given in this basket; None where nothing limits it."""
    limits = [limit for limit in (offer.limit.per_basket,) if limit is not None]
    if offer.limit.per_member is not None:
        limits.append(max(0, offer.limit.per_member - dict(shopper.used_before).get(offer.id, 0)))
    if offer.who.coupon:
        limits.append(sum(coupon.key == offer.who.coupon for coupon in shopper.coupons))
    return min(limits, default=None)
