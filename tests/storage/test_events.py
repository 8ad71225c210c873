from __future__ import annotations

from datetime import datetime
from typing import Any

from storage import alerts, events
from storage.engine import Database


def a_row(now: datetime, key: str, **values: Any) -> dict[str, Any]:  # noqa: ANN401 - columns of every type
    return {"action": "acknowledge", "actor": "U1", "occurred_at": now, "dedupe_key": key} | values


def an_alert(database: Database, now: datetime, key: str = "a") -> int:
    with database.write() as session:
        row = {"key": key, "rule": "overdue", "level": "late", "due_at": now, "opened_at": now}
        return alerts.add(session, [row])[key]


def test_each_key_is_recorded_once(database: Database, now: datetime) -> None:
    with database.write() as session:
        assert events.record(session, [a_row(now, "one", detail={"x": 1}), a_row(now, "two")]) == 2
        assert events.record(session, [a_row(now, "two"), a_row(now, "three")]) == 1
        assert events.record(session, []) == 0
    with database.read() as session:
        assert events.is_recorded(session, "one")
        assert not events.is_recorded(session, "four")


def test_a_timeline_tells_the_latest_the_oldest_first(database: Database, now: datetime) -> None:
    alert_id = an_alert(database, now)
    with database.write() as session:
        events.record(session, [a_row(now, f"k{place}", alert_id=alert_id) for place in range(4)])
    other = an_alert(database, now, "b")
    with database.write() as session:
        events.record(session, [a_row(now, "other", alert_id=other)])
    with database.read() as session:
        assert [one.dedupe_key for one in events.timeline(session, alert_id)] == ["k0", "k1", "k2", "k3"]
        assert [one.dedupe_key for one in events.timeline(session, alert_id, limit=2)] == ["k2", "k3"]


def test_histories_of_several_alerts_the_latest_first(database: Database, now: datetime) -> None:
    first, second = an_alert(database, now), an_alert(database, now, "b")
    with database.write() as session:
        events.record(session, [a_row(now, f"k{place}", alert_id=first) for place in range(2)])
    with database.read() as session:
        found = events.of_alerts(session, [first, second])
        assert {alert: [one.dedupe_key for one in some] for alert, some in found.items()} == {
            first: ["k1", "k0"], second: [],
        }
