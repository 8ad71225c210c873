"""What a message shows now: its row in, the drawn message out. The delivery calls this each time it sends."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from bot.alerts import muted
from bot.alerts.assignment import ASSIGNED
from bot.alerts.lifecycle import SCAN
from bot.delivery.channel_news import WELCOME
from bot.delivery.payload import File, Links
from bot.reports.digest import DIGEST
from bot.sends.watching import STEP
from bot.slack import (
    assigned,
    audit_file,
    buttons,
    escalated,
    facts,
    first_look,
    question_answers,
    reading,
    reports,
    unfurls,
    watches,
    welcome,
)
from bot.slack.blocks import alert_card, assigned_card, baseline_card, group_card, notice_card, summary_card, why_now
from bot.slack.blocks.drawn import Drawn
from bot.slack.blocks.group_card import Group
from bot.slack.payloads import USER
from storage import alerts as stored
from storage import notifications
from storage.escalated import came_from
from storage.models import Message, Notification
from storage.uploads import FILE


def render(session: Session, message: Message, now: datetime) -> Drawn | File | Links | None:
    """The message from its present state; None when nothing is left that it could show."""
    if message.kind == FILE:
        is_audit = message.body.get("file") == audit_file.AUDIT
        return audit_file.drawn(session, message.body) if is_audit else reports.file(session, message.body)
    if message.kind == unfurls.UNFURL:
        return unfurls.drawn(session, message, now)
    drawn = _shown(session, message, now)
    reader = _reader(message)
    return drawn.read_in(reading.locale(session, reader)) if drawn is not None and reader else drawn


def _reader(message: Message) -> str:
    """Who alone reads a message, as a Slack user id; empty where there are many."""
    if message.kind == question_answers.ANSWER:
        return question_answers.reader(message)
    return message.channel if USER.fullmatch(message.channel) else ""


def _shown(session: Session, message: Message, now: datetime) -> Drawn | None:
    if message.kind == question_answers.ANSWER:
        return question_answers.drawn(session, message, now)
    return reports.drawn(message) if message.kind == DIGEST else _words(session, message, now)


def _words(session: Session, message: Message, now: datetime) -> Drawn | None:
    match message.kind:
        case "alert":
            return _alert(session, message, now) or _taken_back(message)
        case "group" | "summary":
            return _several(session, message, now)
        case "baseline":
            return baseline_card.build(first_look.of(session, message, now))
        case _:
            return _notice(session, message, now)


def _several(session: Session, message: Message, now: datetime) -> Drawn | None:
    found = _group(session, message, now)
    if found is None:
        return _taken_back(message)
    if _comes_too_late(message, not found.open and found.resolved_by.keys() == {SCAN}):
        return None
    if message.kind == "group":
        return group_card.build(found, now)
    return summary_card.build(found, facts.open_by_rule(session, message.id), now)


def _group(session: Session, message: Message, now: datetime) -> Group | None:
    found = facts.group(session, message.id)
    held = muted.in_message(session, message.id, now) if found is not None and found.open else []
    mutes = tuple({one.mute_id: one for one in held}.values())
    if found is None:
        return None
    alert, send = found.top[0]
    shown = notifications.of_message(session, message.id, alert.id)
    here = why_now.here(message.key, message.channel, send, shown, several=True)
    here = here or why_now.meant_for_senders(notifications.meant_for_senders(session, message.id), found.total)
    return replace(found, muted=len(held), mutes=mutes, here=here)


def _comes_too_late(message: Message, has_settled: bool) -> bool:  # noqa: FBT001 - of what `message` tells
    """Whether a message would tell for the first time of what has settled itself, as where its channel was archived.

    What somebody has resolved is told everywhere all the same, and by whom.
    """
    return message.ts is None and message.posted_at is None and has_settled


def _taken_back(message: Message) -> Drawn | None:
    """What is said in a message whose alerts have gone back to the first look; nothing where it was never posted."""
    by, at = message.body.get("taken_back_by"), message.body.get("taken_back_at")
    if message.ts is None or not isinstance(by, str) or not isinstance(at, str):
        return None
    return baseline_card.taken_back(by, datetime.fromisoformat(at), several=message.kind != "alert")


def _alert(session: Session, message: Message, now: datetime) -> Drawn | None:
    found = stored.with_sends(session, stored.for_message(session, message.id)[:1])
    if not found:
        return None
    alert, send = found[0]
    if _comes_too_late(message, alert.state == "resolved" and alert.resolved_by == SCAN):
        return None
    held = muted.holding(session, [(alert, send)], now).get(alert.id)
    shown = notifications.of_message(session, message.id, alert.id)
    return alert_card.build(
        alert, send, now, shown, held, first=_escalated_from(session, shown),
        sender=escalated.sender_of(session, shown, send, now),
        here=why_now.here(
            message.key, message.channel, send, shown,
            for_sender=shown is not None and notifications.FOR_SENDER in shown.policy,
        ),
    )


def _escalated_from(session: Session, shown: Notification | None) -> Notification | None:
    """Where an alert was told before it was escalated to this place; None where it was not, or that is kept with it."""
    if shown is None or shown.reason != "escalated" or shown.escalations or came_from(shown) is not None:
        return None
    others = notifications.of_alerts(session, [shown.alert_id])[shown.alert_id]
    return next((one for one in others if one.escalations), None)


def _notice(session: Session, message: Message, now: datetime) -> Drawn | None:
    if message.body.get("notice") == ASSIGNED:
        given = assigned.of(session, message)
        return assigned_card.build(given, now) if given is not None else None
    if message.body.get("notice") == WELCOME:
        return welcome.drawn(session, message, now, buttons.HANDLERS)
    if message.body.get("notice") == STEP:
        return watches.told(session, message)
    # What admins must settle has an alert behind it and so its buttons; a reply in a thread only speaks.
    if message.thread_of is None:
        drawn = _alert(session, message, now)
        if drawn is not None:
            return drawn
    text = message.body.get("text")
    mention = message.body.get("mention")
    called = mention if isinstance(mention, list) else []
    place = message.body.get("place")
    if not isinstance(text, str) or not text.strip():
        return None
    return notice_card.build(text, mention=called, place=place if isinstance(place, str) else "")
