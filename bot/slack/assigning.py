"""Asking to whom alerts shall be assigned: the window, the look at who was chosen, and the record."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from bot.alerts import refusals
from bot.alerts.lifecycle import LONGEST_NOTE, Action, AlertState, Code, Refused, State, step
from bot.alerts.permissions import ANYONE
from bot.alerts.precedence import taken_care_of
from bot.alerts.pressed import Outcome
from bot.alerts.rights import allowed_of, forbidden
from bot.slack import colleagues, facts, payloads, submissions, windows
from bot.slack.blocks import assign_modal
from bot.slack.blocks.assign_modal import About
from bot.slack.blocks.drawn import Block, Drawn
from bot.slack.blocks.help_card import note, window
from bot.slack.blocks.text import with_people
from bot.slack.colleagues import Verdict
from bot.slack.deps import Deps
from bot.slack.payloads import USER, Pressed, Submitted, Where
from bot.slack.recording import learn, refusal
from bot.slack.replies import later, redraw, show, tell
from bot.slack.submissions import Answer, beside, instead
from storage import alerts as stored

NOBODY = "-"
CHOOSE = "Choose a person."
LOOKING = note("Asking Slack who that is …")


def about(session: Session, deps: Deps, place: Where, data: Mapping[str, Any]) -> About | Drawn:
    """What `data` names (`alert`, or `group` for a message); or why there is nothing to assign."""
    now = deps.clock()
    if "group" in data:
        return _about_group(session, deps, place, payloads.number(data, "group"))
    pair = facts.alert_with_send(session, payloads.number(data, "alert"))
    if pair is None:
        return windows.GONE
    # To whom is not known yet; that it has been assigned to somebody already is no reason not to ask.
    made = step(AlertState.of(pair[0]), Action.ASSIGN, place.user_id, now, {"assignee": NOBODY})
    refused = made if isinstance(made, Refused) else None
    refused = refused or forbidden(session, Action.ASSIGN, place.user_id, [pair[0]], deps.rules(session))
    if refused is not None:
        return _told(refused, place, deps)
    return assign_modal.about_alert(*pair, now, windows.beneath(data))


def _about_group(session: Session, deps: Deps, place: Where, message_id: int) -> About | Drawn:
    found = facts.group(session, message_id)
    if found is None:
        return windows.GONE
    if not found.open:
        return _told(Refused(code=Code.NOTHING_OPEN), place, deps)
    rules = deps.rules(session)
    who, number = rules.permissions.who(Action.ASSIGN), found.open
    alerts = [alert for alert in stored.for_message(session, message_id) if alert.state != State.RESOLVED]
    if ANYONE not in who:
        refused = forbidden(session, Action.ASSIGN, place.user_id, alerts, rules)
        if refused is not None:
            return _told(refused, place, deps)
        number = len(allowed_of(session, Action.ASSIGN, place.user_id, alerts, rules))
    said = with_people(refusals.assigns(number, found.open - number, who), who)
    if any(taken_care_of(AlertState.of(alert), Action.ASSIGN, place.user_id, None) for alert in alerts):
        said += " What a colleague has taken on or snoozed is left as it is, unless it is to go to them."
    return assign_modal.about_group(found, said)


def _told(refused: Refused, place: Where, deps: Deps) -> Drawn:
    return note(with_people(refusals.refusal(refused, deps.clock(), place.user_id), refused.people))


def ask(deps: Deps, place: Where, data: Mapping[str, Any]) -> None:
    """Open the window, with the one who asks chosen already."""
    learn(deps, place, Action.ASSIGN)
    with deps.database.read() as session:
        asked = about(session, deps, place, data)
    if isinstance(asked, Drawn):
        tell(deps, place, asked)
    else:
        show(deps, place, assign_modal.build(asked, place.user_id))


def choose(deps: Deps, found: Pressed) -> None:
    """Somebody was chosen: ask Slack who that is, and keep in the window what it says."""
    user, place = found.content.get("user"), found.where
    if not isinstance(user, str):
        return

    def look() -> None:
        # Whoever presses is somebody; but what was said of another choice must go.
        own = user == place.user_id
        verdict = Verdict() if own else colleagues.ask(deps, user, place.team_id)
        if verdict.certain and not (own and "known" not in place.view_data):
            again = partial(_again, deps, place, user, verdict)
            redraw(deps, place.view_id, again, place.view_hash, reader=place.user_id)

    later(deps, place, look)


def _again(deps: Deps, place: Where, user: str, verdict: Verdict, words: str = "") -> Block:
    with deps.database.read() as session:
        asked = about(session, deps, place, place.view_data)
    if isinstance(asked, Drawn):
        return window(asked)
    known = {"user": user, "problem": verdict.problem} if verdict.certain else None
    return assign_modal.build(asked, user, known, verdict.problem, words)


def submit(deps: Deps, found: Submitted, body: Mapping[str, Any]) -> Answer:
    """Assign to whom was chosen; where nobody knows yet who that is, Slack is asked first, after the answer."""
    user = payloads.chosen(found.values, assign_modal.BLOCK, assign_modal.ACTION)
    if not USER.fullmatch(user):
        return beside(assign_modal.BLOCK, CHOOSE)
    told = found.where.view_data.get("known")
    known = told if isinstance(told, dict) and told.get("user") == user else None
    if known is not None and known.get("problem"):
        return beside(assign_modal.BLOCK, str(known["problem"]))
    if known is not None or user == found.where.user_id:
        return _assigned(_record(deps, found, body, user))
    later(deps, found.where, lambda: _look_first(deps, found, body, user))
    return instead(window(LOOKING))


def _record(deps: Deps, found: Submitted, body: Mapping[str, Any], user: str) -> Outcome:
    args = {"assignee": user, "note": _words(found)[:LONGEST_NOTE]}
    return submissions.press(deps, found, body, Action.ASSIGN, args)


def _words(found: Submitted) -> str:
    return payloads.chosen(found.values, assign_modal.NOTE_BLOCK, assign_modal.NOTE_ACTION).strip()


def _assigned(outcome: Outcome) -> Answer:
    return {} if outcome.told is None else instead(window(refusal(outcome)))


def _look_first(deps: Deps, found: Submitted, body: Mapping[str, Any], user: str) -> None:
    verdict, place = colleagues.ask(deps, user, found.where.team_id), found.where
    if verdict.problem:
        redraw(deps, place.view_id, lambda: _again(deps, place, user, verdict, _words(found)), reader=place.user_id)
        return
    outcome = _record(deps, found, body, user)
    done = note(f"Assigned to <@{user}>.") if outcome.told is None else refusal(outcome)
    redraw(deps, place.view_id, lambda: window(done), reader=place.user_id)
