"""Lists and bitmaps of positions say the same as sets do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offline_store.catalogue.postings import (
    BITMAP_BYTES,
    CHUNK_SIZE,
    LIST_LIMIT,
    all_of,
    any_of,
    decode,
    encode,
    keep_in,
    positions_in,
)

POSITIONS = st.one_of(
    st.sets(st.integers(0, CHUNK_SIZE - 1), max_size=40),
    # Every nth position from some on: dense enough for a bitmap.
    st.builds(lambda first, step: set(range(first, CHUNK_SIZE, step)), st.integers(0, 500), st.integers(1, 50)),
)


@given(POSITIONS)
def test_what_is_stored_comes_back_in_order(positions: set[int]) -> None:
    blob = encode(sorted(positions))
    assert list(positions_in(decode(blob))) == sorted(positions)
    assert (len(blob) == BITMAP_BYTES) == (len(positions) >= LIST_LIMIT)


@given(POSITIONS, POSITIONS)
def test_narrowing_down_is_intersection(one: set[int], other: set[int]) -> None:
    assert set(keep_in(decode(encode(sorted(one))), sorted(other)[:500])) == one & set(sorted(other)[:500])


@given(st.lists(POSITIONS, min_size=1, max_size=4))
def test_together_is_intersection_and_either_is_union(groups: list[set[int]]) -> None:
    containers = [decode(encode(sorted(group))) for group in groups]
    lead, rest = all_of(containers)
    kept = list(positions_in(lead))
    for container in rest:
        kept = list(keep_in(container, kept))
    assert kept == sorted(set.intersection(*groups))
    assert list(positions_in(any_of(containers))) == sorted(set.union(*groups))


@pytest.mark.parametrize("count", [LIST_LIMIT - 1, LIST_LIMIT, CHUNK_SIZE])
def test_the_border_between_list_and_bitmap_loses_nothing(count: int) -> None:
    assert list(positions_in(decode(encode(range(count))))) == list(range(count))
