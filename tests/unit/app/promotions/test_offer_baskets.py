"""A basket document that names a day no year has is refused before anything is worked out."""

import pytest

from app.promotions.baskets import BadOfferBasket, read_offer_basket


def document(birthday: str, more: str = "") -> bytes:
    return (
        f'{{"at": "2026-11-22T10:00:00+08:00", "lines": [], "shopper": {{"member": true, "birthday": "{birthday}"{more}}}}}'
    ).encode()


@pytest.mark.parametrize("day", ["02-30", "02-31", "04-31", "06-31", "09-31", "11-31"])
def test_a_birthday_that_no_year_has_is_refused_by_its_key(day: str) -> None:
    with pytest.raises(BadOfferBasket, match=r"shopper\.birthday: there is no such day") as refused:
        read_offer_basket(document(day))
    assert day not in str(refused.value)


@pytest.mark.parametrize(("day", "read"), [("02-29", (2, 29)), ("01-31", (1, 31)), ("12-31", (12, 31))])
def test_a_birthday_that_some_year_has_is_read(day: str, read: tuple[int, int]) -> None:
    assert read_offer_basket(document(day)).shopper.birthday == read


def test_where_the_shop_keeps_a_leap_day_can_be_said() -> None:
    assert not read_offer_basket(document("02-29")).shopper.leap_day_after
    assert not read_offer_basket(document("02-29", ', "leap_day": "before"')).shopper.leap_day_after
    assert read_offer_basket(document("02-29", ', "leap_day": "after"')).shopper.leap_day_after
    with pytest.raises(BadOfferBasket, match=r"shopper\.leap_day"):
        read_offer_basket(document("02-29", ', "leap_day": "never"'))
