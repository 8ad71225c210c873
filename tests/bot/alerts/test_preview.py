from __future__ import annotations

from datetime import datetime

import pytest

from bot.alerts import preview as previews
from bot.alerts import stale
from bot.alerts.rulebook import Rulebook
from bot.alerts.scan import Plan, plan, run
from bot.alerts.stale import Freshness
from storage.engine import Database
from storage.models import Alert, Message, Send
from tests.bot.alerts.making import (
    DAY,
    RULES,
    add,
    alert,
    alerts,
    messages,
    move,
    no_backlog,
    press_on,
    scan,
)


def planned(database: Database, at: datetime, rules: Rulebook = RULES) -> Plan:
    with database.read() as session:
        made = plan(session, at, rules)
        assert not session.new
        assert not session.dirty
        return made


def test_a_dry_run_says_what_would_be_found_and_posted_and_why(database: Database, now: datetime) -> None:
    with database.write() as session:
        add(session, now, "a", type="Bundles", recipient_name="Jane Doe", campaign="Autumn")
    assert planned(database, now).as_json() == {
        "now": "2026-11-23T15:00:00Z",
        "findings": [{
            "send_gid": "a", "rule": "overdue", "level": "support", "status": "order_received",
            "since": "2026-11-15T15:00:00Z", "due_at": "2026-11-22T15:00:00Z",
            "why": alert_would_say(),
        }],
        "messages": [{
            "channel": "C01GIFTING",
            "text": f"Order Received for 8 days: Bundles for Jane Doe, campaign Autumn. {alert_would_say()}",
        }],
    }


def alert_would_say() -> str:
    return "In Order Received for more than 7 days; Sendoso's Send Tracker article says to contact Support."


def test_a_dry_run_writes_nothing(database: Database, now: datetime) -> None:
    with database.write() as session:
        add(session, now, "a")
        add(session, now, "b", status="unknown", status_raw="Eaten")
    planned(database, now)
    with database.read() as session:
        assert (session.query(Alert).count(), session.query(Message).count()) == (0, 0)
        assert session.query(Send).filter(Send.due_at.is_not(None)).count() == 2


def test_another_time_judges_as_of_then(database: Database, now: datetime) -> None:
    with database.write() as session:
        add(session, now, "a", since=now - 6 * DAY)
    levels = {days: [one.level for one in planned(database, now + days * DAY).findings] for days in (-4, 0, 2)}
    assert levels == {-4: [], 0: ["late"], 2: ["support"]}


@pytest.mark.parametrize("number", [5, 6])
def test_it_says_what_the_scan_then_does(database: Database, now: datetime, number: int) -> None:
    with database.write() as session:
        for place in range(number):
            add(session, now, f"s{place}", campaign="Autumn" if place < 3 else f"c{place}")
        for gid in "uv":
            add(session, now, gid, status="unknown", status_raw="Eaten")
    made = planned(database, now)
    scan(database, now)
    with database.read() as session:
        opened = alerts(session)
        posted = messages(session)
    assert len(made.findings) == len(opened) == number + 1
    assert [one.channel for one in made.messages] == [one.channel for one in posted]
    assert planned(database, now) == Plan(now=now, findings=(), messages=())


def test_a_status_told_before_is_not_told_again(database: Database, now: datetime) -> None:
    with database.write() as session:
        add(session, now, "u", status="unknown", status_raw="Eaten")
    scan(database, now)
    with database.write() as session:
        add(session, now, "v", status="unknown", status_raw="EATEN")
    assert planned(database, now).findings == ()


def test_it_tells_of_snoozes_that_end(database: Database, now: datetime) -> None:
    with database.write() as session:
        add(session, now, "a")
    scan(database, now)
    with database.read() as session:
        found = alert(session, "a")
    press_on(database, now, "snooze", found.id, args={"until": now + DAY})
    made = planned(database, now + DAY)
    assert made.findings == ()
    assert [(one.channel, one.text[:20]) for one in made.messages] == [("C01GIFTING", "The snooze has ended")]
    assert planned(database, now).messages == ()


def test_it_tells_what_was_opened_but_not_yet_posted(database: Database, now: datetime) -> None:
    no_backlog(database, now)
    with database.write() as session:
        add(session, now, "a")
        add(session, now, "b")
        run(session, now, RULES)
    with database.write() as session:
        move(session, now, "b", "shipped")
        add(session, now, "c")
    made = planned(database, now)
    assert [one.send_gid for one in made.findings] == ["c"]
    assert len(made.messages) == 2


def test_all_pages_are_looked_at(database: Database, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(previews, "PAGE", 2)
    with database.write() as session:
        for place in range(5):
            add(session, now, f"s{place}")
    assert len(planned(database, now).findings) == 5


def test_a_dry_run_tells_of_missing_data_as_the_bot_would(database: Database, now: datetime) -> None:
    fresh = Freshness(last_ok_at=now, limit=DAY / 24)
    with database.read() as session:
        assert plan(session, now + fresh.limit, RULES, fresh).findings == ()
        late = plan(session, now + fresh.limit * 2, RULES, fresh)
    (found,) = late.as_json()["findings"]
    assert (found["rule"], found["send_gid"], found["due_at"]) == ("stale_data", "", "2026-11-23T16:00:00Z")
    assert [message.channel for message in late.messages] == ["U01ANN", "U02BEN"]
    with database.write() as session:
        stale.check(session, now + fresh.limit * 2, fresh.last_ok_at, fresh.limit, RULES)
    with database.read() as session:
        assert plan(session, now + fresh.limit * 2, RULES, fresh).findings == ()
