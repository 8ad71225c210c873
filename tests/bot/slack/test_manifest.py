"""The manifest and the code agree, in both directions."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from slack_sdk import WebClient

import bot
from bot.sends.checks import tracking_page
from bot.slack import grammar, shortcuts, unfurls
from tests.bot.slack.harness import Slack

ROOT = Path(bot.__file__).parent
HISTORY = frozenset({"channels:history", "groups:history", "im:history"})
SCOPES: dict[str, frozenset[str]] = {
    "chat.postMessage": frozenset({"chat:write"}),
    "chat.update": frozenset({"chat:write"}),
    "chat.delete": frozenset({"chat:write"}),
    "chat.unfurl": frozenset({"links:write"}),
    "conversations.history": HISTORY,
    "conversations.replies": HISTORY,
    "conversations.open": frozenset({"im:write"}),
    "conversations.info": frozenset({"channels:read", "groups:read"}),
    # The e-mail in the answer needs the second one.
    "users.info": frozenset({"users:read", "users:read.email"}),
    "users.lookupByEmail": frozenset({"users:read.email"}),
    "usergroups.list": frozenset({"usergroups:read"}), "usergroups.users.list": frozenset({"usergroups:read"}),
    "files.getUploadURLExternal": frozenset({"files:write"}),
    "files.completeUploadExternal": frozenset({"files:write"}),
    "files.info": frozenset({"files:read"}),
    "views.open": frozenset(), "views.push": frozenset(), "views.update": frozenset(), "views.publish": frozenset(),
    "auth.test": frozenset(), "apps.connections.open": frozenset(), "oauth.v2.access": frozenset(),
}
"""Slack's method -> the scopes that a bot needs for it."""
METHODS = {name for name in dir(WebClient) if "_" in name and not name.startswith("_")}
PUBLIC, PRIVATE = frozenset({"channels:read"}), frozenset({"groups:read"})
EVENT_SCOPES: dict[str, frozenset[str]] = {
    "app_home_opened": frozenset(),
    "member_joined_channel": PUBLIC | PRIVATE,
    "channel_left": PUBLIC, "channel_archive": PUBLIC, "channel_unarchive": PUBLIC, "channel_deleted": PUBLIC,
    "group_left": PRIVATE, "group_archive": PRIVATE, "group_unarchive": PRIVATE, "group_deleted": PRIVATE,
    "channel_id_changed": PUBLIC | PRIVATE,
    "app_mention": frozenset({"app_mentions:read"}), "message.im": frozenset({"im:history"}),
    "link_shared": frozenset({"links:read"}),
    "app_uninstalled": frozenset(), "tokens_revoked": frozenset(),
}


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT.parent / "manifest.yml").read_text())
    return found


def sources() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(ROOT.rglob("*.py")):
        if "playground" not in path.parts:
            yield path, ast.parse(path.read_text())


def called() -> set[str]:
    """Every Web API method that the code names: client.views_open(…) or "chat.postMessage"."""
    names = {method.replace("_", ".") for method in METHODS}
    found = set()
    for _, tree in sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr in METHODS:
                if isinstance(node.value, ast.Attribute | ast.Name) and "client" in ast.unparse(node.value):
                    found.add(node.attr.replace("_", "."))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and _is_method(node.value, names):
                found.add(node.value)
    return found - {"api.call"}


def _is_method(text: str, names: set[str]) -> bool:
    return bool(re.fullmatch(r"[a-z]+(\.[a-zA-Z]+)+", text)) and text in names


def test_scopes_are_just_those_that_the_code_needs(manifest: dict[str, Any]) -> None:
    used = called()
    assert used - set(SCOPES) == set(), "say in SCOPES what these methods need"
    assert {"chat.postMessage", "chat.update", "views.open", "users.info", "conversations.history"} <= used
    needed = {"commands"}.union(*(SCOPES[method] for method in used))
    needed = needed.union(*(EVENT_SCOPES[event] for event in events(manifest)))
    assert set(manifest["oauth_config"]["scopes"]["bot"]) == needed
    assert "user" not in manifest["oauth_config"]["scopes"]


def test_each_scope_has_its_reason() -> None:
    lines = (ROOT.parent / "manifest.yml").read_text().splitlines()
    scopes = [line for line in lines if re.match(r"\s+- (?!command:|name:)[a-z:.]+\b(?<!:)", line)]
    assert len(scopes) >= 8
    for line in scopes:
        assert re.search(r"# .{15,}", line), line


def test_commands_are_those_of_the_grammar(manifest: dict[str, Any]) -> None:
    told = {
        one["command"]: (one["description"], one["usage_hint"]) for one in manifest["features"]["slash_commands"]
    }
    assert told == {name: (one.does, one.hint) for name, one in grammar.COMMANDS.items()}
    assert len(told) == len(manifest["features"]["slash_commands"])


def test_every_command_of_the_manifest_is_answered(manifest: dict[str, Any], slack: Slack) -> None:
    for one in manifest["features"]["slash_commands"]:
        assert "does not know what to do" not in slack.command(one["command"], "help")["text"]


def events(manifest: dict[str, Any]) -> list[str]:
    found: list[str] = manifest["settings"]["event_subscriptions"]["bot_events"]
    return found


def test_events_are_those_that_are_listened_for(manifest: dict[str, Any]) -> None:
    listened = set()
    for _, tree in sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "event":
                listened |= {arg.value for arg in node.args if isinstance(arg, ast.Constant)}
    # Slack subscribes to messages by the kind of conversation, and sends all of them as "message".
    assert {event.partition(".")[0] for event in events(manifest)} == listened
    assert set(events(manifest)) == set(EVENT_SCOPES)
    assert len(events(manifest)) == len(set(events(manifest)))


def test_shortcuts_are_those_that_are_listened_for(manifest: dict[str, Any]) -> None:
    told = [(one["type"], one["callback_id"]) for one in manifest["features"]["shortcuts"]]
    known = [*(("global", name) for name in shortcuts.GLOBAL), *(("message", name) for name in shortcuts.MESSAGE)]
    assert sorted(told) == sorted(known)
    for one in manifest["features"]["shortcuts"]:
        assert set(one) == {"name", "type", "callback_id", "description"}
        assert 0 < len(one["name"]) <= 24
        assert 0 < len(one["description"]) <= 150


def test_links_are_unfolded_of_just_the_domains_that_are_known(manifest: dict[str, Any]) -> None:
    assert manifest["features"]["unfurl_domains"] == [unfurls.DOMAIN]
    link = f"https://{unfurls.DOMAIN}/track/{'a' * 40}"
    assert tracking_page(f"{link}?utm=1") == link


def test_menus_are_not_promised(manifest: dict[str, Any]) -> None:
    assert set(manifest["features"]) == {"app_home", "bot_user", "shortcuts", "slash_commands", "unfurl_domains"}
    assert "message_menu_options_url" not in manifest["settings"]["interactivity"]


def test_slack_takes_it_in_one_paste(manifest: dict[str, Any]) -> None:
    display, features, settings = manifest["display_information"], manifest["features"], manifest["settings"]
    assert len(display["name"]) <= 35
    assert len(display["description"]) <= 140
    assert 175 <= len(display["long_description"]) <= 4000
    assert re.fullmatch(r"#[0-9a-f]{6}", display["background_color"])
    assert len(features["bot_user"]["display_name"]) <= 80
    assert re.fullmatch(r"[\w\-. ]+", features["bot_user"]["display_name"])
    assert features["app_home"]["home_tab_enabled"] is True
    for command in features["slash_commands"]:
        assert re.fullmatch(r"/[a-z0-9_-]{1,31}", command["command"])
        assert 0 < len(command["description"]) <= 2000
        assert 0 < len(command["usage_hint"]) <= 1000
    assert settings["interactivity"]["is_enabled"] is True
    # Without Socket Mode Slack would ask for an address to send commands, presses and events to.
    assert settings["socket_mode_enabled"] is True
    assert set(manifest) <= {"_metadata", "display_information", "features", "oauth_config", "settings"}
