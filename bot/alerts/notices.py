"""What Sendwatch says in one line: previews, reminders, notices to admins. Pure, and plain text.

Names and statuses from outside stand in these lines as they came; who puts a line into Slack escapes it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from bot.alerts.grouping import ALERT, BASELINE, GROUP, SUMMARY, Item, Planned, by_rule
from bot.statuses import catalogue
from bot.statuses.watched import EXPIRED, EXPIRING, NEEDS_ACTION_RULE, OVERDUE, UNKNOWN_RULE

LONGEST_NAME = 80
NAMED = 3
"""So many of several are named in a line that is about all of them."""
SAID = " The last one said: "
"""Stands in the reason of an alert about missing data before what the sync has said."""

RULE_WORDS: Mapping[str, tuple[str, str]] = {
    "support": ("is stuck: contact Support", "are stuck: contact Support"),
    OVERDUE: ("is late", "are late"),
    EXPIRING: ("ends soon", "end soon"),
    EXPIRED: ("is over", "are over"),
    NEEDS_ACTION_RULE: ("needs somebody to act", "need somebody to act"),
    UNKNOWN_RULE: ("has a status nobody has named", "have statuses nobody has named"),
}
"""What is the matter with one send, and with several."""


def text_of(planned: Planned, now: datetime) -> str:
    """A message that would be posted, in one line of plain text."""
    if planned.items[0].rule == UNKNOWN_RULE and planned.kind in {ALERT, GROUP}:
        return unknown_line(planned.items)
    match planned.kind:
        case kind if kind == BASELINE:
            return baseline_line(planned)
        case kind if kind == GROUP:
            return group_line(planned)
        case kind if kind == SUMMARY:
            return summary_line(planned)
        case kind if kind == ALERT:
            return alert_line(planned.items[0], now)
        case _:
            return stale_line(planned.items[0], now)


def alert_line(item: Item, now: datetime) -> str:
    """One alert: "Order Received for 8 days: Bundles for Jane Doe, campaign Autumn. In Order Received for …"."""
    about = " for ".join(_clip(part) for part in (item.gift or "a gift", item.recipient) if part)
    campaign = f", campaign {_clip(item.campaign)}" if item.campaign else ""
    lasted = f" for {lasting(now - item.since)}" if item.since is not None else ""
    return f"{title(item.status, item.status_raw)}{lasted}: {about}{campaign}. {item.why}"


def group_line(planned: Planned) -> str:
    """Many alerts of one rule and campaign: "12 sends of campaign Autumn are late (9 Order Received, 3 Shipped)."."""
    first = planned.items[0]
    campaign = f"of campaign {_clip(first.campaign)}" if first.campaign else "without a campaign"
    counts = by_rule(planned.items)
    matter = " and ".join(_matter(rule, number, many=len(counts) > 1) for rule, number in counts.items())
    statuses = Counter(title(item.status, item.status_raw) for item in planned.items)
    listed = ", ".join(f"{number:,} {name}" for name, number in statuses.most_common())
    return f"{len(planned.items):,} sends {campaign}{':' if len(counts) > 1 else ''} {matter} ({listed})."


def baseline_line(planned: Planned) -> str:
    """What the first scan found, with the choice that it asks for."""
    listed = ", ".join(_matter(rule, number, many=True) for rule, number in by_rule(planned.items).items())
    return (
        f"A first look found {len(planned.items):,} sends that need somebody: {listed}. "
        "Post them as alerts, or only tell about new ones?"
    )


def summary_line(planned: Planned) -> str:
    """What went above a channel's budget of messages."""
    listed = ", ".join(_matter(rule, number, many=True) for rule, number in by_rule(planned.items).items())
    return (
        f"{len(planned.items):,} more today: {listed}. This channel has had as many messages as it is to get, so they "
        "stand together here."
    )


def _matter(rule: str, number: int, *, many: bool) -> str:
    one, several = RULE_WORDS.get(rule, ("needs a look", "need a look"))
    words = one if many and number == 1 else several
    return f"{number:,} {words}" if many else words


def unknown_line(items: Sequence[Item]) -> str:
    """To the admins: statuses that nobody has named, the first few by their spelling."""
    if len(items) == 1:
        gid = f" It was first seen on send {items[0].send_gid}." if items[0].send_gid else ""
        return (
            f"Sendoso reports a status that Sendwatch does not know: “{_clip(items[0].status_raw)}”.{gid} Its text is "
            "kept as it came; no limit is watched for it."
        )
    named = [f"“{_clip(item.status_raw)}”" for item in items[:NAMED]]
    more = len(items) - len(named)
    return (
        f"Sendoso reports {len(items):,} statuses that Sendwatch does not know: "
        f"{joined([*named, f'{more:,} more'] if more else named, 'and')}. Their texts are kept as they came; no limit "
        "is watched for them."
    )


def stale_line(item: Item, now: datetime) -> str:
    """To the admins: no data for too long (`item.since`: the last that came)."""
    since = f"for {lasting(now - item.since)}" if item.since is not None else "so far"
    return (
        f"No sync with Sendoso has worked {since}. Alerts may be out of date until one does: check the access "
        f"token and whether Sendoso's API can be reached.{''.join(item.why.partition(SAID)[1:])}"
    )


def stale_over_line(last_ok_at: datetime, started_at: datetime) -> str:
    """To the admins, when data come in again: how long they were missing."""
    return f"Data come in from Sendoso again, after {lasting(last_ok_at - started_at)} without."


def reminder_line(
    items: Sequence[Item], reason: str, now: datetime, *, number: int = 1, since: datetime, alone: bool = True,
    others: int = 0,
) -> str:
    """Below a message: why its alerts (`items`) are brought up again.

    `reason` is repeated, escalated, snooze_ended or mute_ended, `number` counts the reminders, `since` is when they
    were told; `alone` where the message shows nothing else; `others` that it shows are open, too.
    """
    said = {
        "snooze_ended": "The snooze has ended and nothing has moved",
        "mute_ended": "The mute has ended and nothing has moved",
        "escalated": f"Nobody has acted on this for {lasting(now - since)}",
    }.get(reason, f"Reminder {number:,}: nobody has acted on this for {lasting(now - since)}")
    if alone and len(items) == 1:
        return f"{said}: {_still(items[0], now)}."
    more = f" {count(others, 'other')} above {'is' if others == 1 else 'are'} open, too." if others else ""
    return f"{said}: {count(len(items), 'alert')} above still open ({_statuses(items)}){_names(items)}.{more}"


def escalated_to(*, channel: bool, sender: bool, people: int = 0) -> str:
    """Who else hears of it now, besides those who are called; empty where nobody does."""
    others = [
        *(["another channel"] if channel else []), *(["the sender"] if sender else []),
        *(["one more person" if people == 1 else f"{people:,} more people"] if people else []),
    ]
    return f"It is now told to {joined(others, 'and')}, too." if others else ""


def follow_up_line(
    items: Sequence[Item], told: datetime, now: datetime, *, days: int, alone: bool, below: bool = True,
) -> str:
    """To whoever told Support of these alerts: how long ago (`days`: business days), and how they stand.

    `below` where it stands below a message that shows them, and `alone` where that shows nothing else.
    """
    ago = f"{count(days, 'business day')} ago" if days else how_long_ago(now - told)
    if len(items) > 1:
        which = f"{len(items):,} of these gifts" if below else f"{len(items):,} gifts"
        names = "" if below else _names(items)
        return f"You told Support of {which} {ago}, and they are still open ({_statuses(items)}){names}."
    item = items[0]
    about = "it" if alone or not item.recipient else f"the gift for {_clip(item.recipient)}"
    lasted = f", now for {lasting(now - item.since)}" if item.since is not None else ""
    return f"You told Support {ago}, and {about} is still {title(item.status, item.status_raw)}{lasted}."


def _names(items: Sequence[Item]) -> str:
    """For whom these gifts are, the most pressing first: ": Jane Doe, Kim Ode, Olga Okafor and 14 more"."""
    named = [
        _clip(item.recipient or item.gift) for item in sorted(items, key=lambda one: one.urgency)
        if item.recipient or item.gift
    ][:NAMED]
    more = len(items) - len(named)
    return f": {', '.join(named)}{f' and {more:,} more' if more else ''}" if named else ""


def _statuses(items: Sequence[Item]) -> str:
    counts = Counter(title(item.status, item.status_raw) for item in items)
    return ", ".join(f"{count:,} {name}" for name, count in counts.most_common())


def _still(item: Item, now: datetime) -> str:
    lasted = f" for {lasting(now - item.since)}" if item.since is not None else ""
    about = f" ({_clip(item.recipient)})" if item.recipient else ""
    return f"still {title(item.status, item.status_raw)}{lasted}{about}"


def closed_line(why: str, status: str, status_raw: str, told: str = "") -> str:
    """Why the scan closed an alert, for a send that now has this status; `told` is the title of that which it was for.

    That is the same where the send came back to it, or where two records of it have become one.
    """
    match why:
        case "moved_on" if told == title(status, status_raw):
            return f"{told} counts anew, with an alert of its own."
        case "moved_on":
            return f"Now {title(status, status_raw)}: the send moved on."
        case "raised":
            return "The next limit has passed: a new alert says so."
        case "ended":
            return "The offer is over: a new alert says so."
    return "No longer so, by what Sendoso tells and the limits in force."


def title(status: str, status_raw: str) -> str:
    """A status as people know it; one that nobody has named as its source spelt it."""
    if status == catalogue.Status.UNKNOWN and status_raw.strip():
        return f"“{_clip(status_raw)}”"
    return catalogue.title(status)


def lasting(length: timedelta) -> str:
    """A length of time in its largest full unit: 40 minutes, 3 hours, 8 days."""
    minutes = max(length // timedelta(minutes=1), 0)
    if minutes < 1:
        return "less than a minute"
    for size, unit in ((1440, "day"), (60, "hour")):
        if minutes >= size:
            return count(minutes // size, unit)
    return count(minutes, "minute")


def how_long_ago(length: timedelta) -> str:
    """How long ago it was: just now, 3 minutes ago."""
    return "just now" if length < timedelta(minutes=1) else f"{lasting(length)} ago"


def count(number: int, unit: str) -> str:
    """A number and its noun: 1 alert, 1,204 alerts."""
    return f"{number:,} {unit}{'' if number == 1 else 's'}"


def joined(named: Sequence[str], word: str) -> str:
    """A list in words: "Jane, Kim and Olga"."""
    return named[0] if len(named) == 1 else f"{', '.join(named[:-1])} {word} {named[-1]}"


def _clip(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_NAME else f"{line[:LONGEST_NAME - 1]}…"
