"""Whether alerts can be assigned to somebody: a person of this workspace whose account is in use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from slack_sdk.errors import SlackApiError

from bot.slack import people
from bot.slack.deps import Deps
from bot.slack.replies import UNANSWERED, reason

log = structlog.get_logger(__name__)

SLACKBOT = "USLACKBOT"
APP = "That is an app. Choose a person."
SWITCHED_OFF = "That account is deactivated. Choose somebody else."
STRANGER = "That person does not belong to this workspace. Choose somebody else."
SILENT = "Slack does not say just now who that is. Please try again."
UNKNOWN = frozenset({"user_not_found", "user_not_visible", "users_not_found"})


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
    problem = _problem(user, team_id)
    if not problem:
        people.keep(deps, user_id, user)
    return Verdict(problem=problem)


def _problem(user: Mapping[str, Any], team_id: str) -> str:
    if user.get("is_bot") or user.get("is_workflow_bot") or user.get("id") == SLACKBOT:
        return APP
    if user.get("deleted"):
        return SWITCHED_OFF
    # In an organisation of several workspaces a person's own one may be another than where the alert stands.
    elsewhere = team_id and user.get("team_id") not in {None, "", team_id} and not user.get("enterprise_user")
    return STRANGER if user.get("is_stranger") or elsewhere else ""
