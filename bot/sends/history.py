"""What a send's history says about where the send stands. Pure: the order of arrival plays no part."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, TypeVar

from bot.statuses import catalogue
from bot.statuses.catalogue import Status
from storage.beside import Step
from storage.models import SendHistory

OBSERVED = "observed"
"""Source of an event that Sendoso told without its time: it was seen then, and began at some time before."""

UNDATED = "undated"
"""Source of an event whose time is a guess, from a first look or a file of unknown age.

It gives way to any event of the same status whose time somebody knows.
"""

STALE_PAGE = timedelta(minutes=10)
"""For so long after an event a page that does not show it may simply be older (our judgement)."""

WAREHOUSE = frozenset({Status.ORDER_RECEIVED, Status.FULFILLING, Status.FULFILLMENT_ISSUE})
"""Statuses during which the warehouse has the send, and Support's seven days run on."""


class Event(NamedTuple):
    """A status that a send entered at an instant, as one source told it."""

    status: str
    status_key: str
    status_raw: str
    occurred_at: datetime
    source: str

    @property
    def key(self) -> tuple[str, datetime]:
        """What makes two events the same, whoever told of them."""
        return self.status_key, self.occurred_at

    @property
    def order(self) -> tuple[datetime, int, str]:
        """By time; of equal times the status that is further along comes later."""
        return self.occurred_at, catalogue.rank(self.status), self.status_key


Told = TypeVar("Told", Event, SendHistory, Step)


class Standing(NamedTuple):
    """Where a send stands: its status, since when, and since when the warehouse has had it."""

    status_key: str
    status: str
    status_raw: str
    since: datetime
    warehouse_since: datetime | None
    newest: Event
    """The event that says so; `since` lies before its time where the same status was reported again."""


def current(events: Iterable[Event]) -> Standing | None:
    """The standing after these events, whatever the order in which they are given; None without any."""
    some = list(events)
    # Most sends that come in have told nothing before, and one thing then.
    told = sorted(believed(some), key=lambda event: event.order) if len(some) > 1 else some
    if not told:
        return None
    newest = told[-1]
    stay = _trailing(told, {newest.status_key}, by_key=True)
    return Standing(
        status_key=newest.status_key,
        status=newest.status,
        status_raw=newest.status_raw,
        since=stay[0].occurred_at,
        warehouse_since=_warehouse_since(told),
        newest=newest,
    )


def went_on(events: Iterable[Event], before: Standing, after: Standing) -> bool:
    """Whether the later standing is another stay than the earlier one."""
    return before.status_key != after.status_key or returned(events, before, after)


def returned(events: Iterable[Event], before: Standing, after: Standing) -> bool:
    """Whether the send left its status and came back to it between the two standings."""
    told = believed(list(events))
    # A guessed time that has given way says nothing of what came after it.
    return before.status_key == after.status_key and before.newest in told and any(
        before.newest.order < event.order < after.newest.order and event.status_key != after.status_key
        for event in told
    )


def undated(  # noqa: PLR0911 - one way out per reason, each a line of the rule
    seen: Event, events: Sequence[Event], own: Collection[tuple[str, datetime]], created_at: datetime | None, *,
    trusted: bool,
) -> Event | None:
    """The event that a status told without a time amounts to; None where it adds nothing.

    `seen` carries the time of the look; `own` are the keys of the dated updates that came along with it;
    `trusted` is False for a file of unknown age, which may only move a send forward; or back from a guess, of which
    the later file knows more, unless the send was over: it is not taken up again.
    """
    standing = current(events)
    if standing is None:
        began = min(created_at or seen.occurred_at, seen.occurred_at)
        return seen._replace(occurred_at=began, source=UNDATED)
    newest = standing.newest
    if standing.status_key == seen.status_key or newest.occurred_at > seen.occurred_at:
        return None
    if trusted:
        known_there = newest.key in own or newest.source in {OBSERVED, UNDATED}
        if known_there or seen.occurred_at - newest.occurred_at > STALE_PAGE:
            return seen._replace(source=OBSERVED)
        return None
    if newest.source == UNDATED and not catalogue.is_final(standing.status):
        return seen._replace(source=UNDATED)
    forward = catalogue.rank(seen.status) > catalogue.rank(standing.status)
    if forward and all(event.status_key != seen.status_key for event in events):
        return seen._replace(source=UNDATED)
    return None


def believed(events: Sequence[Told]) -> list[Told]:
    """The events without guessed times of a status whose time somebody knows, or that lead back from such a one.

    A file of unknown age would not have moved the send back, had the other been known when it came.
    """
    dated = [event for event in events if event.source != UNDATED]
    if len(dated) in {0, len(events)}:
        return list(events)
    keys = {event.status_key for event in dated}
    return [
        event for event in events
        if event.source != UNDATED or (event.status_key not in keys and not _leads_back(event, dated))
    ]


def _leads_back(guess: Told, dated: Iterable[Told]) -> bool:
    before = [event for event in dated if event.occurred_at <= guess.occurred_at]
    newest = max(before, key=lambda event: (event.occurred_at, catalogue.rank(event.status)), default=None)
    return newest is not None and catalogue.rank(guess.status) <= catalogue.rank(newest.status)


def _warehouse_since(told: Sequence[Event]) -> datetime | None:
    stretch = _trailing(told, WAREHOUSE, by_key=False)
    received = (event.occurred_at for event in stretch if event.status == Status.ORDER_RECEIVED)
    return next(received, None)


def _trailing(told: Sequence[Event], wanted: Iterable[str], *, by_key: bool) -> Sequence[Event]:
    """The last events in a row whose status (or key) is among those wanted."""
    first = len(told)
    while first and (told[first - 1].status_key if by_key else told[first - 1].status) in wanted:
        first -= 1
    return told[first:]
