"""The app that is installed in the playground's workspace, as its manifest describes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

TEAM_ID, TEAM_NAME, TEAM_DOMAIN = "T0DEMO", "Acorn", "acorn"
APP_ID, BOT_USER, BOT_ID, BOT_NAME = "A0SENDWATCH", "U0SENDWATCH", "B0SENDWATCH", "sendwatch"


@dataclass(frozen=True, kw_only=True)
class Command:
    command: str
    description: str = ""
    usage_hint: str = ""
    should_escape: bool = False


COMMANDS = (
    Command(
        command="/send-status",
        description="Where is this send, and what happens next?",
        usage_hint="[e-mail, name, company, campaign or tracking code]",
    ),
    Command(
        command="/send-meaning",
        description="What does this status mean?",
        usage_hint="[status]",
    ),
    Command(
        command="/sends",
        description="Sends that are stuck, your own, and open alerts",
        usage_hint="[stuck | mine | alerts | help]",
    ),
)
"""What can be typed when no manifest is given."""

EVENTS = frozenset({"app_home_opened", "app_mention", "message.im"})
"""What is delivered when no manifest is given."""


@dataclass(frozen=True, kw_only=True)
class SlackApp:
    """What the app may do: `scopes` None stands for every scope."""

    commands: tuple[Command, ...] = COMMANDS
    scopes: frozenset[str] | None = None
    events: frozenset[str] = EVENTS
    home_tab: bool = True
    messages_tab: bool = True

    @classmethod
    def from_manifest(cls, manifest: Mapping[str, Any] | None) -> SlackApp:
        """The app of a parsed manifest; None gives an app that may do everything."""
        if manifest is None:
            return cls()
        features, settings = manifest.get("features", {}), manifest.get("settings", {})
        commands = [
            Command(
                command=entry["command"],
                description=entry.get("description", ""),
                usage_hint=entry.get("usage_hint", ""),
                should_escape=entry.get("should_escape", False),
            )
            for entry in features.get("slash_commands", [])
        ]
        return cls(
            commands=tuple(commands),
            scopes=frozenset(manifest.get("oauth_config", {}).get("scopes", {}).get("bot", [])),
            events=frozenset(settings.get("event_subscriptions", {}).get("bot_events", [])),
            home_tab=features.get("app_home", {}).get("home_tab_enabled", False),
            messages_tab=features.get("app_home", {}).get("messages_tab_enabled", True),
        )

    def command(self, name: str) -> Command | None:
        """The command of that name, with its slash."""
        return next((command for command in self.commands if command.command == name), None)

    def may(self, scope: str) -> bool:
        """Whether the bot token carries this scope."""
        return self.scopes is None or scope in self.scopes
