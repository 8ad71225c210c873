"""Which time of day somebody means; an hour that may be before or after noon is a doubt and no guess."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time, timedelta

from bot.alerts.spoken_time.pieces import DoubtError, Piece

MORNING = time(9)
NOON = time(12)
END_OF_DAY = time(17)
MIDNIGHT = time(0)
NIGHT = "night"
PARTS: Mapping[str, time] = {
    "morning": MORNING, "afternoon": time(14), "evening": time(18), NIGHT: time(20),
}
"""The parts of a day and when each begins, where no hour is given."""
_HOURS: Mapping[str, range] = {
    "morning": range(12), "afternoon": range(12, 19), "evening": range(16, 24), NIGHT: range(18, 24),
}
"""The hours that people call so. Twelve is nobody's morning or night."""
_HALF = 12
_DAY = 24
_EARLY = 6
"""An hour up to this one, written with one digit and neither am nor pm, is more often meant in the afternoon."""


@dataclass(frozen=True, kw_only=True)
class Clock:
    """A time of day as written: hour and minute, and how sure it is which half of the day is meant."""

    hour: int
    minute: int = 0
    is_sure: bool = True
    """Whether it is clear when it stands alone."""
    is_fixed: bool = True
    """Whether an hour up to noon is before it for certain, whatever part of the day stands beside it."""
    offset: timedelta | None = None
    """How far it is before UTC, where that was written beside it."""


def written(piece: Piece) -> Clock:
    """The time in a piece such as 14:30, 9am, 5:30 pm. Raises DoubtError where a clock never shows it."""
    parts = piece.parts
    if piece.kind == "moment":
        return _checked(Clock(hour=int(parts["mh"]), minute=int(parts["mi"]), offset=_offset(parts.get("mo"))))
    hour, minute = int(parts.get("ch") or parts["hh"]), int(parts.get("ci") or parts.get("hi") or 0)
    half, offset = parts.get("cp") or parts.get("hp"), _offset(parts.get("co"))
    if half is not None:
        return _checked(Clock(hour=_with_half(hour, half), minute=minute, offset=offset))
    short = len(parts["ch"]) == 1
    return _checked(Clock(
        hour=hour, minute=minute, offset=offset,
        is_sure=not (short and 1 <= hour <= _EARLY), is_fixed=parts["ch"].startswith("0"),
    ))


def bare(hour: int) -> Clock:
    """An hour that was written without minutes, and so is sure only after noon by the 24-hour clock."""
    is_sure = not 1 <= hour <= _HALF
    return _checked(Clock(hour=hour, is_sure=is_sure, is_fixed=is_sure))


def _checked(clock: Clock) -> Clock:
    if clock.hour >= _DAY or clock.minute >= 60:  # noqa: PLR2004 - minutes of an hour
        raise DoubtError(f"No clock shows {clock.hour}:{clock.minute:02}.")
    return clock


def _with_half(hour: int, half: str) -> int:
    if not 1 <= hour <= _HALF:
        raise DoubtError(f"No clock shows {hour}{half}.")
    return hour % _HALF + (_HALF if half == "pm" else 0)


def _offset(written_so: str | None) -> timedelta | None:
    if written_so is None:
        return None
    if written_so == "z":
        return timedelta(0)
    hours, minutes = int(written_so[1:3]), int(written_so[-2:])
    if hours >= _DAY or minutes >= 60:  # noqa: PLR2004 - as above
        raise DoubtError(f"No zone is {written_so} away from UTC.")
    found = timedelta(hours=hours, minutes=minutes)
    return -found if written_so[0] == "-" else found


def time_of_day(clock: Clock | None, part: str | None) -> time:
    """The time on the wall, from what was written of it. Raises DoubtError where the two do not fit together."""
    if clock is None:
        return PARTS[part] if part is not None else MORNING
    if part is None:
        if clock.is_sure:
            return time(clock.hour, clock.minute)
        raise DoubtError(_which(clock))
    # "9 in the evening" is 21:00; "21:00 in the evening" says the same twice.
    hours = [clock.hour] if clock.is_fixed else [clock.hour, clock.hour + _HALF]
    fitting = [hour for hour in hours if hour in _HOURS[part]]
    if len(fitting) != 1:
        raise DoubtError(f"{clock.hour}:{clock.minute:02} is no time in the {part}.")
    return time(fitting[0], clock.minute)


def _which(clock: Clock) -> str:
    minutes = f":{clock.minute:02}" if clock.minute else ""
    hour = clock.hour % _HALF or _HALF
    return f"Before or after noon? Write “{hour}{minutes}am” or “{hour}{minutes}pm”."
