"""Slack's rules for what it is sent: `problems` lists every one that a payload breaks.

Lengths and surfaces are slackblocks' numbers; structure is what slack_sdk's own models accept; ids, counts and
accessibility are walked here, since no library looks at them.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, Literal

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block as SdkBlock
from slackblocks import _limits, _surfaces

Surface = Literal["message", "modal", "home"]
MESSAGE: Surface = "message"
MODAL: Surface = "modal"
HOME: Surface = "home"
BLOCKS = {MESSAGE: 50, MODAL: 100, HOME: 100}
LONGEST = {
    ("header", "text"): _limits.HEADER_TEXT_MAX_LENGTH,
    ("button", "text"): _limits.BUTTON_TEXT_MAX_LENGTH,
    ("option", "text"): _limits.OPTION_TEXT_MAX_LENGTH,
    ("option", "description"): _limits.OPTION_DESCRIPTION_MAX_LENGTH,
    ("confirm", "title"): _limits.CONFIRMATION_TITLE_MAX_LENGTH,
    ("confirm", "text"): _limits.CONFIRMATION_TEXT_MAX_LENGTH,
    ("confirm", "confirm"): _limits.CONFIRMATION_CONFIRM_MAX_LENGTH,
    ("confirm", "deny"): _limits.CONFIRMATION_DENY_MAX_LENGTH,
    ("input", "label"): _limits.INPUT_LABEL_MAX_LENGTH,
    ("input", "hint"): _limits.INPUT_HINT_MAX_LENGTH,
    ("section", "field"): 2000,
}
COUNTS = {
    "section": (0, 10), "context": (1, _limits.CONTEXT_ELEMENTS_MAX_ITEMS),
    "actions": (1, _limits.ACTIONS_ELEMENTS_MAX_ITEMS),
}
OPTIONS = {"overflow": _limits.OVERFLOW_OPTIONS_MAX_ITEMS, "radio_buttons": _limits.RADIO_BUTTONS_OPTIONS_MAX_ITEMS}
PLAIN_ONLY = {"header", "button", "option", "confirm", "input", "view"}
TOKEN = re.compile(
    r"<!date\^\d+\^[^|<>]+\|[^<>]+>|<@[UW][A-Z0-9]+>|<!subteam\^S[A-Z0-9]+>|<#[CG][A-Z0-9]+>|&(?:amp|lt|gt);"
    # An e-mail whose text is percent-encoded, so that nothing in it can end the link.
    r"|<mailto:(?:\?[A-Za-z0-9_.~%=-]+(?:&amp;[A-Za-z0-9_.~%=-]+)*)?\|[a-zA-Z -]+>",
)
LINK = re.compile(r"https?://|(?<!\w)www\.")
MENTION = re.compile(r"(?<!\w)@(?:here|channel|everyone)\b|<!(?!date\^|subteam\^S[A-Z0-9]+>)|<#(?![CG][A-Z0-9]+>)")


def units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def problems(payload: dict[str, Any], surface: Surface = MESSAGE) -> list[str]:
    """Everything wrong with a message ({text, blocks}) or view; an empty list is a pass."""
    return list(_problems(payload, surface))


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
        yield from _block(block)
    yield from _repeated("block_id", [block["block_id"] for block in blocks if "block_id" in block])
    yield from _repeated("action_id", [element["action_id"] for block in blocks for element in elements(block)])


def _text(text: object) -> Iterator[str]:
    if not isinstance(text, str) or not text.strip():
        yield "no text"
        return
    if units(text) > 4000:
        yield f"text of {units(text)}"
    yield from _markup(text, "text")


def _view(view: dict[str, Any], surface: Surface) -> Iterator[str]:
    if view["type"] != surface:
        yield f"type {view['type']}"
    for name in ("title", "submit", "close"):
        if name in view:
            yield from _object(view[name], "view", name, 24)
    if surface == MODAL and "title" not in view:
        yield "no title"
    if any(block["type"] == "input" for block in view["blocks"]) and surface == MODAL and "submit" not in view:
        yield "input without submit"
    if units(view.get("private_metadata", "")) > 3000:
        yield "private_metadata too long"
    if len(json.dumps(view).encode()) > 250_000:
        yield "view_too_large"


def _sdk(block: dict[str, Any]) -> Iterator[str]:
    try:
        parsed = SdkBlock.parse(block)
        if parsed is None:
            yield f"slack_sdk knows no {block['type']}"
        else:
            parsed.to_dict()
    except (SlackObjectFormationError, TypeError) as error:
        yield f"slack_sdk: {error}"


def elements(block: dict[str, Any]) -> list[dict[str, Any]]:
    """Everything in a block that can be pressed or filled in."""
    found = list(block["elements"]) if block["type"] == "actions" else []
    found += [block[name] for name in ("accessory", "element") if name in block]
    return found


def _block(block: dict[str, Any]) -> Iterator[str]:
    kind = block["type"]
    for text, name, limit in _texts(block):
        yield from _object(text, kind, name, limit)
    if kind == "section" and "text" not in block and not block.get("fields"):
        yield "empty section"
    least, most = COUNTS.get(kind, (0, 0))
    number = len(block.get("fields" if kind == "section" else "elements", ()))
    if most and not least <= number <= most:
        yield f"{number} in {kind}"
    for element in elements(block):
        yield from _element(element)


def _texts(block: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str, int]]:
    kind = block["type"]
    if "text" in block:
        yield block["text"], "text", LONGEST.get((kind, "text"), _limits.TEXT_MAX_LENGTH)
    for text in block.get("fields", ()):
        yield text, "field", LONGEST[("section", "field")]
    for text in block["elements"] if kind == "context" else ():
        yield text, "text", _limits.TEXT_MAX_LENGTH
    for name in ("label", "hint"):
        if name in block:
            yield block[name], name, LONGEST[(kind, name)]


def _element(element: dict[str, Any]) -> Iterator[str]:
    kind = element["type"]
    if not 0 < units(element["action_id"]) <= _limits.ACTION_ID_MAX_LENGTH:
        yield "action_id length"
    if kind == "button":
        yield from _button(element)
    options = element.get("options", ())
    if kind in OPTIONS and not 0 < len(options) <= OPTIONS[kind]:
        yield f"{kind} options"
    for option in options:
        yield from _option(option)
    if units(element.get("initial_value", "")) > _limits.PLAIN_TEXT_INPUT_MAX_LENGTH_MAX:
        yield "initial_value"


def _button(button: dict[str, Any]) -> Iterator[str]:
    yield from _object(button["text"], "button", "text", _limits.BUTTON_TEXT_MAX_LENGTH)
    if units(button.get("value", "")) > _limits.BUTTON_VALUE_MAX_LENGTH:
        yield "button value"
    url = button.get("url", "https://")
    if units(url) > _limits.BUTTON_URL_MAX_LENGTH or not url.startswith(("http://", "https://")):
        yield "button url"
    label = button.get("accessibility_label", "")
    if not 0 < units(label) <= _limits.BUTTON_ACCESSIBILITY_LABEL_MAX_LENGTH:
        yield f"accessibility_label {label!r}"
    for name, text in button.get("confirm", {}).items():
        yield from _object(text, "confirm", name, LONGEST[("confirm", name)])


def _option(option: dict[str, Any]) -> Iterator[str]:
    for name in ("text", "description"):
        if name in option:
            yield from _object(option[name], "option", name, LONGEST[("option", name)])
    if not 0 < units(option["value"]) <= _limits.OPTION_VALUE_MAX_LENGTH:
        yield "option value"


def _object(text: dict[str, Any], holder: str, name: str, limit: int) -> Iterator[str]:
    said = text["text"]
    if not 0 < units(said) <= limit:
        yield f"{holder}.{name} of {units(said)}"
    if text["type"] == "plain_text":
        if text.get("emoji") is not False:
            yield f"{holder}.{name} turns emoji codes into emoji"
        return
    if holder in PLAIN_ONLY:
        yield f"{holder}.{name} must be plain_text"
    if text.get("verbatim") is not True:
        yield f"{holder}.{name} is not verbatim"
    yield from _markup(said, f"{holder}.{name}")


def _markup(text: str, place: str) -> Iterator[str]:
    """What a mrkdwn text or a top-level `text` may not hold whatever data went into it."""
    rest = TOKEN.sub("", text)
    if set(rest) & set("<>&"):
        yield f"{place}: loose sign in {rest!r}"
    if MENTION.search(text):
        yield f"{place}: mention in {text!r}"
    if LINK.search(text):
        yield f"{place}: link in {text!r}"
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        yield f"{place}: lone surrogate"


def _repeated(name: str, ids: list[str]) -> Iterator[str]:
    for found, number in Counter(ids).items():
        if number > 1:
            yield f"{number} times {name} {found}"
