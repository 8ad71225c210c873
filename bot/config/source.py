"""The configuration file as text: YAML into plain data that remembers its lines, and none of YAML's surprises.

Every value stays the text that was written: 18:00 is no number of minutes here, NO is no "false" and 007 no 7.
What a text means is for whoever reads the key to say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from bot.config.problems import Path, Problem, said

LARGEST = 1_000_000
"""Bytes of a file that are read; no configuration is near that long."""
DEEPEST = 12
"""Levels of lists and mappings in each other; the document needs six."""

MOST_PROBLEMS = 50
"""So many mistakes are told at once; whoever has more begins with these."""

_NOTHING = {"", "~", "null", "Null", "NULL"}
_LOADER: type[yaml.SafeLoader | yaml.CSafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The same in C where it was built: twenty times as quick."""
_EXPECTED = "The file has to hold sections such as “calendar:” and “routes:”"


class SourceError(ValueError):
    """The file is not readable as YAML of the kind that is accepted; `problems` says why."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("; ".join(map(str, problems)))


@dataclass(frozen=True, kw_only=True)
class Source:
    """What a file says: texts, None, lists and mappings; and in which line each key and item stands."""

    data: dict[str, Any]
    lines: Mapping[Path, int] = field(default_factory=dict)

    def line(self, path: Path) -> int | None:
        """The line of what is nearest to that place, from 1; None where nothing is known."""
        return next((self.lines[path[:end]] for end in range(len(path), 0, -1) if path[:end] in self.lines), None)


def load(content: bytes | str) -> Source:
    """Read a file. Raises `SourceError` where it is too large, no YAML, or uses what is not accepted."""
    if len(content) > LARGEST:
        raise SourceError([_problem(f"The file has {len(content):,} bytes; at most {LARGEST:,} are read.")])
    try:
        text = content.decode("utf-8-sig") if isinstance(content, bytes) else content
    except UnicodeDecodeError:
        raise SourceError([_problem("The file is not text in UTF-8.")]) from None
    reader = _Reader(text)
    try:
        data = reader.document()
    except yaml.MarkedYAMLError as error:
        raise SourceError([_marked(error)]) from None
    except (yaml.YAMLError, UnicodeEncodeError):
        raise SourceError([_problem("The file holds a character that YAML does not allow.")]) from None
    if reader.problems:
        raise SourceError(reader.problems)
    if not isinstance(data, dict):
        raise SourceError([_problem(f"{_EXPECTED}, not a {'list' if isinstance(data, list) else 'text'}.")])
    return Source(data=data, lines=reader.lines)


def _problem(sentence: str, line: int | None = None) -> Problem:
    return Problem(path=(), sentence=sentence, line=line)


def _marked(error: yaml.MarkedYAMLError) -> Problem:
    mark = error.problem_mark or error.context_mark
    reason = (error.problem or error.context or "it cannot be read").rstrip(".")
    return _problem(f"This is not YAML: {reason}.", mark.line + 1 if mark else None)


class _Reader:
    """Builds plain data from YAML's events, so that nothing is ever made that was not asked for."""

    def __init__(self, text: str) -> None:
        self._events: Iterator[yaml.Event] = yaml.parse(text, Loader=_LOADER)
        self.lines: dict[Path, int] = {}
        self.problems: list[Problem] = []

    def document(self) -> Any:  # noqa: ANN401 - plain data of any shape
        """The one document of the file; an empty file is one without sections."""
        data: Any = None
        seen = False
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                if seen:
                    self._refuse(event, "A second document begins here (---); one file holds one configuration.")
                    break
                seen = True
                data = self._value(next(self._events), ())
        return {} if data is None else data

    def _value(self, event: yaml.Event, path: Path) -> Any:  # noqa: ANN401 - as above
        if isinstance(event, yaml.AliasEvent):
            self._refuse(event, f"Aliases such as *{event.anchor} are not accepted: write the value out.", path)
            return None
        if len(path) > DEEPEST and isinstance(event, yaml.CollectionStartEvent):
            problem = Problem(path=path[:2], line=_line(event), sentence="nested deeper than any key here.")
            raise SourceError([*self.problems, problem])
        tag = getattr(event, "tag", None)
        if tag is not None and tag not in {"!", "tag:yaml.org,2002:str"}:
            self._refuse(event, "Tags such as !!python/object are not accepted: write the value plainly.", path)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(path)
        return _scalar(event)

    def _mapping(self, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for event in self._events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            key = self._key(event, path)
            place = (*path, key)
            if key in found:
                first = self.lines.get(place)
                self._refuse(event, f"{said(key)} stands here a second time; it is in line {first}, too.", place)
            else:
                self.lines[place] = _line(event)
            value = self._value(next(self._events), place)
            found.setdefault(key, value)
        return found

    def _key(self, event: yaml.Event, path: Path) -> str:
        if isinstance(event, yaml.ScalarEvent):
            return str(event.value)
        self._refuse(event, "A key has to be a word.", path)
        self._value(event, path)
        return ""

    def _sequence(self, path: Path) -> list[Any]:
        found: list[Any] = []
        for event in self._events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            place = (*path, len(found))
            self.lines[place] = _line(event)
            found.append(self._value(event, place))
        return found

    def _refuse(self, event: yaml.Event, sentence: str, path: Path = ()) -> None:
        self.problems.append(Problem(path=path, sentence=sentence, line=_line(event)))
        if len(self.problems) >= MOST_PROBLEMS:
            raise SourceError(self.problems)


def _scalar(event: Any) -> str | None:  # noqa: ANN401 - yaml's own event types are untyped in part
    plain = not event.style and event.tag is None
    return None if plain and event.value in _NOTHING else str(event.value)


def _line(event: yaml.Event) -> int:
    return int(event.start_mark.line) + 1 if event.start_mark else 1
