"""What a person does with a whole modal: send it off or put it away."""

from __future__ import annotations

from bot.playground import answers, element_state, payloads
from bot.playground.outcome import Done, Transport, told
from bot.playground.slack import Slack
from bot.playground.slack_errors import Json, SlackError
from bot.playground.views import View
from bot.playground.workspace import Member


class Submitting:
    """Belongs to the server's event loop."""

    def __init__(self, slack: Slack, transport: Transport) -> None:
        self._slack, self._transport = slack, transport

    async def submit(self, user: str, view_id: str, values: Json) -> Done:
        """Sends a modal off, unless its own form refuses, and does what the app answers."""
        person = self._slack.state.person(user)
        view = self._modal(person, view_id)
        self._slack.views.fill(view, values)
        refused = element_state.refused(view.blocks, element_state.values(view.blocks, view.values))
        if refused:
            self._slack.views.tell_errors(view, refused)
            return Done(errors=refused)
        payload = payloads.submission(self._slack, person, view)
        outcome = await self._transport.deliver("interactive", payload, answerable=True)
        if not outcome.ok:
            return told(self._slack.state, person.id, outcome, "We could not connect. Try again?")
        try:
            return Done(errors=answers.answer_submission(self._slack, view, outcome.answer))
        except SlackError as error:
            self._slack.state.notify(person.id, f"The app's answer was not understood ({error.code}).", "error")
            return Done(error=error.code)

    async def close(self, user: str, view_id: str) -> Done:
        """Puts a modal away; the app hears of it only if it asked to."""
        person = self._slack.state.person(user)
        view = self._modal(person, view_id)
        self._slack.views.close(view)
        if view.content.get("notify_on_close"):
            payload = payloads.closed(self._slack, person, view)
            await self._transport.deliver("interactive", payload, answerable=False)
        return Done()

    def _modal(self, person: Member, view_id: str) -> View:
        view = self._slack.views.get(view_id)
        if view.type != "modal" or view.user != person.id:
            raise SlackError("not_found")
        return view
