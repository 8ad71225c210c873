"""Slack's rules for what it is sent: `problems` lists every one that a payload breaks.

Lengths and surfaces are slackblocks' numbers; structure is what slack_sdk's own models accept, and what the types of
`@slack/types` accept (`tests/bot/slack/typescript` collects what passes here and has it compiled); ids, counts and what
somebody needs who listens are walked here, since no library looks at them.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any, Literal

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block as SdkBlock
from slackblocks import _limits, _surfaces

from bot.slack.blocks.text import CLOSE, OPEN
from tests.bot.slack.rules import blocks as block_rules
from tests.bot.slack.rules import listening, texts
from tests.bot.slack.typescript import shapes

Surface = Literal["message", "modal", "home"]
MESSAGE: Surface = "message"
MODAL: Surface = "modal"
HOME: Surface = "home"
BLOCKS = {
    MESSAGE: _limits.MESSAGE_BLOCKS_MAX_ITEMS, MODAL: _limits.VIEW_BLOCKS_MAX_ITEMS,
    HOME: _limits.VIEW_BLOCKS_MAX_ITEMS,
}
TITLES = {
    "title": _limits.VIEW_TITLE_MAX_LENGTH, "submit": _limits.VIEW_SUBMIT_MAX_LENGTH,
    "close": _limits.VIEW_CLOSE_MAX_LENGTH,
}
LIMITS = {
    "private_metadata": _limits.VIEW_PRIVATE_METADATA_MAX_LENGTH, "callback_id": _limits.VIEW_CALLBACK_ID_MAX_LENGTH,
    "external_id": _limits.VIEW_EXTERNAL_ID_MAX_LENGTH,
}
LONGEST_TEXT = 4000
LARGEST_VIEW = 250_000
ONE_OF = ("table", "data_table")
"""Of which a message or view holds one at most."""
UNKNOWN_TO_SDK = {"data_table": "slack_sdk 3.47 has no model for it"}


def problems(payload: dict[str, Any], surface: Surface = MESSAGE) -> list[str]:
    """Everything wrong with a message ({text, blocks}) or view; an empty list is a pass."""
    found = list[str]()
    try:
        found.extend(_problems(payload, surface))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        # Slack tells a value of a wrong type as it tells all else.
        found.append(f"a value of a wrong type: {error!r}")
    if not found:
        shapes.note(payload, surface)
    return found


def choices(answer: dict[str, Any]) -> list[str]:
    """Everything wrong with the answer to what somebody typed into a searching select."""
    found = list(texts.choices(answer))
    if not found:
        shapes.note_choices(answer)
    return found


def elements(block: dict[str, Any]) -> list[dict[str, Any]]:
    """Everything in a block that can be pressed or filled in."""
    return block_rules.acting(block)


def _problems(payload: dict[str, Any], surface: Surface) -> Iterator[str]:
    blocks = payload["blocks"]
    if surface == MESSAGE:
        yield from _text(payload.get("text"))
    else:
        yield from _view(payload, surface)
    if not 0 < len(blocks) <= BLOCKS[surface]:
        yield f"{len(blocks)} blocks"
    for block in blocks:
        if block["type"] not in _surfaces._BLOCK_TYPES_BY_SURFACE[surface]:  # noqa: SLF001 - the numbers we borrow
            yield f"{block['type']} in a {surface}"
        yield from _sdk(block)
        yield from block_rules.problems(block)
    if any(mark in json.dumps(payload, ensure_ascii=False) for mark in (OPEN, CLOSE)):
        yield "the mark of a number is left in it"
    yield from _together(blocks)
    yield from listening.problems(payload, is_message=surface == MESSAGE)


def _together(blocks: list[dict[str, Any]]) -> Iterator[str]:
    """What no block by itself breaks."""
    acting = [element for block in blocks for element in elements(block)]
    yield from _repeated("block_id", [block["block_id"] for block in blocks if "block_id" in block])
    yield from _repeated("action_id", [element.get("action_id", "") for element in acting])
    if sum(bool(element.get("focus_on_load")) for element in acting) > 1:
        yield "two fields want the focus"
    kinds = Counter(block["type"] for block in blocks)
    for kind in ONE_OF:
        if kinds[kind] > 1:
            yield f"{kinds[kind]} blocks of type {kind}"


def _text(text: object) -> Iterator[str]:
    if not isinstance(text, str) or not text.strip():
        yield "no text"
        return
    if texts.units(text) > LONGEST_TEXT:
        yield f"text of {texts.units(text)}"
    yield from texts.markup(text, "text")


def _view(view: dict[str, Any], surface: Surface) -> Iterator[str]:
    if view["type"] != surface:
        yield f"type {view['type']}"
    for name, limit in TITLES.items():
        if name in view:
            yield from texts.text(view[name], "view", name, limit)
    if surface == MODAL and "title" not in view:
        yield "no title"
    if surface == HOME and "title" in view:
        yield "title on a home view"
    asks = any(block["type"] == "input" for block in view["blocks"])
    if asks and surface == MODAL and "submit" not in view:
        yield "input without submit"
    for name, limit in LIMITS.items():
        if texts.units(view.get(name, "")) > limit:
            yield f"{name} too long"
    if len(json.dumps(view).encode()) > LARGEST_VIEW:
        yield "view_too_large"


def _sdk(block: dict[str, Any]) -> Iterator[str]:
    if block["type"] in UNKNOWN_TO_SDK:
        return
    try:
        parsed = SdkBlock.parse(block)
        if parsed is None:
            yield f"slack_sdk knows no {block['type']}"
        else:
            parsed.to_dict()
    except (SlackObjectFormationError, TypeError) as error:
        yield f"slack_sdk: {error}"


def _repeated(name: str, ids: list[str]) -> Iterator[str]:
    for found, number in Counter(ids).items():
        if number > 1:
            yield f"{number} times {name} {found}"
