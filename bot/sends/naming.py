"""Finding in any text, and taking out, what names one person: the address, names, Slack user ids. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from bot.sends.addresses import tells

GONE = "[forgotten]"
FORGOTTEN = "UFORGOTTEN"
"""So begins what stands in the record for a Slack user who was forgotten."""
_JOINER = "\u2060?"
"""Messages have it within addresses, so that Slack makes no link of them."""
_SPELT = {
    "&": "(?:&amp;|&)", "<": "(?:&lt;|<)", ">": "(?:&gt;|>)", "@": "(?:@|%40)", "*": "[*\u2217]", "~": "[~\u223c]",
    "`": "[`\u02cb]", "'": "['\u2019]", " ": r"\s+",
}
"""Signs that stand otherwise in messages and links."""


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
        return self._names.sub(GONE, text) if by_name and self._names is not None else text

    @cached_property
    def _address(self) -> re.Pattern[str] | None:
        if not self.email:
            return None
        # What is no address, and a word that others use, names the person only as a place.
        before = r"(?<![\w.+-])" if tells(self.email) else "(?<=mail:)"
        return re.compile(rf"{before}{_spelt(self.email)}(?![\w-]|\.\w)", re.IGNORECASE)

    @cached_property
    def _users(self) -> re.Pattern[str] | None:
        return _any(self.users, r"(?<![A-Za-z0-9])", r"(?![A-Za-z0-9])")

    @cached_property
    def _names(self) -> re.Pattern[str] | None:
        return _any([name for name in self.names if len(name) > 1], r"(?<!\w)", r"(?!\w)")


def _any(words: Iterable[str], before: str, after: str) -> re.Pattern[str] | None:
    longest_first = sorted(set(words), key=lambda word: (-len(word), word))
    if not longest_first:
        return None
    return re.compile(f"{before}(?:{'|'.join(map(_spelt, longest_first))}){after}", re.IGNORECASE)


def _spelt(words: str) -> str:
    return _JOINER.join(_SPELT.get(sign) or re.escape(sign) for sign in " ".join(words.split()))
