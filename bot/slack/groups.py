"""Who is in the user groups that permissions name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from slack_sdk import WebClient
from sqlalchemy.orm import Session

from bot.alerts.rulebook import Rulebook
from bot.slack.replies import UNANSWERED, reason
from storage import people as stored
from storage.engine import Database

log = structlog.get_logger(__name__)

FRESH = timedelta(minutes=9)
"""Asked again when older than this: the job comes every ten minutes, in each of several processes."""


def refresh(database: Database, client: WebClient, rules: Callable[[Session], Rulebook], now: datetime) -> int:
    """Ask Slack about each group that is named and was not asked about lately; gives how many were asked about."""
    with database.read() as session:
        named, known = rules(session).permissions.groups, stored.groups(session)
    old = [group for group in sorted(named) if group not in known or now - known[group].fetched_at > FRESH]
    return sum(ask(database, client, group, now) for group in old)


def ask(database: Database, client: WebClient, group: str, now: datetime) -> bool:
    """Ask Slack who is in a group, and keep it; False where Slack does not say, and what was known stays."""
    try:
        answer = client.usergroups_users_list(usergroup=group)
    except UNANSWERED as error:
        log.warning("usergroups.users.list failed", group=group, error=reason(error))
        return False
    users = answer.get("users")
    members = [user for user in users if isinstance(user, str)] if isinstance(users, list) else []
    with database.write() as session:
        stored.keep_group(session, group, members, now)
    return True
