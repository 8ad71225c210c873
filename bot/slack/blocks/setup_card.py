"""Whether everything is set up: what must be mended first, each with how, then what is in order."""

from __future__ import annotations

from datetime import datetime
from itertools import groupby

from bot.doctor.finding import Finding, Report, State
from bot.slack.blocks.drawn import Block, Drawn, draw
from bot.slack.blocks.limits import actions, button, context, header, link, section
from bot.slack.blocks.route_words import packed, who
from bot.slack.blocks.text import channel, count, escape, stamp, whole

CHECK, OPEN = "setup_check", "setup_open"
"""Asks for the whole, and opens the page where something is mended."""
SIGNS = {State.WRONG: "🔴 Must be mended:", State.WARNING: "🟡 Worth a look:", State.UNASKED: "⚪ Could not be asked:"}
SHOWN = 10
"""Findings of each kind that are told one by one."""
LONGEST, ROOM = 400, 2800


def build(report: Report, now: datetime, more: Block | None = None) -> Drawn:
    """The report for one person; `more` is a button that stands beside the one that checks again."""
    wrong, odd = report.of(State.WRONG), report.of(State.WARNING)
    title = "Set-up: all is well" if not (wrong or odd) else (
        f"Set-up: {count(len(wrong), 'thing')} to mend" if wrong else f"Set-up: {count(len(odd), 'thing')} to look at"
    )
    return draw([
        header(title),
        *(_told(one, place) for place, one in enumerate(wrong[:SHOWN])), _more(wrong),
        *(_told(one, SHOWN + place) for place, one in enumerate(odd[:SHOWN])), _more(odd),
        *(section(text) for text in _unasked(report)),
        *(section(text) for text in _good(report)),
        context(f"As of {stamp(now)}. On the command line: `sendwatch doctor`"),
        actions(button("Check again", CHECK, {}, label="Check the set-up again"), more),
    ])


def _told(one: Finding, place: int) -> Block:
    mend = f"\n→ {escape(one.mend, LONGEST)}" if one.mend else ""
    text = f"*{SIGNS[one.state]} {_named(one)}*\n{escape(one.value, LONGEST)}{mend}"
    there = link("Open in Slack", f"{OPEN}.{place}", one.link, label=f"Open the page where {one.what} is set")
    return section(text, there if one.mend else None)


def _named(one: Finding) -> str:
    if not one.about:
        return escape(one.what)
    shown = channel(one.about) if one.about[:1] in {"C", "G"} else who(one.about)
    return f"{escape(one.what)} {shown}"


def _more(found: list[Finding]) -> Block | None:
    left = len(found) - SHOWN
    return context(f"…and {whole(left)} more of this kind; `sendwatch doctor` lists all.") if left > 0 else None


def _unasked(report: Report) -> list[str]:
    lines = [f"• {_named(one)}: {escape(one.value, LONGEST)}" for one in report.of(State.UNASKED)]
    return packed([f"*{SIGNS[State.UNASKED]}*", *lines], ROOM)[:3] if lines else []


def _good(report: Report) -> list[str]:
    good = groupby(report.of(State.GOOD), key=lambda one: one.topic)
    lines = [f"✅ *{escape(topic)}:* {', '.join(_named(one) for one in found)}" for topic, found in good]
    return packed(lines, ROOM)[:3]
