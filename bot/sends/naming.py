"""Finding in any text, and taking out, what names one person: the address, names, Slack user ids. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from bot.sends.addresses import AT, tells
from bot.sends.text import RUNS_ON, UNSEEN, spread

GONE = "[forgotten]"
FORGOTTEN = "UFORGOTTEN"
"""So begins what stands in the record for a Slack user who was forgotten."""
_JOINER = f"{UNSEEN.pattern}?"
"""Messages have one of these within addresses, so that Slack makes no link of them; web pages have others."""
_SPELT = {
    "&": "(?:&amp;|&)", "<": "(?:&lt;|<)", ">": "(?:&gt;|>)", "@": f"(?:{'|'.join(AT)})", "*": "[*\u2217]",
    "~": "[~\u223c]", "`": "[`\u02cb]", "'": "['\u2019\u02cb]", " ": r"\s+",
}
"""Signs that stand otherwise in messages and links."""
_WORD = re.compile(rf"(?:(?!{RUNS_ON.pattern})\w)+|\S")
_LONGEST_NAME = 40
"""Words, or letters of scripts without spaces."""
_GOES_ON = re.compile("[\u1160-\u11ff]")
"""Vowels and ends of Korean syllables."""


@dataclass(frozen=True, kw_only=True)
class Naming:
    """One person: `email` in lower case, names as they were spelt, Slack user ids, and what stands there afterwards.

    `alias` is some letters and digits that say nothing, and that tell this person's rows from another's.
    """

    email: str
    names: Sequence[str] = ()
    users: Sequence[str] = ()
    alias: str = ""

    @property
    def address(self) -> str:
        """What stands for the address where a place is named; nobody can ever have it."""
        return f"forgotten-{self.alias.lower()}@forgotten.invalid"

    @property
    def user(self) -> str:
        """What stands for the Slack user."""
        return f"{FORGOTTEN}{self.alias.upper()}"

    def without(self, value: Any, *, by_name: bool, as_place: bool = False) -> Any:  # noqa: ANN401 - JSON
        """The text, or JSON at any depth, without the person; the very same where it does not name them.

        `by_name` takes out names too. `as_place` puts another address in the place of theirs.
        """
        if isinstance(value, str):
            return self._text(value, by_name=by_name, as_place=as_place)
        if isinstance(value, dict):
            return {
                self._text(name, by_name=False, as_place=as_place):
                    self.without(inner, by_name=by_name, as_place=as_place)
                for name, inner in value.items()
            }
        if isinstance(value, list):
            return [self.without(inner, by_name=by_name, as_place=as_place) for inner in value]
        return value

    def _text(self, text: str, *, by_name: bool, as_place: bool) -> str:
        if self._address is not None:
            text = self._address.sub(self.address if as_place else GONE, text)
        if self._users is not None:
            text = self._users.sub(self.user, text)
        return self._unnamed(text) if by_name else text

    def _unnamed(self, text: str) -> str:
        """The text without the names, whatever case, accents, quotes and dashes they are spelt with there."""
        if not self._names:
            return text
        letters, places = spread(text)
        spans = sorted(span for name in self._names for span in _whole(name, letters))
        left, done = [], 0
        for first, last in spans:
            start, end = places[first], places[last - 1] + 1
            # An accent that stands by itself belongs to the letter before it.
            end = max(end, places[last] if last < len(places) else len(text))
            if start >= done:
                left += [text[done:start], GONE]
            done = max(done, end)
        return "".join([*left, text[done:]]) if left else text

    @cached_property
    def _address(self) -> re.Pattern[str] | None:
        if not self.email:
            return None
        # What is no address, and a word that others use, names the person only as a place.
        first = _border(r"(?<![\w.+-])", "?<=", self.email[0]) if tells(self.email) else "(?<=mail:)"
        last = _border(r"(?![\w-]|\.\w)", r"?=\.?", self.email[-1])
        return re.compile(f"{first}{_spelt(self.email)}{last}", re.IGNORECASE)

    @cached_property
    def _users(self) -> re.Pattern[str] | None:
        if not self.users:
            return None
        words = "|".join(map(_spelt, sorted(self.users)))
        return re.compile(f"(?<![A-Za-z0-9])(?:{words})(?![A-Za-z0-9])", re.IGNORECASE)

    @cached_property
    def _names(self) -> list[re.Pattern[str]]:
        known = {plain(name) for name in self.names if len(name) > 1}
        # Looking ahead, all are found that begin within another.
        return [re.compile(f"(?=({_spelt(name)}))") for name in sorted(known) if name]


def _border(usual: str, looking: str, sign: str) -> str:
    """Where an address begins or ends with this sign: usually, or beside a letter of a script without spaces."""
    return usual if RUNS_ON.match(sign) else f"(?:{usual}|({looking}{RUNS_ON.pattern}))"


def plain(name: str) -> str:
    """A name as it is compared."""
    return " ".join(spread(name)[0].split())


def may_be_names(text: str) -> set[str]:
    """All in a text that may be a name, in the form of `plain`: every group of words that follow each other."""
    letters = plain(text)
    words = [word.span() for word in _WORD.finditer(letters)]
    return {
        letters[first:last]
        for place, (first, _) in enumerate(words) for _, last in words[place:place + _LONGEST_NAME]
    }


def _whole(name: re.Pattern[str], letters: str) -> Iterator[tuple[int, int]]:
    """Where the name stands by itself, not within a word."""
    for found in name.finditer(letters):
        first, last = found.span(1)
        before, after = letters[first - 1:first] if first else "", letters[last:last + 1]
        if not (_are_one_word(before, letters[first]) or _are_one_word(letters[last - 1], after)):
            yield first, last


def _are_one_word(left: str, right: str) -> bool:
    """Whether two letters, one right behind the other, are of one word, as far as that can be seen."""
    if not (left and right):
        return False
    if _is_mark(right) or _GOES_ON.match(right):
        return True
    return _is_letter(left) and _is_letter(right) and not (RUNS_ON.match(left) or RUNS_ON.match(right))


def _is_letter(sign: str) -> bool:
    return sign.isalnum() or sign == "_" or _is_mark(sign)


def _is_mark(sign: str) -> bool:
    return unicodedata.category(sign).startswith("M")


def _spelt(words: str) -> str:
    return _JOINER.join(_SPELT.get(sign) or re.escape(sign) for sign in " ".join(words.split()))
