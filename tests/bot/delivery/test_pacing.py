from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bot.delivery.pacing import Terms, ready_at, turns
from storage.models import ChannelPace
from storage.outgoing import ADDRESSES, UPDATES, WORKSPACE, Waiting

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
TERMS = Terms()
MINUTE = timedelta(minutes=1)


def waiting(channel: str = "C1", *, update: bool = False, at: float = 0, priority: int = 0) -> Waiting:
    return Waiting(
        channel=channel, is_update=update, next_at=NOW + timedelta(seconds=at),
        priority=priority if at <= 0 else -1, count=1,
    )


def paces(**seconds: float) -> dict[str, ChannelPace]:
    names = {"everything": WORKSPACE, "updates": UPDATES, "addresses": ADDRESSES}
    return {
        names.get(name, name): ChannelPace(channel=names.get(name, name), not_before=NOW + timedelta(seconds=at))
        for name, at in seconds.items()
    }


@given(st.lists(st.integers(0, 5_000), max_size=300))
def test_no_minute_sees_more_than_fifty_redraws(gaps: list[int]) -> None:
    now, counter, done = NOW, NOW - timedelta(days=1), []
    for gap in gaps:
        now += timedelta(milliseconds=gap)
        if TERMS.update_allowed(counter, now):
            counter = TERMS.update_counted(counter, now)
            done.append(now)
    for begin in done:
        assert sum(begin <= moment < begin + MINUTE for moment in done) <= 50


def test_redraws_are_not_held_for_longer_than_needed() -> None:
    now, counter, count = NOW, NOW, 0
    while now < NOW + 10 * MINUTE:
        now = max(now, TERMS.update_at(counter))
        assert TERMS.update_allowed(counter, now)
        counter = TERMS.update_counted(counter, now)
        count += 1
    assert count >= 10 * 40


def test_a_hold_of_redraws_lets_none_through_before_its_end() -> None:
    counter = TERMS.updates_held(NOW + MINUTE)
    assert TERMS.update_at(counter) == NOW + MINUTE


@given(st.integers(0, 10**6))
def test_retries_double_between_a_minute_and_an_hour(seconds: int) -> None:
    wait = TERMS.retry_after(NOW, NOW + timedelta(seconds=seconds))
    assert MINUTE <= wait <= timedelta(hours=1)
    assert wait in {MINUTE, timedelta(hours=1), timedelta(seconds=seconds)}


def test_waits_of_a_failing_message_never_shrink() -> None:
    waits = [TERMS.retry_after_failures(failures) for failures in range(100)]
    assert waits[0] == MINUTE
    assert waits[-1] == timedelta(hours=1)
    assert all(earlier <= later for earlier, later in pairwise(waits))


def test_a_message_is_ready_when_nothing_holds_it() -> None:
    assert ready_at(waiting(at=5), {}, TERMS) == NOW + timedelta(seconds=5)
    assert ready_at(waiting(at=5), paces(C1=7), TERMS) == NOW + timedelta(seconds=7)
    assert ready_at(waiting(at=5), paces(C2=7), TERMS) == NOW + timedelta(seconds=5)
    assert ready_at(waiting(at=5), paces(C1=7, everything=9), TERMS) == NOW + timedelta(seconds=9)
    assert ready_at(waiting(), paces(updates=100), TERMS) == NOW
    assert ready_at(waiting(update=True), paces(updates=100), TERMS) == NOW + timedelta(seconds=100 - 9 * 1.5)


def test_turns_go_to_presses_then_to_who_waited_longest() -> None:
    groups = [
        waiting("C1", at=-1), waiting("C2", at=-9), waiting("C3", update=True, priority=10),
        waiting("C4", at=3), waiting("C5", at=-60), waiting("C2", update=True, at=-1),
    ]
    assert list(turns(groups, paces(C5=1), TERMS, NOW).items()) == [("C3", 10), ("C2", 0), ("C1", 0)]
    assert turns(groups, paces(everything=1), TERMS, NOW) == {}


def test_all_addresses_share_one_turn_and_one_pace() -> None:
    groups = [waiting("mail:a@x.example", at=-1), waiting("C1", at=-5), waiting("mail:b@x.example", at=-9, priority=10)]
    assert list(turns(groups, {}, TERMS, NOW).items()) == [(ADDRESSES, 10), ("C1", 0)]
    assert turns(groups, paces(addresses=1), TERMS, NOW) == {"C1": 0}
    assert ready_at(groups[0], paces(addresses=7), TERMS) == NOW + timedelta(seconds=7)


def test_a_connection_is_tried_again_at_growing_distances() -> None:
    waits = [TERMS.reconnect_after(NOW, NOW + timedelta(seconds=s)) / timedelta(seconds=1) for s in (0, 2, 9, 60, 900)]
    assert waits == [2, 2, 9, 60, 60]


def test_what_nobody_sees_is_tried_again_at_growing_distances() -> None:
    waits = [TERMS.retry_after_unclear(failures) / timedelta(seconds=1) for failures in (0, 1, 2, 9, 99)]
    assert waits == [5, 10, 20, 2560, 3600]
