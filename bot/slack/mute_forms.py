"""The windows in which something is muted: opened, filled in, gone back in, and sent off."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bot.alerts import mutes
from bot.alerts.mute_refusals import GONE, Refused
from bot.alerts.muting import Target
from bot.alerts.until import NotUnderstood, Until, parse
from bot.slack import mute_targets, payloads, people, windows
from bot.slack.blocks import mute_modal
from bot.slack.blocks.drawn import Block
from bot.slack.blocks.help_card import note, window
from bot.slack.blocks.mute_modal import Choice, Filled
from bot.slack.deps import Deps
from bot.slack.mute_answers import clock_of, meant
from bot.slack.mute_record import beside_field, denied, denied_all, refusal
from bot.slack.mute_windows import KNOWN, form
from bot.slack.mutes import instant, make, reference, said
from bot.slack.payloads import BadPayloadError, Pressed, Submitted, Where
from bot.slack.replies import later, redraw, show, tell

Answer = dict[str, Any]
CHOOSE = "Choose one of these."
ENOUGH = "It is muted for at least as long already, see /sends mute. Choose a later end."


# --- opening ------------------------------------------------------------------------------------------


def open_for_alert(deps: Deps, found: Pressed) -> None:
    """Ask what of an alert shall be quiet."""
    alert_id = payloads.number(found.content, "alert")
    data = {"of": "alert", "id": alert_id, **windows.origin(found.where, found.content)}
    _open(deps, found, data)


def open_for_message(deps: Deps, found: Pressed) -> None:
    """Ask what shall be quiet of what the alerts of a message have in common."""
    _open(deps, found, {"of": "message", "id": payloads.number(found.content, "message")})


def open_new(deps: Deps, found: Pressed) -> None:
    """Ask what shall be quiet, of anything."""
    _open(deps, found, {"new": 1})


def open_edit(deps: Deps, found: Pressed) -> None:
    """Ask until when a mute shall last instead."""
    _open(deps, found, {"of": "mute", "id": payloads.number(found.content, "mute")})


def _open(deps: Deps, found: Pressed, data: dict[str, Any]) -> None:
    place = found.where
    if place.view_type == "modal":
        data |= {"under": place.view_id}

    def task() -> None:
        refused = denied_all(deps, place, found.dedupe_key, data)
        if refused is not None:
            tell(deps, place, refusal(refused))
            return
        with deps.database.read() as session:
            view = form(session, deps, place, data, Filled())
            stale = clock_of(session, deps, place)[2]
        show(deps, place, view)
        if stale:
            # Known when the form comes back; asked before, it would cost of the time that Slack gives for a window.
            people.ask(deps, place)

    later(deps, place, task)


# --- filling in ---------------------------------------------------------------------------------------


def change_kind(deps: Deps, found: Pressed) -> None:
    """Another kind of thing shall be quiet: offer what there is of that kind."""
    scope, place = found.content.get("scope"), found.where
    if not isinstance(scope, str):
        raise BadPayloadError(payloads.FOREIGN)

    def drawn() -> Block:
        with deps.database.read() as session:
            return form(session, deps, place, place.view_data, Filled(scope=scope))

    later(deps, place, lambda: redraw(deps, place.view_id, drawn, place.view_hash, reader=place.user_id))


@dataclass(frozen=True, kw_only=True)
class Answers:
    """What was filled in, as it came."""

    ref: Mapping[str, Any]
    field: str
    """The field in which a thing was chosen."""
    length: str
    words: str
    reason: str

    @property
    def end_field(self) -> str:
        """The field that says until when."""
        return mute_modal.WORDS if self.words else mute_modal.LENGTH


def _answers(found: Submitted) -> Answers:
    values, data = found.values, found.where.view_data
    length = payloads.chosen(values, mute_modal.LENGTH, mute_modal.LENGTH)
    words = payloads.chosen(values, mute_modal.WORDS, mute_modal.WORDS).strip()
    reason = payloads.chosen(values, mute_modal.REASON, mute_modal.REASON).strip()
    ref, field = reference(data), mute_modal.SCOPE
    if "new" in data:
        field = next((name for name in values if name.startswith(f"{mute_modal.WHAT}.")), mute_modal.SCOPE)
        ref = _read(payloads.chosen(values, field, field))
    elif data.get("of") != "mute":
        ref = {**ref, "scope": payloads.chosen(values, mute_modal.SCOPE, mute_modal.SCOPE)}
    return Answers(ref=ref, field=field, length=length, words=words, reason=reason[:mute_modal.LONGEST_REASON])


def _read(chosen: str) -> dict[str, Any]:
    try:
        found = json.loads(chosen) if chosen else {}
    except (ValueError, RecursionError):
        found = {}
    return reference(found) if isinstance(found, dict) else {}


def submit(deps: Deps, found: Submitted, _body: Mapping[str, Any]) -> Answer:
    """Show back exactly what would be quiet until when; what cannot be is told beside the field."""
    given, now, place = _answers(found), deps.clock(), found.where
    people.meet(deps, place)
    refused = denied(deps, place, found.dedupe_key, given.ref) if given.ref else None
    if refused is not None:
        return _not_allowed(deps, given, refused)
    with deps.database.read() as session:
        zone, calendar, _ = clock_of(session, deps, place)
        target = mute_targets.target(session, given.ref) if given.ref else None
        if target is None:
            return _beside(given.field, CHOOSE) if "new" in place.view_data else _instead(window(note(GONE.sentence)))
        until = parse(given.words or given.length, now, zone, calendar)
        if isinstance(until, NotUnderstood):
            return _beside(given.end_field, until.told)
        if given.ref.get("of") != "mute" and mutes.enough(session, target, until.at, now):
            return _beside(given.end_field, ENOUGH)
        return _instead(_shown_back(session, place, given, target, until, zone, now))


def _not_allowed(deps: Deps, given: Answers, refused: Refused) -> Answer:
    if given.ref.get("of") == "mute":
        return _instead(window(refusal(refused)))
    with deps.database.read() as session:
        return _beside(given.field, beside_field(session, refused))


def _shown_back(
    session: Session, place: Where, given: Answers, target: Target, until: Until, zone: ZoneInfo, now: datetime,
) -> Block:
    is_change = given.ref.get("of") == "mute"
    changed = payloads.number(given.ref, "id") if is_change else None
    told = meant(session, target, until.at, now, given.reason, instead_of=changed)
    data = {
        **{name: place.view_data[name] for name in KNOWN if name in place.view_data}, **given.ref,
        "until": int(until.at.timestamp()), "length": given.length, "words": given.words, "reason": given.reason,
    }
    return mute_modal.confirm(told, data, now, zone, is_change=is_change)


def back(deps: Deps, found: Pressed) -> None:
    """From the second window to the first, with all that was filled in."""
    place = found.where

    def drawn() -> Block:
        with deps.database.read() as session:
            return form(session, deps, place, place.view_data, _filled(session, place.view_data))

    later(deps, place, lambda: redraw(deps, place.view_id, drawn, place.view_hash, reader=place.user_id))


def _filled(session: Session, data: Mapping[str, Any]) -> Filled:
    chosen, target = None, None
    if "new" in data:
        target = mute_targets.target(session, reference(data))
    if target is not None:
        chosen = Choice(scope=target.scope, label=target.label, ref=reference(data))
    told = {name: data[name] for name in ("scope", "length", "words", "reason") if isinstance(data.get(name), str)}
    return Filled(chosen=chosen, **told)


def confirm(deps: Deps, found: Submitted, _body: Mapping[str, Any]) -> Answer:
    """Mute what was shown back, and say what is muted now."""
    data, place = found.where.view_data, found.where
    until = instant(data.get("until"))
    if until is None:
        raise BadPayloadError(payloads.FOREIGN)
    reason = data.get("reason")
    outcome = make(
        deps, place, found.dedupe_key, reference(data), until, reason if isinstance(reason, str) else "",
    )
    under = data.get("under")
    beneath = under if isinstance(under, str) else ""
    later(deps, place, lambda: windows.refresh(deps, beneath, data, reader=place.user_id))
    if isinstance(outcome, Refused):
        return _instead(window(refusal(outcome)))
    with deps.database.read() as session:
        return _instead(window(said(session, outcome.mute, deps.clock())))


def _instead(view: Block) -> Answer:
    return {"response_action": "update", "view": view}


def _beside(block: str, sentence: str) -> Answer:
    return {"response_action": "errors", "errors": {block: sentence}}


BUTTONS: dict[str, Callable[[Deps, Pressed], Any]] = {
    "alert_mute": open_for_alert, "group_mute": open_for_message, "mute_new": open_new, "mute_edit": open_edit,
    mute_modal.SCOPE: change_kind, mute_modal.BACK: back,
}
WINDOWS: dict[str, Callable[[Deps, Submitted, Mapping[str, Any]], Answer]] = {
    mute_modal.CALLBACK: submit, mute_modal.CONFIRM_CALLBACK: confirm,
}
