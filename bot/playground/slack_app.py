"""The app that is installed in the playground's workspace, as its manifest describes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

TEAM_ID, TEAM_NAME, TEAM_DOMAIN = "T0DEMO", "Acorn", "acorn"
APP_ID, BOT_USER, BOT_ID, BOT_NAME = "A0SENDWATCH", "U0SENDWATCH", "B0SENDWATCH", "sendwatch"


@dataclass(frozen=True, kw_only=True)
class Team:
    """A workspace as payloads name it, and the organisation that has installed the app for it, if one has."""

    id: str = TEAM_ID
    name: str = TEAM_NAME
    domain: str = TEAM_DOMAIN
    enterprise_id: str = ""

    @property
    def form(self) -> dict[str, str]:
        """How an interaction names it."""
        return {"id": self.id, "domain": self.domain}

    @property
    def enterprise(self) -> dict[str, str] | None:
        """How an interaction names the organisation."""
        return {"id": self.enterprise_id, "name": "Forest"} if self.enterprise_id else None


@dataclass(frozen=True, kw_only=True)
class Command:
    command: str
    description: str = ""
    usage_hint: str = ""
    should_escape: bool = False


@dataclass(frozen=True, kw_only=True)
class Shortcut:
    """What stands in a menu: of the workspace (`type` global) or of a message (`type` message)."""

    name: str
    type: str
    callback_id: str
    description: str = ""


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

EVENTS = frozenset({"app_home_opened", "app_mention", "link_shared", "message.im"})
"""What is delivered when no manifest is given."""


@dataclass(frozen=True, kw_only=True)
class SlackApp:
    """What the app may do: `scopes` None stands for every scope."""

    commands: tuple[Command, ...] = COMMANDS
    shortcuts: tuple[Shortcut, ...] = ()
    scopes: frozenset[str] | None = None
    events: frozenset[str] = EVENTS
    home_tab: bool = True
    messages_tab: bool = True
    messages_read_only: bool = False
    """Whether people may not write in the app's Messages tab."""
    unfurl_domains: tuple[str, ...] = ()

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
        shortcuts = [
            Shortcut(
                name=entry["name"], type=entry["type"], callback_id=entry["callback_id"],
                description=entry.get("description", ""),
            )
            for entry in features.get("shortcuts", [])
        ]
        tabs = features.get("app_home", {})
        return cls(
            commands=tuple(commands),
            shortcuts=tuple(shortcuts),
            scopes=frozenset(manifest.get("oauth_config", {}).get("scopes", {}).get("bot", [])),
            events=frozenset(settings.get("event_subscriptions", {}).get("bot_events", [])),
            home_tab=tabs.get("home_tab_enabled", False),
            messages_tab=tabs.get("messages_tab_enabled", True),
            messages_read_only=tabs.get("messages_tab_read_only_enabled", False),
            unfurl_domains=tuple(features.get("unfurl_domains", [])),
        )

    def command(self, name: str) -> Command | None:
        """The command of that name, with its slash."""
        return next((command for command in self.commands if command.command == name), None)

    def shortcut(self, type_: str, named: str) -> Shortcut | None:
        """The shortcut of that type ("global", "message"), by its name or callback id."""
        return next(
            (one for one in self.shortcuts if one.type == type_ and named in {one.name, one.callback_id}), None,
        )

    def unfurls(self, host: str) -> bool:
        """Whether links to that host are told to the app: the registered domains, and what lies beneath them."""
        return any(host == domain or host.endswith(f".{domain}") for domain in self.unfurl_domains)

    def may(self, scope: str) -> bool:
        """Whether the bot token carries this scope."""
        return self.scopes is None or scope in self.scopes
