from __future__ import annotations

from datetime import datetime, timedelta

from bot.alerts import stale
from bot.alerts.rulebook import Rulebook
from bot.alerts.stale import Freshness
from storage.engine import Database
from tests.bot.alerts.making import NO_ADMINS, RULES, alerts, events, messages, press_on

HOUR = timedelta(hours=1)
LIMIT = 2 * HOUR


def check(
    database: Database, now: datetime, last_ok_at: datetime, rules: Rulebook = RULES, said: str = "",
) -> bool:
    with database.write() as session:
        return stale.check(session, now, Freshness(last_ok_at=last_ok_at, limit=LIMIT, said=said), rules)


def test_fresh_data_are_nothing_to_tell(database: Database, now: datetime) -> None:
    assert check(database, now, now - LIMIT) is False
    with database.read() as session:
        assert alerts(session) == []


def test_missing_data_are_told_to_each_admin_once(database: Database, now: datetime) -> None:
    last = now - 3 * HOUR
    assert check(database, now, last)
    assert check(database, now + HOUR, last)
    with database.read() as session:
        (found,) = alerts(session)
        told = messages(session)
        assert [one.action for one in events(session)] == ["opened"]
    assert (found.rule, found.send_id, found.status_since, found.state) == ("stale_data", None, last, "firing")
    assert found.why == "No sync with Sendoso has worked for more than 2 hours."
    assert [one.channel for one in told] == ["U01ANN", "U02BEN"]
    assert told[0].body["text"].startswith("No sync with Sendoso has worked for 3 hours.")


def test_a_limit_of_seconds_is_told_in_seconds(database: Database, now: datetime) -> None:
    fresh = Freshness(last_ok_at=now - HOUR, limit=timedelta(seconds=20))
    with database.write() as session:
        assert stale.check(session, now, fresh, RULES)
    with database.read() as session:
        assert alerts(session)[0].why == "No sync with Sendoso has worked for more than 20 seconds."


def test_what_the_sync_has_said_is_told(database: Database, now: datetime) -> None:
    words = "Sendoso answered 500. Asked 6 times. That was page 57 of its list."
    assert check(database, now, now - 3 * HOUR, said=words)
    with database.read() as session:
        (found,) = alerts(session)
        text = messages(session)[0].body["text"]
    assert found.why == f"No sync with Sendoso has worked for more than 2 hours. The last one said: {words}"
    assert text.endswith(f"can be reached. The last one said: {words}")


def test_data_that_come_in_again_settle_it_in_every_copy(database: Database, now: datetime) -> None:
    check(database, now, now - 3 * HOUR)
    assert check(database, now + HOUR, now + HOUR) is False
    with database.read() as session:
        (found,) = alerts(session)
        told = messages(session)
    assert (found.state, found.resolved_by) == ("resolved", "scan")
    assert found.resolved_reason == "Data come in from Sendoso again, after 4 hours without."
    assert [one.wanted_rev for one in told] == [2, 2]
    assert all(one.body["text"].endswith("again, after 4 hours without.") for one in told)
    assert check(database, now + HOUR, now + HOUR) is False


def test_the_next_time_is_another_alert(database: Database, now: datetime) -> None:
    check(database, now, now - 3 * HOUR, NO_ADMINS)
    check(database, now, now)
    check(database, now + 3 * HOUR, now, NO_ADMINS)
    with database.read() as session:
        assert [one.state for one in alerts(session)] == ["resolved", "firing"]
        assert [one.channel for one in messages(session)] == ["C01GIFTING", "C01GIFTING"]


def test_what_an_admin_has_settled_is_not_told_again_for_the_same_gap(database: Database, now: datetime) -> None:
    last = now - 3 * HOUR
    check(database, now, last)
    with database.read() as session:
        (found,) = alerts(session)
    press_on(database, now, "resolve", found.id)
    assert check(database, now + HOUR, last)
    with database.read() as session:
        assert len(alerts(session)) == 1


def test_a_snooze_of_it_ends(database: Database, now: datetime) -> None:
    last = now - 3 * HOUR
    check(database, now, last)
    with database.read() as session:
        (found,) = alerts(session)
    press_on(database, now, "snooze", found.id, args={"until": now + HOUR})
    check(database, now + HOUR / 2, last)
    with database.read() as session:
        assert alerts(session)[0].state == "snoozed"
    check(database, now + HOUR, last)
    check(database, now + HOUR, last)
    with database.read() as session:
        assert (alerts(session)[0].state, alerts(session)[0].reason) == ("firing", "snooze_ended")
        first, second, *replies = messages(session)
        assert [(one.channel, one.thread_of) for one in replies] == [
            (first.channel, first.key), (second.channel, second.key),
        ]
