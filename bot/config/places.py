"""Every channel, person and user group that a configuration names, and where it stands in it. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from bot.config.document import Document
from bot.config.problems import Path, Problem

ALERT_CHANNEL = "ALERT_CHANNEL"
CHANNEL, PERSON, GROUP = (re.compile(rf"[{first}][A-Z0-9]{{2,20}}") for first in ("CG", "UW", "S"))
_PEOPLE_UNDER = frozenset({"mention", "permissions"})
"""Keys below which people and user groups are named."""


def channels(document: Document, alert_channel: str = "") -> dict[str, list[str]]:
    """Channel ids to which something is told, each with the places that name it; ALERT_CHANNEL comes first."""
    found = defaultdict[str, list[str]](list)
    if CHANNEL.fullmatch(alert_channel):
        found[alert_channel].append(ALERT_CHANNEL)
    for path, text in _texts(document.plain()):
        # A budget only counts what others send there.
        if path[0] != "budgets" and "channel" in path and CHANNEL.fullmatch(text):
            found[text].append(_place(document, path))
    return dict(found)


def people(document: Document) -> dict[str, list[str]]:
    """User ids that may do something or are called, each with the places that name them."""
    return _named(document, PERSON)


def groups(document: Document) -> dict[str, list[str]]:
    """The same for user groups."""
    return _named(document, GROUP)


def _named(document: Document, form: re.Pattern[str]) -> dict[str, list[str]]:
    found = defaultdict[str, list[str]](list)
    for path, text in _texts(document.plain()):
        if _PEOPLE_UNDER & set(path) and form.fullmatch(text):
            found[text].append(_place(document, path))
    return dict(found)


def _texts(node: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:  # noqa: ANN401 - plain data of any shape
    if isinstance(node, str):
        yield path, node
    items = node.items() if isinstance(node, Mapping) else enumerate(node) if isinstance(node, list | tuple) else ()
    for key, value in items:
        yield from _texts(value, (*path, key))


def _place(document: Document, path: Path) -> str:
    """As people call it: a route by its name, anything else by where it stands."""
    if path[0] == "routes" and isinstance(path[1], int):
        return f"the route {document.routes[path[1]].name!r}"
    # The number of a list's last member says nothing to anybody.
    return Problem(path=path[:-1] if isinstance(path[-1], int) else path, sentence="").place
