"""What the bot finds wrong with itself, and whom it tells."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bot.clock import Leaps
from bot.doctor.database import LEAST_FREE
from bot.health import Problem
from bot.selfcheck import SelfCheck, look
from storage import messages, notifications, troubles
from storage.engine import Database
from storage.models import Alert, Message

MINUTE = timedelta(minutes=1)
ADMINS = ("U1", "U2")
STANDS = Problem(name="scan", reason="the job “scan” stands still")


class Watched:
    """A bot that looks after itself, by a clock that a test moves."""

    def __init__(
        self, database: Database, now: datetime, admins: tuple[str, ...] = ADMINS, fallback: str | None = "C1",
    ) -> None:
        self.database, self.now, self.problems, self.counted = database, now, [STANDS], dict[str, int]()
        self.check = SelfCheck(
            database, lambda: self.now, lambda: self.problems, count=self.counted.__setitem__,
            admins=admins, fallback=fallback,
        )

    def after(self, minutes: int) -> list[tuple[str, str]]:
        """Look each minute for so long; gives whom it tells what in all."""
        for _ in range(minutes):
            self.now += MINUTE
            self.check.run()
        with self.database.read() as session:
            return [(row.channel, row.body["text"]) for row in session.query(Message).order_by(Message.id)]


def fire(database: Database, now: datetime, key: str, next_at: datetime | None, *, state: str = "firing") -> None:
    with database.write() as session:
        alert = Alert(key=key, rule="overdue", level="late", due_at=now, opened_at=now, state=state)
        session.add(alert)
        session.flush()
        if next_at is not None:
            notifications.add(session, [{"alert_id": alert.id, "channel": "C1", "next_at": next_at}])


def test_where_all_is_well_nothing_is_found(database: Database, now: datetime) -> None:
    fire(database, now, "told in time", now + MINUTE)
    fire(database, now, "held until later", now + 99 * MINUTE)
    fire(database, now, "settled", now, state="resolved")
    with database.write() as session:
        messages.want(session, key="waits", kind="notice", channel="C1", now=now)
        shown = messages.want(session, key="shown", kind="notice", channel="C1", now=now)
        shown.ts, shown.posted_rev, shown.next_at = "1.0", 1, None
    with database.read() as session:
        found = look(session, now + 15 * MINUTE, free=LEAST_FREE)
    assert found.troubles == {}
    assert set(found.counts.values()) == {0}


def test_what_should_have_been_told_is_found(database: Database, now: datetime) -> None:
    fire(database, now, "forgotten by the scan", now)
    fire(database, now, "told nowhere", None)
    with database.write() as session:
        lost = messages.want(session, key="lost", kind="notice", channel="C1", now=now)
        lost.next_at = None
        stale = messages.want(session, key="old revision", kind="notice", channel="C1", now=now)
        stale.ts, stale.posted_rev, stale.wanted_rev, stale.next_at = "1.0", 1, 2, None
    with database.read() as session:
        found = look(session, now + 16 * MINUTE)
    assert found.counts == {"undecided": 1, "without_a_place": 1, "not_queued": 2}
    assert found.troubles["not_queued"].startswith("2 messages should be in Slack")
    assert found.troubles["undecided"].startswith("one alert should have been told")


def test_a_disk_that_is_nearly_full_is_found(sqlite: Database, now: datetime) -> None:
    with sqlite.read() as session:
        assert look(session, now, free=LEAST_FREE - 1).troubles == {
            "disk": "the disk of the database has only 499 MB left",
        }


def test_admins_are_told_once_of_what_lasts_and_of_its_end(database: Database, now: datetime) -> None:
    bot = Watched(database, now)
    assert bot.after(5) == [], "it has not lasted yet"
    told = bot.after(30)
    assert [reader for reader, _ in told] == ["U1", "U2"]
    assert told[0][1].startswith(
        "Sendwatch itself needs somebody since 2026-11-23 15:01 UTC: the job “scan” stands still.",
    )
    bot.problems = []
    ended = bot.after(10)[2:]
    assert [reader for reader, _ in ended] == ["U1", "U2"]
    assert ended[0][1].startswith("Sendwatch works again: “scan”")
    with database.read() as session:
        assert troubles.known(session) == {}
    bot.problems = [STANDS]
    assert len(bot.after(10)) == 6, "another time is told again"


def test_what_is_over_soon_is_never_told(database: Database, now: datetime) -> None:
    bot = Watched(database, now)
    for _ in range(10):
        bot.problems = [STANDS]
        bot.after(3)
        bot.problems = []
        assert bot.after(1) == []


@pytest.mark.parametrize("name", ["database", "migrations", "slack"])
def test_what_no_message_can_tell_of_is_left_to_readyz(sqlite: Database, now: datetime, name: str) -> None:
    bot = Watched(sqlite, now)
    bot.problems = [Problem(name=name, reason="away")]
    assert bot.after(20) == []


def test_without_admins_the_alert_channel_is_told(sqlite: Database, now: datetime) -> None:
    assert [reader for reader, _ in Watched(sqlite, now, admins=()).after(10)] == ["C1"]
    assert Watched(sqlite, now, admins=(), fallback=None).after(1)


def test_several_processes_tell_once(database: Database, now: datetime) -> None:
    first, second = Watched(database, now), Watched(database, now)
    for _ in range(12):
        first.after(1)
        second.after(1)
    assert len(first.after(1)) == 2


SOCKET = Problem(name="socket", reason="Slack's Socket Mode is not connected")


@pytest.mark.parametrize("apart", [10, 40])
def test_what_one_of_several_processes_sees_is_told_and_ends_with_it(
    database: Database, now: datetime, apart: int,
) -> None:
    fine, bad = Watched(database, now), Watched(database, now + timedelta(seconds=apart))
    fine.problems, bad.problems = [], [SOCKET]
    for _ in range(30):
        fine.after(1)
        told = bad.after(1)
    assert [reader for reader, _ in told] == ["U1", "U2"], "once, however often the other one sees nothing"
    bad.problems = []
    fine.after(1)
    assert [text[:24] for _, text in bad.after(1)[2:]] == ["Sendwatch works again: “"] * 2


def test_what_several_processes_see_is_one_trouble_until_none_sees_it(database: Database, now: datetime) -> None:
    first, second = Watched(database, now), Watched(database, now + timedelta(seconds=20))
    first.problems = second.problems = [SOCKET]
    for _ in range(10):
        first.after(1)
        second.after(1)
    first.problems = []
    for _ in range(5):
        first.after(1)
        assert len(second.after(1)) == 2, "told once, and it goes on"
    second.problems = []
    assert len(second.after(1)) == 4


def test_what_a_process_that_is_gone_has_seen_is_over_soon(database: Database, now: datetime) -> None:
    gone, left = Watched(database, now), Watched(database, now)
    gone.problems, left.problems = [SOCKET], []
    for _ in range(8):
        gone.after(1)
        told = left.after(1)
    assert len(told) == 2
    assert len(left.after(3)) == 2
    assert len(left.after(1)) == 4


def test_findings_are_counted(sqlite: Database, now: datetime) -> None:
    fire(sqlite, now, "told nowhere", None)
    bot = Watched(sqlite, now)
    bot.after(16)
    assert bot.counted == {"undecided": 0, "without_a_place": 1, "not_queued": 0}


def test_a_clock_that_leaps_is_told_to_nobody(database: Database, now: datetime) -> None:
    bot, steady = Watched(database, now), [0.0]
    bot.check = SelfCheck(
        database, lambda: bot.now, lambda: bot.problems, admins=ADMINS, fallback=None,
        leaps=Leaps(lambda: bot.now, lambda: steady[0]),
    )
    for _ in range(2):
        bot.now += 60 * MINUTE
        assert bot.check.run() == 0
    with database.read() as session:
        assert troubles.known(session) == {}
    steady[0] += 60
    bot.now += MINUTE
    bot.check.run()
    with database.read() as session:
        assert [*troubles.known(session)] == ["scan"], "what the next look finds is another matter"


def test_a_trouble_of_before_the_clock_was_put_back_is_told_and_ends(database: Database, now: datetime) -> None:
    bot = Watched(database, now)
    bot.after(1)
    bot.now -= 60 * MINUTE
    # Its process is gone, and another sees the same.
    bot.check = SelfCheck(database, lambda: bot.now, lambda: bot.problems, admins=ADMINS, fallback=None)
    assert len(bot.after(6)) == 2
    bot.problems = []
    assert len(bot.after(1)) == 4
