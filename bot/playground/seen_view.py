"""Anything made of blocks as it can be seen in the playground, and modals and Home tabs among it, for tests.

Whatever is missing is told with all that is there instead.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.playground import element_state
from bot.playground.reading import Reader
from bot.playground.slack import Slack
from bot.playground.slack_errors import Json, SlackError
from bot.playground.views import View


class Seen:
    """Anything made of blocks."""

    def __init__(self, slack: Slack, reader: Reader, blocks: list[Json]) -> None:
        self._slack, self._reader = slack, reader
        self.blocks = blocks

    @property
    def visible_text(self) -> str:
        """Everything that can be read, a line for each piece."""
        return "\n".join(self._reader.lines(self.blocks))

    @property
    def buttons(self) -> list[str]:
        """The words on the buttons, in their order."""
        return [label for label, _, _ in self._buttons()]

    def _buttons(self) -> Iterator[tuple[str, Json, Json]]:
        for block, element in element_state.elements(self.blocks):
            if element["type"] == "button":
                yield self._reader.words(element["text"]), block, element

    def button(self, label: str, nth: int = 1) -> Json:
        """The action of pressing the (nth) button with these words or that label for screen readers. AssertionError."""
        for words, block, element in self._buttons():
            if label in {words, element.get("accessibility_label")}:
                nth -= 1
                if nth == 0:
                    return {"block_id": block["block_id"], **element}
        raise AssertionError(f"no button {label!r}, only {self.buttons} in:\n{self.visible_text}")

    def field(self, name: str) -> tuple[Json, Json]:
        """A menu or input with its block, by label, placeholder, action id or block id. AssertionError."""
        found = []
        for block, element in element_state.elements(self.blocks):
            if element["type"] != "button":
                names = self._names(block, element)
                found.append(names[0])
                if name in names:
                    return block, element
        raise AssertionError(f"no field {name!r}, only {found} in:\n{self.visible_text}")

    def _names(self, block: Json, element: Json) -> list[str]:
        texts = (block.get("label"), element.get("placeholder"), block.get("text"))
        words = [self._reader.words(text) for text in texts if isinstance(text, dict)]
        return [*words, element["action_id"], block["block_id"]]


class SeenView(Seen):
    """A modal or Home tab as it stood when it was looked at."""

    def __init__(self, slack: Slack, reader: Reader, view: View) -> None:
        super().__init__(slack, reader, view.blocks)
        self.view = view
        self.hash = view.hash

    def __repr__(self) -> str:
        return f"<{self.view.type} {self.title!r}: {self.visible_text!r}>"

    def latest(self) -> SeenView:
        """The same view now. AssertionError if it was closed."""
        try:
            return SeenView(self._slack, self._reader, self._slack.views.get(self.view.id))
        except SlackError:
            raise AssertionError(f"the {self.view.type} was closed; it showed:\n{self.visible_text}") from None

    @property
    def title(self) -> str:
        return self._reader.words(self.view.content.get("title"))

    @property
    def private_metadata(self) -> str:
        return str(self.view.content.get("private_metadata", ""))
