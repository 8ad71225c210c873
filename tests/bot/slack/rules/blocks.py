"""What Slack asks of each block, and of what stands in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from slackblocks import _limits

from tests.bot.slack.rules import elements, texts
from tests.bot.slack.rules.texts import Json

Rule = Callable[[Json], Iterator[str]]
IDS = {
    "user": ("user_id", re.compile(r"[UW][A-Z0-9]+")), "channel": ("channel_id", re.compile(r"[CG][A-Z0-9]+")),
    "usergroup": ("usergroup_id", re.compile(r"S[A-Z0-9]+")),
}
WORDS = {"text", "link", "emoji", "date", *IDS}
"""What may stand in a line of rich text; `broadcast` would call a whole channel."""
ONLY_IN_INPUT = {"plain_text_input", "email_text_input", "url_text_input", "number_input"}
LINES = {"rich_text_section", "rich_text_list", "rich_text_quote", "rich_text_preformatted"}


def problems(block: Json) -> Iterator[str]:
    """Everything wrong with one block."""
    kind = block["type"]
    if kind not in RULES:
        yield f"no rule for a {kind} block"
        return
    yield from texts.length(block.get("block_id", "x"), "block_id length", _limits.BLOCK_ID_MAX_LENGTH)
    yield from RULES[kind](block)
    for element in acting(block):
        yield from elements.problems(element)
        if kind != "input" and element["type"] in ONLY_IN_INPUT:
            yield f"{element['type']} in a block of type {kind}"
        if kind == "section" and element["type"] == "datetimepicker":
            yield "datetimepicker in a block of type section"
        if kind != "input" and "response_url_enabled" in element:
            yield f"response_url_enabled in a block of type {kind}"


def acting(block: Json) -> list[Json]:
    """Everything in a block that can be pressed, chosen or filled in."""
    found = list(block["elements"]) if block["type"] == "actions" else []
    found += [block[name] for name in ("accessory", "element") if name in block]
    return [element for element in found if element["type"] != "image"]


def _header(block: Json) -> Iterator[str]:
    yield from texts.text(block["text"], "header", "text", _limits.HEADER_TEXT_MAX_LENGTH)


def _section(block: Json) -> Iterator[str]:
    fields = block.get("fields", [])
    if "text" not in block and not fields:
        yield "empty section"
    if len(fields) > _limits.SECTION_FIELDS_MAX_ITEMS:
        yield f"{len(fields)} in section"
    if "text" in block:
        yield from texts.text(block["text"], "section", "text", _limits.SECTION_TEXT_MAX_LENGTH)
    for field in fields:
        yield from texts.text(field, "section", "field", _limits.SECTION_FIELDS_ITEM_MAX_LENGTH)
    if block.get("accessory", {}).get("type") == "image":
        yield from elements.picture(block["accessory"])


def _context(block: Json) -> Iterator[str]:
    if not 0 < len(block["elements"]) <= _limits.CONTEXT_ELEMENTS_MAX_ITEMS:
        yield f"{len(block['elements'])} in context"
    for one in block["elements"]:
        if one["type"] == "image":
            yield from elements.picture(one)
        elif one["type"] not in {"plain_text", "mrkdwn"}:
            yield f"{one['type']} in context"
        else:
            yield from texts.text(one, "context", "text", _limits.TEXT_MAX_LENGTH)


def _actions(block: Json) -> Iterator[str]:
    if not 0 < len(block["elements"]) <= _limits.ACTIONS_ELEMENTS_MAX_ITEMS:
        yield f"{len(block['elements'])} in actions"


def _input(block: Json) -> Iterator[str]:
    yield from texts.text(block["label"], "input", "label", _limits.INPUT_LABEL_MAX_LENGTH)
    if "hint" in block:
        yield from texts.text(block["hint"], "input", "hint", _limits.INPUT_HINT_MAX_LENGTH)
    if block["element"]["type"] in {"button", "overflow", "image"}:
        yield f"{block['element']['type']} in an input"


def _image(block: Json) -> Iterator[str]:
    yield from elements.picture(block)
    if "title" in block:
        yield from texts.text(block["title"], "image", "title", _limits.IMAGE_TITLE_MAX_LENGTH)


def _rich_text(block: Json) -> Iterator[str]:
    if not block["elements"]:
        yield "empty rich_text"
    for part in block["elements"]:
        yield from _lines(part)


def _lines(part: Json) -> Iterator[str]:
    if part["type"] not in LINES:
        yield f"{part['type']} in rich_text"
        return
    if not 0 <= part.get("indent", 0) <= _limits.RICH_TEXT_LIST_INDENT_MAX:
        yield f"indent {part['indent']}"
    for one in part["elements"]:
        yield from _lines(one) if part["type"] == "rich_text_list" else _word(one)


def _word(word: Json) -> Iterator[str]:
    kind = word["type"]
    if kind not in WORDS:
        yield f"{kind} in a line of rich text"
    elif kind == "text" and not word["text"]:
        yield "empty text in rich_text"
    elif kind == "link":
        yield from texts.address(word["url"], "rich_text link")
    elif kind in IDS and not IDS[kind][1].fullmatch(word[IDS[kind][0]]):
        yield f"rich_text {kind} {word[IDS[kind][0]]!r}"


def _table(block: Json) -> Iterator[str]:
    yield from _rows(block["rows"], _limits.TABLE_ROWS_MAX_ITEMS, _limits.TABLE_COLUMNS_MAX_ITEMS)
    if len(block.get("column_settings", ())) > _limits.TABLE_COLUMN_SETTINGS_MAX_ITEMS:
        yield "column_settings"


def _data_table(block: Json) -> Iterator[str]:
    rows = block["rows"]
    yield from _rows(rows, _limits.DATA_TABLE_ROWS_MAX_ITEMS, _limits.DATA_TABLE_COLUMNS_MAX_ITEMS)
    if len(rows) < _limits.DATA_TABLE_ROWS_MIN_ITEMS:
        yield "a data_table with nothing below its header"
    if not block.get("caption", "").strip():
        yield "no caption"
    if not 0 <= block.get("row_header_column_index", 0) < max(map(len, rows), default=0):
        yield "row_header_column_index"
    if sum(texts.units(said) for row in rows for cell in row for said, _ in written(cell)) > (
        _limits.DATA_TABLE_TOTAL_CONTENT_MAX_LENGTH
    ):
        yield "data_table content"


def _rows(rows: list[list[Json]], most: int, columns: int) -> Iterator[str]:
    if not 0 < len(rows) <= most:
        yield f"{len(rows)} rows"
    if len({len(row) for row in rows}) > 1 or not all(0 < len(row) <= columns for row in rows):
        yield "columns"
    for cell in (cell for row in rows for cell in row):
        if cell["type"] == "rich_text":
            yield from _rich_text(cell)
        elif cell["type"] not in {"raw_text", "raw_number"}:
            yield f"{cell['type']} in a cell"
        elif not cell["text"]:
            yield "empty cell"


def written(node: Any) -> Iterator[tuple[str, bool]]:  # noqa: ANN401 - any part of a payload
    """Every text that a part of a block shows, and whether it is mrkdwn; what stands on what is pressed is left out."""
    if isinstance(node, list):
        for child in node:
            yield from written(child)
        return
    if not isinstance(node, dict) or node.get("type") in elements.RULES.keys() - {"image"}:
        return
    for name, child in node.items():
        if name in {"text", "alt_text", "caption"} and isinstance(child, str):
            yield child, node.get("type") == "mrkdwn"
        else:
            yield from written(child)


def _nothing(_block: Json) -> Iterator[str]:
    return iter(())


RULES: dict[str, Rule] = {
    "header": _header, "section": _section, "context": _context, "actions": _actions, "divider": _nothing,
    "input": _input, "image": _image, "rich_text": _rich_text, "table": _table, "data_table": _data_table,
}
"""A block without a rule is not used: whoever needs a new one writes its rule first."""
