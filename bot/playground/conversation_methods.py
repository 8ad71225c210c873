"""`conversations.*`: reading channels and their messages."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import TypeVar

from bot.playground.method import Args, Method
from bot.playground.slack import Slack
from bot.playground.slack_app import BOT_USER, TEAM_ID
from bot.playground.slack_errors import Json, SlackError
from bot.playground.workspace import Channel, Message

Item = TypeVar("Item")


def history(slack: Slack, args: Args) -> Json:
    """Messages of a channel, newest first, without replies and ephemeral ones."""
    channel = readable(slack, args)
    kept = [
        message
        for message in reversed(slack.state.messages(channel.id))
        if message.ephemeral_for is None
        and (not message.is_reply or message.reply_broadcast)
        and _within(message, args)
    ]
    return _page(slack, args, kept, default=100)


def replies(slack: Slack, args: Args) -> Json:
    """A message and the answers in its thread, oldest first."""
    channel = readable(slack, args)
    message = slack.state.message(channel.id, args.needed("ts"))
    if message is None or message.ephemeral_for is not None:
        raise SlackError("thread_not_found")
    answers = [reply for reply in slack.state.replies(message) if _within(reply, args)]
    return _page(slack, args, [message, *answers], default=1000)


def info(slack: Slack, args: Args) -> Json:
    """What a channel is."""
    channel = seen(slack, args.words("channel"))
    slack.need_for(channel, "read")
    return {"ok": True, "channel": channel_form(channel)}


def open_direct(slack: Slack, args: Args) -> Json:
    """The direct message with a person."""
    slack.need("im:write")
    users = args.words("users")
    if not users:
        raise SlackError("users_list_not_supplied")
    if users not in slack.state.people:
        raise SlackError("user_not_found")
    channel = slack.state.channel(users)
    return {"ok": True, "channel": {"id": channel.id}}


def list_channels(slack: Slack, args: Args) -> Json:
    """Channels that the bot can see."""
    slack.need("channels:read", "groups:read", "im:read")
    kinds = set(args.words("types", "public_channel").split(","))
    channels = [
        channel
        for channel in slack.state.channels.values()
        if _kind(channel) in kinds
        and (not channel.is_private or BOT_USER in channel.members)
        and not (args.flag("exclude_archived") and channel.is_archived)
    ]
    page, cursor = _slice(args, channels, default=100)
    return {
        "ok": True,
        "channels": [channel_form(channel) for channel in page],
        "response_metadata": {"next_cursor": cursor},
    }


def members(slack: Slack, args: Args) -> Json:
    """Who is in a channel."""
    channel = seen(slack, args.words("channel"))
    slack.need_for(channel, "read")
    page, cursor = _slice(args, sorted(channel.members), default=100)
    return {"ok": True, "members": page, "response_metadata": {"next_cursor": cursor}}


def seen(slack: Slack, ref: str) -> Channel:
    """The channel of that id, if the bot can see it. SlackError `channel_not_found`."""
    channel = slack.state.channels.get(ref)
    if channel is None or (channel.is_private and BOT_USER not in channel.members):
        raise SlackError("channel_not_found")
    return channel


def readable(slack: Slack, args: Args) -> Channel:
    """The channel, if the bot may read its messages. SlackError `channel_not_found`, `not_in_channel`."""
    channel = seen(slack, args.words("channel"))
    slack.need_for(channel, "history")
    if BOT_USER not in channel.members:
        raise SlackError("not_in_channel")
    return channel


def channel_form(channel: Channel) -> Json:
    """A channel as the Web API gives it."""
    if channel.is_im:
        user = next(member for member in channel.members if member != BOT_USER)
        return {"id": channel.id, "is_im": True, "user": user, "is_archived": False, "is_user_deleted": False}
    return {
        "id": channel.id,
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": not channel.is_private,
        "is_group": channel.is_private,
        "is_im": False,
        "is_mpim": False,
        "is_private": channel.is_private,
        "is_archived": channel.is_archived,
        "is_general": False,
        "is_member": BOT_USER in channel.members,
        "context_team_id": TEAM_ID,
        "topic": {"value": channel.topic, "creator": "", "last_set": 0},
        "purpose": {"value": "", "creator": "", "last_set": 0},
        "num_members": len(channel.members),
    }


def _kind(channel: Channel) -> str:
    if channel.is_im:
        return "im"
    return "private_channel" if channel.is_private else "public_channel"


def _within(message: Message, args: Args) -> bool:
    inclusive, at = args.flag("inclusive"), float(message.ts)
    try:
        oldest, latest = float(args.words("oldest", "0") or 0), float(args.words("latest", "inf") or "inf")
    except ValueError:
        raise SlackError("invalid_ts_oldest") from None
    return oldest < at < latest or (inclusive and at in {oldest, latest})


def _page(slack: Slack, args: Args, messages: list[Message], default: int) -> Json:
    page, cursor = _slice(args, messages, default)
    metadata = args.flag("include_all_metadata")
    answer: Json = {
        "ok": True,
        "messages": [slack.state.api_form(message, metadata=metadata) for message in page],
        "has_more": bool(cursor),
    }
    if cursor:
        answer["response_metadata"] = {"next_cursor": cursor}
    return answer


def _slice(args: Args, items: Sequence[Item], default: int) -> tuple[list[Item], str]:
    """One page of a list and the cursor of the next, empty at the end."""
    start = _start(args.words("cursor"))
    end = start + args.count("limit", default, 1000)
    cursor = base64.b64encode(f"next:{end}".encode()).decode() if end < len(items) else ""
    return list(items[start:end]), cursor


def _start(cursor: str) -> int:
    if not cursor:
        return 0
    try:
        return int(base64.b64decode(cursor, validate=True).decode().removeprefix("next:"))
    except ValueError:
        raise SlackError("invalid_cursor") from None


METHODS: dict[str, Method] = {
    "conversations.history": history,
    "conversations.replies": replies,
    "conversations.info": info,
    "conversations.open": open_direct,
    "conversations.list": list_channels,
    "conversations.members": members,
}
