"""A section as somebody wants it instead: checked by the same parts as a file, before anything is put into force."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.config import consistency
from bot.config.document import Document
from bot.config.names import MOST
from bot.config.problems import Path, Problem
from bot.config.reading import validated

Item = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Draft:
    """The document as it would be, and what is wrong about it that was not so before."""

    section: str
    document: Document
    problems: tuple[Problem, ...] = ()
    """With any of these the document is not to be used."""

    @property
    def digest(self) -> str:
        """A word for what the section would hold: the same for the same."""
        return digest_of(self.document.plain_section(self.section))


def drafted(base: Document, section: str, body: Any) -> Draft:  # noqa: ANN401 - any data
    """One section of `base` with another body (plain data, None: its default)."""
    document, problems = validated({section: body} if body is not None else {}, base)
    if body is None:
        document = base.model_copy(update={section: getattr(Document(), section)})
    if not problems:
        problems = _news(consistency.problems_of(document), consistency.problems_of(base))
    return Draft(section=section, document=document, problems=tuple(problems))


def with_part(base: Document, section: str, place: int | None, item: Any, *, at_top: bool = False) -> Draft:  # noqa: ANN401 - any data
    """A section that is a list with another thing in one place, or (None) with one more; only that one is read."""
    parts = getattr(base, section)
    at = place if place is not None else 0 if at_top else len(parts)
    if place is None and len(parts) >= MOST:
        full = Problem(path=(section, at), sentence=f"There are {MOST} already, and no more than that are possible.")
        return Draft(section=section, document=base, problems=(full,))
    alone, problems = validated({section: [item]}, base)
    if problems:
        moved_there = tuple(replace(one, path=(section, at, *one.path[2:])) for one in problems)
        return Draft(section=section, document=base, problems=moved_there)
    [part] = getattr(alone, section)
    return rearranged(base, section, with_item(list(parts), place, part, at_top=at_top))


def rearranged(base: Document, section: str, parts: Any) -> Draft:  # noqa: ANN401 - parts of a section
    """A section of parts that are read already, in another order, or without one of them."""
    document = base.model_copy(update={section: parts if isinstance(parts, dict) else tuple(parts)})
    problems = _news(consistency.problems_of(document), consistency.problems_of(base))
    return Draft(section=section, document=document, problems=tuple(problems))


def warnings_of(draft: Draft, base: Document, *, has_admins: bool = False) -> list[Problem]:
    """What is odd about a draft that was not so before. `has_admins`: ADMIN_USERS names any."""
    return _news(
        consistency.warnings_of(draft.document, has_admins=has_admins),
        consistency.warnings_of(base, has_admins=has_admins),
    )


def _news(found: Sequence[Problem], before: Sequence[Problem]) -> list[Problem]:
    # What is wrong elsewhere already must not keep anybody from mending something.
    known = {(problem.path[:1], problem.sentence) for problem in before}
    return [problem for problem in found if (problem.path[:1], problem.sentence) not in known]


def digest_of(body: Any) -> str:  # noqa: ANN401 - plain data of any shape
    """A short word for plain data: the same for the same."""
    written = json.dumps(body, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(written.encode()).hexdigest()[:16]


# --- lists and mappings with one thing changed ---------------------------------------------------------


def keys(body: Any) -> list[str | int]:  # noqa: ANN401 - as above
    """The places of a section's things: numbers for a list, names for a mapping."""
    return list(body) if isinstance(body, dict) else list(range(len(body)))


def with_item(body: Any, key: str | int | None, item: Any, *, at_top: bool = False) -> Any:  # noqa: ANN401 - as above
    """The section with a thing put in place of another, or (key None, in a list) added at its end or top."""
    if isinstance(body, dict):
        return body | {str(key): item}
    if key is None:
        return [item, *body] if at_top else [*body, item]
    return [item if place == key else one for place, one in enumerate(body)]


def without_item(body: Any, key: str | int) -> Any:  # noqa: ANN401 - as above
    """The section without a thing."""
    if isinstance(body, dict):
        return {name: one for name, one in body.items() if name != key}
    return [one for place, one in enumerate(body) if place != key]


def moved(body: list[Any], place: int, by: int) -> list[Any]:
    """The list with one thing so many places further down (up: a negative number), as far as it goes."""
    rest = [one for at, one in enumerate(body) if at != place]
    target = min(max(place + by, 0), len(rest))
    return [*rest[:target], body[place], *rest[target:]]


def again(before: Any, after: Any, key: str | int | None) -> str | int | None:  # noqa: ANN401 - as above
    """Where a thing of an earlier body stands in a later one; None where it is gone.

    The same name, or in a list what is equal or is for the same.
    """
    if key is None or isinstance(before, dict):
        return key if isinstance(after, dict) and key in after else None
    if not isinstance(key, int) or not 0 <= key < len(before):
        return None
    return next((place for place, one in enumerate(after) if _identity(one) == _identity(before[key])), None)


_TOLD_APART = ("status", "level", "type", "campaign", "team", "every", "route", "channel")
"""What tells things without a name apart: what a threshold or a digest is for."""


def _identity(item: Item) -> object:
    if "name" in item:
        return str(item["name"]).casefold()
    return tuple(item.get(name) for name in _TOLD_APART)


def path_in(problem: Problem, section: str, key: str | int | None) -> Path | None:
    """The place of a problem within the thing at `key` (None: the section as a whole); None where it is elsewhere."""
    start: Path = (section,) if key is None else (section, key)
    return problem.path[len(start):] if problem.path[:len(start)] == start else None
