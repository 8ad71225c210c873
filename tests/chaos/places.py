"""The workspace of a run: its channels and people, and the configuration that leads alerts there."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from bot.config.reading import validated
from bot.playground.server import Playground
from bot.playground.slack_app import BOT_USER
from bot.playground.workspace import Channel
from storage import config
from tests.chaos.plan import START, Plan

ALERTS = "C01GIFTING"
ADMIN = "U01ANN"
URGENT, FLOOD, ESCALATED = "C8URGENT", "C8FLOOD", "C8ESCALATED"
SENDERS = ("ann", "ben", "chi", "dee", "eve", "fay")
"""Names of people whose sends are told to them by direct message."""
LATE_TEAM = "Later"
"""Whose sends are due only while the run goes on."""
MANY = {"a_day": 10_000, "at_once": 100}


def channel_id(number: int) -> str:
    return f"C7ROOM{number:03}"


def furnish(playground: Playground, plan: Plan) -> None:
    """Make the channels and people that the workspace does not have yet."""
    state = playground.slack.state
    for ident in (URGENT, FLOOD, ESCALATED, *(channel_id(number) for number in range(plan.channels))):
        state.channels[ident] = Channel(id=ident, name=ident.lower(), members={BOT_USER, *state.people})
    known = {person.name for person in state.people.values()}
    for name in SENDERS:
        if name not in known:
            playground.add_person(name, f"{name.title()} Doe")


def configure(session: Session, plan: Plan) -> None:
    """Store the configuration as an admin's import would. ValueError where it is not valid."""
    document, problems = validated(_plain(plan))
    if problems:
        raise ValueError("; ".join(map(str, problems)))
    for section, body in document.plain().items():
        config.save(session, section, body, START, "cli")


def _plain(plan: Plan) -> dict[str, Any]:
    again, mention, elsewhere = (f"{minutes}m" for minutes in plan.urgent)
    rooms = [
        {"name": f"room {n}", "when": {"campaign": f"{channel_id(n)} *"}, "channel": channel_id(n)}
        for n in range(plan.channels)
    ]
    return {
        "policies": {
            "default": {"repeat": ["7d"]},
            "urgent": {
                "repeat": [again, "7d"],
                "escalate": [
                    {"after": mention, "mention": ["S01GIFTOPS"]},
                    {"after": elsewhere, "channel": ESCALATED, "dm_sender": True},
                ],
            },
        },
        "routes": [
            {"name": "urgent", "when": {"campaign": "URGENT *"}, "channel": URGENT, "policy": "urgent"},
            {"name": "person", "when": {"campaign": "PERSON *"}, "dm_sender": True},
            {"name": "both", "when": {"campaign": "BOTH *"}, "channel": ALERTS, "dm_sender": True},
            {"name": "flood", "when": {"campaign": "FLOOD *"}, "channel": FLOOD},
            *rooms,
        ],
        "budgets": {"default": MANY, FLOOD: {"a_day": 50, "at_once": 9}},
        "thresholds": [{"status": "Shipped", "team": LATE_TEAM, "after": "5 days"}],
    }
