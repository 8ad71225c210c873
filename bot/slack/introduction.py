"""Whether Slack takes the bot's token: asked when the bot begins, and told by Slack when it does so no longer."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from sqlalchemy.orm import Session

from bot.alerts.rulebook import Rulebook
from bot.clock import Clock
from bot.delivery.pacing import Terms
from bot.delivery.settling import UNREACHABLE, Settling
from bot.delivery.slack_codes import OF_TOKEN
from bot.slack.deps import Identity
from storage import outgoing
from storage.engine import Database
from storage.outgoing import WORKSPACE

log = structlog.get_logger(__name__)

Rules = Callable[[Session], Rulebook]


def introduce(client: WebClient, database: Database, clock: Clock, rules: Rules, identity: Identity) -> bool:
    """Ask Slack who the bot is; True where what had waited for a token that Slack takes goes out now.

    A token that it does not take is known from then on, although nothing waits to be told.
    """
    try:
        told = client.auth_test()
    except SlackApiError as error:
        code = str(error.response.get("error"))
        log.warning("slack_refuses_the_token", reason=code)
        if code in OF_TOKEN:
            pause(database, clock, rules, code)
        return False
    except OSError as error:
        log.warning("slack_not_reached", reason=type(error).__name__)
        return False
    identity.bot_id, identity.bot_user_id = told.get("bot_id"), told.get("user_id")
    identity.team_id, identity.enterprise_id = told.get("team_id"), told.get("enterprise_id") or ""
    log.info("slack_knows_the_bot", team=told.get("team_id"))
    return _go_on(database, clock)


def pause(database: Database, clock: Clock, rules: Rules, code: str) -> None:
    """Nothing goes out any more; all that was wished for stays, and goes out once there is a token that works."""
    with database.write() as session:
        routing = rules(session).routing
        Settling(terms=Terms(), admins=routing.admins, fallback=routing.alert_channel or None).mark(
            session, WORKSPACE, code, clock(),
        )


def _go_on(database: Database, clock: Clock) -> bool:
    """Where Slack took nothing because of the token, it does now: what waits for the next try goes out at once."""
    with database.read() as session:
        pace = outgoing.paces(session).get(WORKSPACE)
    if pace is None or pace.broken_code not in OF_TOKEN | {UNREACHABLE}:
        return False
    with database.write() as session:
        is_mended = outgoing.go_on(session, WORKSPACE, clock())
    if is_mended:
        log.info("channel_works_again", channel=WORKSPACE)
    return is_mended
