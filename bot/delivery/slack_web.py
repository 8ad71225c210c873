"""The one place that posts messages to Slack. Each call is made once and ends in a value, never in an exception."""

from __future__ import annotations

import http.client
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.delivery.slack_answers import (
    Done,
    Page,
    RateLimited,
    Shares,
    SlackUser,
    Trouble,
    Unclear,
    Waits,
    connection,
    ending,
    refusal,
    shares_of,
    user_of,
    words,
)
from bot.origin import ALONE, Origin
from bot.origin_client import OriginClient
from bot.redirects import staying
from bot.slack_hosts import is_slacks

EVENT_TYPE = "sendwatch_message"
PAGE = 200
UPLOAD = "upload"
"""Counts as a method: the bytes of a file go to an address of their own."""

Count = Callable[[str, str], None]
"""Told (method, how it ended) of every call."""


def _uncounted(_method: str, _ending: str) -> None: ...


class SlackWeb:
    """Slack's Web API for messages. `base_url` may be any stand-in; `timeout` must stay below the lease.

    `timeout` is in the seconds of a wall clock, and no shorter than one; `waits` reads Retry-After. `origin` tells
    whose messages they are, where several workspaces have the same bot.
    """

    def __init__(
        self, token: str, base_url: str = WebClient.BASE_URL, *,
        timeout: timedelta = timedelta(seconds=10), waits: Waits | None = None, count: Count = _uncounted,
        origin: Origin = ALONE,
    ) -> None:
        # The SDK's own handler sends a request again after a dropped connection, which posts twice.
        self._client = staying(OriginClient(
            origin, token=token, base_url=base_url, timeout=max(1, round(timeout.total_seconds())), retry_handlers=[],
        ))
        self._waits, self._count, self.origin = waits or Waits(), count, origin

    # -- messages

    def post(
        self, *, channel: str, text: str, blocks: list[dict[str, Any]], metadata: dict[str, Any],
        thread_ts: str | None = None, broadcast: bool = False,
    ) -> Done | Trouble:
        """A new message; `metadata` is what it can be found by later, `broadcast` shows a reply in the channel, too."""
        body: dict[str, Any] = {
            "channel": channel, "text": text, "blocks": blocks, "parse": "none", "link_names": False,
            "unfurl_links": False, "unfurl_media": False,
            "metadata": {"event_type": EVENT_TYPE, "event_payload": metadata | self.origin.mark},
        }
        if thread_ts is not None:
            body |= {"thread_ts": thread_ts} | ({"reply_broadcast": True} if broadcast else {})
        return self._message("chat.postMessage", body)

    def update(self, *, channel: str, ts: str, text: str, blocks: list[dict[str, Any]]) -> Done | Trouble:
        """Redraw a message. Doing it twice does no harm."""
        return self._message("chat.update", {
            "channel": channel, "ts": ts, "text": text, "blocks": blocks, "parse": "none", "link_names": False,
        })

    def delete(self, *, channel: str, ts: str) -> Done | Trouble:
        """Take away a message that stands there twice."""
        return self._message("chat.delete", {"channel": channel, "ts": ts})

    def unfurl(self, *, unfurls: dict[str, Any], place: dict[str, str]) -> Done | Trouble:
        """Unfold links in somebody's message. Doing it twice does no harm."""
        found = self._call("chat.unfurl", {"unfurls": unfurls, **place})
        return Done(ts=place.get("ts", ""), channel=place.get("channel", "")) if isinstance(found, dict) else found

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
        user_channel = channel.get("id") if isinstance(channel, dict) else None
        return user_channel if isinstance(user_channel, str) else Unclear(reason="no channel in the answer")

    # -- files

    def upload(self, *, name: str, content: bytes, alt_text: str = "") -> str | Trouble:
        """Bring a file to Slack, where nobody sees it yet; gives its file id."""
        body = {"filename": name, "length": len(content)} | ({"alt_txt": alt_text} if alt_text else {})
        found = self._call("files.getUploadURLExternal", body, form=True)
        if not isinstance(found, dict):
            return found
        file_id, url = found.get("file_id"), found.get("upload_url")
        if not isinstance(file_id, str) or not isinstance(url, str):
            return Unclear(reason="no upload address in the answer")
        trouble = self._send_bytes(url, content)
        self._count(UPLOAD, "ok" if trouble is None else ending(trouble))
        return file_id if trouble is None else trouble

    def share(
        self, *, file_id: str, title: str, channel: str, comment: str, thread_ts: str | None = None,
    ) -> Shares | Trouble:
        """Show an uploaded file in a channel (its id, not a person's). Slack means this to be done once per file.

        A yes may come before Slack has done it; the shares are then empty, and told by `shares` later.
        """
        body: dict[str, Any] = {"files": [{"id": file_id, "title": title}], "channel_id": channel}
        if comment:
            body["initial_comment"] = comment
        if thread_ts is not None:
            body["thread_ts"] = thread_ts
        found = self._call("files.completeUploadExternal", body)
        if not isinstance(found, dict):
            return found
        files = found.get("files")
        mine = [one for one in files if _is_file(one, file_id)] if isinstance(files, list) else []
        return shares_of(mine[0] if mine else {})

    def shares(self, file_id: str) -> Shares | Trouble:
        """Where a file stands, as far as Slack has come."""
        found = self._call("files.info", {"file": file_id}, form=True)
        if not isinstance(found, dict):
            return found
        file = found.get("file")
        return shares_of(file) if isinstance(file, dict) else Unclear(reason="no file in the answer")

    # -- people

    def user_by_email(self, address: str) -> SlackUser | Trouble:
        """The person with that e-mail address; refused with `users_not_found` where there is none."""
        found = self._call("users.lookupByEmail", {"email": address}, form=True)
        if not isinstance(found, dict):
            return found
        return user_of(found.get("user")) or Unclear(reason="no user in the answer")

    # -- one call

    def _message(self, method: str, body: dict[str, Any]) -> Done | Trouble:
        found = self._call(method, body)
        if not isinstance(found, dict):
            return found
        # A clear yes needs no more than what was not known before: only a new message gets its ts from Slack.
        ts, channel = found.get("ts") or body.get("ts"), found.get("channel") or body["channel"]
        if not isinstance(ts, str) or not isinstance(channel, str):
            return Unclear(reason=f"{method} answered without a ts")
        return Done(ts=ts, channel=channel)

    def _call(self, method: str, body: dict[str, Any], *, form: bool = False) -> dict[str, Any] | Trouble:
        found = self._answer(method, {"params": body} if form else {"json": body})
        self._count(method, "ok" if isinstance(found, dict) else ending(found))
        return found

    def _answer(self, method: str, arguments: dict[str, dict[str, Any]]) -> dict[str, Any] | Trouble:
        try:
            response = self._client.api_call(method, **arguments)  # type: ignore[arg-type] # its last are plain words
        except SlackApiError as error:
            return refusal(error.response, self._waits)
        except URLError as error:
            return connection(error.reason)
        except (OSError, http.client.HTTPException) as error:
            return Unclear(reason=words(error))
        except Exception as error:  # noqa: BLE001 - whatever the SDK stumbles over, the post may have gone through
            return Unclear(reason=words(error))
        data = response.data
        return data if isinstance(data, dict) else Unclear(reason="an answer that is no JSON object")

    def _send_bytes(self, url: str, content: bytes) -> Trouble | None:
        if not is_slacks(url, self._client.base_url):
            return Unclear(reason="an upload address that is not Slack's")
        headers = {"Content-Type": "application/octet-stream"}
        try:
            request = Request(url, data=content, method="POST", headers=headers)  # noqa: S310 - looked at above
            with urlopen(request, timeout=self._client.timeout, context=self._client.ssl) as response:  # noqa: S310
                response.read()
        except HTTPError as error:
            if error.code == http.HTTPStatus.TOO_MANY_REQUESTS:
                return RateLimited(after=self._waits.read(dict(error.headers.items())))
            return Unclear(reason=words(error))
        except Exception as error:  # noqa: BLE001 - such as another host that is not reached; nobody sees the file yet
            return Unclear(reason=words(error))
        return None


def _is_file(one: object, file_id: str) -> bool:
    return isinstance(one, dict) and one.get("id") == file_id
