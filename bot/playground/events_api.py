"""The Events API: tells the app what happened in the workspace, where it has subscribed."""

from __future__ import annotations

import asyncio

from bot.playground import payloads
from bot.playground.outcome import Transport
from bot.playground.slack import Slack
from bot.playground.slack_app import BOT_USER
from bot.playground.slack_errors import Json
from bot.playground.unfurls import COMPOSER, HISTORY, event, links_in
from bot.playground.workspace import Channel, Member, Message

ATTEMPTS = 2
"""Slack tries an event again at once; its further tries, after minutes, are left out here."""


class EventsApi:
    """Sends events in the background; belongs to the server's event loop."""

    def __init__(self, slack: Slack, transport: Transport) -> None:
        self._slack, self._transport = slack, transport
        self._sending: set[asyncio.Task[None]] = set()

    def message_posted(self, message: Message, place: Channel) -> None:
        """A person wrote something; the app hears of it where the bot can read it, and of its links anywhere."""
        self._link_shared(message, place)
        if BOT_USER not in place.members:
            return
        kind = "im" if place.is_im else "group" if place.is_private else "channel"
        inner = self._slack.state.api_form(message) | {"channel": place.id, "event_ts": message.ts}
        if f"message.{kind}" in self._subscribed or f"message.{kind}s" in self._subscribed:
            self.send(inner | {"channel_type": kind})
        if f"<@{BOT_USER}>" in message.text and "app_mention" in self._subscribed and not place.is_im:
            self.send(inner | {"type": "app_mention"})

    def _link_shared(self, message: Message, place: Channel) -> None:
        urls = links_in(message.text, self._slack.app)
        if not urls or "link_shared" not in self._subscribed:
            return
        shared = self._slack.unfurls.share(
            source=HISTORY, user=message.user, channel=place.id, ts=message.ts, urls=urls,
        )
        is_member = BOT_USER in place.members
        self.send(event(shared, is_member=is_member, event_ts=message.ts, thread_ts=message.thread_ts))

    def composing(self, person: Member, place: Channel, text: str) -> None:
        """A person is writing a message with links; the app may show what they become."""
        urls = links_in(text, self._slack.app)
        if not urls or "link_shared" not in self._subscribed:
            self._slack.state.preview(person.id, place.id, ())
            return
        shared = self._slack.unfurls.share(source=COMPOSER, user=person.id, channel=place.id, ts="", urls=urls)
        self.send(event(shared, is_member=BOT_USER in place.members, event_ts=self._slack.state.next_ts()))

    def home_opened(self, person: Member) -> None:
        """A person looks at the app's Home tab."""
        if not self._slack.app.home_tab or "app_home_opened" not in self._subscribed:
            return
        direct = self._slack.state.channel(person.id)
        inner: Json = {"type": "app_home_opened", "user": person.id, "channel": direct.id, "tab": "home"}
        inner["event_ts"] = self._slack.state.next_ts()
        if person.id in self._slack.views.homes:
            inner["view"] = self._slack.views.homes[person.id].api_form()
        self.send(inner)

    @property
    def _subscribed(self) -> frozenset[str]:
        return self._slack.app.events

    def send(self, inner: Json) -> None:
        """Any event, in the background; again if the app does not take it."""
        sending = asyncio.create_task(self._deliver(payloads.event(self._slack, inner)))
        self._sending.add(sending)
        sending.add_done_callback(self._sending.discard)

    async def _deliver(self, payload: Json) -> None:
        for retry in range(ATTEMPTS):
            await self._transport.ready()
            outcome = await self._transport.deliver("events_api", payload, answerable=False, retry=retry)
            if outcome.ok or not outcome.retry:
                return
