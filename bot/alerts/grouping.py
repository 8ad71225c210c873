"""Which alerts of one scan go together into one message. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.alerts.routing import ADMIN_RULES, Route
from bot.statuses.watched import LEVELS, OVERDUE, RULES

GROUP_FROM = 3
"""So many alerts of one rule and campaign in one scan become one message."""

BASELINE_ABOVE = 5
"""When the first scan of a database finds more than so many, one summary asks what to do with them."""

ALERT, GROUP, BASELINE, NOTICE = "alert", "group", "baseline", "notice"
"""Kinds of messages."""


@dataclass(frozen=True, kw_only=True)
class Item:
    """What grouping and the one-line texts need to know of an alert and its send."""

    ref: int
    """Tells the items of one plan apart: the alert's id, or its place in a plan that is not carried out."""
    version: int = 1
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

    @property
    def key(self) -> str:
        """The message's name for ever: an alert is announced at most once at each of its versions."""
        if self.kind == BASELINE:
            return BASELINE
        first = min(self.items, key=lambda item: item.ref)
        name = f"{self.kind}:{first.ref}:{first.version}"
        return f"{name}:{self.channel}" if self.kind == NOTICE else name


def plan(items: Sequence[Item], route: Route, *, first_scan: bool) -> list[Planned]:
    """The messages for alerts that no message shows yet, the most pressing first.

    What only admins can mend goes to each of them alone. The rest goes to the channel: all of it in one
    summary if this is the first scan and there are more than 5, else those of one rule and campaign
    together from 3 on, else one by one.
    """
    ordered = sorted(items, key=lambda item: item.urgency)
    notices = [
        Planned(kind=NOTICE, channel=channel, items=(item,))
        for item in ordered if item.rule in ADMIN_RULES for channel in route.channels(item.rule)
    ]
    gifts = [item for item in ordered if item.rule not in ADMIN_RULES]
    if first_scan and len(gifts) > BASELINE_ABOVE:
        return [Planned(kind=BASELINE, channel=route.alert_channel, items=tuple(gifts)), *notices]
    return [*_grouped(gifts, route), *notices]


def _grouped(gifts: Sequence[Item], route: Route) -> list[Planned]:
    together: dict[tuple[str, str, Hashable], list[Item]] = defaultdict(list)
    for item in gifts:
        (channel,) = route.channels(item.rule)
        together[channel, item.rule, _campaign(item)].append(item)
    planned = []
    for (channel, _, _), some in together.items():
        if len(some) >= GROUP_FROM:
            planned.append(Planned(kind=GROUP, channel=channel, items=tuple(some)))
        else:
            planned.extend(Planned(kind=ALERT, channel=channel, items=(one,)) for one in some)
    return sorted(planned, key=lambda message: message.items[0].urgency)


def _campaign(item: Item) -> Hashable:
    return item.campaign_id if item.campaign_id is not None else item.campaign


def by_rule(items: Iterable[Item]) -> dict[str, int]:
    """How many of each rule; those for which Support should be contacted are counted as "support"."""
    counts = Counter("support" if (item.rule, item.level) == (OVERDUE, "support") else item.rule for item in items)
    return dict(counts.most_common())
