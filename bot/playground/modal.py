"""A modal before a person: filled in, then sent off or put away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.playground.outcome import Done
from bot.playground.reply import Reply
from bot.playground.seen_view import SeenView
from bot.playground.slack_errors import Json

if TYPE_CHECKING:
    from bot.playground.person import Person


class Modal:
    """One modal as it stood when it was looked at, with what the person has filled in since."""

    def __init__(self, person: Person, seen: SeenView) -> None:
        self._person, self.seen = person, seen
        self.filled: Json = {}

    @property
    def title(self) -> str:
        return self.seen.title

    @property
    def visible_text(self) -> str:
        return self.seen.visible_text

    @property
    def blocks(self) -> list[Json]:
        return self.seen.blocks

    @property
    def buttons(self) -> list[str]:
        return self.seen.buttons

    def fill(self, field: str, choice: object) -> Modal:
        """Fills an input in, found by its label: words, an option's words, a list of them, a date, a name."""
        block, element = self.seen.latest().field(field)
        filled = {"type": element["type"], **self._person.answer(self, field, choice)}
        self.filled.setdefault(block["block_id"], {})[element["action_id"]] = filled
        if block["type"] != "input" or block.get("dispatch_action"):
            self._person.choose(self, field, choice)
        return self

    def press(self, label: str) -> Reply:
        """Presses a button in the modal."""
        return self._person.press(self, label)

    def options(self, field: str, typed: str = "") -> list[str]:
        """What a menu offers whose choices come from the app, for what is typed."""
        return self._person.options(self, field, typed)

    def submit(self) -> Reply:
        """Sends the modal off. AssertionError if the form or the app refuses."""
        since = self._person.slack.state.next_ts()
        done = self._submit()
        if not done.ok:
            raise AssertionError(f"refused: {done.error or self._labelled(done)}; notices: {self._person.notices}")
        return Reply(self._person, self._person.dm().id, since, done)

    def submit_refused(self) -> dict[str, str]:
        """Sends the modal off and gives the sentences under its inputs, by label. AssertionError if accepted."""
        done = self._submit()
        if not done.errors:
            raise AssertionError(f"the modal was not refused (error: {done.error})")
        return self._labelled(done)

    def _submit(self) -> Done:
        return self._person.served.run(
            self._person.served.submitting.submit(self._person.id, self.seen.view.id, self.filled),
        )

    def _labelled(self, done: Done) -> dict[str, str]:
        labels = {block["block_id"]: self._person.reader.words(block.get("label")) for block in self.blocks}
        return {labels.get(block_id, block_id): sentence for block_id, sentence in done.errors.items()}

    def close(self) -> None:
        """Puts the modal away."""
        self._person.served.run(self._person.served.submitting.close(self._person.id, self.seen.view.id))
