from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from bot.privacy import retention
from bot.reports import counting, period, words
from bot.sends.snapshots import StatusUpdate
from bot.statuses.catalogue import Status, is_final
from storage import held, messages
from storage import retention as stored
from storage.engine import Database
from storage.models import (
    Alert,
    AlertEvent,
    Base,
    Home,
    Message,
    Mute,
    Notification,
    Person,
    Send,
    SendHistory,
    Watch,
    WebhookDelivery,
)
from tests.bot.privacy.test_forgetting import EMAIL, NAME, USER, dump, names_nobody, snapshot, take
from tests.conftest import NOW

YEAR = timedelta(days=365)
LONG_AGO = NOW - timedelta(days=500)
GID = "Z2lkOi8vMQ"
LAST = "Z2lkOi8vOTk"


def finished(gid: str = GID, at: datetime = LONG_AGO, status: str = "Delivered", **more: Any) -> Any:  # noqa: ANN401
    begun = min(at, NOW) - timedelta(days=9)
    steps = (("Processing", begun), (status, at))
    return snapshot(
        send_gid=gid, status_raw=status, created_at=begun,
        updates=tuple(StatusUpdate(status_raw=raw, occurred_at=moment) for raw, moment in steps), **more,
    )


def alert(database: Database, gid: str = GID, *, at: datetime = LONG_AGO, state: str = "resolved") -> int:
    """An alert about a send with all that hangs on it, each naming the person; gives its row id."""
    with database.write() as session:
        send = session.scalars(select(Send).where(Send.send_gid == gid)).one()
        one = Alert(
            key=f"overdue:{gid}:{at}", send_id=send.id, rule="overdue", level="late", due_at=at, opened_at=at,
            state=state, why=f"{NAME} has waited", assignee=USER, resolved_by=USER,
            resolved_at=at if state == "resolved" else None,
        )
        session.add(one)
        session.flush()
        session.add(AlertEvent(
            alert_id=one.id, action="resolve", actor=USER, actor_name=NAME, occurred_at=at,
            dedupe_key=f"{USER}:{gid}:{at}", detail={"note": f"Told {EMAIL}"},
        ))
        for key, body in (("alert", {}), ("notice", {"alerts": [one.id], "text": NAME})):
            message = Message(
                key=f"{key}:{one.id}", kind=key, channel=USER, ts=f"{one.id}.1", body=body, created_at=at, posted_rev=1,
            )
            session.add(message)
            session.flush()
            if key == "alert":
                session.add(Notification(alert_id=one.id, channel=f"mail:{EMAIL}", message_id=message.id))
        return one.id


def another(database: Database) -> None:
    """A send comes in that is on its way."""
    with database.write() as session:
        session.add(Send(
            send_gid=LAST, status="shipped", status_raw="Shipped", status_since=NOW, first_seen_at=NOW, updated_at=NOW,
        ))


def tidy(database: Database, length: timedelta | None = YEAR, now: datetime = NOW) -> dict[str, int]:
    return dict(retention.run(database, length, now))


def gids(database: Database) -> list[str]:
    with database.read() as session:
        return sorted(session.scalars(select(Send.send_gid).where(Send.send_gid != LAST)))


def rows(database: Database, model: type[Base]) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def old_everywhere(database: Database) -> None:
    take(database, finished())
    alert(database)
    with database.write() as session:
        send = session.scalars(select(Send)).one()
        session.add(Watch(user_id=USER, send_id=send.id, created_at=LONG_AGO, ended_at=LONG_AGO, ended_why="final"))
        session.add(Mute(
            scope="sender", value=EMAIL, label=NAME, created_by=USER, created_at=LONG_AGO, ends_at=LONG_AGO,
            told_end_at=LONG_AGO,
        ))
        session.add(AlertEvent(
            action="mute", actor=USER, actor_name=NAME, occurred_at=LONG_AGO, dedupe_key=f"m:{USER}",
        ))
        session.add(Message(
            key=f"step:{USER}", kind="notice", channel=USER, body={"text": EMAIL}, created_at=LONG_AGO, ts="9.9",
            posted_rev=1,
        ))
        session.add(Person(user_id=USER, name=NAME, email=EMAIL, fetched_at=LONG_AGO))
        session.add(Home(user_id=USER, opened_at=LONG_AGO))
        session.add(WebhookDelivery(
            svix_id="msg_1", received_at=LONG_AGO, send_gid=GID, status_changed_at=LONG_AGO, error=f"no {EMAIL}",
        ))


def test_nothing_personal_is_left_of_what_is_finished_and_old(database: Database) -> None:
    old_everywhere(database)
    another(database)
    gone = tidy(database)
    assert gone == {
        "sends": 1, "messages": 2, "mutes": 1, "alert_events": 1, "people": 1, "homes": 1, "webhook_deliveries": 1,
    }
    names_nobody(database, EMAIL, NAME, USER)
    left = {table for table, held_rows in dump(database).items() if held_rows}
    personal = {table.name for table in held.searched()} | {
        table for table, columns in held.COLUMNS.items() if held.Holds.OWN in columns.values()
    }
    assert not (left - {"sends"}) & personal
    assert gids(database) == []
    assert tidy(database) == {}


def test_without_the_setting_everything_is_kept(database: Database) -> None:
    old_everywhere(database)
    before = dump(database)
    assert tidy(database, None) == {}
    assert dump(database) | {"retention": []} == before


@pytest.mark.parametrize("state", ["firing", "acknowledged", "snoozed"])
def test_an_open_alert_keeps_its_send_and_its_messages(database: Database, state: str) -> None:
    take(database, finished(status="Failed"))
    alert(database, state=state)
    before = dump(database)
    assert tidy(database) == {}
    assert dump(database) | {"retention": []} == before | {"retention": []}


def test_an_alert_that_was_settled_lately_keeps_its_send(database: Database) -> None:
    take(database, finished())
    alert(database, at=NOW - timedelta(days=3))
    assert tidy(database) == {}
    assert gids(database) == [GID]


@pytest.mark.parametrize("status", [status for status in Status if not is_final(status)])
def test_a_send_on_its_way_stays_however_old(database: Database, status: Status) -> None:
    take(database, snapshot(
        status_raw=str(status), updates=(StatusUpdate(status_raw=str(status), occurred_at=LONG_AGO),),
        created_at=LONG_AGO,
    ))
    with database.write() as session:
        send = session.scalars(select(Send)).one()
        send.status, send.due_at = str(status), None
    assert tidy(database) == {}
    assert gids(database) == [GID]


@pytest.mark.parametrize("status", [status for status in Status if is_final(status)])
def test_every_status_that_is_an_end_lets_go(database: Database, status: Status) -> None:
    take(database, finished())
    with database.write() as session:
        session.scalars(select(Send)).one().status = str(status)
    another(database)
    assert tidy(database)["sends"] == 1


def test_no_row_id_is_given_twice(database: Database) -> None:
    take(database, finished())
    with database.read() as session:
        before = session.scalars(select(Send)).one().id
    tidy(database)
    take(database, finished("Z2lkOi8vMg", at=NOW))
    with database.read() as session:
        assert session.scalars(select(Send).where(Send.send_gid == "Z2lkOi8vMg")).one().id > before
    tidy(database)
    assert gids(database) == ["Z2lkOi8vMg"]


def test_the_day_counts_from_which_it_is_finished(database: Database) -> None:
    take(database, finished(at=NOW - YEAR), finished("Z2lkOi8vMg", at=NOW - YEAR - timedelta(seconds=1)))
    another(database)
    tidy(database)
    assert gids(database) == [GID]


def test_who_follows_a_send_keeps_it(database: Database) -> None:
    take(database, finished())
    with database.write() as session:
        send = session.scalars(select(Send)).one()
        session.add(Watch(user_id=USER, send_id=send.id, created_at=NOW))
    assert tidy(database) == {}


def test_a_message_shared_with_a_younger_alert_stays(database: Database) -> None:
    take(database, finished(), finished("Z2lkOi8vMg", at=NOW - timedelta(days=5)))
    old, young = alert(database), alert(database, "Z2lkOi8vMg", at=NOW - timedelta(days=5))
    with database.write() as session:
        shared = session.scalars(select(Message).where(Message.key == f"alert:{old}")).one()
        session.add(Notification(alert_id=young, channel="C09", message_id=shared.id))
    tidy(database)
    assert gids(database) == ["Z2lkOi8vMg"]
    with database.read() as session:
        assert messages.by_key(session, f"alert:{old}") is not None
        assert messages.by_key(session, f"notice:{old}") is None


def test_what_slack_has_not_been_told_yet_stays(database: Database) -> None:
    with database.write() as session:
        messages.want(session, key="a", kind="notice", channel="C1", now=LONG_AGO)
    assert tidy(database) == {}


def test_many_go_in_small_steps_and_it_can_be_stopped(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 7)
    some = [finished(f"Z2lkOi8v{number:03}", at=LONG_AGO - timedelta(minutes=number % 5)) for number in range(40)]
    take(database, *some)
    for place in (3, 11, 30):
        alert(database, f"Z2lkOi8v{place:03}", state="firing")
    another(database)
    retention.run(database, YEAR, NOW, lambda: len(gids(database)) < 40)
    assert len(gids(database)) == 40 - retention.BATCH
    tidy(database)
    assert gids(database) == ["Z2lkOi8v003", "Z2lkOi8v011", "Z2lkOi8v030"]
    assert rows(database, SendHistory) == 6


def test_what_went_does_not_come_back_with_the_next_sync(database: Database) -> None:
    take(database, finished())
    another(database)
    tidy(database)
    taken = take(database, finished(), finished("Z2lkOi8vMg", at=NOW - timedelta(days=2)))
    assert (taken.read, taken.new, taken.unchanged, taken.rejected) == (2, 1, 1, [])
    assert gids(database) == ["Z2lkOi8vMg"]
    # A refund of today is news.
    assert take(database, finished(at=NOW, status="Refunded")).new == 1
    # And who keeps everything again gets all that is still told.
    tidy(database, None)
    assert take(database, finished("Z2lkOi8vMw")).new == 1


def test_a_report_that_reaches_farther_back_says_so(database: Database) -> None:
    take(database, finished(at=NOW - timedelta(days=80)))
    with database.write() as session:
        stored.keep_from(session, NOW - timedelta(days=60))
    zone = ZoneInfo("UTC")

    def told(days: int) -> str:
        with database.read() as session:
            return words.held(counting.count(session, period.last(days, NOW, zone), NOW))

    assert told(90) == ""
    another(database)
    tidy(database, timedelta(days=60))
    assert told(20) == ""
    day = NOW - timedelta(days=60)
    assert f"finished before {day.day} {day:%b %Y}" in told(50)
    # A longer time from now on brings nothing back.
    tidy(database, YEAR)
    assert f"finished before {day.day} {day:%b %Y}" in told(90)
