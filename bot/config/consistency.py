"""What the sections must hold together, and what is allowed but surely not meant. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator
from fnmatch import fnmatchcase
from typing import TypeVar

from bot.alerts.lifecycle import Action
from bot.alerts.permissions import ANYONE
from bot.alerts.routing import ADMIN_RULES, DEFAULT
from bot.config import digest_consistency
from bot.config.amounts import Amount
from bot.config.document import Document
from bot.config.parts import RoutePart, ThresholdPart, WhenPart
from bot.config.problems import Path, Problem, meant, said
from bot.statuses.catalogue import Status, is_final, title

_WILD = frozenset("*?")
_TOLD_AS_EXPIRED = frozenset({Status.EXPIRED, Status.CONFIRMATION_CANCELED})
_OF_SENDS = ("type", "campaign", "team")
"""What a threshold may ask of a send besides its status."""
_PartT = TypeVar("_PartT")


def problems_of(document: Document, broken: Collection[str | int] = ()) -> list[Problem]:
    """What must not be, each with its place; nothing is said about sections that are `broken` already."""
    found: list[Problem] = []
    if not {"routes", "policies"} & set(broken):
        found += _policies_named(document)
    found += _twice(document.routes, "routes", "name", lambda route: route.name.casefold())
    found += _twice(document.thresholds, "thresholds", "status", _scope)
    if not {"routes", "digests"} & set(broken):
        found += digest_consistency.problems_of(document)
    return found


def warnings_of(document: Document, *, has_admins: bool = False) -> list[Problem]:
    """What is odd, each with its place. `has_admins`: somebody is named in ADMIN_USERS."""
    return [
        *_never_reached(document.routes), *_last_goes_on(document.routes), *_unused_policies(document),
        *_escalates_to_itself(document), *_calls_nobody(document), *_told_by_the_first(document.routes),
        *_odd_thresholds(document.thresholds), *_late_after_support(document.thresholds), *_meaning_closed(document),
        *digest_consistency.warnings_of(document),
        *(_not_for_routes(document.routes) if has_admins else ()),
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
    return (threshold.status, threshold.level, *_asked(threshold).items())


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


def _escalates_to_itself(document: Document) -> Iterator[Problem]:
    """Steps that tell a route's alerts in the channel in which they are told already."""
    for route in document.routes:
        policy = document.policies.get(route.policy)
        for place, step in enumerate(policy.escalate if policy is not None else ()):
            if step.channel is not None and step.channel == route.channel:
                yield _at(
                    ("policies", route.policy, "escalate", place, "channel"),
                    f"is where {said(route.name)} leads anyway: for its alerts this tells nobody else.",
                )


def _calls_nobody(document: Document) -> Iterator[Problem]:
    """Steps that call a user group where only the sender reads it."""
    for route in document.routes:
        policy = document.policies.get(route.policy)
        for place, step in enumerate(policy.escalate if policy is not None and _is_private(route) else ()):
            groups = [who for who in step.mention if who.startswith("S")]
            if groups:
                yield _at(
                    ("policies", route.policy, "escalate", place, "mention"),
                    f"calls {' and '.join(groups)} nowhere for alerts of {said(route.name)}, which tells only the "
                    "sender. People get the alert by direct message then, user groups cannot: give the route, or the "
                    "step, a channel.",
                )


def _is_private(route: RoutePart) -> bool:
    return route.dm_sender and route.channel is None


def _told_by_the_first(routes: tuple[RoutePart, ...]) -> Iterator[Problem]:
    """Routes to a place to which another one with another policy has led before."""
    for place, route in enumerate(routes):
        before = next(
            (
                one for one in routes[:place]
                if one.goes_on and one.policy != route.policy and _same_place(one, route)
                and _may_both_fit(one.when, route.when)
            ),
            None,
        )
        if before is not None:
            yield _at(
                ("routes", place, "policy"),
                f"does not count for alerts that fit {said(before.name)} as well: what two routes tell in one place "
                f"goes by the policy of the first, {said(before.policy)}.",
            )


def _same_place(one: RoutePart, other: RoutePart) -> bool:
    if one.dm_sender and other.dm_sender:
        return True
    return one.channel == other.channel and not _is_private(one) and not _is_private(other)


def _may_both_fit(one: WhenPart, other: WhenPart) -> bool:
    """Whether an alert may fit both; surely not where they ask for different words of the same field."""
    for name, by in _TEXTS.items():
        mine, theirs = getattr(one, name), getattr(other, name)
        plain = not any(_WILD & set(word) for word in (*mine, *theirs))
        if mine and theirs and plain and not any(by(a, b) or by(b, a) for a in mine for b in theirs):
            return False
    return True


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


def _not_for_routes(routes: tuple[RoutePart, ...]) -> Iterator[Problem]:
    for place, route in enumerate(routes):
        told = [rule for rule in route.when.rule if rule in ADMIN_RULES]
        if not told:
            continue
        unused = len(told) == len(route.when.rule)
        first = f"{said(route.name)} is never used" if unused else f"{' and '.join(told)} changes nothing here"
        yield _at(
            ("routes", place, "when", "rule"),
            f"{first}: {' and '.join(sorted(ADMIN_RULES))} go to ADMIN_USERS, and no route is asked.",
        )


def _meaning_closed(document: Document) -> Iterator[Problem]:
    if ANYONE not in document.permissions.get(Action.MEANING, (ANYONE,)):
        yield _at(("permissions", str(Action.MEANING)), "has no effect: what a status means is for anyone to ask.")


# --- policies and thresholds -------------------------------------------------------------------------


def _unused_policies(document: Document) -> Iterator[Problem]:
    used = {DEFAULT, *(route.policy for route in document.routes)}
    for name in document.policies:
        if name not in used:
            yield _at(("policies", name), "no route uses it.")


def _odd_thresholds(thresholds: tuple[ThresholdPart, ...]) -> Iterator[Problem]:
    for place, threshold in enumerate(thresholds):
        yield from _odd_status(place, threshold)
        for key in _OF_SENDS:
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


def _late_after_support(thresholds: tuple[ThresholdPart, ...]) -> Iterator[Problem]:
    """Where the two levels for the same sends stand in the wrong order: late has nothing left to say then."""
    by_level = {level: [one for one in enumerate(thresholds) if one[1].level == level] for level in ("late", "support")}
    pairs = {(wide, one) for one in by_level["support"] if (wide := _widened(one[1], by_level["late"]))}
    pairs |= {(one, wide) for one in by_level["late"] if (wide := _widened(one[1], by_level["support"]))}
    for (late_at, late), (place, support) in sorted(pairs, key=lambda pair: (pair[1][0], pair[0][0])):
        if _is_sooner(support, late):
            yield _at(
                ("thresholds", place, "after"),
                f"for Support is less than thresholds[{late_at}] gives the same sends before they are late "
                f"({late.after}): they would go to Support without ever having been late.",
            )


def _widened(
    threshold: ThresholdPart, others: Iterable[tuple[int, ThresholdPart]],
) -> tuple[int, ThresholdPart] | None:
    """Of `others` that apply to all sends of `threshold` the one that counts, with its place: the narrowest."""
    fitting = [one for one in others if one[1].status == threshold.status and _asks_no_more(one[1], threshold)]
    return max(fitting, key=lambda one: len(_asked(one[1])), default=None)


def _asks_no_more(wide: ThresholdPart, narrow: ThresholdPart) -> bool:
    return _asked(wide).items() <= _asked(narrow).items()


def _asked(threshold: ThresholdPart) -> dict[str, str]:
    found = {name: " ".join((getattr(threshold, name) or "").casefold().split()) for name in _OF_SENDS}
    return {name: text for name, text in found.items() if text}


def _is_sooner(support: ThresholdPart, late: ThresholdPart) -> bool:
    """Whether that is so for every send: so many business days are never less than as many days."""
    if support.after.amount is None or late.after.amount is None:
        return False
    surely = late.after.in_business_days or not support.after.in_business_days
    return surely and support.after.amount < late.after.amount
