from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot import shared_look
from bot.metrics import Metrics
from storage import job_runs, messages, outgoing
from storage.engine import Database
from storage.models import Alert, Send, WebhookDelivery
from storage.outgoing import WORKSPACE

MINUTE = timedelta(minutes=1)


def numbers(metrics: Metrics) -> dict[tuple[str, ...], float]:
    return {
        (sample.name.removeprefix("sendwatch_"), *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(metrics.text().decode())
        for sample in family.samples if sample.name.startswith("sendwatch_") and not sample.name.endswith("_created")
    }


def test_calls_runs_and_requests_are_counted(sqlite: Database, now: datetime) -> None:
    metrics = Metrics(sqlite, lambda: now)
    metrics.slack_call("chat.postMessage", "ok")
    metrics.slack_call("chat.postMessage", "ok")
    metrics.job("scan", "failed")
    metrics.http("/healthz", "200")
    found = numbers(metrics)
    assert found["slack_calls_total", "chat.postMessage", "ok"] == 2
    assert found["job_runs_total", "scan", "failed"] == 1
    assert found["http_requests_total", "/healthz", "200"] == 1


def test_what_the_bot_did_is_counted_by_its_outcome(sqlite: Database, now: datetime) -> None:
    metrics = Metrics(sqlite, lambda: now)
    metrics.delivered({"posted": 3, "held": 0})
    metrics.delivered({"posted": 1, "held": 2})
    metrics.read("api", new=2, rejected=1)
    metrics.press("resolve", "done")
    metrics.press("resolve", "forbidden")
    found = numbers(metrics)
    assert (found["deliveries_total", "posted"], found["deliveries_total", "held"]) == (4, 2)
    assert (found["sends_read_total", "api", "new"], found["sends_read_total", "api", "rejected"]) == (2, 1)
    assert (found["presses_total", "resolve", "done"], found["presses_total", "resolve", "forbidden"]) == (1, 1)


def test_labels_hold_no_person_and_cannot_grow_without_end(sqlite: Database, now: datetime) -> None:
    metrics = Metrics(sqlite, lambda: now)
    metrics.slack_call("chat.postMessage", "no such user jane@acme.example")
    for number in range(1000):
        metrics.slack_call("chat.postMessage", f"made_up_{number}")
    text = metrics.text().decode()
    assert "jane" not in text
    assert text.count("sendwatch_slack_calls_total{") <= 61
    assert numbers(metrics)["slack_calls_total", "chat.postMessage", "other"] > 900


def test_what_may_wait_is_not_overdue(database: Database, now: datetime) -> None:
    metrics = Metrics(database, lambda: now)
    with database.write() as session:
        messages.want(session, key="rests", kind="notice", channel="C1", now=now - 9 * MINUTE)
        outgoing.hold(session, "C1", now + MINUTE)
        parent = messages.want(session, key="parent", kind="notice", channel="C2", now=now - 9 * MINUTE)
        parent.next_at = now + MINUTE
        messages.want(session, key="reply", kind="notice", channel="C2", now=now - 9 * MINUTE, thread_of="parent")
    assert numbers(metrics)["messages_overdue_seconds",] == 0
    with database.write() as session:
        messages.want(session, key="forgotten", kind="notice", channel="C3", now=now - 3 * MINUTE)
    assert numbers(metrics)["messages_overdue_seconds",] == 180


def test_an_empty_database_is_all_zeros(database: Database, now: datetime) -> None:
    found = numbers(Metrics(database, lambda: now))
    assert found.pop(("database_up",)) == 1
    assert found.pop(("database_bytes",)) > 100_000
    assert (found.pop(("database_free_bytes",), None) is not None) == database.is_sqlite
    assert set(found.values()) == {0}


def test_gauges_tell_what_the_database_holds(database: Database, now: datetime) -> None:
    with database.write() as session:
        for number in range(3):
            messages.want(session, key=str(number), kind="notice", channel="C1", now=now - 2 * MINUTE)
        outgoing.broke(session, "C1", "is_archived", now)
        outgoing.broke(session, WORKSPACE, "token_revoked", now)
        session.add(Send(
            send_gid="1", status="sent", status_raw="Sent", status_since=now, due_at=now - MINUTE,
            first_seen_at=now, updated_at=now,
        ))
        session.add(Alert(key="a", rule="overdue", level="late", due_at=now, opened_at=now))
        session.add(WebhookDelivery(
            svix_id="m", received_at=now, send_gid="1", status_changed_at=now, pending_at=now,
        ))
        job_runs.ended(session, "scan", started_at=now, ended_at=now - MINUTE)
        job_runs.ended(session, "sync", started_at=now, ended_at=now, error="away")
    found = numbers(Metrics(database, lambda: now))
    assert found.pop(("database_bytes",)) > 100_000
    assert (found.pop(("database_free_bytes",), None) is not None) == database.is_sqlite
    assert found == {
        ("database_up",): 1, ("messages_waiting",): 3, ("messages_overdue_seconds",): 120,
        ("channels_broken",): 2, ("slack_refuses",): 1, ("sends_due",): 1, ("sends_due_seconds",): 60,
        ("webhooks_pending",): 1, ("alerts", "firing"): 1, ("job_ok_seconds", "scan"): 60,
    }


def test_without_a_database_the_counters_remain(now: datetime) -> None:
    database = Database("postgresql://nobody@127.0.0.1:1/none")
    metrics = Metrics(database, lambda: now)
    metrics.job("scan", "ok")
    found = numbers(metrics)
    database.close()
    assert found == {("database_up",): 0, ("job_runs_total", "scan", "ok"): 1}


def test_a_database_that_hangs_holds_one_thread_however_often_it_is_asked(
    sqlite: Database, now: datetime, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(shared_look, "ANSWERS_WITHIN", timedelta(milliseconds=20))
    free, asked, read = threading.Event(), list[int](), Database.read

    def hanging(database: Database) -> object:
        asked.append(1)
        free.wait(30)
        return read(database)

    monkeypatch.setattr(Database, "read", hanging)
    metrics = Metrics(sqlite, lambda: now)
    metrics.job("scan", "ok")
    for _ in range(20):
        assert numbers(metrics) == {("database_up",): 0, ("job_runs_total", "scan", "ok"): 1}
    assert len(asked) == 1
    free.set()
    monkeypatch.setattr(shared_look, "ANSWERS_WITHIN", timedelta(seconds=30))
    assert metrics.ask().future.result(30)
    assert numbers(metrics)["database_up",] == 1
    metrics.close()


def test_after_its_end_the_counters_remain(sqlite: Database, now: datetime) -> None:
    metrics = Metrics(sqlite, lambda: now)
    metrics.close()
    assert numbers(metrics) == {("database_up",): 0}
