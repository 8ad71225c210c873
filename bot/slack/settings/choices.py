"""What fields of the settings find: each choice carries an id or a row, never a name from outside.

A choice's value is JSON: `id` for a status, rule, zone, country or user group; `send` and `scope` for a name that a
send has; `word` for one that the configuration has already, by its digest; `typed` for what this person has typed.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from slack_bolt import App, BoltResponse
from sqlalchemy.orm import Session

from bot.config.document import Document
from bot.config.names import NOBODY, RULE_NAMES
from bot.slack import mute_targets
from bot.slack.blocks.drawn import Block
from bot.slack.blocks.limits import OPTION_VALUE, option, value
from bot.slack.blocks.route_card import LABELS
from bot.slack.blocks.setting_fields import FIND, Field
from bot.slack.blocks.text import one_line, width
from bot.slack.deps import Deps
from bot.statuses import catalogue, country_holidays
from bot.statuses.catalogue import Status
from storage import group_names, people, sends
from storage.models import Send

MOST = 100
NO_COUNTRY = "No country: only days off of our own"
GROUP = re.compile(r"S[A-Z0-9]{2,20}")
GROUP_NAME = 45
"""Letters of a group's name that are shown, so that there is room for its handle."""
LISTENED = re.compile(rf"{FIND}\..+")


def register(app: App, deps: Deps) -> None:
    """Listen for what is typed into the fields that find things."""

    @app.options(LISTENED)
    def listen(ack: Callable[..., BoltResponse], body: Mapping[str, Any]) -> None:
        what, typed = str(body.get("action_id", "")).split(".")[1], body.get("value")
        ack(options=found(deps, what, typed if isinstance(typed, str) else ""))


def found(deps: Deps, what: str, typed: str) -> list[Block]:
    """At most a hundred choices of that kind for what has been typed so far; none of a kind that is not known."""
    if what in _FIXED:
        return _fitting(_FIXED[what](), typed)
    with deps.database.read() as session:
        if what in _CONFIGURED:
            names = _CONFIGURED[what](deps.configured(session).document)
            return _fitting({name: word(name) for name in names}, typed)
        if what == "group":
            return _groups(session, deps.configured(session).document, typed)
        return _named(session, what, typed) if what in NAMED else []


_CONFIGURED: Mapping[str, Callable[[Document], Iterable[str]]] = {
    "policy": lambda document: document.policies, "route": lambda document: [one.name for one in document.routes],
}
"""Kinds of names that the configuration itself gives."""


def _fitting(known: Mapping[str, Block], typed: str) -> list[Block]:
    words = typed.casefold().split()
    spoken = ((f"{text} {one['text']['text']}".casefold(), one) for text, one in known.items())
    fitting = [one for text, one in spoken if all(part in text for part in words)]
    # What begins with it is rather meant than what holds it somewhere.
    start = " ".join(words)
    return sorted(fitting, key=lambda one: not one["text"]["text"].casefold().startswith(start))[:MOST]


# --- kinds --------------------------------------------------------------------------------------------


def by_id(name: str, label: str) -> Block:
    """A choice that is known by an id of ours, of Slack's or of a standard."""
    return option(one_line(label), value({"id": name}))


def status(name: str) -> Block:
    return by_id(name, catalogue.title(name))


def rule(name: str) -> Block:
    """A rule, or one of its levels."""
    return by_id(name, rule_words(name))


def rule_words(name: str) -> str:
    """A rule of the configuration as people call it; with its id where levels are told apart."""
    words = LABELS.get(name) or LABELS.get(f"{name}/notice") or _WHOLE.get(name, name)
    return f"{words} ({name})"


_WHOLE = {"overdue": "Late or stuck, whichever", "expiring": "The offer ends soon, however soon"}


def country(code: str) -> Block:
    """A country by its two letters, or none."""
    return by_id(code, NO_COUNTRY if code == NOBODY else f"{country_holidays.names().get(code, code)} ({code})")


def word(text: str) -> Block:
    """Something that the configuration says already."""
    return option(one_line(text) or "?", value({"word": digest(text)}))


def digest(text: str) -> str:
    """A short word by which a text of the configuration is known again."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@cache
def _statuses() -> dict[str, Block]:
    return {f"{catalogue.title(one)} {one}": status(str(one)) for one in Status}


@cache
def _rules() -> dict[str, Block]:
    return {rule_words(one): rule(one) for one in RULE_NAMES}


@cache
def _zones() -> dict[str, Block]:
    zones = sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "SystemV/")))
    return {f"{zone} {zone.replace('_', ' ')}": by_id(zone, zone) for zone in ["UTC", *zones]}


@cache
def _countries() -> dict[str, Block]:
    codes = {f"{name} {code}": country(code) for code, name in country_holidays.names().items()}
    return {NO_COUNTRY: country(NOBODY), **codes}


_FIXED: Mapping[str, Callable[[], dict[str, Block]]] = {
    "status": _statuses, "rule": _rules, "zone": _zones, "country": _countries,
}
NAMED: Mapping[str, Callable[[Send], str]] = {
    "campaign": lambda send: send.campaign, "team": lambda send: send.team, "type": lambda send: send.type,
    "subtype": lambda send: send.subtype, "sender": lambda send: send.sender_email or send.sender_name,
}
"""Kinds of names that sends have -> the name of one send."""


def _named(session: Session, what: str, typed: str) -> list[Block]:
    some = _types(session, typed) if what == "type" else [
        option(one_line(one.label) or "?", value({"scope": what, "send": one.ref["id"]}))
        for one in mute_targets.complete(session, what, typed)
    ]
    return [*_as_typed(typed), *some][:MOST]


def _types(session: Session, typed: str) -> list[Block]:
    found: dict[str, Block] = {}
    for text, send_id in sends.newest_types(session, mute_targets.RECENT):
        send = session.get(Send, send_id)
        scope = "type" if send is not None and send.type == text else "subtype"
        found[text] = option(one_line(text) or "?", value({"scope": scope, "send": send_id}))
    return _fitting(found, typed)


def _as_typed(typed: str) -> list[Block]:
    text = " ".join(typed.split())
    carried = value({"typed": text})
    return [option(one_line(text), carried, "As you typed it")] if text and width(carried) <= OPTION_VALUE else []


def _groups(session: Session, document: Document, typed: str) -> list[Block]:
    """Groups whose name, handle or id holds what is typed, those with a name first; and a whole id that is typed."""
    names = group_names.read(session).names
    asked = typed.strip().removeprefix("@").upper()
    configured = {one for some in document.permissions.values() for one in some if GROUP.fullmatch(one)}
    others = {*people.groups(session), *configured} - set(names)
    # A word such as "sales" is no id, and part of an id is no other.
    if GROUP.fullmatch(asked) and re.search(r"\d", asked) and not any(asked in one for one in (*names, *others)):
        others.add(asked)
    ordered = [*sorted(names, key=lambda one: (names[one][0].casefold(), one)), *sorted(others)]
    spoken = {f"{one} {' '.join(names.get(one, ()))}": group(one, names) for one in ordered}
    return _fitting(spoken, typed.strip().removeprefix("@"))


def group(group_id: str, names: Mapping[str, tuple[str, str]]) -> Block:
    """A user group, by name and handle where these are known, else by its id."""
    name, handle = names.get(group_id, ("", ""))
    label = f"{one_line(name, GROUP_NAME)} (@{handle})" if name and handle else name or handle or group_id
    return by_id(group_id, label)


def with_names(session: Session, fields: Sequence[Field], values: Mapping[str, Any]) -> dict[str, Any]:
    """What stands in the fields, with user groups called by their names."""
    found = {one.name for one in fields if one.find == "group" and values.get(one.name)}
    if not found:
        return dict(values)
    names = group_names.read(session).names
    return {
        name: tuple(group(json.loads(one["value"])["id"], names) for one in some) if name in found else some
        for name, some in values.items()
    }


# --- and back -----------------------------------------------------------------------------------------


def meant(session: Session, chosen: Iterable[Block], known: Mapping[str, str]) -> list[str]:
    """The words that choices stand for; `known` are texts of the configuration by digest. What is gone is left out."""
    return [text for one in chosen if (text := _meant(session, one.get("value"), known))]


def _meant(session: Session, carried: object, known: Mapping[str, str]) -> str:
    try:
        ref = json.loads(carried) if isinstance(carried, str) else {}
    except (ValueError, RecursionError):
        ref = {}
    if not isinstance(ref, dict):
        return ""
    for name in ("id", "typed"):
        if isinstance(ref.get(name), str):
            return str(ref[name])
    if "word" in ref:
        return known.get(str(ref["word"]), "")
    send_id, scope = ref.get("send"), ref.get("scope")
    send = session.get(Send, send_id) if isinstance(send_id, int) and scope in NAMED else None
    return NAMED[str(scope)](send) if send is not None else ""


def said_again(chosen: Iterable[Block], known: Mapping[str, str]) -> tuple[Block, ...]:
    """Choices that speak for themselves: what the configuration said may be gone from it when they are read again."""
    return tuple(_said_again(one, known) for one in chosen)


def _said_again(chosen: Block, known: Mapping[str, str]) -> Block:
    text = next((text for name, text in known.items() if chosen["value"] == value({"word": name})), "")
    carried = value({"typed": text})
    return option(chosen["text"]["text"], carried) if text and width(carried) <= OPTION_VALUE else chosen


def texts(*bodies: Any) -> dict[str, str]:  # noqa: ANN401 - plain data of any shape
    """Every text that stands anywhere in plain data, by its digest."""
    known: dict[str, str] = {}
    for body in bodies:
        if isinstance(body, str):
            known[digest(body)] = body
        elif isinstance(body, dict):
            known |= texts(*body, *body.values())
        elif isinstance(body, list | tuple):
            known |= texts(*body)
    return known
