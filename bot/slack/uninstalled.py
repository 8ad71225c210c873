"""Slack says that the app was uninstalled, or its token withdrawn: the bot pauses, and says so where admins look.

Where it serves several workspaces such a word does not come this far: `bot.workspaces.front` takes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import structlog
from slack_bolt import App

from bot.delivery.pacing import Terms
from bot.delivery.settling import Settling
from bot.slack import payloads
from bot.slack.deps import Deps
from storage.outgoing import WORKSPACE

log = structlog.get_logger(__name__)

REVOKED = "token_revoked"
"""What Slack would answer to the next call."""


def register(app: App, deps: Deps) -> None:
    """Listen for the app being uninstalled, and for its token being withdrawn."""

    @app.event("app_uninstalled")
    @app.event("tokens_revoked")
    def uninstalled(event: Mapping[str, Any]) -> None:
        if payloads.is_uninstall(event):
            _pause(deps)


def _pause(deps: Deps) -> None:
    """Nothing goes out any more; all that was wished for stays, and goes out once there is a token that works."""
    now = deps.clock()
    with deps.database.write() as session:
        routing = deps.rules(session).routing
        Settling(terms=Terms(), admins=routing.admins, fallback=routing.alert_channel or None).mark(
            session, WORKSPACE, REVOKED, now,
        )
    log.error("uninstalled", mend="Install the app again; with SLACK_BOT_TOKEN, set it to the new token and restart.")
