"""Goods that were read right and may not be sold all the same."""

from datetime import date

import pytest

from app.catalogue.codes import CodeReader, refusal_for_expiry, refusal_for_no_product

TODAY = date(2026, 1, 31)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ("(01)09506000134352(17)260130", "This item expired on 2026-01-30."),
        ("(01)09506000134352(7003)2601302359", "This item expired on 2026-01-30."),
        ("(01)09506000134352(17)251200", "This item expired on 2025-12-31."),
        ("(01)09506000134352(16)260130", "This item was to be sold by 2026-01-30."),
    ],
)
def test_what_is_over_is_refused_with_the_day_in_the_sentence(data: str, sentence: str, reader: CodeReader) -> None:
    refusal = refusal_for_expiry(reader.read(data, today=TODAY), TODAY)

    assert str(refusal).startswith(sentence)


@pytest.mark.parametrize(
    "data",
    [
        "(01)09506000134352(17)260131",  # the last day is still a day
        "(01)09506000134352(17)260100",  # day 00 is the last of January
        "(01)09506000134352(16)260131",
        "(01)09506000134352(15)250101",
        "(01)09506000134352",
        "6901234567892",
        "nonsense",
    ],
)
def test_what_is_not_over_is_not_refused(data: str, reader: CodeReader) -> None:
    assert refusal_for_expiry(reader.read(data, today=TODAY), TODAY) is None


def test_the_best_before_date_counts_where_the_law_says_so(reader: CodeReader) -> None:
    meaning = reader.read("(01)09506000134352(15)260130", today=TODAY)

    assert "best before 2026-01-30" in str(refusal_for_expiry(meaning, TODAY, best_before_binds=True))
    assert refusal_for_expiry(meaning, date(2026, 1, 30), best_before_binds=True) is None


def test_a_pallet_and_a_label_of_dates_name_no_product(reader: CodeReader) -> None:
    assert "pallet" in str(refusal_for_no_product(reader.read("]C100376104250021234569")))
    assert "other barcode" in str(refusal_for_no_product(reader.read("]C11726013110AB", today=TODAY)))
    assert refusal_for_no_product(reader.read("(01)09506000134352")) is None
    assert refusal_for_no_product(reader.read("6901234567892")) is None
