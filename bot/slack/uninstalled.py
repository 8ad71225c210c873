"""Slack says that the app was uninstalled, or its token withdrawn: the bot pauses, and says so where admins look.

Where it serves several workspaces such a word does not come this far: `bot.workspaces.front` takes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import structlog
from slack_bolt import App

from bot.slack import introduction, payloads
from bot.slack.deps import Deps

log = structlog.get_logger(__name__)

REVOKED = "token_revoked"
"""What Slack would answer to the next call."""


def register(app: App, deps: Deps) -> None:
    """Listen for the app being uninstalled, and for its token being withdrawn."""

    @app.event("app_uninstalled")
    @app.event("tokens_revoked")
    def uninstalled(event: Mapping[str, Any]) -> None:
        if payloads.is_uninstall(event):
            introduction.pause(deps.database, deps.clock, deps.rules, REVOKED)
            log.error(
                "uninstalled", mend="Install the app again; with SLACK_BOT_TOKEN, set it to the new token and restart.",
            )
