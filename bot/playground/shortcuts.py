"""What a person chooses from the menus of shortcuts: of the workspace, and of a message."""

from __future__ import annotations

from bot.playground import payloads
from bot.playground.outcome import Done, Transport, told
from bot.playground.slack import Slack
from bot.playground.slack_app import Shortcut
from bot.playground.slack_errors import Json, SlackError
from bot.playground.workspace import Member

GLOBAL, MESSAGE = "global", "message"


class Shortcuts:
    """Belongs to the server's event loop."""

    def __init__(self, slack: Slack, transport: Transport) -> None:
        self._slack, self._transport = slack, transport

    async def run(self, user: str, named: str) -> Done:
        """Chooses a global shortcut, by name or callback id. SlackError `no_such_shortcut`."""
        person, shortcut = self._slack.state.person(user), self._known(GLOBAL, named)
        return await self._send(person, payloads.global_shortcut(self._slack, person, shortcut.callback_id))

    async def run_on(self, user: str, named: str, channel: str, ts: str) -> Done:
        """Chooses a shortcut of a message. SlackError `no_such_shortcut`, `message_not_found`.

        Messages that only one person sees have no shortcuts.
        """
        person, shortcut = self._slack.state.person(user), self._known(MESSAGE, named)
        message = self._slack.state.message(self._slack.state.channel(channel).id, ts)
        if message is None or message.ephemeral_for is not None:
            raise SlackError("message_not_found")
        payload = payloads.message_shortcut(self._slack, person, message, shortcut.callback_id)
        return await self._send(person, payload)

    def _known(self, type_: str, named: str) -> Shortcut:
        found = self._slack.app.shortcut(type_, named)
        if found is None:
            raise SlackError("no_such_shortcut")
        return found

    async def _send(self, person: Member, payload: Json) -> Done:
        outcome = await self._transport.deliver("interactive", payload, answerable=False)
        return told(self._slack.state, person.id, outcome, "That did not work: the app did not answer")
