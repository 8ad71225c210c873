"""Budgets: how many more messages a channel or person may get now, at once and today."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, time, timedelta

from sqlalchemy.orm import Session

from bot.alerts import grouping
from bot.alerts.grouping import Planned
from bot.alerts.routing import MAIL
from bot.alerts.rulebook import Rulebook
from storage import notifications as notified
from storage import people


def within(session: Session, planned: Sequence[Planned], now: datetime, rules: Rulebook) -> list[Planned]:
    """The messages that the channels may still get now, with the day's summary for what goes above."""
    meant = {message.channel for message in planned if message.kind in {grouping.ALERT, grouping.GROUP}}
    left, person_of = _left(session, meant, now, rules)
    return grouping.within_budget(planned, left, now.astimezone(rules.watch.calendar.zone).date(), person_of)


def _left(
    session: Session, meant: Collection[str], now: datetime, rules: Rulebook,
) -> tuple[dict[str, int], dict[str, str]]:
    """How many more messages those places may get now, and whose the addresses among them are."""
    local = now.astimezone(rules.watch.calendar.zone)
    midnight = datetime.combine(local.date(), time(), tzinfo=local.tzinfo)
    users = people.ids_by_email(session, {place.removeprefix(MAIL) for place in meant if place.startswith(MAIL)})
    # What was told to an address has gone to its person since: both have one budget.
    person_of = {f"{MAIL}{address}": user for address, user in users.items()}
    channels = {*meant, *person_of.values()}
    budgets = {channel: rules.routing.budget_of(channel) for channel in channels}
    longest = max((budget.at_once_within for budget in budgets.values()), default=timedelta(0))
    posted = defaultdict[str, list[datetime]](list)
    for channel, at in notified.posted_since(session, channels, min(midnight, now - longest)) if channels else ():
        posted[person_of.get(channel, channel)].append(at)
    room = {}
    for channel, budget in budgets.items():
        today = sum(at >= midnight for at in posted[channel])
        lately = sum(at > now - budget.at_once_within for at in posted[channel])
        room[channel] = max(0, min(budget.a_day - today, budget.at_once - lately))
    return room, person_of


class Room:
    """What is left now of the channels' budgets, for what is not told for the first time."""

    def __init__(self, session: Session, now: datetime, rules: Rulebook) -> None:
        self._given = session, now, rules

    def take(self, channel: str) -> bool:
        """Whether one more message may go there now. It then must be wanted before the next question."""
        session, now, rules = self._given
        # Read anew each time, since what was wanted meanwhile counts; asked only for what is shown in a channel.
        session.flush()
        left, person_of = _left(session, {channel}, now, rules)
        return left[person_of.get(channel, channel)] > 0
