"""What a builder gives: blocks for those who see, and the same in words for those who listen."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from bot.slack.blocks.text import cut, escape

Block = dict[str, Any]
TEXT_LIMIT = 3900
"""chat.update refuses a `text` above 4,000 characters."""
MESSAGE_BLOCKS = 50
DATE = re.compile(r"<!date\^[^|>]*\|([^>]*)>")
LABEL = re.compile(r"\*([^*\n]+)\*\n")


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """A message: `text` is all that a screen reader says, `blocks` is what is seen."""

    text: str
    blocks: list[Block]

    def reply(self, *, replace: bool = False, shared: bool = False) -> dict[str, Any]:
        """The message as an answer to a command or for a response_url; only the asker sees it unless shared."""
        body: dict[str, Any] = {
            "response_type": "in_channel" if shared else "ephemeral",
            "text": self.text,
            "blocks": self.blocks,
        }
        if replace:
            body["replace_original"] = True
        return body


def draw(blocks: Iterable[Block | None]) -> Drawn:
    """A message of these blocks (None is left out), whose `text` says everything that the blocks show."""
    kept = [block for block in blocks if block is not None][:MESSAGE_BLOCKS]
    text = "\n".join(line for block in kept for line in _lines(block))
    return Drawn(text=cut(text, TEXT_LIMIT) or "Sendwatch", blocks=kept)


def _lines(block: Block) -> Iterator[str]:
    # Buttons are left out: a screen reader comes to them by itself, each with its own label.
    texts = [block.get("text"), *block.get("fields", ())]
    if block["type"] == "context":
        texts += block["elements"]
    for text in texts:
        if text is None:
            continue
        yield escape(text["text"], TEXT_LIMIT) if text["type"] == "plain_text" else spoken(text["text"])


def spoken(markup: str) -> str:
    """Our mrkdwn as words: dates in UTC, labels with a colon, no signs of formatting."""
    # Asterisks are ours alone: `escape` leaves none in text from outside.
    labelled = LABEL.match(markup)
    if labelled:
        markup = f"{labelled[1]}: {', '.join(markup[labelled.end():].splitlines())}"
    return DATE.sub(r"\1", markup).replace("*", "")
