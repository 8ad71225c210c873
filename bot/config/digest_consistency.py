"""What digests and routes must hold together, and what is odd about them. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from bot.config.document import Document
from bot.config.parts import DigestPart, RoutePart
from bot.config.problems import Problem, meant, said

_OF_SENDS = ("team", "campaign", "sender", "type", "amount_from", "amount_to")


def problems_of(document: Document) -> Iterator[Problem]:
    """Routes that are not there or lead to no channel, and digests that are the same twice."""
    routes = {route.name.casefold(): route for route in document.routes}
    seen: dict[tuple[str, ...], int] = {}
    for place, digest in enumerate(document.digests):
        route = routes.get((digest.route or "").casefold())
        if digest.route and route is None:
            yield _no_route(place, digest.route, [one.name for one in document.routes])
        elif route is not None and digest.channel is None and route.channel is None and route.dm_sender:
            yield _at(
                place, "route", f"{said(route.name)} leads only to senders; name the channel for its digest.",
            )
        first = seen.setdefault(_place_of(digest, route), place)
        if first != place:
            yield _at(place, "every", f"is the same as digests[{first}]; keep one of the two.")


def warnings_of(document: Document) -> Iterator[Problem]:
    """Digests of a route that asks only for rules, so that they tell of all sends."""
    routes = {route.name.casefold(): route for route in document.routes}
    for place, digest in enumerate(document.digests):
        route = routes.get((digest.route or "").casefold())
        if route is not None and route.when.rule and not any(getattr(route.when, key) for key in _OF_SENDS):
            yield _at(
                place, "route",
                f"{said(route.name)} asks only for rules, which are about alerts: its digest tells of all sends.",
            )


def _no_route(place: int, name: str, known: list[str]) -> Problem:
    if not known:
        return _at(place, "route", f"{said(name)} is no route; there is none. Leave it out to tell of all sends.")
    hint = meant(name, known)
    return _at(place, "route", f"{said(name)} is no route{hint}{'' if hint.endswith('?') else '.'}")


def _place_of(digest: DigestPart, route: RoutePart | None) -> tuple[str, ...]:
    channel = digest.channel or (route.channel if route is not None else None) or ""
    return digest.every, (digest.route or "").casefold(), channel


def _at(place: int, key: str, sentence: str) -> Problem:
    return Problem(path=("digests", place, key), sentence=sentence)
