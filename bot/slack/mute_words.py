"""What somebody typed after `/sends mute`: a kind of thing, its name, and until when, in this order."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bot.alerts.muting import SCOPES
from bot.alerts.until import NotUnderstood, Until, parse
from bot.sends import joints
from bot.slack import mute_targets
from bot.slack.blocks.mute_modal import Choice
from bot.slack.grammar import QUOTES, nearest
from bot.statuses.working_time import WorkCalendar

ALSO = {
    "campaigns": "campaign", "teams": "team", "senders": "sender", "owner": "sender", "rep": "sender", "from": "sender",
    "rules": "rule", "finding": "rule", "kind": "rule", "alerts": "rule", "statuses": "status", "state": "status",
    "gift": "send", "sends": "send",
}
"""What else people call a kind of thing."""
QUOTED = re.compile(f"[{QUOTES}](?P<name>[^{QUOTES}]+)[{QUOTES}](?P<rest>.*)")
Reader = Callable[[str], Until | NotUnderstood]
ARTICLE = re.compile(r"\A(?:the|this|a) ", re.IGNORECASE)
NOTHING = re.compile(f"[{QUOTES}] ?[{QUOTES}]")
ALERTS_ABOUT = re.compile(
    rf"\A(?=\S+ \S)(?:(?:all )?(?:the )?alerts? )?(?P<joint>(?:{joints.WORDS}) )?", re.IGNORECASE,
)
"""What people say before the name of what is to be quiet: "alerts about Jane", "on Jane"."""
DANGLING = re.compile(r" (?:for|until|till|til)\Z", re.IGNORECASE)
BEGINS = re.compile(r" (?=(?:for|until|till|til) )", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Typed:
    """What was understood; `near` and `kinds` are what else may have been meant, `problem` a sentence in plain text."""

    scope: str = ""
    name: str = ""
    choice: Choice | None = None
    until: datetime | None = None
    near: tuple[Choice, ...] = ()
    kinds: tuple[str, ...] = ()
    problem: str = ""


def read(session: Session, typed: str, now: datetime, zone: ZoneInfo, calendar: WorkCalendar) -> Typed:
    """What the words mean at `now` for somebody whose clock shows `zone`."""
    found = _read_as(session, typed, now, zone, calendar)
    whom = ALERTS_ABOUT.match(typed)
    is_time_alone = found.until is not None and not found.name
    if whom is None or not whom[0] or found.choice or is_time_alone or _begin_so(found.near, whom["joint"] or ""):
        return found
    bare = _read_as(session, typed[whom.end():], now, zone, calendar)
    return bare if bare.choice or bare.near else found


def _begin_so(near: tuple[Choice, ...], joint: str) -> bool:
    """Whether something that may be meant is called so, such as the campaign To Do."""
    return bool(joint) and any(one.label.casefold().startswith(joint.casefold()) for one in near)


def _read_as(session: Session, typed: str, now: datetime, zone: ZoneInfo, calendar: WorkCalendar) -> Typed:
    first, _, rest = ARTICLE.sub("", typed, count=1).partition(" ")
    said = first.casefold().rstrip(":")
    scope = ALSO.get(said, said)
    if scope not in SCOPES and "@" in first:
        # An address is nobody's name but a sender's.
        scope, rest = "sender", typed
    if scope not in SCOPES:
        return _of_any_kind(session, typed, lambda tail: parse(tail, now, zone, calendar))
    rest = rest.strip()
    if not rest or NOTHING.match(rest):
        return Typed(scope=scope)
    return _read(session, scope, rest, lambda tail: parse(tail, now, zone, calendar))


def _of_any_kind(session: Session, typed: str, until: Reader) -> Typed:
    """A name of which it was not said what it is: whatever there is of that name, to choose from."""
    whole = until(typed) if BEGINS.match(f" {typed}") else None
    if isinstance(whole, Until):
        return Typed(until=whole.at)
    first = typed.partition(" ")[0]
    kinds = nearest(first.casefold(), SCOPES)
    tried = (
        (name, tail, mute_targets.of_any_kind(session, _bare(name)))
        for name, tail in (() if kinds else _splits(typed, until))
    )
    name, tail, found = next((one for one in tried if one[2]), (typed, "", []))
    end, problem = _end(tail, until)
    return Typed(
        name=_bare(name) if found else first, near=tuple(found), kinds=kinds, until=end,
        problem=problem if found else "",
    )


def _read(session: Session, scope: str, rest: str, until: Reader) -> Typed:
    tried = list(_splits(rest, until))
    near: tuple[Choice, ...] = ()
    in_part: tuple[str, str, Choice] | None = None
    for name, tail in tried:
        choice, guesses = mute_targets.named(session, scope, name)
        bare = _bare(name)
        if choice is None and bare not in {"", name}:
            choice, more = mute_targets.named(session, scope, bare)
            guesses = guesses or more
        near = near or tuple(guesses)
        if in_part is None and len(guesses) == 1 and mute_targets.is_part(bare, guesses[0]):
            in_part = name, tail, guesses[0]
        if choice is not None:
            return _of(scope, name, choice, tail, until)
    if in_part is not None:
        # One that is called so in part is shown back before it counts.
        return _of(scope, in_part[0], in_part[2], in_part[1], until)
    whole = until(rest) if BEGINS.match(f" {rest}") and not near else None
    if isinstance(whole, Until):
        # It was said until when, but not what.
        return Typed(scope=scope, until=whole.at)
    name, tail = next((one for one in tried if one[1]), tried[0])
    end, problem = _end(tail, until)
    return Typed(scope=scope, name=name, near=near, until=end, problem=problem if near else "")


def _of(scope: str, name: str, choice: Choice, tail: str, until: Reader) -> Typed:
    end, problem = _end(tail, until)
    return Typed(scope=scope, name=name, choice=choice, until=end, problem=problem)


def _end(tail: str, until: Reader) -> tuple[datetime | None, str]:
    """When it ends, and why that was not understood."""
    end = until(tail) if tail else None
    return (end.at if isinstance(end, Until) else None), (end.told if isinstance(end, NotUnderstood) else "")


def _bare(name: str) -> str:
    """The name without what was begun behind it, and without marks that are no part of it."""
    return DANGLING.sub("", name).strip(f" ,:;{QUOTES}")


def _splits(rest: str, until: Reader) -> Iterator[tuple[str, str]]:
    """Name and time, in each way in which the words can be parted; the likeliest first."""
    quoted = QUOTED.fullmatch(rest)
    if quoted:
        yield quoted["name"].strip(), quoted["rest"].strip(" ,:;")
        return
    words = rest.split(" ")
    for place in range(1, len(words)):
        name, tail = " ".join(words[:place]), " ".join(words[place:])
        if isinstance(until(tail), Until):
            yield name, tail
    # A time that nobody understands is told as such, where what stands before it is a name.
    for found in reversed(list(BEGINS.finditer(rest))):
        yield rest[:found.start()], rest[found.end():]
    yield rest, ""
    # The same without a word before it, such as "yesterday". A name may end so: the whole goes before.
    for place in range(1, len(words)):
        name, tail = " ".join(words[:place]), " ".join(words[place:])
        if _is_impossible(until(tail)):
            yield name, tail


def _is_impossible(end: Until | NotUnderstood) -> bool:
    return isinstance(end, NotUnderstood) and end.is_time
