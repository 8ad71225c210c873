from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.config.explain import Explained, explain
from bot.config.reading import read
from bot.config.rulebook import rulebook
from storage.engine import Database
from storage.models import Alert, Mute, Notification
from tests.bot.alerts.making import add, no_backlog, scan, the_send

TABLE = """
policies:
  calm: {quiet: {from: 6:00, to: 9:00, except: [overdue/support]}}
routes:
  - {name: copies, when: {team: Sales}, dm_sender: true, continue: true}
  - {name: big, when: {amount_from: 100 USD}, channel: C0BIG}
  - {name: late, when: {rule: overdue}, channel: C0LATE, policy: calm}
  - {name: others, when: {team: West}, channel: C0WEST}
"""
RULES = rulebook(read(TABLE).document, ZoneInfo("America/Los_Angeles"), "C01GIFTING", ("U01ANN",))
NEW = timedelta(minutes=1)
SALES = {"team": "Sales", "sender_email": "ann@acme.example", "cost_minor": 2_500, "currency": "USD"}


def asked(database: Database, now: datetime, rule: str | None = None, **values: object) -> list[Explained]:
    with database.write() as session:
        send = add(session, now, "one", **{"since": now - NEW} | SALES | values)
        return list(explain(session, now, RULES, send, rule))


def test_every_route_is_told_with_how_it_took_the_alert(database: Database, now: datetime) -> None:
    late, _ = asked(database, now)
    assert late.as_json() == {
        "rule": "overdue", "level": "late", "state": "expected", "due_at": "2026-11-27T14:59:00Z", "to_admins": False,
        "tried": [
            {"route": "copies", "result": "matched", "misfits": []},
            {"route": "big", "result": "does not fit", "misfits": ["amount"]},
            {"route": "late", "result": "matched", "misfits": []},
            {"route": "others", "result": "not reached", "misfits": ["team"]},
        ],
        "places": [
            {"channel": "mail:ann@acme.example", "route": "copies", "policy": "default", "held": None},
            {"channel": "C0LATE", "route": "late", "policy": "calm", "held": {
                "why": "quiet", "until": "2026-11-23T17:00:00Z", "by": "policy calm",
            }},
        ],
    }


def test_what_breaks_through_the_quiet_hours_is_not_held(database: Database, now: datetime) -> None:
    late, support = asked(database, now)
    assert (late.asked.level, support.asked.level) == ("late", "support")
    assert [held is None for _, held in late.places] == [True, False]
    assert [held is None for _, held in support.places] == [True, True]


def test_open_alerts_come_before_what_is_expected(database: Database, now: datetime) -> None:
    no_backlog(database, now)
    with database.write() as session:
        add(session, now, "one", **SALES)
    scan(database, now)
    with database.write() as session:
        [found] = explain(session, now, RULES, the_send(session, "one"))
    assert (found.asked.rule, found.asked.level, found.asked.state) == ("overdue", "support", "firing")


def test_nothing_is_told_of_a_send_that_gives_no_reason(database: Database, now: datetime) -> None:
    assert asked(database, now, status="delivered") == []


@pytest.mark.parametrize(("rule", "level", "state"), [
    ("overdue/support", "support", "expected"), ("overdue", "late", "expected"), ("expiring", "7d", "supposed"),
    ("expiring/1d", "1d", "supposed"), ("expired", "notice", "supposed"),
])
def test_any_rule_may_be_asked_about(
    database: Database, now: datetime, rule: str, level: str, state: str,
) -> None:
    [found] = asked(database, now, rule)
    assert (found.asked.rule, found.asked.level, found.asked.state) == (rule.partition("/")[0], level, state)
    assert found.places


def test_what_is_about_the_bot_goes_to_the_admins_without_any_route(database: Database, now: datetime) -> None:
    [found] = asked(database, now, "unknown_status")
    assert (found.to_admins, found.tried) == (True, ())
    assert [place.channel for place, _ in found.places] == ["U01ANN"]


def test_where_no_route_fits_it_is_the_alert_channel(database: Database, now: datetime) -> None:
    [found] = asked(database, now, "expired", team="East")
    assert [(place.channel, place.route) for place, _ in found.places] == [("C01GIFTING", "default")]


def test_a_mute_is_named_with_its_end(database: Database, now: datetime) -> None:
    with database.write() as session:
        session.add(Mute(
            scope="campaign", value="autumn", label="Autumn", created_by="U01ANN", created_at=now,
            ends_at=now + timedelta(days=3),
        ))
    [found] = asked(database, now, "overdue", campaign="Autumn")
    assert {(held.why, held.by, held.until) for _, held in found.places if held} == {
        ("muted", "campaign Autumn", now + timedelta(days=3)),
    }
    assert all(held for _, held in found.places)


def test_an_alert_that_explains_it_is_named(database: Database, now: datetime) -> None:
    no_backlog(database, now)
    with database.write() as session:
        add(session, now, "poor", status="insufficient_funds", since=now - NEW, campaign="Autumn", team="Sales")
    scan(database, now)
    [found] = asked(database, now, "overdue", status="pending_approval", campaign="Autumn")
    assert {(held.why, held.by) for _, held in found.places if held} == {
        ("inhibited", "the gift for Recipient poor: Insufficient Funds"),
    }


def test_asking_writes_nothing(database: Database, now: datetime) -> None:
    asked(database, now)
    with database.read() as session:
        assert session.query(Alert).count() == session.query(Notification).count() == 0
