"""The one place that posts messages to Slack. Each call is made once and ends in a value, never in an exception."""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.error import URLError

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from bot.delivery.slack_codes import Blame, blame

EVENT_TYPE = "sendwatch_message"
DEFAULT_WAIT = timedelta(seconds=30)
"""How long to wait when Slack says "too fast" without saying for how long."""
LONGEST_WAIT = timedelta(hours=1)
PAGE = 200


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
Count = Callable[[str, str], None]
"""Told (method, how it ended) of every call."""


def _uncounted(_method: str, _ending: str) -> None: ...


class SlackWeb:
    """Slack's Web API for messages. `base_url` may be any stand-in; `timeout` must stay below the lease."""

    def __init__(
        self, token: str, base_url: str = WebClient.BASE_URL, *,
        timeout: timedelta = timedelta(seconds=10), count: Count = _uncounted,
    ) -> None:
        # The SDK's own handler sends a request again after a dropped connection, which posts twice.
        self._client = WebClient(
            token=token, base_url=base_url, timeout=max(1, round(timeout.total_seconds())), retry_handlers=[],
        )
        self._count = count

    def post(
        self, *, channel: str, text: str, blocks: list[dict[str, Any]], metadata: dict[str, Any],
        thread_ts: str | None = None,
    ) -> Done | Trouble:
        """A new message; `metadata` is what it can be found by later."""
        body: dict[str, Any] = {
            "channel": channel, "text": text, "blocks": blocks, "parse": "none", "link_names": False,
            "unfurl_links": False, "unfurl_media": False,
            "metadata": {"event_type": EVENT_TYPE, "event_payload": metadata},
        }
        if thread_ts is not None:
            body["thread_ts"] = thread_ts
        return self._message("chat.postMessage", body)

    def update(self, *, channel: str, ts: str, text: str, blocks: list[dict[str, Any]]) -> Done | Trouble:
        """Redraw a message. Doing it twice does no harm."""
        return self._message("chat.update", {
            "channel": channel, "ts": ts, "text": text, "blocks": blocks, "parse": "none", "link_names": False,
        })

    def delete(self, *, channel: str, ts: str) -> Done | Trouble:
        """Take away a message that stands there twice."""
        return self._message("chat.delete", {"channel": channel, "ts": ts})

    def history(
        self, *, channel: str, oldest: str, thread_ts: str | None = None, cursor: str = "",
    ) -> Page | Trouble:
        """A page of what was written since `oldest` (a Slack ts), with metadata; of a thread if one is named."""
        body: dict[str, Any] = {
            "channel": channel, "oldest": oldest, "inclusive": True, "include_all_metadata": True, "limit": PAGE,
        }
        if cursor:
            body["cursor"] = cursor
        if thread_ts is not None:
            body["ts"] = thread_ts
        found = self._call("conversations.replies" if thread_ts else "conversations.history", body)
        if not isinstance(found, dict):
            return found
        messages = found.get("messages")
        if not isinstance(messages, list):
            return Unclear(reason="history without messages")
        following = found.get("response_metadata")
        cursor = following.get("next_cursor") or "" if isinstance(following, dict) else ""
        return Page(messages=[one for one in messages if isinstance(one, dict)], cursor=cursor)

    def direct_channel(self, user: str) -> str | Trouble:
        """The channel id of the direct messages with a person."""
        found = self._call("conversations.open", {"users": user})
        if not isinstance(found, dict):
            return found
        channel = found.get("channel")
        name = channel.get("id") if isinstance(channel, dict) else None
        return name if isinstance(name, str) else Unclear(reason="no channel in the answer")

    def _message(self, method: str, body: dict[str, Any]) -> Done | Trouble:
        found = self._call(method, body)
        if not isinstance(found, dict):
            return found
        # A clear yes needs no more than what was not known before: only a new message gets its ts from Slack.
        ts, channel = found.get("ts") or body.get("ts"), found.get("channel") or body["channel"]
        if not isinstance(ts, str) or not isinstance(channel, str):
            return Unclear(reason=f"{method} answered without a ts")
        return Done(ts=ts, channel=channel)

    def _call(self, method: str, body: dict[str, Any]) -> dict[str, Any] | Trouble:
        found = self._answer(method, body)
        self._count(method, "ok" if isinstance(found, dict) else _name(found))
        return found

    def _answer(self, method: str, body: dict[str, Any]) -> dict[str, Any] | Trouble:
        try:
            response = self._client.api_call(method, json=body)
        except SlackApiError as error:
            return _refusal(error.response)
        except URLError as error:
            return _connection(error.reason)
        except (OSError, http.client.HTTPException) as error:
            return Unclear(reason=_words(error))
        except Exception as error:  # noqa: BLE001 - whatever the SDK stumbles over, the post may have gone through
            return Unclear(reason=_words(error))
        data = response.data
        return data if isinstance(data, dict) else Unclear(reason="an answer that is no JSON object")


def _refusal(response: SlackResponse | dict[str, Any]) -> Trouble:
    if not isinstance(response, SlackResponse):
        return Unclear(reason="an answer of an unknown kind")
    if response.status_code == http.HTTPStatus.TOO_MANY_REQUESTS:
        return RateLimited(after=_wait(response.headers))
    if response.status_code >= http.HTTPStatus.INTERNAL_SERVER_ERROR:
        return Unclear(reason=f"HTTP {response.status_code}")
    data = response.data
    code = data.get("error") if isinstance(data, dict) else None
    # Where the body was no JSON, the SDK puts a sentence of its own in the place of a code.
    if not isinstance(code, str) or not code.replace("_", "").isalnum():
        return Unclear(reason=f"HTTP {response.status_code} with an answer that is no JSON object")
    reason = blame(code)
    if reason is Blame.PACE:
        return RateLimited(after=_wait(response.headers))
    return Unclear(reason=code) if reason is Blame.UNCLEAR else Refused(code=code, blame=reason)


def _wait(headers: dict[str, Any]) -> timedelta:
    value = next((v for name, v in headers.items() if name.lower() == "retry-after"), "")
    text = str(value[0] if isinstance(value, list) and value else value).strip()
    if not (text.isascii() and text.isdigit()):
        return DEFAULT_WAIT
    return min(timedelta(seconds=max(1, int(text[:6]))), LONGEST_WAIT)


def _connection(reason: object) -> Unreachable | Unclear:
    # Only these three say for certain that not a byte of the request has left.
    never_sent = (ConnectionRefusedError, socket.gaierror, ssl.SSLCertVerificationError)
    if isinstance(reason, never_sent):
        return Unreachable(reason=_words(reason))
    return Unclear(reason=_words(reason))


def _words(error: object) -> str:
    return f"{type(error).__name__}: {error}"[:200]


def _name(trouble: Trouble) -> str:
    return trouble.code if isinstance(trouble, Refused) else type(trouble).__name__.lower()
