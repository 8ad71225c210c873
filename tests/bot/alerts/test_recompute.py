from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event

from bot.alerts import recompute
from bot.alerts.recompute import Preview
from bot.statuses import limits
from bot.statuses.watch import Threshold, Watch
from bot.statuses.working_time import make_calendar
from storage import due
from storage.engine import Database
from storage.models import Send, SyncCursor
from tests.bot.alerts.making import (
    CALENDAR,
    DAY,
    RULES,
    add,
    alert,
    alerts,
    events,
    no_backlog,
    press_on,
    scan,
    the_send,
)


def limit(status: str, level: str, amount: int | None, **more: Any) -> Threshold:  # noqa: ANN401 - fields of Threshold
    return Threshold(status=status, level=level, amount=amount, **more)


def watching(*thresholds: Threshold) -> Watch:
    return replace(CALENDAR, thresholds=thresholds)


def start(database: Database, now: datetime) -> None:
    with database.write() as session:
        recompute.start(session, now)


def under_way(database: Database) -> bool:
    with database.read() as session:
        return recompute.under_way(session)


def walk(database: Database, now: datetime, watch: Watch, batch: int = 500) -> list[int]:
    """How many sends each step looked at, until nothing was left."""
    looked = []
    while some := recompute.step(database, now, lambda _: watch, batch):
        looked.append(some)
    return looked


def change(database: Database, now: datetime, *thresholds: Threshold) -> Watch:
    """Put these limits into force, to the end."""
    start(database, now)
    watch = watching(*thresholds)
    walk(database, now, watch)
    return watch


def dues(database: Database) -> dict[str, tuple[datetime | None, str | None]]:
    with database.read() as session:
        return {send.send_gid: (send.due_at, send.due_rule) for send in session.query(Send)}


def foreseen(database: Database, now: datetime, *thresholds: Threshold, old: Watch = CALENDAR) -> Preview:
    with database.read() as session:
        return recompute.preview(session, now, old, watching(*thresholds))


def test_due_times_follow_the_limits(database: Database, now: datetime) -> None:
    with database.write() as session:
        add(session, now, "later", status="shipped", since=now - 2 * DAY)
        add(session, now, "at once", status="shipped", since=now - 5 * DAY)
        add(session, now, "another campaign", status="shipped", since=now - 5 * DAY, campaign="Spring")
        add(session, now, "new", status="delivered", since=now - DAY)
    before = dues(database)
    change(
        database, now, limit("shipped", "late", 3), limit("delivered", "late", 5),
        limit("shipped", "late", 20, campaign=" SPRING "),
    )
    assert before["later"] == (now + 8 * DAY, "overdue")
    assert dues(database) == {
        "later": (now + DAY, "overdue"), "at once": (now, "overdue"),
        "another campaign": (now + 15 * DAY, "overdue"), "new": (now + 4 * DAY, "overdue"),
    }


def test_a_limit_that_is_switched_off_leaves_nothing_due(database: Database, now: datetime) -> None:
    with database.write() as session:
        add(session, now, "a", status="shipped", since=now - 2 * DAY)
        add(session, now, "due", status="shipped", since=now - 20 * DAY)
    change(database, now, limit("shipped", "late", None))
    assert dues(database) == {"a": (None, None), "due": (None, None)}


def test_only_what_differs_is_written(database: Database, now: datetime) -> None:
    with database.write() as session:
        for place in range(6):
            add(session, now, f"s{place}", status="shipped", since=now - place * DAY, team="West" if place < 2 else "")
        add(session, now, "due already", status="shipped", since=now - 12 * DAY)
        add(session, now, "silent", status="delivered")
    written: list[object] = []

    @event.listens_for(database.engine, "before_cursor_execute")
    def seen(_c: object, _u: object, statement: str, parameters: object, _x: object, many: bool) -> None:
        if statement.startswith("UPDATE sends"):
            written.extend(parameters if many and isinstance(parameters, list) else [parameters])

    change(database, now)
    assert written == []
    change(database, now, limit("shipped", "late", 9, team="west"))
    assert len(written) == 2


def test_an_alert_whose_limit_is_no_longer_passed_is_closed_by_the_scan(database: Database, now: datetime) -> None:
    no_backlog(database, now)
    with database.write() as session:
        add(session, now, "a", status="shipped", since=now - 11 * DAY)
    scan(database, now)
    watch = change(database, now, limit("shipped", "late", 14))
    assert dues(database)["a"] == (now, "overdue")
    scan(database, now, replace(RULES, watch=watch))
    with database.read() as session:
        found = alert(session, "a")
    assert (found.state, found.resolved_by) == ("resolved", "scan")
    assert dues(database)["a"] == (now + 3 * DAY, "overdue")
    scan(database, now + 3 * DAY, replace(RULES, watch=watch))
    with database.read() as session:
        found = alert(session, "a")
        opened = events(session, "reopened")
    assert (found.state, found.reason, found.threshold["amount"]) == ("firing", "reopened", 14)
    assert found.why.endswith("this limit is set for this installation.")
    assert len(opened) == 1


def test_a_stronger_alert_gives_way_to_the_milder(database: Database, now: datetime) -> None:
    no_backlog(database, now)
    with database.write() as session:
        add(session, now, "a")
    scan(database, now)
    watch = change(database, now, limit("order_received", "support", 20))
    scan(database, now, replace(RULES, watch=watch))
    with database.read() as session:
        found = {(one.level, one.state) for one in alerts(session, "a")}
    assert found == {("support", "resolved"), ("late", "firing")}


def test_what_a_person_settled_stays_settled(database: Database, now: datetime) -> None:
    no_backlog(database, now)
    with database.write() as session:
        add(session, now, "a", status="shipped", since=now - 11 * DAY)
    scan(database, now)
    with database.read() as session:
        found = alert(session, "a")
    press_on(database, now, "resolve", found.id)
    assert foreseen(database, now, limit("shipped", "late", 2), limit("shipped", "support", 3)) == Preview()
    change(database, now, limit("shipped", "late", 2), limit("shipped", "support", 3))
    assert dues(database)["a"] == (None, None)


def test_a_send_of_which_no_status_is_known_is_not_watched(database: Database, now: datetime) -> None:
    with database.write() as session:
        send = add(session, now, "a", status="unknown", status_raw="")
        send.due_at = send.due_rule = None
    change(database, now, limit("unknown", "late", 1))
    assert dues(database) == {"a": (None, None)}
    assert foreseen(database, now, limit("unknown", "late", 1)) == Preview()


def test_an_unknown_status_that_has_been_told_is_not_looked_at_again(database: Database, now: datetime) -> None:
    no_backlog(database, now)
    with database.write() as session:
        for gid in "ab":
            add(session, now, gid, status="unknown", status_raw="Lost in Space")
    scan(database, now)
    before = dues(database)
    assert before["a"] == before["b"] == (None, None)
    change(database, now, limit("shipped", "late", 2))
    assert dues(database) == before
    late = limit("unknown", "late", 2)
    assert foreseen(database, now, late) == Preview(becoming_due=2, by_status={"unknown": 2})
    change(database, now, late)
    assert dues(database) == {**before, "a": (now, "overdue"), "b": (now, "overdue")}


def test_it_goes_on_where_it_was_stopped(database: Database, now: datetime) -> None:
    with database.write() as session:
        for place in range(5):
            add(session, now, f"s{place}", status="shipped", since=now - DAY)
    start(database, now)
    watch = watching(limit("shipped", "late", 3))
    assert recompute.step(database, now, lambda _: watch, 2) == 2

    def broken(_session: object) -> Watch:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        recompute.step(database, now, broken, 2)
    assert [at for at, _ in dues(database).values()].count(now + 2 * DAY) == 2
    assert under_way(database)
    assert walk(database, now, watch, 2) == [2, 1]
    assert {at for at, _ in dues(database).values()} == {now + 2 * DAY}
    assert not under_way(database)
    assert walk(database, now, watch) == []


def test_its_end_may_fall_on_the_end_of_a_batch(database: Database, now: datetime) -> None:
    with database.write() as session:
        for place in range(4):
            add(session, now, f"s{place}")
    start(database, now)
    assert walk(database, now, CALENDAR, 2) == [2, 2]
    assert not under_way(database)


def test_a_second_change_begins_again(database: Database, now: datetime) -> None:
    with database.write() as session:
        for place in range(4):
            add(session, now, f"s{place}", status="shipped", since=now - DAY)
    start(database, now)
    first, second = watching(limit("shipped", "late", 3)), watching(limit("shipped", "late", 4))
    recompute.step(database, now, lambda _: first, 3)
    start(database, now)
    assert walk(database, now, second, 3) == [3, 1]
    assert {at for at, _ in dues(database).values()} == {now + 3 * DAY}


def test_one_process_is_at_it_and_another_takes_over_when_it_dies(database: Database, now: datetime) -> None:
    with database.write() as session:
        for place in range(4):
            add(session, now, f"s{place}", status="shipped", since=now - DAY)
    start(database, now)
    watch = watching(limit("shipped", "late", 3))

    def step(holder: str, at: datetime) -> int:
        return recompute.step(database, at, lambda _: watch, 3, holder=holder)

    assert step("one", now) == 3
    assert step("other", now) == 0
    assert under_way(database)
    later = now + recompute.LEASE + timedelta(seconds=1)
    assert step("other", later) == 1
    assert step("one", later) == 0
    assert not under_way(database)
    # And the lease is free for the next change.
    start(database, later)
    assert step("one", later) == 3


def test_nothing_is_under_way_until_something_changes(database: Database, now: datetime) -> None:
    assert not under_way(database)
    assert walk(database, now, CALENDAR) == []
    start(database, now)
    assert under_way(database)
    assert walk(database, now, CALENDAR) == []
    assert not under_way(database)
    with database.read() as session:
        assert session.get_one(SyncCursor, "thresholds").last_ok_at == now


def begun(database: Database, now: datetime, watch: Watch) -> bool:
    with database.write() as session:
        return recompute.look_at_edition(session, watch, now)


def test_another_zone_without_a_change_of_the_configuration_begins_it(
    database: Database, now: datetime, monkeypatch: pytest.MonkeyPatch,
) -> None:
    with database.write() as session:
        add(session, now, "one")
    # A database that is new has no due times of another edition.
    assert [begun(database, now, CALENDAR) for _ in range(2)] == [False, False]
    assert under_way(database) is False
    tokyo = Watch(calendar=make_calendar(zone=ZoneInfo("Asia/Tokyo")))
    assert (begun(database, now, tokyo), under_way(database)) == (True, True)
    assert walk(database, now, tokyo) == [1]
    assert begun(database, now, tokyo) is False
    # Nor does anybody change it when the catalogue does.
    monkeypatch.setitem(limits.LATE_IN, "shipped", limits.Limit(amount=11))
    assert begun(database, now, tokyo) is True
    with database.read() as session:
        assert due.first_walk_since(session) is None


def test_a_row_that_changed_meanwhile_is_judged_as_it_is(postgresql: Database, now: datetime) -> None:
    """Between the look at a page and the lock on its rows another process may have moved a send."""
    with postgresql.write() as session:
        add(session, now, "a", status="shipped", since=now - 5 * DAY)
    start(postgresql, now)

    def meanwhile(_session: object) -> Watch:
        with postgresql.write() as other:
            send = the_send(other, "a")
            send.status, send.status_since, send.due_at = "delivered", now, None
        return watching(limit("shipped", "late", 3))

    # The page was read before this look at the limits, the row after it.
    recompute.step(postgresql, now, meanwhile)
    assert dues(postgresql)["a"][0] is None


# --- what a change would do --------------------------------------------------------------------------


def test_a_preview_counts_what_would_become_due_at_once(database: Database, now: datetime) -> None:
    with database.write() as session:
        for place in range(3):
            add(session, now, f"shipped {place}", status="shipped", since=now - (place + 2) * DAY)
        add(session, now, "delivered", status="delivered", since=now - 20 * DAY)
        add(session, now, "due already", status="shipped", since=now - 12 * DAY)
        add(session, now, "west", status="sent", since=now - 9 * DAY, team="West")
        add(session, now, "east", status="sent", since=now - 9 * DAY, team="East")
    found = foreseen(database, now, limit("shipped", "late", 3), limit("sent", "late", 5, team="West"))
    assert found == Preview(becoming_due=3, by_status={"shipped": 2, "sent": 1})
    assert {send.status for send in found.examples} == {"shipped", "sent"}
    assert list(found.by_status) == ["shipped", "sent"]
    assert foreseen(database, now) == Preview()


def test_a_preview_counts_what_would_no_longer_be_so(database: Database, now: datetime) -> None:
    no_backlog(database, now)
    with database.write() as session:
        for gid in ("told", "kept"):
            add(session, now, gid, status="shipped", since=now - 11 * DAY, team=gid)
    scan(database, now)
    with database.write() as session:
        add(session, now, "not yet told", status="shipped", since=now - 11 * DAY, team="told")
    assert foreseen(database, now, limit("shipped", "late", 12, team="Told")) == Preview(no_longer_due=2)


def test_a_preview_takes_into_account_what_has_been_told(database: Database, now: datetime) -> None:
    no_backlog(database, now)
    with database.write() as session:
        add(session, now, "told", status="shipped", since=now - 11 * DAY)
    scan(database, now)
    assert foreseen(database, now, limit("shipped", "late", 2)) == Preview()
    raised = foreseen(database, now, limit("shipped", "support", 11))
    assert raised == Preview(becoming_due=1, by_status={"shipped": 1})


def test_a_preview_sees_another_calendar(database: Database, now: datetime) -> None:
    """Thanksgiving counts in a calendar without a country: late a day earlier."""
    since = now - 4 * DAY
    with database.write() as session:
        add(session, now, "a", status="fulfilling", since=since, warehouse_since=since)
        add(session, now, "b", status="shipped", since=since)
    weekends_too = Watch(calendar=make_calendar(country=None, working_weekdays=range(7)))
    with database.read() as session:
        found = recompute.preview(session, now, CALENDAR, weekends_too)
    assert found == Preview(becoming_due=1, by_status={"fulfilling": 1})


def test_a_preview_goes_through_more_than_one_page(
    database: Database, now: datetime, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(recompute, "PAGE", 2)
    with database.write() as session:
        for place in range(5):
            add(session, now, f"s{place}", status="shipped", since=now - 5 * DAY)
            add(session, now, f"d{place}", status="delivered")
    assert foreseen(database, now, limit("shipped", "late", 3)).becoming_due == 5
