"""Asking until when it shall be quiet: the window, its second step, and the way back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bot.alerts import refusals, until
from bot.alerts.lifecycle import Action, Code, Refused
from bot.alerts.until import NotUnderstood
from bot.slack import facts, payloads, people, windows
from bot.slack.blocks import snooze_modal
from bot.slack.blocks.drawn import Block, Drawn
from bot.slack.blocks.help_card import note, window
from bot.slack.blocks.snooze_modal import About
from bot.slack.deps import Deps
from bot.slack.payloads import Pressed, Where
from bot.slack.replies import later, redraw, show, tell
from bot.statuses.working_time import WorkCalendar


@dataclass(frozen=True, kw_only=True)
class Question:
    """A window as it is asked of one person: about what, at what time, by whose clock and which business days."""

    about: About
    now: datetime
    zone: ZoneInfo
    calendar: WorkCalendar
    asks_zone: bool = False
    """Whether Slack should be asked for the person's zone again."""

    def first(self, words: str = "", problem: str = "") -> Block:
        """The choices and the field."""
        return snooze_modal.build(self.about, self.now, self.zone, self.calendar, words=words, problem=problem)

    def second(self, words: str) -> Block | NotUnderstood:
        """What the words were taken to mean; or why they are not understood."""
        found = until.parse(words, self.now, self.zone, self.calendar)
        if isinstance(found, NotUnderstood):
            return found
        return snooze_modal.confirm(self.about, found.at, found.words, self.now, self.zone, self.calendar)


def question(session: Session, deps: Deps, place: Where, data: Mapping[str, Any]) -> Question | Drawn:
    """The question that `data` names (`alert`, or `group` for a message); or why there is nothing to ask."""
    now = deps.clock()
    about = _group(session, data, now) if "group" in data else _alert(session, deps, place, data)
    if isinstance(about, Drawn):
        return about
    calendar = deps.rules(session).watch.calendar
    known = people.known(session, place.user_id, now)
    return Question(
        about=about, now=now, zone=people.zone(known.tz, calendar.zone), calendar=calendar, asks_zone=known.stale,
    )


def _alert(session: Session, deps: Deps, place: Where, data: Mapping[str, Any]) -> About | Drawn:
    pair = facts.alert_with_send(session, payloads.number(data, "alert"))
    refused = windows.refused(pair, Action.SNOOZE, place, deps)
    if refused is not None or pair is None:
        return refused or windows.GONE
    return snooze_modal.about_alert(*pair, deps.clock(), windows.beneath(data))


def _group(session: Session, data: Mapping[str, Any], now: datetime) -> About | Drawn:
    found = facts.group(session, payloads.number(data, "group"))
    if found is None:
        return windows.GONE
    if not found.open:
        return note(refusals.refusal(Refused(code=Code.NOTHING_OPEN), now))
    return snooze_modal.about_group(found, now)


def ask(deps: Deps, place: Where, data: Mapping[str, Any]) -> None:
    """Open the window, in the zone of the person's own clock."""
    asked = _question(deps, place, data)
    if isinstance(asked, Drawn):
        tell(deps, place, asked)
        return
    opened = show(deps, place, asked.first())
    if opened is None or not asked.asks_zone:
        return
    # Only now: asking before the window is open would cost of the three seconds that Slack gives for it.
    people.ask(deps, place)
    again = _question(deps, place, data)
    if isinstance(again, Question) and again.zone != asked.zone and opened.view_id:
        redraw(deps, opened.view_id, again.first, opened.view_hash, reader=place.user_id)


def back(deps: Deps, found: Pressed) -> None:
    """From the second step to the first, with the words that led there."""
    words, place = found.content.get("words"), found.where

    def drawn() -> Block:
        asked = _question(deps, place, place.view_data)
        if isinstance(asked, Drawn):
            return window(asked)
        return asked.first(words if isinstance(words, str) else "")

    later(deps, place, lambda: redraw(deps, place.view_id, drawn, place.view_hash, reader=place.user_id))


def _question(deps: Deps, place: Where, data: Mapping[str, Any]) -> Question | Drawn:
    with deps.database.read() as session:
        return question(session, deps, place, data)
