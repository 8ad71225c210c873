"""Links of which the app was told, and what it makes of them: the rules of `link_shared` and `chat.unfurl`."""

from __future__ import annotations

import re
import secrets
import threading
from dataclasses import dataclass
from html import unescape
from urllib.parse import urlsplit

from bot.playground.slack_app import APP_ID, BOT_ID, TEAM_ID, SlackApp
from bot.playground.slack_errors import Json, SlackError
from bot.playground.validation import checked_blocks

LINK = re.compile(r"<(https?://[^<>|\s]+)(?:\|[^<>]*)?>")
COMPOSER, HISTORY = "composer", "conversations_history"
MOST_LINKS = 5


@dataclass(frozen=True, kw_only=True)
class SharedLinks:
    """Links in a message; in one that is still being written where `ts` is empty."""

    unfurl_id: str
    source: str
    user: str
    channel: str
    ts: str
    urls: tuple[str, ...]


class Unfurls:
    """Remembers which links the app may unfold, by unfurl id and by message."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._shared: dict[str, SharedLinks] = {}
        self._by_message: dict[tuple[str, str], SharedLinks] = {}

    def share(self, *, source: str, user: str, channel: str, ts: str, urls: tuple[str, ...]) -> SharedLinks:
        """Links of which the app is about to be told."""
        shared = SharedLinks(
            unfurl_id=secrets.token_hex(16), source=source, user=user, channel=channel, ts=ts, urls=urls,
        )
        with self._lock:
            self._shared[shared.unfurl_id] = shared
            if ts:
                self._by_message[(channel, ts)] = shared
        return shared

    def by_id(self, unfurl_id: str, source: str) -> SharedLinks:
        """SlackError `missing_source`, `missing_unfurl_id`, `invalid_source`, `invalid_unfurl_id`."""
        if not source or not unfurl_id:
            raise SlackError("missing_unfurl_id" if source else "missing_source")
        if source not in {COMPOSER, HISTORY}:
            raise SlackError("invalid_source")
        with self._lock:
            shared = self._shared.get(unfurl_id)
        if shared is None or shared.source != source:
            raise SlackError("invalid_unfurl_id")
        return shared

    def by_message(self, channel: str, ts: str) -> SharedLinks:
        """SlackError `missing_channel`, `missing_ts`, `cannot_find_message`."""
        if not channel or not ts:
            raise SlackError("missing_ts" if channel else "missing_channel")
        with self._lock:
            shared = self._by_message.get((channel, ts))
        if shared is None:
            raise SlackError("cannot_find_message")
        return shared


def links_in(text: str, app: SlackApp) -> tuple[str, ...]:
    """The links in a message's text of which the app is told: those to its domains, each once, the first five."""
    urls = dict.fromkeys(unescape(found[1]) for found in LINK.finditer(text))
    return tuple(url for url in urls if app.unfurls(urlsplit(url).hostname or ""))[:MOST_LINKS]


def event(shared: SharedLinks, *, is_member: bool, event_ts: str, thread_ts: str | None = None) -> Json:
    """`link_shared`."""
    inner: Json = {
        "type": "link_shared",
        "user": shared.user,
        "channel": "COMPOSER" if shared.source == COMPOSER else shared.channel,
        "message_ts": shared.ts or shared.unfurl_id,
        "links": [{"url": url, "domain": urlsplit(url).hostname} for url in shared.urls],
        "source": shared.source,
        "unfurl_id": shared.unfurl_id,
        "is_bot_user_member": is_member,
        "event_ts": event_ts,
    }
    return inner | ({"thread_ts": thread_ts} if thread_ts else {})


def attachments(unfurls: object, shared: SharedLinks) -> tuple[Json, ...]:
    """What the app makes of the links, as it hangs on the message.

    SlackError `missing_unfurls`, `invalid_unfurls_format`, `cannot_unfurl_url`, and those for blocks.
    """
    if not unfurls:
        raise SlackError("missing_unfurls")
    if not isinstance(unfurls, dict) or not all(isinstance(one, dict) for one in unfurls.values()):
        raise SlackError("invalid_unfurls_format")
    if not set(unfurls) <= set(shared.urls):
        raise SlackError("cannot_unfurl_url")
    return tuple(_attachment(place, url, one) for place, (url, one) in enumerate(unfurls.items(), 1))


def _attachment(place: int, url: str, given: Json) -> Json:
    blocks = list(checked_blocks(given.get("blocks") or []))
    if not blocks and not (given.get("text") or given.get("title") or given.get("fallback")):
        raise SlackError("invalid_unfurls_format")
    return {
        "id": place, "fallback": "[no preview available]", **given, "blocks": blocks, "from_url": url,
        "app_unfurl_url": url, "is_app_unfurl": True, "app_id": APP_ID, "bot_id": BOT_ID, "bot_team_id": TEAM_ID,
    }  # fmt: skip
