"""Who of the workspace puts the bot into a channel or out of it, and archives channels; the app hears of it."""

from __future__ import annotations

import re

from bot.playground.events_api import EventsApi
from bot.playground.outcome import Done
from bot.playground.slack import Slack
from bot.playground.slack_app import BOT_NAME, BOT_USER, TEAM_ID
from bot.playground.slack_errors import Json
from bot.playground.workspace import Channel

COMMANDS = {"/invite": "invite", "/remove": "remove", "/kick": "remove", "/archive": "archive"}
"""Commands that Slack answers itself -> what they do."""
RENUMBERED = "channel_id_changed"


class Membership:
    """Belongs to the server's event loop."""

    def __init__(self, slack: Slack, events: EventsApi) -> None:
        self._slack, self._events = slack, events

    async def command(self, user: str, channel: str, does: str, rest: str) -> Done:
        """One of Slack's own commands; only the bot can be invited and removed here."""
        place = self._slack.state.channel(channel)
        if place.is_im or (does != "archive" and not re.fullmatch(rf"@?{BOT_NAME}", rest.strip(), re.IGNORECASE)):
            self._slack.state.notify(user, f"Here only @{BOT_NAME} can be invited to channels and removed from them.")
            return Done(error="user_not_found")
        if does == "invite":
            await self.invite(user, channel)
        elif does == "remove":
            await self.remove(user, channel)
        else:
            await self.archive(user, channel)
        return Done()

    async def invite(self, user: str, channel: str) -> None:
        """Takes the bot into a channel; nothing happens where it is in there."""
        place = self._slack.state.channel(channel)
        if self._slack.state.set_member(place.id, BOT_USER, inside=True):
            kind = "G" if place.is_private else "C"
            self._tell("member_joined_channel", place, {
                "user": BOT_USER, "channel_type": kind, "team": TEAM_ID, "inviter": user,
            })

    async def remove(self, user: str, channel: str) -> None:
        """Puts the bot out of a channel."""
        place = self._slack.state.channel(channel)
        if self._slack.state.set_member(place.id, BOT_USER, inside=False):
            self._tell(f"{_kind(place)}_left", place, {"actor_id": user})

    async def archive(self, user: str, channel: str, *, archived: bool = True) -> None:
        """Archives a channel, or brings it back."""
        place = self._slack.state.channel(channel)
        if self._slack.state.set_archived(place.id, archived=archived) and BOT_USER in place.members:
            self._tell(f"{_kind(place)}_{'archive' if archived else 'unarchive'}", place, {"user": user})

    async def change_id(self, channel: str, new: str) -> None:
        """Gives a channel another id, as Slack does when workspaces are moved; messages stay in it."""
        place = self._slack.state.channel(channel)
        old = place.id
        self._slack.state.set_channel_id(old, new)
        if BOT_USER in place.members and RENUMBERED in self._slack.app.events:
            told = {"type": RENUMBERED, "old_channel_id": old, "new_channel_id": new}
            self._events.send({**told, "event_ts": self._slack.state.next_ts()})

    def _tell(self, event: str, place: Channel, more: Json) -> None:
        if event in self._slack.app.events:
            stamp = self._slack.state.next_ts()
            self._events.send({"type": event, "channel": place.id, **more, "event_ts": stamp})


def _kind(place: Channel) -> str:
    return "group" if place.is_private else "channel"
