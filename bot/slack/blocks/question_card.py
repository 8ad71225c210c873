"""What is answered to a question in plain words where it is no card and no list of sends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.alerts.muting import Muted
from bot.slack.blocks import help_card, send_list
from bot.slack.blocks.drawn import Block, Drawn, draw
from bot.slack.blocks.limits import actions, button, context, header, section
from bot.slack.blocks.mute_modal import muted_line
from bot.slack.blocks.text import clip, escape, own
from storage.models import Alert

MINE = "mine_open"
LONGEST_TYPED = 300
"""Characters after a command that a button keeps."""
LONGEST_NAME = 60
"""Letters of a command's name; what is longer is none, and was only written like one."""
REASONS = 3
EXAMPLES = (
    ("Where is Jane's gift?", "a recipient, e-mail, company, campaign, Sendoso id or tracking link"),
    ("What does order received mean?", "any status, in any spelling"),
    ("What is stuck?", "every send that is held up"),
    ("My sends", "what is assigned to you, and what you have sent"),
)
MORE_EXAMPLES = ("What expires soon?", "Which gifts are in transit?", "How many gifts did we send last month?")
SHORT = {"stuck": "What is stuck?", "alerts": "Open alerts", "mute": "Mutes"}


def guide() -> Drawn:
    """What can be asked, with buttons for what is asked most."""
    return draw([
        header("Ask me about your sends"),
        section("\n".join(f"• *{own(asked)}* ({own(what)})" for asked, what in EXAMPLES)),
        actions(help_card.find_it(), mine(), _listed("stuck"), _listed("alerts")),
        context(
            "Ask in a direct message, or in a channel by naming me. What the buttons show, you alone see. "
            "`/sends help` lists every command.",
        ),
    ])


def welcome() -> Drawn:
    """Somebody said thanks."""
    return draw([section("You are welcome. 🎁")])


def private_list(sentence: str, name: str, words: str = "") -> Drawn:
    """A list, or the part that `words` make, which is not for everybody: a button shows it to who presses."""
    return draw([section(own(sentence)), actions(_listed(name, words)), ONLY_YOU])


def private_mine(words: str = "") -> Drawn:
    """What is somebody's own, or the part that `words` make, asked for where everybody reads along."""
    return draw([section("What is yours is shown to you alone."), actions(mine(words)), ONLY_YOU])


def private_route(sentence: str, content: dict[str, Any], action_id: str) -> Drawn:
    """Where alerts go: names people and channels, so that it is shown to who presses."""
    return draw([
        section(sentence),
        actions(button("Where do alerts go?", action_id, content, label="Show me where the alerts go")), ONLY_YOU,
    ])


def by_command(typed: str, *, in_thread: bool) -> Drawn:
    """What a command does, since its answer is for one person and may ask back: the button runs it for who presses."""
    command, _, words = typed.partition(" ")
    return draw([
        section(f"That is what `{escape(typed, 150)}` does. Shall I? Only you will see the answer."),
        actions(button(
            "Do it", help_card.DO, {"command": clip(command, LONGEST_NAME), "text": clip(words, LONGEST_TYPED)},
            label="Do it for me",
        )),
        context("Slack runs no commands in threads.") if in_thread else None,
    ])


def because(card: Drawn, alerts: Sequence[Alert], muted: Mapping[int, Muted]) -> Drawn:
    """Why a send has its alerts, above its card: somebody asked for the reason."""
    lines = [
        f"• {escape(alert.why, 300)}" + (f" {muted_line(muted[alert.id])}" if alert.id in muted else "")
        for alert in alerts[:REASONS]
    ]
    said = "\n".join(["*Why:*", *lines]) if lines else "It has no open alert, so it is not held up as far as I know."
    return draw([section(said), *card.parts])


def without(sought: str, found: Drawn) -> Drawn:
    """What was found by fewer words than were said; `sought` is what fitted nothing, and empty where all of it did."""
    if not sought:
        return found
    return draw([section(f"Nothing fits “{escape(sought, 100)}”. The nearest that I know:"), *found.parts])


def elsewhere() -> Drawn:
    """Asked where people of another organisation read along."""
    return draw([
        section(
            "This conversation is shared with another organisation, so I show no sends here. "
            "Members of my own workspace can ask me in a direct message.",
        ),
    ])


def nothing(query: str, near: Sequence[str], *, private: bool) -> Drawn:
    """Nothing was found: what was looked for, what may have been meant, the window to look in, and what can be asked.

    What was no name may have been a question that the bot does not know.
    """
    shown = [name for name in near if private or "@" not in name]
    drawn = send_list.nothing(query, shown)
    asked = " · ".join(own(one) for one in (*(asked for asked, _ in EXAMPLES), *MORE_EXAMPLES))
    return draw([
        *drawn.parts[:-1], actions(help_card.find_it()), context(f"What I understand, for example: {asked}"),
        drawn.parts[-1],
    ])


def looking() -> Drawn:
    """Who asks is being asked of Slack."""
    return draw([section("Looking you up in Slack …")])


ONLY_YOU = context("Only you will see it.")


def mine(words: str = "") -> Block:
    """The button that shows what is one's own to who presses it, or of it the sends that the words fit."""
    asked = {"w": clip(words, LONGEST_TYPED)} if words else {}
    return button("My sends", MINE, asked, label="Show me my sends" if words else "Show me my alerts and sends")


def _listed(name: str, words: str = "") -> Block:
    asked = {"list": name, "offset": 0, **({"q": clip(words, LONGEST_TYPED)} if words else {})}
    return button(SHORT[name], f"list_more.{name}", asked, label=f"Show me: {SHORT[name]}")
