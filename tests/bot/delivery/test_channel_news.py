from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bot.delivery import channel_news, notices
from storage import messages, outgoing
from storage.engine import Database

CHANNEL, ADMINS = "C04OPS", ("U01ANN", "U02BEN")
SECOND = timedelta(seconds=1)


def arrive(database: Database, joined_at: datetime, now: datetime | None = None, channel: str = CHANNEL) -> bool:
    with database.write() as session:
        return channel_news.welcome(session, channel, "U01ANN", joined_at, now or joined_at, alert_channel="C01")


def number(database: Database) -> int:
    with database.read() as session:
        return len(channel_news.welcomes(session, CHANNEL))


@pytest.mark.parametrize("late", [timedelta(0), SECOND, timedelta(minutes=5), timedelta(hours=20)])
def test_one_arrival_is_welcomed_once_however_late_slack_tells_it_again(
    database: Database, now: datetime, late: timedelta,
) -> None:
    assert arrive(database, now)
    assert not arrive(database, now, now + late)
    assert number(database) == 1


@pytest.mark.parametrize(("apart", "times"), [(SECOND * 59, 1), (SECOND * 60, 2), (timedelta(days=9), 2)])
def test_who_comes_back_is_welcomed_again_but_not_within_a_minute(
    database: Database, now: datetime, apart: timedelta, times: int,
) -> None:
    arrive(database, now)
    arrive(database, now + apart)
    arrive(database, now)
    assert number(database) == times


def test_channels_do_not_count_for_each_other(database: Database, now: datetime) -> None:
    assert arrive(database, now)
    assert arrive(database, now, channel="C04OPSX")
    assert number(database) == 1


def test_a_welcome_goes_before_a_flood(database: Database, now: datetime) -> None:
    with database.write() as session:
        messages.want(session, key="alert:1", kind="alert", channel=CHANNEL, now=now - SECOND)
    arrive(database, now)
    with database.write() as session:
        claim = outgoing.claim_next(session, CHANNEL, now, updates=True, attempt="a", lease_until=now + SECOND)
    assert claim is not None
    assert claim.key.startswith("welcome:")


def lose(database: Database, code: str, now: datetime) -> bool:
    with database.write() as session:
        return channel_news.lost(session, CHANNEL, code, now, admins=ADMINS, alert_channel="C01GIFTING")


def test_a_lost_channel_is_told_once_to_each_admin_with_the_key_of_a_refused_post(
    database: Database, now: datetime,
) -> None:
    assert lose(database, "is_archived", now)
    assert not lose(database, "not_in_channel", now + SECOND)
    with database.write() as session:
        since = outgoing.paces(session)[CHANNEL].broken_since
        assert since == now
        # What delivery does when its next post is refused.
        notices.tell(
            session, channel=CHANNEL, code="is_archived", since=now, now=now + SECOND, admins=ADMINS, fallback=None,
        )
        told = messages.notices_to(session, ADMINS)
    assert sorted(one.channel for one in told) == ["U01ANN", "U02BEN"]
    assert "archived" in told[0].body["text"]


def test_what_was_kept_goes_out_as_soon_as_the_channel_is_back(database: Database, now: datetime) -> None:
    lose(database, "is_archived", now)
    with database.write() as session:
        assert outgoing.paces(session)[CHANNEL].not_before > now
        assert channel_news.found_again(session, CHANNEL, now + SECOND)
        assert not channel_news.found_again(session, CHANNEL, now + SECOND)
        pace = outgoing.paces(session)[CHANNEL]
        assert (pace.broken_code, pace.broken_since, pace.not_before) == (None, None, now + SECOND)


def test_a_channel_that_slack_asks_to_rest_goes_on_resting(database: Database, now: datetime) -> None:
    with database.write() as session:
        outgoing.hold(session, CHANNEL, now + timedelta(minutes=3))
        assert not channel_news.found_again(session, CHANNEL, now)
        assert outgoing.paces(session)[CHANNEL].not_before == now + timedelta(minutes=3)
