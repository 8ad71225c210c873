"""The summary of a first look over an old backlog, and the choice of what becomes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.slack.blocks.drawn import Block, Drawn, draw
from bot.slack.blocks.group_card import TITLES
from bot.slack.blocks.limits import actions, button, confirm, context, header, section
from bot.slack.blocks.text import count, person, stamp, whole


@dataclass(frozen=True, kw_only=True)
class Baseline:
    """What the first scan found, and what somebody chose to do with it."""

    message_id: int
    by_rule: Mapping[str, int] = field(default_factory=dict)
    """Rule id, or "support" for overdue ones past the limit to contact Support -> how many."""
    settled: Mapping[str, int] = field(default_factory=dict)
    """How more of them were settled before anybody chose ("itself", "replaced", "by_hand") -> how many."""
    muted: int = 0
    """So many of those that are open are held by a mute."""
    waiting: Mapping[str, int] = field(default_factory=dict)
    """Of what was posted, what is told nowhere yet: its state or what holds it -> how many."""
    chosen: str | None = None
    """"post", "settle", or None while nobody has chosen."""
    chosen_by: str | None = None
    chosen_at: datetime | None = None

    @property
    def total(self) -> int:
        return sum(self.by_rule.values())


def build(found: Baseline) -> Drawn:
    """What is already waiting, rule by rule, with one choice for all of it."""
    if found.chosen is None and not found.total:
        return draw([header("👋 A first look: nothing is waiting any more"), section(_gone(found) or "All is well.")])
    title = header(f"👋 A first look: {count(found.total, 'gift')} already waiting")
    listed = section("\n".join(_lines(found)) or "Nothing is waiting.")
    if found.chosen is not None:
        return draw([title, listed, context(_answer(found)), _undo(found)])
    return draw([
        title, listed,
        context(_aside(found)) if _aside(found) else None,
        section(
            "Sendwatch has not posted these one by one. Should it, or should it only speak up about what "
            "happens from now on?",
        ),
        _buttons(found),
    ])


_GONE: Mapping[str, tuple[str, str]] = {
    "itself": ("1 has moved on by itself", "{} have moved on by themselves"),
    "replaced": ("1 got worse and has a new alert", "{} got worse and have new alerts"),
    "by_hand": ("1 was settled by hand", "{} were settled by hand"),
}
_WAITING: Mapping[str, str] = {
    "muted": "muted for now", "quiet": "held over the quiet hours", "inhibited": "explained by another alert",
    "acknowledged": "acknowledged already", "snoozed": "snoozed",
}


def _gone(found: Baseline) -> str:
    """What has become of those that are settled, while nobody chose."""
    parts = [
        (one if found.settled[how] == 1 else more).format(whole(found.settled[how]))
        for how, (one, more) in _GONE.items() if found.settled.get(how)
    ]
    return f"Of those found at first, {', '.join(parts)}." if parts else ""


def _aside(found: Baseline) -> str:
    held = f"{whole(found.muted)} of these {'is' if found.muted == 1 else 'are'} muted for now." if found.muted else ""
    return " ".join(part for part in (_gone(found), held) if part)


def _not_yet(found: Baseline) -> str:
    """What was posted and yet stands in no message."""
    parts = [f"{whole(found.waiting[why])} {words}" for why, words in _WAITING.items() if found.waiting.get(why)]
    return f". Not told yet: {', '.join(parts)}" if parts else ""


def _lines(found: Baseline) -> list[str]:
    order = {rule: place for place, rule in enumerate(dict.fromkeys(("support", *TITLES)))}
    known = sorted(found.by_rule.items(), key=lambda pair: order.get(pair[0], len(order)))
    return [f"• {count(number, *TITLES.get(rule, ('other alert', 'other alerts')))}" for rule, number in known]


def _answer(found: Baseline) -> str:
    what = "Posted as alerts" if found.chosen == "post" else "Left alone: only new ones will be told"
    when = f" {stamp(found.chosen_at)}" if found.chosen_at else ""
    return f"{what}, chosen by {person(found.chosen_by)}{when}{_not_yet(found)}"


def _undo(found: Baseline) -> Block | None:
    label = "Undo posting them" if found.chosen == "post" else "Undo leaving them alone"
    return actions(button("Undo", "baseline_undo", {"message": found.message_id}, label=label))


def taken_back(by: str, at: datetime, *, several: bool = False) -> Drawn:
    """What stands in place of one or `several` alerts that came out of the first look and have gone back to it."""
    counted = "They are" if several else "It is"
    return draw([section(
        f"↩️ Taken back by {person(by)}, {stamp(at)}. {counted} counted in the summary of the first look again.",
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
