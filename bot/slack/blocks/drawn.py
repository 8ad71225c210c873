"""What a builder gives: blocks for those who see, and the same in words for those who listen."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from bot.slack.blocks.numbers import AS_FOR_MANY, for_many, for_one, plain
from bot.slack.blocks.text import clip, cut, disarmed

Block = dict[str, Any]
TEXT_LIMIT = 3900
"""chat.update refuses a `text` above 4,000 characters."""
MESSAGE_BLOCKS = 50
LABEL_LIMIT = 75
DATE = re.compile(r"<!date\^[^|>]*\|([^>]*)>")
IN_WORDS = itemgetter(1)
LABEL = re.compile(r"\*([^*\n]+)\*\n")


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """A message: `text` is all that a screen reader says, `blocks` is what is seen."""

    text: str
    blocks: list[Block]
    marked: Drawn | None = None
    """The same with its numbers marked, to be written for one reader; None where they look alike to everybody."""

    def read_in(self, locale: str) -> Drawn:
        """The message with numbers and amounts as they are written in a locale such as de-DE."""
        if self.marked is None:
            return self
        if locale in AS_FOR_MANY:
            return Drawn(text=self.text, blocks=self.blocks)
        return Drawn(text=for_one(self.marked.text, locale), blocks=for_one(self.marked.blocks, locale))

    @property
    def parts(self) -> list[Block]:
        """Its blocks, to be drawn as a part of something else."""
        return (self.marked or self).blocks

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
    kept = told_apart([block for block in blocks if block is not None][:MESSAGE_BLOCKS])
    text = "\n".join(line for block in kept for line in _lines(block))
    drawn = Drawn(text=cut(text, TEXT_LIMIT) or "Sendwatch", blocks=kept)
    shown = for_many(kept)
    # What was marked nowhere is the very same.
    if shown is kept:
        return drawn
    return Drawn(text=plain(drawn.text), blocks=shown, marked=drawn)


def told_apart(blocks: list[Block]) -> list[Block]:
    """The blocks, in which no two buttons sound alike: of several with one label all but the first get a number."""
    heard: set[str] = set()
    return [_apart(block, heard) for block in blocks]


def _apart(block: Block, heard: set[str]) -> Block:
    if block["type"] == "actions":
        return {**block, "elements": [_heard(element, heard) for element in block["elements"]]}
    return {**block, "accessory": _heard(block["accessory"], heard)} if "accessory" in block else block


def _heard(element: Block, heard: set[str]) -> Block:
    label: str | None = element.get("accessibility_label")
    if label is None:
        return element
    said, place = label, 1
    while said in heard:
        place += 1
        number = f", number {place}"
        said = clip(label, LABEL_LIMIT - len(number)) + number
    heard.add(said)
    return {**element, "accessibility_label": said}


def _lines(block: Block) -> Iterator[str]:
    # Buttons are left out: a screen reader comes to them by itself, each with its own label.
    texts = [block.get("text"), *block.get("fields", ())]
    if block["type"] == "context":
        texts += block["elements"]
    for text in texts:
        if text is None:
            continue
        yield disarmed(text["text"]) if text["type"] == "plain_text" else spoken(text["text"])


def spoken(markup: str) -> str:
    """Our mrkdwn as words: dates in UTC, labels with a colon, no signs of formatting."""
    # Asterisks are ours alone: `escape` leaves none in text from outside.
    if "*" in markup:
        labelled = LABEL.match(markup)
        if labelled:
            markup = f"{labelled[1]}: {', '.join(markup[labelled.end():].splitlines())}"
        markup = markup.replace("*", "")
    return DATE.sub(IN_WORDS, markup) if "<!date^" in markup else markup
