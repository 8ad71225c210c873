"""Webhooks as Svix sends them for Sendoso: signed, with a body that names neither event nor status."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime

import httpx2
from standardwebhooks import Webhook

Post = Callable[[str, Mapping[str, str], bytes], int]
"""Posts a body with headers to an address and gives the HTTP status."""

TIMEOUT = 15.0
"""Svix waits as long for an answer."""


def post(url: str, headers: Mapping[str, str], body: bytes) -> int:
    """Over the network; 0 when nobody answers."""
    try:
        return httpx2.post(url, headers=dict(headers), content=body, timeout=TIMEOUT).status_code
    except httpx2.HTTPError:
        return 0


def signed(secret: str, send_gid: str, changed_at: str, now: datetime) -> tuple[dict[str, str], bytes]:
    """Headers and body of a webhook signed at `now`; `changed_at` is the time as Sendoso writes it."""
    body = json.dumps({"send_gid": send_gid, "status_changed_at": changed_at}, separators=(",", ":"))
    svix_id = f"msg_{uuid.uuid4().hex}"
    headers = {
        "content-type": "application/json",
        "svix-id": svix_id,
        "svix-timestamp": str(int(now.timestamp())),
        "svix-signature": Webhook(secret).sign(svix_id, now, body),
    }
    return headers, body.encode()


class Outbox:
    """Sends webhooks in the background, one after the other. `url` None: none are sent."""

    def __init__(self) -> None:
        self.url: str | None = None
        """The bot's `/sendoso/webhooks`."""
        self.secret = "whsec_c2VuZHdhdGNoLXBsYXlncm91bmQtc2VjcmV0"  # noqa: S105 - a toy's, never used elsewhere
        self.per_event = True
        """One address per event, as the admin's guide recommends; else one address for all."""
        self.post: Post = post
        self._pool = ThreadPoolExecutor(1, "sendoso-webhook")

    def send(self, event: str, send_gid: str, changed_at: str, now: datetime) -> Future[int] | None:
        """Queue a webhook; gives the future of its HTTP status, None without an address."""
        if self.url is None:
            return None
        url = f"{self.url.rstrip('/')}/{event}" if self.per_event else self.url
        headers, body = signed(self.secret, send_gid, changed_at, now)
        return self._pool.submit(self.post, url, headers, body)

    def close(self) -> None:
        """Send no more."""
        self._pool.shutdown(wait=False, cancel_futures=True)
