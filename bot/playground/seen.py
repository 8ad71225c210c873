"""What can be seen in the playground, for tests: channels, their messages and files.

Whatever is missing is told with all that is there instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from bot.playground.files import SlackFile
from bot.playground.mentions import mentions
from bot.playground.reading import Reader
from bot.playground.seen_view import Seen
from bot.playground.slack import Slack
from bot.playground.slack_app import BOT_USER
from bot.playground.slack_errors import Json
from bot.playground.workspace import Channel, Message

PATIENCE = 30.0
"""Real seconds to wait for what should appear. Long, for a busy machine: what appears is seen at once."""


@dataclass(frozen=True)
class SeenFile:
    """A file that stands in a message."""

    file: SlackFile

    def __repr__(self) -> str:
        return f"<file {self.name!r}: {self.title!r}>"

    @property
    def id(self) -> str:
        return self.file.id

    @property
    def name(self) -> str:
        return self.file.name

    @property
    def title(self) -> str:
        return self.file.title

    @property
    def alt_text(self) -> str:
        return self.file.alt_text

    @property
    def bytes(self) -> bytes:
        """What is downloaded."""
        return self.file.content or b""


class SeenMessage(Seen):
    """A message as it stood when it was looked at; `current` and `expect_update` look again."""

    def __init__(self, slack: Slack, reader: Reader, message: Message) -> None:
        super().__init__(slack, reader, [*message.blocks, *message.attached])
        self.message = message

    def __repr__(self) -> str:
        return f"<message {self.ts} in {self.channel}: {self.visible_text!r}>"

    @property
    def ts(self) -> str:
        return self.message.ts

    @property
    def channel(self) -> str:
        return self.message.channel

    @property
    def user(self) -> str:
        return self.message.user

    @property
    def text(self) -> str:
        """The top-level text: what notifications show and screen readers read."""
        return self.message.text

    @property
    def metadata(self) -> Json | None:
        return self.message.metadata

    @property
    def thread_ts(self) -> str | None:
        return self.message.thread_ts

    @property
    def is_broadcast(self) -> bool:
        """Whether it is a reply in a thread that stands in the channel too."""
        return self.message.is_broadcast

    @property
    def edited(self) -> bool:
        return self.message.edited is not None

    @property
    def ephemeral_for(self) -> str | None:
        """The only person who sees it, if it is ephemeral."""
        return self.message.ephemeral_for

    @property
    def visible_text(self) -> str:
        """What is read: the blocks, or the text where there are none, and the titles of files."""
        words = super().visible_text
        if not self.message.blocks:
            words = "\n".join(filter(None, [self._reader.mrkdwn(self.text), words]))
        files = [f"[file: {file.title}]" for file in self.files]
        return "\n".join([words, *files] if words else files)

    @property
    def files(self) -> list[SeenFile]:
        """The files in it."""
        return [SeenFile(file) for file in self.message.files]

    @property
    def mentions(self) -> set[str]:
        """Whom it calls: ids, "@channel", "@here", "@everyone"."""
        return mentions(self.message)

    @property
    def replies(self) -> list[SeenMessage]:
        """The answers in its thread."""
        return [SeenMessage(self._slack, self._reader, each) for each in self._slack.state.replies(self.message)]

    def current(self) -> SeenMessage | None:
        """The same message now; None if it was deleted."""
        message = self._slack.state.message(self.channel, self.ts)
        return None if message is None else SeenMessage(self._slack, self._reader, message)

    def latest(self) -> SeenMessage:
        """The same message now. AssertionError if it was deleted."""
        now = self.current()
        if now is None:
            raise AssertionError(f"the message was deleted; it showed:\n{self.visible_text}")
        return now

    def expect_update(self, text: str = "", within: float = PATIENCE) -> SeenMessage:
        """The message once it has changed since this look and shows `text`. AssertionError if it does not."""

        def changed() -> SeenMessage | None:
            now = self.current()
            fresh = now is not None and now.message.version > self.message.version
            return now if fresh and now is not None and text in now.visible_text else None

        found = self._slack.state.wait_for(changed, within)
        if found is None:
            now = self.current()
            shown = now.visible_text if now else "(deleted)"
            raise AssertionError(f"the message did not change to show {text!r} within {within} s:\n{shown}")
        return found

    def expect_gone(self, within: float = PATIENCE) -> None:
        """Waits until the message is deleted. AssertionError if it stays."""
        if not self._slack.state.wait_for(lambda: self.current() is None, within):
            raise AssertionError(f"the message is still there:\n{self.visible_text}")


@dataclass(frozen=True)
class SeenChannel:
    """A channel. Without a reader: what everybody sees, with dates in UTC."""

    slack: Slack
    channel: Channel
    user: str | None = None

    @property
    def id(self) -> str:
        return self.channel.id

    @property
    def name(self) -> str:
        return self.channel.name

    @property
    def _reader(self) -> Reader:
        state = self.slack.state
        return Reader(state=state, zone=state.people[self.user].zone) if self.user else Reader(state=state)

    @property
    def messages(self) -> list[SeenMessage]:
        """The messages, oldest first, without replies; a person also sees what only they can see."""
        return [seen for seen in self.everything if seen.message.stands_in_channel]

    @property
    def everything(self) -> list[SeenMessage]:
        """The messages, oldest first, replies among them."""
        return [
            SeenMessage(self.slack, self._reader, message)
            for message in self.slack.state.messages(self.channel.id)
            if message.ephemeral_for in {None, self.user}
        ]

    def expect(self, text: str, within: float = PATIENCE) -> SeenMessage:
        """The newest message that shows `text`, once there is one. AssertionError lists what there is."""
        passed: set[tuple[str, int]] = set()

        def look() -> SeenMessage | None:
            for seen in reversed(self.everything):
                state = seen.ts, seen.message.version
                if state not in passed and text in seen.visible_text:
                    return seen
                passed.add(state)
            return None

        # A long channel is read before the lock is taken, so that nobody waits for it; then only what is new.
        found = look() or self.slack.state.wait_for(look, within)
        if found is None:
            shown = "\n---\n".join(seen.visible_text for seen in self.everything) or "(nothing)"
            raise AssertionError(f"nothing shows {text!r} in #{self.name} within {within} s; there is:\n{shown}")
        return found

    # -- what an admin of the workspace may do

    def archive(self) -> Self:
        """Archives the channel."""
        self.channel.is_archived = True
        return self

    def unarchive(self) -> Self:
        """Brings the channel back."""
        self.channel.is_archived = False
        return self

    def invite_bot(self) -> Self:
        """Takes the bot in."""
        self.channel.members.add(BOT_USER)
        return self

    def remove_bot(self) -> Self:
        """Puts the bot out."""
        self.channel.members.discard(BOT_USER)
        return self
