"""From a press to the record of a mute, and who is told beforehand that they may not mute it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.alerts import mutes
from bot.alerts.mute_refusals import GONE, Refused
from bot.alerts.mutes import Made
from bot.alerts.pressed import Press
from bot.slack import homes, mute_targets, payloads, people
from bot.slack.blocks.drawn import Drawn
from bot.slack.blocks.help_card import note
from bot.slack.blocks.text import one_line, with_people
from bot.slack.deps import Deps
from bot.slack.payloads import Where
from bot.slack.recording import learn, pressed_by
from storage import mutes as stored
from storage import people as colleagues

LONGEST_NAME = 60


def record(
    deps: Deps, place: Where, carry_out: Callable[[Session, Press, datetime], Made | Refused], dedupe_key: str, *,
    action: str = mutes.MUTE, alert_ids: tuple[int, ...] = (), message_id: int | None = None,
) -> Made | Refused:
    """Carry something out in one transaction, and have what has changed drawn now."""
    learn(deps, place, action)
    press = pressed_by(place, action, dedupe_key, alert_ids=alert_ids, message_id=message_id)
    with deps.database.write() as session:
        outcome = carry_out(session, press, deps.clock())
    if isinstance(outcome, Made):
        deps.wake()
        homes.follow(deps, place)
    return outcome


def refusal(refused: Refused) -> Drawn:
    """Why nothing was done, for the one who wanted it."""
    return note(with_people(refused.sentence, refused.people))


# --- who may not --------------------------------------------------------------------------------------


def denied(deps: Deps, place: Where, dedupe_key: str, ref: Mapping[str, Any]) -> Refused | None:
    """Why this person may not mute what a reference names, known before they are asked more; None where they may."""

    def senders(session: Session) -> Collection[str]:
        target = mute_targets.target(session, ref)
        return (target.sender_email,) if target is not None else ()

    return _denied(deps, place, dedupe_key, ref, senders)


def denied_all(deps: Deps, place: Where, dedupe_key: str, data: Mapping[str, Any]) -> Refused | None:
    """Why this person may mute nothing at all of what a window would offer; None where there is something."""

    def senders(session: Session) -> Collection[str]:
        if data.get("of") == "mute":
            target = mute_targets.target(session, data)
            return (target.sender_email if target is not None else "",)
        found = mute_targets.offered(session, data)
        # Where things are looked for, there may be some of their own.
        return [one.sender_email for one in found.values()] or (people.email(session, place.user_id),)

    return _denied(deps, place, dedupe_key, data, senders)


def _denied(
    deps: Deps, place: Where, dedupe_key: str, ref: Mapping[str, Any], senders: Callable[[Session], Collection[str]],
) -> Refused | None:
    learn(deps, place, mutes.MUTE)
    with deps.database.read() as session:
        rules, about = deps.rules(session), senders(session)
        may = any(mutes.may(session, place.user_id, rules, sender_email=one) for one in about)
        if may or not about or _is_own(session, place, ref):
            return None

    def refuse(session: Session, press: Press, now: datetime) -> Made | Refused:
        return mutes.forbidden(session, press, now, deps.rules(session)) or GONE

    # Whatever the same press does next has a key of its own.
    outcome = record(deps, place, refuse, f"{dedupe_key}|denied")
    return outcome if isinstance(outcome, Refused) else None


def _is_own(session: Session, place: Where, ref: Mapping[str, Any]) -> bool:
    found = stored.by_id(session, payloads.number(ref, "id")) if ref.get("of") == "mute" else None
    return found is not None and found.created_by == place.user_id


def beside_field(session: Session, refused: Refused) -> str:
    """The sentence in plain text, as it can stand beside a field: people by their names."""
    told = refused.sentence
    for one in refused.people:
        person = colleagues.by_id(session, one)
        name = one_line(person.name, LONGEST_NAME) if person is not None else ""
        told = told.replace(f"<!subteam^{one}>", "a user group").replace(f"<@{one}>", name or "a colleague")
    return told
