"""The windows in which something is muted: what, until when, why; and the same said back before it counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.alerts.muting import Muted
from bot.alerts.until import examples, spoken
from bot.slack.blocks.drawn import Block
from bot.slack.blocks.limits import actions, button, context, modal, option, plain, section, value
from bot.slack.blocks.text import clip, count, escape, one_line, own, person, stamp, whole

CALLBACK, CONFIRM_CALLBACK = "mute_modal", "mute_confirm_modal"
SCOPE, WHAT, LENGTH, WORDS, REASON = "mute_scope", "mute_what", "mute_length", "mute_words", "mute_reason"
"""Names of the fields: of the block and, before a dot, of the element in it."""
BACK = "mute_back"
LONGEST_WORDS, LONGEST_REASON, LONGEST_LABEL, SHORT = 120, 200, 60, 36
LENGTHS = ("1 day", "3 days", "1 week", "2 weeks", "30 days")
USUAL = "1 week"
KINDS: Mapping[str, str] = {
    "campaign": "Campaign", "team": "Team", "sender": "Sender", "rule": "Rule", "status": "Status", "send": "Send",
}
ASKED: Mapping[str, str] = {
    "campaign": "Which campaign?", "team": "Which team?", "sender": "Which sender?", "rule": "What is the matter?",
    "status": "Which status?", "send": "Which send? Its id, gid, tracking link or recipient",
}


OF_ONES_OWN = "that you may see "


@dataclass(frozen=True, kw_only=True)
class Choice:
    """Something that can be muted, how many open alerts that would hide, and what comes back when it is chosen."""

    scope: str
    label: str
    alerts: int = 0
    ref: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Filled:
    """What stands in the fields already."""

    scope: str = ""
    chosen: Choice | None = None
    length: str = USUAL
    words: str = ""
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Meant:
    """A mute as it was understood: what, until when (aware), and how many open alerts it would hide."""

    scope: str
    label: str
    until: datetime
    alerts: int
    told: int = 0
    already: int = 0
    reason: str = ""
    limited: bool = False
    """Whether only alerts are counted that the reader may see."""


def named(scope: str, label: str, safe: Callable[[str, int], str] = escape) -> str:
    """What is muted, for mrkdwn, or with `one_line` for plain text: Campaign “Autumn Box”."""
    if scope == "send":
        return f"The send for {safe(label, LONGEST_LABEL)}"
    return f"{KINDS.get(scope, 'What is called')} “{safe(label, LONGEST_LABEL)}”"


def muted_line(held: Muted) -> str:
    """What stands on an alert that a mute hides, for mrkdwn."""
    what = named(held.scope, held.label or held.value)
    return f"🔇 Muted until {stamp(held.ends_at)} by {person(held.created_by)} · {what}"


def for_alert(
    choices: Sequence[Choice], data: Mapping[str, Any], now: datetime, zone: ZoneInfo, filled: Filled | None = None,
) -> Block:
    """What can be muted of an alert as radio buttons, each with the count of open alerts that it would hide."""
    filled = filled or Filled()
    options = [option(f"{_this(one)} — {count(one.alerts, 'open alert')}", one.scope) for one in choices]
    chosen = next((one for one in options if one["value"] == filled.scope), options[0])
    question = _input(SCOPE, "Be quiet about", {
        "type": "radio_buttons", "action_id": SCOPE, "options": options, "initial_option": chosen,
    })
    return _window("Mute", [question], data, now, zone, filled)


def _this(choice: Choice) -> str:
    # Short enough for the count to stand behind it.
    return "This send" if choice.scope == "send" else f"{KINDS[choice.scope]} “{one_line(choice.label, SHORT)}”"


def for_anything(data: Mapping[str, Any], now: datetime, zone: ZoneInfo, filled: Filled | None = None) -> Block:
    """A kind to choose, and a field that finds what there is of that kind."""
    filled = filled or Filled()
    scope = filled.scope if filled.scope in KINDS else "campaign"
    kinds = {kind: option(words, value({"scope": kind})) for kind, words in KINDS.items()}
    found: Block = {
        "type": "external_select", "action_id": f"{WHAT}.{scope}", "min_query_length": 0,
        "placeholder": plain("Type to find it"),
    }
    if filled.chosen is not None:
        found["initial_option"] = entry(filled.chosen)
    return _window("New mute", [
        _input(SCOPE, "Be quiet about a", {
            "type": "static_select", "action_id": SCOPE, "options": list(kinds.values()),
            "initial_option": kinds[scope],
        }, dispatch_action=True),
        # Another kind is another field: nothing chosen before stays in it.
        _input(f"{WHAT}.{scope}", ASKED[scope], found),
    ], data, now, zone, filled)


def for_change(
    scope: str, label: str, until: datetime, data: Mapping[str, Any], now: datetime, zone: ZoneInfo, filled: Filled,
) -> Block:
    """Another end or another reason for a mute in force."""
    told = section(f"🔇 *{named(scope, label)}*\nuntil {own(spoken(until, now, zone))}")
    return _window("Edit mute", [told], data, now, zone, filled)


def entry(choice: Choice) -> Block:
    """One choice of the field that finds things."""
    told = f"{count(choice.alerts, 'open alert')} now" if choice.alerts else ""
    return option(one_line(choice.label) or "?", value(dict(choice.ref)), told)


def confirm(
    meant: Meant, data: Mapping[str, Any], now: datetime, zone: ZoneInfo, *, is_change: bool = False,
) -> Block:
    """Exactly what will be quiet until when, and how many open alerts that hides; sent off it counts."""
    return modal(
        "Edit mute" if is_change else "Mute", [
            *said(meant, now, zone), actions(button("Back", BACK, {}, label="Back, to choose otherwise")),
        ],
        callback_id=CONFIRM_CALLBACK, data=dict(data), submit="Change" if is_change else "Mute", close="Cancel",
    )


def said(meant: Meant, now: datetime, zone: ZoneInfo) -> list[Block | None]:
    """What would be muted, in sentences."""
    return [
        section(f"🔇 *{named(meant.scope, meant.label)}* will be quiet until *{own(spoken(meant.until, now, zone))}*."),
        section(hides(meant)),
        section(f"Reason: {escape(meant.reason, LONGEST_REASON)}") if meant.reason else None,
        context(
            "New alerts about it stay quiet, too. When it ends, those that are still open are told again. "
            "`/sends mute` shows every mute, and ends one earlier.",
        ),
    ]


def hides(meant: Meant) -> str:
    """How many open alerts it would hide, for mrkdwn."""
    if not meant.alerts:
        return f"No open alert {OF_ONES_OWN if meant.limited else ''}is about it now."
    waiting = meant.alerts - meant.told
    parts = f": {whole(meant.told)} told already and {whole(waiting)} not yet"
    if not (meant.told and waiting):
        parts = ", not told yet" if waiting else ", told already"
    return f"It hides *{counted(meant.alerts, limited=meant.limited)}*{parts}.{_already(meant)}"


def counted(alerts: int, *, limited: bool) -> str:
    """How many open alerts there are, or of which the reader may know."""
    return f"{count(alerts, 'open alert')} {OF_ONES_OWN if limited else ''}".rstrip()


def _already(meant: Meant) -> str:
    if not meant.already:
        return ""
    if meant.already == meant.alerts:
        return " It is muted already." if meant.alerts == 1 else " All of them are muted already."
    return f" {whole(meant.already)} of them {'is' if meant.already == 1 else 'are'} muted already."


def _window(
    title: str, first: Sequence[Block], data: Mapping[str, Any], now: datetime, zone: ZoneInfo, filled: Filled,
) -> Block:
    return modal(
        title, [*first, _length(filled), _own_words(now, zone, filled), _why(filled)],
        callback_id=CALLBACK, data=dict(data), submit="Next", close="Cancel",
    )


def _length(filled: Filled) -> Block:
    options = [option(length, length) for length in LENGTHS]
    chosen = next((one for one in options if one["value"] == filled.length), options[LENGTHS.index(USUAL)])
    return _input(LENGTH, "For how long", {
        "type": "static_select", "action_id": LENGTH, "options": options, "initial_option": chosen,
    })


def _own_words(now: datetime, zone: ZoneInfo, filled: Filled) -> Block:
    element: Block = {
        "type": "plain_text_input", "action_id": WORDS, "max_length": LONGEST_WORDS,
        "placeholder": plain("until friday"),
    }
    if filled.words:
        element["initial_value"] = clip(filled.words, LONGEST_WORDS)
    hint = f"Such as {', '.join(examples(now, zone))}. This goes before the choice above."
    return _input(WORDS, "Or in your own words", element, optional=True, hint=plain(hint))


def _why(filled: Filled) -> Block:
    element: Block = {"type": "plain_text_input", "action_id": REASON, "max_length": LONGEST_REASON}
    if filled.reason:
        element["initial_value"] = clip(filled.reason, LONGEST_REASON)
    return _input(REASON, "Why (everybody can read it)", element, optional=True)


def _input(block_id: str, label: str, element: Block, **more: object) -> Block:
    return {"type": "input", "block_id": block_id, "label": plain(label), "element": element, **more}
