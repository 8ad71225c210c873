"""The sum behind a due time in words, for mrkdwn."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.alerts.explanation import Reckoning, Start, Way
from bot.slack.blocks.text import count, escape, stamp
from bot.statuses import counting
from bot.statuses.watched import later

LONGEST = 900
ASSUMED = "No source gave that end; it is assumed, as the limit says."
AT_ONCE = "*How it was counted:* nothing is counted: it is due as soon as Sendoso reports it."


def lines(found: Reckoning, status: str) -> list[str]:
    """How the due time comes about, a line each; `status` is the send's as people know it, from outside."""
    match found.way:
        case Way.AT_ONCE:
            return [AT_ONCE] if found.agrees else [f"*Due:* {stamp(found.due_at)}, by the limit in force then."]
        case Way.BEFORE_END | Way.AT_END:
            return _by_end(found)
    return [_told("How it was counted", _from(found, status)), *_outcome(found)]


def _told(label: str, words: str) -> str:
    return f"*{label}:* {words}"


def _from(found: Reckoning, status: str) -> str:
    if found.origin is Start.STATUS:
        return f"from when it came into {escape(status)}"
    origin = "from when the order was received" if found.origin is Start.WAREHOUSE else "from when it was sent"
    return f"{origin}{f', {stamp(found.start)}' if found.start is not None else ''}"


def _outcome(found: Reckoning) -> list[str]:
    if found.counted is not None:
        told = [f"{escape(counting.sentence(found.counted), LONGEST)}"]
    else:
        start = stamp(found.start) if found.start is not None else "then"
        told = [f"{start} + {count(found.amount, 'day')} of 24 hours, weekends and holidays included"]
    if found.agrees and not found.is_held:
        return [*told, f"= *{stamp(found.due_at)}*, by your clock"]
    if found.agrees:
        return [*told, f"That was over before it came into its status, so it was due at once: *{stamp(found.due_at)}*"]
    moment = _moment(found)
    by_now = f" By today's calendar and data it would be {stamp(moment)}." if moment is not None else ""
    return [*told, f"It was due *{stamp(found.due_at)}* by the calendar and data of that time.{by_now}"]


def _moment(found: Reckoning) -> datetime | None:
    if found.counted is not None:
        return found.counted.due_at
    return later(found.start, timedelta(days=found.amount)) if found.start is not None else None


def _by_end(found: Reckoning) -> list[str]:
    if found.ends_at is None:
        return [_told("Due", stamp(found.due_at))]
    if found.way is Way.AT_END:
        return [_told("How it was counted", f"the end that was given for it has passed: *{stamp(found.ends_at)}*")]
    told = f"it ends {stamp(found.ends_at)}, less {count(found.amount, 'day')} = *{stamp(found.due_at)}*"
    if found.is_held or not found.agrees:
        told = (
            f"it ends {stamp(found.ends_at)}, so that less than {count(found.amount, 'day')} was left at "
            f"*{stamp(found.due_at)}*"
        )
    return [_told("How it was counted", told), *([ASSUMED] if found.is_assumed else [])]
