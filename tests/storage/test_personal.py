"""What concerns one person, and nothing that concerns others."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import event, false

from storage import personal, watches
from storage.engine import Database
from storage.models import Alert, Send, Watch
from tests.storage.test_alerts import an_alert

DAY = timedelta(days=1)


def a_send(database: Database, now: datetime, gid: str, **values: Any) -> int:  # noqa: ANN401 - one value per column
    known = {
        "status": "shipped", "status_raw": "Shipped", "status_since": now, "first_seen_at": now, "updated_at": now,
        "sender_email": "ann@example.com", "team": "Sales", "created_at": now - DAY,
    }
    with database.write() as session:
        send = Send(send_gid=gid, **{**known, **values})
        session.add(send)
        session.flush()
        return send.id


def test_somebodys_teams_are_those_of_their_newest_sends(database: Database, now: datetime) -> None:
    for number, (team, email, days) in enumerate([
        ("Sales", "ann@example.com", 1), ("EMEA", "ann@example.com", 20), ("", "ann@example.com", 1),
        ("Old", "ann@example.com", 40), ("Legal", "ben@example.com", 1), ("Sales", "ann@example.com", 2),
    ]):
        a_send(database, now, f"g{number}", team=team, sender_email=email, created_at=now - days * DAY)
    with database.read() as session:
        assert personal.teams(session, "ann@example.com", now - 30 * DAY) == ["EMEA", "Sales"]
        assert personal.teams(session, "nobody@example.com", now - 30 * DAY) == []


def test_open_alerts_about_own_sends_and_the_teams_and_no_other(database: Database, now: datetime) -> None:
    own = a_send(database, now, "own", status_since=now - DAY)
    team = a_send(database, now, "team", sender_email="ben@example.com", status_since=now - 9 * DAY)
    elsewhere = a_send(database, now, "own elsewhere", team="EMEA", status_since=now - 2 * DAY)
    other = a_send(database, now, "other", sender_email="dee@example.com", team="Legal")
    done = a_send(database, now, "done")
    an_alert(database, now, "own late", send_id=own)
    raised = an_alert(database, now, "own support", send_id=own, level="support")
    of_team = an_alert(database, now, "team", send_id=team, state="acknowledged")
    away = an_alert(database, now, "elsewhere", send_id=elsewhere)
    an_alert(database, now, "other", send_id=other)
    an_alert(database, now, "done", send_id=done, state="resolved")
    an_alert(database, now, "of nobody")
    with database.read() as session:
        assert personal.concerns(session, "ann@example.com", ["Sales"], false()) == ([away, raised], [of_team])
        assert personal.concerns(session, "ann@example.com", [], false()) == ([away, raised], [])
        assert personal.concerns(session, "ann@example.com", ["Sales"], Send.id == own) == ([away], [of_team])
        assert personal.open_in_all(session, Send.id == own) == (4, 2)


def test_what_was_taken_on_and_which_of_it_is_hidden(database: Database, now: datetime) -> None:
    send = a_send(database, now, "a")
    late = an_alert(database, now, "late", send_id=send, assignee="U01ANN")
    stale = an_alert(database, now, "stale", rule="stale_data", assignee="U01ANN", opened_at=now - DAY)
    an_alert(database, now, "ben", assignee="U02BEN", rule="x")
    an_alert(database, now, "over", assignee="U01ANN", state="resolved", rule="y")
    with database.read() as session:
        assert personal.assigned(session, "U01ANN", Alert.rule == "overdue") == [(stale, False), (late, True)]
        rows = personal.alerts(session, [stale, late, 99])
        assert [(alert.id, sent.id if sent else None) for alert, sent in rows] == [(stale, None), (late, send)]


def test_weeks_count_what_was_sent_in_them(database: Database, now: datetime) -> None:
    week = 7 * DAY
    for number, (created, status) in enumerate([
        (now - week, "delivered"), (now - week, "shipped"), (now - timedelta(milliseconds=1), "redeemed"),
        (now, "delivered"), (now + DAY, "opened"), (now - 9 * week, "delivered"), (None, "delivered"),
    ]):
        a_send(database, now, f"g{number}", created_at=created, status=status)
    a_send(database, now, "ben", sender_email="ben@example.com", created_at=now)
    starts = [now - 2 * week, now - week, now]
    with database.read() as session:
        found = personal.weeks(session, "ann@example.com", starts, ["delivered", "redeemed"])
    assert [(one.start, one.sent, one.arrived) for one in found] == [
        (now - 2 * week, 0, 0), (now - week, 3, 2), (now, 2, 1),
    ]


def test_weeks_are_counted_in_the_index_without_sorting_anything(sqlite: Database, now: datetime) -> None:
    asked: list[tuple[str, Any]] = []
    event.listen(sqlite.engine, "before_cursor_execute", lambda *told: asked.append((told[2], told[3])))
    with sqlite.read() as session:
        personal.weeks(session, "ann@example.com", [now - 7 * DAY, now], ["delivered"])
        (statement, values), = [one for one in asked if one[0].startswith("SELECT")]
        connection = session.connection()
        plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)]
    looked = [step for step in plan if "sends" in step]
    assert [step.split(" (")[0] for step in looked] == ["SEARCH sends USING COVERING INDEX ix_sends_sender_email"] * 2
    assert not any("TEMP B-TREE" in step for step in plan)


def test_what_somebody_watches(database: Database, now: datetime) -> None:
    ids = [a_send(database, now, f"g{number}") for number in range(4)]
    with database.write() as session:
        for place, send_id in enumerate(ids):
            session.add(Watch(
                user_id="U02BEN" if place == 3 else "U01ANN", send_id=send_id, created_at=now + place * DAY,
                ended_at=now if place == 0 else None,
            ))
    with database.read() as session:
        sends = [send for _, send in watches.page(session, "U01ANN", 0, 1)]
        assert (watches.count(session, "U01ANN"), [one.id for one in sends]) == (2, [ids[2]])
        assert [send.id for _, send in watches.page(session, "U01ANN", 1, 5)] == [ids[1]]
        assert (watches.count(session, "U03DEE"), watches.page(session, "U03DEE", 0, 5)) == (0, [])
