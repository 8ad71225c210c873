"""The workspace: who and what is there, its messages, and a signal whenever any of it changes."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from bot.clock import Clock
from bot.playground.channel_log import ChannelLog
from bot.playground.directory import Directory
from bot.playground.pings import pinged
from bot.playground.slack_app import APP_ID, BOT_ID, TEAM_ID
from bot.playground.slack_errors import Json
from bot.playground.workspace import Message

Found = TypeVar("Found")
Listener = Callable[[str, Json], None]
PLAN_CHECK = 0.02
"""Real seconds between looks for what comes about by itself, while somebody waits."""
GLANCE = 0.1
"""The same for what nobody tells of, such as a row in the app's own database."""


class SlackState(Directory):
    """All that the workspace remembers. Every method may be called from any thread."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.clock = clock
        self._logs: defaultdict[str, ChannelLog] = defaultdict(ChannelLog)
        self._threads: dict[tuple[str, str], list[str]] = {}
        self.notices: list[Json] = []
        self.pings: defaultdict[str, list[Message]] = defaultdict(list)
        """The messages of which each person was notified, as they were posted, oldest first."""
        self.previews: dict[str, tuple[Json, ...]] = {}
        """What the links become in the message that each person is writing."""
        self._plans: list[tuple[datetime, Callable[[], object]]] = []
        self._last_ts = 0
        self._listeners: list[Listener] = []

    # -- looking things up

    def message(self, channel: str, ts: str) -> Message | None:
        """One message as it stands now."""
        with self.changed:
            return self.log(channel).get(ts)

    def messages(self, channel: str) -> list[Message]:
        """Everything in a channel, oldest first, replies and ephemeral messages included."""
        with self.changed:
            return self.log(channel).all()

    def log(self, channel: str) -> ChannelLog:
        """The messages of a channel, to be used under the lock `changed`."""
        self.catch_up()
        return self._logs[channel]

    def replies(self, message: Message) -> list[Message]:
        """The answers in a message's thread, oldest first."""
        with self.changed:
            found = [self.message(message.channel, ts) for ts in self._threads.get((message.channel, message.ts), ())]
        return [reply for reply in found if reply is not None]

    # -- changing things

    def next_ts(self) -> str:
        """A message id: the play clock in microseconds, always later than the one before."""
        with self.changed:
            self._last_ts = max(self._last_ts + 1, int(self.clock().timestamp() * 1_000_000))
            seconds, micros = divmod(self._last_ts, 1_000_000)
            return f"{seconds}.{micros:06d}"

    def post(self, channel: str, user: str, text: str, **fields: Any) -> Message:  # noqa: ANN401 - fields of Message
        """Puts a new message into a channel."""
        with self.changed:
            self.catch_up()
            message = Message(ts=self.next_ts(), channel=channel, user=user, text=text, **fields)
            message = replace(message, pinged=tuple(pinged(self, message)))
            self._logs[channel].put(message)
            for person in message.pinged:
                self.pings[person].append(message)
            self.publish("message", {"change": "posted", "message": self.page_form(message)})
            if message.is_reply and message.thread_ts and message.ephemeral_for is None:
                self._join_thread(message, message.thread_ts)
        return message

    def _join_thread(self, reply: Message, parent_ts: str) -> None:
        self._threads.setdefault((reply.channel, parent_ts), []).append(reply.ts)
        parent = self.message(reply.channel, parent_ts)
        if parent is not None:
            self.publish("message", {"change": "updated", "message": self.page_form(parent)})

    def update(self, message: Message, **fields: Any) -> Message:  # noqa: ANN401 - fields of Message
        """Changes a message in place and gives the new one."""
        with self.changed:
            changed = replace(message, version=message.version + 1, **fields)
            self._logs[message.channel].put(changed)
            self.publish("message", {"change": "updated", "message": self.page_form(changed)})
        return changed

    def delete(self, message: Message) -> None:
        """Takes a message away."""
        with self.changed:
            self._logs[message.channel].remove(message.ts)
            self.publish("message", {"change": "deleted", "message": self.page_form(message)})

    def set_channel_id(self, old: str, new: str) -> None:
        """Gives a channel another id; its messages go with it."""
        with self.changed:
            place = self.channels.pop(old)
            place.id, self.channels[new] = new, place
            for message in self._logs.pop(old, ChannelLog()).all():
                self._logs[new].put(replace(message, channel=new))
            threads = {key: replies for key, replies in self._threads.items() if key[0] == old}
            for key, replies in threads.items():
                del self._threads[key]
                self._threads[new, key[1]] = replies
            self.publish("people", {})

    def later(self, at: datetime, work: Callable[[], object]) -> None:
        """Does `work` at the first `catch_up` from `at` on."""
        with self.changed:
            self._plans.append((at, work))

    def catch_up(self) -> None:
        """Does what has become due by now. Every call of the app and every look at messages begins with it."""
        if self._plans:
            with self.changed:
                now, plans = self.clock(), self._plans
                self._plans = [plan for plan in plans if plan[0] > now]
                for at, work in plans:
                    if at <= now:
                        work()

    # -- telling others

    def notify(self, user: str, text: str, level: str = "warning") -> None:
        """Shows a person something that Slack itself has to say, such as that a command failed."""
        with self.changed:
            self.notices.append({"user": user, "text": text, "level": level})
            self.publish("notice", self.notices[-1])

    def preview(self, user: str, channel: str, attachments: tuple[Json, ...]) -> None:
        """Shows a person what the links become in the message that they are writing."""
        with self.changed:
            self.previews[user] = attachments
            self.publish("preview", {"user": user, "channel": channel, "attachments": list(attachments)})

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Calls `listener(event, data)` for each change, under the lock; gives a function that ends it."""
        with self.changed:
            self._listeners.append(listener)

        def forget() -> None:
            with self.changed:
                self._listeners.remove(listener)

        return forget

    def publish(self, event: str, data: Json) -> None:
        """Tells every listener and wakes all who wait for a change."""
        with self.changed:
            for listener in self._listeners:
                listener(event, data)
            self.changed.notify_all()

    def wait_for(self, look: Callable[[], Found | None], within: float) -> Found | None:
        """What `look` gives as soon as that is not None (or false); None after `within` real seconds."""
        deadline = time.monotonic() + within
        with self.changed:
            while not (found := look()):
                left = deadline - time.monotonic()
                if left <= 0:
                    return None
                self.changed.wait(min(left, PLAN_CHECK if self._plans else GLANCE))
            return found

    # -- the same message as the Web API and as the page show it

    def api_form(self, message: Message, *, metadata: bool = False) -> Json:
        """A message as `conversations.history` gives it."""
        form: Json = {"type": "message", "user": message.user, "ts": message.ts, "text": message.text}
        form |= {"team": TEAM_ID}
        if message.bot:
            form |= {"bot_id": BOT_ID, "app_id": APP_ID, "bot_profile": {"id": BOT_ID, "app_id": APP_ID}}
        form |= dict(_filled(message))
        if message.is_broadcast:
            form["subtype"] = "thread_broadcast"
            root = self.message(message.channel, message.thread_ts or "")
            form["root"] = {"type": "message", "ts": root.ts, "text": root.text, "user": root.user} if root else None
        if message.metadata is not None and metadata:
            form["metadata"] = message.metadata
        if replies := self.replies(message):
            form |= {
                "thread_ts": message.ts,
                "reply_count": len(replies),
                "latest_reply": replies[-1].ts,
                "reply_users": sorted({reply.user for reply in replies}),
            }
        return form

    def page_form(self, message: Message) -> Json:
        """A message as the page draws it."""
        form = self.api_form(message, metadata=True) | {"channel": message.channel}
        form |= {"time": message.time.isoformat(), "pinged": list(message.pinged)}
        if message.files:
            form["files"] = [file.page_form() for file in message.files]
        if message.ephemeral_for:
            form["ephemeral_for"] = message.ephemeral_for
        return form


def _filled(message: Message) -> Iterator[tuple[str, object]]:
    if message.blocks:
        yield "blocks", list(message.blocks)
    if message.files:
        yield "files", [file.api_form() for file in message.files]
        yield "upload", True
        yield "display_as_bot", False
    if message.attachments:
        yield "attachments", list(message.attachments)
    if message.edited:
        yield "edited", message.edited
    if message.thread_ts:
        yield "thread_ts", message.thread_ts
