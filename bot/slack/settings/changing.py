"""From what was filled in to the section as it would be, with every mistake beside its field."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from bot.config import drafts
from bot.config.drafts import Draft
from bot.config.problems import Problem
from bot.slack.blocks import setting_fields
from bot.slack.blocks.setting_fields import Field
from bot.slack.blocks.text import clip
from bot.slack.settings import calendar, choices, policies
from bot.slack.settings.form import Form
from bot.slack.settings.routes import TOP
from bot.slack.settings.standing import ADD, DOWN, EDIT, REMOVE, UP, WHOLE, Standing, places

PLACE = re.compile(r"\b(routes|thresholds|digests)\[(\d+)\]")
NAMES = {"routes": "route", "thresholds": "threshold", "digests": "digest"}
LONGEST = 400
STEPS = {UP: -1, DOWN: 1}


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What somebody wants: the draft, what stands in the fields, and what is wrong beside which field."""

    draft: Draft
    fields: Sequence[Field] = ()
    values: Mapping[str, Any] | None = None
    errors: Mapping[str, str] | None = None
    """By the name of a field, or by "" where the window has none."""

    def is_same(self, stand: Standing) -> bool:
        """Whether it would change nothing."""
        return self.draft.digest == drafts.digest_of(stand.now)


def shown_fields(form: Form, data: Mapping[str, Any]) -> Sequence[Field]:
    """The fields that the window shows; none where it is only asked whether something shall be done."""
    return form.fields(data) if data.get("op") in {EDIT, ADD} else ()


def wanted(
    session: Session, form: Form, stand: Standing, data: Mapping[str, Any], state: Mapping[str, Any],
) -> Wanted:
    """What the window asks for, taken from the fields' `state` as Slack sent it."""
    fields = shown_fields(form, data)
    if not fields:
        draft = drafts.rearranged(stand.document, stand.section, _moved(stand))
        told = {"": " ".join(_told(one, stand.section) for one in draft.problems)} if draft.problems else None
        return Wanted(draft=draft, errors=told)
    values = setting_fields.read(fields, state)
    names = (route.name for route in stand.document.routes)
    known = choices.texts(stand.item_seen, stand.item, *stand.document.policies, *names)
    words = _words(session, fields, values, known)
    if stand.is_changed:
        found = [one.name for one in fields if one.kind == "search" and one.name in values]
        values |= {name: choices.said_again(values[name], known) for name in found}
    draft, key, taken = _draft(form, stand, words)
    errors = taken or _errors(form, fields, draft, key)
    return Wanted(draft=draft, fields=fields, values=values, errors=errors or None)


def _moved(stand: Standing) -> Any:  # noqa: ANN401 - parts of a section
    parts = getattr(stand.document, stand.section)
    if stand.key is None:
        return parts
    if stand.op == REMOVE:
        return drafts.without_item(parts, stand.key)
    return drafts.moved(list(parts), int(stand.key), STEPS[stand.op])


def _words(
    session: Session, fields: Sequence[Field], values: Mapping[str, Any], known: Mapping[str, str],
) -> dict[str, Any]:
    """What was filled in as words: choices of fields that find things as what they stand for."""
    words: dict[str, Any] = {}
    for one in fields:
        value = values.get(one.name, "" if one.kind in {"text", "lines", "number", "time", "choice"} else ())
        found = one.kind in {"search", "one"}
        words[one.name] = choices.meant(session, value, known) if found else list(value) if isinstance(
            value, tuple,
        ) else value
    return words


def _draft(form: Form, stand: Standing, words: Mapping[str, Any]) -> tuple[Draft, str | int | None, dict[str, str]]:
    """The section as it would be, where the thing stands in it, and what is said where its name is taken."""
    item, section = form.item(words, stand.item), stand.section
    if section in WHOLE:
        return drafts.drafted(stand.document, section, item), None, {}
    if isinstance(stand.now, list):
        place = stand.key if isinstance(stand.key, int) else None
        at_top = words.get("place") == TOP
        draft = drafts.with_part(stand.document, section, place, item, at_top=at_top)
        return draft, place if place is not None else 0 if at_top else len(stand.now), {}
    key = form.key(words) if stand.op == ADD else str(stand.was)
    taken = {next(iter(words)): form.taken} if stand.op == ADD and key in stand.now else {}
    return drafts.drafted(stand.document, section, drafts.with_item(stand.now, key, item)), key, taken


def _errors(form: Form, fields: Sequence[Field], draft: Draft, key: str | int | None) -> dict[str, str]:
    found: dict[str, str] = {}
    for problem in draft.problems:
        beside = form.field_of(drafts.path_in(problem, form.section, key) or (), fields)
        found[beside] = clip(f"{found.get(beside, '')} {_told(problem, form.section)}".strip(), LONGEST)
    return found


def _told(problem: Problem, section: str) -> str:
    """A mistake in words for people who see a list, not a file, and of all the file only that section."""
    place = problem.path[:2]
    if place[:1] != (section,) and len(place) > 1 and place[0] in NAMES and isinstance(place[1], int):
        return f"{NAMES[str(place[0])].capitalize()} number {place[1] + 1}: {_worded(problem)}"
    sentence = _worded(problem)
    return sentence[:1].upper() + sentence[1:]


def _worded(problem: Problem) -> str:
    return PLACE.sub(lambda found: f"{NAMES[found[1]]} number {int(found[2]) + 1}", problem.sentence)


def carried(form: Form, stand: Standing, data: Mapping[str, Any]) -> dict[str, Any]:
    """What the window of a form carries: which form, what is done, where, in which version, and what lies below."""
    more: dict[str, Any] = {}
    if form.name == policies.ESCALATE.name:
        more["steps"] = data["steps"] if "steps" in data else policies.steps_of(stand.item or {})
    if form.name == calendar.FORM.name and not calendar.fits(stand.now):
        more["short"] = 1
    below = {name: data[name] for name in ("over", "list", "p", "g") if isinstance(data.get(name), str | int)}
    number = places(stand.section, stand.now).index(stand.key) if stand.key is not None else 0
    op = ADD if stand.is_gone else stand.op
    return {"f": form.name, "op": op, "n": number, "v": stand.version, **below, **more}
