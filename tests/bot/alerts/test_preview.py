from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.alerts import notices, stale
from bot.alerts import preview as previews
from bot.alerts.grouping import Planned
from bot.alerts.rulebook import Rulebook
from bot.alerts.scan import Plan, plan, run
from bot.alerts.stale import Freshness
from bot.alerts.subjects import item_of
from storage import alerts as stored
from storage.engine import Database
from storage.models import Alert, Message, Send
from storage.models.base import Base
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
        stale.check(session, now + fresh.limit * 2, fresh, RULES)
    with database.read() as session:
        assert plan(session, now + fresh.limit * 2, RULES, fresh).findings == ()


# --- the dry run and the scan itself ----------------------------------------------------------------------

LIVES = st.lists(
    st.tuples(
        st.sampled_from([
            "insufficient_funds", "pending_approval", "order_received", "shipped", "unknown", "fulfillment_issue",
        ]),
        st.sampled_from(["Autumn", "Spring"]), st.sampled_from(["Sales", "Ops"]),
        st.booleans(),
    ),
    min_size=2, max_size=14,
)
"""Sends: status, campaign, team, and whether each moves on before the second scan."""


def posted(database: Database, at: datetime, after: int) -> tuple[Counter[tuple[str, str]], int]:
    """The messages behind that row id in the words of a dry run, and the last row id."""
    found: Counter[tuple[str, str]] = Counter()
    with database.read() as session:
        rows = session.query(Message).filter(Message.id > after).order_by(Message.id).all()
        for row in rows:
            if row.thread_of is not None:
                found[row.channel, row.body["text"]] += 1
                continue
            pairs = stored.with_sends(session, stored.for_message(session, row.id))
            items = sorted((item_of(*pair, row.channel) for pair in pairs), key=lambda item: item.urgency)
            day = row.body.get("day")
            planned = Planned(
                kind=row.kind, channel=row.channel, items=tuple(items), day=date.fromisoformat(day) if day else None,
            )
            found[row.channel, notices.text_of(planned, at)] += 1
        return found, max((row.id for row in rows), default=after)


def foreseen(database: Database, at: datetime) -> Counter[tuple[str, str]]:
    return Counter((one.channel, one.text) for one in planned(database, at).messages)


def live(database: Database, now: datetime, lives: list[tuple[str, str, str, bool]]) -> None:
    with database.write() as session:
        for number, (status, campaign, team, _) in enumerate(lives):
            since = now - 30 * DAY - number * timedelta(hours=25)
            add(session, now, f"s{number}", status=status, campaign=campaign, team=team, since=since)


@pytest.mark.parametrize("is_first", [True, False])
def test_what_another_finding_explains_is_not_foreseen(database: Database, now: datetime, is_first: bool) -> None:
    if not is_first:
        no_backlog(database, now)
    live(database, now, [
        ("insufficient_funds", "Autumn", "Sales", False), ("pending_approval", "Autumn", "Sales", False),
        ("pending_approval", "Autumn", "Ops", False), ("order_received", "Spring", "Sales", False),
    ])
    expected = foreseen(database, now)
    assert len(planned(database, now).findings) == 4
    assert expected.total() == 3
    scan(database, now)
    assert posted(database, now, 0)[0] == expected


def test_what_is_no_longer_explained_is_foreseen(database: Database, now: datetime) -> None:
    no_backlog(database, now)
    live(database, now, [
        ("insufficient_funds", "Autumn", "Sales", False), ("pending_approval", "Autumn", "Sales", False),
    ])
    scan(database, now)
    later = now + timedelta(hours=1)
    assert planned(database, later).messages == ()
    with database.write() as session:
        move(session, later, "s0", "shipped")
    expected = foreseen(database, later)
    assert ["Recipient s1" in text for _, text in expected] == [True]
    _, last = posted(database, now, 0)
    scan(database, later)
    assert posted(database, later, last)[0] == expected


def test_reminders_below_one_message_are_foreseen_as_the_replies_that_they_will_be(
    database: Database, now: datetime,
) -> None:
    no_backlog(database, now)
    with database.write() as session:
        for number in range(6):
            add(session, now, f"g{number}", campaign="Autumn", since=now - 30 * DAY)
        add(session, now, "alone", campaign="Spring", since=now - 30 * DAY)
    scan(database, now)
    _, last = posted(database, now, 0)
    with database.read() as session:
        taken, put_off = alert(session, "g0"), alert(session, "g1")
    press_on(database, now, "acknowledge", taken.id)
    press_on(database, now, "snooze", put_off.id, args={"until": now + DAY})
    with database.write() as session:
        move(session, now + DAY, "g2", "shipped")
    expected = foreseen(database, now + DAY)
    assert sorted(text for _, text in expected) == [
        ("Reminder 1: nobody has acted on this for 1 day: 3 alerts above still open (3 Order Received): Recipient g3, "
        "Recipient g4, Recipient g5. 1 other above is open, too."),
        "Reminder 1: nobody has acted on this for 1 day: still Order Received for 31 days (Recipient alone).",
        ("The snooze has ended and nothing has moved: 1 alert above still open (1 Order Received): Recipient g1. "
        "3 others above are open, too."),
    ]
    scan(database, now + DAY)
    assert posted(database, now + DAY, last)[0] == expected


@given(LIVES, st.booleans(), st.integers(0, 6))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_dry_run_promises_the_messages_of_the_scan(
    sqlite: Database, now: datetime, lives: list[tuple[str, str, str, bool]], is_first: bool, held_back: int,
) -> None:
    with sqlite.write() as session:
        for table in reversed(Base.metadata.sorted_tables):
            session.execute(table.delete())
    if not is_first:
        no_backlog(sqlite, now)
    live(sqlite, now, lives[held_back:])
    expected = foreseen(sqlite, now)
    scan(sqlite, now)
    found, last = posted(sqlite, now, 0)
    assert found == expected

    later = now + timedelta(hours=1)
    with sqlite.write() as session:
        for number, (_, _, _, moves) in enumerate(lives[held_back:]):
            if moves:
                move(session, later, f"s{number}", "shipped")
        for number, (status, campaign, team, _) in enumerate(lives[:held_back]):
            add(
                session, now, f"t{number}", status=status, campaign=campaign, team=team,
                since=now - 60 * DAY - number * timedelta(hours=25),
            )
    expected = foreseen(sqlite, later)
    scan(sqlite, later)
    assert posted(sqlite, later, last)[0] == expected
