"""Digests come exactly once, with numbers that stay, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.alerts.routing import Match, Routing
from bot.alerts.rulebook import Rulebook
from bot.reports import digest
from bot.reports.digest import DIGEST, PICTURE
from bot.reports.schedule import DAY as DAILY
from bot.reports.schedule import WEEK as WEEKLY
from bot.reports.schedule import WORKDAYS, Digest
from bot.reports.summary import Summary
from bot.statuses.watch import us_watch
from storage import config
from storage.engine import Database
from storage.models import Message
from tests.bot.reports.gifts import DAY, HOUR, IN_WEEK, MONDAY, gift, numbers

WEEK = Digest(channel="C01GIFTING", zone="Europe/Berlin", every=WEEKLY)


def rules(*digests: Digest) -> Callable[[Session], Rulebook]:
    book = Rulebook(watch=us_watch(), routing=Routing(alert_channel="C01GIFTING"), digests=digests)
    return lambda _session: book


def wanted(database: Database) -> list[Message]:
    with database.read() as session:
        return list(session.scalars(select(Message).order_by(Message.id)))


def test_it_comes_once_with_its_picture_below_it(database: Database) -> None:
    gift(database, ("Processing", IN_WEEK))
    assert digest.run(database, MONDAY - timedelta(seconds=1), rules(WEEK)) == 0
    assert digest.run(database, MONDAY, rules(WEEK)) == 2
    for later in (timedelta(0), HOUR, 6 * DAY):
        assert digest.run(database, MONDAY + later, rules(WEEK)) == 0
    message, picture = wanted(database)
    assert (message.key, message.kind, message.channel) == (
        "digest:week:C01GIFTING:all:2026-11-23", DIGEST, "C01GIFTING",
    )
    assert (picture.kind, picture.thread_of, picture.body) == (
        "file", message.key, {"file": PICTURE, "message": message.id},
    )
    assert numbers(Summary.from_json(message.body["summary"])) == {"sent": 1}
    assert digest.run(database, MONDAY + 7 * DAY, rules(replace(WEEK, picture=False, skip_empty=False))) == 1


def test_its_numbers_stay_what_they_were(database: Database) -> None:
    gift(database, ("Processing", IN_WEEK))
    digest.run(database, MONDAY, rules(WEEK))
    gift(database, ("Processing", IN_WEEK))
    digest.run(database, MONDAY + HOUR, rules(WEEK))
    assert Summary.from_json(wanted(database)[0].body["summary"]).now.sent == 1


def test_one_that_has_nothing_to_tell_is_passed_over_and_not_counted_again(database: Database) -> None:
    assert digest.run(database, MONDAY, rules(WEEK)) == 0
    gift(database, ("Processing", IN_WEEK))
    assert digest.run(database, MONDAY + HOUR, rules(WEEK)) == 0
    assert wanted(database) == []
    assert digest.run(database, MONDAY, rules(replace(WEEK, skip_empty=False, channel="C02SALES"))) == 2


def test_after_weeks_of_silence_only_the_latest_comes(database: Database) -> None:
    gift(database, ("Processing", IN_WEEK))
    assert digest.run(database, MONDAY, rules(WEEK)) == 2
    for week in (1, 2):
        gift(database, ("Processing", IN_WEEK + 7 * week * DAY), seen=MONDAY + 21 * DAY)
    assert digest.run(database, MONDAY + 16 * DAY, rules(WEEK)) == 2
    assert [one.key for one in wanted(database) if one.kind == DIGEST] == [
        "digest:week:C01GIFTING:all:2026-11-23", "digest:week:C01GIFTING:all:2026-12-07",
    ]


def test_one_that_was_just_set_begins_with_its_next_time(database: Database) -> None:
    gift(database, ("Processing", IN_WEEK))
    gift(database, ("Processing", MONDAY + DAY), seen=MONDAY + 2 * DAY)
    with database.write() as session:
        config.save(session, "digests", [{"every": "week"}], MONDAY + HOUR, "U01ANN")
    assert digest.run(database, MONDAY + 2 * HOUR, rules(WEEK)) == 0
    assert digest.run(database, MONDAY + 7 * DAY, rules(WEEK)) == 2
    with database.write() as session:
        config.save(session, "digests", [{"every": "week", "picture": "no"}], MONDAY + 14 * DAY + HOUR, "U01ANN")
    gift(database, ("Processing", MONDAY + 8 * DAY), seen=MONDAY + 9 * DAY)
    # Of one that is at work already nothing is left out, whoever changes what meanwhile.
    assert digest.run(database, MONDAY + 14 * DAY + 2 * HOUR, rules(WEEK)) == 2


def test_daily_weekly_and_those_of_routes_are_told_apart(database: Database) -> None:
    gift(database, ("Processing", MONDAY - DAY), campaign="Autumn Box")
    gift(database, ("Processing", MONDAY - DAY), campaign="Spring", team="EMEA")
    daily = replace(WEEK, every=DAILY, on=WORKDAYS)
    route = replace(WEEK, route="emea", match=Match(team=("EMEA",), rule=("expired",)))
    assert digest.run(database, MONDAY, rules(WEEK, daily, route)) == 6
    found = [Summary.from_json(one.body["summary"]) for one in wanted(database) if one.kind == DIGEST]
    assert [(one.now.sent, one.period.name, one.about) for one in found] == [
        (2, "16 to 22 Nov 2026", ""), (2, "20 to 22 Nov 2026", ""), (1, "16 to 22 Nov 2026", "the route “emea”"),
    ]


@pytest.mark.parametrize("processes", [4])
def test_several_processes_make_it_once(database: Database, processes: int) -> None:
    gift(database, ("Processing", IN_WEEK))
    with ThreadPoolExecutor(processes) as pool:
        made = list(pool.map(lambda _: digest.run(database, MONDAY, rules(WEEK)), range(processes)))
    assert sorted(made) == [0] * (processes - 1) + [2]
    assert len(wanted(database)) == 2
