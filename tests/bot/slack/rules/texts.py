"""What Slack asks of every piece of text, and what no text of ours may hold whatever data went into it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from slackblocks import _limits

Json = dict[str, Any]
PLAIN_ONLY = {"header", "button", "option", "option_group", "confirm", "input", "view", "image", "placeholder"}
TOKEN = re.compile(
    r"<!date\^\d+\^[^|<>]+\|[^<>]+>|<@[UW][A-Z0-9]+>|<!subteam\^S[A-Z0-9]+>|<#[CG][A-Z0-9]+>|&(?:amp|lt|gt);"
    # An e-mail whose text is percent-encoded, so that nothing in it can end the link.
    r"|<mailto:(?:\?[A-Za-z0-9_.~%=-]+(?:&amp;[A-Za-z0-9_.~%=-]+)*)?\|[a-zA-Z -]+>",
)
ADDRESS = re.compile(r"https?://[^\s<>]+")
LINK = re.compile(r"https?://|(?<!\w)www\.")
MENTION = re.compile(r"(?<!\w)@(?:here|channel|everyone)\b|<!(?!date\^|subteam\^S[A-Z0-9]+>)|<#(?![CG][A-Z0-9]+>)")


def units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def length(said: str, place: str, limit: int, least: int = 1) -> Iterator[str]:
    if not least <= units(said) <= limit:
        yield f"{place} of {units(said)}"


def text(given: Json, holder: str, name: str, limit: int) -> Iterator[str]:
    """A text object of at most `limit` units in `holder`."""
    said, place = given["text"], f"{holder}.{name}"
    yield from length(said, place, limit)
    if holder in {"header", "view"} and not said.strip():
        yield f"{place} is blank"
    if holder == "view" and "\n" in said:
        yield f"{place} has a new line"
    if given["type"] == "plain_text":
        if given.get("emoji") is not False:
            yield f"{place} turns emoji codes into emoji"
        if any("\ud800" <= letter <= "\udfff" for letter in said):
            yield f"{place}: lone surrogate"
        return
    if holder in PLAIN_ONLY:
        yield f"{place} must be plain_text"
    if given.get("verbatim") is not True:
        yield f"{place} is not verbatim"
    yield from markup(said, place)


def markup(text: str, place: str) -> Iterator[str]:
    """What a mrkdwn text or a top-level `text` may not hold."""
    rest = TOKEN.sub("", text)
    if set(rest) & set("<>&"):
        yield f"{place}: loose sign in {rest!r}"
    if MENTION.search(text):
        yield f"{place}: mention in {text!r}"
    if LINK.search(text):
        yield f"{place}: link in {text!r}"
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        yield f"{place}: lone surrogate"


def option(given: Json) -> Iterator[str]:
    """One choice of a menu."""
    yield from text(given["text"], "option", "text", _limits.OPTION_TEXT_MAX_LENGTH)
    if "description" in given:
        yield from text(given["description"], "option", "description", _limits.OPTION_DESCRIPTION_MAX_LENGTH)
    yield from length(given["value"], "option value", _limits.OPTION_VALUE_MAX_LENGTH)
    yield from address(given.get("url"), "option url")


def address(url: str | None, place: str) -> Iterator[str]:
    """An address that a browser opens from Slack; None is none."""
    if url is None:
        return
    if units(url) > _limits.BUTTON_URL_MAX_LENGTH or not ADDRESS.fullmatch(url):
        yield place


def choices(answer: Json) -> Iterator[str]:
    """The options of a select, or the answer to what was typed into a searching one: one list or groups of them."""
    options, groups = answer.get("options"), answer.get("option_groups")
    if (options is None) == (groups is None):
        yield "options and option_groups: exactly one of them"
    if options is not None:
        yield from _list(options, "options", _limits.SELECT_OPTIONS_MAX_ITEMS)
    if groups is not None and not 0 < len(groups) <= _limits.SELECT_OPTION_GROUPS_MAX_ITEMS:
        yield f"{len(groups)} option_groups"
    for group in groups or ():
        yield from text(group["label"], "option_group", "label", _limits.OPTION_GROUP_LABEL_MAX_LENGTH)
        yield from _list(group["options"], "option_group options", _limits.OPTION_GROUP_OPTIONS_MAX_ITEMS)


def _list(options: list[Json], name: str, most: int) -> Iterator[str]:
    if len(options) > most:
        yield f"{len(options)} {name}"
    values = [one["value"] for one in options]
    if len(set(values)) < len(values):
        yield f"{name}: one value twice"
    for one in options:
        yield from option(one)
