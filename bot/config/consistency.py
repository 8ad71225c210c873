"""What the sections must hold together, and what is allowed but surely not meant. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator
from fnmatch import fnmatchcase
from typing import TypeVar

from bot.alerts.routing import DEFAULT
from bot.config.amounts import Amount
from bot.config.document import Document
from bot.config.parts import RoutePart, ThresholdPart, WhenPart
from bot.config.problems import Path, Problem, meant, said
from bot.statuses.catalogue import Status, is_final, title

_WILD = frozenset("*?")
_TOLD_AS_EXPIRED = frozenset({Status.EXPIRED, Status.CONFIRMATION_CANCELED})
_PartT = TypeVar("_PartT")


def problems_of(document: Document, broken: Collection[str | int] = ()) -> list[Problem]:
    """What must not be, each with its place; nothing is said about sections that are `broken` already."""
    found: list[Problem] = []
    if not {"routes", "policies"} & set(broken):
        found += _policies_named(document)
    found += _twice(document.routes, "routes", "name", lambda route: route.name.casefold())
    found += _twice(document.thresholds, "thresholds", "status", _scope)
    return found


def warnings_of(document: Document) -> list[Problem]:
    """What is odd, each with its place."""
    return [
        *_never_reached(document.routes), *_last_goes_on(document.routes), *_unused_policies(document),
        *_odd_thresholds(document.thresholds),
    ]


def _at(path: Path, sentence: str) -> Problem:
    return Problem(path=path, sentence=sentence)


def _policies_named(document: Document) -> Iterator[Problem]:
    for place, route in enumerate(document.routes):
        if route.policy not in document.policies:
            hint = meant(route.policy, document.policies)
            end = "" if hint.endswith("?") else "."
            yield _at(("routes", place, "policy"), f"{said(route.policy)} is no policy{hint}{end}")


def _twice(
    parts: Iterable[_PartT], section: str, key: str, of: Callable[[_PartT], Hashable],
) -> Iterator[Problem]:
    seen: dict[Hashable, int] = {}
    for place, part in enumerate(parts):
        first = seen.setdefault(of(part), place)
        if first != place:
            yield _at((section, place, key), f"is for the same as {section}[{first}]; keep one of the two.")


def _scope(threshold: ThresholdPart) -> Hashable:
    asked = (threshold.type, threshold.campaign, threshold.team)
    folded = (" ".join((text or "").casefold().split()) for text in asked)
    return (threshold.status, threshold.level, *folded)


# --- routes ------------------------------------------------------------------------------------------


def _never_reached(routes: tuple[RoutePart, ...]) -> Iterator[Problem]:
    for place, route in enumerate(routes):
        before = next(
            (one for one in routes[:place] if not one.goes_on and covers(one.when, route.when)), None,
        )
        if before is not None:
            yield _at(
                ("routes", place, "name"),
                f"{said(route.name)} is never reached: {said(before.name)} takes everything that it asks for. "
                "Move it up, or add continue: true to that one.",
            )


def _last_goes_on(routes: tuple[RoutePart, ...]) -> Iterator[Problem]:
    if routes and routes[-1].goes_on:
        yield _at(
            ("routes", len(routes) - 1, "continue"),
            f"nothing comes after {said(routes[-1].name)}. Alerts that only it takes do not go to ALERT_CHANNEL; "
            "end with a route without when and channel if they should.",
        )


def covers(wide: WhenPart, narrow: WhenPart) -> bool:
    """Whether every alert that `narrow` takes surely fits `wide`, too."""
    return all(
        _covers_texts(getattr(wide, name), getattr(narrow, name), by) for name, by in _TEXTS.items()
    ) and _covers_amounts(wide, narrow)


def _covers_texts(wide: tuple[str, ...], narrow: tuple[str, ...], by: Callable[[str, str], bool]) -> bool:
    return not wide or (bool(narrow) and all(any(by(one, other) for one in wide) for other in narrow))


def _covers_text(wide: str, narrow: str) -> bool:
    wide, narrow = wide.casefold(), narrow.casefold()
    if wide in {narrow, "*"}:
        return True
    return not _WILD & set(narrow) and fnmatchcase(narrow, wide.replace("[", "[[]"))


def _covers_rule(wide: str, narrow: str) -> bool:
    return wide in {narrow, narrow.partition("/")[0]}


_TEXTS: dict[str, Callable[[str, str], bool]] = {
    "team": _covers_text, "campaign": _covers_text, "sender": _covers_text, "type": _covers_text, "rule": _covers_rule,
}


def _covers_amounts(wide: WhenPart, narrow: WhenPart) -> bool:
    if wide.amount_from is None and wide.amount_to is None:
        return True
    if _currency(wide) != _currency(narrow):
        return False
    low = wide.amount_from is None or (
        narrow.amount_from is not None and narrow.amount_from.minor >= wide.amount_from.minor
    )
    high = wide.amount_to is None or (narrow.amount_to is not None and narrow.amount_to.minor <= wide.amount_to.minor)
    return low and high


def _currency(when: WhenPart) -> str | None:
    amount: Amount | None = when.amount_from or when.amount_to
    return amount.currency if amount else None


# --- policies and thresholds -------------------------------------------------------------------------


def _unused_policies(document: Document) -> Iterator[Problem]:
    used = {DEFAULT, *(route.policy for route in document.routes)}
    for name in document.policies:
        if name not in used:
            yield _at(("policies", name), "no route uses it.")


def _odd_thresholds(thresholds: tuple[ThresholdPart, ...]) -> Iterator[Problem]:
    for place, threshold in enumerate(thresholds):
        yield from _odd_status(place, threshold)
        for key in ("type", "campaign", "team"):
            name: str | None = getattr(threshold, key)
            if name and _WILD & set(name):
                sentence = f"{said(name)} is taken to the letter: thresholds know no * and ?."
                yield _at(("thresholds", place, key), sentence)


def _odd_status(place: int, threshold: ThresholdPart) -> Iterator[Problem]:
    if threshold.after.amount is None:
        return
    name = title(threshold.status)
    if threshold.status in _TOLD_AS_EXPIRED:
        sentence = f"{name} is told as expired, never as overdue; this limit says nothing."
    elif is_final(threshold.status):
        sentence = f"{name} is where a send ends: every one of them would be overdue one day."
    else:
        return
    yield _at(("thresholds", place, "status"), sentence)
