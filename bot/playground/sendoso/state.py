"""What the small Sendoso knows: its sends, how they move, and how it answers."""

from __future__ import annotations

import copy
import random
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime
from typing import Any, Literal

from bot.clock import Clock, system_clock
from bot.playground.sendoso import send_json
from bot.playground.sendoso.access import Access, Throttle
from bot.playground.sendoso.faults import Faults
from bot.playground.sendoso.send_json import Json
from bot.playground.sendoso.vocabulary import UI, event_of
from bot.playground.sendoso.webhooks import Outbox
from bot.sends.snapshots import Snapshot

Vocabulary = Literal["api", "ui", "verbatim"]
Order = Literal["newest", "oldest", "shuffled"]

MOST_FOUND = 50


class SendosoState:
    """A Sendoso account. Safe to use from several threads.

    `vocabulary`: whether the API spells statuses as its documentation ("api"), as the Send Tracker ("ui"), or
    as they were put in ("verbatim"). `order`: in which order the list comes; Sendoso does not document its own.
    """

    def __init__(
        self, clock: Clock = system_clock, *, vocabulary: Vocabulary = "api", order: Order = "newest",
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.clock, self.vocabulary, self.order = clock, vocabulary, order
        self.access, self.throttle = Access(clock), Throttle(monotonic)
        self.faults, self.webhooks = Faults(), Outbox()
        self.on_list: Callable[[int], None] = lambda _page: None
        """Called with the page number before each list is made, so that sends can come and go between pages."""
        self.asked: deque[tuple[str, dict[str, str]]] = deque(maxlen=10_000)
        """The calls so far: "list" or "token", and the query."""
        self._lock = threading.RLock()
        self._sends: dict[str, Json] = {}
        self._number = 0

    # -- sends come and go

    def add(self, told: Snapshot) -> str:
        """Put a send in, as a snapshot tells of it; gives its gid."""
        with self._lock:
            self._number += 1
            return self.add_json(send_json.send_of(told, self._number, self.clock()))

    def add_json(self, send: Json) -> str:
        """Put a send in that has the API's shape already."""
        with self._lock:
            self._sends[send["send_gid"]] = copy.deepcopy(send)
            return str(send["send_gid"])

    def load(self, page: Json) -> list[str]:
        """Put all sends of one of the API's pages in, the last first, so that "newest" gives the page's order."""
        return [self.add_json(send) for send in reversed(page["sends"])][::-1]

    def remove(self, send_gid: str) -> None:
        """Take a send out, as if it had never been."""
        with self._lock:
            del self._sends[send_gid]

    def move(self, send_gid: str, status: str, at: datetime | None = None) -> Future[int] | None:
        """Let a send enter a status (any of Sendoso's spellings) at an instant, now if none is given.

        Tells the webhook's address if there is one; gives the future of its answer then. LookupError for a
        gid that is not there.
        """
        now = self.clock()
        with self._lock:
            send = self._sends.get(send_gid)
            if send is None:
                raise LookupError(f"no send {send_gid}")
            occurred_at = send_json.written(at or now)
            send["status_updates"].append({"status": status, "occurred_at": occurred_at})
            send["status_updates"].sort(key=lambda update: datetime.fromisoformat(update["occurred_at"]))
            send["status"] = send["status_updates"][-1]["status"]
            event = event_of(status, send["type"], send["subtype"])
        return self.webhooks.send(event, send_gid, occurred_at, now)

    # -- what a page shows of it

    def gids(self) -> list[str]:
        """The gids of all sends in the order of the list."""
        with self._lock:
            return [send["send_gid"] for send in self._ordered()]

    def find(self, query: str = "") -> list[dict[str, Any]]:
        """Up to 50 sends in which every word of the query occurs, as the playground's page lists them."""
        with self._lock:
            told = [_line(send_json.shown(send, "ui")) for send in self._ordered()]
        words = query.casefold().split()
        fitting = (line for line in told if all(word in " ".join(line.values()).casefold() for word in words))
        return [line for line, _ in zip(fitting, range(MOST_FOUND), strict=False)]

    def statuses(self) -> list[str]:
        """The statuses a send can be moved to, as the Send Tracker names them."""
        return list(UI.values())

    def listed(self, page: int, per_page: int) -> Json:
        """One page of `GET /api/v3/send`."""
        with self._lock:
            self.on_list(page)
            sends = self._ordered()[(page - 1) * per_page : page * per_page]
            return {
                "current_page": page, "per_page": per_page, "total_count": len(self._sends),
                "sends": [send_json.shown(send, self.vocabulary) for send in sends],
            }

    def _ordered(self) -> list[Json]:
        sends = list(self._sends.values())
        if self.order == "newest":
            return sends[::-1]
        if self.order == "shuffled":
            random.shuffle(sends)
        return sends

    def close(self) -> None:
        """Send no more webhooks."""
        self.webhooks.close()


def _line(send: Json) -> dict[str, str]:
    recipient, touch = send.get("recipient") or {}, send.get("touch") or {}
    who = recipient.get("name") or recipient.get("email") or ""
    return {
        "send_gid": send["send_gid"], "type": send["type"], "recipient": str(who),
        "campaign": str(touch.get("name") or ""), "status": send["status"],
    }
