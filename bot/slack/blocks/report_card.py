"""A report: what was sent and what became of it, beside the period before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.reports import words
from bot.reports.asked import EXAMPLES
from bot.reports.summary import Summary
from bot.slack.blocks.drawn import Block, Drawn, draw
from bot.slack.blocks.limits import actions, button, context, facts, header, section
from bot.slack.blocks.numbers import mark
from bot.slack.blocks.text import clip, count, escape, one_line, own, stamp

CAMPAIGNS = 5
CSV, PICTURE, AGAIN = "report_csv", "report_picture", "report_again"
LONGEST_WORDS = 300
HOW = (
    "Stuck is as of the end of that time: late, a case for Support, or in need of somebody. Sent, delivered and the "
    "rest count when they happened, each gift once."
)
MORE = "`/sends report` with a period, a campaign or a team tells more."
LATE = "It comes late, because Sendwatch was not running when it was due, {}."


@dataclass(frozen=True, kw_only=True)
class Report:
    """A report and what its buttons carry."""

    found: Summary
    carried: dict[str, Any] = field(default_factory=dict)
    """How the same report is got again: the digest's message, or the words that were typed and when."""
    picture: bool = True
    """Whether there is a button for the picture."""
    due_at: datetime | None = None
    """When a digest that comes late was due."""


def build(report: Report) -> Drawn:
    """The report as a message."""
    found = report.found
    about = f"Only {escape(found.about, 200)}. " if found.about else ""
    late = LATE.format(stamp(report.due_at)) if report.due_at else ""
    if found.is_empty and found.before.is_empty:
        return draw([
            header(f"📊 {words.title(found)}"), section(f"{about}{own(words.NOTHING)}"),
            context(own(words.held(found)), late, own(MORE)),
        ])
    return draw([
        header(f"📊 {words.title(found)}"),
        section(f"{about}Each number is compared with {own(found.period.before_name)}."),
        facts((one.name, _value(one)) for one in words.facts(found)),
        _stages(found),
        _campaigns(found),
        context(own(HOW), own(words.held(found)), late, own(MORE)),
        actions(*_buttons(report)),
    ])


def _value(fact: words.Fact) -> str:
    return "\n".join(mark(escape(part, 200)) for part in (fact.value, fact.small) if part)


def _stages(found: Summary) -> Block | None:
    if not found.stages:
        return None
    lines = [f"• {mark(own(words.stage(one)))}" for one in found.stages]
    number = found.stages[-1].number
    return section("\n".join([f"*Median days per stage*, of {count(number, 'gift')} that arrived", *lines]))


def _campaigns(found: Summary) -> Block | None:
    worst = found.worst[:CAMPAIGNS]
    if not worst or len(found.campaigns) == 1:
        return None
    lines = [
        f"{place}. {escape(one.name)}: {mark(escape(words.worst(one), 200))}" for place, one in enumerate(worst, 1)
    ]
    left = len(found.worst) - len(worst)
    more = [f"and {count(left, 'more campaign')}"] if left else []
    return section("\n".join(["*Campaigns with most gifts stuck or expired*", *lines, *more]))


def _buttons(report: Report) -> list[Block | None]:
    stuck = report.found.now.stuck and not report.found.about
    return [
        button("Send me a CSV", CSV, report.carried, label="Send me this report as a CSV file"),
        button("Send me the picture", PICTURE, report.carried, label="Send me the picture of this report")
        if report.picture else None,
        button("Show what is stuck", "list_more.stuck", {"list": "stuck", "offset": 0}, label="Show what is stuck now")
        if stuck else None,
    ]


def unknown(
    typed: str, scope: str, nearest: Sequence[tuple[str, str]], *, doubt: str = "",
    periods: Sequence[tuple[str, str]] = (),
) -> Drawn:
    """No campaign or team has that name (without `typed`: none was given), nor is it a period.

    `nearest` holds the names that may have been meant, each with its scope, `periods` the periods, each with the words
    that ask for it, and `doubt` is why it is no period, in plain text.
    """
    what = scope or "campaign or team"
    said = f"No {what} is called “{escape(typed, 100)}”." if typed else f"Which {what}? Its name is missing."
    if doubt:
        said = escape(doubt, 200)
    guess = " Did you mean one of these?" if typed and (nearest or periods) else ""
    offered = [*periods, *((name, f"{of} {name}") for of, name in nearest)]
    return draw([
        section(f"{said}{guess}"),
        actions(*(
            button(
                one_line(name, 60), f"{AGAIN}.{place}", {"q": clip(words, LONGEST_WORDS)},
                label=f"Report of {one_line(words, 60)}",
            )
            for place, (name, words) in enumerate(offered)
        )),
        context(
            "A period, a campaign and a team may stand in any order: `/sends report campaign Autumn last week`. "
            f"Periods are for example {', '.join(f'`{one}`' for one in EXAMPLES)}.",
        ),
    ])
