"""Reading a configuration: a file or plain data in, a document out, or every mistake that it holds."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from bot.config import consistency
from bot.config.document import KEYS_AT, SECTIONS, Document
from bot.config.problems import Path, Problem, meant, said
from bot.config.source import MOST_PROBLEMS, Source, SourceError, load

STANDARD = Document()


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What came of reading: the document as it would be, and what is wrong or odd about it."""

    document: Document
    """With the sections that were given and are right; the others as they were."""
    given: tuple[str, ...] = ()
    """The sections that the file holds."""
    problems: tuple[Problem, ...] = ()
    """With any of these the document is not to be used."""
    warnings: tuple[Problem, ...] = ()


def read(content: bytes | str, base: Document = STANDARD, *, has_admins: bool = False) -> Reading:
    """Read a file in YAML; sections that it does not hold are those of `base`. `has_admins`: ADMIN_USERS names any."""
    try:
        return examine(load(content), base, has_admins=has_admins)
    except SourceError as error:
        return Reading(document=base, problems=tuple(error.problems))


def examine(source: Source, base: Document = STANDARD, *, has_admins: bool = False) -> Reading:
    """The same for what has been taken apart already, such as one section from a window."""
    given = tuple(section for section in SECTIONS if section in source.data)
    document, problems = validated(source.data, base)
    broken = {problem.path[0] for problem in problems if problem.path}
    found = consistency.problems_of(document, broken)
    located = [_located(problem, source, given) for problem in (*problems, *found)]
    odd = [] if located else consistency.warnings_of(document, has_admins=has_admins)
    return Reading(
        document=document, given=given, problems=_in_order(located),
        warnings=_in_order([_located(problem, source, given) for problem in odd]),
    )


def reviewed(document: Document, *, has_admins: bool = False) -> Reading:
    """The same for a document that is in force: what its sections do not hold together, and what is odd."""
    problems = tuple(consistency.problems_of(document))
    odd = () if problems else tuple(consistency.warnings_of(document, has_admins=has_admins))
    return Reading(document=document, problems=problems, warnings=odd)


def validated(data: Mapping[str, Any], base: Document = STANDARD) -> tuple[Document, list[Problem]]:
    """Each section by itself: the document with those that are right, and what is wrong with the others."""
    found, problems = {name: getattr(base, name) for name in SECTIONS}, list[Problem]()
    for key, body in data.items():
        try:
            read_alone = Document.model_validate({key: body})
        except ValidationError as error:
            problems += _problems_of(error, {key: body})
        else:
            found[key] = getattr(read_alone, key)
    return Document.model_construct(**found), problems


def _problems_of(error: ValidationError, data: Mapping[str, Any]) -> list[Problem]:
    found = [
        Problem(path=_path(detail, data), sentence=_sentence(detail))
        for detail in error.errors(include_url=False)[:MOST_PROBLEMS]
    ]
    return list(dict.fromkeys(found))


def _path(detail: ErrorDetails, data: object) -> Path:
    """The place in the file: pydantic's own, as far as the file goes."""
    path: list[str | int] = []
    for part in detail["loc"]:
        inside = (isinstance(data, dict) and part in data) or (
            isinstance(data, list) and isinstance(part, int) and part < len(data)
        )
        if not inside:
            return (*path, part) if detail["type"] == "missing" else tuple(path)
        path.append(part)
        data = data[part]  # type: ignore[index]
    return tuple(path)


def _sentence(detail: ErrorDetails) -> str:
    said_of = _REASONS.get(detail["type"])
    sentence = said_of(detail) if said_of else f"{_short(detail['input'])} is not accepted here: {detail['msg']}"
    return sentence if sentence.endswith((".", "?")) else f"{sentence}."


def _no_key(detail: ErrorDetails) -> str:
    key = str(detail["loc"][-1])
    return f"{said(key)} is no key here{meant(key, _keys_at(detail['loc'][:-1]))}"


def _no_choice(detail: ErrorDetails) -> str:
    known = re.findall(r"'([^']+)'", str(_context(detail, "expected")))
    return f"{said(detail['input'])} is not accepted here{meant(str(detail['input']), known)}"


def _no_number(detail: ErrorDetails) -> str:
    return f"{said(detail['input'])} is no whole number"


def _no_answer(detail: ErrorDetails) -> str:
    return f"{said(detail['input'])} is neither true nor false"


def _no_mapping(detail: ErrorDetails) -> str:
    return f"{_short(detail['input'])} is no mapping; keys are expected here, each with its value"


def _no_list(detail: ErrorDetails) -> str:
    return f"{_short(detail['input'])} is no list; write each entry on a line of its own after a dash"


def _context(detail: ErrorDetails, name: str) -> object:
    return detail.get("ctx", {}).get(name)


_REASONS: dict[str, Callable[[ErrorDetails], str]] = {
    "value_error": lambda detail: detail["msg"].removeprefix("Value error, "),
    "extra_forbidden": _no_key,
    "missing": lambda _: "is missing, and has no default",
    "literal_error": _no_choice,
    "int_parsing": _no_number, "int_type": _no_number, "int_from_float": _no_number, "int_parsing_size": _no_number,
    "bool_parsing": _no_answer, "bool_type": _no_answer,
    "greater_than_equal": lambda detail: f"{said(detail['input'])} is less than {_context(detail, 'ge')}",
    "less_than_equal": lambda detail: f"{said(detail['input'])} is more than {_context(detail, 'le')}",
    "model_type": _no_mapping, "dict_type": _no_mapping,
    "tuple_type": _no_list, "list_type": _no_list,
}
"""What is said of each kind of mistake that pydantic finds."""


def _short(value: object) -> str:
    if isinstance(value, dict | list):
        return "A mapping" if isinstance(value, dict) else "A list"
    return said(value)


def _keys_at(place: tuple[str | int, ...]) -> list[str]:
    for pattern, part in KEYS_AT.items():
        if len(pattern) == len(place) and all(
            want in ("*", got) for want, got in zip(pattern, place, strict=True)
        ):
            return [field.alias or name for name, field in part.model_fields.items()]
    return []


def _located(problem: Problem, source: Source, given: tuple[str, ...]) -> Problem:
    elsewhere = bool(problem.path) and problem.path[0] in SECTIONS and problem.path[0] not in given
    sentence = f"{problem.sentence} (This section is not in the file; it stays as it is.)" if elsewhere and given else (
        problem.sentence
    )
    return replace(problem, sentence=sentence, line=problem.line or source.line(problem.path))


def _in_order(problems: list[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(problems, key=lambda problem: problem.line or 0))
