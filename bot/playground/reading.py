"""What a person reads: blocks and Slack's markup as plain lines, dates in the reader's zone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from bot.playground.slack_app import BOT_NAME, BOT_USER
from bot.playground.slack_errors import Json
from bot.playground.slack_state import SlackState

TOKEN = re.compile(r"<([^<>\n]+)>")
CODE = re.compile(r"(```.+?```|`[^`\n]+`)", re.DOTALL)
MARKS = re.compile(r"(?<![\w*_~])([*_~])(?=\S)([^\n]+?)(?<=\S)\1(?![\w*_~])")
PLACEHOLDER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Whose eyes: dates appear in `zone`, and names of people and channels come from `state`."""

    state: SlackState
    zone: tzinfo = UTC

    # -- words

    def mrkdwn(self, text: str) -> str:
        """Slack's markup as it looks: names for ids, words for dates, no marks, no entities."""
        parts = CODE.split(text)
        shown = [part.strip("`") if index % 2 else _unmarked(part) for index, part in enumerate(parts)]
        return unescape(TOKEN.sub(lambda match: self._token(match[1]), "".join(shown)))

    def _token(self, inside: str) -> str:
        target, _, label = inside.partition("|")
        if target.startswith("!date^"):
            _, seconds, form, *_link = target.split("^")
            return self.date(int(seconds), form)
        named = {"@": self.user, "#": self.channel}.get(target[:1])
        if named is not None:
            return named(target[1:])
        if target.startswith("!subteam^"):
            return self.group(target.removeprefix("!subteam^"), label)
        return label or (f"@{target[1:].split('^')[0]}" if target.startswith("!") else target)

    def user(self, user_id: str) -> str:
        """@ and the name of a person."""
        if user_id == BOT_USER:
            return f"@{BOT_NAME}"
        person = self.state.people.get(user_id)
        return f"@{person.real_name}" if person else f"@{user_id}"

    def group(self, group_id: str, label: str = "") -> str:
        """@ and the handle of a user group."""
        group = self.state.groups.get(group_id)
        return f"@{group.handle}" if group else label or f"@{group_id}"

    def channel(self, channel_id: str) -> str:
        """# and the name of a channel."""
        channel = self.state.channels.get(channel_id)
        return f"#{channel.name}" if channel else f"#{channel_id}"

    def date(self, seconds: int, form: str) -> str:
        """A date token as Slack writes it for this reader."""
        then = datetime.fromtimestamp(seconds, UTC).astimezone(self.zone)
        now = self.state.clock().astimezone(self.zone)
        return PLACEHOLDER.sub(lambda match: _date_part(match[1], then, now) or match[0], form)

    def words(self, text: Json | None) -> str:
        """A text object."""
        if text is None:
            return ""
        return self.mrkdwn(text["text"]) if text["type"] == "mrkdwn" else str(text["text"])

    # -- blocks

    def lines(self, blocks: Iterable[Json]) -> Iterator[str]:
        """The blocks from top to bottom; buttons and menus stand in brackets."""
        for block in blocks:
            yield from (line for line in self._block(block) if line)

    def _block(self, block: Json) -> Iterator[str]:
        kind = block["type"]
        if kind in {"header", "section", "alert"}:
            yield self.words(block.get("text"))
            yield from (self.words(entry) for entry in block.get("fields", ()))
            yield self.element(block["accessory"]) if "accessory" in block else ""
        elif kind in {"context", "actions"}:
            yield " ".join(self.element(element) for element in block["elements"])
        elif kind == "input":
            yield self.words(block["label"])
            yield self.element(block["element"])
            yield self.words(block.get("hint"))
        elif kind == "markdown":
            yield block["text"]
        elif kind == "image":
            yield " ".join(filter(None, (self.words(block.get("title")), f"[image: {block['alt_text']}]")))
        elif kind == "table":
            yield from (" | ".join(self._cell(cell) for cell in row) for row in block["rows"])
        elif kind == "rich_text":
            yield from self._rich(block["elements"])

    def element(self, element: Json) -> str:
        """One element, as in a line of text."""
        kind = element["type"]
        if kind in {"plain_text", "mrkdwn"}:
            return self.words(element)
        if kind == "image":
            return f"[image: {element['alt_text']}]"
        if kind == "button":
            return f"[{self.words(element['text'])}]"
        if kind in {"checkboxes", "radio_buttons"}:
            return " ".join(f"({self.words(option['text'])})" for option in element["options"])
        return f"[{label_of(self, element)}]"

    def _cell(self, cell: Json) -> str:
        return "\n".join(self._rich(cell["elements"])) if cell["type"] == "rich_text" else str(cell["text"])

    def _rich(self, elements: Iterable[Json]) -> Iterator[str]:
        for element in elements:
            if element["type"] == "rich_text_list":
                yield from (f"• {self._line(entry['elements'])}" for entry in element["elements"])
            else:
                yield self._line(element["elements"])

    def _line(self, elements: Iterable[Json]) -> str:
        return "".join(self._rich_word(element) for element in elements)

    def _rich_word(self, element: Json) -> str:
        kind = element["type"]
        if kind == "usergroup":
            return self.group(element["usergroup_id"])
        named = {"user": self.user, "channel": self.channel}.get(kind)
        if named is not None:
            return named(element[f"{kind}_id"])
        if kind == "date":
            return self.date(element["timestamp"], element["format"])
        if kind == "broadcast":
            return f"@{element['range']}"
        if kind == "emoji":
            return f":{element['name']}:"
        return str(element.get("text") or element.get("url") or "")


def label_of(reader: Reader, element: Json) -> str:
    """What stands on a menu or in an empty field."""
    chosen = element.get("initial_option") or element.get("placeholder")
    if isinstance(chosen, dict) and "value" in chosen:
        chosen = chosen["text"]
    return reader.words(chosen) or str(element.get("initial_value") or element["type"])


def unescape(text: str) -> str:
    """The three characters that Slack escapes, as they look."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _unmarked(text: str) -> str:
    while (plainer := MARKS.sub(r"\2", text)) != text:
        text = plainer
    return text


def _date_part(name: str, then: datetime, now: datetime) -> str | None:
    base, pretty = name.removesuffix("_pretty"), name.endswith("_pretty")
    if pretty and (near := _near(then, now)):
        return near
    day, hour = then.day, then.hour % 12 or 12
    near_year = abs(then - now) < timedelta(days=183)
    year = "" if near_year else f", {then.year}"
    half = "PM" if then.hour >= 12 else "AM"  # noqa: PLR2004 - noon
    return {
        "date_num": f"{then:%Y-%m-%d}",
        "date_slash": f"{then:%m/%d/%Y}",
        "date": f"{then:%B} {_ordinal(day)}{year}",
        "date_short": f"{then:%b} {day}{year}",
        "date_long": f"{then:%A, %B} {_ordinal(day)}{year}",
        "time": f"{hour}:{then:%M} {half}",
        "time_secs": f"{hour}:{then:%M:%S} {half}",
        "ago": _ago(then, now),
    }.get(base)


def _near(then: datetime, now: datetime) -> str | None:
    return {0: "Today", -1: "Yesterday", 1: "Tomorrow"}.get((then.date() - now.date()).days)


def _ordinal(day: int) -> str:
    if day in {11, 12, 13}:
        return f"{day}th"
    return f"{day}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(day % 10, 'th') }"


def _ago(then: datetime, now: datetime) -> str:
    seconds = abs((now - then).total_seconds())
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= length:
            count = int(seconds // length)
            words = f"{count} {unit}{'s' if count > 1 else ''}"
            return f"in {words}" if then > now else f"{words} ago"
    return "just now"
