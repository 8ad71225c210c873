"""Small checks from which the rules of Block Kit are put together.

A check takes a value and its JSON pointer and yields what is wrong, each as (pointer, sentence).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping

Problem = tuple[str, str]
Check = Callable[[object, str], Iterator[Problem]]


def string(longest: int, shortest: int = 1, pattern: str | None = None) -> Check:
    """A string of so many characters."""

    def check(value: object, at: str) -> Iterator[Problem]:
        if not isinstance(value, str):
            yield at, "must provide a string"
        elif len(value) < shortest:
            yield at, f"must be more than {shortest - 1} characters"
        elif len(value) > longest:
            yield at, f"must be less than {longest + 1} characters"
        elif pattern is not None and not re.fullmatch(pattern, value):
            yield at, "invalid format"

    return check


def flag(value: object, at: str) -> Iterator[Problem]:
    """True or false."""
    if not isinstance(value, bool):
        yield at, "must be a valid boolean"


def integer(least: int, most: int) -> Check:
    """A whole number in this range."""

    def check(value: object, at: str) -> Iterator[Problem]:
        if isinstance(value, bool) or not isinstance(value, int):
            yield at, "must be a valid integer"
        elif not least <= value <= most:
            yield at, f"must be between {least} and {most}"

    return check


def number(value: object, at: str) -> Iterator[Problem]:
    """Any number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        yield at, "must be a valid number"


def one_of(*values: str) -> Check:
    """One of these words."""

    def check(value: object, at: str) -> Iterator[Problem]:
        if value not in values:
            yield at, "must be a valid enum value"

    return check


def list_of(item: Check, most: int, least: int = 1) -> Check:
    """A list of so many items, each of which is checked."""

    def check(value: object, at: str) -> Iterator[Problem]:
        if not isinstance(value, list | tuple):
            yield at, "must be an array"
            return
        if len(value) < least:
            yield at, f"no fewer than {least} items allowed"
        if len(value) > most:
            yield at, f"no more than {most} items allowed"
        for index, entry in enumerate(value):
            yield from item(entry, f"{at}/{index}")

    return check


def shape(required: Mapping[str, Check], optional: Mapping[str, Check]) -> Check:
    """An object with these fields and no others."""
    fields = {**required, **optional}

    def check(value: object, at: str) -> Iterator[Problem]:
        if not isinstance(value, dict):
            yield at, "must provide an object"
            return
        for name in required:
            if value.get(name) is None:
                yield at, f"missing required field: {name}"
        for name, entry in value.items():
            if name not in fields:
                yield at, f"invalid additional property: {name}"
            elif entry is not None:
                yield from fields[name](entry, f"{at}/{name}")

    return check


def typed(table: Mapping[str, Check], allowed: Collection[str] | None = None) -> Check:
    """An object whose `type` says which check of the table holds; only the allowed types may stand here."""

    def check(value: object, at: str) -> Iterator[Problem]:
        kind = value.get("type") if isinstance(value, dict) else None
        if not isinstance(value, dict):
            yield at, "must provide an object"
        elif kind is None:
            yield at, "missing required field: type"
        elif kind not in table or (allowed is not None and kind not in allowed):
            yield f"{at}/type", f"unsupported type: {kind}"
        else:
            yield from table[str(kind)](value, at)

    return check


def all_of(*checks: Check) -> Check:
    """Every one of these checks."""

    def check(value: object, at: str) -> Iterator[Problem]:
        for each in checks:
            yield from each(value, at)

    return check


def one_field(*names: str) -> Check:
    """Exactly one of these fields stands in the object."""

    def check(value: object, at: str) -> Iterator[Problem]:
        if isinstance(value, dict) and sum(value.get(name) is not None for name in names) != 1:
            yield at, f"must define exactly one of: {', '.join(names)}"

    return check
