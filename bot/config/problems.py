"""What is wrong with a configuration: one sentence each, with its place, the value, and what was expected."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz import process
from rapidfuzz.distance import JaroWinkler

Path = tuple[str | int, ...]
"""Where something stands: keys and places in lists, such as ("routes", 2, "when", "rule")."""

_LIKENESS = 0.8
_LONGEST_VALUE = 60


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Something wrong, or only odd: where it stands, the line if there is a file, and a sentence."""

    path: Path
    sentence: str
    line: int | None = None

    @property
    def place(self) -> str:
        """The place as people write it: `routes[2].when.rule`."""
        text = "".join(f"[{part}]" if isinstance(part, int) else f".{_plain(part)}" for part in self.path)
        return text.removeprefix(".")

    def as_json(self) -> dict[str, str | int | None]:
        """The shape that programs read."""
        return {"place": self.place, "line": self.line, "text": self.sentence}

    def __str__(self) -> str:
        where = ", ".join(part for part in (f"line {self.line}" if self.line else "", self.place) if part)
        return f"{where}: {self.sentence}" if where else self.sentence


def said(value: object) -> str:
    """A value from a file in quotes, on one line and not too long."""
    return f'"{_plain(str(value))}"'


def meant(word: str, known: Iterable[str]) -> str:
    """`; did you mean "overdue"?` where something known is near, else what is known; no full stop at its end."""
    names = list(dict.fromkeys(known))
    near = process.extractOne(
        _folded(word), {name: _folded(name) for name in names}, scorer=JaroWinkler.similarity, score_cutoff=_LIKENESS,
    )
    return f'; did you mean "{near[2]}"?' if near else f"; known are {', '.join(names)}"


def _folded(text: str) -> str:
    return " ".join(text[:_LONGEST_VALUE].casefold().replace("_", " ").replace("-", " ").split())


def _plain(text: str) -> str:
    line = " ".join(text.split())
    line = "".join(letter if letter.isprintable() else "�" for letter in line)
    return line if len(line) <= _LONGEST_VALUE else line[:_LONGEST_VALUE - 1].rstrip() + "…"
