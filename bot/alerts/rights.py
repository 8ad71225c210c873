"""Who may press what, with what the database knows of people and senders; a refusal is put on record."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from bot.alerts import partly, pressed
from bot.alerts.lifecycle import Action, Code, Refused
from bot.alerts.permissions import ANYONE, Presser
from bot.alerts.pressed import REFUSED, Outcome, Press
from bot.alerts.rulebook import Rulebook
from storage import alerts as stored
from storage import events, people
from storage.models import Alert


def presser_of(session: Session, user_id: str, rules: Rulebook) -> Presser:
    """What is known of a person, as far as permissions ask for it."""
    person = people.by_id(session, user_id)
    return Presser(
        user_id=user_id, email=person.email if person is not None else "",
        is_admin=user_id in rules.routing.admins, groups=people.groups_of(session, user_id),
    )


def allowed_of(
    session: Session, action: Action, user_id: str, found: Sequence[Alert], rules: Rulebook,
) -> Sequence[Alert]:
    """Those of the alerts with which this person may do it."""
    who = rules.permissions.who(action)
    if action is Action.MEANING or ANYONE in who:
        return found
    presser = presser_of(session, user_id, rules)
    return [
        alert for alert, send in stored.with_sends(session, found)
        if rules.permissions.may(action, presser, send.sender_email if send is not None else "")
    ]


def forbidden(
    session: Session, action: Action, user_id: str, alerts: Sequence[Alert], rules: Rulebook,
) -> Refused | None:
    """Why a press of this person would not be allowed, before anything is pressed; None where it would be."""
    if not alerts or allowed_of(session, action, user_id, alerts, rules):
        return None
    return Refused(code=Code.FORBIDDEN, detail=" ".join(rules.permissions.who(action)))


def refusal(
    session: Session, action: Action, allowed: Sequence[Alert], whole: Sequence[Alert], rules: Rulebook,
) -> Refused | None:
    """Why this person may do it with none, with who may; None where they may.

    `allowed` are the alerts that are theirs, `whole` those with all of which it is done, or with none.
    """
    if allowed and {alert.id for alert in whole} <= {alert.id for alert in allowed}:
        return None
    who = rules.permissions.who(action)
    if whole:
        sends = [send for _, send in stored.with_sends(session, whole)]
        who = partly.who_for_all(who, [send.sender_email if send is not None else "" for send in sends])
    return Refused(code=Code.NOT_ALL if allowed else Code.FORBIDDEN, detail=" ".join(who))


def forbid(
    session: Session, action: Action, press: Press, found: Sequence[Alert], now: datetime, refused: Refused,
) -> Outcome:
    """Refuse what this person may not do with the alerts that are `found`, and put it on record."""
    row = pressed.about(action, press, now)
    events.record(session, [row | {
        "action": REFUSED, "alert_id": found[0].id if press.message_id is None else None,
        "detail": row["detail"] | {
            "wanted": str(action), "message": press.message_id, "who": refused.detail.split(),
        },
    }])
    return pressed.refuse(press, refused, now)
