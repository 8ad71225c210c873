"""Whom a message calls: what Slack would notify people of."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.playground.slack_errors import Json
from bot.playground.workspace import Message

TOKEN = re.compile(r"<(?:!(?P<all>channel|here|everyone)|@(?P<user>[UW]\w+)|!subteam\^(?P<group>S\w+))[^<>]*>")
WORD = re.compile(r"(?<![\w<!])@(channel|here|everyone)\b")


def linkified(text: str, parse: object, link_names: object) -> str:
    """Text as Slack stores it when asked to turn plain `@channel` into a call (`parse` or `link_names`)."""
    if parse in {"full", "client"} or str(link_names) in {"1", "true", "True"}:
        return WORD.sub(r"<!\1>", text)
    return text


def mentions(message: Message) -> set[str]:
    """Ids of users and user groups, and "@channel", "@here", "@everyone", that a message calls."""
    return {*_in_mrkdwn(message.text), *_in_blocks(list(message.blocks))}


def _in_mrkdwn(text: str) -> Iterator[str]:
    for match in TOKEN.finditer(text):
        everyone = match["all"]
        yield f"@{everyone}" if everyone else match["user"] or match["group"]


def _in_blocks(part: object) -> Iterator[str]:
    if isinstance(part, list):
        for entry in part:
            yield from _in_blocks(entry)
    elif isinstance(part, dict):
        yield from _in_object(part)


def _in_object(part: Json) -> Iterator[str]:
    kind = part.get("type")
    if kind in {"mrkdwn", "markdown"}:
        yield from _in_mrkdwn(part["text"])
    elif kind == "user":
        yield part["user_id"]
    elif kind == "usergroup":
        yield part["usergroup_id"]
    elif kind == "broadcast":
        yield f"@{part['range']}"
    else:
        for entry in part.values():
            yield from _in_blocks(entry)
