"""Words of the configuration: names, ids of Slack, rules, statuses, actions; each as it may be written."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BeforeValidator

from bot.alerts.lifecycle import Action
from bot.alerts.permissions import ADMINS, ANYONE, LOOK_UP, SENDER, TEAM
from bot.alerts.routing import DEFAULT
from bot.config.problems import meant, said
from bot.statuses.catalogue import Status, title
from bot.statuses.spelling import canonical, fold, resolve
from bot.statuses.watched import EXPIRING, OVERDUE, RULES

MOST = 200
"""Routes, thresholds, policies or members of any other list; whoever needs more has another problem."""
LONGEST_TEXT = 200
LONGEST_NAME = 60

NEVER, NOBODY = "never", "none"
PRESSES = (*(str(action) for action in Action), "mute", "settings", LOOK_UP)
"""What permissions can be given for: every action of people on an alert, mutes, these settings, and look-ups."""

LEVELS_OF: dict[str, tuple[str, ...]] = {OVERDUE: ("late", "support"), EXPIRING: ("7d", "2d", "1d")}
RULE_NAMES = tuple(
    name for rule in RULES for name in (rule, *(f"{rule}/{level}" for level in LEVELS_OF.get(rule, ())))
)

_WORDS = (ANYONE, SENDER, TEAM, ADMINS)
_CHANNEL = re.compile(r"[CGD][A-Z0-9]{2,20}")
_PERSON = re.compile(r"[UWS][A-Z0-9]{2,20}")
_NAME = re.compile(rf"[a-z0-9][a-z0-9_-]{{0,{LONGEST_NAME - 1}}}")


def counted(value: object) -> object:
    """The value, unless it has too many members: then ValueError before any of them is looked at."""
    if isinstance(value, dict | list | tuple | set | frozenset) and len(value) > MOST:
        raise ValueError(f"has more than {MOST} entries")
    return value


def listed(value: object) -> object:
    """One value where a list is expected counts as a list of one; ValueError where there are too many."""
    if value is None:
        return []
    return counted(value) if isinstance(value, list | tuple | set | frozenset) else [value]


def text_of(value: object) -> str:
    """A text on one line, without what cannot be shown; ValueError where it is none, empty or too long."""
    if isinstance(value, dict | list) or value is None:
        raise ValueError("a text is expected here")
    text = " ".join(str(value).split())
    if not text:
        raise ValueError("is empty; a text is expected here")
    if len(text) > LONGEST_TEXT:
        raise ValueError(f"{said(text)} is longer than {LONGEST_TEXT} characters")
    if not all(letter.isprintable() for letter in text):
        raise ValueError(f"{said(text)} holds characters that cannot be shown")
    return text


def _policy_name(value: object) -> str:
    text = text_of(value)
    if not _NAME.fullmatch(text):
        raise ValueError(f"{said(text)} is no name; use lower case letters, digits, - and _, at most {LONGEST_NAME}")
    return text


def _channel(value: object) -> str:
    text = text_of(value)
    if not _CHANNEL.fullmatch(text):
        raise ValueError(
            f"{said(text)} is no channel id; one looks like C0123ABCD and stands at the end of the channel's details",
        )
    return text


def _person(value: object) -> str:
    text = text_of(value)
    if not _PERSON.fullmatch(text):
        raise ValueError(
            f"{said(text)} is neither a user id nor a user group id; they look like U0123ABCD and S0123ABCD",
        )
    return text


def _allowed(value: object) -> str:
    text = text_of(value)
    if text.casefold() in _WORDS:
        return text.casefold()
    if not _PERSON.fullmatch(text):
        raise ValueError(f"{said(text)} is nobody{meant(text, (*_WORDS, 'user ids (U…)', 'user group ids (S…)'))}")
    return text


def _action(value: object) -> str:
    text = text_of(value)
    if text not in PRESSES:
        raise ValueError(f"{said(text)} is nothing that people press{meant(text, PRESSES)}")
    return text


def _budget_of(value: object) -> str:
    text = text_of(value)
    return text if text == DEFAULT else _channel(text)


def rule_name(value: object) -> str:
    """A rule id, or a rule with its level as `rule/level`, in any spelling; ValueError where it is none."""
    text = re.sub(r"\s*/\s*", "/", text_of(value).casefold()).replace(" ", "_").replace("-", "_")
    if text not in RULE_NAMES:
        raise ValueError(f"{said(value)} is no rule{meant(str(value), RULE_NAMES)}")
    return text


def _status(value: object) -> str:
    text = text_of(value)
    status = canonical(text)
    if status is not Status.UNKNOWN or fold(text) == Status.UNKNOWN:
        return str(status)
    spelling = resolve(text)
    if spelling.status is not None:
        return str(spelling.status)
    names = " or ".join(f'"{title(one)}"' for one in spelling.suggestions)
    hint = f"did you mean {names}?" if spelling.near else f"some are {names}"
    raise ValueError(f"{said(text)} is no status; {hint}")


Text = Annotated[str, BeforeValidator(text_of)]
PolicyName = Annotated[str, BeforeValidator(_policy_name)]
ChannelId = Annotated[str, BeforeValidator(_channel)]
PersonId = Annotated[str, BeforeValidator(_person)]
Allowed = Annotated[str, BeforeValidator(_allowed)]
BudgetName = Annotated[str, BeforeValidator(_budget_of)]
Press = Annotated[str, BeforeValidator(_action)]
RuleName = Annotated[str, BeforeValidator(rule_name)]
StatusId = Annotated[str, BeforeValidator(_status)]
