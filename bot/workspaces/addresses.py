"""Which workspace a request of Slack's is for. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from slack_bolt.request.internals import extract_enterprise_id, extract_is_enterprise_install, extract_team_id

from bot.origin import signer
from storage.rooms import TEAM


@dataclass(frozen=True, kw_only=True)
class Address:
    """A workspace and its organisation, each empty where the request names none."""

    team_id: str = ""
    enterprise_id: str = ""
    is_enterprise_install: bool = False
    bot_id: str = ""
    """Whose message or window it is about. In a channel that organisations share, who presses may be a stranger."""


def address(body: Mapping[str, Any]) -> Address:
    """What the body of a request says. Bodies of whatever shape are taken.

    What a workspace's bot has drawn is that workspace's, whoever presses it, and wherever they are at home.
    """
    payload = {name: value for name, value in body.items() if value is not None}
    found = _named(payload)
    drawn_by = signer(body)
    if drawn_by and drawn_by != found.team_id:
        # The organisation is the presser's, and says nothing of the other workspace.
        return Address(team_id=drawn_by)
    return replace(found, bot_id="") if drawn_by else found


def _named(payload: dict[str, Any]) -> Address:
    return Address(
        team_id=next((one for one in map(_text, _teams(payload)) if _is_id(one, "T")), ""),
        enterprise_id=next((one for one in map(_text, _organisations(payload)) if _is_id(one, "E")), ""),
        is_enterprise_install=_tried(extract_is_enterprise_install, payload) is True,
        bot_id=_text(_part(payload, "message").get("bot_id")) or _text(_part(payload, "view").get("bot_id")),
    )


def teams_of(event: Mapping[str, Any]) -> set[str]:
    """The workspaces that an event about several of an organisation names."""
    named = event.get("team_ids")
    return {one for one in map(_text, named) if _is_id(one, "T")} if isinstance(named, list) else set()


def _teams(payload: dict[str, Any]) -> Iterator[object]:
    # With an organisation's installation `team` is null, and a window names the organisation instead.
    yield _tried(extract_team_id, payload)
    yield payload.get("team_id")
    for name in ("view", "user"):
        yield _part(payload, name).get("team_id")
    yield payload.get("context_team_id")


def _organisations(payload: dict[str, Any]) -> Iterator[object]:
    yield _tried(extract_enterprise_id, payload)
    yield payload.get("enterprise_id")
    yield _part(payload, "view").get("app_installed_team_id")
    yield payload.get("context_enterprise_id")


def _tried(read: Any, payload: dict[str, Any]) -> object:  # noqa: ANN401 - one of Bolt's own readers
    try:
        return read(payload)
    except (AttributeError, TypeError, KeyError, IndexError, RecursionError):
        # Bolt takes the shape for granted; what has another one names nobody.
        return None


def _part(payload: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = payload.get(name)
    return part if isinstance(part, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _is_id(value: str, first: str) -> bool:
    return value.startswith(first) and TEAM.fullmatch(value) is not None
