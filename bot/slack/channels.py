"""What Slack tells of channels: the bot is invited or put out, a channel is archived, comes back or gets another id."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import structlog
from slack_bolt import App, BoltContext
from sqlalchemy.orm import Session

from bot.config import places
from bot.config.changes import apply
from bot.config.current import in_force
from bot.config.moved import moved
from bot.delivery import channel_news
from bot.slack import payloads, people
from bot.slack.deps import Deps
from bot.slack.payloads import USER, Where
from bot.slack.replies import later
from storage import messages
from storage.config import ConfigChangedError

log = structlog.get_logger(__name__)

Listener = Callable[[Mapping[str, Any]], None]
ARCHIVED, OUT, GONE = "is_archived", "not_in_channel", "channel_not_found"
"""What Slack would say to the next post; for a private channel that the bot is not in, that there is none."""
OWN = "scan"
"""Who changes settings when it is Sendwatch itself."""
TRIES = 3


def register(app: App, deps: Deps) -> None:
    """Listen for what happens to channels that the bot is in."""

    @app.event("member_joined_channel")
    def joined(event: Mapping[str, Any], body: Mapping[str, Any], context: BoltContext) -> None:
        if payloads.is_own(event.get("user"), body, context.bot_user_id):
            _arrived(deps, event, body)

    # Slack does not send the bot member_left_channel about itself, but these two.
    app.event("channel_left")(_losing(deps, OUT))
    app.event("group_left")(_losing(deps, GONE))
    app.event("channel_archive")(_losing(deps, ARCHIVED))
    app.event("group_archive")(_losing(deps, ARCHIVED))
    app.event("channel_deleted")(_losing(deps, GONE))
    app.event("group_deleted")(_losing(deps, GONE))
    app.event("channel_unarchive")(_finding(deps))
    app.event("group_unarchive")(_finding(deps))

    @app.event("channel_id_changed")
    def renumbered(event: Mapping[str, Any]) -> None:
        old, new = (payloads.channel(event, name) for name in ("old_channel_id", "new_channel_id"))
        if old and new and old != new:
            later(deps, Where(user_id=""), lambda: _follow(deps, old, new))


def _losing(deps: Deps, code: str) -> Listener:
    def listen(event: Mapping[str, Any]) -> None:
        _lost(deps, event, code)

    return listen


def _finding(deps: Deps) -> Listener:
    def listen(event: Mapping[str, Any]) -> None:
        _back(deps, event)

    return listen


def _arrived(deps: Deps, event: Mapping[str, Any], body: Mapping[str, Any]) -> None:
    channel, now = payloads.channel(event), deps.clock()
    if not channel:
        return
    inviter = event.get("inviter")
    by = inviter if isinstance(inviter, str) and USER.fullmatch(inviter) else ""
    more = {"connect": "1"} if deps.sendoso is not None and not deps.sendoso.standing().is_set else {}
    with deps.database.write() as session:
        alert_channel = deps.rules(session).routing.alert_channel
        is_new = channel_news.welcome(
            session, channel, by, payloads.happened_at(body, now), now, alert_channel=alert_channel, **more,
        )
        was_broken = channel_news.found_again(session, channel, now)
    log.info("invited", channel=channel, welcomed=is_new, was_broken=was_broken)
    if is_new and by:
        later(deps, Where(user_id=by), lambda: _learn_the_name(deps, channel, by))
    elif is_new or was_broken:
        deps.wake()


def _learn_the_name(deps: Deps, channel: str, inviter: str) -> None:
    """Who invites is thanked by name, which a mention would do with a ping."""
    with deps.database.read() as session:
        stale = people.known(session, inviter, deps.clock()).stale
    if stale:
        people.ask(deps, Where(user_id=inviter))
        with deps.database.write() as session:
            shown = channel_news.welcomes(session, channel)
            messages.touch(session, [one.id for one in shown[:1]], deps.clock(), priority=messages.PRESS_PRIORITY)
    deps.wake()


def _lost(deps: Deps, event: Mapping[str, Any], code: str) -> None:
    channel, now = payloads.channel(event), deps.clock()
    with deps.database.read() as session:
        routing = deps.rules(session).routing
        named = _named(session, channel, routing.alert_channel)
    if not named:
        return
    with deps.database.write() as session:
        told = channel_news.lost(
            session, channel, code, now, admins=routing.admins, alert_channel=routing.alert_channel,
        )
    if told:
        deps.wake()


def _follow(deps: Deps, old: str, new: str) -> None:
    """The settings name the new id instead, on record as a change of the bot's own, and so does what was told there."""
    for left in reversed(range(TRIES)):
        try:
            with deps.database.write() as session:
                found, routing = deps.configured(session), deps.rules(session).routing
                document = moved(found.document, old, new)
                apply(session, found, document, deps.clock(), OWN, given=())
                channel_news.moved(
                    session, old, new, deps.clock(), admins=routing.admins, alert_channel=routing.alert_channel,
                )
        except ConfigChangedError:
            # Somebody has put something into force a moment ago: the same for what stands now.
            if not left:
                raise
        else:
            deps.wake()
            return


def _named(session: Session, channel: str, alert_channel: str) -> bool:
    """Whether anything is told there: what concerns no channel of ours concerns nobody."""
    return bool(channel) and channel in places.channels(in_force(session).document, alert_channel)


def _back(deps: Deps, event: Mapping[str, Any]) -> None:
    channel = payloads.channel(event)
    if not channel:
        return
    with deps.database.write() as session:
        was_broken = channel_news.found_again(session, channel, deps.clock())
    if was_broken:
        deps.wake()
