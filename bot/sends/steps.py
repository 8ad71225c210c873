"""The steps that a send has made by what was just told of it. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from bot.sends import history
from bot.sends.history import Event


def steps(known: Sequence[Event], new: Sequence[Event], before: str) -> tuple[Event, ...]:
    """Where the send has come since it stood in `before` (a status key), in order; the last is where it stands now.

    `known` is its whole history, `new` what was not known before and did not come too late. What is told of a
    status in which it stood anyhow is no step, nor is one whose time was only guessed and is known by now.
    Empty where there is no history.
    """
    standing = history.current(known)
    if standing is None:
        return ()
    fresh = {event.key for event in new}
    made: list[Event] = []
    for event in sorted(history.believed(list(known)), key=lambda one: one.order):
        last = made[-1].status_key if made else before
        if event.key in fresh and event.status_key != last:
            made.append(event)
    if made and made[-1].status_key == standing.status_key:
        return tuple(made)
    # A correction: what it stands in now was known, and something later was taken back.
    return (*made, _now(standing))


def _now(standing: history.Standing) -> Event:
    return Event(
        status=standing.status, status_key=standing.status_key, status_raw=standing.status_raw,
        occurred_at=standing.since, source=standing.newest.source,
    )
