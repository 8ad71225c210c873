"""Until when somebody wants it quiet, in their own words and on their own clock, and the same said back."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

from bot.alerts.lifecycle import LONGEST_SNOOZE
from bot.alerts.spoken_time import clock, days, slips
from bot.alerts.spoken_time.grammar import Reader, Said, time_named
from bot.alerts.spoken_time.lengths import TOO_FAR, TOO_SOON, Length
from bot.alerts.spoken_time.pieces import GENERIC, LONGEST, Cursor, DoubtError, pieces
from bot.statuses.wall_time import comes_twice, instant, is_skipped
from bot.statuses.working_time import WorkCalendar

_SAID_BACK = re.compile(r"(?P<said>[^()]+)\((?P<zone>[A-Za-z0-9_+/-]{1,60})\)(?:, (?P<distance>in [a-z0-9 ]+))?")
_EITHER_MIDNIGHT = "Midnight lies between two days: write the one that it begins, such as “saturday 00:00”."
_MINUTE = timedelta(minutes=1)
_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Until:
    """An instant (aware, a whole minute) until which it shall be quiet, and the words that say so."""

    at: datetime
    words: str


@dataclass(frozen=True, kw_only=True)
class NotUnderstood:
    """Why words are no instant that can be meant: a sentence for the person, and examples that are understood."""

    sentence: str
    examples: tuple[str, ...]
    is_time: bool = True
    """Whether they name a time all the same, but one that cannot be, such as "yesterday"."""

    @property
    def told(self) -> str:
        """Both, in plain text."""
        return f"{self.sentence} For example: {', '.join(self.examples)}."


def parse(words: str, now: datetime, zone: ZoneInfo, calendar: WorkCalendar) -> Until | NotUnderstood:
    """The instant that `words` name at `now` (aware) for somebody whose clock shows `zone`.

    Never a guess: whatever has more than one reading, or is past, or more than 366 days ahead, is not understood.
    Business days are those of `calendar` by the person's own dates. A date without a time means 9:00, one without
    a year the next such date, a weekday the coming one, a time alone the next such time.
    """
    # Sums with times of one zone are sums on the wall; between instants they must not be.
    now = now.astimezone(UTC)
    try:
        return Until(at=_within(_understood(words.strip(), now, zone, calendar), now), words=words.strip())
    except DoubtError as doubt:
        is_time = str(doubt) != GENERIC
        sentence = str(doubt) if is_time else f"{doubt}{_meant(words, now, zone, calendar)}"
        return NotUnderstood(sentence=sentence, examples=examples(now, zone), is_time=is_time)


def _meant(words: str, now: datetime, zone: ZoneInfo, calendar: WorkCalendar) -> str:
    """What may have been meant by a mistyped word, as a question; empty where that is no time either."""
    near = slips.mended(words.strip()[:LONGEST])
    try:
        _within(_understood(near, now, zone, calendar), now)
    except DoubtError:
        return ""
    return f" Did you mean “{near}”?"


def examples(now: datetime, zone: ZoneInfo) -> tuple[str, ...]:
    """What can be written at any time, and a date that is right now."""
    fortnight = now.astimezone(zone).date() + timedelta(days=14)
    return "2h", "tomorrow 9am", "monday 14:30", "3 business days", days.short(fortnight)


def spoken(at: datetime, now: datetime, zone: ZoneInfo) -> str:
    """An instant as people say it: "Monday 30 Nov, 09:00 (Europe/Berlin), in 6 days". `parse` reads it back.

    The year stands where it is another than now, and the distance from UTC in an hour that comes twice.
    """
    local = at.astimezone(zone)
    year = f" {local.year}" if local.year != now.astimezone(zone).year else ""
    twice = comes_twice(local.date(), local.time().replace(fold=0), zone)
    offset = f" UTC{local.isoformat()[-6:]}" if twice else ""
    return f"{local:%A} {local.day} {local:%b}{year}, {local:%H:%M}{offset} ({zone.key}), {distance(at, now, zone)}"


def distance(at: datetime, now: datetime, zone: ZoneInfo) -> str:
    """How far off it is: "in 40 minutes", "in 2 hours 30 minutes", and from a day on "in 6 days" by the calendar."""
    at, now = at.astimezone(UTC), now.astimezone(UTC)
    if at - now >= _DAY:
        apart = (at.astimezone(zone).date() - now.astimezone(zone).date()).days
        return f"in {_count(apart, 'day')}"
    hours, minutes = divmod(max(math.ceil((at - now) / _MINUTE), 0), 60)
    told = [_count(number, unit) for number, unit in ((hours, "hour"), (minutes, "minute")) if number]
    return f"in {' '.join(told) or '0 minutes'}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun if number == 1 else noun + 's'}"


def _understood(words: str, now: datetime, zone: ZoneInfo, calendar: WorkCalendar) -> datetime:
    said_back = _SAID_BACK.fullmatch(words)
    if said_back is None:
        return _instant(_said(words, now, zone, calendar), now, zone, calendar)
    zone = _zone(said_back["zone"])
    found = _instant(_said(said_back["said"], now, zone, calendar), now, zone, calendar)
    if said_back["distance"] not in {None, distance(found, now, zone)}:
        raise DoubtError(GENERIC)
    return found


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise DoubtError(f"{name} is no time zone.") from None


def _said(words: str, now: datetime, zone: ZoneInfo, calendar: WorkCalendar) -> Said:
    return Reader(Cursor(pieces(words)), now.astimezone(zone).date(), calendar).read()


def _within(at: datetime, now: datetime) -> datetime:
    at = at.astimezone(UTC).replace(second=0, microsecond=0)
    if at <= now:
        raise DoubtError(TOO_SOON)
    if at - now > LONGEST_SNOOZE:
        raise DoubtError(TOO_FAR)
    return at


def _instant(said: Said, now: datetime, zone: ZoneInfo, calendar: WorkCalendar) -> datetime:
    today = now.astimezone(zone).date()
    if said.length is not None:
        return _after(said.length, said, now, zone, calendar)
    if said.named == "midnight":
        return _on(_midnight(said, today), clock.MIDNIGHT, now, zone)
    wall, day = _wall(said), _day(said, today)
    if day is None:
        return _next(said, wall, today, now, zone)
    if day < today - _DAY:
        raise DoubtError(f"{days.told(day)} {day.year} has passed.")
    if day > today + LONGEST_SNOOZE + _DAY:
        raise DoubtError(TOO_FAR)
    if said.clock is not None and said.clock.offset is not None:
        return datetime.combine(day, wall, tzinfo=timezone(said.clock.offset))
    return _on(day, wall, now, zone)


def _after(length: Length, said: Said, now: datetime, zone: ZoneInfo, calendar: WorkCalendar) -> datetime:
    """So long from now; days keep the time on the wall unless another is named."""
    local = now.astimezone(zone)
    if said.named == "midnight" or (length.minutes and _has_time(said)):
        raise DoubtError(GENERIC)
    if not (length.days or length.business_days):
        return now + length.minutes * _MINUTE
    day = local.date() + timedelta(days=length.days)
    if length.business_days:
        day = calendar.business_day_after(local.date(), length.business_days)
    if _has_time(said):
        return _on(day, _wall(said), now, zone)
    return instant(day, local.time().replace(fold=0), zone) + length.minutes * _MINUTE


def _has_time(said: Said) -> bool:
    return any(told is not None for told in (said.clock, said.named, said.part))


def _wall(said: Said) -> time:
    if said.named is None:
        return clock.time_of_day(said.clock, said.part)
    if said.part is not None:
        raise DoubtError(GENERIC)
    return time_named(said.named)


def _midnight(said: Said, today: date) -> date:
    """The day that begins at the midnight that is meant: without a day, or tonight, the next one."""
    if said.part not in {None, clock.NIGHT} or said.weekday is not None or said.month_day is not None:
        raise DoubtError(_EITHER_MIDNIGHT)
    if said.day not in {None, today}:
        raise DoubtError(_EITHER_MIDNIGHT)
    return today + _DAY


def _day(said: Said, today: date) -> date | None:
    """The day that is meant; None where only a time was named. Raises DoubtError for a wrong weekday."""
    day = days.next_date(*said.month_day, today) if said.month_day is not None else said.day
    if day is None:
        return None if said.weekday is None else days.coming(said.weekday, today)
    if said.weekday not in {None, day.weekday()}:
        raise DoubtError(f"{day.day} {day:%B} {day.year} is a {day:%A}.")
    return day


def _next(said: Said, wall: time, today: date, now: datetime, zone: ZoneInfo) -> datetime:
    """The next time that the wall shows that; the end of the day is today's."""
    if said.clock is not None and said.clock.offset is not None:
        raise DoubtError("Write the date too, since the zone is another.")
    is_ahead = any(found > now for found in _readings(today, wall, zone))
    is_end_of_day = said.named is not None and wall == clock.END_OF_DAY
    return _on(today if is_ahead or is_end_of_day else today + _DAY, wall, now, zone)


def _readings(day: date, wall: time, zone: ZoneInfo) -> tuple[datetime, ...]:
    first = instant(day, wall, zone)
    if not comes_twice(day, wall, zone):
        return (first,)
    return first, datetime.combine(day, wall, tzinfo=zone).replace(fold=1)


def _on(day: date, wall: time, now: datetime, zone: ZoneInfo) -> datetime:
    """That time of that day; of an hour that comes twice the first that is still to come."""
    if is_skipped(day, wall, zone):
        raise DoubtError(f"On {days.told(day)} the clocks are put forward over {wall:%H:%M}: write an hour later.")
    ahead = [found for found in _readings(day, wall, zone) if found > now]
    if not ahead:
        raise DoubtError(f"{days.told(day)}, {wall:%H:%M}, has passed.")
    return ahead[0]
