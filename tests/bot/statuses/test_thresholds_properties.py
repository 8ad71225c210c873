"""What holds of every send and of every list of thresholds."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.statuses.catalogue import Status, is_final
from bot.statuses.limits import statuses_between
from bot.statuses.thresholds import (
    LEVELS,
    RULES,
    Finding,
    Told,
    Watched,
    are_alike,
    can_be_due,
    due,
    findings,
    next_due,
)
from bot.statuses.watch import Threshold, Watch, us_watch
from bot.statuses.working_time import make_calendar

US = us_watch()
NOTHING: Told = frozenset()

MOMENTS = st.datetimes(
    datetime(2024, 1, 1), datetime(2028, 12, 31), timezones=st.just(UTC),  # noqa: DTZ001 - bounds
)
STATUSES = st.sampled_from([str(status) for status in Status])
TYPES = ["", "Amazon", "Inventoried Sends", "Sendoso Direct", "eGifts USA"]
CAMPAIGNS, TEAMS = ["", "Autumn", "Spring"], ["", "West"]
SENDS = st.builds(
    Watched,
    status=STATUSES,
    status_since=MOMENTS,
    kind=st.sampled_from(["egift", "physical", "choice", "unknown"]),
    type=st.sampled_from(TYPES),
    subtype=st.sampled_from(["", "Amazon", "Bundles"]),
    campaign=st.sampled_from(CAMPAIGNS),
    team=st.sampled_from(TEAMS),
    warehouse_since=st.none() | MOMENTS,
    created_at=st.none() | MOMENTS,
    expires_at=st.none() | MOMENTS,
)
AMOUNTS = st.none() | st.integers(0, 40) | st.sampled_from([3, 7, 8])


@st.composite
def cases(draw: st.DrawFn) -> tuple[Watched, Watch]:
    """A send, and thresholds many of which fit it."""
    send = draw(SENDS)
    threshold = st.builds(
        Threshold,
        status=st.just(send.status) | STATUSES,
        level=st.sampled_from(["late", "support"]),
        amount=AMOUNTS,
        in_business_days=st.booleans(),
        type=st.none() | st.sampled_from([*TYPES, "  amazon ", "bundles"]),
        campaign=st.none() | st.sampled_from([*CAMPAIGNS, "AUTUMN"]),
        team=st.none() | st.sampled_from([*TEAMS, " west"]),
    )
    return send, Watch(calendar=US.calendar, thresholds=tuple(draw(st.lists(threshold, max_size=6))))


CASES = cases()


def told(*found: Finding) -> Told:
    return frozenset((one.rule, one.level) for one in found)


@settings(deadline=None)
@given(CASES)
def test_findings_come_in_order_and_within_the_stay(case: tuple[Watched, Watch]) -> None:
    send, watch = case
    found = findings(send, watch)
    assert [one.due_at for one in found] == sorted(one.due_at for one in found)
    assert all(one.due_at >= send.status_since for one in found)
    assert len({(one.rule, one.level) for one in found}) == len(found)
    for rule in RULES:
        levels = [LEVELS[one.level] for one in found if one.rule == rule]
        assert levels == sorted(levels)


@settings(deadline=None)
@given(CASES)
def test_every_finding_says_why_and_by_which_threshold(case: tuple[Watched, Watch]) -> None:
    send, watch = case
    for one in findings(send, watch):
        assert one.rule in RULES
        assert one.why.endswith(".")
        assert one.why[0].isupper()
        assert ". " not in one.why
        assert not set("*_`<>|") & set(one.why)
        assert {"amount", "unit", "source", "words"} <= one.threshold.keys()
        assert one.threshold["source"]


@settings(deadline=None)
@given(CASES)
def test_final_statuses_have_nothing_more_to_say_later_unless_a_threshold_names_them(
    case: tuple[Watched, Watch],
) -> None:
    send, watch = case
    if is_final(send.status, send.kind):
        named = {one.level for one in watch.thresholds if one.status == send.status and one.amount is not None}
        later = [one for one in findings(send, watch) if one.rule not in {"needs_action", "expired"}]
        assert {one.level for one in later} <= named
        assert all(one.due_at == send.status_since for one in findings(send, watch) if one not in later)


@settings(deadline=None)
@given(CASES)
def test_what_can_never_be_due_is_not_due_whatever_its_dates_are(case: tuple[Watched, Watch]) -> None:
    send, watch = case
    assert can_be_due(send, watch) or not findings(send, watch)


@settings(deadline=None)
@given(CASES)
def test_what_is_over_is_never_called_overdue(case: tuple[Watched, Watch]) -> None:
    send, watch = case
    if send.status in {Status.EXPIRED, Status.CONFIRMATION_CANCELED}:
        shown = told(*due(send, watch, send.status_since, NOTHING))
        assert {rule for rule, _ in shown} == {"expired"}
        assert next_due(send, watch, shown) is None


def fits(one: Threshold, send: Watched) -> bool:
    """As it is written down: case and white space aside, a blank fits all."""
    offered = ((one.campaign, {send.campaign}), (one.team, {send.team}), (one.type, {send.type, send.subtype}))
    return all(
        not (asked or "").strip() or " ".join(asked.casefold().split()) in {name.casefold() for name in names}
        for asked, names in offered if asked is not None
    )


@settings(deadline=None)
@given(CASES, st.sampled_from(["late", "support"]))
def test_the_threshold_that_asks_for_most_counts_and_of_equals_the_last(
    case: tuple[Watched, Watch], level: str,
) -> None:
    send, watch = case
    best: tuple[int, Threshold | None] = (-1, None)
    for one in watch.thresholds:
        asked = sum(bool((name or "").strip()) for name in (one.campaign, one.team, one.type))
        if (one.status, one.level) == (send.status, level) and fits(one, send) and asked >= best[0]:
            best = (asked, one)
    assert watch.own(send, level) is best[1]


@settings(deadline=None)
@given(CASES)
def test_thresholds_of_other_statuses_change_nothing(case: tuple[Watched, Watch]) -> None:
    send, watch = case
    ruling = {send.status} | ({Status.ORDER_RECEIVED} if send.status == Status.FULFILLING else set())
    only = Watch(
        calendar=watch.calendar, thresholds=tuple(one for one in watch.thresholds if one.status in ruling),
    )
    assert findings(send, only) == findings(send, watch)
    assert [one for one in findings(send, watch) if one.rule != "overdue"] == [
        one for one in findings(send, US) if one.rule != "overdue"
    ]


@settings(deadline=None)
@given(CASES, st.timedeltas(timedelta(0), timedelta(days=200)))
def test_a_scan_finds_something_exactly_when_it_was_announced(case: tuple[Watched, Watch], after: timedelta) -> None:
    send, watch = case
    now = send.status_since + after
    announced = next_due(send, watch, NOTHING)
    assert bool(due(send, watch, now, NOTHING)) == (announced is not None and announced[0] <= now)


@settings(deadline=None)
@given(CASES, st.lists(st.timedeltas(timedelta(0), timedelta(days=40)), max_size=6))
def test_once_told_nothing_is_repeated_and_the_next_lies_ahead(
    case: tuple[Watched, Watch], steps: list[timedelta],
) -> None:
    send, watch = case
    now, shown = send.status_since, NOTHING
    announced = datetime.min.replace(tzinfo=UTC)
    for step in steps:
        now += step
        found = due(send, watch, now, shown)
        assert all((one.rule, one.level) not in shown for one in found)
        assert len({one.rule for one in found}) == len(found)
        shown |= told(*found)
        assert due(send, watch, now, shown) == ()
        ahead = next_due(send, watch, shown)
        if ahead is None:
            break
        assert ahead[0] > now
        assert ahead[0] >= announced
        announced = ahead[0]


@settings(deadline=None)
@given(CASES)
def test_after_all_has_been_told_nothing_is_left(case: tuple[Watched, Watch]) -> None:
    send, watch = case
    found = findings(send, watch)
    assert next_due(send, watch, told(*found)) is None
    shown = NOTHING
    for one in found:
        before = next_due(send, watch, shown)
        shown |= told(one)
        after = next_due(send, watch, shown)
        assert before is None or after is None or before[0] <= after[0]


@settings(deadline=None)
@given(CASES, MOMENTS)
def test_more_told_never_means_more_due(case: tuple[Watched, Watch], now: datetime) -> None:
    send, watch = case
    fresh = {(one.rule, one.level) for one in due(send, watch, now, NOTHING)}
    for one in findings(send, watch):
        again = {(other.rule, other.level) for other in due(send, watch, now, told(one))}
        assert (one.rule, one.level) not in again
        assert again <= fresh | {(other.rule, other.level) for other in findings(send, watch) if other.due_at <= now}


WORKING = make_calendar(country=None, working_weekdays=range(7))


@settings(deadline=None)
@given(CASES, CASES, st.booleans())
def test_two_watches_are_alike_for_a_send_where_they_find_the_same(
    case: tuple[Watched, Watch], other: tuple[Watched, Watch], another_calendar: bool,
) -> None:
    send, old = case
    new = Watch(calendar=WORKING if another_calendar else US.calendar, thresholds=other[1].thresholds)
    found = [[one for one in findings(send, watch) if one.rule == "overdue"] for watch in (old, new)]
    if are_alike(send, old, new):
        assert found[0] == found[1]
    if send.status not in statuses_between(old, new):
        assert are_alike(send, old, new)
    assert are_alike(send, old, replace(old))
    assert statuses_between(old, replace(old)) == set()
