"""Digests in words, for mrkdwn: which one it is, when it comes next, and what the last one would have told."""

from __future__ import annotations

from datetime import datetime

from bot.reports.schedule import DAY, WORKDAYS, Digest, Due
from bot.reports.summary import Summary
from bot.slack.blocks import route_words
from bot.slack.blocks.text import count, escape, own, stamp, whole

EVERY_DAY = frozenset(range(7))
NEVER = "⚠️ It never comes: it has no channel, and `ALERT_CHANNEL` is not set."
STOPS = "It does not come any more. What it has told stays in its channel."
TWICE = (
    "⚠️ Perhaps not meant: there is another digest of the same sends for the same channel, as often as this one. "
    "Of the two only one comes each time."
)


def digest(found: Digest) -> str:
    """Which digest it is: "*Weekly, Monday at 09:00*: all sends → #gifts"."""
    small = [
        "with a picture" if found.picture else "without a picture",
        "" if found.skip_empty else "also when there is nothing to tell",
    ]
    rest = " · ".join(part for part in small if part)
    return f"*{often(found)}, {days(found)} at {found.at:%H:%M}* ({escape(found.zone)}): {leads(found)} · {rest}"


def often(found: Digest) -> str:
    """"Daily" or "Weekly"."""
    return "Daily" if found.every == DAY else "Weekly"


def days(found: Digest) -> str:
    """The weekdays on which it comes."""
    if found.on == EVERY_DAY:
        return "every day"
    if found.on == WORKDAYS:
        return "Monday to Friday"
    return route_words.listed([route_words.DAYS[day] for day in sorted(found.on)], shown=7)


def leads(found: Digest) -> str:
    """Of what it tells, and where."""
    what = f"sends of the route “{escape(found.route, 60)}”" if found.route else "all sends"
    return f"{what} → {route_words.channel(found.channel)}"


def coming(due: Due | None, now: datetime) -> str:
    """When it comes next and what it tells of then."""
    if due is None:
        return NEVER
    when = "*within a minute*" if due.at <= now else f"*{stamp(due.at)}* by your clock"
    return f"Comes next: {when}, about {own(due.period.name)}."


def last(told: Summary, found: Digest) -> str:
    """What the last one would have told, if it were set so already."""
    begin = f"The last one, about {own(told.period.name)}, would have told of"
    if told.is_empty:
        return f"{begin} nothing at all{', so that it would have been left out' if found.skip_empty else ''}."
    now = told.now
    parts = [
        f"*{count(now.sent, 'send')}* made", f"{whole(now.arrived)} arrived", f"{whole(now.stuck)} stuck",
        f"{whole(now.expired)} expired",
    ]
    return f"{begin} {route_words.listed(parts)}."
