"""What the clock on a wall shows, on the days too on which it is put forward or back."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

_DAYS = 4096


def shown(moment: datetime, zone: ZoneInfo) -> datetime:
    """Date and time on the wall (naive) at an instant (aware), never going back: a later instant never shows less.

    While an hour that came already comes again, the wall is taken to stand at the end of that hour.
    """
    local = moment.astimezone(zone)
    if not local.fold:
        return local.replace(tzinfo=None)
    first = local.replace(fold=0)
    end = _change(first, moment, zone)
    return (end + _offset(first)).replace(tzinfo=None)


def instant(day: date, wall: time, zone: ZoneInfo) -> datetime:
    """The first instant (UTC) at which the wall shows that time of that date, or one that is past it.

    Of an hour that comes twice it is in the first; of an hour that is skipped it is the instant of the change.
    """
    local = datetime.combine(day, wall, tzinfo=zone)
    if not _is_even(day, zone):
        after = local.replace(fold=1)
        if _offset(after) > _offset(local):
            return _change(after, local, zone)
    return local.astimezone(UTC)


def is_skipped(day: date, wall: time, zone: ZoneInfo) -> bool:
    """Whether the clocks are put forward over that time of that date, so that no wall ever shows it."""
    local = datetime.combine(day, wall, tzinfo=zone)
    return _offset(local.replace(fold=1)) > _offset(local)


def comes_twice(day: date, wall: time, zone: ZoneInfo) -> bool:
    """Whether the clocks are put back over that time of that date, so that the wall shows it a second time."""
    local = datetime.combine(day, wall, tzinfo=zone)
    return _offset(local.replace(fold=1)) < _offset(local)


@lru_cache(maxsize=_DAYS)
def _is_even(day: date, zone: ZoneInfo) -> bool:
    # Almost every day is, and asking costs less than looking at both readings of every time.
    first = datetime.combine(day, time(), tzinfo=zone)
    return _offset(first) == _offset(first + timedelta(days=1))


def _offset(local: datetime) -> timedelta:
    return local.utcoffset() or timedelta(0)


def _change(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The instant (UTC) between these two at which the clocks of that zone are changed; they are at whole seconds."""
    early, late = math.floor(before.timestamp()), math.ceil(after.timestamp())
    target = _offset(datetime.fromtimestamp(late, zone))
    while late - early > 1:
        middle = (early + late) // 2
        if _offset(datetime.fromtimestamp(middle, zone)) == target:
            late = middle
        else:
            early = middle
    return datetime.fromtimestamp(late, UTC)
