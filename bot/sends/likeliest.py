"""The likeliest of the sends that hold every word of what somebody typed."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from sqlalchemy.orm import Session

from storage import scope, search, searches
from storage.models import Send
from storage.own_texts import Match
from storage.trigrams import Needle

MOST_WORDS = 8
RANKED = 1_000
"""So many matches are put in order by how well they fit; of more, the best kinds of fit are asked for one by one.
To ask for a kind takes as long as to look at so many texts (measured)."""

SHORT = 3
_WORDS = re.compile(r"\w+")


def ordered(session: Session, words: search.Search, phrase: str, limit: int) -> tuple[int | None, list[int]]:
    """The ids of the likeliest sends that hold all words; how many there are, unless that would have to be counted."""
    if " " in phrase and scope.current() is None:
        # A whole name is what people type most. So many of the newest that are called so come before all others, and
        # the index, which takes far longer for several words than for one, need not be asked.
        whole = searches.of(session, [(f"|{phrase}|",)]).recent(limit)
        if len(whole) == limit:
            return None, ids_of(whole)
    matches = words.few(RANKED)
    if matches is not None:
        return len(matches), _best_first(matches, phrase)[:limit]
    if 0 < len(words.walked) <= search.WANTED:
        return len(words.walked), _best_first(words.walked, phrase)[:limit]
    begun = [row for row in words.met if f"|{phrase}" in row[2]]
    ids = _best_first(begun, phrase)[:limit]
    if len(ids) < limit and not words.are_common:
        # Where most that have it begin with it, these are too many as well.
        ids = _starting(session, phrase, limit, are_few=len(begun) <= len(words.met) / 2)
    if len(ids) < limit:
        ids += ids_of(words.newest(limit))
    return None, list(dict.fromkeys(ids))[:limit]


def _starting(session: Session, phrase: str, limit: int, *, are_few: bool) -> list[int]:
    """Ids of the likeliest among the sends that have a field which begins with the phrase."""
    starting = searches.of(session, [(f"|{phrase}",)])
    matches = starting.few(RANKED) if are_few else None
    if matches is not None:
        return _best_first(matches, phrase)[:limit]
    if starting.walked:
        return _best_first(starting.walked, phrase)[:limit]
    ids: list[int] = []
    # Of so many the better ones are looked for among the newest: that there is none would be known last of all.
    for better in (f"|{phrase}|", f"|{phrase} "):
        ids += ids_of(searches.of(session, [(better,)]).recent(limit))
        if len(ids) >= limit:
            return ids
    return ids + ids_of(starting.newest(limit))


def _best_first(newest_first: Sequence[Match], phrase: str) -> list[int]:
    fit = _fit(phrase)
    return ids_of(sorted(newest_first, key=lambda row: fit(row[2])))


def ids_of(matches: Sequence[Match]) -> list[int]:
    """The row ids of these sends, in their order."""
    return [row[0] for row in matches]


def needles(phrase: str) -> list[Needle]:
    """What a send must hold in order to fit the words: a piece of text for each of them, in one spelling of several."""
    # Of one or two letters only the beginning of a word is looked for: inside of words they are everywhere.
    # A sign that stands by itself, as in "jane @ acme", is no word.
    words = [word for word in dict.fromkeys(phrase.split()) if any(map(str.isalnum, word))] or phrase.split()
    # A comma only parts words, as in "Doe, Jane"; one that is stored is found without it.
    words = [word.strip(",;") or word for word in words[:MOST_WORDS]]
    return [
        (f" {word}", f"|{word}") if len(word) < SHORT and word.isascii() and any(map(str.isalnum, word)) else (word,)
        for word in words
    ]


def _fit(phrase: str) -> Callable[[str], tuple[int, int]]:
    """Tells how well a text fits, the lowest the best; of equals the one with more whole words.

    The phrase is a whole field, holds whole words, begins a field, its words begin words, or are anywhere.
    """
    whole, beginning = f"|{phrase}|", f"|{phrase}"
    words = [re.escape(word) for word in _WORDS.findall(phrase)]
    # What stands before is looked at last: a piece of text that an expression begins with is found fastest.
    begun = [re.compile(rf"{word}(?<!\w{word})").search for word in words]
    there = [re.compile(rf"{word}(?<!\w{word})(?!\w)").search for word in words]

    def fit(text: str) -> tuple[int, int]:
        if whole in text:
            return 0, 0
        starts, parts = beginning in text, sum(not search(text) for search in there)
        if not parts:
            return (1 if starts else 2), 0
        if starts:
            return 3, parts
        return (4 if all(search(text) for search in begun) else 5), parts

    return fit


def fits(send: Send, phrase: str) -> bool:
    """Whether a send holds all of the words."""
    return all(any(spelling in send.search_text for spelling in needle) for needle in needles(phrase))
