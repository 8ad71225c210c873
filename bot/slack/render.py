"""What a message shows now: its row in, the drawn message out. The delivery calls this each time it sends."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from bot.slack import facts
from bot.slack.blocks import alert_card, baseline_card, group_card, notice_card, summary_card
from bot.slack.blocks.baseline_card import Baseline
from bot.slack.blocks.drawn import Drawn
from storage import alerts as stored
from storage import notifications
from storage.models import Message


def render(session: Session, message: Message, now: datetime) -> Drawn | None:
    """The message from its present state; None when nothing is left that it could show."""
    match message.kind:
        case "alert":
            return _alert(session, message, now)
        case "group":
            found = facts.group(session, message.id)
            return group_card.build(found, now) if found else None
        case "summary":
            found = facts.group(session, message.id)
            return summary_card.build(found, facts.open_by_rule(session, message.id), now) if found else None
        case "baseline":
            return baseline_card.build(_baseline(message))
        case _:
            return _notice(session, message, now)


def _alert(session: Session, message: Message, now: datetime) -> Drawn | None:
    found = stored.with_sends(session, stored.for_message(session, message.id)[:1])
    if not found:
        return None
    alert, send = found[0]
    return alert_card.build(alert, send, now, notifications.of_message(session, message.id, alert.id))


def _notice(session: Session, message: Message, now: datetime) -> Drawn | None:
    # What admins must settle has an alert behind it and so its buttons; a reply in a thread only speaks.
    if message.thread_of is None:
        drawn = _alert(session, message, now)
        if drawn is not None:
            return drawn
    text = message.body.get("text")
    mention = message.body.get("mention")
    called = mention if isinstance(mention, list) else []
    return notice_card.build(text, mention=called) if isinstance(text, str) and text.strip() else None


def _baseline(message: Message) -> Baseline:
    body = message.body
    by_rule = body.get("by_rule")
    chosen_at = body.get("chosen_at")
    return Baseline(
        message_id=message.id,
        by_rule=by_rule if isinstance(by_rule, dict) else {},
        chosen=body.get("chosen"), chosen_by=body.get("chosen_by"),
        chosen_at=datetime.fromisoformat(chosen_at) if isinstance(chosen_at, str) else None,
    )
