from __future__ import annotations

from base64 import b64decode
from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.sends import intake
from bot.sends.prints import print_of
from bot.sends.record import Record
from bot.sends.snapshots import Snapshot
from bot.sends.sources import sample
from bot.statuses import thresholds
from bot.statuses.catalogue import Status
from bot.statuses.watch import us_watch
from storage import sends
from storage.engine import Database
from tests.conftest import NOW

CALENDAR = us_watch(ZoneInfo("America/Los_Angeles"))
MOMENTS = [NOW, datetime(2026, 12, 27, 8, tzinfo=UTC), datetime(2027, 7, 5, 1, tzinfo=UTC)]


def record(told: Snapshot) -> Record:
    made = Record.new(str(told.send_gid), told.observed_at)
    made.apply(told, print_of(told))
    return made


def found(told: Snapshot, now: datetime) -> list[tuple[str, str]]:
    due = thresholds.due(intake.watched(record(told)), CALENDAR, now, frozenset())
    return [(finding.rule, finding.level) for finding in due]


def test_the_same_now_gives_the_same_sends() -> None:
    assert sample.snapshots(NOW) == sample.snapshots(NOW)
    assert sample.snapshots(NOW) == [*sample.backlog(NOW), *sample.today(NOW)]


def test_gids_are_sendosos_own_and_no_two_sends_share_one() -> None:
    gids = [str(told.send_gid) for told in sample.snapshots(NOW)]
    assert len(set(gids)) == len(gids)
    for gid in gids:
        assert "=" not in gid
        assert b64decode(gid + "=" * (-len(gid) % 4)).startswith(b"gid://sendoso/Send/")


def test_every_type_and_status_some_teams_campaigns_and_currencies_are_there() -> None:
    told = sample.snapshots(NOW)
    assert {event.status for one in told for event in record(one).events} == set(Status)
    assert len({one.type for one in told}) == 7
    assert len({one.team for one in told}) == 2
    assert len({one.campaign for one in told}) == 9
    assert {one.currency for one in told} == {"USD", "EUR", "GBP", "CAD", "INR"}
    assert {"ann@example.com", "ben@example.com"} <= {one.sender_email for one in told}
    assert 100 <= len(told) <= 150


@pytest.mark.parametrize("now", MOMENTS)
def test_the_pile_has_a_dozen_sends_that_need_somebody_at_once(now: datetime) -> None:
    assert sum(bool(found(told, now)) for told in sample.backlog(now)) >= 12


@pytest.mark.parametrize("now", MOMENTS)
def test_today_brings_one_of_every_kind_of_trouble(now: datetime) -> None:
    troubled = [(told, found(told, now)) for told in sample.today(now)]
    kinds = Counter((record(told).row["status"], told.campaign, *findings) for told, findings in troubled if findings)
    assert kinds == {
        ("order_received", "New Customer Welcome Kit", ("overdue", "support")): 1,
        ("fulfillment_issue", "Holiday Bundle", ("overdue", "support")): 1,
        ("insufficient_funds", "Meeting Maker", ("needs_action", "notice")): 1,
        ("undeliverable", "Renewal Celebration", ("needs_action", "notice")): 1,
        ("sent", "Meeting Maker", ("expiring", "2d")): 1,
        ("unknown", "ABM Door Opener", ("unknown_status", "notice")): 1,
        ("order_received", "Q4 Customer Thank-You", ("overdue", "late")): 6,
    }
    assert any(told.recipient_name == sample.HOSTILE for told, _ in troubled)
    assert any(told.status_raw == "Customs Hold" for told, _ in troubled)


def test_the_offer_that_ends_soon_does_so_in_a_day_and_a_half() -> None:
    ending = [told.expires_at for told in sample.today(NOW) if told.expires_at]
    assert timedelta(days=1.4) < min(ending) - NOW < timedelta(days=1.6)


def test_nothing_lies_ahead_and_every_history_runs_forward() -> None:
    for told in sample.snapshots(NOW):
        times = [update.occurred_at for update in told.updates]
        assert times == sorted(times)
        assert times[-1] <= NOW
        assert told.status_raw == told.updates[-1].status_raw


def test_all_are_taken_in(database: Database) -> None:
    told = sample.snapshots(NOW)
    with database.write() as session:
        taken = intake.take(session, told, NOW, CALENDAR)
        assert (taken.new, taken.rejected) == (len(told), [])
    with database.write() as session:
        assert intake.take(session, told, NOW, CALENDAR).unchanged == len(told)
        assert sends.total(session) == len(told)
        assert sends.count_due(session, NOW) >= 25
