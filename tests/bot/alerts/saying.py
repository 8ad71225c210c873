"""What people say about until when: on a Monday in November, in New York."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.alerts.until import NotUnderstood, Until, parse
from bot.statuses.working_time import us_calendar

NEW_YORK = ZoneInfo("America/New_York")
US = us_calendar()
NOW = datetime(2026, 11, 23, 15, 20, tzinfo=NEW_YORK)
"""A Monday afternoon in the week of Thanksgiving."""


def local(text: str, zone: ZoneInfo = NEW_YORK) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def understood(words: str, now: datetime = NOW, zone: ZoneInfo = NEW_YORK) -> datetime:
    found = parse(words, now, zone, US)
    assert isinstance(found, Until), found
    assert found.words == words.strip()
    return found.at


def doubted(words: str, now: datetime = NOW, zone: ZoneInfo = NEW_YORK) -> str:
    found = parse(words, now, zone, US)
    assert isinstance(found, NotUnderstood), found
    return found.sentence
