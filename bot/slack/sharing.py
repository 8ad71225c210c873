"""Channels that people of another organisation read as well."""

from __future__ import annotations

import structlog

from bot.slack.deps import Deps
from bot.slack.replies import UNANSWERED, reason

log = structlog.get_logger(__name__)


def is_shared(deps: Deps, channel: str) -> bool:
    """Whether people of another organisation read along, as far as Slack says so; nobody waits for it long."""
    try:
        told = deps.quick.conversations_info(channel=channel).get("channel")
    except UNANSWERED as error:
        log.info("channel not looked at", error=reason(error))
        return False
    return isinstance(told, dict) and told.get("is_ext_shared") is True
