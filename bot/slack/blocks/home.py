"""The Home tab: what waits for this person, their team, their last weeks, and how the bot is used."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar

from bot.slack.blocks import alert_state, gift, limits, week_picture
from bot.slack.blocks.drawn import Block
from bot.slack.blocks.group_card import entry
from bot.slack.blocks.help_card import Usage
from bot.slack.blocks.limits import actions, button, confirm, context, divider, header, plain, section
from bot.slack.blocks.mute_modal import LONGEST_REASON, named
from bot.slack.blocks.text import count, escape, one_line, own, person, stamp, whole
from bot.slack.blocks.week_picture import Week
from storage.models import Alert, Mute, Send

PAGE = 5
SEARCH = "home_search"
TURN = "home_turn"
LOOK_UP = "lookup_open"
"""Opens the window that completes what is typed."""
TOOLS = {
    "settings_open": ("Settings", "Open the settings of Sendwatch"),
    "setup_check": ("Check set-up", "Check whether everything is set up"),
}
"""Buttons for whoever may change settings, by their action ids: what stands on them, and what is spoken."""
AS_OF = "as_of"
"""Block id of the only line that changes although nothing has happened."""
LONGEST_SEARCH = 200
SUPPORT = "Contact Sendoso Support now: behind “Open” a message is ready to copy."
FOLLOW_UP = "Support knows of it already: ask them how far they are. Behind “Open” a message is ready."
NO_EMAIL = (
    "Slack has not told Sendwatch your e-mail, so it cannot know which sends are yours. "
    "Type `/sends mine` once, or look a send up above."
)
NOT_YOURS = "Sendwatch works for another organisation than yours, so there is nothing here for you."
NO_TEAM = "None of your latest sends names a team in Sendoso, so no sends of others are shown here."
Pair = tuple[Alert, Send | None]
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Part(Generic[T]):
    """One page of a section, and how many there are in all."""

    rows: Sequence[T] = ()
    total: int = 0
    page: int = 0
    """0 is the first."""


@dataclass(frozen=True, kw_only=True)
class HomeFacts:
    """What the Home tab of one person shows."""

    user_id: str = ""
    needs: Part[Pair] | None = field(default_factory=Part)
    """Own sends with an open alert; None while the person's e-mail is not known, and then no team is either."""
    assigned: Part[Pair] = field(default_factory=Part)
    assigned_hidden: int = 0
    """How many more a mute hides."""
    teams: Sequence[str] = ()
    team: Part[Pair] = field(default_factory=Part)
    """Others' sends of those teams with an open alert."""
    watched: Part[Send] = field(default_factory=Part)
    mutes: Part[Mute] = field(default_factory=Part)
    """Those that this person has made."""
    weeks: Sequence[Week] = ()
    """What they have sent lately, the oldest week first."""
    everything: tuple[int, int] | None = None
    """For admins only: how many alerts are open in all, and how many more a mute hides."""
    tools: Collection[str] = ()
    """Which buttons there are for whoever may change settings; empty for others."""


def closed() -> Block:
    """The tab of somebody of another organisation: a sentence."""
    return limits.home([section(NOT_YOURS)])


def build(found: HomeFacts, usages: Sequence[Usage], now: datetime) -> Block:
    """Own sends first, then what was taken on, the team's, what is watched and muted, the last weeks, and help."""
    return limits.home([
        header("Your gifts"),
        {**(context(f"For {person(found.user_id)} · As of {stamp(now)}; it changes by itself.") or {}),
         "block_id": AS_OF},
        _search(),
        actions(button("Look up with suggestions …", LOOK_UP, {}, label="Look up with suggestions while you type")),
        *_needs(found, now),
        *_assigned(found, now),
        *_team(found, now),
        *(_watched(found.watched, now) if found.watched.total or _can_watch(usages) else ()),
        *_mutes(found.mutes),
        *(week_picture.build(found.weeks) if found.needs is not None else ()),
        *_for_admins(found),
        divider(),
        header("How to use Sendwatch"),
        section("\n".join(f"`{own(usage.typed)}` {own(usage.gives)}" for usage in usages)),
    ])


def fingerprint(view: Block) -> str:
    """The same for two Home tabs that say the same, whenever they were drawn."""
    said = [block for block in view["blocks"] if block.get("block_id") != AS_OF]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _search() -> Block:
    return {
        "type": "input", "block_id": SEARCH, "dispatch_action": True,
        "label": plain("Look up a send"),
        "hint": plain("Type and press Enter."),
        "element": {
            "type": "plain_text_input", "action_id": SEARCH, "max_length": LONGEST_SEARCH,
            "placeholder": plain("Name, e-mail, company, campaign, Sendoso id or tracking link", 150),
            "dispatch_action_config": {"trigger_actions_on": ["on_enter_pressed"]},
        },
    }


# --- sections -----------------------------------------------------------------------------------------


def _needs(found: HomeFacts, now: datetime) -> list[Block | None]:
    part = found.needs
    if part is None:
        return [header("Needs you"), section(NO_EMAIL)]
    lines = [_line(alert, send, "n", place, _to_do(alert, send), now) for place, (alert, send) in enumerate(part.rows)]
    return _section("Needs you", "needs", part, lines, "Nothing. Every send of yours goes its way. 🎉")


def _assigned(found: HomeFacts, now: datetime) -> list[Block | None]:
    part = found.assigned
    lines = [_line(alert, send, "a", place, _by(send), now) for place, (alert, send) in enumerate(part.rows)]
    nothing = "Nothing. Press “Assign to me” on an alert, and it is listed here."
    hidden = context(f"🔇 {whole(found.assigned_hidden)} of yours muted") if found.assigned_hidden else None
    return [*_section("Assigned to you", "assigned", part, lines, nothing), hidden]


def _team(found: HomeFacts, now: datetime) -> list[Block | None]:
    if found.needs is None:
        return []
    if not found.teams:
        return [divider(), header("Your team"), section(NO_TEAM)]
    part = found.team
    names = ", ".join(one_line(team, 40) for team in found.teams[:3])
    others = f" and {whole(len(found.teams) - 3)} more" if len(found.teams) > 3 else ""  # noqa: PLR2004 - as many as fit
    lines = [_line(alert, send, "t", place, _by(send), now) for place, (alert, send) in enumerate(part.rows)]
    nothing = "Nothing. No send of your colleagues in this team has an open alert."
    return _section(f"Your team, {names}{others}", "team", part, lines, nothing)


def _watched(part: Part[Send], now: datetime) -> list[Block | None]:
    lines = [
        section(f"{gift.whose(send)}\n{gift.standing(send, now)}", _open(send, f"send_open.w{place}"))
        for place, send in enumerate(part.rows)
    ]
    nothing = "Nothing. Type `/sends watch` with a name or e-mail, and you hear of each step of that send."
    return _section("You watch", "watched", part, lines, nothing)


def _can_watch(usages: Sequence[Usage]) -> bool:
    return any(usage.typed.startswith("/sends watch") for usage in usages)


def _mutes(part: Part[Mute]) -> list[Block | None]:
    lines = [block for place, mute in enumerate(part.rows) for block in _mute(mute, place)]
    return _section("Muted by you", "mutes", part, lines, "Nothing. `/sends mute` shows what others have muted.")


def _for_admins(found: HomeFacts) -> list[Block | None]:
    tools = [button(text, name, {}, label=label) for name, (text, label) in TOOLS.items() if name in found.tools]
    if found.everything is None:
        return [divider(), header("For admins"), actions(*tools)] if tools else []
    total, hidden = found.everything
    muted = f" {whole(hidden)} more {'is' if hidden == 1 else 'are'} muted." if hidden else ""
    return [
        divider(), header("For admins"),
        section(f"*All teams together:* {count(total, 'open alert')}.{muted}"),
        actions(
            _list("Show all alerts", "alerts", "Show all open alerts"),
            _list("Show muted", "muted", "Show the muted alerts") if hidden else None,
            _list("Mutes", "mute", "Show every mute in force"),
            *tools,
        ),
    ]


def _list(text: str, name: str, label: str) -> Block:
    return button(text, f"list_more.{name}", {"list": name, "offset": 0}, label=label)


# --- lines --------------------------------------------------------------------------------------------


def _section(
    title: str, name: str, part: Part[T], lines: Iterable[Block | None], nothing: str,
) -> list[Block | None]:
    titled = f"{title}: {whole(part.total)}" if part.total else title
    if not part.rows:
        return [divider(), header(titled), section(nothing)]
    return [divider(), header(titled), *lines, *_turns(title, name, part)]


def _turns(title: str, name: str, part: Part[T]) -> list[Block | None]:
    first = part.page * PAGE
    last = first + len(part.rows)
    if first == 0 and last >= part.total:
        return []
    return [
        context(f"{whole(first + 1)} to {whole(last)} of {whole(part.total)}"),
        actions(
            _turn("Show the ones before", title, name, part.page - 1) if part.page else None,
            _turn("Show more", title, name, part.page + 1) if last < part.total else None,
        ),
    ]


def _turn(text: str, title: str, name: str, page: int) -> Block:
    label = f"{text}, from number {whole(page * PAGE + 1)}: {title}"
    return button(text, f"{TURN}.{name}{page}", {"section": name, "page": page}, label=label)


def _line(alert: Alert, send: Send | None, mark: str, place: int, more: str, now: datetime) -> Block:
    told = "\n".join(part for part in (entry(alert, send, now), more) if part)
    return section(told, _open(send, f"send_open.{mark}{place}") if send else None)


def _to_do(alert: Alert, send: Send | None) -> str:
    if alert.level == "support":
        return f"*To do:* {FOLLOW_UP if alert.support_by else SUPPORT}"
    _, advice = alert_state.next_of(alert, send)
    return f"*To do:* {advice}" if advice else ""


def _by(send: Send | None) -> str:
    parts = [gift.sent_by(send), escape(send.campaign, 60)] if send else []
    return " · ".join(part for part in parts if part)


def _open(send: Send, action_id: str) -> Block:
    return button("Open", action_id, {"send": send.id}, label=gift.label("Open", send))


def _mute(mute: Mute, place: int) -> list[Block | None]:
    what, content = named(mute.scope, mute.label or mute.value), {"mute": mute.id}
    spoken = named(mute.scope, mute.label or mute.value, one_line)
    reason = [f"Reason: {escape(mute.reason, LONGEST_REASON)}"] if mute.reason else []
    question = confirm("End it now?", "What is still open is told again.", "End it")
    return [
        section("\n".join([f"🔇 *{what}*", f"Until {stamp(mute.ends_at)}", *reason])),
        actions(
            button("Edit", f"mute_edit.{place}", content, label=f"Edit the mute of {spoken}"),
            button("End", f"mute_end.{place}", content, label=f"End the mute of {spoken}", confirm=question),
        ),
    ]
