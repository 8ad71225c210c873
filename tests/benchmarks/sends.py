"""Sends by the thousand for measuring: plausible people, companies and campaigns, always the same ones."""

from __future__ import annotations

import random
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from datetime import datetime, timedelta

from bot.sends import intake
from bot.sends.snapshots import Snapshot, StatusUpdate
from bot.statuses.watch import us_watch
from storage.engine import Database

FIRST = [
    "Ada", "Ben", "Cleo", "Dan", "Eva", "Finn", "Gia", "Hugo", "Ines", "Jane", "Kofi", "Lena", "Mona", "Nils",
    "Olga", "Paul", "Rita", "Sven", "Tara", "Uma",
]
LAST = [
    "Abara", "Brandt", "Costa", "Diaz", "Eriksen", "Fontaine", "Gupta", "Haas", "Ito", "Jensen", "Kowalski",
    "Lindqvist", "Moreau", "Nguyen", "Okafor",
]
COMPANY = [
    "Acme", "Borealis", "Cobalt", "Dynamo", "Everest", "Fathom", "Granite", "Harbor", "Indigo", "Juniper",
    "Keystone", "Lumen", "Meridian",
]
CAMPAIGN = ["Renewal thank-you", "Event follow-up", "Door opener", "Customer birthday", "Holiday box", "Win-back"]
STATUSES = ["Delivered", "Used", "Delivered", "Used", "Shipped", "Processing", "Opened", "Sent", "Refunded"]
BATCH = 1_000


def gid(number: int) -> str:
    """Sendoso's own form of the number's gid."""
    return urlsafe_b64encode(f"gid://sendoso/Send/{number}".encode()).decode().rstrip("=")


def snapshots(count: int, now: datetime) -> Iterator[Snapshot]:
    """`count` sends of the last year, the same for the same arguments."""
    dice = random.Random(4603)  # noqa: S311 - repeatable, not secret
    for number in range(count):
        first, last, company = dice.choice(FIRST), dice.choice(LAST), dice.choice(COMPANY)
        status, created = dice.choice(STATUSES), now - timedelta(minutes=dice.randrange(60, 525_600))
        yield Snapshot(
            source="api", observed_at=now, send_gid=gid(number), sendoso_id=number, status_raw=status,
            updates=(StatusUpdate(status_raw=status, occurred_at=created + timedelta(minutes=30)),),
            type="eGifts USA" if status in {"Used", "Opened", "Sent"} else "Inventoried Sends", created_at=created,
            recipient_name=f"{first} {last}", recipient_email=f"{first}.{last}.{number}@{company}.example".lower(),
            recipient_company=company, sender_name="Ann Lopez", sender_email="ann@example.com", team="Sales",
            campaign=dice.choice(CAMPAIGN), cost_minor=dice.randrange(500, 20_000), currency="USD",
        )


def fill(database: Database, count: int, now: datetime) -> None:
    """Put `count` sends into an empty, migrated database by the bot's own intake."""
    batch: list[Snapshot] = []
    for snapshot in snapshots(count, now):
        batch.append(snapshot)
        if len(batch) == BATCH:
            _take(database, batch, now)
            batch = []
    if batch:
        _take(database, batch, now)


def _take(database: Database, batch: list[Snapshot], now: datetime) -> None:
    with database.write() as session:
        intake.take(session, batch, now, us_watch())
