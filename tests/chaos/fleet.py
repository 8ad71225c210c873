"""The bot's processes: started, killed as a whole, frozen, stopped as an operator would, and started again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PATIENCE = 30.0
"""Real seconds that a process may take to stop in good order."""
LOADING = 180.0
"""Real seconds that loading everything may take: seconds of a processor, and others may want it, too."""


class Nest:
    """The process that forks the others (see `tests.chaos.nest`). It and they end with this one."""

    def __init__(self) -> None:
        self._alive, self._held = os.pipe()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.nest"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            pass_fds=[self._alive], text=True, start_new_session=True,
        )
        self._changed = threading.Condition()
        self._begun: list[int] = []
        self._ended: dict[int, int] = {}
        self._is_gone = False
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        for line in self._process.stdout or ():
            told: dict[str, int] = json.loads(line)
            with self._changed:
                if "begun" in told:
                    self._begun.append(told["begun"])
                else:
                    self._ended[told["ended"]] = told["code"]
                self._changed.notify_all()
        with self._changed:
            self._is_gone = True
            self._changed.notify_all()

    def fork(self, order: dict[str, Any]) -> int:
        """Start a process; gives its id. One call at a time."""
        if self._process.stdin is None:
            raise RuntimeError("the nest takes no orders")
        with self._changed:
            self._process.stdin.write(json.dumps(order | {"alive": self._alive}) + "\n")
            self._process.stdin.flush()
            self._changed.wait_for(lambda: self._begun or self._is_gone, LOADING)
            if self._begun:
                return self._begun.pop()
            if self._is_gone:
                raise RuntimeError("the bot cannot be started; what is wrong stands above")
            raise RuntimeError(f"the bot was not up within {LOADING:.0f} s: this machine has too much else to do")

    def has_ended(self, pid: int, within: float = 0.0) -> bool:
        """Whether that process is no more, or is so within so many real seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: pid in self._ended, within)

    def close(self) -> None:
        """End it, and whatever it has started and still runs."""
        os.close(self._held)
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait(PATIENCE)
        self._reader.join()
        if self._process.stdout is not None:
            self._process.stdout.close()
        os.close(self._alive)


@dataclass(kw_only=True)
class Worker:
    """One place for a process, and the process that fills it now."""

    number: int
    log: Path
    pid: int | None = None
    ended_by_us: bool = False


@dataclass(kw_only=True)
class Fleet:
    """`orders` are what each worker is told (see `tests.chaos.worker`); one process for each of `ports`, 0 for any."""

    orders: dict[str, Any]
    folder: Path
    ports: list[int]
    counts: Counter[str] = field(default_factory=Counter)
    """starts, kills, freezes, and crashes: processes that ended although nobody had ended them."""
    workers: list[Worker] = field(init=False)
    _lock: threading.RLock = field(init=False, default_factory=threading.RLock)

    def __post_init__(self) -> None:
        self.workers = [Worker(number=n, log=self.folder / f"worker-{n}.log") for n in range(len(self.ports))]

    @cached_property
    def _nest(self) -> Nest:
        return Nest()

    def is_up(self, worker: Worker) -> bool:
        return worker.pid is not None and not self._nest.has_ended(worker.pid)

    def start(self, worker: Worker) -> None:
        """Start a process where there is none."""
        with self._lock:
            if self.is_up(worker):
                return
            if worker.pid is not None and not worker.ended_by_us:
                self.counts["crashes"] += 1
            settings = self.orders["settings"] | {"http_port": self.ports[worker.number]}
            worker.pid = self._nest.fork(self.orders | {"settings": settings, "log": str(worker.log)})
            worker.ended_by_us = False
            self.counts["starts"] += 1

    def start_all(self) -> None:
        """Fill every place."""
        for worker in self.workers:
            self.start(worker)

    def kill(self, worker: Worker) -> None:
        """End a process as the kernel would, with all that it has started."""
        with self._lock:
            if worker.pid is None or not self.is_up(worker):
                return
            worker.ended_by_us = True
            # Straight after the fork it has no group of its own yet.
            for end in (os.killpg, os.kill):
                with suppress(ProcessLookupError):
                    end(worker.pid, signal.SIGKILL)
            self._nest.has_ended(worker.pid, PATIENCE)
            self.counts["kills"] += 1

    def freeze(self, worker: Worker, seconds: float, done: threading.Event) -> None:
        """Let a process stand still for so long, as on a machine that swaps or sleeps."""
        if worker.pid is None or not self.is_up(worker):
            return
        os.kill(worker.pid, signal.SIGSTOP)
        self.counts["freezes"] += 1
        done.wait(seconds)
        os.kill(worker.pid, signal.SIGCONT)

    def stop(self) -> bool:
        """Stop every process in good order; False where one had to be killed."""
        with self._lock:
            running = [worker for worker in self.workers if self.is_up(worker)]
            for worker in running:
                worker.ended_by_us = True
                if worker.pid is not None:
                    os.kill(worker.pid, signal.SIGTERM)
            late = [worker for worker in running if not self._nest.has_ended(worker.pid or 0, PATIENCE)]
            for worker in late:
                self.kill(worker)
            return not late

    def revive(self) -> None:
        """Start again what has ended by itself, as a supervisor would."""
        for worker in self.workers:
            if worker.pid is not None and not worker.ended_by_us:
                self.start(worker)

    def close(self) -> None:
        """End whatever still runs."""
        for worker in self.workers:
            self.kill(worker)
        if "_nest" in vars(self):
            self._nest.close()
