"""Whether alerts can be assigned to somebody: a person of this workspace whose account is in use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from slack_sdk.errors import SlackApiError

from bot.slack import people
from bot.slack.deps import Deps
from bot.slack.outsiders import UNKNOWN, belongs
from bot.slack.replies import UNANSWERED, reason

log = structlog.get_logger(__name__)

SLACKBOT = "USLACKBOT"
APP = "That is an app. Choose a person."
SWITCHED_OFF = "That account is deactivated. Choose somebody else."
STRANGER = "That person does not belong to this workspace. Choose somebody else."
SILENT = "Slack does not say just now who that is. Please try again."


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Why nothing can be assigned to somebody, in plain words; empty where it can. Not `certain` without an answer."""

    problem: str = ""
    certain: bool = True


def ask(deps: Deps, user_id: str, team_id: str) -> Verdict:
    """Ask Slack about a user, and remember who it is. Never to be called while Slack waits for an answer."""
    try:
        answer = deps.client.users_info(user=user_id, include_locale=True)
    except UNANSWERED as error:
        if isinstance(error, SlackApiError) and reason(error) in UNKNOWN:
            return Verdict(problem=STRANGER)
        log.warning("users.info failed", error=reason(error))
        return Verdict(problem=SILENT, certain=False)
    user = answer.get("user")
    if not isinstance(user, dict):
        return Verdict(problem=SILENT, certain=False)
    try:
        problem = _problem(deps, user, team_id)
    except UNANSWERED as error:
        log.warning("auth.test failed", error=reason(error))
        return Verdict(problem=SILENT, certain=False)
    if not problem:
        people.keep(deps, user_id, user)
    return Verdict(problem=problem)


def _problem(deps: Deps, user: Mapping[str, Any], team_id: str) -> str:
    if user.get("is_bot") or user.get("is_workflow_bot") or user.get("id") == SLACKBOT:
        return APP
    if user.get("deleted"):
        return SWITCHED_OFF
    # In a window `team_id` is that of who has opened it, who may be at home elsewhere in the organisation.
    own = deps.identity.team_id or team_id
    return "" if belongs(deps.identity, deps.client, user, own) else STRANGER
