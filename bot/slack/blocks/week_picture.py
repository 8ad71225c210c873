"""A small picture of somebody's last weeks in letters: Slack shows no private image on the Home tab."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot.slack.blocks.drawn import Block
from bot.slack.blocks.limits import context, divider, header, section
from bot.slack.blocks.text import count, whole

LONGEST_BAR = 12
"""Short enough that a line does not break on a phone."""
ARRIVED, UNDER_WAY = "█", "░"


@dataclass(frozen=True, kw_only=True)
class Week:
    """A week of the reader's own calendar: how many sends were made, and how many of them have arrived by now."""

    monday: date
    sent: int
    arrived: int


def build(weeks: Sequence[Week]) -> list[Block | None]:
    """The sum in a sentence, a bar for each week, and the same in words for whoever does not see it."""
    if not weeks:
        return []
    sent, arrived = sum(week.sent for week in weeks), sum(week.arrived for week in weeks)
    title = [divider(), header(f"Your last {len(weeks)} weeks")]
    if not sent:
        return [*title, section("You have sent nothing in this time.")]
    return [
        *title,
        section(f"You have sent {count(sent, 'gift')}. {_have(arrived)} delivered or redeemed so far."),
        _picture(weeks),
        context(
            f"{ARRIVED} delivered or redeemed  {UNDER_WAY} not yet, or not at all. Week by week: "
            + "; ".join(f"from {_day(week.monday)} {whole(week.sent)} sent, {whole(week.arrived)} of them arrived"
                        for week in weeks if week.sent) + ".",
        ),
    ]


def _have(arrived: int) -> str:
    return "None of them is" if not arrived else f"{whole(arrived)} of them {'is' if arrived == 1 else 'are'}"


def _picture(weeks: Sequence[Week]) -> Block:
    most = max(week.sent for week in weeks)
    width = max(len(_day(week.monday)) for week in weeks)
    lines = [f"{_day(week.monday):<{width}} {_bar(week, most)} {whole(week.sent)}" for week in weeks]
    text = {"type": "text", "text": "\n".join(line.rstrip() for line in lines)}
    return {"type": "rich_text", "elements": [{"type": "rich_text_preformatted", "elements": [text]}]}


def _bar(week: Week, most: int) -> str:
    # Whatever is not nothing is seen, and a full bar is only what has arrived to the last.
    long = max(round(week.sent * LONGEST_BAR / most), 1) if week.sent else 0
    full = min(max(week.arrived * long // week.sent, 1), long) if week.arrived else 0
    return (ARRIVED * full + UNDER_WAY * (long - full)).ljust(LONGEST_BAR)


def _day(day: date) -> str:
    return f"{day:%b} {day.day}"
