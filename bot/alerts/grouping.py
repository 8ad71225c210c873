"""Which alerts go together into one message, and how many messages a channel may get. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bot.alerts.routing import ADMIN_RULES, Subject
from bot.statuses.watched import LEVELS, OVERDUE, RULES, STALE, UNKNOWN_RULE

GROUP_FROM = 3
"""So many alerts of one rule and campaign at once become one message."""

BASELINE_ABOVE = 5
"""When the first scan of a database finds more than so many, one summary asks what to do with them."""

ALERT, GROUP, SUMMARY, BASELINE, NOTICE = "alert", "group", "summary", "baseline", "notice"
"""Kinds of messages."""


@dataclass(frozen=True, kw_only=True)
class Item:
    """What grouping and the one-line texts need to know of an alert, its send and the place where it is told."""

    ref: int
    """Tells the items of one plan apart: the alert's id, or its place in a plan that is not carried out."""
    version: int = 1
    channel: str = ""
    """Where it is told."""
    rule: str
    level: str
    status: str
    status_raw: str
    since: datetime | None
    due_at: datetime
    why: str
    send_gid: str = ""
    gift: str = ""
    recipient: str = ""
    campaign: str = ""
    campaign_id: int | None = None
    subject: Subject | None = None
    """The same as rules look at it."""

    @property
    def urgency(self) -> tuple[int, int, datetime, int]:
        """The most pressing first, of equals the one due for longest."""
        place = RULES.index(self.rule) if self.rule in RULES else len(RULES)
        return place, -LEVELS.get(self.level, 0), self.due_at, self.ref


@dataclass(frozen=True, kw_only=True)
class Planned:
    """One message to be: its kind, the channel or person it goes to, and the alerts that it shows."""

    kind: str
    channel: str
    items: tuple[Item, ...]
    day: date | None = None
    """Of a summary: the day to which it belongs."""

    @property
    def key(self) -> str:
        """The message's name for ever: an alert is told in one place at most once at each of its versions."""
        if self.kind == BASELINE:
            return BASELINE
        if self.kind == SUMMARY:
            return f"{SUMMARY}:{self.channel}:{self.day}"
        first = min(self.items, key=lambda item: item.ref)
        return f"{self.kind}:{first.ref}:{first.version}:{self.channel}"


def plan(items: Iterable[Item]) -> list[Planned]:
    """The messages for alerts that are told now, the most pressing first.

    That data are missing stands alone. Of the rest, those of one channel, rule and campaign go together from 3 on,
    else each has a message of its own.
    """
    ordered = sorted(items, key=lambda item: item.urgency)
    notices = [Planned(kind=NOTICE, channel=item.channel, items=(item,)) for item in ordered if item.rule == STALE]
    return [*_grouped([item for item in ordered if item.rule != STALE]), *notices]


def backlog(items: Iterable[Item], channel: str) -> list[Planned]:
    """The same for the first scan of a database: more than 5 findings become one summary in `channel`."""
    ordered = sorted(items, key=lambda item: item.urgency)
    gifts = tuple(item for item in ordered if item.rule not in ADMIN_RULES)
    if len({item.ref for item in gifts}) <= BASELINE_ABOVE:
        return plan(ordered)
    others = plan(item for item in ordered if item.rule in ADMIN_RULES)
    return [Planned(kind=BASELINE, channel=channel, items=gifts), *others]


def _grouped(gifts: Sequence[Item]) -> list[Planned]:
    together: dict[tuple[str, str, Hashable], list[Item]] = defaultdict(list)
    for item in gifts:
        together[item.channel, item.rule, _campaign(item)].append(item)
    planned = []
    for (channel, _, _), some in together.items():
        if len(some) >= GROUP_FROM:
            planned.append(Planned(kind=GROUP, channel=channel, items=tuple(some)))
        else:
            planned.extend(Planned(kind=ALERT, channel=channel, items=(one,)) for one in some)
    return sorted(planned, key=lambda message: message.items[0].urgency)


def _campaign(item: Item) -> Hashable:
    if item.rule == UNKNOWN_RULE:
        # It is about a spelling, whichever campaign it came with first.
        return item.rule
    return item.campaign_id if item.campaign_id is not None else item.campaign


def within_budget(
    planned: Iterable[Planned], room: Mapping[str, int], day: date, person_of: Mapping[str, str] | None = None,
) -> list[Planned]:
    """The same messages, as far as there is `room` in their channels; the rest go into the day's summary of each.

    `person_of` gives the Slack user of an address that is known, with whom it has one room. The most pressing have
    the room. That data are missing is not counted: nothing else says so.
    """
    left, kept, over = dict(room), [], defaultdict[str, list[Item]](list)
    for message in planned:
        place = (person_of or {}).get(message.channel, message.channel)
        if message.kind not in {ALERT, GROUP} or place not in left or left[place] > 0:
            kept.append(message)
            if place in left:
                left[place] -= message.kind in {ALERT, GROUP}
        else:
            over[message.channel].extend(message.items)
    summaries = [
        Planned(kind=SUMMARY, channel=channel, items=tuple(items), day=day) for channel, items in over.items()
    ]
    return [*kept, *summaries]


def by_rule(items: Iterable[Item]) -> dict[str, int]:
    """How many of each rule; those for which Support should be contacted are counted as "support"."""
    counts = Counter("support" if (item.rule, item.level) == (OVERDUE, "support") else item.rule for item in items)
    return dict(counts.most_common())
