"""The forms of all payloads that passed the gate in this run: what a type can judge, without the words in them."""

from __future__ import annotations

import json
from typing import Any

LITERALS = {"type", "style", "level", "status", "range", "align", "width", "include", "trigger_actions_on"}
"""Names of fields whose words `@slack/types` knows one by one; every other text is as good as the next."""
UNKNOWN = {
    "data_visualization": "no type in @slack/types 3.2.0; slackblocks' limits are all that judges it",
}
"""Blocks that cannot be compiled, each with its reason."""
Shape = tuple[str, str]
"""The name of a type, and a literal that must be of it."""
SEEN: set[Shape] = set()


def note(payload: dict[str, Any], surface: str) -> None:
    """Keep the form of a message's or view's blocks, and of the view itself."""
    for block in payload["blocks"]:
        if block["type"] not in UNKNOWN:
            SEEN.add(("KnownBlock", _written(block)))
    if surface != "message":
        # A view's own type takes any block, so that its blocks are judged apart.
        SEEN.add(("HomeView" if surface == "home" else "ModalView", _written({**payload, "blocks": []})))


def note_choices(answer: dict[str, Any]) -> None:
    """Keep the form of what a searching select is answered with."""
    for option in answer.get("options", ()):
        SEEN.add(("PlainTextOption", _written(option)))
    for group in answer.get("option_groups", ()):
        SEEN.add(("OptionGroup", _written(group)))


def of(name: str, payload: dict[str, Any]) -> Shape:
    """One payload that must be of the type of that name."""
    return name, _written(payload)


def _written(payload: dict[str, Any]) -> str:
    return json.dumps(_form(payload, ""), sort_keys=True)


def _form(node: object, name: str) -> object:
    if isinstance(node, dict):
        return {field: _form(child, field) for field, child in node.items()}
    if isinstance(node, list | tuple):
        # Of several alike one is enough.
        return list({json.dumps(form, sort_keys=True): form for form in (_form(one, name) for one in node)}.values())
    if isinstance(node, str):
        return node if name in LITERALS else "x"
    if isinstance(node, int | float) and not isinstance(node, bool) and name != "border":
        return 1
    return node
