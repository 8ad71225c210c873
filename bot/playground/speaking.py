"""What a person types: slash commands and messages."""

from __future__ import annotations

import re

from bot.playground import answers, payloads
from bot.playground.events_api import EventsApi
from bot.playground.membership import COMMANDS, Membership
from bot.playground.outcome import BAD_ANSWER, Done, Transport
from bot.playground.slack import Slack
from bot.playground.slack_app import BOT_NAME, BOT_USER, Command
from bot.playground.slack_errors import SlackError
from bot.playground.workspace import Message

ADDRESS = re.compile(r"(https?://[^\s<>|]*[^\s<>|.,;:!?'\")\]]|(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+)")
"""Links and e-mail addresses in what a person types."""


class Speaking:
    """Belongs to the server's event loop."""

    def __init__(self, slack: Slack, transport: Transport) -> None:
        self._slack, self._transport = slack, transport
        self.events = EventsApi(slack, transport)
        self.membership = Membership(slack, self.events)

    async def command(self, user: str, channel: str, text: str) -> Done:
        """Sends a slash command, and shows what the app answers."""
        person, place = self._slack.state.person(user), self._slack.state.channel(channel)
        name, _, rest = text.strip().partition(" ")
        if name in COMMANDS:
            return await self.membership.command(person.id, place.id, COMMANDS[name], rest)
        command = self._slack.app.command(name)
        if command is None:
            self._slack.state.notify(person.id, f"{name} is not a command that is installed here.")
            return Done(error="unknown_command")
        if place.is_archived:
            return Done(error="is_archived")
        payload = payloads.command(self._slack, person, place, name, self._typed(rest.strip(), command))
        outcome = await self._transport.deliver("slash_commands", payload, answerable=True)
        error = outcome.error
        if error is None:
            try:
                answers.answer_command(self._slack, outcome.answer, person.id, place.id)
            except SlackError:
                error = BAD_ANSWER
        if error is not None:
            self._slack.state.notify(person.id, f'{name} failed with the error "{error}"', "error")
        return Done(error=error)

    def _typed(self, text: str, command: Command) -> str:
        escaped = escape(text)
        return self._linked(escaped, labels=True) if command.should_escape else escaped

    def _linked(self, text: str, *, labels: bool) -> str:
        """Text in which known @names and #channels stand as Slack's ids."""
        users = {person.name: person.id for person in self._slack.state.people.values()}
        users[BOT_NAME] = BOT_USER
        groups = {group.handle: group.id for group in self._slack.state.groups.values() if not group.is_disabled}
        channels = {room.name: room.id for room in self._slack.state.channels.values() if not room.is_im}

        def link(match: re.Match[str]) -> str:
            # Names have no capitals, but people type them.
            mark, name = match[1], match[2].lower()
            if mark == "@" and name in groups:
                return f"<!subteam^{groups[name]}|@{name}>" if labels else f"<!subteam^{groups[name]}>"
            found = (users if mark == "@" else channels).get(name)
            if found is None:
                return match[0]
            return f"<{mark}{found}|{name}>" if labels else f"<{mark}{found}>"

        return re.sub(r"(?<![\w&])([@#])([\w-]+)", link, text)

    async def say(self, user: str, channel: str, text: str, thread_ts: str | None = None) -> Message:
        """Writes a message of one's own, and tells the app of it where it listens."""
        person, place = self._slack.state.person(user), self._slack.state.channel(channel)
        if place.is_archived:
            raise SlackError("is_archived")
        if not text.strip():
            raise SlackError("no_text")
        if place.is_im and self._slack.app.messages_read_only:
            raise SlackError("messages_tab_disabled")
        message = self._slack.state.post(place.id, person.id, self._stored(text), thread_ts=thread_ts)
        self.events.message_posted(message, place)
        return message

    async def write(self, user: str, channel: str, text: str) -> None:
        """Writes at a message without sending it: what its links become is shown."""
        person, place = self._slack.state.person(user), self._slack.state.channel(channel)
        self.events.composing(person, place, self._stored(text))

    def _stored(self, text: str) -> str:
        """What a person types as Slack stores it. Names in an address are part of it: every second piece is one."""
        pieces = enumerate(ADDRESS.split(escape(text)))
        return "".join(address(part) if place % 2 else self._linked(part, labels=False) for place, part in pieces)

    async def open_home(self, user: str) -> None:
        """Looks at the app's Home tab."""
        self.events.home_opened(self._slack.state.person(user))


def address(found: str) -> str:
    """A link or e-mail address, escaped, as Slack stores it."""
    return f"<{found}>" if "://" in found else f"<mailto:{found}|{found}>"


def escape(text: str) -> str:
    """Text as Slack stores what a person types."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
