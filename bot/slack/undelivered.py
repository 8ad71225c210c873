"""What is to be told somewhere and stands there not yet, and why: what was decided is no proof that anybody saw it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy.orm import Session

from bot.slack.blocks.text import escape
from bot.slack.blocks.unseen_words import UNKNOWN
from storage import messages, outgoing
from storage.models import ChannelPace, Message, Notification
from storage.notifications import MAIL
from storage.outgoing import WORKSPACE

WHY = {
    "is_archived": "the channel is archived", "not_in_channel": "the bot is not in the channel",
    "channel_not_found": "Slack knows no such channel, or hides it from the bot",
}
"""Slack's code -> why a place takes no messages; other codes are named."""


def of(session: Session, rows: Iterable[Notification]) -> dict[int, str]:
    """Row ids of those whose message Slack does not show, each with why, in a few words for mrkdwn."""
    of_message = {row.message_id: row for row in rows if row.message_id is not None}
    waiting = [one for one in messages.by_ids(session, of_message) if one.ts is None]
    if not waiting:
        return {}
    paces = outgoing.paces(session)
    return {of_message[one.id].id: _why(one, paces) for one in waiting}


def _why(message: Message, paces: Mapping[str, ChannelPace]) -> str:
    if message.next_at is None:
        return UNKNOWN if message.channel.startswith(MAIL) else "Slack did not take it"
    for name in (message.channel, WORKSPACE):
        code = paces[name].broken_code if name in paces else None
        if code is not None:
            return WHY.get(code) or f"Slack takes no messages: {escape(code, 60)}"
    return "it is about to be posted"
