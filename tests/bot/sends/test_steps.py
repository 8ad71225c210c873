"""Which steps somebody is told of who watches a send."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sends import history
from bot.sends.history import UNDATED, Event
from bot.sends.steps import steps
from tests.bot.sends.test_history import event

ORDERED = event("order_received", 1)


def made(known: list[Event], new: list[Event], before: str = "order_received") -> list[str]:
    return [one.status for one in steps(known, new, before)]


def test_nothing_is_known_of_a_send_without_history() -> None:
    assert made([], []) == []


@pytest.mark.parametrize(("new", "told"), [
    ([event("shipped", 2)], ["shipped"]),
    ([event("shipped", 3), event("fulfilling", 2)], ["fulfilling", "shipped"]),
    ([event("order_received", 2), event("shipped", 3)], ["shipped"]),
    ([event("shipped", 2), event("shipped", 3, "webhook")], ["shipped"]),
    ([event("fulfillment_issue", 2), event("order_received", 3)], ["fulfillment_issue", "order_received"]),
])
def test_what_is_new_is_told_in_order(new: list[Event], told: list[str]) -> None:
    assert made([ORDERED, *new], new) == told


def test_what_came_too_late_is_not_told() -> None:
    delivered = event("delivered", 5)
    assert made([ORDERED, event("shipped", 2), delivered], [delivered]) == ["delivered"]


def test_a_guess_that_somebody_knew_better_is_no_step() -> None:
    guessed, known, next_one = event("shipped", 4, UNDATED), event("shipped", 2), event("delivered", 5)
    assert made([ORDERED, guessed, known, next_one], [guessed, known, next_one]) == ["shipped", "delivered"]


def test_after_a_correction_it_is_told_where_it_stands() -> None:
    # It was guessed that it had come to be shipped after it was delivered; that was wrong.
    guessed, delivered, known = event("shipped", 6, UNDATED), event("delivered", 5), event("shipped", 4)
    found = steps([ORDERED, guessed, delivered, known], [], "shipped")
    assert [(one.status, one.occurred_at) for one in found] == [("delivered", delivered.occurred_at)]


statuses = st.sampled_from(["order_received", "fulfilling", "shipped", "delivered", "fulfillment_issue"])
events = st.builds(event, statuses, st.integers(0, 9), st.sampled_from(["api", "webhook", "csv", UNDATED]))


@given(st.lists(events, max_size=12), st.data(), statuses)
def test_the_last_step_is_where_it_stands_and_none_is_told_twice(
    known: list[Event], data: st.DataObject, before: str,
) -> None:
    new = data.draw(st.lists(st.sampled_from(known), unique=True)) if known else []
    found = steps(known, new, before)
    standing = history.current(known)
    if standing is None:
        assert found == ()
        return
    assert found[-1].status_key == standing.status_key
    assert all(one.status_key != other.status_key for one, other in pairwise(found))
    times = [one.occurred_at for one in found[:-1]]
    assert times == sorted(times)
    assert {one.key for one in found[:-1]} <= {one.key for one in new}
