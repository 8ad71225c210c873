"""Mutes in Slack: what `/sends mute` answers, and the buttons that make, end and take back a mute."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.alerts import muted, mutes
from bot.alerts.lifecycle import Action
from bot.alerts.mute_refusals import GONE, Refused
from bot.alerts.mutes import Made
from bot.alerts.pressed import Press
from bot.alerts.until import NotUnderstood, parse
from bot.slack import mute_lists, mute_targets, payloads
from bot.slack.blocks import mute_card, mute_modal
from bot.slack.blocks.drawn import Drawn, draw
from bot.slack.blocks.help_card import note, window
from bot.slack.blocks.text import own
from bot.slack.deps import Deps
from bot.slack.mute_answers import asked_how_long, clock_of, shown_back
from bot.slack.mute_record import denied, record, refusal
from bot.slack.payloads import BadPayloadError, Pressed, Where
from bot.slack.replies import later, redraw, respond, tell
from storage.models import Mute

LATEST = datetime(3000, 1, 1, tzinfo=UTC)


# --- buttons ------------------------------------------------------------------------------------------


def ask(deps: Deps, found: Pressed) -> None:
    """For so long, was the answer to "for how long": show back what that means."""
    length, place, ref = found.content.get("for"), found.where, reference(found.content)
    if length not in mute_modal.LENGTHS:
        raise BadPayloadError(payloads.FOREIGN)

    def draw_it() -> None:
        now = deps.clock()
        if _told_not_to(deps, found, ref):
            return
        with deps.database.read() as session:
            zone, calendar, _ = clock_of(session, deps, place)
            until = parse(length, now, zone, calendar)
            drawn = note(own(until.told)) if isinstance(until, NotUnderstood) else shown_back(
                session, ref, until.at, now, zone,
            )
        show_instead(deps, place, drawn)

    later(deps, place, draw_it)


def choose(deps: Deps, found: Pressed) -> None:
    """One of those that may have been meant: show it back, or ask for how long where that was not said."""
    ref, place, until = reference(found.content), found.where, instant(found.content.get("until"))

    def draw_it() -> None:
        now = deps.clock()
        if _told_not_to(deps, found, ref):
            return
        with deps.database.read() as session:
            if until is not None:
                drawn = shown_back(session, ref, until, now, clock_of(session, deps, place)[0])
            else:
                drawn = asked_how_long(session, ref, now)
        show_instead(deps, place, drawn)

    later(deps, place, draw_it)


def _told_not_to(deps: Deps, found: Pressed, ref: Mapping[str, Any]) -> bool:
    refused = denied(deps, found.where, found.dedupe_key, ref)
    if refused is not None:
        tell(deps, found.where, refusal(refused))
    return refused is not None


def do(deps: Deps, found: Pressed) -> None:
    """Mute what was shown back."""
    ref, until = reference(found.content), instant(found.content.get("until"))
    if until is None:
        raise BadPayloadError(payloads.FOREIGN)
    outcome = make(deps, found.where, found.dedupe_key, ref, until)
    later(deps, found.where, lambda: show_outcome(deps, found.where, outcome))


def end(deps: Deps, found: Pressed) -> None:
    """End a mute before its time, and show the list again."""
    mute_id, place = payloads.number(found.content, "mute"), found.where
    outcome = record(deps, place, lambda session, press, now: mutes.end(
        session, press, mute_id, now, deps.rules(session),
    ), found.dedupe_key)
    later(deps, place, lambda: _show_list(deps, place, outcome))


def undo(deps: Deps, found: Pressed) -> None:
    """Take back what this person did last with a mute."""
    mute_id, place = payloads.number(found.content, "mute"), found.where
    outcome = record(deps, place, lambda session, press, now: mutes.undo(
        session, press, mute_id, now, deps.rules(session),
    ), found.dedupe_key, action=Action.UNDO)
    later(deps, place, lambda: show_outcome(deps, place, outcome))


def make(
    deps: Deps, place: Where, dedupe_key: str, ref: Mapping[str, Any], until: datetime, reason: str = "",
) -> Made | Refused:
    """Mute what a reference names; one to a mute changes that one."""

    def carry_out(session: Session, press: Press, now: datetime) -> Made | Refused:
        rules = deps.rules(session)
        if ref.get("of") == "mute":
            return mutes.edit(session, press, payloads.number(ref, "id"), until, now, rules, reason=reason)
        target = mute_targets.target(session, ref)
        return GONE if target is None else mutes.mute(session, press, target, until, now, rules, reason=reason)

    alert = (payloads.number(ref, "id"),) if ref.get("of") == "alert" else ()
    message = payloads.number(ref, "id") if ref.get("of") == "message" else None
    return record(deps, place, carry_out, dedupe_key, alert_ids=alert, message_id=message)


# --- what is shown afterwards -------------------------------------------------------------------------


def said(session: Session, mute: Mute, now: datetime, *, can_undo: bool = True) -> Drawn:
    """How a mute stands after a press."""
    if mute.ended_at is not None:
        return mute_card.ended(mute.scope, mute.label, mute.id, can_undo=can_undo)
    held = muted.count(session, mute.scope, mute.value, now)
    return mute_card.done(mute.scope, mute.label, mute.ends_at, held.alerts, mute.id)


def show_outcome(deps: Deps, place: Where, outcome: Made | Refused) -> None:
    """What became of a press, in place of what was pressed; a refusal beside it."""
    if isinstance(outcome, Refused):
        tell(deps, place, refusal(outcome))
        return
    with deps.database.read() as session:
        drawn = said(session, outcome.mute, deps.clock(), can_undo=False)
    show_instead(deps, place, drawn)


def _show_list(deps: Deps, place: Where, outcome: Made | Refused) -> None:
    if isinstance(outcome, Refused):
        tell(deps, place, refusal(outcome))
    now = deps.clock()
    with deps.database.read() as session:
        first = said(session, outcome.mute, now).parts if isinstance(outcome, Made) else []
        drawn = draw([*first, *mute_lists.in_force(session, 0, now).parts])
    show_instead(deps, place, drawn)


def show_instead(deps: Deps, place: Where, drawn: Drawn) -> None:
    """In place of the message or window in which something was pressed."""
    if place.view_type == "modal":
        redraw(deps, place.view_id, lambda: window(drawn), place.view_hash, reader=place.user_id)
    elif not respond(deps, place, drawn, replace=place.ephemeral):
        tell(deps, place, drawn)


def reference(content: Mapping[str, Any]) -> dict[str, Any]:
    """The part of what a button carries that names something to mute."""
    return {name: content[name] for name in ("scope", "of", "id") if name in content}


def instant(seconds: object) -> datetime | None:
    """The instant of so many seconds since 1970; None for what is none."""
    if isinstance(seconds, bool) or not isinstance(seconds, int) or not 0 < seconds < LATEST.timestamp():
        return None
    return datetime.fromtimestamp(seconds, UTC)


HANDLERS: dict[str, Callable[[Deps, Pressed], Any]] = {
    "mute_ask": ask, "mute_choose": choose, "mute_do": do, "mute_end": end, "mute_undo": undo,
}
