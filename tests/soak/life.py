"""What goes on around the bot during a soak: sends that get stuck and move on, people who ask and press, faults."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import httpx2

from bot.playground.http_mode import encoded, signed_headers
from bot.playground.person import Person
from bot.playground.sendoso import SendosoState
from bot.playground.server import Playground
from bot.sends.snapshots import Snapshot, StatusUpdate

PEOPLE = ("ann", "ben")
ASKED = (
    "/send-status gift{n}@acme.example", "/send-status Person {n}", "/send-meaning order received", "/sends stuck",
    "/sends mine", "/sends alerts", "/sends help", "/sends why gift{n}@acme.example", "/sends report last week",
    "/sends nothing of the kind",
)
STORM = {"429": 0.02, "500": 0.02, "drop": 0.02, "drop_after": 0.02, "internal_error_after": 0.01, "delay": 0.05}
CUT = 2 / 3
"""How often a disturbance takes the connection of Socket Mode along."""
HEADINGS = "Send ID,Recipient Name,Recipient Email,Status,Send Type,Date Sent,Status Date,Campaign"
MOST = 400
"""Sends that there are at once: a soak looks for what grows although the work does not."""


class Life:
    """Goes on from `start` to `stop`, in threads of its own; `counts` says how often each thing was done."""

    def __init__(
        self, playground: Playground, sendoso: SendosoState, seed: int, *, slack_url: str = "",
        import_csv: Callable[[str], None] | None = None,
    ) -> None:
        """`slack_url` takes Slack's requests over HTTP; `import_csv` takes a Send Tracker's export in."""
        self._playground, self._sendoso, self._seed = playground, sendoso, seed
        self._slack_url, self._import_csv = slack_url, import_csv
        self._stopping = threading.Event()
        self.counts = Counter[str]()
        self.seconds: list[float] = []
        self.failures: list[str] = []
        self._gids: list[str] = []
        self._number = 0
        self._threads = [
            threading.Thread(target=self._again_and_again, args=(every, what), daemon=True)
            for every, what in (
                (0.3, self._ask), (1.0, self._ask_over_http), (0.7, self._press), (0.5, self._send),
                (20.0, self._disturb), (30.0, self._bring_csv),
            )
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """No more of it, and no more faults."""
        self._stopping.set()
        for thread in self._threads:
            thread.join(90)
        self._playground.faults.clear()

    def _again_and_again(self, every: float, what: Callable[[random.Random], None]) -> None:
        chance = random.Random(f"{self._seed} {what.__name__}")  # noqa: S311 - nothing secret
        while not self._stopping.wait(every * chance.uniform(0.5, 1.5)):
            try:
                what(chance)
            except Exception as error:  # noqa: BLE001 - a disturbance of ours reaches those who ask, too
                self.failures.append(f"{what.__name__}: {type(error).__name__}: {error}"[:200])

    def _person(self, chance: random.Random) -> Person:
        return self._playground.person(chance.choice(PEOPLE))

    def _ask(self, chance: random.Random) -> None:
        name, _, text = chance.choice(ASKED).format(n=chance.randint(1, MOST)).partition(" ")
        begun = time.monotonic()
        self._person(chance).command(f"{name} {text}")
        self.seconds.append(time.monotonic() - begun)
        self.counts["commands"] += 1

    def _ask_over_http(self, chance: random.Random) -> None:
        """The same bot is asked without Socket Mode, by a signed request."""
        name, _, text = chance.choice(ASKED).format(n=chance.randint(1, MOST)).partition(" ")
        body, kind = encoded("slash_commands", {
            "command": name, "text": text, "user_id": "U01ANN", "user_name": "ann", "team_id": "T0DEMO",
            "channel_id": "C01GIFTING", "channel_name": "gifting-alerts", "trigger_id": "1.2.3",
            "response_url": f"{self._playground.url}/commands/none", "api_app_id": "A0PLAY",
        })
        headers = signed_headers(self._playground.signing_secret, body, kind)
        httpx2.post(self._slack_url, content=body, headers=headers, timeout=10).raise_for_status()
        self.counts["commands over HTTP"] += 1

    def _bring_csv(self, chance: random.Random) -> None:
        if self._import_csv is None:
            return
        day = self._sendoso.clock().date()
        rows = [
            f"{number},Person {number},csv{number}@acme.example,Shipped,Inventoried Sends,{day},{day},Campaign 1"
            for number in chance.sample(range(9000, 9000 + MOST), 20)
        ]
        self._import_csv("\n".join([HEADINGS, *rows, ""]))
        self.counts["CSV imports"] += 1

    def _press(self, chance: random.Random) -> None:
        found = [one for one in self._playground.channel("#gifting-alerts").messages[-20:] if one.buttons]
        if found:
            message = chance.choice(found)
            self._person(chance).press(message, chance.choice(message.buttons), stale=True)
            self.counts["presses"] += 1

    def _send(self, chance: random.Random) -> None:
        if len(self._gids) < MOST:
            self._number += 1
            self._gids.append(self._sendoso.add(self._stuck(self._number)))
            self.counts["sends"] += 1
            return
        gid = chance.choice(self._gids)
        self._sendoso.move(gid, chance.choice(["Shipped", "Delivered", "Processing"]))
        self.counts["moves, each with a webhook"] += 1

    def _stuck(self, number: int) -> Snapshot:
        now = self._sendoso.clock()
        since = now - timedelta(days=8)
        return Snapshot(
            source="sample", observed_at=now, status_raw="Processing", created_at=since, type="Inventoried Sends",
            subtype="Custom", recipient_name=f"Person {number}", recipient_email=f"gift{number}@acme.example",
            recipient_company="Acme", sender_name="Ben Okafor", sender_email="ben@example.com", team="Sales",
            campaign=f"Campaign {number % 40}", campaign_id=number % 40 + 1,
            updates=(StatusUpdate(status_raw="Processing", occurred_at=since),),
        )

    def _disturb(self, chance: random.Random) -> None:
        self._playground.faults.clear()
        self._playground.faults.storm(chance.randint(1, 10**6), STORM, seconds=0.5)
        if chance.random() < CUT:
            chance.choice([self._reconnect, self._playground.cut_sockets])()
        self.counts["disturbances"] += 1

    def _reconnect(self) -> None:
        self._playground.disconnect()
