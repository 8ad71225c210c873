"""The app as all workspaces know it: its secrets, and the codes with which it is being installed."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.playground.slack import Slack


@dataclass(frozen=True, kw_only=True)
class Code:
    """What a code stands for: somebody allowed the app in a workspace, to be sent back to an address."""

    slack: Slack
    user: str
    redirect_uri: str


@dataclass(kw_only=True)
class Installs:
    """Shared by the workspaces of one app."""

    client_id: str = "1234.5678"
    client_secret: str = field(default_factory=lambda: secrets.token_hex(16))
    workspaces: list[Slack] = field(default_factory=list)
    codes: dict[str, Code] = field(default_factory=dict)

    def allow(self, team_id: str, user: str, redirect_uri: str) -> str:
        """Somebody presses Allow; gives the code that the app may exchange, once. KeyError for no workspace of ours."""
        slack = {one.team.id: one for one in self.workspaces}[team_id]
        code = secrets.token_hex(12)
        self.codes[code] = Code(slack=slack, user=user, redirect_uri=redirect_uri)
        return code
