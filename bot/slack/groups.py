"""Who is in the user groups that permissions name, and what the user groups of the workspace are called."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog
from slack_sdk import WebClient
from sqlalchemy.orm import Session

from bot.alerts.rulebook import Rulebook
from bot.slack.replies import UNANSWERED, reason
from storage import group_names
from storage import people as stored
from storage.engine import Database

log = structlog.get_logger(__name__)

FRESH = timedelta(minutes=9)
"""Asked again when older than this: the job comes every ten minutes, in each of several processes."""
NAMES_FRESH = timedelta(minutes=10)
"""What groups are called is asked again when older than this, whenever a form opens in which one is chosen."""
KNOWN, NO_SCOPE, SILENT = range(3)
"""Whether groups can be offered by name: yes; no, for the app may not see them; no, Slack does not say just now."""


def refresh(
    database: Database, client: WebClient, rules: Callable[[Session], Rulebook], now: datetime, team_id: str = "",
) -> int:
    """Ask Slack about each group that is named and was not asked about lately; gives how many were asked about.

    `team_id` is the workspace whose groups these are, which the token of an organisation does not tell.
    """
    with database.read() as session:
        named, known = rules(session).permissions.groups, stored.groups(session)
    old = [group for group in sorted(named) if group not in known or now - known[group].fetched_at > FRESH]
    return sum(ask(database, client, group, now, team_id) for group in old)


def ask(database: Database, client: WebClient, group: str, now: datetime, team_id: str = "") -> bool:
    """Ask Slack who is in a group, and keep it; False where Slack does not say, and what was known stays.

    `team_id` is as in `refresh`.
    """
    try:
        answer = client.usergroups_users_list(usergroup=group, team_id=team_id or None)
    except UNANSWERED as error:
        log.warning("usergroups.users.list failed", group=group, error=reason(error))
        return False
    users = answer.get("users")
    members = [user for user in users if isinstance(user, str)] if isinstance(users, list) else []
    with database.write() as session:
        stored.keep_group(session, group, members, now)
    return True


def learn_names(database: Database, client: WebClient, now: datetime, team_id: str = "") -> int:
    """Ask Slack what its user groups are called, if that is not known or old; gives how it stands (`KNOWN` and so on).

    `team_id` is as in `refresh`. Never to be called while Slack waits for an answer.
    """
    with database.read() as session:
        known = group_names.read(session)
    if known.fetched_at is not None and now - known.fetched_at < NAMES_FRESH:
        return KNOWN
    try:
        answer = client.usergroups_list(team_id=team_id or None)
    except UNANSWERED as error:
        log.warning("usergroups.list failed", error=reason(error))
        # A scope that was taken away goes for what is known, too: who is in a group is not known either then.
        return NO_SCOPE if reason(error) == "missing_scope" else KNOWN if known.names else SILENT
    listed = answer.get("usergroups")
    names = dict(_named(one) for one in listed if _is_group(one)) if isinstance(listed, list) else {}
    with database.write() as session:
        group_names.keep(session, names, now)
    return KNOWN


def _is_group(one: object) -> bool:
    return isinstance(one, dict) and isinstance(one.get("id"), str) and not one.get("date_delete")


def _named(one: Mapping[str, Any]) -> tuple[str, tuple[str, str]]:
    return one["id"], (str(one.get("name") or ""), str(one.get("handle") or ""))
