from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.sends.history import OBSERVED, UNDATED, Event, believed, current, returned, undated
from bot.statuses.catalogue import Status

START = datetime(2026, 11, 2, 12, tzinfo=UTC)


def event(status: str, day: float, source: str = "api") -> Event:
    return Event(
        status=status, status_key=status, status_raw=status.title(), occurred_at=START + timedelta(days=day),
        source=source,
    )


def day(number: float) -> datetime:
    return START + timedelta(days=number)


def test_without_events_a_send_stands_nowhere() -> None:
    assert current([]) is None


def test_the_latest_event_says_where_the_send_stands() -> None:
    standing = current([event("shipped", 3), event("order_received", 1), event("fulfilling", 2)])
    assert standing is not None
    assert standing[:4] == ("shipped", "shipped", "Shipped", day(3))
    assert standing.warehouse_since is None


def test_of_equal_times_the_status_that_is_further_along_holds() -> None:
    for order in permutations([event("opened", 1), event("clicked", 1), event("sent", 0)]):
        standing = current(order)
        assert standing is not None
        assert standing.status == "clicked"


def test_a_stay_begins_with_the_first_of_the_same_reports_in_a_row() -> None:
    standing = current([event("shipped", 3), event("shipped", 3.5, "webhook"), event("fulfilling", 2)])
    assert standing is not None
    assert standing.since == day(3)
    assert standing.newest.occurred_at == day(3.5)


@pytest.mark.parametrize(("trail", "since"), [
    (["order_received"], 0),
    (["order_received", "fulfilling"], 0),
    (["order_received", "fulfillment_issue", "order_received"], 0),
    (["fulfilling"], None),
    (["order_received", "shipped"], None),
    (["order_received", "shipped", "order_received"], 2),
    (["confirming_address", "order_received", "fulfilling"], 1),
])
def test_the_warehouse_clock_runs_from_order_received_until_the_send_leaves(
    trail: list[str], since: int | None,
) -> None:
    standing = current([event(status, number) for number, status in enumerate(trail)])
    assert standing is not None
    assert standing.warehouse_since == (None if since is None else day(since))


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(list(Status)), st.integers(0, 6)), min_size=1, max_size=8, unique=True),
    st.randoms(use_true_random=False),
)
def test_the_order_of_arrival_plays_no_part(told: list[tuple[Status, int]], chance: object) -> None:
    events = [event(status.value, number) for status, number in told]
    shuffled = list(events)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert current(shuffled + shuffled[:3]) == current(events)


def test_a_guessed_time_gives_way_to_a_known_one() -> None:
    standing = current([event("shipped", 9, UNDATED), event("shipped", 3), event("delivered", 5)])
    assert standing is not None
    assert (standing.status, standing.since) == ("delivered", day(5))
    later = current([event("shipped", 0, UNDATED), event("shipped", 3)])
    assert later is not None
    assert later.since == day(3)


def test_a_guess_that_leads_back_from_what_is_known_counts_for_nothing() -> None:
    dated = [event("order_received", 1), event("fulfilling", 3)]
    for order in permutations([*dated, event("initiated", 5, UNDATED)]):
        standing = current(order)
        assert standing is not None
        assert (standing.status, standing.since) == ("fulfilling", day(3))
    # As far as anybody knows it was so before, and it may have gone on since.
    assert [one.status for one in believed([*dated, event("initiated", 0, UNDATED), event("shipped", 4, UNDATED)])] == [
        "order_received", "fulfilling", "initiated", "shipped",
    ]


def test_a_guess_that_has_given_way_was_not_left() -> None:
    events = [event("shipped", 0, UNDATED)]
    before = current(events)
    events += [event("order_received", 1), event("shipped", 3)]
    after = current(events)
    assert before is not None
    assert after is not None
    assert not returned(events, before, after)


def test_a_send_that_left_its_status_and_came_back_has_returned() -> None:
    events = [event("order_received", 1)]
    before = current(events)
    events += [event("fulfillment_issue", 2), event("order_received", 3)]
    after = current(events)
    assert before is not None
    assert after is not None
    assert returned(events, before, after)
    again = [event("order_received", 1), event("order_received", 3)]
    same = current(again)
    assert same is not None
    assert not returned(again, before, same)


def seen(status: str, number: float) -> Event:
    return event(status, number, "any")


def test_a_first_status_without_a_time_counts_from_the_creation() -> None:
    found = undated(seen("sent", 9), [], set(), day(2), trusted=True)
    assert found is not None
    assert (found.occurred_at, found.source) == (day(2), UNDATED)
    unknown = undated(seen("sent", 9), [], set(), None, trusted=False)
    assert unknown is not None
    assert unknown.occurred_at == day(9)
    ahead = undated(seen("sent", 9), [], set(), day(12), trusted=True)
    assert ahead is not None
    assert ahead.occurred_at == day(9)


def test_the_status_that_holds_already_adds_nothing() -> None:
    assert undated(seen("sent", 9), [event("sent", 1)], set(), None, trusted=True) is None


def test_an_older_look_adds_nothing() -> None:
    assert undated(seen("sent", 1), [event("opened", 2)], set(), None, trusted=True) is None


@pytest.mark.parametrize(("newest", "known", "counts"), [
    (event("fulfillment_issue", 2), True, True),  # Sendoso knows of it, and says otherwise now
    (event("fulfillment_issue", 2, "webhook"), False, True),  # long ago
    (event("fulfillment_issue", 4.999, "webhook"), False, False),  # the page may be older than the webhook
    (event("fulfillment_issue", 4.999, OBSERVED), False, True),
])
def test_sendosos_own_word_of_now_counts_unless_the_page_may_be_stale(
    newest: Event, known: bool, counts: bool,
) -> None:
    own = {newest.key} if known else set()
    found = undated(seen("order_received", 5), [event("order_received", 1), newest], own, None, trusted=True)
    if counts:
        assert found is not None
        assert (found.occurred_at, found.source) == (day(5), OBSERVED)
    else:
        assert found is None


@pytest.mark.parametrize(("stored", "status", "counts"), [
    ([event("order_received", 1)], "shipped", True),
    ([event("shipped", 1)], "order_received", False),
    ([event("shipped", 1), event("delivered", 2)], "shipped", False),
    ([event("shipped", 1), event("order_received", 2)], "shipped", False),  # that it was shipped once is known
    ([event("shipped", 1, UNDATED)], "order_received", True),  # a file against a file: the later one
    ([event("delivered", 1, UNDATED)], "shipped", False),  # but what is over does not begin again
    ([event("delivered", 1, UNDATED)], "refunded", True),
])
def test_a_file_of_unknown_age_only_moves_forward(stored: list[Event], status: str, counts: bool) -> None:
    found = undated(seen(status, 5), stored, set(), None, trusted=False)
    assert (found is not None) == counts
    if found is not None:
        assert (found.occurred_at, found.source) == (day(5), UNDATED)
