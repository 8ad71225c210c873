"""`conversations.*`: reading channels and their messages."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import TypeVar

from bot.playground.channel_log import micros
from bot.playground.method import Args, Method
from bot.playground.slack import Slack
from bot.playground.slack_app import BOT_USER
from bot.playground.slack_errors import Json, SlackError
from bot.playground.workspace import Channel, Message

Item = TypeVar("Item")


def history(slack: Slack, args: Args) -> Json:
    """Messages of a channel, newest first, without replies and ephemeral ones."""
    channel = readable(slack, args)
    after, before = _bounds(args)
    limit, cursor = args.count("limit", 100, 1000), args.words("cursor")
    inclusive = args.flag("inclusive")
    if cursor:
        before, inclusive = _cursor(cursor, "next_ts"), False
        after -= args.flag("inclusive")
    with slack.state.changed:
        found = slack.state.log(channel.id).newest(
            limit + 1, _stands_in_channel, after=after, before=before, inclusive=inclusive,
        )  # fmt: skip
        following = f"next_ts:{micros(found[limit - 1].ts)}" if len(found) > limit else ""
        return _messages(slack, args, found[:limit], following)


def replies(slack: Slack, args: Args) -> Json:
    """A message and the answers in its thread, oldest first."""
    channel = readable(slack, args)
    message = slack.state.message(channel.id, args.needed("ts"))
    if message is None or message.ephemeral_for is not None:
        raise SlackError("thread_not_found")
    after, before = _bounds(args)
    edge = not args.flag("inclusive")
    answers = [
        reply
        for reply in slack.state.replies(message)
        if after + edge <= micros(reply.ts) and (before is None or micros(reply.ts) <= before - edge)
    ]
    page, following = _slice(args, [message, *answers], default=1000)
    return _messages(slack, args, page, following)


def info(slack: Slack, args: Args) -> Json:
    """What a channel is."""
    channel = seen(slack, args.words("channel"))
    slack.need_for(channel, "read")
    return {"ok": True, "channel": channel_form(slack, channel)}


def open_direct(slack: Slack, args: Args) -> Json:
    """The direct message with a person."""
    slack.need("im:write")
    users = args.words("users")
    if not users:
        raise SlackError("users_list_not_supplied")
    if users not in slack.state.people:
        raise SlackError("user_not_found")
    if slack.state.people[users].deleted:
        raise SlackError("user_disabled")
    channel = slack.state.channel(users)
    return {"ok": True, "channel": {"id": channel.id}}


def list_channels(slack: Slack, args: Args) -> Json:
    """Channels that the bot can see."""
    slack.need("channels:read", "groups:read", "im:read")
    slack.need_team(args.words("team_id"))
    kinds = set(args.words("types", "public_channel").split(","))
    channels = [
        channel
        for channel in slack.state.channels.values()
        if _kind(channel) in kinds
        and (not channel.is_private or BOT_USER in channel.members)
        and not (args.flag("exclude_archived") and channel.is_archived)
    ]
    page, metadata = _listed(args, channels)
    return {"ok": True, "channels": [channel_form(slack, channel) for channel in page], "response_metadata": metadata}


def members(slack: Slack, args: Args) -> Json:
    """Who is in a channel."""
    channel = seen(slack, args.words("channel"))
    slack.need_for(channel, "read")
    page, metadata = _listed(args, sorted(channel.members))
    return {"ok": True, "members": page, "response_metadata": metadata}


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


def channel_form(slack: Slack, channel: Channel) -> Json:
    """A channel as the Web API gives it."""
    if channel.is_im:
        user = next(member for member in channel.members if member != BOT_USER)
        deleted = slack.state.people[user].deleted
        return {"id": channel.id, "is_im": True, "user": user, "is_archived": False, "is_user_deleted": deleted}
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
        "is_shared": channel.is_ext_shared,
        "is_ext_shared": channel.is_ext_shared,
        "is_org_shared": False,
        "is_general": False,
        "is_member": BOT_USER in channel.members,
        "context_team_id": slack.team.id,
        "topic": {"value": channel.topic, "creator": "", "last_set": 0},
        "purpose": {"value": "", "creator": "", "last_set": 0},
        "num_members": len(channel.members),
    }


def _kind(channel: Channel) -> str:
    if channel.is_im:
        return "im"
    return "private_channel" if channel.is_private else "public_channel"


def _stands_in_channel(message: Message) -> bool:
    return message.ephemeral_for is None and message.stands_in_channel


def _bounds(args: Args) -> tuple[int, int | None]:
    """`oldest` and `latest` in microseconds."""
    latest = args.words("latest")
    return _instant(args.words("oldest") or "0", "oldest"), _instant(latest, "latest") if latest else None


def _instant(given: str, name: str) -> int:
    try:
        return micros(given)
    except ValueError:
        raise SlackError(f"invalid_ts_{name}") from None


def _messages(slack: Slack, args: Args, page: Sequence[Message], following: str) -> Json:
    metadata = args.flag("include_all_metadata")
    answer: Json = {
        "ok": True,
        "messages": [slack.state.api_form(message, metadata=metadata) for message in page],
        "has_more": bool(following),
    }
    if following:
        answer["response_metadata"] = {"next_cursor": _packed(following)}
    return answer


def _listed(args: Args, items: Sequence[Item]) -> tuple[list[Item], Json]:
    """One page of a list, and the metadata of the answer with it."""
    page, following = _slice(args, items, default=100)
    return page, {"next_cursor": _packed(following)}


def _slice(args: Args, items: Sequence[Item], default: int) -> tuple[list[Item], str]:
    """One page of a list and where the next begins, empty at the end."""
    start = _cursor(args.words("cursor"), "next") if args.words("cursor") else 0
    end = start + args.count("limit", default, 1000)
    return list(items[start:end]), f"next:{end}" if end < len(items) else ""


def _packed(following: str) -> str:
    return base64.b64encode(following.encode()).decode()


def _cursor(cursor: str, kind: str) -> int:
    try:
        name, _, place = base64.b64decode(cursor, validate=True).decode().partition(":")
        if name == kind:
            return int(place)
    except ValueError:
        pass
    raise SlackError("invalid_cursor")


METHODS: dict[str, Method] = {
    "conversations.history": history,
    "conversations.replies": replies,
    "conversations.info": info,
    "conversations.open": open_direct,
    "conversations.list": list_channels,
    "conversations.members": members,
}
