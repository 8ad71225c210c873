"""The sections of the settings and the forms in which each is changed; what can be done with each of its things."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.alerts.routing import DEFAULT
from bot.slack.blocks.drawn import Block
from bot.slack.blocks.limits import button
from bot.slack.settings import budgets, calendar, choices, digests, look_ups, permissions, policies, routes, thresholds
from bot.slack.settings.form import Form
from bot.slack.settings.standing import ADD, DOWN, EDIT, REMOVE, UP

FORMS: Mapping[str, Form] = {
    form.name: form for form in (
        thresholds.FORM, routes.FORM, policies.REPEAT, policies.QUIET, policies.ESCALATE, calendar.FORM,
        permissions.FORM, budgets.FORM, digests.FORM, look_ups.FORM,
    )
}
_ADD: Mapping[str, tuple[str, str]] = {
    "thresholds": ("threshold", "Add a threshold"), "routes": ("route", "Add a route"),
    "policies": ("repeat", "Add a policy"), "budgets": ("budget", "Add a channel"),
    "digests": ("digest", "Add a digest"),
}
"""Section -> the form of a new thing, and what the button says."""
_EDIT: Mapping[str, tuple[tuple[str, str], ...]] = {
    "thresholds": (("threshold", "Edit"),), "routes": (("route", "Edit"),),
    "policies": (("repeat", "Told again …"), ("quiet", "Quiet hours …"), ("escalate", "When nobody acts …")),
    "budgets": (("budget", "Edit"),), "permissions": (("permission", "Change who may"),),
    "digests": (("digest", "Edit"),),
}

STANDARD_POLICY = choices.word(DEFAULT)

Offer = tuple[str, dict[str, Any]]


def offers(section: str, number: int, key: str | int, total: int, version: int) -> list[Offer]:
    """What can be done with one thing: texts, and what each sends back."""
    form = _EDIT[section][0][0]

    def one(text: str, op: str, name: str = form) -> Offer:
        return text, {"f": name, "op": op, "n": number, "v": version}

    found = [one(text, EDIT, name) for name, text in _EDIT[section]]
    if section == "routes":
        found += [one("Move up", UP)] if number else []
        found += [one("Move down", DOWN)] if number + 1 < total else []
    if section != "permissions" and key != DEFAULT:
        found.append(one("Remove", REMOVE))
    return found


def add_button(section: str, version: int) -> list[Block]:
    """The button for a new thing; none where a section has only what it has."""
    if section not in _ADD:
        return []
    form, text = _ADD[section]
    return [button(text, "setting_do.add", {"f": form, "op": ADD, "n": 0, "v": version}, label=text)]
