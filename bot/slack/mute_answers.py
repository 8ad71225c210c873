"""What is answered before anything is muted: until when, by the person's own clock, and how much that would hide."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bot.alerts import muted, mutes
from bot.alerts.mute_refusals import GONE
from bot.alerts.muting import Target
from bot.slack import grammar, mute_targets, mute_words, people
from bot.slack.blocks import mute_card
from bot.slack.blocks.drawn import Drawn
from bot.slack.blocks.help_card import note
from bot.slack.blocks.mute_modal import Choice, Meant
from bot.slack.blocks.text import with_people
from bot.slack.deps import Deps
from bot.slack.mute_record import denied, refusal
from bot.slack.mute_words import Typed
from bot.slack.payloads import Where
from bot.slack.replies import later
from bot.statuses.working_time import WorkCalendar
from storage import scope

MOST_MENTIONED = 3
MENTION = re.compile(r"<@([UW][A-Z0-9]{2,})(?:\|[^>]*)?>")


def typed(deps: Deps, place: Where, text: str) -> Drawn:
    """The answer to `/sends mute …`: what would be muted until when, or what may have been meant."""
    now = deps.clock()
    people.meet(deps, place)
    with deps.database.read() as session:
        zone, calendar, stale = clock_of(session, deps, place)
        words = grammar.clean(_addressed(session, text)).partition(" ")[2]
        found = mute_words.read(session, words, now, zone, calendar)
    if stale:
        later(deps, place, lambda: people.ask(deps, place))
    refused = None
    if found.choice is not None:
        refused = denied(deps, place, f"typed|{place.trigger_id}|{place.user_id}", found.choice.ref)
    if refused is not None:
        return refusal(refused)
    with deps.database.read() as session:
        return _answer(session, found, now, zone)


def strangers(deps: Deps, text: str) -> list[str]:
    """The Slack users whom the words mention and whose e-mail address is not known yet."""
    found = list(dict.fromkeys(MENTION.findall(text)))[:MOST_MENTIONED]
    if not found:
        return []
    with deps.database.read() as session:
        return [user for user in found if not people.email(session, user)]


def _addressed(session: Session, text: str) -> str:
    """The words with each mention of a person as their e-mail, where that is known."""
    return MENTION.sub(lambda found: people.email(session, found[1]) or found[0], text)


def clock_of(session: Session, deps: Deps, place: Where) -> tuple[ZoneInfo, WorkCalendar, bool]:
    """The person's own zone, the business calendar, and whether Slack should be asked for the zone again."""
    calendar = deps.rules(session).watch.calendar
    known = people.known(session, place.user_id, deps.clock())
    return people.zone(known.tz, calendar.zone), calendar, known.stale


def _answer(session: Session, found: Typed, now: datetime, zone: ZoneInfo) -> Drawn:
    if found.choice is None:
        return mute_card.unsure(
            found.scope, found.name, found.near, found.kinds, found.until, problem=found.problem,
        )
    if found.until is None:
        return mute_card.how_long(found.choice, found.problem, limited=scope.current() is not None)
    return shown_back(session, found.choice.ref, found.until, now, zone)


def shown_back(session: Session, ref: Mapping[str, Any], until: datetime, now: datetime, zone: ZoneInfo) -> Drawn:
    """What a reference names, until when it would be quiet, and the button that makes it so."""
    target = mute_targets.target(session, ref)
    if target is None:
        return note(GONE.sentence)
    refused = mutes.enough(session, target, until, now)
    if refused is not None:
        return note(with_people(refused.sentence, refused.people))
    return mute_card.asked(meant(session, target, until, now), ref, now, zone)


def meant(
    session: Session, target: Target, until: datetime, now: datetime, reason: str = "", *,
    instead_of: int | None = None,
) -> Meant:
    """A mute as it was understood, with what it would hide; `instead_of` is the row id of the one that it changes."""
    held = muted.count(session, target.scope, target.value, now, instead_of=instead_of)
    return Meant(
        scope=target.scope, label=target.label, until=until, alerts=held.alerts, told=held.told, already=held.already,
        reason=reason, limited=scope.current() is not None,
    )


def asked_how_long(session: Session, ref: Mapping[str, Any], now: datetime) -> Drawn:
    """What a reference names, and the question for how long it is to be quiet."""
    target = mute_targets.target(session, ref)
    if target is None:
        return note(GONE.sentence)
    alerts = muted.count(session, target.scope, target.value, now).alerts
    choice = Choice(scope=target.scope, label=target.label, alerts=alerts, ref=ref)
    return mute_card.how_long(choice, limited=scope.current() is not None)
