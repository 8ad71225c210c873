"""A press on many alerts that changes only some: others are not this person's to change, or a colleague's. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bot.alerts import lifecycle, precedence, refusals
from bot.alerts.lifecycle import Action, AlertState, Change, Code, Refused
from bot.alerts.permissions import ADMINS, SENDER
from bot.alerts.pressed import Outcome, Press
from storage.models import Alert


def barred(
    action: Action, press: Press, found: Sequence[Alert], allowed: Sequence[Alert], now: datetime,
) -> int:
    """How many alerts of a message the press would have changed, had the person been allowed to."""
    if press.message_id is None or action is Action.UNDO:
        return 0
    may = {alert.id for alert in allowed}
    steps = [
        lifecycle.step(AlertState.of(alert), action, press.user_id, now, press.args)
        for alert in found if alert.id not in may
    ]
    return sum(isinstance(made, Change) for made in steps)


def who_for_all(who: Sequence[str], senders: Sequence[str]) -> tuple[str, ...]:
    """Who of `who` (words and ids) may do it with all of these alerts; `senders` are the e-mails of their sends.

    Where several people sent them none of these may, and the admins are named, who always do.
    """
    is_of_one = len({address.strip().lower() for address in senders}) == 1 and all(senders)
    if SENDER not in who or is_of_one:
        return tuple(who)
    return tuple(dict.fromkeys([ADMINS, *(word for word in who if word != SENDER)]))


def told(outcome: Outcome, barred: int, who: Sequence[str]) -> Outcome:
    """The outcome with a word about the `barred` alerts that are for others (`who`: words and ids) to change."""
    if not barred or not outcome.changed:
        return outcome
    refused = Refused(code=Code.FORBIDDEN, detail=" ".join(who))
    return replace(outcome, partly=refusals.partly(outcome.changed, barred, refused), refusal=refused)


def left(action: Action, press: Press, found: Sequence[Alert]) -> dict[int, Refused]:
    """The alerts of a message that a press on all of them leaves to colleagues: row id -> who took care, and how."""
    if press.message_id is None:
        return {}
    assignee: str | None = press.args.get("assignee")
    judged = {
        alert.id: precedence.taken_care_of(AlertState.of(alert), action, press.user_id, assignee) for alert in found
    }
    return {alert_id: refused for alert_id, refused in judged.items() if refused is not None}


def told_of_left(outcome: Outcome, left: Mapping[int, Refused]) -> Outcome:
    """The outcome with a word about the alerts that were `left` to colleagues."""
    if not left or not outcome.changed:
        return outcome
    who = [refused.by or "" for refused in left.values()]
    # Who is named stands in its detail.
    refusal = outcome.refusal or Refused(code=Code.ASSIGNED, by=who[0])
    refusal = replace(refusal, detail=" ".join(dict.fromkeys([*refusal.detail.split(), *who])))
    said = f"{outcome.partly or refusals.done(outcome.changed)} {refusals.left(who)}"
    return replace(outcome, partly=said, refusal=refusal)
