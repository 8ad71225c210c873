"""Whom a new message makes look: those it mentions, by name, by group or all at once, and whoever it is sent to."""

from __future__ import annotations

from bot.playground.directory import Directory
from bot.playground.mentions import mentions
from bot.playground.workspace import Message

ALL = {"@channel", "@here", "@everyone"}


def pinged(directory: Directory, message: Message) -> list[str]:
    """Ids of the people whom Slack notifies; a message for one person alone notifies nobody, nor does a change."""
    if message.ephemeral_for is not None:
        return []
    channel, called = directory.channels[message.channel], mentions(message)
    if channel.is_im or called & ALL:
        called |= channel.members
    for group_id in called & directory.groups.keys():
        group = directory.groups[group_id]
        called |= set() if group.is_disabled else set(group.members)
    here = channel.members - {message.user}
    return directory.active(sorted(called & here))
