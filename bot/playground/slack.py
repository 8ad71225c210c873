"""Everything that one small Slack consists of, in one place."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any

from bot.playground.calls import Calls
from bot.playground.clock import PlayClock
from bot.playground.faults import Faults
from bot.playground.files import Files
from bot.playground.installs import Installs
from bot.playground.rate_limits import RateLimits
from bot.playground.response_urls import ResponseUrls
from bot.playground.slack_app import APP_ID, SlackApp, Team
from bot.playground.slack_errors import SlackError
from bot.playground.slack_state import SlackState
from bot.playground.triggers import LIFETIME, Triggers
from bot.playground.unfurls import Unfurls
from bot.playground.views import Views
from bot.playground.workspace import Channel


def _token(prefix: str) -> str:
    return f"{prefix}-{secrets.token_hex(12)}"


@dataclass(kw_only=True)
class Slack:
    """The workspace with its one app, its rules and its secrets."""

    clock: PlayClock
    app: SlackApp = field(default_factory=SlackApp)
    team: Team = field(default_factory=Team)
    installs: Installs = field(default_factory=Installs)
    """Of the app in all workspaces."""
    revoked: bool = False
    """Whether the app was uninstalled, so that its token is void."""
    faults: Faults = field(default_factory=Faults)
    calls: Calls = field(default_factory=Calls)
    bot_token: str = field(default_factory=lambda: _token("xoxb-playground"))
    app_token: str = field(default_factory=lambda: _token(f"xapp-1-{APP_ID}-1"))
    signing_secret: str = field(default_factory=lambda: secrets.token_hex(16))
    verification_token: str = field(default_factory=lambda: secrets.token_hex(12))
    ack_timeout: float = 3.0
    """Real seconds within which the app must acknowledge a payload."""
    url: str = ""

    def __post_init__(self) -> None:
        self.installs.workspaces.append(self)
        self.state = SlackState(self.clock)
        self.views = Views(self.state)
        self.files = Files()
        self.unfurls = Unfurls()
        # People and networks are no faster where the clock is.
        self.triggers = Triggers(self.clock, LIFETIME * max(1.0, self.clock.speed))
        self.response_urls = ResponseUrls(self.clock)
        self.limits = RateLimits(self.clock)
        self.tickets: set[str] = set()
        self.clock.on_advance(lambda now: self.state.publish("clock", {"now": now.isoformat()}))

    def of_the_app(self) -> dict[str, Any]:
        """What is the same in every workspace that has the app."""
        names = ("installs", "app_token", "signing_secret", "verification_token")
        return {name: getattr(self, name) for name in names}

    def grant(self) -> str:
        """The app is installed: a new token, which makes the former one void."""
        self.bot_token, self.revoked = _token("xoxb-playground"), False
        return self.bot_token

    def stands_at(self, url: str) -> None:
        """Tells where this Slack is served, for the addresses it gives out."""
        self.url = self.response_urls.base = self.files.base = url

    def need(self, *scopes: str) -> None:
        """SlackError `missing_scope` unless the bot token carries one of these."""
        if not any(self.app.may(scope) for scope in scopes):
            provided = ",".join(sorted(self.app.scopes or ()))
            raise SlackError("missing_scope", needed=",".join(scopes), provided=provided)

    def need_team(self, given: str) -> None:
        """What lists things of a workspace must be told which one it is, where the token is an organisation's.

        SlackError `missing_argument` without it, `team_access_not_granted` for another one.
        """
        if self.team.enterprise_id and given != self.team.id:
            raise SlackError("team_access_not_granted" if given else "missing_argument")

    def need_for(self, channel: Channel, verb: str) -> None:
        """The scope that reading or listing this kind of channel takes (`verb`: history, read)."""
        kind = "im" if channel.is_im else "groups" if channel.is_private else "channels"
        self.need(f"{kind}:{verb}")
