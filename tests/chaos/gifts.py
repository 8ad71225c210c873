"""The sends that come up at Sendoso during a run, and where each must be told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from random import Random

from bot.sends.snapshots import Snapshot, StatusUpdate
from tests.chaos.places import ALERTS, FLOOD, LATE_TEAM, SENDERS, URGENT, channel_id
from tests.chaos.plan import Plan

STUCK = (
    ("Inventoried Sends", "Custom", "Undeliverable", 0.4),
    ("Inventoried Sends", "Custom", "Order Received", 12.0),
    ("Inventoried Sends", "Custom", "Out of Stock", 1.0),
    ("eGifts USA", "eGift Cards USA", "Expired", 1.5),
    ("Amazon", "Buy/Send via Amazon", "Failed", 0.8),
)
"""Type, subtype, status and for how many days: each is told at once, and once."""
MARK = re.compile(r"Nr\d{5}")
LATER = ("Inventoried Sends", "Custom", "Shipped", 5.0)
"""What is due only while the run goes on; the configuration sets this limit."""
NOBODY = "zoe"
NAMES = ("Rosa {}", "José {} & Söhne", "<!channel> {}", "李 {}", "*{}* O'Hara")


@dataclass(frozen=True, kw_only=True)
class Gift:
    """One send. `places`: channel ids, and `mail:` with the sender's address for a direct message to them."""

    number: int
    wave: int
    campaign: str
    campaign_id: int
    stuck: tuple[str, str, str, float]
    places: tuple[str, ...]
    sender: str
    due_in: float = 0.0
    """Minutes by the play clock, from the beginning of the run, after which it is due; 0 for at once."""
    moves_on: bool = False
    """Delivered after all, some time after it was told or even before."""

    @property
    def mark(self) -> str:
        """What stands in the recipient's name and in no other's."""
        return f"Nr{self.number:05}"

    def snapshot(self, start: datetime, now: datetime) -> Snapshot:
        """The send as Sendoso tells it at `now`."""
        kind, subtype, status, days = self.stuck
        # Sendoso's times have whole seconds.
        base = start if self.due_in else now
        since = base.replace(microsecond=0) - timedelta(days=days) + timedelta(minutes=self.due_in)
        return Snapshot(
            source="sample", observed_at=now, status_raw=status, created_at=since, type=kind, subtype=subtype,
            recipient_name=NAMES[self.number % len(NAMES)].format(self.mark),
            recipient_email=f"{self.mark.lower()}@acme.example", recipient_company="Acme",
            sender_name=self.sender.title(), sender_email=f"{self.sender}@example.com",
            team=LATE_TEAM if self.due_in else "Sales", campaign=self.campaign, campaign_id=self.campaign_id,
            cost_minor=2500, currency="USD",
            updates=(StatusUpdate(status_raw=status, occurred_at=since),),
        )


def first() -> list[Gift]:
    """A few that are there before the storm, so that the first look at a new database is over."""
    return [
        Gift(
            number=90_000 + n, wave=0, campaign=f"First {n}", campaign_id=90_000 + n, stuck=STUCK[n],
            places=(ALERTS,), sender="ann",
        )
        for n in range(3)
    ]


def gifts(plan: Plan) -> list[Gift]:
    """All others: most alone in their campaign, some together, some for people, some due later."""
    chance, made = plan.chance("gifts"), list[Gift]()
    numbers = count(1)
    while len(made) < plan.alerts:
        kind = chance.choices([name for name, _ in KINDS], [share for _, share in KINDS])[0]
        made += _some(kind, plan, chance, numbers)
    return made[:plan.alerts]


KINDS = (
    ("alone", 62), ("four", 3), ("twelve", 0.6), ("urgent", 5), ("person", 4), ("both", 3), ("flood", 4),
    ("later", 4), ("default", 2), ("nobody", 2),
)
"""What comes how often; a draw of "four" or "twelve" makes that many."""


def _some(kind: str, plan: Plan, chance: Random, numbers: Iterator[int]) -> Iterator[Gift]:
    wave, stuck = chance.randrange(plan.waves), chance.choice(STUCK)
    sender = NOBODY if kind == "nobody" else chance.choice(SENDERS)
    place, number = channel_id(chance.randrange(plan.channels)), next(numbers)
    campaign, places = _route(kind, place, sender, number)
    times = {"four": 4, "twelve": 12}.get(kind, 1)
    moves_on = kind == "alone" and chance.random() < 0.1
    minutes = chance.uniform(2, plan.lasts.total_seconds() / 60) if kind == "later" else 0.0
    for own in [number, *(next(numbers) for _ in range(times - 1))]:
        yield Gift(
            number=own, wave=0 if minutes else wave, campaign=campaign, campaign_id=number, places=places,
            stuck=LATER if minutes else stuck, sender=sender, due_in=minutes, moves_on=moves_on,
        )


def _route(kind: str, place: str, sender: str, number: int) -> tuple[str, tuple[str, ...]]:
    """The campaign, by whose name the configuration routes, and where that leads."""
    mail = f"mail:{sender}@example.com"
    return {
        "urgent": (f"URGENT {number}", (URGENT,)),
        "person": (f"PERSON {number}", (mail,)),
        "both": (f"BOTH {number}", (ALERTS, mail)),
        "flood": (f"FLOOD {number}", (FLOOD,)),
        "later": (f"LATER {number}", (ALERTS,)),
        "default": (f"DEFAULT {number}", (ALERTS,)),
        # Meant for a sender whom Slack does not know.
        "nobody": (f"PERSON {number}", (ALERTS,)),
    }.get(kind, (f"{place} {number}", (place,)))
