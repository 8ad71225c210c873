"""Any spelling of a status: strictly for sources, generously but never wrongly for people."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rapidfuzz import process
from rapidfuzz.distance import OSA, JaroWinkler

from bot.statuses.aliases import OFFICIAL
from bot.statuses.kinds import Kind
from bot.statuses.meaning import Status
from bot.statuses.names import BY_LENGTH, JOINED, PHRASES, TABLE, Name, Words
from bot.statuses.typos import PREFIXES, slips
from bot.statuses.words import NEGATIONS, american, fold, without_fillers, without_things, words

__all__ = ["Spelling", "canonical", "fold", "resolve", "status_key"]

_LONGEST_QUESTION = 160
_SHORTEST_PART = 4
_LONG_ENOUGH = 8
_MOST_PARTS = 8
_MOST_SLIPS = 3
_LIKENESS = 0.87
_MOST_SUGGESTIONS = 3
_LONGEST_NAME = 5
"""Words in the longest name that is looked for inside a sentence."""

_BEGINNING_OF_EGIFT = Name(statuses=(Status.INITIATED, Status.SENT), sure=False)
"""What Processing may mean for an eGift, which no warehouse receives."""

_COMMON = (Status.CONFIRMING_ADDRESS, Status.ORDER_RECEIVED, Status.SENT)
_COMMON_EGIFT = (Status.SENT, Status.OPENED, Status.EXPIRED)


@dataclass(frozen=True, kw_only=True)
class Spelling:
    """What a person's text means: one status, or none and up to three to choose from.

    `kind` is the kind of send that the text names ("refunded egift") or that was given. `near` is false where
    the suggestions are only the statuses that are asked for most, because nothing resembles the text.
    """

    status: Status | None
    suggestions: tuple[Status, ...] = ()
    kind: Kind | None = None
    near: bool = True


# --- sources -----------------------------------------------------------------------------------------

_EXACT: dict[str, Status] = {
    american(fold(name)): status
    for status, names in OFFICIAL.items()
    for name in (*names, status)
}
# The API's lower-case "pending" stands before everything else that a send goes through.
_EXACT["pending"] = Status.INITIATED
_EVENT = re.compile(r"^\s*send\.", re.IGNORECASE)


def canonical(raw: str, *, kind: Kind | str | None = None) -> Status:
    """The status that a source names in its own spelling: UI, API, webhook or CSV; else UNKNOWN.

    Strict: case, punctuation and British spelling aside, only names that Sendoso's own pages use. "Processing"
    is Order Received, as the Send Tracker article shows where it says when to contact Support; that holds for
    Amazon too, though older screens may have called its two stages so as well. An eGift has no warehouse: for
    one it can only be the first step.
    """
    name = american(fold(_EVENT.sub("", raw[:1000])))
    if name == "processing" and kind == Kind.EGIFT:
        return Status.INITIATED
    return _EXACT.get(name, Status.UNKNOWN)


def status_key(raw: str, kind: Kind | str | None = None) -> str:
    """The canonical id, or for a status that nobody has named "unknown:" and its folded spelling."""
    status = canonical(raw, kind=kind)
    return f"unknown:{fold(raw)}" if status is Status.UNKNOWN else str(status)


# --- people ------------------------------------------------------------------------------------------


def resolve(text: str, *, kind: Kind | str | None = None) -> Spelling:
    """The status that a person means by a word or a short question, or what it may mean.

    Takes any text at all and is quick for any. A status is answered only where nothing else can be meant:
    what is left over beside its name must say nothing, a typo must be closer to it than to any other, and
    "not delivered" is not "delivered".
    """
    typed = words(text)
    meant = Kind(kind) if kind and kind != Kind.UNKNOWN else _kind_in(typed)
    plain = without_fillers(typed)
    forms = tuple(dict.fromkeys(
        form for form in (typed, plain, without_things(typed), without_things(plain)) if form
    ))
    found = _find(forms, meant) if len(text.strip()) <= _LONGEST_QUESTION else None
    if found and found.sure:
        return Spelling(status=found.statuses[0], kind=meant)
    guesses = _first_three(found.statuses if found else _guesses(plain))
    if guesses:
        return Spelling(status=None, suggestions=guesses, kind=meant)
    common = _COMMON_EGIFT if meant is Kind.EGIFT else _COMMON
    return Spelling(status=None, suggestions=common, kind=meant, near=False)


def _kind_in(typed: Words) -> Kind | None:
    named = {kind for kind, names in _KIND_WORDS.items() if names & set(typed)}
    return named.pop() if len(named) == 1 else None


_KIND_WORDS = {Kind.EGIFT: {"egift", "egifts"}, Kind.PHYSICAL: {"physical"}}


def _find(forms: tuple[Words, ...], kind: Kind | None) -> Name | None:
    """The known name that the whole text is: exactly, run together, or for its beginning or a typo."""
    for form in forms:
        name = _among_fillers(form) or JOINED.get("".join(form))
        if name and kind is Kind.EGIFT and "processing" in form:
            return _BEGINNING_OF_EGIFT
        if name:
            return name
    for form in forms:
        name = _beginning(form) or _mistyped(form)
        if name:
            return name
    return None


def _among_fillers(form: Words) -> Name | None:
    """The text if it is a name, else the longest in it beside which all says nothing: "on hold" in "is it on hold"."""
    said = without_fillers(form)
    for length in range(min(_LONGEST_NAME, len(form)), 0, -1):
        for place in range(len(form) - length + 1):
            part = form[place:place + length]
            if without_fillers(part) == said and part in TABLE:
                return TABLE[part]
    return None


def _beginning(form: Words) -> Name | None:
    """The one status of which every known name that begins so speaks; else all of them, to choose from."""
    start = " ".join(form)
    if len(start) < _SHORTEST_PART:
        return None
    begun = {phrase: name for phrase, name in PHRASES.items() if phrase.startswith(start)}
    # "shippe" is on its way to "shipped", not to "shipped back".
    whole = tuple(f"{phrase} " for phrase, name in begun.items() if name.official)
    names = [name for phrase, name in begun.items() if not phrase.startswith(whole)]
    official = [status for name in names if name.official for status in name.statuses]
    every = tuple(dict.fromkeys((*official, *(status for name in names for status in name.statuses))))
    return Name(statuses=every, sure=len(every) == 1 and bool(official)) if every else None


def _mistyped(form: Words) -> Name | None:
    """The name that lies fewest slips away; not sure where another status is about as near."""
    costs: dict[tuple[Status, ...], int] = {}
    trusted: dict[tuple[Status, ...], int] = {}
    official: set[tuple[Status, ...]] = set()
    for names, name in BY_LENGTH.get(len(form), ()):
        cost = 1 if name.official and _letter_off(form, names) else _slips_of(form, names)
        if cost is None or cost > _MOST_SLIPS:
            continue
        group = name.statuses
        costs[group] = min(cost, costs.get(group, cost))
        # People's short words are too near to others to trust a typo in one.
        if name.sure and (name.official or len("".join(names)) >= _LONG_ENOUGH):
            trusted[group] = min(cost, trusted.get(group, cost))
        if name.official and cost == 1:
            official.add(group)
    if not costs:
        return None
    best = min(costs.values())
    # One slip may be trusted against two; of two and three the nearer is not so sure to be meant.
    near = sorted((cost, group) for group, cost in costs.items() if cost <= best + (best > 1))
    if len(official) == 1:
        # "deliverd" is one slip from "delivery" too, but Sendoso's own name is what people ask for.
        near = [(1, official.pop())]
    statuses = _first_three(status for _, group in near for status in group)
    sure = len(near) == 1 and trusted.get(near[0][1]) == near[0][0] and len(statuses) == 1
    return Name(statuses=statuses, sure=sure)


def _letter_off(form: Words, names: Words) -> bool:
    """Whether one letter is wrong in a name of several words: the others show what was meant."""
    if len(names) == 1 or len("".join(names)) <= _LONG_ENOUGH + 1:
        return False
    wrong = [(typed, meant) for typed, meant in zip(form, names, strict=True) if typed != meant]
    return len(wrong) == 1 and len(wrong[0][1]) >= _SHORTEST_PART and OSA.distance(*wrong[0]) == 1


def _slips_of(form: Words, names: Words) -> int | None:
    total = 0
    for typed, meant in zip(form, names, strict=True):
        cost = slips(typed, meant)
        if cost is None:
            return None
        if cost and _prefixed(typed):
            return None
        total += cost
    return total


def _prefixed(typed: str) -> bool:
    """Whether a word is a known one with a prefix, such as "redelivered", so that it is spelt as it is meant."""
    return any(typed.startswith(prefix) and (typed[len(prefix):],) in TABLE for prefix in PREFIXES)


def _guesses(plain: Words) -> Iterator[Status]:
    """Statuses that a text may be about: named in it, begun in it, or at least like it."""
    yield from _named_inside(plain)
    yield from _three_letters(plain)
    if NEGATIONS & set(plain):
        return  # what the text is like is just what it denies
    parts = [word for word in plain if len(word) >= _SHORTEST_PART][:_MOST_PARTS]
    for part in parts:
        begun = _beginning((part,)) or _mistyped((part,))
        yield from begun.statuses if begun else ()
    for part in parts:
        for phrase, name in PHRASES.items():
            if part in phrase.split():
                yield from name.statuses
    for part in (" ".join(plain), *parts):
        for phrase, _, _ in process.extract(
            part, PHRASES.keys(), scorer=JaroWinkler.similarity, score_cutoff=_LIKENESS, limit=_MOST_SUGGESTIONS,
        ):
            yield from PHRASES[phrase].statuses


def _three_letters(plain: Words) -> Iterator[Status]:
    """What somebody may have begun to type: too short to answer by, but better than no hint at all."""
    if len(plain) == 1 and len(plain[0]) == _SHORTEST_PART - 1:
        for phrase, name in PHRASES.items():
            if name.official and phrase.startswith(plain[0]):
                yield from name.statuses


def _named_inside(plain: Words) -> Iterator[Status]:
    place = 0
    while place < len(plain):
        for length in range(_LONGEST_NAME, 0, -1):
            name = TABLE.get(plain[place:place + length])
            if name:
                yield from name.statuses
                break
        else:
            length = 2 if plain[place] in NEGATIONS else 1  # what is denied is not what is meant
        place += length


def _first_three(statuses: Iterable[Status]) -> tuple[Status, ...]:
    return tuple(dict.fromkeys(statuses))[:_MOST_SUGGESTIONS]
