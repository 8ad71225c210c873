"""What the Home tab of one person shows, read from the tables: theirs, their team's, and nobody else's."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bot.alerts import muted, mutes
from bot.alerts.rulebook import Rulebook
from bot.config.document import SETTINGS
from bot.slack import payloads, people
from bot.slack.blocks.home import PAGE, TOOLS, HomeFacts, Part
from bot.slack.blocks.week_picture import Week
from bot.statuses.catalogue import Status
from storage import people as known
from storage import personal, watches
from storage.models import Alert, Send
from storage.mutes import in_force as mutes_in_force

WEEKS = 8
TEAM_WITHIN = timedelta(weeks=13)
"""Somebody is of the teams for which they have sent something in this time."""
ARRIVED = (Status.DELIVERED, Status.REDEEMED)
SECTIONS = ("needs", "assigned", "team", "watched", "mutes")
"""Those that can be turned, by the names that buttons carry."""
T = TypeVar("T")


def of(
    session: Session, user_id: str, rules: Rulebook, now: datetime, asked: Mapping[str, Any] | None = None,
    offered: Collection[str] = (),
) -> HomeFacts:
    """What waits for one person, on the pages that they have turned to; what a mute hides waits for nobody.

    `offered`: action ids of buttons that are listened to; those for settings are for whoever may change them.
    """
    person = known.by_id(session, user_id)
    email = person.email if person else ""
    hidden = muted.hidden(session, now)
    teams = personal.teams(session, email, now - TEAM_WITHIN) if email else []
    own, theirs = personal.concerns(session, email, teams, hidden) if email else ([], [])
    taken = personal.assigned(session, user_id, hidden)
    turned = asked or {}
    zone = people.zone(person.tz if person else "", rules.watch.calendar.zone)
    return HomeFacts(
        user_id=user_id,
        needs=_alerts(session, own, turned, "needs") if email else None,
        assigned=_alerts(session, [one for one, held in taken if not held], turned, "assigned"),
        assigned_hidden=sum(held for _, held in taken),
        teams=teams,
        team=_alerts(session, theirs, turned, "team"),
        watched=_watched(session, user_id, turned),
        mutes=_part(mutes_in_force(session, now, user_id), turned, "mutes"),
        weeks=_weeks(session, email, zone, now) if email else (),
        everything=personal.open_in_all(session, hidden) if user_id in rules.routing.admins else None,
        tools=set(TOOLS) & set(offered) if mutes.may(session, user_id, rules, action=SETTINGS) else (),
    )


def _part(rows: Sequence[T], turned: Mapping[str, Any], name: str) -> Part[T]:
    page = _page(turned, name, len(rows))
    return Part(rows=rows[page * PAGE:(page + 1) * PAGE], total=len(rows), page=page)


def _page(turned: Mapping[str, Any], name: str, total: int) -> int:
    # What was on the last page may be settled meanwhile.
    return min(payloads.count(turned, name), max(0, -(-total // PAGE) - 1))


def _alerts(
    session: Session, ids: Sequence[int], turned: Mapping[str, Any], name: str,
) -> Part[tuple[Alert, Send | None]]:
    part = _part(ids, turned, name)
    return Part(rows=personal.alerts(session, part.rows), total=part.total, page=part.page)


def _watched(session: Session, user_id: str, turned: Mapping[str, Any]) -> Part[Send]:
    total = watches.count(session, user_id)
    page = _page(turned, "watched", total)
    rows = watches.page(session, user_id, page * PAGE, PAGE) if total else []
    return Part(rows=[send for _, send in rows], total=total, page=page)


def _weeks(session: Session, email: str, zone: ZoneInfo, now: datetime) -> list[Week]:
    today = now.astimezone(zone).date()
    monday = today - timedelta(days=today.weekday())
    mondays = [monday - timedelta(weeks=back) for back in range(WEEKS - 1, -1, -1)]
    starts = [datetime.combine(day, time(), zone) for day in mondays]
    counted = personal.weeks(session, email, starts, ARRIVED)
    return [
        Week(monday=day, sent=one.sent, arrived=one.arrived) for day, one in zip(mondays, counted, strict=True)
    ]
