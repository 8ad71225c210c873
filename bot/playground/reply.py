"""What follows from what a person did."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.playground.outcome import Done
from bot.playground.seen import PATIENCE, SeenChannel, SeenMessage
from bot.playground.slack_errors import Json

if TYPE_CHECKING:
    from bot.playground.person import Person


class Reply:
    """`message` waits for the answer that the person sees; `error` is Slack's word for what failed.

    `acked`: the app has taken it, in the three seconds that it has. What it has not, Slack never sends again.
    """

    def __init__(self, person: Person, channel: str, since: str, done: Done, on: SeenMessage | None = None) -> None:
        self._person, self._channel, self._since, self._on = person, channel, since, on
        self.error, self.errors = done.error, done.errors
        self.acked = done.error is None

    def find(self, within: float | None = None) -> SeenMessage | None:
        """The answer, or None if none comes within so many real seconds.

        A new message for this person alone, the changed one on which they pressed if only they see it, or
        a new message of the bot to all.
        """
        return self._person.slack.state.wait_for(self._look, PATIENCE if within is None else within)

    def _look(self) -> SeenMessage | None:
        seen = SeenChannel(self._person.slack, self._person.slack.state.channel(self._channel), self._person.id)
        new = [each for each in seen.everything if each.ts > self._since and each.message.bot]
        private = [each for each in new if each.ephemeral_for]
        now = self._on.current() if self._on and self._on.ephemeral_for else None
        if now is not None and self._on is not None and now.message.version > self._on.message.version:
            private.append(now)
        return next(iter(private or new), None)

    @property
    def message(self) -> SeenMessage:
        """The answer. AssertionError, with notices and error, if none comes."""
        found = self.find()
        if found is None:
            raise AssertionError(f"no answer came; error: {self.error}, notices: {self._person.notices}")
        return found

    @property
    def text(self) -> str:
        return self.message.text

    @property
    def visible_text(self) -> str:
        return self.message.visible_text

    @property
    def blocks(self) -> list[Json]:
        return self.message.blocks

    @property
    def buttons(self) -> list[str]:
        return self.message.buttons

    def press(self, label: str) -> Reply:
        """Presses a button of the answer."""
        return self._person.press(self.message, label)
