"""What goes wrong: processes are killed and frozen, PostgreSQL is stopped; all chance from the seed."""

from __future__ import annotations

import threading
import time
from collections import Counter

from tests.chaos.fleet import Worker
from tests.chaos.stage import Stage

TOO_SOON = 0.15
"""How often the next act comes before the last one was got over."""
MISSING_FIRST = 0.5
"""How often what there was too little of so far goes before everything else."""
UP_WITHIN = 6.0
"""Real seconds."""


class Violence:
    """Does one thing after another, in a thread, until it is stopped; then everything is up again."""

    def __init__(self, stage: Stage) -> None:
        self._stage, self._plan = stage, stage.plan
        self._chance = stage.plan.chance("violence")
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._rage, daemon=True)
        self.counts: Counter[str] = Counter()
        self.failure: BaseException | None = None

    def start(self) -> None:
        """Begin, with a storm in Slack besides."""
        self._stage.playground.faults.storm(
            self._plan.seed, self._plan.chances,
            seconds={"429": 3, "delay": 0.15, "timeout": 3, "timeout_after": 3},
        )
        self._thread.start()

    def stop(self) -> None:
        """Calm: no faults any more, every process up, PostgreSQL too. Raises what went wrong in here."""
        self._stopping.set()
        self._thread.join()
        self._stage.playground.faults.clear()
        self._stage.fleet.start_all()
        if self.failure is not None:
            raise self.failure

    @property
    def is_enough(self) -> bool:
        """Whether at least as much was done as the plan asks for, or nothing more will be."""
        missing = any(self._can(name) and self._is_missing(name) for name in self._plan.acts)
        return not missing or self.failure is not None

    def _rage(self) -> None:
        try:
            while not self._stopping.wait(self._chance.uniform(*self._plan.gap)):
                self._stage.fleet.revive()
                self._act()
                if self._chance.random() > TOO_SOON:
                    self._until_up()
        except BaseException as error:  # noqa: BLE001 - told by `stop`, in the thread that asks
            self.failure = error

    def _until_up(self) -> None:
        """Give the bot the time to come up: one that is never there has nothing to lose."""
        deadline = time.monotonic() + UP_WITHIN
        while not self._stage.is_reached and time.monotonic() < deadline:
            self._stopping.wait(0.05)

    def _act(self) -> None:
        able = {name: weight for name, weight in self._plan.acts.items() if self._can(name)}
        missing = {name: weight for name, weight in able.items() if self._is_missing(name)}
        chosen = missing if missing and self._chance.random() < MISSING_FIRST else able
        getattr(self, f"_{self._chance.choices(list(chosen), list(chosen.values()))[0]}")()

    def _can(self, name: str) -> bool:
        """Whether a run of this kind has such an act at all."""
        plan = self._plan
        if name.startswith("stop"):
            return plan.database == "postgresql" and plan.stops > 0
        return {"freeze": plan.freezes > 0, "kill_some": plan.workers > 1, "kill_all": plan.workers > 1}.get(name, True)

    def _is_missing(self, name: str) -> bool:
        """Whether there was too little of it so far."""
        plan, fleet = self._plan, self._stage.fleet
        if name.startswith("stop"):
            return self.counts["stops"] < plan.stops
        if name == "freeze":
            return fleet.counts["freezes"] < plan.freezes
        return name.startswith("kill") and fleet.counts["kills"] < plan.kills

    def _kill(self, count: int = 1) -> None:
        chosen = self._chance.sample(self._stage.fleet.workers, count)
        for worker in chosen:
            self._stage.fleet.kill(worker)
        self._stopping.wait(self._chance.uniform(0, 1.5))
        for worker in chosen:
            self._stage.fleet.start(worker)

    def _kill_some(self) -> None:
        self._kill(2)

    def _kill_all(self) -> None:
        self._kill(self._plan.workers)

    def _stop(self, worker: Worker | None = None) -> None:
        began_at = self._stage.clock()
        self._stage.server.stop()
        self.counts["stops"] += 1
        try:
            if worker is not None:
                self._stage.fleet.start(worker)
            self._stopping.wait(self._chance.uniform(0, 1.5))
        finally:
            self._stage.server.start()
            self._stage.outages.append((began_at, self._stage.clock()))

    def _stop_and_kill(self) -> None:
        """A process that is started while there is no database."""
        worker: Worker = self._chance.choice(self._stage.fleet.workers)
        self._stage.fleet.kill(worker)
        self._stop(worker)

    def _freeze(self) -> None:
        """Longer than a lease: the process may wake up in the middle of what another has taken over."""
        worker: Worker = self._chance.choice(self._stage.fleet.workers)
        lease = self._stage.clock.real(self._plan.terms.lease)
        self._stage.fleet.freeze(worker, lease * self._chance.uniform(1.2, 2.5), self._stopping)

    def _cut(self) -> None:
        self._stage.playground.cut_sockets()
        self.counts["cuts"] += 1
