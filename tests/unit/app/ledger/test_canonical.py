"""Canonical JSON, held against an independent implementation of RFC 8785."""

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from app.ledger.canonical import DEEPEST, LARGEST_INTEGER, JsonValue, NotCanonical, canonical_json, read_canonical

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
KEYS = st.one_of(
    TEXTS, st.text("abcAB", max_size=3), st.text(st.sampled_from("\ud7ff\ue000\uffff\U00010000\U0010ffffz"), max_size=3)
)
VALUES: st.SearchStrategy[JsonValue] = st.recursive(
    st.none() | st.booleans() | st.integers(-LARGEST_INTEGER, LARGEST_INTEGER) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=20,
)


@given(VALUES)
def test_the_bytes_are_those_of_the_oracle(value: JsonValue) -> None:
    written = canonical_json(value)
    assert written == rfc8785.dumps(value)
    assert read_canonical(written) == value


def test_keys_are_sorted_by_utf_16_code_units() -> None:
    # RFC 8785 section 3.2.3, with its own sample: the emoji (D83D DE00) stands before U+FB33.
    value: dict[str, JsonValue] = {"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\U0001f600": 5, "\u0080": 6, "\u00f6": 7}
    written = canonical_json(value).decode()
    order = [written.index(f":{number}") for number in (2, 4, 6, 7, 1, 5, 3)]
    assert order == sorted(order)


@pytest.mark.parametrize(
    "value", [1.5, 2**53, -(2**53), b"bytes", (1, 2), {1: 2}, {"a": [0.0]}, "\ud800", {"\udfff": 1}]
)
def test_what_has_no_canonical_form_is_refused(value: JsonValue) -> None:
    with pytest.raises(NotCanonical):
        canonical_json(value)


def test_a_value_that_is_nested_without_end_is_refused() -> None:
    value: JsonValue = 1
    for _ in range(DEEPEST + 1):
        value = [value]
    with pytest.raises(NotCanonical):
        canonical_json(value)


@pytest.mark.parametrize("data", [b'{"b":1,"a":2}', b"[1, 2]", b"[1.0]", b"{", b'"\xff"', b'"\\u0041"', b"[" * 100_000])
def test_bytes_that_say_it_in_another_way_are_refused(data: bytes) -> None:
    with pytest.raises(NotCanonical):
        read_canonical(data)


@given(st.binary(max_size=60))
def test_hostile_bytes_are_refused_or_canonical(data: bytes) -> None:
    try:
        value = read_canonical(data)
    except NotCanonical:
        return
    assert canonical_json(value) == data
