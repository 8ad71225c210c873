"""Whether a word is a mistyped form of another, and never its opposite or some other real word."""

from __future__ import annotations

from rapidfuzz.distance import OSA, Hamming

PREFIXES = ("un", "non", "not", "no", "dis", "mis", "re", "pre", "in", "de", "anti", "over", "under")
"""Beginnings that make another word of a word, often its opposite."""

_ORDINARY = frozenset((
    "filed", "filing", "filings", "paced", "pacing", "sued", "bounded", "offended", "offending", "shopping", "shopped",
    "slipping", "slipped", "skipping", "skipped", "sipping", "stripping", "snipped", "snipping", "pressing",
    "progressing", "professing", "profess", "refusing", "refining", "refuting", "rounding", "rebounded", "rebounding",
    "resounding", "exploration", "explorations", "exportation", "conforming", "confining", "confiding", "concealed",
    "concealing", "channeled", "channeling", "elected", "reception", "receptions", "crashed", "unbelievable",
    "unbounded", "undefended", "inefficient", "blackish", "cluck", "paise", "imitated", "intimate", "intimated",
    "instigated", "initiative", "initiatives", "passed", "clocked", "founded", "retained", "retired", "transmit",
    "transmits", "shipper", "spent", "cased", "undead", "poised", "cussed", "undesirable", "returner", "canoeing",
    "unfounded", "cackling", "changeling", "sipped", "instigate", "rending", "blackest", "backlit", "returnees",
    "dispatcher", "dispatchers",
))
"""Words of everyday English that lie a slip or two from a name and are mostly typed on purpose."""

_SHORT, _MIDDLING, _LONG = 4, 8, 12
_KEYBOARD = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_NEIGHBORS = frozenset(
    frozenset((one, other))
    for row, below in zip(_KEYBOARD, (*_KEYBOARD[1:], ""), strict=True)
    for place, one in enumerate(row)
    for other in row[place + 1:place + 2] + below[max(0, place - 1):place + 1]
)


def slips(typed: str, meant: str) -> int | None:
    """How many slips of the finger lead from `meant` to `typed` (a swap of two letters is one); None if too many.

    Up to three letters allow none, four a swap or a doubled letter, up to seven one slip, up to eleven two,
    more three. The first letter has to be there, as people seldom miss it, and a prefix that turns the sense
    round is never taken for a slip: "undelivered" is no mistyped "delivered".
    """
    if typed == meant:
        return 0
    if not _same_start(typed, meant) or typed in _ORDINARY or _doer(typed, meant):
        return None
    most = _allowed(typed, meant)
    distance = OSA.distance(typed, meant, score_cutoff=most)
    if distance > most:
        return None
    if _turned(typed, meant, distance) or _turned(meant, typed, distance) or _other_word(typed, meant, distance):
        return None
    return distance


def _doer(typed: str, meant: str) -> bool:
    """Whether an "opener" was typed beside "opened"."""
    return typed.endswith("er") and meant.endswith("ed") and typed[:-1] == meant[:-1]


def _allowed(typed: str, meant: str) -> int:
    # Letters left out make the typed word shorter, but it still can be read: count by what was meant.
    length = len(meant) if _left_out(typed, meant) else min(len(typed), len(meant))
    if length < _SHORT:
        return 0
    if length < _MIDDLING:
        return 1
    return 2 if length < _LONG else 3


def _left_out(typed: str, meant: str) -> bool:
    letters = iter(meant)
    return all(letter in letters for letter in typed)


def _same_start(typed: str, meant: str) -> bool:
    return typed[:1] == meant[0] or typed[:2] == meant[1::-1] or (len(meant) >= _MIDDLING and typed == meant[1:])


def _turned(longer: str, shorter: str, distance: int) -> bool:
    """Whether `longer` is `shorter` with a prefix such as "un" rather than a slip."""
    return any(
        longer.startswith(prefix) and not shorter.startswith(prefix)
        and OSA.distance(longer[len(prefix):], shorter) < distance
        for prefix in PREFIXES
    )


def _other_word(typed: str, meant: str, distance: int) -> bool:
    """Whether replaced letters make it likelier that another word was typed on purpose."""
    if len(typed) != len(meant):
        return len(meant) == _SHORT and not _doubled(typed, meant)
    replaced = [(a, b) for a, b in zip(typed, meant, strict=True) if a != b]
    if Hamming.distance(typed, meant) > distance:  # two neighbors were swapped
        return False
    if len(meant) <= _SHORT or (len(replaced) > 1 and len(meant) < _LONG):
        return True
    return len(meant) < _MIDDLING and frozenset(replaced[0]) not in _NEIGHBORS


def _doubled(typed: str, meant: str) -> bool:
    return any(
        typed == meant[:place] + letter + meant[place:] for place, letter in enumerate(meant)
    )
