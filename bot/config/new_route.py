"""A route to one channel for what somebody chose: how the table looks with it, and what that changes. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from bot.alerts.routing import DEFAULT, MAIL, Subject
from bot.alerts.rulebook import Rulebook
from bot.config.document import Document
from bot.config.names import LONGEST_TEXT, MOST
from bot.config.parts import RoutePart, WhenPart

EVERYTHING = "everything"
REST = "everything else"
"""The name of a route for what no other takes."""
KINDS = (EVERYTHING, "team", "campaign", "rule")


class TooManyRoutesError(ValueError):
    """The table is full."""


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What shall come: everything that no route takes, or what a team, a campaign or a rule (`word`) has."""

    kind: str
    word: str = ""


@dataclass(frozen=True, kw_only=True)
class Routed:
    """The document with the route, its name, and the channel to which the same route led before, if there was one."""

    document: Document
    name: str
    before: str | None = None


@dataclass(frozen=True, kw_only=True)
class Effect:
    """Of so many alerts, how many would come to the channel that do not now, and where those go now."""

    looked: int = 0
    comes: int = 0
    instead_of: Mapping[str, int] = field(default_factory=dict)
    """Channel id or user id -> how many of them go there now and no longer would."""


def put(document: Document, wish: Wish, channel: str, alert_channel: str) -> Routed | None:
    """The document in which what is wished for comes to `channel`; None where it comes there already.

    A route that asks for the very same is led there; otherwise a new one goes in: before all that end the search, or
    for "everything" behind all. ValueError for a word that no route can hold, `TooManyRoutesError` for one too many.
    """
    when = WhenPart() if wish.kind == EVERYTHING else WhenPart.model_validate({wish.kind: [wish.word]})
    for place, route in enumerate(document.routes):
        if _asks(route.when) == _asks(when) and not route.goes_on:
            return _led_there(document, place, channel, alert_channel)
    if wish.kind == EVERYTHING and channel == alert_channel:
        return None
    if len(document.routes) >= MOST:
        raise TooManyRoutesError(f"there are {MOST} routes already")
    name = _free(REST if wish.kind == EVERYTHING else f"{wish.kind} {wish.word}", document)
    new = RoutePart(name=name, when=when, channel=channel)
    at = len(document.routes) if wish.kind == EVERYTHING else _behind_those_that_go_on(document)
    return Routed(document=_with(document, (*document.routes[:at], new, *document.routes[at:])), name=name)


def leading(document: Document, channel: str, alert_channel: str) -> list[str]:
    """Names of the routes that lead to a channel, in their order."""
    return [route.name for route in document.routes if _leads(route, alert_channel) == channel]


def escalating(document: Document, channel: str) -> list[str]:
    """Names of the policies by which alerts come to a channel once nobody has acted; those that no route has do not."""
    used = {DEFAULT, *(route.policy for route in document.routes)}
    return [
        name for name, policy in document.policies.items()
        if name in used and any(step.channel == channel for step in policy.escalate)
    ]


def effect(subjects: Iterable[Subject], before: Rulebook, after: Rulebook, channel: str) -> Effect:
    """What becomes of alerts about `subjects` by another table of routes."""
    looked, comes, instead_of = 0, 0, Counter[str]()
    for subject in subjects:
        old, new = (
            {place.channel for place in rules.routing.destinations(subject)} for rules in (before, after)
        )
        looked += 1
        if channel in new - old:
            comes += 1
            instead_of.update(place for place in old - new if not place.startswith(MAIL))
    return Effect(looked=looked, comes=comes, instead_of=dict(instead_of))


def _led_there(document: Document, place: int, channel: str, alert_channel: str) -> Routed | None:
    route = document.routes[place]
    before = _leads(route, alert_channel)
    if before == channel:
        return None
    changed = route.model_copy(update={"channel": channel})
    routes = (*document.routes[:place], changed, *document.routes[place + 1:])
    return Routed(document=_with(document, routes), name=route.name, before=before)


def _leads(route: RoutePart, alert_channel: str) -> str | None:
    nowhere = route.channel is None and not route.dm_sender
    return alert_channel if nowhere else route.channel


def _asks(when: WhenPart) -> object:
    return {
        name: sorted(one.casefold() for one in words) if isinstance(words, tuple) else words
        for name, words in when if words not in ((), None)
    }


def _behind_those_that_go_on(document: Document) -> int:
    # They tell others besides, and go on doing so; the first that does not would keep the alert from ours.
    return next((place for place, route in enumerate(document.routes) if not route.goes_on), len(document.routes))


def _free(name: str, document: Document) -> str:
    name, taken = name[:LONGEST_TEXT - 4].strip(), {route.name.casefold() for route in document.routes}
    numbered = (f"{name} {number}" for number in range(2, MOST + 2))
    return name if name.casefold() not in taken else next(one for one in numbered if one.casefold() not in taken)


def _with(document: Document, routes: tuple[RoutePart, ...]) -> Document:
    return document.model_copy(update={"routes": routes})
