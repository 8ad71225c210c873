"""From a press to its record: check, write, and have the changed messages drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.alerts import press as alerts_press
from bot.alerts.lifecycle import Action
from bot.alerts.permissions import ANYONE
from bot.alerts.pressed import Outcome, Press
from bot.slack import homes, people
from bot.slack.blocks.drawn import Drawn
from bot.slack.blocks.help_card import note
from bot.slack.blocks.text import with_people
from bot.slack.deps import Deps
from bot.slack.payloads import Where


def pressed_by(
    where: Where, action: Action | str, dedupe_key: str, **about: Any,  # noqa: ANN401 - the other fields of a press
) -> Press:
    """What somebody did there; `about` says to which alerts or message, and how."""
    return Press(
        action=action, user_id=where.user_id, user_name=where.user_name, team_id=where.team_id,
        channel=where.channel, message_ts=where.message_ts, dedupe_key=dedupe_key, **about,
    )


def record(
    deps: Deps, where: Where, action: Action, alert_ids: Sequence[int] = (), *, dedupe_key: str,
    message_id: int | None = None, version: int | None = None, args: Mapping[str, Any] | None = None,
) -> Outcome:
    """Do `action` in one transaction and wake the delivery; the outcome says what changed or why nothing did."""
    pressed = pressed_by(
        where, action, dedupe_key, alert_ids=tuple(alert_ids), message_id=message_id, version=version,
        args=dict(args or {}),
    )
    learn(deps, where, action)
    with deps.database.write() as session:
        outcome = alerts_press.press(session, pressed, deps.clock(), deps.rules(session))
    deps.count_press(str(action), str(outcome.refusal.code) if outcome.refusal is not None else "done")
    if outcome.changed:
        deps.wake()
        homes.follow(deps, where)
    return outcome


def denied(deps: Deps, where: Where, action: Action, data: Mapping[str, Any], dedupe_key: str) -> Drawn | None:
    """Why this person may not do it to what `data` names (`alert`, or `group` for a message); None where they may.

    Asked before a window opens that would be filled in for nothing; a refusal is on record.
    """
    about = {"message_id": data["group"]} if "group" in data else {"alert_ids": (data["alert"],)}
    pressed = pressed_by(where, action, f"{dedupe_key}|denied", **about)
    learn(deps, where, action)
    # Nearly everybody may, and then nothing is written: a writer waits for its turn.
    with deps.database.read() as session:
        if alerts_press.would_forbid(session, pressed, deps.rules(session)) is None:
            return None
    with deps.database.write() as session:
        outcome = alerts_press.forbid(session, pressed, deps.clock(), deps.rules(session))
    return None if outcome is None else refusal(outcome)


def learn(deps: Deps, where: Where, action: Action | str) -> None:
    """Know of a person what the permission for `action` asks; Slack is asked only about one who is new."""
    with deps.database.read() as session:
        rules = deps.rules(session)
    who = rules.permissions.who(action)
    if ANYONE not in who and where.user_id not in rules.routing.admins:
        people.learn(deps, where, who)


def refusal(outcome: Outcome) -> Drawn:
    """Why a press had no effect, or only with some of many, for the one who pressed."""
    return note(with_people(outcome.told or "", outcome.refusal.people if outcome.refusal else ()))
