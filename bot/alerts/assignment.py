"""Who is told what has been assigned to them: once for each assignment, by a direct message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from bot.alerts.grouping import NOTICE
from bot.alerts.lifecycle import LONGEST_NOTE, Action, AlertState
from bot.alerts.pressed import Press
from storage import events, messages
from storage.models import Alert

ASSIGNED = "assigned"
"""What stands in the body of such a notice."""

Changed = Sequence[tuple[Alert, AlertState]]
"""Alerts as they are now, and what they were before."""


def tell(session: Session, press: Press, changed: Changed, now: datetime) -> None:
    """Tell the assignee of what was assigned by this press; nobody is told what they took on themselves."""
    new = [alert for alert, before in changed if alert.assignee != before.assignee]
    if press.action != Action.ASSIGN or not new:
        return
    first = min(new, key=lambda alert: alert.id)
    if first.assignee is None or first.assignee == press.user_id:
        return
    about = f"m{press.message_id}" if press.message_id is not None else str(first.id)
    messages.want(
        # An alert's version is raised by each assignment, so that each has a name of its own.
        session, key=f"{ASSIGNED}:{about}:{first.assignee}:{first.id}.{first.version}", kind=NOTICE,
        channel=first.assignee, now=now, body={
            "notice": ASSIGNED, "alerts": [alert.id for alert in new], "by": press.user_id,
            "note": str(press.args.get("note") or "")[:LONGEST_NOTE], "at": now.isoformat(),
            "message": press.message_id,
        },
    )


def told_before(session: Session, changed: Changed) -> set[int]:
    """Row ids of earlier notices that no longer say the truth: somebody else has the alert now, or it is settled."""
    alerts = {
        alert.id for alert, before in changed
        if (alert.assignee or before.assignee)
        and (alert.assignee, alert.state == "resolved") != (before.assignee, not before.is_open)
    }
    # Whoever had it before them was told as well, who has it now.
    people = events.assignees(session, alerts)
    if not people:
        return set()
    return {
        notice.id for notice in messages.notices_to(session, people)
        if notice.body.get("notice") == ASSIGNED and alerts.intersection(notice.body.get("alerts", ()))
    }


def hand_over(session: Session, taken_over: Mapping[int, tuple[int, str]], now: datetime) -> None:
    """Have the notices show what took the place of an alert: row id -> that of the other, and who has both."""
    if not taken_over:
        return
    changed = set[int]()
    for notice in messages.notices_to(session, {who for _, who in taken_over.values()}):
        shown = notice.body.get("alerts", ())
        if notice.body.get("notice") != ASSIGNED or not taken_over.keys() & set(shown):
            continue
        others = [
            taken_over[one][0] if one in taken_over and taken_over[one][1] == notice.channel else one for one in shown
        ]
        notice.body = notice.body | {"alerts": list(dict.fromkeys(others))}
        changed.add(notice.id)
    session.flush()
    messages.touch(session, changed, now)
