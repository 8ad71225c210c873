"""Blocks and elements that are within Slack's limits whatever they are given."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import urlsplit

from bot.slack.blocks.drawn import Block, told_apart
from bot.slack.blocks.numbers import for_many, for_one
from bot.slack.blocks.text import clip, cut, width

TEXT = 3000
FIELD = 2000
HEADER = 150
BUTTON = 75
URL = 3000
LABEL = 75
OPTION = 75
OPTION_VALUE = 150
ACTIONS = 25
FIELDS = 10
CONTEXT = 10
OVERFLOW = 5
TITLE = 24
VIEW_BLOCKS = 100
INPUT = 3000
COMPACT = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)


class View(Block):
    """A window or the Home tab with its numbers as for many, and the same with them marked, for its one reader."""

    marked: Block | None = None

    @classmethod
    def of(cls, drawn: Block) -> View:
        """A view whose numbers are still marked."""
        shown = for_many(drawn)
        view = cls(shown)
        # What is marked nowhere is the very same.
        view.marked = drawn if shown is not drawn else None
        return view


def with_id(view: Block, external_id: str) -> Block:
    """The view under an id of ours, by which it can be drawn anew before Slack has told its own."""
    marked = view.marked if isinstance(view, View) else None
    return View.of({**(marked or view), "external_id": external_id})


def is_for_reader(view: Block) -> bool:
    """Whether anything in it is written otherwise for another reader."""
    return isinstance(view, View) and view.marked is not None


def read_in(view: Block, locale: str) -> Block:
    """The view with numbers and amounts as they are written in a locale such as de-DE."""
    marked = view.marked if isinstance(view, View) else None
    return view if marked is None else for_one(marked, locale)


def plain(text: str, limit: int = TEXT) -> Block:
    """A plain_text object; emoji codes in it stay letters."""
    return {"type": "plain_text", "text": clip(text, limit) or " ", "emoji": False}


def mrkdwn(text: str, limit: int = TEXT) -> Block:
    """A mrkdwn object in which Slack turns no bare word into a link or a mention."""
    return {"type": "mrkdwn", "text": cut(text, limit) or " ", "verbatim": True}


def header(text: str) -> Block:
    """The heading of a card; screen readers use it to find their way."""
    return {"type": "header", "text": plain(text, HEADER)}


def section(text: str, accessory: Block | None = None) -> Block:
    """A paragraph, with a button or menu beside it."""
    block: Block = {"type": "section", "text": mrkdwn(text)}
    if accessory is not None:
        block["accessory"] = accessory
    return block


def facts(pairs: Iterable[tuple[str, str]]) -> Block | None:
    """Labelled values in two columns; values are finished mrkdwn, and empty ones are left out."""
    shown = [mrkdwn(f"*{label}*\n{value}", FIELD) for label, value in pairs if value]
    return {"type": "section", "fields": shown[:FIELDS]} if shown else None


def context(*texts: str) -> Block | None:
    """Small print, one element for each text that is not empty."""
    shown = [mrkdwn(text) for text in texts if text]
    return {"type": "context", "elements": shown[:CONTEXT]} if shown else None


def divider() -> Block:
    return {"type": "divider"}


def actions(*elements: Block | None) -> Block | None:
    """A row of buttons; None when there is none."""
    shown = [element for element in elements if element is not None]
    return {"type": "actions", "elements": shown[:ACTIONS]} if shown else None


def value(content: dict[str, Any]) -> str:
    """What a button carries: ids as compact JSON."""
    return COMPACT.encode(content)


def button(
    text: str, action_id: str, content: dict[str, Any], *, label: str, style: str | None = None,
    confirm: Block | None = None,
) -> Block:
    """A button; `label` is what a screen reader says, `content` what comes back when it is pressed."""
    block: Block = {
        "type": "button", "text": plain(text, BUTTON), "action_id": action_id,
        "value": value(content), "accessibility_label": clip(label, LABEL),
    }
    if style:
        block["style"] = style
    if confirm:
        block["confirm"] = confirm
    return block


def link(text: str, action_id: str, url: str | None, *, label: str) -> Block | None:
    """A button that opens an http(s) address; None when the address is not one."""
    address = web_address(url)
    if address is None:
        return None
    return {
        "type": "button", "text": plain(text, BUTTON), "action_id": action_id, "url": address,
        "accessibility_label": clip(label, LABEL),
    }


def web_address(url: str | None) -> str | None:
    """The address if a browser may open it from Slack: http or https, a host, printable ASCII."""
    address = (url or "").strip()
    if not address or width(address) > URL or not address.isascii() or not address.isprintable():
        return None
    try:
        parts = urlsplit(address)
        host = parts.hostname
        parts.port  # noqa: B018 - raises for a port that is not a number
    except ValueError:
        return None
    return address if parts.scheme in {"http", "https"} and host and not set(address) & set(' <>"|') else None


def confirm(title: str, text: str, yes: str) -> Block:
    """The question before something that touches many alerts at once."""
    return {
        "title": plain(title, 100), "text": plain(text, 300),
        "confirm": plain(yes, 30), "deny": plain("Cancel", 30),
    }


def option(text: str, chosen: str, description: str = "") -> Block:
    """One choice of a menu or a list of radio buttons."""
    block: Block = {"text": plain(text, OPTION), "value": clip(chosen, OPTION_VALUE)}
    if description:
        block["description"] = plain(description, OPTION)
    return block


def overflow(action_id: str, choices: Sequence[tuple[str, dict[str, Any]]]) -> Block | None:
    """The "…" menu of a line: texts and what each sends back."""
    if not choices:
        return None
    options = [option(text, value(content)) for text, content in choices[:OVERFLOW]]
    return {"type": "overflow", "action_id": action_id, "options": options}


def modal(
    title: str, blocks: Iterable[Block | None], *, callback_id: str, data: dict[str, Any] | None = None,
    submit: str | None = None, close: str = "Close",
) -> Block:
    """A modal; `data` holds ids only and comes back with every press in it."""
    view: Block = {
        "type": "modal", "callback_id": callback_id, "title": plain(title, TITLE), "close": plain(close, TITLE),
        "blocks": _of_view(blocks),
        "private_metadata": value(data or {}),
    }
    if submit:
        view["submit"] = plain(submit, TITLE)
    return View.of(view)


def home(blocks: Iterable[Block | None]) -> Block:
    """The Home tab."""
    return View.of({"type": "home", "callback_id": "home", "blocks": _of_view(blocks)})


def _of_view(blocks: Iterable[Block | None]) -> list[Block]:
    return told_apart([block for block in blocks if block is not None][:VIEW_BLOCKS])
