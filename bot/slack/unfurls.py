"""Links to Sendoso's tracking pages, unfolded into where the gift stands. Links that are not known stay as they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from slack_bolt import App
from slack_sdk.errors import SlackApiError
from sqlalchemy.orm import Session

from bot.delivery.payload import Links
from bot.delivery.slack_answers import Waits
from bot.sends import lookup
from bot.slack import look_ups
from bot.slack.blocks import unfurl_card
from bot.slack.blocks.drawn import Block
from bot.slack.deps import Deps
from bot.slack.payloads import USER, Where
from bot.slack.replies import UNANSWERED, later, reason
from storage import messages, outgoing, scope
from storage.models import Message
from storage.outgoing import LINKS
from storage.scope import Look

log = structlog.get_logger(__name__)

DOMAIN = "app.sendoso.com"
"""The only domain of which Slack tells; carriers' pages are theirs to unfold."""
MOST_LINKS = 10
UNFURL = "unfurl"
"""The kind of the row of `messages` for links that Slack does not take at once, and what begins its key."""
LATEST = timedelta(hours=1)
"""Links that are older stay as they are: nobody looks at them any more."""
WAITS = Waits()
COMPOSER = "composer"
SOURCES = frozenset({COMPOSER, "conversations_history"})


@dataclass(frozen=True, kw_only=True)
class Shared:
    """Links in a message, or in one that is still being written."""

    links: Sequence[str]
    user: str
    place: Mapping[str, Any]
    """What tells Slack where they stand: the arguments of chat.unfurl."""


def register(app: App, deps: Deps) -> None:
    """Listen for links to be shared."""

    @app.event("link_shared")
    def shared(body: Mapping[str, Any]) -> None:
        found = links_of(body)
        if found is not None:
            later(deps, Where(user_id=found.user), lambda: unfold(deps, found))


def links_of(body: Mapping[str, Any]) -> Shared | None:
    """The links of an event and where they stand; None where there is nothing to unfold.

    In a channel that is shared with another organisation they stay as they are: the recipient may be reading.
    """
    event = body.get("event")
    if not isinstance(event, dict) or body.get("is_ext_shared_channel") is True:
        return None
    found = event.get("links")
    urls = [one.get("url") for one in found if isinstance(one, dict)] if isinstance(found, list) else []
    links = list(dict.fromkeys(one for one in urls if isinstance(one, str)))[:MOST_LINKS]
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


def cards(session: Session, links: Sequence[str], now: datetime) -> dict[str, Block]:
    """What each of the links unfolds into, as far as its send is known."""
    plain = {link.replace("&amp;", "&"): link for link in links}
    found = lookup.by_links(session, plain)
    return {plain[link]: unfurl_card.build(send, now) for link, send in found.items()}


def unfold(deps: Deps, found: Shared) -> None:
    """Unfold what is known of the links, now or as soon as Slack takes it again."""
    with deps.database.read() as session:
        shown = cards(session, found.links, deps.clock())
        rests = outgoing.held_until(session, LINKS, deps.clock()) is not None
    if not shown:
        return
    if rests:
        _put_off(deps, found, None)
        return
    try:
        deps.client.chat_unfurl(unfurls=shown, **found.place)
    except UNANSWERED as error:
        # Such as cannot_unfurl_message, when it was deleted meanwhile.
        log.info("not unfolded", error=reason(error), links=len(shown))
        after = _retry_after(error)
        if after is not None:
            _put_off(deps, found, deps.clock() + after)


def _put_off(deps: Deps, found: Shared, until: datetime | None) -> None:
    """Have the delivery unfold them; `until` is when Slack takes them again, where it has just said so.

    What is still being written is left: Slack tells of its links once more when it is sent.
    """
    now = deps.clock()
    with deps.database.write() as session:
        if until is not None:
            outgoing.hold(session, LINKS, until)
        if found.place.get("source") != COMPOSER:
            place = ":".join(found.place[name] for name in sorted(found.place))
            message = messages.want(
                session, key=f"{UNFURL}:{place}", kind=UNFURL, channel=LINKS, now=now,
                body={
                    "links": list(found.links), "place": dict(found.place), "asked_by": found.user,
                    **look_ups.kept(),
                },
            )
            # Slack shows the message already; done twice it does no harm, as a redraw.
            message.ts = message.ts or found.place.get("ts") or UNFURL
    deps.wake()


def drawn(session: Session, message: Message, now: datetime) -> Links | None:
    """Links that are still to be unfolded; None where nothing is known of them any more, or it has become late."""
    links, place = message.body.get("links"), message.body.get("place")
    if now - message.created_at > LATEST or not isinstance(links, list) or not isinstance(place, dict):
        return None
    asker = message.body.get("asked_by")
    limits = look_ups.again(session, message.body, asker if isinstance(asker, str) else "", now)
    with scope.looking(Look(scope=limits)):
        shown = cards(session, links, now)
    return Links(unfurls=shown, place=place) if shown else None


def _retry_after(error: BaseException) -> timedelta | None:
    if not isinstance(error, SlackApiError) or reason(error) != "ratelimited":
        return None
    headers = getattr(error.response, "headers", None) or {}
    return WAITS.read(headers)
