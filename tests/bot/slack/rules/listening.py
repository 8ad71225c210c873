"""What somebody needs who listens to a message or window instead of looking at it."""

from __future__ import annotations

import html
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator

from bot.slack.blocks.drawn import DATE, TEXT_LIMIT
from tests.bot.slack.rules import blocks as block_rules
from tests.bot.slack.rules.texts import Json, units

ENTITY = re.compile(r"&(?:amp|lt|gt);")
LETTERS = {"Lu", "Ll", "Lt", "Lo", "Nd", "Nl", "No"}
"""Without Lm, to which the look-alikes of underscore and backtick belong."""


def problems(payload: Json, *, is_message: bool) -> Iterator[str]:
    """Buttons that sound the same, and what is shown but not said."""
    yield from _labels(payload["blocks"])
    if is_message:
        yield from _unsaid(payload.get("text") or "", payload["blocks"])


def _labels(blocks: list[Json]) -> Iterator[str]:
    spoken = Counter(
        element.get("accessibility_label", "") for block in blocks for element in block_rules.acting(block)
        if element["type"] == "button"
    )
    for label, number in spoken.items():
        if number > 1:
            yield f"{number} buttons are called {label!r}"


def _unsaid(text: str, blocks: list[Json]) -> Iterator[str]:
    shown = [said if is_markup else html.escape(said, quote=False) for said, is_markup in block_rules.written(blocks)]
    if text.endswith("…") and units(text) + max(map(units, shown), default=0) >= TEXT_LIMIT:
        return
    said = letters(text)
    for one in shown:
        if letters(one) not in said:
            yield f"shown but not said: {one[:200]!r}"


def letters(markup: str) -> str:
    """The letters and digits of a text for mrkdwn, whatever was done to it so that Slack reads no mark-up in it."""
    plain = unicodedata.normalize("NFC", ENTITY.sub("", DATE.sub(r"\1", markup)))
    return "".join(letter for letter in plain if unicodedata.category(letter) in LETTERS)
