"""What one run does: how much, on which database, how rough, and from which seed all chance comes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Literal

from bot.delivery.pacing import Terms

Kind = Literal["sqlite", "postgresql"]
START = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
"""The play clock's first instant in every run: a Monday morning in Los Angeles."""
TIMEOUT = timedelta(seconds=1)
"""Real seconds that the bot waits for a call to Slack; the SDK counts in whole ones."""

ROUGH: Mapping[str, float] = {
    "429": 0.02, "500": 0.015, "500_after": 0.02, "drop": 0.01, "drop_after": 0.02, "timeout": 0.002,
    "timeout_after": 0.004, "internal_error": 0.005, "internal_error_after": 0.01, "not_json": 0.005,
    "not_json_after": 0.01, "delay": 0.05, "duplicate": 0.05, "cut": 0.002, "disconnect": 0.002,
}
"""Share of the calls that each fault strikes; those of Socket Mode strike what goes to the bot."""

ACTS: Mapping[str, int] = {
    "kill": 10, "kill_some": 3, "kill_all": 2, "stop": 3, "stop_and_kill": 2, "freeze": 3, "cut": 1,
}
"""How often each act of violence comes, of those that a run has."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One run. `speed`: by how much the clock of Slack and bot is faster than a wall clock."""

    database: Kind
    seed: int
    alerts: int = 1500
    presses: int = 1000
    replicas: int = 3
    speed: float = 20.0
    kills: int = 15
    """At least so many; while the load goes on, workers go on being killed."""
    stops: int = 4
    """Of PostgreSQL, `immediate`, and started again."""
    freezes: int = 0
    transport: Literal["socket", "http"] = "socket"
    people: int = 6
    """Who press at the same time."""
    gap: tuple[float, float] = (2.0, 6.0)
    """Real seconds between two acts of violence."""
    wave_every: float = 6.0
    """Real seconds between two lots of sends that come up at Sendoso."""
    waves: int = 15
    urgent: tuple[int, int, int] = (15, 20, 25)
    """Minutes by the play clock after which an urgent alert is repeated, escalated, and escalated again."""
    chances: Mapping[str, float] = field(default_factory=lambda: dict(ROUGH))
    acts: Mapping[str, int] = field(default_factory=lambda: dict(ACTS))
    patience: float = 600.0
    """Real seconds for the load, and as many for everything to come to rest."""

    def chance(self, what: str) -> Random:
        """All chance of one part of the run; the same for the same seed."""
        return Random(f"{what} {self.seed}")  # noqa: S311 - nothing secret

    @property
    def workers(self) -> int:
        """Processes side by side: SQLite serves one."""
        return 1 if self.database == "sqlite" else self.replicas

    @property
    def channels(self) -> int:
        return max(4, self.alerts // 50)

    @property
    def lasts(self) -> timedelta:
        """How long sends come up, by the play clock."""
        return timedelta(seconds=self.waves * self.wave_every * self.speed)

    @property
    def terms(self) -> Terms:
        """The figures of delivery as they are, but that a call may take what a whole real second is by this clock."""
        return Terms(timeout=TIMEOUT * self.speed)


def small(database: Kind, seed: int = 1) -> Plan:
    """Seconds, for every test run."""
    return Plan(
        database=database, seed=seed, alerts=60, presses=40, replicas=2, kills=2, stops=1, waves=3, wave_every=1.0,
        gap=(0.8, 1.6), people=3, patience=120.0, speed=20.0, urgent=(1, 2, 3),
        # After a cut the client of Slack's SDK is gone for eight seconds, by a wall clock.
        acts=dict(ACTS) | {"cut": 0}, chances=dict(ROUGH) | {"cut": 0, "disconnect": 0},
    )
