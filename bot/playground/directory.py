"""Who and what is in the workspace: people, user groups and channels."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import replace

from bot.playground.slack_errors import Json, SlackError
from bot.playground.workspace import PEOPLE, Channel, Member, UserGroup, direct_message, first_channels, first_groups


class Directory:
    """Every method may be called from any thread; `changed` is the lock of the whole workspace."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.people = {person.id: person for person in PEOPLE}
        self.groups = {group.id: group for group in first_groups()}
        self.channels = {channel.id: channel for channel in first_channels()}
        self._left: dict[str, list[str]] = {}

    def publish(self, event: str, data: Json) -> None:
        """Tells those who listen of a change."""
        raise NotImplementedError

    def person(self, ref: str) -> Member:
        """By id or by name ("ann"). SlackError `user_not_found`."""
        for person in self.people.values():
            if ref in {person.id, person.name}:
                return person
        raise SlackError("user_not_found")

    def group(self, ref: str) -> UserGroup:
        """By id or by handle ("gifting-ops"). SlackError `no_such_subteam`."""
        for group in self.groups.values():
            if ref in {group.id, group.handle}:
                return group
        raise SlackError("no_such_subteam")

    def active(self, ids: Iterable[str]) -> list[str]:
        """Those of these people who are not deactivated."""
        return [each for each in ids if each in self.people and not self.people[each].deleted]

    def channel(self, ref: str) -> Channel:
        """By id, "#name" or name; a person's id gives their direct message. SlackError if unknown."""
        if ref in self.people:
            return self.channels[f"D{ref[1:]}"]
        for channel in self.channels.values():
            if ref == channel.id or (not channel.is_im and ref.removeprefix("#") == channel.name):
                return channel
        raise SlackError("channel_not_found")

    def id_of(self, ref: str) -> str | None:
        """The id of a channel that is named like this; what is unknown stands for itself. None for nothing."""
        try:
            return self.channel(ref).id
        except SlackError:
            return ref or None

    def add_person(self, person: Member) -> None:
        """Takes somebody new in: into every public channel, and with a direct message to the bot."""
        with self.changed:
            self.people[person.id] = person
            for channel in self.channels.values():
                if not channel.is_private and not channel.is_im:
                    channel.members.add(person.id)
            direct = direct_message(person.id)
            self.channels[direct.id] = direct
            self.publish("people", {})

    def set_home(self, user: str, workspace: str) -> None:
        """Somebody is at home in another workspace of the organisation, or is only known as one of these."""
        self.people[user] = replace(self.people[user], home=workspace)

    def set_deleted(self, user: str, *, deleted: bool) -> None:
        """Deactivates a person, which takes them out of their channels, or brings them back."""
        with self.changed:
            self.people[user] = replace(self.people[user], deleted=deleted)
            rooms = [channel for channel in self.channels.values() if not channel.is_im]
            if deleted:
                self._left[user] = [channel.id for channel in rooms if user in channel.members]
            for channel in rooms:
                if channel.id in self._left.get(user, ()):
                    (channel.members.discard if deleted else channel.members.add)(user)
            self.publish("people", {})

    def set_member(self, channel: str, user: str, *, inside: bool) -> bool:
        """Takes somebody, or the bot, into a channel or out of it; False where it is so already."""
        with self.changed:
            members = self.channels[channel].members
            if (user in members) == inside:
                return False
            (members.add if inside else members.discard)(user)
            self.publish("people", {})
            return True

    def set_archived(self, channel: str, *, archived: bool) -> bool:
        """Archives a channel, or brings it back; False where it is so already."""
        with self.changed:
            if self.channels[channel].is_archived == archived:
                return False
            self.channels[channel].is_archived = archived
            self.publish("people", {})
            return True
