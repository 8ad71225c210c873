"""What Slack accepts: blocks of a message, a view, metadata. Refusals are worded as Slack words them."""

from __future__ import annotations

import json
import secrets
from collections import Counter
from collections.abc import Iterator, Sequence

from bot.playground.block_rules import MESSAGE_BLOCKS, METADATA, VIEWS
from bot.playground.checks import Problem, typed
from bot.playground.slack_errors import Json, bad_argument

MOST_BLOCK_TEXT = 13_200
"""Slack documents no total; this is where it was seen to answer `msg_blocks_too_long` (bolt-js #2509)."""
MOST_MARKDOWN = 12_000
LARGEST_VIEW = 250_000


def checked_blocks(blocks: object) -> tuple[Json, ...]:
    """The blocks of a message as Slack stores them. SlackError `invalid_blocks`, `msg_blocks_too_long`."""
    problems = [*MESSAGE_BLOCKS(blocks, "/blocks")]
    if not problems and isinstance(blocks, list | tuple):
        problems = [*_doubles(blocks, "/blocks"), *_totals(blocks)]
    if problems:
        raise bad_argument("invalid_blocks", *_worded(problems))
    given: Sequence[Json] = blocks  # type: ignore[assignment]  # the check above has made sure
    if sum(len(words) for words in texts(given)) > MOST_BLOCK_TEXT:
        raise bad_argument("msg_blocks_too_long", "the blocks hold too much text [json-pointer:/blocks]")
    return stored(given)


def checked_view(view: object, kind: str) -> Json:
    """A view as Slack stores it. SlackError `invalid_arguments`, `view_too_large`."""
    problems = [*typed(VIEWS, {kind})(view, "/view")]
    if not problems and isinstance(view, dict):
        problems = [*_doubles(view["blocks"], "/view/blocks"), *_submit(view)]
    if problems:
        raise bad_argument("invalid_arguments", *_worded(problems))
    given: Json = view  # type: ignore[assignment]  # the check above has made sure
    if len(json.dumps(given)) > LARGEST_VIEW:
        raise bad_argument("view_too_large", "the view is larger than 250 kB")
    return given | {"blocks": list(stored(given["blocks"]))}


def checked_metadata(metadata: object) -> Json:
    """Metadata of a message. SlackError `invalid_metadata_schema`."""
    problems = [*METADATA(metadata, "/metadata")]
    if problems or not isinstance(metadata, dict) or not isinstance(metadata["event_payload"], dict):
        raise bad_argument("invalid_metadata_schema", *_worded(problems))
    return metadata


def _worded(problems: list[Problem]) -> list[str]:
    return [f"{sentence} [json-pointer:{at}]" for at, sentence in problems]


def _submit(view: Json) -> Iterator[Problem]:
    asks = any(block["type"] == "input" for block in view["blocks"])
    if view["type"] == "modal" and asks and not view.get("submit"):
        yield "/view", "missing required field: submit"


def _doubles(blocks: Sequence[Json], at: str) -> Iterator[Problem]:
    seen = Counter(block["block_id"] for block in blocks if block.get("block_id"))
    for index, block in enumerate(blocks):
        if seen[block.get("block_id")] > 1:
            yield f"{at}/{index}/block_id", f'`block_id` "{block["block_id"]}" already exists'
        actions = Counter(element["action_id"] for element in elements_of(block) if element.get("action_id"))
        for action, count in actions.items():
            if count > 1:
                yield f"{at}/{index}", f'`action_id` "{action}" already exists in this block'


def _totals(blocks: Sequence[Json]) -> Iterator[Problem]:
    if sum(block["type"] == "table" for block in blocks) > 1:
        yield "/blocks", "only one table is allowed"
    if sum(len(block["text"]) for block in blocks if block["type"] == "markdown") > MOST_MARKDOWN:
        yield "/blocks", f"markdown blocks may hold {MOST_MARKDOWN} characters together"


def elements_of(block: Json) -> list[Json]:
    """What can be pressed or filled in a block."""
    if block["type"] == "actions":
        return list(block["elements"])
    single = block.get("accessory") or block.get("element")
    return [single] if single and single["type"] != "image" else []


def texts(part: object) -> Iterator[str]:
    """Every piece of text that stands in blocks, at any depth."""
    if isinstance(part, list | tuple):
        for entry in part:
            yield from texts(entry)
    elif isinstance(part, dict):
        for name, entry in part.items():
            if name == "text" and isinstance(entry, str):
                yield entry
            else:
                yield from texts(entry)


def stored(blocks: Sequence[Json]) -> tuple[Json, ...]:
    """Blocks with the ids that Slack makes up where there are none."""
    copies: list[Json] = json.loads(json.dumps(blocks))
    for block in copies:
        block.setdefault("block_id", secrets.token_urlsafe(4)[:5])
        for element in elements_of(block):
            element.setdefault("action_id", secrets.token_urlsafe(4)[:5])
    return tuple(copies)
