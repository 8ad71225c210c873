"""What Slack's edge works with; put together once, by the wiring."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field

from slack_sdk import WebClient
from sqlalchemy.orm import Session

from bot.alerts.rulebook import Rulebook
from bot.clock import Clock
from bot.config.current import InForce
from bot.config.document import Document
from bot.doctor.finding import Report
from bot.origin import ALONE, Origin
from bot.privacy.looked_up import Asked
from bot.sends.connecting import Desk
from storage.engine import Database


@dataclass(kw_only=True)
class Identity:
    """Who the bot is in Slack, as auth.test says. Filled in when that is known; nothing waits for it."""

    bot_id: str | None = None
    bot_user_id: str | None = None
    team_id: str | None = None
    enterprise_id: str | None = None
    """The organisation to which the workspace belongs; empty where it is in none."""


@dataclass(frozen=True, kw_only=True)
class Deps:
    """Everything that a listener may use. `executor` does what waits for Slack, so that no answer waits for it."""

    database: Database
    clock: Clock
    rules: Callable[[Session], Rulebook]
    """What admins have set, as it is now."""
    configured: Callable[[Session], InForce]
    """The same as a document, with the versions of its sections."""
    drafted: Callable[[Document], Rulebook]
    """What a configuration would be in force as."""
    executor: Executor
    client: WebClient
    quick: WebClient
    """The same, for what an answer waits for: gives up after a second."""
    wake: Callable[[], None]
    """Called after a press has been recorded: the changed messages are drawn now, not at the next tick."""
    check_setup: Callable[[], Report] | None = None
    """Looks whether everything is set up: asks Slack and Sendoso, and so takes seconds."""
    count_press: Callable[[str, str], None] = lambda _action, _outcome: None
    """Told each press and what became of it, for the metrics."""
    count_refused: Callable[[str], None] = lambda _reason: None
    """Told why a request was refused because of where somebody is at home, for the metrics."""
    record: Callable[[Asked], None] = lambda _: None
    """Told what somebody has looked up that goes on record, for as long as the request lasts; does not wait."""
    sendoso: Desk | None = None
    """Where the workspace's access to Sendoso is changed; None where the environment gives it."""
    origin: Origin = ALONE
    """For which of several workspaces the bot speaks."""
    offered: frozenset[str] = frozenset()
    """Action ids of the buttons that are listened to."""
    identity: Identity = field(default_factory=Identity)
