"""When ids are compared for somebody who sees many sends, but not all, and when their sends are walked through."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.own_found import is_faster

MILLION = 1_000_000


@pytest.mark.parametrize(("listed", "own", "is_so"), [
    (13_000, 20_000, True),  # 260 fit: a walk would go through everything.
    (13_000, 100_000, True),
    (50_000, 20_000, True),
    (80_000, 100_000, False),  # 8,000 fit: a walk ends after an eighth.
    (100_000, 200_000, False),
    (6_000, 200_000, True),
])
def test_of_a_million_ids_are_compared_where_a_walk_would_go_far(listed: int, own: int, *, is_so: bool) -> None:
    assert is_faster(listed, own, MILLION, 1_000) == is_so


@given(
    listed=st.integers(0, MILLION), own=st.integers(0, MILLION), every=st.integers(0, MILLION),
    wanted=st.integers(1, 5_000),
)
def test_what_costs_more_than_a_walk_through_everything_is_never_done(
    listed: int, own: int, every: int, wanted: int,
) -> None:
    if is_faster(listed, own, every, wanted):
        assert listed + own < every
