"""Finding our own posts in a channel: by the metadata that they carry, or by the file that they show."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.delivery.slack_answers import Page, Trouble
from bot.delivery.slack_web import EVENT_TYPE, SlackWeb
from bot.origin import Origin

MOST_PAGES = 50
TS = re.compile(r"[0-9]+(\.[0-9]+)?")


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where posts are looked for: a channel, or one thread in it."""

    channel: str
    thread_ts: str | None


@dataclass(frozen=True, kw_only=True, order=True)
class Sighting:
    """A post found in a channel; `rev` is the revision that it showed when it was posted, 0 where it does not say."""

    ts: str
    channel: str
    rev: int


@dataclass(frozen=True, kw_only=True)
class Look:
    """What a look gave: the posts of each key, the oldest first, or why nothing could be seen."""

    seen: dict[str, list[Sighting]] = field(default_factory=dict)
    trouble: Trouble | None = None


def channel_id(slack: SlackWeb, channel: str) -> str | Trouble:
    """The channel itself; for a person, that of the direct messages with them, which has an id of its own."""
    return slack.direct_channel(channel) if channel.startswith(("U", "W")) else channel


def look(
    slack: SlackWeb, place: Place, keys: Iterable[str], since: datetime, files: Mapping[str, str] | None = None,
) -> Look:
    """Look for posts of `keys` written at `since` or later; `files` gives the key for a file id."""
    channel = channel_id(slack, place.channel)
    if not isinstance(channel, str):
        return Look(trouble=channel)
    wanted, seen = set(keys), dict[str, list[Sighting]]()
    for page in _pages(slack, channel, place.thread_ts, slack_ts(since)):
        if not isinstance(page, Page):
            return Look(trouble=page)
        for key, sighting in sightings(page, channel, files or {}, slack.origin):
            if key in wanted:
                seen.setdefault(key, []).append(sighting)
    return Look(seen={key: sorted(found) for key, found in seen.items()})


def sightings(
    page: Page, channel: str, files: Mapping[str, str], origin: Origin,
) -> Iterator[tuple[str, Sighting]]:
    """The posts on a page that are ours, each with its key; those of another workspace's bot are not."""
    for message in page.messages:
        ts = message.get("ts")
        found = _marked(message, origin) or _by_file(message, files)
        if found is not None and isinstance(ts, str) and TS.fullmatch(ts):
            key, rev = found
            yield key, Sighting(ts=ts, channel=channel, rev=rev)


def file_ids(message: Mapping[str, Any]) -> list[str]:
    """The files that a message of Slack's shows."""
    files = message.get("files")
    ids = [one.get("id") for one in files if isinstance(one, dict)] if isinstance(files, list) else []
    return [one for one in ids if isinstance(one, str)]


def slack_ts(moment: datetime) -> str:
    """An instant as Slack names it."""
    return f"{moment.timestamp():.6f}"


def _marked(message: Mapping[str, Any], origin: Origin) -> tuple[str, int] | None:
    metadata = message.get("metadata")
    if not isinstance(metadata, dict) or metadata.get("event_type") != EVENT_TYPE:
        return None
    payload = metadata.get("event_payload")
    if not isinstance(payload, dict) or not isinstance(payload.get("key"), str):
        return None
    # A key is one of one database: the same one may stand for another workspace's message.
    if not origin.is_own(payload):
        return None
    rev = payload.get("rev")
    return payload["key"], rev if isinstance(rev, int) else 0


def _by_file(message: Mapping[str, Any], files: Mapping[str, str]) -> tuple[str, int] | None:
    key = next((files[one] for one in file_ids(message) if one in files), None)
    return (key, 0) if key is not None else None


def _pages(slack: SlackWeb, channel: str, thread_ts: str | None, oldest: str) -> Iterator[Page | Trouble]:
    cursor = ""
    for _ in range(MOST_PAGES):
        page = slack.history(channel=channel, oldest=oldest, thread_ts=thread_ts, cursor=cursor)
        yield page
        if not isinstance(page, Page) or not page.cursor:
            return
        cursor = page.cursor
