"""The first window in which something is muted, read from the tables, and what its field finds."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from slack_bolt import App, BoltResponse
from sqlalchemy.orm import Session

from bot.alerts import muted, mutes
from bot.slack import facts, mute_targets, payloads, windows
from bot.slack.blocks import mute_modal
from bot.slack.blocks.drawn import Block
from bot.slack.blocks.help_card import note, window
from bot.slack.blocks.mute_modal import Choice, Filled
from bot.slack.deps import Deps
from bot.slack.mute_answers import clock_of
from bot.slack.payloads import Where
from storage import mutes as stored

WHAT = re.compile(rf"{mute_modal.WHAT}\.(?:{'|'.join(mute_modal.KINDS)})")
KNOWN = ("of", "id", "scope", "new", "under", "message", "page", "send")
"""What a window carries besides what was filled in: what it is about, and which window lies under it."""


def form(session: Session, deps: Deps, place: Where, data: Mapping[str, Any], filled: Filled) -> Block:
    """The first window, for what `data` names, as it is now; a note in its place where that is gone."""
    now, (zone, _, _) = deps.clock(), clock_of(session, deps, place)
    if "new" in data:
        return mute_modal.for_anything({"new": 1, "under": data.get("under", "")}, now, zone, filled)
    carried = {name: data[name] for name in KNOWN if name in data}
    if data.get("of") == "mute":
        return _change(session, carried, now, zone, filled)
    choices = _choices(session, deps, place, data, now)
    if not choices and data.get("of") == "message" and facts.group(session, payloads.number(data, "id")) is not None:
        # A summary of all sorts of alerts: what of it shall be quiet is looked for.
        return mute_modal.for_anything({"new": 1}, now, zone, filled)
    if not choices:
        return window(windows.GONE)
    return mute_modal.for_alert(choices, carried, now, zone, filled)


def _choices(session: Session, deps: Deps, place: Where, data: Mapping[str, Any], now: datetime) -> list[Choice]:
    """What this person may mute of it."""
    rules = deps.rules(session)
    return [
        Choice(scope=scope, label=one.label, alerts=muted.count(session, scope, one.value, now).alerts)
        for scope, one in mute_targets.offered(session, data).items()
        if mutes.may(session, place.user_id, rules, sender_email=one.sender_email)
    ]


def _change(session: Session, data: Mapping[str, Any], now: datetime, zone: ZoneInfo, filled: Filled) -> Block:
    found = stored.by_id(session, payloads.number(data, "id"))
    if found is None or found.ended_at is not None or found.ends_at <= now:
        return window(note("This mute is over already. `/sends mute` shows those in force."))
    known = filled if filled.reason else Filled(length=filled.length, words=filled.words, reason=found.reason)
    return mute_modal.for_change(found.scope, found.label, found.ends_at, data, now, zone, known)


def register(app: App, deps: Deps) -> None:
    """Listen for what is typed into the field that finds things."""

    @app.options(WHAT)
    def listen(ack: Callable[..., BoltResponse], body: Mapping[str, Any]) -> None:
        scope = str(body.get("action_id", "")).partition(".")[2]
        typed = body.get("value")
        with deps.database.read() as session:
            found = mute_targets.complete(session, scope, typed if isinstance(typed, str) else "")
        ack(options=[mute_modal.entry(one) for one in found])
