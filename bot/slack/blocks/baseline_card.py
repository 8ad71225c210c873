"""The summary of a first look over an old backlog, and the choice of what becomes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.slack.blocks.drawn import Block, Drawn, draw
from bot.slack.blocks.group_card import TITLES
from bot.slack.blocks.limits import actions, button, confirm, context, header, section
from bot.slack.blocks.text import count, person, stamp


@dataclass(frozen=True, kw_only=True)
class Baseline:
    """What the first scan found, and what somebody chose to do with it."""

    message_id: int
    by_rule: Mapping[str, int] = field(default_factory=dict)
    """Rule id, or "support" for overdue ones past the limit to contact Support -> how many."""
    chosen: str | None = None
    """"post", "settle", or None while nobody has chosen."""
    chosen_by: str | None = None
    chosen_at: datetime | None = None

    @property
    def total(self) -> int:
        return sum(self.by_rule.values())


def build(found: Baseline) -> Drawn:
    """What is already waiting, rule by rule, with one choice for all of it."""
    settled = found.chosen is not None
    return draw([
        header(f"👋 A first look: {count(found.total, 'gift')} already waiting"),
        section("\n".join(_lines(found)) or "Nothing is waiting."),
        None if settled else section(
            "Sendwatch has not posted these one by one. Should it, or should it only speak up about what "
            "happens from now on?",
        ),
        context(_answer(found)) if settled else _buttons(found),
        _undo(found) if settled else None,
    ])


def _lines(found: Baseline) -> list[str]:
    order = {rule: place for place, rule in enumerate(dict.fromkeys(("support", *TITLES)))}
    known = sorted(found.by_rule.items(), key=lambda pair: order.get(pair[0], len(order)))
    return [f"• {count(number, *TITLES.get(rule, ('other alert', 'other alerts')))}" for rule, number in known]


def _answer(found: Baseline) -> str:
    what = "Posted as alerts" if found.chosen == "post" else "Left alone: only new ones will be told"
    when = f" {stamp(found.chosen_at)}" if found.chosen_at else ""
    return f"{what}, chosen by {person(found.chosen_by)}{when}"


def _undo(found: Baseline) -> Block | None:
    label = "Undo posting them" if found.chosen == "post" else "Undo leaving them alone"
    return actions(button("Undo", "baseline_undo", {"message": found.message_id}, label=label))


def taken_back(by: str, at: datetime) -> Drawn:
    """What stands in place of alerts that were posted out of the first look and have gone back to it."""
    return draw([section(
        f"↩️ Taken back by {person(by)}, {stamp(at)}. It is counted in the summary of the first look again.",
    )])


def _buttons(found: Baseline) -> Block | None:
    content, total = {"message": found.message_id}, count(found.total, "alert")
    return actions(
        button(
            "Post them as alerts", "baseline_post", content, style="primary", label=f"Post {total} to this channel",
            confirm=confirm(
                "Post them all?", f"This posts {total}, those of one campaign together in one message.", "Post them",
            ),
        ),
        button(
            "Only tell me about new ones", "baseline_settle", content, label=f"Leave {total} alone, tell only new ones",
            confirm=confirm(
                "Leave them alone?", f"This settles {total}. Each send can still be looked up.", "Leave them",
            ),
        ),
    )
