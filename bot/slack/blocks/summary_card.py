"""The rolling summary of a day: what went above a channel's budget of messages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bot.slack.blocks import group_card, why_now
from bot.slack.blocks.drawn import Drawn, draw
from bot.slack.blocks.group_card import TITLES, Group
from bot.slack.blocks.limits import context, header, section
from bot.slack.blocks.text import count

WHY = "Enough messages have come here for now, so the rest of the day's alerts stand together in this one."


def build(group: Group, by_rule: Mapping[str, int], now: datetime) -> Drawn:
    """True counts by what is the matter, the most pressing few, and buttons that act on all.

    `by_rule`: rule id, or "support" -> how many of the alerts that are open.
    """
    return draw([
        header(group_card.title(group)),
        section("\n".join(_lines(by_rule)) or "Everything here is settled."),
        section(group_card.lines(group, now)) if group.open and group.top else None,
        section(f"*Why now:* {_why(group)}") if group.open else None,
        context(*group_card.done(group)),
        group_card.buttons(group),
    ])


def _why(group: Group) -> str:
    brought = why_now.of_several(group.reasons, group.total, group.repeats)
    return " ".join(part for part in (WHY, brought, group.here) if part)


def _lines(by_rule: Mapping[str, int]) -> list[str]:
    order = {rule: place for place, rule in enumerate(dict.fromkeys(("needs_action", "expired", "support", *TITLES)))}
    known = sorted(by_rule.items(), key=lambda pair: order.get(pair[0], len(order)))
    return [f"• {count(number, *TITLES.get(rule, ('other alert', 'other alerts')))}" for rule, number in known]
