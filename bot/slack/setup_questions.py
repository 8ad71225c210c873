"""What Slack is asked to see whether everything is set up: nothing is changed there, and nothing takes long."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.clock import system_clock
from bot.doctor.told import ChannelTold, PersonTold, SlackTold
from bot.redirects import staying
from bot.slack.replies import UNANSWERED, reason

PATIENCE = 5
"""Seconds that one question may take."""
MOST = 40
"""Channels, people and groups of each that are asked about; Slack allows about fifty questions a minute."""
RATE_LIMITED = "ratelimited"
Answer = TypeVar("Answer")


class UnreachableError(Exception):
    """Slack cannot be asked; the text says why."""


def client(token: str, url: str) -> WebClient:
    """A client that gives up soon and asks nothing twice."""
    # What goes wrong stands in the report; the SDK would write it between the lines of a terminal, too.
    quiet = logging.getLogger("bot.slack.setup")
    quiet.disabled = True
    return staying(WebClient(token=token, base_url=url, timeout=PATIENCE, retry_handlers=[], logger=quiet))


def ask(
    client: WebClient, channels: Iterable[str], people: Iterable[str], groups: Iterable[str],
    *, is_connected: bool | None = None, team_id: str = "",
) -> SlackTold:
    """What Slack says of the token, and of those whom the configuration names.

    `team_id` is the workspace that is asked about, which the token of an organisation does not tell.
    """
    try:
        answer = client.auth_test()
    except SlackApiError as error:
        skew = _skew(error.response.headers) if hasattr(error.response, "headers") else None
        return SlackTold(error=reason(error), skew=skew, is_connected=is_connected)
    except UNANSWERED as error:
        return SlackTold(unreachable=_words(error), is_connected=is_connected)
    headers, known = answer.headers, SlackTold(is_connected=is_connected)
    try:
        return SlackTold(
            team=str(answer.get("team") or ""), scopes=_scopes(headers), skew=_skew(headers),
            is_connected=known.is_connected,
            channels=_each(channels, lambda one: _channel(client, one), lambda code: ChannelTold(error=code)),
            people=_each(people, lambda one: _person(client, one), lambda code: PersonTold(error=code)),
            groups=_each(groups, lambda one: _group(client, one, team_id), lambda code: code),
        )
    except UnreachableError as error:
        return SlackTold(unreachable=str(error), skew=_skew(headers), is_connected=is_connected)


def _each(
    ids: Iterable[str], one: Callable[[str], Answer], refused: Callable[[str], Answer],
) -> dict[str, Answer]:
    found: dict[str, Answer] = {}
    for name in list(ids)[:MOST]:
        try:
            found[name] = one(name)
        except SlackApiError as error:
            code = reason(error)
            found[name] = refused(code)
            if code == RATE_LIMITED:
                break
        except UNANSWERED as error:
            raise UnreachableError(_words(error)) from None
    return found


def _channel(client: WebClient, channel: str) -> ChannelTold:
    told = _part(client.conversations_info(channel=channel).get("channel"))
    return ChannelTold(
        is_archived=told.get("is_archived") is True, is_member=told.get("is_member") is True,
        is_private=told.get("is_private") is True, is_shared=told.get("is_ext_shared") is True,
    )


def _person(client: WebClient, user: str) -> PersonTold:
    told = _part(client.users_info(user=user).get("user"))
    return PersonTold(is_deleted=told.get("deleted") is True, is_bot=told.get("is_bot") is True)


def _group(client: WebClient, group: str, team_id: str) -> str:
    client.usergroups_users_list(usergroup=group, team_id=team_id or None)
    return ""


def _part(answer: object) -> Mapping[str, Any]:
    return answer if isinstance(answer, dict) else {}


def _header(headers: Mapping[str, Any], name: str) -> str | None:
    found = next((value for key, value in headers.items() if str(key).lower() == name), None)
    # The SDK gives lists of values with some of its transports.
    found = found[0] if isinstance(found, list) and found else found
    return found if isinstance(found, str) else None


def _scopes(headers: Mapping[str, Any]) -> frozenset[str] | None:
    told = _header(headers, "x-oauth-scopes")
    return frozenset(one.strip() for one in told.split(",") if one.strip()) if told is not None else None


def _skew(headers: Mapping[str, Any]) -> timedelta | None:
    """By how much this machine's own clock, by which signatures are judged, is before Slack's."""
    told = _header(headers, "date")
    try:
        theirs = parsedate_to_datetime(told) if told else None
    except ValueError:
        return None
    if theirs is None:
        return None
    return system_clock() - (theirs if theirs.tzinfo else theirs.replace(tzinfo=UTC))


def _words(error: BaseException) -> str:
    """Why no answer came, without any address in it."""
    inner = getattr(error, "reason", error)
    told = getattr(inner, "strerror", None)
    return f"{type(inner).__name__}: {told}" if isinstance(told, str) and told else type(inner).__name__
