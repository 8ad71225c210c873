"""Mutes are made, changed, ended and taken back, each with its record. The caller commits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.alerts import mute_refusals, mute_walk, refusals
from bot.alerts.lifecycle import LONGEST_SNOOZE, Action, Code
from bot.alerts.lifecycle import Refused as Forbidden
from bot.alerts.mute_refusals import Refused
from bot.alerts.muting import Target
from bot.alerts.pressed import REFUSED, Press
from bot.alerts.rights import presser_of
from bot.alerts.rulebook import Rulebook
from storage import events, messages, notifications
from storage import mutes as stored
from storage.models import AlertEvent, Mute
from storage.sends import by_gids

MUTE, ENDED, EDITED = "mute", "mute_ended", "mute_edited"
"""Actions on record; the first is also the one for which permissions are given."""
LONGEST = LONGEST_SNOOZE


@dataclass(frozen=True, kw_only=True)
class Made:
    """The mute that a press has made, changed or ended; a `replayed` press had its effect before and has none now."""

    mute: Mute
    replayed: bool = False


def may(
    session: Session, user_id: str, rules: Rulebook, *, sender_email: str = "", action: str = MUTE,
) -> bool:
    """Whether that person may mute; `sender_email` as below."""
    return rules.permissions.may(action, presser_of(session, user_id, rules), sender_email)


def forbidden(
    session: Session, press: Press, now: datetime, rules: Rulebook, *, sender_email: str = "", action: str = MUTE,
) -> Refused | None:
    """Why this person may not mute, put on record; None where they may. `sender_email`: whose sends it is about."""
    if may(session, press.user_id, rules, sender_email=sender_email, action=action):
        return None
    who = rules.permissions.who(action)
    events.record(session, [_about(REFUSED, press, now, {"wanted": str(action), "who": list(who)})])
    found = Forbidden(code=Code.FORBIDDEN, detail=" ".join(who))
    return Refused(sentence=refusals.refusal(found, now, press.user_id), people=found.people)


def mute(
    session: Session, press: Press, target: Target, ends_at: datetime, now: datetime, rules: Rulebook, *,
    reason: str = "",
) -> Made | Refused:
    """Hold all alerts of the target until `ends_at` (aware), those that are still to come included.

    `press.alert_ids` and `press.message_id` name what is drawn anew first. What more there is than can be held
    in one transaction is left to `mute_walk`; nothing of it is told meanwhile.
    """
    done = _replayed(session, press)
    if done is not None:
        return done
    refused = forbidden(session, press, now, rules, sender_email=target.sender_email) or _wrong_end(ends_at, now)
    refused = refused or enough(session, target, ends_at, now)
    if refused is not None:
        return refused
    made = stored.make(
        session, scope=target.scope, value=target.value, label=target.label, reason=reason.strip(),
        created_by=press.user_id, created_at=now, ends_at=ends_at,
    )
    return _carry_out(session, press, MUTE, made, now)


def end(session: Session, press: Press, mute_id: int, now: datetime, rules: Rulebook) -> Made | Refused:
    """End a mute before its time: what it alone held is told again."""
    found = _changeable(session, press, mute_id, now, rules)
    if not isinstance(found, Mute):
        return found
    stored.end(session, found, press.user_id, now)
    return _carry_out(session, press, ENDED, found, now)


def edit(
    session: Session, press: Press, mute_id: int, ends_at: datetime, now: datetime, rules: Rulebook, *,
    reason: str | None = None,
) -> Made | Refused:
    """Give a mute another end, and another reason unless that is None. The old one stays as it was, and is ended."""
    found = _changeable(session, press, mute_id, now, rules)
    if not isinstance(found, Mute):
        return found
    words = found.reason if reason is None else reason.strip()
    refused = _wrong_end(ends_at, now)
    if refused is None and (found.ends_at, found.reason) == (ends_at, words):
        refused = mute_refusals.UNCHANGED
    if refused is not None:
        return refused
    return _replace(session, press, EDITED, found, ends_at, words, now)


def undo(session: Session, press: Press, mute_id: int, now: datetime, rules: Rulebook) -> Made | Refused:
    """Take back what this person did last with a mute: end it, give it its former end, or put it in force again.

    Only one's own press can be taken back, and only while nothing came after it.
    """
    done = _replayed(session, press)
    found = stored.by_id(session, mute_id)
    if done is not None or found is None:
        return done or mute_refusals.GONE
    history = stored.events_of(session, found)
    refused = forbidden(session, press, now, rules, sender_email=sender_of(session, found), action=Action.UNDO)
    refused = refused or _not_undoable(session, press, found, history, now)
    if refused is not None:
        return refused
    return _take_back(session, press, history[0].action, found, now)


def _replayed(session: Session, press: Press) -> Made | None:
    stored.alone(session)
    found = stored.recorded(session, press.dedupe_key)
    return Made(mute=found, replayed=True) if found is not None else None


def _changeable(
    session: Session, press: Press, mute_id: int, now: datetime, rules: Rulebook,
) -> Mute | Made | Refused:
    """The mute, if it is in force and this person may change it."""
    done = _replayed(session, press)
    found = stored.by_id(session, mute_id)
    if done is not None or found is None:
        return done or mute_refusals.GONE
    own = found.created_by == press.user_id
    refused = None if own else forbidden(session, press, now, rules, sender_email=sender_of(session, found))
    return refused or _over(session, found, now, press.user_id) or found


def sender_of(session: Session, mute: Mute) -> str:
    """Whose sends a mute is about; empty where it is about those of many."""
    if mute.scope == "sender":
        return mute.value
    send = by_gids(session, [mute.value]).get(mute.value) if mute.scope == "send" else None
    return send.sender_email.strip().lower() if send is not None else ""


def _wrong_end(ends_at: datetime, now: datetime) -> Refused | None:
    if ends_at <= now:
        return mute_refusals.PAST
    return mute_refusals.TOO_LONG if ends_at - now > LONGEST else None


def enough(session: Session, target: Target, ends_at: datetime, now: datetime) -> Refused | None:
    """Why a mute until `ends_at` (aware) would make no difference: it is muted for as long already; None if it would.

    `mute` refuses that by itself; this is for those who ask before.
    """
    same = [
        one for one in stored.in_force(session, now)
        if (one.scope, one.value) == (target.scope, target.value) and one.ends_at >= ends_at
    ]
    return mute_refusals.muted_already(same[-1].created_by, same[-1].ends_at, now) if same else None


def _over(session: Session, mute: Mute, now: datetime, reader: str) -> Refused | None:
    after = stored.replacing(session, [mute.id]).get(mute.id)
    if after is not None:
        return mute_refusals.changed(after.created_by, after.created_at, now, reader)
    if mute.ended_at is not None:
        return mute_refusals.ended(mute.ended_by, mute.ended_at, now, reader)
    return mute_refusals.ran_out(mute.ends_at, now) if mute.ends_at <= now else None


def _not_undoable(
    session: Session, press: Press, mute: Mute, history: Sequence[AlertEvent], now: datetime,
) -> Refused | None:
    last = history[0] if history else None
    after = stored.replacing(session, [mute.id]).get(mute.id)
    if after is not None:
        return mute_refusals.changed(after.created_by, after.created_at, now, press.user_id)
    if last is None or mute.ends_at <= now:
        return mute_refusals.NOTHING_TO_UNDO
    if last.action == Action.UNDO:
        return mute_refusals.undone(last.actor, last.occurred_at, now, press.user_id)
    return None if last.actor == press.user_id else mute_refusals.not_yours(last.actor)


def _take_back(session: Session, press: Press, action: str, mute: Mute, now: datetime) -> Made:
    if action == ENDED:
        return _replace(session, press, Action.UNDO, mute, mute.ends_at, mute.reason, now)
    before = stored.by_id(session, mute.replaces) if mute.replaces is not None else None
    if before is not None and before.ends_at > now:
        return _replace(session, press, Action.UNDO, mute, before.ends_at, before.reason, now)
    stored.end(session, mute, press.user_id, now)
    return _carry_out(session, press, Action.UNDO, mute, now, undone=before is None)


def _replace(
    session: Session, press: Press, action: str, old: Mute, ends_at: datetime, reason: str, now: datetime,
) -> Made:
    if old.ended_at is None:
        stored.end(session, old, press.user_id, now)
    made = stored.make(
        session, scope=old.scope, value=old.value, label=old.label, reason=reason, created_by=press.user_id,
        created_at=now, ends_at=ends_at, replaces=old.id,
    )
    return _carry_out(session, press, action, made, now)


def _carry_out(
    session: Session, press: Press, action: str, mute: Mute, now: datetime, *, undone: bool = False,
) -> Made:
    """Put it on record, and begin to hold, or to let go of, what it concerns."""
    events.record(session, [_about(action, press, now, _told(mute))])
    stored.walk(session, mute.id, undone=undone)
    mute_walk.step(session, now, mute_id=mute.id)
    seen = notifications.messages_of(session, press.alert_ids)
    seen |= {press.message_id} if press.message_id is not None else set()
    messages.touch(session, seen, now, priority=messages.PRESS_PRIORITY)
    return Made(mute=mute)


def _told(mute: Mute) -> dict[str, Any]:
    told: dict[str, Any] = {
        "mute": mute.id, "scope": mute.scope, "value": mute.value, "label": mute.label,
        "ends_at": mute.ends_at.isoformat(),
    }
    more = {"reason": mute.reason, "replaces": mute.replaces}
    return told | {name: value for name, value in more.items() if value}


def _about(action: str, press: Press, now: datetime, detail: dict[str, Any]) -> dict[str, Any]:
    return {
        "action": str(action), "actor": press.user_id, "actor_name": press.user_name, "team_id": press.team_id,
        "channel": press.channel, "occurred_at": now, "dedupe_key": press.dedupe_key,
        "detail": {"press": press.dedupe_key, "message_ts": press.message_ts} | detail,
    }
