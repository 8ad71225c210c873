"""Links to Sendoso's tracking pages, unfolded into where the gift stands. Links that are not known stay as they are."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from slack_bolt import App
from slack_sdk.errors import SlackApiError

from bot.sends import lookup
from bot.slack.blocks import unfurl_card
from bot.slack.blocks.drawn import Block
from bot.slack.deps import Deps
from bot.slack.payloads import USER, Where
from bot.slack.replies import UNANSWERED, later, reason

log = structlog.get_logger(__name__)

DOMAIN = "app.sendoso.com"
"""The only domain of which Slack tells; carriers' pages are theirs to unfold."""
MOST_LINKS = 10
REST = timedelta(seconds=30)
"""How long links stay as they are when Slack asks for a rest without saying how long."""
SOURCES = frozenset({"composer", "conversations_history"})


@dataclass(frozen=True, kw_only=True)
class Shared:
    """Links in a message, or in one that is still being written."""

    links: Sequence[str]
    user: str
    place: Mapping[str, Any]
    """What tells Slack where they stand: the arguments of chat.unfurl."""


@dataclass(kw_only=True)
class Rest:
    """Until when Slack wants no more of it: links are a courtesy, and nothing waits for them."""

    until: datetime = field(default_factory=lambda: datetime.fromtimestamp(0, UTC))
    lock: threading.Lock = field(default_factory=threading.Lock)

    def is_over(self, now: datetime) -> bool:
        with self.lock:
            return now >= self.until

    def take(self, until: datetime) -> None:
        with self.lock:
            self.until = max(self.until, until)


def register(app: App, deps: Deps) -> None:
    """Listen for links to be shared."""
    rest = Rest()

    @app.event("link_shared")
    def shared(body: Mapping[str, Any]) -> None:
        found = links_of(body)
        if found is not None:
            later(deps, Where(user_id=found.user), lambda: unfold(deps, found, rest))


def links_of(body: Mapping[str, Any]) -> Shared | None:
    """The links of an event and where they stand; None where there is nothing to unfold.

    In a channel that is shared with another organisation they stay as they are: the recipient may be reading.
    """
    event = body.get("event")
    if not isinstance(event, dict) or body.get("is_ext_shared_channel") is True:
        return None
    found = event.get("links")
    urls = [one.get("url") for one in found if isinstance(one, dict)] if isinstance(found, list) else []
    links = [one for one in dict.fromkeys(urls) if isinstance(one, str)][:MOST_LINKS]
    place, user = _place(event), event.get("user")
    if not links or place is None:
        return None
    return Shared(links=links, place=place, user=user if isinstance(user, str) and USER.fullmatch(user) else "")


def _place(event: Mapping[str, Any]) -> dict[str, str] | None:
    # A message that is still being written has no place but the id that Slack has given to it.
    told = {name: event.get(name) for name in ("unfurl_id", "source", "channel", "message_ts")}
    known = {name: value for name, value in told.items() if isinstance(value, str) and value}
    if "unfurl_id" in known and known.get("source") in SOURCES:
        return {"unfurl_id": known["unfurl_id"], "source": known["source"]}
    if "channel" in known and "message_ts" in known:
        return {"channel": known["channel"], "ts": known["message_ts"]}
    return None


def cards(deps: Deps, links: Sequence[str]) -> dict[str, Block]:
    """What each of the links unfolds into, as far as its send is known."""
    now, plain = deps.clock(), {link.replace("&amp;", "&"): link for link in links}
    with deps.database.read() as session:
        found = lookup.by_links(session, plain)
        return {plain[link]: unfurl_card.build(send, now) for link, send in found.items()}


def unfold(deps: Deps, found: Shared, rest: Rest) -> None:
    """Unfold what is known of the links; while Slack wants a rest, none."""
    shown = cards(deps, found.links)
    if not shown or not rest.is_over(deps.clock()):
        return
    try:
        deps.client.chat_unfurl(unfurls=shown, **found.place)
    except UNANSWERED as error:
        after = _retry_after(error)
        if after is not None:
            rest.take(deps.clock() + after)
        # Such as cannot_unfurl_message, when it was deleted meanwhile.
        log.info("not unfolded", error=reason(error), links=len(shown))


def _retry_after(error: BaseException) -> timedelta | None:
    if not isinstance(error, SlackApiError) or reason(error) != "ratelimited":
        return None
    headers = getattr(error.response, "headers", None) or {}
    told = str(headers.get("Retry-After") or headers.get("retry-after") or "")
    return timedelta(seconds=int(told)) if told.isascii() and told.isdigit() and len(told) <= 5 else REST  # noqa: PLR2004
