"""Gifts for the tests of reports: brought in by the bot's own intake, with the steps that they took."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from bot.reports import period
from bot.reports.summary import Summary
from bot.sends import intake
from bot.sends.snapshots import Snapshot, StatusUpdate
from bot.statuses.watch import us_watch
from storage.engine import Database

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
"""Nine o'clock in Berlin."""
WEEK = period.days_between(datetime(2026, 11, 16, tzinfo=UTC).date(), datetime(2026, 11, 23, tzinfo=UTC).date(), BERLIN)
IN_WEEK = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
_numbers = count(1)


def gift(database: Database, *steps: tuple[str, datetime], seen: datetime = MONDAY, **more: Any) -> None:  # noqa: ANN401
    """A gift that took these steps (a status as Sendoso writes it, and when), made with the first of them."""
    number = next(_numbers)
    values: dict[str, Any] = {
        "source": "api", "observed_at": seen, "send_gid": f"Z2lkOi8vc2VuZG9zby9TZW5kL{number:06}",
        "status_raw": steps[-1][0], "created_at": steps[0][1], "type": "Inventoried Sends", "campaign": "Autumn Box",
        "team": "Sales", "cost_minor": 2500, "currency": "USD", "sender_email": "ben@example.com",
        "recipient_name": f"Person {number}",
        "updates": tuple(StatusUpdate(status_raw=status, occurred_at=at) for status, at in steps),
    }
    with database.write() as session:
        taken = intake.take(session, [Snapshot(**values | more)], seen, us_watch())
        assert taken.rejected == []


def numbers(found: Summary) -> dict[str, int]:
    """What was counted in the period, without what was not there at all."""
    return {name: number for name, number in found.now.as_json().items() if isinstance(number, int) and number}
