"""What Slack's answers come to: done, or one of four kinds of trouble, each with what it leaves certain."""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from slack_sdk.web import SlackResponse

from bot.delivery.slack_codes import Blame, blame


@dataclass(frozen=True, kw_only=True)
class Done:
    """Slack has done it. `ts` and `channel` are those of the message, where there is one."""

    ts: str
    channel: str


@dataclass(frozen=True, kw_only=True)
class Page:
    """Messages of a channel, the newest first. An empty `cursor` says that this was the last page."""

    messages: list[dict[str, Any]]
    cursor: str


@dataclass(frozen=True, kw_only=True)
class Shares:
    """The messages in which a file stands: their ts by channel id, the oldest first. Slack fills it in late."""

    by_channel: Mapping[str, tuple[str, ...]]

    def in_channel(self, channel: str) -> tuple[str, ...]:
        return self.by_channel.get(channel, ())


@dataclass(frozen=True, kw_only=True)
class SlackUser:
    """A person as Slack knows them; `is_reachable` is False for bots and for accounts that are switched off."""

    user_id: str
    team_id: str
    name: str
    tz: str
    is_reachable: bool


@dataclass(frozen=True, kw_only=True)
class RateLimited:
    """Too fast: not done, and not before `after` has passed."""

    after: timedelta


@dataclass(frozen=True, kw_only=True)
class Refused:
    """Not done, for a reason that Slack names."""

    code: str
    blame: Blame


@dataclass(frozen=True, kw_only=True)
class Unreachable:
    """Not done: no connection came about."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class Unclear:
    """Nobody knows: the connection broke, the time was up, or the answer says nothing certain."""

    reason: str


Trouble = RateLimited | Refused | Unreachable | Unclear


@dataclass(frozen=True, kw_only=True)
class Waits:
    """How long "too fast" is taken to mean: `unsaid` where Slack names no time, and never more than `longest`."""

    unsaid: timedelta = timedelta(seconds=30)
    longest: timedelta = timedelta(hours=1)

    def read(self, headers: Mapping[str, Any]) -> timedelta:
        """The wait that a Retry-After header asks for, whatever stands in it."""
        value = next((v for name, v in headers.items() if name.lower() == "retry-after"), "")
        text = str(value[0] if isinstance(value, list) and value else value).strip()
        if not (text.isascii() and text.isdigit()):
            return self.unsaid
        return min(timedelta(seconds=max(1, int(text[:6]))), self.longest)


def refusal(response: SlackResponse | dict[str, Any], waits: Waits) -> Trouble:
    """What an answer without `ok` says."""
    if not isinstance(response, SlackResponse):
        return Unclear(reason="an answer of an unknown kind")
    if response.status_code == http.HTTPStatus.TOO_MANY_REQUESTS:
        return RateLimited(after=waits.read(response.headers))
    if response.status_code >= http.HTTPStatus.INTERNAL_SERVER_ERROR:
        return Unclear(reason=f"HTTP {response.status_code}")
    data = response.data
    code = data.get("error") if isinstance(data, dict) else None
    # Where the body was no JSON, the SDK puts a sentence of its own in the place of a code.
    if not isinstance(code, str) or not code.replace("_", "").isalnum():
        return Unclear(reason=f"HTTP {response.status_code} with an answer that is no JSON object")
    reason = blame(code)
    if reason is Blame.PACE:
        return RateLimited(after=waits.read(response.headers))
    return Unclear(reason=code) if reason is Blame.UNCLEAR else Refused(code=code, blame=reason)


def connection(reason: object) -> Unreachable | Unclear:
    """What it means that a connection failed for this reason."""
    # Only these three say for certain that not a byte of the request has left.
    never_sent = (ConnectionRefusedError, socket.gaierror, ssl.SSLCertVerificationError)
    if isinstance(reason, never_sent):
        return Unreachable(reason=words(reason))
    return Unclear(reason=words(reason))


def shares_of(file: object) -> Shares:
    """Where a file object of Slack's says that the file stands."""
    found: dict[str, set[str]] = {}
    shares = file.get("shares") if isinstance(file, dict) else None
    for kind in ("public", "private"):
        channels = shares.get(kind) if isinstance(shares, dict) else None
        for channel, entries in (channels if isinstance(channels, dict) else {}).items():
            ts = {one.get("ts") for one in entries if isinstance(one, dict)} if isinstance(entries, list) else set()
            found.setdefault(channel, set()).update(one for one in ts if isinstance(one, str))
    return Shares(by_channel={channel: tuple(sorted(ts)) for channel, ts in found.items() if ts})


def user_of(user: object) -> SlackUser | None:
    """A user object of Slack's; None where it is none."""
    if not isinstance(user, dict) or not isinstance(user.get("id"), str):
        return None
    profile = user.get("profile")
    real_name = profile.get("real_name") if isinstance(profile, dict) else None
    return SlackUser(
        user_id=user["id"], team_id=str(user.get("team_id") or ""), tz=str(user.get("tz") or ""),
        name=str(real_name or user.get("real_name") or user.get("name") or ""),
        is_reachable=not (user.get("deleted") or user.get("is_bot")),
    )


def words(error: object) -> str:
    """An error in a line."""
    return f"{type(error).__name__}: {error}"[:200]


def ending(trouble: Trouble) -> str:
    """A trouble in a word, for counting."""
    return trouble.code if isinstance(trouble, Refused) else type(trouble).__name__.lower()
