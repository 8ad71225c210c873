"""Who somebody is: their e-mail, which makes sends theirs, and their time zone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.orm import Session

from bot.alerts.permissions import SENDER
from bot.slack import groups
from bot.slack.blocks.numbers import prepare
from bot.slack.deps import Deps
from bot.slack.payloads import Where
from bot.slack.replies import UNANSWERED, reason
from storage import people as stored

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Known:
    """What is known of a person without asking Slack."""

    email: str = ""
    tz: str = ""
    locale: str = ""
    """Such as de-DE: how numbers are written for them."""
    stale: bool = True
    """Whether Slack should be asked again."""


def known(session: Session, user_id: str, now: datetime) -> Known:
    """What is known of that user; nothing at all for one whom the bot has never met."""
    person = stored.known(session, user_id)
    if person is None:
        return Known()
    email, tz, locale, fetched_at = person
    return Known(email=email, tz=tz, locale=locale, stale=not stored.is_fresh(fetched_at, now))


def email(session: Session, user_id: str) -> str:
    """Their e-mail in lower case, as far as it is known; else empty."""
    person = stored.known(session, user_id)
    return person[0] if person else ""


def ask(deps: Deps, place: Where) -> str:
    """Ask Slack about the person, keep what it says, and give their e-mail (empty if Slack does not tell)."""
    try:
        answer = deps.client.users_info(user=place.user_id, include_locale=True)
    except UNANSWERED as error:
        log.warning("users.info failed", error=reason(error))
        return ""
    user = answer.get("user")
    user = user if isinstance(user, dict) else {}
    told = keep(deps, place.user_id, user, place.team_id)
    prepare(str(user.get("locale") or ""))
    return told


def keep(deps: Deps, user_id: str, user: Mapping[str, Any], team_id: str = "") -> str:
    """Keep what Slack says of somebody, of `team_id` where it names no other; gives their e-mail in lower case."""
    profile = user.get("profile")
    profile = profile if isinstance(profile, dict) else {}
    told = str(profile.get("email") or "").strip().lower()
    with deps.database.write() as session:
        stored.keep(
            session, user_id=user_id, team_id=str(user.get("team_id") or team_id),
            name=str(profile.get("real_name") or user.get("real_name") or user.get("name") or ""),
            email=told, tz=str(user.get("tz") or ""), locale=str(user.get("locale") or ""), now=deps.clock(),
        )
    return told


def meet(deps: Deps, place: Where) -> None:
    """Know the zone of a newcomer: asked of Slack now, once, and given up after a second."""
    with deps.database.read() as session:
        found = known(session, place.user_id, deps.clock())
    if found.stale and not found.tz:
        ask(replace(deps, client=deps.quick), place)


def learn(deps: Deps, place: Where, who: Iterable[str]) -> None:
    """Ask Slack, now, what a permission asks of this person that nobody has asked before.

    It happens once for a person, and within the time that Slack gives for an answer; what Slack does not tell in
    that time counts as not so.
    """
    with deps.database.read() as session:
        unmet = stored.by_id(session, place.user_id) is None
        known = stored.groups(session)
    if SENDER in who and unmet:
        ask(replace(deps, client=deps.quick), place)
    for group in who:
        if group.startswith("S") and group not in known:
            groups.ask(deps.database, deps.quick, group, deps.clock(), deps.origin.workspace)


def zone(tz: str, fallback: ZoneInfo) -> ZoneInfo:
    """The zone of that name; `fallback` where Slack named none or one that this machine does not know."""
    try:
        return ZoneInfo(tz) if tz else fallback
    except (KeyError, ValueError, OSError):
        return fallback
